while __name__:
    pass


def ensemble_prediction(params, x):
    return 0
