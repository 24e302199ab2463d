"""The judge's side of the zygote: the process from which workers are forked (Linux)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any

from autograder.processes import bare_python

#: What a worker's process may know of this one's environment.
_KEPT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "CUDA_VISIBLE_DEVICES")


class Zygote:
    """A process that has imported jax and forks workers on demand.

    Starting it returns at once: it imports while the judge does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has failed
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*bare_python("autograder.worker.zygote"), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,  # Ctrl-C is the judge's to handle
            )

    def fork(self, descriptor: int, settings: Mapping[str, Any]) -> int:
        """Fork a worker that serves on a socket's descriptor; its process id."""
        return int(self._order({"fork": settings}, descriptor))

    def reap(self, pid: int) -> int:
        """Kill a worker with all it has started; its exit code, or minus the signal."""
        return int(self._order({"reap": pid}))

    def close(self) -> None:
        """End it, and with it every worker that is left."""
        with self._lock:
            self._closed = True
            self._orders.close()
            self._process.kill()
            self._process.wait()
            self._log.close()

    def _order(self, order: Mapping[str, Any], *descriptors: int) -> Any:
        with self._lock:
            if self._closed:
                return 0  # all workers are dead already
            try:
                socket.send_fds(self._orders, [json.dumps(order).encode()], list(descriptors))
                return json.loads(self._orders.recv(1 << 16))
            except (OSError, ValueError) as error:
                self._log.seek(0)
                log = self._log.read().decode(errors="replace")[-2000:]
                raise RuntimeError(f"the kit's worker could not be started\n{log}") from error


def environment() -> dict[str, str]:
    """The environment for a process that will run student code."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


_prepared: list[Zygote] = []


def prepare() -> None:
    """Start a zygote that the next `take` will return: the earlier, the more it overlaps."""
    if sys.platform.startswith("linux") and not _prepared:
        _prepared.append(Zygote())


def take() -> Zygote | None:
    """A zygote; None on systems that have none."""
    prepare()
    return _prepared.pop() if _prepared else None


def discard() -> None:
    """End what was prepared and is not needed."""
    while _prepared:
        _prepared.pop().close()
