"""A course's settings, laid over the claims: other points, and functions that are not graded."""

from __future__ import annotations

from collections.abc import Sequence

from jaxercise.claims.claims import Exercise
from jaxercise.course_settings import QUARTER, CourseError, CourseSettings


def lay_over(exercise: Exercise, settings: CourseSettings) -> None:
    """Give an exercise's claims the points of the settings, and take out what these drop.

    Args:
        exercise: as it is written, with all its claims; it is changed.
        settings: of its course.

    Raises:
        CourseError: the exercise has no such function, or none is left of it.
    """
    points, dropped = settings.about(exercise.name)
    known = list(dict.fromkeys(claim.function.name for claim in exercise.claims))
    unknown = sorted({*points, *dropped} - set(known))
    if unknown:
        raise CourseError(
            f"[tool.jaxercise] of the course's pyproject.toml: {exercise.name} has no function "
            f"{', '.join(unknown)}; there are {', '.join(known)}"
        )
    if dropped and set(known) <= dropped:
        raise CourseError(
            f"[tool.jaxercise] of the course's pyproject.toml: drop leaves nothing of "
            f'{exercise.name}: write "{exercise.name}" to drop it as a whole'
        )
    if exercise.name in settings.drop:
        dropped = set(exercise.functions)
    for name, total in points.items():
        claims = exercise.claims_about(name)
        shares = spread(total, [claim.points for claim in claims])
        for claim, share in zip(claims, shares, strict=True):
            claim.points = share
    exercise.claims = [one for one in exercise.claims if one.function.name not in dropped]
    exercise.dropped = {name: exercise.functions.pop(name) for name in dropped}


def spread(total: float, weights: Sequence[float]) -> list[float]:
    """Shares in proportion to weights, which add up to the total exactly.

    They are quarters, or where there are too few of those for everybody to have one, eighths and so
    on: such numbers add up without rounding.

    Args:
        total: a number of quarters above 0.
        weights: what the shares are in proportion to.
    """
    unit = QUARTER
    while total / unit < len(weights):
        unit /= 2
    whole = sum(weights) or 1.0
    due = [total / unit * weight / whole for weight in weights]
    shares = [1] * len(weights)
    for _ in range(round(total / unit) - len(weights)):
        shares[max(range(len(due)), key=lambda i: due[i] - shares[i])] += 1
    return [unit * share for share in shares]
