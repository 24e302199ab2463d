import jax.numpy as jnp


def predict(params, x):
    return jnp.zeros((0, 1))
