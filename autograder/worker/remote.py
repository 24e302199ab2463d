"""Student code in a process of its own, started, watched and killed from here."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from autograder.caches import compilation_cache
from autograder.processes import bare_python
from autograder.versions import fast_compiler_flags
from autograder.wire import frames
from autograder.worker import bench, nursery
from autograder.worker.bench import Raised, Reply, Request, WorkerStoppedError
from autograder.worker.limits import Limits

_T = TypeVar("_T")

_TAIL = 2000
_WATCH_SECONDS = 0.05


class Workers:
    """Where a submission's workers come from.

    On Linux they are forked from a zygote, which imports jax while the judge does; elsewhere each
    is a new process. This is the place where an operating-system box goes around them.

    Args:
        limits: what each worker may use.
        device: the JAX platform for student code: `cpu`, `cuda` or `tpu`.
        cache: a folder for JAX's compilation cache that workers may write; None for no cache.
        trusted_cache: the same for workers that run the kit's own code.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        device: str = "cpu",
        cache: Path | None = None,
        trusted_cache: Path | None = None,
    ) -> None:
        self.limits = limits
        self.folder = Path(tempfile.mkdtemp(prefix="jaxercise-"))
        self._zygote = nursery.take()
        self._settings = _settings(self.folder, limits, device, cache)
        self._trusted_settings = _settings(self.folder, limits, device, trusted_cache)
        self._numbers = itertools.count()

    def spawn(self, *, trusted: bool = False) -> Process:
        """A new worker process, with nothing loaded.

        Args:
            trusted: it will run the kit's own code, and shares nothing with students' workers.
        """
        output = self.folder / f"output-{next(self._numbers)}.txt"
        output.touch()
        chosen = self._trusted_settings if trusted else self._settings
        settings = chosen | {"output": str(output)}
        if self._zygote is None:
            return _spawn_alone(output, settings)
        zygote = self._zygote
        ours, theirs = socket.socketpair()
        with theirs:
            pid = zygote.fork(theirs.fileno(), settings)
        descriptor = ours.detach()
        return Process(descriptor, descriptor, output, lambda: zygote.reap(pid))

    def close(self) -> None:
        """End every worker, and remove what they wrote."""
        if self._zygote is not None:
            self._zygote.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _spawn_alone(output: Path, settings: Mapping[str, Any]) -> Process:
    process = subprocess.Popen(
        [*bare_python("autograder.worker.serving"), json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=nursery.environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    incoming, outgoing = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
    process.stdout.close()
    process.stdin.close()

    def end() -> int:
        process.kill()
        return process.wait()

    return Process(incoming, outgoing, output, end)


class Process:
    """A worker process.

    Args:
        incoming, outgoing: the descriptors on which it answers and is asked.
        output: the file that holds what it prints.
        end: kills it with all it has started, and tells its exit code.
    """

    def __init__(self, incoming: int, outgoing: int, output: Path, end: Any) -> None:
        self.incoming = incoming
        self.outgoing = outgoing
        self.output = output
        self._end = end
        self._code: int | None = None
        self._lock = threading.Lock()

    def end(self) -> int:
        """Kill it; its exit code, or minus the signal that ended it."""
        with self._lock:
            if self._code is None:
                self._code = int(self._end())
            return self._code

    def close(self) -> None:
        self.end()
        for descriptor in {self.incoming, self.outgoing}:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.output.unlink(missing_ok=True)


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
        return self._checked(bench.reply, *self._ask(header, arrays, self._seconds(request)))

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
        printed = self.output()
        self.close()
        if "bad_alloc" in printed or "Out of memory" in printed:
            verdict, message = "memory", "it ran out of memory"
        return WorkerStoppedError(verdict, message)

    def _checked(self, decode: Callable[..., _T], *answer: Any) -> _T:
        try:
            return decode(*answer)
        except frames.ProtocolError as error:
            raise self._stopped("forbidden", f"the worker broke the protocol: {error}") from None

    def output(self) -> str:
        if self._process is None:
            return ""
        with self._process.output.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start, self._told = max(self._told, size - _TAIL), size
            file.seek(start)
            return file.read(_TAIL).decode(errors="replace")

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
                self.broken = "timeout", f"it did not finish within {self._seconds:.3g} seconds"
            elif _size(self._process.output) > self._output:
                self.broken = "forbidden", f"it printed more than {self._output >> 20} MiB"
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
    import signal

    if code == -getattr(signal, "SIGXCPU", 0):
        return "timeout", f"it used more than {limits.cpu} seconds of processor time"
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        return "crashed", f"it was ended by signal {-code} ({names.get(-code, 'unknown')})"
    return "crashed", f"it ended the process, with exit code {code}"


def _settings(folder: Path, limits: Limits, device: str, cache: Path | None) -> dict[str, Any]:
    """What a worker is told: its limits, its environment, and how JAX is set up in it."""
    jax: dict[str, Any] = {
        "jax_platforms": device,
        # TF32 keeps ten bits: on a GPU a right answer would be off by a thousandth.
        "jax_default_matmul_precision": "highest",
        # What is graded is small: compiling it takes far longer than running it.
        "jax_disable_most_optimizations": True,
    }
    if cache is not None:
        jax |= compilation_cache(cache)
    return {
        "folder": str(folder),
        "limits": dataclasses.asdict(limits),
        "cpu_only": device == "cpu",
        "jax": jax,
        "environment": {
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(cache or folder),
            "XLA_FLAGS": fast_compiler_flags() if device == "cpu" else "",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        },
    }
