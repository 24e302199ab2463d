"""What to do next, in one line at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from jaxercise.claims.claims import Exercise
from jaxercise.course import Course
from jaxercise.files import shown
from jaxercise.frontends.reports.feedback import points
from jaxercise.sandboxed.texts import printable
from jaxercise.submission import Source
from jaxercise.verdicts import FunctionResult, Verdict


def next_step(results: Sequence[FunctionResult], source_of: Callable[[str], Source | None]) -> str:
    """The first function that is not done, with its place.

    Args:
        results: of the functions, in the course's order.
        source_of: the file that counts for an exercise, by its name; None where there is none.

    Returns:
        A line; where all is done, what that took.
    """
    left = [result for result in results if result.verdict != Verdict.PASSED]
    if not left:
        return _all_done(results)
    first = next((one for one in left if one.verdict != Verdict.INTERNAL), left[0])
    began = any(result.verdict != Verdict.NOT_ATTEMPTED for result in results)
    place = _place(source_of(first.exercise), first.function) or first.exercise
    if not began:
        file, comma, line = place.partition(", ")
        return f"Start with {file}: {first.function}{comma}{line}"
    state = "" if first.verdict == Verdict.NOT_ATTEMPTED else f" ({first.state})"
    return f"Next: {first.function}{state}, in {place}"


def finished(
    course: Course, exercises: Iterable[Exercise], results: Sequence[FunctionResult]
) -> bool:
    """Whether these are all functions of a course, and each of them is done.

    Args:
        course: the course.
        exercises: those of it that have been loaded.
        results: of the functions.
    """
    if course.dropped or any(result.verdict != Verdict.PASSED for result in results):
        return False
    claims = {exercise.name: len(exercise.claims) for exercise in exercises}
    judged = sum(len(result.outcomes) for result in results)
    return set(claims) == set(course.names()) and judged == sum(claims.values())


def _all_done(results: Sequence[FunctionResult]) -> str:
    claims = [outcome for result in results for outcome in result.outcomes]
    parts = (
        _counted(len(results), "function"),
        _counted(len(claims), "claim"),
        _counted(sum(outcome.examples for outcome in claims), "comparison"),
    )
    total = points(sum(result.max_points for result in results))
    return f"{total} of {total}. {parts[0]}, {parts[1]}, {parts[2]}: all of it holds."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _place(source: Source | None, function: str) -> str:
    """The file, with the line where the function begins if it is a script that has it."""
    if source is None:
        return ""
    file = printable(shown(source.path))
    if source.path.suffix != ".py":
        return file
    begins = source.begins(function)  # each cell stands at its own lines
    return file if begins is None else f"{file}, line {begins[1]}"
