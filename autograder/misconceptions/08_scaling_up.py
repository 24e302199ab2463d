"""Wrong answers to exercise 8, one misunderstanding each."""

import jax
import jax.numpy as jnp


def loss(params, x, y):
    """The mean squared error of one model."""
    return jnp.mean((params[0] * x[:, 0] + params[1] - y) ** 2)


def trained(params, x, y, learning_rate, n_epochs):
    """One model's params after training."""

    def epoch(_, p):
        return p - learning_rate * jax.grad(loss)(p, x, y)

    return jax.lax.fori_loop(0, n_epochs, epoch, params)


def final_losses(params, x, y, learning_rates, n_epochs):
    """The loss after training with each of the rates."""
    return jax.vmap(lambda rate: loss(trained(params, x, y, rate, n_epochs), x, y))(learning_rates)


def finite(losses):
    """The losses, with infinity for those that diverged."""
    return jnp.where(jnp.isfinite(losses), losses, jnp.inf)


def users_trained(x, y, learning_rate, n_epochs, start=0.0):
    """Each user's params after training."""
    params = jnp.full((x.shape[0], 2), start, jnp.float32)
    return jax.vmap(lambda *user: trained(*user, learning_rate, n_epochs))(params, x, y)


def lines(params, x):
    """What each of many models predicts."""
    return params[:, :1] * x[:, 0] + params[:, 1:]


def log_densities(samples, x, y, noise_scale):
    """The log density of each example under each sample."""
    return jax.scipy.stats.norm.logpdf(y, lines(samples, x), noise_scale)


def learning_rate_search__nan_wins(params, x, y, learning_rates, n_epochs):
    """A rate that ends at NaN wins, because argmin takes NaN for the smallest of all.

    Include a rate so large that the training explodes. Which one do you choose?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__diverged_counts_as_zero(params, x, y, learning_rates, n_epochs):
    """Diverged losses are replaced by 0, and then nothing is smaller.

    What number should stand for a training that exploded, if the smallest is to win?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    losses = jnp.nan_to_num(losses, nan=0.0, posinf=0.0)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__large_number_for_diverged(params, x, y, learning_rates, n_epochs):
    """The losses that diverged are reported as a large number, and not as they are.

    That number helps to choose a rate. Is it the loss that the training ended with?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    losses = jnp.where(jnp.isfinite(losses), losses, 1e30)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__losses_before_the_last_step(params, x, y, learning_rates, n_epochs):
    """The losses are those before the last step, not those of the final params.

    With one epoch, do your losses depend on the rate at all?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs - 1)
    return learning_rates[jnp.argmin(finite(losses))], losses


def learning_rate_search__best_loss_on_the_way(params, x, y, learning_rates, n_epochs):
    """The smallest loss met on the way is reported, not the loss at the end.

    A training that explodes begins with a finite loss. What should be reported for it?
    """

    def smallest_loss(rate):
        def epoch(p, _):
            value, gradient = jax.value_and_grad(loss)(p, x, y)
            return p - rate * gradient, value

        last, history = jax.lax.scan(epoch, params, length=n_epochs)
        return jnp.nanmin(jnp.append(history, loss(last, x, y)))

    losses = jax.vmap(smallest_loss)(learning_rates)
    return learning_rates[jnp.argmin(losses)], losses


def learning_rate_search__goes_on_from_the_rate_before(params, x, y, learning_rates, n_epochs):
    """Each rate goes on from the params that the rate before it has reached.

    Shuffle the rates. Should the loss of a rate depend on which one was tried before it?
    """

    def try_rate(start, rate):
        last = trained(start, x, y, rate, n_epochs)
        return last, loss(last, x, y)

    _, losses = jax.lax.scan(try_rate, params, learning_rates)
    return learning_rates[jnp.argmin(finite(losses))], losses


def learning_rate_search__position_for_rate(params, x, y, learning_rates, n_epochs):
    """The position of the best rate is returned, not the rate.

    Could you pass your first result to train_step as its learning rate?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return jnp.argmin(finite(losses)), losses


def learning_rate_search__best_loss_for_rate(params, x, y, learning_rates, n_epochs):
    """The smallest loss is returned in place of the rate that reaches it.

    Is your first result one of the rates you were given?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return jnp.min(finite(losses)), losses


def learning_rate_search__largest_stable_rate(params, x, y, learning_rates, n_epochs):
    """The largest rate that does not explode is chosen, whatever its loss.

    Is the fastest stable rate also the one with the smallest loss? Compare the losses.
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    stable = jnp.where(jnp.isfinite(losses), learning_rates, -jnp.inf)
    return learning_rates[jnp.argmax(stable)], losses


def learning_rate_search__losses_first(params, x, y, learning_rates, n_epochs):
    """Losses and rate have changed places in the result.

    Compare the order of your result with the order in the task.
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return losses, learning_rates[jnp.argmin(finite(losses))]


def learning_rate_search__loop_over_the_rates(params, x, y, learning_rates, n_epochs):
    """method: A Python loop trains with one rate after the other.

    A whole training run is a function of its rate. What can be done with a function?
    """
    losses = []
    for rate in learning_rates:
        losses.append(loss(trained(params, x, y, rate, n_epochs), x, y))
    losses = jnp.stack(losses)
    return learning_rates[jnp.argmin(finite(losses))], losses


def ensemble_prediction__sample_deviation(params, x):
    """This is the sample standard deviation, which divides by m - 1, not the population's.

    What should the deviation of a single model be?
    """
    return jnp.mean(lines(params, x), axis=0), jnp.std(lines(params, x), axis=0, ddof=1)


def ensemble_prediction__variance_for_deviation(params, x):
    """This is the variance over the models, not the standard deviation.

    In which unit is the deviation of prices in dollars?
    """
    return jnp.mean(lines(params, x), axis=0), jnp.var(lines(params, x), axis=0)


def ensemble_prediction__over_the_houses(params, x):
    """Mean and deviation are taken over the houses of each model, not over the models.

    How many results do ten models give for three houses? Look at the axis.
    """
    return jnp.mean(lines(params, x), axis=1), jnp.std(lines(params, x), axis=1)


def ensemble_prediction__line_of_deviations(params, x):
    """The deviations of slope and intercept are put into the line, as if they always added up.

    Lines may cross: a steeper one may start lower. What is the deviation where they cross?
    """
    mean, deviation = jnp.mean(params, axis=0), jnp.std(params, axis=0)
    return mean[0] * x[:, 0] + mean[1], deviation[0] * jnp.abs(x[:, 0]) + deviation[1]


def ensemble_prediction__error_of_the_mean(params, x):
    """The deviation is divided by the root of m: this tells how well the mean is known.

    Should the models seem to agree better when every one of them is listed twice?
    """
    deviation = jnp.std(lines(params, x), axis=0) / jnp.sqrt(params.shape[0])
    return jnp.mean(lines(params, x), axis=0), deviation


def ensemble_prediction__median_of_the_models(params, x):
    """The median of the models is returned as their mean.

    Move one model far away. Should the first result stay as it is?
    """
    return jnp.median(lines(params, x), axis=0), jnp.std(lines(params, x), axis=0)


def ensemble_prediction__stacked_in_one_array(params, x):
    """Mean and deviation are two rows of one array, not a tuple.

    What is the type of your result?
    """
    predictions = lines(params, x)
    return jnp.stack([jnp.mean(predictions, axis=0), jnp.std(predictions, axis=0)])


def ensemble_prediction__mean_distance_for_deviation(params, x):
    """The mean distance from the mean is returned, not the standard deviation.

    Between distance and mean, the standard deviation does something to each distance.
    """
    predictions = lines(params, x)
    mean = jnp.mean(predictions, axis=0)
    return mean, jnp.mean(jnp.abs(predictions - mean), axis=0)


def ensemble_prediction__predictions_squeezed(params, x):
    """law: Axes of length 1 are squeezed away, so one house, or one model, breaks the shapes.

    Call it with one house, and with one model, and look at the shapes.
    """
    predictions = jnp.squeeze(lines(params, x))
    return jnp.mean(predictions, axis=0), jnp.std(predictions, axis=0)


def ensemble_prediction__loop_over_the_ensemble(params, x):
    """method: A Python loop asks the models one after the other.

    Which transformation applies a prediction to many sets of params?
    """
    predictions = jnp.stack([p[0] * x[:, 0] + p[1] for p in params])
    return jnp.mean(predictions, axis=0), jnp.std(predictions, axis=0)


def personalize__one_model_for_everybody(x, y, learning_rate, n_epochs):
    """All users share one model, trained on everybody's data.

    Are the rows of your result different from each other?
    """
    start = jnp.zeros(2, jnp.float32)
    shared = trained(start, x.reshape(-1, 1), y.reshape(-1), learning_rate, n_epochs)
    return jnp.tile(shared, (x.shape[0], 1))


def personalize__gradient_of_the_mean_over_users(x, y, learning_rate, n_epochs):
    """The mean of all users' losses is differentiated: every step is too short.

    Compare the params of one user alone with those in the company of a thousand others.
    """
    return users_trained(x, y, learning_rate / x.shape[0], n_epochs)


def personalize__starts_from_the_user_before(x, y, learning_rate, n_epochs):
    """Every user starts from the params of the user before; all should start from zeros.

    Change the data of the first user. Should the second one's params notice?
    """

    def train_user(start, user):
        last = trained(start, *user, learning_rate, n_epochs)
        return last, last

    return jax.lax.scan(train_user, jnp.zeros(2, jnp.float32), (x, y))[1]


def personalize__starts_from_ones(x, y, learning_rate, n_epochs):
    """The models start from ones; they should start from zeros.

    With a learning rate of 0 the result is the starting point. What do you get?
    """
    return users_trained(x, y, learning_rate, n_epochs, start=1.0)


def personalize__counting_from_one(x, y, learning_rate, n_epochs):
    """One step is missing: the training takes n_epochs - 1 of them.

    With n_epochs = 1, do the params leave 0?
    """
    return users_trained(x, y, learning_rate, n_epochs - 1)


def personalize__users_in_columns(x, y, learning_rate, n_epochs):
    """The users stand in the columns of the result; they should stand in the rows.

    Print the shape for ten users.
    """
    return users_trained(x, y, learning_rate, n_epochs).T


def personalize__params_of_standardized_features(x, y, learning_rate, n_epochs):
    """Every user's features are standardized first, and the params stay in those units.

    To which features do your params belong, the ones passed in or others?
    """
    z = (x - x.mean(axis=1, keepdims=True)) / (x.std(axis=1, keepdims=True) + 1e-6)
    return users_trained(z, y, learning_rate, n_epochs)


def personalize__loop_over_the_users(x, y, learning_rate, n_epochs):
    """method: A Python loop trains one user after the other: ten thousand users take far too long.

    Write the training of one user as a function. What makes it a function of many users?
    """
    start = jnp.zeros(2, jnp.float32)
    users = zip(x, y, strict=True)
    return jnp.stack([trained(start, *user, learning_rate, n_epochs) for user in users])


def log_likelihoods__scale_taken_for_variance(samples, x, y, noise_scale):
    """noise_scale is used as the variance; it is the standard deviation.

    Double the noise scale: by which factor should the squared residuals count less?
    """
    return jnp.sum(log_densities(samples, x, y, jnp.sqrt(noise_scale)), axis=1)


def log_likelihoods__constants_left_out(samples, x, y, noise_scale):
    """The constants of the normal density are left out.

    What is the log density of a residual of 0? It is not 0 in general.
    """
    return -0.5 * jnp.sum(((y - lines(samples, x)) / noise_scale) ** 2, axis=1)


def log_likelihoods__height_not_scaled(samples, x, y, noise_scale):
    """The residuals are standardized, but the density is not divided by the noise scale.

    A density twice as wide must be half as high. Where is this in your formula?
    """
    z = (y - lines(samples, x)) / noise_scale
    return jnp.sum(jax.scipy.stats.norm.logpdf(z), axis=1)


def log_likelihoods__mean_of_the_log_densities(samples, x, y, noise_scale):
    """The log densities of the examples are averaged instead of added.

    The examples are independent. What happens to the logarithm of a product?
    """
    return jnp.mean(log_densities(samples, x, y, noise_scale), axis=1)


def log_likelihoods__constants_added_once(samples, x, y, noise_scale):
    """The constants are added once, but there is one density for each example.

    Compare with the sum of two examples' log densities, computed one by one.
    """
    z = (y - lines(samples, x)) / noise_scale
    return -0.5 * jnp.sum(z**2, axis=1) - jnp.log(noise_scale * jnp.sqrt(2 * jnp.pi))


def log_likelihoods__sign_turned_round(samples, x, y, noise_scale):
    """The sign is turned round: this is the negative log-likelihood.

    Which of two samples should get the larger number, the better or the worse one?
    """
    return -jnp.sum(log_densities(samples, x, y, noise_scale), axis=1)


def log_likelihoods__likelihood_without_log(samples, x, y, noise_scale):
    """These are likelihoods; their logarithm was not taken.

    For many examples your numbers become 0. What did the task ask for?
    """
    density = jax.scipy.stats.norm.pdf(y, lines(samples, x), noise_scale)
    return jnp.prod(density, axis=1)


def log_likelihoods__logarithm_to_base_ten(samples, x, y, noise_scale):
    """The logarithm is taken to the base 10.

    Which base belongs to the exponential function in the normal density?
    """
    return jnp.sum(log_densities(samples, x, y, noise_scale), axis=1) / jnp.log(10.0)


def log_likelihoods__logarithm_of_the_product(samples, x, y, noise_scale):
    """law: The densities are multiplied first, and the product is too small for float32.

    Try a hundred examples with noise of 50. What is the product before the logarithm?
    """
    density = jax.scipy.stats.norm.pdf(y, lines(samples, x), noise_scale)
    return jnp.log(jnp.prod(density, axis=1))


def log_likelihoods__one_number_per_example(samples, x, y, noise_scale):
    """The log density of every single example is returned; their sum is missing.

    How many numbers should one sample get?
    """
    return log_densities(samples, x, y, noise_scale)


def log_likelihoods__half_missing(samples, x, y, noise_scale):
    """The half in front of the squared residual is missing.

    Write down the exponent of the normal density and compare.
    """
    z = (y - lines(samples, x)) / noise_scale
    return jnp.sum(-(z**2) - jnp.log(noise_scale) - 0.5 * jnp.log(2 * jnp.pi), axis=1)


def log_likelihoods__loop_over_the_samples(samples, x, y, noise_scale):
    """method: A Python loop goes through the samples.

    Write it for one sample, then let JAX go through a thousand of them at once.
    """
    return jnp.stack([jnp.sum(log_densities(one[None], x, y, noise_scale)) for one in samples])


def learning_rate_search__last_on_a_tie(params, x, y, learning_rates, n_epochs):
    """law: Among rates that end with the same loss, the last one is chosen.

    Start at a perfect fit, so that every rate ends with the same loss. Which one is yours?
    """
    losses = final_losses(params, x, y, learning_rates, n_epochs)
    return learning_rates[::-1][jnp.argmin(finite(losses)[::-1])], losses


def log_likelihoods__single_sample_squeezed(samples, x, y, noise_scale):
    """law: A single sample or a single house loses its axis to squeeze.

    Call your function with one sample and one house, and print every shape on the way.
    """
    means = jnp.squeeze(lines(samples, x))
    densities = jax.scipy.stats.norm.logpdf(y, means, noise_scale)
    return jnp.sum(densities, axis=1)
