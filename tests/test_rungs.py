"""Hints that students ask for: written at each function, run here, and shown rung by rung."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jupytext
import pytest
from jaxercise import hint
from jaxercise.__main__ import main
from jaxercise.authoring.certify.grading import grader_of
from jaxercise.authoring.certify.matrix import Certificate
from jaxercise.authoring.certify.pasted import points_of_hints
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.new import begin_course
from jaxercise.authoring.pack.archive import members
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.frontends.live.screen import Notebook
from jaxercise.frontends.nbgrader.notebooks import source_notebook
from jaxercise.frontends.reports.next_hint import Hint, NoHintError, next_hint
from jaxercise.rungs import code_of, rungs
from running import COURSE, function_names

NAMES = function_names()
each_function = pytest.mark.parametrize("name", NAMES)
_PRINT = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)


def ladder(name: str) -> tuple[str, ...]:
    exercise, _, function = name.partition(".")
    return rungs(COURSE.solution(exercise).read_text(encoding="utf-8"))[function]


def imports(exercise: str) -> dict[str, object]:
    """What the first code cell of an exercise defines."""
    notebook = jupytext.read(COURSE.exercises / f"{exercise}.py")
    namespace: dict[str, object] = {}
    exec(next(one.source for one in notebook.cells if one.cell_type == "code"), namespace)
    return namespace


# What is written


@each_function
def test_every_function_has_a_question_an_example_and_a_skeleton(name: str) -> None:
    question, example, skeleton = ladder(name)
    assert "?" in question
    assert not code_of(question)
    assert len(code_of(example)) == len(code_of(skeleton)) == 1
    assert "..." not in code_of(example)[0]
    assert "..." in code_of(skeleton)[0]


@each_function
def test_worked_examples_run_and_print_what_they_say(name: str) -> None:
    """With the exercise's imports. What follows a colon is said about it, and not printed."""
    (code,) = code_of(ladder(name)[1])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, imports(name.partition(".")[0]))
    due = [re.sub(r":.*", "", one) for one in _PRINT.findall(code)]
    assert due
    assert re.sub(r"\s", "", said.getvalue()) == re.sub(r"\s", "", "".join(due))


@each_function
def test_skeletons_are_python_inside_of_a_function(name: str) -> None:
    (code,) = code_of(ladder(name)[2])
    lines = [f"    {line}" for line in code.splitlines()]
    compile("\n".join(["def function():", *lines]), name, "exec")


# How they are asked for


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course with one function, `topic_changes`, whose hints nobody has seen."""
    made, _ = begin_course(tmp_path / "course", "01_topic")
    monkeypatch.chdir(made.exercises)
    return made


def number(found: Hint) -> int:
    return found.number


def test_asking_again_shows_the_next_and_the_last_stays(course: Course) -> None:
    shown = [next_hint(course, "topic_changes") for _ in range(4)]
    assert [one.number for one in shown] == [1, 2, 3, 3]
    assert {one.of for one in shown} == {3}
    assert (
        tuple(one.text for one in shown[:3])
        == rungs(course.solution("01_topic").read_text(encoding="utf-8"))["topic_changes"]
    )
    assert next_hint(course, "01.topic_changes", rung=1).number == 1
    assert next_hint(course, "01_topic.topic_changes").number == 2


def test_what_is_remembered_and_spoilt_is_forgotten(course: Course) -> None:
    from jaxercise.cache.folders import hints_file

    next_hint(course, "topic_changes")
    for spoilt in ("", "[1]", '{"01_topic.topic_changes": "x"}'):
        hints_file(course).write_text(spoilt)
        assert next_hint(course, "topic_changes").number == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("topic_change", "There is no hint for 'topic_change'. Is topic_changes meant?"),
        ("01.topic_change", "Is topic_changes meant?"),
        ("02.topic_changes", "Is topic_changes meant?"),
        ("01_topic", "There are topic_changes."),
        ("", "There are topic_changes."),
    ],
)
def test_an_unknown_name_gives_near_names(asked: str, said: str, course: Course) -> None:
    with pytest.raises(NoHintError) as told:
        next_hint(course, asked)
    assert said in str(told.value)


def test_of_two_functions_of_one_name_the_session_s_is_meant() -> None:
    with pytest.raises(NoHintError, match=r"02_grad_vs_cos\.largest_gap or 03_second_"):
        next_hint(COURSE, "largest_gap")
    found = next_hint(COURSE, "largest_gap", defined=["largest_gap", "nth_derivative"])
    assert found.function == "03_second_derivative.largest_gap"
    assert next_hint(COURSE, "02.largest_gap").function == "02_grad_vs_cos.largest_gap"


def test_the_command(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hint", "topic_changes"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("01_topic.topic_changes: hint 1 of 3\n\n")
    assert said.endswith("\n\nTry it. Ask again for the next hint.\n")
    assert main(["hint", "topic_changes", "--rung", "3"]) == 0
    assert capsys.readouterr().out.endswith("This is the last hint; rung 1 is the first.\n")
    assert main(["hint", "topic_changes", "--rung", "0"]) == 2
    assert "has no hint 0; it has 3" in capsys.readouterr().err


def set_to(course: Course, choice: str) -> Course:
    path = course.root / "pyproject.toml"
    text = path.read_text().replace("[tool.jaxercise]", f'[tool.jaxercise]\nhints = "{choice}"')
    path.write_text(text)
    return Course(course.root)


def test_a_course_may_lock_them_until_an_attempt(course: Course) -> None:
    locked = set_to(course, "after-attempt")
    with pytest.raises(NoHintError, match="write what you can into topic_changes first"):
        next_hint(locked, "topic_changes")
    path = locked.exercises / "01_topic.py"
    path.write_text(path.read_text().replace("raise NotImplementedError", "return x"))
    assert next_hint(locked, "topic_changes").number == 1


def test_a_course_may_give_none(course: Course) -> None:
    never = set_to(course, "never")
    with pytest.raises(NoHintError, match="gives no hints"):
        next_hint(never, "topic_changes")
    assert not [name for name in members(never, ["01_topic"]) if "/hints/" in name]


def test_a_session_asks_with_what_it_defines(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    set_to(course, "after-attempt")
    session: dict[str, Any] = {"__name__": "__main__", "hint": hint}
    exec('hint("topic_changes")', session)
    assert "In this course, hints come after a try" in capsys.readouterr().out
    exec("def topic_changes(f, x): return x\nhint(topic_changes)", session)
    assert capsys.readouterr().out.startswith("01_topic.topic_changes: hint 1 of 3\n")
    exec('hint("topic_changes", rung=3)\nhint("topic_change")', session)
    said = capsys.readouterr().out
    assert "hint 3 of 3" in said
    assert "Is topic_changes meant?" in said
    exec('hint("topic_changes")', session | {"__name__": "submission"})
    assert capsys.readouterr().out == ""


def test_a_stub_in_a_file_is_no_attempt(course: Course, tmp_path: Path) -> None:
    """Nor is one under `jax.jit`."""
    set_to(course, "after-attempt")
    stub = "import jax\nfrom jaxercise import hint\n\n\n@jax.jit\ndef topic_changes(f, x):\n"
    stub += '    """What is due."""\n    raise NotImplementedError\n\n\nhint(topic_changes)\n'
    path = tmp_path / "session.py"
    path.write_text(stub)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(stub, str(path), "exec"), {"__name__": "__main__"})
    assert "hints come after a try" in said.getvalue()


def test_a_notebook_shows_them_as_text_with_code(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    Notebook().hint(Hint("01_topic.f", 1, 3, "Why `f`?"))
    assert shown[0]["text/markdown"].startswith("**01_topic.f: hint 1 of 3**\n\nWhy `f`?\n\n*Try")
    assert shown[0]["text/plain"].startswith("01_topic.f: hint 1 of 3\n\nWhy `f`?")


# Where they are, and where not


def test_the_pack_carries_them_and_its_exercises_do_not(course: Course, tmp_path: Path) -> None:
    files = members(course, ["01_topic"])
    for name, data in files.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    pack = Course.at(tmp_path / "pack")
    assert not pack.solutions.exists()
    assert [number(next_hint(pack, "topic_changes")) for _ in range(3)] == [1, 2, 3]
    assert next_hint(pack, "topic_changes", rung=2).text == ladder_of(course)[1]
    exercise = load_exercise(course, "01_topic")
    notebooks = source_notebook(course.solution("01_topic"), exercise)
    for text in (notebooks, *(one.decode() for name, one in files.items() if "exercises/" in name)):
        assert "litres" not in text


def ladder_of(course: Course) -> tuple[str, ...]:
    return rungs(course.solution("01_topic").read_text(encoding="utf-8"))["topic_changes"]


@pytest.mark.parametrize(
    "blanks",
    [
        "values = jax.vmap(f)(x)\n# return values - values[0]",  # inside of the function
        "def any_name(f, x):\n#     values = jax.vmap(f)(x)\n#     return values - values[0]",
        "def topic_changes(f, x):\n#     return jax.vmap(f)(x) - f(x[0])",
    ],
)
def test_hints_with_an_answer_are_seen(
    blanks: str, course: Course, workers: PatientWorkers
) -> None:
    """However it is written: pasted into the function, below it, or under another name."""
    path = course.solution("01_topic")
    text = path.read_text(encoding="utf-8")
    grader = replace(grader_of(course, "01_topic", workers, diagnose=False), all_claims=False)
    exercise = load_exercise(course, "01_topic")
    assert points_of_hints(course, exercise, grader) == {"topic_changes": 0.0}
    skeleton = "values = jax.vmap(...)(...)\n# return values - ..."
    assert skeleton in text
    path.write_text(text.replace(skeleton, blanks), encoding="utf-8")
    found = points_of_hints(course, exercise, grader)
    assert found == {"topic_changes": 3.0}
    (said, *_) = Certificate(exercise, [], [], hints=found).violations()
    assert said == "01_topic: an answer in the hints: those for topic_changes, pasted, earn 3"
