"""Right answers to exercise 6: parallel linear regression."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import jax.scipy as jsp
import numpy as np
from jax import grad, jit, lax, value_and_grad, vmap


class State(NamedTuple):
    params: jax.Array
    losses: jax.Array


class Line(NamedTuple):
    slope: jax.Array
    intercept: jax.Array


def line(params, x):
    """One city's prices."""
    return params[0] * x[:, 0] + params[1]


def mse(params, x, y):
    """One city's mean squared error."""
    return jnp.mean((line(params, x) - y) ** 2)


def step(params, x, y, learning_rate):
    """One city's step."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params - learning_rate * g, loss


def all_steps(params, x, y, learning_rate):
    """Every city's step."""
    return vmap(step, in_axes=(0, 0, 0, None))(params, x, y, learning_rate)


parallel_step_jit = jit(vmap(step, in_axes=(0, 0, 0, None)))


def halved_epochs(params, x, y, learning_rate, n_epochs):
    """Trains half of the epochs, then the other half."""
    if n_epochs == 1:
        new, losses = parallel_step_jit(params, x, y, learning_rate)
        return new, losses[None]
    first = n_epochs // 2
    middle, early = halved_epochs(params, x, y, learning_rate, first)
    final, late = halved_epochs(middle, x, y, learning_rate, n_epochs - first)
    return final, jnp.concatenate([early, late])


def centred(x, y):
    """Sizes and prices around their means, and the means (one city)."""
    s = x[:, 0]
    return s - s.mean(), y - y.mean(), s.mean(), y.mean()


# -------------------------------------------------------------------- predict
def predict__article(params, x):
    """The article's own."""
    slope, intercept = params[0], params[1]
    return x[:, 0] * slope + intercept


def predict__squeeze_last(params, x):
    """Removes the last axis only."""
    return params[0] * x.squeeze(-1) + params[1]


def predict__matmul(params, x):
    """A matrix-vector product with a weight vector of length 1."""
    return jnp.matmul(x, params[:1], precision="highest") + params[1]


def predict__design_matrix(params, x):
    """A column of ones at the right."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=1)
    return jnp.dot(design, params, precision=lax.Precision.HIGHEST)


@jax.jit
def predict__polyval(params, x):
    """A polynomial of degree 1, highest power first."""
    return jnp.polyval(params, x.ravel())


def predict__vmap_over_houses(params, x):
    """Written for one house, then vmap."""
    one = lambda house: jnp.sum(params[0] * house) + params[1]
    return vmap(one)(x)


def predict__einsum(params, x):
    """einsum over the feature axis."""
    return jnp.einsum("nk,k->n", x, params[:-1], precision="highest") + params[-1]


def predict__lax_map(params, x):
    """lax.map with an odd batch size."""
    return lax.map(lambda row: row[0] * params[0] + params[1], x, batch_size=3)


def predict__scan(params, x):
    """A scan over the houses, unrolled by two."""
    return lax.scan(lambda p, row: (p, p[0] * row[0] + p[1]), params, x, unroll=2)[1]


def predict__fori_loop(params, x):
    """Writes one price after the other, on the device."""
    body = lambda i, out: out.at[i].set(params[0] * x[i, 0] + params[1])
    return lax.fori_loop(0, x.shape[0], body, jnp.zeros(x.shape[0], x.dtype))


def predict__linearize(params, x):
    """The model is linear in its params: its derivative is the model."""
    f = lambda p: p[0] * x[:, 0] + p[1]
    return jax.jvp(f, (jnp.zeros_like(params),), (params,))[1]


def predict__vectorize(params, x):
    """jnp.vectorize with a signature."""
    return jnp.vectorize(lambda p, row: p[0] * row[0] + p[1], signature="(2),(1)->()")(params, x)


def predict__low_level(params, x):
    """lax primitives."""
    sizes = lax.reshape(x, (x.shape[0],))
    slope = lax.broadcast(lax.index_in_dim(params, 0, keepdims=False), sizes.shape)
    return lax.add(lax.mul(sizes, slope), lax.broadcast(params[1], sizes.shape))


def predict__named_tuple(params, x):
    """Unpacks into a NamedTuple, prints, flattens."""
    model = Line(*params)
    jax.debug.print("slope {}", model.slope)
    return (x * model.slope + model.intercept).reshape(-1)


def predict__column_zero_of_outer(params, x):
    """Multiplies with a (1, 1) matrix and takes column 0."""
    return (x * params[None, :1] + params[None, 1:])[:, 0]


# -------------------------------------------------------------------- loss_fn
def loss_fn__article(params, x, y):
    """The article's own."""
    return jnp.mean((line(params, x) - y) ** 2)


def loss_fn__dot_with_itself(params, x, y):
    """The residuals' squared length over n."""
    r = line(params, x) - y
    return jnp.vdot(r, r, precision="highest") / r.size


def loss_fn__sum_over_n(params, x, y):
    """Sum, then division."""
    return jnp.sum(jnp.square(y - line(params, x))) / y.shape[0]


def loss_fn__variance_plus_bias(params, x, y):
    """Variance of the residuals plus their squared mean: no cancellation."""
    r = line(params, x) - y
    return jnp.var(r) + jnp.mean(r) ** 2


def loss_fn__average_of_vmap(params, x, y):
    """One house's loss, vmap, mean."""
    one = lambda size, price: (params[0] * size[0] + params[1] - price) ** 2
    return jnp.average(vmap(one)(x, y))


def loss_fn__scan(params, x, y):
    """A running sum in a scan."""
    add = lambda total, xy: (total + (params[0] * xy[0][0] + params[1] - xy[1]) ** 2, None)
    return lax.scan(add, jnp.float32(0), (x, y), unroll=5)[0] / len(y)


def loss_fn__running_mean(params, x, y):
    """A running mean in a fori_loop."""
    r = line(params, x) - y
    body = lambda i, m: m + (r[i] ** 2 - m) / (i + 1)
    return lax.fori_loop(0, r.shape[0], body, jnp.zeros((), jnp.float32))


def loss_fn__einsum(params, x, y):
    """einsum of the residuals with themselves."""
    r = x @ params[:1] + params[1] - y
    return jnp.einsum("i,i->", r, r, precision="highest") / r.shape[0]


@jit
def loss_fn__absolute_values(params, x, y):
    """Squares of absolute values, with power."""
    return jnp.mean(jnp.power(jnp.abs(jnp.subtract(line(params, x), y)), 2))


def loss_fn__columns(params, x, y):
    """Keeps everything as columns (n, 1)."""
    prediction = params[0] * x + params[1]
    return jnp.mean((prediction - y.reshape(-1, 1)) ** 2)


def loss_fn__associative_scan(params, x, y):
    """The last prefix sum of the squares."""
    r = line(params, x) - y
    return lax.associative_scan(jnp.add, r * r)[-1] / r.shape[0]


def loss_fn__checkpoint(params, x, y):
    """Rematerialised and printing."""

    @jax.checkpoint
    def inner(p):
        r = line(p, x) - y
        jax.debug.print("{}", r.shape[0])
        return jnp.mean(r * r)

    return inner(params)


def loss_fn__segments(params, x, y):
    """segment_sum into one segment."""
    r = line(params, x) - y
    where = jnp.zeros(r.shape[0], jnp.int32)
    return jax.ops.segment_sum(r**2, where, num_segments=1)[0] / r.shape[0]


def loss_fn__weights(params, x, y):
    """A weighted sum with the weights 1/n."""
    n = y.shape[0]
    return jnp.sum(jnp.full((n,), 1.0 / n) * (y - line(params, x)) ** 2)


def loss_fn__complex_modulus(params, x, y):
    """The sum of squares of the real part (the imaginary one is zero)."""
    r = lax.complex(line(params, x) - y, jnp.zeros_like(y))
    return jnp.mean(jnp.real(r * jnp.conj(r)))


# ----------------------------------------------------------------- train_step
def train_step__article(params, x, y, learning_rate):
    """The article's own."""
    loss, grads = jax.value_and_grad(mse)(params, x, y)
    return params - learning_rate * grads, loss


@jax.jit
def train_step__jit_and_closure(params, x, y, learning_rate):
    """The loss as a closure over the data."""
    loss, g = value_and_grad(lambda p: mse(p, x, y))(params)
    return params - g * learning_rate, loss


def train_step__by_hand(params, x, y, learning_rate):
    """The derivatives on paper."""
    r = params[0] * x[:, 0] + params[1] - y
    g = jnp.array([2 * jnp.mean(r * x[:, 0]), 2 * jnp.mean(r)])
    return params - learning_rate * g, jnp.mean(r**2)


def train_step__loss_and_grad_apart(params, x, y, learning_rate):
    """Loss and gradient in two calls, which this exercise allows."""
    return params - learning_rate * grad(mse)(params, x, y), mse(params, x, y)


def train_step__design_transpose(params, x, y, learning_rate):
    """2/n A^T (A p - y)."""
    a = jnp.column_stack([x[:, 0], jnp.ones(x.shape[0])])
    r = jnp.dot(a, params, precision="highest") - y
    g = 2.0 / r.size * jnp.dot(a.T, r, precision="highest")
    return params - learning_rate * g, jnp.mean(r * r)


def train_step__vjp_of_residuals(params, x, y, learning_rate):
    """Pulls the residuals back through the model."""
    prediction, pull = jax.vjp(lambda p: line(p, x), params)
    r = prediction - y
    (g,) = pull(2 * r / r.shape[0])
    return params - learning_rate * g, jnp.mean(r**2)


def train_step__forward_mode(params, x, y, learning_rate):
    """jacfwd with the loss as auxiliary data."""
    g, loss = jax.jacfwd(lambda p: (lambda v: (v, v))(mse(p, x, y)), has_aux=True)(params)
    return params + (-learning_rate) * g, loss


def train_step__per_example(params, x, y, learning_rate):
    """The mean of the per-house gradients."""
    one = lambda p, size, price: (p[0] * size[0] + p[1] - price) ** 2
    losses, rows = vmap(value_and_grad(one), (None, 0, 0))(params, x, y)
    return params - learning_rate * rows.mean(0), losses.mean()


def train_step__pytree(params, x, y, learning_rate):
    """The params as a NamedTuple, updated by tree.map."""
    model = Line(params[0], params[1])
    loss, g = value_and_grad(lambda m: mse(jnp.stack(m), x, y))(model)
    new = jax.tree.map(lambda p, d: p - learning_rate * d, model, g)
    return jnp.stack([new.slope, new.intercept]), loss


def train_step__named_tuple_out(params, x, y, learning_rate):
    """Returns a NamedTuple."""
    loss, g = value_and_grad(mse)(params, x, y)
    return State(params - learning_rate * g, loss)


def train_step__jvp_basis(params, x, y, learning_rate):
    """One jvp for each unit vector, in one vmap."""
    push = lambda t: jax.jvp(lambda p: mse(p, x, y), (params,), (t,))
    loss, g = vmap(push, out_axes=(None, 0))(jnp.eye(2, dtype=params.dtype))
    return params - learning_rate * g, loss


def train_step__scan_over_houses(params, x, y, learning_rate):
    """Sums loss and gradient in one scan."""

    def add(total, house):
        size, price = house
        r = params[0] * size[0] + params[1] - price
        return total + jnp.stack([r * r, 2 * r * size[0], 2 * r]), None

    total, _ = lax.scan(add, jnp.zeros(3, jnp.float32), (x, y))
    total = total / y.shape[0]
    return params - learning_rate * total[1:], total[0]


def train_step__in_place_update(params, x, y, learning_rate):
    """Builds the new params with .at[].add."""
    loss, g = value_and_grad(mse)(params, x, y)
    new = jnp.asarray(params).at[0].add(-learning_rate * g[0]).at[1].add(-learning_rate * g[1])
    return new, loss


def train_step__scaled_loss(params, x, y, learning_rate):
    """Differentiates learning_rate * loss; the loss is auxiliary."""

    def scaled(p):
        value = mse(p, x, y)
        return learning_rate * value, value

    move, loss = grad(scaled, has_aux=True)(params)
    return params - move, loss


def train_step__with_print_and_checkpoint(params, x, y, learning_rate):
    """debug.print and checkpoint inside."""
    loss, g = value_and_grad(jax.checkpoint(mse))(params, x, y)
    jax.debug.print("loss {l} rate {r}", l=loss, r=learning_rate)
    return params - learning_rate * g, loss


def train_step__moments(params, x, y, learning_rate):
    """The gradient from moments of the data, the loss from the residuals."""
    s = x[:, 0]
    slope, intercept = params
    d_slope = slope * jnp.mean(s * s) + intercept * jnp.mean(s) - jnp.mean(s * y)
    d_intercept = slope * jnp.mean(s) + intercept - jnp.mean(y)
    g = 2 * jnp.stack([d_slope, d_intercept])
    return params - learning_rate * g, jnp.mean((s * slope + intercept - y) ** 2)


# -------------------------------------------------------- parallel_train_step
def parallel_train_step__article(params, x, y, learning_rate):
    """The article's own: jit(vmap(step))."""
    return parallel_step_jit(params, x, y, learning_rate)


def parallel_train_step__closure(params, x, y, learning_rate):
    """vmap over a closure that knows the rate."""
    return vmap(lambda p, a, b: step(p, a, b, learning_rate))(params, x, y)


def parallel_train_step__rate_repeated(params, x, y, learning_rate):
    """One copy of the rate for every city."""
    rates = jnp.full((params.shape[0],), learning_rate)
    return vmap(step)(params, x, y, rates)


def parallel_train_step__gradient_of_sum(params, x, y, learning_rate):
    """One gradient of the sum of the cities' losses, which do not share params."""

    def total(p):
        losses = vmap(mse)(p, x, y)
        return losses.sum(), losses

    g, losses = grad(total, has_aux=True)(params)
    return params - learning_rate * g, losses


def parallel_train_step__broadcasting(params, x, y, learning_rate):
    """By hand, all cities in one expression."""
    sizes = x[..., 0]
    r = params[:, :1] * sizes + params[:, 1:] - y
    g = 2 * jnp.stack([(r * sizes).mean(axis=1), r.mean(axis=1)], axis=1)
    return params - learning_rate * g, (r**2).mean(axis=1)


def parallel_train_step__einsum(params, x, y, learning_rate):
    """Contractions over the houses only."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=-1)
    r = jnp.einsum("cnk,ck->cn", design, params, precision="highest") - y
    g = 2 / y.shape[1] * jnp.einsum("cnk,cn->ck", design, r, precision="highest")
    loss = jnp.einsum("cn,cn->c", r, r, precision="highest") / y.shape[1]
    return params - learning_rate * g, loss


def parallel_train_step__lax_map(params, x, y, learning_rate):
    """lax.map over the cities in batches of two."""
    return lax.map(lambda a: step(*a, learning_rate), (params, x, y), batch_size=2)


def parallel_train_step__scan(params, x, y, learning_rate):
    """A scan over the cities, unrolled by three."""
    body = lambda rate, city: (rate, step(*city, rate))
    return lax.scan(body, learning_rate, (params, x, y), unroll=3)[1]


def parallel_train_step__fori_loop(params, x, y, learning_rate):
    """A loop over the cities on the device."""

    def body(i, state):
        new, loss = step(params[i], x[i], y[i], learning_rate)
        return state[0].at[i].set(new), state[1].at[i].set(loss)

    start = jnp.zeros_like(params), jnp.zeros(params.shape[0], params.dtype)
    return lax.fori_loop(0, params.shape[0], body, start)


def parallel_train_step__houses_first(params, x, y, learning_rate):
    """Cities on axis 1 of the data, params as columns."""
    x, y = jnp.swapaxes(x, 0, 1), y.T
    new, losses = vmap(step, (1, 1, 1, None), (1, 0))(params.T, x, y, learning_rate)
    return new.T, losses


def parallel_train_step__named_tuple(params, x, y, learning_rate):
    """Returns a NamedTuple, prints every city's loss."""
    new, losses = all_steps(params, x, y, learning_rate)
    jax.debug.print("{}", losses)
    return State(new, losses)


def parallel_train_step__jacobian_of_losses(params, x, y, learning_rate):
    """vmap of value_and_grad, then one update for the table."""
    losses, g = vmap(value_and_grad(mse))(params, x, y)
    return jnp.subtract(params, jnp.multiply(learning_rate, g)), losses


def parallel_train_step__vjp_ones(params, x, y, learning_rate):
    """Pulls a vector of ones back through the cities' losses."""
    losses, pull = jax.vjp(lambda p: vmap(mse)(p, x, y), params)
    return params - learning_rate * pull(jnp.ones_like(losses))[0], losses


def parallel_train_step__vectorize(params, x, y, learning_rate):
    """jnp.vectorize with a signature."""
    signature = "(k),(n,f),(n),()->(k),()"
    return jnp.vectorize(step, signature=signature)(params, x, y, learning_rate)


def parallel_train_step__spmd_axis(params, x, y, learning_rate):
    """A named axis, and the checkpointed loss."""

    def one(p, a, b):
        loss, g = value_and_grad(jax.checkpoint(mse))(p, a, b)
        return p - learning_rate * g, loss

    return vmap(one, axis_name="city")(params, x, y)


def parallel_train_step__flattened(params, x, y, learning_rate):
    """All houses of all cities in one list, summed by city."""
    c, n = y.shape
    city = jnp.repeat(jnp.arange(c), n)
    s, price = x.reshape(-1), y.reshape(-1)
    r = params[city, 0] * s + params[city, 1] - price
    table = jnp.stack([r * r, 2 * r * s, 2 * r], axis=1)
    sums = jax.ops.segment_sum(table, city, num_segments=c) / n
    return params - learning_rate * sums[:, 1:], sums[:, 0]


# ---------------------------------------------------------------------- train
def train__scan(params, x, y, learning_rate, n_epochs):
    """The expected one."""
    epoch = lambda p, _: all_steps(p, x, y, learning_rate)
    return lax.scan(epoch, params, length=n_epochs)


def train__python_loop_over_epochs(params, x, y, learning_rate, n_epochs):
    """The article's loop over epochs, which the contract allows."""
    history = []
    for _ in range(n_epochs):
        params, losses = parallel_step_jit(params, x, y, learning_rate)
        history.append(losses)
    return params, jnp.stack(history)


def train__python_loop_numpy_history(params, x, y, learning_rate, n_epochs):
    """Writes the history into a NumPy array of float32."""
    history = np.empty((n_epochs, len(params)), np.float32)
    for e in range(n_epochs):
        params, losses = parallel_step_jit(params, x, y, learning_rate)
        history[e] = losses
    return params, history


def train__fori_loop(params, x, y, learning_rate, n_epochs):
    """Fills the history in a fori_loop."""

    def body(e, state):
        p, history = state
        p, losses = all_steps(p, x, y, learning_rate)
        return p, history.at[e].set(losses)

    history = jnp.zeros((n_epochs, y.shape[0]), jnp.float32)
    return lax.fori_loop(0, n_epochs, body, (jnp.asarray(params), history))


def train__while_loop(params, x, y, learning_rate, n_epochs):
    """A while_loop with a counter."""

    def body(s):
        e, p, h = s
        p, losses = all_steps(p, x, y, learning_rate)
        return e + 1, p, lax.dynamic_update_slice(h, losses[None], (e, 0))

    start = (0, jnp.asarray(params), jnp.empty((n_epochs, x.shape[0]), jnp.float32))
    _, p, h = lax.while_loop(lambda s: s[0] < n_epochs, body, start)
    return p, h


@partial(jit, static_argnums=4)
def train__jit_unrolled_scan(params, x, y, learning_rate, n_epochs):
    """Compiled as a whole, the scan unrolled by four."""

    def epoch(p, _):
        return all_steps(p, x, y, learning_rate)

    return lax.scan(epoch, params, None, length=n_epochs, unroll=4)


def train__city_by_city_in_vmap(params, x, y, learning_rate, n_epochs):
    """Trains one city with a scan, vmap over the cities, history mapped to axis 1."""

    def one(p, a, b):
        return lax.scan(lambda q, _: step(q, a, b, learning_rate), p, length=n_epochs)

    return vmap(one, out_axes=(0, 1))(params, x, y)


def train__lax_map_over_cities(params, x, y, learning_rate, n_epochs):
    """lax.map over the cities, a scan over the epochs, then a transpose."""

    def one(args):
        p, a, b = args
        return lax.scan(lambda q, _: step(q, a, b, learning_rate), p, jnp.arange(n_epochs))

    final, history = lax.map(one, (params, x, y), batch_size=2)
    return final, history.T


def train__broadcasting_scan(params, x, y, learning_rate, n_epochs):
    """Closed-form gradients for all cities."""
    s = x[:, :, 0]

    def epoch(p, _):
        r = p[:, :1] * s + p[:, 1:] - y
        g = 2 * jnp.stack([jnp.mean(r * s, 1), jnp.mean(r, 1)], 1)
        return p - learning_rate * g, jnp.mean(r * r, 1)

    return lax.scan(epoch, params, xs=None, length=n_epochs)


def train__numpy(params, x, y, learning_rate, n_epochs):
    """NumPy in float32: a loop over epochs, broadcasting over cities."""
    p, y = np.array(params, np.float32), np.asarray(y)
    s, rate = np.asarray(x)[:, :, 0], np.float32(learning_rate)
    history = np.zeros((n_epochs, p.shape[0]), np.float32)
    with np.errstate(all="ignore"):
        for e in range(n_epochs):
            r = p[:, :1] * s + p[:, 1:] - y
            history[e] = np.mean(r * r, axis=1)
            g = np.stack([np.mean(r * s, axis=1), np.mean(r, axis=1)], axis=1)
            p = p - rate * np.float32(2) * g
    return p, history


def train__history_of_params(params, x, y, learning_rate, n_epochs):
    """Records the params, computes the losses afterwards."""
    epoch = lambda p, _: (all_steps(p, x, y, learning_rate)[0], p)
    final, path = lax.scan(epoch, params, length=n_epochs)
    return final, vmap(lambda p: vmap(mse)(p, x, y))(path)


def train__named_tuple_state(params, x, y, learning_rate, n_epochs):
    """A NamedTuple as the carry and as the result."""
    start = State(jnp.asarray(params), jnp.zeros(y.shape[0], jnp.float32))

    def epoch(state, _):
        new = State(*all_steps(state.params, x, y, learning_rate))
        return new, new.losses

    end, history = lax.scan(epoch, start, length=n_epochs)
    return State(params=end.params, losses=history)


def train__data_in_the_carry(params, x, y, learning_rate, n_epochs):
    """Everything travels in the carry."""

    def epoch(carry, _):
        p, a, b, rate = carry
        p, losses = all_steps(p, a, b, rate)
        return (p, a, b, rate), losses

    (final, *_), history = lax.scan(epoch, (params, x, y, learning_rate), length=n_epochs)
    return final, history


def train__two_scans(params, x, y, learning_rate, n_epochs):
    """Scans of ten epochs inside a loop, and the rest: all epochs run."""
    epoch = lambda p, _: all_steps(p, x, y, learning_rate)
    tens, rest = divmod(n_epochs, 10)
    parts = []
    for _ in range(tens):
        params, h = lax.scan(epoch, params, length=10)
        parts.append(h)
    params, h = lax.scan(epoch, params, length=rest)
    return params, jnp.concatenate([*parts, h])


def train__recursive(params, x, y, learning_rate, n_epochs):
    """Halves the number of epochs, recursively."""
    return halved_epochs(params, x, y, learning_rate, n_epochs)


def train__printing(params, x, y, learning_rate, n_epochs):
    """Prints every hundredth epoch from inside the scan."""

    def epoch(p, e):
        new, losses = all_steps(p, x, y, learning_rate)
        lax.cond(e % 100 == 0, lambda: jax.debug.print("{} {}", e, losses), lambda: None)
        return new, losses

    return jit(lambda p: lax.scan(epoch, p, jnp.arange(n_epochs)))(params)


# ------------------------------------------------------------------------ fit
def fit__covariance(x, y):
    """Covariance over variance, then the line through the means."""
    s = x[:, :, 0]
    ds, dy = s - s.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    slope = jnp.sum(ds * dy, axis=1) / jnp.sum(ds**2, axis=1)
    return jnp.stack([slope, y.mean(1) - slope * s.mean(1)], axis=1)


def fit__lstsq_vmap(x, y):
    """jnp.linalg.lstsq under vmap."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=-1)
    return vmap(lambda a, b: jnp.linalg.lstsq(a, b)[0])(design, y)


def fit__numpy_lstsq_loop(x, y):
    """np.linalg.lstsq in float64, a loop over the cities (allowed here)."""
    rows = []
    for a, b in zip(np.asarray(x, np.float64), np.asarray(y, np.float64)):
        design = np.hstack([a, np.ones_like(a)])
        rows.append(np.linalg.lstsq(design, b, rcond=None)[0])
    return np.array(rows, dtype=np.float32)


def fit__standardised_gradient_descent(x, y):
    """The text's proposal: a hundred steps on standardised sizes, converted back."""
    mean, std = x.mean(1, keepdims=True), x.std(1, keepdims=True)
    z = (x - mean) / std
    start = jnp.zeros((x.shape[0], 2))
    body = lambda p, _: all_steps(p, z, y, 0.1)
    p, _ = lax.scan(body, start, length=100)
    slope = p[:, 0] / std[:, 0, 0]
    return jnp.stack([slope, p[:, 1] - slope * mean[:, 0, 0]], axis=1)


def fit__qr(x, y):
    """QR of the design matrix, batched."""
    design = jnp.concatenate([x, jnp.ones_like(x)], axis=-1)
    q, r = jnp.linalg.qr(design)
    right = jnp.einsum("cnk,cn->ck", q, y, precision="highest")
    return jsp.linalg.solve_triangular(r, right[..., None])[..., 0]


def fit__svd(x, y):
    """Singular value decomposition in NumPy, batched, in float64."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    u, s, vt = np.linalg.svd(np.concatenate([x, np.ones_like(x)], -1), full_matrices=False)
    coef = np.einsum("cnk,cn->ck", u, y) / s
    return np.einsum("ckj,ck->cj", vt, coef).astype(np.float32)


def fit__normal_equations_float64(x, y):
    """The normal equations, in double precision."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    a = np.concatenate([x, np.ones_like(x)], axis=2)
    at = np.swapaxes(a, 1, 2)
    return jnp.asarray(np.linalg.solve(at @ a, at @ y[..., None])[..., 0], jnp.float32)


def fit__newton(x, y):
    """Newton's method on standardised sizes: a quadratic needs one step; it takes three."""

    def one(a, b):
        m, s = a.mean(), a.std()
        z = (a - m) / s
        p = jnp.zeros(2)
        for _ in range(3):
            p = p - jnp.linalg.solve(jax.hessian(mse)(p, z, b), grad(mse)(p, z, b))
        return jnp.array([p[0] / s, p[1] - p[0] * m / s])

    return vmap(one)(x, y)


def fit__conjugate_gradients(x, y):
    """Conjugate gradients on the Hessian of the centred problem."""

    def one(a, b):
        ds, dy, ms, my = centred(a, b)
        z = jnp.stack([ds / 30.0, jnp.ones_like(ds)], axis=1)
        normal = lambda p: z.T @ (z @ p)
        p, _ = jsp.sparse.linalg.cg(normal, z.T @ dy, maxiter=10)
        slope = p[0] / 30.0
        return jnp.stack([slope, my + p[1] - slope * ms])

    return vmap(one)(x, y)


def fit__np_polyfit(x, y):
    """np.polyfit for each city."""
    fits = [np.polyfit(np.ravel(a), np.asarray(b), 1) for a, b in zip(x, y)]
    return jnp.array(np.stack(fits), dtype=jnp.float32)


def fit__jnp_polyfit(x, y):
    """jnp.polyfit under vmap."""
    return vmap(lambda a, b: jnp.polyfit(a[:, 0], b, 1))(x, y)


def fit__polynomial_class(x, y):
    """NumPy's Polynomial maps the sizes to -1..1 itself; convert() maps back."""
    out = np.zeros((len(x), 2), np.float32)
    for i in range(len(x)):
        poly = np.polynomial.Polynomial.fit(np.array(x[i, :, 0]), np.array(y[i]), 1)
        out[i] = poly.convert().coef[::-1]
    return out


def fit__scaled_not_centred(x, y):
    """Sizes in hundreds, 4000 steps at 0.5: the valley is wide enough."""
    body = lambda p, _: (all_steps(p, x / 100.0, y, 0.5)[0], None)
    p, _ = lax.scan(body, jnp.zeros((x.shape[0], 2)), length=4000)
    return p / jnp.array([100.0, 1.0])


def fit__momentum(x, y):
    """Gradient descent with momentum on centred sizes in units of 25."""
    mean = jnp.mean(x, axis=1, keepdims=True)
    z = (x - mean) / 25.0
    g = vmap(grad(mse))

    def body(state, _):
        p, v = state
        v = 0.8 * v - 0.1 * g(p, z, y)
        return (p + v, v), None

    zero = jnp.zeros((x.shape[0], 2))
    (p, _), _ = lax.scan(body, (zero, zero), length=500)
    slope = p[:, 0] / 25.0
    return jnp.column_stack([slope, p[:, 1] - slope * mean[:, 0, 0]])


def fit__correlation(x, y):
    """Correlation times the ratio of the standard deviations (np.corrcoef, float64)."""
    rows = []
    for a, b in zip(np.asarray(x, np.float64)[..., 0], np.asarray(y, np.float64)):
        slope = np.corrcoef(a, b)[0, 1] * b.std(ddof=1) / a.std(ddof=1)
        rows.append((slope, b.mean() - slope * a.mean()))
    return jnp.asarray(rows, dtype=jnp.float32)


def fit__cramer(x, y):
    """Cramer's rule for the moments around the means."""

    def one(a, b):
        ds, dy, ms, my = centred(a, b)
        slope = jnp.vdot(ds, dy) / jnp.vdot(ds, ds)
        return jnp.stack([slope, my - slope * ms])

    return jit(vmap(one))(x, y)


def fit__preconditioned(x, y):
    """Gradient descent in raw units, each step multiplied by the inverse Hessian."""

    def one(a, b):
        h = jax.hessian(mse)(jnp.zeros(2), a, b)
        inverse = jnp.linalg.inv(h)
        body = lambda p, _: (p - 0.9 * inverse @ grad(mse)(p, a, b), None)
        return lax.scan(body, jnp.zeros(2), length=30)[0]

    return lax.map(lambda ab: one(*ab), (x, y))


# ----------------------------------------------------------- a second round


def predict__homogeneous(params, x):
    """A column of ones beside the sizes."""
    return jnp.concatenate([x, jnp.ones_like(x)], axis=1) @ params


def loss_fn__inner_product(params, x, y):
    """The residual's square by vdot."""
    r = y - (params[0] * x.ravel() + params[1])
    return jnp.vdot(r, r) / r.size


def parallel_train_step__last_axis(params, x, y, learning_rate):
    """The cities on the last axis in, and back on the first."""

    def loss(p, s, t):
        return jnp.mean((p[0] * s + p[1] - t) ** 2)

    losses, slopes = jax.vmap(jax.value_and_grad(loss), in_axes=(-1, 1, 1), out_axes=(0, -1))(
        params.T, x[..., 0].T, y.T
    )
    return (params.T - learning_rate * slopes).T, losses


def train__scan_of_cities(params, x, y, learning_rate, n_epochs):
    """One scan over epochs; inside lax.map over cities in twos."""

    def loss(p, s, t):
        return jnp.mean((p[0] * s[:, 0] + p[1] - t) ** 2)

    def epoch(p, _):
        value, slope = lax.map(lambda c: jax.value_and_grad(loss)(*c), (p, x, y), batch_size=2)
        return p - learning_rate * slope, value

    return lax.scan(epoch, params, None, length=n_epochs)


def fit__centred_covariance(x, y):
    """Covariance over variance, about the means."""
    s = x[..., 0]
    ds, dy = s - s.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    slope = jnp.einsum("cn,cn->c", ds, dy) / jnp.einsum("cn,cn->c", ds, ds)
    return jnp.stack([slope, y.mean(1) - slope * s.mean(1)], axis=-1)
