"""The forkserver: a process that has imported jax, and forks a worker for each exercise file.

Importing jax once serves all eight files. It starts no backend (forking a process with a live one
hangs) and runs no student code itself, so each worker begins in the same clean state: what one
file does to JAX's settings never reaches another.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from jaxercise.sandboxed import isolation, warming
from jaxercise.sandboxed.serving import begin, import_what_students_import

_CHILD_SUBREAPER, _PDEATHSIG = 36, 1  # prctl(2)


def main() -> None:
    """Serve orders from the socket whose descriptor is `argv[1]` until the judge hangs up.

    Orders are JSON datagrams. `{"fork": settings}`, with a worker's socket and the file for its
    output attached, is answered by the worker's process id, or by a text that says why there is
    none; `{"reap": pid, "gone": bool}` by how it ended: an exit code, or a negative signal number.
    """
    _serve()
    os._exit(0)  # the judge waits, and an interpreter takes a while to take JAX apart


def _serve() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # fork beside idle NumPy threads is fine
    orders = socket.socket(fileno=int(sys.argv[1]))
    # What a worker leaves behind becomes a child of this process, which ends it.
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1)
    import_what_students_import()
    workers: dict[int, isolation.IsolatedWorker | None] = {}
    idle = warming.tasks()
    try:
        while True:
            while not select.select([orders], [], [], 0)[0] and (task := next(idle, None)):
                task()
            data, descriptors, _, _ = socket.recv_fds(orders, 1 << 16, 2)
            if not data:
                return
            order = json.loads(data)
            answer: Any
            if "fork" in order:
                answer = _fork(workers, orders, descriptors, order["fork"])
                for descriptor in descriptors:
                    os.close(descriptor)
            else:
                answer = _reap(workers, order["reap"], gone=order["gone"])
            orders.send(json.dumps(answer).encode())
    except OSError:  # the judge is gone
        return
    finally:
        for pid in list(workers):
            _reap(workers, pid, gone=False)


def _fork(
    workers: dict[int, isolation.IsolatedWorker | None],
    orders: socket.socket,
    descriptors: list[int],
    settings: dict[str, Any],
) -> int | str:
    channel, output = descriptors

    def work() -> None:
        isolation.close_all_but(channel, output)
        begin(channel, channel, {**settings, "output": output})

    if settings["isolation"] is not None:
        try:
            made = isolation.enter(work, settings["isolation"], channel)
        except (OSError, RuntimeError) as error:
            return str(error)
        workers[made.guard] = made
        return made.guard
    pid = os.fork()
    if pid:
        workers[pid] = None
        return pid
    status = 1
    try:
        orders.detach()
        os.setsid()
        # However the forkserver ends, its workers end with it.
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
        work()
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _reap(workers: dict[int, isolation.IsolatedWorker | None], pid: int, *, gone: bool) -> int:
    """Kill a worker with everything it has started."""
    if pid not in workers:
        return 0
    made = workers.pop(pid)
    if made is not None:
        return made.end(gone=gone)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)  # a new one may have no group of its own yet
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return 0
    _end_orphans(workers)
    return os.waitstatus_to_exitcode(status)


def _end_orphans(workers: dict[int, isolation.IsolatedWorker | None]) -> None:
    """Kill the processes that workers have started and left; what those have left follows."""
    for _ in range(100):
        orphans = _children() - set(workers)
        if not orphans:
            return
        for pid in orphans:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= set(map(int, (task / "children").read_text().split()))
    return found
