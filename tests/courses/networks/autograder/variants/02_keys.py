"""Right answers in other styles: 02_keys. Each has to earn every point.

A function is called by what it answers, two underscores, and its style.
"""

import functools

import jax
import jax.numpy as jnp
from jax import random


def points__three_keys(key, n):
    """A key for each column, put together afterwards."""
    first, second, third = random.split(key, 3)
    place = jnp.stack([random.normal(first, (n,)), random.normal(second, (n,))], axis=1)
    return {"place": place, "weight": random.uniform(third, (n,))}


def points__folded(key, n):
    """`fold_in` in place of `split`."""
    return {
        "weight": random.uniform(random.fold_in(key, 1), n),
        "place": random.normal(random.fold_in(key, 2), (n, 2)),
    }


@functools.partial(jax.jit, static_argnames="n")
def points__one_draw(key, n):
    """All numbers are drawn at once, and a third of them are made uniform by the normal's cdf."""
    numbers = random.normal(key, (n, 3))
    return {"place": numbers[:, :2], "weight": jax.scipy.stats.norm.cdf(numbers[:, 2])}


def points__key_for_each(key, n):
    """Every point has keys of its own, under `vmap`."""

    def one(key):
        key, other = random.split(key)
        return {"place": random.normal(key, 2), "weight": random.uniform(other)}

    return jax.vmap(one)(random.split(key, n))


def dropout__uniform(key, x, rate):
    """Uniform numbers are compared with the rate."""
    return x * (random.uniform(key, x.shape) >= rate) / (1 - rate)


def dropout__split_first(key, x, rate):
    """A key of its own, and the kept ones scaled after the choice."""
    _, key = random.split(key)
    dropped = random.bernoulli(key, rate, x.shape)
    return jnp.where(dropped, 0, x) * (1 / (1 - rate))


@jax.jit
def dropout__key_for_each(key, x, rate):
    """A key for each entry, under `vmap`."""

    def one(key, entry):
        return jax.lax.cond(
            random.uniform(key) < rate, lambda: 0.0 * entry, lambda: entry / (1 - rate)
        )

    return jax.vmap(one)(random.split(key, len(x)), x)


def dropout__factors(key, x, rate):
    """Factors are chosen, with `choice`, and multiplied with."""
    factors = jnp.stack([jnp.zeros_like(rate), 1 / (1 - rate)])
    chosen = random.choice(key, 2, x.shape, p=jnp.stack([rate, 1 - rate]))
    return factors[chosen] * x


def noise_at__folded_late(key, step, n):
    """One key for the noise of all steps, and from it the step's."""
    noise_key = random.split(key, 2)[1]
    return random.normal(random.fold_in(noise_key, step), shape=(n,))


def noise_at__key_for_each(key, step, n):
    """The step's key is split for its numbers."""
    keys = random.split(random.fold_in(key, step), n)
    return jax.vmap(random.normal)(keys)


def noise_at__folded_twice(key, step, n):
    """Step and place are folded in one after the other."""
    key = random.fold_in(key, step)
    return jnp.stack([random.normal(random.fold_in(key, place)) for place in range(n)])


@functools.partial(jax.jit, static_argnums=2)
def noise_at__counted_down(key, step, n):
    """The keys are split one after the other, by a loop of JAX's: slow, and right."""
    new = jax.random.fold_in(key, 7)
    new = jax.lax.fori_loop(0, step, lambda _, key: random.split(key, 2)[0], new)
    return random.normal(random.split(new, 2)[1], (n,))
