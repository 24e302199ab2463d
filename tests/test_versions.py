"""A JAX that is newer than known: tried on the course's own answers, then used or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jaxercise import versions
from jaxercise.authoring.build import build
from jaxercise.authoring.new import begin_course
from jaxercise.course import Course
from jaxercise.sandboxed import internals
from jaxercise.trial import check_jax
from jaxercise.versions import VersionError
from running import Graded, grade

EXERCISE = "01_topic"
NOTE = "is newer than this kit knows; its own references pass with it."
TRIED = "its own references are tried first, once"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of one function."""
    made, _ = begin_course(tmp_path / "course", EXERCISE)
    build(made.solutions, made.exercises)
    return made


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known ends below the installed JAX."""
    monkeypatch.setattr(versions, "UNKNOWN", versions.OLDEST)


def checked(course: Course) -> list[str]:
    told: list[str] = []
    check_jax(course, told.append)
    return told


def test_a_known_jax_is_used_without_a_word(course: Course) -> None:
    assert checked(course) == []


@pytest.mark.usefixtures("newer")
def test_a_newer_jax_is_tried_once(course: Course) -> None:
    first, note = checked(course)
    assert TRIED in first
    assert note.endswith(NOTE)
    assert "\n" not in note
    assert checked(course) == [note]


@pytest.mark.usefixtures("newer")
def test_one_with_which_references_fail_is_refused(course: Course) -> None:
    """As if a function had gone that the solution calls. That is not remembered."""
    path = course.solution(EXERCISE)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("jax.vmap", "jax.gone"), encoding="utf-8")
    with pytest.raises(VersionError) as refused:
        checked(course)
    said = str(refused.value)
    assert "the course's own solutions do not pass with it (01_topic." in said
    assert said.endswith(f"Run: pip install '{versions.KNOWN}'")
    assert "\n" not in said
    path.write_text(text, encoding="utf-8")
    assert checked(course)[-1].endswith(NOTE)


@pytest.mark.usefixtures("newer")
def test_one_that_lacks_what_the_kit_leans_on_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References would pass: a claim that hears of no trace refuses nobody."""
    monkeypatch.setattr(internals, "_TRACED", "/jax/another/name")
    with pytest.raises(VersionError, match=r"lacks what the kit leans on \(traces: the event"):
        checked(course)


def graded_with_a_newer_jax(course: Course, folder: Path) -> Graded:
    """A run of which the installed JAX says that it is of a later version."""
    installed = folder / "jax-99.0.0.dist-info"
    installed.mkdir(parents=True, exist_ok=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: jax\nVersion: 99.0.0\n")
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    return grade("solutions", root=course.root, environment={"PYTHONPATH": path})


def test_who_grades_is_told(course: Course, tmp_path: Path) -> None:
    done = graded_with_a_newer_jax(course, tmp_path / "newer")
    assert f"jax 99.0.0 {NOTE}" in done.err
    assert TRIED in done.err
    assert done.code == 0, done.said
    assert done.results["score"] > 0
