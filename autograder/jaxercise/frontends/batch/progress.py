"""How far a batch is: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from jaxercise.verdicts import Verdict

_LINE_SECONDS = 30.0
#: Before that, nobody can tell how fast it is: what is broken is told of at once.
_RATE_SECONDS = 5.0


class Counting:
    """What both forms of progress know."""

    def __init__(self) -> None:
        self.total = self.finished = self._kept = self._to_try = 0
        self.verdicts: Counter[str] = Counter()
        self._start = time.monotonic()

    def begin(self, total: int) -> None:
        """So many submissions are there."""
        self.total = total
        self._start = time.monotonic()

    def kept(self, verdicts: Counter[str]) -> None:
        """One was graded by an earlier run."""
        self._kept += 1
        self.finished += 1
        self.verdicts += verdicts

    def graded(self, verdicts: Counter[str], *, again: bool) -> None:
        """One is graded; `again` where it was told of before, and is final now."""
        if not again:
            self.finished += 1
            self.verdicts += verdicts
        self.show()

    def alone(self, count: int) -> None:
        """From here on so many are tried alone."""
        self._to_try = count
        self.show()

    def show(self) -> None:
        """Tell how far it is."""

    def close(self) -> None:
        """There is nothing more to tell."""

    @property
    def told(self) -> str:
        """Counts of verdicts, the rate and the time left, in a line."""
        parts = [f"{self.verdicts[one]} {one}" for one in reversed(Verdict) if self.verdicts[one]]
        seconds, done = time.monotonic() - self._start, self.finished - self._kept
        if done and seconds > _RATE_SECONDS:
            left = (self.total - self.finished) * seconds / done
            parts.append(f"{60 * done / seconds:.0f} a minute")
            if left:
                parts.append(f"{_duration(left)} left")
        if self._to_try:
            parts.append(f"{self._to_try} tried once more, alone")
        return " · ".join(parts)


class Bar(Counting):
    """A bar that is drawn anew in its place."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._bar = Progress(
            BarColumn(24),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=stream),
        )
        self._task = self._bar.add_task("", total=None)

    def begin(self, total: int) -> None:
        super().begin(total)
        self._bar.update(self._task, total=total)
        self._bar.start()

    def show(self) -> None:
        self._bar.update(self._task, completed=self.finished, description=self.told)

    def close(self) -> None:
        self._bar.stop()


class Lines(Counting):
    """A line for every tenth of the course, and not much more often than that."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._tenths = 0
        self._last = time.monotonic()

    def begin(self, total: int) -> None:
        super().begin(total)
        self._last = time.monotonic()

    def show(self) -> None:
        tenths = 10 * self.finished // max(1, self.total)
        overdue = time.monotonic() - self._last > _LINE_SECONDS
        if tenths > self._tenths or overdue:
            self._tenths, self._last = tenths, time.monotonic()
            print(f"{self.finished} of {self.total}: {self.told}", file=self._stream, flush=True)


def progress(stream: TextIO | None = None) -> Counting:
    """What fits the stream, standard error by default."""
    stream = stream or sys.stderr
    return Bar(stream) if stream.isatty() else Lines(stream)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {int(seconds):02d} s" if minutes else f"{int(seconds)} s"
