"""User ids for sandboxes: no two live ones share one, whichever process has opened them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import tempfile
import time
from pathlib import Path

#: Where no distribution has accounts, and where container tools take none.
FIRST, COUNT = 2_000_000_000, 4096
_GONE_SECONDS = 10.0


class UidError(Exception):
    """There is no uid to be had; the message says why."""


class Uid:
    """A user id that nobody else uses while this is held.

    Attributes:
        number: the id, of a user and of a group that have no account.

    Raises:
        UidError: none is free, or this process may not take others on.
    """

    def __init__(self) -> None:
        if not _mapped():
            raise UidError("this container has no user ids to give away")
        folder = _folder()
        for number in range(FIRST, FIRST + COUNT):
            self._lock = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
                continue
            self.number = number
            return
        raise UidError(f"all {COUNT} user ids for sandboxes are in use")

    def release(self) -> None:
        """Give it back, once no process has it any more."""
        deadline = time.monotonic() + _GONE_SECONDS
        while (left := processes_of(self.number)) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        if not left:  # else it stays locked as long as this process lives
            os.close(self._lock)


def processes_of(uid: int) -> list[int]:
    """The processes that run as a user."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == uid and not _zombie(process):
                found.append(int(process.name))
    return found


def _zombie(process: Path) -> bool:
    return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _folder() -> Path:
    """Where the locks lie: root's own folder, that no other user can prepare."""
    parent = Path("/run/lock") if Path("/run/lock").is_dir() else Path(tempfile.gettempdir())
    folder = parent / "jaxercise-uids"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise UidError(f"{folder} belongs to somebody else; remove it")
    return folder


def _mapped() -> bool:
    """True if the ids exist here: in a user namespace some do not."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        inside, _, count = map(int, line.split())
        if inside <= FIRST and inside + count >= FIRST + COUNT:
            return True
    return False
