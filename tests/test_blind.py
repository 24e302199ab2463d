"""Answers that were written without a look at the grader: some are graded here.

All of them are by `tests/benchmarks/blind.py`.
"""

from __future__ import annotations

import blind_answers
import pytest
from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.loading import load_exercise
from needs import NIGHTLY
from running import COURSE

#: Every so many-th is.
EVERY = 12 if NIGHTLY else 36


@pytest.mark.parametrize("side", ["right", "wrong"])
@pytest.mark.parametrize("name", COURSE.names())
def test_answers_are_graded_as_labelled(cache: None, name: str, side: str) -> None:
    """Right ones get every point, wrong ones lose some, but for those listed as getting by."""
    answers = blind_answers.bodies(name, side)[::EVERY]
    assert answers
    with patient_workers() as workers:
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
