"""Classroom 50's `result.json`: integer scores, and where the submission comes from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from jaxercise.verdicts import FunctionResult, Verdict

#: Its scores are integers, a claim's points come in quarters: so they are hundredths there.
HUNDREDTHS = 100
SCHEMA = "classroom50/result/v1"
#: The runner's variables, by the field that takes them.
_FIELDS = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


class NoScoreError(Exception):
    """There is no score to hand on; the message says why."""


def classroom_result(
    results: Sequence[FunctionResult], environment: Mapping[str, str]
) -> dict[str, Any]:
    """The content of `result.json`; scores are hundredths of a point.

    Args:
        results: all functions of the assignment.
        environment: the runner's, with `CLASSROOM`, `ASSIGNMENT` and so on.

    Raises:
        NoScoreError: the grader itself failed, or the runner's variables are not there.
    """
    failed = [result.name for result in results if result.verdict == Verdict.INTERNAL]
    if failed:
        raise NoScoreError(f"the grader failed on {', '.join(failed)}: there is no score")
    found = {field: environment.get(name, "") for field, name in _FIELDS.items()}
    found["review"] = found["review"] or found["commit"]
    missing = [_FIELDS[field] for field, value in found.items() if not value]
    if missing:
        raise NoScoreError(
            f"{', '.join(missing)} not set: this runs as an autograder of Classroom 50"
        )
    tests = [
        {
            "test-name": result.name,
            "passed": result.verdict == Verdict.PASSED,
            "score": _hundredths(result.points),
            "max-score": _hundredths(result.max_points),
        }
        for result in results
    ]
    time = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "schema": SCHEMA,
        **found,
        "datetime": time,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _hundredths(points: float) -> int:
    return round(HUNDREDTHS * points)
