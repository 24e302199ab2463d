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
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from autograder.caches import compilation_cache, shared_compilation_cache
from autograder.compiling import MATMUL_PRECISION, fast_compiler_flags
from autograder.processes import bare_python
from autograder.worker import nursery
from autograder.worker.limits import Limits
from autograder.worker.process import Process
from autograder.worker.timing import Spent
from autograder.worker.watch import Watch

#: What can be written in a box. Not `/tmp`: what the box has to show may lie there.
SCRATCH = "/scratch"
WRITABLE = (SCRATCH, "/dev/shm")
_ROOM_SECONDS = 30.0


class Boxed(Protocol):
    """What goes around workers: `autograder.sandbox.Box`."""

    @property
    def cache(self) -> Path | None:
        """The compilation cache that its workers read and cannot write."""
        ...

    def zygote(self) -> nursery.Zygote:
        """A zygote in a box of its own."""
        ...


class Workers:
    """Where a submission's workers come from.

    On Linux they are forked from a zygote, which imports jax while the judge does; elsewhere each
    is a new process.

    Args:
        limits: what each worker may use.
        device: the JAX platform for student code: `cpu`, `cuda` or `tpu`.
        cache: a folder for JAX's compilation cache that workers may write; None for no cache. A
            box knows no such folder, it has a cache of its own that nobody writes.
        shared_cache: the same without a box: all students' workers read it, and write nothing.
        trusted_cache: the same for workers that run the kit's own code, never in a box.
        box: what goes around workers; None for nothing. Each `Workers` has its own instance of
            it, and each worker a room of its own in there.
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
        box: Boxed | None = None,
        spent: Spent | None = None,
    ) -> None:
        self._spent = spent or Spent()
        self.limits = limits
        self.folder = Path(tempfile.mkdtemp(prefix="jaxercise-"))
        self.watch = Watch(limits)
        self._lock = threading.Lock()
        self._trusted_zygote = None if box else nursery.take()
        self._zygote = box.zygote() if box else self._trusted_zygote
        self._trusted_settings = _settings(self.folder, limits, device, trusted_cache)
        self._settings = (
            _boxed(_settings(Path(SCRATCH), limits, device, None), box.cache, limits)
            if box
            else _settings(self.folder, limits, device, cache)
        )
        if shared_cache is not None and not box:
            self._settings["jax"] |= shared_compilation_cache(shared_cache)
        self._numbers = itertools.count()

    def spawn(self, *, trusted: bool = False) -> Process:
        """A new worker process, with nothing loaded.

        Args:
            trusted: it will run the kit's own code, and shares nothing with students' workers.
        """
        output = self.folder / f"output-{next(self._numbers)}.txt"
        output.touch()
        settings = self._trusted_settings if trusted else self._settings
        with self._spent.on("start"):
            zygote = self._zygote_for(trusted=trusted)
            if zygote is None:
                process = _spawn_alone(output, settings | {"output": str(output)})
            else:
                process = _spawn_forked(zygote, output, settings)
        self.watch.add(process)
        return process

    def _zygote_for(self, *, trusted: bool) -> nursery.Zygote | None:
        with self._lock:
            if trusted and self._trusted_zygote is None:
                self._trusted_zygote = nursery.take()
        return self._trusted_zygote if trusted else self._zygote

    def close(self) -> None:
        """End every worker, and remove what they wrote."""
        self.watch.close()
        with self._lock:
            for zygote in (self._zygote, self._trusted_zygote):
                if zygote is not None:
                    zygote.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _spawn_forked(zygote: nursery.Zygote, output: Path, settings: Mapping[str, Any]) -> Process:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, output.open("ab", buffering=0) as file:
            if settings["room"] is not None:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            forked = zygote.fork(theirs.fileno(), file.fileno(), settings)
        pid = forked if settings["room"] is None else _first_in_room(ours)
        descriptor = ours.detach()
    return Process(descriptor, descriptor, output, lambda gone: zygote.reap(forked, gone), pid)


def _first_in_room(channel: socket.socket) -> int:
    """The id, as this process sees it, of the first process of a worker's namespaces.

    The kernel vouches for it: it comes with the byte that says that the room is closed.
    """
    channel.settimeout(_ROOM_SECONDS)
    data, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(12))
    channel.settimeout(None)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    for level, kind, content in ancillary:
        if data and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, _, _ = struct.unpack("iII", content)
            return int(pid)
    raise RuntimeError("the kit's worker could not be started in its box")


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
        "room": None,
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


def _boxed(settings: dict[str, Any], cache: Path | None, limits: Limits) -> dict[str, Any]:
    """The same in a box, where next to nothing can be written.

    What a worker compiles it keeps to itself, and for as long as it lives.
    """
    settings["room"] = {
        "sizes": {place: limits.files // len(WRITABLE) for place in WRITABLE},
        "sockets": not settings["cpu_only"],
    }
    settings["jax"] |= compilation_cache(Path(SCRATCH) / "compiled")
    settings["compiled"] = None if cache is None else str(cache)
    return settings
