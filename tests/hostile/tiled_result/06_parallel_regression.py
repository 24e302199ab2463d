import jax.numpy as jnp


def predict(params, x):
    right = params[0] * x[:, 0] + params[1]
    return jnp.stack([right, right])
