"""Does a function loop? Its work measured at a small and at a large batch.

All that leans on JAX's implementation details stands here: how often a Python function is called
while it is transformed, and how large the traced program (the jaxpr) is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from jaxercise.sandboxed.calling import Call, perform, split


def measure(function: Callable[..., Any], small: Call, large: Call) -> dict[str, Any]:
    """How much work two calls take that differ in their batch sizes alone.

    Returns:
        `calls`: how often the passed-in functions were called, small and large.
        `equations`: the sizes of the traced programs, or None where it cannot be traced.
        `events`: where it cannot be traced, the Python calls made by a call that is already
        compiled; else None.

    Raises:
        StudentError: the function raised.
    """
    equations = [_equations(function, call) for call in (small, large)]
    traced = None not in equations
    if not traced:
        for call in (small, large):
            call.forget_counts()
            perform(function, call)
    return {
        "calls": [sum(call.counts()) for call in (small, large)],
        "equations": equations if traced else None,
        "events": None if traced else [_events(function, call) for call in (small, large)],
    }


def _equations(function: Callable[..., Any], call: Call) -> int | None:
    import jax

    arrays, rebuild = split(call.arguments)
    try:
        jaxpr = jax.make_jaxpr(lambda *traced: function(*rebuild(list(traced))))(*arrays)
    except Exception:  # it converts to NumPy or to Python numbers on its way, or it just fails
        return None
    return _size(jaxpr.jaxpr)


def _size(jaxpr: Any) -> int:
    """The number of equations, those of inner programs counted wherever they are called."""
    return sum(1 + sum(map(_size, _inner(equation.params))) for equation in jaxpr.eqns)


def _inner(params: dict[str, Any]) -> Iterator[Any]:
    for value in params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            jaxpr = getattr(item, "jaxpr", item)  # a closed program holds the open one
            if hasattr(jaxpr, "eqns"):
                yield jaxpr


def _events(function: Callable[..., Any], call: Call) -> int:
    perform(function, call)  # compiles
    count = 0

    def tally(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        perform(function, call)
    finally:
        sys.setprofile(None)
    return count
