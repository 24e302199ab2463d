"""Calls, inputs and results in the student's own terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxercise.comparison.compare import number
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.values import FigureData
from jaxercise.workers.runner import Request

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
    function = f"jax.jit({request.function})" if request.under == "jit" else request.function
    text = f"{function}({', '.join(own)})"
    if request.result_arguments is None:
        return text
    if request.result_under in ("jit", "vmap"):
        text = f"jax.{request.result_under}({text})"
    last = ", ".join(parameters[len(own) :])
    # What a second call returns is looked at where functions may remember the first.
    return f"{text}({last})" + (
        f", after a call at {last} + 1," * (request.result_under == "again")
    )


def input_texts(
    request: Request, parameters: tuple[str, ...], *, shapes: bool = False
) -> tuple[str, ...]:
    """The arguments, one text each: `f(x) = 2 x^3`, `x = [1, 2]`.

    Args:
        request: the call.
        parameters: the names of the arguments, those of a returned function behind them.
        shapes: show an array's shape in place of its entries.
    """
    values = (*request.arguments, *(request.result_arguments or ()))
    return tuple(
        _input_text(name, value, shapes) for name, value in zip(parameters, values, strict=True)
    )


def _input_text(name: str, value: Any, shapes: bool) -> str:
    if isinstance(value, Described):
        return value.formula(name)
    if shapes and isinstance(value, np.ndarray) and value.ndim:
        return f"{name} of shape {value.shape}"
    return f"{name} = {value_text(value)}"


def value_text(value: Any, *, dtype: bool = False) -> str:
    """A value as short as it can be read, with its dtype where that matters."""
    if isinstance(value, np.ndarray | np.generic):
        text = _array_text(np.asarray(value))
        return f"{text} {value.dtype}" if dtype else text
    if isinstance(value, tuple | list):
        inner = ", ".join(value_text(item) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "a Figure" if isinstance(value, FigureData) else f"a dict of {len(value)}"
    return repr(value)


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
