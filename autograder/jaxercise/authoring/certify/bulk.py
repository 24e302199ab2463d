"""Many calls of one body at once: what JAX traces and compiles for them it does a single time.

Each call that a judge makes hands over new functions, so that JAX traces the body anew: fine for
eight examples, and nearly all of the time that ten thousand take. Here the calls that differ in
their numbers alone become one compiled loop, over exactly what a single call under `jit` computes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from jaxercise.comparison import Expected
from jaxercise.grading.reference_cache import fingerprint
from jaxercise.grading.references import arrays, question
from jaxercise.grading.session import Session
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.values import Key
from jaxercise.workers.runner import Reply, Request, Runner

#: So many calls go into one message; fewer are filled up, for every new shape compiles again.
_CHUNK = 250
_HEAD = """
import jax as _jax
from jaxercise.sandboxed.families import FAMILIES as _FAMILIES
from jaxercise.sandboxed.calling import under as _under


def _passed(family, coefficients):
    compiled = _FAMILIES[family].compiled
    return lambda *arguments: compiled(coefficients, *arguments)


def _key(seed, typed):
    return _jax.random.key(seed) if typed else _jax.random.PRNGKey(seed)


def _bulk(one):
    return _jax.jit(lambda *stacked: _jax.lax.map(lambda row: one(iter(row)), stacked))
"""


class Collecting(Session):
    """A session that notes what is asked, and answers as the reference does."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.runner, session.references)
        self.asked: dict[str, Request] = {}

    def call(self, request: Request, parameters: tuple[str, ...]) -> Reply:
        self.asked.setdefault(fingerprint(request), request)
        return Reply(_rounded(self.expected(request).value))

    def check(self, value: Any, expected: Expected, *about: Any, **texts: Any) -> None:
        """Nothing is compared yet."""

    def refuse(self, kind: str, *about: Any, **texts: Any) -> NoReturn:
        raise RuntimeError(kind)


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
            rows = [[array for _, array in arrays(one)] for one in filled]
            reply = runner.call(
                Request(f"_bulk_{i}", tuple(map(np.stack, zip(*rows, strict=True))))
            )
            if reply.raised is not None:
                break
            found |= {fingerprint(one): Reply(_row(reply.value, k)) for k, one in enumerate(chunk)}
    return found


def _program(name: str, request: Request) -> str:
    """The text of a function that makes calls like this one."""
    lines = [
        f"def {name}(left):",
        f"    value = _under({request.under!r}, {request.function}, {_texts(request.arguments)})",
    ]
    if request.result_arguments is not None:
        given = _texts(request.result_arguments)
        lines.append(f"    value = _under({request.result_under!r}, value, {given})")
    return "\n".join([*lines, "    return value", f"{name} = _bulk({name})", ""])


def _texts(arguments: tuple[Any, ...]) -> str:
    return f"[{', '.join(map(_text, arguments))}]"


def _text(one: Any) -> str:
    if isinstance(one, Described):
        return f"_passed({one.family.name!r}, next(left))"
    if isinstance(one, Key):
        return f"_key({one.seed}, {one.typed})"
    return repr(one) if isinstance(one, int) else "next(left)"


def _row(value: Any, place: int) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(_row(one, place) for one in value)
    return np.asarray(value[place])


def _rounded(value: Any) -> Any:
    """An exact answer as a right one would have it."""
    if isinstance(value, tuple):
        return tuple(map(_rounded, value))
    with np.errstate(over="ignore"):
        return value if value.dtype == bool else value.astype(np.float32)
