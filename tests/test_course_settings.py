"""`[tool.jaxercise]` of a course: what it may say, and that every frontend follows it."""

from __future__ import annotations

import datetime
import io
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxercise.__main__ import main
from jaxercise.authoring.new import add_exercise, begin_course
from jaxercise.authoring.pack.archive import members
from jaxercise.claims import bodies
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.overlay import spread
from jaxercise.course import Course
from jaxercise.course_settings import CourseError, CourseSettings
from jaxercise.engine import Engine
from jaxercise.frontends.batch.grade import GradeRequest, UsageError, _checked
from jaxercise.frontends.batch.keys import decided_by
from jaxercise.frontends.exports.classroom import classroom_result
from jaxercise.frontends.exports.gradescope import gradescope_archive
from jaxercise.frontends.exports.rows import rows_of
from jaxercise.frontends.nbgrader.folder import FolderError, make_folder
from jaxercise.submission import read_submission
from running import ROOT, grade, marked, marked_environment

NAMES = ("01_topic", "02_next", "03_last")
#: Earns the points for the values alone: of 4, in the proportion of 2 to 1, the larger part.
LOOP = """
import jax.numpy as jnp

def topic_changes(f, x):
    return jnp.stack([f(one) for one in x]) - f(x[0])
"""
SETTINGS = """
[tool.jaxercise]
title = "Changes"
hints = "after-attempt"
drop = ["03_last"]
points = { "01_topic.topic_changes" = 4 }
assignments = { week1 = ["01_topic"], week2 = ["02_next"] }
dates = { week1 = 2027-01-31T23:59:00+01:00 }
"""
EARNED, MAX = 2.75, 4.0


def settings(text: str, folder: Path) -> CourseSettings:
    (folder / "pyproject.toml").write_text(f"[tool.jaxercise]\n{text}\n")
    return CourseSettings.read(folder / "pyproject.toml", NAMES)


# What it may say


def test_a_course_without_settings_has_none(tmp_path: Path) -> None:
    assert CourseSettings.read(tmp_path / "pyproject.toml", NAMES) == CourseSettings()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert CourseSettings.read(tmp_path / "pyproject.toml", NAMES) == CourseSettings()


def test_all_of_it(tmp_path: Path) -> None:
    """Dates as TOML's or as texts; points with and without quotes around the name."""
    found = settings(
        'title = "Changes"\ndrop = ["02_next", "01_topic.f"]\n'
        '[tool.jaxercise.points]\n"01_topic.g" = 4\n03_last.h = 0.25\n'
        '[tool.jaxercise.assignments]\n"week 1" = ["01_topic", "03_last"]\n'
        "[tool.jaxercise.dates]\n"
        '"week 1" = 2027-01-31T23:59:00Z\n03_last = "2027-02-01T00:00:00+01:00"\n',
        tmp_path,
    )
    due = datetime.datetime(2027, 1, 31, 23, tzinfo=datetime.UTC)
    assert found == CourseSettings(
        "Changes",
        {"01_topic.g": 4.0, "03_last.h": 0.25},
        frozenset({"02_next", "01_topic.f"}),
        {"week 1": ("01_topic", "03_last")},
        {"week 1": due.replace(minute=59), "03_last": due},
    )
    assert found.about("01_topic") == ({"g": 4.0}, {"f"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "tilte = 'x'",
            "knows no key tilte; "
            "there are title, points, drop, assignments, dates, late, ask, hints",
        ),
        ("hints = 'later'", "hints knows no choice later; there are always, after-attempt, never"),
        ("hints = true", "hints knows no choice True; there are always"),
        ("title = 3", "title has to be a text"),
        ("ask = 'no'", "ask has to be true or false"),
        ("drop = '02_next'", "drop has to be a list of names"),
        ("drop = [2]", "drop has to be a list of names"),
        ("drop = ['04_none.f']", "drop knows no exercise 04_none; there are 01_topic, 02_next"),
        ("drop = ['01_topic', '02_next', '03_last']", "drop leaves no exercise"),
        ("points = 3", "points has to be a table"),
        ("points = { '04_none.f' = 1 }", "points knows no exercise 04_none; there are 01_topic"),
        ("points = { 01_topic = 1 }", "points names no function in 01_topic"),
        ("points = { '01_topic.f.g' = 1 }", "points names no function in 01_topic.f.g"),
        ("points = { '01_topic.f' = 'x' }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = true }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = 0.3 }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = 0 }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = -1 }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = inf }", "have to be a number of quarters above 0"),
        ("points = { '01_topic.f' = nan }", "have to be a number of quarters above 0"),
        ("assignments = ['01_topic']", "assignments has to be a table"),
        ("assignments = { a = '01_topic' }", "assignments.a has to be a list of names"),
        ("assignments = { a = ['04_none'] }", "assignments.a knows no exercise 04_none; there are"),
        ("dates = { week1 = 2027-01-31T23:59:00Z }", "knows no assignment or exercise week1"),
        ("dates = { 01_topic = 2027-01-31 }", "dates.01_topic has to be a date, a time and"),
        ("dates = { 01_topic = 2027-01-31T23:59:00 }", "its distance from UTC"),
        ("dates = { 01_topic = 'soon' }", "dates.01_topic has to be a date"),
        ("dates = { 01_topic = 3 }", "dates.01_topic has to be a date"),
        ("late = { percent = 10 }", "late knows no key percent; there are grace-minutes"),
        ("late = { percent-a-day = 120 }", "late.percent-a-day has to be a number from 0 to 100"),
        ("late = { grace-minutes = 'ten' }", "late.grace-minutes has to be a number from 0"),
        ("x = ", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(CourseError) as told:
        settings(text, tmp_path)
    assert str(told.value).startswith(f"{tmp_path}/pyproject.toml")
    assert why in str(told.value)


@given(
    st.integers(1, 400).map(lambda n: n / 4),
    st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0]), min_size=1, max_size=9),
)
def test_shares_add_up_exactly_and_are_in_proportion(total: float, weights: list[float]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total
    assert min(shares) > 0
    unit = min(0.25, *shares)
    for share, weight in zip(shares, weights, strict=True):
        due = total * weight / sum(weights)
        assert share == unit or abs(share - due) < len(weights) * unit


def test_shares_are_quarters_where_there_are_enough() -> None:
    assert spread(4, [2, 1]) == [2.75, 1.25]
    assert spread(3, [1, 0.5, 0.5]) == [1.5, 0.75, 0.75]
    assert spread(0.5, [1, 1, 1, 1]) == [0.125] * 4


# Every frontend follows


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of three exercises, with settings."""
    made, _ = begin_course(tmp_path_factory.mktemp("settings") / "course", NAMES[0])
    for name in NAMES[1:]:
        add_exercise(made, name)
    path = made.root / "pyproject.toml"
    head, _, pytests = path.read_text().partition("[tool.pytest")
    assert tomllib.loads(head)["tool"]["jaxercise"] == {"title": "Course"}
    path.write_text(f"{SETTINGS}\n[tool.pytest{pytests}")
    (made.root / "submission").mkdir()
    (made.root / "submission" / "01_topic.py").write_text(LOOP)
    return Course.at(made.root)


def changed(course: Course, folder: Path, settings: str) -> Course:
    """The same course with other settings."""
    for name in ("autograder", "solutions", "exercises"):
        (folder / name).symlink_to(course.root / name)
    (folder / "pyproject.toml").write_text(settings)
    return Course.at(folder)


def test_a_course_has_the_exercises_that_are_left(course: Course) -> None:
    assert course.names() == ["01_topic", "02_next"]
    assert course.chosen((), "week2") == ["02_next"]
    assert course.chosen(["02_next"], "week1") == ["02_next"]
    assert course.chosen(["02", "01_topic"]) == ["01_topic", "02_next"]
    with pytest.raises(CourseError, match=r"no exercise 03_last; there are 01_topic, 02_next"):
        course.chosen(["03_last"])
    with pytest.raises(CourseError, match=r"no assignment week3; there are week1, week2"):
        course.chosen((), "week3")
    exercise = load_exercise(course, "01_topic")
    assert [claim.points for claim in exercise.claims] == [EARNED, MAX - EARNED]


def test_certify_sees_a_course_as_it_is_written(course: Course) -> None:
    written = course.without_settings()
    assert written.names() == list(NAMES)
    assert [claim.points for claim in load_exercise(written, "01_topic").claims] == [2, 1]


def test_a_dropped_function_has_no_claims_and_no_misconceptions(
    course: Course, tmp_path: Path
) -> None:
    """Though its exercise is there."""
    (tmp_path / "one" / "autograder" / "misconceptions").mkdir(parents=True)
    (tmp_path / "one" / "exercises").symlink_to(course.exercises)
    text = course.properties("01_topic").read_text()
    other = text[text.index("@topic_changes") :].replace("topic_changes", "other")
    (tmp_path / "one" / "autograder" / "test_01_topic.py").write_text(
        f'{text}\nother = exercise.function("other(f, x)")\n\n{other}'
    )
    wrong = course.misconceptions("01_topic").read_text()
    (tmp_path / "one" / "autograder" / "misconceptions" / "01_topic.py").write_text(
        f"{wrong}\n{wrong[wrong.index('def ') :].replace('topic_changes', 'other')}"
    )
    path = tmp_path / "one" / "pyproject.toml"
    path.write_text("[tool.jaxercise]\ndrop = ['01_topic.other']\n")
    dropped = Course.at(tmp_path / "one")
    assert list(load_exercise(dropped, "01_topic").functions) == ["topic_changes"]
    assert {one.function for one in bodies.wrong(dropped, "01_topic")} == {"topic_changes"}
    collected = grade(None, "--collect-only", "-q", root=dropped.root)
    assert "test_topic_changes_do_not_loop" in collected.out
    assert "test_other" not in collected.out
    path.write_text("[tool.jaxercise]\ndrop = ['01_topic.topic_changes', '01_topic.other']\n")
    load_exercise.cache_clear()
    with pytest.raises(CourseError, match="drop leaves nothing of 01_topic"):
        load_exercise(Course.at(tmp_path / "one"), "01_topic")


def test_pytest_follows(course: Course) -> None:
    run = grade(course.root / "submission", root=course.root)
    assert {one["name"]: (one["score"], one["max_score"]) for one in run.results["tests"]} == {
        "01_topic.topic_changes": (EARNED, MAX),
        "02_next.next_changes": (0, 3),
    }
    assert "collected 4 items" in run.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("points = { '01_topic.none' = 4 }", "01_topic has no function none; there are topic_"),
        pytest.param(
            "drop = ['04_none']",
            "drop knows no exercise 04_none; there are 01_topic",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_pytest_tells_what_is_wrong(course: Course, tmp_path: Path, text: str, why: str) -> None:
    wrong = changed(course, tmp_path, f"[tool.jaxercise]\n{text}\n")
    run = grade(None, root=wrong.root)
    assert run.code != 0
    assert why in run.said
    assert "Traceback" not in run.said


def test_a_session_follows(course: Course) -> None:
    code = f"{LOOP}\nfrom jaxercise import check\ncheck('topic_changes')\ncheck('last_changes')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course.exercises,
        env=marked_environment(marked()[0]),
        capture_output=True,
        text=True,
    )
    assert "01_topic.topic_changes    2.75 / 4    partly right" in done.stdout
    assert "No exercise asks for a function 'last_changes'." in done.stdout


def test_exports_follow(course: Course) -> None:
    """What the engine says, every table and file is made from."""
    submission = read_submission(course.root / "submission", course.names())
    with Engine(course, in_process=True) as engine:
        results = engine.grade(submission)
    rows = [(row.function, row.points, row.max_points) for row in rows_of("ada", results)]
    assert rows == [("topic_changes", EARNED, MAX), ("next_changes", 0, 3)]
    about = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    result = classroom_result(results, dict.fromkeys(about, "x"))
    assert (result["score"], result["max-score"]) == (275, 700)


def test_a_batch_follows(course: Course, tmp_path: Path) -> None:
    """The exercises of an assignment, whether or not the tree has folders for it."""
    for folder in ("flat/ada", "tree/ada/week1"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "01_topic.py").write_text(LOOP)
    for name in ("flat", "tree"):
        asked = GradeRequest(tmp_path / name, tmp_path / "out", course.root, assignment="week1")
        chosen, found, _ = _checked(asked)
        assert chosen.exercises == ("01_topic",)
        assert [list(one.entries) for one in found.handins] == [["01_topic.py"]]
    asked = GradeRequest(tmp_path / "flat", tmp_path / "out", course.root, assignment="week3")
    with pytest.raises(UsageError, match="no assignment week3; there are week1, week2"):
        _checked(asked)


def test_a_result_depends_on_points_and_on_no_date(course: Course, tmp_path: Path) -> None:
    def digest(name: str, text: str) -> str:
        (tmp_path / name).mkdir()
        return decided_by(changed(course, tmp_path / name, f"[tool.jaxercise]\n{text}\n"))

    plain = digest("plain", "")
    assert digest("points", "points = { '01_topic.topic_changes' = 4 }") != plain
    assert digest("drop", "drop = ['03_last']") != plain
    assert digest("title", "title = 'Other'\ndates = { 01_topic = 2027-01-01T00:00:00Z }") == plain


def test_nbgrader_s_notebooks_follow(course: Course, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"Which assignment\? There are week1, week2"):
        make_folder(course, tmp_path / "jax101")
    with pytest.raises(CourseError, match="no assignment week3; there are week1, week2"):
        make_folder(course, tmp_path / "jax101", assignment="week3")
    made = make_folder(course, tmp_path / "jax101", assignment="week1")
    (notebook,) = [path for path in made.written if path.suffix == ".ipynb"]
    assert notebook == tmp_path / "jax101" / "source" / "week1" / "01_topic.ipynb"
    cells = json.loads(notebook.read_text())["cells"]
    told = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    assert [cell["points"] for cell in told if cell["grade"]] == [MAX]


def test_gradescope_s_archive_follows(course: Course) -> None:
    """It holds the exercises of the assignment, and the settings that are about them."""
    files = zipfile.ZipFile(io.BytesIO(gradescope_archive(course, 7, "week1")))
    names = {Path(name).stem for name in files.namelist() if name.startswith("kit/solutions/")}
    assert names == {"01_topic"}
    carried = tomllib.loads(files.read("kit/pyproject.toml").decode())["tool"]["jaxercise"]
    assert carried == {
        "title": "Changes",
        "hints": "after-attempt",
        "points": {"01_topic": {"topic_changes": 4.0}},
        "assignments": {"week1": ["01_topic"]},
        "dates": {"week1": "2027-01-31T23:59:00+01:00"},
    }


def test_a_pack_follows(course: Course, tmp_path: Path) -> None:
    """It is a course by itself, with the same points."""
    for name, data in members(course, ["01_topic"]).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    carried = Course.at(tmp_path)
    assert carried.names() == ["01_topic"]
    assert carried.settings.points == course.settings.points
    assert carried.settings.dates == course.settings.dates
    assert carried.settings.title == "Changes"
    assert carried.settings.hints == "after-attempt"
    run = grade(course.root / "submission", root=tmp_path)
    assert run.scores == {"01_topic.topic_changes": EARNED}


def test_commands_tell_what_is_wrong(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(course, tmp_path, "[tool.jaxercise]\ndrop = ['04_none']\n")
    commands: Any = (["build"], ["pack", "x.zip"], ["doctor", "x.py"], ["gradescope", "x.zip"])
    for command in commands:
        assert main([*command, "--course", str(tmp_path)]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"jaxercise {command[0]}: {tmp_path}/pyproject.toml: [tool.jax")
        assert "drop knows no exercise 04_none; there are 01_topic, 02_next, 03_last" in told


def test_this_course_is_one_assignment() -> None:
    """With every exercise in it."""
    course = Course.at(ROOT)
    assert course.settings.assignments == {"transformations": tuple(course.names())}
