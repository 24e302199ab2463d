"""Right answers for 07_ensemble: many models, one city."""

import functools
import itertools
import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random, vmap
from jax.scipy.special import erfinv, ndtri


def predict(params, x):
    return params[0] * x[:, 0] + params[1]


def loss_fn(params, x, y):
    return jnp.mean((predict(params, x) - y) ** 2)


@jax.jit
def train_step(params, x, y, learning_rate):
    loss, gradient = jax.value_and_grad(loss_fn)(params, x, y)
    return params - learning_rate * gradient, loss


class Step(NamedTuple):
    params: jax.Array
    losses: jax.Array


step_all = jax.jit(vmap(train_step, in_axes=(0, None, None, None)))


# ---------------------------------------------------------------- init_ensemble


def init_ensemble__plain(key, n_models):
    """One call with the final shape."""
    return jax.random.normal(key, (n_models, 2))


def init_ensemble__flat_then_reshape(key, n_models):
    """Draws a flat vector and folds it into rows."""
    return random.normal(key, (2 * n_models,)).reshape(n_models, 2)


def init_ensemble__columns_first(key, n_models):
    """Draws (2, m) and transposes."""
    return random.normal(key, (2, n_models)).T


def init_ensemble__two_subkeys(key, n_models):
    """Slopes and intercepts from a subkey each."""
    k_slope, k_intercept = random.split(key)
    slope = random.normal(k_slope, (n_models,))
    return jnp.stack([slope, random.normal(k_intercept, (n_models,))], axis=1)


def init_ensemble__key_per_model(key, n_models):
    """A key for each model, then vmap."""
    return vmap(lambda k: random.normal(k, (2,)))(random.split(key, n_models))


def init_ensemble__fold_in_index(key, n_models):
    """fold_in with the model's number, vectorised."""
    return vmap(lambda i: random.normal(random.fold_in(key, i), (2,)))(jnp.arange(n_models))


@partial(jax.jit, static_argnums=1)
def init_ensemble__jit_static_size(key, n_models):
    """Compiled, with the size as a static argument; folds the size into the key."""
    return random.normal(random.fold_in(key, n_models), (n_models, 2), dtype=jnp.float32)


def init_ensemble__multivariate(key, n_models):
    """Two-dimensional normal with the identity as covariance."""
    return random.multivariate_normal(key, jnp.zeros(2), jnp.eye(2), (n_models,))


def init_ensemble__box_muller(key, n_models):
    """Radius and angle from uniforms; 1 - u keeps the logarithm away from 0."""
    u, v = random.uniform(key, (2, n_models))
    radius = jnp.sqrt(-2.0 * jnp.log(1.0 - u))
    return jnp.stack([radius * jnp.cos(2 * jnp.pi * v), radius * jnp.sin(2 * jnp.pi * v)], axis=-1)


def init_ensemble__inverse_cdf(key, n_models):
    """Normal quantiles of uniforms that are never 0."""
    return ndtri(random.uniform(key, (n_models, 2), minval=2.0**-24, maxval=1.0))


def init_ensemble__erfinv(key, n_models):
    """Inverse error function on the open interval (-1, 1)."""
    low = np.nextafter(np.float32(-1.0), np.float32(0.0))
    return jnp.float32(math.sqrt(2)) * erfinv(random.uniform(key, (n_models, 2), minval=low))


def init_ensemble__rayleigh_and_angle(key, n_models):
    """Polar coordinates of a two-dimensional normal."""
    k_r, k_a = random.split(key)
    r = random.rayleigh(k_r, 1.0, (n_models,))
    a = random.uniform(k_a, (n_models,), minval=-jnp.pi, maxval=jnp.pi)
    return jnp.column_stack((r * jnp.cos(a), r * jnp.sin(a)))


def init_ensemble__maxwell(key, n_models):
    """The z-coordinate of a three-dimensional normal: Maxwell length times uniform height."""
    k1, k2 = random.split(key)
    return random.maxwell(k1, (n_models, 2)) * random.uniform(k2, (n_models, 2), minval=-1.0)


def init_ensemble__log_of_lognormal(key, n_models):
    """Takes the logarithm of log-normal draws."""
    return jnp.log(random.lognormal(key, sigma=1.0, shape=(n_models, 2)))


def init_ensemble__chi_and_sign(key, n_models):
    """Root of a chi-square with one degree of freedom, times a random sign."""
    size_key, sign_key = random.split(key)
    size = jnp.sqrt(random.chisquare(size_key, 1.0, shape=(n_models, 2)))
    return size * random.rademacher(sign_key, (n_models, 2), dtype=jnp.float32)


def init_ensemble__rotated(key, n_models):
    """A rotation leaves the standard normal as it is."""
    c, s = math.cos(0.7), math.sin(0.7)
    rotation = jnp.array([[c, -s], [s, c]], dtype=jnp.float32)
    return random.normal(key, (n_models, 2)) @ rotation


def init_ensemble__mean_of_four(key, n_models):
    """Half the sum of four independent normals."""
    return 0.5 * random.normal(key, (4, n_models, 2)).sum(axis=0)


def init_ensemble__scan_of_keys(key, n_models):
    """Splits the key once a model inside lax.scan."""

    def draw(carry, _):
        carry, sub = random.split(carry)
        return carry, random.normal(sub, (2,))

    return lax.scan(draw, key, length=n_models)[1]


def init_ensemble__lax_map_rows(key, n_models):
    """lax.map with an odd batch size over the keys."""
    return lax.map(lambda k: random.normal(k, (2,)), random.split(key, n_models), batch_size=3)


def init_ensemble__old_keys_wrapped(key, n_models):
    """Turns an old-style key into a new one first."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = random.wrap_key_data(key)
    return random.normal(key, shape=(n_models, 2))


def init_ensemble__extra_draws_dropped(key, n_models):
    """Draws more than needed and keeps the first rows."""
    return random.normal(key, (n_models + 5, 2))[:n_models]


def init_ensemble__numpy_result(key, n_models):
    """Hands back a NumPy array of the right dtype."""
    return np.asarray(random.normal(key, (n_models, 2)))


# ---------------------------------------------------------------- ensemble_train_step


@jax.jit
def ensemble_train_step__vmap(params, x, y, learning_rate):
    """The intended answer."""
    return jax.vmap(train_step, in_axes=(0, None, None, None))(params, x, y, learning_rate)


def ensemble_train_step__closure(params, x, y, learning_rate):
    """vmap over a lambda that closes over the data, not compiled."""
    return vmap(lambda p: train_step(p, x, y, learning_rate))(params)


@jax.jit
def ensemble_train_step__broadcast(params, x, y, learning_rate):
    """Gradient on paper, plain broadcasting."""
    a, b = params[:, :1], params[:, 1:]
    r = a * x[:, 0] + b - y
    g = 2.0 * jnp.stack([jnp.mean(r * x[:, 0], axis=1), jnp.mean(r, axis=1)], axis=1)
    return params - learning_rate * g, jnp.mean(r * r, axis=1)


@jax.jit
def ensemble_train_step__einsum(params, x, y, learning_rate):
    """Design matrix and einsum."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=1)
    r = jnp.einsum("md,nd->mn", params, design, precision="highest") - y
    g = jnp.einsum("mn,nd->md", r, design, precision="highest") * (2.0 / y.shape[0])
    return params - learning_rate * g, jnp.einsum("mn,mn->m", r, r) / y.shape[0]


@jax.jit
def ensemble_train_step__grad_of_sum(params, x, y, learning_rate):
    """The models do not interact, so the gradient of the sum has all the gradients."""

    def total(p):
        losses = vmap(loss_fn, (0, None, None))(p, x, y)
        return losses.sum(), losses

    g, losses = jax.grad(total, has_aux=True)(params)
    return params - learning_rate * g, losses


def ensemble_train_step__vjp_ones(params, x, y, learning_rate):
    """Pulls a vector of ones back."""
    losses, pull = jax.vjp(lambda p: vmap(loss_fn, (0, None, None))(p, x, y), params)
    (g,) = pull(jnp.ones_like(losses))
    return params - learning_rate * g, losses


@jax.jit
def ensemble_train_step__forward_mode(params, x, y, learning_rate):
    """Two jvps, one a column."""

    def f(p):
        return vmap(loss_fn, (0, None, None))(p, x, y)

    e = jnp.eye(2)
    losses, d0 = jax.jvp(f, (params,), (jnp.broadcast_to(e[0], params.shape),))
    _, d1 = jax.jvp(f, (params,), (jnp.broadcast_to(e[1], params.shape),))
    return params - learning_rate * jnp.stack([d0, d1], axis=1), losses


def ensemble_train_step__lax_map(params, x, y, learning_rate):
    """One model after the other, in lax.map."""
    return lax.map(lambda p: train_step(p, x, y, learning_rate), params)


@jax.jit
def ensemble_train_step__lax_map_threes(params, x, y, learning_rate):
    """lax.map with batch_size=3."""
    return lax.map(lambda p: train_step(p, x, y, learning_rate), params, batch_size=3)


def ensemble_train_step__scan_unrolled(params, x, y, learning_rate):
    """lax.scan over the models with unroll."""

    def body(_, p):
        return None, train_step(p, x, y, learning_rate)

    return lax.scan(body, None, params, unroll=4)[1]


@jax.jit
def ensemble_train_step__fori_at_set(params, x, y, learning_rate):
    """fori_loop that writes row by row."""

    def one(i, state):
        new, losses = state
        p, loss = train_step(params[i], x, y, learning_rate)
        return new.at[i].set(p), losses.at[i].set(loss)

    m = params.shape[0]
    return lax.fori_loop(0, m, one, (jnp.zeros_like(params), jnp.zeros(m)))


def ensemble_train_step__vectorize(params, x, y, learning_rate):
    """jnp.vectorize with a signature."""
    step = jnp.vectorize(train_step, excluded=(1, 2, 3), signature="(d)->(d),()")
    return step(params, x, y, learning_rate)


def ensemble_train_step__transposed(params, x, y, learning_rate):
    """The models are columns: in_axes=1 and out_axes."""
    step = vmap(train_step, in_axes=(1, None, None, None), out_axes=(0, 0))
    return step(params.T, x, y, learning_rate)


@jax.jit
def ensemble_train_step__data_repeated(params, x, y, learning_rate):
    """A copy of the data for each model, as in the exercise with the cities."""
    m = params.shape[0]
    xs, ys = jnp.broadcast_to(x, (m, *x.shape)), jnp.tile(y, (m, 1))
    return vmap(train_step)(params, xs, ys, jnp.full((m,), learning_rate))


@jax.jit
def ensemble_train_step__named_tuple(params, x, y, learning_rate):
    """The result is a NamedTuple."""
    return Step(*vmap(train_step, (0, None, None, None))(params, x, y, learning_rate))


@jax.jit
def ensemble_train_step__debug_print(params, x, y, learning_rate):
    """Looks at the worst loss with jax.debug.print."""
    new, losses = vmap(train_step, (0, None, None, None))(params, x, y, learning_rate)
    jax.debug.print("worst {w}", w=losses.max())
    return new, losses


@jax.jit
def ensemble_train_step__checkpointed_pytree(params, x, y, learning_rate):
    """A dictionary of columns, a checkpointed loss, jax.tree.map for the update."""

    @jax.checkpoint
    def loss(p):
        return jnp.square(p["w"] * x[:, 0] + p["b"] - y).mean()

    tree = {"w": params[:, 0], "b": params[:, 1]}
    losses, g = vmap(jax.value_and_grad(loss))(tree)
    new = jax.tree.map(lambda p, d: p - learning_rate * d, tree, g)
    return jnp.stack([new["w"], new["b"]], axis=-1), losses


@jax.jit
def ensemble_train_step__per_house_gradients(params, x, y, learning_rate):
    """Nested vmap: models outside, houses inside, then means."""

    def house(p, xi, yi):
        return (jnp.dot(p[:1], xi) + p[1] - yi) ** 2

    per_house = vmap(jax.value_and_grad(house), (None, 0, 0))
    losses, g = vmap(per_house, (0, None, None))(params, x, y)
    return params - learning_rate * g.mean(axis=1), losses.mean(axis=1)


# ---------------------------------------------------------------- train_ensemble


def train_ensemble__scan(params, x, y, learning_rate, n_epochs):
    """lax.scan over the epochs around the vmapped step."""
    return lax.scan(lambda p, _: step_all(p, x, y, learning_rate), params, length=n_epochs)


@partial(jax.jit, static_argnames="n_epochs")
def train_ensemble__jit_unrolled_scan(params, x, y, learning_rate, n_epochs):
    """Compiled, static number of epochs, scan with unroll=8."""

    def body(p, _):
        return step_all(p, x, y, learning_rate)

    return lax.scan(body, params, None, length=n_epochs, unroll=8)


def train_ensemble__vmap_of_training(params, x, y, learning_rate, n_epochs):
    """Trains one model in a scan, then vmap over the models with out_axes=(0, 1)."""

    def one(p):
        return lax.scan(lambda q, _: train_step(q, x, y, learning_rate), p, length=n_epochs)

    return vmap(one, out_axes=(0, 1))(params)


def train_ensemble__python_epochs(params, x, y, learning_rate, n_epochs):
    """A Python loop over the epochs, which is allowed."""
    history = []
    for _ in range(n_epochs):
        params, losses = step_all(params, x, y, learning_rate)
        history.append(losses)
    return params, jnp.stack(history)


def train_ensemble__fori_buffer(params, x, y, learning_rate, n_epochs):
    """fori_loop with a buffer for the history."""

    def epoch(e, state):
        p, history = state
        p, losses = step_all(p, x, y, learning_rate)
        return p, history.at[e].set(losses)

    buffer = jnp.empty((n_epochs, params.shape[0]), dtype=params.dtype)
    return lax.fori_loop(0, n_epochs, epoch, (params, buffer))


def train_ensemble__while_loop(params, x, y, learning_rate, n_epochs):
    """while_loop with a counter."""

    def go(state):
        e, p, history = state
        p, losses = step_all(p, x, y, learning_rate)
        return e + 1, p, lax.dynamic_update_index_in_dim(history, losses, e, 0)

    start = (0, params, jnp.zeros((n_epochs, len(params))))
    return lax.while_loop(lambda s: s[0] < n_epochs, go, start)[1:]


def train_ensemble__map_of_training(params, x, y, learning_rate, n_epochs):
    """lax.map over the models in batches of 4, the history transposed afterwards."""

    def one(p):
        return lax.scan(lambda q, _: train_step(q, x, y, learning_rate), p, length=n_epochs)

    final, history = lax.map(one, params, batch_size=4)
    return final, history.T


@partial(jax.jit, static_argnums=(4,))
def train_ensemble__nested_scans(params, x, y, learning_rate, n_epochs):
    """Scan over the models outside, scan over the epochs inside."""

    def epoch(p, _):
        return train_step(p, x, y, learning_rate)

    def model(_, p):
        return None, lax.scan(epoch, p, length=n_epochs)

    final, history = lax.scan(model, None, params)[1]
    return final, jnp.swapaxes(history, 0, 1)


def train_ensemble__closed_form(params, x, y, learning_rate, n_epochs):
    """Columns as separate carries and the gradient on paper."""
    s = x[:, 0]

    def epoch(carry, _):
        a, b = carry
        r = a[:, None] * s + b[:, None] - y
        new = a - learning_rate * 2 * jnp.mean(r * s, 1), b - learning_rate * 2 * jnp.mean(r, 1)
        return new, jnp.mean(r**2, 1)

    (a, b), history = lax.scan(epoch, (params[:, 0], params[:, 1]), length=n_epochs)
    return jnp.stack([a, b], axis=1), history


def train_ensemble__accumulate(params, x, y, learning_rate, n_epochs):
    """itertools.accumulate over the epochs."""
    states = itertools.accumulate(
        range(n_epochs),
        lambda state, _: step_all(state[0], x, y, learning_rate),
        initial=(params, None),
    )
    states = list(states)[1:]
    return states[-1][0], jnp.array([losses for _, losses in states])


def train_ensemble__reduce(params, x, y, learning_rate, n_epochs):
    """functools.reduce over the epochs, the history in a list."""

    def epoch(state, _):
        new, losses = step_all(state[0], x, y, learning_rate)
        return new, [*state[1], losses]

    final, history = functools.reduce(epoch, range(n_epochs), (params, []))
    return final, jnp.vstack(history)


def train_ensemble__numpy_float32(params, x, y, learning_rate, n_epochs):
    """NumPy broadcasting in float32, NumPy results."""
    p, s, t = np.array(params), np.asarray(x)[:, 0], np.asarray(y)
    rate, history = np.float32(learning_rate), np.empty((n_epochs, len(p)), np.float32)
    with np.errstate(all="ignore"):
        for e in range(n_epochs):
            r = p[:, :1] * s + p[:, 1:] - t
            history[e] = (r * r).mean(axis=1)
            g = np.stack([(r * s).mean(axis=1), r.mean(axis=1)], axis=1)
            p = p - np.float32(2) * rate * g
    return p, history


def train_ensemble__recorded_params(params, x, y, learning_rate, n_epochs):
    """Records the params first and evaluates all losses at the end."""

    def epoch(p, _):
        return step_all(p, x, y, learning_rate)[0], p

    final, visited = lax.scan(epoch, params, length=n_epochs)
    losses = vmap(vmap(loss_fn, (0, None, None)), (0, None, None))
    return final, losses(visited, x, y)


def train_ensemble__checkpointed_named_tuple(params, x, y, learning_rate, n_epochs):
    """A checkpointed body; the result is a NamedTuple."""
    body = jax.checkpoint(lambda p, _: step_all(p, x, y, learning_rate))
    return Step(*lax.scan(body, params, jnp.arange(n_epochs)))


def train_ensemble__rates_as_xs(params, x, y, learning_rate, n_epochs):
    """Hands the scan one copy of the learning rate for each epoch."""
    rates = jnp.full((n_epochs,), learning_rate)
    return lax.scan(lambda p, rate: step_all(p, x, y, rate), params, rates)


def train_ensemble__epochs_in_blocks(params, x, y, learning_rate, n_epochs):
    """A Python loop over blocks of at most 100 epochs, a scan inside."""
    parts = []
    for done in range(0, n_epochs, 100):
        block = min(100, n_epochs - done)
        params, part = lax.scan(
            lambda p, _: step_all(p, x, y, learning_rate), params, length=block
        )
        parts.append(part)
    return params, jnp.concatenate(parts)


# ---------------------------------------------------------------- spread


@jax.jit
def spread__max_minus_min(params):
    """The plain one."""
    return jnp.max(params, axis=0) - jnp.min(params, axis=0)


def spread__ptp(params):
    """Peak to peak."""
    return jnp.ptp(params, axis=0)


def spread__numpy(params):
    """NumPy's peak to peak."""
    return np.ptp(np.asarray(params), axis=0)


def spread__sorted(params):
    """Sorts each column."""
    s = jnp.sort(params, axis=0)
    return s[-1] - s[0]


def spread__vmap_columns(params):
    """vmap over the columns with in_axes=1."""
    return jax.vmap(lambda column: column.max() - column.min(), in_axes=1)(params)


def spread__associative_scan(params):
    """Running maximum and minimum as associative scans."""
    high = lax.associative_scan(jnp.maximum, params)
    low = lax.associative_scan(jnp.minimum, params)
    return high[-1] - low[-1]


@jax.jit
def spread__lax_reduce(params):
    """lax.reduce with infinite start values."""
    high = lax.reduce(params, -jnp.inf, lax.max, (0,))
    low = lax.reduce(params, jnp.inf, lax.min, (0,))
    return lax.sub(high, low)


def spread__scan(params):
    """Carries both extremes through lax.scan."""

    def body(carry, p):
        return (jnp.minimum(carry[0], p), jnp.maximum(carry[1], p)), None

    (low, high), _ = lax.scan(body, (params[0], params[0]), params)
    return high - low


def spread__fori(params):
    """fori_loop from the second model on."""

    def body(i, c):
        return jnp.maximum(c, jnp.concatenate([params[i], -params[i]]))

    both = lax.fori_loop(1, params.shape[0], body, jnp.concatenate([params[0], -params[0]]))
    return both[:2] + both[2:]


def spread__top_k(params):
    """top_k of the values and of their negatives."""
    high = lax.top_k(params.T, 1)[0][:, 0]
    return high + lax.top_k(-params.T, 1)[0][:, 0]


def spread__argmax_gather(params):
    """Looks the extremes up by their positions."""
    cols = jnp.arange(2)
    return params[params.argmax(0), cols] - params[params.argmin(0), cols]


def spread__scatter_max(params):
    """.at[].max and .at[].min into a row of infinities."""
    idx = jnp.zeros(params.shape[0], dtype=int)
    high = jnp.full((1, 2), -jnp.inf).at[idx].max(params)
    low = jnp.full((1, 2), jnp.inf).at[idx].min(params)
    return (high - low)[0]


def spread__cummax(params):
    """Last entries of lax.cummax and lax.cummin."""
    return lax.cummax(params, axis=0)[-1] - lax.cummin(params, axis=0)[-1]


def spread__segment_max(params):
    """All models in one segment."""
    ids = jnp.zeros(len(params), dtype=jnp.int32)
    high = jax.ops.segment_max(params, ids, num_segments=1)
    return (high - jax.ops.segment_min(params, ids, num_segments=1))[0]


def spread__unstacked(params):
    """Column by column, NaNs aside, stacked again."""
    a, b = params.T
    return jnp.stack([jnp.nanmax(a) - jnp.nanmin(a), jnp.nanmax(b) - jnp.nanmin(b)])


def spread__largest_pairwise(params):
    """The largest difference between any two models, one row of pairs at a time."""
    return lax.map(lambda p: jnp.max(jnp.abs(params - p), axis=0), params).max(axis=0)


# ---------------------------------------------------------------- converged


@jax.jit
def converged__vmap_norm(params, x, y, tolerance):
    """vmapped gradient, then the norm along axis 1."""
    g = jax.vmap(jax.grad(loss_fn), in_axes=(0, None, None))(params, x, y)
    return jnp.linalg.norm(g, axis=1) <= tolerance


def converged__one_model_then_vmap(params, x, y, tolerance):
    """Written for one model, with the norm inside the vmap."""

    def one(p):
        return jnp.linalg.norm(jax.grad(loss_fn)(p, x, y)) <= tolerance

    return vmap(one)(params)


@jax.jit
def converged__hypot(params, x, y, tolerance):
    """jnp.hypot of the two partial derivatives on paper."""
    r = params[:, :1] * x[:, 0] + params[:, 1:] - y
    return jnp.hypot(2 * (r * x[:, 0]).mean(axis=1), 2 * r.mean(axis=1)) <= tolerance


def converged__sqrt_einsum(params, x, y, tolerance):
    """Root of an einsum of squares."""
    g = vmap(jax.grad(loss_fn), (0, None, None))(params, x, y)
    return jnp.sqrt(jnp.einsum("md,md->m", g, g)) <= tolerance


def converged__lax_map(params, x, y, tolerance):
    """lax.map in batches of 7."""
    norm = lax.map(lambda p: jnp.linalg.norm(jax.jacfwd(loss_fn)(p, x, y)), params, batch_size=7)
    return lax.le(norm, jnp.broadcast_to(tolerance, norm.shape))


def converged__scan(params, x, y, tolerance):
    """lax.scan over the models, unrolled by two."""

    def body(carry, p):
        g = jax.grad(loss_fn)(p, x, y)
        return carry, jnp.sqrt(g[0] ** 2 + g[1] ** 2) <= tolerance

    return lax.scan(body, 0, params, unroll=2)[1]


@jax.jit
def converged__nan_spelled_out(params, x, y, tolerance):
    """Not longer than the tolerance, and not NaN."""
    norm = jnp.linalg.norm(vmap(jax.grad(loss_fn), (0, None, None))(params, x, y), axis=-1)
    return ~(norm > tolerance) & ~jnp.isnan(norm)


def converged__from_the_step(params, x, y, tolerance):
    """Recovers the gradient by value_and_grad on the sum of the losses."""

    def total(p):
        return vmap(loss_fn, (0, None, None))(p, x, y).sum()

    _, g = jax.value_and_grad(total)(params)
    return jnp.sqrt(jnp.sum(g**2, axis=1)) <= tolerance


def converged__numpy_float64(params, x, y, tolerance):
    """NumPy in float64; a NumPy array of bools."""
    p, s, t = (np.asarray(a, dtype=np.float64) for a in (params, x[:, 0], y))
    with np.errstate(all="ignore"):
        r = p @ np.stack([s, np.ones_like(s)]) - t
        g = 2 * np.stack([(r * s).mean(axis=1), r.mean(axis=1)], axis=1)
        return np.linalg.norm(g, axis=1) <= np.float64(tolerance)


def converged__scaled_norm(params, x, y, tolerance):
    """less_equal on scaled components, so that squares cannot overflow."""
    g = vmap(jax.grad(loss_fn), (0, None, None))(params, x, y)
    big = jnp.max(jnp.abs(g), axis=1)
    safe = jnp.where(big > 0, big, 1.0)
    norm = safe * jnp.linalg.norm(g / safe[:, None], axis=1)
    return jnp.less_equal(jnp.where(big > 0, norm, big), tolerance)


def converged__complex_modulus(params, x, y, tolerance):
    """The modulus of slope gradient plus i times intercept gradient."""
    g = vmap(jax.grad(loss_fn), (0, None, None))(params, x, y)
    return jnp.abs(lax.complex(g[:, 0], g[:, 1])) <= tolerance


def converged__fori(params, x, y, tolerance):
    """fori_loop that fills a vector of False."""

    def one(i, done):
        g = jax.grad(loss_fn)(params[i], x, y)
        return done.at[i].set(jnp.linalg.norm(g) <= tolerance)

    return lax.fori_loop(0, params.shape[0], one, jnp.zeros(params.shape[0], dtype=bool))


@jax.jit
def converged__vectorize(params, x, y, tolerance):
    """jnp.vectorize over the rows."""

    def one(p):
        return jnp.where(jnp.linalg.norm(jax.jacrev(loss_fn)(p, x, y)) <= tolerance, True, False)

    return jnp.vectorize(one, signature="(d)->()")(params)


def converged__per_house(params, x, y, tolerance):
    """Mean of the gradients of single houses, checkpointed."""

    @jax.checkpoint
    def house(p, xi, yi):
        return (p[0] * xi[0] + p[1] - yi) ** 2

    g = vmap(vmap(jax.grad(house), (None, 0, 0)), (0, None, None))(params, x, y)
    return jnp.linalg.norm(g.mean(axis=1), ord=2, axis=1) <= tolerance


def converged__columns(params, x, y, tolerance):
    """Models as columns, jvps in both directions."""

    def f(p):
        return vmap(loss_fn, (1, None, None))(p, x, y)

    ones, zeros = jnp.ones(len(params)), jnp.zeros(len(params))
    da = jax.jvp(f, (params.T,), (jnp.stack([ones, zeros]),))[1]
    db = jax.jvp(f, (params.T,), (jnp.stack([zeros, ones]),))[1]
    return tolerance >= jnp.sqrt(da * da + db * db)


# ----------------------------------------------------------- a second round


def init_ensemble__folded_keys(key, n_models):
    """One key for each model, by fold_in, mapped."""
    return jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(key, i), (2,)))(
        jnp.arange(n_models)
    )


def train_ensemble__model_by_model(params, x, y, learning_rate, n_epochs):
    """vmap of a whole training, its history put the right way by out_axes."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def one(start):
        def epoch(p, _):
            value, slope = jax.value_and_grad(loss)(p)
            return p - learning_rate * slope, value

        return lax.scan(epoch, start, None, length=n_epochs)

    return jax.vmap(one, out_axes=(0, 1))(params)


def spread__sorted_ends(params):
    """The ends of the sorted columns."""
    ordered = jnp.sort(params, axis=0)
    return ordered[-1] - ordered[0]


def converged__linearized(params, x, y, tolerance):
    """The pullback of all losses at once, and hypot."""

    def losses(p):
        return jnp.mean((p[:, :1] * x[:, 0] + p[:, 1:] - y) ** 2, axis=1)

    values, back = jax.vjp(losses, params)
    (slope,) = back(jnp.ones_like(values))
    return ~(jnp.hypot(slope[:, 0], slope[:, 1]) > tolerance) & ~jnp.isnan(slope).any(1)
