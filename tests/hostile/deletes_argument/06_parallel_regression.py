def predict(params, x):
    right = params[0] * x[:, 0] + params[1]
    right.block_until_ready()
    x.delete()
    return right
