"""A fixed slice of the answers that were written without a look at the grader."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jaxercise.authoring.certify.grading import grader_of, judge
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.claims.loading import load_exercise

_SPEC = importlib.util.spec_from_file_location(
    "blind", Path(__file__).parent / "benchmarks" / "blind.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
blind = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(blind)
COURSE = blind.COURSE

#: Of each side of each exercise, as many, the same ones as long as they exist.
SLICE = 4


@pytest.fixture(scope="module")
def workers() -> Iterator[PatientWorkers]:
    with patient_workers() as found:
        yield found


@pytest.mark.parametrize("side", ["right", "wrong"])
@pytest.mark.parametrize("name", COURSE.names())
def test_answers_written_blindly_get_what_is_due(
    name: str, side: str, workers: PatientWorkers
) -> None:
    """Right ones keep all points, wrong ones do not."""
    exercise, grader = load_exercise(COURSE, name), grader_of(COURSE, name, workers, diagnose=False)
    chosen = sorted(blind.bodies(name, side), key=lambda one: zlib.crc32(one.qualname.encode()))[
        :SLICE
    ]
    assert len(chosen) == SLICE
    results = [judge(exercise, grader, one) for one in chosen]
    assert [one.body.qualname for one in results if blind.mistaken(one, side)] == []
