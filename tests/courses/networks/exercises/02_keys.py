# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 · Random numbers from keys
#
# `jax.random` has no hidden state. Every function takes a **key**, and the same key gives the
# same numbers: today, tomorrow, under `jit`, on another machine. That makes experiments
# repeatable, and it moves a duty to you: whatever should be independent needs a key of its own.
#
# - `jax.random.split(key)` makes two new keys, `split(key, 5)` makes five. The old one is used up.
# - `jax.random.fold_in(key, number)` makes the key that belongs to a number.
#
# No error tells you that a key was used twice. The numbers look random, one set of them by
# itself. Only side by side do they show that they know of each other.
#
# You will write three short functions.
#
# **What counts.** The distribution of the numbers, that they are independent of each other, and
# that the same key always gives the same ones. Which numbers they are is up to you: split as you
# like. Keys come from `jax.random.key` or `jax.random.PRNGKey`; both kinds have to work.
#
# **Check yourself** with `pytest autograder/test_02_keys.py`.

# %%
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

# %% [markdown]
# ## A small example
#
# `weather` draws a temperature and a rainfall from one key. Each by itself is as it should be,
# but the warmest day is also the wettest, and always will be: both are made from the same bits.


# %%
# given
def weather(key: PRNGKeyArray, days: int) -> tuple[Float[Array, " days"], Float[Array, " days"]]:
    """Temperatures and rainfalls, drawn with a mistake."""
    temperature = 15.0 + 5.0 * jax.random.normal(key, days)
    rain = 10.0 * jax.random.uniform(key, days)
    return temperature, rain


# %%
if __name__ == "__main__":
    temperature, rain = weather(jax.random.key(0), 1000)
    print("warmest and wettest:", jnp.argmax(temperature), jnp.argmax(rain))  # the same day
    print("correlation:", jnp.corrcoef(temperature, rain)[0, 1])  # 0.98

# %% [markdown]
# ## Two draws, two keys: `points`
#
# Draw `n` points in the plane, each with a weight: a dict with
#
# - `place`, shape `(n, 2)`: standard normal numbers,
# - `weight`, shape `(n,)`: uniform numbers between 0 and 1.
#
# All of them are independent of each other: a weight says nothing about its point.


# %%
def points(key: PRNGKeyArray, n: int) -> dict[str, Array]:
    """Random points with random weights: `place` (n, 2) and `weight` (n,).

    n is a Python int.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    drawn = points(jax.random.key(1), 1000)
    print("place: ", jnp.mean(drawn["place"]), jnp.std(drawn["place"]))  # near 0, near 1
    print("weight:", jnp.min(drawn["weight"]), jnp.max(drawn["weight"]))  # near 0, near 1

# %% [markdown]
# ## Each entry by itself: `dropout`
#
# While a network is trained, some of its numbers are replaced by zeros, others in every step, so
# that it cannot lean on single ones. Each entry of `x` becomes 0 with chance `rate`, each decided
# by itself. What is kept is divided by `1 - rate`: then the sum is on average what it was. With a
# rate of 0, all of `x` stays as it is.
#
# `rate` is an array, and may be traced.


# %%
def dropout(key: PRNGKeyArray, x: Float[Array, " n"], rate: Float[Array, ""]) -> Float[Array, " n"]:
    """x with some entries 0, and the others enlarged to make up for it.

    x and the result have shape (n,), rate has shape () and is at least 0 and less than 1.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    thinned = dropout(jax.random.key(2), jnp.ones(1000), jnp.array(0.2))
    print("values:", jnp.unique(thinned))  # 0 and 1.25
    print("mean:  ", jnp.mean(thinned))  # near 1

# %% [markdown]
# ## The numbers of a step: `noise_at`
#
# A training run adds noise in every step. It is stopped after step 500, and taken up again the
# next day. If each step splits the key of the step before, somebody has to have kept the 500th
# key. If the noise of a step belongs to the run's key and the step's number alone, nothing has to
# be kept.
#
# Return `n` standard normal numbers for a step: others for every step and for every key, always
# the same for the same two, whatever has been drawn before. The step is an int32 array, traced
# under `jit`, so it cannot say how often Python's `for` goes round, or how many keys there are.


# %%
def noise_at(key: PRNGKeyArray, step: Int[Array, ""], n: int) -> Float[Array, " n"]:
    """The noise of one step: n standard normal numbers.

    step has shape () and is at least 0, n is a Python int; the result has shape (n,).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    run = jax.random.key(3)
    for number in (0, 1, 500, 0):
        print(f"step {number:3d}:", noise_at(run, jnp.array(number), 3))  # the last as the first
