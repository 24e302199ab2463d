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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


# %%
if __name__ == "__main__":
    points = jnp.linspace(-3.0, 3.0, 61)
    true_claim = largest_gap(lambda t: t**3, lambda t: 6 * t, points)
    wrong_claim = largest_gap(lambda t: t**3, lambda t: 3 * t**2, points)
    print(f"x^3 against 6x:   {true_claim:.4f}")  # 0.0000
    print(f"x^3 against 3x^2: {wrong_claim:.4f}")  # 45.0000, at x = -3
