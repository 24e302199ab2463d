"""Calls, inputs and results in the student's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxercise.comparison.compare import number
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.wire import trees

#: Arrays of more entries are shown by their corners.
_ENTRIES = 24
_EDGE = 2


def call_text(request: Request, parameters: tuple[str, ...]) -> str:
    """The call as one would write it: `jax.jit(derivative)(f, x)`.

    Args:
        request: the call.
        parameters: the names of the arguments, those of a returned function behind them.
    """
    own = parameters[: len(request.arguments)]
    text = _called(request.function, request.under, ", ".join(own))
    if request.result_arguments is None:
        return text
    return _called(text, request.result_under, ", ".join(parameters[len(own) :]))


def _called(function: str, under: Sequence[str], arguments: str) -> str:
    after = ""
    for step in under:
        if step == Step.AGAIN:
            # What a second call returns is looked at where functions may remember the first.
            after = f", after a call at {arguments} + 1,"
        elif step == Step.SETTLED:
            after = ", after calls with other numbers,"
        else:
            function = f"jax.{step}({function})"
    return f"{function}({arguments}){after}"


def input_texts(
    request: Request, parameters: tuple[str, ...], *, shapes: bool = False
) -> tuple[str, ...]:
    """The arguments, one text each: `f(x) = 2 x^3`, `x = [1, 2]`.

    Args:
        request: the call.
        parameters: the names of the arguments, those of a returned function behind them.
        shapes: show an array's shape in place of its entries.
    """
    return tuple(
        _input_text(name, value, shapes)
        for name, value in zip(parameters, request.all_arguments, strict=True)
    )


def _input_text(name: str, value: Any, shapes: bool) -> str:
    if isinstance(value, Described):
        return value.formula(name)
    if shapes and isinstance(value, np.ndarray) and value.ndim:
        return f"{name} of shape {value.shape}"
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and _is_crowd(value):
        return f"{name} of shape {value.shape}, from {number(value.min())} to {number(value.max())}"
    return f"{name} = {value_text(value)}"


def _is_crowd(array: np.ndarray[Any, Any]) -> bool:
    """True for so many different numbers that some of them say nothing about the others."""
    return len(np.unique(array)) > _ENTRIES and bool(np.all(np.isfinite(array)))


def value_text(value: Any, *, dtype: bool = False) -> str:
    """A value as short as it can be read, with its dtype where that matters."""
    return trees.fold(value, lambda leaf: _leaf_text(leaf, dtype), _node_text)


def _leaf_text(leaf: Any, dtype: bool) -> str:
    if isinstance(leaf, np.ndarray | np.generic):
        text = _array_text(np.asarray(leaf))
        return f"{text} {leaf.dtype}" if dtype else text
    return "a Figure" if isinstance(leaf, trees.FigureData) else repr(leaf)


def _node_text(head: trees.Structure, parts: list[str]) -> str:
    inner = ", ".join(parts)
    match head.kind:
        case "list":
            return f"[{inner}]"
        case "tuple":
            return f"({inner},)" if len(parts) == 1 else f"({inner})"
        case "dict":
            pairs = zip(head.names, parts, strict=True)
            return f"{{{', '.join(f'{name!r}: {part}' for name, part in pairs)}}}"
        case "instance":
            pairs = zip(head.names, parts, strict=True)
            named = ", ".join(f"{name}={part}" for name, part in pairs)
            return f"{head.of.rpartition(':')[2]}({named})"
    return "None"


def _array_text(array: Any) -> str:
    if array.size > _ENTRIES:
        return f"{_nested(array, crowded=True)} of shape {array.shape}"
    return _nested(array)


def _nested(array: Any, *, crowded: bool = False) -> str:
    if array.ndim == 0:
        return number(array)
    if not array.size:
        return f"[] of shape {array.shape}"
    inner = [_nested(row, crowded=crowded) for row in (_edges(array) if crowded else array)]
    if crowded and len(array) > 2 * _EDGE:
        inner.insert(_EDGE, "...")
    return f"[{', '.join(inner)}]"


def _edges(array: Any) -> list[Any]:
    if len(array) <= 2 * _EDGE:
        return list(array)
    return [*array[:_EDGE], *array[-_EDGE:]]
