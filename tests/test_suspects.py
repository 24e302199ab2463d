"""Places to look at: named for the instructor, and never in what a student writes as asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jaxercise.frontends.batch import report
from jaxercise.frontends.batch.lateness import Lateness
from jaxercise.frontends.batch.records import Record, Store
from jaxercise.submission import read_submission
from jaxercise.submission.suspects import places
from running import COURSE, EXERCISES, notebook, write

PROGRAM = "A" * 1200
SUSPECT = {
    f"import base64\n\nP = base64.b64decode({PROGRAM!r})": "carry",
    f"P = {PROGRAM.encode()!r}": "carry",
    "from jax import export\n\nf = export.deserialize(b'')": "deserialize",
    "from jax.export import deserialize as d": "deserialize",
    "import pickle as p": "pickle",
    "def g(f):\n    return f.__closure__[0].cell_contents": "__closure__",
    "def g(f):\n    return getattr(f, '__closure__')": "__closure__",
    "import gc\n\nthere = gc.get_objects()": "get_objects",
    "import inspect\n\ninspect.currentframe().f_back": "currentframe",
    "exec('x = 1')": "exec",
    f"T = {dict.fromkeys(range(500), 0)!r}": "table",
    f"T = {[[0.0] * 50] * 10!r}": "table",
}


@pytest.mark.parametrize("source", SUSPECT)
def test_a_place_to_look_at_is_named(source: str) -> None:
    """With its file and its line."""
    told = places(["", source], "01_vmap.py")
    assert any(SUSPECT[source] in one and one.startswith("01_vmap.py, line ") for one in told)
    assert all(
        one.startswith("01_vmap.ipynb, cell 2") for one in places(["", source], "01_vmap.ipynb")
    )


def test_the_course_s_own_answers_are_no_places_to_look_at() -> None:
    """Neither are right answers in other styles, of which very few open anything."""
    for name in COURSE.names():
        for path in (COURSE.solution(name), COURSE.exercises / f"{name}.py"):
            assert not places([path.read_text()], path.name)


def test_nesting_and_size_cost_little() -> None:
    """What is made to be slow is read like anything else."""
    places(
        ["x = " + "[" * 80 + "]" * 80 + "\ny = '" + ("a" * 999 + " ") * 1000 + "'"], "01_vmap.py"
    )
    places(["x = [" + "[0]," * 100_000 + "]"], "01_vmap.py")


def test_the_report_tells_the_instructor_and_no_student(tmp_path: Path) -> None:
    """It is in the report's page, and not on the student's."""
    name = f"{EXERCISES['04']}.ipynb"
    text = "import pickle\n\ndef partial_x(f, x, y):\n    return f.__closure__"
    folder = write(tmp_path / "handin", {name: notebook(text)})
    source = read_submission(folder, COURSE.names()).source(EXERCISES["04"], ["partial_x"])
    assert source is not None
    assert [one.rpartition("(")[2] for one in source.look] == ["pickle).", "__closure__)."]
    store = Store(tmp_path / "out")
    store.open()
    record = replace(Record("ana", "k", "f", "error", "Why."), look=source.look)
    store.write(record)
    assert store.record("ana") == record
    summary = report.write(store, {"ana": Lateness()}, "class")
    assert "places to look at in 1 submission" in summary
    assert "__closure__" in (store.folder / "report.html").read_text()
    assert "__closure__" not in (store.folder / "feedback" / "ana.html").read_text()
    assert json.loads(store.path("ana").read_text())["look"]
