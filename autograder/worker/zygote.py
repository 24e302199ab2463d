"""The zygote: a process that has imported jax, and forks a worker for each exercise file.

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
from typing import Any

from autograder.worker import warming
from autograder.worker.serving import begin, import_what_students_import


def main() -> None:
    """Serve orders from the socket whose descriptor is `argv[1]` until the judge hangs up.

    Orders are JSON datagrams: `{"fork": ...}` with a worker's socket attached is answered by its
    process id; `{"reap": pid}` by how it ended: an exit code, or a negative signal number.
    """
    warnings.simplefilter("ignore", DeprecationWarning)  # fork beside idle NumPy threads is fine
    orders = socket.socket(fileno=int(sys.argv[1]))
    import_what_students_import()
    idle = warming.tasks()
    try:
        while True:
            while not select.select([orders], [], [], 0)[0] and (task := next(idle, None)):
                task()
            data, descriptors, _, _ = socket.recv_fds(orders, 1 << 16, 1)
            if not data:
                return
            order = json.loads(data)
            if "fork" in order:
                pid = _fork(orders, descriptors[0], order["fork"])
                os.close(descriptors[0])
                answer = pid
            else:
                answer = _reap(order["reap"])
            orders.send(json.dumps(answer).encode())
    except OSError:  # the judge is gone
        return


def _fork(orders: socket.socket, descriptor: int, settings: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        orders.close()
        os.setsid()
        _die_with_parent()
        begin(descriptor, descriptor, settings)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _die_with_parent() -> None:
    """However the zygote ends, its workers end with it (Linux, prctl(2): PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _reap(pid: int) -> int:
    _kill(pid)
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status)


def _kill(pid: int) -> None:
    """Kill a worker with everything it has started in its session; a dead one is no error."""
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
