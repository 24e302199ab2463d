"""What a submission's time goes into, as the judge's side sees it.

A worker says nothing about it, so nothing it says has to be believed. Calls of several lanes
overlap: these are seconds waited, not seconds of a processor.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autograder.worker.bench import Bench, Raised, Reply, Request


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


class TimedBench:
    """A bench whose loads and calls are timed.

    Args:
        bench: the bench.
        spent: where to count: `load`; `compile`, the first call at each shape; `call`, later ones.
        as_one: what to count all of it as instead.
    """

    def __init__(self, bench: Bench, spent: Spent, as_one: str = "") -> None:
        self._bench = bench
        self._spent = spent
        self._as_one = as_one
        self._seen: set[tuple[Any, ...]] = set()

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        with self._spent.on(self._as_one or "load"):
            return self._bench.load(name, cells)

    def call(self, request: Request) -> Reply:
        shapes = request.shapes()
        what = "call" if shapes in self._seen else "compile"
        self._seen.add(shapes)
        with self._spent.on(self._as_one or what):
            return self._bench.call(request)

    def growth(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        with self._spent.on(self._as_one or "compile"):
            return self._bench.growth(small, large)

    def close(self) -> None:
        self._bench.close()


def timed(
    open_bench: Callable[[], Bench], spent: Spent | None, as_one: str = ""
) -> Callable[[], Bench]:
    """Benches that count what they spend, if there is somewhere to count it."""
    if spent is None:
        return open_bench
    return lambda: TimedBench(open_bench(), spent, as_one)
