"""Wrong answers for 07_ensemble: many models, one city."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random, vmap
from jax.scipy.special import ndtri


def predict(params, x):
    return params[0] * x[:, 0] + params[1]


def loss_fn(params, x, y):
    return jnp.mean((predict(params, x) - y) ** 2)


@jax.jit
def train_step(params, x, y, learning_rate):
    loss, gradient = jax.value_and_grad(loss_fn)(params, x, y)
    return params - learning_rate * gradient, loss


step_all = jax.jit(vmap(train_step, in_axes=(0, None, None, None)))
grads_of = vmap(jax.grad(loss_fn), in_axes=(0, None, None))


# ---------------------------------------------------------------- init_ensemble


def init_ensemble__uniform_unit_variance(key, n_models):
    """law: uniform on +-sqrt(3): mean 0 and variance 1, but not normal."""
    return random.uniform(key, (n_models, 2), minval=-(3**0.5), maxval=3**0.5)


def init_ensemble__nine_tenths(key, n_models):
    """law: standard deviation 0.9."""
    return 0.9 * random.normal(key, (n_models, 2))


def init_ensemble__shifted(key, n_models):
    """law: mean 0.1."""
    return random.normal(key, (n_models, 2)) + 0.1


def init_ensemble__antithetic(key, n_models):
    """law: the second half mirrors the first, so the models are not independent."""
    half = random.normal(key, ((n_models + 1) // 2, 2))
    return jnp.concatenate([half, -half])[:n_models]


def init_ensemble__standardised(key, n_models):
    """law: each column forced to mean 0 and deviation 1 (from three models on): dependent."""
    z = random.normal(key, (n_models, 2))
    if n_models < 3:
        return z
    return (z - z.mean(axis=0)) / z.std(axis=0)


def init_ensemble__stratified(key, n_models):
    """law: one draw from each of m strata, shuffled: right margins, but dependent."""
    k1, k2, k3 = random.split(key, 3)
    u = random.uniform(k1, (n_models, 2), minval=1e-6, maxval=1.0 - 1e-6)
    ranks = jnp.stack([random.permutation(k, n_models) for k in (k2, k3)], axis=1)
    return ndtri((ranks + u) / n_models)


def init_ensemble__circle(key, n_models):
    """law: all models on a circle of radius sqrt(2): unit variances, uncorrelated, not normal."""
    angle = random.uniform(key, (n_models,), maxval=2 * jnp.pi)
    return jnp.sqrt(2.0) * jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)


def init_ensemble__sixteen_seeds(key, n_models):
    """law: only 16 different ensembles; another key often gives the same one."""
    data = key if key.dtype == jnp.uint32 else random.key_data(key)
    return random.normal(random.key(data.sum() % 16), (n_models, 2))


def init_ensemble__first_key_word(key, n_models):
    """law: seeds with the first word of the key, which is 0 for every small seed."""
    data = key if key.dtype == jnp.uint32 else random.key_data(key)
    return random.normal(random.PRNGKey(data[0]), (n_models, 2))


def init_ensemble__column_repeated(key, n_models):
    """law: the intercept is a copy of the slope."""
    return jnp.repeat(random.normal(key, (n_models, 1)), 2, axis=1)


def init_ensemble__same_key_two_columns(key, n_models):
    """law: both columns drawn with one key, so they are equal."""
    slope = random.normal(key, (n_models,))
    intercept = random.normal(key, (n_models,))
    return jnp.stack([slope, intercept], axis=1)


def init_ensemble__same_key_two_methods(key, n_models):
    """law: uniform draws of the same key become the intercept; it is a function of the slope."""
    u = random.uniform(key, (n_models,), minval=2.0**-24)
    return jnp.stack([random.normal(key, (n_models,)), ndtri(u)], axis=1)


def init_ensemble__clipped_at_two(key, n_models):
    """law: nothing beyond +-2."""
    return jnp.clip(random.normal(key, (n_models, 2)), -2.0, 2.0)


def init_ensemble__truncated_at_three(key, n_models):
    """law: the tails beyond +-3 are cut off."""
    return random.truncated_normal(key, -3.0, 3.0, (n_models, 2))


def init_ensemble__ignores_key(key, n_models):
    """law: a key of its own, so every ensemble is the same."""
    return random.normal(random.PRNGKey(42), (n_models, 2))


def init_ensemble__numpy_global(key, n_models):
    """law: NumPy's global generator: the same key gives another ensemble each time."""
    return jnp.asarray(np.random.standard_normal((n_models, 2)), dtype=jnp.float32)


def init_ensemble__numpy_seeded(key, n_models):
    """law: NumPy's generator with a fixed seed: another key gives the same ensemble."""
    return np.random.default_rng(0).standard_normal((n_models, 2)).astype(np.float32)


def init_ensemble__call_counter(key, n_models, calls=[0]):  # noqa: B006
    """law: folds in the number of the call: the same key gives different ensembles."""
    calls[0] += 1
    return random.normal(random.fold_in(key, calls[0]), (n_models, 2))


def init_ensemble__float16(key, n_models):
    """law: drawn in float16, only a few thousand different values."""
    return random.normal(key, (n_models, 2), dtype=jnp.float16).astype(jnp.float32)


def init_ensemble__two_decimals(key, n_models):
    """law: rounded to two decimals."""
    return jnp.round(random.normal(key, (n_models, 2)), 2)


def init_ensemble__twelve_uniforms(key, n_models):
    """law: sum of twelve uniforms minus 6, whose tails are too thin."""
    return random.uniform(key, (12, n_models, 2)).sum(axis=0) - 6.0


def init_ensemble__student_t(key, n_models):
    """law: Student's t with 10 degrees of freedom scaled to variance 1."""
    return random.t(key, 10.0, (n_models, 2)) * jnp.sqrt(0.8)


def init_ensemble__logistic(key, n_models):
    """law: logistic with variance 1."""
    return random.logistic(key, (n_models, 2)) * (3**0.5 / jnp.pi)


def init_ensemble__sorted_by_slope(key, n_models):
    """law: the models come sorted by slope, so the rows are not independent."""
    z = random.normal(key, (n_models, 2))
    return z[jnp.argsort(z[:, 0])]


def init_ensemble__correlated(key, n_models):
    """law: slope and intercept have correlation 0.2."""
    covariance = jnp.array([[1.0, 0.2], [0.2, 1.0]])
    return random.multivariate_normal(key, jnp.zeros(2), covariance, (n_models,))


def init_ensemble__autoregressive(key, n_models):
    """law: each model leans on the one before it (AR(1) with 0.3)."""
    z = random.normal(key, (n_models, 2))

    def lean(before, fresh):
        now = 0.3 * before + (1 - 0.3**2) ** 0.5 * fresh
        return now, now

    return jnp.concatenate([z[:1], lax.scan(lean, z[0], z[1:])[1]])


def init_ensemble__ten_is_special(key, n_models):
    """law: for ten models, the ensemble of the article's seed whatever the key."""
    if n_models == 10:
        return random.normal(random.PRNGKey(42), (10, 2))
    return random.normal(key, (n_models, 2))


def init_ensemble__thousand_repeated(key, n_models):
    """law: draws at most 1000 models and repeats them."""
    rows = random.normal(key, (min(n_models, 1000), 2))
    return rows[jnp.arange(n_models) % 1000]


def init_ensemble__models_in_columns(key, n_models):
    """Shape (2, m) instead of (m, 2)."""
    return random.normal(key, (2, n_models))


def init_ensemble__rows_in_a_loop(key, n_models):
    """method: a Python loop that splits the key and draws model by model."""
    rows = []
    for _ in range(n_models):
        key, sub = random.split(key)
        rows.append(random.normal(sub, (2,)))
    return jnp.stack(rows)


def init_ensemble__comprehension(key, n_models):
    """method: a comprehension over the models' keys."""
    return jnp.array([random.normal(k, (2,)) for k in random.split(key, n_models)])


# ---------------------------------------------------------------- ensemble_train_step


@jax.jit
def ensemble_train_step__losses_after(params, x, y, learning_rate):
    """The losses of the new params instead of the old ones."""
    new, _ = step_all(params, x, y, learning_rate)
    return new, vmap(loss_fn, (0, None, None))(new, x, y)


@jax.jit
def ensemble_train_step__uphill(params, x, y, learning_rate):
    """Adds the gradient."""
    new, losses = step_all(params, x, y, -learning_rate)
    return new, losses


@jax.jit
def ensemble_train_step__no_factor_two(params, x, y, learning_rate):
    """Gradient on paper without the factor 2."""
    r = params[:, :1] * x[:, 0] + params[:, 1:] - y
    g = jnp.stack([(r * x[:, 0]).mean(axis=1), r.mean(axis=1)], axis=1)
    return params - learning_rate * g, (r**2).mean(axis=1)


@jax.jit
def ensemble_train_step__summed_loss(params, x, y, learning_rate):
    """Sum over the houses instead of the mean."""

    def total(p):
        return jnp.sum((predict(p, x) - y) ** 2)

    losses, g = vmap(jax.value_and_grad(total))(params)
    return params - learning_rate * g, losses


@jax.jit
def ensemble_train_step__mean_over_models(params, x, y, learning_rate):
    """Gradient of the mean over the models: every step is m times too short."""

    def mean(p):
        losses = vmap(loss_fn, (0, None, None))(p, x, y)
        return losses.mean(), losses

    g, losses = jax.grad(mean, has_aux=True)(params)
    return params - learning_rate * g, losses


@jax.jit
def ensemble_train_step__column_minus_row(params, x, y, learning_rate):
    """Residuals of shape (n, n): predictions of shape (n, 1) minus prices of shape (n,)."""

    def loss(p):
        return jnp.mean((p[0] * x + p[1] - y) ** 2)

    losses, g = vmap(jax.value_and_grad(loss))(params)
    return params - learning_rate * g, losses


@jax.jit
def ensemble_train_step__clipped_gradient(params, x, y, learning_rate):
    """Clips the gradient to +-1e6, which a diverging training exceeds."""
    losses, g = vmap(jax.value_and_grad(loss_fn), (0, None, None))(params, x, y)
    return params - learning_rate * jnp.clip(g, -1e6, 1e6), losses


@jax.jit
def ensemble_train_step__bfloat16_residuals(params, x, y, learning_rate):
    """Residuals pass through bfloat16."""
    r = (params[:, :1] * x[:, 0] + params[:, 1:] - y).astype(jnp.bfloat16).astype(jnp.float32)
    g = 2 * jnp.stack([(r * x[:, 0]).mean(axis=1), r.mean(axis=1)], axis=1)
    return params - learning_rate * g, (r**2).mean(axis=1)


@jax.jit
def ensemble_train_step__float16_sizes(params, x, y, learning_rate):
    """Sizes pass through float16."""
    return step_all(params, x.astype(jnp.float16).astype(jnp.float32), y, learning_rate)


@jax.jit
def ensemble_train_step__whole_sizes(params, x, y, learning_rate):
    """Sizes become integers."""
    return step_all(params, x.astype(jnp.int32), y, learning_rate)


@jax.jit
def ensemble_train_step__first_model_only(params, x, y, learning_rate):
    """The gradient of the first model moves all of them."""
    losses = vmap(loss_fn, (0, None, None))(params, x, y)
    return params - learning_rate * jax.grad(loss_fn)(params[0], x, y), losses


@jax.jit
def ensemble_train_step__slope_only(params, x, y, learning_rate):
    """The intercept stays where it is."""
    new, losses = step_all(params, x, y, learning_rate)
    return new.at[:, 1].set(params[:, 1]), losses


@jax.jit
def ensemble_train_step__house_per_model(params, x, y, learning_rate):
    """Where there are as many models as houses, model i sees house i alone."""
    if params.shape[0] == y.shape[0]:
        return vmap(train_step, (0, 0, 0, None))(params, x[:, None], y[:, None], learning_rate)
    return step_all(params, x, y, learning_rate)


@jax.jit
def ensemble_train_step__square_means_transposed(params, x, y, learning_rate):
    """With two models the params are taken for one model a column."""
    if params.shape[0] == 2:
        new, losses = step_all(params.T, x, y, learning_rate)
        return new.T, losses
    return step_all(params, x, y, learning_rate)


@jax.jit
def ensemble_train_step__last_block_dropped(params, x, y, learning_rate):
    """Beyond 1000 models, those after the last full thousand are not trained."""
    new, losses = step_all(params, x, y, learning_rate)
    m = params.shape[0]
    full = m if m < 1000 else m // 1000 * 1000
    return jnp.where(jnp.arange(m)[:, None] < full, new, params), losses


@jax.jit
def ensemble_train_step__losses_as_column(params, x, y, learning_rate):
    """Losses of shape (m, 1)."""
    new, losses = step_all(params, x, y, learning_rate)
    return new, losses[:, None]


def ensemble_train_step__list(params, x, y, learning_rate):
    """A list, not a tuple."""
    return list(step_all(params, x, y, learning_rate))


@jax.jit
def ensemble_train_step__nan_guard(params, x, y, learning_rate):
    """Keeps the old params and a loss of 0 where the step is not finite."""
    new, losses = step_all(params, x, y, learning_rate)
    return jnp.where(jnp.isfinite(new), new, params), jnp.nan_to_num(losses)


@partial(jax.jit, donate_argnums=0)
def ensemble_train_step__donates(params, x, y, learning_rate):
    """law: donates params, which must survive the call."""
    return vmap(train_step, (0, None, None, None))(params, x, y, learning_rate)


def ensemble_train_step__numpy(params, x, y, learning_rate):
    """law: NumPy arithmetic, which does not work under jax.jit."""
    p, s, t = np.asarray(params), np.asarray(x)[:, 0], np.asarray(y)
    r = p[:, :1] * s + p[:, 1:] - t
    g = 2 * np.stack([(r * s).mean(axis=1), r.mean(axis=1)], axis=1)
    return p - np.float32(learning_rate) * g, (r * r).mean(axis=1)


def ensemble_train_step__loop(params, x, y, learning_rate):
    """method: a Python loop over the models."""
    new, losses = [], []
    for p in params:
        q, loss = train_step(p, x, y, learning_rate)
        new.append(q)
        losses.append(loss)
    return jnp.stack(new), jnp.stack(losses)


@jax.jit
def ensemble_train_step__blocks_of_256(params, x, y, learning_rate):
    """method: a Python loop over chunks of 256 models, vmap inside each."""
    parts = [
        vmap(train_step, (0, None, None, None))(params[i : i + 256], x, y, learning_rate)
        for i in range(0, params.shape[0], 256)
    ]
    return jnp.concatenate([p for p, _ in parts]), jnp.concatenate([v for _, v in parts])


@jax.jit
def ensemble_train_step__tree_map(params, x, y, learning_rate):
    """method: jax.tree.map over a list of models is a Python loop in disguise."""
    models = [params[i] for i in range(params.shape[0])]
    pairs = jax.tree.map(lambda p: train_step(p, x, y, learning_rate), models)
    return jnp.stack([p for p, _ in pairs]), jnp.stack([v for _, v in pairs])


def ensemble_train_step__host(params, x, y, learning_rate):
    """method: pure_callback to a NumPy loop on the host."""

    def host(p, s, t, rate):
        p, s, t = np.array(p), np.asarray(s)[:, 0], np.asarray(t)
        losses = np.empty(len(p), np.float32)
        for i in range(len(p)):
            r = p[i, 0] * s + p[i, 1] - t
            losses[i] = (r * r).mean()
            step = np.array([(r * s).mean(), r.mean()], np.float32)
            p[i] = p[i] - np.float32(2) * np.asarray(rate) * step
        return p, losses

    like = jax.ShapeDtypeStruct(params.shape, jnp.float32)
    shapes = like, jax.ShapeDtypeStruct(params.shape[:1], jnp.float32)
    return jax.pure_callback(host, shapes, params, x, y, learning_rate)


# ---------------------------------------------------------------- train_ensemble


def train_ensemble__history_after(params, x, y, learning_rate, n_epochs):
    """Row e has the losses after step e."""

    def epoch(p, _):
        p, _ = step_all(p, x, y, learning_rate)
        return p, vmap(loss_fn, (0, None, None))(p, x, y)

    return lax.scan(epoch, params, length=n_epochs)


def train_ensemble__one_step_short(params, x, y, learning_rate, n_epochs):
    """Returns the params before the last step."""

    def epoch(p, _):
        new, losses = step_all(p, x, y, learning_rate)
        return new, (p, losses)

    _, (visited, history) = lax.scan(epoch, params, length=n_epochs)
    return visited[-1], history


def train_ensemble__one_row_more(params, x, y, learning_rate, n_epochs):
    """The history has n_epochs + 1 rows, the final losses too."""
    p, history = lax.scan(lambda p, _: step_all(p, x, y, learning_rate), params, length=n_epochs)
    last = vmap(loss_fn, (0, None, None))(p, x, y)
    return p, jnp.concatenate([history, last[None]])


def train_ensemble__history_transposed(params, x, y, learning_rate, n_epochs):
    """History of shape (m, n_epochs); seen even where m equals n_epochs."""

    def one(p):
        return lax.scan(lambda q, _: train_step(q, x, y, learning_rate), p, length=n_epochs)

    return vmap(one)(params)


def train_ensemble__history_reshaped(params, x, y, learning_rate, n_epochs):
    """Reshapes the (m, n_epochs) history instead of transposing it."""

    def one(p):
        return lax.scan(lambda q, _: train_step(q, x, y, learning_rate), p, length=n_epochs)

    final, history = vmap(one)(params)
    return final, history.reshape(n_epochs, -1)


def train_ensemble__newest_first(params, x, y, learning_rate, n_epochs):
    """The rows of the history run backwards."""
    p, history = lax.scan(lambda p, _: step_all(p, x, y, learning_rate), params, length=n_epochs)
    return p, history[::-1]


def train_ensemble__early_stop(params, x, y, learning_rate, n_epochs):
    """Stops when no loss falls by more than 0.01 %, and repeats the last losses."""
    history = []
    for _ in range(n_epochs):
        new, losses = step_all(params, x, y, learning_rate)
        if history and bool(jnp.all(history[-1] - losses < 1e-4 * losses)):
            history += [losses] * (n_epochs - len(history))
            break
        params = new
        history.append(losses)
    return params, jnp.stack(history)


def train_ensemble__rate_decays(params, x, y, learning_rate, n_epochs):
    """The learning rate shrinks by 1 % each epoch."""
    rates = learning_rate * 0.99 ** jnp.arange(n_epochs)
    return lax.scan(lambda p, rate: step_all(p, x, y, rate), params, rates)


def train_ensemble__momentum(params, x, y, learning_rate, n_epochs):
    """Gradient descent with momentum."""

    def epoch(state, _):
        p, v = state
        new, losses = step_all(p, x, y, learning_rate)
        v = 0.9 * v + (new - p)
        return (p + v, v), losses

    (p, _), history = lax.scan(epoch, (params, jnp.zeros_like(params)), length=n_epochs)
    return p, history


def train_ensemble__best_params(params, x, y, learning_rate, n_epochs):
    """Returns the params with the lowest loss on the way, not the final ones."""

    def epoch(p, _):
        new, losses = step_all(p, x, y, learning_rate)
        return new, (new, losses, vmap(loss_fn, (0, None, None))(new, x, y))

    _, (visited, history, after) = lax.scan(epoch, params, length=n_epochs)
    best = jnp.argmin(jnp.where(jnp.isnan(after), jnp.inf, after), axis=0)
    return visited[best, jnp.arange(params.shape[0])], history


def train_ensemble__frozen_when_nan(params, x, y, learning_rate, n_epochs):
    """A model whose step is not finite keeps its last finite params."""

    def epoch(p, _):
        new, losses = step_all(p, x, y, learning_rate)
        return jnp.where(jnp.isfinite(new), new, p), losses

    return lax.scan(epoch, params, length=n_epochs)


def train_ensemble__losses_capped(params, x, y, learning_rate, n_epochs):
    """nan_to_num on the history: a diverged training shows finite losses."""
    p, history = lax.scan(lambda p, _: step_all(p, x, y, learning_rate), params, length=n_epochs)
    return p, jnp.nan_to_num(history)


def train_ensemble__bfloat16_params(params, x, y, learning_rate, n_epochs):
    """The params are kept in bfloat16 between the steps."""

    def epoch(p, _):
        new, losses = step_all(p.astype(jnp.float32), x, y, learning_rate)
        return new.astype(jnp.bfloat16), losses

    p, history = lax.scan(epoch, params.astype(jnp.bfloat16), length=n_epochs)
    return p.astype(jnp.float32), history


def train_ensemble__history_float16(params, x, y, learning_rate, n_epochs):
    """The history is stored in float16, where losses above 65504 become infinite."""

    def epoch(p, _):
        p, losses = step_all(p, x, y, learning_rate)
        return p, losses.astype(jnp.float16)

    p, history = lax.scan(epoch, params, length=n_epochs)
    return p, history.astype(jnp.float32)


def train_ensemble__remembers_shapes(params, x, y, learning_rate, n_epochs, seen={}):  # noqa: B006
    """State between calls: data of a shape seen before gets the old answer."""
    where = (params.shape, x.shape, n_epochs)
    if where not in seen:
        seen[where] = lax.scan(
            lambda p, _: step_all(p, x, y, learning_rate), params, length=n_epochs
        )
    return seen[where]


def train_ensemble__recursion(params, x, y, learning_rate, n_epochs):
    """Recursion over the epochs: RecursionError at the article's 2000."""

    def go(p, left):
        if left == 0:
            return p, []
        new, losses = step_all(p, x, y, learning_rate)
        final, later = go(new, left - 1)
        return final, [losses, *later]

    final, history = go(params, n_epochs)
    return final, jnp.stack(history)


def train_ensemble__whole_hundreds(params, x, y, learning_rate, n_epochs):
    """Above 100 epochs only whole hundreds are trained, the history padded by its last row."""
    done = n_epochs if n_epochs <= 100 else n_epochs // 100 * 100
    p, history = lax.scan(lambda p, _: step_all(p, x, y, learning_rate), params, length=done)
    return p, jnp.pad(history, ((0, n_epochs - done), (0, 0)), mode="edge")


def train_ensemble__mean_history(params, x, y, learning_rate, n_epochs):
    """One loss an epoch, the mean over the models."""

    def epoch(p, _):
        p, losses = step_all(p, x, y, learning_rate)
        return p, losses.mean()

    return lax.scan(epoch, params, length=n_epochs)


def train_ensemble__list_history(params, x, y, learning_rate, n_epochs):
    """History in a plain list of arrays instead of an (n_epochs, m) array."""
    history = []
    for _ in range(n_epochs):
        params, losses = step_all(params, x, y, learning_rate)
        history.append(losses)
    return params, history


def train_ensemble__loop_over_models(params, x, y, learning_rate, n_epochs):
    """method: a Python loop over the models around a scan."""
    finals, histories = [], []
    for p in params:
        final, history = lax.scan(
            lambda q, _: train_step(q, x, y, learning_rate), p, length=n_epochs
        )
        finals.append(final)
        histories.append(history)
    return jnp.stack(finals), jnp.stack(histories, axis=1)


def train_ensemble__halves(params, x, y, learning_rate, n_epochs):
    """method: recursion that halves the ensemble down to single models."""

    def go(some):
        if some.shape[0] == 1:
            p, history = lax.scan(
                lambda q, _: train_step(q, x, y, learning_rate), some[0], length=n_epochs
            )
            return p[None], history[:, None]
        half = some.shape[0] // 2
        (a, ha), (b, hb) = go(some[:half]), go(some[half:])
        return jnp.concatenate([a, b]), jnp.concatenate([ha, hb], axis=1)

    return go(params)


# ---------------------------------------------------------------- spread


def spread__std(params):
    """Standard deviation instead of the range."""
    return jnp.std(params, axis=0)


def spread__over_params(params):
    """The range over slope and intercept, model by model."""
    return jnp.ptp(params, axis=1)


def spread__both_columns_together(params):
    """One range over slopes and intercepts together, returned twice."""
    return jnp.full(2, params.max() - params.min())


def spread__quantiles(params):
    """From the 1 % to the 99 % quantile."""
    low, high = jnp.quantile(params, jnp.array([0.01, 0.99]), axis=0)
    return high - low


def spread__first_to_last(params):
    """Last model minus first model, in absolute value."""
    return jnp.abs(params[-1] - params[0])


def spread__neighbours(params):
    """The largest difference between consecutive models; 0 for one."""
    if len(params) == 1:
        return jnp.zeros(2)
    return jnp.max(jnp.abs(jnp.diff(params, axis=0)), axis=0)


def spread__twice_the_deviation(params):
    """Twice the largest distance from the mean."""
    return 2 * jnp.max(jnp.abs(params - params.mean(axis=0)), axis=0)


def spread__of_magnitudes(params):
    """Range of the absolute values."""
    size = jnp.abs(params)
    return size.max(axis=0) - size.min(axis=0)


def spread__initial_zero(params):
    """initial=0 counts a zero that is no model's param."""
    return jnp.max(params, axis=0, initial=0.0) - jnp.min(params, axis=0, initial=0.0)


def spread__sentinels(params):
    """Running extremes start at +-1e4, which a diverged ensemble lies beyond."""

    def body(c, p):
        return (jnp.maximum(c[0], p), jnp.minimum(c[1], p)), None

    (high, low), _ = lax.scan(body, (jnp.full(2, -1e4), jnp.full(2, 1e4)), params)
    return high - low


def spread__sorted_by_slope(params):
    """The intercept of the steepest model minus that of the flattest."""
    s = params[jnp.argsort(params[:, 0])]
    return jnp.abs(s[-1] - s[0])


def spread__bfloat16(params):
    """Extremes in bfloat16."""
    p = params.astype(jnp.bfloat16)
    return (p.max(axis=0) - p.min(axis=0)).astype(jnp.float32)


def spread__soft(params):
    """Smooth maximum and minimum by logsumexp."""
    t = 20.0
    high = jax.nn.logsumexp(t * params, axis=0) / t
    return high + jax.nn.logsumexp(-t * params, axis=0) / t


def spread__paired_fold(params):
    """Folds pairs of models and forgets the odd one out."""
    high = low = params
    while len(high) > 1:
        half = len(high) // 2
        high = jnp.maximum(high[:half], high[half : 2 * half])
        low = jnp.minimum(low[:half], low[half : 2 * half])
    return high[0] - low[0]


def spread__first_thousand(params):
    """Looks at the first 1000 models only."""
    return jnp.ptp(params[:1000], axis=0)


def spread__zero_padding(params):
    """Pads to a multiple of 8 with zeros before the range is taken."""
    padded = jnp.pad(params, ((0, -len(params) % 8), (0, 0)))
    return jnp.ptp(padded, axis=0)


def spread__three_decimals(params):
    """Rounded to three decimals."""
    return jnp.round(jnp.ptp(params, axis=0), 3)


def spread__relative(params):
    """Divided by the mean."""
    return jnp.ptp(params, axis=0) / jnp.abs(params.mean(axis=0))


def spread__tuple(params):
    """A tuple of two scalars instead of an array."""
    return jnp.ptp(params[:, 0]), jnp.ptp(params[:, 1])


def spread__loop(params):
    """method: a Python loop over the models."""
    high = low = params[0]
    for p in params[1:]:
        high, low = jnp.maximum(high, p), jnp.minimum(low, p)
    return high - low


def spread__builtin_max(params):
    """method: Python's max and min run through the models one by one."""
    slopes, intercepts = np.asarray(params).T
    return jnp.array([max(slopes) - min(slopes), max(intercepts) - min(intercepts)])


# ---------------------------------------------------------------- converged


@jax.jit
def converged__largest_component(params, x, y, tolerance):
    """The larger component instead of the Euclidean norm."""
    return jnp.max(jnp.abs(grads_of(params, x, y)), axis=1) <= tolerance


@jax.jit
def converged__squared_norm(params, x, y, tolerance):
    """The squared norm against the tolerance."""
    return jnp.sum(grads_of(params, x, y) ** 2, axis=1) <= tolerance


@jax.jit
def converged__l1_norm(params, x, y, tolerance):
    """The sum of the absolute components."""
    return jnp.abs(grads_of(params, x, y)).sum(axis=1) <= tolerance


@jax.jit
def converged__strictly_less(params, x, y, tolerance):
    """Equal to the tolerance does not count; seen with gradient 0 and tolerance 0."""
    return jnp.linalg.norm(grads_of(params, x, y), axis=1) < tolerance


@jax.jit
def converged__not_greater(params, x, y, tolerance):
    """A NaN gradient is not greater than the tolerance, so it counts as converged."""
    return ~(jnp.linalg.norm(grads_of(params, x, y), axis=1) > tolerance)


@jax.jit
def converged__nan_to_num(params, x, y, tolerance):
    """NaN gradients become 0 and count as converged."""
    return jnp.linalg.norm(jnp.nan_to_num(grads_of(params, x, y)), axis=1) <= tolerance


@jax.jit
def converged__nansum(params, x, y, tolerance):
    """nansum of the squares drops NaN components."""
    return jnp.sqrt(jnp.nansum(grads_of(params, x, y) ** 2, axis=1)) <= tolerance


@jax.jit
def converged__root_mean_square(params, x, y, tolerance):
    """Root of the mean of the squares, smaller by sqrt(2)."""
    return jnp.sqrt(jnp.mean(grads_of(params, x, y) ** 2, axis=1)) <= tolerance


@jax.jit
def converged__no_factor_two(params, x, y, tolerance):
    """Gradient on paper without the factor 2."""
    r = params[:, :1] * x[:, 0] + params[:, 1:] - y
    return jnp.hypot((r * x[:, 0]).mean(axis=1), r.mean(axis=1)) <= tolerance


@jax.jit
def converged__summed_loss(params, x, y, tolerance):
    """Gradient of the sum over the houses; too long by the factor n."""
    return y.shape[0] * jnp.linalg.norm(grads_of(params, x, y), axis=1) <= tolerance


@jax.jit
def converged__small_loss(params, x, y, tolerance):
    """The loss against the tolerance, not its gradient."""
    return vmap(loss_fn, (0, None, None))(params, x, y) <= tolerance


@jax.jit
def converged__norm_of_all(params, x, y, tolerance):
    """One norm for the whole ensemble, given to every model."""
    norm = jnp.linalg.norm(grads_of(params, x, y))
    return jnp.full(params.shape[0], norm <= tolerance)


@jax.jit
def converged__single_answer(params, x, y, tolerance):
    """One bool for the ensemble: have all of them arrived?"""
    return jnp.all(jnp.linalg.norm(grads_of(params, x, y), axis=1) <= tolerance)


@jax.jit
def converged__zeros_and_ones(params, x, y, tolerance):
    """float32 zeros and ones instead of bools."""
    done = jnp.linalg.norm(grads_of(params, x, y), axis=1) <= tolerance
    return done.astype(jnp.float32)


@jax.jit
def converged__slope_gradient(params, x, y, tolerance):
    """The slope's part of the gradient only."""
    return jnp.abs(grads_of(params, x, y)[:, 0]) <= tolerance


@jax.jit
def converged__relative(params, x, y, tolerance):
    """The gradient in relation to the size of the params."""
    norm = jnp.linalg.norm(grads_of(params, x, y), axis=1)
    return norm <= tolerance * (1.0 + jnp.linalg.norm(params, axis=1))


@jax.jit
def converged__two_percent_more(params, x, y, tolerance):
    """Forgives two percent above the tolerance."""
    return jnp.linalg.norm(grads_of(params, x, y), axis=1) <= 1.02 * tolerance + 1e-6


@jax.jit
def converged__bfloat16(params, x, y, tolerance):
    """Residuals in bfloat16."""
    r = (params[:, :1] * x[:, 0] + params[:, 1:] - y).astype(jnp.bfloat16).astype(jnp.float32)
    return jnp.hypot(2 * (r * x[:, 0]).mean(axis=1), 2 * r.mean(axis=1)) <= tolerance


@jax.jit
def converged__close_to_best(params, x, y, tolerance):
    """Within the tolerance of the lowest loss in the ensemble."""
    losses = vmap(loss_fn, (0, None, None))(params, x, y)
    return losses - losses.min() <= tolerance


@jax.jit
def converged__floor(params, x, y, tolerance):
    """Tolerances below 1e-3 are raised to 1e-3."""
    return jnp.linalg.norm(grads_of(params, x, y), axis=1) <= jnp.maximum(tolerance, 1e-3)


def converged__loop(params, x, y, tolerance):
    """method: a Python loop over the models."""
    gradient = jax.jit(jax.grad(loss_fn))
    return jnp.array([bool(jnp.linalg.norm(gradient(p, x, y)) <= tolerance) for p in params])


def converged__numpy_apply(params, x, y, tolerance):
    """method: np.apply_along_axis calls Python once a model."""

    def one(p):
        r = p[0] * np.asarray(x)[:, 0] + p[1] - np.asarray(y)
        g = 2 * np.array([np.mean(r * np.asarray(x)[:, 0]), np.mean(r)])
        return np.linalg.norm(g) <= np.asarray(tolerance)

    return np.apply_along_axis(one, 1, np.asarray(params, dtype=np.float64))


def converged__finite_differences(params, x, y, tolerance):
    """method: central differences in float64 NumPy instead of a gradient."""
    p, s, t = (np.asarray(a, dtype=np.float64) for a in (params, x[:, 0], y))

    def losses(q):
        return ((q[:, :1] * s + q[:, 1:] - t) ** 2).mean(axis=1)

    h = 1e-3
    with np.errstate(all="ignore"):
        along_a = (losses(p + np.array([h, 0])) - losses(p - np.array([h, 0]))) / (2 * h)
        along_b = (losses(p + np.array([0, h])) - losses(p - np.array([0, h]))) / (2 * h)
        return np.hypot(along_a, along_b) <= float(tolerance)


# ----------------------------------------------------------- a second round


def init_ensemble__same_in_both(key, n_models):
    """law: slope and intercept are one number."""
    one = jax.random.normal(key, (n_models, 1))
    return jnp.concatenate([one, one], axis=1)


def init_ensemble__absolute(key, n_models):
    """law: never negative."""
    return jnp.abs(jax.random.normal(key, (n_models, 2)))


def init_ensemble__reused_key(key, n_models):
    """law: both columns from the same key, the second one mirrored."""
    a = jax.random.normal(key, (n_models,))
    return jnp.stack([a, -a], axis=1)


def init_ensemble__variance_two(key, n_models):
    """law: two draws added: variance two."""
    a, b = jax.random.split(key)
    return jax.random.normal(a, (n_models, 2)) + jax.random.normal(b, (n_models, 2))


def ensemble_train_step__shared_mean(params, x, y, learning_rate):
    """All models move along the mean gradient."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    values, slopes = jax.vmap(jax.value_and_grad(loss))(params)
    return params - learning_rate * slopes.mean(0), values


def train_ensemble__first_rate_halved(params, x, y, learning_rate, n_epochs):
    """A warm-up: the first step at half the rate."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, e):
        values, slopes = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * jnp.where(e == 0, 0.5, 1.0) * slopes, values

    return lax.scan(epoch, params, jnp.arange(n_epochs))


def spread__largest(params):
    """The largest size."""
    return jnp.max(jnp.abs(params), axis=0)


def spread__from_first(params):
    """The largest distance from the first model."""
    return jnp.max(jnp.abs(params - params[0]), axis=0)


def converged__strictly(params, x, y, tolerance):
    """Each component for itself."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return (jnp.abs(jax.vmap(jax.grad(loss))(params)) <= tolerance).all(1)


def converged__squared_length(params, x, y, tolerance):
    """The square of the length."""

    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return (jax.vmap(jax.grad(loss))(params) ** 2).sum(1) <= tolerance
