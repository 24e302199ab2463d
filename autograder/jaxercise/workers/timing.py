"""What a submission's time goes into, as the judge's side sees it.

A worker says nothing about it, so nothing it says has to be believed. Calls of several exercises
overlap: these are seconds waited, not seconds of a processor.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import Raised, Reply, Runner


class Spent:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, float] = {}
        self._within = threading.local()

    @contextlib.contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count the time inside, without what is counted as something else in there."""
        stack: list[float] = self._within.__dict__.setdefault("stack", [])
        stack.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self.add(what, seconds - stack.pop())
            if stack:
                stack[-1] += seconds

    def add(self, what: str, seconds: float) -> None:
        with self._lock:
            self._seconds[what] = self._seconds.get(what, 0.0) + seconds

    def take(self) -> dict[str, float]:
        """What was counted since this was asked last."""
        with self._lock:
            taken, self._seconds = self._seconds, {}
        return taken


class TimedRunner:
    """A runner whose loads and calls are timed.

    Args:
        runner: the runner.
        spent: where to count: `load`; `compile`, the first call at each shape; `call`, later ones.
        as_one: what to count all of it as instead.
    """

    def __init__(self, runner: Runner, spent: Spent, as_one: str = "") -> None:
        self._runner = runner
        self._spent = spent
        self._as_one = as_one
        self._seen: set[tuple[Any, ...]] = set()

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        with self._spent.on(self._as_one or "load"):
            return self._runner.load(name, cells)

    def call(self, request: Request) -> Reply:
        shapes = request.shapes()
        what = "call" if shapes in self._seen else "compile"
        self._seen.add(shapes)
        with self._spent.on(self._as_one or what):
            return self._runner.call(request)

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        with self._spent.on(self._as_one or "compile"):
            return self._runner.scaling(small, large)

    def close(self) -> None:
        self._runner.close()


def timed(
    open_runner: Callable[[], Runner], spent: Spent | None, as_one: str = ""
) -> Callable[[], Runner]:
    """Runners that count what they spend, if there is somewhere to count it."""
    if spent is None:
        return open_runner
    return lambda: TimedRunner(open_runner(), spent, as_one)
