import os

os.environ["XLA_FLAGS"] = "--xla_no_such_flag=1"


def ensemble_prediction(params, x):
    return params[0]
