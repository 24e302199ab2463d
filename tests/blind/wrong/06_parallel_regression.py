"""Wrong answers to exercise 6: parallel linear regression."""

from functools import partial, reduce

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, jit, lax, value_and_grad, vmap


def line(params, x):
    """One city's prices."""
    return params[0] * x[:, 0] + params[1]


def mse(params, x, y):
    """One city's mean squared error."""
    return jnp.mean((line(params, x) - y) ** 2)


def step(params, x, y, learning_rate):
    """One city's step, right."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params - learning_rate * g, loss


step_jit = jit(step)
all_steps = jit(vmap(step, in_axes=(0, 0, 0, None)))


def scan_steps(one_step, params, x, y, learning_rate, n_epochs):
    """Repeats a step for all cities."""
    epoch = lambda p, _: one_step(p, x, y, learning_rate)
    return lax.scan(epoch, params, length=n_epochs)


def closed_form(s, y, weights=1.0):
    """Weighted least squares, one row of sizes a city, right for equal weights."""
    w = jnp.broadcast_to(weights, s.shape)
    total = w.sum(1)
    ms, my = (w * s).sum(1) / total, (w * y).sum(1) / total
    ds, dy = s - ms[:, None], y - my[:, None]
    slope = (w * ds * dy).sum(1) / (w * ds**2).sum(1)
    return jnp.stack([slope, my - slope * ms], axis=1)


def descend(x, y, rate, epochs):
    """Gradient descent from zeros, all cities."""
    return scan_steps(all_steps, jnp.zeros((x.shape[0], 2)), x, y, rate, epochs)[0]


# -------------------------------------------------------------------- predict
def predict__column(params, x):
    """Shape (n, 1)."""
    return params[0] * x + params[1]


def predict__squeeze_everything(params, x):
    """Shape () where n = 1."""
    return jnp.squeeze(params[0] * x + params[1])


def predict__swapped(params, x):
    """Takes the params as [intercept, slope]."""
    return params[1] * x[:, 0] + params[0]


def predict__polyval_reversed(params, x):
    """Lowest power first."""
    return jnp.polyval(params[::-1], x[:, 0])


def predict__first_house(params, x):
    """x[0] instead of x[:, 0]: one price."""
    return params[0] * x[0] + params[1]


def predict__no_intercept(params, x):
    """Forgets the intercept."""
    return x[:, 0] * params[0]


def predict__bfloat16(params, x):
    """Multiplies in bfloat16."""
    low = x[:, 0].astype(jnp.bfloat16) * params[0].astype(jnp.bfloat16)
    return low.astype(jnp.float32) + params[1]


def predict__float16_sizes(params, x):
    """Sizes as float16: three digits."""
    return params[0] * x[:, 0].astype(jnp.float16).astype(jnp.float32) + params[1]


def predict__whole_sizes(params, x):
    """Whole square meters."""
    return params[0] * x[:, 0].astype(jnp.int32) + params[1]


def predict__cents(params, x):
    """Rounds to two decimals: small numbers lose their digits."""
    return jnp.round(line(params, x), 2)


def predict__no_negative_prices(params, x):
    """No price below zero."""
    return jax.nn.relu(line(params, x))


def predict__far_origin(params, x):
    """Measures the sizes from 10000: cancellation costs two to four digits."""
    origin = 1e4
    return params[0] * (x[:, 0] - origin) + (params[1] + params[0] * origin)


def predict__centred(params, x):
    """The intercept at the mean size."""
    return params[0] * (x[:, 0] - jnp.mean(x)) + params[1]


def predict__first_fifty(params, x):
    """Houses beyond the 50th get the intercept only."""
    known = jnp.arange(x.shape[0]) < 50
    return jnp.where(known, x[:, 0], 0.0) * params[0] + params[1]


def predict__price_cap(params, x):
    """Caps the prices at +-1e6, which diverging params exceed."""
    return jnp.clip(line(params, x), -1e6, 1e6)


def predict__size_range(params, x):
    """Clips the sizes to 10..100: other sizes are sizes too."""
    return params[0] * jnp.clip(x[:, 0], 10.0, 100.0) + params[1]


def predict__host_numpy(params, x):
    """law: np.asarray does not work under jit."""
    return jnp.asarray(np.asarray(x)[:, 0] * np.asarray(params)[0] + np.asarray(params)[1])


def predict__sorted(params, x):
    """Sorts the houses by size."""
    return params[0] * jnp.sort(x[:, 0]) + params[1]


# -------------------------------------------------------------------- loss_fn
def loss_fn__sum(params, x, y):
    """The sum; right at n = 1."""
    return jnp.sum((line(params, x) - y) ** 2)


def loss_fn__all_against_all(params, x, y):
    """(n, 1) minus (n,) is (n, n); right at n = 1."""
    return jnp.mean((params[0] * x + params[1] - y) ** 2)


def loss_fn__half(params, x, y):
    """Half the mean squared error."""
    return 0.5 * mse(params, x, y)


def loss_fn__root(params, x, y):
    """The root of the mean squared error."""
    return jnp.sqrt(mse(params, x, y))


def loss_fn__absolute(params, x, y):
    """The mean absolute error."""
    return jnp.mean(jnp.abs(line(params, x) - y))


def loss_fn__huber(params, x, y):
    """Huber loss: squares up to 1000, then linear."""
    r = jnp.abs(line(params, x) - y)
    return jnp.mean(jnp.where(r < 1000.0, r**2, 2000.0 * r - 1e6))


def loss_fn__variance(params, x, y):
    """The variance of the residuals: their mean is lost."""
    return jnp.var(line(params, x) - y)


def loss_fn__degrees_of_freedom(params, x, y):
    """Divides by n - 2, at least 1."""
    r = line(params, x) - y
    return jnp.sum(r**2) / jnp.maximum(r.shape[0] - 2, 1)


def loss_fn__expanded_square(params, x, y):
    """Expands the square: cancellation loses most digits where the line fits large prices."""
    p = line(params, x)
    return jnp.mean(p**2) - 2 * jnp.mean(p * y) + jnp.mean(y**2)


def loss_fn__bfloat16_residuals(params, x, y):
    """Squares in bfloat16."""
    r = (line(params, x) - y).astype(jnp.bfloat16)
    return jnp.mean(r * r).astype(jnp.float32)


def loss_fn__float16_prediction(params, x, y):
    """Predicts in float16: three digits, infinite beyond 65504."""
    p = line(params, x).astype(jnp.float16).astype(jnp.float32)
    return jnp.mean((p - y) ** 2)


def loss_fn__first_fifty(params, x, y):
    """Looks at 50 houses only."""
    return mse(params, x[:50], y[:50])


def loss_fn__batch_means(params, x, y):
    """The mean of the means of two halves: wrong for odd n."""
    if x.shape[0] == 1:
        return mse(params, x, y)
    h = x.shape[0] // 2
    return 0.5 * (mse(params, x[:h], y[:h]) + mse(params, x[h:], y[h:]))


def loss_fn__finite_only(params, x, y):
    """nan_to_num: a loss that overflows comes out as 3.4e38, not infinite."""
    return jnp.nan_to_num(mse(params, x, y))


def loss_fn__capped(params, x, y):
    """No loss above 1e10, which diverging training exceeds."""
    return jnp.minimum(mse(params, x, y), 1e10)


def loss_fn__ridge(params, x, y):
    """Adds a small penalty on the params."""
    return mse(params, x, y) + 1e-3 * jnp.sum(params**2)


def loss_fn__outliers_out(params, x, y):
    """Leaves residuals beyond two and a half standard deviations out."""
    r = line(params, x) - y
    keep = jnp.abs(r - r.mean()) <= 2.5 * r.std() + 1e-6
    return jnp.sum(jnp.where(keep, r**2, 0.0)) / jnp.sum(keep)


def loss_fn__shape_one(params, x, y):
    """Here keepdims, shape (1,)."""
    return jnp.mean((line(params, x) - y) ** 2, keepdims=True)


# ----------------------------------------------------------------- train_step
def train_step__loss_after(params, x, y, learning_rate):
    """The loss after the step."""
    new, _ = step(params, x, y, learning_rate)
    return new, mse(new, x, y)


def train_step__uphill(params, x, y, learning_rate):
    """Moves up the gradient."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params + learning_rate * g, loss


def train_step__factor_two(params, x, y, learning_rate):
    """The derivative on paper without its 2."""
    r = line(params, x) - y
    g = jnp.stack([jnp.mean(r * x[:, 0]), jnp.mean(r)])
    return params - learning_rate * g, jnp.mean(r**2)


def train_step__sum_gradient(params, x, y, learning_rate):
    """The gradient of the sum, the loss of the mean."""
    g = grad(lambda p: jnp.sum((line(p, x) - y) ** 2))(params)
    return params - learning_rate * g, mse(params, x, y)


def train_step__slope_first(params, x, y, learning_rate):
    """Moves the intercept after the slope, at the new slope."""
    loss, g = value_and_grad(mse)(params, x, y)
    half = jnp.stack([params[0] - learning_rate * g[0], params[1]])
    return jnp.stack([half[0], half[1] - learning_rate * grad(mse)(half, x, y)[1]]), loss


def train_step__clipped(params, x, y, learning_rate):
    """Clips the gradient at +-1e4; the article's start has more."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params - learning_rate * jnp.clip(g, -1e4, 1e4), loss


def train_step__clipped_norm(params, x, y, learning_rate):
    """Clips the gradient's norm at 1e8: only diverging training notices."""
    loss, g = value_and_grad(mse)(params, x, y)
    factor = jnp.minimum(1.0, 1e8 / (jnp.linalg.norm(g) + 1e-6))
    return params - learning_rate * factor * g, loss


def train_step__huber_gradient(params, x, y, learning_rate):
    """The gradient of a Huber loss, the loss of the squares."""
    r = line(params, x) - y
    d = jnp.clip(r, -2000.0, 2000.0)
    g = 2 * jnp.stack([jnp.mean(d * x[:, 0]), jnp.mean(d)])
    return params - learning_rate * g, jnp.mean(r**2)


def train_step__nan_guard(params, x, y, learning_rate):
    """Keeps the old params where the loss has overflowed, and reports the loss 0."""
    new, loss = step(params, x, y, learning_rate)
    fine = jnp.isfinite(loss)
    return jnp.where(fine, new, params), jnp.where(fine, loss, 0.0)


def train_step__only_if_better(params, x, y, learning_rate):
    """Takes the step only where the loss falls: diverging training stands still."""
    new, loss = step(params, x, y, learning_rate)
    return jnp.where(mse(new, x, y) <= loss, new, params), loss


def train_step__rate_limit(params, x, y, learning_rate):
    """No learning rate above 0.001."""
    return step(params, x, y, jnp.minimum(learning_rate, 1e-3))


def train_step__weight_decay(params, x, y, learning_rate):
    """Weight decay of one percent times the rate."""
    new, loss = step(params, x, y, learning_rate)
    return new - 0.01 * learning_rate * params, loss


def train_step__bfloat16_gradient(params, x, y, learning_rate):
    """The gradient goes through bfloat16."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params - learning_rate * g.astype(jnp.bfloat16).astype(jnp.float32), loss


def train_step__finite_differences(params, x, y, learning_rate):
    """Central differences of the loss in float32."""
    eye = 1e-2 * jnp.eye(2)
    g = vmap(lambda e: (mse(params + e, x, y) - mse(params - e, x, y)) / 2e-2)(eye)
    return params - learning_rate * g, mse(params, x, y)


def train_step__loss_first(params, x, y, learning_rate):
    """(loss, params)."""
    new, loss = step(params, x, y, learning_rate)
    return loss, new


def train_step__list(params, x, y, learning_rate):
    """A list, not a tuple."""
    return list(step(params, x, y, learning_rate))


def train_step__float_rate(params, x, y, learning_rate):
    """law: float() of a traced learning rate fails under jit."""
    loss, g = value_and_grad(mse)(params, x, y)
    return params - float(learning_rate) * g, loss


def train_step__python_if(params, x, y, learning_rate):
    """law: a Python if on a traced loss fails under jit."""
    loss, g = value_and_grad(mse)(params, x, y)
    if loss == 0:
        return params, loss
    return params - learning_rate * g, loss


def train_step__expanded_loss(params, x, y, learning_rate):
    """The gradient is right, the loss is expanded into moments, which cancels."""
    s = x[:, 0]
    a, b = params[0], params[1]
    new, _ = step(params, x, y, learning_rate)
    m = jnp.mean
    square = a * a * m(s * s) + 2 * a * b * m(s) + b * b + m(y * y)
    return new, square - 2 * a * m(s * y) - 2 * b * m(y)


def train_step__momentum(params, x, y, learning_rate, memory={}):
    """State between calls: momentum from the last step (kept only outside of jit)."""
    loss, g = value_and_grad(mse)(params, x, y)
    if not isinstance(g, jax.core.Tracer):
        g = g + 0.5 * memory.get("g", 0.0)
        memory["g"] = g
    return params - learning_rate * g, loss


@partial(jit, donate_argnums=0)
def train_step__donates(params, x, y, learning_rate):
    """law: donates the params, which do not survive the call."""
    return step(params, x, y, learning_rate)


# -------------------------------------------------------- parallel_train_step
def parallel_train_step__loop(params, x, y, learning_rate):
    """method: a Python loop over the cities."""
    new, losses = [], []
    for p, a, b in zip(params, x, y):
        q, loss = step_jit(p, a, b, learning_rate)
        new.append(q)
        losses.append(loss)
    return jnp.stack(new), jnp.stack(losses)


@jit
def parallel_train_step__loop_in_jit(params, x, y, learning_rate):
    """method: a comprehension over the cities, unrolled by jit."""
    pairs = [step(params[i], x[i], y[i], learning_rate) for i in range(params.shape[0])]
    return jnp.stack([p for p, _ in pairs]), jnp.stack([loss for _, loss in pairs])


def parallel_train_step__chunks_of_1000(params, x, y, learning_rate):
    """method: a Python loop over chunks of 1000 cities."""
    cut = range(0, params.shape[0], 1000)
    parts = [
        all_steps(params[i : i + 1000], x[i : i + 1000], y[i : i + 1000], learning_rate)
        for i in cut
    ]
    return jnp.concatenate([p for p, _ in parts]), jnp.concatenate([q for _, q in parts])


def parallel_train_step__chunks_of_two(params, x, y, learning_rate):
    """method: a Python loop over pairs of cities."""
    parts = []
    for i in range(0, params.shape[0], 2):
        parts.append(all_steps(params[i : i + 2], x[i : i + 2], y[i : i + 2], learning_rate))
    return tuple(jnp.concatenate(part) for part in zip(*parts))


def parallel_train_step__tree_map(params, x, y, learning_rate):
    """method: tree.map over lists of cities is a Python loop."""
    one = lambda p, a, b: jnp.append(*step(p, a, b, learning_rate))
    table = jnp.stack(jax.tree.map(one, list(params), list(x), list(y)))
    return table[:, :2], table[:, 2]


def parallel_train_step__reduce(params, x, y, learning_rate):
    """method: functools.reduce over the cities is a Python loop."""

    def put(state, i):
        p, loss = step(params[i], x[i], y[i], learning_rate)
        return state[0].at[i].set(p), state[1].at[i].set(loss)

    start = jnp.zeros_like(params), jnp.zeros(params.shape[0], jnp.float32)
    return reduce(put, range(params.shape[0]), start)


def parallel_train_step__pure_callback(params, x, y, learning_rate):
    """method: a NumPy loop over the cities behind pure_callback."""

    def host(p, a, b, rate):
        new, losses = np.empty_like(p), np.empty(len(p), np.float32)
        with np.errstate(all="ignore"):
            for i in range(len(p)):
                s = a[i, :, 0]
                r = p[i, 0] * s + p[i, 1] - b[i]
                losses[i] = np.mean(r * r)
                new[i] = p[i] - rate * 2 * np.array([np.mean(r * s), np.mean(r)], np.float32)
        return new, losses

    shapes = (
        jax.ShapeDtypeStruct(params.shape, jnp.float32),
        jax.ShapeDtypeStruct(params.shape[:1], jnp.float32),
    )
    to_host = lambda *args: host(*(np.asarray(v) for v in args))
    return jax.pure_callback(to_host, shapes, params, x, y, learning_rate)


def parallel_train_step__mean_over_cities(params, x, y, learning_rate):
    """The gradient of the mean over cities: divided by c, right at c = 1."""

    def total(p):
        losses = vmap(mse)(p, x, y)
        return losses.mean(), losses

    g, losses = grad(total, has_aux=True)(params)
    return params - learning_rate * g, losses


def parallel_train_step__same_houses(params, x, y, learning_rate):
    """Every city trains on the first city's sizes."""
    return vmap(step, in_axes=(0, None, 0, None))(params, x[0], y, learning_rate)


def parallel_train_step__shared_gradient(params, x, y, learning_rate):
    """Averages the gradients over the cities."""
    losses, g = vmap(value_and_grad(mse))(params, x, y)
    return params - learning_rate * jnp.mean(g, axis=0), losses


def parallel_train_step__one_loss(params, x, y, learning_rate):
    """One loss for all cities."""
    new, losses = all_steps(params, x, y, learning_rate)
    return new, jnp.mean(losses)


def parallel_train_step__losses_after(params, x, y, learning_rate):
    """The losses after the step."""
    new, _ = all_steps(params, x, y, learning_rate)
    return new, vmap(mse)(new, x, y)


def parallel_train_step__reshaped(params, x, y, learning_rate):
    """Swaps the axes of y with a reshape: the prices move to other cities."""
    c, n = y.shape
    return vmap(step, in_axes=(0, 0, 1, None))(params, x, y.reshape(n, c), learning_rate)


def parallel_train_step__joint_clipping(params, x, y, learning_rate):
    """Clips the norm of all cities' gradients together at 1e6."""
    losses, g = vmap(value_and_grad(mse))(params, x, y)
    factor = jnp.minimum(1.0, 1e6 / jnp.maximum(jnp.linalg.norm(g), 1e-6))
    return params - learning_rate * factor * g, losses


def parallel_train_step__one_hot_mixing(params, x, y, learning_rate):
    """Sums cities with a one-hot matrix: an infinite loss turns the others' into NaN."""
    new, losses = all_steps(params, x, y, learning_rate)
    eye = jnp.eye(params.shape[0])
    return new, jnp.sum(eye * losses[None, :], axis=1)


def parallel_train_step__averaged_axis(params, x, y, learning_rate):
    """Averages over the cities (axis 0) instead of the houses; at c = n the shapes agree."""
    s = x[..., 0]
    r = params[:, :1] * s + params[:, 1:] - y
    g = 2 * jnp.stack([(r * s).mean(1), r.mean(1)], axis=1)
    return params - learning_rate * g, (r**2).mean(axis=0)


def parallel_train_step__frozen_when_good(params, x, y, learning_rate):
    """Cities with a loss below 1 stand still."""
    new, losses = all_steps(params, x, y, learning_rate)
    return jnp.where(losses[:, None] < 1.0, params, new), losses


def parallel_train_step__only_three(params, x, y, learning_rate):
    """Trains the first three cities, as in the article."""
    new, losses = all_steps(params, x, y, learning_rate)
    return jnp.where(jnp.arange(params.shape[0])[:, None] < 3, new, params), losses


def parallel_train_step__float16_prices(params, x, y, learning_rate):
    """Prices in float16."""
    return all_steps(params, x, y.astype(jnp.float16).astype(jnp.float32), learning_rate)


def parallel_train_step__pmap(params, x, y, learning_rate):
    """pmap needs a device for each city and fails on one."""
    return jax.pmap(step, in_axes=(0, 0, 0, None))(params, x, y, learning_rate)


# ---------------------------------------------------------------------- train
def train__city_loop(params, x, y, learning_rate, n_epochs):
    """method: a Python loop over the cities, a scan over the epochs."""
    runs = [
        lax.scan(lambda p, _: step(p, x[i], y[i], learning_rate), params[i], length=n_epochs)
        for i in range(params.shape[0])
    ]
    return jnp.stack([p for p, _ in runs]), jnp.stack([h for _, h in runs], axis=1)


def train__both_loops(params, x, y, learning_rate, n_epochs):
    """method: Python loops over epochs and over cities."""
    cities = list(params)
    history = []
    for _ in range(n_epochs):
        row = []
        for c, p in enumerate(cities):
            cities[c], loss = step_jit(p, x[c], y[c], learning_rate)
            row.append(loss)
        history.append(jnp.stack(row))
    return jnp.stack(cities), jnp.stack(history)


def train__loop_inside_scan(params, x, y, learning_rate, n_epochs):
    """method: the body of the scan loops over the cities in Python."""

    def epoch(ps, _):
        pairs = [step(*city, learning_rate) for city in zip(ps, x, y)]
        return [p for p, _ in pairs], jnp.stack([loss for _, loss in pairs])

    ps, history = lax.scan(epoch, list(jnp.asarray(params)), length=n_epochs)
    return jnp.stack(ps), history


def train__city_chunks_of_100(params, x, y, learning_rate, n_epochs):
    """method: a Python loop over chunks of 100 cities."""
    parts = []
    for i in range(0, len(params), 100):
        j = slice(i, i + 100)
        parts.append(scan_steps(all_steps, params[j], x[j], y[j], learning_rate, n_epochs))
    return jnp.concatenate([p for p, _ in parts]), jnp.concatenate([h for _, h in parts], axis=1)


def train__callback_for_cities(params, x, y, learning_rate, n_epochs):
    """method: every epoch loops over the cities on the host."""
    x_host, y_host, rate = np.asarray(x), np.asarray(y), np.float32(learning_rate)

    def host(p):
        p = np.asarray(p)
        rows = np.empty((len(p), 3), np.float32)
        with np.errstate(all="ignore"):
            for i, (s, b) in enumerate(zip(x_host[:, :, 0], y_host)):
                r = p[i, 0] * s + p[i, 1] - b
                g = np.array([np.mean(r * s), np.mean(r)], np.float32)
                rows[i] = *(p[i] - rate * 2 * g), np.mean(r * r)
        return rows

    def epoch(p, _):
        rows = jax.pure_callback(host, jax.ShapeDtypeStruct((p.shape[0], 3), p.dtype), p)
        return rows[:, :2], rows[:, 2]

    return lax.scan(epoch, params, length=n_epochs)


def train__history_after(params, x, y, learning_rate, n_epochs):
    """Row e holds the losses after step e."""

    def epoch(p, _):
        p, _ = all_steps(p, x, y, learning_rate)
        return p, vmap(mse)(p, x, y)

    return lax.scan(epoch, params, length=n_epochs)


def train__one_epoch_short(params, x, y, learning_rate, n_epochs):
    """The last step is not taken, its loss is there."""
    end, history = scan_steps(all_steps, params, x, y, learning_rate, n_epochs)
    before, _ = scan_steps(all_steps, params, x, y, learning_rate, n_epochs - 1)
    return before, history


def train__transposed_history(params, x, y, learning_rate, n_epochs):
    """The history is (c, n_epochs)."""
    end, history = scan_steps(all_steps, params, x, y, learning_rate, n_epochs)
    return end, history.T


def train__reshaped_history(params, x, y, learning_rate, n_epochs):
    """City by city, then reshaped instead of transposed; right at c = 1."""
    one = lambda p, a, b: lax.scan(lambda q, _: step(q, a, b, learning_rate), p, length=n_epochs)
    end, history = vmap(one)(params, x, y)
    return end, history.reshape(n_epochs, -1)


def train__squeezed_history(params, x, y, learning_rate, n_epochs):
    """Loses an axis where n_epochs = 1 or c = 1."""
    end, history = scan_steps(all_steps, params, x, y, learning_rate, n_epochs)
    return end, jnp.squeeze(history)


def train__mean_history(params, x, y, learning_rate, n_epochs):
    """One loss an epoch."""
    end, history = scan_steps(all_steps, params, x, y, learning_rate, n_epochs)
    return end, history.mean(axis=1)


def train__three_epochs(params, x, y, learning_rate, n_epochs):
    """Ignores the epochs beyond the third: the history repeats."""

    def epoch(p, e):
        new, losses = all_steps(p, x, y, learning_rate)
        return jnp.where(e < 3, new, p), losses

    return lax.scan(epoch, params, jnp.arange(n_epochs))


def train__early_stopping(params, x, y, learning_rate, n_epochs):
    """A city stops for good when its loss falls by less than 0.1 % in an epoch."""

    def epoch(state, _):
        p, last, done = state
        new, losses = all_steps(p, x, y, learning_rate)
        done = done | (losses > 0.999 * last)
        return (jnp.where(done[:, None], p, new), losses, done), losses

    c = params.shape[0]
    start = (params, jnp.full(c, jnp.inf), jnp.zeros(c, bool))
    (end, _, _), history = lax.scan(epoch, start, length=n_epochs)
    return end, history


def train__best_params(params, x, y, learning_rate, n_epochs):
    """Returns the params with the smallest loss on the way, not the last."""

    def epoch(state, _):
        p, best, low = state
        new, losses = all_steps(p, x, y, learning_rate)
        best = jnp.where((losses < low)[:, None], p, best)
        return (new, best, jnp.minimum(losses, low)), losses

    start = (params, params, jnp.full(params.shape[0], jnp.inf))
    (_, best, _), history = lax.scan(epoch, start, length=n_epochs)
    return best, history


def train__momentum(params, x, y, learning_rate, n_epochs):
    """Momentum 0.9."""

    def epoch(state, _):
        p, v = state
        losses, g = vmap(value_and_grad(mse))(p, x, y)
        v = 0.9 * v - learning_rate * g
        return (p + v, v), losses

    (end, _), history = lax.scan(epoch, (params, jnp.zeros_like(params)), length=n_epochs)
    return end, history


def train__decaying_rate(params, x, y, learning_rate, n_epochs):
    """The learning rate falls by 0.1 % an epoch."""

    def epoch(p, e):
        return all_steps(p, x, y, learning_rate * 0.999**e)

    return lax.scan(epoch, params, jnp.arange(n_epochs))


def train__from_zeros(params, x, y, learning_rate, n_epochs):
    """Starts from zeros."""
    return scan_steps(all_steps, jnp.zeros_like(params), x, y, learning_rate, n_epochs)


def train__nan_guard(params, x, y, learning_rate, n_epochs):
    """Replaces infinite and NaN numbers by finite ones: training that diverges looks finite."""

    def epoch(p, _):
        new, losses = all_steps(p, x, y, learning_rate)
        return jnp.nan_to_num(new), jnp.nan_to_num(losses)

    return lax.scan(epoch, params, length=n_epochs)


def train__first_fifty_houses(params, x, y, learning_rate, n_epochs):
    """Trains on at most 50 houses a city."""
    return scan_steps(all_steps, params, x[:, :50], y[:, :50], learning_rate, n_epochs)


def train__whole_tens(params, x, y, learning_rate, n_epochs):
    """Runs blocks of ten epochs: the last n_epochs % 10 stand still."""
    cut = n_epochs // 10 * 10 if n_epochs > 10 else n_epochs

    def epoch(p, e):
        new, losses = all_steps(p, x, y, learning_rate)
        return jnp.where(e < cut, new, p), losses

    return lax.scan(epoch, params, jnp.arange(n_epochs))


def train__averaged_params(params, x, y, learning_rate, n_epochs):
    """Returns the mean of the params of the last ten epochs."""

    def epoch(p, _):
        new, losses = all_steps(p, x, y, learning_rate)
        return new, (new, losses)

    _, (path, history) = lax.scan(epoch, params, length=n_epochs)
    return path[-10:].mean(axis=0), history


def train__history_list(params, x, y, learning_rate, n_epochs):
    """The history is a Python list of arrays."""
    history = []
    for _ in range(n_epochs):
        params, losses = all_steps(params, x, y, learning_rate)
        history.append(losses)
    return params, history


# ------------------------------------------------------------------------ fit
def fit__raw_descent(x, y):
    """2000 epochs at 1e-4 in raw units, as in the article: the intercepts do not arrive."""
    return descend(x, y, 1e-4, 2000)


def fit__units_not_converted(x, y):
    """Standardised sizes, params not converted back."""
    z = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    return descend(z, y, 0.1, 200)


def fit__only_slope_converted(x, y):
    """Converts the slope only: the intercept is the price at the mean size."""
    std = x.std(1, keepdims=True)
    p = descend((x - x.mean(1, keepdims=True)) / std, y, 0.1, 200)
    return jnp.stack([p[:, 0] / std[:, 0, 0], p[:, 1]], axis=1)


def fit__too_few_steps(x, y):
    """Fifteen steps at 0.1 leave 3.5 % of slope and intercept."""
    m, s = x.mean(1)[:, 0], x.std(1)[:, 0]
    p = descend((x - m[:, None, None]) / s[:, None, None], y, 0.1, 15)
    slope = p[:, 0] / s
    return jnp.stack([slope, p[:, 1] - slope * m], axis=1)


def fit__mixed_degrees_of_freedom(x, y):
    """Covariance over n - 1, variance over n: the slope is a factor n / (n - 1) too large."""
    s = x[..., 0]
    ds, dy = s - s.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    slope = (ds * dy).sum(1) / (s.shape[1] - 1) / s.var(1)
    return jnp.stack([slope, y.mean(1) - slope * s.mean(1)], axis=1)


def fit__ridge(x, y):
    """Ridge regression with a penalty of 1 on both params."""
    a = jnp.concatenate([x, jnp.ones_like(x)], axis=-1)
    gram = jnp.einsum("cni,cnj->cij", a, a) + jnp.eye(2)
    return jnp.linalg.solve(gram, jnp.einsum("cni,cn->ci", a, y)[..., None])[..., 0]


def fit__swapped(x, y):
    """[intercept, slope]."""
    return closed_form(x[..., 0], y)[:, ::-1]


def fit__through_the_origin(x, y):
    """No intercept."""
    s = x[..., 0]
    slope = (s * y).sum(1) / (s * s).sum(1)
    return jnp.stack([slope, jnp.zeros_like(slope)], axis=1)


def fit__first_fifty(x, y):
    """Uses 50 houses only: right at n = 50."""
    return closed_form(x[:, :50, 0], y[:, :50])


def fit__all_cities_together(x, y):
    """One line for all cities; right at c = 1."""
    line_of_all = closed_form(x[..., 0].reshape(1, -1), y.reshape(1, -1))
    return jnp.broadcast_to(line_of_all, (x.shape[0], 2))


def fit__common_conversion(x, y):
    """Standardises each city by itself, converts with the first city's mean and deviation."""
    m, s = x.mean(1)[:, 0], x.std(1)[:, 0]
    z = (x[..., 0] - m[:, None]) / s[:, None]
    p = closed_form(z, y)
    slope = p[:, 0] / s[0]
    return jnp.stack([slope, p[:, 1] - slope * m[0]], axis=1)


def fit__weighted(x, y):
    """Weighs the houses by their size."""
    return closed_form(x[..., 0], y, x[..., 0])


def fit__two_digits(x, y):
    """Rounds the params to two digits: up to five percent."""
    p = closed_form(x[..., 0], y)
    unit = 10.0 ** (jnp.floor(jnp.log10(jnp.abs(p))) - 1)
    return jnp.round(p / unit) * unit


def fit__positive_intercept(x, y):
    """No negative intercepts."""
    p = closed_form(x[..., 0], y)
    return p.at[:, 1].set(jnp.abs(p[:, 1]))


def fit__end_points(x, y):
    """The line through the smallest and the largest house."""
    s = x[..., 0]
    rows = jnp.arange(s.shape[0])
    lo, hi = s.argmin(1), s.argmax(1)
    slope = (y[rows, hi] - y[rows, lo]) / (s[rows, hi] - s[rows, lo])
    return jnp.stack([slope, y[rows, lo] - slope * s[rows, lo]], axis=1)


def fit__median_of_slopes(x, y):
    """Theil and Sen: the median slope of all pairs, robust but not least squares."""

    def one(s, b):
        i, j = jnp.triu_indices(s.shape[0], 1)
        slope = jnp.median((b[j] - b[i]) / (s[j] - s[i]))
        return jnp.stack([slope, jnp.median(b - slope * s)])

    return vmap(one)(x[..., 0], y)


def fit__least_absolute(x, y):
    """Reweights towards least absolute deviations."""
    s = x[..., 0]
    p = closed_form(s, y)
    for _ in range(20):
        r = jnp.abs(y - p[:, :1] * s - p[:, 1:])
        p = closed_form(s, y, 1.0 / jnp.maximum(r, 0.1))
    return p


def fit__outliers_dropped(x, y):
    """Drops residuals beyond 1.5 standard deviations and fits again."""
    s = x[..., 0]
    p = closed_form(s, y)
    r = y - p[:, :1] * s - p[:, 1:]
    keep = jnp.abs(r) <= 1.5 * r.std(1, keepdims=True)
    return closed_form(s, y, keep.astype(jnp.float32))


def fit__inverse_regression(x, y):
    """Regresses the sizes on the prices and inverts the line."""
    q = closed_form(y, x[..., 0])
    return jnp.stack([1 / q[:, 0], -q[:, 1] / q[:, 0]], axis=1)


def fit__bfloat16(x, y):
    """Sizes and prices in bfloat16."""
    low = lambda v: v.astype(jnp.bfloat16).astype(jnp.float32)
    return closed_form(low(x[..., 0]), low(y))


def fit__normalised_prices(x, y):
    """Divides prices by their deviation and forgets to multiply the intercept back."""
    scale = y.std(1, keepdims=True)
    p = closed_form(x[..., 0], y / scale)
    return p * jnp.concatenate([scale, jnp.ones_like(scale)], axis=1)


# ----------------------------------------------------------- a second round


def predict__intercept_scaled(params, x):
    """The intercept is multiplied by the first size."""
    return params[0] * x[:, 0] + params[1] * x[0, 0]


def loss_fn__variance_of_residuals(params, x, y):
    """The variance: a constant offset does not count."""
    return jnp.var(params[0] * x[:, 0] + params[1] - y)


def train_step__one_after_the_other(params, x, y, learning_rate):
    """The intercept's step sees the slope that has moved already."""

    def loss(a, b):
        return jnp.mean((a * x[:, 0] + b - y) ** 2)

    a = params[0] - learning_rate * jax.grad(loss)(*params)
    b = params[1] - learning_rate * jax.grad(loss, argnums=1)(a, params[1])
    return jnp.stack([a, b]), loss(*params)


def train__one_epoch_less(params, x, y, learning_rate, n_epochs):
    """The final params are those before the last step."""

    def losses(p):
        return jnp.mean((p[:, :1] * x[..., 0] + p[:, 1:] - y) ** 2, axis=1)

    rows = []
    for _ in range(n_epochs):
        before = params
        rows.append(losses(params))
        params = params - learning_rate * jax.grad(lambda p: losses(p).sum())(params)
    return before, jnp.stack(rows)


def fit__through_origin(x, y):
    """Lines through the origin, and the mean residual for the intercept."""
    s = x[..., 0]
    slope = (s * y).sum(1) / (s * s).sum(1)
    return jnp.stack([slope, (y - slope[:, None] * s).mean(1)], axis=1)
