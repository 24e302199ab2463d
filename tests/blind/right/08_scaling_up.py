"""Right answers for 08_scaling_up: rates, ensembles, users, posterior samples."""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import jax.scipy.stats as jstats
import numpy as np
from jax import lax, vmap


def predict(params, x):
    return params[0] * x[:, 0] + params[1]


def loss_fn(params, x, y):
    return jnp.mean((predict(params, x) - y) ** 2)


def train_step(params, x, y, learning_rate):
    loss, gradient = jax.value_and_grad(loss_fn)(params, x, y)
    return params - learning_rate * gradient, loss


@jax.jit
def descend(params, x, y, learning_rate, n_epochs):
    def epoch(_, p):
        return train_step(p, x, y, learning_rate)[0]

    return lax.fori_loop(0, n_epochs, epoch, params)


class Search(NamedTuple):
    best: jax.Array
    losses: jax.Array


class Moments(NamedTuple):
    mean: jax.Array
    std: jax.Array


# ---------------------------------------------------------------- learning_rate_search


def learning_rate_search__vmap_descend(params, x, y, learning_rates, n_epochs):
    """vmap over the rates, infinities for what is not finite."""
    finals = vmap(descend, (None, None, None, 0, None))(params, x, y, learning_rates, n_epochs)
    losses = vmap(loss_fn, (0, None, None))(finals, x, y)
    return learning_rates[jnp.argmin(jnp.where(jnp.isfinite(losses), losses, jnp.inf))], losses


@partial(jax.jit, static_argnums=4)
def learning_rate_search__scan_in_vmap(params, x, y, learning_rates, n_epochs):
    """A scan inside a vmapped closure, all compiled."""

    def final_loss(rate):
        p, _ = lax.scan(lambda p, _: train_step(p, x, y, rate), params, length=n_epochs)
        return loss_fn(p, x, y)

    losses = vmap(final_loss)(learning_rates)
    best = jnp.nanargmin(jnp.where(jnp.isinf(losses), jnp.nan, losses))
    return learning_rates[best], losses


def learning_rate_search__lax_map_fives(params, x, y, learning_rates, n_epochs):
    """lax.map over the rates in batches of 5."""

    def final_loss(rate):
        return loss_fn(descend(params, x, y, rate, n_epochs), x, y)

    losses = lax.map(final_loss, learning_rates, batch_size=5)
    return learning_rates[jnp.nanargmin(losses)], losses


def learning_rate_search__python_epochs(params, x, y, learning_rates, n_epochs):
    """A Python loop over the epochs, the rates side by side."""
    step = jax.jit(vmap(lambda p, rate: train_step(p, x, y, rate)[0]))
    p = jnp.tile(params, (learning_rates.shape[0], 1))
    for _ in range(n_epochs):
        p = step(p, learning_rates)
    losses = vmap(loss_fn, (0, None, None))(p, x, y)
    masked = jnp.where(jnp.isfinite(losses), losses, jnp.finfo(jnp.float32).max)
    return learning_rates[masked.argmin()], losses


@partial(jax.jit, static_argnames="n_epochs")
def learning_rate_search__broadcast(params, x, y, learning_rates, n_epochs):
    """Gradient on paper, broadcasting over the rates, fori_loop over the epochs."""
    s = x[:, 0]

    def epoch(_, ab):
        a, b = ab
        r = a[:, None] * s + b[:, None] - y
        return a - 2 * learning_rates * (r * s).mean(1), b - 2 * learning_rates * r.mean(1)

    k = learning_rates.shape
    start = jnp.full(k, params[0]), jnp.full(k, params[1])
    a, b = lax.fori_loop(0, n_epochs, epoch, start)
    losses = jnp.mean((a[:, None] * s + b[:, None] - y) ** 2, axis=1)
    order = jnp.argsort(jnp.where(jnp.isfinite(losses), losses, jnp.inf), stable=True)
    return learning_rates[order[0]], losses


def learning_rate_search__first_equal(params, x, y, learning_rates, n_epochs):
    """The first entry that equals the smallest; a NamedTuple."""
    losses = vmap(lambda r: loss_fn(descend(params, x, y, r, n_epochs), x, y))(learning_rates)
    masked = jnp.where(jnp.isfinite(losses), losses, jnp.inf)
    return Search(learning_rates[jnp.argmax(masked == masked.min())], losses)


def learning_rate_search__top_k(params, x, y, learning_rates, n_epochs):
    """lax.top_k of the negative losses: of equals, the first comes first."""
    losses = vmap(lambda r: loss_fn(descend(params, x, y, r, n_epochs), x, y))(learning_rates)
    _, (best,) = lax.top_k(jnp.where(jnp.isfinite(losses), -losses, -jnp.inf), 1)
    return learning_rates[best], losses


def learning_rate_search__champion_scan(params, x, y, learning_rates, n_epochs):
    """Trains and compares in one scan over the rates, a newcomer must be strictly better."""

    def body(champion, rate):
        loss = loss_fn(descend(params, x, y, rate, n_epochs), x, y)
        better = loss < champion[1]  # False for NaN and for infinity
        return (jnp.where(better, rate, champion[0]), jnp.where(better, loss, champion[1])), loss

    (best, _), losses = lax.scan(body, (learning_rates[0], jnp.inf), learning_rates)
    return best, losses


def learning_rate_search__fori_rates(params, x, y, learning_rates, n_epochs):
    """fori_loop over the rates that writes the losses."""

    def one(i, losses):
        p = descend(params, x, y, learning_rates[i], n_epochs)
        return losses.at[i].set(loss_fn(p, x, y))

    losses = lax.fori_loop(0, len(learning_rates), one, jnp.zeros_like(learning_rates))
    return learning_rates[jnp.nanargmin(losses)], losses


def learning_rate_search__numpy_choice(params, x, y, learning_rates, n_epochs):
    """NumPy picks the winner."""
    final = vmap(partial(descend, params, x, y), in_axes=(0, None))(learning_rates, n_epochs)
    losses = np.asarray(vmap(loss_fn, (0, None, None))(final, x, y))
    return learning_rates[int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))], losses


def learning_rate_search__lexsort(params, x, y, learning_rates, n_epochs):
    """Sorts by finiteness first, by the loss second."""
    p = vmap(descend, (None, None, None, 0, None))(params, x, y, learning_rates, n_epochs)
    losses = jnp.mean((p[:, :1] * x[:, 0] + p[:, 1:] - y) ** 2, axis=-1)
    broken = ~jnp.isfinite(losses)
    return learning_rates[jnp.lexsort((jnp.where(broken, 0.0, losses), broken))[0]], losses


def learning_rate_search__extra_step(params, x, y, learning_rates, n_epochs):
    """The loss before step n_epochs + 1 is the loss after step n_epochs."""

    def losses_of(rate):
        _, history = lax.scan(lambda p, _: train_step(p, x, y, rate), params, length=n_epochs + 1)
        return history[-1]

    losses = jax.jit(vmap(losses_of))(learning_rates)
    score = jnp.nan_to_num(losses, nan=jnp.inf, posinf=jnp.inf)
    return learning_rates.at[jnp.argmin(score)].get(), losses


def learning_rate_search__vectorize(params, x, y, learning_rates, n_epochs):
    """jnp.vectorize with the data excluded; debug.print of the winner."""

    def final(rate):
        return loss_fn(lax.fori_loop(0, n_epochs, lambda _, p: train_step(p, x, y, rate)[0],
                                     params), x, y)

    losses = jnp.vectorize(final)(learning_rates)
    best = learning_rates[jnp.argmin(jnp.where(losses < jnp.inf, losses, jnp.inf))]
    jax.debug.print("best rate {r}", r=best)
    return best, losses


def learning_rate_search__epochs_outside(params, x, y, learning_rates, n_epochs):
    """Scan over the epochs with the vmapped, checkpointed step inside."""
    step = jax.checkpoint(vmap(train_step, in_axes=(0, None, None, 0)))
    p = jnp.broadcast_to(params, (learning_rates.size, 2))
    p, _ = lax.scan(lambda q, _: step(q, x, y, learning_rates), p, length=n_epochs, unroll=3)
    losses = vmap(lambda q: loss_fn(q, x, y))(p)
    finite = jnp.isfinite(losses)
    smallest = jnp.min(losses, where=finite, initial=jnp.inf)
    return learning_rates[jnp.argmax(finite & (losses == smallest))], losses


def learning_rate_search__pairs_scan(params, x, y, learning_rates, n_epochs):
    """associative_scan over pairs of loss and position."""
    losses = vmap(lambda r: loss_fn(descend(params, x, y, r, n_epochs), x, y))(learning_rates)
    index = jnp.arange(losses.size)

    def smaller(a, b):
        first = (a[0] < b[0]) | ((a[0] == b[0]) & (a[1] <= b[1]))
        return jnp.where(first, a[0], b[0]), jnp.where(first, a[1], b[1])

    masked = jnp.where(jnp.isfinite(losses), losses, jnp.inf)
    _, positions = lax.associative_scan(smaller, (masked, index))
    return learning_rates[positions[-1]], losses


# ---------------------------------------------------------------- ensemble_prediction


@jax.jit
def ensemble_prediction__vmap(params, x):
    """vmapped predict, mean and std over axis 0."""
    p = jax.vmap(predict, in_axes=(0, None))(params, x)
    return p.mean(axis=0), p.std(axis=0)


def ensemble_prediction__matmul(params, x):
    """Design matrix times transposed params."""
    design = jnp.hstack([x, jnp.ones((x.shape[0], 1))])
    p = jnp.matmul(design, params.T, precision="highest")
    return jnp.mean(p, axis=1), jnp.sqrt(jnp.var(p, axis=1))


@jax.jit
def ensemble_prediction__centred_params(params, x):
    """Predicts with the mean params, and with each model's deviation from them."""
    centre = params.mean(axis=0)
    off = vmap(predict, (0, None))(params - centre, x)
    return predict(centre, x), jnp.sqrt(jnp.mean(off**2, axis=0))


def ensemble_prediction__two_passes(params, x):
    """Two-pass standard deviation by broadcasting; a NamedTuple."""
    p = params[:, 0, None] * x[None, :, 0] + params[:, 1, None]
    mean = p.sum(0) / p.shape[0]
    return Moments(mean, jnp.sqrt(((p - mean) ** 2).sum(0) / p.shape[0]))


def ensemble_prediction__welford(params, x):
    """Welford's update in lax.scan over the models."""

    def body(state, p):
        k, mean, m2 = state
        v = predict(p, x)
        delta = v - mean
        mean = mean + delta / (k + 1.0)
        return (k + 1.0, mean, m2 + delta * (v - mean)), None

    zero = jnp.zeros(x.shape[0])
    (k, mean, m2), _ = lax.scan(body, (0.0, zero, zero), params)
    return mean, jnp.sqrt(m2 / k)


def ensemble_prediction__chan(params, x):
    """Counts, means and squares merged pairwise by associative_scan."""

    def merge(a, b):
        (na, ma, sa), (nb, mb, sb) = a, b
        n, d = na + nb, mb - ma
        return n, ma + d * nb / n, sa + sb + d * d * na * nb / n

    p = vmap(predict, (0, None))(params, x)
    n, mean, m2 = lax.associative_scan(merge, (jnp.ones_like(p), p, jnp.zeros_like(p)))
    return mean[-1], jnp.sqrt(m2[-1] / n[-1])


def ensemble_prediction__map_houses(params, x):
    """lax.map over the houses in batches of 3."""

    def house(row):
        v = params[:, 0] * row[0] + params[:, 1]
        return v.mean(), v.std()

    return lax.map(house, x, batch_size=3)


def ensemble_prediction__map_models(params, x):
    """lax.map over the models, jnp.std with ddof=0 spelled out."""
    p = lax.map(lambda q: predict(q, x), params, batch_size=7)
    return jnp.average(p, axis=0), jnp.std(p, axis=0, ddof=0)


def ensemble_prediction__numpy_float64(params, x):
    """NumPy in double precision, rounded to float32 in the end."""
    a, b = np.asarray(params, np.float64).T
    p = np.outer(a, np.asarray(x)[:, 0]) + b[:, None]
    return p.mean(0).astype(np.float32), p.std(0).astype(np.float32)


@jax.jit
def ensemble_prediction__norm_of_deviations(params, x):
    """Euclidean length of the deviations over the root of the number of models."""
    p = jnp.einsum("m,n->nm", params[:, 0], x[:, 0]) + params[:, 1]
    mean = p.mean(axis=-1)
    return mean, jnp.linalg.norm(p - mean[:, None], axis=-1) / math.sqrt(params.shape[0])


def ensemble_prediction__nested_vmap(params, x):
    """One house and one model, two vmaps, debug.print of the largest deviation."""
    p = vmap(vmap(lambda q, row: q[0] * row[0] + q[1], (0, None)), (None, 0))(params, x)
    mean, std = p.mean(axis=1), p.std(axis=1)
    jax.debug.print("largest deviation {s}", s=std.max())
    return mean, std


def ensemble_prediction__fori_sums(params, x):
    """Two fori_loops: the sum, then the squares around the mean."""
    m, zero = params.shape[0], jnp.zeros(x.shape[0])
    mean = lax.fori_loop(0, m, lambda i, s: s + predict(params[i], x), zero) / m
    m2 = lax.fori_loop(0, m, lambda i, s: s + (predict(params[i], x) - mean) ** 2, zero)
    return mean, jnp.sqrt(m2 / m)


def ensemble_prediction__one_house_at_a_time(params, x):
    """vmap over the houses with in_axes=0, out_axes=0, checkpointed."""

    @jax.checkpoint
    def house(row):
        v = params @ jnp.append(row, 1.0)
        mean = jnp.mean(v)
        return mean, jnp.sqrt(jnp.mean(jnp.square(v - mean)))

    return jax.jit(vmap(house))(x)


def ensemble_prediction__columns(params, x):
    """The models as columns: in_axes=1, out_axes=1."""
    p = vmap(predict, in_axes=(1, None), out_axes=1)(params.T, x)
    return jnp.mean(p, 1), jnp.std(p, 1)


def ensemble_prediction__residual_of_broadcast(params, x):
    """Root mean square of predictions minus their mean, by jnp.vectorize."""
    p = jnp.vectorize(predict, excluded=(1,), signature="(d)->(n)")(params, x)
    mean = jnp.mean(p, axis=0, keepdims=True)
    return mean[0], jnp.sqrt(jnp.einsum("mn,mn->n", p - mean, p - mean) / len(p))


# ---------------------------------------------------------------- personalize


def personalize__vmap_descend(x, y, learning_rate, n_epochs):
    """vmap of the given training."""
    train = vmap(descend, in_axes=(None, 0, 0, None, None))
    return train(jnp.zeros(2), x, y, learning_rate, n_epochs)


@partial(jax.jit, static_argnums=3)
def personalize__scan_in_vmap(x, y, learning_rate, n_epochs):
    """A scan per user, vmapped and compiled."""

    def user(xu, yu):
        step = lambda p, _: (train_step(p, xu, yu, learning_rate)[0], None)  # noqa: E731
        return lax.scan(step, jnp.zeros(2), length=n_epochs)[0]

    return vmap(user)(x, y)


def personalize__epochs_outside(x, y, learning_rate, n_epochs):
    """fori_loop over the epochs, the users' steps vmapped inside."""
    step = vmap(train_step, in_axes=(0, 0, 0, None))
    start = jnp.zeros((x.shape[0], 2))
    return lax.fori_loop(0, n_epochs, lambda _, p: step(p, x, y, learning_rate)[0], start)


def personalize__python_epochs(x, y, learning_rate, n_epochs):
    """A Python loop over the epochs, which the exercise allows."""
    step = jax.jit(vmap(train_step, in_axes=(0, 0, 0, None)))
    params = jnp.zeros((len(x), 2), dtype=jnp.float32)
    for _ in range(n_epochs):
        params, _ = step(params, x, y, learning_rate)
    return params


@partial(jax.jit, static_argnames=("n_epochs",))
def personalize__broadcast(x, y, learning_rate, n_epochs):
    """Gradient on paper, users by broadcasting."""
    s = x[..., 0]

    def epoch(p, _):
        r = p[:, :1] * s + p[:, 1:] - y
        g = jnp.stack([(r * s).mean(-1), r.mean(-1)], axis=-1)
        return p - 2.0 * learning_rate * g, ()

    return lax.scan(epoch, jnp.zeros((s.shape[0], 2)), length=n_epochs)[0]


def personalize__lax_map_batches(x, y, learning_rate, n_epochs):
    """lax.map over the users in batches of 999."""

    def user(data):
        return descend(jnp.zeros(2), *data, learning_rate, n_epochs)

    return lax.map(user, (x, y), batch_size=999)


def personalize__lax_map_plain(x, y, learning_rate, n_epochs):
    """lax.map, one user after the other."""
    return lax.map(lambda d: descend(jnp.zeros(2), d[0], d[1], learning_rate, n_epochs), (x, y))


def personalize__scan_users(x, y, learning_rate, n_epochs):
    """lax.scan over the users, unrolled by 3."""

    def user(carry, data):
        return carry, descend(jnp.zeros(2), data[0], data[1], learning_rate, n_epochs)

    return lax.scan(user, None, (x, y), unroll=3)[1]


def personalize__users_last(x, y, learning_rate, n_epochs):
    """Users as the last axis: in_axes=-1, out_axes=0."""
    train = vmap(descend, in_axes=(None, -1, -1, None, None), out_axes=0)
    return train(jnp.zeros(2), jnp.moveaxis(x, 0, -1), y.T, learning_rate, n_epochs)


@partial(jax.jit, static_argnums=3)
def personalize__grad_of_total(x, y, learning_rate, n_epochs):
    """Users do not interact: one gradient of the summed losses moves them all."""

    def total(p):
        return jnp.sum(vmap(loss_fn)(p, x, y))

    def epoch(_, p):
        return p - learning_rate * jax.grad(total)(p)

    return lax.fori_loop(0, n_epochs, epoch, jnp.zeros((x.shape[0], 2)))


def personalize__einsum(x, y, learning_rate, n_epochs):
    """Design matrices and einsum, while_loop with a counter."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=2)

    def go(state):
        e, p = state
        r = jnp.einsum("und,ud->un", design, p, precision="highest") - y
        g = jnp.einsum("un,und->ud", r, design, precision="highest") * (2 / y.shape[1])
        return e + 1, p - learning_rate * g

    start = (0, jnp.zeros((x.shape[0], 2)))
    return lax.while_loop(lambda s: s[0] < n_epochs, go, start)[1]


def personalize__vectorize(x, y, learning_rate, n_epochs):
    """jnp.vectorize with a signature for one user."""

    def user(xu, yu):
        return descend(jnp.zeros(2), xu, yu, learning_rate, n_epochs)

    return jnp.vectorize(user, signature="(n,d),(n)->(p)")(x, y)


def personalize__fori_users(x, y, learning_rate, n_epochs):
    """fori_loop over the users that fills the table."""

    def user(i, table):
        return table.at[i].set(descend(jnp.zeros(2), x[i], y[i], learning_rate, n_epochs))

    return lax.fori_loop(0, x.shape[0], user, jnp.zeros((x.shape[0], 2)))


def personalize__checkpointed_forward(x, y, learning_rate, n_epochs):
    """Forward-mode gradients in a checkpointed step."""

    @jax.checkpoint
    def step(p, xu, yu):
        return p - learning_rate * jax.jacfwd(loss_fn)(p, xu, yu)

    def user(xu, yu):
        return lax.fori_loop(0, n_epochs, lambda _, p: step(p, xu, yu), jnp.zeros(2))

    return jax.jit(vmap(user))(x, y)


def personalize__numpy_float32(x, y, learning_rate, n_epochs):
    """NumPy broadcasting over the users in float32; a NumPy result."""
    s, t, rate = np.asarray(x)[..., 0], np.asarray(y), np.float32(2) * np.float32(learning_rate)
    a = np.zeros((len(s), 1), np.float32)
    b = np.zeros_like(a)
    with np.errstate(all="ignore"):
        for _ in range(n_epochs):
            r = a * s + b - t
            a, b = a - rate * (r * s).mean(1, keepdims=True), b - rate * r.mean(1, keepdims=True)
    return np.concatenate([a, b], axis=1)


# ---------------------------------------------------------------- log_likelihoods


@jax.jit
def log_likelihoods__norm_logpdf(samples, x, y, noise_scale):
    """jax.scipy.stats.norm.logpdf, summed, in vmap."""
    return vmap(lambda p: jstats.norm.logpdf(y, predict(p, x), noise_scale).sum())(samples)


def log_likelihoods__standardised(samples, x, y, noise_scale):
    """Density of the standardised residuals, minus log of the scale."""

    def one(p):
        z = (y - predict(p, x)) / noise_scale
        return jnp.sum(jstats.norm.logpdf(z)) - y.size * jnp.log(noise_scale)

    return vmap(one)(samples)


@jax.jit
def log_likelihoods__formula(samples, x, y, noise_scale):
    """The formula, by broadcasting."""
    n = y.shape[0]
    z = (samples[:, :1] * x[:, 0] + samples[:, 1:] - y) / noise_scale
    return -0.5 * jnp.sum(z * z, axis=1) - n * jnp.log(noise_scale) - n / 2 * math.log(2 * math.pi)


def log_likelihoods__from_loss(samples, x, y, noise_scale):
    """Through the mean squared error."""
    n = len(y)
    mse = vmap(loss_fn, (0, None, None))(samples, x, y)
    return -n / 2 * (jnp.log(2 * jnp.pi * noise_scale**2) + mse / noise_scale**2)


def log_likelihoods__lax_map(samples, x, y, noise_scale):
    """lax.map over the samples in batches of 64."""

    def one(p):
        return jnp.sum(jstats.norm.logpdf(y, loc=predict(p, x), scale=noise_scale))

    return lax.map(one, samples, batch_size=64)


def log_likelihoods__scan_over_houses(samples, x, y, noise_scale):
    """Adds house after house in a scan, the samples side by side."""

    def house(total, data):
        xi, yi = data
        return total + jstats.norm.logpdf(yi, samples @ jnp.append(xi, 1.0), noise_scale), None

    return lax.scan(house, jnp.zeros(samples.shape[0]), (x, y), unroll=2)[0]


def log_likelihoods__einsum(samples, x, y, noise_scale):
    """Design matrix, einsum of the standardised residuals."""
    design = jnp.column_stack([x[:, 0], jnp.ones(x.shape[0])])
    z = (jnp.matmul(samples, design.T, precision="highest") - y) / noise_scale
    const = jnp.log(noise_scale) + 0.5 * jnp.log(2 * jnp.pi)
    return -0.5 * jnp.einsum("sn,sn->s", z, z) - y.size * const


def log_likelihoods__nested_vmap(samples, x, y, noise_scale):
    """One house and one sample, two vmaps."""

    def one(p, xi, yi):
        return jstats.norm.logpdf(yi, p[0] * xi[0] + p[1], noise_scale)

    return vmap(vmap(one, (None, 0, 0)), (0, None, None))(samples, x, y).sum(axis=1)


def log_likelihoods__numpy_float64(samples, x, y, noise_scale):
    """NumPy in double precision."""
    a, b = np.asarray(samples, np.float64).T
    s, t, sd = np.asarray(x, np.float64)[:, 0], np.asarray(y, np.float64), float(noise_scale)
    z = (t - np.outer(a, s) - b[:, None]) / sd
    return (-0.5 * (z**2).sum(1) - t.size * math.log(sd * math.sqrt(2 * math.pi))).astype("f4")


def log_likelihoods__associative_sum(samples, x, y, noise_scale):
    """The last entry of an associative scan of additions."""
    terms = vmap(lambda p: jstats.norm.logpdf(y, predict(p, x), noise_scale))(samples)
    return lax.associative_scan(jnp.add, terms, axis=1)[:, -1]


def log_likelihoods__scan_samples(samples, x, y, noise_scale):
    """lax.scan over the samples."""

    def one(carry, p):
        return carry, jstats.norm.logpdf(predict(p, x), y, noise_scale).sum()

    return lax.scan(one, (), samples)[1]


def log_likelihoods__mean_times_n(samples, x, y, noise_scale):
    """The mean log density times n, checkpointed, with debug.print."""

    @jax.checkpoint
    def one(p):
        return y.shape[0] * jnp.mean(jstats.norm.logpdf(y - predict(p, x), 0.0, noise_scale))

    out = vmap(one)(samples)
    jax.debug.print("best {b}", b=out.max())
    return out


def log_likelihoods__precision(samples, x, y, noise_scale):
    """Works with the inverse scale tau: log tau enters with a plus."""
    tau = 1.0 / noise_scale
    r = vmap(predict, (0, None))(samples, x) - y
    terms = jnp.log(tau) - jnp.log(jnp.sqrt(2 * jnp.pi)) - jnp.square(tau * r) / 2
    return terms.sum(axis=-1)


def log_likelihoods__columns(samples, x, y, noise_scale):
    """The samples as columns, in_axes=1."""

    def one(p):
        return jstats.norm.logpdf(y, predict(p, x), noise_scale).sum()

    return jax.jit(vmap(one, in_axes=1))(samples.T)


def log_likelihoods__vectorize(samples, x, y, noise_scale):
    """jnp.vectorize and the squared norm of the standardised residuals."""

    def one(p):
        z = (y - predict(p, x)) / noise_scale
        return -jnp.vdot(z, z) / 2 - y.size * (jnp.log(noise_scale) + 0.9189385332046727)

    return jnp.vectorize(one, signature="(d)->()")(samples)


def log_likelihoods__fori(samples, x, y, noise_scale):
    """fori_loop that writes sample after sample."""

    def one(i, out):
        return out.at[i].set(jstats.norm.logpdf(y, predict(samples[i], x), noise_scale).sum())

    return lax.fori_loop(0, samples.shape[0], one, jnp.zeros(samples.shape[0]))


# ----------------------------------------------------------- a second round


def learning_rate_search__in_odd_pieces(params, x, y, learning_rates, n_epochs):
    """lax.map over the rates in threes, fori_loop inside."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def final(rate):
        return loss(lax.fori_loop(0, n_epochs, lambda _, p: p - rate * jax.grad(loss)(p), params))

    losses = lax.map(final, learning_rates, batch_size=3)
    order = jnp.where(jnp.isfinite(losses), losses, jnp.inf)
    return learning_rates[jnp.argmin(order)], losses


def ensemble_prediction__about_the_mean(params, x):
    """Deviations of the params first, then of the lines."""
    mean = params.mean(0)
    off = jnp.einsum("md,nd->mn", params - mean, jnp.hstack([x, jnp.ones_like(x)]))
    return mean[0] * x[:, 0] + mean[1], jnp.sqrt(jnp.mean(off**2, axis=0))


def personalize__while(x, y, learning_rate, n_epochs):
    """A while loop under vmap."""

    def one(s, t):
        def loss(p):
            return jnp.mean((p[0] * s[:, 0] + p[1] - t) ** 2)

        def step(state):
            e, p = state
            return e + 1, p - learning_rate * jax.grad(loss)(p)

        return lax.while_loop(lambda state: state[0] < n_epochs, step, (0, jnp.zeros(2)))[1]

    return jax.vmap(one)(x, y)


def log_likelihoods__logpdf(samples, x, y, noise_scale):
    """logpdf of JAX's statistics, summed over houses, in odd batches."""
    return lax.map(
        lambda p: jax.scipy.stats.norm.logpdf(y, p[0] * x[:, 0] + p[1], noise_scale).sum(),
        samples,
        batch_size=7,
    )
