"""The hint that somebody gets who asks for one: of a function's rungs, the next.

Which one that is stands in a file of the user's cache, so that a notebook, a terminal and `watch`
go on where the other has stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from jaxercise.cache.folders import hints_file
from jaxercise.course import Course, is_named
from jaxercise.course_settings import AFTER_ATTEMPT, NEVER
from jaxercise.files import write_whole
from jaxercise.frontends.reports.choices import likeliest, meant
from jaxercise.rungs import rungs
from jaxercise.submission import SubmissionError, read_submission


class NoHintError(Exception):
    """There is no hint to show; the message says why, or what to ask for."""


@dataclass(frozen=True)
class Hint:
    """A rung, as it is shown.

    Attributes:
        function: whose, `NN_topic.function`.
        number, of: which rung it is, counted from 1, and how many there are.
        text: what it says, as Markdown.
    """

    function: str
    number: int
    of: int
    text: str

    @property
    def title(self) -> str:
        """A line above the text."""
        return f"{self.function}: hint {self.number} of {self.of}"

    @property
    def after(self) -> str:
        """A line below it: what comes next."""
        if self.number < self.of:
            return "Try it. Ask again for the next hint."
        return "This is the last hint; rung 1 is the first."

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.text}\n\n{self.after}"


def next_hint(
    course: Course,
    asked: str,
    *,
    rung: int | None = None,
    attempted: Callable[[str, str], bool] | None = None,
    defined: Collection[str] = (),
) -> Hint:
    """The next hint for a function, or a certain one; the last again where there is no next.

    Args:
        course: whose.
        asked: the function: `all_pairs`, `01.all_pairs`, `01_vmap.all_pairs`.
        rung: which to show; None for the one after that which was shown last.
        attempted: whether a function, by its exercise and its name, has been tried, where a course
            wants that first; by default, whether it is more than a stub in `exercises/`.
        defined: the functions of a session: of two exercises with one of that name, the one that
            has most of these is meant.

    Raises:
        NoHintError: there is none, or not yet.
    """
    if course.settings.hints == NEVER:
        raise NoHintError("This course gives no hints.")
    exercise, function, texts = _found(course, asked, defined)
    name = f"{exercise}.{function}"
    if course.settings.hints == AFTER_ATTEMPT and not (attempted or _in_files(course))(
        exercise, function
    ):
        raise NoHintError(
            f"In this course, hints come after a try: write what you can into {function} first, "
            "right or wrong, in place of `raise NotImplementedError`."
        )
    shown = _shown(course)
    number = min(shown.get(name, 0) + 1, len(texts)) if rung is None else rung
    if not 0 < number <= len(texts):
        raise NoHintError(f"{name} has no hint {number}; it has {len(texts)}.")
    _remember(course, shown | {name: number})
    return Hint(name, number, len(texts), texts[number - 1])


def _found(
    course: Course, asked: str, defined: Collection[str]
) -> tuple[str, str, tuple[str, ...]]:
    """The exercise, the function and its rungs."""
    head, _, function = asked.rpartition(".")
    ladders = {name: _ladders(course, name) for name in course.names()}
    if not any(ladders.values()):
        raise NoHintError("This course has no hints.")
    named = {name: there for name, there in ladders.items() if not head or is_named(name, head)}
    fitting = {name: there for name, there in named.items() if function in there}
    if not fitting:
        among = [one for there in (named or ladders).values() for one in there]
        raise NoHintError(f"There is no hint for {asked!r}. {meant(function, among)}")
    exercise, *others = likeliest(fitting, defined)
    if others:
        names = " or ".join(f"{name}.{function}" for name in fitting)
        raise NoHintError(f"Several exercises have a function {function}: ask for {names}.")
    return exercise, function, fitting[exercise][function]


def _ladders(course: Course, exercise: str) -> dict[str, tuple[str, ...]]:
    path = course.hints(exercise)
    _, dropped = course.settings.about(exercise)
    found = rungs(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {function: texts for function, texts in found.items() if function not in dropped}


def _in_files(course: Course) -> Callable[[str, str], bool]:
    def attempted(exercise: str, function: str) -> bool:
        try:
            source = read_submission(course.exercises, [exercise]).source(exercise, {function})
        except SubmissionError as error:
            raise NoHintError(str(error)) from None
        return source is not None and source.attempted({function})

    return attempted


def _shown(course: Course) -> dict[str, int]:
    """The rung that was shown last, by function."""
    try:
        found = json.loads(hints_file(course).read_text(encoding="utf-8"))
        return {str(name): int(number) for name, number in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(course: Course, shown: dict[str, int]) -> None:
    try:
        write_whole(hints_file(course), json.dumps(shown).encode())
    except OSError:  # a full disk: the hint is shown nevertheless
        return
