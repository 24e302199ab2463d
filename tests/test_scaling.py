"""Loops in Python are told from transformations, whichever of them carries the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jaxercise.sandboxed.families import SCALAR, Described
from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.scaling import LARGE, SMALL
from jaxercise.workers import runner

HEAD = """
import functools
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import checkify, io_callback
"""

#: Functions `apply(f, x)`, with `f() -> ()` and `x (n,)`, that transform.
RIGHT = {
    "vmap": "return jax.vmap(f)(x)",
    "gradient of a sum": "return jax.grad(lambda v: jnp.sum(jax.vmap(f)(v)))(x)",
    "diagonal of a jacobian": "return jnp.diag(jax.jacfwd(jax.vmap(f))(x))",
    "diagonal of a jacobian as NumPy": "return np.diag(jax.jacfwd(jax.vmap(f))(x))",
    "vectorize": "return jnp.vectorize(f)(x)",
    "map": "return lax.map(f, x)",
    **{
        f"map, batches of {b}": f"return lax.map(f, x, batch_size={b})"
        for b in (1, 2, 3, 5, 7, 16, 17, 18, 100, 1000, 10_000, 40_000)
    },
    "scan, unrolled": "return lax.scan(lambda c, v: (c, f(v)), None, x, unroll=8)[1]",
    "scan, unrolled as a whole": "return lax.scan(lambda c, v: (c, f(v)), 0, x, unroll=True)[1]",
    "fori_loop": "return lax.fori_loop(0, len(x), lambda i, y: y.at[i].set(f(x[i])), x)",
    "associative_scan": "return lax.associative_scan(jnp.add, jax.vmap(f)(x))",
    "associative_scan of f": "return lax.associative_scan(lambda a, b: jax.vmap(f)(a) * b, x)",
    "halving": """
    y = jax.vmap(f)(x)
    while len(y) > 1:
        odd = y[len(y) // 2 * 2:]
        y = jnp.concatenate([y[:-1:2] + y[1::2], odd])
    return y""",
    "padded and mapped": """
    y = jnp.pad(x, (0, -len(x) % 64)).reshape(-1, 64)
    return lax.map(jax.vmap(f), y).ravel()[:len(x)]""",
    "debug.print": """
    def shown(v):
        jax.debug.print("{}", v)
        return f(v)
    return jax.vmap(shown)(x)""",
    "debug.print, as NumPy": """
    def shown(v):
        jax.debug.print("{}", v)
        return f(v)
    return np.asarray(jax.vmap(shown)(x))""",
    "debug.callback": """
    def shown(v):
        jax.debug.callback(lambda v: None, v)
        return f(v)
    return jax.jit(jax.vmap(shown))(x)""",
    "a callback that only watches": "io_callback(lambda v: None, None, x); return jax.vmap(f)(x)",
    "checkpoint": "return jax.vmap(jax.checkpoint(f))(x)",
    "checkify": """
    checked = checkify.checkify(jax.vmap(f), errors=checkify.float_checks)
    return checked(x)[1]""",
    "epochs": """
    for _ in range(30):
        x = x - 0.1 * jax.vmap(f)(x)
    return x""",
    "as NumPy": "return np.asarray(jax.jit(jax.vmap(f))(x))",
    "looked at": "return jax.vmap(f)(x) if float(x[0]) < 2 else x",
    "remembered by its size": """
    @functools.cache
    def many(n):
        return jax.jit(jax.vmap(f))
    return np.asarray(many(len(x))(x))""",
    "an import in it": "import colorsys; return np.asarray(jax.vmap(f)(x))",
}

CHUNKS = "jnp.concatenate([jax.vmap(f)(x[i:i + {0}]) for i in range(0, len(x), {0})])"

#: Such functions that loop in Python.
LOOPS = {
    "stack": "return jnp.stack([f(v) for v in x])",
    "stack under jit": "return jax.jit(lambda x: jnp.stack([f(x[i]) for i in range(len(x))]))(x)",
    "map of Python": "return jnp.stack(list(map(f, x)))",
    "map of jit": "return jnp.stack(list(map(jax.jit(f), x)))",
    "set": """
    y = jnp.zeros_like(x)
    for i in range(len(x)):
        y = y.at[i].set(f(x[i]))
    return y""",
    "floats": "return jnp.array([float(f(v)) for v in x])",
    "from NumPy": "return np.array([f(v) for v in np.asarray(x)], np.float32)",
    "jit from NumPy": "g = jax.jit(f); return np.array([g(v) for v in np.asarray(x)])",
    "np.vectorize": "return jnp.asarray(np.vectorize(f)(x))",
    "np.vectorize of jit": "return jnp.asarray(np.vectorize(jax.jit(f))(x))",
    "apply_along_axis": "return np.apply_along_axis(lambda v: f(v[0]), 1, np.asarray(x)[:, None])",
    "memo": """
    known = {}
    for v in np.asarray(x).tolist():
        if v not in known:
            known[v] = float(f(v))
    return jnp.array([known[v] for v in np.asarray(x).tolist()])""",
    "kept by size": """
    if len(x) not in KEPT:
        KEPT[len(x)] = np.array([float(f(v)) for v in x], np.float32)
    return KEPT[len(x)]""",
    "class": """
    class Walk:
        def __init__(self):
            self.out = []
        def __call__(self, v):
            self.out.append(f(v))
    walk = Walk()
    for i in range(x.shape[0]):
        walk(x[i])
    return jnp.stack(walk.out)""",
    "recursion": """
    def rest(y):
        if len(y) == 1:
            return f(y[0])[None]
        return jnp.concatenate([rest(y[:len(y) // 2]), rest(y[len(y) // 2:])])
    return rest(x)""",
    "recursion by one": """
    def rest(i):
        return [] if i == len(x) else [f(x[i]), *rest(i + 1)]
    return jnp.stack(rest(0))""",
    **{
        f"chunks of {size}": f"return {CHUNKS.format(size)}"
        for size in (2, 3, 8, 16, 17, 50, 100, 128, 500, 1000)
    },
    "jitted chunks": f"return jax.jit(lambda x: {CHUNKS.format(256)})(x)",
    "chunks of 100 as NumPy": f"return np.asarray({CHUNKS.format(100)}) * float(x[0])",
    "chunks of 1000 as NumPy": f"return np.asarray({CHUNKS.format(1000)}) * float(x[0])",
    "roots": f"k = int(len(x) ** 0.5); return {CHUNKS.format('k')}",
    "pure_callback": """
    host = lambda x: np.array([float(f(v)) for v in x], np.float32)
    return jax.pure_callback(host, x, x)""",
    "pure_callback by row": """
    return jax.vmap(lambda v: jax.pure_callback(np.sin, v, v, vmap_method="sequential"))(x)""",
    "io_callback": "return io_callback(lambda x: np.sin(x), x, x)",
}

#: As above, `predict(weights, rows)` without a function passed in.
WITHOUT_F = {
    "products": "return jnp.stack([jnp.dot(weights, row) for row in rows])",
    "chunks": """
    return jnp.concatenate([rows[i:i + 1000] @ weights for i in range(0, len(rows), 1000)])""",
    "lists": "return np.array([sum(w * v for w, v in zip(weights, row)) for row in rows.tolist()])",
    "NumPy by row": """
    out = np.zeros(len(rows), np.float32)
    for i, row in enumerate(np.asarray(rows)):
        out[i] = row @ np.asarray(weights)
    return out""",
}


def measured(source: str, arguments: Any) -> str | None:
    """What shows that the function `apply` of a file loops."""
    handler = RequestHandler()
    said, _ = handler.handle({"ask": "load", "name": "answer.py", "cells": [source]}, {})
    assert not said["errors"], said
    arrays: dict[str, Any] = {}
    calls = [Request("apply", arguments(n)).encode(arrays) for n in (SMALL, LARGE)]
    said, _ = handler.handle({"ask": "scaling", "calls": calls}, arrays)
    found = runner.scaling(said)
    assert not isinstance(found, runner.Raised), found
    return found["grown"]


def of_entries(body: str) -> str | None:
    f = Described(SCALAR, SCALAR.vector(p2=1, a0=1, w1=1))
    source = f"{HEAD}\nKEPT = {{}}\ndef apply(f, x):\n    {body.strip()}\n"
    return measured(source, lambda n: (f, np.ones(n, np.float32)))


@pytest.mark.parametrize("name", RIGHT)
def test_a_transformation_is_no_loop(name):
    assert of_entries(RIGHT[name]) is None


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_in_python_is_one(name):
    found = of_entries(LOOPS[name])
    assert found == "host" if "callback" in name else found in ("calls", "equations", "events")


@pytest.mark.parametrize("name", WITHOUT_F)
def test_a_loop_is_seen_where_no_function_is_passed_in(name):
    source = f"{HEAD}\ndef apply(weights, rows):\n    {WITHOUT_F[name].strip()}\n"
    ones = np.ones
    assert measured(source, lambda n: (ones(2, np.float32), ones((n, 2), np.float32))) in (
        "equations",
        "events",
    )
