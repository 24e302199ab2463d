"""Answers that were written without a look at the grader: every twelfth is graded here.

All of them are by `tests/benchmarks/blind.py`.
"""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.loading import load_exercise
from running import COURSE, ROOT

EVERY = 12


@pytest.fixture(scope="module")
def blind() -> ModuleType:
    """The benchmark; by its path, for its folder holds modules named as packages are."""
    path = ROOT / "tests" / "benchmarks" / "blind.py"
    spec = importlib.util.spec_from_file_location("blind", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("side", ["right", "wrong"])
@pytest.mark.parametrize("name", COURSE.names())
def test_answers_are_graded_as_labelled(
    blind: ModuleType, cache: None, name: str, side: str
) -> None:
    """Right ones get every point, wrong ones lose some, but for those listed as getting by."""
    answers = blind.bodies(name, side)[::EVERY]
    assert answers
    with patient_workers() as workers:
        grader = grader_of(COURSE, name, workers, diagnose=False)
        results = list(judged(load_exercise(COURSE, name), answers, grader))
    mistaken = {f"{name}.{one.body.qualname}" for one in results if blind.mistaken(one, side)}
    assert mistaken <= set(blind.getting_by())


def test_all_that_gets_by_is_there(blind: ModuleType) -> None:
    """What is listed as getting by exists, is a wrong answer, and has a reason."""
    wrong = {
        f"{name}.{one.qualname}" for name in COURSE.names() for one in blind.bodies(name, "wrong")
    }
    listed = blind.getting_by()
    assert set(listed) <= wrong
    assert all(listed.values())
