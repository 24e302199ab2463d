import jax.numpy as jnp


def predict(params, x):
    return jnp.ones((1 << 16, 1 << 14)).sum(axis=0)
