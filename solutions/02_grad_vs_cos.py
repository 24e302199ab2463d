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
    ### BEGIN SOLUTION
    return jax.vmap(jax.grad(f))(x)
    ### END SOLUTION


# %% [markdown] hint="derivative"
# `jax.grad(f)` is a function of one number, just as `f` is. In exercise 1 you carried a function of
# one number to all entries of a vector. What keeps you from doing the same with this one?

# %% [markdown] hint="derivative"
# Which way is uphill? `height` is for one place, and so is its gradient. The second transformation
# takes what came out of the first.
#
# ```python
# def height(place):
#     return place[0] ** 2 + 3.0 * place[1]
#
#
# uphill = jax.grad(height)  # a function, for one place
# everywhere = jax.vmap(uphill)  # a function, for many places
# print(everywhere(jnp.array([[1.0, 0.0], [2.0, 5.0]])))  # [[2. 3.] [4. 3.]]
# ```
#
# The order matters: after `vmap` there are many heights, and `grad` wants a function with one.

# %% [markdown] hint="derivative"
# First the slope at one number, then at all of them:
#
# ```python
# slope = jax.grad(...)
# return jax.vmap(...)(...)
# ```

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
    ### BEGIN SOLUTION
    gaps = jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)
    return jnp.max(jnp.abs(gaps))
    ### END SOLUTION


# %% [markdown] hint="largest_gap"
# Do it by hand for two points, where the gaps are -5 and 1. Which number is due? You need an
# absolute value and a maximum: what comes out if the maximum is taken first?

# %% [markdown] hint="largest_gap"
# How far off is a rule of thumb for degrees Fahrenheit, at worst?
#
# ```python
# def exact(celsius):
#     return celsius * 9.0 / 5.0 + 32.0
#
#
# def thumb(celsius):
#     return 2.0 * celsius + 30.0
#
#
# days = jnp.array([-20.0, 10.0, 30.0])
# errors = jax.vmap(thumb)(days) - jax.vmap(exact)(days)
# print(errors)  # [-6.  0.  4.]
# print(jnp.max(errors))  # 4.0: misses the first day
# print(jnp.max(jnp.abs(errors)))  # 6.0
# ```
#
# Both functions were carried to all days before anything was compared.

# %% [markdown] hint="largest_gap"
# Two vectors, entry by entry, then one number:
#
# ```python
# slopes = derivative(...)
# claimed = jax.vmap(...)(x)
# return jnp.max(...)
# ```

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
    ### BEGIN SOLUTION
    x = jnp.sort(x)  # a line joins its points in the order given
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(x, jnp.cos(x), linewidth=5, color="tab:orange", alpha=0.6, label="cos(x)")
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", markersize=3, label="sin'(x) by jax.grad")
    axes.set_xlabel("x (radians)")
    axes.set_ylabel("slope of sin (no unit)")
    axes.legend()
    return figure
    ### END SOLUTION


# %% [markdown] hint="plot"
# Somebody finds your picture and knows nothing of this exercise. What do they have to be told to
# read it, and how will they tell two curves apart that lie on top of each other? Each of these
# answers is a word in a call of one of the axes' methods.

# %% [markdown] hint="plot"
# Two thermometers that show the same, in one picture:
#
# ```python
# hours = jnp.arange(4.0)
# picture = Figure()
# axes = picture.subplots()
# axes.plot(hours, 20.0 - hours, linewidth=5, label="kitchen")
# axes.plot(hours, 20.0 - hours, "o", label="cellar")
# axes.set_xlabel("time (hours)")
# axes.set_ylabel("temperature (degrees)")
# axes.legend()  # without this call no label is seen
# print(len(axes.lines), picture.axes == [axes])  # 2 True
# ```
#
# The picture is an object like any other. A function can return it, and nothing has been shown.

# %% [markdown] hint="plot"
# The slopes come from a function that you have written already.
#
# ```python
# picture = Figure()
# axes = picture.subplots()
# axes.plot(x, ..., "-", linewidth=5, label=...)
# axes.plot(x, ..., "o", label=...)
# axes.set_xlabel(...)
# axes.set_ylabel(...)
# axes.legend()
# return picture
# ```

# %%
if __name__ == "__main__":
    picture = "02_grad_vs_cos.png"
    plot(turn).savefig(picture, dpi=150)
    print(f"saved {picture} in the current folder")  # do the dots lie on the line?
