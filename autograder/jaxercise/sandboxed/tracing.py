"""Is a function compiled, once and as a whole? What JAX traces at a call that it has met before.

All that leans on how JAX names its own work stands here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from jaxercise.sandboxed.calling import Call, another, perform, with_arguments
from jaxercise.sandboxed.scaling import program

#: JAX tells its listeners of this whenever it has traced a function.
_TRACED = "/jax/core/compile/jaxpr_trace_duration"
#: What a call of a compiled function is in a traced program; the second is the older name.
_COMPILED = ("jit", "pjit")


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
    with _traces() as names:
        perform(function, call)
    traced = program(function, call)
    return [len(names), None if traced is None else _outside(traced.eqns)]


def _another_array(leaf: Any) -> Any:
    return another(leaf) if hasattr(leaf, "dtype") else leaf


def _outside(equations: Any) -> int:
    compiled = [one.primitive.name in _COMPILED for one in equations]
    return 0 if compiled in ([], [True]) else len(compiled)


@contextlib.contextmanager
def _traces() -> Iterator[list[str]]:
    """The names of the functions that JAX traces meanwhile."""
    from jax import monitoring

    names: list[str] = []
    counting = True

    def listen(event: str, duration_secs: float, **about: str | int) -> None:
        if counting and event == _TRACED:
            names.append(str(about.get("fun_name", "")))

    # A listener cannot be taken back by what is public.
    monitoring.register_event_duration_secs_listener(listen)
    try:
        yield names
    finally:
        counting = False
