import functools

import jax
import jax.numpy as jnp


def one_at_a_time(make):
    """Decorator: `make(loss, params)` gives a function of one pair; run it over all the pairs."""

    @functools.wraps(make)
    def wrapper(loss, params, x, y):
        return jax.lax.map(make(loss, params), (x, y))

    return wrapper


@one_at_a_time
def losses(loss, params):
    return lambda pair: loss(params, *pair)


@one_at_a_time
def per_example_gradients(loss, params):
    return lambda pair: jax.jacfwd(loss)(params, *pair)


def batch_gradient(loss, params, x, y):
    # the gradient of a mean is the mean of the gradients
    mean_loss = lambda p: jnp.average(losses(loss, p, x, y))
    return jax.jacrev(mean_loss)(params)


if __name__ == "__main__":
    squared = lambda p, x, y: (p[0] * x + p[1] - y) ** 2
    args = squared, jnp.array([2.0, 1.0]), jnp.arange(4.0), jnp.array([1.0, 3.0, 5.0, 3.0])
    print(per_example_gradients(*args))
    print(batch_gradient(*args))
