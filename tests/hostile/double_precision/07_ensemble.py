import numpy as np


def spread(params):
    return np.ptp(np.asarray(params, np.float64), axis=0)
