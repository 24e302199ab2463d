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
    ### BEGIN SOLUTION
    return jax.grad(f, argnums=0)(x, y)
    ### END SOLUTION


# %% [markdown] hint="partial_x"
# Hold `y` still in your mind: `f` is then a function of one number, and you know what
# differentiates that. Which of several arguments does `jax.grad` take if you do not tell it?

# %% [markdown] hint="partial_x"
# How fast does water get warmer with each further minute? That is the argument in the middle.
#
# ```python
# def heated(power, minutes, litres):
#     return power * minutes / litres
#
#
# per_minute = jax.grad(heated, argnums=1)  # a function of the same three arguments
# print(per_minute(100.0, 5.0, 2.0))  # 50.0
# ```
#
# The derivative is taken in one argument, but it is called with all of them: it depends on all.

# %% [markdown] hint="partial_x"
# The derivative is a function of two numbers, as `f` is:
#
# ```python
# return jax.grad(f, argnums=...)(...)
# ```


# %%
def partial_y(f: PairFunction, x: Scalar, y: Scalar) -> Scalar:
    """df/dy at the point (x, y): how f changes when only its second argument moves.

    x, y and the result are scalars of shape ().
    """
    ### BEGIN SOLUTION
    return jax.grad(f, argnums=1)(x, y)
    ### END SOLUTION


# %% [markdown] hint="partial_y"
# `argnums` counts the arguments of `f(x, y)`. With which number does it begin, and so which number
# has `y`?

# %% [markdown] hint="partial_y"
# A plane burns more fuel against the wind. How much more, for a little more wind?
#
# ```python
# def fuel(distance, load, wind):
#     return distance * (5.0 + load * wind)
#
#
# in_wind = jax.grad(fuel, argnums=2)  # 0 is distance, 1 is load, 2 is wind
# print(in_wind(10.0, 3.0, 1.0))  # 30.0
# ```
#
# Only the number in `argnums` decides. The arguments of the call keep their order.

# %% [markdown] hint="partial_y"
# First a function, then its value at the point:
#
# ```python
# slope_in_y = jax.grad(f, argnums=...)
# return slope_in_y(...)
# ```

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
    ### BEGIN SOLUTION
    return jax.grad(f, argnums=(0, 1))(x, y)
    ### END SOLUTION


# %% [markdown] hint="gradient"
# In the example of the box, one call gave two derivatives. What did `argnums` look like there, and
# in which order did they come?

# %% [markdown] hint="gradient"
# What does breakfast cost, and what does a little more tea or bread add?
#
# ```python
# def breakfast(bread, milk, tea):
#     return 2.0 * bread + 3.0 * milk * tea
#
#
# both = jax.grad(breakfast, argnums=(2, 0))  # in tea first, then in bread
# in_tea, in_bread = both(1.0, 4.0, 5.0)
# print(in_tea, in_bread)  # 12.0 2.0
# ```
#
# The result is a tuple already, in the order of `argnums`. Nothing has to be put together by hand.

# %% [markdown] hint="gradient"
# Which arguments, in which order?
#
# ```python
# return jax.grad(f, argnums=(..., ...))(x, y)
# ```

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
    ### BEGIN SOLUTION
    return jax.value_and_grad(loss)(params, x, y)
    ### END SOLUTION


# %% [markdown] hint="loss_and_gradient"
# To differentiate the loss, JAX has to compute it on the way. What becomes of its value if you call
# `jax.grad`? Which relative of `jax.grad` hands you that value as well, and which of the two comes
# first?

# %% [markdown] hint="loss_and_gradient"
# The energy of two balls, and how it changes with their speeds, which are the second argument:
#
# ```python
# def energy(mass, speeds, height):
#     return 0.5 * mass * jnp.sum(speeds**2) + 10.0 * mass * height
#
#
# both = jax.value_and_grad(energy, argnums=1)
# value, slope = both(4.0, jnp.array([1.0, 2.0]), 3.0)
# print(value, slope)  # 130.0 [4. 8.]
# ```
#
# One call of `energy`, two results. Without `argnums` the derivative is that in the first argument.

# %% [markdown] hint="loss_and_gradient"
# One transformation, one call, and its result is a pair:
#
# ```python
# value, slope = jax.value_and_grad(...)(...)
# return ...
# ```


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
