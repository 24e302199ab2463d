"""What a result of a batch depends on: an edit of it grades again, and no other edit does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jaxercise.authoring.engine_copy import parts_needed
from jaxercise.cache import depends
from jaxercise.course import Course
from jaxercise.frontends.batch import keys
from jaxercise.processes import HOME
from running import COURSE

EXERCISE = "05_per_example_gradients"
ENGINE = "autograder/jaxercise"
#: Parts of the engine and of a course: whether they decide a result.
PARTS = {
    f"{ENGINE}/cache": True,  # how the judge computes
    f"{ENGINE}/claims": True,
    f"{ENGINE}/comparison": True,
    f"{ENGINE}/course.py": True,
    f"{ENGINE}/course_settings.py": True,
    f"{ENGINE}/diagnosis": True,
    f"{ENGINE}/engine.py": True,
    f"{ENGINE}/frontends/batch/judge.py": True,
    f"{ENGINE}/frontends/batch/sandboxes.py": True,
    f"{ENGINE}/grading": True,
    f"{ENGINE}/sandbox": True,
    f"{ENGINE}/sandboxed": True,
    f"{ENGINE}/sandboxed/families": True,
    f"{ENGINE}/sandboxed/wire": True,
    f"{ENGINE}/submission": True,
    f"{ENGINE}/syntax_trees.py": False,
    f"{ENGINE}/verdicts.py": True,
    f"{ENGINE}/workers": True,
    f"autograder/test_{EXERCISE}.py": True,
    f"autograder/misconceptions/{EXERCISE}.py": True,
    f"solutions/{EXERCISE}.py": True,
    f"{ENGINE}/__init__.py": False,
    f"{ENGINE}/__main__.py": False,
    f"{ENGINE}/arguments.py": False,
    f"{ENGINE}/authoring/build": False,
    f"{ENGINE}/authoring/certify": False,
    f"{ENGINE}/authoring/drafting": False,
    f"{ENGINE}/authoring/pack": False,
    f"{ENGINE}/files.py": False,
    f"{ENGINE}/lateness.py": False,
    f"{ENGINE}/frontends/batch/report": False,
    f"{ENGINE}/frontends/batch/progress.py": False,
    f"{ENGINE}/frontends/doctor.py": False,
    f"{ENGINE}/frontends/exports": False,
    f"{ENGINE}/frontends/live": False,
    f"{ENGINE}/frontends/nbgrader": False,
    f"{ENGINE}/frontends/pytest_plugin": False,
    f"{ENGINE}/frontends/reports": False,
    f"{ENGINE}/frontends/students.py": False,
    f"{ENGINE}/frontends/hint.py": False,
    f"{ENGINE}/frontends/watch": False,
    f"{ENGINE}/processes.py": False,
    f"{ENGINE}/rungs.py": False,
    f"{ENGINE}/trial.py": False,
    f"{ENGINE}/versions.py": False,  # those in use are in it, whichever may be
    f"autograder/variants/{EXERCISE}.py": False,
    f"exercises/{EXERCISE}.py": False,
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, with the engine in it."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("autograder", "exercises", "solutions"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(COURSE.root / name, root / name, ignore=leave_out)
    return root


def decided_by(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What decides a result where the engine and the course are those of a folder."""
    monkeypatch.setattr(depends, "ENGINE", root / "autograder" / "jaxercise")
    keys.decided_by.cache_clear()
    try:
        return keys.decided_by(Course(root))
    finally:
        keys.decided_by.cache_clear()


@pytest.mark.parametrize("part", PARTS)
def test_an_edit_grades_again_where_it_decides(
    part: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy / part
    if path.is_dir():
        path = max(path.glob("*.py"), key=lambda one: one.stat().st_size)
    before, text = decided_by(copy, monkeypatch), path.read_bytes()
    path.write_bytes(text + b"\n# an edit\n")
    try:
        assert (decided_by(copy, monkeypatch) != before) is PARTS[part]
    finally:
        path.write_bytes(text)
    assert decided_by(copy, monkeypatch) == before


@pytest.mark.parametrize(
    ("table", "decides"),
    [
        (f'[tool.jaxercise.points]\n"{EXERCISE}.batch_gradient" = 9', True),
        (f'[tool.jaxercise]\ndrop = ["{EXERCISE}.batch_gradient"]', True),
        ('[tool.jaxercise]\ntitle = "Gradients"', False),
        ("[tool.ruff]\nline-length = 100", False),
    ],
)
def test_settings_grade_again_where_they_decide(
    table: str, decides: bool, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = decided_by(copy, monkeypatch)
    (copy / "pyproject.toml").write_text(table)
    try:
        assert (decided_by(copy, monkeypatch) != before) is decides
    finally:
        (copy / "pyproject.toml").unlink()


def test_sealed_references_decide(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A students' pack has them in place of solutions."""
    before = decided_by(copy, monkeypatch)
    (copy / "autograder" / "sealed").mkdir()
    (copy / "autograder" / "sealed" / f"{EXERCISE}.safetensors").write_bytes(b"sealed")
    try:
        assert decided_by(copy, monkeypatch) != before
    finally:
        shutil.rmtree(copy / "autograder" / "sealed")


def test_every_part_of_the_engine_is_looked_at() -> None:
    """A part that is new has to be listed here, as one that decides or one that does not."""
    files = [path.relative_to(COURSE.root) for path in (HOME / "jaxercise").rglob("*.py")]
    own = [one for one in files if one.name != "__init__.py" and "templates" not in one.parts]
    unlisted = {one.as_posix() for one in own if not _listed(one)}
    assert unlisted <= {
        f"{ENGINE}/authoring/{name}.py" for name in ("command", "engine_copy", "new")
    } | {
        f"{ENGINE}/frontends/batch/{path.name}"
        for path in (HOME / "jaxercise" / "frontends" / "batch").glob("*.py")
    }


def test_all_that_the_judge_of_a_batch_reaches_decides() -> None:
    """What it imports is listed as deciding, but for what is shared, and `check` and `hint`."""
    reached = parts_needed(["jaxercise.frontends.batch.judge"])
    free = {
        path.relative_to(COURSE.root).as_posix()
        for path in reached
        if path.name != "__init__.py" and not _decides(path.relative_to(COURSE.root))
    }
    shared = (
        "arguments.py",
        "files.py",
        "frontends/batch/keys.py",
        "lateness.py",
        "processes.py",
        "syntax_trees.py",
        "trial.py",
        "versions.py",
    )
    sessions = ("frontends/live/", "frontends/reports/", "rungs.py")
    check = tuple(f"{ENGINE}/{one}" for one in sessions)
    assert {one for one in free if not one.startswith(check)} <= {f"{ENGINE}/{o}" for o in shared}


def _listed(path: Path) -> bool:
    return any(one.as_posix() in PARTS for one in (path, *path.parents))


def _decides(path: Path) -> bool:
    return any(PARTS.get(one.as_posix()) for one in (path, *path.parents))
