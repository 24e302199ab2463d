def per_example_gradients(loss, params, x, y):
    return per_example_gradients(loss, params, x, y)
