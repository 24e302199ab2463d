"""What a function does on drawn inputs, noted down: the evidence that a diagnosis rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from jaxercise.cache.memory import fingerprint
from jaxercise.claims.claims import Claim
from jaxercise.comparison import Expected, compare
from jaxercise.diagnosis.equivalence import Measured, far
from jaxercise.grading.running import explore
from jaxercise.grading.session import HaltError, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import Reply, WorkerStoppedError


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
        discriminating: it is off by so much that another answer off by as much has the same cause.
    """

    claim: Claim
    asked: list[Asked] = field(default_factory=list)
    refused: bool = False
    discriminating: bool = False

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
    watching = _Watching(session)
    probes: list[Probe] = []

    def each(run: Callable[[], None]) -> None:
        watching.probe = Probe(claim)
        try:
            run()
        finally:
            if watching.probe.asked:
                probes.append(watching.probe)

    explore(claim, watching, examples, lot=number, each=each)
    if watching.stopped:
        raise ProbingError
    return probes


def asked_again(each: Probe, session: Session) -> Probe:
    """What was asked of one function, asked of another.

    Raises:
        ProbingError: the function's process did not survive it.
    """
    watching = _Watching(session)
    watching.probe = Probe(each.claim, refused=each.refused, discriminating=each.discriminating)
    for asked in each.asked:
        if asked.reply is not None:
            watching.call(asked.request, ())
    return watching.probe


class _Watching(Session):
    """A session that notes what is asked and what came back, and goes on where answers differ."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.runner, session.references)
        self.probe: Probe
        self.stopped = False

    def call(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        reply: Reply = self._ask(lambda: self.runner.call(request))
        self._note(request, reply)
        if reply.raised is not None or reply.deleted:
            self.probe.refuse()
        return reply

    def remembered(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        key = fingerprint(request)
        if key in self._replies:
            self._note(request, self._replies[key])
        else:
            self._replies[key] = self.call(request, parameters)
        return self._replies[key]

    def scaling(self, small: Request, large: Request, parameters: tuple[str, ...]) -> Any:
        measured = self._ask(lambda: self.runner.scaling(small, large))
        self.probe.asked.append(
            Asked(fingerprint((small, large)), large, small=small, measured=measured)
        )
        return measured

    def check(
        self,
        value: Any,
        expected: Expected,
        request: Request,
        parameters: tuple[str, ...],
        *,
        meaning: str = "",
        rounding: bool = False,
    ) -> None:
        difference = compare(value, expected)
        if difference is not None:
            self.probe.refuse(
                discriminating=difference.kind != "value" or far(value, expected.value)
            )

    def refuse(self, kind: str, *about: Any, **texts: Any) -> NoReturn:
        self.probe.refuse()
        raise RuntimeError(kind)

    def _note(self, request: Request, reply: Reply) -> None:
        key = fingerprint(request)
        before = sum(asked.key == key for asked in self.probe.asked)
        self.probe.asked.append(Asked(key, request, reply, occurrence=before))

    def _ask(self, ask: Callable[[], Any]) -> Any:
        if self.stopped:
            raise ProbingError
        try:
            return ask()
        except (WorkerStoppedError, HaltError):
            self.stopped = True
            raise ProbingError from None
