"""Right answers in unusual styles: 01_vmap."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def batched__lax_map(f, x):
    """`lax.map`, one entry after the other."""
    return lax.map(f, x)


def batched__scan_outputs(f, x):
    """`lax.scan` without a carry, the stacked outputs are the answer."""

    def step(carry, value):
        return carry, f(value)

    _, results = lax.scan(step, None, x)
    return results


def batched__fori_loop(f, x):
    """`lax.fori_loop` writing into an array of zeros."""
    x = jnp.asarray(x)

    def write(i, results):
        return results.at[i].set(f(x[i]))

    return lax.fori_loop(0, x.shape[0], write, jnp.zeros_like(x))


def batched__while_loop(f, x):
    """`lax.while_loop` with a counter in the state."""
    x = jnp.asarray(x)

    def unfinished(state):
        return state[0] < x.shape[0]

    def advance(state):
        i, results = state
        return i + 1, results.at[i].set(f(x[i]))

    return lax.while_loop(unfinished, advance, (0, jnp.empty_like(x)))[1]


def batched__vectorize_decorator(f, x):
    """`jnp.vectorize` as a decorator."""

    @jnp.vectorize
    def everywhere(value):
        return f(value)

    return everywhere(x)


def batched__as_a_column(f, x):
    """Two nested `vmap` over x as an (n, 1) table, flattened again."""
    table = jnp.reshape(x, (-1, 1))
    return jax.vmap(jax.vmap(f))(table).ravel()


def batched__numpy_result(f, x):
    """A jitted `vmap`, handed back as a NumPy array."""
    return np.asarray(jax.jit(jax.vmap(f))(x))


def batch_predict__transposed_vmap(model, weights, features):
    """`vmap` along the columns of the transposed table."""
    return jax.vmap(model, in_axes=(None, 1), out_axes=0)(weights, features.T)


def batch_predict__partial_lax_map(model, weights, features):
    """`lax.map` of a partial function with the weights fixed."""
    return lax.map(partial(model, weights), features)


def batch_predict__repeated_weights(model, weights, features):
    """The weights broadcast to every example, then a plain `vmap`."""
    copies = jnp.broadcast_to(weights, features.shape)
    return jax.vmap(model)(copies, features)


def batch_predict__scan_carries_weights(model, weights, features):
    """`lax.scan` that carries the weights along unchanged."""
    return lax.scan(lambda w, example: (w, model(w, example)), weights, features)[1]


def batch_predict__vectorize_signature(model, weights, features):
    """`jnp.vectorize` with a signature for the one-example function."""
    return jnp.vectorize(model, signature="(d),(d)->()")(weights, features)


def batch_predict__callable_object(model, weights, features):
    """A callable object that holds the model and its weights."""

    class Predictor:
        def __init__(self, model, weights):
            self.model = model
            self.weights = weights

        def __call__(self, example):
            return self.model(self.weights, example)

    return jax.vmap(Predictor(model, weights))(features)


def ensemble_predict__lax_map_in_pairs(model, weights, features):
    """`lax.map` over the models with a batch size."""
    return lax.map(lambda row: model(row, features), weights, batch_size=2)


def ensemble_predict__keyword_closure(model, weights, features):
    """`vmap` of a closure that sees the example from outside."""

    @jax.jit
    @jax.vmap
    def predict_one(one_model):
        return model(one_model, features)

    return predict_one(weights)


def ensemble_predict__by_index(model, weights, features):
    """`vmap` over the row numbers, each looks its model up."""
    weights = jnp.asarray(weights)
    rows = jnp.arange(weights.shape[0])
    return jax.vmap(lambda i: model(weights[i], features))(rows)


def ensemble_predict__tiled_example(model, weights, features):
    """The example repeated once per model, then a plain `vmap`."""
    examples = jnp.tile(features, (weights.shape[0], 1))
    return jax.vmap(model)(weights, examples)


def ensemble_predict__fori_loop(model, weights, features):
    """`lax.fori_loop` with a slice of the weights for each model."""
    count = weights.shape[0]

    def write(i, scores):
        row = lax.dynamic_index_in_dim(weights, i, keepdims=False)
        return scores.at[i].set(model(row, features))

    return lax.fori_loop(0, count, write, jnp.zeros(count, jnp.float32))


def ensemble_predict__numpy_from_columns(model, weights, features):
    """`vmap` along axis 1 of the transposed weights, as a NumPy array."""
    return np.asarray(jax.vmap(model, in_axes=(-1, None))(weights.T, features))


def parallel_predict__lax_map_of_pairs(model, weights, features):
    """`lax.map` over a tuple of both tables."""
    return lax.map(lambda pair: model(*pair), (weights, features))


def parallel_predict__stacked(model, weights, features):
    """Both tables stacked to (n, 2, d), taken apart inside the `vmap`."""
    both = jnp.stack([weights, features], axis=1)
    return jax.vmap(lambda pair: model(pair[0], pair[1]))(both)


def parallel_predict__side_by_side(model, weights, features):
    """Both tables joined to (n, 2d), split inside the `vmap`."""
    d = weights.shape[1]
    joined = jnp.concatenate([weights, features], axis=1)
    return jax.vmap(lambda row: model(row[:d], row[d:]))(joined)


def parallel_predict__diagonal_of_all(model, weights, features):
    """Every model on every example, of which the diagonal is kept."""
    on_all_examples = jax.vmap(model, in_axes=(None, 0))
    table = jax.vmap(on_all_examples, in_axes=(0, None))(weights, features)
    return jnp.diagonal(table)


def parallel_predict__named_tuple(model, weights, features):
    """`vmap` over one argument that is a NamedTuple of the two tables."""

    class Pair(NamedTuple):
        weights: jax.Array
        features: jax.Array

    @jax.vmap
    def predict(pair):
        return model(pair.weights, pair.features)

    return predict(Pair(weights, features))


def parallel_predict__scan(model, weights, features):
    """`lax.scan` over both tables at once."""

    def step(_, pair):
        one_model, example = pair
        return None, model(one_model, example)

    return lax.scan(step, None, (weights, features))[1]


def column_predict__transposed_first(model, weights, features):
    """The table transposed, then its rows."""
    return jax.vmap(partial(model, weights))(jnp.transpose(features))


def column_predict__last_axis(model, weights, features):
    """`in_axes` counted from the end."""
    return jax.vmap(model, in_axes=(None, -1))(weights, features)


def column_predict__lax_map(model, weights, features):
    """`lax.map` over the columns, moved to the front."""
    return lax.map(lambda column: model(weights, column), jnp.moveaxis(features, 1, 0))


def column_predict__by_index(model, weights, features):
    """`vmap` over the column numbers, with a dynamic slice."""

    def one(j):
        return model(weights, lax.dynamic_index_in_dim(features, j, axis=1, keepdims=False))

    return jax.vmap(one)(jnp.arange(features.shape[1]))


def column_predict__einsum_transpose(model, weights, features):
    """`einsum` turns the table, `jnp.vectorize` applies the model."""
    examples = jnp.einsum("dn->nd", features)
    return jnp.vectorize(lambda v: model(weights, v), signature="(d)->()")(examples)


def column_predict__scan_into_buffer(model, weights, features):
    """`lax.scan` that carries the result and fills in one number a step."""
    features = jnp.asarray(features)
    n = features.shape[1]

    def step(results, j):
        return results.at[j].set(model(weights, features[:, j])), None

    return lax.scan(step, jnp.zeros((n,), jnp.float32), jnp.arange(n))[0]


def double_batched__flattened(f, a, b):
    """One flattened `vmap`, reshaped at the end."""
    return jax.vmap(f)(a.reshape(-1), b.reshape(-1)).reshape(a.shape)


def double_batched__transposed(f, a, b):
    """Columns outside, rows inside, put back by `out_axes`."""
    return jax.vmap(jax.vmap(f), in_axes=1, out_axes=1)(a, b)


def double_batched__lax_map_of_rows(f, a, b):
    """`lax.map` over the rows, `vmap` inside a row."""
    return lax.map(lambda rows: jax.vmap(f)(*rows), (a, b))


def double_batched__vectorize(f, a, b):
    """`jnp.vectorize`."""
    return jnp.vectorize(f)(a, b)


def double_batched__nested_scan(f, a, b):
    """A scan over the rows with a scan over the entries inside."""

    def over_entries(_, entries):
        return None, f(*entries)

    def over_rows(_, rows):
        return None, lax.scan(over_entries, None, rows)[1]

    return lax.scan(over_rows, None, (a, b))[1]


def double_batched__decorated(f, a, b):
    """Two stacked decorators and `jit` on top."""

    @jax.jit
    @partial(jax.vmap, in_axes=(0, 0))
    @partial(jax.vmap, in_axes=(0, 0))
    def entry(p, q):
        return f(p, q)

    return entry(a, b)


def double_batched__last_axis_pairs(f, a, b):
    """The tables stacked to (r, c, 2), as a NumPy array."""
    pairs = jnp.stack([a, b], axis=-1)
    return np.asarray(jax.vmap(jax.vmap(lambda pair: f(pair[0], pair[1])))(pairs))


def all_pairs__columns_outside(f, a, b):
    """The outer `vmap` walks along b and writes columns."""
    column = jax.vmap(f, in_axes=(0, None))
    return jax.vmap(column, in_axes=(None, 0), out_axes=1)(a, b)


def all_pairs__meshgrid(f, a, b):
    """`meshgrid` with matrix indexing, then two plain `vmap`."""
    rows, columns = jnp.meshgrid(a, b, indexing="ij")
    return jax.vmap(jax.vmap(f))(rows, columns)


def all_pairs__repeat_and_tile(f, a, b):
    """All pairs as two long vectors, one `vmap`, reshaped."""
    first = jnp.repeat(a, b.shape[0])
    second = jnp.tile(b, a.shape[0])
    return jnp.reshape(jax.vmap(f)(first, second), (a.shape[0], b.shape[0]))


def all_pairs__vectorize_broadcast(f, a, b):
    """`jnp.vectorize` on a column and a row."""
    return jnp.vectorize(f)(a[:, None], b[None, :])


def all_pairs__lax_map_rows(f, a, b):
    """`lax.map` over a, each row by a `vmap` with the entry fixed."""
    return lax.map(lambda entry: jax.vmap(partial(f, entry))(b), a)


def all_pairs__row_and_column_numbers(f, a, b):
    """One `vmap` over running numbers, split with `divmod`."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    n, m = a.size, b.size

    def numbered(k):
        i, j = jnp.divmod(k, m)
        return f(a[i], b[j])

    return jax.vmap(numbered)(jnp.arange(n * m)).reshape(n, m)


def all_pairs__transposed_at_the_end(f, a, b):
    """The table built with b outside, then transposed."""
    table = jax.vmap(lambda q: jax.vmap(lambda p: f(p, q))(a))(b)
    return table.T
