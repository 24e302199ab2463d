"""What a function does on drawn inputs, noted down: the evidence that a diagnosis rests on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.claims import Claim
from jaxercise.comparison import Difference, Expected
from jaxercise.diagnosis.equivalence import Measured, far
from jaxercise.grading.running import explore
from jaxercise.grading.session import HaltError, Listener, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import Reply, WorkerStoppedError, asked_twice


@dataclass(frozen=True)
class Asked:
    """One thing that was asked of a function.

    Attributes:
        key: the request's fingerprint.
        request: the call.
        reply: what came back; None where its scaling was measured.
        small: for a measurement, the call with the smaller batch.
        measured: the measurement.
        occurrence: how often the same had been asked in this probe before.
    """

    key: str
    request: Request
    reply: Reply | None = None
    small: Request | None = None
    measured: Measured | None = None
    occurrence: int = 0


@dataclass
class Probe:
    """A claim tried on one drawn input.

    Attributes:
        claim: which.
        asked: all that was asked of the function.
        refused: the claim does not hold there.
        compared: calls, with what came back and what was due.
        discriminating: it is off by so much that another answer off by as much has the same cause.
    """

    claim: Claim
    asked: list[Asked] = field(default_factory=list)
    refused: bool = False
    discriminating: bool = False
    compared: list[tuple[Request, Any, Expected]] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether anything came back but exceptions."""
        return any(one.reply is None or one.reply.raised is None for one in self.asked)

    def refuse(self, *, discriminating: bool = True) -> None:
        """Note that the claim does not hold."""
        self.refused = True
        self.discriminating |= discriminating


class ProbingError(Exception):
    """The function's process is gone, so nothing more can be found out."""


def probe(claim: Claim, session: Session, examples: int, number: int) -> list[Probe]:
    """Try a claim on inputs other than those it is judged on.

    Args:
        claim: which.
        session: about whom.
        examples: how many inputs; one where the claim draws none.
        number: which lot of inputs: they are the same for every submission and every seed.

    Raises:
        ProbingError: the function's process did not survive it.
    """
    watching = _Watching()
    probes: list[Probe] = []

    def each(run: Callable[[], None]) -> None:
        watching.probe = Probe(claim)
        try:
            run()
        finally:
            if watching.probe.asked:
                probes.append(watching.probe)

    watched = session.listened(watching)
    try:
        explore(claim, watched, examples, lot=number, each=each)
    except HaltError:
        raise ProbingError from None
    return probes


def asked_again(each: Probe, session: Session) -> Probe:
    """What was asked of one function, asked of another.

    Raises:
        ProbingError: the function's process did not survive it.
    """
    watching = _Watching()
    watching.probe = Probe(each.claim, refused=each.refused, discriminating=each.discriminating)
    for asked in each.asked:
        if asked.reply is not None:
            try:
                reply = asked_twice(functools.partial(session.runner.call, asked.request))
            except WorkerStoppedError:
                raise ProbingError from None
            watching.replied(asked.request, reply)
    return watching.probe


class _Watching(Listener):
    """Notes what is asked and what came back, and how far off it is."""

    def __init__(self) -> None:
        self.probe: Probe

    def replied(self, request: Request, reply: Reply) -> None:
        key = fingerprint(request)
        before = sum(asked.key == key for asked in self.probe.asked)
        self.probe.asked.append(Asked(key, request, reply, occurrence=before))
        if reply.raised is not None or reply.deleted or reply.altered:
            self.probe.refuse()

    def measured(self, small: Request, large: Request, measured: Measured) -> None:
        key = fingerprint((small, large))
        self.probe.asked.append(Asked(key, large, small=small, measured=measured))

    def compared(self, value: Any, expected: Expected, difference: Difference | None) -> None:
        if self.probe.asked:
            self.probe.compared.append((self.probe.asked[-1].request, value, expected))
        if difference is not None:
            self.probe.refuse(
                discriminating=difference.kind != "value" or far(value, expected.value)
            )

    def refused(self) -> None:
        self.probe.refuse()
