"""Wrong answers for 08_scaling_up: rates, ensembles, users, posterior samples."""

import math
from functools import partial

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


def final_losses(params, x, y, rates, n_epochs):
    return vmap(lambda r: loss_fn(descend(params, x, y, r, n_epochs), x, y))(rates)


def masked(losses):
    return jnp.where(jnp.isfinite(losses), losses, jnp.inf)


predict_all = vmap(predict, in_axes=(0, None))
train_users = vmap(descend, in_axes=(None, 0, 0, None, None))


# ---------------------------------------------------------------- learning_rate_search


def learning_rate_search__nan_wins(params, x, y, learning_rates, n_epochs):
    """Plain argmin takes NaN for the smallest."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__index_among_finite(params, x, y, learning_rates, n_epochs):
    """The position among the finite losses is used among all rates."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    finite = losses[jnp.isfinite(losses)]
    return learning_rates[jnp.argmin(finite) if finite.size else 0], losses


def learning_rate_search__last_on_tie(params, x, y, learning_rates, n_epochs):
    """The last of several equal losses wins."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[::-1][jnp.argmin(masked(losses)[::-1])], losses


def learning_rate_search__champion_may_tie(params, x, y, learning_rates, n_epochs):
    """A newcomer that only equals the champion replaces it."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)

    def body(best, new):
        better = jnp.isfinite(new[1]) & (new[1] <= best[1])
        return (jnp.where(better, new[0], best[0]), jnp.where(better, new[1], best[1])), None

    (rate, _), _ = lax.scan(body, (learning_rates[0], jnp.inf), (learning_rates, losses))
    return rate, losses


def learning_rate_search__smallest_of_tied(params, x, y, learning_rates, n_epochs):
    """The smallest rate of those that tie, which need not be the first."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    tied = masked(losses) == masked(losses).min()
    return jnp.min(jnp.where(tied, learning_rates, jnp.inf)), losses


def learning_rate_search__close_is_equal(params, x, y, learning_rates, n_epochs):
    """The first loss within 1 % of the smallest wins."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    smallest = masked(losses).min()
    return learning_rates[jnp.argmax(losses <= 1.01 * smallest)], losses


def learning_rate_search__zero_is_suspect(params, x, y, learning_rates, n_epochs):
    """A final loss of exactly 0 is not allowed to win."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    valid = jnp.isfinite(losses) & (losses > 0)
    return learning_rates[jnp.argmin(jnp.where(valid, losses, jnp.inf))], losses


def learning_rate_search__million_is_diverged(params, x, y, learning_rates, n_epochs):
    """Finite losses above 1e6 count as diverged; all of the first epochs' losses are above."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(jnp.where(losses < 1e6, losses, jnp.inf))], losses


def learning_rate_search__nan_if_none(params, x, y, learning_rates, n_epochs):
    """NaN, which is none of the rates, where no loss is finite."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    best = learning_rates[jnp.argmin(masked(losses))]
    return jnp.where(jnp.isfinite(losses).any(), best, jnp.nan), losses


def learning_rate_search__numpy_nanargmin(params, x, y, learning_rates, n_epochs):
    """np.nanargmin raises where every loss is NaN."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[np.nanargmin(np.asarray(losses))], losses


def learning_rate_search__losses_made_finite(params, x, y, learning_rates, n_epochs):
    """nan_to_num on the losses that are returned: NaN becomes 0, and wins."""
    losses = jnp.nan_to_num(final_losses(params, x, y, learning_rates, n_epochs))
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__big_number_for_nan(params, x, y, learning_rates, n_epochs):
    """Diverged losses are returned as 1e30."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    losses = jnp.where(jnp.isfinite(losses), losses, 1e30)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__before_last_step(params, x, y, learning_rates, n_epochs):
    """The losses before the last step instead of after it."""

    def one(rate):
        return lax.scan(lambda p, _: train_step(p, x, y, rate), params, length=n_epochs)[1][-1]

    losses = vmap(one)(learning_rates)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__best_on_the_way(params, x, y, learning_rates, n_epochs):
    """The lowest loss of the history instead of the final one."""

    def one(rate):
        return lax.scan(lambda p, _: train_step(p, x, y, rate), params, length=n_epochs + 1)[1]

    losses = jnp.nanmin(vmap(one)(learning_rates), axis=1)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__stops_when_rising(params, x, y, learning_rates, n_epochs):
    """A training whose loss rises stays where it is."""

    def one(rate):
        def epoch(_, p):
            new = train_step(p, x, y, rate)[0]
            return jnp.where(loss_fn(new, x, y) < loss_fn(p, x, y), new, p)

        return loss_fn(lax.fori_loop(0, n_epochs, epoch, params), x, y)

    losses = vmap(one)(learning_rates)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__goes_on(params, x, y, learning_rates, n_epochs):
    """Each rate goes on from where the one before it ended."""

    def body(p, rate):
        p = descend(p, x, y, rate, n_epochs)
        return p, loss_fn(p, x, y)

    _, losses = lax.scan(body, params, learning_rates)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__from_zeros(params, x, y, learning_rates, n_epochs):
    """Starts from zeros, not from params."""
    losses = final_losses(jnp.zeros_like(params), x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__sorted_rates(params, x, y, learning_rates, n_epochs):
    """Losses in the order of the sorted rates."""
    rates = jnp.sort(learning_rates)
    losses = final_losses(params, x, y, rates, n_epochs)
    return rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__largest_stable(params, x, y, learning_rates, n_epochs):
    """The largest rate that did not diverge."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return jnp.max(jnp.where(jnp.isfinite(losses), learning_rates, 0.0)), losses


def learning_rate_search__index(params, x, y, learning_rates, n_epochs):
    """The position of the best rate, not the rate."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return jnp.argmin(masked(losses)), losses


def learning_rate_search__float16_comparison(params, x, y, learning_rates, n_epochs):
    """Compares the losses in float16, where all above 65504 are infinite."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(masked(losses).astype(jnp.float16))], losses


def learning_rate_search__clipped(params, x, y, learning_rates, n_epochs):
    """Clips the gradient to +-1e6, which a diverging training exceeds."""

    def one(rate):
        def epoch(_, p):
            return p - rate * jnp.clip(jax.grad(loss_fn)(p, x, y), -1e6, 1e6)

        return loss_fn(lax.fori_loop(0, n_epochs, epoch, params), x, y)

    losses = vmap(one)(learning_rates)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__squeezed(params, x, y, learning_rates, n_epochs):
    """Squeezes the losses: shape () for a single rate."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(masked(losses))], jnp.squeeze(losses)


def learning_rate_search__swapped(params, x, y, learning_rates, n_epochs):
    """The losses first, the best rate second."""
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return losses, learning_rates[jnp.argmin(masked(losses))]


def learning_rate_search__loop(params, x, y, learning_rates, n_epochs):
    """method: a Python loop over the rates."""
    losses = []
    for rate in learning_rates:
        losses.append(loss_fn(descend(params, x, y, rate, n_epochs), x, y))
    losses = jnp.stack(losses)
    return learning_rates[jnp.argmin(masked(losses))], losses


def learning_rate_search__chunks_of_twenty(params, x, y, learning_rates, n_epochs):
    """method: a Python loop over chunks of 20 rates, vmap inside each."""
    parts = []
    for first in range(0, len(learning_rates), 20):
        parts.append(final_losses(params, x, y, learning_rates[first : first + 20], n_epochs))
    losses = jnp.concatenate(parts)
    return learning_rates[jnp.argmin(masked(losses))], losses


# ---------------------------------------------------------------- ensemble_prediction


def ensemble_prediction__sample_deviation(params, x):
    """ddof=1: divides by m - 1, NaN for one model."""
    p = predict_all(params, x)
    return p.mean(axis=0), p.std(axis=0, ddof=1)


def ensemble_prediction__sample_deviation_guarded(params, x):
    """ddof=1 wherever there are two models or more."""
    p = predict_all(params, x)
    return p.mean(axis=0), p.std(axis=0, ddof=min(1, len(params) - 1))


def ensemble_prediction__small_sample_deviation(params, x):
    """ddof=1 for fewer than 30 models."""
    p = predict_all(params, x)
    return p.mean(axis=0), p.std(axis=0, ddof=int(1 < len(params) < 30))


@jax.jit
def ensemble_prediction__mean_of_squares(params, x):
    """E[p^2] - E[p]^2 loses the digits of models that nearly agree."""
    p = predict_all(params, x)
    mean = p.mean(axis=0)
    return mean, jnp.sqrt(jnp.maximum((p**2).mean(axis=0) - mean**2, 0.0))


@jax.jit
def ensemble_prediction__absolute_difference_of_squares(params, x):
    """The same cancellation, with abs against negative variances."""
    p = predict_all(params, x)
    mean = jnp.mean(p, axis=0)
    return mean, jnp.sqrt(jnp.abs(jnp.mean(p * p, axis=0) - mean * mean))


@jax.jit
def ensemble_prediction__variance(params, x):
    """The variance, not its root."""
    p = predict_all(params, x)
    return p.mean(axis=0), p.var(axis=0)


@jax.jit
def ensemble_prediction__standard_error(params, x):
    """Divides the deviation by the root of m once more."""
    p = predict_all(params, x)
    return p.mean(axis=0), p.std(axis=0) / jnp.sqrt(len(params))


@jax.jit
def ensemble_prediction__mean_absolute(params, x):
    """Mean absolute deviation."""
    p = predict_all(params, x)
    return p.mean(axis=0), jnp.abs(p - p.mean(axis=0)).mean(axis=0)


@jax.jit
def ensemble_prediction__median(params, x):
    """The median instead of the mean."""
    p = predict_all(params, x)
    return jnp.median(p, axis=0), p.std(axis=0)


@jax.jit
def ensemble_prediction__over_houses(params, x):
    """Mean and deviation over the houses; unseen by shape where m equals n."""
    p = predict_all(params, x)
    return p.mean(axis=1), p.std(axis=1)


@jax.jit
def ensemble_prediction__no_covariance(params, x):
    """Adds variances as if slope and intercept were uncorrelated."""
    var_a, var_b = params.var(axis=0)
    return predict(params.mean(axis=0), x), jnp.sqrt(x[:, 0] ** 2 * var_a + var_b)


@jax.jit
def ensemble_prediction__deviation_of_params(params, x):
    """The line through the params' deviations."""
    return predict(params.mean(axis=0), x), predict(params.std(axis=0), x)


@jax.jit
def ensemble_prediction__epsilon(params, x):
    """1e-6 under the root: a single model has 0.001, not 0."""
    p = predict_all(params, x)
    return p.mean(axis=0), jnp.sqrt(p.var(axis=0) + 1e-6)


@jax.jit
def ensemble_prediction__bfloat16(params, x):
    """Predictions in bfloat16."""
    p = predict_all(params, x).astype(jnp.bfloat16).astype(jnp.float32)
    return p.mean(axis=0), p.std(axis=0)


@jax.jit
def ensemble_prediction__whole_dollars(params, x):
    """Predictions rounded to integers."""
    p = jnp.round(predict_all(params, x))
    return p.mean(axis=0), p.std(axis=0)


@jax.jit
def ensemble_prediction__quartiles(params, x):
    """Deviation from the quartiles, as if the models were normal."""
    p = predict_all(params, x)
    low, high = jnp.percentile(p, jnp.array([25.0, 75.0]), axis=0)
    return p.mean(axis=0), (high - low) / 1.349


@jax.jit
def ensemble_prediction__column(params, x):
    """Results of shape (n, 1)."""
    p = params[:, 0, None, None] * x + params[:, 1, None, None]
    return p.mean(axis=0), p.std(axis=0)


@jax.jit
def ensemble_prediction__one_array(params, x):
    """One (2, n) array instead of a tuple."""
    p = predict_all(params, x)
    return jnp.stack([p.mean(axis=0), p.std(axis=0)])


@jax.jit
def ensemble_prediction__first_thousand(params, x):
    """Uses the first 1000 models only."""
    p = predict_all(params[:1000], x)
    return p.mean(axis=0), p.std(axis=0)


@jax.jit
def ensemble_prediction__outliers_removed(params, x):
    """Predictions beyond two deviations are clipped."""
    p = predict_all(params, x)
    mean, std = p.mean(axis=0), p.std(axis=0)
    p = jnp.clip(p, mean - 2 * std, mean + 2 * std)
    return p.mean(axis=0), p.std(axis=0)


def ensemble_prediction__loop(params, x):
    """method: a comprehension over the models."""
    p = jnp.stack([predict(q, x) for q in params])
    return p.mean(axis=0), p.std(axis=0)


def ensemble_prediction__welford_in_python(params, x):
    """method: Welford's update in a Python loop over the models."""
    mean = m2 = jnp.zeros(x.shape[0])
    for k, q in enumerate(params, start=1):
        v = predict(q, x)
        delta = v - mean
        mean = mean + delta / k
        m2 = m2 + delta * (v - mean)
    return mean, jnp.sqrt(m2 / params.shape[0])


def ensemble_prediction__np_vectorize(params, x):
    """method: np.vectorize is a Python loop over the models and houses."""
    one = np.vectorize(lambda a, b, s: a * s + b, otypes=[np.float32])
    q = np.asarray(params)
    p = one(q[:, :1], q[:, 1:], np.asarray(x)[:, 0])
    return p.mean(axis=0, dtype=np.float32), p.std(axis=0, dtype=np.float32)


# ---------------------------------------------------------------- personalize


def personalize__from_ones(x, y, learning_rate, n_epochs):
    """Starts from ones."""
    return train_users(jnp.ones(2), x, y, learning_rate, n_epochs)


def personalize__random_start(x, y, learning_rate, n_epochs):
    """Starts from random normal params."""
    start = jax.random.normal(jax.random.key(0), (x.shape[0], 2))
    return vmap(descend, (0, 0, 0, None, None))(start, x, y, learning_rate, n_epochs)


def personalize__nearly_zero(x, y, learning_rate, n_epochs):
    """Starts from 0.01, to break a symmetry that is none."""
    return train_users(jnp.full(2, 0.01), x, y, learning_rate, n_epochs)


def personalize__one_step_short(x, y, learning_rate, n_epochs):
    """n_epochs - 1 steps."""
    return train_users(jnp.zeros(2), x, y, learning_rate, n_epochs - 1)


def personalize__least_squares(x, y, learning_rate, n_epochs):
    """The least-squares line, where gradient descent has not arrived."""
    s = x[..., 0]
    ms, my = s.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    d = s - ms
    slope = (d * (y - my)).sum(axis=1) / jnp.maximum((d * d).sum(axis=1), 1e-12)
    return jnp.stack([slope, my[:, 0] - slope * ms[:, 0]], axis=1)


def personalize__one_model_for_all(x, y, learning_rate, n_epochs):
    """One model on everybody's data, repeated."""
    p = descend(jnp.zeros(2), x.reshape(-1, 1), y.reshape(-1), learning_rate, n_epochs)
    return jnp.tile(p, (x.shape[0], 1))


def personalize__mean_over_users(x, y, learning_rate, n_epochs):
    """Gradient of the mean loss over the users: steps u times too short."""

    def mean(p):
        return vmap(loss_fn)(p, x, y).mean()

    def epoch(_, p):
        return p - learning_rate * jax.grad(mean)(p)

    return lax.fori_loop(0, n_epochs, epoch, jnp.zeros((x.shape[0], 2)))


def personalize__goes_on(x, y, learning_rate, n_epochs):
    """Each user starts from the params of the one before."""

    def user(p, data):
        p = descend(p, *data, learning_rate, n_epochs)
        return p, p

    return lax.scan(user, jnp.zeros(2), (x, y))[1]


def personalize__standardised(x, y, learning_rate, n_epochs):
    """Trains on standardised sizes and converts back: other params after n_epochs steps."""
    mean = x.mean(axis=1, keepdims=True)
    scale = x.std(axis=1, keepdims=True) + 1e-6
    p = train_users(jnp.zeros(2), (x - mean) / scale, y, learning_rate, n_epochs)
    slope = p[:, 0] / scale[:, 0, 0]
    return jnp.stack([slope, p[:, 1] - slope * mean[:, 0, 0]], axis=1)


def personalize__summed_loss(x, y, learning_rate, n_epochs):
    """Sum over the examples instead of the mean."""
    return train_users(jnp.zeros(2), x, y, learning_rate * x.shape[1], n_epochs)


def personalize__no_factor_two(x, y, learning_rate, n_epochs):
    """Gradient on paper without the factor 2."""
    s = x[..., 0]

    def epoch(_, p):
        r = p[:, :1] * s + p[:, 1:] - y
        return p - learning_rate * jnp.stack([(r * s).mean(axis=1), r.mean(axis=1)], axis=1)

    return lax.fori_loop(0, n_epochs, epoch, jnp.zeros((x.shape[0], 2)))


def personalize__stochastic(x, y, learning_rate, n_epochs):
    """Each epoch goes through the examples one at a time."""

    def user(xu, yu):
        def example(p, data):
            return train_step(p, data[0][None], data[1][None], learning_rate)[0], None

        def epoch(_, p):
            return lax.scan(example, p, (xu, yu))[0]

        return lax.fori_loop(0, n_epochs, epoch, jnp.zeros(2))

    return vmap(user)(x, y)


def personalize__columns_swapped(x, y, learning_rate, n_epochs):
    """[intercept, slope]."""
    return train_users(jnp.zeros(2), x, y, learning_rate, n_epochs)[:, ::-1]


def personalize__transposed(x, y, learning_rate, n_epochs):
    """Shape (2, u)."""
    return vmap(descend, (None, 0, 0, None, None), out_axes=1)(
        jnp.zeros(2), x, y, learning_rate, n_epochs
    )


def personalize__clipped(x, y, learning_rate, n_epochs):
    """Gradients clipped to a length of 1000, which the article's prices exceed."""

    def user(xu, yu):
        def epoch(_, p):
            g = jax.grad(loss_fn)(p, xu, yu)
            length = jnp.linalg.norm(g)
            return p - learning_rate * g * jnp.minimum(1.0, 1e3 / jnp.maximum(length, 1e-12))

        return lax.fori_loop(0, n_epochs, epoch, jnp.zeros(2))

    return vmap(user)(x, y)


def personalize__stops_when_rising(x, y, learning_rate, n_epochs):
    """A step that raises the loss is not taken, so nothing diverges."""

    def user(xu, yu):
        def epoch(_, p):
            new = train_step(p, xu, yu, learning_rate)[0]
            return jnp.where(loss_fn(new, xu, yu) <= loss_fn(p, xu, yu), new, p)

        return lax.fori_loop(0, n_epochs, epoch, jnp.zeros(2))

    return vmap(user)(x, y)


def personalize__stops_when_small(x, y, learning_rate, n_epochs):
    """No more steps once the gradient is shorter than 0.1."""

    def user(xu, yu):
        def epoch(_, p):
            g = jax.grad(loss_fn)(p, xu, yu)
            return jnp.where(jnp.linalg.norm(g) < 0.1, p, p - learning_rate * g)

        return lax.fori_loop(0, n_epochs, epoch, jnp.zeros(2))

    return vmap(user)(x, y)


def personalize__bfloat16(x, y, learning_rate, n_epochs):
    """Data in bfloat16."""
    low = (x.astype(jnp.bfloat16), y.astype(jnp.bfloat16))
    xs, ys = (a.astype(jnp.float32) for a in low)
    return train_users(jnp.zeros(2), xs, ys, learning_rate, n_epochs)


def personalize__zeros_for_diverged(x, y, learning_rate, n_epochs):
    """Users whose training diverged get zeros."""
    p = train_users(jnp.zeros(2), x, y, learning_rate, n_epochs)
    return jnp.where(jnp.isfinite(p), p, 0.0)


def personalize__at_most_4096(x, y, learning_rate, n_epochs):
    """Users after the first 4096 get zeros."""
    p = train_users(jnp.zeros(2), x[:4096], y[:4096], learning_rate, n_epochs)
    return jnp.pad(p, ((0, x.shape[0] - p.shape[0]), (0, 0)))


def personalize__batches_of_fifty(x, y, learning_rate, n_epochs):
    """Above 50 users, the remainder after whole batches of 50 is never trained."""
    u = x.shape[0]
    p = train_users(jnp.zeros(2), x, y, learning_rate, n_epochs)
    full = u if u < 50 else u // 50 * 50
    return jnp.where(jnp.arange(u)[:, None] < full, p, 0.0)


def personalize__at_most_1000_epochs(x, y, learning_rate, n_epochs):
    """Never more than 1000 epochs."""
    return train_users(jnp.zeros(2), x, y, learning_rate, min(n_epochs, 1000))


def personalize__squeezed(x, y, learning_rate, n_epochs):
    """squeeze drops the axis of the users where there is one user."""
    return jnp.squeeze(train_users(jnp.zeros(2), x, y, learning_rate, n_epochs))


def personalize__remembers(x, y, learning_rate, n_epochs, state={}):  # noqa: B006
    """State between calls: starts from the last params of a call with as many users."""
    start = state.get(x.shape[0], jnp.zeros((x.shape[0], 2)))
    out = vmap(descend, (0, 0, 0, None, None))(start, x, y, learning_rate, n_epochs)
    state[x.shape[0]] = out
    return out


def personalize__loop(x, y, learning_rate, n_epochs):
    """method: a Python loop over the users."""
    zeros = jnp.zeros(2)
    return jnp.stack([descend(zeros, a, b, learning_rate, n_epochs) for a, b in zip(x, y)])


def personalize__chunks_of_thousand(x, y, learning_rate, n_epochs):
    """method: a Python loop over chunks of 1000 users, vmap inside each."""
    chunks = [
        train_users(jnp.zeros(2), x[i : i + 1000], y[i : i + 1000], learning_rate, n_epochs)
        for i in range(0, x.shape[0], 1000)
    ]
    return jnp.concatenate(chunks)


def personalize__builtin_map(x, y, learning_rate, n_epochs):
    """method: Python's map over the users."""
    train = partial(descend, jnp.zeros(2))
    k = x.shape[0]
    return jnp.array(list(map(train, x, y, [learning_rate] * k, [n_epochs] * k)))


# ---------------------------------------------------------------- log_likelihoods


def log_likelihoods__log_of_density(samples, x, y, noise_scale):
    """Logarithm of the density: -inf where the density underflows."""
    return vmap(lambda p: jnp.log(jstats.norm.pdf(y, predict(p, x), noise_scale)).sum())(samples)


def log_likelihoods__log_of_product(samples, x, y, noise_scale):
    """Logarithm of the product of the densities, which is 0 for a hundred houses."""
    densities = jstats.norm.pdf(y, predict_all(samples, x), noise_scale)
    return jnp.log(jnp.prod(densities, axis=1))


def log_likelihoods__floored_density(samples, x, y, noise_scale):
    """Densities floored at 1e-30 before the logarithm."""

    def one(p):
        return jnp.sum(jnp.log(jnp.maximum(jstats.norm.pdf(y, predict(p, x), noise_scale), 1e-30)))

    return vmap(one)(samples)


def log_likelihoods__floored_sum(samples, x, y, noise_scale):
    """Nothing below -1e6."""
    out = vmap(lambda p: jstats.norm.logpdf(y, predict(p, x), noise_scale).sum())(samples)
    return jnp.maximum(out, -1e6)


def log_likelihoods__no_constants(samples, x, y, noise_scale):
    """Only the squares, no constants."""
    z = (predict_all(samples, x) - y) / noise_scale
    return -0.5 * jnp.sum(z * z, axis=1)


def log_likelihoods__no_two_pi(samples, x, y, noise_scale):
    """The constant log(2 pi) is missing."""
    z = (predict_all(samples, x) - y) / noise_scale
    return -0.5 * jnp.sum(z * z, axis=1) - y.size * jnp.log(noise_scale)


def log_likelihoods__no_log_scale(samples, x, y, noise_scale):
    """Logpdf of the standardised residuals without minus log of the scale; right for scale 1."""
    return jstats.norm.logpdf((predict_all(samples, x) - y) / noise_scale).sum(axis=1)


def log_likelihoods__constant_once(samples, x, y, noise_scale):
    """The constants once instead of once a house; right for one house."""
    z = (predict_all(samples, x) - y) / noise_scale
    return -0.5 * jnp.sum(z * z, axis=1) - jnp.log(noise_scale * jnp.sqrt(2 * jnp.pi))


def log_likelihoods__mean(samples, x, y, noise_scale):
    """The mean over the houses instead of the sum."""
    return jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).mean(axis=1)


def log_likelihoods__variance_for_scale(samples, x, y, noise_scale):
    """noise_scale is taken for the variance."""
    return jstats.norm.logpdf(y, predict_all(samples, x), jnp.sqrt(noise_scale)).sum(axis=1)


def log_likelihoods__squared_scale(samples, x, y, noise_scale):
    """The variance is handed over as the scale."""
    return jstats.norm.logpdf(y, predict_all(samples, x), noise_scale**2).sum(axis=1)


def log_likelihoods__sign(samples, x, y, noise_scale):
    """The negative log-likelihood."""
    return -jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=1)


def log_likelihoods__log10(samples, x, y, noise_scale):
    """log10 for the constant."""
    z = (predict_all(samples, x) - y) / noise_scale
    const = jnp.log10(noise_scale * jnp.sqrt(2 * jnp.pi))
    return -0.5 * jnp.sum(z * z, axis=1) - y.size * const


def log_likelihoods__half_forgotten(samples, x, y, noise_scale):
    """The factor 1/2 of the squares is missing."""
    z = (predict_all(samples, x) - y) / noise_scale
    return -jnp.sum(z * z, axis=1) - y.size * jnp.log(noise_scale * jnp.sqrt(2 * jnp.pi))


def log_likelihoods__scale_at_least_one(samples, x, y, noise_scale):
    """Scales below 1 are raised to 1."""
    scale = jnp.maximum(noise_scale, 1.0)
    return jstats.norm.logpdf(y, predict_all(samples, x), scale).sum(axis=1)


def log_likelihoods__epsilon_in_variance(samples, x, y, noise_scale):
    """1e-2 added to the variance, seen with little noise."""
    scale = jnp.sqrt(noise_scale**2 + 1e-2)
    return jstats.norm.logpdf(y, predict_all(samples, x), scale).sum(axis=1)


def log_likelihoods__bfloat16(samples, x, y, noise_scale):
    """Predictions in bfloat16."""
    p = predict_all(samples, x).astype(jnp.bfloat16).astype(jnp.float32)
    return jstats.norm.logpdf(y, p, noise_scale).sum(axis=1)


def log_likelihoods__normalised(samples, x, y, noise_scale):
    """Normalised over the samples (log posterior weights)."""
    out = jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=1)
    return jax.nn.log_softmax(out)


def log_likelihoods__relative_to_best(samples, x, y, noise_scale):
    """The largest is subtracted."""
    out = jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=1)
    return out - out.max()


def log_likelihoods__laplace(samples, x, y, noise_scale):
    """Laplace noise instead of normal noise."""
    return jstats.laplace.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=1)


def log_likelihoods__clipped_residuals(samples, x, y, noise_scale):
    """Standardised residuals clipped to +-10."""
    z = jnp.clip((predict_all(samples, x) - y) / noise_scale, -10.0, 10.0)
    return jstats.norm.logpdf(z).sum(axis=1) - y.size * jnp.log(noise_scale)


def log_likelihoods__over_samples(samples, x, y, noise_scale):
    """Summed over the samples, one number a house; has the right shape where s equals n."""
    return jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=0)


def log_likelihoods__estimated_scale(samples, x, y, noise_scale):
    """Each sample's own residual deviation instead of noise_scale."""
    p = predict_all(samples, x)
    scale = jnp.sqrt(jnp.mean((p - y) ** 2, axis=1, keepdims=True)) + 1e-6
    return jstats.norm.logpdf(y, p, scale).sum(axis=1)


def log_likelihoods__first_hundred_houses(samples, x, y, noise_scale):
    """Only the first 100 houses count."""
    return jstats.norm.logpdf(y[:100], predict_all(samples, x[:100]), noise_scale).sum(axis=1)


def log_likelihoods__with_prior(samples, x, y, noise_scale):
    """Adds a standard normal prior of the params."""
    prior = jstats.norm.logpdf(samples).sum(axis=1)
    return prior + jstats.norm.logpdf(y, predict_all(samples, x), noise_scale).sum(axis=1)


def log_likelihoods__loop(samples, x, y, noise_scale):
    """method: a comprehension over the samples."""
    return jnp.array([jstats.norm.logpdf(y, predict(p, x), noise_scale).sum() for p in samples])


def log_likelihoods__host(samples, x, y, noise_scale):
    """method: pure_callback to a NumPy loop over the samples."""

    def host(q, s, t, sd):
        q, s, t, sd = (np.asarray(a, np.float64) for a in (q, s, t, sd))
        const = t.size * math.log(float(sd) * math.sqrt(2 * math.pi))
        rows = [-0.5 * (((t - a * s[:, 0] - b) / sd) ** 2).sum() - const for a, b in q]
        return np.array(rows, dtype=np.float32)

    like = jax.ShapeDtypeStruct(samples.shape[:1], jnp.float32)
    return jax.pure_callback(host, like, samples, x, y, noise_scale)


def log_likelihoods__loop_over_houses(samples, x, y, noise_scale):
    """method: a Python loop over the houses (examples), the samples side by side."""
    total = jnp.zeros(samples.shape[0])
    for s, t in zip(np.asarray(x)[:, 0], np.asarray(y)):
        total = total + jstats.norm.logpdf(t, samples[:, 0] * s + samples[:, 1], noise_scale)
    return total


# ----------------------------------------------------------- a second round


def personalize__one_step_more(x, y, learning_rate, n_epochs):
    """n_epochs + 1 steps."""

    def one(s, t):
        def loss(p):
            return jnp.mean((p[0] * s[:, 0] + p[1] - t) ** 2)

        return lax.fori_loop(
            0, n_epochs + 1, lambda _, p: p - learning_rate * jax.grad(loss)(p), jnp.zeros(2)
        )

    return jax.vmap(one)(x, y)


def personalize__shared_intercept(x, y, learning_rate, n_epochs):
    """The intercept is averaged over the users in the end."""

    def one(s, t):
        def loss(p):
            return jnp.mean((p[0] * s[:, 0] + p[1] - t) ** 2)

        return lax.fori_loop(
            0, n_epochs, lambda _, p: p - learning_rate * jax.grad(loss)(p), jnp.zeros(2)
        )

    p = jax.vmap(one)(x, y)
    return p.at[:, 1].set(p[:, 1].mean())


def log_likelihoods__mean_over_houses(samples, x, y, noise_scale):
    """The mean of the logs, not their sum."""
    z = y - samples[:, :1] * x[:, 0] - samples[:, 1:]
    return jax.scipy.stats.norm.logpdf(z, 0.0, noise_scale).mean(1)


def log_likelihoods__scale_once(samples, x, y, noise_scale):
    """log(noise_scale) is subtracted once, not once a house."""
    z = (y - samples[:, :1] * x[:, 0] - samples[:, 1:]) / noise_scale
    constant = y.size * 0.5 * jnp.log(2 * jnp.pi) + jnp.log(noise_scale)
    return -0.5 * (z * z).sum(1) - constant
