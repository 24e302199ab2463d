"""One row a student and function: what every table is made from.

A student without a score has one row too, which says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jaxercise.verdicts import FunctionResult, Verdict

#: Where a test cell's metadata keep what nbgrader's gradebook has no place for.
RESULT = "jaxercise"


@dataclass(frozen=True)
class Row:
    """What one student has got for one function.

    Attributes:
        student: the student's name or id, as the instructor knows it.
        exercise: `NN_topic`; empty where nothing of the submission has a score.
        function: its name; empty as well.
        points: earned; None where there is no score.
        max_points: the points that can be earned; None where nothing has a score.
        state: `done`, `partly right`, `wrong`, `not attempted` and so on.
        misconception: the id of the misconception that was named; empty where none was.
        attempted: when it was handed in, as ISO 8601; empty where unknown.
        late_minutes: by how much that was late; None where unknown.
        penalty: the points that lateness takes off; None where there is no score.
        points_after: what is left of them; None where there is no score.
        seed: of the inputs; None where unknown.
        reason: why there is no score; empty where there is one.
    """

    student: str
    exercise: str
    function: str
    points: float | None
    max_points: float | None
    state: str = ""
    misconception: str = ""
    attempted: str = ""
    late_minutes: float | None = None
    penalty: float | None = None
    points_after: float | None = None
    seed: int | None = None
    reason: str = ""


def rows_of(
    student: str,
    results: Iterable[FunctionResult],
    attempted: str = "",
    seed: int | None = None,
    *,
    late_minutes: float | None = None,
    share: float = 0.0,
) -> list[Row]:
    """The rows of one student's judged functions; `share` of the points is taken off."""
    rows = []
    for result in results:
        failed = result.verdict == Verdict.INTERNAL
        earned = None if failed else result.points
        penalty, after = taken_off(earned, share)
        rows.append(
            Row(
                student,
                result.exercise,
                result.function,
                earned,
                result.max_points,
                result.state,
                misconception_of(result),
                attempted,
                late_minutes,
                penalty,
                after,
                seed,
                "The grader itself failed." if failed else "",
            )
        )
    return rows


def taken_off(points: float | None, share: float) -> tuple[float | None, float | None]:
    """What is taken off some points, and what is left of them."""
    return (None, None) if points is None else (points * share, points - points * share)


def misconception_of(result: FunctionResult) -> str:
    """The id of the misconception named to the student; empty where none was."""
    named = (one.finding.misconception for one in result.outcomes if one.finding is not None)
    return next((name for name in named if name), "")
