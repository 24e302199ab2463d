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
# # 3 · The derivative of a derivative
#
# `jax.grad(f)` does not compute a number. It returns a *function*, and only calling that function
# gives the slope. A function that came out of a transformation is as good as one that you wrote,
# so you can transform it again. Curvature, acceleration and Newton's method all rest on that.
#
# Two things `jax.grad` insists on:
#
# - The function returns one number (a scalar). A vector of results has no single slope.
# - The input to differentiate at is a float. `2.0` is fine; for the integer `2` JAX raises a
#   `TypeError`. In this exercise the input is one scalar.

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]
ScalarFunction = Callable[[Scalar], Scalar]

# %% [markdown]
# ## A small example: a ball thrown upward
#
# A ball is thrown upward. Its velocity is the derivative of its height, and it is a function of
# time like the height itself: you can call it, and hand it to other transformations.


# %%
# given
def height(time: Scalar) -> Scalar:
    """Height of the ball in meters, after so many seconds."""
    return 20.0 + 3.0 * time - 5.0 * time**2


# %%
if __name__ == "__main__":
    velocity = jax.grad(height)
    print("velocity is callable:", callable(velocity))  # True
    print("velocity after 1 s:", velocity(1.0))  # 3 - 10 = -7

    # The returned function fits into jit and vmap, like any other.
    print("at three moments:", jax.jit(jax.vmap(velocity))(jnp.array([0.0, 1.0, 2.0])))  # 3 -7 -17

    try:
        velocity(1)
    except TypeError:
        print("velocity(1) is refused: an integer has no derivative")

# %% [markdown]
# ## What counts
#
# The derivatives must come from automatic differentiation. Where there are many points, a Python
# loop over them costs the method points; `vmap`, `lax.map`, `lax.scan` and broadcasting are all
# fine. The functions you return must also work inside `jax.jit` and `jax.vmap`. Each function is
# graded on its own.
#
# **Check yourself** with `pytest autograder/test_03_second_derivative.py`.

# %% [markdown]
# ## `second_derivative`: return a function
#
# Given `f`, return the function that maps `x` to f''(x). Do not ask for a point: you have none
# yet. Whoever calls your result brings it.


# %%
def second_derivative(f: ScalarFunction) -> ScalarFunction:
    """The function x -> f''(x).

    f takes one scalar and returns one; so does the result.
    """
    ### BEGIN SOLUTION
    return jax.grad(jax.grad(f))
    ### END SOLUTION


# %% [markdown] hint="second_derivative"
# `f` is a function from one number to one number. `jax.grad(f)` is one, too. `jax.grad` takes such
# functions. Do you need a point for any of this?

# %% [markdown] hint="second_derivative"
# What comes out of `grad` goes into `grad` again; here once for each argument of a function of two.
#
# ```python
# def area(width, height):
#     return width**2 * height
#
#
# in_width = jax.grad(area, argnums=0)  # the function 2 width height
# mixed = jax.grad(in_width, argnums=1)  # the function 2 width
# print(mixed(3.0, 5.0))  # 6.0
# ```
#
# Up to the last line no number was needed. `mixed` is what a function could return: whoever calls
# it brings the point.

# %% [markdown] hint="second_derivative"
# Two functions, of which the second is the result:
#
# ```python
# slope = jax.grad(...)
# return jax.grad(...)
# ```

# %%
if __name__ == "__main__":
    acceleration = second_derivative(height)
    print("acceleration:", acceleration(jnp.array(1.0)))  # -10, at every moment

# %% [markdown]
# ## `nth_derivative`: as often as asked
#
# The same for any order `n`, a Python integer of at least 0. The derivative of order 1 is f', of
# order 2 it is f'', and so on. Order 0 means not to differentiate at all: the result is a function
# equal to `f`. A Python loop over the *order* is fine here, because `n` is a plain integer and
# every round makes a new function.


# %%
def nth_derivative(f: ScalarFunction, n: int) -> ScalarFunction:
    """The function x -> the n-th derivative of f at x; for n = 0 a function equal to f.

    f takes one scalar and returns one; so does the result. n is a Python int, at least 0.
    """
    ### BEGIN SOLUTION
    for _ in range(n):
        f = jax.grad(f)
    return f
    ### END SOLUTION


# %% [markdown] hint="nth_derivative"
# Spell it out for `n = 3`: what do you do with `f`, what with the result, and what with that? What
# do you do for `n = 0`? Which construct of Python repeats a step `n` times, and no time at all for
# 0?

# %% [markdown] hint="nth_derivative"
# A function for one number, carried to arrays with as many axes as somebody asks for: one `vmap`
# more for each.
#
# ```python
# def everywhere(axes, g):
#     for _ in range(axes):
#         g = jax.vmap(g)  # g is now a function for one axis more
#     return g
#
#
# halve = everywhere(2, lambda t: t / 2.0)
# print(halve(jnp.array([[2.0, 4.0], [6.0, 8.0]])))  # [[1. 2.] [3. 4.]]
# ```
#
# The name `g` stands for another function after each round. For 0 rounds it is the one that came
# in.

# %% [markdown] hint="nth_derivative"
# Every round makes a new function of the one before:
#
# ```python
# for _ in range(...):
#     f = ...
# return f
# ```

# %%
if __name__ == "__main__":
    # sin, cos, -sin, -cos, sin: after four derivatives the sine is back.
    half = jnp.array(0.5)
    for order in range(5):
        print(f"order {order} at 0.5: {nth_derivative(jnp.sin, order)(half):.4f}")
    # 0.4794, 0.8776, -0.4794, -0.8776, 0.4794

# %% [markdown]
# ## `largest_gap`: check a claim
#
# Someone claims that `d2f` is the second derivative of `f`, for example 6x for x³. Compare the
# claim with automatic differentiation at every entry of `x`, and return the largest absolute
# difference as one scalar: about 0 for a true claim, more for a wrong one. Both functions are
# written for one scalar, and differences of either sign count.


# %%
def largest_gap(f: ScalarFunction, d2f: ScalarFunction, x: Float[Array, " n"]) -> Scalar:
    """The largest of abs(f''(x[i]) - d2f(x[i])) over the entries of x.

    f and d2f take one scalar; x has shape (n,), the result is a scalar of shape ().
    """
    ### BEGIN SOLUTION
    gaps = jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)
    return jnp.max(jnp.abs(gaps))
    ### END SOLUTION


# %% [markdown] hint="largest_gap"
# Two functions of one number are to be compared. One is `d2f`; which is the other, and have you
# written something that makes it? Before you compare, where do you have to have the values of both?

# %% [markdown] hint="largest_gap"
# How near do two cars come to each other? `first` and `second` say where they are at one moment.
#
# ```python
# def first(t):
#     return t**2
#
#
# def second(t):
#     return 3.0 * t
#
#
# times = jnp.array([1.0, 2.0, 4.0])
# apart = jax.vmap(first)(times) - jax.vmap(second)(times)
# print(apart)  # [-2. -2.  4.]
# print(jnp.min(jnp.abs(apart)))  # 2.0: who is ahead does not matter
# ```
#
# First both at all moments, then the difference, then one number.

# %% [markdown] hint="largest_gap"
# `second_derivative` gives a function; it can be mapped like any other.
#
# ```python
# true = jax.vmap(second_derivative(...))(...)
# claimed = jax.vmap(...)(...)
# return jnp.max(jnp.abs(...))
# ```

# %%
if __name__ == "__main__":
    points = jnp.linspace(-3.0, 3.0, 61)
    true_claim = largest_gap(lambda t: t**3, lambda t: 6 * t, points)
    wrong_claim = largest_gap(lambda t: t**3, lambda t: 3 * t**2, points)
    print(f"x^3 against 6x:   {true_claim:.4f}")  # 0.0000
    print(f"x^3 against 3x^2: {wrong_claim:.4f}")  # 45.0000, at x = -3
