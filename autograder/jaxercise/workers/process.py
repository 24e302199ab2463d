"""A worker process, as the judge holds it: asked, watched and ended."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jaxercise.verdicts import Verdict

#: Who has had a processor for this share of the time has not been kept waiting by other load.
_COMPUTED = 0.75


@dataclass
class Deadline:
    """When a request has taken too long, and the sentence that says so.

    Attributes:
        when: by `time.monotonic`.
        sentence: as above.
        seconds: how long that is after its beginning.
        enough: so many seconds of a processor are enough to be certain of it.
        busy: what its worker had computed when it was first looked at; see `watch.busy`.
    """

    when: float
    sentence: str
    seconds: float
    enough: float
    busy: float | None = None

    @classmethod
    def after(cls, seconds: float, sentence: str, again: float) -> Deadline:
        """So many seconds from now; `again` are what a second try would be given."""
        enough = min(_COMPUTED * seconds, again)
        return cls(time.monotonic() + seconds, sentence, seconds, enough)


@dataclass(frozen=True)
class Broken:
    """A limit that was broken.

    Attributes:
        verdict, sentence: what that comes to.
        certain: no other load of the machine can have been the cause.
    """

    verdict: Verdict
    sentence: str
    certain: bool = False


class Process:
    """A worker process.

    Args:
        incoming, outgoing: the descriptors on which it answers and is asked.
        output: the file that holds what it prints.
        end: kills it with all it has started, and tells its exit code; is told whether it seems to
            have ended by itself.
        pid: the process whose descendants, itself included, are the worker's; 0 if unknown.

    Attributes:
        request: what it is working on; None if it has been asked nothing.
        broken: the limit that it had broken if it was ended for that.
        closed: nobody needs it any more.
    """

    def __init__(
        self, incoming: int, outgoing: int, output: Path, end: Callable[[bool], int], pid: int = 0
    ) -> None:
        self.incoming = incoming
        self.outgoing = outgoing
        self.output = output
        # Opened before any student code runs, which could take the right to open it away.
        self._printed = os.open(output, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.pid = pid
        self.request: Deadline | None = None
        self.broken: Broken | None = None
        self.closed = False
        self._end = end
        self._code: int | None = None
        self._lock = threading.Lock()

    def end(self, *, gone: bool = False) -> int:
        """Kill it; its exit code, or minus the signal that ended it.

        Args:
            gone: it seems to have ended by itself, so it is worth while to wait for how.
        """
        with self._lock:
            if self._code is None:
                self._code = int(self._end(gone))
            return self._code

    @property
    def alive(self) -> bool:
        """False once it has been ended."""
        return self._code is None

    def printed(self, start: int, most: int) -> bytes:
        """What it has printed from some byte on, the last bytes of that."""
        end = os.fstat(self._printed).st_size
        os.lseek(self._printed, max(start, end - most), os.SEEK_SET)  # Windows has no pread
        return os.read(self._printed, most)

    def close(self) -> None:
        self.closed = True
        self.end()
        for descriptor in {self.incoming, self.outgoing, self._printed}:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.output.unlink(missing_ok=True)
