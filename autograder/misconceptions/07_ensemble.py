"""Wrong answers to exercise 7, one misunderstanding each."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="init_ensemble",
    kind="values",
    idea="Every model starts from the same point: one row is drawn and repeated.",
    nudge="What can ten models that start at the same place tell you?",
)
def one_row_repeated(key, n_models):
    return jnp.tile(jax.random.normal(key, (2,)), (n_models, 1))


@misconception(
    of="init_ensemble",
    kind="values",
    idea="Slope and intercept of a model are the same number, drawn twice from the same key.",
    nudge="Compare the two columns of your result.",
)
def slope_equals_intercept(key, n_models):
    slopes = jax.random.normal(key, (n_models,))
    intercepts = jax.random.normal(key, (n_models,))
    return jnp.stack([slopes, intercepts], axis=1)


@misconception(
    of="init_ensemble",
    kind="law",
    idea="A fixed key is used; the one passed in has no effect.",
    nudge="Call it with two different keys. Are the ensembles different?",
)
def key_of_its_own(key, n_models):
    return jax.random.normal(jax.random.PRNGKey(0), (n_models, 2))


@misconception(
    of="init_ensemble",
    kind="values",
    idea="The numbers are uniform between 0 and 1, not standard normal.",
    nudge="Draw a thousand models and look for negative numbers.",
)
def uniform_for_normal(key, n_models):
    return jax.random.uniform(key, (n_models, 2))


@misconception(
    of="init_ensemble",
    kind="values",
    idea="The numbers are scaled down to a hundredth; standard normal has a deviation of 1.",
    nudge="Draw a thousand models and compute the standard deviation.",
)
def small_starting_points(key, n_models):
    return 0.01 * jax.random.normal(key, (n_models, 2))


@misconception(
    of="init_ensemble",
    kind="values",
    idea="Only the slopes are drawn, every intercept starts at 0.",
    nudge="Which of the two columns of your result is random?",
)
def intercepts_start_at_zero(key, n_models):
    slopes = jax.random.normal(key, (n_models, 1))
    return jnp.concatenate([slopes, jnp.zeros_like(slopes)], axis=1)


@misconception(
    of="init_ensemble",
    kind="values",
    idea="The models stand in the columns; they should stand in the rows.",
    nudge="Print the shape for ten models.",
)
def models_in_columns(key, n_models):
    return jax.random.normal(key, (2, n_models))


@misconception(
    of="init_ensemble",
    kind="law",
    idea=(
        "The numbers do not come from the key (but from NumPy, perhaps), so the same key gives "
        "new ones each time."
    ),
    nudge="Call it twice with the same key and compare.",
)
def numbers_from_numpy(key, n_models):
    return jnp.asarray(np.random.normal(size=(n_models, 2)), jnp.float32)


@misconception(
    of="init_ensemble",
    kind="values",
    idea="Numbers are added to the key, which works only while a key is a plain array.",
    nudge="Try a key made by jax.random.key. Which functions make new keys out of a key?",
)
def number_added_to_the_key(key, n_models):
    return jax.vmap(lambda i: jax.random.normal(key + i, (2,)))(
        jnp.arange(n_models, dtype="uint32")
    )


@misconception(
    of="init_ensemble",
    kind="method",
    idea="A Python loop draws one model after the other.",
    nudge="How could a single call draw a whole table, or one function go through many keys?",
)
def loop_over_the_keys(key, n_models):
    rows = []
    for model_key in jax.random.split(key, n_models):
        rows.append(jax.random.normal(model_key, (2,)))
    return jnp.stack(rows)


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The losses are those of the new params; they should be the losses before the step.",
    nudge="Which params belong to the losses you return?",
)
def losses_after_the_step(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    new = params - learning_rate * jax.vmap(jax.grad(loss))(params)
    return new, jax.vmap(loss)(new)


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="All models take the step of the mean gradient, so they never come closer to each other.",
    nudge="Each model stands somewhere else on the slope. Should they all step the same way?",
)
def one_gradient_for_all_models(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params)
    return params - learning_rate * jnp.mean(gradients, axis=0), losses


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The mean of all models' losses is differentiated: every step is too short.",
    nudge="Compare the step of one model alone with its step in the company of nine others.",
)
def gradient_of_the_mean_over_models(params, x, y, learning_rate):
    def mean_loss(p):
        losses = jnp.mean((p[:, :1] * x[:, 0] + p[:, 1:] - y) ** 2, axis=1)
        return jnp.mean(losses), losses

    gradients, losses = jax.grad(mean_loss, has_aux=True)(params)
    return params - learning_rate * gradients, losses


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The losses of the models are averaged into a single number.",
    nudge="How many losses should ten models report?",
)
def one_loss_for_all_models(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params)
    return params - learning_rate * gradients, jnp.mean(losses)


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The houses are dealt out: model i sees one house only; all should see all the houses.",
    nudge="The models share the data. Which arguments should not be mapped?",
)
def one_house_for_each_model(params, x, y, learning_rate):
    def step(p, house, price):
        def loss(q):
            return (q[0] * house[0] + q[1] - price) ** 2

        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    mine = jnp.arange(params.shape[0]) % x.shape[0]
    return jax.vmap(step)(params, x[mine], y[mine])


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The steps go uphill: the losses grow.",
    nudge="Take two steps and compare the losses.",
)
def models_go_uphill(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params)
    return params + learning_rate * gradients, losses


@misconception(
    of="ensemble_train_step",
    kind="values",
    idea="The losses are summed over the houses, so loss and step are n times too large.",
    nudge="What should happen to a step when every house appears twice?",
)
def summed_over_the_houses(params, x, y, learning_rate):
    def loss(p):
        return jnp.sum((p[0] * x[:, 0] + p[1] - y) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params)
    return params - learning_rate * gradients, losses


@misconception(
    of="ensemble_train_step",
    kind="law",
    idea="Axes of length 1 are squeezed away, so a single model loses its axis.",
    nudge="Call it with an ensemble of one model and compare the shapes.",
)
def single_model_squeezed(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    losses, gradients = jax.vmap(jax.value_and_grad(loss))(params)
    return jnp.squeeze(params - learning_rate * gradients), jnp.squeeze(losses)


@misconception(
    of="ensemble_train_step",
    kind="method",
    idea="A Python loop goes through the models.",
    nudge="You have a step for one model. Which transformation gives a step for many?",
)
def loop_over_the_models(params, x, y, learning_rate):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    steps = [jax.value_and_grad(loss)(params[i]) for i in range(params.shape[0])]
    losses = jnp.stack([value for value, _ in steps])
    return params - learning_rate * jnp.stack([gradient for _, gradient in steps]), losses


@misconception(
    of="train_ensemble",
    kind="values",
    idea="The history is one row late: row e holds the losses after step e.",
    nudge="Row 0 should belong to the params you were given. What are their losses?",
)
def losses_one_row_late(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        p = p - learning_rate * jax.vmap(jax.grad(loss))(p)
        return p, jax.vmap(loss)(p)

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train_ensemble",
    kind="values",
    idea="The history has a row for each model and a column for each epoch: it is transposed.",
    nudge="Compare its shape with (n_epochs, m) for seven epochs and two models.",
)
def ensemble_history_transposed(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    return jax.vmap(lambda p: jax.lax.scan(epoch, p, length=n_epochs))(params)


@misconception(
    of="train_ensemble",
    kind="values",
    idea="Only the losses of the last epoch are returned, not the history.",
    nudge="How many rows should the losses of 100 epochs have?",
)
def losses_of_the_last_epoch(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * gradients, losses

    final, history = jax.lax.scan(epoch, params, length=n_epochs)
    return final, history[-1]


@misconception(
    of="train_ensemble",
    kind="values",
    idea="The models are averaged after every epoch, so they can no longer disagree.",
    nudge="Ten models are to find their way on their own. Do yours meet after the first step?",
)
def averaged_after_every_epoch(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        mean = jnp.mean(p - learning_rate * gradients, axis=0)
        return jnp.broadcast_to(mean, p.shape), losses

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train_ensemble",
    kind="values",
    idea="Every row of the result is the model with the smallest loss.",
    nudge="If all rows are the same, what is left to compare?",
)
def best_model_in_every_row(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * gradients, losses

    final, history = jax.lax.scan(epoch, params, length=n_epochs)
    best = jnp.argmin(jax.vmap(loss)(final))
    return jnp.tile(final[best], (params.shape[0], 1)), history


@misconception(
    of="train_ensemble",
    kind="values",
    idea="The models' params are averaged into one line at the end.",
    nudge="How many rows of params should an ensemble of ten have?",
)
def one_mean_model(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * gradients, losses

    final, history = jax.lax.scan(epoch, params, length=n_epochs)
    return jnp.mean(final, axis=0), history


@misconception(
    of="train_ensemble",
    kind="values",
    idea="One step is missing: the params are those that belong to the last row of losses.",
    nudge="With one epoch, are the params that come back different from the ones you were given?",
)
def one_epoch_short(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        losses, gradients = jax.vmap(jax.value_and_grad(loss))(p)
        return p - learning_rate * gradients, losses

    before_last, history = jax.lax.scan(epoch, params, length=n_epochs - 1)
    return before_last, jnp.concatenate([history, jax.vmap(loss)(before_last)[None]])


@misconception(
    of="train_ensemble",
    kind="values",
    idea="Every step uses the gradients of the starting points.",
    nudge="The slope of the ground changes as you walk. How often are the gradients computed?",
)
def gradients_computed_once(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    gradients = jax.vmap(jax.grad(loss))(params)

    def epoch(p, _):
        return p - learning_rate * gradients, jax.vmap(loss)(p)

    return jax.lax.scan(epoch, params, length=n_epochs)


@misconception(
    of="train_ensemble",
    kind="method",
    idea="The models are trained one after the other, in a Python loop.",
    nudge="A loop over epochs is fine. How can one epoch serve all models at once?",
)
def one_model_after_the_other(params, x, y, learning_rate, n_epochs):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    def epoch(p, _):
        value, gradient = jax.value_and_grad(loss)(p)
        return p - learning_rate * gradient, value

    runs = [jax.lax.scan(epoch, p, length=n_epochs) for p in params]
    return jnp.stack([p for p, _ in runs]), jnp.stack([losses for _, losses in runs], axis=1)


@misconception(
    of="spread",
    kind="values",
    idea="This is the standard deviation over the models, not the distance of the extremes.",
    nudge="Try two models with the slopes 0 and 10. What is largest minus smallest?",
)
def deviation_for_spread(params):
    return jnp.std(params, axis=0)


@misconception(
    of="spread",
    kind="values",
    idea="Slope and intercept of one model are compared with each other, not the models.",
    nudge="How long is the result for five models, and how long should it be?",
)
def slope_against_intercept(params):
    return jnp.max(params, axis=1) - jnp.min(params, axis=1)


@misconception(
    of="spread",
    kind="values",
    idea="Slopes and intercepts are thrown together, and one number comes out.",
    nudge="The models may agree in the slope and not in the intercept. Can your result say so?",
)
def one_spread_for_both(params):
    return jnp.max(params) - jnp.min(params)


@misconception(
    of="spread",
    kind="values",
    idea="The largest is taken away from the smallest, so the result is negative.",
    nudge="Can a spread be below 0?",
)
def smallest_minus_largest(params):
    return jnp.min(params, axis=0) - jnp.max(params, axis=0)


@misconception(
    of="spread",
    kind="values",
    idea="The last model is compared with the first, whatever stands between them.",
    nudge="Shuffle the rows of params. Should the spread change?",
)
def last_minus_first(params):
    return jnp.abs(params[-1] - params[0])


@misconception(
    of="spread",
    kind="values",
    idea="This is the distance from the mean to the furthest model, not between the extremes.",
    nudge="Try the slopes 0 and 10. How far apart are they?",
)
def furthest_from_the_mean(params):
    return jnp.max(jnp.abs(params - jnp.mean(params, axis=0)), axis=0)


@misconception(
    of="spread",
    kind="values",
    idea="Absolute values are compared, so -3 and 3 count as equal.",
    nudge="Try two models with the slopes -3 and 3.",
)
def signs_dropped(params):
    size = jnp.abs(params)
    return jnp.max(size, axis=0) - jnp.min(size, axis=0)


@misconception(
    of="spread",
    kind="values",
    idea="The result is a table with one row.",
    nudge="Print the shape of the result and compare it with (2,).",
)
def spread_kept_as_a_row(params):
    return jnp.ptp(params, axis=0, keepdims=True)


@misconception(
    of="spread",
    kind="values",
    idea="A tuple of two numbers is returned, not one array.",
    nudge="What is the type of your result, and what is its shape?",
)
def spread_as_a_tuple(params):
    slopes, intercepts = params.T
    return jnp.ptp(slopes), jnp.ptp(intercepts)


@misconception(
    of="converged",
    kind="values",
    idea="The loss is compared with the tolerance, not the length of its gradient.",
    nudge="Noisy prices have a loss well above 0 even at the bottom. What is 0 there?",
)
def loss_for_gradient(params, x, y, tolerance):
    losses = jnp.mean((params[:, :1] * x[:, 0] + params[:, 1:] - y) ** 2, axis=1)
    return losses <= tolerance


@misconception(
    of="converged",
    kind="values",
    idea="Slope and intercept are tested one by one instead of by the length of the gradient.",
    nudge="Try the gradient (3, 4) and the tolerance 4.5. How long is that gradient?",
)
def each_component_small(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.all(jnp.abs(jax.vmap(jax.grad(loss))(params)) <= tolerance, axis=1)


@misconception(
    of="converged",
    kind="values",
    idea="The absolute values are added up; the Euclidean norm is something else.",
    nudge="Try the gradient (3, 4) and the tolerance 5.",
)
def sum_of_absolute_values(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.sum(jnp.abs(jax.vmap(jax.grad(loss))(params)), axis=1) <= tolerance


@misconception(
    of="converged",
    kind="values",
    idea="The squared length of the gradient is compared with the tolerance.",
    nudge="Try the gradient (3, 4) and the tolerance 5. What is missing after the sum?",
)
def root_forgotten(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.sum(jax.vmap(jax.grad(loss))(params) ** 2, axis=1) <= tolerance


@misconception(
    of="converged",
    kind="values",
    idea="One answer is given for the whole ensemble.",
    nudge="Some models may have arrived and others not. How many answers should there be?",
)
def one_answer_for_all(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.all(jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1) <= tolerance)


@misconception(
    of="converged",
    kind="values",
    idea="A model counts as arrived unless its gradient is too long, and NaN is never too long.",
    nudge="Give one model the params NaN. What do comparisons with NaN answer?",
)
def nan_has_arrived(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    too_long = jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1) > tolerance
    return ~too_long


@misconception(
    of="converged",
    kind="values",
    idea="Only the derivative in the slope is looked at.",
    nudge="Exercise 6 had a flat direction. Which param was slow to arrive?",
)
def slope_alone_decides(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.abs(jax.vmap(jax.grad(loss))(params)[:, 0]) <= tolerance


@misconception(
    of="converged",
    kind="values",
    idea="The norm is taken over the models, so there are two answers, one for each param.",
    nudge="How many answers should three models give? Look at the axis of the norm.",
)
def norm_over_the_models(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=0) <= tolerance


@misconception(
    of="converged",
    kind="values",
    idea="The answers are the numbers 0 and 1, not truth values.",
    nudge="Print the dtype of the result. Could it select rows of params, as a mask?",
)
def zeros_and_ones(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    norms = jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1)
    return jnp.where(norms <= tolerance, 1.0, 0.0)


@misconception(
    of="converged",
    kind="values",
    idea="The question is turned round: true means still on the way.",
    nudge="With a huge tolerance every model has arrived. What do you answer?",
)
def still_on_the_way(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1) > tolerance


@misconception(
    of="converged",
    kind="law",
    idea="A gradient exactly as long as the tolerance does not count as arrived.",
    nudge="Try a line that fits perfectly, with the tolerance 0. What does `at most` include?",
)
def shorter_than_the_tolerance(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1) < tolerance


@misconception(
    of="converged",
    kind="method",
    idea="A Python loop asks one model after the other.",
    nudge="Write the gradient of one model, then let JAX go through the models.",
)
def model_after_model(params, x, y, tolerance):
    def loss(p):
        return jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)

    return jnp.array([jnp.linalg.norm(jax.grad(loss)(p)) <= tolerance for p in params])


@misconception(
    of="init_ensemble",
    kind="values",
    idea="An ensemble of one model loses its axis to squeeze and becomes a plain vector.",
    nudge="Ask for one model and print the shape. How many rows should there be?",
)
def single_start_squeezed(key, n_models):
    return jnp.squeeze(jax.random.normal(key, (n_models, 2)))


@misconception(
    of="spread",
    kind="law",
    idea="A single model loses its axis to squeeze, and slope and intercept are compared instead.",
    nudge="Call your function with one model. Over which axis is the largest taken then?",
)
def single_model_squeezed_in_spread(params):
    models = jnp.squeeze(params)
    return jnp.max(models, axis=0) - jnp.min(models, axis=0)
