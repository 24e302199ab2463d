"""Right answers to exercise 7, in styles other than the reference's."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def init_ensemble__one_key_per_model(key, n_models):
    """split into one key per model, vmap of the draw."""
    keys = jax.random.split(key, n_models)
    return jax.vmap(lambda k: jax.random.normal(k, (2,)))(keys)


def init_ensemble__fold_in(key, n_models):
    """The model's number folded into the key."""

    def one_model(i):
        return jax.random.normal(jax.random.fold_in(key, i), shape=(2,))

    return jax.vmap(one_model)(jnp.arange(n_models))


def init_ensemble__slopes_and_intercepts(key, n_models):
    """Slopes and intercepts from two keys."""
    slope_key, intercept_key = jax.random.split(key)
    slopes = jax.random.normal(slope_key, (n_models,))
    intercepts = jax.random.normal(intercept_key, (n_models,))
    return jnp.stack([slopes, intercepts], axis=1)


def init_ensemble__key_carried_along(key, n_models):
    """lax.scan carries the key and splits it at every model."""

    def draw(k, _):
        k, draw_key = jax.random.split(k)
        return k, jax.random.normal(draw_key, (2,), jnp.float32)

    return jax.lax.scan(draw, key, length=n_models)[1]


def init_ensemble__inverse_distribution(key, n_models):
    """Uniform numbers through the inverse of the normal distribution function."""
    u = jax.random.uniform(key, (n_models, 2), minval=1e-7, maxval=1.0)
    return jax.scipy.special.ndtri(u)


def init_ensemble__box_muller(key, n_models):
    """Box and Muller: a radius and an angle for each model."""
    radius_key, angle_key = jax.random.split(key)
    radius = jnp.sqrt(2 * jax.random.exponential(radius_key, (n_models,)))
    angle = jax.random.uniform(angle_key, (n_models,), maxval=2 * jnp.pi)
    return jnp.stack([radius * jnp.cos(angle), radius * jnp.sin(angle)], axis=-1)


def init_ensemble__multivariate(key, n_models):
    """A two-dimensional normal distribution with the identity as its covariance."""
    return jax.random.multivariate_normal(key, jnp.zeros(2), jnp.eye(2), (n_models,))


def init_ensemble__numpy_result(key, n_models):
    """A flat draw, reshaped in NumPy."""
    flat = jax.random.normal(jax.random.fold_in(key, 7), (2 * n_models,))
    return np.asarray(flat).reshape(2, n_models).T


def ensemble_train_step__closure_over_data(params, x, y, learning_rate):
    """vmap over the params alone, everything else from around it."""

    def step(p):
        def loss(q):
            return jnp.mean((q[0] * x[:, 0] + q[1] - y) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    return jax.vmap(step)(params)


def ensemble_train_step__broadcasting(params, x, y, learning_rate):
    """Broadcasting and derivatives by hand."""
    size = x.reshape(-1)
    residual = params[:, 0, None] * size + params[:, 1, None] - y
    slopes = params[:, 0] - learning_rate * 2 * jnp.mean(residual * size, axis=1)
    intercepts = params[:, 1] - learning_rate * 2 * jnp.mean(residual, axis=1)
    return jnp.stack((slopes, intercepts), axis=1), jnp.mean(residual**2, axis=1)


def ensemble_train_step__lax_map(params, x, y, learning_rate):
    """lax.map over the models."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def step(p):
        return p - learning_rate * jax.grad(loss)(p), loss(p)

    return jax.lax.map(step, params)


def ensemble_train_step__gradient_of_total(params, x, y, learning_rate):
    """The gradient of the sum of all models' losses, by vjp."""

    def losses_of(p):
        predictions = x[:, 0] * p[:, :1] + p[:, 1:]
        return jnp.mean((predictions - y) ** 2, axis=-1)

    losses, pull_back = jax.vjp(losses_of, params)
    return params - learning_rate * pull_back(jnp.ones_like(losses))[0], losses


def ensemble_train_step__models_as_columns(params, x, y, learning_rate):
    """The models as columns: in_axes=1, out_axes=1."""

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def step(p, sizes, prices):
        value, gradient = jax.value_and_grad(loss)(p, sizes, prices)
        return p - learning_rate * gradient, value

    columns, losses = jax.vmap(step, in_axes=(1, None, None), out_axes=(1, 0))(params.T, x, y)
    return columns.T, losses


@jax.jit
def ensemble_train_step__copies_of_data(params, x, y, learning_rate):
    """Jitted; the data repeated for every model, all axes mapped, a NamedTuple returned."""

    class Step(NamedTuple):
        params: jax.Array
        losses: jax.Array

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    copies_x = jnp.repeat(x[None], params.shape[0], axis=0)
    copies_y = jnp.repeat(y[None], params.shape[0], axis=0)
    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params, copies_x, copies_y)
    return Step(params - learning_rate * gradients, losses)


def ensemble_train_step__einsum(params, x, y, learning_rate):
    """A table of sizes and ones, and einsum."""
    table = jnp.hstack([x, jnp.ones_like(x)])
    residual = jnp.einsum("mj,nj->mn", params, table) - y
    gradient = 2 / y.shape[0] * jnp.einsum("mn,nj->mj", residual, table)
    return params - learning_rate * gradient, jnp.einsum("mn,mn->m", residual, residual) / y.size


def train_ensemble__python_loop_over_epochs(params, x, y, learning_rate, n_epochs):
    """A Python loop over the epochs, with a jitted step."""

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    measure = jax.jit(jax.vmap(jax.value_and_grad(loss), in_axes=(0, None, None)))
    rows = []
    for _ in range(n_epochs):
        losses, gradients = measure(params, x, y)
        params = params - learning_rate * gradients
        rows.append(losses)
    return params, jnp.array(rows)


def train_ensemble__model_by_model_scan(params, x, y, learning_rate, n_epochs):
    """vmap around the whole training of one model."""

    def run(p):
        def loss(q):
            return jnp.mean((q[0] * x[:, 0] + q[1] - y) ** 2)

        def epoch(q, _):
            value, gradient = jax.value_and_grad(loss)(q)
            return q - learning_rate * gradient, value

        return jax.lax.scan(epoch, p, length=n_epochs)

    final, history = jax.vmap(run)(params)
    return final, history.T


def train_ensemble__filled_history(params, x, y, learning_rate, n_epochs):
    """fori_loop with the history as part of the state."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(e, state):
        p, history = state
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * gradients, history.at[e, :].set(losses)

    state = jnp.asarray(params), jnp.empty((n_epochs, params.shape[0]), jnp.float32)
    return jax.lax.fori_loop(0, n_epochs, epoch, state)


def train_ensemble__history_of_params(params, x, y, learning_rate, n_epochs):
    """scan keeps the params, the losses are computed from them afterwards."""

    def losses_of(p):
        return jnp.mean((p[..., :1] * x[:, 0] + p[..., 1:] - y) ** 2, axis=-1)

    def epoch(p, _):
        return p - learning_rate * jax.grad(lambda q: losses_of(q).sum())(p), p

    final, visited = jax.lax.scan(epoch, params, None, n_epochs)
    return final, losses_of(visited)


def train_ensemble__lax_map_over_models(params, x, y, learning_rate, n_epochs):
    """lax.map over the models; a NamedTuple of NumPy arrays."""

    class Training(NamedTuple):
        params: np.ndarray
        history: np.ndarray

    def run(p):
        def epoch(q, _):
            residual = q[0] * x[:, 0] + q[1] - y
            gradient = 2 * jnp.stack([jnp.mean(residual * x[:, 0]), jnp.mean(residual)])
            return q - learning_rate * gradient, jnp.mean(residual**2)

        return jax.lax.scan(epoch, p, length=n_epochs)

    final, history = jax.lax.map(run, params)
    return Training(np.asarray(final), np.ascontiguousarray(np.asarray(history).T))


@partial(jax.jit, static_argnames="n_epochs")
def train_ensemble__jit_decorated(params, x, y, learning_rate, n_epochs):
    """jit with the number of epochs static, the models as columns."""
    size = x[:, 0]

    def epoch(columns, _):
        residual = jnp.outer(size, columns[0]) + columns[1] - y[:, None]
        gradient = jnp.stack([2 * jnp.mean(residual * x, 0), 2 * jnp.mean(residual, 0)])
        return columns - learning_rate * gradient, jnp.mean(residual**2, 0)

    columns, history = jax.lax.scan(epoch, params.T, length=n_epochs)
    return columns.T, history


def spread__peak_to_peak(params):
    """jnp.ptp along the models."""
    return jnp.ptp(params, axis=0)


def spread__sorted(params):
    """Last minus first after sorting."""
    ordered = jnp.sort(params, axis=0)
    return ordered[-1] - ordered[0]


def spread__each_column(params):
    """vmap over the columns."""
    return jax.vmap(lambda column: column.max() - column.min(), in_axes=1)(params)


def spread__running_extremes(params):
    """lax.scan with the smallest and the largest so far."""

    def look(extremes, row):
        low, high = extremes
        return (jnp.minimum(low, row), jnp.maximum(high, row)), None

    (low, high), _ = jax.lax.scan(look, (params[0], params[0]), params[1:])
    return high - low


def spread__all_pairs(params):
    """The largest of all pairwise differences."""
    return jnp.max(params[:, None, :] - params[None, :, :], axis=(0, 1))


def spread__numpy_result(params):
    """NumPy does it."""
    table = np.asarray(params)
    return table.max(0) - table.min(0)


def spread__two_maxima(params):
    """The smallest is minus the largest of the negatives; slope and intercept apart."""
    slopes, intercepts = params.T
    parts = [jnp.max(part) + jnp.max(-part) for part in (slopes, intercepts)]
    return jnp.array(parts)


def converged__derived_by_hand(params, x, y, tolerance):
    """The two derivatives written out, the norm by hypot."""
    size = x[:, 0]
    residual = params[:, :1] * size + params[:, 1:] - y
    d_slope = 2 * jnp.mean(residual * size, axis=1)
    d_intercept = 2 * jnp.mean(residual, axis=1)
    return jnp.hypot(d_slope, d_intercept) <= tolerance


def converged__model_by_model(params, x, y, tolerance):
    """vmap around the whole question for one model."""

    def arrived(p):
        gradient = jax.grad(lambda q: jnp.mean((q[0] * x[:, 0] + q[1] - y) ** 2))(p)
        return jnp.sqrt(jnp.sum(gradient**2)) <= tolerance

    return jax.vmap(arrived)(params)


def converged__lax_map(params, x, y, tolerance):
    """lax.map with forward mode."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    norms = jax.lax.map(lambda p: jnp.linalg.norm(jax.jacfwd(loss)(p)), params)
    return jnp.less_equal(norms, tolerance)


def converged__gradient_of_total(params, x, y, tolerance):
    """The gradient of the summed losses, NaN ruled out in so many words."""

    def total(p):
        return jnp.sum(jnp.mean((p[:, :1] * x[:, 0] + p[:, 1:] - y) ** 2, axis=1))

    norm = jnp.linalg.norm(jax.grad(total)(params), axis=-1)
    return jnp.where(jnp.isnan(norm), False, norm <= tolerance)


def converged__numpy_result(params, x, y, tolerance):
    """NumPy compares; the result is a NumPy array of bool."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    gradients = np.asarray(jax.vmap(jax.grad(loss))(params))
    return np.linalg.norm(gradients, axis=1) <= np.asarray(tolerance)


def converged__complex_numbers(params, x, y, tolerance):
    """Slope and intercept as real and imaginary part, the norm as an absolute value."""

    def loss(slope, intercept):
        return jnp.mean((slope * x[:, 0] + intercept - y) ** 2)

    columns = params[:, 0], params[:, 1]
    d_slope, d_intercept = jax.vmap(jax.grad(loss, argnums=(0, 1)))(*columns)
    return tolerance >= jnp.abs(jax.lax.complex(d_slope, d_intercept))


@jax.jit
def converged__jitted_scan(params, x, y, tolerance):
    """Jitted; lax.scan over the models, NaN refused by isfinite."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def ask(carry, p):
        gradient = jax.grad(loss)(p)
        near = jnp.sqrt(jnp.vdot(gradient, gradient)) <= tolerance
        return carry, jnp.isfinite(gradient).all() & near

    return jax.lax.scan(ask, None, params)[1]
