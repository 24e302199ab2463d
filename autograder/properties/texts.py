"""Calls, inputs and results in the student's own terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.families import Described
from autograder.worker.bench import Request

_MAX_LINES = 4
_WIDTH = 76


def call_text(request: Request, parameters: tuple[str, ...]) -> str:
    """The call as one would write it: `jax.jit(derivative)(f, x)`.

    Args:
        request: the call.
        parameters: the names of the arguments, those of a returned function behind them.
    """
    own = parameters[: len(request.arguments)]
    function = f"jax.jit({request.function})" if request.under == "jit" else request.function
    text = f"{function}({', '.join(own)})"
    if request.then is None:
        return text
    if request.then_under:
        text = f"jax.{request.then_under}({text})"
    return f"{text}({', '.join(parameters[len(own) :])})"


def input_texts(request: Request, parameters: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments, one text each: `f(x) = 2 x^3`, `x = [1.]`."""
    values = (*request.arguments, *(request.then or ()))
    return tuple(
        value.formula(name) if isinstance(value, Described) else f"{name} = {value_text(value)}"
        for name, value in zip(parameters, values, strict=True)
    )


def value_text(value: Any) -> str:
    """A value as short as it can be read."""
    if isinstance(value, np.ndarray | np.generic):
        return _array_text(np.asarray(value))
    if isinstance(value, tuple | list):
        inner = ", ".join(value_text(item) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "a Figure" if value.get("figure") is True else f"a dict of {len(value)}"
    return repr(value)


def _array_text(array: Any) -> str:
    if array.ndim and not array.size:
        return f"[] of shape {array.shape}"
    with np.errstate(all="ignore"):
        rounded = array.astype(np.float32) if array.dtype == np.float64 else array
    text = np.array2string(
        rounded, max_line_width=_WIDTH, threshold=24, edgeitems=3, separator=", ", precision=6
    )
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        lines = [*lines[: _MAX_LINES - 1], f" ... shape {array.shape}"]
    return "\n".join(lines)
