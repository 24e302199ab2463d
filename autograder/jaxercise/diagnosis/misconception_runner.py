"""The misconceptions of one exercise, run in a worker of their own, and their replies remembered.

What is asked of them does not depend on the submission, so their replies are kept from run to run
as the references' answers are: a diagnosis then costs the calls of the student's function alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jaxercise.cache.folders import kept_file
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.bodies import Body, file_text, given_classes, wrong
from jaxercise.course import Course
from jaxercise.diagnosis.equivalence import Measured
from jaxercise.diagnosis.probing import Asked
from jaxercise.diagnosis.reply_cache import keep, reply_cache
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Raised, Reply, Runner, asked_twice

#: Turns of a Python loop that may become part of one program.
_MOST_UNROLLED = 50


class MisconceptionRunner:
    """The misconceptions of an exercise, ready to be asked what students' functions are asked.

    Args:
        course, exercise: whose.
        open_runner: makes a runner to run them on.
    """

    def __init__(self, course: Course, exercise: str, open_runner: Callable[[], Runner]) -> None:
        self._course, self._exercise = course, exercise
        self._open_runner = open_runner
        self._runner: Runner | None = None
        given = "\n\n".join(given_classes(course, exercise))
        self._cells = [*[given] * bool(given), file_text(course.misconceptions(exercise))]
        self._kept = reply_cache(kept_file("replies", course, exercise), course, exercise)

    def of(self, function: str) -> list[Body]:
        """Those about a function."""
        return [one for one in wrong(self._course, self._exercise) if one.function == function]

    def reply(self, one: Body, asked: Asked, *, compiled: bool = False) -> Reply:
        """What a misconception replies to what was asked of the student's function.

        Args:
            one: which.
            asked: what was asked.
            compiled: under jit as a whole, which is quicker, and rounds differently; as it stands
                where a function is passed in, with which every call would be compiled anew, and
                where a Python loop may be unrolled to a program that takes minutes to compile.

        Raises:
            WorkerStoppedError: it does not end, or not well.
        """
        request = replace(asked.request, function=one.qualname)
        compiled = (
            compiled
            and not request.under
            and not any(map(_is_costly, trees.leaves(request.arguments)))
        )
        key = f"{one.qualname}.{'jit.' * compiled}{asked.occurrence}.{asked.key}"
        known = self._kept.get(key)
        if known is None:
            request = replace(request, under="jit") if compiled else request
            known = asked_twice(lambda: self._opened().call(request))
            keep(self._kept, key, known)
        assert isinstance(known, Reply)
        return known

    def scaling(self, one: Body, asked: Asked) -> Measured:
        """How a misconception's work grows with the batch.

        Raises:
            WorkerStoppedError: it does not end, or not well.
        """
        key = f"{one.qualname}.{asked.key}"
        known = self._kept.get(key)
        if known is None:
            assert asked.small is not None
            small, large = (
                replace(request, function=one.qualname) for request in (asked.small, asked.request)
            )
            known = asked_twice(lambda: self._opened().scaling(small, large))
            keep(self._kept, key, known)
        assert not isinstance(known, Reply)
        return known

    def replies_after(
        self, one: Body, before: Sequence[Request], asked: Sequence[Asked]
    ) -> list[Reply]:
        """What a misconception that keeps answers replies when others were asked for before.

        Raises:
            WorkerStoppedError: it does not end, or not well.
        """

        def replies() -> list[Reply]:
            runner = self._open_runner()
            try:
                runner.load("misconceptions", self._cells)
                for request in before:
                    runner.call(replace(request, function=one.qualname))
                return [runner.call(replace(each.request, function=one.qualname)) for each in asked]
            finally:
                runner.close()

        return asked_twice(replies)

    def runner(self, one: Body) -> Runner:
        """A runner on which the misconception stands in for the student's function."""
        return _StandIn(self, one)

    def close(self) -> None:
        """End the worker, and keep what is new."""
        if self._runner is not None:
            self._runner.close()
            self._runner = None
            self._kept.save()

    def _opened(self) -> Runner:
        if self._runner is None:
            self._runner = self._open_runner()
            self._runner.load("misconceptions", self._cells)
        return self._runner


class _StandIn:
    """A misconception in the place of a student's function."""

    def __init__(self, misconceptions: MisconceptionRunner, one: Body) -> None:
        self._misconceptions = misconceptions
        self._one = one

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return frozenset(), ()

    def call(self, request: Request) -> Reply:
        return self._misconceptions.reply(self._one, Asked(fingerprint(request), request))

    def scaling(self, small: Request, large: Request) -> Measured:
        key = fingerprint((small, large))
        return self._misconceptions.scaling(self._one, Asked(key, large, small=small))

    def close(self) -> None:
        pass


def _is_costly(leaf: Any) -> bool:
    """True if what gets such an argument is better not compiled as a whole."""
    most = leaf if isinstance(leaf, int) else max(getattr(leaf, "shape", ()), default=0)
    return most > _MOST_UNROLLED or isinstance(leaf, Described)
