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
# # 1 · What `jit` sees
#
# `jax.jit(f)` does not compile your Python. It calls `f` once with stand-ins for the arrays,
# writes down every operation that is done with them, and compiles this list. The next call with
# arrays of the same shapes runs the list, and not a line of your Python.
#
# Most surprises come from there. A stand-in has a shape and a dtype, but no numbers: Python
# cannot take an `if` by it, or a `range`. What Python does on its way (print, count, append)
# happens while the list is written, and not when it is run. A Python loop is written down turn by
# turn. And a new function, however alike, has a list of its own.
#
# You will write four short functions, one for each of these.
#
# **What counts.** The numbers first. Then what each section asks for: that the function works
# under `jax.jit`, that its list does not grow, that it is compiled once.
#
# **Check yourself** with `pytest autograder/test_01_jit.py`.

# %%
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]

# %% [markdown]
# ## A small example
#
# `fare` prints whenever Python runs it. Call it twice under `jit`: the second call says nothing,
# for the shapes are known. With another shape it speaks again, and what it prints is no number.


# %%
# given
@jax.jit
def fare(kilometers: Float[Array, " n"]) -> Float[Array, " n"]:
    """What some taxi rides cost: a basic fee, and a rate that falls after ten kilometers."""
    print("  traced with", kilometers)
    return 4.0 + jnp.where(kilometers < 10.0, 2.0 * kilometers, 20.0 + 1.5 * (kilometers - 10.0))


# %%
if __name__ == "__main__":
    for rides in ([2.0, 12.0], [3.0, 5.0], [1.0, 2.0, 3.0]):
        print(fare(jnp.array(rides)))  # traced for the first and the last

# %% [markdown]
# ## Either, or: `guarded_step`
#
# One bad example can fill a gradient with NaN, and one step along it ruins the params for good.
# So look before you step: if **every** entry of the gradient is finite, return `params - rate *
# gradient`; if a single one is NaN or infinite, return the params as they are, all of them.
#
# The function has to work under `jax.jit` and `jax.vmap`, and there Python's `if` cannot look at
# the gradient. `jax.lax.cond(condition, this, that, *operands)` and `jnp.where(condition, a, b)`
# can.


# %%
def guarded_step(
    params: Float[Array, " p"], gradient: Float[Array, " p"], rate: Scalar
) -> Float[Array, " p"]:
    """A step of gradient descent, or none where the gradient is not finite.

    params and gradient have shape (p,), rate has shape (); the result is (p,).
    """
    ### BEGIN SOLUTION
    fine = jnp.all(jnp.isfinite(gradient))
    return jnp.where(fine, params - rate * gradient, params)
    ### END SOLUTION


# %%
if __name__ == "__main__":
    params, rate = jnp.array([1.0, 2.0]), jnp.array(0.5)
    print("step:   ", guarded_step(params, jnp.array([2.0, -2.0]), rate))  # 0, 3
    print("no step:", guarded_step(params, jnp.array([2.0, jnp.nan]), rate))  # 1, 2

# %% [markdown]
# ## One after the other: `levels`
#
# A rain barrel holds at most `capacity` liters. Day after day water flows in (or is taken out,
# then the flow is negative): what does not fit runs over, and nothing can be taken out of an
# empty barrel. So each day's level is yesterday's plus the flow, brought back into the range from
# 0 to `capacity`, and what ran over yesterday is missing today.
#
# Return the level at the end of every day. A Python loop over the days is right, too, but under
# `jit` it is written down day by day, and a year takes minutes to compile. `jax.lax.scan` writes
# one day down and runs it as often as there are flows:
#
# ```python
# last, all_outputs = jax.lax.scan(one_turn, start, inputs)  # one_turn(carry, x) -> carry, output
# ```


# %%
def levels(start: Scalar, flows: Float[Array, " n"], capacity: Scalar) -> Float[Array, " n"]:
    """The level of a barrel at the end of each day.

    start and capacity have shape (), flows and the result (n,); start is between 0 and capacity.
    """

    ### BEGIN SOLUTION
    def day(level, flow):
        level = jnp.clip(level + flow, 0.0, capacity)
        return level, level

    return jax.lax.scan(day, start, flows)[1]
    ### END SOLUTION


# %%
if __name__ == "__main__":
    flows = jnp.array([30.0, 40.0, -20.0, -90.0, 5.0])
    print("levels:", levels(jnp.array(50.0), flows, jnp.array(100.0)))  # 80, 100, 80, 0, 5

# %% [markdown]
# ## Compiled once for each width: `window_means`
#
# `means` is given: the mean of every `width` neighbors in a row. Of `n` numbers there are `n -
# width + 1` such means, so the shape of the result depends on `width`, and shapes have to be
# known when the list is written. `width` has to stay a Python int. To `jit` it is a **static**
# argument: it belongs to the question which list to run. `jax.jit(f, static_argnames="width")`
# says so; every new width is then traced and compiled, once.
#
# Let `window_means` do what `means` does, all of it compiled, so that a second call with the same
# width and shape traces nothing. Mind what you hand to `jax.jit`: it knows a function again by
# the function object. `means` is the same one at every call. What you define or wrap inside of
# `window_means` is a new one every time, however alike it looks.


# %%
# given
def means(x: Float[Array, " n"], width: int) -> Float[Array, " m"]:
    """The means of all `width` neighbors, from left to right."""
    places = jnp.arange(len(x) - width + 1)[:, None] + jnp.arange(width)
    return jnp.mean(x[places], axis=1)


# %%
def window_means(x: Float[Array, " n"], width: int) -> Float[Array, " m"]:
    """As `means`, compiled once for each width and shape.

    x has shape (n,), width is a Python int from 1 to n; the result has shape (n - width + 1,).
    """
    ### BEGIN SOLUTION
    return jax.jit(means, static_argnames="width")(x, width=width)
    ### END SOLUTION


# %%
if __name__ == "__main__":
    temperatures = jnp.array([3.0, 6.0, 9.0, 0.0, 3.0])
    print("means of 2:", window_means(temperatures, 2))  # 4.5, 7.5, 4.5, 1.5
    print("means of 4:", window_means(temperatures, 4))  # 4.5, 4.5

# %% [markdown]
# ## Nothing on the side: `observe`
#
# Training shows you one loss at a time, and you want to know how many there were, their mean, and
# the largest. A counter outside of the function would be counted up while it is traced, and never
# again. A function for `jit` keeps nothing: it takes the state and returns the next one.
#
# The state is a dict: `count` (an int32 array), `mean` and `largest` (float32), all of shape
# `()`. Before the first value they are 0, 0 and minus infinity. Return a new dict, and leave the
# one you are given as it is: whoever called you may need it again.
#
# You do not have the earlier values to average, and you do not need them. How far does one more
# value move the mean of `count` others?


# %%
State = dict[str, Array]


def observe(state: State, value: Scalar) -> State:
    """The state after one more value.

    state and the result hold `count` (int32), `mean` and `largest` (float32), each of shape ().
    """
    ### BEGIN SOLUTION
    count = state["count"] + 1
    return {
        "count": count,
        "mean": state["mean"] + (value - state["mean"]) / count,
        "largest": jnp.maximum(state["largest"], value),
    }
    ### END SOLUTION


# %%
if __name__ == "__main__":
    state = {"count": jnp.array(0), "mean": jnp.array(0.0), "largest": jnp.array(-jnp.inf)}
    for loss in (4.0, 1.0, 1.0):
        state = jax.jit(observe)(state, jnp.array(loss))
    print("observed:", state)  # 3, 2, 4
