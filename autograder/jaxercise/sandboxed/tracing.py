"""Is a function compiled, once and as a whole? What JAX traces at a call that it has met before.

How JAX names its own work stands in `internals`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxercise.sandboxed.calling import Call, another, perform, with_arguments
from jaxercise.sandboxed.internals import is_compiled, traces
from jaxercise.sandboxed.scaling import program


def measure(function: Callable[..., Any], call: Call) -> list[int | None]:
    """What a call leaves to trace, and to do operation by operation.

    Before it the function is called with other numbers: beside other Python integers, and beside
    the same ones.

    Returns:
        how often JAX traced something in a call that differs from an earlier one in its arrays'
        numbers alone, and how many operations stand outside of one compiled function; of the
        second None where the function cannot be traced.

    Raises:
        StudentError: the function raised.
    """
    for change in (another, _another_array):
        perform(function, with_arguments(call, change))
    with traces() as names:
        perform(function, call)
    traced = program(function, call)
    return [len(names), None if traced is None else _outside(traced.eqns)]


def _another_array(leaf: Any) -> Any:
    return another(leaf) if hasattr(leaf, "dtype") else leaf


def _outside(equations: Any) -> int:
    compiled = list(map(is_compiled, equations))
    return 0 if compiled in ([], [True]) else len(compiled)
