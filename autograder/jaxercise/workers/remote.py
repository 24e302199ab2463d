"""Student code in a process of its own, asked, watched and killed from here."""

from __future__ import annotations

import re
import secrets
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.texts import printable
from jaxercise.sandboxed.wire import frames
from jaxercise.verdicts import Verdict
from jaxercise.workers import runner
from jaxercise.workers.process import Broken, Deadline, Process
from jaxercise.workers.runner import Raised, Reply, WorkerStoppedError
from jaxercise.workers.watch import size
from jaxercise.workers.workers import Workers

_T = TypeVar("_T")

_TAIL = 5000
#: How many lines are told of where it was, besides the graded function's.
_MOST_INNER = 3
#: What the stack begins with that is printed when time is nearly up, a call in it, and its length.
#: Student code can print as much: what is told are lines of its own, at most.
_STACK, _LONGEST = "Timeout (", 1 << 16
_FRAME = re.compile(r'File "([^"\n]{1,400})", line (\d{1,7})')


class RemoteRunner:
    """One exercise file in a worker process; a new process takes over where one has died.

    Another file that is loaded takes the place of the first, in the same process: for bodies of
    the course's own. Students' files have a runner each.
    """

    def __init__(self, workers: Workers, *, trusted: bool = False) -> None:
        self._workers = workers
        self._trusted = trusted
        self._limits = workers.limits
        self.process: Process | None = None
        self._file: tuple[str, Sequence[str]] | None = None
        self._seen: set[tuple[Any, ...]] = set()
        self._told = 0
        self._waited: dict[str, float] = {}
        self._stood: dict[str, tuple[tuple[str, int, str], ...]] = {}

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        if self._file != (name, cells):
            self._file = (name, cells)
            self._waited.clear()
            self._stood.clear()
        return self._start()

    def _start(self) -> tuple[frozenset[str], tuple[Raised, ...]]:
        assert self._file is not None
        name, cells = self._file
        if self.process is None:
            self.process = self._workers.spawn(trusted=self._trusted)
        self._seen.clear()
        header = {"ask": "load", "name": name, "cells": list(cells)}
        return self._checked(runner.loaded, self._ask(header, {}, self._limits.load)[0])

    def call(self, request: Request) -> Reply:
        arrays: dict[str, frames.Array] = {}
        header = request.encode(arrays)
        if self.process is None:
            self._start()
        answer = self._ask(header, arrays, self._seconds(request), request.function)
        return replace(self._checked(runner.reply, *answer), printed=self._output())

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        arrays: dict[str, frames.Array] = {}
        calls = [one.encode(arrays) for one in (small, large)]
        header = {"ask": "scaling", "calls": calls}
        seconds = 2 * self._limits.first_call
        return self._checked(runner.scaling, self._ask(header, arrays, seconds, small.function)[0])

    def _seconds(self, request: Request) -> float:
        shapes = request.shapes()
        if shapes in self._seen:
            return self._limits.later_call
        self._seen.add(shapes)
        return self._limits.first_call

    def _ask(
        self,
        header: dict[str, Any],
        arrays: Mapping[str, frames.Array],
        seconds: float,
        function: str = "",
    ) -> tuple[dict[str, Any], dict[str, frames.Array]]:
        if self.process is None:
            self._start()
        process = self.process
        assert process is not None
        self._told = size(process.output)
        # An answer sent before its question was asked does not know the question's number.
        number = secrets.randbits(62)
        process.request = self._deadline(seconds, function)
        start = time.monotonic()
        left = max(process.request.when - start, 0.1)
        try:
            frames.send(process.outgoing, {**header, "id": number, "seconds": left}, arrays)
            answer, answered = frames.receive(process.incoming)
            if answer.pop("id", None) != number:
                raise frames.ProtocolError("an answer to no question")
            flooded = self._workers.watch.flooded(process)
            if flooded is None:
                return answer, answered
            process.broken, code = flooded, 0
        except frames.ClosedError:
            code = process.end(gone=True)
        except frames.ProtocolError as error:
            raise self._stopped(_no_answer(error)) from None
        finally:
            process.request = None
            self._waited[function] = self._waited.get(function, 0.0) + time.monotonic() - start
        raise self._stopped(process.broken or _cause(code, self._limits), function)

    def _deadline(self, seconds: float, function: str) -> Deadline:
        """When the answer is due: also what is always quick enough ends some day."""
        own = self._waited.get(function, 0.0)
        share = (self._limits.exercise - sum(self._waited.values()) + own) / 2
        left = seconds if self._trusted else share - own
        if left < seconds:
            what = f"the calls of {function}" if function else "the lines outside of all functions"
            return Deadline.after(left, f"{what} took more than {share:.3g} s together", 0.0)
        sentence = f"your code did not finish within {seconds:.3g} s"
        return Deadline.after(seconds, sentence, seconds if self._trusted else left - seconds)

    def _stopped(self, broken: Broken, function: str = "") -> WorkerStoppedError:
        verdict, message = broken.verdict, broken.sentence
        printed = self._output()
        lines: tuple[tuple[str, int, str], ...] = ()
        if verdict == Verdict.TIMEOUT:
            # A second chance may be too short for a stack.
            lines = self._stood[function] = self._lines() or self._stood.get(function, ())
        self.close()
        if "bad_alloc" in printed or "Out of memory" in printed:
            verdict, message = Verdict.MEMORY, "your code ran out of memory"
        told = f"{message}. Then it was here:" if lines else message
        tells = verdict in (Verdict.TIMEOUT, Verdict.FORBIDDEN)  # others print what JAX has to say
        return WorkerStoppedError(
            verdict,
            told,
            lines,
            printed=_whole_lines(printed) if tells else "",
            certain=broken.certain,
        )

    def _lines(self) -> tuple[tuple[str, int, str], ...]:
        """Where the student's code was when its time was nearly up, outermost first."""
        assert self._file is not None
        name, cells = self._file
        found = []
        for file, number in _FRAME.findall(self._printed(_LONGEST).rpartition(_STACK)[2]):
            line = int(number)
            own = [one for i, one in enumerate(cells, 1) if file in (name, f"{name}, cell {i}")]
            code = [
                text for one in own for text in one.split("\n")[line - 1 : line] if text.strip()
            ]
            found += [(file, line, runner.clipped(code[0].strip()))] if code and line else []
        found.reverse()
        return (*found[:1], *found[1:][-_MOST_INNER:])

    def _checked(self, decode: Callable[..., _T], *answer: Any) -> _T:
        try:
            return decode(*answer)
        except frames.ProtocolError as error:
            raise self._stopped(_no_answer(error)) from None

    def _output(self) -> str:
        """The tail of what the code has printed since it was asked last."""
        return self._printed(_LONGEST).partition(_STACK)[0][-_TAIL:]

    def _printed(self, most: int) -> str:
        if self.process is None or size(self.process.output) <= self._told:
            return ""
        return printable(self.process.printed(self._told, most).decode(errors="replace"))

    def close(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None


def _cause(code: int, limits: Limits) -> Broken:
    """What to say of a worker that ended by itself."""
    if code == -getattr(signal, "SIGXCPU", 0):
        sentence = f"your code used more than {limits.cpu} s of processor time"
        return Broken(Verdict.TIMEOUT, sentence)
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        signalled = f"your code ended its process: signal {names.get(-code, -code)}"
        return Broken(Verdict.CRASHED, signalled)
    return Broken(Verdict.CRASHED, f"your code ended its process, with exit code {code}")


def _whole_lines(text: str) -> str:
    """A tail of what was printed, without parts of lines: it may end anywhere, and begin there."""
    whole = text[text.find("\n") + 1 :] if len(text) == _TAIL else text
    return whole[: whole.rfind("\n") + 1] or text


def _no_answer(error: frames.ProtocolError) -> Broken:
    return Broken(Verdict.FORBIDDEN, f"the worker broke the protocol: {error}")
