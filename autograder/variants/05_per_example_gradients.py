"""Right answers to exercise 5, in styles other than the reference's."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np


def per_example_gradients__forward_mode(loss, params, x, y):
    """jacfwd in place of grad."""
    return jax.vmap(jax.jacfwd(loss), in_axes=(None, 0, 0))(params, x, y)


def per_example_gradients__jacobian_of_all_losses(loss, params, x, y):
    """One jacrev of the vector of losses."""

    def all_losses(p):
        return jax.vmap(lambda xi, yi: loss(p, xi, yi))(x, y)

    return jax.jacrev(all_losses)(params)


def per_example_gradients__lax_map(loss, params, x, y):
    """lax.map over the pairs."""
    return jax.lax.map(lambda pair: jax.grad(loss)(params, *pair), (x, y))


def per_example_gradients__scan(loss, params, x, y):
    """lax.scan with nothing to carry."""

    def one(carry, example):
        xi, yi = example
        return carry, jax.grad(loss)(params, xi, yi)

    _, rows = jax.lax.scan(one, None, (x, y))
    return rows


def per_example_gradients__vjp_of_identity(loss, params, x, y):
    """vjp of the vector of losses, pulled back along every row of the identity."""
    losses, pull_back = jax.vjp(lambda p: jax.vmap(partial(loss, p))(x, y), params)
    (rows,) = jax.vmap(pull_back)(jnp.eye(losses.shape[0], dtype=losses.dtype))
    return rows


def per_example_gradients__jvp_along_axes(loss, params, x, y):
    """jvp along each coordinate axis of the params, transposed at the end."""

    def all_losses(p):
        return jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y)

    def along(direction):
        return jax.jvp(all_losses, (params,), (direction,))[1]

    return jax.vmap(along)(jnp.eye(params.shape[0], dtype=params.dtype)).T


def per_example_gradients__one_copy_of_params_each(loss, params, x, y):
    """A copy of the params for every example, and the gradient of the summed losses."""
    copies = jnp.tile(params, (x.shape[0], 1))

    def total(rows):
        return jnp.sum(jax.vmap(loss)(rows, x, y))

    return jax.grad(total)(copies)


def per_example_gradients__filled_table(loss, params, x, y):
    """fori_loop that fills a table row by row."""
    x, y = jnp.asarray(x), jnp.asarray(y)

    def fill(i, rows):
        return rows.at[i].set(jax.grad(loss, argnums=0)(params, x[i], y[i]))

    empty = jnp.zeros((x.shape[0], params.shape[0]), params.dtype)
    return jax.lax.fori_loop(0, x.shape[0], fill, empty)


def per_example_gradients__vectorize(loss, params, x, y):
    """jnp.vectorize with a signature."""
    return jnp.vectorize(jax.grad(loss), signature="(p),(),()->(p)")(params, x, y)


@partial(jax.jit, static_argnums=0)
def per_example_gradients__jit_decorated(loss, params, x, y):
    """jit as a decorator, the loss static; the value comes along and is dropped."""
    _, rows = jax.vmap(jax.value_and_grad(loss), (None, 0, 0))(params, x, y)
    return rows


def per_example_gradients__numpy_result(loss, params, x, y):
    """A NumPy array is returned, columns first turned into rows."""
    columns = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0), out_axes=1)(params, x, y)
    return np.asarray(columns, dtype=np.float32).T


def per_example_gradients__callable_object(loss, params, x, y):
    """A small class whose objects are called with one example."""

    class Gradient:
        def __init__(self, function, at):
            self.function = jax.grad(function)
            self.at = at

        def __call__(self, xi, yi):
            return self.function(self.at, xi, yi)

    return jax.vmap(Gradient(loss, params))(x, y)


def batch_gradient__gradient_of_mean_loss(loss, params, x, y):
    """The gradient of the mean loss."""

    @jax.grad
    def slope_of_mean(p):
        return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y))

    return slope_of_mean(params)


def batch_gradient__vjp_with_weights(loss, params, x, y):
    """vjp of the losses with the weight 1/n for each."""
    losses, pull_back = jax.vjp(lambda p: jax.vmap(partial(loss, p))(x, y), params)
    (result,) = pull_back(jnp.full_like(losses, 1 / losses.size))
    return result


def batch_gradient__scan_sum(loss, params, x, y):
    """lax.scan adds the gradients up, one division at the end."""

    def add(total, example):
        return total + jax.grad(loss)(params, *example), None

    total, _ = jax.lax.scan(add, jnp.zeros_like(params), (x, y))
    return total / len(x)


def batch_gradient__running_mean(loss, params, x, y):
    """A running mean in a fori_loop."""
    x, y = jnp.asarray(x), jnp.asarray(y)

    def update(i, mean):
        return mean + (jax.grad(loss)(params, x[i], y[i]) - mean) / (i + 1)

    return jax.lax.fori_loop(0, x.shape[0], update, jnp.zeros_like(params))


def batch_gradient__forward_mode(loss, params, x, y):
    """jacfwd of the summed loss, divided by n."""
    total = jax.jacfwd(lambda p: jax.vmap(partial(loss, p))(x, y).sum())(params)
    return total / x.size


def batch_gradient__einsum(loss, params, x, y):
    """The rows summed by einsum."""
    rows = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.einsum("np->p", rows) / rows.shape[0]


def batch_gradient__numpy_mean(loss, params, x, y):
    """NumPy takes the mean of the rows."""
    rows = np.asarray(jax.lax.map(lambda pair: jax.grad(loss)(params, *pair), (x, y)))
    return rows.mean(axis=0, dtype=np.float64).astype(np.float32)


def batch_gradient__value_and_grad_jitted(loss, params, x, y):
    """value_and_grad of the mean loss under jit."""

    def mean_loss(p, xs, ys):
        return jnp.average(jax.vmap(loss, (None, 0, 0))(p, xs, ys))

    return jax.jit(jax.value_and_grad(mean_loss))(params, x, y)[1]


def batch_gradient__mean_of_each_column(loss, params, x, y):
    """Columns out of vmap, the mean over the last axis."""
    columns = jax.vmap(jax.grad(loss), (None, 0, 0), 1)(params, x, y)
    return columns.mean(-1)
