"""Answers that were written without a look at the grader: some are graded here.

All of them are by `tests/benchmarks/blind.py`.
"""

from __future__ import annotations

import blind_answers
import pytest
from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.loading import load_exercise
from needs import NIGHTLY, TURNS
from running import COURSE

SIDES = ("right", "wrong")
#: Nightly every so many-th is; else one of each exercise, a right one or a wrong one.
EVERY = 12
CHOSEN = [
    (name, side)
    for number, name in enumerate(COURSE.names())
    for side in (SIDES if NIGHTLY else SIDES[number // TURNS % 2 :][:1])
]


@pytest.mark.in_turn
@pytest.mark.parametrize(("name", "side"), CHOSEN)
def test_answers_are_graded_as_labelled(name: str, side: str, workers: PatientWorkers) -> None:
    """Right ones get every point, wrong ones lose some, but for those listed as getting by."""
    answers = blind_answers.bodies(name, side)[::EVERY][: None if NIGHTLY else 1]
    assert answers
    grader = grader_of(COURSE, name, workers, diagnose=False)
    results = list(judged(load_exercise(COURSE, name), answers, grader))
    mistaken = {
        f"{name}.{one.body.qualname}" for one in results if blind_answers.mistaken(one, side)
    }
    assert mistaken <= set(blind_answers.getting_by())


def test_all_that_gets_by_is_there() -> None:
    """What is listed as getting by exists, is a wrong answer, and has a reason."""
    wrong = {
        f"{name}.{one.qualname}"
        for name in COURSE.names()
        for one in blind_answers.bodies(name, "wrong")
    }
    listed = blind_answers.getting_by()
    assert set(listed) <= wrong
    assert all(listed.values())
