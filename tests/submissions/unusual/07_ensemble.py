import jax
import jax.numpy as jnp
import numpy as np

predict = lambda params, x: jnp.polyval(params, x[:, 0])
loss_fn = lambda params, x, y: jnp.mean(jnp.square(y - predict(params, x)))


class Descent:
    """One step downhill for one model. `mode` is any of grad, jacfwd, jacrev."""

    def __init__(self, mode):
        self.slope = mode(loss_fn)

    def __call__(self, params, x, y, learning_rate):
        return params - learning_rate * self.slope(params, x, y), loss_fn(params, x, y)


train_step = Descent(jax.jacfwd)


def init_ensemble(key, n_models):
    own = jax.random.split(key, n_models)
    return jax.vmap(lambda k: jax.random.normal(k, (2,)))(own)


def ensemble_train_step(params, x, y, learning_rate):
    # the models stand in the columns here, just because it is possible
    columns = jax.vmap(train_step, in_axes=(1, None, None, None), out_axes=(1, 0))
    new, before = columns(jnp.transpose(params), x, y, learning_rate)
    return jnp.transpose(new), before


fast_step = jax.jit(ensemble_train_step)


def train_ensemble(params, x, y, learning_rate, n_epochs):
    history = []
    while len(history) < n_epochs:
        params, before = fast_step(params, x, y, learning_rate)
        history.append(before)
    return params, np.stack(history)


def spread(params):
    return np.ptp(np.asarray(params), axis=0)


def converged(params, x, y, tolerance):
    g = jax.lax.map(lambda p: jax.jacrev(loss_fn)(p, x, y), params)
    return np.asarray(jnp.sqrt(jnp.einsum("mk,mk->m", g, g, precision="highest")) <= tolerance)


if __name__ == "__main__":
    x = jnp.linspace(-1.0, 1.0, 40)[:, None]
    y = 3 * x[:, 0] - 2
    start = init_ensemble(jax.random.PRNGKey(1), 6)
    for epochs in 1, 10, 100:
        end, history = train_ensemble(start, x, y, jnp.array(0.3), epochs)
        print(epochs, history.shape, spread(end), converged(end, x, y, jnp.array(1e-3)))
