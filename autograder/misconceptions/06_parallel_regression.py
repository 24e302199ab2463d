"""Wrong answers to exercise 6, one misunderstanding each."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="predict",
    kind="values",
    idea="Slope and intercept have changed places.",
    nudge="Which of the two comes first in params? Try the params [2, 0] on a house of size 10.",
)
def params_read_backwards(params, x):
    intercept, slope = params
    return slope * x[:, 0] + intercept


@misconception(
    of="predict",
    kind="values",
    idea="The prices come back as a column of shape (n, 1).",
    nudge="x has two axes, the prices have one. Where does the second one go?",
)
def prices_as_a_column(params, x):
    return params[0] * x + params[1]


@misconception(
    of="predict",
    kind="values",
    idea="The intercept is left out.",
    nudge="What does the line say about a house of size 0?",
)
def intercept_left_out(params, x):
    return params[0] * x[:, 0]


@misconception(
    of="predict",
    kind="values",
    idea="The intercept is added to the size, before the slope multiplies it.",
    nudge="Check the order of adding and multiplying with the params [2, 1] and size 10.",
)
def intercept_added_to_the_size(params, x):
    return params[0] * (x[:, 0] + params[1])


@misconception(
    of="predict",
    kind="values",
    idea="The intercept is multiplied by the size, too.",
    nudge="Both params meet the sizes here. Should the second one?",
)
def intercept_times_size(params, x):
    return jnp.sum(x * params, axis=1)


@misconception(
    of="predict",
    kind="law",
    idea="Every axis of length 1 is squeezed away, so one house alone loses its axis as well.",
    nudge="Call it with one house, x of shape (1, 1), and look at the shape of the result.",
)
def one_house_squeezed(params, x):
    return jnp.squeeze(params[0] * x + params[1])


@misconception(
    of="predict",
    kind="law",
    idea="Arrays are turned into Python numbers, which is impossible while jit is tracing.",
    nudge="Call jax.jit(predict). Which line asks for a number that is not known yet?",
)
def params_as_python_numbers(params, x):
    slope, intercept = float(params[0]), float(params[1])
    return slope * x[:, 0] + intercept


@misconception(
    of="predict",
    kind="method",
    idea="A Python loop goes through the houses.",
    nudge="An array can be multiplied and added to as a whole.",
)
def loop_over_the_houses(params, x):
    return jnp.stack([params[0] * house[0] + params[1] for house in x])


@misconception(
    of="loss_fn",
    kind="values",
    idea="The squared errors are summed over the houses instead of averaged.",
    nudge="What should happen to the loss when every house appears twice?",
)
def sum_of_squares(params, x, y):
    return jnp.sum((params[0] * x[:, 0] + params[1] - y) ** 2)


@misconception(
    of="loss_fn",
    kind="values",
    idea="This is the root of the mean squared error.",
    nudge="In which unit is the mean squared error, if the prices are in dollars?",
)
def root_of_the_mean_square(params, x, y):
    return jnp.sqrt(jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2))


@misconception(
    of="loss_fn",
    kind="values",
    idea="The errors are taken absolute instead of squared.",
    nudge="How much more should an error of 10 count than an error of 1?",
)
def absolute_for_squared(params, x, y):
    return jnp.mean(jnp.abs(params[0] * x[:, 0] + params[1] - y))


@misconception(
    of="loss_fn",
    kind="values",
    idea="The loss is half the mean squared error.",
    nudge="A single house with an error of 3: what is its squared error?",
)
def half_the_mean_square(params, x, y):
    return 0.5 * jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2)


@misconception(
    of="loss_fn",
    kind="values",
    idea="A column minus a row is a table: every predicted price is compared with every real one.",
    nudge="Print the shape of the difference before you square it.",
)
def every_price_with_every_price(params, x, y):
    return jnp.mean((params[0] * x + params[1] - y) ** 2)


@misconception(
    of="loss_fn",
    kind="values",
    idea="The squared errors are returned house by house, without their mean.",
    nudge="grad needs a single number. How many do you return?",
)
def one_loss_per_house(params, x, y):
    return (params[0] * x[:, 0] + params[1] - y) ** 2


@misconception(
    of="loss_fn",
    kind="values",
    idea="The mean is squared, so errors of opposite sign cancel.",
    nudge="Errors of -5 and 5: is that a perfect fit?",
)
def mean_before_square(params, x, y):
    return jnp.mean(params[0] * x[:, 0] + params[1] - y) ** 2


@misconception(
    of="loss_fn",
    kind="values",
    idea="This is the variance of the errors: a common offset of all prices does not count.",
    nudge="Add 100 to the intercept. Does the loss notice?",
)
def variance_of_the_errors(params, x, y):
    return jnp.var(params[0] * x[:, 0] + params[1] - y)


@misconception(
    of="loss_fn",
    kind="law",
    idea="NumPy is used on the way, so the loss cannot be traced by jit or grad.",
    nudge="Call jax.jit(loss_fn). Which operations does JAX know how to trace?",
)
def loss_in_numpy(params, x, y):
    params, sizes, prices = np.asarray(params), np.asarray(x)[:, 0], np.asarray(y)
    return np.asarray(np.mean((params[0] * sizes + params[1] - prices) ** 2))


@misconception(
    of="loss_fn",
    kind="method",
    idea="A Python loop goes through the houses, one squared error after the other.",
    nudge="The predictions of all houses are one array. Work on it as a whole.",
)
def loop_over_the_squares(params, x, y):
    total = jnp.zeros(())
    for house, price in zip(x, y, strict=True):
        total = total + (params[0] * house[0] + params[1] - price) ** 2
    return total / y.shape[0]


@misconception(
    of="train_step",
    kind="values",
    idea="The loss is that of the new params; it should be the loss before the step.",
    nudge="With a learning rate of 0 the two agree. Which params belong to the loss otherwise?",
)
def loss_after_the_step(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    new = params - learning_rate * jax.grad(loss)(params)
    return new, loss(new)


@misconception(
    of="train_step",
    kind="values",
    idea="The step goes uphill: the loss grows.",
    nudge="The gradient points to where the loss grows fastest. Compare the losses of two steps.",
)
def uphill(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return params + learning_rate * gradient, value


@misconception(
    of="train_step",
    kind="values",
    idea="The derivative was written by hand, and the factor 2 of the square is missing.",
    nudge="Differentiate one squared error on paper, or let JAX check your formula.",
)
def factor_two_missing(params, x, y, learning_rate):
    residual = params[0] * x[:, 0] + params[1] - y
    gradient = jnp.stack([jnp.mean(residual * x[:, 0]), jnp.mean(residual)])
    return params - learning_rate * gradient, jnp.mean(residual**2)


@misconception(
    of="train_step",
    kind="values",
    idea="The loss comes first and the params second; it should be the other way round.",
    nudge="Compare the order of your result with the order in the task.",
)
def loss_first(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return value, params - learning_rate * gradient


@misconception(
    of="train_step",
    kind="values",
    idea="The gradient is returned in place of the new params.",
    nudge="What are the params after the step, if the learning rate is 0?",
)
def gradient_for_params(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return gradient, value


@misconception(
    of="train_step",
    kind="values",
    idea="The intercept's derivative is taken after the slope has moved already.",
    nudge="A gradient belongs to one point. At which params are your two derivatives taken?",
)
def slope_moves_first(params, x, y, learning_rate):
    def loss(slope, intercept):
        return jnp.mean((slope * x[:, 0] + intercept - y) ** 2)

    slope, intercept = params
    before = loss(slope, intercept)
    slope = slope - learning_rate * jax.grad(loss, argnums=0)(slope, intercept)
    intercept = intercept - learning_rate * jax.grad(loss, argnums=1)(slope, intercept)
    return jnp.stack([slope, intercept]), before


@misconception(
    of="train_step",
    kind="values",
    idea="Only the slope takes a step, the intercept stays where it was.",
    nudge="How many derivatives does the loss have, and how many of them do you use?",
)
def intercept_stays(params, x, y, learning_rate):
    def loss(slope, intercept):
        return jnp.mean((slope * x[:, 0] + intercept - y) ** 2)

    value, d_slope = jax.value_and_grad(loss)(params[0], params[1])
    return params.at[0].add(-learning_rate * d_slope), value


@misconception(
    of="train_step",
    kind="values",
    idea="A fixed learning rate is used; the one passed in has no effect.",
    nudge="Call it with a learning rate of 0. Do the params stay?",
)
def rate_of_its_own(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return params - 1e-2 * gradient, value


@misconception(
    of="train_step",
    kind="values",
    idea="The gradient is shortened to length 1, so its size has no effect on the step.",
    nudge="Near the bottom the steps should become small. Do yours?",
)
def step_of_fixed_length(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return params - learning_rate * gradient / jnp.linalg.norm(gradient), value


@misconception(
    of="train_step",
    kind="law",
    idea="An array is turned into a Python number on the way, which jit cannot trace.",
    nudge="Call jax.jit(train_step). Which line asks for a number that is not known yet?",
)
def loss_through_a_python_number(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    value, gradient = jax.value_and_grad(loss)(params)
    return params - learning_rate * gradient, jnp.array(float(value), jnp.float32)


@misconception(
    of="parallel_train_step",
    kind="method",
    idea="A Python loop goes through the cities.",
    nudge="You have a step for one city. Which transformation gives a step for many?",
)
def loop_over_the_cities(params, x, y, learning_rate):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    new, losses = [], []
    for p, sizes, prices in zip(params, x, y, strict=True):
        value, gradient = jax.value_and_grad(loss)(p, sizes, prices)
        new.append(p - learning_rate * gradient)
        losses.append(value)
    return jnp.stack(new), jnp.stack(losses)


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="All cities take the step of the mean gradient, as if they were one model.",
    nudge="Change the prices of the second city. Should the first one's params notice?",
)
def one_gradient_for_all_cities(params, x, y, learning_rate):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params, x, y)
    return params - learning_rate * jnp.mean(gradients, axis=0), losses


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="Every city is trained on the houses of the first one.",
    nudge="Change the prices of the last city. Does its loss change?",
)
def houses_of_the_first_city(params, x, y, learning_rate):
    def step(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    return jax.vmap(step, in_axes=(0, None, None))(params, x[0], y[0])


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="The mean of all cities' losses is differentiated: every step is too short.",
    nudge="Compare the step of one city alone with its step in the company of three others.",
)
def gradient_of_the_mean_over_cities(params, x, y, learning_rate):
    def mean_loss(p):
        losses = jnp.mean((p[:, :1] * x[:, :, 0] + p[:, 1:] - y) ** 2, axis=1)
        return jnp.mean(losses), losses

    gradients, losses = jax.grad(mean_loss, has_aux=True)(params)
    return params - learning_rate * gradients, losses


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="The losses of the cities are averaged into a single number.",
    nudge="How many losses should three cities report?",
)
def one_loss_for_all_cities(params, x, y, learning_rate):
    def step(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    new, losses = jax.vmap(step)(params, x, y)
    return new, jnp.mean(losses)


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="The losses are those of the new params; they should be the losses before the step.",
    nudge="Which params belong to the losses you return?",
)
def parallel_losses_after_the_step(params, x, y, learning_rate):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    new = params - learning_rate * jax.vmap(jax.grad(loss))(params, x, y)
    return new, jax.vmap(loss)(new, x, y)


@misconception(
    of="parallel_train_step",
    kind="values",
    idea="The cities stand in the columns of the new params; they should stand in the rows.",
    nudge="Compare the shape of the params you return with that of the params you got.",
)
def cities_in_columns(params, x, y, learning_rate):
    def step(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    return jax.vmap(step, out_axes=(1, 0))(params, x, y)


@misconception(
    of="parallel_train_step",
    kind="law",
    idea="Axes of length 1 are squeezed away, so a single city loses its axis.",
    nudge="Call it with one city and compare the shapes with those you passed in.",
)
def single_city_squeezed(params, x, y, learning_rate):
    def step(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    new, losses = jax.vmap(step)(params, x, y)
    return jnp.squeeze(new), jnp.squeeze(losses)


@misconception(
    of="train",
    kind="values",
    idea="The history is one row late: row e holds the losses after step e.",
    nudge="Row 0 should belong to the params you were given. What are their losses?",
)
def history_one_row_late(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(p, _):
        p = p - learning_rate * jax.vmap(jax.grad(loss))(p, x, y)
        return p, jax.vmap(loss)(p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train",
    kind="values",
    idea="Only the losses of the last epoch are returned, not the history.",
    nudge="How many rows should the losses of 100 epochs have?",
)
def last_losses_only(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(_, state):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(state[0], x, y)
        return state[0] - learning_rate * gradients, losses

    start = params, jnp.zeros(params.shape[0], jnp.float32)
    return jax.lax.fori_loop(0, n_epochs, epoch, start)


@misconception(
    of="train",
    kind="values",
    idea="The history has a row for each city and a column for each epoch: it is transposed.",
    nudge="Compare its shape with (n_epochs, c) for seven epochs and two cities.",
)
def history_transposed(params, x, y, learning_rate, n_epochs):
    def run(p, sizes, prices):
        def loss(q):
            return jnp.mean((q[0] * sizes[:, 0] + q[1] - prices) ** 2)

        def epoch(q, _):
            value, gradient = jax.value_and_grad(loss)(q)
            return q - learning_rate * gradient, value

        return jax.lax.scan(epoch, p, length=n_epochs)

    return jax.vmap(run)(params, x, y)


@misconception(
    of="train",
    kind="values",
    idea="The history holds one mean loss per epoch, the cities are lost in it.",
    nudge="Could you tell from your history which of the cities learns fastest?",
)
def history_averaged_over_cities(params, x, y, learning_rate, n_epochs):
    def total(p):
        losses = jnp.mean((p[:, :1] * x[:, :, 0] + p[:, 1:] - y) ** 2, axis=1)
        return jnp.sum(losses), jnp.mean(losses)

    def epoch(p, _):
        gradients, mean_loss = jax.grad(total, has_aux=True)(p)
        return p - learning_rate * gradients, mean_loss

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train",
    kind="values",
    idea="Every city ends with the params of the first one.",
    nudge="Are the rows of the final params different from each other?",
)
def first_city_for_all(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p, x, y)
        return p - learning_rate * gradients, losses

    final, history = jax.lax.scan(epoch, params, length=n_epochs)
    return jnp.broadcast_to(final[0], final.shape), history


@misconception(
    of="train",
    kind="values",
    idea="The last step is not taken: the params are those that belong to the last losses.",
    nudge="With one epoch, are the params that come back different from the ones you were given?",
)
def one_step_short(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p, x, y)
        return p - learning_rate * gradients, (p, losses)

    _, (visited, history) = jax.lax.scan(epoch, params, length=n_epochs)
    return visited[-1], history


@misconception(
    of="train",
    kind="values",
    idea="Every step uses the gradient of the starting params.",
    nudge="The slope of the ground changes as you walk. How often is the gradient computed?",
)
def gradient_computed_once(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    gradients = jax.vmap(jax.grad(loss))(params, x, y)

    def epoch(p, _):
        return p - learning_rate * gradients, jax.vmap(loss)(p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train",
    kind="values",
    idea="The training starts from zeros; the params passed in are not used.",
    nudge="Call it twice with different params and look at row 0 of the history.",
)
def starting_params_ignored(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p, x, y)
        return p - learning_rate * gradients, losses

    return jax.lax.scan(epoch, jnp.zeros_like(params), length=n_epochs)


@misconception(
    of="train",
    kind="values",
    idea="The learning rate shrinks from epoch to epoch; it should stay the same.",
    nudge="Compare the second step with the one that a single call for one epoch would take.",
)
def shrinking_rate(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    def epoch(p, e):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p, x, y)
        return p - learning_rate / (1 + e) * gradients, losses

    return jax.lax.scan(epoch, params, jnp.arange(n_epochs))


@misconception(
    of="train",
    kind="values",
    idea="The history is a Python list of arrays, not one array.",
    nudge="What does history.shape say?",
)
def history_as_a_list(params, x, y, learning_rate, n_epochs):
    def loss(p, sizes, prices):
        return jnp.mean((p[0] * sizes[:, 0] + p[1] - prices) ** 2)

    measure = jax.jit(jax.vmap(jax.value_and_grad(loss)))
    history = []
    for _ in range(n_epochs):
        losses, gradients = measure(params, x, y)
        params = params - learning_rate * gradients
        history.append(losses)
    return params, history


@misconception(
    of="train",
    kind="method",
    idea="The cities are trained one after the other, in a Python loop.",
    nudge="A loop over epochs is fine. How can one epoch serve all cities at once?",
)
def one_city_after_the_other(params, x, y, learning_rate, n_epochs):
    final, columns = [], []
    for city in range(params.shape[0]):

        def loss(p, city=city):
            return jnp.mean((p[0] * x[city, :, 0] + p[1] - y[city]) ** 2)

        def epoch(p, _, loss=loss):
            value, gradient = jax.value_and_grad(loss)(p)
            return p - learning_rate * gradient, value

        p, losses = jax.lax.scan(epoch, params[city], length=n_epochs)
        final.append(p)
        columns.append(losses)
    return jnp.stack(final), jnp.stack(columns, axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="2000 epochs on the raw sizes: the slopes are near, the intercepts have hardly moved.",
    nudge="Compare your intercepts with least squares. In which units would the loss be rounder?",
)
def raw_sizes_for_2000_epochs(x, y):
    def total(p):
        return jnp.sum(jnp.mean((p[:, :1] * x[:, :, 0] + p[:, 1:] - y) ** 2, axis=1))

    def epoch(_, p):
        return p - 1e-4 * jax.grad(total)(p)

    return jax.lax.fori_loop(0, 2000, epoch, jnp.zeros((x.shape[0], 2), jnp.float32))


@misconception(
    of="fit",
    kind="values",
    idea="The params are left in standardized units; they do not fit the sizes you were given.",
    nudge="Put your params into predict with the raw sizes. Are the prices right?",
)
def left_in_standardized_units(x, y):
    sizes = x[:, :, 0]
    z = (sizes - sizes.mean(1, keepdims=True)) / sizes.std(1, keepdims=True)
    return jnp.stack([jnp.mean(z * y, axis=1), jnp.mean(y, axis=1)], axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="The slope is converted to the sizes' own units, but the intercept is not.",
    nudge="What does your intercept stand for: the price at size 0, or at the mean size?",
)
def intercept_not_converted(x, y):
    sizes = x[:, :, 0]
    deviation = sizes.std(1, keepdims=True)
    z = (sizes - sizes.mean(1, keepdims=True)) / deviation
    slope = jnp.mean(z * y, axis=1) / deviation[:, 0]
    return jnp.stack([slope, jnp.mean(y, axis=1)], axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="The mean is taken out of the intercept with the slope of the standardized sizes.",
    nudge="Write the line with (size - mean) / deviation in it and collect all the constants.",
)
def intercept_without_the_deviation(x, y):
    sizes = x[:, :, 0]
    mean, deviation = sizes.mean(1), sizes.std(1)
    z = (sizes - mean[:, None]) / deviation[:, None]
    a, b = jnp.mean(z * y, axis=1), jnp.mean(y, axis=1)
    return jnp.stack([a / deviation, b - a * mean], axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="The lines are forced through the origin, the intercepts are 0.",
    nudge="Which price does your line give to a house of size 0?",
)
def through_the_origin(x, y):
    sizes = x[:, :, 0]
    slope = jnp.sum(sizes * y, axis=1) / jnp.sum(sizes**2, axis=1)
    return jnp.stack([slope, jnp.zeros_like(slope)], axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="The intercept stands first and the slope second.",
    nudge="Which of the two does params begin with?",
)
def intercept_first(x, y):
    def one_city(sizes, prices):
        table = jnp.hstack([jnp.ones_like(sizes), sizes])
        return jnp.linalg.lstsq(table, prices)[0]

    return jax.vmap(one_city)(x, y)


@misconception(
    of="fit",
    kind="values",
    idea="The covariance divides by n - 1 and the variance by n, which makes the slopes too steep.",
    nudge="Look up which denominator each of the two library functions uses.",
)
def mixed_denominators(x, y):
    rows = []
    for sizes, prices in zip(x[:, :, 0], y, strict=True):
        slope = jnp.cov(sizes, prices)[0, 1] / jnp.var(sizes)
        rows.append(jnp.stack([slope, prices.mean() - slope * sizes.mean()]))
    return jnp.stack(rows)


@misconception(
    of="fit",
    kind="values",
    idea="A line through the smallest and the largest house: all others have no say.",
    nudge="Move a house in the middle. Does your line move?",
)
def line_through_two_houses(x, y):
    def one_city(sizes, prices):
        low, high = jnp.argmin(sizes), jnp.argmax(sizes)
        slope = (prices[high] - prices[low]) / (sizes[high] - sizes[low])
        return jnp.stack([slope, prices[low] - slope * sizes[low]])

    return jax.vmap(one_city)(x[:, :, 0], y)


@misconception(
    of="fit",
    kind="values",
    idea="A ridge term is added to the normal equations, and it pulls the intercept towards 0.",
    nudge="Fit prices that lie exactly on a line. Do you get this line back?",
)
def ridge_term_for_safety(x, y):
    def one_city(sizes, prices):
        table = jnp.hstack([sizes, jnp.ones_like(sizes)])
        return jnp.linalg.solve(table.T @ table + 10 * jnp.eye(2), table.T @ prices)

    return jax.vmap(one_city)(x, y)


@misconception(
    of="fit",
    kind="values",
    idea="The units are right, but the training stops long before the bottom.",
    nudge="Double the number of epochs. Do the params still change?",
)
def stopped_too_early(x, y):
    sizes = x[:, :, 0]
    mean, deviation = sizes.mean(1, keepdims=True), sizes.std(1, keepdims=True)
    z = (sizes - mean) / deviation

    def total(p):
        return jnp.sum(jnp.mean((p[:, :1] * z + p[:, 1:] - y) ** 2, axis=1))

    def epoch(_, p):
        return p - 0.01 * jax.grad(total)(p)

    p = jax.lax.fori_loop(0, 100, epoch, jnp.zeros((x.shape[0], 2), jnp.float32))
    slope = p[:, 0] / deviation[:, 0]
    return jnp.stack([slope, p[:, 1] - slope * mean[:, 0]], axis=1)


@misconception(
    of="fit",
    kind="values",
    idea="The params are float64, as NumPy computed them; float32 is asked for.",
    nudge="Print the dtype of what you return.",
)
def double_precision_returned(x, y):
    sizes, prices = np.asarray(x, np.float64)[:, :, 0], np.asarray(y, np.float64)
    return np.stack([np.polyfit(s, p, 1) for s, p in zip(sizes, prices, strict=True)])


@misconception(
    of="fit",
    kind="values",
    idea="The first row holds all slopes, the second all intercepts: the table is transposed.",
    nudge="Row i should belong to city i. Try it with three cities and look at the shape.",
)
def slopes_in_a_row(x, y):
    sizes = x[:, :, 0]
    away = sizes - sizes.mean(1, keepdims=True)
    slope = jnp.sum(away * y, axis=1) / jnp.sum(away**2, axis=1)
    return jnp.stack([slope, y.mean(1) - slope * sizes.mean(1)])


@misconception(
    of="train_step",
    kind="method",
    idea="A Python loop goes over the houses and adds up their gradients one by one.",
    nudge="Which function that you have written takes all the houses at once?",
)
def gradients_added_house_by_house(params, x, y, learning_rate):
    def squared_error(p, size, price):
        return (p[0] * size + p[1] - price) ** 2

    total = jnp.zeros((), x.dtype)
    slopes = jnp.zeros_like(params)
    for size, price in zip(x[:, 0], y, strict=True):
        error, slope = jax.value_and_grad(squared_error)(params, size, price)
        total, slopes = total + error, slopes + slope
    return params - learning_rate * slopes / len(y), total / len(y)
