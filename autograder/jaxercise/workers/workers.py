"""Worker processes: starting them with their settings, and ending them."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from jaxercise.cache.folders import compilation_cache, shared_compilation_cache
from jaxercise.processes import bare_python
from jaxercise.sandboxed.compiling import MATMUL_PRECISION, fast_compiler_flags
from jaxercise.sandboxed.limits import Limits
from jaxercise.workers import forkservers
from jaxercise.workers.process import Process
from jaxercise.workers.timing import Spent
from jaxercise.workers.watch import Watch

#: What can be written in a sandbox. Not `/tmp`: what the sandbox has to show may lie there.
SCRATCH = "/scratch"
WRITABLE = (SCRATCH, "/dev/shm")
_ROOM_SECONDS = 30.0


class Enclosure(Protocol):
    """What goes around workers: `jaxercise.sandbox.Sandbox`."""

    @property
    def cache(self) -> Path | None:
        """The compilation cache that its workers read and cannot write."""
        ...

    def forkserver(self) -> forkservers.ForkServer:
        """A forkserver in a sandbox of its own."""
        ...


class Workers:
    """Where a submission's workers come from.

    On Linux they are forked from a forkserver, which imports jax while the judge does; elsewhere
    each is a new process.

    Args:
        limits: what each worker may use.
        device: the JAX platform for student code: `cpu`, `cuda` or `tpu`.
        cache: a folder for JAX's compilation cache that workers may write; None for no cache. A
            sandbox knows no such folder, it has a cache of its own that nobody writes.
        shared_cache: the same without a sandbox: all students' workers read it, and write nothing.
        trusted_cache: the same for workers that run the course's own code, never in a sandbox.
        sandbox: what goes around workers; None for nothing. Each `Workers` has its own instance of
            it, and each worker is isolated from the others in there.
        spent: where to count what starting workers takes.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        device: str = "cpu",
        cache: Path | None = None,
        shared_cache: Path | None = None,
        trusted_cache: Path | None = None,
        sandbox: Enclosure | None = None,
        spent: Spent | None = None,
    ) -> None:
        self._spent = spent or Spent()
        self.limits = limits
        self.folder = Path(tempfile.mkdtemp(prefix="jaxercise-"))
        self.watch = Watch(limits)
        self._lock = threading.Lock()
        self._trusted_forkserver = None if sandbox else forkservers.take()
        self._new_forkserver = sandbox.forkserver if sandbox else forkservers.take
        self._forkserver = sandbox.forkserver() if sandbox else self._trusted_forkserver
        self._trusted_settings = _settings(self.folder, limits, device, trusted_cache)
        self._settings = (
            _sandboxed(_settings(Path(SCRATCH), limits, device, None), sandbox.cache, limits)
            if sandbox
            else _settings(self.folder, limits, device, cache)
        )
        if shared_cache is not None and not sandbox:
            self._settings["jax"] |= shared_compilation_cache(shared_cache)
        self._numbers = itertools.count()
        self._ahead: list[Process] = []

    def prepare(self, count: int) -> None:
        """Start workers for students' code before they are needed: they warm up meanwhile.

        Args:
            count: how many are to wait.
        """
        with self._lock:
            missing = count - sum(process.alive for process in self._ahead)
        started = [self._started(trusted=False, warm=True) for _ in range(missing)]
        with self._lock:
            self._ahead += started

    def spawn(self, *, trusted: bool = False) -> Process:
        """A new worker process, with nothing loaded.

        Args:
            trusted: it will run the course's own code, and shares nothing with students' workers.
        """
        while not trusted:
            with self._lock:
                if not self._ahead:
                    break
                process = self._ahead.pop(0)
            if process.alive:
                return process
            process.close()
        return self._started(trusted=trusted)

    def _started(self, *, trusted: bool, warm: bool = False) -> Process:
        output = self.folder / f"output-{next(self._numbers)}.txt"
        output.touch()
        settings = (self._trusted_settings if trusted else self._settings) | {"warm": warm}
        with self._spent.on("start"):
            forkserver = self._forkserver_for(trusted=trusted)
            if forkserver is None:
                process = _spawn_alone(output, settings | {"output": str(output)})
            else:
                process = _spawn_forked(forkserver, output, settings)
        self.watch.add(process)
        return process

    def _forkserver_for(self, *, trusted: bool) -> forkservers.ForkServer | None:
        with self._lock:
            if trusted:
                self._trusted_forkserver = _serving(self._trusted_forkserver, forkservers.take)
                return self._trusted_forkserver
            if self._forkserver is not None:
                self._forkserver = _serving(self._forkserver, self._new_forkserver)
            return self._forkserver

    def close(self) -> None:
        """End every worker, and remove what they wrote."""
        self.watch.close()
        with self._lock:
            for process in self._ahead:
                process.close()
            for forkserver in (self._forkserver, self._trusted_forkserver):
                if forkserver is not None:
                    forkserver.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _serving(
    forkserver: forkservers.ForkServer | None,
    start: Callable[[], forkservers.ForkServer | None],
) -> forkservers.ForkServer | None:
    """A forkserver that serves; a new one where there is none, or where it has died."""
    if forkserver is not None and forkserver.alive:
        return forkserver
    if forkserver is not None:
        forkserver.close()
    return start()


def _spawn_forked(
    forkserver: forkservers.ForkServer, output: Path, settings: Mapping[str, Any]
) -> Process:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, output.open("ab", buffering=0) as file:
            if settings["isolation"] is not None:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            forked = forkserver.fork(theirs.fileno(), file.fileno(), settings)
        pid = forked if settings["isolation"] is None else _first_process_isolated(ours)
        descriptor = ours.detach()
    return Process(descriptor, descriptor, output, lambda gone: forkserver.reap(forked, gone), pid)


def _first_process_isolated(channel: socket.socket) -> int:
    """The id, as this process sees it, of the first process of a worker's namespaces.

    The kernel vouches for it: it comes with the byte that says that it is isolated.
    """
    channel.settimeout(_ROOM_SECONDS)
    data, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(12))
    channel.settimeout(None)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    for level, kind, content in ancillary:
        if data and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, _, _ = struct.unpack("iII", content)
            return int(pid)
    raise RuntimeError("a worker could not be started in its sandbox")


def _spawn_alone(output: Path, settings: Mapping[str, Any]) -> Process:
    process = subprocess.Popen(
        [*bare_python("jaxercise.sandboxed.serving"), json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=forkservers.environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    incoming, outgoing = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
    process.stdout.close()
    process.stdin.close()

    def end(_: bool) -> int:
        process.kill()
        return process.wait()

    return Process(incoming, outgoing, output, end)


def _settings(folder: Path, limits: Limits, device: str, cache: Path | None) -> dict[str, Any]:
    """What a worker is told: its limits, its environment, and how JAX is set up in it."""
    jax: dict[str, Any] = {
        "jax_platforms": device,
        "jax_default_matmul_precision": MATMUL_PRECISION,
        # What is graded is small: compiling it takes far longer than running it.
        "jax_disable_most_optimizations": True,
    }
    if cache is not None:
        jax |= compilation_cache(cache)
    return {
        "folder": str(folder),
        "limits": dataclasses.asdict(limits),
        "cpu_only": device == "cpu",
        "isolation": None,
        "compiled": None,
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


def _sandboxed(settings: dict[str, Any], cache: Path | None, limits: Limits) -> dict[str, Any]:
    """The same in a sandbox, where next to nothing can be written.

    What a worker compiles it keeps to itself, and for as long as it lives.
    """
    settings["isolation"] = {
        "sizes": {place: limits.files // len(WRITABLE) for place in WRITABLE},
        "sockets": not settings["cpu_only"],
    }
    settings["jax"] |= compilation_cache(Path(SCRATCH) / "compiled")
    settings["compiled"] = None if cache is None else str(cache)
    return settings
