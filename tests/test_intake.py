"""The intake: every form in which work is handed in is read, or refused with a sentence."""

from __future__ import annotations

import codecs
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.submission import SubmissionError, magics, read_submission, source_text
from jaxercise.submission.filenames import MAX_NOTEBOOK, MAX_SOURCE
from jaxercise.submission.intake import describe

NAMES = ["01_vmap", "02_grad_vs_cos"]
FUNCTIONS = {"batched", "all_pairs"}

WRITTEN = "def batched(f, x):\n    return jax.vmap(f)(x)\n"
STUB = 'def batched(f, x):\n    """f of every entry."""\n    raise NotImplementedError\n'


def cell(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} | more


def notebook(*sources: str | list[str] | dict[str, Any]) -> str:
    """A notebook as Jupyter saves it, of code cells unless a cell is given."""
    found = [one if isinstance(one, dict) else cell(one) for one in sources]
    return json.dumps(
        {"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def described(folder: Path, content: str | bytes, name: str = "01_vmap.ipynb") -> dict[str, Any]:
    """What the intake says about a file with this content."""
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return describe(path)


def sources(folder: Path, *cell_sources: str | list[str] | dict[str, Any]) -> list[str]:
    item = described(folder, notebook(*cell_sources))
    assert item["problem"] is None
    return list(item["cells"])


# Scripts


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    """A script comes as it is, with the state of what it defines."""
    item = described(tmp_path, WRITTEN + "\n" + STUB.replace("batched", "all_pairs"), "01_vmap.py")
    assert list(item.pop("digests")) == ["", "batched", "all_pairs"]
    assert item == {
        "cells": [WRITTEN + "\n" + STUB.replace("batched", "all_pairs")],
        "functions": {"batched": "written", "all_pairs": "stub"},
        "problem": None,
        "readable": True,
        "calls": {"": [], "batched": ["f", "jax", "x"], "all_pairs": ["NotImplementedError"]},
        "lost": {},
        "notes": [],
        "look": [],
        "prints": {},
    }


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(tmp_path: Path, end: str) -> None:
    """Windows' and old line ends come out as newlines."""
    item = described(tmp_path, WRITTEN.replace("\n", end), "01_vmap.py")
    assert item["cells"] == [WRITTEN]


@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_a_byte_order_mark_is_no_code(tmp_path: Path, form: str) -> None:
    """A file that begins with a BOM is read as if it did not."""
    text = WRITTEN if form == ".py" else notebook(WRITTEN)
    item = described(tmp_path, b"\xef\xbb\xbf" + text.encode(), "01_vmap" + form)
    assert item["cells"] == [WRITTEN]
    assert item["problem"] is None


def test_latin_1_needs_its_declaration(tmp_path: Path) -> None:
    """Latin-1 is read where the file says so, and refused with advice where it does not."""
    text = "# größer\n" + WRITTEN
    declared = "# -*- coding: latin-1 -*-\n" + text
    item = described(tmp_path, declared.encode("latin-1"), "01_vmap.py")
    assert item["cells"] == [declared]
    item = described(tmp_path, text.encode("latin-1"), "01_vmap.py")
    assert not item["readable"]
    assert item["problem"] == "01_vmap.py is not a text file in UTF-8. Save it as UTF-8."
    item = described(tmp_path, notebook(text).encode("latin-1"))
    assert item["readable"]  # JSON escapes what is not ASCII


@pytest.mark.parametrize("declared", ["nonsense", "zlib", "rot13", "undefined"])
def test_a_declared_encoding_that_is_none_is_refused(tmp_path: Path, declared: str) -> None:
    """An encoding that does not exist, or decodes no text, leaves the file unread."""
    item = described(tmp_path, f"# coding: {declared}\n{WRITTEN}", "01_vmap.py")
    assert not item["readable"]


@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_nul_characters_are_no_text(tmp_path: Path, form: str) -> None:
    """A file with NUL bytes in it is named as what it is."""
    item = described(tmp_path, WRITTEN + "\0", "01_vmap" + form)
    assert item["problem"] == f"01_vmap{form} holds NUL characters: it is damaged, or no text."
    assert not item["readable"]


def test_what_is_not_python_is_named_by_its_line(tmp_path: Path) -> None:
    """A syntax error's sentence names file, line and code, and hides no other cell."""
    item = described(tmp_path, "x = 1\ndef batched(f, x:\n    return 1\n", "01_vmap.py")
    assert item["problem"].startswith("01_vmap.py, line 2, is not Python (")
    assert item["problem"].endswith(").\n  def batched(f, x:\n             ^")
    assert item["functions"] == {"x": "written"}
    assert item["lost"] == {"batched": item["problem"]}
    assert item["readable"]
    item = described(tmp_path, notebook("x = 1", "def batched(:", STUB, WRITTEN))
    assert item["problem"].startswith("01_vmap.ipynb, cell 2, line 1, is not Python (")
    assert item["functions"] == {"x": "written", "batched": "written"}


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "-" * 100_000 + "1", "x = " + "[" * 5000 + "]" * 5000, "x = " + "9" * 10_000],
)
def test_what_breaks_the_parser_breaks_nothing_else(tmp_path: Path, text: str) -> None:
    """Code that is too deep for Python's parser is a problem of that file alone."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(WRITTEN)
    (tmp_path / "01_vmap.py").write_text(text)
    submission = read_submission(tmp_path, NAMES)
    broken = submission.source("01_vmap", FUNCTIONS)
    assert broken is not None
    assert broken.problem
    assert "batched" not in broken.functions
    other = submission.source("02_grad_vs_cos", FUNCTIONS)
    assert other is not None
    assert other.problem is None
    assert other.functions == {"batched": "written"}


# Notebooks


def test_only_code_cells_count(tmp_path: Path) -> None:
    """Text and raw cells are left out, the order is kept."""
    text = {"cell_type": "markdown", "source": "def batched(): pass"}
    raw = {"cell_type": "raw", "source": "def all_pairs(): pass"}
    assert sources(tmp_path, "a = 1", text, raw, "b = 2") == ["a = 1", "b = 2"]


def test_a_source_may_be_a_list_of_lines(tmp_path: Path) -> None:
    """nbformat allows a source as text and as lines."""
    assert sources(tmp_path, ["a = 1\n", "b = 2"], "c = 3") == ["a = 1\nb = 2", "c = 3"]


def test_nbformat_3_is_read(tmp_path: Path) -> None:
    """Old notebooks hold their cells in worksheets, and their code under `input`."""
    old = {
        "nbformat": 3,
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": ["def batched(f, x):\n", "    return x"]}]},
            {"cells": [{"cell_type": "code", "input": "y = 1"}]},
        ],
    }
    item = described(tmp_path, json.dumps(old))
    assert item["cells"] == ["def batched(f, x):\n    return x", "y = 1"]
    assert item["functions"] == {"batched": "written", "y": "written"}


@pytest.mark.parametrize(
    "broken",
    [
        cell(5),  # type: ignore[arg-type]
        cell(None),  # type: ignore[arg-type]
        cell([1, None, "x = 1"]),  # type: ignore[list-item]
        {"cell_type": "code"},
        {"cell_type": "code", "id": "a", "metadata": 5, "source": "y = 1"},
        {},
    ],
)
def test_strange_cells_do_not_hide_the_others(tmp_path: Path, broken: dict[str, Any]) -> None:
    """A cell of a wrong form costs at most itself."""
    item = described(
        tmp_path, notebook(WRITTEN, broken, cell("z = 1", id="a"), cell("w = 1", id="a"))
    )
    assert item["functions"].keys() >= {"batched", "z", "w"}
    text = json.dumps({"cells": ["text", 5, None, [], cell(WRITTEN)]})
    assert described(tmp_path, text)["functions"] == {"batched": "written"}


@pytest.mark.parametrize("strange", [5, None, "text", {"a": 1}])
def test_a_strange_worksheet_holds_no_code(tmp_path: Path, strange: Any) -> None:
    """A worksheet without a list of cells is no reason to fail."""
    item = described(tmp_path, json.dumps({"worksheets": [{"cells": strange}, {}, 5]}))
    assert item["functions"] == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("Dear all, this is my answer.", "is not a notebook: it is not valid JSON"),
        (notebook(WRITTEN)[:30], "is not a notebook: it is not valid JSON"),
        ("[" * 100_000, "is not a notebook: it is not valid JSON"),
        ("[]", "is JSON, but not a notebook"),
        ("null", "is JSON, but not a notebook"),
        ("{}", "is JSON, but not a notebook"),
        ('{"cells": {"a": 1}}', "is JSON, but not a notebook"),
        ('{"worksheets": 5}', "is JSON, but not a notebook"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Cut off before its first cell, nested for ever, something else: a sentence says what."""
    item = described(tmp_path, text)
    assert not item["readable"]
    assert item["problem"].startswith("01_vmap.ipynb " + says)


def test_a_truncated_notebook_at_any_place_is_a_sentence(tmp_path: Path) -> None:
    """Wherever a notebook ends too early, whole cells before that count, and a sentence says so."""
    text = notebook(WRITTEN, STUB.replace("batched", "all_pairs"))
    first, second = (text.index(word) + len(word) for word in ('(x)\\n"', 'Error\\n"'))
    for length in range(0, len(text) - 1, 7):
        item = described(tmp_path, text[:length])
        whole = (length >= first) + (length >= second)
        assert item["readable"] == (whole > 0)
        assert len(item["cells"]) == whole
        says = "damaged or cut off after its cell" if whole else "save it again"
        assert says in item["problem"]


# Magics


@pytest.mark.parametrize(
    ("source", "due"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install jax\nx = 1", "pass\nx = 1"),
        ("?jax.vmap\nx = 1", "pass\nx = 1"),
        ("jax.vmap?\nx = 1", "pass\nx = 1"),
        ("jax.vmap??", "pass"),
        ("x = !ls", "x = []"),
        ("x, y = %who_ls\nz = 1", "x, y = None\nz = 1"),
        ("if True:\n    %time\n    x = 1", "if True:\n    pass\n    x = 1"),
        ("def f():\n    a = !ls *.py\n    return a", "def f():\n    a = []\n    return a"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%capture out\nx = 1", "\nx = 1"),
        ("\n%%time\nx = 1", "\n\nx = 1"),
        ("!pip install jax \\\n  optax\nx = 1", "pass\n\nx = 1"),
        ("%%time\nx = (\n    5\n    % 3\n)", "\nx = (\n    5\n    % 3\n)"),
        ("def f():\n    %time y = 1\n    return y", "def f():\n    y = 1\n    return y"),
        ("%%bash\nls | wc -l\nx = 1", ""),
        ("\n%%html\n<b>", ""),
        ("%%writefile a.py\nx = 1", ""),
        ("%%javascript\nalert(1)", ""),
    ],
)  # fmt: skip
def test_magics_are_dropped(source: str, due: str) -> None:
    """Magics and shell lines give way to nothing, cells of other languages as a whole."""
    assert magics.plain(source) == due


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    """What is left of a cell stands where it stood."""
    source = "%load_ext autoreload\n%autoreload 2\n\ndef batched(f, x):\n    !ls\n    return x"
    (plain,) = sources(tmp_path, source)
    assert plain.count("\n") == source.count("\n")
    assert plain.split("\n")[3] == "def batched(f, x):"


@pytest.mark.parametrize(
    "source",
    [
        'text = """\n% of all\n!not a command\nwhy?\n"""\ny = 7 \\\n% 4',
        'def batched(f, x):\n    """\n%%time\n    """\n    return x',
        "z = (7\n% 4)\nw = (not\nz)",
    ],
)
def test_python_is_left_alone(tmp_path: Path, source: str) -> None:
    """A cell that is Python already keeps every line, also those that begin like a magic."""
    assert sources(tmp_path, source) == [source]


def test_a_magic_does_not_hide_the_cell(tmp_path: Path) -> None:
    """The functions of a cell with magics are found."""
    item = described(tmp_path, notebook("%%time\n%pip install jax\n" + WRITTEN + "batched?"))
    assert item["functions"] == {"batched": "written"}
    assert item["problem"] is None


# Stubs

STUBS = {
    "raise": "raise NotImplementedError",
    "raise, called": "raise NotImplementedError()",
    "raise, with a text": "raise NotImplementedError('later')",
    "pass": "pass",
    "dots": "...",
    "docstring alone": '"""To do."""',
    "docstring and raise": '"""To do."""\n    raise NotImplementedError',
    "docstring and pass": '"""To do."""\n    pass',
    "docstring and dots": '"""To do."""\n    ...',
    "two of them": "pass\n    raise NotImplementedError",
    "a comment": "# YOUR CODE HERE\n    raise NotImplementedError()",
}
ANSWERS = {
    "return": "return x",
    "return None": "return None",
    "answer above the raise": "return x\n    raise NotImplementedError",
    "answer below the raise": "raise NotImplementedError\n    return x",
    "docstring and answer": '"""Done."""\n    return x',
    "another exception": "raise ValueError",
    "a raise on a condition": "if x is None:\n        raise NotImplementedError\n    return x",
    "an expression": "print(x)",
}


@pytest.mark.parametrize(
    ("body", "state"),
    [(body, "stub") for body in STUBS.values()] + [(body, "written") for body in ANSWERS.values()],
    ids=[*STUBS, *ANSWERS],
)
def test_stubs_are_told_from_answers(body: str, state: str) -> None:
    """A function whose body does nothing is a stub, whoever's style that is; others are written."""
    for head in ("def", "async def"):
        assert source_text.functions([f"{head} batched(f, x):\n    {body}\n"]) == {"batched": state}
    decorated = f"@jax.jit\ndef batched(f: int, *x: int) -> int:\n    {body}\n"
    assert source_text.functions([decorated]) == {"batched": state}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("batched = jax.vmap", {"batched"}),
        ("batched = lambda f, x: jax.vmap(f)(x)", {"batched"}),
        ("batched: Any = partial(f, 1)", {"batched"}),
        ("a, (b, *c) = 1, (2, 3)", {"a", "b", "c"}),
        ("if True:\n    batched = 1\nelse:\n    other = 2", {"batched", "other"}),
        ("for i in range(3):\n    pass", {"i"}),
        ("with open(p) as file:\n    pass", {"file"}),
        ("class Model:\n    pass", {"Model"}),
        ("print((n := 3))", {"n"}),
        ("x[0] = 1\nx.y = 2", set()),
        ("", set()),
    ],
)
def test_other_ways_to_define_count_as_written(code: str, names: set[str]) -> None:
    """Assignments of any kind bind their names as written."""
    assert source_text.functions([code]) == dict.fromkeys(names, "written")


def test_the_last_definition_wins() -> None:
    """What is defined twice has the state of its last definition, over all cells."""
    assert source_text.functions([STUB + WRITTEN]) == {"batched": "written"}
    assert source_text.functions([WRITTEN, STUB]) == {"batched": "stub"}
    assert source_text.functions([STUB, "batched = 1"]) == {"batched": "written"}


# Files


def single(path: Path) -> Any:
    """What becomes of a file that is handed in by itself: read by the intake process."""
    return read_submission(path, NAMES).source("01_vmap", FUNCTIONS)


@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_a_link_is_not_followed(tmp_path: Path, form: str) -> None:
    """A symbolic link is refused, wherever it leads, and nothing of its target is shown."""
    secret = tmp_path / "secret"
    secret.write_text("def batched(): return 1")
    folder = tmp_path / "work"
    folder.mkdir()
    for target in (secret, tmp_path / "nowhere", Path("/dev/zero")):
        path = folder / f"01_vmap{form}"
        path.symlink_to(target)
        source = read_submission(folder, NAMES).source("01_vmap", FUNCTIONS)
        assert source is not None
        assert not source.readable
        assert source.cells == ()
        assert source.problem == f"{path.name} is a link; hand in the file itself."
        path.unlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_a_fifo_is_not_waited_for(tmp_path: Path, form: str) -> None:
    """A FIFO is refused at once, though nobody ever writes to it."""
    path = tmp_path / f"01_vmap{form}"
    os.mkfifo(path)
    source = single(path)
    # An intake that waited would be given up after a minute, with another sentence.
    assert source.problem == f"{path.name} is not a file."
    assert not source.readable


@pytest.mark.parametrize(("form", "limit"), [(".py", MAX_SOURCE), (".ipynb", MAX_NOTEBOOK)])
def test_a_file_has_its_largest_size(tmp_path: Path, form: str, limit: int) -> None:
    """A file of the limit's size is read, one byte more is refused with advice."""
    text = WRITTEN if form == ".py" else notebook(WRITTEN)
    path = tmp_path / f"01_vmap{form}"
    path.write_text(text.ljust(limit))
    assert describe(path)["functions"] == {"batched": "written"}
    path.write_text(text.ljust(limit + 1))
    item = describe(path)
    assert not item["readable"]
    size = limit >> 20
    advice = "clear its outputs and save it again."
    assert item["problem"] == f"{path.name} is larger than {size} MiB; {advice}"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    """A file that cannot be opened says why."""
    path = tmp_path / "01_vmap.py"
    path.write_text(WRITTEN)
    path.chmod(0)
    assert "cannot be opened" in single(path).problem


@pytest.mark.parametrize("name", ["01_vmap.ipynb", "01_vmap.py"])
def test_display_is_there_in_either_form(name: str) -> None:
    """A notebook saved as a script is the same work."""
    runner = RequestHandler()
    ask = {"ask": "load", "name": name, "cells": ["display('before')\nx = 1", "y = x"]}
    answer, _ = runner.handle(ask, {})
    assert answer["errors"] == []
    assert {"x", "y"} <= set(answer["names"])


def test_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of a submission is parsed and not run; a module beside it is not imported."""
    mark = tmp_path / "mark"
    code = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n" + WRITTEN
    for name in ("01_vmap", "jax", "json", "sitecustomize", "conftest", "autograder", "jaxercise"):
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    source = single(tmp_path / "01_vmap.py")
    assert source.functions["batched"] == "written"
    assert not mark.exists()


# Folders


def test_a_folder_is_searched_for_the_exercises(tmp_path: Path) -> None:
    """Exercises are found by their names, other files are let be, missing ones are None."""
    (tmp_path / "01_vmap.py").write_text(WRITTEN)
    (tmp_path / "notes.py").write_text("this is not Python")
    (tmp_path / "1_vmap.py").write_text(STUB)
    submission = read_submission(tmp_path, NAMES)
    source = submission.source("01_vmap", FUNCTIONS)
    assert source is not None
    assert source.path == tmp_path / "01_vmap.py"
    assert source.cells == (WRITTEN,)
    assert submission.source("02_grad_vs_cos", FUNCTIONS) is None
    assert submission.source("03_unknown", FUNCTIONS) is None


def test_one_file_is_a_submission(tmp_path: Path) -> None:
    """A single file stands for its exercise; the others are missing."""
    (tmp_path / "01_vmap.ipynb").write_text(notebook(WRITTEN))
    (tmp_path / "01_vmap.py").write_text(WRITTEN)
    submission = read_submission(tmp_path / "01_vmap.ipynb", NAMES)
    source = submission.source("01_vmap", FUNCTIONS)
    assert source is not None
    assert source.path.name == "01_vmap.ipynb"
    assert submission.source("02_grad_vs_cos", FUNCTIONS) is None


@pytest.mark.parametrize(
    ("script", "book", "chosen"),
    [
        (WRITTEN, STUB, ".py"),
        (STUB, WRITTEN, ".ipynb"),
        (STUB, STUB, ".py"),
        ("x = 1", WRITTEN, ".ipynb"),
        (WRITTEN, "helper = 1", ".py"),
        (STUB + "helper = 1", WRITTEN, ".ipynb"),
    ],
)
def test_the_form_that_was_worked_on_counts(
    tmp_path: Path, script: str, book: str, chosen: str
) -> None:
    """Of script and notebook, the one whose functions are no stubs is graded."""
    (tmp_path / "01_vmap.py").write_text(script)
    (tmp_path / "01_vmap.ipynb").write_text(notebook(book))
    source = read_submission(tmp_path, NAMES).source("01_vmap", FUNCTIONS)
    assert source is not None
    assert source.path.suffix == chosen


def test_of_both_forms_worked_on_the_fuller_counts(tmp_path: Path) -> None:
    """Where both forms have been worked on, the one with more in it counts; both are named."""
    (tmp_path / "01_vmap.py").write_text(WRITTEN + WRITTEN.replace("batched", "all_pairs"))
    (tmp_path / "01_vmap.ipynb").write_text(notebook(STUB, WRITTEN.replace("batched", "all_pairs")))
    source = read_submission(tmp_path, NAMES).source("01_vmap", ["batched", "all_pairs"])
    assert source is not None
    assert source.path.name == "01_vmap.py"
    assert source.notes == ("01_vmap.ipynb has been worked on as well, and was not graded.",)


def test_an_unreadable_form_is_not_silently_replaced_by_a_stub(tmp_path: Path) -> None:
    """A broken notebook is told beside an untouched script, and loses to one with work in it."""
    (tmp_path / "01_vmap.py").write_text(STUB)
    (tmp_path / "01_vmap.ipynb").write_text(notebook(WRITTEN)[:30])
    source = read_submission(tmp_path, NAMES).source("01_vmap", FUNCTIONS)
    assert source is not None
    assert not source.readable
    (tmp_path / "01_vmap.py").write_text(WRITTEN)
    source = read_submission(tmp_path, NAMES).source("01_vmap", FUNCTIONS)
    assert source is not None
    assert source.path.suffix == ".py"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p / "gone", "gone does not exist. Name a folder of exercises, or one file."),
        (lambda p: p / "01_vmap.py", "01_vmap.py does not exist."),
        (lambda p: p, "holds none of the exercises. Looked for 01_vmap, 02_grad_vs_cos as .py"),
    ],
)
def test_nothing_to_grade_is_an_error(tmp_path: Path, make: Any, says: str) -> None:
    """A path that leads nowhere and a folder without exercises are told apart."""
    (tmp_path / "other.py").write_text(WRITTEN)
    with pytest.raises(SubmissionError, match=says.replace(".", r"\.")):
        read_submission(make(tmp_path), NAMES)


def test_a_file_of_another_name_is_an_error(tmp_path: Path) -> None:
    """A file that is no exercise is told which names there are."""
    path = tmp_path / "homework.py"
    path.write_text(WRITTEN)
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, NAMES)
    assert "homework.py" in str(caught.value)
    assert "01_vmap, 02_grad_vs_cos" in str(caught.value)


def test_a_folder_where_a_file_should_be_is_an_error(tmp_path: Path) -> None:
    """A folder with an exercise's file name is named as one."""
    (tmp_path / "01_vmap.ipynb").mkdir()
    with pytest.raises(SubmissionError, match=r"01_vmap\.ipynb is a folder where a file should be"):
        read_submission(tmp_path, NAMES)


def test_paths_may_be_relative_and_strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks, quotes and letters of any script in a path do no harm."""
    folder = tmp_path / 'it\'s "mine" für 猫'
    folder.mkdir()
    (folder / "01_vmap.py").write_text(WRITTEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source = read_submission(Path(folder.name), NAMES).source("01_vmap", FUNCTIONS)
    assert source is not None
    assert source.functions == {"batched": "written"}


# Anything


@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
    st.sampled_from([".py", ".ipynb"]),
)
def test_random_files_are_described(tmp_path: Path, data: bytes, form: str) -> None:
    """Whatever a file holds, the intake describes it: no exception, and one sentence at most."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's own remarks on strange code
        item = described(tmp_path, data, "01_vmap" + form)
    assert set(item) == {
        *("calls", "cells", "digests", "functions", "look", "lost", "notes", "prints", "problem"),
        "readable",
    }
    json.dumps(item)
    assert item["readable"] or item["problem"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "worksheets", "source", "input", "cell_type"]),
            inner | st.just("code"),
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(JSON)
def test_json_of_any_form_is_described(tmp_path: Path, content: Any) -> None:
    """Whatever JSON stands in a notebook's place, it is read or refused with a sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        item = described(tmp_path, json.dumps(content))
    assert item["readable"] or item["problem"]


def test_the_intake_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    """What is handed in is parsed elsewhere: this process imports nothing of it."""
    (tmp_path / "01_vmap.py").write_text(WRITTEN)
    before = set(sys.modules)
    single(tmp_path / "01_vmap.py")
    assert not {name for name in set(sys.modules) - before if "vmap" in name}


# Scripts made from notebooks, and mistakes that cost their own function


@pytest.mark.parametrize(
    "text",
    [
        "!pip install -q jaxtyping\nimport jax\n" + WRITTEN,
        "# %%\n%matplotlib inline\nimport jax\n# %%\n" + WRITTEN,
        "get_ipython().run_cell_magic('time', '', " + repr(WRITTEN) + ")\n",
        notebook("import jax", WRITTEN),
    ],
)
def test_scripts_made_from_notebooks_are_read(tmp_path: Path, text: str) -> None:
    """Colab's, a percent script with a live magic, nbconvert's, and a notebook under .py."""
    item = described(tmp_path, text, "01_vmap.py")
    assert item["functions"].get("batched") == "written"
    assert item["problem"] is None


@pytest.mark.parametrize("mark", ["# %%", "#%%", "# In[2]:", "# In [ ]:", "# COMMAND ----------"])
def test_a_mistake_in_one_cell_of_a_script_hides_no_other(tmp_path: Path, mark: str) -> None:
    """Whatever program has written the lines between the cells."""
    text = (
        f"{mark}\nimport jax\n{mark}\n{WRITTEN}\n{mark}\ndef all_pairs(f, a, b):\n    return f(a\n"
    )
    item = described(tmp_path, text, "01_vmap.py")
    assert item["functions"]["batched"] == "written"
    assert set(item["lost"]) == {"all_pairs"}


@pytest.mark.parametrize("stray", ["return x", "break", "yield x"])
def test_a_stray_line_costs_its_own_function(tmp_path: Path, stray: str) -> None:
    """What the compiler refuses is told with its line, and the other functions are read."""
    text = f"import jax\n\n\ndef batched(f, x):\n    x = f(x)\n{stray}\n\n\n" + WRITTEN.replace(
        "batched", "all_pairs"
    )
    item = described(tmp_path, text, "01_vmap.py")
    assert item["functions"] == {"all_pairs": "written"}
    assert item["lost"]["batched"].startswith("01_vmap.py, line 6, is not Python (")
    assert f"\n  {stray}\n  ^" in item["lost"]["batched"]


def test_what_is_out_of_reach_is_told_apart(tmp_path: Path) -> None:
    """A method, and what only a run as a script defines, are no functions of the file."""
    inside = "\n".join(f"    {line}" for line in WRITTEN.splitlines())
    text = f"class Answers:\n{inside}\n\n\nif __name__ == '__main__':\n{inside}\n"
    item = described(tmp_path, text, "01_vmap.py")
    assert set(item["functions"]) == {"Answers", "Answers.batched", "__main__.batched"}


def test_only_the_check_is_left_out_of_a_line(tmp_path: Path) -> None:
    """What stands beside it stays."""
    item = described(tmp_path, notebook("import jax; from jaxercise import check", WRITTEN))
    assert item["cells"][0].strip() == "import jax; pass"


def test_await_is_legal_at_the_top_of_a_notebook(tmp_path: Path) -> None:
    """As it is in Jupyter, and in no script."""
    code = "import asyncio\nawait asyncio.sleep(0)"
    assert described(tmp_path, notebook(code, WRITTEN))["problem"] is None
    assert described(tmp_path, code, "01_vmap.py")["problem"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.4\n\xff", "a PDF"),
        (b"PK\x03\x04\x14", "a zip or a document"),
        (b"{\\rtf1\\ansi import jax", "rich text"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
    ],
)
@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_another_file_under_an_exercise_s_name_is_told(
    tmp_path: Path, content: bytes, says: str, form: str
) -> None:
    item = described(tmp_path, content, f"01_vmap{form}")
    assert not item["readable"]
    assert says in item["problem"]
    assert "Hand in the script or notebook itself." in item["problem"]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (WRITTEN.encode("utf-16"), "is saved in UTF-16; Python itself reads UTF-8."),
        (codecs.BOM_UTF16_BE + WRITTEN.encode("utf-16-be"), "is saved in UTF-16"),
        (WRITTEN.encode("utf-32"), "is saved in UTF-32"),
        (">>> import jax\n>>> def batched(f, x):\n...     return jax.vmap(f)(x)\n...\n", ""),
        ("In [1]: def batched(f, x):\n   ...:     return jax.vmap(f)(x)\n   ...: \n", ""),
    ],
)
@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_odd_texts_are_read(tmp_path: Path, content: bytes | str, note: str, form: str) -> None:
    """As Windows saves them, or copied from a session; scripts under a notebook's name, too."""
    item = described(tmp_path, content, f"01_vmap{form}")
    assert item["functions"]["batched"] == "written"
    assert item["problem"] is None
    assert note in " ".join(item["notes"])


def test_what_is_packed_or_hidden_is_named(tmp_path: Path) -> None:
    """Here no zip is opened."""
    for name in (".hidden.py", "hw.zip"):
        (tmp_path / name).touch()
    with pytest.raises(SubmissionError, match=r"hw.zip, .hidden.py. Unpack hw.zip first."):
        read_submission(tmp_path, NAMES)


@pytest.mark.parametrize("form", [".py", ".ipynb"])
def test_however_deep_an_exercise_lies_it_is_found(tmp_path: Path, form: str) -> None:
    folder = tmp_path.joinpath(*"abcdefghijkl")
    folder.mkdir(parents=True)
    (folder / f"01_vmap{form}").write_text(WRITTEN)
    assert read_submission(tmp_path, NAMES).source("01_vmap", ()) is not None


def test_prompts_in_a_notebook_s_cells_are_none_of_the_code(tmp_path: Path) -> None:
    """Jupyter takes them, too."""
    item = described(tmp_path, notebook(">>> def batched(f, x):\n...     return jax.vmap(f)(x)"))
    assert item["functions"]["batched"] == "written"


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        (f"%%writefile 01_vmap.py\n{WRITTEN}", "begins with %%writefile: left out, with batched."),
        (f"%%script false\n{WRITTEN}", "begins with %%script: left out, with batched."),
        ("%run answers.py", "reads answers.py, which is left out: put its code there."),
    ],
)
def test_what_magics_take_away_is_told(tmp_path: Path, cell: str, note: str) -> None:
    item = described(tmp_path, notebook("import jax", cell))
    assert "batched" not in item["functions"]
    assert f"Code cell 2 {note}" in item["notes"]


@pytest.mark.parametrize("magic", ["bash\nls", "html\n<b>def</b>", "capture\nx = 1", "time\n1"])
def test_other_magics_take_nothing_away(tmp_path: Path, magic: str) -> None:
    assert described(tmp_path, notebook(f"%%{magic}", WRITTEN))["notes"] == []


def test_lines_that_are_saved_without_their_ends(tmp_path: Path) -> None:
    told = json.loads(notebook(WRITTEN))
    told["cells"][0]["source"] = WRITTEN.split("\n")
    item = described(tmp_path, json.dumps(told))
    assert item["functions"]["batched"] == "written"


def test_a_script_of_marimo_s_is_its_cells(tmp_path: Path) -> None:
    """Functions count that a cell defines; lines keep their numbers."""
    text = (
        "import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef __():\n    import jax\n"
        "    return (jax,)\n\n\n@app.cell(hide_code=True)\ndef _(jax):\n"
        "    @jax.jit\n    def batched(f, x):\n        return jax.vmap(f)(x)\n"
        "    return (batched,)\n\n\n@app.cell\ndef _():\n    return\n\n\n"
        'if __name__ == "__main__":\n    app.run()\n'
    )
    item = described(tmp_path, text, "01_vmap.py")
    assert item["functions"]["batched"] == "written"
    assert item["problem"] is None
    (cell,) = (one for one in item["cells"] if "def batched" in one)
    assert cell.split("\n")[14] == "def batched(f, x):"
