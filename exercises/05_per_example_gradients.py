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
# # 5 · One gradient per example
#
# `grad` makes a derivative, `vmap` goes through a batch, `jit` compiles. Each takes a function
# and returns a function, so they can be stacked: `jit(vmap(grad(f)))`. Here you use the stack
# to ask every single example of a data set in which direction **it** would move a model.
#
# Training needs only the mean of these gradients. The single ones tell more: which example pulls
# hardest, and which one disagrees with all the others.

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

# loss(params, x, y): the loss of ONE example
Loss = Callable[[Float[Array, " p"], Float[Array, ""], Float[Array, ""]], Float[Array, ""]]

# %% [markdown]
# ## A small example: walkers on a hill
#
# `height` is the height of a hill at **one** `position` (east, north), for a given `summit`. Read
# the stack from the inside out:
#
# 1. `grad(height)` differentiates in the first argument: the uphill direction at one position;
# 2. `vmap(..., in_axes=(0, None))` does that for many positions, all on the same hill;
# 3. `jit(...)` compiles the whole.
#
# The order of the first two matters. `grad` needs a function whose result is a single number.
# After `vmap`, `height` returns many numbers, so `grad` goes on first, while it returns one.


# %%
def height(position, summit):
    return 100.0 - jnp.sum((position - summit) ** 2)


if __name__ == "__main__":
    uphill = jax.jit(jax.vmap(jax.grad(height), in_axes=(0, None)))
    walkers = jnp.array([[0.0, 0.0], [3.0, 1.0], [2.0, 5.0]])
    print(uphill(walkers, jnp.array([2.0, 1.0])))
    # [[ 4.  2.]   the first walker must go east and north,
    #  [-2. -0.]   the second west,
    #  [-0. -8.]]  the third south

# %% [markdown]
# ## What counts
#
# The gradients must be right for any loss that is passed in. A Python loop over the examples costs
# the method points; `vmap`, `lax.map`, `lax.scan` and broadcasting are all fine.
#
# **Check yourself** with `pytest autograder/test_05_per_example_gradients.py`.

# %% [markdown]
# ## `per_example_gradients`: a row for each example
#
# `loss(params, x, y)` is written for one example: `x` and `y` are scalars, `params` is a vector of
# length `p`. You may call it by position or by these names. You get one `params` and `n` examples.
# Return `n` gradients in the params, one row per example. `loss` can be any function of this kind,
# so do not derive anything by hand.
#
# This time the differentiated argument is the one that all examples share. Think about what that
# means for `in_axes`.


# %%
def per_example_gradients(
    loss: Loss, params: Float[Array, " p"], x: Float[Array, " n"], y: Float[Array, " n"]
) -> Float[Array, "n p"]:
    """Row i is the gradient, in the params, of the loss of example i.

    All examples share `params`; example i is the pair (x[i], y[i]).
    """
    raise NotImplementedError


# %% [markdown]
# Try it on four points. Three of them lie on the line `y = 2 x + 1`, which the params describe, and
# the last one does not. Which rows should be zero?


# %%
# given
def squared_error(params, x, y):
    return (params[0] * x + params[1] - y) ** 2


# %%
if __name__ == "__main__":
    params = jnp.array([2.0, 1.0])
    x = jnp.array([0.0, 1.0, 2.0, 3.0])
    y = jnp.array([1.0, 3.0, 5.0, 3.0])
    gradients = per_example_gradients(squared_error, params, x, y)
    print(gradients)  # three rows of zeros, then [24. 8.]
    pull = jnp.linalg.norm(gradients, axis=1)
    print("the example that pulls hardest:", jnp.argmax(pull))  # 3

# %% [markdown]
# ## `batch_gradient`: their mean
#
# The mean of the examples' gradients: one vector of length `p`. It is the direction that a step of
# training on the whole batch uses. Mind the axis.


# %%
def batch_gradient(
    loss: Loss, params: Float[Array, " p"], x: Float[Array, " n"], y: Float[Array, " n"]
) -> Float[Array, " p"]:
    """The mean over the examples of the gradients of their losses, in the params."""
    raise NotImplementedError


# %% [markdown]
# One wrong point out of four moves the whole mean. Because you have the rows, you can do what the
# mean alone does not allow: shorten every row that is longer than 1 to the length 1 before
# averaging. This is called clipping: no single example can pull harder than 1 any more. Training on
# private data, such as patients' records, begins with this step: a model that no patient can pull
# far tells little about any one of them.

# %%
if __name__ == "__main__":
    print("mean:", batch_gradient(squared_error, params, x, y))  # [6. 2.]

    clipped = gradients / jnp.maximum(1.0, pull)[:, None]
    print("mean of the clipped rows:", jnp.mean(clipped, axis=0))  # about [0.237 0.079]
