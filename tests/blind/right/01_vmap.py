"""Right answers to 01_vmap, in many hands."""

import functools
import math
import operator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Mapper:
    """Vectorizes whatever it is given, with fixed axes."""

    def __init__(self, fun, axes=0):
        self.mapped = jax.jit(jax.vmap(fun, in_axes=axes))

    def __call__(self, *args):
        return self.mapped(*args)


class Pair(NamedTuple):
    """Two things mapped together."""

    left: Any
    right: Any


def compose(*functions):
    """compose(f, g, h)(x) = f(g(h(x)))."""
    return functools.reduce(lambda f, g: lambda *a: f(g(*a)), functions)


# ---------------------------------------------------------------- batched


def batched__plain(f, x):
    """The model solution."""
    return jax.vmap(f)(x)


def batched__lax_map_odd_chunks(f, x):
    """lax.map with a batch size that never divides the length."""
    return lax.map(f, x, batch_size=7)


def batched__scan_unrolled(f, x):
    """A scan with an empty tuple as its carry, unrolled three times."""
    _, out = lax.scan(lambda carry, xi: (carry, f(xi)), (), x, unroll=3)
    return out


def batched__scan_backwards(f, x):
    """The scan runs from the last entry to the first; the outputs stay in their places."""
    return lax.scan(lambda _, xi: (None, f(xi)), None, x, reverse=True)[1]


def batched__fori_loop(f, x):
    """Fills a buffer from the end inside fori_loop."""
    n = x.shape[0]

    def body(i, out):
        k = n - 1 - i
        return out.at[k].set(f(x[k]))

    return lax.fori_loop(0, n, body, jnp.empty_like(x))


def batched__while_loop(f, x):
    """A while_loop with dynamic_index_in_dim."""

    def keep_going(state):
        return state[0] < x.size

    def step(state):
        i, out = state
        xi = lax.dynamic_index_in_dim(x, i, keepdims=False)
        return i + 1, lax.dynamic_update_index_in_dim(out, jnp.asarray(f(xi), out.dtype), i, 0)

    return lax.while_loop(keep_going, step, (jnp.int32(0), jnp.zeros(x.shape, x.dtype)))[1]


def batched__vectorize(f, x):
    """jnp.vectorize, which vmaps under the hood."""
    return jnp.vectorize(f)(x)


def batched__frompyfunc(f, x):
    """jnp.frompyfunc makes a ufunc that is a vmap, not a loop."""
    return jnp.frompyfunc(f, nin=1, nout=1)(x)


def batched__padded_blocks(f, x):
    """Pads with copies of the last entry to a square and maps twice."""
    side = math.isqrt(max(x.size - 1, 0)) + 1
    padded = jnp.pad(x, (0, side * side - x.size), mode="edge").reshape(side, side)
    return jax.vmap(jax.vmap(f))(padded).ravel()[: x.size]


def batched__column_of_rows(f, x):
    """Maps over rows of length one and strips the extra axis inside."""
    return jax.vmap(lambda row: f(row[0]))(x[:, None])


@functools.partial(jax.jit, static_argnums=0)
def batched__jit_static_function(f, x):
    """Compiled as a whole, f static."""
    return jax.vmap(f, in_axes=0, out_axes=0, axis_name="entry")(x)


def batched__numpy_out(f, x):
    """Hands back a NumPy array of the right dtype and shape."""
    return np.array(jax.vmap(f)(jnp.asarray(x)), dtype=np.float32)


def batched__debug_print(f, x):
    """Prints the largest value while computing, from inside jit."""

    @jax.jit
    def go(v):
        out = jax.vmap(f)(v)
        jax.debug.print("largest so far {m}", m=out.max())
        return out

    return go(x)


def batched__checkpointed_linearize(f, x):
    """The primal half of a linearization of the mapped, checkpointed function."""
    values, _ = jax.linearize(jax.vmap(jax.checkpoint(f)), x)
    return values


def batched__mapper_class(f, x):
    """A small class of its own."""
    return Mapper(f)(x)


def batched__apply_along_axis(f, x):
    """jnp.apply_along_axis (a vmap) over a table with one row per entry."""
    return jnp.apply_along_axis(lambda row: f(row[0]), 1, x.reshape(-1, 1))


def batched__recursion_free_tree(f, x):
    """Even and odd entries mapped as one pytree, then interleaved again."""
    n = x.shape[0]
    even, odd = x[0::2], jnp.resize(x[1::2], x[0::2].shape) if n > 1 else x
    out = jax.vmap(lambda p: Pair(f(p.left), f(p.right)))(Pair(even, odd))
    return jnp.stack(out, axis=1).reshape(-1)[:n]


# ---------------------------------------------------------- batch_predict


def batch_predict__plain(model, weights, features):
    """The article's in_axes=(None, 0)."""
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


def batch_predict__partial(model, weights, features):
    """The model with its weights filled in, then an ordinary vmap."""
    return jax.vmap(functools.partial(model, weights))(features)


def batch_predict__by_name(model, weights, features):
    """Calls the model by keyword, as the contract permits."""
    return jax.vmap(lambda example: model(weights=weights, features=example))(features)


def batch_predict__tiled(model, weights, features):
    """Copies the weights n times and maps over both."""
    copies = jnp.broadcast_to(weights, features.shape)
    return jax.vmap(model)(copies, features)


def batch_predict__transposed(model, weights, features):
    """Turns the table over and maps over its columns."""
    return jax.vmap(model, in_axes=(None, 1), out_axes=0)(weights, features.T)


def batch_predict__lax_map(model, weights, features):
    """Sequential lax.map, five rows at a time."""
    return lax.map(lambda row: model(weights, row), features, batch_size=5)


def batch_predict__signature(model, weights, features):
    """jnp.vectorize with a signature; weights broadcast by themselves."""
    return jnp.vectorize(model, signature="(d),(d)->()")(weights, features)


def batch_predict__excluded(model, weights, features):
    """jnp.vectorize with the weights excluded."""
    return jnp.vectorize(model, excluded=(0,), signature="(d)->()")(weights, features)


def batch_predict__scan_weights_in_carry(model, weights, features):
    """The shared weights travel in the carry of a scan."""

    def step(w, row):
        return w, model(w, row)

    same_weights, out = lax.scan(step, weights, features, unroll=4)
    return out


def batch_predict__fori(model, weights, features):
    """fori_loop over row numbers."""
    n, _ = features.shape
    start = jnp.zeros(n, features.dtype)
    return lax.fori_loop(0, n, lambda i, out: out.at[i].set(model(weights, features[i])), start)


def batch_predict__indices(model, weights, features):
    """Maps over row numbers and gathers inside."""
    return jax.vmap(lambda i: model(weights, features[i]))(jnp.arange(len(features)))


def batch_predict__flat_slices(model, weights, features):
    """Flattens the table; every example is a dynamic slice of it."""
    d = weights.size
    flat = features.ravel()
    starts = d * jnp.arange(features.shape[0])
    return jax.vmap(lambda s: model(weights, lax.dynamic_slice(flat, (s,), (d,))))(starts)


def batch_predict__dict_axes(model, weights, features):
    """One dictionary argument with its own in_axes."""

    def run(batch):
        return model(batch["w"], batch["x"])

    return jax.vmap(run, in_axes=({"w": None, "x": 0},))({"w": weights, "x": features})


def batch_predict__jitted_twice(model, weights, features):
    """jit inside and outside, with a named axis."""
    inner = jax.jit(model)
    return jax.jit(jax.vmap(inner, (None, 0), axis_name="examples"))(weights, features)


def batch_predict__negative_axis(model, weights, features):
    """The row axis counted from behind."""
    return jax.vmap(model, in_axes=(None, -2))(weights, features)


def batch_predict__many_by_many(model, weights, features):
    """The one model is an ensemble of one."""
    table = jax.vmap(jax.vmap(model, (None, 0)), (0, None))(weights[None], features)
    return table.squeeze(axis=0)


# ------------------------------------------------------- ensemble_predict


def ensemble_predict__plain(model, weights, features):
    """The article's in_axes=(0, None)."""
    return jax.vmap(model, in_axes=(0, None))(weights, features)


def ensemble_predict__list_axes(model, weights, features):
    """in_axes by a tuple made from a list; out_axes spelled out."""
    return jax.vmap(model, in_axes=tuple([0, None]), out_axes=0)(weights, features)


def ensemble_predict__keyword_partial(model, weights, features):
    """The example is bound by keyword."""
    return jax.vmap(functools.partial(model, features=features))(weights)


def ensemble_predict__swapped_lambda(model, weights, features):
    """A wrapper with the arguments the other way round."""
    return jax.vmap(lambda x, w: model(w, x), (None, 0))(features, weights)


def ensemble_predict__repeat(model, weights, features):
    """np.repeat-style copies of the example."""
    m = weights.shape[0]
    return jax.vmap(model)(weights, jnp.repeat(features[None, :], m, axis=0))


def ensemble_predict__vectorized(model, weights, features):
    """A generalized ufunc: the example broadcasts against the models."""
    return jnp.vectorize(model, signature="(k),(k)->()")(weights, features)


def ensemble_predict__lax_map_three(model, weights, features):
    """lax.map over the models, three at once."""
    return lax.map(lambda w: model(w, features), weights, batch_size=3)


def ensemble_predict__scan(model, weights, features):
    """A scan that also counts the models, for no reason."""
    count, out = lax.scan(lambda k, w: (k + 1, model(w, features)), 0, weights)
    return out


def ensemble_predict__while(model, weights, features):
    """while_loop counting down."""
    m = weights.shape[0]

    def body(state):
        left, out = state
        return left - 1, out.at[left - 1].set(model(weights[left - 1], features))

    start = (jnp.asarray(m), jnp.zeros((m,), weights.dtype))
    return lax.while_loop(lambda s: s[0] > 0, body, start)[1]


def ensemble_predict__columns(model, weights, features):
    """The models as columns of the transposed matrix."""
    return jax.vmap(model, in_axes=(1, None))(jnp.swapaxes(weights, 0, 1), features)


def ensemble_predict__jitted_closure(model, weights, features):
    """The example captured in a compiled closure."""

    @jax.jit
    def answer_of(w):
        return model(w, features)

    return jax.jit(jax.vmap(answer_of))(weights)


def ensemble_predict__numpy(model, weights, features):
    """NumPy in between, NumPy out, float32 all the way."""
    table = np.asarray(weights)
    out = jax.vmap(model, (0, None))(table, np.asarray(features))
    return np.asarray(out)


def ensemble_predict__class(model, weights, features):
    """The helper class with its axes."""
    return Mapper(model, (0, None))(weights, features)


def ensemble_predict__pair_tuple(model, weights, features):
    """A NamedTuple as the one argument, axes in the same NamedTuple."""
    run = jax.vmap(lambda p: model(p.left, p.right), in_axes=(Pair(0, None),))
    return run(Pair(weights, features))


def ensemble_predict__vjp_primal(model, weights, features):
    """Throws the pullback away and keeps the values."""
    values, _ = jax.vjp(lambda w: jax.vmap(model, (0, None))(w, features), weights)
    return values


# ------------------------------------------------------- parallel_predict


def parallel_predict__plain(model, weights, features):
    """Both over axis 0."""
    return jax.vmap(model, in_axes=(0, 0))(weights, features)


def parallel_predict__default(model, weights, features):
    """vmap's default axes are already right."""
    return jax.vmap(model)(weights, features)


def parallel_predict__star(model, weights, features):
    """lax.map over a tuple of both, two at a time."""
    return lax.map(lambda pair: model(*pair), (weights, features), batch_size=2)


def parallel_predict__both_transposed(model, weights, features):
    """Both matrices turned over, mapped over their columns."""
    return jax.vmap(model, in_axes=1)(weights.T, features.T)


def parallel_predict__one_transposed(model, weights, features):
    """Only one of them turned over."""
    return jax.vmap(model, in_axes=(0, 1))(weights, jnp.transpose(features))


def parallel_predict__stacked(model, weights, features):
    """One array of shape (n, 2, d), split again inside."""
    both = jnp.stack([weights, features], axis=1)
    return jax.vmap(lambda wx: model(wx[0], wx[1]))(both)


def parallel_predict__concatenated(model, weights, features):
    """One array of shape (n, 2d)."""
    d = features.shape[1]
    long_rows = jnp.concatenate([weights, features], axis=-1)
    return jax.vmap(lambda row: model(row[:d], row[d:]))(long_rows)


def parallel_predict__scan_dict(model, weights, features):
    """Scans over a dictionary."""
    pairs = {"w": weights, "x": features}
    return lax.scan(lambda c, p: (c, model(p["w"], p["x"])), None, pairs)[1]


def parallel_predict__fori_unrolled(model, weights, features):
    """fori_loop with an unroll factor that need not divide n."""
    out = jnp.zeros(weights.shape[:1], features.dtype)

    def body(i, acc):
        return acc.at[i].add(model(weights[i], features[i]))

    return lax.fori_loop(0, weights.shape[0], body, out, unroll=4)


def parallel_predict__diagonal(model, weights, features):
    """Wasteful: every model on every example, then the diagonal."""
    every = jax.vmap(jax.vmap(model, (None, 0)), (0, None))(weights, features)
    return jnp.diagonal(every)


def parallel_predict__signature(model, weights, features):
    """jnp.vectorize with core dimensions."""
    return jnp.vectorize(model, signature="(n),(n)->()")(weights, features)


def parallel_predict__shuffled(model, weights, features):
    """Works in a reversed order and undoes it."""
    order = jnp.arange(weights.shape[0])[::-1]
    out = jax.vmap(model)(weights[order], features[order])
    return jnp.zeros_like(out).at[order].set(out)


def parallel_predict__index_map(model, weights, features):
    """Maps over i with take along axis 0."""
    pick = functools.partial(jnp.take, axis=0)
    return jax.vmap(lambda i: model(pick(weights, i), pick(features, i)))(jnp.arange(len(weights)))


def parallel_predict__names(model, weights, features):
    """vmap over keyword arguments, which always map axis 0."""
    return jax.vmap(model)(weights=weights, features=features)


@functools.partial(jax.jit, static_argnames=("model",))
def parallel_predict__remat(model, weights, features):
    """jit around vmap around checkpoint."""
    return jax.vmap(jax.remat(model))(weights, features)


# --------------------------------------------------------- column_predict


def column_predict__plain(model, weights, features):
    """Axis 1 of the table."""
    return jax.vmap(model, in_axes=(None, 1))(weights, features)


def column_predict__transpose_first(model, weights, features):
    """features.T, then rows."""
    return jax.vmap(model, in_axes=(None, 0))(weights, features.T)


def column_predict__last_axis(model, weights, features):
    """Minus one is axis 1 as well."""
    return jax.vmap(model, in_axes=(None, -1), out_axes=-1)(weights, features)


def column_predict__moveaxis_map(model, weights, features):
    """lax.map needs rows: moveaxis gives them."""
    return lax.map(functools.partial(model, weights), jnp.moveaxis(features, 1, 0))


def column_predict__lax_map_chunks(model, weights, features):
    """Eleven columns at a time."""
    rows = lax.transpose(features, (1, 0))
    return lax.map(lambda col: model(weights, col), rows, batch_size=11)


def column_predict__dynamic_slice(model, weights, features):
    """Cuts column j out of the table with a dynamic slice."""
    d, n = features.shape

    def one(j):
        return model(weights, lax.dynamic_slice(features, (0, j), (d, 1))[:, 0])

    return jax.vmap(one)(jnp.arange(n))


def column_predict__column_indexing(model, weights, features):
    """features[:, j] inside vmap."""
    return jax.vmap(lambda j: model(weights, features[:, j]))(jnp.arange(features.shape[1]))


def column_predict__fortran_reshape(model, weights, features):
    """A Fortran-ordered reshape transposes too."""
    d, n = features.shape
    rows = features.reshape(d * n, order="F").reshape(n, d)
    return jax.vmap(lambda r: model(weights, r))(rows)


def column_predict__einsum_transpose(model, weights, features):
    """einsum as a transpose."""
    return jax.vmap(model, (None, 0))(weights, jnp.einsum("dn->nd", features))


def column_predict__apply_along_axis(model, weights, features):
    """jnp.apply_along_axis down the columns; it is built on vmap."""
    return jnp.apply_along_axis(lambda col: model(weights, col), 0, features)


def column_predict__scan(model, weights, features):
    """A reversed scan over the transposed table."""
    return lax.scan(lambda c, r: (c, model(weights, r)), 0.0, features.T, reverse=True, unroll=2)[1]


def column_predict__fori(model, weights, features):
    """fori_loop writing with a one-hot addition."""
    n = features.shape[1]
    spots = jnp.arange(n)

    def body(j, out):
        return jnp.where(spots == j, model(weights, features[:, j]), out)

    return lax.fori_loop(0, n, body, jnp.zeros(n, features.dtype))


def column_predict__vectorize(model, weights, features):
    """A gufunc on the transposed view."""
    return jnp.vectorize(model, signature="(d),(d)->()")(weights, jnp.matrix_transpose(features))


def column_predict__numpy_rows(model, weights, features):
    """np.ascontiguousarray of the transposed table, and a NumPy result."""
    rows = np.ascontiguousarray(np.asarray(features).T)
    return np.asarray(jax.jit(jax.vmap(model, (None, 0)))(weights, rows))


def column_predict__operator(model, weights, features):
    """vmap over a pytree of d vectors, one for each row of the table; stacked inside."""
    rows = tuple(features)
    return jax.vmap(lambda *entries: model(weights, jnp.stack(entries)))(*rows)


# --------------------------------------------------------- double_batched


def double_batched__plain(f, a, b):
    """Two levels of vmap."""
    return jax.vmap(jax.vmap(f))(a, b)


def double_batched__flat(f, a, b):
    """One flattened vmap, folded up again."""
    return jax.vmap(f)(a.ravel(), b.ravel()).reshape(a.shape)


def double_batched__columns_first(f, a, b):
    """Outer level over the columns, put back with out_axes."""
    return jax.vmap(jax.vmap(f), in_axes=1, out_axes=1)(a, b)


def double_batched__transposed_twice(f, a, b):
    """Transposes in and out."""
    return jax.vmap(jax.vmap(f))(a.T, b.T).T


def double_batched__vectorize(f, a, b):
    """jnp.vectorize takes any shape."""
    return jnp.vectorize(f)(a, b)


def double_batched__ufunc(f, a, b):
    """A JAX ufunc with two inputs."""
    return jnp.frompyfunc(f, 2, 1)(a, b)


def double_batched__map_of_vmap(f, a, b):
    """lax.map over rows, vmap within a row."""
    return lax.map(lambda rows: jax.vmap(f)(rows[0], rows[1]), (a, b), batch_size=2)


def double_batched__map_of_map(f, a, b):
    """Two nested lax.maps."""
    return lax.map(lambda p: lax.map(lambda q: f(*q), p), (a, b))


def double_batched__scan_in_vmap(f, a, b):
    """vmap outside, a scan inside."""

    def row(u, v):
        return lax.scan(lambda c, uv: (c, f(uv[0], uv[1])), None, (u, v), unroll=2)[1]

    return jax.vmap(row)(a, b)


def double_batched__fori_divmod(f, a, b):
    """One fori_loop over all entries, numbered row by row."""
    r, c = a.shape

    def body(k, out):
        i, j = k // c, k % c
        return out.at[i, j].set(f(a[i, j], b[i, j]))

    return lax.fori_loop(0, r * c, body, jnp.zeros((r, c), a.dtype))


def double_batched__last_axis(f, a, b):
    """The pairs along a new last axis."""
    pairs = jnp.stack((a, b), axis=-1).reshape(-1, 2)
    return jax.vmap(lambda p: f(p[0], p[1]))(pairs).reshape(a.shape)


def double_batched__fortran(f, a, b):
    """Column-major flattening, undone column-major."""
    flat = jax.vmap(f)(a.flatten(order="F"), b.flatten(order="F"))
    return flat.reshape(a.shape, order="F")


def double_batched__composed(f, a, b):
    """jit, vmap and vmap put together by a helper."""
    return compose(jax.jit, jax.vmap, jax.vmap)(f)(a, b)


@functools.partial(jax.jit, static_argnums=(0,))
def double_batched__mixed_axes(f, a, b):
    """a comes transposed, b not; the inner axes follow."""
    return jax.vmap(jax.vmap(f), in_axes=(1, 0))(a.T, b)


def double_batched__meshed_indices(f, a, b):
    """Maps over index grids."""
    rows, columns = jnp.indices(a.shape)
    at = jax.vmap(jax.vmap(lambda i, j: f(a[i, j], b[i, j])))
    return at(rows, columns)


def double_batched__numpy(f, a, b):
    """Flattened, and a float32 NumPy array at the end."""
    out = jax.vmap(f)(jnp.asarray(a).reshape(-1), jnp.asarray(b).reshape(-1))
    return np.asarray(out, dtype=np.float32).reshape(np.shape(a))


# -------------------------------------------------------------- all_pairs


def all_pairs__plain(f, a, b):
    """Outer vmap the rows, inner vmap the columns."""
    return jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b)


def all_pairs__inside_out(f, a, b):
    """Columns outside, put on axis 1 with out_axes."""
    return jax.vmap(jax.vmap(f, (0, None)), in_axes=(None, 0), out_axes=1)(a, b)


def all_pairs__transposed(f, a, b):
    """Builds the transposed table and turns it."""
    return jax.vmap(lambda q: jax.vmap(lambda p: f(p, q))(a))(b).T


def all_pairs__vectorize(f, a, b):
    """Broadcasting a column against a row through jnp.vectorize."""
    return jnp.vectorize(f)(a[:, None], b[None, :])


def all_pairs__ufunc_outer(f, a, b):
    """The outer method of a JAX ufunc."""
    return jnp.frompyfunc(f, 2, 1).outer(a, b)


def all_pairs__meshgrid_ij(f, a, b):
    """meshgrid with matrix indexing, two vmaps."""
    left, right = jnp.meshgrid(a, b, indexing="ij")
    return jax.vmap(jax.vmap(f))(left, right)


def all_pairs__meshgrid_xy(f, a, b):
    """meshgrid's default indexing with the arguments swapped on purpose."""
    right, left = jnp.meshgrid(b, a)
    return jax.vmap(f)(left.ravel(), right.ravel()).reshape(a.size, b.size)


def all_pairs__repeat_tile(f, a, b):
    """repeat the one, tile the other, map once."""
    left, right = jnp.repeat(a, b.shape[0]), jnp.tile(b, a.shape[0])
    return jax.vmap(f)(left, right).reshape(a.shape + b.shape)


def all_pairs__lax_map(f, a, b):
    """lax.map over the rows in chunks of three, vmap over the columns."""
    return lax.map(lambda p: jax.vmap(functools.partial(f, p))(b), a, batch_size=3)


def all_pairs__scan(f, a, b):
    """scan over a, vmap over b."""
    return lax.scan(lambda shared, p: (shared, jax.vmap(lambda q: f(p, q))(shared)), b, a)[1]


def all_pairs__fori(f, a, b):
    """Fills the table column by column."""
    column = jax.vmap(f, in_axes=(0, None))
    start = jnp.zeros((a.size, b.size), a.dtype)
    return lax.fori_loop(0, b.size, lambda j, t: t.at[:, j].set(column(a, b[j])), start)


def all_pairs__divmod(f, a, b):
    """Numbers the pairs, finds row and column by divmod."""
    k = jnp.arange(a.size * b.size)
    i, j = jnp.divmod(k, b.size)
    return jax.vmap(lambda i, j: f(a[i], b[j]))(i, j).reshape(a.size, b.size)


def all_pairs__jitted(f, a, b):
    """jit around each level."""
    row = jax.jit(jax.vmap(f, in_axes=(None, 0)))
    return jax.jit(jax.vmap(row, in_axes=(0, None)))(a, b)


def all_pairs__swapped(f, a, b):
    """Swaps the arguments of f, and swaps back by the axes."""
    g = lambda q, p: f(p, q)  # noqa: E731
    return jax.vmap(jax.vmap(g, (0, None)), (None, 0))(b, a)


def all_pairs__attrgetter(f, a, b):
    """A NamedTuple with one axis and one None at each level."""
    get = operator.attrgetter("left", "right")
    inner = jax.vmap(lambda p: f(*get(p)), in_axes=(Pair(None, 0),))
    return jax.vmap(inner, in_axes=(Pair(0, None),))(Pair(a, b))


def all_pairs__broadcast_to(f, a, b):
    """Both tables written out by broadcast_in_dim, lax.map of vmap over them."""
    shape = (a.shape[0], b.shape[0])
    left = lax.broadcast_in_dim(a, shape, (0,))
    right = lax.broadcast_in_dim(b, shape, (1,))
    return lax.map(lambda rows: jax.vmap(f)(*rows), (left, right))


# ----------------------------------------------------------- a second round


def batched__switching_halves(f, x):
    """An even batch is folded into a table of two rows."""
    match x.shape[0] % 2:
        case 0:
            return jax.vmap(jax.vmap(f))(x.reshape(2, -1)).reshape(-1)
        case _:
            return jax.vmap(f)(x)


def batched__named_axis(f, x):
    """A vmap whose axis has a name."""
    return jax.vmap(f, axis_name="entries", axis_size=x.shape[0])(x)


def batch_predict__map_of_remainders(model, weights, features):
    """lax.map in threes, the model closed over its weights and rematerialised."""
    return lax.map(jax.checkpoint(functools.partial(model, weights)), features, batch_size=3)


def ensemble_predict__negative_axis(model, weights, features):
    """The models are moved to the last axis and mapped there."""
    return jax.vmap(lambda f, w: model(w, f), in_axes=(None, -1))(features, weights.T)


def column_predict__out_axes(model, weights, features):
    """Negative axes on the way in and on the way out."""
    return jax.vmap(model, in_axes=(None, -1), out_axes=-1)(weights, features)


def double_batched__signature(f, a, b):
    """jnp.vectorize with a signature of scalars."""
    return jnp.vectorize(f, signature="(),()->()")(a, b)


def all_pairs__printing(f, a, b):
    """Every row says so while it runs."""

    def row(p):
        jax.debug.print("row {p}", p=p)
        return jax.vmap(functools.partial(f, p))(b)

    return lax.map(row, a)


def all_pairs__index_arithmetic(f, a, b):
    """One vmap over the cell's number."""
    n, m = a.size, b.size
    return jax.vmap(lambda k: f(a[k // m], b[k % m]))(jnp.arange(n * m)).reshape(n, m)
