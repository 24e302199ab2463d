import numpy as np


def per_example_gradients(loss, params, x, y):
    return np.ones(1 << 40)
