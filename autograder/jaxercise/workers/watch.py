"""The watch over workers: whoever takes too long, prints too much or grows too large is ended.

One thread watches all workers of the judge, also between two requests: what a submission leaves
running in the background is held to the same limits.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

from jaxercise.sandboxed.limits import Limits
from jaxercise.verdicts import Verdict
from jaxercise.workers.process import Broken, Deadline, Process

_SECONDS = 0.05
_MEMORY_EVERY = 2  # rounds
_PAGE = 4096
#: After this share of its time it is noted what a worker has computed so far: most answer before.
_NOTED = 0.05


class Watch:
    """A thread that looks at workers every few hundredths of a second.

    Args:
        limits: what they may use.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._processes: set[Process] = set()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, process: Process) -> None:
        with self._lock:
            self._processes.add(process)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def end_all(self) -> None:
        """End every worker there is."""
        with self._lock:
            processes = list(self._processes)
        for process in processes:
            process.end()

    def close(self) -> None:
        self._done.set()

    def _run(self) -> None:
        rounds = 0
        while not self._done.wait(_SECONDS):
            rounds += 1
            with self._lock:
                self._processes = {process for process in self._processes if not process.closed}
                processes = list(self._processes)
            for process in processes:
                broken = self._broken(process, look_at_memory=rounds % _MEMORY_EVERY == 0)
                if broken is not None:
                    process.broken = broken
                    process.end()
                    with self._lock:
                        self._processes.discard(process)

    def _broken(self, process: Process, *, look_at_memory: bool) -> Broken | None:
        """The limit that is broken."""
        limits, request = self._limits, process.request
        if request is not None:
            late = _late(process, request)
            if late is not None:
                return late
        flooded = self.flooded(process)
        if flooded is not None:
            return flooded
        if look_at_memory and process.pid and held(process.pid, limits.memory) > limits.memory:
            return Broken(
                Verdict.MEMORY,
                f"your code held more than {limits.memory / 2**30:.3g} GiB of memory",
            )
        return None

    def flooded(self, process: Process) -> Broken | None:
        """The limit on what it may print, if that is broken."""
        if size(process.output) <= self._limits.output:
            return None
        told = f"your code printed more than {self._limits.output >> 20} MiB"
        return Broken(Verdict.FORBIDDEN, f"{told}: take that print out of its loop")


def _late(process: Process, request: Deadline) -> Broken | None:
    """The limit on its time, if a request has broken that.

    It is certain where the worker has computed for nearly as long as it was waited for, or for as
    long as it could in a second try. An endless loop does; who waits for a processor does not.
    """
    left = request.when - time.monotonic()
    if request.busy is None and left < (1 - _NOTED) * request.seconds:
        request.busy = busy(process.pid)
    if left >= 0:
        return None
    computed = busy(process.pid) - (request.busy or 0.0)
    return Broken(Verdict.TIMEOUT, request.sentence, certain=computed >= request.enough)


def size(path: Path) -> int:
    """The size of a file; 0 if it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def held(pid: int, enough: int) -> int:
    """Bytes of memory that a process and its descendants hold together (Linux).

    Pages that several of them share count once, but are told apart only if the sum of all that is
    resident is more than `enough`: telling them apart takes a thousand times as long.
    """
    pids = descendants(pid)
    resident = sum(map(_resident, pids))
    return resident if resident <= enough else sum(map(_share, pids))


def busy(pid: int) -> float:
    """Seconds for which a processor has worked on the first thread of a process (Linux).

    Of the process or of one of its descendants, whichever has had most; 0 where that is not known.
    Other threads do not count: they may wait for each other by computing.
    """
    return max(map(_computed, descendants(pid)), default=0.0) if pid else 0.0


def _computed(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/stat").read_text()
        # Behind the name, which may hold anything, come 11 fields, then user's and system's ticks.
        ticks = told.rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0.0


def descendants(pid: int) -> list[int]:
    """A process and all that it and its descendants have started and that are still there."""
    found, new = [pid], [pid]
    while new:
        children: list[int] = []
        for parent in new:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{parent}/task").iterdir():
                    children += map(int, (task / "children").read_text().split())
        new = [child for child in children if child not in found]
        found += new
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError):
        return 0


def _share(pid: int) -> int:
    """A process's share of the memory it uses: what n processes share is counted as an n-th."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return _resident(pid)
    return 0
