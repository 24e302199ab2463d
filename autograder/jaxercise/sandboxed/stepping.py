"""How many steps Python takes, and an end to them."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from jaxercise.sandboxed.calling import Call, PassedFunction

#: How many times as many steps as there may be are too many wherever they are taken.
_FAR = 2
#: What students call when they call a function that was passed in.
_PASSED = next(
    code
    for code in PassedFunction.as_function.__code__.co_consts
    if isinstance(code, types.CodeType)
)


class EndedError(BaseException):
    """It takes too many steps; not an Exception, so that students' code lets it pass."""


class Steps:
    """Python's steps during a call: calls of functions, and lines of the student's own code.

    Attributes:
        count: how many there were.

    Args:
        call: the call; its passed-in functions are counted by themselves.
        files: names of the student's files.
        most: how many steps it may take; None for any number.
        most_calls: how often it may call the functions passed in.
        own: count the student's own lines alone.
    """

    def __init__(
        self,
        call: Call,
        files: Container[str],
        most: int | None = None,
        most_calls: int = 0,
        *,
        own: bool = False,
    ) -> None:
        self.count = 0
        self._call, self._files, self._own = call, files, own
        self._most, self._most_calls = most, most_calls

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count in this thread.

        Raises:
            EndedError: there are more than there may be. It comes up in code of the student's or in
                a function passed in, for libraries might keep it to themselves; only where none of
                these is met for long, anywhere.
        """
        steps = self
        tracing, vectorized = sys.gettrace(), np.vectorize.__call__

        def counted(self: Any, *arguments: Any, **named: Any) -> Any:
            # What it calls once an entry may be no Python function.
            steps.count += max(map(np.size, [*arguments, *named.values()]), default=0)
            return vectorized(self, *arguments, **named)

        np.vectorize.__call__ = counted  # type: ignore[method-assign]
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(tracing)
            np.vectorize.__call__ = vectorized  # type: ignore[method-assign]

    def _called(self, frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code is _PASSED:
            self._take(1)
        elif frame.f_code.co_filename in self._files:
            return self._line
        elif not self._own:
            self.count += 1
            if self._most is not None and self.count > _FAR * self._most:
                raise EndedError
        return None

    def _line(self, frame: Any, event: str, argument: Any) -> Any:
        if event == "line":
            self._take(1)
        return self._line

    def _take(self, steps: int) -> None:
        self.count += steps
        if self._most is not None and (
            self.count > self._most or sum(self._call.counts()) > self._most_calls
        ):
            raise EndedError
