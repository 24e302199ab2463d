"""Which questions the claims of an exercise put to its references.

The claims are run on many draws, without anybody's code: a stand-in answers with zeros of the right
shapes, for the questions depend on what is drawn and not on what a student returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxercise.claims.claims import Claim
from jaxercise.comparison import Expected, as_answered
from jaxercise.comparison.tolerance import COPIES
from jaxercise.course import Course
from jaxercise.grading.numbers import Number, numbers, question
from jaxercise.grading.references import References, wide
from jaxercise.grading.running import explore
from jaxercise.grading.session import Listener, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.workers.runner import Raised, Reply

#: How many inputs each claim is run on. Sizes and integers come from a handful of options each.
_DRAWS = 16


def questions(course: Course, claims: Sequence[Claim]) -> list[Request]:
    """One request for each program that the claims need."""
    asked = _Asked(course, claims[0].function.exercise.name)
    session = Session(_Zeros(asked), asked, _MadeUp())
    for claim in claims:
        explore(claim, session, _DRAWS)
    return list(asked.requests.values())


class _MadeUp(Listener):
    """A listener that knows that zeros are nobody's answer."""

    made_up = True


class _Asked(References):
    """References that note what they are asked, and answer with zeros of the right shapes."""

    def __init__(self, course: Course, exercise: str) -> None:
        super().__init__(course, exercise)
        self.requests: dict[Any, Request] = {}
        self._shapes: dict[Any, Any] = {}

    def evaluated(self, request: Request) -> Expected:
        self.requests.setdefault(question(request), request)
        return _zeros(self.shapes(request))

    def shapes(self, request: Request) -> Any:
        """The shapes of the answer, each with the leading axis of a program's answers."""
        import jax

        key = question(request)
        if key not in self._shapes:
            found = numbers(request)
            with wide(found):
                self._shapes[key] = jax.eval_shape(
                    self.programs.program(request), [batched(one) for one in found]
                )
        return self._shapes[key]


class _Zeros:
    """A runner without anybody's code behind it."""

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return frozenset(), ()

    def call(self, request: Request) -> Reply:
        return Reply(as_answered(_zeros(self._asked.shapes(request)).value))

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any]:
        return {"grown": None, "work": 0}

    def close(self) -> None:
        pass


def batched(number: Number, shape: Sequence[Any] | None = None) -> Any:
    """What a program takes for a number: its shape (or another), as `numbers.values` has it."""
    import jax

    whole = number.value.shape if shape is None else tuple(shape)
    if not number.is_rounded:
        return jax.ShapeDtypeStruct(whole, number.value.dtype)  # type: ignore[no-untyped-call]
    kind = complex if number.value.dtype.kind == "c" else float
    return jax.ShapeDtypeStruct((1 + COPIES, *whole), kind)  # type: ignore[no-untyped-call]


def _zeros(shapes: Any) -> Expected:
    def zeros(one: Any) -> Array:
        return np.zeros(one.shape[1:], one.dtype)

    return Expected(
        trees.mapped(zeros, shapes), trees.mapped(lambda one: np.zeros(one.shape[1:]), shapes)
    )
