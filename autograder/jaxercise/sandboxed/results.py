"""Results and exceptions of student code, reduced to plain data."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import DTYPES, Opaque, encode_result

_MAX_MESSAGE = 1200
_MAX_FRAMES = 4

#: What a function may be by its type; to whoever returns one by mistake they are all the same.
_FUNCTIONS = ("PjitFunction", "builtin_function_or_method", "method", "partial")


def encode(value: Any, arrays: dict[str, Array]) -> Any:
    """A result as JSON, its arrays added to `arrays`."""
    return encode_result(plain(value), arrays)


def plain(value: Any) -> Any:
    """Nested tuples, lists and dicts of `np.ndarray`, `bool`, `int`, `float`, `str`, None, Opaque.

    Arrays are exactly `jax.Array` or `np.ndarray`: a subclass can redefine what comparing means,
    so it is reduced to its name.
    """
    import jax

    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, jax.core.Tracer):
        return Opaque("leaked tracer")
    if isinstance(value, jax.Array):
        if jax.numpy.issubdtype(value.dtype, jax.dtypes.extended):
            return Opaque(f"array of {value.dtype}")
        return _plain_array(np.asarray(value))
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return _plain_array(np.asarray(value))
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    figure_module = sys.modules.get("matplotlib.figure")
    if figure_module is not None and isinstance(value, figure_module.Figure):
        from jaxercise.sandboxed.figures import describe

        return describe(value)
    name = type(value).__name__
    return Opaque("function" if name in _FUNCTIONS else name)


def _plain_array(array: Array) -> Any:
    if array.dtype.name not in DTYPES:
        return Opaque(f"array of {array.dtype.name}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def describe_exception(error: BaseException, sources: Mapping[str, list[str]]) -> dict[str, Any]:
    """An exception for its author: type, message, and the lines of THEIR code it came through.

    Args:
        error: what was raised.
        sources: the submitted cells by the file name they were compiled under.
    """
    frames = [
        {
            "file": frame.filename,
            "line": frame.lineno,
            # A session's file may be another by now than when it was run.
            "code": "".join(sources[frame.filename][frame.lineno - 1 :][:1]).strip()[:200],
        }
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in sources and frame.lineno
    ]
    if isinstance(error, SyntaxError) and error.filename in sources and error.lineno:
        code = (error.text or "").strip()[:200]
        frames.append({"file": error.filename, "line": error.lineno, "code": code})
    return {
        "type": type(error).__name__,
        "message": _message(error)[:_MAX_MESSAGE],
        "not_implemented": isinstance(error, NotImplementedError),
        "memory": isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in _message(error),
        "frames": frames[-_MAX_FRAMES:],
    }


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        return str(error)
    except BaseException:
        return "(the message cannot be shown)"
