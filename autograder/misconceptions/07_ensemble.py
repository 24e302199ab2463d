"""Wrong answers to exercise 7, one misunderstanding each."""

import jax
import jax.numpy as jnp
import numpy as np


def loss(params, x, y):
    """The mean squared error of one model."""
    return jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2)


def each(function, params, x, y):
    """A function of one model, for all models on the same data."""
    return jax.vmap(function, in_axes=(0, None, None))(params, x, y)


def steps(params, x, y, learning_rate):
    """All models' params after a step, and the losses before it."""
    losses, gradients = each(jax.value_and_grad(loss), params, x, y)
    return params - learning_rate * gradients, losses


def trained(params, x, y, learning_rate, n_epochs):
    """All models' params after training, and the losses before every step."""
    return jax.lax.scan(lambda p, _: steps(p, x, y, learning_rate), params, length=n_epochs)


def norms(params, x, y):
    """The lengths of all models' gradients."""
    return jnp.linalg.norm(each(jax.grad(loss), params, x, y), axis=1)


def init_ensemble__one_row_repeated(key, n_models):
    """Every model starts from the same point: one row stands there again and again.

    What can ten models that start at the same place tell you?
    """
    return jnp.tile(jax.random.normal(key, (2,)), (n_models, 1))


def init_ensemble__slope_equals_intercept(key, n_models):
    """Slope and intercept of a model are the same number.

    Compare the two columns of your result. What does a key give that is used twice?
    """
    slopes = jax.random.normal(key, (n_models,))
    intercepts = jax.random.normal(key, (n_models,))
    return jnp.stack([slopes, intercepts], axis=1)


def init_ensemble__key_of_its_own(key, n_models):
    """law: A fixed key is used; the one passed in has no effect.

    Call it with two different keys. Are the ensembles different?
    """
    return jax.random.normal(jax.random.PRNGKey(0), (n_models, 2))


def init_ensemble__uniform_for_normal(key, n_models):
    """The numbers are uniform between 0 and 1, not standard normal.

    Draw a thousand models and look for negative numbers.
    """
    return jax.random.uniform(key, (n_models, 2))


def init_ensemble__small_starting_points(key, n_models):
    """The numbers are scaled down to a hundredth; standard normal has a deviation of 1.

    Draw a thousand models and compute the standard deviation.
    """
    return 0.01 * jax.random.normal(key, (n_models, 2))


def init_ensemble__intercepts_start_at_zero(key, n_models):
    """Only the slopes are drawn, every intercept starts at 0.

    Which of the two columns of your result is random?
    """
    slopes = jax.random.normal(key, (n_models, 1))
    return jnp.concatenate([slopes, jnp.zeros_like(slopes)], axis=1)


def init_ensemble__models_in_columns(key, n_models):
    """The models stand in the columns; they should stand in the rows.

    Print the shape for ten models.
    """
    return jax.random.normal(key, (2, n_models))


def init_ensemble__numbers_from_numpy(key, n_models):
    """law: The numbers do not come from the key (but from NumPy, perhaps), so the same key gives
    new ones each time.

    Call it twice with the same key and compare.
    """
    return jnp.asarray(np.random.normal(size=(n_models, 2)), jnp.float32)


def init_ensemble__number_added_to_the_key(key, n_models):
    """Numbers are added to the key, which works only while a key is a plain array.

    Try a key made by jax.random.key. Which functions make new keys out of a key?
    """
    return jax.vmap(lambda i: jax.random.normal(key + i, (2,)))(
        jnp.arange(n_models, dtype="uint32")
    )


def init_ensemble__loop_over_the_keys(key, n_models):
    """method: A Python loop draws one model after the other.

    How could a single call draw a whole table, or one function go through many keys?
    """
    rows = []
    for model_key in jax.random.split(key, n_models):
        rows.append(jax.random.normal(model_key, (2,)))
    return jnp.stack(rows)


def ensemble_train_step__losses_after_the_step(params, x, y, learning_rate):
    """The losses are those of the new params; they should be the losses before the step.

    Which params belong to the losses you return?
    """
    new, _ = steps(params, x, y, learning_rate)
    return new, each(loss, new, x, y)


def ensemble_train_step__one_gradient_for_all_models(params, x, y, learning_rate):
    """All models take the step of the mean gradient, so they never come closer to each other.

    Each model stands somewhere else on the slope. Should they all step the same way?
    """
    losses, gradients = each(jax.value_and_grad(loss), params, x, y)
    return params - learning_rate * jnp.mean(gradients, axis=0), losses


def ensemble_train_step__gradient_of_the_mean_over_models(params, x, y, learning_rate):
    """The mean of all models' losses is differentiated: every step is too short.

    Compare the step of one model alone with its step in the company of nine others.
    """
    return steps(params, x, y, learning_rate / params.shape[0])


def ensemble_train_step__one_loss_for_all_models(params, x, y, learning_rate):
    """The losses of the models are averaged into a single number.

    How many losses should ten models report?
    """
    new, losses = steps(params, x, y, learning_rate)
    return new, jnp.mean(losses)


def ensemble_train_step__one_house_for_each_model(params, x, y, learning_rate):
    """The houses are dealt out: model i sees one house only; all should see all the houses.

    The models share the data. Which arguments should not be mapped?
    """
    mine = jnp.arange(params.shape[0]) % x.shape[0]
    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params, x[mine, None], y[mine, None])
    return params - learning_rate * gradients, losses


def ensemble_train_step__models_go_uphill(params, x, y, learning_rate):
    """The steps go uphill: the losses grow.

    Take two steps and compare the losses.
    """
    return steps(params, x, y, -learning_rate)


def ensemble_train_step__summed_over_the_houses(params, x, y, learning_rate):
    """The losses are summed over the houses, so loss and step are n times too large.

    What should happen to a step when every house appears twice?
    """
    new, losses = steps(params, x, y, learning_rate * len(y))
    return new, losses * len(y)


def ensemble_train_step__single_model_squeezed(params, x, y, learning_rate):
    """law: Axes of length 1 are squeezed away, so a single model loses its axis.

    Call it with an ensemble of one model and compare the shapes.
    """
    new, losses = steps(params, x, y, learning_rate)
    return jnp.squeeze(new), jnp.squeeze(losses)


def ensemble_train_step__loop_over_the_models(params, x, y, learning_rate):
    """method: A Python loop goes through the models.

    You have a step for one model. Which transformation gives a step for many?
    """
    models = [steps(p[None], x, y, learning_rate) for p in params]
    new, losses = zip(*models, strict=True)
    return jnp.concatenate(new), jnp.concatenate(losses)


def train_ensemble__losses_one_row_late(params, x, y, learning_rate, n_epochs):
    """The history is one row late: row e holds the losses after step e.

    Row 0 should belong to the params you were given. What are their losses?
    """

    def epoch(p, _):
        p, _ = steps(p, x, y, learning_rate)
        return p, each(loss, p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


def train_ensemble__ensemble_history_transposed(params, x, y, learning_rate, n_epochs):
    """The history has a row for each model and a column for each epoch: it is transposed.

    Compare its shape with (n_epochs, m) for seven epochs and two models.
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return final, history.T


def train_ensemble__losses_of_the_last_epoch(params, x, y, learning_rate, n_epochs):
    """Only the losses of the last epoch are returned, not the history.

    How many rows should the losses of 100 epochs have?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return final, history[-1]


def train_ensemble__averaged_after_every_epoch(params, x, y, learning_rate, n_epochs):
    """The models are averaged after every epoch, so they can no longer disagree.

    Ten models are to find their way on their own. Do yours meet after the first step?
    """

    def epoch(p, _):
        p, losses = steps(p, x, y, learning_rate)
        return jnp.broadcast_to(jnp.mean(p, axis=0), p.shape), losses

    return jax.lax.scan(epoch, params, length=n_epochs)


def train_ensemble__best_model_in_every_row(params, x, y, learning_rate, n_epochs):
    """Every row of the result is the model with the smallest loss.

    If all rows are the same, what is left to compare?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    best = jnp.argmin(each(loss, final, x, y))
    return jnp.tile(final[best], (params.shape[0], 1)), history


def train_ensemble__one_mean_model(params, x, y, learning_rate, n_epochs):
    """The models' params are averaged into one line at the end.

    How many rows of params should an ensemble of ten have?
    """
    final, history = trained(params, x, y, learning_rate, n_epochs)
    return jnp.mean(final, axis=0), history


def train_ensemble__one_epoch_short(params, x, y, learning_rate, n_epochs):
    """One step is missing: the params are those that belong to the last row of losses.

    With one epoch, are the params that come back different from the ones you were given?
    """
    before_last, history = trained(params, x, y, learning_rate, n_epochs - 1)
    return before_last, jnp.concatenate([history, each(loss, before_last, x, y)[None]])


def train_ensemble__gradients_computed_once(params, x, y, learning_rate, n_epochs):
    """Every step uses the gradients of the starting points.

    The slope of the ground changes as you walk. How often are the gradients computed?
    """
    gradients = each(jax.grad(loss), params, x, y)

    def epoch(p, _):
        return p - learning_rate * gradients, each(loss, p, x, y)

    return jax.lax.scan(epoch, params, length=n_epochs)


def train_ensemble__always_from_the_start(params, x, y, learning_rate, n_epochs):
    """Every epoch sets out from the models that were passed in, so no step follows another.

    Compare what one epoch and three of them return. Which models does the second step begin with?
    """
    new, losses = steps(params, x, y, learning_rate)
    return new, jnp.tile(losses, (n_epochs, 1))


def train_ensemble__one_model_after_the_other(params, x, y, learning_rate, n_epochs):
    """method: The models are trained one after the other, in a Python loop.

    A loop over epochs is fine. How can one epoch serve all models at once?
    """
    runs = [trained(p[None], x, y, learning_rate, n_epochs) for p in params]
    final, columns = zip(*runs, strict=True)
    return jnp.concatenate(final), jnp.concatenate(columns, axis=1)


def spread__deviation_for_spread(params):
    """This is the standard deviation over the models, not the distance of the extremes.

    Try two models with the slopes 0 and 10. What is largest minus smallest?
    """
    return jnp.std(params, axis=0)


def spread__slope_against_intercept(params):
    """Slope and intercept of one model are compared with each other, not the models.

    How long is the result for five models, and how long should it be?
    """
    return jnp.max(params, axis=1) - jnp.min(params, axis=1)


def spread__one_spread_for_both(params):
    """Slopes and intercepts are thrown together, and one number comes out.

    The models may agree in the slope and not in the intercept. Can your result say so?
    """
    return jnp.max(params) - jnp.min(params)


def spread__smallest_minus_largest(params):
    """The largest is taken away from the smallest, so the result is negative.

    Can a spread be below 0?
    """
    return jnp.min(params, axis=0) - jnp.max(params, axis=0)


def spread__last_minus_first(params):
    """The last model is compared with the first, whatever stands between them.

    Shuffle the rows of params. Should the spread change?
    """
    return jnp.abs(params[-1] - params[0])


def spread__signs_dropped(params):
    """Absolute values are compared, so -3 and 3 count as equal.

    Try two models with the slopes -3 and 3.
    """
    size = jnp.abs(params)
    return jnp.max(size, axis=0) - jnp.min(size, axis=0)


def spread__spread_kept_as_a_row(params):
    """The result is a table with one row.

    Print the shape of the result and compare it with (2,).
    """
    return jnp.ptp(params, axis=0, keepdims=True)


def spread__loop_over_the_models(params):
    """method: A Python loop goes through the models one by one.

    Which array operations look at all models at once?
    """
    slopes, intercepts = zip(*params, strict=True)
    ranges = [max(values) - min(values) for values in (slopes, intercepts)]
    return jnp.stack(ranges)


def converged__loss_for_gradient(params, x, y, tolerance):
    """The loss is compared with the tolerance, not the length of its gradient.

    Noisy prices have a loss well above 0 even at the bottom. What is 0 there?
    """
    return each(loss, params, x, y) <= tolerance


def converged__each_component_small(params, x, y, tolerance):
    """Slope and intercept are tested one by one instead of by the length of the gradient.

    Try the gradient (3, 4) and the tolerance 4.5. How long is that gradient?
    """
    return jnp.all(jnp.abs(each(jax.grad(loss), params, x, y)) <= tolerance, axis=1)


def converged__sum_of_absolute_values(params, x, y, tolerance):
    """The absolute values are added up; the Euclidean norm is something else.

    Try the gradient (3, 4) and the tolerance 5.
    """
    return jnp.sum(jnp.abs(each(jax.grad(loss), params, x, y)), axis=1) <= tolerance


def converged__root_forgotten(params, x, y, tolerance):
    """The squared length of the gradient is compared with the tolerance.

    Try the gradient (3, 4) and the tolerance 5. What is missing after the sum?
    """
    return norms(params, x, y) ** 2 <= tolerance


def converged__one_answer_for_all(params, x, y, tolerance):
    """One answer is given for the whole ensemble.

    Some models may have arrived and others not. How many answers should there be?
    """
    return jnp.all(norms(params, x, y) <= tolerance)


def converged__nan_has_arrived(params, x, y, tolerance):
    """A model whose gradient is not a number counts as arrived, though it never will.

    Give one model the params NaN and follow it through your code. What comes out, and where?
    """
    return ~(norms(params, x, y) > tolerance)


def converged__slope_alone_decides(params, x, y, tolerance):
    """Only the derivative in the slope is looked at.

    Exercise 6 had a flat direction. Which param was slow to arrive?
    """
    return jnp.abs(each(jax.grad(loss), params, x, y)[:, 0]) <= tolerance


def converged__norm_over_the_models(params, x, y, tolerance):
    """The norm is taken over the models, so there are two answers, one for each param.

    How many answers should three models give? Look at the axis of the norm.
    """
    return jnp.linalg.norm(each(jax.grad(loss), params, x, y), axis=0) <= tolerance


def converged__zeros_and_ones(params, x, y, tolerance):
    """The answers are the numbers 0 and 1, not truth values.

    Print the dtype of the result. Could it select rows of params, as a mask?
    """
    return jnp.where(norms(params, x, y) <= tolerance, 1.0, 0.0)


def converged__still_on_the_way(params, x, y, tolerance):
    """The question is turned round: true means still on the way.

    With a huge tolerance every model has arrived. What do you answer?
    """
    return norms(params, x, y) > tolerance


def converged__shorter_than_the_tolerance(params, x, y, tolerance):
    """law: A gradient exactly as long as the tolerance does not count as arrived.

    Try a line that fits perfectly, with the tolerance 0. What does `at most` include?
    """
    return norms(params, x, y) < tolerance


def converged__model_after_model(params, x, y, tolerance):
    """method: A Python loop asks one model after the other.

    Write the gradient of one model, then let JAX go through the models.
    """
    return jnp.array([jnp.linalg.norm(jax.grad(loss)(p, x, y)) <= tolerance for p in params])


def init_ensemble__single_start_squeezed(key, n_models):
    """An ensemble of one model loses its axis to squeeze and becomes a plain vector.

    Ask for one model and print the shape. How many rows should there be?
    """
    return jnp.squeeze(jax.random.normal(key, (n_models, 2)))


def spread__single_model_squeezed_in_spread(params):
    """law: A single model loses its axis to squeeze, and slope and intercept are compared instead.

    Call your function with one model. Over which axis is the largest taken then?
    """
    models = jnp.squeeze(params)
    return jnp.max(models, axis=0) - jnp.min(models, axis=0)
