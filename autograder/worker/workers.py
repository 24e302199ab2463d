"""Worker processes: starting them with their settings, and ending them."""

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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.caches import compilation_cache
from autograder.compiling import MATMUL_PRECISION, fast_compiler_flags
from autograder.processes import bare_python
from autograder.worker import nursery
from autograder.worker.limits import Limits


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

    def __init__(self, incoming: int, outgoing: int, output: Path, end: Callable[[], int]) -> None:
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
