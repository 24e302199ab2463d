"""What a running property stands on: whose function it calls, and how it says that it fails."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NoReturn, Protocol

from jaxercise.claims.pictures import Drawing
from jaxercise.comparison import Expected
from jaxercise.sandboxed.requests import Request
from jaxercise.verdicts import Finding, Picture
from jaxercise.workers.runner import Reply

Parameters = tuple[str, ...]


class RefusedError(Exception):
    """A claim does not hold; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.finding = finding


#: A class of its own for each kind of finding: Hypothesis tells failures apart by their type, and
#: so shrinks a wrong value to a smaller wrong value, not to some exception.
_REFUSED: dict[str, type[RefusedError]] = {}


def refuse(finding: Finding) -> NoReturn:
    """Say that the claim does not hold."""
    kind = _REFUSED.setdefault(finding.kind, type("RefusedError", (RefusedError,), {}))
    raise kind(finding)


class ClaimContext(Protocol):
    """What properties ask of whoever runs them; `jaxercise.grading.session.Session` is one.

    Attributes:
        compared: how many comparisons and measurements have come out well so far.
        told: what claims tell their author about themselves.
        last: the call that was made last.
    """

    compared: int
    told: list[str]
    last: Request | None

    def call(self, request: Request, parameters: Parameters) -> Reply:
        """Call the student's function."""
        ...

    def remembered(self, request: Request, parameters: Parameters) -> Reply:
        """As `call`, but what has been told already is not asked again."""
        ...

    def expected(self, request: Request) -> Expected:
        """What the reference says."""
        ...

    def remembered_with_expected(
        self, request: Request, parameters: Parameters
    ) -> tuple[Expected, Reply]:
        """Both."""
        ...

    def check(
        self,
        value: Any,
        expected: Expected,
        request: Request,
        parameters: Parameters,
        *,
        meaning: str = "",
        rounding: bool = False,
        drawing: Drawing | None = None,
        needed: bool = False,
    ) -> None:
        """Compare a returned value with the expected one."""
        ...

    def scaling(self, small: Request, large: Request, parameters: Parameters) -> Any:
        """What two calls of different batch sizes cost."""
        ...

    def refuse(
        self,
        kind: str,
        sentence: str,
        request: Request,
        parameters: Parameters,
        *,
        returned: str = "",
        picture: Callable[[], Picture] | None = None,
    ) -> NoReturn:
        """Say that the claim does not hold for this request."""
        ...


_current: ContextVar[ClaimContext] = ContextVar("judging")


def current() -> ClaimContext:
    """Whoever runs the property that is running."""
    try:
        return _current.get()
    except LookupError:
        raise RuntimeError("properties are run by the grader: `pytest autograder/`") from None


def run_about(judging: ClaimContext, run: Callable[[], None]) -> None:
    """Run something in which properties ask this one."""
    token = _current.set(judging)
    try:
        run()
    finally:
        _current.reset(token)
