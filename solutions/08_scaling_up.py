# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 · Scaling up
#
# So far, `vmap` has carried single steps. It can carry a whole training run just as well: over
# many learning rates, over ten thousand users, over a thousand guesses at the params. You write
# four such uses, each of them in a few lines.

# %%
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from matplotlib.figure import Figure

# %% [markdown]
# ## A small example: many savings accounts
#
# `savings` follows **one** account through ten years, with a loop inside. `vmap` does not mind the
# loop: all accounts go through it together. The function may also use values from around it, such
# as `deposit` here. Those are the same for every account, and need no entry in `in_axes`.

# %%
if __name__ == "__main__":
    deposit = jnp.array(100.0)

    def savings(interest):
        def year(_, money):
            return money * (1.0 + interest)

        return jax.lax.fori_loop(0, 10, year, deposit)

    print(jax.vmap(savings)(jnp.array([0.0, 0.05, 0.1])))  # about [100. 162.9 259.4]

# %% [markdown]
# ## What counts
#
# A Python loop over the rates, models, users or samples costs the method points; `vmap`, `lax.map`,
# `lax.scan` and broadcasting are all fine. A Python loop over the epochs is allowed, but `lax.scan`
# or `lax.fori_loop` compiles much faster.
#
# **Check yourself** with `pytest autograder/test_08_scaling_up.py`.

# %% [markdown]
# ## The data
#
# One city: 100 houses, sizes of 10 to 100 square meters, prices in hundreds of dollars near the
# line `price = 50 * size + 100`. These are the houses of exercise 7.


# %%
# given
def housing_data(key: PRNGKeyArray) -> tuple[Float[Array, "n 1"], Float[Array, " n"]]:
    """Sizes and prices of one city's 100 houses."""
    key, size_key = jax.random.split(key)
    _, noise_key = jax.random.split(key)
    # three cities are drawn, as in exercise 6, and the first is kept
    sizes = jax.random.uniform(size_key, (3, 100, 1), minval=10.0, maxval=100.0)[0]
    noise = 50.0 * jax.random.normal(noise_key, (3, 100))[0]
    return sizes, 50.0 * sizes[:, 0] + 100.0 + noise


# %%
if __name__ == "__main__":
    x, y = housing_data(jax.random.PRNGKey(42))
    print("sizes", x.shape, " prices", y.shape)

# %% [markdown]
# ## One model, written already
#
# The model, its loss and one step of its training, for **one** set of params `[slope, intercept]`:
# the same three as in exercise 7. Here the loss is compiled as well, for you need it by itself.


# %%
# given
def predict(params: Float[Array, " 2"], x: Float[Array, "n 1"]) -> Float[Array, " n"]:
    """One model: what the line gives for each row of `x`."""
    return jnp.hstack([x, jnp.ones_like(x)]) @ params


# given
@jax.jit
def loss_fn(
    params: Float[Array, " 2"], x: Float[Array, "n 1"], y: Float[Array, " n"]
) -> Float[Array, ""]:
    """One model: the mean squared error on `x` and `y`."""
    errors = y - predict(params, x)
    return errors @ errors / errors.size


# given
@jax.jit
def train_step(
    params: Float[Array, " 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rate: Float[Array, ""],
) -> tuple[Float[Array, " 2"], Float[Array, ""]]:
    """One model: one step of gradient descent; the new params, and the loss of the old ones."""
    new = params - learning_rate * jax.grad(loss_fn)(params, x, y)
    return new, loss_fn(params, x, y)


# %% [markdown]
# ## Many steps, written already
#
# Both trainings below repeat the step many times. `descend` does that for one model, in a compiled
# `fori_loop`. It is written already, and yours to use or not.


# %%
# given
@jax.jit
def descend(
    params: Float[Array, " 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rate: Float[Array, ""],
    n_epochs: int,
) -> Float[Array, " 2"]:
    """One model: the params after `n_epochs` steps from `params`."""

    def epoch(_, params):
        return train_step(params, x, y, learning_rate)[0]

    return jax.lax.fori_loop(0, n_epochs, epoch, params)


# %% [markdown]
# ## `learning_rate_search`: one training per rate
#
# Train one model per learning rate, every one of them from the same `params` and for `n_epochs`
# steps (a Python int of at least 1). Return two things:
#
# - the best rate: the one with the smallest **finite** final loss, the first of them on a tie. If
#   no final loss is finite, return any of the rates;
# - the final losses, one per rate. Final means the loss of the params **after** the last step.
#
# A rate that is too large ends at `inf` or `nan`. Leave these in the losses you return, but do not
# let them win: `jnp.argmin` takes a NaN for the smallest of all.


# %%
def learning_rate_search(
    params: Float[Array, " 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rates: Float[Array, " k"],
    n_epochs: int,
) -> tuple[Float[Array, ""], Float[Array, " k"]]:
    """Train from `params` with each of the rates.

    Returns the best rate, and the final loss of every rate.
    """
    ### BEGIN SOLUTION
    trained = jax.vmap(descend, in_axes=(None, None, None, 0, None))(
        params, x, y, learning_rates, n_epochs
    )
    losses = jax.vmap(loss_fn, in_axes=(0, None, None))(trained, x, y)
    ranking = jnp.where(jnp.isfinite(losses), losses, jnp.inf)
    return learning_rates[jnp.argmin(ranking)], losses
    ### END SOLUTION


# %% [markdown] hint="learning_rate_search"
# What differs from one training to the next, and what is the same for all? You return all final
# losses, NaN included, but look for the best one among the finite alone. Does that have to be the
# same array?

# %% [markdown] hint="learning_rate_search"
# Who is the tallest? One height was never measured.
#
# ```python
# numbers = jnp.array([7, 8, 9])
# heights = jnp.array([1.5, jnp.nan, 1.8])
# print(jnp.argmax(heights))  # 1: NaN counts as the largest
# known = jnp.where(jnp.isnan(heights), -jnp.inf, heights)
# print(numbers[jnp.argmax(known)])  # 9
# print(heights)  # [1.5 nan 1.8]
# ```
#
# `where` makes a second array for the search, in which what must not win has the worst value there
# is. The first one stays as it was.

# %% [markdown] hint="learning_rate_search"
# `descend` trains one model; only the rate runs.
#
# ```python
# every = jax.vmap(descend, in_axes=(..., ..., ..., ..., ...))
# ends = every(params, x, y, learning_rates, n_epochs)
# final = jax.vmap(loss_fn, in_axes=(..., ..., ...))(ends, x, y)
# search = jnp.where(jnp.isfinite(final), ..., ...)
# return learning_rates[jnp.argmin(...)], ...
# ```

# %% [markdown]
# Try it: 61 rates, 1000 epochs each, in one call. The smallest rates have barely moved. Then comes
# a wide plateau, where the slope is nearly right and the intercept has hardly begun. The best rate
# is the last one before the training explodes, about 2.6e-4: the next one, 3.2e-4, is beyond the
# limit of 3.1e-4 that exercise 6 found for this city. Even the best one ends at a loss of 4054,
# while least squares has 2785: no rate makes up for the raw units of the sizes.

# %%
if __name__ == "__main__":
    rates = jnp.logspace(-8, -3, 61)
    best_rate, losses = learning_rate_search(jnp.zeros(2), x, y, rates, 1000)
    diverged = ~jnp.isfinite(losses)
    print(f"best rate {best_rate:.3g}, its final loss {jnp.nanmin(losses):.0f}")
    print("rates that diverged:", jnp.sum(diverged), "of", rates.size)

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.loglog(rates[~diverged], losses[~diverged], "o-", label="final loss")
    axes.axvline(best_rate, color="C2", linestyle=":", label=f"best rate, {best_rate:.3g}")
    axes.axhline(2785, color="C0", linestyle="--", label="least squares, 2785")
    axes.set_ylim(1e3, 1e8)
    axes.plot(rates[diverged], jnp.full(diverged.sum(), 5e7), "x", color="C3", label="diverged")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss after 1000 epochs (hundred dollars, squared)")
    axes.set_title("Sixty-one trainings, one per learning rate")
    axes.legend()
    figure.savefig("08_scaling_up.png", dpi=150)
    print("saved 08_scaling_up.png")

# %% [markdown]
# ## `ensemble_prediction`: many models, one answer
#
# Many models, the same houses. For each house: the mean of the models' predictions, and their
# standard deviation, which tells how much the models disagree there. Use the population standard
# deviation (divide by the number of models), so that a single model has 0.


# %%
@jax.jit
def ensemble_prediction(
    params: Float[Array, "m 2"], x: Float[Array, "n 1"]
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """For each row of `x`: mean and population standard deviation over the models."""
    ### BEGIN SOLUTION
    predictions = jax.vmap(predict, in_axes=(0, None))(params, x)
    return jnp.mean(predictions, axis=0), jnp.std(predictions, axis=0)
    ### END SOLUTION


# %% [markdown] hint="ensemble_prediction"
# Make the whole table first: one row per model, one column per house. The mean for *one* house:
# does it go along a row, or down a column?

# %% [markdown] hint="ensemble_prediction"
# Three bidders, two lots. What is the highest and what the middle bid for each lot?
#
# ```python
# def bids(eagerness, values):  # one bidder, all lots
#     return eagerness * values
#
#
# bidders, lots = jnp.array([1.0, 2.0, 6.0]), jnp.array([10.0, 1.0])
# table = jax.vmap(bids, in_axes=(0, None))(bidders, lots)
# print(table.shape)  # (3, 2): bidders, lots
# print(jnp.max(table, axis=0), jnp.median(table, axis=0))  # [60.  6.] [20.  2.]
# ```
#
# The axis of the bidders is used up, twice, on the same table.

# %% [markdown] hint="ensemble_prediction"
# A table, and two summaries of it:
#
# ```python
# table = jax.vmap(predict, in_axes=(..., ...))(params, x)
# return jnp.mean(...), jnp.std(...)
# ```

# %%
if __name__ == "__main__":
    models = jnp.array([[50.0, 100.0], [52.0, 0.0], [48.0, 200.0]])
    mean, deviation = ensemble_prediction(models, jnp.array([[10.0], [50.0], [90.0]]))
    print("mean     ", mean)  # [ 600. 2600. 4600.]
    print("deviation", deviation)  # about [65.3 0. 65.3]: the three lines cross at size 50

# %% [markdown]
# ## `personalize`: one model per user
#
# One small model for each user, trained on that user's own data, `n_epochs` steps from params
# `[0, 0]`. The learning rate is the same for all. Return every user's final params. It has to work
# for ten thousand users in one call, so write the training of one user and let JAX do the rest.


# %%
def personalize(
    x: Float[Array, "u n 1"],
    y: Float[Array, "u n"],
    learning_rate: Float[Array, ""],
    n_epochs: int,
) -> Float[Array, "u 2"]:
    """All users: the params after `n_epochs` steps from zeros, one row per user."""
    ### BEGIN SOLUTION
    start = jnp.zeros(2, x.dtype)
    return jax.vmap(descend, in_axes=(None, 0, 0, None, None))(start, x, y, learning_rate, n_epochs)
    ### END SOLUTION


# %% [markdown] hint="personalize"
# The training of one user is one call of `descend`. Which of its five arguments does every user
# bring, and which are the same for all, the start among them?

# %% [markdown] hint="personalize"
# `save` follows one person's money through the years. Everyone begins with 8 and saves for two
# years; only what they put aside differs.
#
# ```python
# def save(start, pay, years):
#     return jax.lax.fori_loop(0, years, lambda _, money: 1.5 * money + pay, start)
#
#
# pay = jnp.array([0.0, 2.0, 4.0])
# everybody = jax.vmap(save, in_axes=(None, 0, None))
# print(everybody(jnp.array(8.0), pay, 2))  # [18. 23. 28.]
# ```
#
# The loop over the years stays inside. Nobody wrote one over the people.

# %% [markdown] hint="personalize"
# One start for all, and a place for each argument of `descend`:
#
# ```python
# start = jnp.zeros(...)
# every_user = jax.vmap(descend, in_axes=(..., ..., ..., ..., ...))
# return every_user(start, x, y, learning_rate, n_epochs)
# ```

# %% [markdown]
# Try it on the 10,000 users of a running app. Each of them has 20 runs: how steep the way was (from
# -1, steeply down, to 1, steeply up), and the minutes needed per kilometer. Everyone has their own
# pace on the flat (the intercept) and is slowed down by hills in their own measure (the slope).

# %%
if __name__ == "__main__":
    runner_key, hill_key, noise_key = jax.random.split(jax.random.key(8), 3)
    runners = jnp.array([2.0, 6.0]) + 0.5 * jax.random.normal(runner_key, (10_000, 2))
    steepness = jax.random.uniform(hill_key, (10_000, 20, 1), minval=-1.0, maxval=1.0)
    minutes = runners[:, :1] * steepness[:, :, 0] + runners[:, 1:]
    minutes += 0.2 * jax.random.normal(noise_key, minutes.shape)

    personal = personalize(steepness, minutes, jnp.array(0.3), 200)
    print("params", personal.shape)
    print("first user: learned", personal[0], " true", runners[0])
    print("typical error over all users:", jnp.median(abs(personal - runners), axis=0))  # < 0.1

# %% [markdown]
# ## `log_likelihoods`: a thousand guesses
#
# Bayesian statistics asks how well a set of params explains the data. Suppose that
# `y = slope * x + intercept + noise`, where the noise of every example is drawn independently from
# a normal distribution with mean 0 and standard deviation `noise_scale`. For each row of
# `samples`, return the logarithm of the probability density of all of `y` together, given `x` and
# that row.
#
# Work with logarithms from the start: the product of a hundred small densities is 0 in float32,
# while the sum of their logarithms is an ordinary number. Keep the constants of the normal density;
# `jax.scipy.stats` knows them.


# %%
@jax.jit
def log_likelihoods(
    samples: Float[Array, "s 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    noise_scale: Float[Array, ""],
) -> Float[Array, " s"]:
    """log p(y given x, params) for every row `[slope, intercept]` of `samples`."""

    ### BEGIN SOLUTION
    def log_likelihood(params):
        return jnp.sum(jax.scipy.stats.norm.logpdf(y, predict(params, x), noise_scale))

    return jax.vmap(log_likelihood)(samples)
    ### END SOLUTION


# %% [markdown] hint="log_likelihoods"
# Take one sample and one house. Around which mean is its price distributed, and how widely? Now all
# houses of that sample together: what becomes of a product of densities when you take logarithms?

# %% [markdown] hint="log_likelihoods"
# How well does a rate explain two waiting times? Here they follow the exponential distribution.
#
# ```python
# waits = jnp.array([1.0, 3.0])
#
#
# def log_density(rate):  # one rate, all waits
#     return jnp.sum(jax.scipy.stats.expon.logpdf(waits, scale=1.0 / rate))
#
#
# rates = jnp.array([0.25, 0.5, 1.0])
# scores = jax.vmap(log_density)(rates)
# print(scores.shape, rates[jnp.argmax(scores)])  # (3,) 0.5: they last 2 on average
# ```
#
# The constants of the density are in `logpdf` already. The function is for one rate; `vmap` brings
# the others.

# %% [markdown] hint="log_likelihoods"
# One sample first:
#
# ```python
# def one(params):
#     mean = predict(...)
#     return jnp.sum(jax.scipy.stats.norm.logpdf(...))
#
#
# return jax.vmap(...)(...)
# ```

# %% [markdown]
# Try it on 1000 samples around a rough guess: slope 50, give or take 0.5, and intercept 100, give
# or take 25. The best of them is close to least squares, 50.13 and 94.27. Its log-likelihood is
# about -539, and e to the power of -539 is indeed 0 in float32. The mean of all samples, weighted
# by their likelihoods, is near 50.1 and 97, between the guess and what the data says.

# %%
if __name__ == "__main__":
    guess, width = jnp.array([50.0, 100.0]), jnp.array([0.5, 25.0])
    samples = guess + width * jax.random.normal(jax.random.key(9), (1000, 2))
    scores = log_likelihoods(samples, x, y, jnp.array(50.0))
    print("best of 1000: ", samples[jnp.argmax(scores)], f" log-likelihood {jnp.max(scores):.1f}")
    print("weighted mean:", jax.nn.softmax(scores) @ samples)
