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
# # 3 · Params as trees
#
# The params of a network are many arrays of many shapes, and nobody wants to name each of them in
# every function. JAX lets you keep them in dicts, lists and tuples, nested as you like: a
# **tree**, whose **leaves** are the arrays. `jax.grad` of a function of a tree gives a tree of
# the same form, and so do `jit`, `vmap` and `scan` with theirs.
#
# Two functions do nearly all the work:
#
# - `jax.tree.map(f, tree, *others)` calls `f` on the leaves that stand in the same place, and gives
#   a tree of what comes back. All trees have to have the same form.
# - `jax.tree.leaves(tree)` is the list of the leaves.
#
# You will write three short functions that any training loop can use.
#
# **What counts.** Your functions have to work for every tree: dicts in lists, lists in dicts,
# tuples, a single array. So never ask for an entry by its name. And they have to work under
# `jax.jit`.
#
# **Check yourself** with `pytest autograder/test_03_trees.py`.

# %%
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Tree = Any  # dicts, lists and tuples of arrays, in any order
Scalar = Float[Array, ""]

# %% [markdown]
# ## A small example
#
# A network of two layers is a list of dicts. `tree.map` goes through two such lists at once, and
# the function it is given sees one pair of arrays at a time.

# %%
if __name__ == "__main__":
    layer = {"w": jnp.ones((2, 3)), "b": jnp.zeros(3)}
    network = [layer, {"w": jnp.ones((3, 1)), "b": jnp.zeros(1)}]
    print(jax.tree.map(jnp.shape, network))
    print(len(jax.tree.leaves(network)), "leaves")  # 4

    further = jax.tree.map(lambda a, b: a + 10.0 * b, network, network)
    print(further[0]["w"])  # all 11

# %% [markdown]
# ## As long as one vector: `clipped`
#
# One steep place can throw the params far away. The usual remedy is to shorten a gradient that is
# longer than `limit`. Its length is that of all its numbers together, as if they were one vector:
# the root of the sum of the squares of all entries of **all** leaves.
#
# Is it longer than `limit`, every leaf is multiplied by the same factor, so that the length
# becomes `limit` and the direction stays. Is it not, the gradient stays as it is; it may be 0
# everywhere.


# %%
def clipped(gradient: Tree, limit: Scalar) -> Tree:
    """The gradient, shortened to the limit if it is longer.

    gradient is a tree, and the result one of the same form; limit has shape () and is above 0.
    """
    ### BEGIN SOLUTION
    length = jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(gradient)))
    factor = limit / jnp.maximum(length, limit)
    return jax.tree.map(lambda leaf: factor * leaf, gradient)
    ### END SOLUTION


# %%
if __name__ == "__main__":
    gradient = {"w": jnp.array([3.0, 0.0]), "b": jnp.array(4.0)}  # of length 5
    print("clipped: ", clipped(gradient, jnp.array(1.0)))  # b 0.8, w 0.6 and 0
    print("as it is:", clipped(gradient, jnp.array(9.0)))  # b 4, w 3 and 0

# %% [markdown]
# ## Many trees, one tree: `stacked`
#
# Ten networks of the same form are a list of ten trees. `jax.vmap` wants it the other way round:
# one tree, in which every leaf has one more axis, in front, that runs over the networks. Turn the
# list into this tree.
#
# `jax.tree.map` takes as many trees as you like. In Python, `f(*[a, b, c])` is `f(a, b, c)`.


# %%
def stacked(trees: list[Tree]) -> Tree:
    """One tree of the form of each, whose leaves are stacked along a new axis 0.

    trees are one or more, all of the same form and the same shapes.
    """
    ### BEGIN SOLUTION
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)
    ### END SOLUTION


# %%
if __name__ == "__main__":
    lines = [{"slope": jnp.array(s), "intercept": jnp.array(1.0)} for s in (0.0, 1.0, 2.0)]
    together = stacked(lines)
    print("stacked:", together)  # slope 0, 1, 2, and intercept 1, 1, 1
    heights = jax.vmap(lambda line: line["slope"] * 10.0 + line["intercept"])(together)
    print("all lines at 10:", heights)  # 1, 11, 21

# %% [markdown]
# ## A step with momentum: `momentum_step`
#
# Plain gradient descent forgets at every step where it came from. With momentum, each param has a
# velocity: what is left of the old one, a share of `momentum`, and the gradient on top. The
# params then move against this **new** velocity:
#
# - `new velocity = momentum * velocity + gradient`
# - `new params = params - rate * new velocity`
#
# Params, velocity and gradient are trees of one form. Return the new params and the new velocity,
# as a tuple.


# %%
def momentum_step(
    params: Tree, velocity: Tree, gradient: Tree, rate: Scalar, momentum: Scalar
) -> tuple[Tree, Tree]:
    """The params and the velocity after one step.

    params, velocity, gradient and both results are trees of one form; rate and momentum have
    shape ().
    """
    ### BEGIN SOLUTION
    velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, gradient)
    return jax.tree.map(lambda p, v: p - rate * v, params, velocity), velocity
    ### END SOLUTION


# %% [markdown]
# Try it on a long, narrow valley, $x^2 + 20 y^2$. Without momentum, a rate that is small enough
# for the steep direction only crawls along the flat one.

# %%
if __name__ == "__main__":

    def valley(place):
        return place["x"] ** 2 + 20.0 * place["y"] ** 2

    for momentum in (0.0, 0.8):
        place = {"x": jnp.array(10.0), "y": jnp.array(1.0)}
        velocity = jax.tree.map(jnp.zeros_like, place)
        for _ in range(60):
            place, velocity = momentum_step(
                place, velocity, jax.grad(valley)(place), jnp.array(0.01), jnp.array(momentum)
            )
        print(f"momentum {momentum}: {valley(place):.5f}")  # 8.85379, then 0.00009
