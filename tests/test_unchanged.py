"""Exercises that have not changed since they were judged: what is kept of them, and when not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jaxercise.course import Course
from small_course import EXERCISE, FUNCTION, answer, write_small_course

RIGHT, WRONG = answer("return x - x[0]"), answer("return x + x[0]")
STANDS = f"{EXERCISE} has not changed since last judged"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_small_course(tmp_path / "course")


def said(course: Course, *options: str) -> str:
    """What a run as a student starts it says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "autograder/", *options],
        cwd=course.root, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout + done.stderr


def hand_in(course: Course, text: bytes) -> None:
    (course.exercises / f"{EXERCISE}.py").write_bytes(text)


def without_counts(text: str) -> list[str]:
    """The lines that are about the work."""
    lines = [line for line in text.splitlines() if STANDS not in line and " in " not in line]
    return [line for line in lines if line.strip()]


@pytest.mark.parametrize("text", [RIGHT, WRONG], ids=["right", "wrong"])
def test_what_has_not_changed_is_said_again(cache: None, course: Course, text: bytes) -> None:
    hand_in(course, text)
    first, second = said(course), said(course)
    assert STANDS not in first
    assert STANDS in second
    assert without_counts(first) == without_counts(second)


def test_an_edit_is_judged(cache: None, course: Course) -> None:
    hand_in(course, RIGHT)
    said(course)
    hand_in(course, WRONG)
    edited = said(course)
    assert STANDS not in edited
    assert f"{FUNCTION}    0 / 3    wrong" in edited
    hand_in(course, RIGHT)
    assert "all done" in said(course)


def test_another_claim_judges_again(cache: None, course: Course) -> None:
    """What decides is more than the student's file."""
    hand_in(course, WRONG)
    said(course)
    properties = course.properties(EXERCISE)
    properties.write_text(properties.read_text().replace("x[i] - x[0].", "x[i] less x[0]."))
    again = said(course)
    assert STANDS not in again
    assert "less x[0]" in again
    assert STANDS not in said(course, "--grading-seed", "1")


@pytest.mark.parametrize(
    "options", [("--cache-clear",), ("-p", "no:cacheprovider")], ids=["cleared", "off"]
)
def test_it_can_be_left(cache: None, course: Course, options: tuple[str, ...]) -> None:
    hand_in(course, RIGHT)
    said(course)
    assert STANDS not in said(course, *options)


def test_nothing_is_kept_of_others(cache: None, course: Course, tmp_path: Path) -> None:
    """A submission lies elsewhere: its code could write what is kept."""
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{EXERCISE}.py").write_bytes(RIGHT)
    for _ in range(2):
        assert STANDS not in said(course, f"--submission={other}")


def test_what_the_machine_may_have_done_is_not_kept(cache: None, course: Course) -> None:
    hand_in(course, answer("import os; os._exit(3)"))
    for _ in range(2):
        assert STANDS not in said(course)
