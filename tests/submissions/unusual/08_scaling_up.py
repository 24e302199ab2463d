import functools as ft
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

es = ft.partial(jnp.einsum, precision=lax.Precision.HIGHEST)

# everything with as many axes in front as one likes: (..., 2), (..., n, 1), (..., n)
predict = lambda params, x: params[..., :1] * x[..., 0] + params[..., 1:]
miss = lambda params, x, y: predict(params, x) - y
loss_fn = lambda params, x, y: jnp.mean(miss(params, x, y) ** 2, axis=-1)


def gradient(params, x, y):
    # by hand this time: d/da mean(r^2) = 2 mean(r x), d/db mean(r^2) = 2 mean(r)
    r = miss(params, x, y)
    inputs = jnp.stack([x[..., 0], jnp.ones_like(x[..., 0])], axis=-1)
    return 2 * es("...n,...nk->...k", r, inputs) / r.shape[-1]


def train_step(params, x, y, learning_rate):
    return params - learning_rate * gradient(params, x, y), loss_fn(params, x, y)


@ft.partial(jax.jit, static_argnames=["n_epochs"])
def descend(params, x, y, learning_rate, n_epochs):
    keep = lambda params, _: (params - learning_rate * gradient(params, x, y), None)
    return lax.scan(keep, params, None, length=n_epochs)[0]


def learning_rate_search(params, x, y, learning_rates, n_epochs):
    def one(rate):
        return loss_fn(descend(params, x, y, rate, n_epochs), x, y)

    losses = lax.map(one, learning_rates)
    order = jnp.argsort(jnp.where(jnp.isfinite(losses), losses, jnp.inf), stable=True)
    return learning_rates[order[0]], losses


def ensemble_prediction(params, x):
    table = jax.vmap(lambda house: predict(params, house[None])[:, 0])(x)
    middle = table.mean(axis=1)
    return middle, jnp.sqrt(((table - middle[:, None]) ** 2).mean(axis=1))


def personalize(x, y, learning_rate, n_epochs):
    return descend(jnp.zeros((x.shape[0], 2), x.dtype), x, y, learning_rate, n_epochs)


def log_likelihoods(samples, x, y, noise_scale):
    z = miss(samples, x, y) / noise_scale
    one_point = jnp.log(noise_scale) + 0.5 * math.log(2 * math.pi)
    return np.asarray(-0.5 * es("sn,sn->s", z, z) - y.size * one_point)


if __name__ == "__main__":
    x = jnp.linspace(-2.0, 2.0, 30)[:, None]
    y = 1.5 * x[:, 0] + 0.5
    print(learning_rate_search(jnp.zeros(2), x, y, jnp.array([1e-3, 1e-1, 10.0]), 300))
    print(ensemble_prediction(jnp.array([[1.0, 0.0], [3.0, 0.0]]), x[:3]))
    users = jnp.broadcast_to(x, (10_000, 30, 1)), jnp.broadcast_to(y, (10_000, 30))
    print(personalize(*users, jnp.array(0.1), 100)[-1])
    print(log_likelihoods(jnp.array([[1.5, 0.5], [0.0, 0.0]]), x, y, jnp.array(1.0)))
