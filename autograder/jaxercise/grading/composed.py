"""Whether a function is wrong only because another one is that it uses.

What a right function makes of the student's other one is found out by running the reference with
that one in its place: the reference on the judge's side as always, the student's function where it
is. Another right function may make something else of it, so a difference says nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxercise.cache.folders import configure_judge
from jaxercise.claims.claims import Claim
from jaxercise.comparison import Expected, compare
from jaxercise.grading.references import Solutions
from jaxercise.grading.running import explore
from jaxercise.grading.session import HaltError, Listener, Session
from jaxercise.sandboxed.calling import Call, applied
from jaxercise.sandboxed.internals import is_tracer
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Reply, WorkerStoppedError, asked_twice

_INPUTS = 4
#: How far two float32 programs with one idea may differ, relative to the largest number.
_CLOSE = 1e-3


class _NothingError(Exception):
    """There is nothing to compare with."""


class _Heard(Listener):
    """Keeps what was asked and what came back."""

    def __init__(self) -> None:
        self.replies: list[tuple[Request, Reply]] = []

    def replied(self, request: Request, reply: Reply) -> None:
        self.replies.append((request, reply))


def own_part_is_right(claim: Claim, other: str, session: Session) -> bool:
    """Whether a function is known to do right with another one of the student's that is wrong.

    Args:
        claim: what does not hold of the function.
        other: the name of the one it uses.
        session: where both are.
    """
    programs, heard, part = session.references.programs, _Heard(), session.part
    if not isinstance(programs, Solutions):
        return False
    try:
        explore(claim, session.listened(heard), _INPUTS)
        for request, reply in heard.replies:
            due = _composed(programs, request, other, session)
            if compare(reply.value, Expected(due, _allowed(due), part)) is not None:
                return False
    except (_NothingError, HaltError, WorkerStoppedError):
        return False
    return bool(heard.replies)


def _allowed(due: Any) -> Any:
    numbers = np.concatenate([np.ravel(leaf) for leaf in trees.leaves(due)]).astype(np.float64)
    largest = np.max(np.abs(numbers[np.isfinite(numbers)]), initial=0)
    return trees.mapped(lambda leaf: np.full(leaf.shape, _CLOSE * largest), due)


def _composed(solutions: Solutions, request: Request, other: str, session: Session) -> Any:
    """What the reference returns with the student's other function in the place of its own.

    Raises:
        _NothingError: it makes no use of it, differentiates it, or cannot go on with what came.
        WorkerStoppedError: the student's process is gone.
    """
    import jax

    configure_judge()
    module, asked = solutions.imported(), False
    call = Call(request.plain(), vars(module))
    passed = {id(real): leaf for leaf, real in call.made}

    def told(argument: Any) -> Any:
        return np.asarray(argument) if isinstance(argument, jax.Array) else passed[id(argument)]

    def stand_in(*arguments: Any) -> Any:
        nonlocal asked
        asked = True
        arrays = [one for one in arguments if isinstance(one, jax.Array)]

        def filled(given: Any) -> list[Any]:
            remaining = iter(given)
            return [next(remaining) if isinstance(one, jax.Array) else one for one in arguments]

        def ask(*given: Any) -> Any:
            request = Request(other, tuple(map(told, filled(given))))
            reply = asked_twice(lambda: session.runner.call(request))
            if reply.raised is not None:
                raise _NothingError
            return reply.value

        if not any(map(is_tracer, arrays)):
            return trees.mapped(jax.numpy.asarray, ask(*arrays))
        # Under vmap it is asked for one row after the other.
        like = jax.eval_shape(lambda *given: original(*filled(given)), *arrays)
        return jax.pure_callback(ask, like, *arrays, vmap_method="sequential")

    with jax.disable_jit(), jax.default_device(jax.local_devices(backend="cpu")[0]):
        original = getattr(module, other)
        setattr(module, other, stand_in)
        function = getattr(module, request.function)
        try:
            value = applied(call.request, function, call.arguments, call.result_arguments)
            due = trees.mapped(np.asarray, jax.device_get(value))
        except (_NothingError, WorkerStoppedError):
            raise
        except Exception as error:  # of a right program that goes on with what is not right
            raise _NothingError from error
    if not asked:
        raise _NothingError
    return due
