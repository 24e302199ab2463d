"""Does a function loop? Its work measured on a small and on a large batch.

How often a Python function is called while JAX transforms it, and how large the traced program (the
jaxpr) is; what that takes of JAX's implementation stands in `internals`.

The large batch is one that nobody loops over in chunks of a sensible size. Tracing a function on it
costs what tracing on a small one does, unless there is a loop; then it is ended early.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import Any

import numpy as np

from jaxercise.sandboxed.calling import Call, StudentError, perform, split
from jaxercise.sandboxed.internals import hands_back, inner_programs, no_debugging_by_row
from jaxercise.sandboxed.stepping import EndedError, Steps
from jaxercise.sandboxed.wire import trees

#: Batch sizes. From one to the other a loop's work grows 1900 times, that over chunks of a thousand
#: 33 times; what halves the batch again and again takes 15 turns in place of 4.
SMALL, LARGE = 17, 32_771
#: What cannot be traced is run, on fewer: a table of all pairs has to fit into memory. From 17 to
#: the last of these, halving takes three times as many turns, and five chunks of a thousand come;
#: from one of these to the other halving hardly grows.
_MIDDLE, MANY = 1_031, 4_099
#: Work that grows by more than this is no matter of a remainder, or of halving.
_GROWTH = 5
#: The same for what is run: worth a look, and a loop.
_DOUBTED, _RUN_GROWTH = 2, 1.6
#: Work that does not count, by the measure: a padding, a remainder.
_SLACK = {"calls": 1, "equations": 4, "events": 40}
#: After so many of Python's steps in tracing the large batch, a look at one of four times the small
#: size may spare the rest: a loop's program is three times as long there at the least, what halves
#: the batch has seven turns in place of five. So many times the steps of that one the large one may
#: take. Counting doubles the time of tracing, so the small one's are not counted.
_SUSPECTED, _PATIENCE = 60_000, 16
_FIRST_STEPS = 5_000
_WIDER, _WIDER_GROWTH = 4, 3
#: What shows a loop: work handed back to Python, calls of the functions passed in, the length of
#: the traced program, or, where it cannot be traced, Python's steps.
SIGNS = ("host", "calls", "equations", "events")


def measure(
    function: Callable[..., Any], small: Call, large: Call, files: Container[str]
) -> dict[str, Any]:
    """How the work grows between two calls that differ in their batch sizes alone.

    Args:
        function: the student's.
        small, large: calls on batches of `SMALL` and `LARGE`.
        files: names of the student's files.

    Returns:
        `grown`: of the `SIGNS` the first that it shows; None where it does not loop.
        `work`: for the small batch, how often the passed-in functions were called; where none is,
            the length of the traced program, or Python's steps.

    Raises:
        StudentError: the function raised.
    """
    with no_debugging_by_row():
        return _traced(function, small, large, files) or _run(function, small, large, files)


def _most(sign: str, small: int) -> int:
    return _GROWTH * (small + _SLACK[sign])


def _traced(
    function: Callable[..., Any], small: Call, large: Call, files: Container[str]
) -> dict[str, Any] | None:
    """Measured by tracing; None where that cannot be done."""
    before = program(function, small)
    if before is None:
        return None
    calls = sum(small.counts())
    work = calls or _size(before)
    most_calls = _most("calls", calls)

    def traced(most: int) -> Any:
        large.forget_counts()
        with Steps(large, files, most, most_calls).counted():
            return program(function, large)

    try:
        try:
            after = traced(_SUSPECTED)
        except EndedError:
            # What a loop shows before all of the large batch has been gone through.
            if sum(large.counts()) > most_calls:
                return {"grown": "calls", "work": work}
            wider = _resized(small, large, _WIDER * SMALL)
            steps = Steps(wider, files)
            with steps.counted():
                between = program(function, wider)
            if between is not None and _size(between) > _WIDER_GROWTH * _size(before):
                more = sum(wider.counts()) > _WIDER_GROWTH * calls
                return {"grown": "calls" if more else "equations", "work": work}
            after = traced(_PATIENCE * steps.count + _FIRST_STEPS)
    except EndedError:
        longer = True
    else:
        if after is None:
            return None
        if _hands_back(after):
            return {"grown": "host", "work": work}
        longer = _size(after) > _most("equations", _size(before))
    more = sum(large.counts()) > most_calls
    return {"grown": "calls" if more else "equations" if longer else None, "work": work}


def program(function: Callable[..., Any], call: Call) -> Any:
    """The program that JAX makes of a call by tracing; None where that cannot be done."""
    import jax

    arrays, rebuild = split(call.arguments)
    try:
        return jax.make_jaxpr(lambda *traced: function(*rebuild(list(traced))))(*arrays).jaxpr
    except Exception:  # it converts to NumPy or to Python numbers on its way, or it just fails
        return None


def _size(jaxpr: Any) -> int:
    """The number of equations, those of inner programs counted wherever they are called."""
    return sum(1 + sum(map(_size, inner_programs(equation))) for equation in jaxpr.eqns)


def _hands_back(jaxpr: Any) -> bool:
    """True if a part of the program's numbers is made by Python."""
    return any(
        hands_back(equation) or any(map(_hands_back, inner_programs(equation)))
        for equation in jaxpr.eqns
    )


def _run(
    function: Callable[..., Any], small: Call, large: Call, files: Container[str]
) -> dict[str, Any]:
    """Measured by running."""
    few, calls = _steps(function, small, files)
    most = _most("events", few), _most("calls", calls)
    sizes = {size: _resized(small, large, size) for size in (MANY, _MIDDLE)}
    many, more_calls = _steps(function, sizes[MANY], files, *most)
    loops = many > most[0]
    if not loops and many > _DOUBTED * (few + _SLACK["events"]):
        loops = many > _RUN_GROWTH * _steps(function, sizes[_MIDDLE], files)[0]
    more = more_calls > most[1]
    return {"grown": "calls" if more else "events" if loops else None, "work": calls or few}


def _steps(
    function: Callable[..., Any],
    call: Call,
    files: Container[str],
    most: int | None = None,
    most_calls: int = 0,
) -> tuple[int, int]:
    """Python's steps, and the calls of passed-in functions, in two calls.

    In the first call the compiler works, too: of it the student's own lines count. In the second
    one all counts, but it may remember what the first one did. Beyond the most it is ended.
    """
    count = calls = 0
    for own in (True, False):
        steps = Steps(call, files, most and most - count, most_calls, own=own)
        call.forget_counts()
        try:
            with steps.counted():
                perform(function, call)
        except StudentError as error:
            if not isinstance(error.cause, EndedError):
                raise
            return count + steps.count, max(calls, sum(call.counts()))
        count += steps.count
        calls = max(calls, sum(call.counts()))
    return count, calls


def _resized(small: Call, large: Call, size: int) -> Call:
    """The large call with less in it: its batch, the axes in which the two differ, cut off."""

    def cut(one: Any, other: Any) -> Any:
        if type(one) is int:
            return one if one == other else size
        if not isinstance(one, np.ndarray) or one.shape == other.shape:
            return other
        axes = zip(one.shape, other.shape, strict=True)
        return other[tuple(slice(None if n == m else size) for n, m in axes)]

    pairs = zip(
        trees.leaves(small.request.arguments), trees.leaves(large.request.arguments), strict=True
    )
    arguments = trees.rebuilt(large.request.arguments, iter([cut(*pair) for pair in pairs]))
    return Call(replace(large.request, arguments=arguments), large.names)
