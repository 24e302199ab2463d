import jax


def batched(f, x):
    kept = []
    jax.jit(lambda a: kept.append(a))(1.0)
    return kept[0]
