"""`nbgrader autograde` judges the next student while nbgrader writes what became of this one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jaxercise.course import Course
from jaxercise.engine import Engine
from jaxercise.frontends.nbgrader import engine
from jaxercise.frontends.nbgrader.engine import WarmEngine
from jaxercise.frontends.nbgrader.grading import _number, _then
from nbgrader.coursedir import CourseDirectory
from small_course import EXERCISE, answer, write_small_course
from traitlets.config import Config

ANSWERS = {"ada": answer("return x - x[0]"), "bob": answer("return x"), "eve": b"def changes(:"}


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The students that have been judged, in their order; a warm engine without a sandbox."""
    course = write_small_course(tmp_path / "course")
    for student, text in ANSWERS.items():
        folder = tmp_path / student
        folder.mkdir()
        (folder / f"{EXERCISE}.py").write_bytes(text)
    seen: list[str] = []
    grade = Engine.grade_sources

    def noted(self: Engine, sources: Any) -> Any:
        seen.append(sources[EXERCISE].path.parent.name)
        return grade(self, sources)

    monkeypatch.setattr(engine, "compiled_references", lambda *_: None)
    monkeypatch.setattr(Engine, "grade_sources", noted)
    WarmEngine.open(Course.at(course.root), logging.getLogger(), sandboxed=False, seed=0)
    yield seen
    WarmEngine.close()


def points(folder: Path, *then: Path) -> float:
    """What a student earns."""
    following = (then[0], [EXERCISE]) if then else None
    results = WarmEngine.results(folder, [EXERCISE], EXERCISE, following)
    return sum(one.points for one in results)


def test_the_next_one_is_judged_meanwhile(tmp_path: Path, judged: list[str]) -> None:
    """Once, and told as if it were judged when it is asked for."""
    ada, bob, eve = (tmp_path / one for one in ANSWERS)
    assert points(ada, bob) == 3
    ahead = WarmEngine._ahead[bob]
    ahead.result()
    assert judged == ["ada", "bob"]
    assert points(ada) == 3  # nbgrader still asks about this one, once for each notebook
    assert points(bob, eve) == 0
    assert points(eve) == 0
    assert judged == list(ANSWERS)
    assert "syntax" in str(WarmEngine._graded[eve, EXERCISE][1][0].outcomes[0].finding).lower()


def test_another_one_than_the_next_may_be_asked_for(tmp_path: Path, judged: list[str]) -> None:
    ada, bob, eve = (tmp_path / one for one in ANSWERS)
    assert points(ada, eve) == 3
    assert points(bob) == 0
    assert points(ada) == 3
    assert judged[-2:] == ["bob", "ada"]


def test_what_goes_wrong_meanwhile_is_told_when_it_is_asked_for(
    tmp_path: Path, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, _ = (tmp_path / one for one in ANSWERS)
    read = engine.read_submission
    begun = threading.Event()

    def failing(folder: Path, names: Any) -> Any:
        if folder == bob and not begun.is_set():
            begun.set()
            raise MemoryError("no room")
        return read(folder, names)

    monkeypatch.setattr(engine, "read_submission", failing)
    assert points(ada, bob) == 3
    begun.wait()
    with pytest.raises(MemoryError, match="no room"):
        points(bob)
    assert points(bob) == 0


@pytest.mark.parametrize(("force", "due"), [(False, "eve"), (True, "bob")])
def test_who_is_next(tmp_path: Path, force: bool, due: str) -> None:
    """Who has been graded already is passed over, as nbgrader does without `--force`."""
    directory = CourseDirectory(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    (tmp_path / "autograded" / "bob" / "ps1").mkdir(parents=True)
    folders = {one: str(tmp_path / "submitted" / one / "ps1") for one in ANSWERS}
    converter = SimpleNamespace(
        coursedir=directory,
        force=force,
        assignments={
            one: [f"{one}/{EXERCISE}.ipynb", f"{one}/x.ipynb"] for one in folders.values()
        },
    )

    def following(student: str) -> tuple[Path, list[str]] | None:
        later = sorted(folders.values())[_number(converter, Path(folders[student])) :]
        return _then(converter, later, "ps1", [EXERCISE, "02_other"])

    assert _number(converter, tmp_path) == 0
    assert following("ada") == (Path(folders[due]), [EXERCISE])
    assert following("eve") is None
