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
# # 4 · Partial derivatives
#
# A function of several arguments has one derivative for each of them. `jax.grad` takes the first
# argument unless you say otherwise; `argnums` says otherwise. It counts from 0, and it can be one
# integer or a tuple of integers. For a tuple you get a tuple of derivatives, in the same order.
#
# When you train a model you need two things at once: the loss, to watch it, and its gradient, to
# improve the parameters. `jax.value_and_grad` returns both from one run of the loss.

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]
PairFunction = Callable[[Scalar, Scalar], Scalar]
Loss = Callable[[Float[Array, " p"], Scalar, Scalar], Scalar]

# %% [markdown]
# ## A small example: the volume of a box
#
# The volume of a box depends on three lengths. How fast does it grow with each of them? The
# derivative in the depth, for instance, is width times height.


# %%
# given
def volume(width: Scalar, depth: Scalar, height: Scalar) -> Scalar:
    """Volume of a box in cubic meters, from its sides in meters."""
    return width * depth * height


# given
def braking_distance(speed: Scalar) -> Scalar:
    """Meters that a car needs to stop, from its speed in meters per second."""
    return speed**2 / 16.0


# %%
if __name__ == "__main__":
    print(jax.grad(volume)(2.0, 3.0, 5.0))  # in the width: 3 * 5 = 15
    print(jax.grad(volume, argnums=2)(2.0, 3.0, 5.0))  # in the height: 2 * 3 = 6
    in_height, in_depth = jax.grad(volume, argnums=(2, 1))(2.0, 3.0, 5.0)
    print(in_height, in_depth)  # 6 and 2 * 5 = 10, in the order asked for

    # The pair comes as (value, derivative).
    distance, growth = jax.value_and_grad(braking_distance)(20.0)
    print(distance, growth)  # 400 / 16 = 25 and 40 / 16 = 2.5

# %% [markdown]
# ## What counts
#
# The derivatives must come from automatic differentiation, for any function passed in. In
# `loss_and_gradient`, a second call of the loss costs the method points. There is no batch here,
# so there is nothing to loop over.
#
# **Check yourself** with `pytest autograder/test_04_partial_derivatives.py`.

# %% [markdown]
# ## `partial_x` and `partial_y`: one argument moves
#
# `f` takes two scalars. Return the derivative in its first argument at the point `(x, y)`, and in
# its second argument at the same point. Note that you return a number this time, not a function.


# %%
def partial_x(f: PairFunction, x: Scalar, y: Scalar) -> Scalar:
    """df/dx at the point (x, y): how f changes when only its first argument moves.

    x, y and the result are scalars of shape ().
    """
    raise NotImplementedError


# %%
def partial_y(f: PairFunction, x: Scalar, y: Scalar) -> Scalar:
    """df/dy at the point (x, y): how f changes when only its second argument moves.

    x, y and the result are scalars of shape ().
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    # For x^2 y the partial derivatives are 2 x y and x^2.
    here = jnp.array(5.0), jnp.array(2.0)
    print("partial_x:", partial_x(lambda x, y: x**2 * y, *here))  # 20
    print("partial_y:", partial_y(lambda x, y: x**2 * y, *here))  # 25

# %% [markdown]
# ## `gradient`: both at once
#
# Return the two partial derivatives as a tuple, the one in `x` first. One call of the derivative
# is enough for both.


# %%
def gradient(f: PairFunction, x: Scalar, y: Scalar) -> tuple[Scalar, Scalar]:
    """(df/dx, df/dy) at the point (x, y).

    x and y are scalars of shape (); the result is a tuple of two such scalars.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    in_x, in_y = gradient(lambda x, y: x**2 * y, *here)
    print("gradient:", in_x, in_y)  # 20 and 25

# %% [markdown]
# ## `loss_and_gradient`: what a training step needs
#
# `loss(params, x, y)` is the loss of one example: `params` is a vector of `p` numbers, `x` the
# input, `y` the wanted answer. You may call it by position or by these names. Return a tuple: the
# loss, and its gradient in the params alone.
#
# `loss` may be called only **once**. A real loss runs a whole model, so calling it for the value
# and once more for the gradient would do the work twice. The grader counts the calls.


# %%
def loss_and_gradient(
    loss: Loss, params: Float[Array, " p"], x: Scalar, y: Scalar
) -> tuple[Scalar, Float[Array, " p"]]:
    """The loss of one example and its gradient in the params, from one call of loss.

    params has shape (p,), x and y are scalars; the result is a scalar and an array of shape (p,).
    """
    raise NotImplementedError


# %%
# given
def line_loss(params: Float[Array, " 2"], x: Scalar, y: Scalar) -> Scalar:
    """Squared error of the line params[0] x + params[1] at one point."""
    return (params[0] * x + params[1] - y) ** 2


# %%
if __name__ == "__main__":
    # The line 2x + 1 gives 7 at x = 3. For y = 5 the error is 2, so the loss is 4,
    # and the gradient is 2 * 2 * (3, 1) = (12, 4).
    value, slope = loss_and_gradient(
        line_loss, jnp.array([2.0, 1.0]), jnp.array(3.0), jnp.array(5.0)
    )
    print("loss:", value, "gradient:", slope)  # 4 and [12. 4.]
