"""Which questions the claims of an exercise put to its references.

The claims are run on many draws, without anybody's code: a stand-in answers with zeros of the right
shapes, for the questions depend on what is drawn and not on what a student returns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import hypothesis.errors
import numpy as np

from jaxercise.claims.claims import Claim
from jaxercise.claims.context import run_about
from jaxercise.comparison import Expected
from jaxercise.comparison.tolerance import COPIES
from jaxercise.course import Course
from jaxercise.grading.references import References, arrays, question
from jaxercise.grading.running import explore
from jaxercise.grading.session import HaltError, Session
from jaxercise.workers.runner import Raised, Reply, Request

#: How many inputs each claim is run on. Sizes and integers come from a handful of options each.
_DRAWS = 16


def questions(course: Course, claims: Sequence[Claim]) -> list[Request]:
    """One request for each program that the claims need."""
    asked = _Asked(course, claims[0].function.exercise.name)
    session = _Session(_Zeros(asked), asked)
    for claim in claims:
        with contextlib.suppress(hypothesis.errors.HypothesisException):  # draws that fit nothing
            explore(claim, session, _DRAWS)
        if not claim.strategies:
            with contextlib.suppress(Exception, HaltError):
                run_about(session, claim.test)
    return list(asked.requests.values())


class _Session(Session):
    """A session that compares nothing."""

    def check(self, *about: Any, **texts: Any) -> None:
        pass


class _Asked(References):
    """References that note what they are asked, and answer with zeros of the right shapes."""

    def __init__(self, course: Course, exercise: str) -> None:
        super().__init__(course, exercise)
        self.requests: dict[Any, Request] = {}
        self._shapes: dict[Any, Any] = {}

    def evaluated(self, request: Request) -> Expected:
        self.requests.setdefault(question(request), request)
        return _zeros(self.shapes(request), "float64")

    def shapes(self, request: Request) -> Any:
        """The shapes of the answer, each with the leading axis of a program's answers."""
        import jax

        key = question(request)
        if key not in self._shapes:
            with jax.enable_x64(True):
                self._shapes[key] = jax.eval_shape(
                    self.programs.program(request), [batched(one) for _, one in arrays(request)]
                )
        return self._shapes[key]


class _Zeros:
    """A runner without anybody's code behind it."""

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return frozenset(), ()

    def call(self, request: Request) -> Reply:
        return Reply(_zeros(self._asked.shapes(request), "float32").value)

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any]:
        return {"grown": None, "calls": 0}

    def close(self) -> None:
        pass


def batched(array: Any, shape: Sequence[Any] | None = None) -> Any:
    """What a program takes for an array: its shape (or another), behind the axis of copies."""
    import jax

    whole = (1 + COPIES, *(array.shape if shape is None else shape))
    return jax.ShapeDtypeStruct(whole, float)  # type: ignore[no-untyped-call]


def _zeros(shapes: Any, dtype: str) -> Expected:
    if isinstance(shapes, tuple):
        parts = [_zeros(one, dtype) for one in shapes]
        return Expected(tuple(p.value for p in parts), tuple(p.error for p in parts))
    kept = dtype if shapes.dtype.kind == "f" else shapes.dtype
    return Expected(np.zeros(shapes.shape[1:], kept), np.zeros(shapes.shape[1:]))
