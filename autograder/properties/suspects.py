"""The misconceptions of one exercise, run in a worker of their own, and their replies remembered.

What is asked of them does not depend on the submission, so their replies are kept from run to run
as the references' answers are: a diagnosis then costs the calls of the student's function alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder import misconceptions
from autograder.families import Described
from autograder.misconceptions import Misconception
from autograder.properties.answers import fingerprint
from autograder.properties.kept import kept
from autograder.properties.likeness import Measured
from autograder.properties.probing import Asked
from autograder.worker.bench import Bench, Raised, Reply, Request

#: Turns of a Python loop that may become part of one program.
_MOST_UNROLLED = 50


class Suspects:
    """The misconceptions of an exercise, ready to be asked what students' functions are asked.

    Args:
        exercise: its name.
        open_bench: makes a bench to run them on.
        memory: the file that keeps their replies.
    """

    def __init__(self, exercise: str, open_bench: Callable[[], Bench], memory: Path) -> None:
        self._exercise = exercise
        self._open_bench = open_bench
        self._bench: Bench | None = None
        self._kept = kept(memory, exercise)

    def of(self, function: str) -> list[Misconception]:
        """Those about a function."""
        return [one for one in _all(self._exercise) if one.of == function]

    def reply(self, one: Misconception, asked: Asked, *, compiled: bool = False) -> Reply:
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
        request = replace(asked.request, function=one.name)
        compiled = compiled and not request.under and not any(map(_costly, request.arguments))
        key = f"{one.name}.{'jit.' * compiled}{asked.occurrence}.{asked.key}"
        known = self._kept.get(key)
        if known is None:
            request = replace(request, under="jit") if compiled else request
            known = self._opened().call(request)
            self._kept.add(key, known)
        assert isinstance(known, Reply)
        return known

    def growth(self, one: Misconception, asked: Asked) -> Measured:
        """How a misconception's work grows with the batch.

        Raises:
            WorkerStoppedError: it does not end, or not well.
        """
        key = f"{one.name}.{asked.key}"
        known = self._kept.get(key)
        if known is None:
            assert asked.small is not None
            small, large = (
                replace(request, function=one.name) for request in (asked.small, asked.request)
            )
            known = self._opened().growth(small, large)
            self._kept.add(key, known)
        assert not isinstance(known, Reply)
        return known

    def replies_after(
        self, one: Misconception, before: Sequence[Request], asked: Sequence[Asked]
    ) -> list[Reply]:
        """What a misconception that keeps answers replies when others were asked for before.

        Raises:
            WorkerStoppedError: it does not end, or not well.
        """
        bench = self._open_bench()
        try:
            bench.load("misconceptions", [misconceptions.file_text(self._exercise)])
            for request in before:
                bench.call(replace(request, function=one.name))
            return [bench.call(replace(each.request, function=one.name)) for each in asked]
        finally:
            bench.close()

    def bench(self, one: Misconception) -> Bench:
        """A bench on which the misconception stands in for the student's function."""
        return _StandIn(self, one)

    def close(self) -> None:
        """End the worker, and keep what is new."""
        if self._bench is not None:
            self._bench.close()
            self._bench = None
            self._kept.save()

    def _opened(self) -> Bench:
        if self._bench is None:
            self._bench = self._open_bench()
            self._bench.load("misconceptions", [misconceptions.file_text(self._exercise)])
        return self._bench


class _StandIn:
    """A misconception in the place of a student's function."""

    def __init__(self, suspects: Suspects, one: Misconception) -> None:
        self._suspects = suspects
        self._one = one

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return frozenset(), ()

    def call(self, request: Request) -> Reply:
        return self._suspects.reply(self._one, Asked(fingerprint(request), request))

    def growth(self, small: Request, large: Request) -> Measured:
        key = fingerprint((small, large))
        return self._suspects.growth(self._one, Asked(key, large, small=small))

    def close(self) -> None:
        pass


def _costly(argument: Any) -> bool:
    """True if what gets such an argument is better not compiled as a whole."""
    is_many = isinstance(argument, int) and argument > _MOST_UNROLLED
    return is_many or isinstance(argument, Described)


@functools.cache
def _all(exercise: str) -> list[Misconception]:
    return misconceptions.misconceptions(exercise)
