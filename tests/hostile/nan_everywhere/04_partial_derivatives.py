import jax.numpy as jnp


def partial_x(f, x, y):
    return jnp.full((), jnp.nan)
