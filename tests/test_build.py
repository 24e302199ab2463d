"""The build: exercises are the solutions without their answers, and every marker is checked."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jupytext
import pytest
from jaxercise.__main__ import main
from jaxercise.authoring.build import BuildError, build, differences
from jaxercise.authoring.build.exercises import STUB, stub_text
from jaxercise.authoring.build.markers import BEGIN, END, regions
from jaxercise.claims.loading import load_exercise
from running import COURSE, ROOT

SOLUTIONS, EXERCISES = ROOT / "solutions", ROOT / "exercises"
NAMES = COURSE.names()
each_exercise = pytest.mark.parametrize("name", NAMES)

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""
GOOD = f'''{HEADER}# %% [markdown]
# # A title

# %%
import math


# %%
# given
def helper(x):
    """Stays."""
    return x + 1


# %%
def answer(x):
    """Twice x.

    x is a number.
    """
    {BEGIN}
    secret = math.pi

    # a hint in a comment
    return 2 * x + 0 * secret
    {END}


# %%
if __name__ == "__main__":
    print(answer(helper(3)))  # 8
'''


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both folders."""
    copies = tmp_path / "solutions", tmp_path / "exercises"
    for folder, copy in zip((SOLUTIONS, EXERCISES), copies, strict=True):
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copies


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "09_topic.py"
    path.write_text(text, encoding="utf-8")
    return path


# What is committed


def test_the_exercises_are_up_to_date() -> None:
    """The files in exercises/ are what their solutions make."""
    assert differences(SOLUTIONS, EXERCISES) == ""


def test_every_exercise_has_all_its_files() -> None:
    """Solutions, exercises and claims go by the same names."""
    assert NAMES
    for folder in (SOLUTIONS, EXERCISES):
        assert sorted(path.stem for path in folder.glob("*.py")) == NAMES


@each_exercise
def test_no_line_of_an_answer_survives(name: str) -> None:
    """No line that stands in a solution region stands in the exercise as well."""
    path = SOLUTIONS / f"{name}.py"
    lines = path.read_text(encoding="utf-8").split("\n")
    spans = regions("\n".join(lines), path)
    inside = {n for span in spans for n in range(span.first - 1, span.last)}
    secret = {lines[n].strip() for n in inside if lines[n].strip()}
    # What stands outside of the regions too is no secret.
    secret -= {line.strip() for n, line in enumerate(lines) if n not in inside}
    assert len(secret) > len(spans)
    left = {line.strip() for line in (EXERCISES / path.name).read_text("utf-8").split("\n")}
    assert not secret & left


@each_exercise
def test_what_is_no_answer_is_kept(name: str) -> None:
    """Outside of the solution regions and the hints the files are the same, line by line."""
    path = SOLUTIONS / f"{name}.py"
    lines = path.read_text(encoding="utf-8").split("\n")
    for span in reversed(regions("\n".join(lines), path)):
        indent = lines[span.first - 1][: -len(BEGIN)]
        lines[span.first - 1 : span.last] = [indent + STUB]
    lines = re.sub(r"(?ms)^# %% \[markdown\] hint=.*?(?=^# %%|\Z)", "", "\n".join(lines)).split(
        "\n"
    )
    exercise = (EXERCISES / path.name).read_text(encoding="utf-8")
    assert [line for line in exercise.split("\n") if line] == [line for line in lines if line]


@each_exercise
def test_every_exercise_is_python_and_full_of_stubs(name: str) -> None:
    """An exercise parses, and every function asked for is its docstring and a raise."""

    asked = set(load_exercise(COURSE, name).functions)
    text = (EXERCISES / f"{name}.py").read_text(encoding="utf-8")
    compile(text, name, "exec", dont_inherit=True)
    stubs = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            last = node.body[-1]
            if isinstance(last, ast.Raise):
                assert ast.unparse(last) == STUB
                assert len(node.body) == 2
                stubs[node.name] = ast.get_docstring(node)
    assert asked <= stubs.keys()
    assert all(stubs.values())


@each_exercise
def test_every_exercise_is_a_notebook(name: str) -> None:
    """jupytext makes a valid notebook of an exercise, and the same text of that."""
    import nbformat

    text = (EXERCISES / f"{name}.py").read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    nbformat.validate(nbformat.from_dict(notebook))
    kinds = {cell.cell_type for cell in notebook.cells}
    assert kinds == {"markdown", "code"}
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
    again = jupytext.writes(notebook, fmt="py:percent")
    assert again[again.index("\n# %%") :] == text[text.index("\n# %%") :]


@each_exercise
def test_the_exercises_are_of_one_style(name: str) -> None:
    """First the idea and an example, then what counts, then the functions, each with a heading."""
    text = (EXERCISES / f"{name}.py").read_text(encoding="utf-8")
    headings = re.findall(r"^# (#{1,3} .*)$", text, re.MULTILINE)
    assert headings[0].startswith(f"# {int(name[:2])} · ")
    assert not [one for one in headings if re.search(r"` :|the task|\(given\)", one)]
    example, rules = text.index("# ## A small example: "), text.index("# ## What counts\n")
    assert example < rules < text.index(STUB)
    assert "method points" not in text[:rules]
    assert f"**Check yourself** with `pytest autograder/test_{name}.py`." in text[rules:]
    for function in load_exercise(COURSE, name).functions:
        told = [one for one in headings if f"`{function}`" in one]
        assert told or f"# | `{function}` |" in text, function


@each_exercise
def test_the_files_have_no_trailing_blanks(name: str) -> None:
    """Files that people read and edit end in one newline and hold no tabs."""
    for folder in (SOLUTIONS, EXERCISES):
        data = (folder / f"{name}.py").read_bytes()
        assert data.endswith(b"\n")
        assert not data.endswith(b"\n\n")
        assert not re.search(rb"[ \t]\n|\t|\r", data)


# Building


def test_a_stub_is_the_solution_without_its_answer(tmp_path: Path) -> None:
    """The region gives way to a raise; header, text and helpers stay as they are."""
    text = stub_text(written(tmp_path, GOOD))
    answer = GOOD[GOOD.index("    " + BEGIN) : GOOD.index(END) + len(END)]
    assert text == GOOD.replace(answer, "    " + STUB)


HINT = '# %% [markdown] hint="answer"\n# Is there a word for it?\n\n'


def test_hints_are_left_out(tmp_path: Path) -> None:
    """Wherever their cells stand."""
    stub = stub_text(written(tmp_path, GOOD))
    for before in ("# %%\n# given", "# %%\nif __name__"):
        assert stub_text(written(tmp_path, GOOD.replace(before, HINT + before))) == stub
    assert stub_text(written(tmp_path, f"{GOOD}\n{HINT.rstrip()}\n")) == stub


@pytest.mark.parametrize(
    ("hint", "says"),
    [
        (HINT.replace("answer", "anwser"), "there are hints for anwser, which has no solution"),
        (HINT.replace(" [markdown]", ""), ":27: a hint is a text cell"),
        (HINT.replace('"answer"', "1"), ":27: a hint is a text cell"),
        (HINT.replace("Is", "Is " * 121), "hint 1 for answer has 126 words; 120 are the most"),
    ],
)
def test_a_wrong_hint_is_named(tmp_path: Path, hint: str, says: str) -> None:
    """An error says what is wrong, and no exercise comes of it."""
    with pytest.raises(BuildError, match=re.escape(says)):
        stub_text(written(tmp_path, GOOD.replace("# %%\ndef answer", f"{hint}# %%\ndef answer")))


def test_build_writes_what_has_changed_and_nothing_else(folders: tuple[Path, Path]) -> None:
    """Building twice writes once; what is up to date keeps its file."""
    solutions, exercises = folders
    assert build(solutions, exercises) == []
    everything = sorted(path.name for path in exercises.iterdir())
    edited = exercises / f"{NAMES[0]}.py"
    due = edited.read_text(encoding="utf-8")
    edited.write_text("edited", encoding="utf-8")
    lost = exercises / f"{NAMES[1]}.py"
    lost.unlink()
    others = {path: path.stat().st_ino for path in exercises.iterdir() if path != edited}
    assert build(solutions, exercises) == [edited, lost]
    assert edited.read_text(encoding="utf-8") == due
    assert {path: path.stat().st_ino for path in others} == others
    assert sorted(path.name for path in exercises.iterdir()) == everything
    assert build(solutions, exercises) == []


def test_nothing_is_written_where_one_solution_is_broken(folders: tuple[Path, Path]) -> None:
    """A broken solution stops the build before any file changes."""
    solutions, exercises = folders
    (exercises / f"{NAMES[0]}.py").unlink()
    written(solutions, GOOD.replace(END, ""))
    with pytest.raises(BuildError):
        build(solutions, exercises)
    assert not (exercises / f"{NAMES[0]}.py").exists()


def test_a_folder_without_solutions_is_an_error(tmp_path: Path) -> None:
    """A wrong folder is no reason to find everything up to date."""
    for command in (build, differences):
        with pytest.raises(BuildError, match="holds no solutions"):
            command(tmp_path, tmp_path)


# Markers

BODY = f"    {BEGIN}\n    return 2 * x\n    {END}\n"
FUNCTION = f'def answer(x):\n    """Twice x."""\n{BODY}'


def line_of(text: str, what: str, *, last: bool = False) -> int:
    found = [n for n, line in enumerate(text.split("\n"), 1) if what in line]
    return found[-1 if last else 0]


WRONG: dict[str, tuple[str, int, str]] = {
    "no END": (FUNCTION.replace(f"    {END}\n", ""), 3, "does not end"),
    "END without BEGIN": (FUNCTION.replace(f"    {BEGIN}\n", ""), 4, "ends that has not begun"),
    "END before BEGIN": (
        FUNCTION.replace(BEGIN, "#").replace(END, BEGIN).replace("#", END),
        3,
        "ends that has not begun",
    ),
    "two ENDs": (FUNCTION + f"    {END}\n", 5, "lines follow it"),
    "two ENDs apart": (FUNCTION + f"\n\ndef b():\n    {END}\n", 9, "ends that has not begun"),
    "two BEGINs": (
        FUNCTION.replace("    return", f"    {BEGIN}\n    return"),
        4,
        "begins inside the one of line 3",
    ),
    "a BEGIN in the next function": (
        FUNCTION.replace(f"    {END}\n", "\n\n") + FUNCTION,
        9,
        "begins inside the one of line 3",
    ),
    "lower case": (FUNCTION.replace(END, END.lower()), 5, "looks like a solution marker"),
    "two signs": (FUNCTION.replace(BEGIN, BEGIN[1:]), 3, "looks like a solution marker"),
    "no blank": (FUNCTION.replace(BEGIN, "###BEGIN SOLUTION"), 3, "looks like"),
    "an underscore": (FUNCTION.replace(END, "### END_SOLUTION"), 4, "does not end|looks like"),
    "two blanks": (FUNCTION.replace(END, "### END  SOLUTION"), 5, "looks like"),
    "a hyphen": (FUNCTION.replace(END, "### END-SOLUTION"), 5, "looks like"),
    "more on the line": (FUNCTION.replace(END, END + " here"), 5, "looks like"),
    "behind code": (FUNCTION.replace("return 2 * x", f"return 2 * x  {END}"), 4, "looks like"),
    "in a text": (f'note = "write {BEGIN} here"\n{FUNCTION}', 1, "looks like"),
    "outside": (FUNCTION + f"\n\n{BEGIN}\nx = 1\n{END}\n", 8, "inside a function, indented"),
    "END outside": (FUNCTION.replace(f"    {END}", END), 5, "inside a function, indented"),
    "indented otherwise": (FUNCTION.replace(f"    {END}", f"        {END}"), 5, "indented alike"),
    "lines after it": (FUNCTION + "    return x\n", 5, "lines follow it"),
    "lines after it, deeper": (
        FUNCTION.replace("    return 2 * x", "    if x:\n        return 1") + "        return x\n",
        6,
        "lines follow it",
    ),
    "a comment after it": (FUNCTION + "\n    # but how?\n", 5, "lines follow it"),
    "no marker at all": (FUNCTION.replace(BEGIN, "# a").replace(END, "# b"), 1, "no solution"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_marker_is_named_by_file_and_line(tmp_path: Path, name: str) -> None:
    """Whatever is wrong with the markers, the error says where, and no exercise comes of it."""
    text, line, says = WRONG[name]
    path = written(tmp_path, text)
    with pytest.raises(BuildError, match=says) as caught:
        stub_text(path)
    where = re.match(rf"{re.escape(str(path))}:(\d+): ", str(caught.value))
    assert where is not None
    if "|" not in says:
        assert int(where[1]) == line


@pytest.mark.parametrize(
    "text",
    [
        f"x = 1\n\nif x:\n    {BEGIN}\n    y = 2\n    {END}\n",
        f"class A:\n    {BEGIN}\n    y = 2\n    {END}\n",
        FUNCTION.replace('    """Twice x."""', '    """Twice x."""\n    x = x + 1'),
        FUNCTION.replace(BEGIN, f"if x:\n        {BEGIN}").replace(
            f"    return 2 * x\n    {END}", f"        return 2 * x\n        {END}"
        ),
    ],
    ids=["in an if", "in a class", "code before it", "in a branch"],
)
def test_a_region_that_leaves_no_stub_is_refused(tmp_path: Path, text: str) -> None:
    """A region that is not all of a function's body would leave something else than a stub."""
    path = written(tmp_path, HEADER + "# %%\n" + text)
    with pytest.raises(BuildError) as caught:
        stub_text(path)
    assert str(path) in str(caught.value)


def test_regions_tell_their_lines() -> None:
    """Good markers are found where they are, several of them, also under nested functions."""
    inner = f"def f(x):\n    {BEGIN}\n    def g():\n        return x\n\n    return g()\n    {END}\n"
    text = f"{FUNCTION}\n\n{inner}"
    found = regions(text, Path("a.py"))
    assert [(one.first, one.last) for one in found] == [(3, 5), (9, 14)]


# The command


def run(*arguments: str | Path) -> int:
    return main(["build", *map(str, arguments)])


def course_of(solutions: Path) -> Path:
    """The folder around solutions, made a course."""
    properties = solutions.parent / "autograder"
    properties.mkdir(parents=True, exist_ok=True)
    text = "from jaxercise.claims import Exercise\n\nexercise = Exercise(__file__)\n"
    (properties / f"test_{NAMES[0]}.py").write_text(text, encoding="utf-8")
    return solutions.parent


def test_check_accepts_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    """`build --check` is silent and succeeds where nothing has been edited."""
    assert run("--check") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        (lambda text: text.replace(STUB, "return 1", 1), ["-    return 1", f"+    {STUB}"]),
        (lambda text: text + "# a line more\n", ["-# a line more"]),
        (lambda text: text.replace("# %%", "# %% ", 1), ["-# %%  [markdown]"]),
        (lambda text: "", [f"+    {STUB}"]),
    ],
    ids=["an answer", "a line more", "a blank", "all gone"],
)
def test_check_shows_what_was_edited(
    folders: tuple[Path, Path],
    edit: Callable[[str], str],
    shown: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`build --check` prints a diff of an edited exercise, fails, and changes nothing."""
    solutions, exercises = folders
    path = exercises / f"{NAMES[3]}.py"
    edited = edit(path.read_text(encoding="utf-8"))
    path.write_text(edited, encoding="utf-8")
    assert run("--check", "--course", course_of(solutions)) == 1
    out, err = capsys.readouterr()
    lines = out.split("\n")
    assert lines[0].startswith(f"--- {path}")
    assert lines[1].startswith(f"+++ {path}")
    assert lines[2].startswith("@@ ")
    assert set(shown) <= set(lines)
    assert "out of date: run `jaxercise build`" in err
    assert path.read_text(encoding="utf-8") == edited
    assert all(name not in out for name in NAMES if name != NAMES[3])


def test_build_mends_what_check_has_shown(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """`build` names the files it writes, and `--check` is content afterwards."""
    solutions, exercises = folders
    where = "--course", course_of(solutions)
    path = exercises / f"{NAMES[0]}.py"
    path.unlink()
    assert run("--check", *where) == 1
    assert not path.exists()
    capsys.readouterr()
    assert run(*where) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert run("--check", *where) == 0


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["build", "check"])
def test_a_broken_solution_is_a_message_and_no_traceback(
    tmp_path: Path, check: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with status 1 and one line that names the file and the line."""
    path = written(tmp_path / "solutions", FUNCTION.replace(END, "# end solution"))
    arguments = *check, "--course", course_of(path.parent)
    assert run(*arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"jaxercise build: {path}:5: looks like a solution marker")
    assert err.count("\n") == 1


def test_a_folder_that_is_missing_is_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A course without solutions, and a folder that is no course, end with a message."""
    assert run("--course", course_of(tmp_path / "solutions")) == 1
    assert "holds no solutions" in capsys.readouterr().err
    assert run("--course", tmp_path / "gone") == 2
    assert "gone" in capsys.readouterr().err
