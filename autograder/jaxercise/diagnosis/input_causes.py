"""Causes that lie in the inputs: every answer is right for arguments changed in one way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np

from jaxercise.comparison import Expected, compare
from jaxercise.diagnosis.equivalence import equal
from jaxercise.diagnosis.probing import Probe
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array

Change = Callable[[Array], Array]

#: On how many inputs a change has to be seen.
_INPUTS = 2
#: How long an argument has to be to show how its entries are moved.
_LONG = 3
_NARROWER: list[tuple[Change, str]] = [
    (lambda x: x.astype(ml_dtypes.bfloat16).astype(x.dtype), "is rounded to bfloat16"),
    (lambda x: x.astype(np.float16).astype(x.dtype), "is rounded to float16"),
    (np.rint, "is rounded to whole numbers"),
    (np.trunc, "loses what stands behind the point"),
]
_CHANGES: list[tuple[Change, str]] = [
    *_NARROWER,
    (np.abs, "loses its signs"),
    (np.negative, "has the opposite sign"),
    (lambda x: np.maximum(x, 0), "has 0 in the place of all that is negative"),
    (np.zeros_like, "is 0 throughout"),
    (np.ones_like, "is 1 throughout"),
    (
        lambda x: x.swapaxes(0, 1) if x.ndim > 1 and x.shape[0] == x.shape[1] else x,
        "is transposed where it is square",
    ),
    (lambda x: x[..., ::-1] if x.ndim > 1 else x, "has its columns turned round"),
]
#: Those that move entries; of two, too many of them do the same.
_OF_PLACES: list[tuple[Change, str]] = [
    (lambda x: x[::-1] if x.ndim else x, "is turned round"),
    (lambda x: np.roll(x, 1, 0) if x.ndim else x, "is moved on by one place"),
    (lambda x: np.roll(x, -1, 0) if x.ndim else x, "is moved back by one place"),
    (lambda x: np.sort(x, 0) if x.ndim else x, "is sorted"),
    (
        lambda x: np.broadcast_to(x[:1], x.shape).copy() if x.ndim else x,
        "has its first entry everywhere",
    ),
    (
        lambda x: np.broadcast_to(x[-1:], x.shape).copy() if x.ndim else x,
        "has its last entry everywhere",
    ),
]


def input_cause(
    probes: Sequence[Probe],
    parameters: Sequence[str],
    expected: Callable[[Request], Expected],
    first: Request | None = None,
) -> str:
    """What is said where one change of the arguments explains every answer; empty if none does.

    Args:
        probes: of the claims about a function's values.
        parameters: what its arguments are called.
        expected: what the reference answers.
        first: what the function was called with before all else.
    """
    compared = [one for each in probes for one in each.compared]
    wrong = [one for one in compared if compare(one[1], one[2]) is not None]
    replies = [one.reply for each in probes for one in each.asked]
    if len(wrong) < _INPUTS or any(one is None or one.raised for one in replies):
        return ""
    right = [one for one in compared if compare(one[1], one[2]) is None]

    def explained(changed: Callable[[Request], Request | None]) -> bool:
        told = 0
        for request, got, due in (*wrong, *right):
            other = changed(request)
            if other is None:
                return False
            try:
                like = replace(expected(other), part=due.part)
            except Exception:  # what a reference makes of arguments that no claim passes
                return False
            # What no answer can be told from explains none.
            if compare(got, like) is not None or not equal(_wide(got), like.value):
                return False
            told += compare(got, due) is not None
        return told >= _INPUTS

    with np.errstate(all="ignore"):
        fitting = [
            f"This is what is due if {text}."
            for text, change in _ways(wrong[0][0], parameters)
            if explained(change)
        ]
    if first is not None:
        fitting += [text for text, c in _first_functions(first, parameters) if explained(c)]
    return fitting[0] if len(fitting) == 1 else ""


def _wide(got: Any) -> Any:
    return trees.mapped(lambda one: one.astype(np.float64) if _is_float(one) else one, got)


def _ways(
    like: Request, parameters: Sequence[str]
) -> Iterator[tuple[str, Callable[[Request], Request | None]]]:
    """Changes of one argument, and of two that are exchanged."""
    places = [i for i, one in enumerate(like.all_arguments) if _is_float(one)]
    for place, (change, text) in itertools.product(places, _CHANGES + _OF_PLACES):
        if (change, text) in _OF_PLACES and _length(like.all_arguments[place]) < _LONG:
            continue
        yield (
            f"{parameters[place]} {text}",
            lambda r, i=place, c=change: _with(  # type: ignore[misc]
                r, {i: c(r.all_arguments[i])}
            ),
        )
    if len(places) > 1:
        for change, text in _NARROWER:
            yield (
                f"every argument {text}",
                lambda r, c=change: _with(  # type: ignore[misc]
                    r, {i: c(r.all_arguments[i]) for i in places}
                ),
            )
    for i, j in itertools.combinations(places, 2):
        one, other = like.all_arguments[i], like.all_arguments[j]
        if one.shape == other.shape:
            yield (
                f"{parameters[i]} and {parameters[j]} are exchanged",
                lambda r, i=i, j=j: _with(  # type: ignore[misc]
                    r, {i: r.all_arguments[j], j: r.all_arguments[i]}
                ),
            )


def _first_functions(
    first: Request, parameters: Sequence[str]
) -> Iterator[tuple[str, Callable[[Request], Request]]]:
    """The functions of the first call in the place of those that are passed in: one, or all."""
    functions = {i: one for i, one in enumerate(first.arguments) if isinstance(one, Described)}
    for places in dict.fromkeys([*((i,) for i in functions), tuple(functions)]):
        kept = {i: functions[i] for i in places}
        formulas = " and ".join(one.formula(parameters[i]) for i, one in kept.items())
        yield (
            f"Whatever is passed in, this is what is due for {formulas}, with which it was called "
            "first. Is an answer written in, or is something kept from an earlier call?",
            lambda r, kept=kept: replace(  # type: ignore[misc]
                r, arguments=tuple(kept.get(i, one) for i, one in enumerate(r.arguments))
            ),
        )


def _length(argument: Any) -> int:
    return int(argument.shape[0]) if _is_float(argument) and argument.ndim else 0


def _is_float(argument: Any) -> bool:
    return isinstance(argument, np.ndarray) and argument.dtype.kind == "f"


def _with(request: Request, changed: dict[int, Array]) -> Request | None:
    """The call with other arguments; None where it has none of these."""
    old = list(request.all_arguments)
    if any(i >= len(old) or np.shape(old[i]) != new.shape for i, new in changed.items()):
        return None
    for i, new in changed.items():
        old[i] = np.asarray(new, old[i].dtype)
    count = len(request.arguments)
    last = None if request.result_arguments is None else tuple(old[count:])
    return replace(request, arguments=tuple(old[:count]), result_arguments=last)
