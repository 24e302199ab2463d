import jax

jax.config.update("jax_debug_nans", True)
jax.config.update("jax_default_prng_impl", "rbg")
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_enable_x64", True)


def spread(params):
    return params.max(axis=0) - params.min(axis=0)
