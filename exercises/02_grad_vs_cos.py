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
# # 2 · The derivative of sin is cos
#
# `jax.grad` takes a function and returns a new function: its derivative. It follows every step of
# your code and applies the chain rule to it. This is called *automatic differentiation*. It is not
# the quotient `(f(x + h) - f(x)) / h` with a small `h`, so there is no `h` to choose, and the
# result is exact up to rounding.
#
# School taught you that the derivative of sin is cos. Here you let JAX find the derivative,
# measure how far it is from cos, and draw both.

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from matplotlib.figure import Figure

Scalar = Float[Array, ""]
ScalarFunction = Callable[[Scalar], Scalar]

# %% [markdown]
# ## A small example: a messy function
#
# The derivative of a function with several steps, at one point. `jax.grad` wants a function that
# returns one number, and a float to differentiate at: `1.0` works, the integer `1` is an error.
#
# A printed number deserves a check. For this very function at 1.0 the course's article prints
# -0.5047. The code below gives -0.000379, and so does the derivative worked out by hand. Trust
# what you can verify: that habit is what this exercise is about.


# %%
# given
def messy_function(x: Scalar) -> Scalar:
    """sin(x) exp(-x^2) + tanh(x), for one number."""
    bump = jnp.sin(x) * jnp.exp(-(x**2))
    return bump + jnp.tanh(x)


# given
def messy_slope_by_hand(x: Scalar) -> Scalar:
    """Its derivative by the product and chain rules, to compare with."""
    return (jnp.cos(x) - 2 * x * jnp.sin(x)) * jnp.exp(-(x**2)) + 1 / jnp.cosh(x) ** 2


# %%
if __name__ == "__main__":
    messy_slope = jax.grad(messy_function)
    one = jnp.array(1.0)
    print(f"by jax.grad: {messy_slope(one):.6f}")  # -0.000379
    print(f"by hand:     {messy_slope_by_hand(one):.6f}")  # -0.000379

# %% [markdown]
# ## What counts
#
# The derivatives must come from automatic differentiation, for whatever function is passed in. A
# Python loop over the entries of `x` costs the method points; `vmap`, `lax.map`, `lax.scan` and
# broadcasting are all fine. Each function is graded on its own.
#
# **Check yourself** with `pytest autograder/test_02_grad_vs_cos.py`.

# %% [markdown]
# ## `derivative`: the slope at every entry
#
# `jax.grad` gives the derivative at *one* number, and it refuses a function that returns a vector.
# You want it at every entry of `x`. Exercise 1 has the tool that carries a function from one
# number to many, and transformations can be stacked.


# %%
def derivative(f: ScalarFunction, x: Float[Array, " n"]) -> Float[Array, " n"]:
    """f'(x[i]) for every entry of x, by automatic differentiation.

    f takes one scalar; x has shape (n,), the result too.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    points = jnp.array([-1.0, 0.0, 2.0])
    print("derivative:", derivative(lambda t: t**2, points))  # -2, 0, 4

# %% [markdown]
# ## `largest_gap`: is the claimed derivative right?
#
# `derivative` computes slopes and knows no claim. `largest_gap` puts a claim to the test: someone
# hands you `f` together with `df` and says that `df` is the derivative of `f`. Compare `df` with
# automatic differentiation at every entry of `x`, and return the largest absolute difference as
# one scalar. For sin and cos it is about 0. For a wrong claim it is not.
#
# Like `f`, the function `df` is written for one scalar. Differences of either sign count.


# %%
def largest_gap(f: ScalarFunction, df: ScalarFunction, x: Float[Array, " n"]) -> Scalar:
    """The largest of abs(f'(x[i]) - df(x[i])) over the entries of x.

    f and df take one scalar; x has shape (n,), the result is a scalar of shape ().
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    turn = jnp.linspace(-jnp.pi, jnp.pi, 61)
    print(f"sin' against cos:  {largest_gap(jnp.sin, jnp.cos, turn):.6f}")  # 0.000000
    print(f"sin' against -cos: {largest_gap(jnp.sin, lambda t: -jnp.cos(t), turn):.6f}")  # 2.000000

# %% [markdown]
# ## `plot`: see it
#
# Draw two curves against `x` on one axes: the derivative of sin as automatic differentiation gives
# it, and cos. Label both axes, and add a legend that tells the curves apart. They lie on top of
# each other, so give them different styles, for instance a wide line and dots.
#
# Return the figure, and neither show nor save it inside the function: the caller decides. A figure
# needs no `pyplot`. Make one with `Figure()` and get its axes from `figure.subplots()`; the axes
# have the methods `plot`, `set_xlabel`, `set_ylabel` and `legend`. The entries of `x` can come in
# any order.


# %%
def plot(x: Float[Array, " n"]) -> Figure:
    """A figure with sin' (by automatic differentiation) and cos against x.

    x has shape (n,), in radians. One axes with labels and a legend; nothing is shown or saved.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    picture = "02_grad_vs_cos.png"
    plot(turn).savefig(picture, dpi=150)
    print(f"saved {picture} in the current folder")  # do the dots lie on the line?
