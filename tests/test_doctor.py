"""What happens to notebooks on their way: mended where it can be, and told in any case."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jaxercise.authoring.build import without_hints
from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.submission.intake import describe
from running import ROOT

NAME = "02_grad_vs_cos"
FUNCTIONS = ("derivative", "largest_gap", "plot")


def original() -> list[dict[str, Any]]:
    """The cells of a finished notebook of the course: kind, text, nbgrader's name."""
    notebook = without_hints(jupytext.read(ROOT / "solutions" / f"{NAME}.py"))
    cells = []
    for cell in notebook.cells:
        if "__main__" in cell.source:
            continue
        found = [name for name in FUNCTIONS if f"def {name}(" in cell.source]
        cells.append({"kind": cell.cell_type, "text": cell.source, "id": "".join(found)})
        for name in found:
            check = f'from jaxercise import check\n\ncheck("{name}")'
            cells.append({"kind": "code", "text": check, "id": f"test_{name}"})
    return cells


CELLS = original()
#: Each function's code, as it has to be found to count as still there.
CODE = {name: cell["text"] for cell in CELLS for name in FUNCTIONS if cell["id"] == name}

place = st.integers(0, 40)
mutations = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), place, place),
        st.tuples(st.just("duplicate"), place, place),
        st.tuples(st.just("split"), place, place),
        st.tuples(st.just("merge"), place, place),
        st.tuples(st.sampled_from(["markdown", "raw"]), place, place),
        st.tuples(st.just("move"), place, place),
        st.tuples(st.just("strip"), place, place),
        st.tuples(st.just("edit"), place, place),
    ),
    min_size=1,
    max_size=4,
)
damage = st.sampled_from(["none", "none", "old format", "byte order mark", "conflict", "kernel"])


def mutated(steps: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """The cells after things have happened to them."""
    cells = copy.deepcopy(CELLS)
    for what, here, there in steps:
        here %= len(cells)
        cell = cells[here]
        match what:
            case "delete" if len(cells) > 1:
                del cells[here]
            case "duplicate":
                cells.insert(there % len(cells), copy.deepcopy(cell))
            case "split":
                lines = cell["text"].split("\n")
                cut = there % len(lines)
                if cut:
                    cells[here : here + 1] = [
                        cell | {"text": "\n".join(lines[:cut])},
                        cell | {"text": "\n".join(lines[cut:]), "id": ""},
                    ]
            case "merge" if here + 1 < len(cells):
                below = cells.pop(here + 1)
                cell["text"] += "\n\n" + below["text"]
            case "markdown" | "raw":
                cell["kind"] = what
            case "move":
                cells.insert(there % len(cells), cells.pop(here))
            case "strip":
                cell["id"] = ""
            case "edit" if cell["id"].startswith("test_"):
                cell["text"] = f"{cell['text']}\n5.0"
    return cells


def file_of(cells: list[dict[str, Any]], how: str) -> bytes:
    """The notebook's file."""
    made: list[dict[str, Any]] = []
    for cell in cells:
        metadata = {"nbgrader": {"grade_id": cell["id"], "grade": True}} if cell["id"] else {}
        one = {"cell_type": cell["kind"], "metadata": metadata, "source": cell["text"]}
        if cell["kind"] == "code":
            one |= {"outputs": [], "execution_count": None}
        made.append(one)
    notebook: dict[str, Any] = {
        "cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    if how == "old format":
        for one in made:
            if one["cell_type"] == "code":
                one["input"] = one.pop("source")
        notebook = {"worksheets": [{"cells": made}], "nbformat": 3, "nbformat_minor": 0}
    if how == "kernel":
        notebook["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}}
    text = json.dumps(notebook, indent=1)
    if how == "conflict":
        lines = text.split("\n")
        lines[2:3] = ["<<<<<<< HEAD", lines[2], "=======", lines[2], ">>>>>>> other"]
        text = "\n".join(lines)
    return (b"\xef\xbb\xbf" if how == "byte order mark" else b"") + text.encode()


def still_there(cells: list[dict[str, Any]]) -> set[str]:
    """The functions whose code is there: in one cell, or in neighbours that are code."""
    code = "\n".join(cell["text"] for cell in cells if cell["kind"] == "code")
    texts = [code, *(cell["text"] for cell in cells if cell["kind"] != "code")]
    return {name for name, text in CODE.items() if any(text in one for one in texts)}


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(mutations, damage)
def test_a_function_whose_code_is_there_is_graded(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], how: str
) -> None:
    """Split, merged, retyped, copied, moved, stripped, saved in an old format: it still counts."""
    cells = mutated(steps)
    path = tmp_path_factory.getbasetemp() / f"{NAME}.ipynb"
    path.write_bytes(file_of(cells, how))
    item = describe(path)
    assert item["readable"]
    due = still_there(cells)
    assert due <= {name for name, state in item["functions"].items() if state == "written"}
    answer, _ = RequestHandler().handle(
        {"ask": "load", "name": path.name, "cells": item["cells"]}, {}
    )
    assert due <= set(answer["names"]), answer["errors"]


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.floats(0.3, 0.99))
def test_a_notebook_cut_off_keeps_what_comes_before(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    """The functions before the cut are graded, the others are an error with a sentence."""
    text = file_of(CELLS, "none").decode()
    kept = text[: int(share * len(text))]
    path = tmp_path_factory.getbasetemp() / f"{NAME}.ipynb"
    path.write_text(kept)
    item = describe(path)
    for name, code in CODE.items():
        if json.dumps(code) in kept:
            assert item["functions"].get(name) == "written"
    assert "cut off" in item["problem"]


def said(path: Path) -> tuple[int, str, str]:
    """What `jaxercise doctor` says."""
    done = subprocess.run(
        [sys.executable, "-m", "jaxercise", "doctor", str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_the_doctor_tells_what_was_mended(tmp_path: Path) -> None:
    """Each repair is a line, in words, and so is each function's state; the file stays as it is."""
    cells = mutated([("strip", 0, 0)])
    where = next(i for i, cell in enumerate(cells) if cell["id"] == "derivative")
    cells[where]["kind"] = "markdown"
    imports = next(i for i, cell in enumerate(cells) if "import jax\n" in cell["text"])
    del cells[imports]
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(file_of(cells, "old format"))
    before = path.read_bytes()
    code, out, err = said(path)
    assert not err
    assert code == 0
    assert f"{NAME}.ipynb\n  written: derivative, largest_gap, plot\n" in out
    assert "mended: A text cell holds the code of derivative; it was read as code." in out
    assert "mended: The cell with the imports is gone; the usual imports were put back." in out
    assert "old format (3)" in out
    assert path.read_bytes() == before


def test_the_doctor_refuses_what_is_nothing(tmp_path: Path) -> None:
    """One sentence, and a failing exit status."""
    code, out, err = said(tmp_path / "nowhere.ipynb")
    assert code == 2
    assert not out
    assert err.startswith("jaxercise doctor: ")
    assert err.count("\n") == 1


def test_the_doctor_names_what_is_missing_and_what_is_not_graded(tmp_path: Path) -> None:
    """Every exercise that is not there, every file that is none: in plain text."""
    (tmp_path / f"{NAME}.ipynb").write_bytes(file_of(CELLS, "none"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / f"Copy of {NAME}.ipynb").write_bytes(file_of(CELLS, "none"))
    others = ["essay.md", "more/01_vmap.docx", "more/up\x1b[31m\u202e.py"]
    for name in others:
        (tmp_path / name).write_text("")
    _, out, err = said(tmp_path)
    assert not err
    lines = out.splitlines()
    assert [line for line in lines if line.startswith("missing")] == [
        f"missing: {path.stem}"
        for path in sorted((ROOT / "exercises").glob("[0-9]*.py"))
        if path.stem != NAME
    ]
    told = [line.partition(",")[0] for line in lines if line.startswith("not graded")]
    plain = "more/up [31m .py"
    assert sorted(told) == sorted(f"not graded: {name}" for name in [*others[:2], plain])
    assert f"and not more/Copy of {NAME}.ipynb." in out


def test_a_copied_stub_below_the_answer_does_not_count(tmp_path: Path) -> None:
    """A second, empty cell of the same function is left out, and that is told."""
    cells = copy.deepcopy(CELLS)
    cells.append({"kind": "code", "text": "def derivative(f, x):\n    pass", "id": ""})
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(file_of(cells, "none"))
    item = describe(path)
    assert item["functions"]["derivative"] == "written"
    assert item["notes"] == ["A second, empty derivative further down was left out."]


def test_nothing_is_mended_where_nothing_is_wrong(tmp_path: Path) -> None:
    """A notebook as it was made comes through without a note, cell by cell."""
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(file_of(CELLS, "none"))
    item = describe(path)
    assert item["notes"] == []
    assert item["problem"] is None
    code = [cell for cell in CELLS if cell["kind"] == "code"]
    assert [source.strip() for source in item["cells"]] == [
        "" if cell["id"].startswith("test_") else cell["text"] for cell in code
    ]
