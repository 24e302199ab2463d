"""Right answers to exercise 6, in styles other than the reference's."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def predict__matrix_product(params, x):
    """Matrix times vector."""
    return x @ params[:1] + params[1]


def predict__column_of_ones(params, x):
    """A column of ones carries the intercept."""
    table = jnp.concatenate([x, jnp.ones_like(x)], axis=1)
    return jnp.sum(table * params, axis=1)


def predict__one_house_and_vmap(params, x):
    """vmap of a function for one house."""

    def price(house):
        return params[0] * house[0] + params[1]

    return jax.vmap(price)(x)


def predict__polyval(params, x):
    """A polynomial of degree one."""
    return jnp.polyval(params, jnp.squeeze(x, axis=1))


def predict__einsum(params, x):
    """einsum over the feature axis."""
    return jnp.einsum("nj,j->n", x, params[:-1]) + params[-1]


def predict__named_line(params, x):
    """A NamedTuple for the line, ravel for the sizes."""

    class Line(NamedTuple):
        slope: jax.Array
        intercept: jax.Array

    line = Line(params[0], params[1])
    return line.intercept + x.ravel() * line.slope


def predict__lax_map(params, x):
    """lax.map over the houses."""
    return jax.lax.map(lambda house: jnp.dot(params, jnp.append(house, 1.0)), x)


@jax.jit
def predict__column_then_reshape(params, x):
    """Jitted; a column first, reshaped at the end."""
    slope, intercept = jnp.split(params, 2)
    return (x * slope + intercept).reshape(-1)


def loss_fn__inner_product(params, x, y):
    """The residuals' product with themselves, divided by n."""
    residual = params[0] * x[:, 0] + params[1] - y
    return jnp.dot(residual, residual) / residual.shape[0]


def loss_fn__bias_and_variance(params, x, y):
    """Squared mean plus variance of the residuals."""
    residual = y - params[0] * x[:, 0] - params[1]
    return jnp.mean(residual) ** 2 + jnp.var(residual)


def loss_fn__house_by_house(params, x, y):
    """vmap of one house's squared error, then the average."""

    def squared_error(house, price):
        return jnp.square(jnp.squeeze(house) * params[0] + params[1] - price)

    return jnp.average(jax.vmap(squared_error)(x, y))


def loss_fn__scan_sum(params, x, y):
    """lax.scan adds the squared errors up."""

    def add(total, house):
        size, price = house
        return total + (params[0] * size[0] + params[1] - price) ** 2, None

    total, _ = jax.lax.scan(add, jnp.zeros((), jnp.float32), (x, y))
    return total / y.shape[0]


def loss_fn__column_for_column(params, x, y):
    """Prices made a column, too, and the mean over both axes."""
    column = x * params[0] + params[1]
    return ((column - y[:, None]) ** 2).mean()


def loss_fn__einsum(params, x, y):
    """einsum for the predictions and for the squares."""
    residual = jnp.einsum("nj,j->n", x, params[:1]) + params[1] - y
    return jnp.einsum("n,n->", residual, residual) / y.size


@jax.jit
def loss_fn__jitted_polyval(params, x, y):
    """Jitted, with polyval and the sum of absolute values squared."""
    distance = jnp.abs(jnp.polyval(params, x[:, 0]) - y)
    return jnp.sum(distance**2) / len(y)


def train_step__derived_by_hand(params, x, y, learning_rate):
    """The two derivatives written out."""
    size = x[:, 0]
    residual = params[0] * size + params[1] - y
    gradient = jnp.stack([2 * jnp.mean(residual * size), 2 * jnp.mean(residual)])
    return params - learning_rate * gradient, jnp.mean(residual**2)


def train_step__forward_mode(params, x, y, learning_rate):
    """jacfwd, and the loss computed on its own."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return params - learning_rate * jax.jacfwd(loss)(params), loss(params)


def train_step__vjp(params, x, y, learning_rate):
    """vjp, pulled back from one."""

    def loss(p):
        return jnp.mean(jnp.square(x[:, 0] * p[0] + p[1] - y))

    value, pull_back = jax.vjp(loss, params)
    (gradient,) = pull_back(jnp.ones_like(value))
    return params + (-learning_rate) * gradient, value


def train_step__two_arguments(params, x, y, learning_rate):
    """Slope and intercept as two arguments, argnums=(0, 1)."""

    def loss(slope, intercept):
        return jnp.mean((slope * x[:, 0] + intercept - y) ** 2)

    value, (d_slope, d_intercept) = jax.value_and_grad(loss, argnums=(0, 1))(*params)
    step = jnp.array([d_slope, d_intercept]) * learning_rate
    return params - step, value


def train_step__named_result(params, x, y, learning_rate):
    """A NamedTuple is returned."""

    class Step(NamedTuple):
        params: jax.Array
        loss: jax.Array

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return Step(params=params - learning_rate * gradient, loss=value)


def train_step__auxiliary_loss(params, x, y, learning_rate):
    """grad with has_aux brings the loss along."""

    def loss(p):
        value = jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)
        return value, value

    gradient, value = jax.grad(loss, has_aux=True)(params)
    return params - learning_rate * gradient, value


@jax.jit
def train_step__design_matrix(params, x, y, learning_rate):
    """Jitted; the gradient by einsum from the table of sizes and ones."""
    table = jnp.hstack([x, jnp.ones_like(x)])
    residual = jnp.einsum("nj,j->n", table, params) - y
    gradient = 2 * jnp.einsum("nj,n->j", table, residual) / y.shape[0]
    return params - learning_rate * gradient, jnp.vdot(residual, residual) / y.shape[0]


def parallel_train_step__closure_over_rate(params, x, y, learning_rate):
    """vmap of a step that takes the rate from around it."""

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def step(p, sizes, prices):
        value, gradient = jax.value_and_grad(loss)(p, sizes, prices)
        return p - learning_rate * gradient, value

    return jax.vmap(step)(params, x, y)


def parallel_train_step__broadcasting(params, x, y, learning_rate):
    """Broadcasting and derivatives by hand."""
    sizes = x[..., 0]
    residual = params[:, :1] * sizes + params[:, 1:] - y
    gradient = jnp.stack([(residual * sizes).mean(axis=1), residual.mean(axis=1)], axis=-1)
    return params - 2 * learning_rate * gradient, (residual**2).mean(axis=1)


def parallel_train_step__lax_map(params, x, y, learning_rate):
    """lax.map over the cities."""

    def step(city):
        p, sizes, prices = city

        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    return jax.lax.map(step, (params, x, y))


def parallel_train_step__gradient_of_total(params, x, y, learning_rate):
    """One gradient of the sum of all cities' losses."""

    def total(p):
        losses = jnp.mean((p[:, :1] * x[:, :, 0] + p[:, 1:] - y) ** 2, axis=1)
        return jnp.sum(losses), losses

    gradient, losses = jax.grad(total, has_aux=True)(params)
    return params - learning_rate * gradient, losses


def parallel_train_step__scan(params, x, y, learning_rate):
    """lax.scan over the cities."""

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def step(carry, city):
        value, gradient = jax.value_and_grad(loss)(*city)
        return carry, (city[0] - learning_rate * gradient, value)

    return jax.lax.scan(step, (), (params, x, y))[1]


def parallel_train_step__einsum(params, x, y, learning_rate):
    """A table of sizes and ones for every city, and einsum."""
    table = jnp.concatenate([x, jnp.ones_like(x)], axis=-1)
    residual = jnp.einsum("cnj,cj->cn", table, params) - y
    gradient = jnp.einsum("cnj,cn->cj", table, residual) * (2 / y.shape[1])
    return params - learning_rate * gradient, jnp.mean(residual * residual, axis=-1)


def parallel_train_step__one_rate_per_city(params, x, y, learning_rate):
    """The rate repeated for every city; cities along the last axis of the results of vmap."""

    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def step(p, sizes, prices, rate):
        return p - rate * jax.grad(loss)(p, sizes, prices), loss(p, sizes, prices)

    rates = jnp.broadcast_to(learning_rate, (params.shape[0],))
    columns, losses = jax.vmap(step, out_axes=(1, 0))(params, x, y, rates)
    return columns.T, losses


def train__python_loop_over_epochs(params, x, y, learning_rate, n_epochs):
    """A Python loop over the epochs, with a jitted step."""

    @jax.jit
    @partial(jax.vmap, in_axes=(0, 0, 0))
    def step(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    history = []
    for _ in range(n_epochs):
        params, losses = step(params, x, y)
        history.append(losses)
    return params, jnp.stack(history)


def train__filled_history(params, x, y, learning_rate, n_epochs):
    """fori_loop with the history as part of the state."""

    def losses_of(p):
        return jnp.mean((p[:, :1] * x[:, :, 0] + p[:, 1:] - y) ** 2, axis=1)

    def epoch(e, state):
        p, history = state
        gradient = jax.grad(lambda q: losses_of(q).sum())(p)
        return p - learning_rate * gradient, history.at[e].set(losses_of(p))

    empty = jnp.zeros((n_epochs, params.shape[0]), jnp.float32)
    return jax.lax.fori_loop(0, n_epochs, epoch, (jnp.asarray(params), empty))


def train__city_by_city_scan(params, x, y, learning_rate, n_epochs):
    """vmap around a whole training run of one city, the cities as columns of the history."""

    def run(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        def epoch(q, _):
            value, gradient = jax.value_and_grad(loss)(q)
            return q - learning_rate * gradient, value

        return jax.lax.scan(epoch, p, None, length=n_epochs)

    return jax.vmap(run, out_axes=(0, 1))(params, x, y)


def train__while_loop(params, x, y, learning_rate, n_epochs):
    """while_loop that counts the epochs itself."""
    sizes = x[:, :, 0]

    def going_on(state):
        return state[0] < n_epochs

    def epoch(state):
        e, p, history = state
        residual = p[:, :1] * sizes + p[:, 1:] - y
        gradient = 2 * jnp.stack([(residual * sizes).mean(1), residual.mean(1)], axis=1)
        history = jax.lax.dynamic_update_index_in_dim(history, (residual**2).mean(1), e, 0)
        return e + 1, p - learning_rate * gradient, history

    start = (0, jnp.asarray(params), jnp.zeros((n_epochs, params.shape[0]), jnp.float32))
    _, final, history = jax.lax.while_loop(going_on, epoch, start)
    return final, history


def train__lax_map_over_cities(params, x, y, learning_rate, n_epochs):
    """lax.map over the cities, the history transposed at the end; NumPy results."""

    def run(city):
        p, sizes, prices = city

        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        def epoch(q, _):
            value, gradient = jax.value_and_grad(loss)(q)
            return q - learning_rate * gradient, value

        return jax.lax.scan(epoch, p, length=n_epochs)

    final, history = jax.lax.map(run, (params, x, y))
    return np.asarray(final), np.asarray(history).T


def train__named_result(params, x, y, learning_rate, n_epochs):
    """A callable object does one epoch, a NamedTuple is returned."""

    class Training(NamedTuple):
        params: jax.Array
        history: jax.Array

    class Epoch:
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, p, _):
            def total(q):
                losses = jnp.mean((q[:, :1] * x[..., 0] + q[:, 1:] - y) ** 2, axis=-1)
                return losses.sum(), losses

            (_, losses), gradient = jax.value_and_grad(total, has_aux=True)(p)
            return p - self.rate * gradient, losses

    return Training(*jax.lax.scan(Epoch(learning_rate), params, jnp.arange(n_epochs)))


@partial(jax.jit, static_argnums=4)
def train__jit_decorated(params, x, y, learning_rate, n_epochs):
    """jit with the number of epochs static."""

    def step(p, sizes, prices, rate):
        residual = p[0] * sizes[:, 0] + p[1] - prices
        table = jnp.stack([sizes[:, 0], jnp.ones_like(prices)])
        gradient = 2 * jnp.mean(table * residual, axis=1)
        return p - rate * gradient, jnp.mean(residual**2)

    all_cities = jax.vmap(step, in_axes=(0, 0, 0, None))

    def epoch(p, rate):
        return all_cities(p, x, y, rate)

    return jax.lax.scan(epoch, params, jnp.full((n_epochs,), learning_rate))


def fit__centered_formula(x, y):
    """Covariance divided by variance, from centered numbers."""
    sizes = x[:, :, 0]
    size_mean = sizes.mean(axis=1, keepdims=True)
    price_mean = y.mean(axis=1, keepdims=True)
    away = sizes - size_mean
    slope = jnp.sum(away * (y - price_mean), axis=1) / jnp.sum(away**2, axis=1)
    intercept = price_mean[:, 0] - slope * size_mean[:, 0]
    return jnp.column_stack([slope, intercept])


def fit__lstsq_in_a_loop(x, y):
    """jnp.linalg.lstsq, city by city."""
    rows = []
    for sizes, prices in zip(x, y, strict=True):
        table = jnp.hstack([sizes, jnp.ones_like(sizes)])
        rows.append(jnp.linalg.lstsq(table, prices)[0])
    return jnp.stack(rows)


def fit__numpy_polyfit(x, y):
    """np.polyfit for each city, in double precision, returned as float32."""
    sizes, prices = np.asarray(x, np.float64)[:, :, 0], np.asarray(y, np.float64)
    rows = [np.polyfit(s, p, 1) for s, p in zip(sizes, prices, strict=True)]
    return np.array(rows, dtype=np.float32)


def fit__normal_equations(x, y):
    """The normal equations, sizes counted from their mean."""

    def one_city(sizes, prices):
        mean = jnp.mean(sizes)
        table = jnp.hstack([sizes - mean, jnp.ones_like(sizes)])
        slope, height = jnp.linalg.solve(table.T @ table, table.T @ prices)
        return jnp.array([slope, height - slope * mean])

    return jax.vmap(one_city)(x, y)


def fit__mapped_qr(x, y):
    """QR decomposition of the raw table, mapped over the cities."""

    def one_city(sizes, prices):
        q, r = jnp.linalg.qr(jnp.concatenate([sizes, jnp.ones_like(sizes)], axis=1))
        return jax.scipy.linalg.solve_triangular(r, q.T @ prices)

    return jax.vmap(one_city)(x, y)


def fit__newton_step(x, y):
    """One Newton step with jax.hessian, sizes standardized and converted back."""

    def one_city(sizes, prices):
        mean, deviation = sizes.mean(), sizes.std()
        z = (sizes[:, 0] - mean) / deviation

        def loss(p):
            return jnp.mean((p[0] * z + p[1] - prices) ** 2)

        zero = jnp.zeros(2, jnp.float32)
        a, b = -jnp.linalg.solve(jax.hessian(loss)(zero), jax.grad(loss)(zero))
        return jnp.stack([a / deviation, b - a * mean / deviation])

    return jax.lax.map(lambda city: one_city(*city), (x, y))


def fit__shifted_descent(x, y):
    """Gradient descent in sizes counted from 55 in steps of 25, in a fori_loop."""
    z = (x[:, :, 0] - 55.0) / 25.0

    def total(p):
        return jnp.sum(jnp.mean((p[:, :1] * z + p[:, 1:] - y) ** 2, axis=1))

    def epoch(_, p):
        return p - 0.2 * jax.grad(total)(p)

    p = jax.lax.fori_loop(0, 1000, epoch, jnp.zeros((x.shape[0], 2), jnp.float32))
    return jnp.stack([p[:, 0] / 25.0, p[:, 1] - p[:, 0] * 55.0 / 25.0], axis=1)
