"""Where the course's own bodies run: worker processes that take one body after the other.

A student's file has a process to itself. Here each body is the course's own, and most of what a new
process costs is what JAX compiles in it again: the single operations, at the shapes of the draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jaxercise.cache.folders import trusted_cache
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.runner import Raised, Reply
from jaxercise.workers.watch import held
from jaxercise.workers.workers import Workers

#: Limits that no machine is too slow for: what is certified is not the clock. Nor is it what a
#: process holds that has served many bodies.
PATIENT = Limits(
    load=300,
    first_call=300,
    later_call=300,
    cpu=3600,
    data=6 << 30,
    address_space=12 << 30,
    memory=6 << 30,
)
#: A process serves as many bodies, while it holds no more than so many bytes: what JAX compiles for
#: them is never given up.
_BODIES = 40
_HELD = 1 << 29


class PatientWorkers(Workers):
    """Workers for the course's own bodies, and for nothing that a student has written."""

    def __init__(self) -> None:
        super().__init__(PATIENT, cache=trusted_cache(), trusted_cache=trusted_cache())
        self._idle: list[tuple[RemoteRunner, int]] = []

    def open(self) -> ReusedRunner:
        """A runner that goes to the next body when it is closed."""
        return ReusedRunner(self)

    def borrow(self) -> tuple[RemoteRunner, int]:
        """A runner for the next body, and how many it has served."""
        try:
            return self._idle.pop()
        except IndexError:
            return RemoteRunner(self), 0

    def give_back(self, runner: RemoteRunner, served: int) -> None:
        """Keep a runner for another body, if its process is still there and not too large."""
        process = runner.process
        if process is not None and served < _BODIES and held(process.pid, _HELD) <= _HELD:
            self._idle.append((runner, served))
        else:
            runner.close()


class ReusedRunner:
    """One file in a process that has served others before."""

    def __init__(self, workers: PatientWorkers) -> None:
        self._workers = workers
        self._runner: RemoteRunner | None = None
        self._served = 0

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        if self._runner is None:
            self._runner, self._served = self._workers.borrow()
        self._served += 1
        return self._runner.load(name, cells)

    def call(self, request: Request) -> Reply:
        assert self._runner is not None
        return self._runner.call(request)

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        assert self._runner is not None
        return self._runner.scaling(small, large)

    def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            self._workers.give_back(runner, self._served)


@contextmanager
def patient_workers() -> Iterator[PatientWorkers]:
    """Such workers, ended afterwards."""
    workers = PatientWorkers()
    try:
        yield workers
    finally:
        workers.close()
