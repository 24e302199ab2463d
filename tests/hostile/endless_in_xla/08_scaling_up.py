import jax
import jax.numpy as jnp


def ensemble_prediction(params, x):
    return jax.lax.while_loop(lambda n: n >= 0, lambda n: (n + 1) % 7, jnp.zeros(()))
