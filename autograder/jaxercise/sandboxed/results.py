"""Results and exceptions of student code, reduced to plain data."""

from __future__ import annotations

import difflib
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxercise.sandboxed.internals import COMPILED_FUNCTION, is_tracer
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import DTYPES, MAX_TEXT, Opaque

_MAX_MESSAGE = 1200
#: How many frames are told: the first, which is the graded function's, and the last ones.
_MAX_FRAMES = 4
#: What stands before a name that may be meant.
MEANT = ". Did you mean: "
#: How near a name is that may have been meant, and among how many it is looked for.
_NEAR, _MOST_NAMES = 0.7, 5000
#: Where a name of JAX's is looked for that another of its modules does not have.
_MODULES = ("jax", "jax.numpy", "jax.lax")

#: What a function may be by its type; to whoever returns one by mistake they are all the same.
_FUNCTIONS = (COMPILED_FUNCTION, "builtin_function_or_method", "method", "partial")


def plain(value: Any) -> Any:
    """The value as a tree of `np.ndarray`, `bool`, `int`, `float`, `str`, Opaque and FigureData.

    Arrays are exactly `jax.Array` or `np.ndarray`: a subclass can redefine what comparing means,
    so it is reduced to its name. What JAX knows as a tree (a registered dataclass, say) is a dict.
    """
    return trees.mapped(_plain, value)


def opened(value: Any) -> Any:
    """The value with dicts and tuples in the place of what JAX takes for a tree besides these."""

    def leaf_opened(leaf: Any) -> Any:
        parts = _registered(leaf)
        return leaf if parts is None else opened(parts)

    return trees.mapped(leaf_opened, value)


def _plain(leaf: Any) -> Any:
    import jax

    if type(leaf) in (bool, int, float):
        return leaf
    if type(leaf) is str:
        return leaf[:MAX_TEXT]
    if is_tracer(leaf):
        return Opaque("leaked tracer")
    if isinstance(leaf, jax.Array):
        if jax.numpy.issubdtype(leaf.dtype, jax.dtypes.extended):
            return Opaque(f"array of {leaf.dtype}")
        return _plain_array(np.asarray(leaf))
    if type(leaf) is np.ndarray or isinstance(leaf, np.generic):
        return _plain_array(np.asarray(leaf))
    figure_module = sys.modules.get("matplotlib.figure")
    if figure_module is not None and isinstance(leaf, figure_module.Figure):
        from jaxercise.sandboxed.figures import describe

        return describe(leaf)
    parts = _registered(leaf)
    if parts is not None:
        return plain(parts)
    name = type(leaf).__name__
    return Opaque("function" if name in _FUNCTIONS else name)


def _registered(leaf: Any) -> dict[str, Any] | None:
    """The parts of what JAX takes for a tree, by their names; None of what it takes for a leaf."""
    import jax

    found, _ = jax.tree_util.tree_flatten_with_path(leaf, is_leaf=lambda one: one is not leaf)
    if len(found) == 1 and not found[0][0]:
        return None
    return {jax.tree_util.keystr(path, simple=True): part for path, part in found}


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
        "frames": frames if len(frames) <= _MAX_FRAMES else [frames[0], *frames[1 - _MAX_FRAMES :]],
    }


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        told = str(error)
    except BaseException:
        return "(the message cannot be shown)"
    try:
        meant = _meant(error)
    except BaseException:  # of what a student's class makes of being asked for its names
        meant = ""
    return f"{told}{MEANT}'{meant}'?" if meant else told


def _meant(error: BaseException) -> str:
    """What may be meant by a name that is not there, as Python says it below a traceback."""
    name = getattr(error, "name", None)
    if not isinstance(name, str) or not isinstance(error, NameError | AttributeError):
        return ""
    if isinstance(error, AttributeError):
        if str(getattr(error.obj, "__name__", "")).partition(".")[0] in ("jax", "numpy"):
            for module in _MODULES:
                if hasattr(sys.modules.get(module), name):
                    return f"{module}.{name}"
        names = dir(error.obj)
    else:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        names = [*frame.f_locals, *frame.f_globals, *frame.f_builtins]
    names = [one for one in names[:_MOST_NAMES] if not one.startswith("_")]
    same = [one for one in names if one.lower() == name.lower()]
    return next(iter(same or difflib.get_close_matches(name, names, 1, _NEAR)), "")
