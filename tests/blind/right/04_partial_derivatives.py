"""Right answers to exercise 4: partial derivatives, value and gradient."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, jacfwd, jacrev, jit, jvp, lax, linearize, value_and_grad, vjp, vmap


class Point(NamedTuple):
    x: jax.Array
    y: jax.Array


class LossAndGradient(NamedTuple):
    loss: jax.Array
    gradient: jax.Array


# ------------------------------------------------------------------ partial_x
def partial_x__grad_default(f, x, y):
    """The article's own."""
    return jax.grad(f)(x, y)


def partial_x__jacfwd(f, x, y):
    """Forward mode."""
    return jacfwd(f, argnums=0)(x, y)


def partial_x__jvp_unit_tangent(f, x, y):
    """One directional derivative along the x axis."""
    _, out = jvp(f, (x, y), (jnp.ones_like(x), jnp.zeros_like(y)))
    return out


def partial_x__vjp_first(f, x, y):
    """Pull back a cotangent of one, keep the first part."""
    value, pull = vjp(f, x, y)
    return pull(jnp.ones_like(value))[0]


def partial_x__linearize_closure(f, x, y):
    """The linear map at the point, applied to one."""
    _, push = linearize(lambda t: f(t, y), x)
    return push(jnp.ones_like(x))


def partial_x__value_and_grad_second_part(f, x, y):
    """Throws the value away."""
    return jax.value_and_grad(f)(x, y)[1]


def partial_x__partial_keyword(f, x, y):
    """Fixes y by its name."""
    return jax.grad(partial(f, y=y))(x)


def partial_x__both_then_first(f, x, y):
    """Computes one derivative too many."""
    dx, _ = jit(grad(f, argnums=(0, 1)))(x, y)
    return dx


def partial_x__vector_of_two(f, x, y):
    """Gradient in the vector (x, y), first component."""
    return grad(lambda v: f(v[0], v[1]))(jnp.stack([x, y]))[0]


def partial_x__vmap_over_one_point(f, x, y):
    """A batch of a single point."""
    return vmap(grad(f), in_axes=(0, None))(jnp.reshape(x, (1,)), y)[0]


def partial_x__named_tuple_pytree(f, x, y):
    """Differentiates a NamedTuple."""
    return grad(lambda p: f(p.x, p.y))(Point(x, y)).x


def partial_x__shift_from_zero(f, x, y):
    """d/dt f(x + t, y) at t = 0."""
    return jax.grad(lambda t: f(x + t, y))(0.0)


def partial_x__checkpoint_and_print(f, x, y):
    """Rematerialised, and chatty."""

    @jax.checkpoint
    def g(a):
        out = f(a, y)
        jax.debug.print("f = {}", out)
        return out

    return grad(g)(x)


@partial(jax.jit, static_argnames="f")
def partial_x__static_function_jit(f, x, y):
    """f is a static argument of jit."""
    return jacrev(f)(x, y)


def partial_x__scan_of_one_step(f, x, y):
    """A scan of length one."""
    step = lambda _, a: (None, grad(f)(a, y))
    return lax.scan(step, None, jnp.asarray(x)[None])[1][0]


def partial_x__linear_transpose(f, x, y):
    """The transpose of the linearised function."""
    x = jnp.asarray(x)
    value, push = linearize(lambda t: f(t, y), x)
    (out,) = jax.linear_transpose(push, x)(jnp.ones_like(value))
    return out


# ------------------------------------------------------------------ partial_y
def partial_y__argnums_one(f, x, y):
    """The article's own."""
    return jax.grad(f, argnums=1)(x, y)


def partial_y__jit_argnums_tuple(f, x, y):
    """A tuple of one argnum, unpacked."""
    (dy,) = jax.jit(jax.grad(f, argnums=(1,)))(x, y)
    return dy


def partial_y__negative_argnum(f, x, y):
    """Counts the arguments from the end."""
    return jax.grad(f, -1)(x, y)


def partial_y__swapped_lambda(f, x, y):
    """Swaps the arguments so that the default argnum serves."""
    return grad(lambda b, a: f(a, b))(y, x)


def partial_y__functools_partial(f, x, y):
    """Fixes x by position."""
    return jacrev(partial(f, x))(y)


def partial_y__jacfwd(f, x, y):
    """Forward mode."""
    return jax.jacfwd(f, argnums=1)(x, y)


def partial_y__jvp(f, x, y):
    """Only y gets a tangent: x is closed over."""
    return jvp(lambda b: f(x, b), (y,), (jnp.ones_like(y),))[1]


def partial_y__vjp_last(f, x, y):
    """Pullback of one, last part."""
    _, pull = vjp(f, x, y)
    return pull(jnp.float32(1.0))[-1]


def partial_y__linearize_both(f, x, y):
    """Pushes the tangent (0, 1)."""
    _, push = linearize(f, x, y)
    return push(jnp.zeros_like(x), jnp.ones_like(y))


def partial_y__stop_gradient(f, x, y):
    """The same new variable enters both, but x is shielded and shifted back exactly."""
    return grad(lambda t: f(lax.stop_gradient(x), y + t))(jnp.zeros_like(y))


def partial_y__dict_pytree(f, x, y):
    """Differentiates a dictionary passed as keywords."""
    return grad(lambda d: f(**d))({"x": x, "y": y})["y"]


def partial_y__lax_map_of_one(f, x, y):
    """lax.map over a batch of one, with a batch_size larger than that."""
    return lax.map(lambda b: grad(f, 1)(x, b), jnp.reshape(y, (1,)), batch_size=3)[0]


def partial_y__vmapped_basis(f, x, y):
    """Forward mode on both unit vectors, picks the second."""
    push = lambda t: jvp(f, (x, y), (t[0], t[1]))[1]
    return vmap(push)(jnp.eye(2, dtype=jnp.float32))[1]


def partial_y__has_aux(f, x, y):
    """Carries the value along as auxiliary output."""

    def with_aux(b):
        value = f(x, b)
        return value, value

    dy, _value = grad(with_aux, has_aux=True)(y)
    return dy


def partial_y__fori_loop(f, x, y):
    """A loop on the device with one turn."""
    body = lambda _, acc: acc + value_and_grad(f, argnums=1)(x, y)[1]
    return lax.fori_loop(0, 1, body, jnp.zeros((), jnp.float32))


def partial_y__numpy_result(f, x, y):
    """Returns a NumPy array of shape () and dtype float32."""
    return np.asarray(jax.grad(f, argnums=1)(x, y), dtype=np.float32)


# ------------------------------------------------------------------ gradient
def gradient__argnums_tuple(f, x, y):
    """The article's own."""
    return jax.grad(f, argnums=(0, 1))(x, y)


def gradient__two_grads(f, x, y):
    """One call for each."""
    return jax.grad(f, 0)(x, y), jax.grad(f, 1)(x, y)


def gradient__comprehension_over_argnums(f, x, y):
    """A loop over the two arguments (there is no batch)."""
    return tuple(jax.grad(f, argnums=i)(x, y) for i in range(2))


def gradient__jacfwd_jit(f, x, y):
    """Forward mode, compiled."""
    return jax.jit(jacfwd(f, argnums=(0, 1)))(x, y)


def gradient__jacrev(f, x, y):
    """Reverse mode Jacobian."""
    return jacrev(f, (0, 1))(x, y)


def gradient__vjp(f, x, y):
    """The pullback is the pair already."""
    value, pull = vjp(f, x, y)
    return pull(jnp.ones_like(value))


def gradient__vmapped_jvp(f, x, y):
    """Both unit tangents in one vmap, split into a tuple."""
    tangents = jnp.eye(2, dtype=jnp.float32)
    both = vmap(lambda a, b: jvp(f, (x, y), (a, b))[1])(tangents[0], tangents[1])
    return both[0], both[1]


def gradient__named_tuple(f, x, y):
    """Returns a NamedTuple, which counts as a tuple."""
    return Point(*grad(f, argnums=(0, 1))(x, y))


def gradient__pytree_named_tuple(f, x, y):
    """The gradient of a NamedTuple is a NamedTuple."""
    return grad(lambda p: f(*p))(Point(x=x, y=y))


def gradient__unpacked_vector(f, x, y):
    """Gradient in a vector of two, iterated over."""
    return tuple(grad(lambda v: f(v[0], v[1]))(jnp.array([x, y])))


def gradient__linearize(f, x, y):
    """One linearisation, two pushes."""
    _, push = linearize(f, x, y)
    one, zero = jnp.ones_like(x), jnp.zeros_like(x)
    return push(one, zero), push(zero, one)


def gradient__value_and_grad(f, x, y):
    """Discards the value."""
    _, both = value_and_grad(f, argnums=(0, 1))(x, y)
    return both


def gradient__order_two_then_one(f, x, y):
    """Asks for y first, then turns the pair round."""
    dy, dx = grad(f, argnums=(1, 0))(x, y)
    return (dx, dy)


def gradient__dict(f, x, y):
    """A dictionary inside, a tuple outside."""
    g = jit(grad(lambda d: f(d["x"], d["y"])))({"x": x, "y": y})
    return g["x"], g["y"]


def gradient__lax_map_over_tangents(f, x, y):
    """One lax.map over the unit tangents."""
    d = lax.map(lambda t: jvp(f, (x, y), (t[0], t[1]))[1], jnp.eye(2, dtype=jnp.float32))
    return tuple(jnp.unstack(d))


def gradient__checkpoint(f, x, y):
    """Rematerialised."""
    return grad(jax.checkpoint(f), argnums=(0, 1))(x, y)


# ---------------------------------------------------------- loss_and_gradient
def loss_and_gradient__value_and_grad(loss, params, x, y):
    """The article's own."""
    return jax.value_and_grad(loss)(params, x, y)


def loss_and_gradient__jit(loss, params, x, y):
    """Compiled, loss is traced once."""
    return jax.jit(jax.value_and_grad(loss, argnums=0))(params, x, y)


def loss_and_gradient__vjp(loss, params, x, y):
    """Value and pullback."""
    value, pull = vjp(lambda p: loss(p, x, y), params)
    return value, pull(jnp.ones_like(value))[0]


def loss_and_gradient__vjp_all_arguments(loss, params, x, y):
    """Pulls back to all three, keeps the first."""
    value, pull = vjp(loss, params, x, y)
    d_params, _, _ = pull(jnp.float32(1))
    return value, d_params


def loss_and_gradient__linearize(loss, params, x, y):
    """One linearisation, all unit vectors pushed through."""
    value, push = linearize(lambda p: loss(p, x, y), params)
    return value, vmap(push)(jnp.eye(params.size, dtype=jnp.float32))


def loss_and_gradient__aux_of_grad(loss, params, x, y):
    """The loss rides along as auxiliary data."""

    def twice(p):
        value = loss(p, x, y)
        return value, value

    gradient, value = grad(twice, has_aux=True)(params)
    return value, gradient


def loss_and_gradient__aux_of_jacfwd(loss, params, x, y):
    """Forward mode with the value as auxiliary data."""

    def twice(p):
        value = loss(p, x=x, y=y)
        return value, value

    g, v = jacfwd(twice, has_aux=True)(params)
    return v, g


def loss_and_gradient__aux_of_jacrev(loss, params, x, y):
    """Reverse mode Jacobian with auxiliary data."""
    g, v = jacrev(lambda p: (lambda out: (out, out))(loss(p, x, y)), has_aux=True)(params)
    return (v, g)


def loss_and_gradient__jvp_basis(loss, params, x, y):
    """vmap over the tangents; the value does not depend on them (out_axes None)."""
    push = lambda t: jvp(lambda p: loss(p, x, y), (params,), (t,))
    return vmap(push, out_axes=(None, 0))(jnp.eye(len(params), dtype=jnp.float32))


def loss_and_gradient__named_tuple(loss, params, x, y):
    """Returns a NamedTuple."""
    return LossAndGradient(*value_and_grad(loss)(params, x, y))


@partial(jax.jit, static_argnums=0)
def loss_and_gradient__static_loss(loss, params, x, y):
    """The loss is a static argument: traced at most once a shape."""
    return value_and_grad(loss)(params, x, y)


def loss_and_gradient__argnums_tuple_unpacked(loss, params, x, y):
    """A tuple of one argnum."""
    value, (gradient,) = value_and_grad(loss, argnums=(0,))(params, x, y)
    return value, gradient


def loss_and_gradient__all_argnums(loss, params, x, y):
    """Differentiates in everything, returns what was asked."""
    value, grads = value_and_grad(loss, argnums=(0, 1, 2))(params, x, y)
    return value, grads[0]


def loss_and_gradient__scalars_as_pytree(loss, params, x, y):
    """A list of scalar parameters, stacked inside."""
    leaves = list(jnp.asarray(params))
    value, parts = value_and_grad(lambda ps: loss(jnp.stack(ps), x, y))(leaves)
    return value, jnp.stack(parts)


def loss_and_gradient__scan_over_unit_vectors(loss, params, x, y):
    """Linearises once, then a scan pushes the unit vectors, unrolled by two."""
    value, push = linearize(lambda p: loss(p, x, y), params)
    basis = jnp.eye(params.shape[0], dtype=jnp.float32)
    _, gradient = lax.scan(lambda c, e: (c, push(e)), None, basis, unroll=2)
    return value, gradient


def loss_and_gradient__debug_print(loss, params, x, y):
    """Prints from inside the traced function."""

    def noisy(p):
        out = loss(p, x, y)
        jax.debug.print("loss {l}", l=out)
        return out

    return tuple(value_and_grad(noisy)(params))


def loss_and_gradient__vmap_over_one_example(loss, params, x, y):
    """A batch of one example."""
    step = vmap(value_and_grad(loss), in_axes=(None, 0, 0))
    values, grads = step(params, jnp.reshape(x, (1,)), jnp.reshape(y, (1,)))
    return values[0], grads[0]


def loss_and_gradient__offset(loss, params, x, y):
    """Differentiates in an offset from the params."""
    shifted = lambda offset: loss(params + offset, x, y)
    return value_and_grad(shifted)(jnp.zeros_like(params))


# ----------------------------------------------------------- a second round


def partial_x__linearized(f, x, y):
    """The linear map at x, fed with a one."""
    return jax.linearize(lambda t: f(t, y), x)[1](jnp.ones_like(x))


def partial_y__zero_tangent(f, x, y):
    """jvp in both arguments, the first one standing still."""
    return jax.jvp(f, (x, y), (jnp.zeros_like(x), jnp.ones_like(y)))[1]


def gradient__stacked_input(f, x, y):
    """The gradient in one array of two, taken apart."""
    return tuple(jax.grad(lambda v: f(v[0], v[1]))(jnp.stack([x, y])))


def gradient__basis_vectors(f, x, y):
    """jvp mapped over the unit vectors."""
    unit = jnp.eye(2, dtype=x.dtype)
    out = jax.vmap(lambda e: jax.jvp(f, (x, y), (e[0], e[1]))[1])(unit)
    return out[0], out[1]


def loss_and_gradient__pullback(loss, params, x, y):
    """The loss by vjp; the gradient by its pullback."""
    value, back = jax.vjp(partial(loss, x=x, y=y), params)
    (slope,) = back(jnp.ones_like(value))
    return value, slope


def loss_and_gradient__has_aux(loss, params, x, y):
    """grad with the value as an auxiliary output."""

    def twice(p):
        value = loss(p, x, y)
        return value, value

    slope, value = jax.grad(twice, has_aux=True)(params)
    return value, slope
