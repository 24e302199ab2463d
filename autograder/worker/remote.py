"""Student code in a process of its own, asked, watched and killed from here."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from autograder.wire import frames
from autograder.wire.values import printable
from autograder.worker import bench
from autograder.worker.bench import Raised, Reply, Request, WorkerStoppedError
from autograder.worker.limits import Limits
from autograder.worker.workers import Process, Workers

_T = TypeVar("_T")

_TAIL = 2000
_WATCH_SECONDS = 0.05


class RemoteBench:
    """One exercise file in a worker process; a new process takes over where one has died."""

    def __init__(self, workers: Workers, *, trusted: bool = False) -> None:
        self._workers = workers
        self._trusted = trusted
        self._limits = workers.limits
        self._process: Process | None = None
        self._file: tuple[str, Sequence[str]] | None = None
        self._seen: set[tuple[Any, ...]] = set()
        self._told = 0

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        self._file = (name, cells)
        return self._start()

    def _start(self) -> tuple[frozenset[str], tuple[Raised, ...]]:
        assert self._file is not None
        name, cells = self._file
        self._process = self._workers.spawn(trusted=self._trusted)
        self._seen.clear()
        self._told = 0
        header = {"ask": "load", "name": name, "cells": list(cells)}
        return self._checked(bench.loaded, self._ask(header, {}, self._limits.load)[0])

    def call(self, request: Request) -> Reply:
        arrays: dict[str, frames.Array] = {}
        header = request.encode(arrays)
        if self._process is None:
            self._start()
        answer = self._ask(header, arrays, self._seconds(request))
        return replace(self._checked(bench.reply, *answer), printed=self._output())

    def growth(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        arrays: dict[str, frames.Array] = {}
        calls = [one.encode(arrays) for one in (small, large)]
        header = {"ask": "growth", "calls": calls}
        return self._checked(
            bench.growth, self._ask(header, arrays, 2 * self._limits.first_call)[0]
        )

    def _seconds(self, request: Request) -> float:
        shapes = request.shapes()
        if shapes in self._seen:
            return self._limits.later_call
        self._seen.add(shapes)
        return self._limits.first_call

    def _ask(
        self, header: dict[str, Any], arrays: Mapping[str, frames.Array], seconds: float
    ) -> tuple[dict[str, Any], dict[str, frames.Array]]:
        if self._process is None:
            self._start()
        process = self._process
        assert process is not None
        self._told = _size(process.output)
        with _Watch(process, seconds, self._limits.output) as watch:
            try:
                frames.send(process.outgoing, header, arrays)
                return frames.receive(process.incoming)
            except frames.ClosedError:
                code = process.end()
            except frames.ProtocolError as error:
                raise self._stopped(
                    "forbidden", f"the worker broke the protocol: {error}"
                ) from None
        raise self._stopped(*(watch.broken or _cause(code, self._limits)))

    def _stopped(self, verdict: str, message: str) -> WorkerStoppedError:
        printed = self._output()
        self.close()
        if "bad_alloc" in printed or "Out of memory" in printed:
            verdict, message = "memory", "your code ran out of memory"
        return WorkerStoppedError(verdict, message)

    def _checked(self, decode: Callable[..., _T], *answer: Any) -> _T:
        try:
            return decode(*answer)
        except frames.ProtocolError as error:
            raise self._stopped("forbidden", f"the worker broke the protocol: {error}") from None

    def _output(self) -> str:
        """The tail of what the code has printed since it was asked last."""
        if self._process is None or _size(self._process.output) <= self._told:
            return ""
        with self._process.output.open("rb") as file:
            file.seek(max(self._told, file.seek(0, os.SEEK_END) - _TAIL))
            return printable(file.read(_TAIL).decode(errors="replace"))

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


class _Watch:
    """Kills a worker that takes too long or prints too much while a request is under way."""

    def __init__(self, process: Process, seconds: float, output: int) -> None:
        self._process = process
        self._seconds = seconds
        self._output = output
        self._done = threading.Event()
        self._timer = threading.Timer(_WATCH_SECONDS, self._watch)
        self._timer.daemon = True
        self.broken: tuple[str, str] | None = None

    def _watch(self) -> None:
        deadline = time.monotonic() + self._seconds - _WATCH_SECONDS
        while not self._done.wait(_WATCH_SECONDS):
            if time.monotonic() > deadline:
                self.broken = "timeout", f"your code did not finish within {self._seconds:.3g} s"
            elif _size(self._process.output) > self._output:
                self.broken = "forbidden", f"your code printed more than {self._output >> 20} MiB"
            if self.broken:
                self._process.end()
                return

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._timer.cancel()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _cause(code: int, limits: Limits) -> tuple[str, str]:
    """Verdict and sentence for a worker that ended by itself."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return "timeout", f"your code used more than {limits.cpu} s of processor time"
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        return "crashed", f"your code ended its process: signal {names.get(-code, -code)}"
    return "crashed", f"your code ended its process, with exit code {code}"
