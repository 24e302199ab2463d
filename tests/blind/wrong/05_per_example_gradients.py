"""Wrong answers to exercise 5: one gradient per example, and their mean."""

from functools import partial, reduce

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, lax, vmap


def rows_of(loss, params, x, y):
    """The right rows."""
    return vmap(grad(loss), in_axes=(None, 0, 0))(params, x, y)


def halves(one, x, y):
    """Recursion: splits the examples in two until one is left."""
    if x.shape[0] == 1:
        return one(x[0], y[0])[None]
    middle = x.shape[0] // 2
    left = halves(one, x[:middle], y[:middle])
    return jnp.concatenate([left, halves(one, x[middle:], y[middle:])])


# ------------------------------------------------------ per_example_gradients
def per_example_gradients__python_loop(loss, params, x, y):
    """method: a Python loop over the examples."""
    g = jax.jit(jax.grad(loss))
    return jnp.stack([g(params, x[i], y[i]) for i in range(x.shape[0])])


def per_example_gradients__loop_traced_in_jit(loss, params, x, y):
    """method: a list comprehension over the examples, hidden in a jit."""
    return jax.jit(lambda a, b: jnp.stack([grad(loss)(params, *ab) for ab in zip(a, b)]))(x, y)


def per_example_gradients__builtin_map(loss, params, x, y):
    """method: the builtin map is a Python loop."""
    return jnp.array(list(map(partial(grad(loss), params), x, y)))


def per_example_gradients__tree_map_over_examples(loss, params, x, y):
    """method: tree.map over lists of examples is a Python loop."""
    rows = jax.tree.map(lambda a, b: grad(loss)(params, a, b), list(x), list(y))
    return jnp.stack(rows)


def per_example_gradients__recursion(loss, params, x, y):
    """method: recursion down to single examples is a Python loop."""
    return halves(lambda a, b: grad(loss)(params, a, b), jnp.asarray(x), jnp.asarray(y))


def per_example_gradients__chunks_of_32(loss, params, x, y):
    """method: a Python loop over chunks of 32."""
    parts = [rows_of(loss, params, x[i : i + 32], y[i : i + 32]) for i in range(0, len(x), 32)]
    return jnp.concatenate(parts)


def per_example_gradients__chunks_of_1000(loss, params, x, y):
    """method: a Python loop over chunks of 1000 examples."""
    done = 0
    out = []
    while done < x.shape[0]:
        out.append(rows_of(loss, params, x[done : done + 1000], y[done : done + 1000]))
        done += 1000
    return jnp.vstack(out)


def per_example_gradients__array_split(loss, params, x, y):
    """method: a Python loop over four parts."""
    parts = zip(jnp.array_split(x, 4), jnp.array_split(y, 4))
    return jnp.concatenate([rows_of(loss, params, a, b) for a, b in parts if a.size])


def per_example_gradients__np_vectorize(loss, params, x, y):
    """method: np.vectorize is a Python loop on the host."""
    one = lambda a, b: np.asarray(grad(loss)(params, a, b))
    return np.vectorize(one, signature="(),()->(p)")(np.asarray(x), np.asarray(y))


def per_example_gradients__pure_callback(loss, params, x, y):
    """method: a loop on the host, behind pure_callback."""
    g = grad(loss)

    def host(a, b):
        return np.stack([np.asarray(g(params, *ab)) for ab in zip(np.asarray(a), np.asarray(b))])

    shape = jax.ShapeDtypeStruct((x.shape[0], params.shape[0]), jnp.float32)
    return jax.pure_callback(host, shape, x, y)


def per_example_gradients__transposed(loss, params, x, y):
    """Shape (p, n); at n = p only the numbers tell."""
    return vmap(grad(loss), in_axes=(None, 0, 0), out_axes=1)(params, x, y)


def per_example_gradients__reshaped(loss, params, x, y):
    """A reshape instead of a transpose: right shape, entries in the wrong places."""
    columns = vmap(grad(loss), in_axes=(None, 0, 0), out_axes=-1)(params, x, y)
    return columns.reshape(x.shape[0], params.shape[0])


def per_example_gradients__all_pairs(loss, params, x, y):
    """Every x with every y: shape (n, n, p)."""
    return vmap(vmap(grad(loss), (None, None, 0)), (None, 0, None))(params, x, y)


def per_example_gradients__in_x(loss, params, x, y):
    """Differentiates in x: shape (n,)."""
    return vmap(grad(loss, argnums=1), in_axes=(None, 0, 0))(params, x, y)


def per_example_gradients__divided_by_n(loss, params, x, y):
    """The Jacobian of losses / n: every row is divided by n; right at n = 1."""
    return jax.jacrev(lambda p: vmap(loss, (None, 0, 0))(p, x, y) / x.shape[0])(params)


def per_example_gradients__mean_in_every_row(loss, params, x, y):
    """Every row holds the mean gradient."""
    return jnp.broadcast_to(rows_of(loss, params, x, y).mean(0), (x.shape[0], params.shape[0]))


def per_example_gradients__clipped_rows(loss, params, x, y):
    """Clips every row to the length 1."""
    rows = rows_of(loss, params, x, y)
    return rows / jnp.maximum(1.0, jnp.linalg.norm(rows, axis=1, keepdims=True))


def per_example_gradients__clipped_entries(loss, params, x, y):
    """Clips at +-1e5; the article's data exceed it."""
    return jnp.clip(rows_of(loss, params, x, y), -1e5, 1e5)


def per_example_gradients__bfloat16_data(loss, params, x, y):
    """x and y go through bfloat16."""
    low = lambda v: jnp.asarray(v).astype(jnp.bfloat16).astype(jnp.float32)
    return rows_of(loss, params, low(x), low(y))


def per_example_gradients__float16_table(loss, params, x, y):
    """The table is filled in float16."""
    return rows_of(loss, params, x, y).astype(jnp.float16).astype(jnp.float32)


def per_example_gradients__first_fifty(loss, params, x, y):
    """The rows after the 50th stay zero."""
    rows = rows_of(loss, params, x, y)
    return jnp.where(jnp.arange(x.shape[0])[:, None] < 50, rows, 0.0)


def per_example_gradients__sorted(loss, params, x, y):
    """Sorts the examples by x first: right for sorted data only."""
    order = jnp.argsort(x)
    return rows_of(loss, params, x[order], y[order])


def per_example_gradients__unique_examples(loss, params, x, y):
    """Drops the examples that occur twice."""
    data = np.unique(np.stack([np.asarray(x), np.asarray(y)], 1), axis=0)
    return rows_of(loss, params, jnp.array(data[:, 0]), jnp.array(data[:, 1]))


def per_example_gradients__squeezed(loss, params, x, y):
    """Loses an axis where n = 1 or p = 1."""
    return jnp.squeeze(rows_of(loss, params, x, y))


def per_example_gradients__finite_differences(loss, params, x, y):
    """Central differences in float32."""
    batch = lambda p: vmap(loss, (None, 0, 0))(p, x, y)
    eye = 1e-2 * jnp.eye(params.shape[0])
    return vmap(lambda e: (batch(params + e) - batch(params - e)) / 2e-2, out_axes=1)(eye)


def per_example_gradients__trains_on_the_way(loss, params, x, y):
    """Stochastic gradient descent: the params move a little after each example."""

    def body(p, xy):
        g = grad(loss)(p, *xy)
        return p - 1e-5 * g, g

    return lax.scan(body, params, (x, y))[1]


# ------------------------------------------------------------- batch_gradient
def batch_gradient__sum(loss, params, x, y):
    """The sum, not the mean; right at n = 1."""
    return jnp.sum(rows_of(loss, params, x, y), axis=0)


def batch_gradient__n_minus_one(loss, params, x, y):
    """Divides by n - 1 (by 1 at n = 1)."""
    return rows_of(loss, params, x, y).sum(0) / max(x.shape[0] - 1, 1)


def batch_gradient__wrong_axis(loss, params, x, y):
    """The mean over the params: shape (n,), which at n = p looks right."""
    return jnp.mean(rows_of(loss, params, x, y), axis=1)


def batch_gradient__total_mean(loss, params, x, y):
    """A scalar: the mean over everything."""
    return jnp.mean(rows_of(loss, params, x, y))


def batch_gradient__at_the_mean_example(loss, params, x, y):
    """The gradient at the mean of the examples: right for n = 1 or equal examples only."""
    return grad(loss)(params, jnp.mean(x), jnp.mean(y))


def batch_gradient__median(loss, params, x, y):
    """The median: the mean only for n = 1 and n = 2."""
    return jnp.median(rows_of(loss, params, x, y), axis=0)


def batch_gradient__mean_of_clipped_rows(loss, params, x, y):
    """Clips the rows to the length 1 before averaging."""
    rows = rows_of(loss, params, x, y)
    length = jnp.linalg.norm(rows, axis=1)[:, None]
    return jnp.mean(rows / jnp.maximum(1.0, length), axis=0)


def batch_gradient__mean_of_chunk_means(loss, params, x, y):
    """The mean of the means of chunks of 10: wrong where the last chunk is smaller."""
    rows = rows_of(loss, params, x, y)
    n = rows.shape[0]
    chunk = jnp.arange(n) // 10
    sums = jax.ops.segment_sum(rows, chunk, num_segments=-(-n // 10))
    counts = jax.ops.segment_sum(jnp.ones(n), chunk, num_segments=-(-n // 10))
    return jnp.mean(sums / counts[:, None], axis=0)


def batch_gradient__padded_unmasked(loss, params, x, y):
    """Pads to a multiple of 8 by repeating the last example and averages the padding too."""
    pad = -x.shape[0] % 8
    x, y = jnp.pad(x, (0, pad), mode="edge"), jnp.pad(y, (0, pad), mode="edge")
    return jnp.mean(lax.map(lambda xy: grad(loss)(params, *xy), (x, y), batch_size=8), axis=0)


def batch_gradient__drops_the_remainder(loss, params, x, y):
    """Leaves out the examples after the last full batch of 4."""
    n = x.shape[0] // 4 * 4 or x.shape[0]
    return rows_of(loss, params, x[:n], y[:n]).mean(axis=0)


def batch_gradient__first_hundred(loss, params, x, y):
    """Estimates the mean from the first 100 examples."""
    return jnp.mean(rows_of(loss, params, x[:100], y[:100]), axis=0)


def batch_gradient__bfloat16_rows(loss, params, x, y):
    """Averages in bfloat16."""
    rows = rows_of(loss, params, x, y).astype(jnp.bfloat16)
    return jnp.mean(rows, axis=0).astype(jnp.float32)


def batch_gradient__running_average(loss, params, x, y):
    """An exponential moving average, which weighs the last examples more."""
    rows = rows_of(loss, params, x, y)
    return lax.scan(lambda m, r: (0.9 * m + 0.1 * r, None), rows[0], rows[1:])[0]


def batch_gradient__python_loop(loss, params, x, y):
    """method: adds the gradients up in a Python loop."""
    total = jnp.zeros_like(params)
    for a, b in zip(x, y):
        total = total + grad(loss)(params, a, b)
    return total / len(x)


def batch_gradient__functools_reduce(loss, params, x, y):
    """method: functools.reduce over the examples is a Python loop."""
    n = x.shape[0]
    step = lambda acc, i: acc + grad(loss)(params, x[i], y[i]) / n
    return reduce(step, range(n), jnp.zeros_like(params))


def batch_gradient__loop_of_losses(loss, params, x, y):
    """method: the mean loss is built by a Python loop over the examples, under jit and grad."""

    @jax.jit
    def mean_loss(p):
        return sum(loss(p, x[i], y[i]) for i in range(x.shape[0])) / x.shape[0]

    return grad(mean_loss)(params)


def batch_gradient__chunks_of_256(loss, params, x, y):
    """method: a Python loop over chunks of 256, correctly weighted."""
    total = 0.0
    for i in range(0, x.shape[0], 256):
        total += rows_of(loss, params, x[i : i + 256], y[i : i + 256]).sum(axis=0)
    return total / x.shape[0]


def batch_gradient__host_callback(loss, params, x, y):
    """method: a host loop behind pure_callback."""

    def host(p, a, b):
        rows = [np.asarray(grad(loss)(jnp.asarray(p), s, t)) for s, t in zip(a, b)]
        return np.mean(rows, axis=0, dtype=np.float32)

    out = jax.ShapeDtypeStruct(params.shape, jnp.float32)
    return jax.pure_callback(host, out, params, np.asarray(x), np.asarray(y))


def batch_gradient__unit_length(loss, params, x, y):
    """Normalises the mean to the length 1."""
    g = rows_of(loss, params, x, y).mean(axis=0)
    return g / (jnp.linalg.norm(g) + 1e-12)


def batch_gradient__without_outliers(loss, params, x, y):
    """Leaves out rows longer than twice the median length."""
    rows = rows_of(loss, params, x, y)
    length = jnp.linalg.norm(rows, axis=1)
    keep = length <= 2 * jnp.median(length)
    return jnp.sum(jnp.where(keep[:, None], rows, 0), axis=0) / jnp.sum(keep)


def batch_gradient__root_of_losses(loss, params, x, y):
    """The gradient of the root of the mean loss."""
    return grad(lambda p: jnp.sqrt(jnp.mean(vmap(loss, (None, 0, 0))(p, x, y))))(params)


def batch_gradient__row_vector(loss, params, x, y):
    """keepdims leaves the shape (1, p)."""
    return jnp.mean(rows_of(loss, params, x, y), axis=0, keepdims=True)


def batch_gradient__nonzero_rows(loss, params, x, y):
    """Averages over the rows that are not zero: wrong where the model fits some exactly."""
    rows = rows_of(loss, params, x, y)
    used = jnp.any(rows != 0, axis=1)
    return jnp.sum(rows, axis=0) / jnp.maximum(jnp.sum(used), 1)


def batch_gradient__weights_by_size(loss, params, x, y):
    """Weighs the examples by |x|."""
    w = jnp.abs(x) / jnp.maximum(jnp.sum(jnp.abs(x)), 1e-12)
    return w @ rows_of(loss, params, x, y)


def batch_gradient__random_half(loss, params, x, y):
    """A mini-batch: averages over a random half of the examples."""
    pick = jax.random.permutation(jax.random.key(0), x.shape[0])[: (x.shape[0] + 1) // 2]
    return rows_of(loss, params, x[pick], y[pick]).mean(axis=0)


# ----------------------------------------------------------- a second round


def per_example_gradients__normalised(loss, params, x, y):
    """Each longer than one is brought to length one."""
    g = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return g / jnp.maximum(1.0, jnp.linalg.norm(g, axis=1, keepdims=True))


def per_example_gradients__divided(loss, params, x, y):
    """Divided by n, so that they add up to the gradient of the mean."""
    return jax.jacrev(lambda p: jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y) / x.size)(params)


def per_example_gradients__last_twice(loss, params, x, y):
    """The first example is lost, the last one counted twice."""
    later = jnp.minimum(jnp.arange(x.size) + 1, x.size - 1)
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x[later], y[later])


def per_example_gradients__y_of_neighbour(loss, params, x, y):
    """The x of one example with the y of the next."""
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, jnp.roll(y, 1))


def batch_gradient__absolute(loss, params, x, y):
    """The mean size of the gradients."""
    return jnp.mean(jnp.abs(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)), axis=0)


def batch_gradient__pieces(loss, params, x, y):
    """method: a Python loop over pieces of 32 adds up."""
    grads = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))
    parts = [grads(params, x[i : i + 32], y[i : i + 32]).sum(0) for i in range(0, x.size, 32)]
    return sum(parts) / x.size
