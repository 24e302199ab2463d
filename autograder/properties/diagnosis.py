"""Which misconception a wrong answer looks like.

The misconceptions of the function are run on a handful of drawn inputs, in a worker of their own,
and what they return is held against what the student's function returned there. One is named only
if it alone agrees on all of them, and differs from the right answer on some: to say nothing is
better than to say something wrong.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from autograder.comparison import Expected, compare
from autograder.misconceptions import Misconception, file_text, misconceptions
from autograder.properties.answers import fingerprint
from autograder.properties.claims import Claim
from autograder.properties.running import explore
from autograder.properties.session import Session
from autograder.worker.bench import Bench, Reply, Request, WorkerStoppedError

#: Inputs to compare on, and how many have to tell a misconception from the right answer.
_INPUTS = 6
_TELLING = 2
#: How far two programs with the same idea may differ, relative to the largest entry.
_CLOSE = 1e-4


@dataclass
class _Sighting:
    """What a student's function returned for a request, and whether that was right."""

    request: Request
    reply: Reply
    expected: Expected | None


class Diagnostician:
    """Names misconceptions about the functions of one exercise.

    Args:
        exercise: its name.
        open_bench: makes a bench, to run the misconceptions on.
    """

    def __init__(self, exercise: str, open_bench: Callable[[], Bench]) -> None:
        self._exercise = exercise
        self._open_bench = open_bench
        self._bench: Bench | None = None
        self._all: list[Misconception] | None = None

    def diagnose(self, claim: Claim, session: Session) -> Misconception | None:
        """The misconception behind a claim that does not hold; None if nothing is certain."""
        candidates = [one for one in self._known() if one.of == claim.function.name]
        if not candidates:
            return None
        sightings = _sightings(claim, session)
        if sum(not _right(sighting) for sighting in sightings) < _TELLING:
            return None
        fitting = list(itertools.islice(self._fitting(candidates, sightings), 2))
        return fitting[0] if len(fitting) == 1 else None

    def close(self) -> None:
        if self._bench is not None:
            self._bench.close()

    def _known(self) -> list[Misconception]:
        if self._all is None:
            self._all = misconceptions(self._exercise)
        return self._all

    def _fitting(
        self, candidates: Sequence[Misconception], sightings: Sequence[_Sighting]
    ) -> Iterator[Misconception]:
        # Wrong answers first: they rule out most candidates at once.
        ordered = sorted(sightings, key=_right)
        for candidate in candidates:
            with contextlib.suppress(WorkerStoppedError):
                if all(self._agrees(candidate, sighting) for sighting in ordered):
                    yield candidate

    def _agrees(self, candidate: Misconception, sighting: _Sighting) -> bool:
        request = replace(sighting.request, function=candidate.name)
        reply = self._opened().call(replace(request, under=request.under or "jit"))
        if reply.raised is not None and not request.under:
            reply = self._opened().call(request)  # some cannot be traced
        return _same(reply, sighting.reply)

    def _opened(self) -> Bench:
        if self._bench is None:
            self._bench = self._open_bench()
            self._bench.load("misconceptions", [file_text(self._exercise)])
        return self._bench


class _Watching(Session):
    """A session that notes what is called and what was expected, and refuses nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.bench, session.references)
        self.seen: dict[str, _Sighting] = {}

    def call(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        reply = self.bench.call(request)
        self.seen[fingerprint(request)] = _Sighting(request, reply, None)
        return reply

    def check(
        self,
        value: Any,
        expected: Expected,
        request: Request,
        parameters: tuple[str, ...],
        *,
        meaning: str = "",
    ) -> None:
        self.seen[fingerprint(request)].expected = expected

    def refuse(self, kind: str, *about: Any, **texts: Any) -> NoReturn:
        raise RuntimeError(kind)


def _sightings(claim: Claim, session: Session) -> list[_Sighting]:
    watching = _Watching(session)
    explore(claim, watching, _INPUTS)
    return [one for one in watching.seen.values() if one.expected is not None]


def _right(sighting: _Sighting) -> bool:
    if sighting.reply.raised is not None or sighting.expected is None:
        return False
    return compare(sighting.reply.value, sighting.expected) is None


def _same(one: Reply, other: Reply) -> bool:
    if one.raised is not None or other.raised is not None:
        return (
            one.raised is not None
            and other.raised is not None
            and (one.raised.type, one.raised.message) == (other.raised.type, other.raised.message)
        )
    return _equal(one.value, other.value)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list) and type(one) is type(other):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if one.dtype.kind != "f":
            return bool(np.array_equal(one, other))
        finite = np.abs(one[np.isfinite(one)])
        scale = float(finite.max()) if finite.size else 0.0
        return bool(np.allclose(one, other, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True))
    return type(one) is type(other) and repr(one) == repr(other)
