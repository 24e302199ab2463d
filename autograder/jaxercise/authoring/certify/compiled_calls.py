"""Many calls of one body at once: what JAX traces and compiles for them it does a single time.

Each call that a judge makes hands over new functions, so that JAX traces the body anew: fine for
eight examples, and nearly all of the time that ten thousand take. Here the calls that differ in
their numbers alone become one compiled loop, over exactly what a single call under `jit` computes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jaxercise.cache.persistent import fingerprint
from jaxercise.comparison import as_answered
from jaxercise.grading.numbers import numbers, question
from jaxercise.grading.references import References
from jaxercise.grading.session import Listener, Session
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Raised, Reply, Runner

#: So many calls go into one message; fewer are filled up, for every new shape compiles again.
_CHUNK = 250
_HEAD = """
import collections as _collections
import json as _json
import jax as _jax
import numpy as _numpy
from jaxercise.sandboxed.calling import computed as _computed
from jaxercise.sandboxed.requests import Request as _Request


def _bulk(function, like):
    request = _Request.decode(_json.loads(like), _collections.defaultdict(_numpy.zeros(()).copy))

    def one(numbers):
        return _computed(request, function, numbers, globals())

    return _jax.jit(lambda *stacked: _jax.lax.map(one, stacked))
"""


class Echo:
    """A runner that notes what is asked, and answers as the references do."""

    def __init__(self, references: References) -> None:
        self._references = references
        self.asked: dict[str, Request] = {}

    def session(self) -> Session:
        """A session in which properties ask it."""
        return Session(self, self._references, Listener())

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return frozenset(), ()

    def call(self, request: Request) -> Reply:
        self.asked.setdefault(fingerprint(request), request)
        return Reply(as_answered(self._references.expected(request).value))

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any]:
        return {"grown": None, "work": 0}

    def close(self) -> None:
        pass


def replies(runner: Runner, name: str, code: str, requests: Iterable[Request]) -> dict[str, Reply]:
    """What a body replies to calls, under `jit`, by their fingerprints.

    Those are missing that it cannot reply to in that way: it cannot be traced, or it returns what
    is no array.

    Args:
        runner: where it runs; the body is loaded there afterwards.
        name: what the body is called.
        code: the body.
        requests: the calls.
    """
    alike: dict[Any, list[Request]] = defaultdict(list)
    for request in requests:
        alike[question(request), request.under, request.result_under].append(request)
    groups = list(alike.values())
    programs = [_program(f"_bulk_{i}", group[0]) for i, group in enumerate(groups)]
    runner.load(name, ["\n".join([code, _HEAD, *programs])])
    found: dict[str, Reply] = {}
    for i, group in enumerate(groups):
        for start in range(0, len(group), _CHUNK):
            chunk = group[start : start + _CHUNK]
            filled = chunk + chunk[-1:] * (_CHUNK - len(chunk))
            rows = [[number.value for number in numbers(one)] for one in filled]
            reply = runner.call(
                Request(f"_bulk_{i}", tuple(map(np.stack, zip(*rows, strict=True))))
            )
            if reply.raised is not None:
                break
            found |= {fingerprint(one): Reply(_row(reply.value, k)) for k, one in enumerate(chunk)}
    return found


def _program(name: str, request: Request) -> str:
    """The text of a function that makes calls like this one, of their numbers."""
    like = json.dumps(_without_contents(request).encode({}))
    return f"{name} = _bulk({request.function}, {like!r})\n"


def _without_contents(request: Request) -> Request:
    """The request with a zero in the place of every array."""

    def empty(leaf: Any) -> Any:
        if isinstance(leaf, Described):
            return Described(leaf.family, np.zeros(()))
        return np.zeros(()) if isinstance(leaf, np.ndarray | np.generic) else leaf

    arguments, last = trees.mapped(empty, (request.arguments, request.result_arguments))
    return replace(request, arguments=arguments, result_arguments=last)


def _row(value: Any, place: int) -> Any:
    return trees.mapped(lambda one: np.asarray(one[place]), value)
