"""What is done while nobody waits: by a forkserver once, what each worker would do again.

No task of it starts a backend: a process with a live one cannot be forked. That is for a worker
which is started before it is needed.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator

from jaxercise.sandboxed.compiling import MATMUL_PRECISION
from jaxercise.sandboxed.families import FAMILIES, Family
from jaxercise.sandboxed.internals import LOWERING_MODULES


def tasks() -> Iterator[Callable[[], None]]:
    """The tasks, the most useful first; each is short, and any number of them may stay undone."""
    for module in LOWERING_MODULES:
        yield lambda module=module: _import(module)  # type: ignore[misc]
    for family in FAMILIES.values():
        yield lambda family=family: _trace(family)  # type: ignore[misc]


def _import(module: str) -> None:
    with contextlib.suppress(ImportError):  # another JAX may have it elsewhere
        importlib.import_module(module)


def _trace(family: Family) -> None:
    """Trace a family's function and its derivatives, alone and over a batch."""
    import jax

    def shaped(*shape: int) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(shape, "float32")  # type: ignore[no-untyped-call]

    ranks = family.ranks
    coefficients = shaped(len(family.coefficients))
    one = [shaped(*[2] * rank) for rank in ranks]
    batch = [shaped(3, *[2] * rank) for rank in ranks]
    function = family.compiled
    with jax.default_matmul_precision(MATMUL_PRECISION):  # what is traced depends on it
        for _ in range(1 if ranks[0] else 2):
            jax.make_jaxpr(function)(coefficients, *one)
            jax.make_jaxpr(jax.vmap(function, (None, *[0] * len(ranks))))(coefficients, *batch)
            function = jax.grad(function, 1)
        jax.make_jaxpr(function)(coefficients, *one)


def compile_first() -> None:
    """Start the backend and compile programs: of all that a worker compiles, they take longest."""
    import jax
    import numpy as np

    family = FAMILIES["scalar"]
    coefficients = family.vector(p2=1)
    slopes = jax.vmap(jax.grad(lambda x: family.compiled(coefficients, x)))
    jax.block_until_ready(slopes(jax.device_put(np.ones(3, np.float32))))  # type: ignore[no-untyped-call]
