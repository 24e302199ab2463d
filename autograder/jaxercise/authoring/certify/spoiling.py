"""What spoils a function. This text is put behind a reference and handed in with it.

Every spoiler takes a function and returns one that is wrong in a way that has nothing to do with
what it computes. Where a function returns another one, that one is spoiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

_Function = Callable[..., Any]
_Change = Callable[[Any], Any]


def _spoil_inputs(function: _Function, change: _Change) -> _Function:
    return lambda *arguments: _again(
        function(*jax.tree.map(change, arguments)), lambda inner: _spoil_inputs(inner, change)
    )


def _spoil_outputs(function: _Function, change: _Change) -> _Function:
    return lambda *arguments: _again(
        jax.tree.map(change, function(*arguments)), lambda inner: _spoil_outputs(inner, change)
    )


def _again(answer: Any, spoil: _Change) -> Any:
    return spoil(answer) if callable(answer) else answer


def _of_floats(change: _Change) -> _Change:
    def changed(leaf: Any) -> Any:
        is_float = hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)
        return change(leaf) if is_float else leaf

    return changed


def _through(dtype: Any) -> _Change:
    return _of_floats(lambda x: x.astype(dtype).astype(x.dtype))


def _decimals(count: int) -> _Change:
    return _of_floats(lambda x: jnp.round(x, count))


def _clipped(bound: float) -> _Change:
    return _of_floats(lambda x: jnp.clip(x, -bound, bound))


def _without_small(bound: float) -> _Change:
    return _of_floats(lambda x: jnp.where(jnp.abs(x) < bound, 0, x))


def _finite(leaf: Any) -> Any:
    return _of_floats(lambda x: jnp.where(jnp.isfinite(x), x, 0))(leaf)


def _first_rows(count: int) -> _Change:
    """All that stands beyond so many places, along any axis, is 0."""

    def cut(x: Any) -> Any:
        for axis, size in enumerate(x.shape):
            kept = jnp.arange(size).reshape([-1] + [1] * (x.ndim - axis - 1)) < count
            x = jnp.where(kept, x, 0)
        return x

    return _of_floats(cut)


def _transposed(leaf: Any) -> Any:
    def turned(x: Any) -> Any:
        return x.swapaxes(0, 1) if x.ndim > 1 and x.shape[0] == x.shape[1] else x

    return _of_floats(turned)(leaf)


def _at_most(bound: int) -> _Change:
    return lambda leaf: min(leaf, bound) if type(leaf) is int else leaf


def _old_if_not_finite(function: _Function) -> _Function:
    """What is not finite is as in the argument of that shape."""

    def spoiled(*arguments: Any) -> Any:
        def mended(x: Any) -> Any:
            old = next((one for one in arguments if getattr(one, "shape", None) == x.shape), 0)
            return jnp.where(jnp.isfinite(x), x, old)

        return jax.tree.map(_of_floats(mended), function(*arguments))

    return spoiled


def _first_answer_again(function: _Function) -> _Function:
    """The first answer to arguments of these shapes."""
    known: dict[Any, Any] = {}

    def spoiled(*arguments: Any) -> Any:
        leaves = [None if callable(one) else one for one in jax.tree.leaves(arguments)]
        key = tuple(getattr(one, "shape", one) for one in leaves)
        if key not in known:
            known[key] = _again(function(*arguments), _first_answer_again)
        return known[key]

    return spoiled


def _in_chunks(
    function: _Function,
    axes: Sequence[int | None],
    answer_axes: Sequence[int | None],
    size: int,
    made: _Change = jnp.asarray,
) -> _Function:
    """A Python loop over chunks of the batch; the axes are those of it."""

    def spoiled(*arguments: Any) -> Any:
        leaves, tree = jax.tree.flatten(arguments)
        pairs = list(zip(leaves, axes, strict=True))
        count = next(leaf.shape[axis] for leaf, axis in pairs if axis is not None)
        parts = []
        for start in range(0, count, size):
            chunk = range(start, min(start + size, count))
            taken = [
                leaf
                if axis is None
                else jax.lax.slice_in_dim(leaf, chunk[0], chunk[-1] + 1, 1, axis)
                for leaf, axis in pairs
            ]
            parts.append(jax.tree.map(made, function(*jax.tree.unflatten(tree, taken))))
        answers = [jax.tree.leaves(one) for one in parts]
        whole = [
            leaf[-1] if axis is None else jnp.concatenate([jnp.asarray(one) for one in leaf], axis)
            for *leaf, axis in zip(*answers, answer_axes, strict=True)
        ]
        return jax.tree.unflatten(jax.tree.structure(parts[0]), whole)

    return spoiled


def _on_the_host(function: _Function) -> _Function:
    """The numbers are taken through Python, where a loop goes over the rows."""

    def rows(array: Any) -> Any:
        return np.stack([np.array(row) for row in np.asarray(array)])

    def through(leaf: Any) -> Any:
        # No JAX in the callback: its work would wait for threads that wait for the callback.
        return jax.pure_callback(rows, leaf, leaf) if leaf.ndim else leaf

    return _spoil_inputs(function, _of_floats(through))
