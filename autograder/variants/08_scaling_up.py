"""Right answers to exercise 8, in styles other than the reference's."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def learning_rate_search__python_loop_over_epochs(params, x, y, learning_rates, n_epochs):
    """A Python loop over the epochs, all rates in each step; nanargmin chooses."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    @jax.jit
    @jax.vmap
    def step(p, rate):
        return p - rate * jax.grad(loss)(p)

    models = jnp.broadcast_to(params, (learning_rates.shape[0], 2))
    for _ in range(n_epochs):
        models = step(models, learning_rates)
    losses = jax.vmap(loss)(models)
    return learning_rates[jnp.nanargmin(losses)], losses


def learning_rate_search__argsort(params, x, y, learning_rates, n_epochs):
    """scan under vmap; a stable sort puts NaN last."""

    def final_loss(rate):
        def loss(p):
            return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

        def epoch(p, _):
            return p - rate * jax.grad(loss)(p), None

        last, _ = jax.lax.scan(epoch, params, length=n_epochs)
        return loss(last)

    losses = jax.vmap(final_loss)(learning_rates)
    order = jnp.argsort(losses, stable=True)
    return jnp.take(learning_rates, order[0]), losses


def learning_rate_search__lax_map(params, x, y, learning_rates, n_epochs):
    """lax.map over the rates; NaN replaced by infinity before argmin."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def final_loss(rate):
        def epoch(_, p):
            return p - rate * jax.grad(loss)(p)

        return loss(jax.lax.fori_loop(0, n_epochs, epoch, jnp.asarray(params)))

    losses = jax.lax.map(final_loss, learning_rates)
    best = jnp.argmin(jnp.nan_to_num(losses, nan=jnp.inf, posinf=jnp.inf))
    return learning_rates[best], losses


def learning_rate_search__broadcasting(params, x, y, learning_rates, n_epochs):
    """Slopes and intercepts of all rates as two vectors, derivatives by hand."""
    size = x[:, 0]

    def residuals(slopes, intercepts):
        return slopes[:, None] * size + intercepts[:, None] - y

    def epoch(_, lines):
        slopes, intercepts = lines
        residual = residuals(slopes, intercepts)
        return (
            slopes - learning_rates * 2 * jnp.mean(residual * size, axis=1),
            intercepts - learning_rates * 2 * jnp.mean(residual, axis=1),
        )

    ones = jnp.ones_like(learning_rates)
    lines = jax.lax.fori_loop(0, n_epochs, epoch, (params[0] * ones, params[1] * ones))
    losses = jnp.mean(residuals(*lines) ** 2, axis=1)
    rank = jnp.where(jnp.isnan(losses), jnp.inf, losses)
    return learning_rates[rank.argmin()], losses


def learning_rate_search__best_so_far(params, x, y, learning_rates, n_epochs):
    """lax.scan over the rates remembers the best so far."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def try_rate(best, rate):
        def epoch(p, _):
            return p - rate * jax.grad(loss)(p), None

        final = loss(jax.lax.scan(epoch, params, length=n_epochs)[0])
        better = final < best[1]  # False for NaN
        best = jnp.where(better, rate, best[0]), jnp.where(better, final, best[1])
        return best, final

    start = learning_rates[0], jnp.array(jnp.inf, jnp.float32)
    (rate, _), losses = jax.lax.scan(try_rate, start, learning_rates)
    return rate, losses


def learning_rate_search__named_numpy_result(params, x, y, learning_rates, n_epochs):
    """NumPy chooses; a NamedTuple of NumPy arrays is returned."""

    class Search(NamedTuple):
        rate: np.ndarray
        losses: np.ndarray

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def final_loss(rate):
        def epoch(p, _):
            return p - rate * jax.grad(loss)(p), None

        return loss(jax.lax.scan(epoch, params, length=n_epochs)[0])

    losses = np.asarray(jax.jit(jax.vmap(final_loss))(learning_rates))
    best = np.argmin(np.where(np.isfinite(losses), losses, np.inf))
    return Search(np.array(np.asarray(learning_rates)[best]), losses)


@partial(jax.jit, static_argnums=4)
def learning_rate_search__jit_decorated(params, x, y, learning_rates, n_epochs):
    """jit with the epochs static; the smallest loss first, then the first rate that has it."""

    def total(models):
        losses = jnp.mean((models[:, :1] * x[:, 0] + models[:, 1:] - y) ** 2, axis=1)
        return losses.sum(), losses

    def epoch(models, _):
        gradient = jax.grad(total, has_aux=True)(models)[0]
        return models - learning_rates[:, None] * gradient, None

    start = jnp.tile(params, (learning_rates.size, 1))
    models, _ = jax.lax.scan(epoch, start, length=n_epochs)
    losses = total(models)[1]
    finite = jnp.isfinite(losses)
    smallest = jnp.min(losses, where=finite, initial=jnp.inf)
    return learning_rates[jnp.argmax(finite & (losses == smallest))], losses


def ensemble_prediction__broadcasting(params, x):
    """Broadcasting, and the deviation from its definition."""
    predictions = params[:, :1] * x[:, 0] + params[:, 1:]
    mean = predictions.mean(axis=0)
    return mean, jnp.sqrt(jnp.mean((predictions - mean) ** 2, axis=0))


def ensemble_prediction__house_by_house(params, x):
    """vmap over the houses, mean and deviation inside."""

    def one_house(house):
        prices = params[:, 0] * house[0] + params[:, 1]
        return jnp.mean(prices), jnp.std(prices)

    return jax.vmap(one_house)(x)


def ensemble_prediction__models_as_columns(params, x):
    """Models as columns, root of the variance, a NamedTuple."""

    class Prediction(NamedTuple):
        mean: jax.Array
        deviation: jax.Array

    def predict(p):
        return x[:, 0] * p[0] + p[1]

    columns = jax.vmap(predict, out_axes=1)(params)
    return Prediction(columns.mean(1), jnp.sqrt(columns.var(1)))


def ensemble_prediction__deviating_lines(params, x):
    """The mean line, and the lines of the models' differences from it."""
    mean = params.mean(axis=0)
    away = params - mean
    differences = jnp.outer(away[:, 0], x[:, 0]) + away[:, 1:]
    deviation = jnp.linalg.norm(differences, axis=0) / jnp.sqrt(params.shape[0])
    return x[:, 0] * mean[0] + mean[1], deviation


def ensemble_prediction__running_moments(params, x):
    """Welford's running mean and sum of squares, by scan over the models."""
    size = x[:, 0]

    def include(state, p):
        count, mean, squares = state
        prices = p[0] * size + p[1]
        difference = prices - mean
        mean = mean + difference / (count + 1)
        return (count + 1, mean, squares + difference * (prices - mean)), None

    start = jnp.array(0.0, jnp.float32), jnp.zeros_like(size), jnp.zeros_like(size)
    (count, mean, squares), _ = jax.lax.scan(include, start, params)
    return mean, jnp.sqrt(squares / count)


def ensemble_prediction__numpy_result(params, x):
    """NumPy in double precision, returned as float32."""
    models, sizes = np.asarray(params, np.float64), np.asarray(x, np.float64)
    predictions = models[:, :1] * sizes.T + models[:, 1:]
    mean, deviation = predictions.mean(0), predictions.std(0)
    return mean.astype(np.float32), deviation.astype(np.float32)


@jax.jit
def ensemble_prediction__einsum(params, x):
    """Jitted; einsum with a column of ones."""
    table = jnp.hstack([x, jnp.ones_like(x)])
    predictions = jnp.einsum("nj,mj->nm", table, params)
    return jnp.average(predictions, axis=1), jnp.std(predictions, axis=-1, ddof=0)


def personalize__scan_under_vmap(x, y, learning_rate, n_epochs):
    """vmap around a scan."""

    @jax.vmap
    def train_user(sizes, prices):
        def loss(p):
            return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

        def epoch(p, _):
            return p - learning_rate * jax.grad(loss)(p), None

        return jax.lax.scan(epoch, jnp.zeros(2, jnp.float32), length=n_epochs)[0]

    return train_user(x, y)


def personalize__python_loop_over_epochs(x, y, learning_rate, n_epochs):
    """A Python loop over the epochs, all users in each step."""

    def loss(p, features, targets):
        return jnp.mean((p[0] * features[:, 0] + p[1] - targets) ** 2)

    gradients = jax.jit(jax.vmap(jax.grad(loss)))
    params = jnp.zeros((x.shape[0], 2), jnp.float32)
    for _ in range(n_epochs):
        params = params - learning_rate * gradients(params, x, y)
    return params


def personalize__gradient_of_total(x, y, learning_rate, n_epochs):
    """One gradient of the sum of all users' losses in a fori_loop."""

    def total(p):
        predictions = p[:, :1] * x[:, :, 0] + p[:, 1:]
        return jnp.sum(jnp.mean((predictions - y) ** 2, axis=1))

    def epoch(_, p):
        return p - learning_rate * jax.grad(total)(p)

    return jax.lax.fori_loop(0, n_epochs, epoch, jnp.zeros((len(x), 2), jnp.float32))


def personalize__derived_by_hand(x, y, learning_rate, n_epochs):
    """Derivatives by hand, slopes and intercepts as two vectors in a while_loop."""
    features = x[..., 0]

    def epoch(state):
        e, slopes, intercepts = state
        residual = slopes[:, None] * features + intercepts[:, None] - y
        slopes = slopes - 2 * learning_rate * jnp.mean(residual * features, axis=1)
        return e + 1, slopes, intercepts - 2 * learning_rate * jnp.mean(residual, axis=1)

    zeros = jnp.zeros(y.shape[0], jnp.float32)
    _, slopes, intercepts = jax.lax.while_loop(
        lambda state: state[0] < n_epochs, epoch, (0, zeros, zeros)
    )
    return jnp.stack([slopes, intercepts], axis=1)


def personalize__lax_map_in_batches(x, y, learning_rate, n_epochs):
    """lax.map over the users, a thousand at a time."""

    def train_user(user):
        features, targets = user

        def loss(p):
            return jnp.mean((p[0] * features[:, 0] + p[1] - targets) ** 2)

        def epoch(p, _):
            return p - learning_rate * jax.grad(loss)(p), None

        return jax.lax.scan(epoch, jnp.zeros(2, jnp.float32), None, n_epochs)[0]

    return jax.lax.map(train_user, (x, y), batch_size=1000)


def personalize__moments_first(x, y, learning_rate, n_epochs):
    """Each user's data boiled down to a 2 by 2 matrix and a vector before the training."""
    table = jnp.concatenate([x, jnp.ones_like(x)], axis=2)
    curvature = 2 * jnp.einsum("unj,unk->ujk", table, table) / y.shape[1]
    pull = 2 * jnp.einsum("unj,un->uj", table, y) / y.shape[1]

    def epoch(p, _):
        return p - learning_rate * (jnp.einsum("ujk,uk->uj", curvature, p) - pull), None

    return jax.lax.scan(epoch, jnp.zeros_like(pull), length=n_epochs)[0]


@partial(jax.jit, static_argnames=("n_epochs",))
def personalize__users_last(x, y, learning_rate, n_epochs):
    """Jitted; the users mapped from the last axis."""

    def train_user(features, targets):
        def loss(p):
            return jnp.mean(jnp.square(p[0] * features[:, 0] + p[1] - targets))

        def epoch(_, p):
            return p - learning_rate * jax.jacfwd(loss)(p)

        return jax.lax.fori_loop(0, n_epochs, epoch, jnp.zeros(2, jnp.float32))

    return jax.vmap(train_user, in_axes=-1)(jnp.moveaxis(x, 0, -1), y.T)


def log_likelihoods__formula(samples, x, y, noise_scale):
    """The formula of the normal density, by broadcasting."""
    residual = y - samples[:, :1] * x[:, 0] - samples[:, 1:]
    constant = -0.5 * jnp.log(2 * jnp.pi) - jnp.log(noise_scale)
    return jnp.sum(constant - 0.5 * (residual / noise_scale) ** 2, axis=1)


def log_likelihoods__lax_map(samples, x, y, noise_scale):
    """lax.map over the samples, the library's density of standardized residuals."""

    def one(sample):
        z = (y - sample[0] * x[:, 0] - sample[1]) / noise_scale
        return jnp.sum(jax.scipy.stats.norm.logpdf(z)) - y.size * jnp.log(noise_scale)

    return jax.lax.map(one, samples)


def log_likelihoods__constants_once(samples, x, y, noise_scale):
    """The sum of squares of each sample, the constants added once for all of y."""
    table = jnp.hstack([x, jnp.ones_like(x)])
    z = (jnp.einsum("sj,nj->sn", samples, table) - y) / noise_scale
    constants = y.shape[0] * jnp.log(noise_scale * jnp.sqrt(2 * jnp.pi))
    return -jnp.einsum("sn,sn->s", z, z) / 2 - constants


def log_likelihoods__house_and_sample(samples, x, y, noise_scale):
    """Two nested vmaps around one house and one sample."""

    def density(sample, house, price):
        mean = sample[0] * house[0] + sample[1]
        return jax.scipy.stats.norm.logpdf(price, loc=mean, scale=noise_scale)

    houses = jax.vmap(density, in_axes=(None, 0, 0))
    table = jax.vmap(houses, in_axes=(0, None, None))(samples, x, y)
    return table.sum(axis=1)


def log_likelihoods__scan_over_houses(samples, x, y, noise_scale):
    """lax.scan over the houses, all samples at once."""

    def include(total, house):
        size, price = house
        prediction = samples[:, 0] * size[0] + samples[:, 1]
        return total + jax.scipy.stats.norm.logpdf(price, prediction, noise_scale), None

    return jax.lax.scan(include, jnp.zeros(len(samples), jnp.float32), (x, y))[0]


def log_likelihoods__numpy_result(samples, x, y, noise_scale):
    """NumPy in double precision, returned as float32."""
    table, sizes = np.asarray(samples, np.float64), np.asarray(x, np.float64)[:, 0]
    sigma = np.float64(noise_scale)
    z = (table[:, :1] * sizes + table[:, 1:] - np.asarray(y, np.float64)) / sigma
    terms = -0.5 * z**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return terms.sum(axis=-1).astype(np.float32)


@jax.jit
def log_likelihoods__many_dimensions(samples, x, y, noise_scale):
    """Jitted; one normal distribution in n dimensions per sample."""
    covariance = noise_scale**2 * jnp.eye(y.shape[0])

    def one(sample):
        mean = sample[0] * x[:, 0] + sample[1]
        return jax.scipy.stats.multivariate_normal.logpdf(y, mean, covariance)

    return jax.vmap(one)(samples)
