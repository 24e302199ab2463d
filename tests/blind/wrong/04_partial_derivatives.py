"""Wrong answers to exercise 4: partial derivatives, value and gradient."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, jvp, lax, value_and_grad, vjp


# ------------------------------------------------------------------ partial_x
def partial_x__other_argument(f, x, y):
    """Differentiates in y."""
    return jax.grad(f, argnums=1)(x, y)


def partial_x__value(f, x, y):
    """Returns f itself, not its derivative."""
    return jax.value_and_grad(f)(x, y)[0]


def partial_x__float32_central_difference(f, x, y):
    """Finite differences in float32: loses most digits."""
    h = 1e-3
    return (f(x + h, y) - f(x - h, y)) / (2 * h)


def partial_x__float32_relative_step(f, x, y):
    """Finite differences with a step of 1e-3 times the size of x: right to three digits."""
    h = 1e-3 * jnp.maximum(jnp.abs(x), 1.0)
    return (f(x + h, y) - f(x - h, y)) / (2 * h)


def partial_x__double_precision_difference(f, x, y):
    """method: a central difference in float64 instead of automatic differentiation."""
    with jax.enable_x64(True):
        x, y = jnp.asarray(np.asarray(x), jnp.float64), jnp.asarray(np.asarray(y), jnp.float64)
        h = 1e-5 * jnp.maximum(jnp.abs(x), 1e-2)
        out = (f(x + h, y) - f(x - h, y)) / (2 * h)
        return np.asarray(out, dtype=np.float32)


def partial_x__bfloat16(f, x, y):
    """Computes in bfloat16."""
    dx = grad(f)(jnp.asarray(x, jnp.bfloat16), jnp.asarray(y, jnp.bfloat16))
    return dx.astype(jnp.float32)


def partial_x__bfloat16_result(f, x, y):
    """Only the result goes through bfloat16: two digits are left."""
    return lax.reduce_precision(grad(f)(x, y), exponent_bits=8, mantissa_bits=7)


def partial_x__four_decimals(f, x, y):
    """Rounds to four decimals: small derivatives lose their digits."""
    return jnp.round(jax.grad(f)(x, y), 4)


def partial_x__clipped(f, x, y):
    """Clips the derivative to +-1000."""
    return jnp.clip(jax.grad(f)(x, y), -1e3, 1e3)


def partial_x__along_the_diagonal(f, x, y):
    """Both arguments move: df/dx + df/dy."""
    one = jnp.ones_like(x)
    return jvp(f, (x, y), (one, one))[1]


def partial_x__tangent_is_x(f, x, y):
    """The tangent is x, so the result is x df/dx; right where x = 1."""
    return jvp(f, (x, y), (x, jnp.zeros_like(y)))[1]


def partial_x__scaling_trick(f, x, y):
    """d/ds f(s x, y) / x: is 0/0 = NaN at x = 0."""
    return jax.grad(lambda s: f(s * x, y))(1.0) / x


def partial_x__tuple_of_one(f, x, y):
    """Returns a tuple of one scalar, not a scalar."""
    return jax.grad(f, argnums=(0,))(x, y)


def partial_x__python_float(f, x, y):
    """Returns a Python float."""
    return float(jax.grad(f)(x, y))


def partial_x__shape_one(f, x, y):
    """Returns the shape (1,)."""
    return jax.vmap(grad(f))(jnp.reshape(x, (1,)), jnp.reshape(y, (1,)))


def partial_x__zero_at_zero(f, x, y):
    """Special case: claims that the derivative at x = 0 is 0."""
    return jnp.where(x == 0, 0.0, grad(f)(x, y))


def partial_x__nudged(f, x, y):
    """Moves x by 1e-3 to stay away from zero: another point."""
    return grad(f)(x + 1e-3, y)


def partial_x__sorted_arguments(f, x, y):
    """Assumes that f is symmetric and orders the arguments."""
    lo, hi = jnp.minimum(x, y), jnp.maximum(x, y)
    return jnp.where(x <= y, grad(f, 0)(lo, hi), grad(f, 1)(lo, hi))


def partial_x__remembers_point(f, x, y, seen={}):
    """State between calls: the second function at the same point gets the first one's answer."""
    point = (float(x), float(y))
    if point not in seen:
        seen[point] = jax.grad(f)(x, y)
    return seen[point]


def partial_x__complex_step(f, x, y):
    """A complex step (no automatic differentiation) fails for abs, maximum and comparisons."""
    h = 1e-10
    return (jnp.imag(f(x + 1j * h, y)) / h).astype(jnp.float32)


# ------------------------------------------------------------------ partial_y
def partial_y__default_argnum(f, x, y):
    """Forgets argnums: differentiates in x."""
    return jax.grad(f)(x, y)


def partial_y__swapped_point(f, x, y):
    """Evaluates at (y, x)."""
    return jax.grad(f, argnums=1)(y, x)


def partial_y__second_derivative(f, x, y):
    """Differentiates twice."""
    return grad(grad(f, 1), 1)(x, y)


def partial_y__mixed_derivative(f, x, y):
    """First in x, then in y."""
    return grad(grad(f, 0), 1)(x, y)


def partial_y__float16(f, x, y):
    """Computes in float16: few digits, and overflow at 65504."""
    half = lambda b: f(x.astype(jnp.float16), b)
    return grad(half)(y.astype(jnp.float16)).astype(jnp.float32)


def partial_y__forward_difference(f, x, y, h=1e-4):
    """A forward difference in float32."""
    return (f(x, y + h) - f(x, y)) / h


def partial_y__float64_difference(f, x, y):
    """method: Richardson's finite differences in float64 instead of automatic differentiation."""
    with jax.enable_x64(True):
        a, b = (jnp.asarray(np.asarray(v), jnp.float64) for v in (x, y))
        h = 1e-3 * jnp.maximum(jnp.abs(b), 1e-2)
        d = lambda s: (f(a, b + s) - f(a, b - s)) / (2 * s)
        return np.asarray((4 * d(h / 2) - d(h)) / 3, dtype=np.float32)


def partial_y__absolute(f, x, y):
    """Loses the sign."""
    return jnp.abs(grad(f, argnums=1)(x, y))


def partial_y__truncated_point(f, x, y):
    """Truncates y to a whole number; right for whole numbers only."""
    return grad(f, argnums=1)(x, jnp.trunc(y))


def partial_y__clipped_at_a_million(f, x, y):
    """Clips at 1e6: the losses of the article's data have larger derivatives."""
    return jnp.clip(grad(f, argnums=1)(x, y), -1e6, 1e6)


def partial_y__small_is_zero(f, x, y):
    """Calls derivatives below 1e-3 rounding noise and returns 0 for them."""
    dy = grad(f, argnums=1)(x, y)
    return jnp.where(jnp.abs(dy) < 1e-3, 0.0, dy)


def partial_y__smoothed(f, x, y):
    """Averages the derivative over a small neighbourhood."""
    points = y + jnp.linspace(-0.05, 0.05, 11)
    return jnp.mean(jax.vmap(lambda b: grad(f, 1)(x, b))(points))


def partial_y__float64_result(f, x, y):
    """A NumPy array of dtype float64, not float32."""
    return np.asarray(grad(f, argnums=1)(x, y), dtype=np.float64)


def partial_y__diagonal_when_equal(f, x, y):
    """Where x == y it passes one variable twice, which adds df/dx."""
    if float(x) == float(y):
        return grad(lambda t: f(t, t))(y)
    return grad(f, argnums=1)(x, y)


def partial_y__both(f, x, y):
    """Returns the pair of derivatives."""
    return grad(f, argnums=(0, 1))(x, y)


def partial_y__unit_step_secant(f, x, y):
    """A secant with step 1: right for functions linear in y."""
    return f(x, y + 0.5) - f(x, y - 0.5)


def partial_y__elasticity(f, x, y):
    """Divides by the value: the derivative of log f."""
    value, dy = value_and_grad(f, argnums=1)(x, y)
    return dy / value


# ------------------------------------------------------------------ gradient
def gradient__wrong_order(f, x, y):
    """(df/dy, df/dx)."""
    return jax.grad(f, argnums=(1, 0))(x, y)


def gradient__array(f, x, y):
    """One array of shape (2,), not a tuple."""
    return jnp.stack(jax.grad(f, argnums=(0, 1))(x, y))


def gradient__list(f, x, y):
    """A list, not a tuple."""
    return [grad(f, 0)(x, y), grad(f, 1)(x, y)]


def gradient__only_x(f, x, y):
    """The scalar df/dx alone."""
    return jax.grad(f)(x, y)


def gradient__x_twice(f, x, y):
    """Forgets argnums in the second call."""
    return jax.grad(f)(x, y), jax.grad(f)(x, y)


def gradient__unit_length(f, x, y):
    """Normalises the gradient to length 1."""
    dx, dy = grad(f, (0, 1))(x, y)
    length = jnp.hypot(dx, dy)
    return dx / length, dy / length


def gradient__clipped_norm(f, x, y):
    """Clips the gradient's norm at 100."""
    dx, dy = grad(f, (0, 1))(x, y)
    factor = jnp.minimum(1.0, 100.0 / (jnp.hypot(dx, dy) + 1e-12))
    return dx * factor, dy * factor


def gradient__bfloat16(f, x, y):
    """Reverse mode in bfloat16."""
    a, b = jnp.asarray(x).astype(jnp.bfloat16), jnp.asarray(y).astype(jnp.bfloat16)
    return tuple(g.astype(jnp.float32) for g in grad(f, (0, 1))(a, b))


def gradient__half_precision_y(f, x, y):
    """Only df/dy goes through float16."""
    dx, dy = grad(f, (0, 1))(x, y)
    return dx, dy.astype(jnp.float16).astype(jnp.float32)


def gradient__value_and_dx(f, x, y):
    """value_and_grad without argnums: (f, df/dx)."""
    return value_and_grad(f)(x, y)


def gradient__central_differences(f, x, y):
    """Finite differences in float32."""
    h = 1e-2
    dx = (f(x + h, y) - f(x - h, y)) / (2 * h)
    dy = (f(x, y + h) - f(x, y - h)) / (2 * h)
    return dx, dy


def gradient__differences_in_float64(f, x, y):
    """method: finite differences in float64 instead of automatic differentiation."""
    with jax.enable_x64(True):
        a, b = (jnp.asarray(np.asarray(v), jnp.float64) for v in (x, y))
        h, k = (1e-5 * jnp.maximum(jnp.abs(v), 1e-2) for v in (a, b))
        dx = (f(a + h, b) - f(a - h, b)) / (2 * h)
        dy = (f(a, b + k) - f(a, b - k)) / (2 * k)
        return np.asarray(dx, np.float32), np.asarray(dy, np.float32)


def gradient__second_at_moved_point(f, x, y):
    """df/dy is taken after a small move in x, as in coordinate descent."""
    dx = grad(f, 0)(x, y)
    return dx, grad(f, 1)(x - 1e-3 * dx, y)


def gradient__halved_when_equal(f, x, y):
    """Where x == y it shares the total derivative out in halves."""
    dx, dy = grad(f, (0, 1))(x, y)
    half = 0.5 * (dx + dy)
    return jnp.where(x == y, half, dx), jnp.where(x == y, half, dy)


def gradient__pair_of_vectors(f, x, y):
    """Two arrays of shape (1,), not scalars."""
    return jax.vmap(grad(f, (0, 1)))(jnp.reshape(x, (1,)), jnp.reshape(y, (1,)))


def gradient__floats(f, x, y):
    """Python floats."""
    dx, dy = grad(f, (0, 1))(x, y)
    return dx.item(), dy.item()


def gradient__diagonal_tangent(f, x, y):
    """Divides one directional derivative between the arguments in proportion to x and y."""
    along = jvp(f, (x, y), (x, y))[1]
    return along / (2 * x), along / (2 * y)


def gradient__cached_by_code(f, x, y, seen={}):
    """State between calls: closures made by the same line of code share a cache entry."""
    where = (getattr(f, "__code__", f), float(x), float(y))
    if where not in seen:
        seen[where] = grad(f, (0, 1))(x, y)
    return seen[where]


# ---------------------------------------------------------- loss_and_gradient
def loss_and_gradient__order(loss, params, x, y):
    """(gradient, loss)."""
    value, gradient = jax.value_and_grad(loss)(params, x, y)
    return gradient, value


def loss_and_gradient__in_x(loss, params, x, y):
    """The gradient in x."""
    return jax.value_and_grad(loss, argnums=1)(params, x, y)


def loss_and_gradient__all_gradients(loss, params, x, y):
    """A tuple of three gradients."""
    return jax.value_and_grad(loss, argnums=(0, 1, 2))(params, x, y)


def loss_and_gradient__two_calls(loss, params, x, y):
    """method: calls loss twice, for the value and for the gradient."""
    return loss(params, x, y), jax.grad(loss)(params, x, y)


def loss_and_gradient__two_calls_under_jit(loss, params, x, y):
    """method: one jit around two calls of loss is still two calls."""
    both = jax.jit(lambda p: (loss(p, x, y), jax.jacrev(loss)(p, x, y)))
    return both(params)


def loss_and_gradient__call_per_parameter(loss, params, x, y):
    """method: calls loss once for every parameter (one jvp each), in a Python loop."""
    basis = jnp.eye(len(params), dtype=jnp.float32)
    pairs = [jvp(lambda p: loss(p, x, y), (params,), (e,)) for e in basis]
    return pairs[0][0], jnp.stack([d for _, d in pairs])


def loss_and_gradient__checks_shape_first(loss, params, x, y):
    """method: evaluates loss a first time for an assertion."""
    assert jnp.shape(loss(params, x, y)) == ()
    return value_and_grad(loss)(params, x, y)


def loss_and_gradient__finite_differences_float64(loss, params, x, y):
    """method: Richardson's differences in float64, with 4 p + 1 calls of loss."""
    with jax.enable_x64(True):
        p, a, b = (jnp.asarray(np.asarray(v), jnp.float64) for v in (params, x, y))
        wide = lambda s: (loss(p + s, a, b) - loss(p - s, a, b)) / (2 * jnp.sum(s))
        steps = jnp.diag(1e-2 * jnp.maximum(jnp.abs(p), 1.0))
        slopes = [(4 * wide(s / 2) - wide(s)) / 3 for s in steps]
        return np.asarray(loss(p, a, b), np.float32), np.asarray(slopes, np.float32)


def loss_and_gradient__squeezed(loss, params, x, y):
    """squeeze makes the gradient a scalar where p = 1."""
    value, gradient = value_and_grad(loss)(params, x, y)
    return value, jnp.squeeze(gradient)


def loss_and_gradient__two_parameters_only(loss, params, x, y):
    """Keeps the parameters beyond the second fixed: their gradient is 0."""
    value, gradient = value_and_grad(loss)(params, x, y)
    return value, jnp.where(jnp.arange(params.shape[0]) < 2, gradient, 0.0)


def loss_and_gradient__clipped(loss, params, x, y):
    """Clips every entry of the gradient to +-10000."""
    value, gradient = value_and_grad(loss)(params, x, y)
    return value, jnp.clip(gradient, -1e4, 1e4)


def loss_and_gradient__weight_decay(loss, params, x, y):
    """Adds 1e-3 |params|^2 / 2 to the loss."""
    return value_and_grad(lambda p: loss(p, x, y) + 5e-4 * jnp.sum(p**2))(params)


def loss_and_gradient__bfloat16_params(loss, params, x, y):
    """Mixed precision: the params go through bfloat16."""
    low = params.astype(jnp.bfloat16).astype(jnp.float32)
    return value_and_grad(loss)(low, x, y)


def loss_and_gradient__float16_gradient(loss, params, x, y):
    """The gradient is stored as float16: overflow beyond 65504, few digits."""
    value, g = value_and_grad(loss)(params, x, y)
    return value, g.astype(jnp.float16).astype(jnp.float32)


def loss_and_gradient__column(loss, params, x, y):
    """A gradient of shape (p, 1)."""
    value, g = value_and_grad(loss)(params, x, y)
    return value, g[:, None]


def loss_and_gradient__loss_after_step(loss, params, x, y):
    """The value is the loss after a small step (and loss runs twice)."""
    _, g = value_and_grad(loss)(params, x, y)
    return loss(params - 1e-3 * g, x, y), g


def loss_and_gradient__python_loss(loss, params, x, y):
    """The loss is a Python float."""
    value, g = value_and_grad(loss)(params, x, y)
    return float(value), g


def loss_and_gradient__first_order_value(loss, params, x, y):
    """Euler's formula p . g for the value: right for losses homogeneous of degree 1."""
    _, pull = vjp(lambda p: loss(p, x, y), params)
    (g,) = pull(jnp.float32(1.0))
    return jnp.dot(params, g), g


def loss_and_gradient__descent_direction(loss, params, x, y):
    """The negative gradient."""
    value, g = value_and_grad(loss)(params, x, y)
    return value, -g


@partial(jax.jit, static_argnums=0)
def loss_and_gradient__saturated(loss, params, x, y):
    """Reports no loss above 1e6, which the article's data exceed."""
    value, g = value_and_grad(loss)(params, x, y)
    return jnp.minimum(value, 1e6), g


# ----------------------------------------------------------- a second round


def partial_x__total(f, x, y):
    """The derivative along both axes together: the sum of the two partials."""
    return jax.jvp(f, (x, y), (jnp.ones_like(x), jnp.ones_like(y)))[1]


def partial_x__at_swapped_point(f, x, y):
    """The right derivative at (y, x)."""
    return jax.grad(f)(y, x)


def partial_y__minus(f, x, y):
    """With the sign of a descent direction."""
    return -jax.grad(f, argnums=1)(x, y)


def gradient__same_twice(f, x, y):
    """The partial in x, twice."""
    p = jax.grad(f)(x, y)
    return p, p


def gradient__one_array(f, x, y):
    """An array of shape (2,)."""
    return jnp.stack(jax.grad(f, argnums=(0, 1))(x, y))


def loss_and_gradient__frozen_last(loss, params, x, y):
    """The last of several params counts as a constant."""
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value, slope.at[-1].set(0.0) if params.size > 1 else slope
