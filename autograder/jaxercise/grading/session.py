"""One exercise of one submission under judgment: what a running property stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.context import refuse
from jaxercise.claims.pictures import Drawing
from jaxercise.claims.texts import call_text, input_texts, value_text
from jaxercise.comparison import Difference, Expected, compare
from jaxercise.grading.hints import about_exception, about_value, words_of
from jaxercise.grading.pictures import Seen, drawn, tells_of_shapes
from jaxercise.grading.references import References
from jaxercise.grading.signatures import lengths
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.verdicts import OF_FORM, Finding, Picture, Verdict
from jaxercise.workers.runner import Raised, Reply, Runner, WorkerStoppedError, asked_twice

#: Bytes of answers that a session remembers.
_KEPT = 32 << 20


class HaltError(BaseException):
    """The claim cannot be judged any further; not an Exception, so that nothing is shrunk.

    Attributes:
        verdict, finding: what it comes to.
        certain: so it would if it were tried once more.
    """

    def __init__(self, verdict: Verdict, finding: Finding, *, certain: bool = False) -> None:
        super().__init__(finding.sentence)
        self.verdict = verdict
        self.finding = finding
        self.certain = certain


class LeftError(Exception):
    """A listener has been told that the claim does not hold: what follows in it has no ground."""


class Listener:
    """What is told of a session that judges nobody; does nothing by itself.

    Attributes:
        made_up: nobody's answers are looked at, so that what a property makes of them says nothing
            about the property either.
    """

    made_up = False

    def replied(self, request: Request, reply: Reply) -> None:
        """The function was called, or what it had replied was looked at again."""

    def measured(
        self, small: Request, large: Request, measured: Mapping[str, Any] | Raised
    ) -> None:
        """Its work was measured."""

    def compared(self, value: Any, expected: Expected, difference: Difference | None) -> None:
        """An answer was compared with what was due."""

    def refused(self) -> None:
        """The claim does not hold, and is left."""


class Session:
    """Calls a student's functions, asks the references, and compares.

    Args:
        runner: where the student's functions are.
        references: what they are held against.
        listener: whom to tell what comes of it, in place of refusing what is wrong: also after an
            answer that differs, the claim goes on as far as it can. None to judge.

    Attributes:
        runner, references: as above.
        first_asked: the first call of each function at each shape: what one that keeps answers
            would have kept.
        compared: how many comparisons and measurements have come out well so far.
        told: what claims tell their author: how much they see, for one.
        last: the call that was made last; None before the first.
        part: the item that was looked at alone last; None where it was all of an answer.
        departed: for a listener, whether something that the claim relies on has not held.
        afresh: makes another runner with the functions, which has been asked nothing yet; None
            where there is none.
    """

    def __init__(
        self, runner: Runner, references: References, listener: Listener | None = None
    ) -> None:
        self.runner = runner
        self.references = references
        self.first_asked: dict[Any, Request] = {}
        self.compared = 0
        self.told: list[str] = []
        self.last: Request | None = None
        self.part: int | str | None = None
        self.departed = False
        self.afresh: Callable[[], Runner] | None = None
        self._listener = listener
        self._replies: dict[str, Reply] = {}
        self._measured: dict[str, Mapping[str, Any] | Raised] = {}
        self._kept = 0
        self._printed = ""
        self._seen: dict[Finding, Seen] = {}

    @property
    def made_up(self) -> bool:
        """Whether the answers are nobody's."""
        return self._listener is not None and self._listener.made_up

    def listened(self, listener: Listener) -> Session:
        """A session about the same functions that judges nobody; measurements are not repeated."""
        session = Session(self.runner, self.references, listener)
        session._measured = self._measured
        return session

    def call(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        """Call the student's function.

        Raises:
            RefusedError: it raised, or an argument did not survive.
            HaltError: it is not written yet, or its process is gone.
        """
        self.last = request
        self.first_asked.setdefault(request.shapes(), request)
        reply: Reply = self._guarded(lambda: self.runner.call(request), request, parameters)
        self._printed = reply.printed
        if self._listener is not None:
            self._listener.replied(request, reply)
        if reply.raised is not None:
            self._raised(reply.raised, request, parameters)
        if reply.deleted and self._listener is None:
            self.refuse(
                "deleted argument",
                "an array that was passed in has been deleted (donated to jit, perhaps); "
                "arguments have to survive the call",
                request,
                parameters,
            )
        if reply.altered and self._listener is None:
            self.refuse(
                "altered argument",
                "a dict or list that was passed in has been changed; build a new one, for whoever "
                "called the function still needs the old one",
                request,
                parameters,
            )
        return reply

    def remembered(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        """As `call`, but what this session has been told already is not asked again."""
        self.last = request
        key = fingerprint(request)
        reply = self._replies.get(key)
        if reply is None:
            reply = self.call(request, parameters)
            self._kept += _weight(reply.value)
            if self._kept > _KEPT:  # a submission may answer with as much as a frame holds
                self._replies.clear()
                self._kept = _weight(reply.value)
            self._replies[key] = reply
        elif self._listener is not None:
            self._listener.replied(request, reply)
        self._printed = reply.printed
        return reply

    def expected(self, request: Request) -> Expected:
        """What the reference says."""
        return self.references.expected(request)

    def remembered_with_expected(
        self, request: Request, parameters: tuple[str, ...]
    ) -> tuple[Expected, Reply]:
        """What the reference says, and what the student's function does; both work at once."""
        return self.references.expected_meanwhile(
            request, lambda: self.remembered(request, parameters)
        )

    def check(
        self,
        value: Any,
        expected: Expected,
        request: Request,
        parameters: tuple[str, ...],
        *,
        meaning: str = "",
        rounding: bool = False,
        drawing: Drawing | None = None,
        needed: bool = False,
    ) -> None:
        """Compare a returned value with the expected one.

        Args:
            value: what the student's function returned.
            expected: what was due.
            request, parameters: the call.
            meaning: what to add to the sentence on how they differ.
            rounding: the allowed error is that of rounding, and no other.
            drawing: how the function's answers are drawn; None as tables.
            needed: what follows computes with the value, which has to be of the expected form: of
                another one it may be of any size.

        Raises:
            RefusedError: they differ.
        """
        difference = compare(value, expected)
        self.part = expected.part
        if self._listener is not None:
            self._listener.compared(value, expected, difference)
            self.departed |= difference is not None
            if needed and difference is not None and difference.kind in OF_FORM:
                self._listener.refused()
                raise LeftError
            return
        if difference is None:
            self.compared += 1
            return
        self.refuse(
            difference.kind,
            f"{difference.sentence}{meaning}",
            request,
            parameters,
            returned=value_text(value, dtype=difference.kind == "dtype"),
            expected=value_text(expected.value) if _matters(expected) else "",
            hint=about_value(
                value,
                expected,
                difference,
                printed=bool(self._printed),
                rounding=rounding,
                lengths=self._lengths(request, parameters) if difference.kind == "shape" else None,
            ),
            seen=Seen(request, parameters, value, expected, difference, drawing),
        )

    def _lengths(self, request: Request, parameters: tuple[str, ...]) -> dict[int, str]:
        if "vmap" in request.plain().under:  # every axis has another one in front
            return {}
        signature = self.references.programs.signature(request.function)
        return lengths(signature, parameters, request.all_arguments)

    def scaling(self, small: Request, large: Request, parameters: tuple[str, ...]) -> Any:
        """What two calls of different batch sizes cost."""
        self._printed = ""
        key = fingerprint((small, large))
        if key not in self._measured:
            self._measured[key] = self._guarded(
                lambda: self.runner.scaling(small, large), large, parameters
            )
        measured = self._measured[key]
        if self._listener is not None:
            self._listener.measured(small, large, measured)
        if isinstance(measured, Raised):
            self._raised(measured, large, parameters)
        self.compared += 1
        return measured

    def refuse(
        self,
        kind: str,
        sentence: str,
        request: Request,
        parameters: tuple[str, ...],
        *,
        returned: str = "",
        expected: str = "",
        lines: tuple[tuple[str, int, str], ...] = (),
        hint: str = "",
        picture: Callable[[], Picture] | None = None,
        seen: Seen | None = None,
    ) -> NoReturn:
        """Say that the claim does not hold for this request."""
        if self._listener is not None:
            self._listener.refused()
            raise LeftError
        finding = Finding(
            kind=kind,
            sentence=sentence,
            call=call_text(request, parameters),
            inputs=input_texts(request, parameters, shapes=kind == "method"),
            returned=returned,
            expected=expected,
            lines=lines,
            printed=self._printed,
            hint=hint,
        )
        if seen is not None or picture is not None:
            self._seen[finding] = seen or Seen(request, parameters, picture=picture)
        refuse(finding)

    def pictured(self, finding: Finding) -> Finding:
        """The finding that is kept of all that the search came upon, with its picture."""
        seen = self._seen.get(finding)
        self._seen.clear()
        picture = None if seen is None else drawn(seen, self.references)
        told = f". {picture.told}" if picture is not None and picture.told else ""
        return replace(finding, picture=picture, sentence=f"{finding.sentence}{told}")

    def _raised(self, raised: Raised, request: Request, parameters: tuple[str, ...]) -> NoReturn:
        if self._listener is not None:
            raise LeftError
        if raised.not_implemented:
            raise HaltError(
                Verdict.NOT_ATTEMPTED,
                Finding("not attempted", "not attempted", lines=raised.frames[-1:]),
            )
        if raised.memory:
            raise HaltError(
                Verdict.MEMORY, self._about(request, parameters, "your code ran out of memory")
            )
        self.refuse(
            f"error {raised.type}",
            words_of(raised),
            request,
            parameters,
            lines=raised.frames,
            hint=about_exception(raised),
            seen=Seen(request, parameters) if tells_of_shapes(raised) else None,
        )

    def _guarded(self, ask: Any, request: Request, parameters: tuple[str, ...]) -> Any:
        try:
            return ask() if self._listener is None else asked_twice(ask)
        except WorkerStoppedError as error:
            about = replace(
                self._about(request, parameters, str(error)),
                lines=error.lines,
                printed=error.printed,
            )
            raise HaltError(error.verdict, about, certain=error.certain) from None

    def _about(self, request: Request, parameters: tuple[str, ...], sentence: str) -> Finding:
        return Finding(
            "stopped", sentence, call_text(request, parameters), input_texts(request, parameters)
        )


def _weight(value: Any) -> int:
    """About how many bytes a value takes."""
    return 100 + sum(map(_leaf_weight, trees.leaves(value)))


def _leaf_weight(leaf: Any) -> int:
    if isinstance(leaf, trees.FigureData):
        return _weight(dict(leaf))
    return 100 + (leaf.nbytes if isinstance(leaf, np.ndarray) else len(str(leaf)))


def _matters(expected: Expected) -> bool:
    """True if any of the values is held to be right, and not the shape alone."""
    return not all(np.all(np.isinf(one)) for one in trees.leaves(expected.error))
