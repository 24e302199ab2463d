"""The judge's side of the forkserver: the process from which workers are forked (Linux)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaxercise.processes import bare_python

#: What a worker's process may know of this one's environment.
_KEPT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "CUDA_VISIBLE_DEVICES")
_END_SECONDS = 5.0
#: A variable that, set, has each worker be a new process, as on systems without fork.
NO_FORK = "JAXERCISE_NO_FORK"


class ForkServer:
    """A process that has imported jax and forks workers on demand.

    Starting it returns at once: it imports while the judge does.

    Args:
        launcher: the command that runs its command in a sandbox; empty for none.
        closed: called when it is gone.
    """

    def __init__(
        self, launcher: Sequence[str] = (), closed: Callable[[], None] = lambda: None
    ) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._used = False
        self._sandboxed = bool(launcher)  # a sandbox ends as a whole
        self._when_closed = closed
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has failed
        self._orders, theirs = socket.socketpair()
        with theirs:
            python = [*bare_python("jaxercise.sandboxed.forkserver"), str(theirs.fileno())]
            self._process = subprocess.Popen(
                [*launcher, *python],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,  # Ctrl-C is the judge's to handle
            )

    def fork(self, descriptor: int, output: int, settings: Mapping[str, Any]) -> int:
        """Fork a worker that serves on a socket's descriptor and prints to a file's.

        Raises:
            RuntimeError: it cannot be started.
        """
        answer = self._order({"fork": settings}, descriptor, output)
        if isinstance(answer, str):
            raise RuntimeError(f"a worker could not be started\n{answer}")
        return int(answer)

    def reap(self, pid: int, gone: bool) -> int:
        """Kill a worker with all it has started; its exit code, or minus the signal.

        Args:
            pid: its process id.
            gone: it seems to have ended by itself.
        """
        try:
            return int(self._order({"reap": pid, "gone": gone}))
        except RuntimeError:  # it is gone itself, and its workers with it
            return -signal.SIGKILL

    @property
    def alive(self) -> bool:
        """Whether it still serves; what kills it (a machine out of memory) does not ask."""
        return not self._closed and self._process.poll() is None

    def close(self) -> None:
        """End it, and with it every worker that is left."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._orders.close()
            if self._used and not self._sandboxed:  # it ends what workers have left, then itself
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_END_SECONDS)
            self._process.kill()
            self._process.wait()
            self._log.close()
        self._when_closed()

    def _order(self, order: Mapping[str, Any], *descriptors: int) -> Any:
        with self._lock:
            if self._closed:
                return 0  # all workers are dead already
            self._used = True
            try:
                socket.send_fds(self._orders, [json.dumps(order).encode()], list(descriptors))
                return json.loads(self._orders.recv(1 << 16))
            except (OSError, ValueError) as error:
                self._log.seek(0)
                log = self._log.read().decode(errors="replace")[-2000:]
                raise RuntimeError(f"a worker could not be started\n{log}") from error


def environment() -> dict[str, str]:
    """The environment for a process that will run student code."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


_prepared: list[ForkServer] = []


def prepare() -> None:
    """Start a forkserver that the next `take` will return: the earlier, the more it overlaps."""
    forks = sys.platform.startswith("linux") and not os.environ.get(NO_FORK)
    if forks and not _prepared:
        _prepared.append(ForkServer())


def take() -> ForkServer | None:
    """A forkserver; None on systems that have none."""
    prepare()
    return _prepared.pop() if _prepared else None


def discard() -> None:
    """End what was prepared and is not needed."""
    while _prepared:
        _prepared.pop().close()
