"""Wrong answers to exercise 6, one misunderstanding each."""

import jax
import jax.numpy as jnp
import numpy as np


def loss(params, x, y):
    """The mean squared error of one city."""
    return jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2)


def step(params, x, y, learning_rate):
    """One city's params after a step, and the loss before it."""
    value, gradient = jax.value_and_grad(loss)(params, x, y)
    return params - learning_rate * gradient, value


def steps(params, x, y, learning_rate):
    """The same for all cities."""
    return jax.vmap(step, in_axes=(0, 0, 0, None))(params, x, y, learning_rate)


def trained(params, x, y, learning_rate, n_epochs):
    """All cities' params after training, and the losses before every step."""
    return jax.lax.scan(lambda p, _: steps(p, x, y, learning_rate), params, length=n_epochs)


def standardized(x):
    """All cities' sizes in units of their deviation from their mean, with both."""
    sizes = x[:, :, 0]
    mean, deviation = sizes.mean(1), sizes.std(1)
    return (sizes - mean[:, None]) / deviation[:, None], mean, deviation


def predict__params_read_backwards(params, x):
    """Slope and intercept have changed places.

    Which of the two comes first in params? Try the params [2, 0] on a house of size 10.
    """
    intercept, slope = params
    return slope * x[:, 0] + intercept


def predict__prices_as_a_column(params, x):
    """The prices come back as a column of shape (n, 1).

    x has two axes, the prices have one. Where does the second one go?
    """
    return params[0] * x + params[1]


def predict__intercept_left_out(params, x):
    """The intercept is left out.

    What does the line say about a house of size 0?
    """
    return params[0] * x[:, 0]


def predict__intercept_added_to_the_size(params, x):
    """The intercept is added to the size, before the slope multiplies it.

    Check the order of adding and multiplying with the params [2, 1] and size 10.
    """
    return params[0] * (x[:, 0] + params[1])


def predict__intercept_times_size(params, x):
    """The intercept is multiplied by the size, too.

    Both params meet the sizes here. Should the second one?
    """
    return jnp.sum(x * params, axis=1)


def predict__one_house_squeezed(params, x):
    """law: Every axis of length 1 is squeezed away, so one house alone loses its axis as well.

    Call it with one house, x of shape (1, 1), and look at the shape of the result.
    """
    return jnp.squeeze(params[0] * x + params[1])


def predict__params_as_python_numbers(params, x):
    """law: Arrays are turned into Python numbers, which is impossible while jit is tracing.

    Call jax.jit(predict). Which line asks for a number that is not known yet?
    """
    slope, intercept = float(params[0]), float(params[1])
    return slope * x[:, 0] + intercept


def predict__loop_over_the_houses(params, x):
    """method: A Python loop goes through the houses.

    An array can be multiplied and added to as a whole.
    """
    return jnp.stack([params[0] * house[0] + params[1] for house in x])


def loss_fn__sum_of_squares(params, x, y):
    """The squared errors are summed over the houses instead of averaged.

    What should happen to the loss when every house appears twice?
    """
    return jnp.sum((params[0] * x[:, 0] + params[1] - y) ** 2)


def loss_fn__root_of_the_mean_square(params, x, y):
    """This is the root of the mean squared error.

    In which unit is the mean squared error, if the prices are in dollars?
    """
    return jnp.sqrt(jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2))


def loss_fn__absolute_for_squared(params, x, y):
    """The errors are taken absolute instead of squared.

    How much more should an error of 10 count than an error of 1?
    """
    return jnp.mean(jnp.abs(params[0] * x[:, 0] + params[1] - y))


def loss_fn__half_the_mean_square(params, x, y):
    """The loss is half the mean squared error.

    A single house with an error of 3: what is its squared error?
    """
    return 0.5 * jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2)


def loss_fn__every_price_with_every_price(params, x, y):
    """A column minus a row is a table: every predicted price is compared with every real one.

    Print the shape of the difference before you square it.
    """
    return jnp.mean((params[0] * x + params[1] - y) ** 2)


def loss_fn__one_loss_per_house(params, x, y):
    """The squared errors are returned house by house, without their mean.

    grad needs a single number. How many do you return?
    """
    return (params[0] * x[:, 0] + params[1] - y) ** 2


def loss_fn__mean_before_square(params, x, y):
    """The mean is squared, so errors of opposite sign cancel.

    Errors of -5 and 5: is that a perfect fit?
    """
    return jnp.mean(params[0] * x[:, 0] + params[1] - y) ** 2


def loss_fn__variance_of_the_errors(params, x, y):
    """This is the variance of the errors: a common offset of all prices does not count.

    Add 100 to the intercept. Does the loss notice?
    """
    return jnp.var(params[0] * x[:, 0] + params[1] - y)


def loss_fn__loss_in_numpy(params, x, y):
    """law: NumPy is used on the way, so the loss cannot be traced by jit or grad.

    Call jax.jit(loss_fn). Which operations does JAX know how to trace?
    """
    params, sizes, prices = np.asarray(params), np.asarray(x)[:, 0], np.asarray(y)
    return np.asarray(np.mean((params[0] * sizes + params[1] - prices) ** 2))


def loss_fn__loop_over_the_squares(params, x, y):
    """method: A Python loop goes through the houses, one squared error after the other.

    The predictions of all houses are one array. Work on it as a whole.
    """
    total = jnp.zeros(())
    for house, price in zip(x, y, strict=True):
        total = total + (params[0] * house[0] + params[1] - price) ** 2
    return total / y.shape[0]


def train_step__loss_after_the_step(params, x, y, learning_rate):
    """The loss is that of the new params; it should be the loss before the step.

    With a learning rate of 0 the two agree. Which params belong to the loss otherwise?
    """
    new, _ = step(params, x, y, learning_rate)
    return new, loss(new, x, y)


def train_step__uphill(params, x, y, learning_rate):
    """The step goes uphill: the loss grows.

    The gradient points to where the loss grows fastest. Compare the losses of two steps.
    """
    return step(params, x, y, -learning_rate)


def train_step__factor_two_missing(params, x, y, learning_rate):
    """The step is half of what it should be, as if the factor 2 of the square were missing.

    Differentiate one squared error on paper, or let JAX check your formula.
    """
    residual = params[0] * x[:, 0] + params[1] - y
    gradient = jnp.stack([jnp.mean(residual * x[:, 0]), jnp.mean(residual)])
    return params - learning_rate * gradient, jnp.mean(residual**2)


def train_step__loss_first(params, x, y, learning_rate):
    """The loss comes first and the params second; it should be the other way round.

    Compare the order of your result with the order in the task.
    """
    new, value = step(params, x, y, learning_rate)
    return value, new


def train_step__gradient_for_params(params, x, y, learning_rate):
    """The gradient is returned in place of the new params.

    What are the params after the step, if the learning rate is 0?
    """
    value, gradient = jax.value_and_grad(loss)(params, x, y)
    return gradient, value


def train_step__slope_moves_first(params, x, y, learning_rate):
    """The intercept's derivative is taken after the slope has moved already.

    A gradient belongs to one point. At which params are your two derivatives taken?
    """
    new, before = step(params, x, y, learning_rate)
    moved = params.at[0].set(new[0])
    intercept = step(moved, x, y, learning_rate)[0][1]
    return moved.at[1].set(intercept), before


def train_step__intercept_stays(params, x, y, learning_rate):
    """Only the slope takes a step, the intercept stays where it was.

    How many derivatives does the loss have, and how many of them do you use?
    """
    new, value = step(params, x, y, learning_rate)
    return new.at[1].set(params[1]), value


def train_step__rate_of_its_own(params, x, y, learning_rate):
    """A fixed learning rate is used; the one passed in has no effect.

    Call it with a learning rate of 0. Do the params stay?
    """
    return step(params, x, y, 1e-2)


def train_step__step_of_fixed_length(params, x, y, learning_rate):
    """The gradient is shortened to length 1, so its size has no effect on the step.

    Near the bottom the steps should become small. Do yours?
    """
    value, gradient = jax.value_and_grad(loss)(params, x, y)
    return params - learning_rate * gradient / jnp.linalg.norm(gradient), value


def train_step__loss_through_a_python_number(params, x, y, learning_rate):
    """law: An array is turned into a Python number on the way, which jit cannot trace.

    Call jax.jit(train_step). Which line asks for a number that is not known yet?
    """
    new, value = step(params, x, y, learning_rate)
    return new, jnp.array(float(value), jnp.float32)


def parallel_train_step__loop_over_the_cities(params, x, y, learning_rate):
    """method: A Python loop goes through the cities.

    You have a step for one city. Which transformation gives a step for many?
    """
    cities = [step(*city, learning_rate) for city in zip(params, x, y, strict=True)]
    new, losses = zip(*cities, strict=True)
    return jnp.stack(new), jnp.stack(losses)


def parallel_train_step__one_gradient_for_all_cities(params, x, y, learning_rate):
    """All cities take the step of the mean gradient, as if they were one model.

    Change the prices of the second city. Should the first one's params notice?
    """
    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params, x, y)
    return params - learning_rate * jnp.mean(gradients, axis=0), losses


def parallel_train_step__houses_of_the_first_city(params, x, y, learning_rate):
    """Every city is trained on the houses of the first one.

    Change the prices of the last city. Does its loss change?
    """
    return jax.vmap(step, in_axes=(0, None, None, None))(params, x[0], y[0], learning_rate)


def parallel_train_step__gradient_of_the_mean_over_cities(params, x, y, learning_rate):
    """The mean of all cities' losses is differentiated: every step is too short.

    Compare the step of one city alone with its step in the company of three others.
    """
    return steps(params, x, y, learning_rate / params.shape[0])


def parallel_train_step__one_loss_for_all_cities(params, x, y, learning_rate):
    """The losses of the cities are averaged into a single number.

    How many losses should three cities report?
    """
    new, losses = steps(params, x, y, learning_rate)
    return new, jnp.mean(losses)


def parallel_train_step__parallel_losses_after_the_step(params, x, y, learning_rate):
    """The losses are those of the new params; they should be the losses before the step.

    Which params belong to the losses you return?
    """
    new, _ = steps(params, x, y, learning_rate)
    return new, jax.vmap(loss)(new, x, y)


def parallel_train_step__cities_in_columns(params, x, y, learning_rate):
    """The cities stand in the columns of the new params; they should stand in the rows.

    Compare the shape of the params you return with that of the params you got.
    """
    new, losses = steps(params, x, y, learning_rate)
    return new.T, losses


def parallel_train_step__single_city_squeezed(params, x, y, learning_rate):
    """law: Axes of length 1 are squeezed away, so a single city loses its axis.

    Call it with one city and compare the shapes with those you passed in.
    """
    new, losses = steps(params, x, y, learning_rate)
    return jnp.squeeze(new), jnp.squeeze(losses)


def train__history_one_row_late(params, x, y, learning_rate, n_epochs):
    """The history is one row late: row e holds the losses after step e.

    Row 0 should belong to the params you were given. What are their losses?
    """

    def epoch(p, _):
        p, _ = steps(p, x, y, learning_rate)
        return p, jax.vmap(loss)(p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


def train__last_losses_only(params, x, y, learning_rate, n_epochs):
    """Only the losses of the last epoch are returned, not the history.

    How many rows should the losses of 100 epochs have?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return final, history[-1]


def train__history_transposed(params, x, y, learning_rate, n_epochs):
    """The history has a row for each city and a column for each epoch: it is transposed.

    Compare its shape with (n_epochs, c) for seven epochs and two cities.
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return final, history.T


def train__history_averaged_over_cities(params, x, y, learning_rate, n_epochs):
    """The history holds one mean loss per epoch, the cities are lost in it.

    Could you tell from your history which of the cities learns fastest?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return final, jnp.mean(history, axis=1)


def train__first_city_for_all(params, x, y, learning_rate, n_epochs):
    """Every city ends with the params of the first one.

    Are the rows of the final params different from each other?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return jnp.broadcast_to(final[0], final.shape), history


def train__one_step_short(params, x, y, learning_rate, n_epochs):
    """The last step is not taken: the params are those that belong to the last losses.

    With one epoch, are the params that come back different from the ones you were given?
    """

    def epoch(p, _):
        new, losses = steps(p, x, y, learning_rate)
        return new, (p, losses)

    _, (visited, history) = jax.lax.scan(epoch, params, length=n_epochs)
    return visited[-1], history


def train__gradient_computed_once(params, x, y, learning_rate, n_epochs):
    """Every step uses the gradient of the starting params.

    The slope of the ground changes as you walk. How often is the gradient computed?
    """
    gradients = jax.vmap(jax.grad(loss))(params, x, y)

    def epoch(p, _):
        return p - learning_rate * gradients, jax.vmap(loss)(p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


def train__always_from_the_start(params, x, y, learning_rate, n_epochs):
    """Every epoch sets out from the params that were passed in, so no step follows another.

    Compare what one epoch and three of them return. Which params does the second step begin with?
    """
    new, losses = steps(params, x, y, learning_rate)
    return new, jnp.tile(losses, (n_epochs, 1))


def train__starting_params_ignored(params, x, y, learning_rate, n_epochs):
    """The training starts from zeros; the params passed in are not used.

    Call it twice with different params and look at row 0 of the history.
    """
    return trained(jnp.zeros_like(params), x, y, learning_rate, n_epochs)


def train__shrinking_rate(params, x, y, learning_rate, n_epochs):
    """The learning rate shrinks from epoch to epoch; it should stay the same.

    Compare the second step with the one that a single call for one epoch would take.
    """

    def epoch(p, e):
        return steps(p, x, y, learning_rate / (1 + e))

    return jax.lax.scan(epoch, params, jnp.arange(n_epochs))


def train__history_as_a_list(params, x, y, learning_rate, n_epochs):
    """The history is a Python list of arrays, not one array.

    What does history.shape say?
    """
    history = []
    for _ in range(n_epochs):
        params, losses = jax.jit(steps)(params, x, y, learning_rate)
        history.append(losses)
    return params, history


def train__one_city_after_the_other(params, x, y, learning_rate, n_epochs):
    """method: The cities are trained one after the other, in a Python loop.

    A loop over epochs is fine. How can one epoch serve all cities at once?
    """
    final, columns = [], []
    for city in range(params.shape[0]):
        one = slice(city, city + 1)
        p, losses = trained(params[one], x[one], y[one], learning_rate, n_epochs)
        final.append(p)
        columns.append(losses)
    return jnp.concatenate(final), jnp.concatenate(columns, axis=1)


def fit__raw_sizes_for_2000_epochs(x, y):
    """2000 epochs on the raw sizes: the slopes are near, the intercepts have hardly moved.

    Compare your intercepts with least squares. In which units would the loss be rounder?
    """
    return trained(jnp.zeros((x.shape[0], 2), jnp.float32), x, y, 1e-4, 2000)[0]


def fit__left_in_standardized_units(x, y):
    """The params are left in standardized units; they do not fit the sizes you were given.

    Put your params into predict with the raw sizes. Are the prices right?
    """
    z, _, _ = standardized(x)
    return jnp.stack([jnp.mean(z * y, axis=1), jnp.mean(y, axis=1)], axis=1)


def fit__intercept_not_converted(x, y):
    """The slope is converted to the sizes' own units, but the intercept is not.

    What does your intercept stand for: the price at size 0, or at the mean size?
    """
    z, _, deviation = standardized(x)
    return jnp.stack([jnp.mean(z * y, axis=1) / deviation, jnp.mean(y, axis=1)], axis=1)


def fit__intercept_without_the_deviation(x, y):
    """The mean is taken out of the intercept with the slope of the standardized sizes.

    Write the line with (size - mean) / deviation in it and collect all the constants.
    """
    z, mean, deviation = standardized(x)
    a, b = jnp.mean(z * y, axis=1), jnp.mean(y, axis=1)
    return jnp.stack([a / deviation, b - a * mean], axis=1)


def fit__through_the_origin(x, y):
    """The lines are forced through the origin, the intercepts are 0.

    Which price does your line give to a house of size 0?
    """
    sizes = x[:, :, 0]
    slope = jnp.sum(sizes * y, axis=1) / jnp.sum(sizes**2, axis=1)
    return jnp.stack([slope, jnp.zeros_like(slope)], axis=1)


def fit__intercept_first(x, y):
    """The intercept stands first and the slope second.

    Which of the two does params begin with?
    """

    def one_city(sizes, prices):
        table = jnp.hstack([jnp.ones_like(sizes), sizes])
        return jnp.linalg.lstsq(table, prices)[0]

    return jax.vmap(one_city)(x, y)


def fit__mixed_denominators(x, y):
    """The covariance divides by n - 1 and the variance by n, which makes the slopes too steep.

    Look up which denominator each of the two library functions uses.
    """
    rows = []
    for sizes, prices in zip(x[:, :, 0], y, strict=True):
        slope = jnp.cov(sizes, prices)[0, 1] / jnp.var(sizes)
        rows.append(jnp.stack([slope, prices.mean() - slope * sizes.mean()]))
    return jnp.stack(rows)


def fit__line_through_two_houses(x, y):
    """A line through the smallest and the largest house: all others have no say.

    Move a house in the middle. Does your line move?
    """

    def one_city(sizes, prices):
        low, high = jnp.argmin(sizes), jnp.argmax(sizes)
        slope = (prices[high] - prices[low]) / (sizes[high] - sizes[low])
        return jnp.stack([slope, prices[low] - slope * sizes[low]])

    return jax.vmap(one_city)(x[:, :, 0], y)


def fit__ridge_term_for_safety(x, y):
    """A ridge term is added to the normal equations, and it pulls the intercept towards 0.

    Fit prices that lie exactly on a line. Do you get this line back?
    """

    def one_city(sizes, prices):
        table = jnp.hstack([sizes, jnp.ones_like(sizes)])
        return jnp.linalg.solve(table.T @ table + 10 * jnp.eye(2), table.T @ prices)

    return jax.vmap(one_city)(x, y)


def fit__stopped_too_early(x, y):
    """The units are right, but the training stops long before the bottom.

    Double the number of epochs. Do the params still change?
    """
    z, mean, deviation = standardized(x)
    p, _ = trained(jnp.zeros((x.shape[0], 2), jnp.float32), z[:, :, None], y, 0.01, 100)
    slope = p[:, 0] / deviation
    return jnp.stack([slope, p[:, 1] - slope * mean], axis=1)


def fit__double_precision_returned(x, y):
    """The params are float64, as NumPy computed them; float32 is asked for.

    Print the dtype of what you return.
    """
    sizes, prices = np.asarray(x, np.float64)[:, :, 0], np.asarray(y, np.float64)
    return np.stack([np.polyfit(s, p, 1) for s, p in zip(sizes, prices, strict=True)])


def fit__slopes_in_a_row(x, y):
    """The first row holds all slopes, the second all intercepts: the table is transposed.

    Row i should belong to city i. Try it with three cities and look at the shape.
    """
    sizes = x[:, :, 0]
    away = sizes - sizes.mean(1, keepdims=True)
    slope = jnp.sum(away * y, axis=1) / jnp.sum(away**2, axis=1)
    return jnp.stack([slope, y.mean(1) - slope * sizes.mean(1)])


def train_step__gradients_added_house_by_house(params, x, y, learning_rate):
    """method: A Python loop goes over the houses one by one.

    Which function that you have written takes all the houses at once?
    """

    def squared_error(p, size, price):
        return (p[0] * size + p[1] - price) ** 2

    total = jnp.zeros((), x.dtype)
    slopes = jnp.zeros_like(params)
    for size, price in zip(x[:, 0], y, strict=True):
        error, slope = jax.value_and_grad(squared_error)(params, size, price)
        total, slopes = total + error, slopes + slope
    return params - learning_rate * slopes / len(y), total / len(y)
