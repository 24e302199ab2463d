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
# # 4 · Network
#
# Say here, in a few sentences, what the exercise is about, and which idea of JAX's it needs. Cells
# like this one are text (Markdown); those that begin with `# %%` alone are code. Students open the
# file as a script or as a notebook.
#
# **Check yourself** with `pytest autograder/test_04_network.py`.

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]

# %% [markdown]
# ## A small example
#
# Show the idea at work on something else than what is asked: `flight` is the height of a ball at
# one moment, and `jax.vmap` gives it for many moments at once.


# %%
# given
def flight(time: Scalar) -> Scalar:
    """Height in meters of a ball at one moment."""
    return 1.0 + 10.0 * time - 5.0 * time**2


# %%
if __name__ == "__main__":
    times = jnp.array([0.0, 0.5, 1.0])
    print(jax.vmap(flight)(times))  # 1, 4.75, 6

# %% [markdown]
# ## `network_changes`: how far from the first value?
#
# `f` takes one number and returns one number. How much does it change between the first point and
# each of the others? Every function that is asked for stands in a cell of its own, with the shapes
# in its annotations; its answer stands between the two markers, up to the end of the function.


# %%
def network_changes(f: Callable[[Scalar], Scalar], x: Float[Array, " n"]) -> Float[Array, " n"]:
    """f(x[i]) - f(x[0]) for every i.

    x has shape (n,), the result too.
    """
    ### BEGIN SOLUTION
    values = jax.vmap(f)(x)
    return values - values[0]
    ### END SOLUTION


# %%
if __name__ == "__main__":
    print(network_changes(flight, jnp.array([0.0, 0.5, 1.0])))  # 0, 3.75, 5
