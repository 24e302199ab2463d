"""Right answers to exercise 5: one gradient per example, and their mean."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import grad, jacfwd, jacrev, jit, jvp, lax, linearize, value_and_grad, vjp, vmap


def losses_of(loss, x, y):
    """The vector of losses as a function of the shared params."""
    return lambda params: vmap(loss, in_axes=(None, 0, 0))(params, x, y)


# ------------------------------------------------------ per_example_gradients
def per_example_gradients__article(loss, params, x, y):
    """jit(vmap(grad(loss)))."""
    return jax.jit(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0)))(params, x, y)


def per_example_gradients__closure(loss, params, x, y):
    """vmap over a closure, the loss called by name."""
    one = lambda a, b: grad(lambda p: loss(params=p, x=a, y=b))(params)
    return vmap(one)(x, y)


def per_example_gradients__jacrev_of_batch(loss, params, x, y):
    """The reverse-mode Jacobian of the vector of losses."""
    return jacrev(losses_of(loss, x, y))(params)


def per_example_gradients__jacfwd_of_batch(loss, params, x, y):
    """The forward-mode Jacobian of the vector of losses."""
    return jit(jacfwd(losses_of(loss, x, y)))(params)


def per_example_gradients__tiled_params(loss, params, x, y):
    """One copy of the params for each example, gradient of the sum."""
    copies = jnp.tile(params, (len(x), 1))
    return grad(lambda ps: jnp.sum(vmap(loss)(ps, x, y)))(copies)


def per_example_gradients__lax_map_batches_of_7(loss, params, x, y):
    """lax.map in batches of seven, whatever n is."""
    return lax.map(lambda xy: grad(loss)(params, *xy), (x, y), batch_size=7)


def per_example_gradients__scan_unrolled(loss, params, x, y):
    """A scan, unrolled by three."""

    def body(p, xy):
        return p, jax.grad(loss)(p, xy[0], xy[1])

    _, rows = lax.scan(body, jnp.asarray(params), (x, y), unroll=3)
    return rows


def per_example_gradients__fori_loop(loss, params, x, y):
    """Fills a table row by row on the device."""
    x, y = jnp.asarray(x), jnp.asarray(y)
    table = jnp.zeros((x.shape[0], params.shape[0]), jnp.float32)
    body = lambda i, t: t.at[i].set(grad(loss)(params, x[i], y[i]))
    return lax.fori_loop(0, x.shape[0], body, table)


def per_example_gradients__while_loop(loss, params, x, y):
    """A while_loop with dynamic_update_slice."""
    x, y = jnp.asarray(x), jnp.asarray(y)

    def body(state):
        i, table = state
        row = value_and_grad(loss)(params, x[i], y[i])[1]
        return i + 1, lax.dynamic_update_slice(table, row[None], (i, 0))

    start = (0, jnp.empty((x.size, params.size), params.dtype))
    return lax.while_loop(lambda s: s[0] < x.size, body, start)[1]


def per_example_gradients__jnp_vectorize(loss, params, x, y):
    """jnp.vectorize with a signature is vmap in disguise."""
    return jnp.vectorize(grad(loss), signature="(p),(),()->(p)")(params, x, y)


def per_example_gradients__vjp_identity(loss, params, x, y):
    """Pulls every unit cotangent back."""
    values, pull = vjp(losses_of(loss, x, y), params)
    return vmap(pull)(jnp.eye(values.shape[0], dtype=values.dtype))[0]


def per_example_gradients__linearize_columns(loss, params, x, y):
    """Linearises the batch and pushes the unit vectors: columns, so out_axes=1."""
    _, push = linearize(losses_of(loss, x, y), params)
    return vmap(push, out_axes=1)(jnp.eye(params.shape[0], dtype=jnp.float32))


def per_example_gradients__loop_over_parameters(loss, params, x, y):
    """A Python loop over the p parameters (not over the examples): one jvp a column."""
    columns = []
    for j in range(params.shape[0]):
        unit = jnp.zeros_like(params).at[j].set(1.0)
        columns.append(jvp(losses_of(loss, x, y), (params,), (unit,))[1])
    return jnp.stack(columns, axis=1)


def per_example_gradients__columns_then_transpose(loss, params, x, y):
    """out_axes=1, then a transpose."""
    return vmap(grad(loss, argnums=0), in_axes=(None, 0, 0), out_axes=1)(params, x, y).T


def per_example_gradients__pairs_in_one_array(loss, params, x, y):
    """x and y stacked to (2, n), mapped over axis 1."""
    data = jnp.stack([x, y])
    return vmap(lambda c: grad(loss)(params, c[0], c[1]), in_axes=1)(data)


def per_example_gradients__checkpoint_print(loss, params, x, y):
    """Rematerialised and printing in every example."""

    @jax.checkpoint
    def noisy(p, a, b):
        out = loss(p, a, b)
        jax.debug.print("{a} -> {out}", a=a, out=out)
        return out

    return vmap(grad(noisy), (None, 0, 0))(params, x, y)


def per_example_gradients__numpy_out(loss, params, x, y):
    """The same, handed out as a NumPy array of float32."""
    return np.asarray(vmap(grad(loss), (None, 0, 0))(params, x, y))


@partial(jit, static_argnames=("loss",))
def per_example_gradients__static_loss(loss, params, x, y):
    """Forward mode inside, vmap outside, the loss static."""
    return vmap(jacfwd(loss), in_axes=(None, 0, 0))(params, x, y)


# ------------------------------------------------------------- batch_gradient
def batch_gradient__mean_of_rows(loss, params, x, y):
    """The article's own."""
    rows = jax.jit(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0)))(params, x, y)
    return jnp.mean(rows, axis=0)


def batch_gradient__gradient_of_mean(loss, params, x, y):
    """The gradient of the mean loss."""
    return grad(lambda p: jnp.mean(vmap(loss, (None, 0, 0))(p, x, y)))(params)


def batch_gradient__pull_back_weights(loss, params, x, y):
    """One pullback of the weights 1/n."""
    values, pull = vjp(losses_of(loss, x, y), params)
    return pull(jnp.full_like(values, 1.0 / values.size))[0]


def batch_gradient__lax_map_batches_of_5(loss, params, x, y):
    """lax.map with a batch size that rarely divides n."""
    rows = lax.map(lambda xy: grad(loss)(params, *xy), (x, y), batch_size=5)
    return rows.mean(axis=0)


def batch_gradient__running_sum(loss, params, x, y):
    """A scan that only keeps the sum."""
    add = lambda total, xy: (total + grad(loss)(params, *xy), None)
    total, _ = lax.scan(add, jnp.zeros_like(params), (x, y), unroll=4)
    return total / x.shape[0]


def batch_gradient__welford(loss, params, x, y):
    """Welford's running mean."""

    def update(carry, xy):
        count, mean = carry
        count = count + 1
        return (count, mean + (grad(loss)(params, *xy) - mean) / count), ()

    start = (jnp.float32(0), jnp.zeros_like(params))
    return lax.scan(update, start, (x, y))[0][1]


def batch_gradient__fori(loss, params, x, y):
    """A loop on the device."""
    a, b = map(jnp.asarray, (x, y))
    body = lambda i, g: g + grad(loss)(params, a[i], b[i]) / a.shape[0]
    return lax.fori_loop(0, a.shape[0], body, jnp.zeros_like(params))


def batch_gradient__associative_scan(loss, params, x, y):
    """The last of the prefix sums."""
    rows = vmap(grad(loss), (None, 0, 0))(params, x, y)
    return lax.associative_scan(jnp.add, rows)[-1] / rows.shape[0]


def batch_gradient__einsum(loss, params, x, y):
    """A contraction with the weights 1/n."""
    rows = vmap(grad(loss), (None, 0, 0))(params, x, y)
    weights = jnp.ones(rows.shape[0]) / rows.shape[0]
    return jnp.einsum("n,np->p", weights, rows, precision="highest")


def batch_gradient__jacrev(loss, params, x, y):
    """The mean over the rows of the Jacobian."""
    return jnp.average(jacrev(losses_of(loss, x, y))(params), axis=0)


def batch_gradient__forward_mode(loss, params, x, y):
    """The forward-mode gradient of the mean loss."""
    return jacfwd(lambda p: losses_of(loss, x, y)(p).mean())(params)


def batch_gradient__collective_mean(loss, params, x, y):
    """pmean over a named axis of vmap."""
    one = lambda a, b: lax.pmean(grad(loss)(params, a, b), axis_name="examples")
    return vmap(one, axis_name="examples")(x, y)[0]


def batch_gradient__padded_and_masked(loss, params, x, y):
    """Chunks of 16 in a scan; the last one is padded with example 0 and masked."""
    n, size = x.shape[0], 16
    index = jnp.arange(-(-n // size) * size)
    weight = (index < n).astype(jnp.float32).reshape(-1, size)
    index = jnp.where(index < n, index, 0).reshape(-1, size)
    x, y = jnp.asarray(x), jnp.asarray(y)

    def body(total, chunk):
        i, w = chunk
        rows = vmap(grad(loss), (None, 0, 0))(params, x[i], y[i])
        return total + jnp.sum(w[:, None] * rows, axis=0), None

    return lax.scan(body, jnp.zeros_like(params), (index, weight))[0] / n


def batch_gradient__loop_over_parameters(loss, params, x, y):
    """A Python loop over the parameters, none over the examples."""
    mean_loss = lambda p: jnp.mean(losses_of(loss, x, y)(p))
    push = linearize(mean_loss, params)[1]
    return jnp.array([push(e) for e in jnp.eye(params.shape[0], dtype=jnp.float32)])


def batch_gradient__value_and_grad(loss, params, x, y):
    """Sum of the losses, divided afterwards."""
    total = lambda p: jnp.sum(losses_of(loss, x, y)(p))
    _, g = value_and_grad(total)(params)
    return g / len(x)


def batch_gradient__vectorize(loss, params, x, y):
    """jnp.vectorize, and a reduction in NumPy."""
    rows = jnp.vectorize(grad(loss), signature="(p),(),()->(p)")(params, x, y)
    return np.mean(np.asarray(rows), axis=0, dtype=np.float64).astype(np.float32)


def batch_gradient__tiled(loss, params, x, y):
    """A copy of the params an example, all pulled back to the one vector."""
    n = x.shape[0]
    mean = lambda p: vmap(loss)(jnp.broadcast_to(p, (n, p.size)), x, y).mean()
    return grad(mean)(params)


def batch_gradient__scan_of_losses(loss, params, x, y):
    """Reverse mode straight through a scan that sums the losses, with checkpoints."""

    def total(p):
        step = jax.checkpoint(lambda acc, xy: (acc + loss(p, *xy), None))
        return lax.scan(step, jnp.float32(0.0), (x, y))[0]

    return jit(grad(total))(params) / x.size


# ----------------------------------------------------------- a second round


def per_example_gradients__jacobian(loss, params, x, y):
    """The Jacobian of the vector of losses."""
    return jax.jacrev(lambda p: jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y))(params)


def per_example_gradients__forward(loss, params, x, y):
    """Forward mode, mapped over a dict of data."""
    data = {"x": x, "y": y}
    return jax.vmap(lambda d: jax.jacfwd(loss)(params, d["x"], d["y"]))(data)


def per_example_gradients__repeated_params(loss, params, x, y):
    """The params are repeated, and everything is mapped."""
    return jax.vmap(jax.grad(loss))(jnp.tile(params, (x.size, 1)), x, y)


def batch_gradient__running_mean(loss, params, x, y):
    """A scan carries the mean so far."""

    def step(carry, one):
        count, mean = carry
        g = jax.grad(loss)(params, *one)
        return (count + 1, mean + (g - mean) / (count + 1)), None

    return lax.scan(step, (0, jnp.zeros_like(params)), (x, y))[0][1]


def batch_gradient__weights(loss, params, x, y):
    """The pullback of the losses, fed with 1 / n."""
    losses, back = jax.vjp(lambda p: jax.vmap(lambda s, t: loss(p, s, t))(x, y), params)
    return back(jnp.full_like(losses, 1.0 / x.size))[0]
