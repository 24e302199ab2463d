"""The one narrow interface through which student code is reached.

Plain arrays, integers and functions described by arrays go in, plain arrays come out. What stands
behind it (another process, a sandbox, this process under a debugger) is no concern of the
properties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.scaling import SIGNS
from jaxercise.sandboxed.texts import printable
from jaxercise.sandboxed.wire.frames import Array, ProtocolError
from jaxercise.sandboxed.wire.values import decode_result
from jaxercise.verdicts import Verdict

_T = TypeVar("_T")
_CODE_WIDTH = 60
_MOST_COUNTED = 1 << 62
_MOST_NAMES = 10_000
_MOST_ERRORS = 100


@dataclass(frozen=True)
class Raised:
    """An exception of student code.

    Attributes:
        type: the exception's type name.
        message: its text.
        frames: the student's own lines it came through, outermost first: (file, line, code).
        not_implemented: it says that the function has not been written.
        memory: it says that memory ran out.
    """

    type: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()
    not_implemented: bool = False
    memory: bool = False


@dataclass(frozen=True)
class Reply:
    """What came back from a call.

    Attributes:
        value: nested tuples and lists of plain arrays and scalars.
        raised: the exception, if there was one.
        calls: how often each passed-in function was called.
        deleted: an argument did not survive.
        altered: a dict or list that was passed in was changed.
        settled: of a call under that step, how often JAX traced something once more, and how many
            operations stand outside of one compiled function; None of what cannot be traced.
        printed: the tail of what was printed during the call.
    """

    value: Any = None
    raised: Raised | None = None
    calls: tuple[int, ...] = ()
    deleted: bool = False
    altered: bool = False
    settled: tuple[int, int | None] | None = None
    printed: str = ""


class WorkerStoppedError(Exception):
    """The worker is no more: killed for breaking a limit, or gone by itself.

    Attributes:
        verdict: `timeout`, `memory`, `forbidden` or `crashed`.
        lines: where the student's code was, as in `Raised`; empty where that is not known.
        printed: the tail of what was printed; empty where that need not be the code's own.
        certain: it is the code's doing: there is no need to try once more.
    """

    def __init__(
        self,
        verdict: Verdict,
        message: str,
        lines: tuple[tuple[str, int, str], ...] = (),
        *,
        printed: str = "",
        certain: bool = False,
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.lines = lines
        self.printed = printed
        self.certain = certain


def asked_twice(ask: Callable[[], _T]) -> _T:
    """What comes of asking; once more, where that has ended a process.

    Something else may have ended it (the kernel, for want of memory). Where functions are judged
    there are other second chances; this is for what is found out about them besides.

    Raises:
        WorkerStoppedError: it came to nothing both times, or broke a limit.
    """
    try:
        return ask()
    except WorkerStoppedError as error:
        if error.verdict != Verdict.CRASHED:
            raise
        return ask()


class Runner(Protocol):
    """One exercise file of one submission, loaded and ready for calls."""

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        """Execute the file; the names it defines, and what its cells raised."""
        ...

    def call(self, request: Request) -> Reply:
        """Call one of its functions."""
        ...

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        """What two calls cost that differ in their batch sizes alone."""
        ...

    def close(self) -> None:
        """End it, and whatever it has started."""
        ...


def loaded(header: Mapping[str, Any]) -> tuple[frozenset[str], tuple[Raised, ...]]:
    """An answer to `load`, checked.

    Raises:
        ProtocolError: it is none.
    """
    names, errors = header.get("names"), header.get("errors")
    if not isinstance(names, list) or not isinstance(errors, list):
        raise ProtocolError("no answer to a load")
    if len(names) > _MOST_NAMES or not all(isinstance(name, str) for name in names):
        raise ProtocolError("no names")
    return frozenset(names), tuple(raised(error) for error in errors[:_MOST_ERRORS])


def reply(header: Mapping[str, Any], arrays: dict[str, Array]) -> Reply:
    """An answer to `call`, checked.

    Raises:
        ProtocolError: it is none.
    """
    if "too_large" in header:
        return Reply(raised=Raised("ValueError", "the returned value is too large to be graded"))
    if "error" in header:
        return Reply(raised=raised(header["error"]))
    calls = header.get("calls")
    if not isinstance(calls, list) or not all(map(_counts, calls)):
        raise ProtocolError("no count of calls")
    return Reply(
        value=decode_result(header.get("result"), arrays),
        calls=tuple(calls),
        deleted=bool(header.get("deleted")),
        altered=bool(header.get("altered")),
        settled=_settled(header.get("settled")),
    )


def _settled(item: Any) -> tuple[int, int | None] | None:
    if item is None:
        return None
    if not isinstance(item, list) or len(item) != 2:
        raise ProtocolError("no count of what was traced")
    traced, outside = item
    if not _counts(traced) or not (outside is None or _counts(outside)):
        raise ProtocolError("no count of what was traced")
    return traced, outside


def scaling(header: Mapping[str, Any]) -> Mapping[str, Any] | Raised:
    """An answer to `scaling`, checked.

    Raises:
        ProtocolError: it is none.
    """
    if "error" in header:
        return raised(header["error"])
    grown, work = header.get("grown"), header.get("work")
    if not _counts(work) or not (grown is None or grown in SIGNS):
        raise ProtocolError("nothing has been measured")
    return {"grown": grown, "work": work}


def _counts(number: Any) -> bool:
    return type(number) is int and 0 <= number < _MOST_COUNTED


def clipped(code: Any) -> str:
    """A line of code, as short as it is shown."""
    line = printable(str(code))
    return line if len(line) <= _CODE_WIDTH else f"{line[: _CODE_WIDTH - 4]} ..."


def raised(item: Any) -> Raised:
    """An exception from its JSON, checked.

    Raises:
        ProtocolError: it is none.
    """
    try:
        return Raised(
            type=printable(str(item["type"]))[:100],
            message=printable(str(item["message"]))[:2000],
            frames=tuple(
                (printable(str(frame["file"]))[:200], int(frame["line"]), clipped(frame["code"]))
                for frame in item["frames"][:8]
            ),
            not_implemented=item["not_implemented"] is True,
            memory=item["memory"] is True,
        )
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise ProtocolError(f"not an exception: {type(error).__name__}") from error
