"""Right answers in unusual styles: 04_partial_derivatives."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def partial_x__fixed_y(f, x, y):
    """`grad` of a function of x alone, y fixed."""
    return jax.grad(lambda moving: f(moving, y))(x)


def partial_x__jvp(f, x, y):
    """`jvp` in the direction (1, 0)."""
    _, slope = jax.jvp(f, (x, y), (jnp.ones_like(x), jnp.zeros_like(y)))
    return slope


def partial_x__vjp(f, x, y):
    """The first part of the `vjp` of 1."""
    value, pull_back = jax.vjp(f, x, y)
    in_x, _ = pull_back(jnp.ones_like(value))
    return in_x


def partial_x__first_of_both(f, x, y):
    """Both derivatives at once, the first one kept."""
    return jax.jit(jax.grad(f, (0, 1)))(x, y)[0]


def partial_x__of_a_point(f, x, y):
    """The gradient of a function of one vector, entry 0."""
    point = jnp.stack([x, y])
    return jax.grad(lambda p: f(p[0], p[1]))(point)[0]


def partial_x__jacfwd(f, x, y):
    """Forward mode with `argnums`."""
    return jax.jacfwd(f, argnums=0)(x, y)


def partial_y__swapped_function(f, x, y):
    """`grad` of the function with its arguments exchanged."""

    def exchanged(second, first):
        return f(first, second)

    return jax.grad(exchanged)(y, x)


def partial_y__partial_object(f, x, y):
    """`functools.partial` fixes x, `grad` sees only y."""
    return jax.grad(partial(f, x))(y)


def partial_y__negative_argnums(f, x, y):
    """`jacrev` with `argnums` counted from the end."""
    return jax.jacrev(f, argnums=-1)(x, y)


def partial_y__jvp(f, x, y):
    """`jvp` of a function of y alone."""
    primals, tangents = (y,), (jnp.ones_like(y),)
    return jax.jvp(lambda t: f(x, t), primals, tangents)[1]


def partial_y__linearize(f, x, y):
    """`linearize` at the point, the linear map applied to (0, 1)."""
    _, linear = jax.linearize(f, x, y)
    return linear(jnp.zeros_like(x), jnp.ones_like(y))


def partial_y__dictionary(f, x, y):
    """The gradient of a function of a dictionary, entry y."""
    point = {"x": x, "y": y}
    return jax.grad(lambda p: f(p["x"], p["y"]))(point)["y"]


def gradient__two_grads(f, x, y):
    """One `grad` for each argument."""
    return jax.grad(f, argnums=0)(x, y), jax.grad(f, argnums=1)(x, y)


def gradient__vjp(f, x, y):
    """The whole answer of the pull-back of 1."""
    value, pull_back = jax.vjp(f, x, y)
    return pull_back(jnp.ones_like(value))


def gradient__named_tuple(f, x, y):
    """A NamedTuple with one field per argument."""

    class Gradient(NamedTuple):
        in_x: jax.Array
        in_y: jax.Array

    return Gradient(*jax.jacrev(f, argnums=(0, 1))(x, y))


def gradient__unpacked_vector(f, x, y):
    """The gradient of a function of one vector, unpacked into a tuple."""
    in_x, in_y = jax.grad(lambda point: f(*point))(jnp.array([x, y]))
    return in_x, in_y


def gradient__mapped_directions(f, x, y):
    """`vmap` of the `jvp` over the two unit directions."""

    def along(direction):
        return jax.jvp(f, (x, y), (direction[0], direction[1]))[1]

    slopes = jax.vmap(along)(jnp.eye(2, dtype=jnp.float32))
    return tuple(slopes)


def gradient__numpy_numbers(f, x, y):
    """`value_and_grad` without the value, as NumPy arrays without axes."""
    _, (in_x, in_y) = jax.value_and_grad(f, argnums=(0, 1))(x, y)
    return np.asarray(in_x), np.asarray(in_y)


def gradient__tuple_argument(f, x, y):
    """`grad` in one argument that is a tuple, under `jit`."""

    @jax.jit
    @jax.grad
    def of_tuple(point):
        first, second = point
        return f(first, second)

    return of_tuple((x, y))


def loss_and_gradient__vjp(loss, params, x, y):
    """`vjp` gives the loss, its pull-back the gradient."""
    value, pull_back = jax.vjp(lambda p: loss(p, x, y), params)
    return value, pull_back(jnp.ones_like(value))[0]


def loss_and_gradient__loss_as_auxiliary(loss, params, x, y):
    """`grad` with the loss as auxiliary output."""

    def with_value(p):
        value = loss(p, x, y)
        return value, value

    slope, value = jax.grad(with_value, has_aux=True)(params)
    return value, slope


def loss_and_gradient__linearize(loss, params, x, y):
    """`linearize` once, the linear map along every unit vector."""
    value, linear = jax.linearize(lambda p: loss(p, x, y), params)
    return value, jax.vmap(linear)(jnp.eye(params.shape[0], dtype=params.dtype))


def loss_and_gradient__mapped_jvp(loss, params, x, y):
    """Forward mode in all directions by one `vmap`, the loss shared."""

    def along(direction):
        return jax.jvp(lambda p: loss(p, x, y), (params,), (direction,))

    directions = jnp.identity(params.size, dtype=jnp.float32)
    return jax.vmap(along, out_axes=(None, 0))(directions)


def loss_and_gradient__named_tuple(loss, params, x, y):
    """A jitted `value_and_grad`, as a NamedTuple."""

    class Step(NamedTuple):
        loss: jax.Array
        gradient: jax.Array

    return Step(*jax.jit(jax.value_and_grad(loss))(params, x, y))


def loss_and_gradient__jacfwd_with_auxiliary(loss, params, x, y):
    """`jacfwd` with the loss as auxiliary output."""

    def pair(p):
        value = loss(p, x, y)
        return value, lax.stop_gradient(value)

    slope, value = jax.jacfwd(pair, has_aux=True)(params)
    return value, slope


def loss_and_gradient__whole_example(loss, params, x, y):
    """The gradient in all the arguments, only the part of the params kept."""
    value, slopes = jax.value_and_grad(loss, argnums=(0, 1, 2))(params, x, y)
    return value, slopes[0]
