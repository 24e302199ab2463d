"""Wrong answers to 01_vmap, from blunders to sly ones."""

import functools
import itertools
import operator

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def halves(run, rows):
    """Applies run to single rows by cutting the batch in two again and again."""
    if len(rows) == 1:
        return [run(rows[0])]
    middle = len(rows) // 2
    return halves(run, rows[:middle]) + halves(run, rows[middle:])


# ---------------------------------------------------------------- batched


def batched__call_directly(f, x):
    """Calls f on the whole vector; f is written for one scalar (a cond or a dot inside fails)."""
    return f(x)


def batched__mapped_sum(f, x):
    """f of the sum, spread over the entries; right only for n = 1."""
    return jnp.full(x.shape, f(jnp.sum(x)))


def batched__bfloat16(f, x):
    """Computes in bfloat16 inside: lower precision."""
    return jax.vmap(f)(x.astype(jnp.bfloat16)).astype(x.dtype)


def batched__half_result(f, x):
    """Squeezes the result through float16: three digits, overflow above 65504."""
    return jax.vmap(f)(x).astype(jnp.float16).astype(jnp.float32)


def batched__rounded(f, x):
    """Rounds to four decimals, which destroys small numbers."""
    return jnp.round(jax.vmap(f)(x), 4)


def batched__clipped_input(f, x):
    """Clips the input to [-10, 10]; the article's sizes reach 100."""
    return jax.vmap(f)(jnp.clip(x, -10.0, 10.0))


def batched__interpolated(f, x):
    """Evaluates 200 points and interpolates: loses digits once n > 200."""
    if x.shape[0] <= 200:
        return jax.vmap(f)(x)
    grid = jnp.linspace(x.min(), x.max(), 200)
    return jnp.interp(x, grid, jax.vmap(f)(grid))


def batched__sorted(f, x):
    """Sorts the entries first and forgets to undo it."""
    return jax.vmap(f)(jnp.sort(x))


def batched__full_blocks_only(f, x):
    """Works in blocks of 64 and leaves the remainder at zero when n > 64 is no multiple."""
    n = x.shape[0]
    if n <= 64:
        return jax.vmap(f)(x)
    full = n // 64
    out = jax.vmap(jax.vmap(f))(x[: full * 64].reshape(full, 64)).ravel()
    return jnp.zeros_like(x).at[: full * 64].set(out)


def batched__fori_off_by_one(f, x):
    """The last entry is never computed (range ends at n - 1)."""
    return lax.fori_loop(
        0, x.shape[0] - 1, lambda i, o: o.at[i].set(f(x[i])), jnp.zeros_like(x)
    )


def batched__extra_axis(f, x):
    """Returns shape (n, 1) instead of (n,)."""
    return jax.vmap(lambda row: jnp.atleast_1d(f(row[0])))(x[:, None])


def batched__squeezed(f, x):
    """squeeze turns shape (1,) into () for n = 1."""
    return jnp.squeeze(jax.vmap(f)(x[:, None].ravel()))


def batched__double(f, x):
    """A NumPy float64 array: not the right dtype."""
    return np.asarray(jax.vmap(f)(x), dtype=np.float64)


def batched__python_list(f, x):
    """Returns a Python list of floats, which does not count as an array."""
    return jax.vmap(f)(x).tolist()


def batched__remembers(f, x, _seen={}):  # noqa: B006
    """State between calls: a memo keyed on the shape answers for the first f and x only."""
    if x.shape not in _seen:
        _seen[x.shape] = jax.vmap(f)(x)
    return _seen[x.shape]


def batched__donates(f, x):
    """Donates x: the argument does not survive the call."""
    return jax.jit(jax.vmap(f), donate_argnums=0)(x)


def batched__even_function(f, x):
    """Applies f to abs(x): right for positive entries only."""
    return jax.vmap(f)(jnp.abs(x))


def batched__linear_guess(f, x):
    """Takes f for a straight line through f(0) and f(1)."""
    start = f(jnp.float32(0.0))
    return start + (f(jnp.float32(1.0)) - start) * x


def batched__comprehension(f, x):
    """method: a list comprehension over the entries."""
    return jnp.stack([jnp.asarray(f(xi)) for xi in x])


def batched__python_map(f, x):
    """method: Python's map is a loop over the entries."""
    return jnp.array(list(map(f, x)), dtype=x.dtype)


def batched__np_vectorize(f, x):
    """method: np.vectorize is a host loop."""
    return np.vectorize(f, otypes=[np.float32])(x)


def batched__chunks_of_1000(f, x):
    """method: a Python loop over chunks of 1000 entries."""
    go = jax.jit(jax.vmap(f))
    return jnp.concatenate([go(x[s : s + 1000]) for s in range(0, x.shape[0], 1000)])


def batched__callback(f, x):
    """method: pure_callback with a loop over the entries on the host."""

    def host(v):
        return np.array([f(jnp.float32(t)) for t in np.asarray(v)], dtype=np.float32)

    return jax.pure_callback(host, jax.ShapeDtypeStruct(x.shape, jnp.float32), x)


def batched__halving(f, x):
    """method: a recursion that halves the batch, a loop in disguise."""
    return jnp.array(halves(f, x), dtype=jnp.float32)


def batched__tree_map(f, x):
    """method: tree.map over a list of the entries is a Python loop."""
    return jnp.stack(jax.tree.map(lambda t: jnp.asarray(f(t)), list(x)))


# ---------------------------------------------------------- batch_predict


def batch_predict__matrix_product(model, weights, features):
    """A matrix product: takes every model for a dot product."""
    return features @ weights


def batch_predict__no_vmap(model, weights, features):
    """Hands the whole table to a model made for one example."""
    return model(weights, features)


def batch_predict__wrong_axis_when_square(model, weights, features):
    """Finds the example axis by length; picks the columns when n = d."""
    axis = 1 if features.shape[0] == weights.shape[0] else 0
    return jax.vmap(model, in_axes=(None, axis))(weights, features)


def batch_predict__default_axes(model, weights, features):
    """Maps over the weights too (vmap's defaults): scalars reach the model, n must equal d."""
    return jax.vmap(model)(weights, features)


def batch_predict__swapped_arguments(model, weights, features):
    """model(features, weights): the same only for symmetric models."""
    return jax.vmap(model, in_axes=(0, None))(features, weights)


def batch_predict__half(model, weights, features):
    """Features in float16."""
    out = jax.vmap(model, (None, 0))(weights.astype(jnp.float16), features.astype(jnp.float16))
    return out.astype(jnp.float32)


def batch_predict__standardized(model, weights, features):
    """Divides the features by their largest size first; no prediction of the given model."""
    scaled = features / jnp.maximum(jnp.max(jnp.abs(features)), 1.0)
    return jax.vmap(model, in_axes=(None, 0))(weights, scaled)


def batch_predict__first_rows(model, weights, features):
    """Stops at row 512 and repeats it beyond."""
    out = jax.vmap(model, in_axes=(None, 0))(weights, features[:512])
    return jnp.pad(out, (0, features.shape[0] - out.shape[0]), mode="edge")


def batch_predict__not_negative(model, weights, features):
    """Predicts no negative prices, whatever the model says."""
    return jnp.maximum(jax.vmap(model, in_axes=(None, 0))(weights, features), 0.0)


def batch_predict__single_row_scalar(model, weights, features):
    """For n = 1 it returns shape ()."""
    if features.shape[0] == 1:
        return jnp.asarray(model(weights, features[0]))
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


def batch_predict__linearized(model, weights, features):
    """A first-order expansion around the mean row: exact for linear models only."""
    centre = features.mean(axis=0)
    value, slope = jax.value_and_grad(model, argnums=1)(weights, centre)
    return value + (features - centre) @ slope


def batch_predict__reshaped(model, weights, features):
    """Reads the rows out of the transposed table by reshape, a scramble unless n or d is 1."""
    n, d = features.shape
    return jax.vmap(model, in_axes=(None, 0))(weights, features.T.reshape(n, d))


def batch_predict__integer_features(model, weights, features):
    """House sizes as whole numbers: rounds the features."""
    return jax.vmap(model, in_axes=(None, 0))(weights, jnp.round(features))


def batch_predict__row_loop(model, weights, features):
    """method: a for loop over the rows."""
    out = []
    for row in features:
        out.append(model(weights, row))
    return jnp.stack(out)


def batch_predict__buffer_loop(model, weights, features):
    """method: a while loop that fills a NumPy buffer."""
    out, i = np.empty(features.shape[0], np.float32), 0
    while i < len(out):
        out[i] = model(weights, features[i])
        i += 1
    return jnp.asarray(out)


def batch_predict__np_apply(model, weights, features):
    """method: np.apply_along_axis loops over the rows on the host."""
    out = np.apply_along_axis(lambda r: np.asarray(model(weights, r)), 1, np.asarray(features))
    return jnp.asarray(out, jnp.float32)


def batch_predict__array_split(model, weights, features):
    """method: a Python loop over ten chunks, each with vmap."""
    run = jax.vmap(model, in_axes=(None, 0))
    chunks = jnp.array_split(features, min(10, features.shape[0]))
    return jnp.concatenate([run(weights, c) for c in chunks])


# ------------------------------------------------------- ensemble_predict


def ensemble_predict__matrix_product(model, weights, features):
    """weights @ features ignores the model."""
    return jnp.matmul(weights, features)


def ensemble_predict__columns(model, weights, features):
    """in_axes=(1, None): the wrong axis, silent when m = d."""
    return jax.vmap(model, in_axes=(1, None))(weights, features)


def ensemble_predict__square_columns(model, weights, features):
    """Right but for square matrices, where it takes columns."""
    m, d = weights.shape
    return jax.vmap(model, in_axes=(int(m == d), None))(weights, features)


def ensemble_predict__mean_model(model, weights, features):
    """Predicts with the mean model for everyone."""
    return jnp.broadcast_to(model(weights.mean(axis=0), features), weights.shape[:1])


def ensemble_predict__first_model(model, weights, features):
    """Only the first model is asked."""
    return jnp.repeat(jnp.asarray(model(weights[0], features)), weights.shape[0])


def ensemble_predict__swapped(model, weights, features):
    """Arguments of the model exchanged."""
    return jax.vmap(lambda w: model(features, w))(weights)


def ensemble_predict__bfloat_weights(model, weights, features):
    """Stores the weights in bfloat16 to save memory."""
    return jax.vmap(model, (0, None))(weights.astype(jnp.bfloat16).astype(jnp.float32), features)


def ensemble_predict__rolled(model, weights, features):
    """Every model answers for its neighbour (rolled by one); invisible for m = 1."""
    return jax.vmap(model, (0, None))(jnp.roll(weights, 1, axis=0), features)


def ensemble_predict__unique_models(model, weights, features):
    """jnp.unique drops repeated models and sorts them."""
    return jax.vmap(model, (0, None))(jnp.unique(weights, axis=0), features)


def ensemble_predict__small_is_zero(model, weights, features):
    """Sets predictions below 0.01 to zero."""
    out = jax.vmap(model, (0, None))(weights, features)
    return jnp.where(jnp.abs(out) < 1e-2, 0.0, out)


def ensemble_predict__prunes_weights(model, weights, features):
    """Prunes weights smaller than a thousandth of the largest."""
    keep = jnp.abs(weights) >= 1e-3 * jnp.max(jnp.abs(weights))
    return jax.vmap(model, (0, None))(weights * keep, features)


def ensemble_predict__table(model, weights, features):
    """Returns (m, 1), a column."""
    return jax.vmap(jax.vmap(model, (None, 0)), (0, None))(weights, features[None])


def ensemble_predict__running(model, weights, features):
    """A scan that hands each model the running mean of the models so far."""

    def step(carry, w):
        k, total = carry
        total = total + w
        return (k + 1.0, total), model(total / (k + 1.0), features)

    return lax.scan(step, (0.0, jnp.zeros(weights.shape[1])), weights)[1]


def ensemble_predict__stack_of_calls(model, weights, features):
    """method: jnp.array of a comprehension over the models."""
    return jnp.array([model(weights[i], features) for i in range(len(weights))])


def ensemble_predict__starmap(model, weights, features):
    """method: itertools.starmap over the models."""
    pairs = zip(weights, itertools.repeat(features))
    return jnp.stack(list(itertools.starmap(model, pairs)))


def ensemble_predict__reduce(model, weights, features):
    """method: functools.reduce appends one model after the other."""

    def grow(out, w):
        return jnp.append(out, model(w, features))

    return functools.reduce(grow, weights, jnp.zeros(0, weights.dtype))


def ensemble_predict__chunks_of_64(model, weights, features):
    """method: vmap, but in Python chunks of 64 models."""
    run, parts = jax.jit(jax.vmap(model, (0, None))), []
    for start in range(0, weights.shape[0], 64):
        parts.append(run(weights[start : start + 64], features))
    return jnp.concatenate(parts)


# ------------------------------------------------------- parallel_predict


def parallel_predict__einsum(model, weights, features):
    """Row-wise dot products instead of the model."""
    return jnp.einsum("nd,nd->n", weights, features)


def parallel_predict__both_columns(model, weights, features):
    """in_axes=1 for both: silent when n = d."""
    return jax.vmap(model, in_axes=1)(weights, features)


def parallel_predict__shared_weights(model, weights, features):
    """All examples meet the first model."""
    return jax.vmap(model, in_axes=(None, 0))(weights[0], features)


def parallel_predict__shared_example(model, weights, features):
    """All models meet the first example."""
    return jax.vmap(model, in_axes=(0, None))(weights, features[0])


def parallel_predict__whole_table(model, weights, features):
    """All pairs: shape (n, n)."""
    return jax.vmap(jax.vmap(model, (None, 0)), (0, None))(weights, features)


def parallel_predict__table_means(model, weights, features):
    """Averages over the wrong thing: mean over all examples for each model."""
    return jax.vmap(jax.vmap(model, (None, 0)), (0, None))(weights, features).mean(axis=1)


def parallel_predict__anti_diagonal(model, weights, features):
    """Model i on example n - 1 - i."""
    return jax.vmap(model)(weights, features[::-1])


def parallel_predict__lagged(model, weights, features):
    """A scan that uses the previous model, the first one its own: right for n = 1."""

    def step(before, pair):
        w, x = pair
        return w, model(before, x)

    return lax.scan(step, weights[0], (weights, features))[1]


def parallel_predict__swapped(model, weights, features):
    """Exchanges weights and features."""
    return jax.vmap(model)(features, weights)


def parallel_predict__transposed_features(model, weights, features):
    """Transposes one of the two when the matrix is square."""
    if features.shape[0] == features.shape[1]:
        features = features.T
    return jax.vmap(model)(weights, features)


def parallel_predict__int_weights(model, weights, features):
    """Quantizes the weights to steps of 1/256."""
    return jax.vmap(model)(jnp.round(weights * 256) / 256, features)


def parallel_predict__fori_start_one(model, weights, features):
    """fori_loop from 1: entry 0 stays zero."""
    n = weights.shape[0]
    body = lambda i, o: o.at[i].set(model(weights[i], features[i]))  # noqa: E731
    return lax.fori_loop(1, n, body, jnp.zeros(n))


def parallel_predict__big_batches_broken(model, weights, features):
    """Past 256 rows it reuses the models cyclically."""
    n = weights.shape[0]
    return jax.vmap(lambda i: model(weights[i % 256], features[i]))(jnp.arange(n))


def parallel_predict__zip_loop(model, weights, features):
    """method: zip and a comprehension."""
    return jnp.stack([model(w, x) for w, x in zip(weights, features)])


def parallel_predict__starred_map(model, weights, features):
    """method: Python's map over both."""
    return jnp.asarray(list(map(model, weights, features)))


def parallel_predict__unrolled_vmap(model, weights, features):
    """method: a Python loop over rows hides behind a vmap of length one."""
    run = jax.vmap(model)
    rows = range(weights.shape[0])
    return jnp.concatenate([run(weights[i : i + 1], features[i : i + 1]) for i in rows])


def parallel_predict__host_scan(model, weights, features):
    """method: accumulate walks over the rows in Python."""
    rows = range(weights.shape[0])
    steps = itertools.accumulate(
        rows, lambda out, i: out.at[i].set(model(weights[i], features[i])),
        initial=jnp.zeros(weights.shape[0]),
    )
    return list(steps)[-1]


# --------------------------------------------------------- column_predict


def column_predict__rows(model, weights, features):
    """in_axes=(None, 0): wrong axis, silent when d = n."""
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


def column_predict__rows_when_square(model, weights, features):
    """Guesses the axis by its length; square tables come out by rows."""
    axis = features.shape.index(weights.shape[0])
    rows = features if axis == 0 and features.shape[1] == weights.shape[0] else features.T
    return jax.vmap(model, in_axes=(None, 0))(weights, rows)


def column_predict__reshape(model, weights, features):
    """reshape(n, d) is not a transpose."""
    d, n = features.shape
    return jax.vmap(model, in_axes=(None, 0))(weights, features.reshape(n, d))


def column_predict__vector_matrix(model, weights, features):
    """weights @ features takes the model for a dot product."""
    return weights @ features


def column_predict__swapaxes_twice(model, weights, features):
    """Transposes and then maps over axis 1: back to the rows."""
    return jax.vmap(model, in_axes=(None, 1))(weights, jnp.swapaxes(features, 0, 1))


def column_predict__weights_mapped(model, weights, features):
    """Feeds scalars: maps weights over 0 and features over 0, then adds up the parts."""
    parts = jax.vmap(lambda w, row: jax.vmap(lambda x: model(w[None], x[None]))(row))
    return parts(weights, features).sum(axis=0)


def column_predict__reversed_columns(model, weights, features):
    """Reads the entries of each column bottom-up."""
    return jax.vmap(model, in_axes=(None, 1))(weights, features[::-1])


def column_predict__wide_only(model, weights, features):
    """Transposes only tables wider than high."""
    d, n = features.shape
    if n >= d:
        return jax.vmap(model, in_axes=(None, 1))(weights, features)
    return jax.vmap(lambda j: model(weights, features[:, 0] + 0 * j))(jnp.arange(float(n)))


def column_predict__half(model, weights, features):
    """bfloat16 table."""
    return jax.vmap(model, (None, 1))(weights, features.astype(jnp.bfloat16).astype(jnp.float32))


def column_predict__sorted_columns(model, weights, features):
    """Sorts within the columns."""
    return jax.vmap(model, in_axes=(None, 1))(weights, jnp.sort(features, axis=0))


def column_predict__capped(model, weights, features):
    """Caps predictions at 1000, beyond which prices 'cannot' go."""
    return jnp.minimum(jax.vmap(model, in_axes=(None, 1))(weights, features), 1000.0)


def column_predict__last_column_twice(model, weights, features):
    """Windows of two columns, shifted: the first column is lost, the last counted twice."""
    n = features.shape[1]
    index = jnp.minimum(jnp.arange(n) + 1, n - 1)
    return jax.vmap(model, in_axes=(None, 1))(weights, features[:, index])


def column_predict__keeps_axis(model, weights, features):
    """Returns (1, n)."""
    return jax.vmap(lambda c: model(weights, c)[None], in_axes=1, out_axes=1)(features)


def column_predict__over_columns(model, weights, features):
    """method: a comprehension over the columns."""
    return jnp.stack([model(weights, features[:, j]) for j in range(features.shape[1])])


def column_predict__iterates_transposed(model, weights, features):
    """method: a generator over features.T."""
    return jnp.array(tuple(model(weights, column) for column in features.T))


def column_predict__np_vectorize_signature(model, weights, features):
    """method: np.vectorize with a signature still loops on the host."""
    run = np.vectorize(model, signature="(d),(d)->()", otypes=[np.float32])
    return run(np.asarray(weights), np.asarray(features).T)


def column_predict__two_by_two(model, weights, features):
    """method: a Python loop over pairs of columns."""
    run, n = jax.vmap(model, (None, 1)), features.shape[1]
    return jnp.concatenate([run(weights, features[:, j : j + 2]) for j in range(0, n, 2)])


# --------------------------------------------------------- double_batched


def double_batched__whole_tables(f, a, b):
    """f(a, b): f is written for scalars."""
    return f(a, b)


def double_batched__one_level(f, a, b):
    """One vmap only: f receives rows."""
    return jax.vmap(f)(a, b)


def double_batched__crossed(f, a, b):
    """b is walked through by columns: [i, j] meets [j, i], silent when r = c."""
    return jax.vmap(jax.vmap(f), in_axes=(0, 1))(a, b)


def double_batched__crossed_if_square(f, a, b):
    """Only square tables are crossed."""
    if a.shape[0] == a.shape[1]:
        b = b.T
    return jax.vmap(jax.vmap(f))(a, b)


def double_batched__result_transposed(f, a, b):
    """Returns (c, r)."""
    return jax.vmap(jax.vmap(f), in_axes=1)(a, b)


def double_batched__scrambled(f, a, b):
    """Flattens by columns, folds up by rows; the same for one row or one column."""
    flat = jax.vmap(f)(a.T.ravel(), b.T.ravel())
    return flat.reshape(a.shape)


def double_batched__swapped(f, a, b):
    """f(b, a)."""
    return jax.vmap(jax.vmap(f))(b, a)


def double_batched__first_row_of_b(f, a, b):
    """in_axes=(0, None) with b's first row for all."""
    return jax.vmap(lambda row: jax.vmap(f)(row, b[0]))(a)


def double_batched__diagonal_only(f, a, b):
    """Fills the diagonal, zeros elsewhere."""
    k = jnp.arange(min(a.shape))
    return jnp.zeros_like(a).at[k, k].set(jax.vmap(f)(a[k, k], b[k, k]))


def double_batched__flat_result(f, a, b):
    """Forgets to fold the flat result: shape (r * c,)."""
    return jax.vmap(f)(a.reshape(-1), b.reshape(-1))


def double_batched__bfloat(f, a, b):
    """One of the tables in bfloat16."""
    rough = b.astype(jnp.bfloat16).astype(jnp.float32)
    return jax.vmap(jax.vmap(f))(a, rough)


def double_batched__square_blocks(f, a, b):
    """fori_loop with k // r instead of k // c: right for square tables only."""
    r, c = a.shape

    def body(k, out):
        i, j = k // r, k % r
        return out.at[i, j].set(f(a[i, j], b[i, j]))

    return lax.fori_loop(0, r * c, body, jnp.zeros_like(a))


def double_batched__equal_entries(f, a, b):
    """Puts zero where the entries are equal, as if f were a difference."""
    return jnp.where(a == b, 0.0, jax.vmap(jax.vmap(f))(a, b))


def double_batched__whole_scaled(f, a, b):
    """Divides both tables by 16 and multiplies back: f is not linear."""
    return 16.0 * jax.vmap(jax.vmap(f))(a / 16.0, b / 16.0)


def double_batched__double_loop(f, a, b):
    """method: two nested comprehensions."""
    r, c = a.shape
    return jnp.array([[f(a[i, j], b[i, j]) for j in range(c)] for i in range(r)], dtype=a.dtype)


def double_batched__row_loop(f, a, b):
    """method: vmap in the row, a Python loop over the rows."""
    return jnp.stack([jax.vmap(f)(u, v) for u, v in zip(a, b)])


def double_batched__host_grid(f, a, b):
    """method: np.frompyfunc loops on the host."""
    return np.frompyfunc(f, 2, 1)(np.asarray(a), np.asarray(b)).astype(np.float32)


def double_batched__column_pieces(f, a, b):
    """method: jnp.split into single columns, each with vmap."""
    pieces = zip(jnp.split(a, a.shape[1], axis=1), jnp.split(b, b.shape[1], axis=1))
    return jnp.hstack([jax.vmap(jax.vmap(f))(p, q) for p, q in pieces])


# -------------------------------------------------------------- all_pairs


def all_pairs__entrywise(f, a, b):
    """vmap over both at once: shape (n,), not pairs."""
    return jax.vmap(f)(a, b)


def all_pairs__transposed(f, a, b):
    """Levels exchanged: shape (m, n)."""
    return jax.vmap(jax.vmap(f, (0, None)), (None, 0))(a, b)


def all_pairs__transposed_if_square(f, a, b):
    """Transposed when n = m."""
    table = jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b)
    return table.T if a.size == b.size else table


def all_pairs__wrong_order(f, a, b):
    """f(b[j], a[i]): symmetric f only."""
    return jax.vmap(lambda p: jax.vmap(lambda q: f(q, p))(b))(a)


def all_pairs__meshgrid(f, a, b):
    """meshgrid's default 'xy' order, reshaped (not transposed) to (n, m)."""
    left, right = jnp.meshgrid(a, b)
    return jax.vmap(f)(left.ravel(), right.ravel()).reshape(a.size, b.size)


def all_pairs__symmetrized(f, a, b):
    """For n = m it computes the upper triangle and mirrors it."""
    table = jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b)
    if a.size != b.size:
        return table
    return jnp.triu(table) + jnp.triu(table, 1).T


def all_pairs__a_with_a(f, a, b):
    """Pairs a with itself when the lengths agree."""
    other = a if a.shape == b.shape else b
    return jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, other)


def all_pairs__broadcast_call(f, a, b):
    """f(a[:, None], b): f is written for scalars."""
    return f(a[:, None], b[None, :])


def all_pairs__outer_product(f, a, b):
    """jnp.outer: takes f for the product."""
    return jnp.outer(a, b)


def all_pairs__separable(f, a, b):
    """Assumes f(p, q) = f(p, 0) + f(0, q) - f(0, 0)."""
    zero = jnp.float32(0.0)
    left = jax.vmap(lambda p: f(p, zero))(a)
    right = jax.vmap(lambda q: f(zero, q))(b)
    return left[:, None] + right[None, :] - f(zero, zero)


def all_pairs__flat(f, a, b):
    """Right values in the wrong shape (n * m,)."""
    return jax.vmap(f)(jnp.repeat(a, b.size), jnp.tile(b, a.size))


def all_pairs__tile_tile(f, a, b):
    """Tiles both, so row i no longer belongs to a[i]; hidden for n = 1 or m = 1."""
    n, m = a.size, b.size
    return jax.vmap(f)(jnp.tile(a, m), jnp.tile(b, n)).reshape(n, m)


def all_pairs__half(f, a, b):
    """float16 arguments."""
    table = jax.vmap(jax.vmap(f, (None, 0)), (0, None))
    return table(a.astype(jnp.float16), b.astype(jnp.float16)).astype(jnp.float32)


def all_pairs__capped_columns(f, a, b):
    """Repeats column 100 for all columns beyond."""
    index = jnp.minimum(jnp.arange(b.size), 100)
    return jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b[index])


def all_pairs__squeezed(f, a, b):
    """squeeze drops a row or column of length one."""
    return jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b).squeeze()


def all_pairs__zero_diagonal(f, a, b):
    """Sets [i, i] to zero, as if it were a distance matrix."""
    table = jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b)
    return table * (1.0 - jnp.eye(*table.shape))


def all_pairs__product_loop(f, a, b):
    """method: itertools.product over all pairs."""
    flat = [f(p, q) for p, q in itertools.product(a, b)]
    return jnp.array(flat, dtype=a.dtype).reshape(a.size, b.size)


def all_pairs__row_loop(f, a, b):
    """method: a loop over a with vmap over b."""
    rows = []
    for p in a:
        rows.append(jax.vmap(lambda q, p=p: f(p, q))(b))
    return jnp.vstack(rows)


def all_pairs__sum_of_lists(f, a, b):
    """method: the rows collected by functools.reduce, one at a time."""
    row = jax.jit(jax.vmap(f, in_axes=(None, 0)))
    return jnp.stack(functools.reduce(operator.add, ([row(p, b)] for p in a)))


def all_pairs__host_outer(f, a, b):
    """method: np.frompyfunc(...).outer on the host."""
    table = np.frompyfunc(f, 2, 1).outer(np.asarray(a), np.asarray(b))
    return np.asarray(table, dtype=np.float32)


# ----------------------------------------------------------- a second round


def batched__from_the_middle(f, x):
    """The two halves of an even batch have changed places."""
    y = jax.vmap(f)(x)
    return jnp.roll(y, x.size // 2) if x.size % 2 == 0 else y


def batched__stops_at_nan(f, x):
    """Whatever lies above a million is taken for infinite."""
    y = jax.vmap(f)(x)
    return jnp.where(jnp.abs(y) > 1e6, jnp.inf, y)


def batched__averaged_ties(f, x):
    """Past eight entries, the last is the mean of all others."""
    y = jax.vmap(f)(x)
    return y.at[-1].set(y[:-1].mean()) if x.size > 8 else y


def batch_predict__missing_bias(model, weights, features):
    """Less what the model gives for an example of zeros."""
    at_zero = model(weights, jnp.zeros_like(weights))
    return jax.vmap(model, in_axes=(None, 0))(weights, features) - at_zero


def batch_predict__bounded_memo(model, weights, features, seen=[]):
    """A mutable default keeps the first weights of each length."""
    for old in seen:
        if old.shape == weights.shape:
            weights = old
            break
    else:
        seen.append(weights)
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


def ensemble_predict__generator(model, weights, features):
    """method: a generator over the models, read into an array."""
    return jnp.stack(list(map(lambda w: model(w, features), weights)))


def ensemble_predict__normalised_weights(model, weights, features):
    """Weights of length above one are brought to length one."""
    length = jnp.maximum(1.0, jnp.linalg.norm(weights, axis=1, keepdims=True))
    return jax.vmap(model, in_axes=(0, None))(weights / length, features)


def parallel_predict__two_short(model, weights, features):
    """The last example meets the model before the last."""
    n = weights.shape[0]
    order = jnp.minimum(jnp.arange(n), max(n - 2, 0))
    return jax.vmap(model)(weights[order], features)


def column_predict__flipped(model, weights, features):
    """The columns from right to left."""
    return jax.vmap(model, in_axes=(None, 1))(weights, features[:, ::-1])


def double_batched__recursion(f, a, b):
    """method: recursion takes off the first row."""
    first = jax.vmap(f)(a[0], b[0])[None]
    if a.shape[0] == 1:
        return first
    return jnp.concatenate([first, double_batched__recursion(f, a[1:], b[1:])])


def double_batched__second_is_first(f, a, b):
    """Where both tables have one column, a is used twice."""
    return jax.vmap(jax.vmap(f))(a, a if a.shape[1] == 1 else b)


def all_pairs__sorted_columns(f, a, b):
    """The columns belong to the sorted b."""
    return jax.vmap(lambda p: jax.vmap(lambda q: f(p, q))(jnp.sort(b)))(a)
