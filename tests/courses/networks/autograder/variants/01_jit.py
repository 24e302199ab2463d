"""Right answers in other styles: 01_jit. Each has to earn every point.

A function is called by what it answers, two underscores, and its style.
"""

import functools

import jax
import jax.numpy as jnp
from jax import lax


def guarded_step__cond(params, gradient, rate):
    """`lax.cond` over two functions of the operands."""
    return lax.cond(
        jnp.isfinite(gradient).all(),
        lambda p, g: p - rate * g,
        lambda p, g: p,
        params,
        gradient,
    )


def guarded_step__select(params, gradient, rate):
    """`lax.select`, which wants a condition of the shape of the params."""
    fine = jnp.full(params.shape, jnp.all(jnp.abs(gradient) < jnp.inf))
    return lax.select(fine, params - rate * gradient, params)


def guarded_step__no_step(params, gradient, rate):
    """The gradient is replaced by zeros, all of it."""
    bad = jnp.any(jnp.isnan(gradient) | jnp.isinf(gradient))
    return params - rate * jnp.where(bad, jnp.zeros_like(gradient), gradient)


@jax.jit
def guarded_step__switch(params, gradient, rate):
    """`lax.switch`, with how many entries are not finite as the index."""
    bad = jnp.count_nonzero(~jnp.isfinite(gradient))
    return lax.switch(bad, [lambda: params - rate * gradient, lambda: params])


def levels__min_max(start, flows, capacity):
    """`minimum` and `maximum` in place of `clip`."""

    def day(level, flow):
        level = jnp.minimum(jnp.maximum(level + flow, 0), capacity)
        return level, level

    _, found = lax.scan(day, start, flows)
    return found


@jax.jit
def levels__fori_loop(start, flows, capacity):
    """`fori_loop` that writes each level into its place."""

    def day(i, found):
        before = jnp.where(i == 0, start, found[i - 1])
        return found.at[i].set(jnp.clip(before + flows[i], 0, capacity))

    return lax.fori_loop(0, flows.shape[0], day, jnp.zeros_like(flows))


def levels__while_loop(start, flows, capacity):
    """`while_loop` that carries the day, the level and the list."""

    def day(carried):
        i, level, found = carried
        level = jnp.clip(level + flows[i], 0.0, capacity)
        return i + 1, level, found.at[i].set(level)

    carried = (0, start, jnp.empty_like(flows))
    return lax.while_loop(lambda carried: carried[0] < len(flows), day, carried)[2]


def levels__associative(start, flows, capacity):
    """Each day is a function x -> clip(x + a, low, high), and such functions are composed."""

    def then(one, other):
        (a, low, high), (b, below, above) = one, other
        return a + b, jnp.clip(low + b, below, above), jnp.clip(high + b, below, above)

    days = flows, jnp.zeros_like(flows), jnp.full_like(flows, capacity)
    shift, low, high = lax.associative_scan(then, days)
    return jnp.clip(start + shift, low, high)


def window_means__positions(x, width):
    """`static_argnums` in place of the name."""
    return jax.jit(means, static_argnums=1)(x, width)


_compiled = jax.jit(lambda x, w: jnp.mean(jnp.stack([x[i : len(x) - w + 1 + i] for i in range(w)]), 0),
                    static_argnums=(1,))


def window_means__shifted(x, width):
    """One function compiled outside, of shifted copies of its own."""
    return _compiled(x, width)


@functools.partial(jax.jit, static_argnames=["width"])
def window_means__convolved(x, width):
    """The function itself is decorated, and convolves."""
    return jnp.convolve(x, jnp.full(width, 1 / width, x.dtype), mode="valid")


@functools.lru_cache
def _program(width):
    return jax.jit(lambda x: means(x, width))


def window_means__remembered(x, width):
    """A compiled function for each width, remembered by hand."""
    return _program(width)(x)


def means(x, width):
    places = jnp.arange(len(x) - width + 1)[:, None] + jnp.arange(width)
    return jnp.mean(x[places], axis=1)


def observe__updated_copy(state, value):
    """A copy of the dict is changed, and not the dict."""
    state = dict(state)
    state["count"] = state["count"] + 1
    state["mean"] += (value - state["mean"]) / state["count"]
    state["largest"] = jnp.where(value > state["largest"], value, state["largest"])
    return state


@jax.jit
def observe__weighted(state, value):
    """The mean as a weighted sum of the old one and the value."""
    n = state["count"].astype(jnp.float32)
    mean = (state["mean"] * n + value) / (n + 1)
    largest = jnp.max(jnp.stack([state["largest"], value]))
    return dict(count=state["count"] + 1, mean=mean, largest=largest)


def observe__merged(state, value):
    """`|` makes the new dict; the share of the new value is computed first."""
    share = 1.0 / (state["count"] + 1.0)
    return state | {
        "count": state["count"] + jnp.int32(1),
        "mean": (1.0 - share) * state["mean"] + share * value,
        "largest": lax.max(state["largest"], value),
    }


def observe__cond(state, value):
    """`lax.cond` decides whether the value is the largest."""
    count, mean, largest = state["count"] + 1, state["mean"], state["largest"]
    largest = lax.cond(value >= largest, lambda: value, lambda: largest)
    return {"largest": largest, "mean": mean - (mean - value) / count, "count": count}
