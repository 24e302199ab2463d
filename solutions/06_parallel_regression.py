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
# # 6 · Three regressions in one training run
#
# Three cities sell houses, and each city has its own prices. You will fit one straight line per
# city, `price = slope * size + intercept`, and train all of them at the same time: write the
# training step for one city, then let `vmap` carry it to every city and `lax.scan` repeat it.
#
# Then look closely at what the training found. It is not what you would expect, and the last
# function, `fit`, is about putting it right.

# %%
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from matplotlib.figure import Figure

# %% [markdown]
# ## A small example: cups of coffee
#
# `cool_step` describes **one** cup for one minute: it returns the new temperature and how many
# degrees were lost. `vmap` with `in_axes=(0, 0, None)` turns it into a step for many cups: each
# cup has its own temperature and its own speed of cooling, and all of them stand in the same room.
# Both results gain an axis for the cups.
#
# `jax.lax.scan(body, start, length=k)` then repeats a step `k` times. Its `body` takes the current
# state (and a second argument that is not needed here) and returns a pair: the next state, and
# something to write down. `scan` returns the last state and all the notes, one row per repetition.


# %%
def cool_step(temperature, speed, room):
    lost = speed * (temperature - room)
    return temperature - lost, lost


if __name__ == "__main__":
    speeds = jnp.array([0.1, 0.5])
    cool_all = jax.vmap(cool_step, in_axes=(0, 0, None))

    def minute(temperatures, _):
        return cool_all(temperatures, speeds, 20.0)

    end, lost = jax.lax.scan(minute, jnp.array([90.0, 90.0]), length=3)
    print("after 3 minutes:", end)  # [71.03 28.75]
    print("lost in each minute, shape", lost.shape)  # (3, 2): 3 minutes, 2 cups
    print(lost)

# %% [markdown]
# ## What counts
#
# In `parallel_train_step` and `train`, a Python loop over the cities costs the method points;
# `vmap`, `lax.map`, `lax.scan` and broadcasting are all fine. A Python loop over the epochs is
# allowed. In `fit`, everything is allowed.
#
# **Check yourself** with `pytest autograder/test_06_parallel_regression.py`.

# %% [markdown]
# ## The data
#
# Sizes run from 10 to 100 square meters, prices are in hundreds of dollars, and every price is
# off its city's line by random noise with a standard deviation of 50. The last axis of the sizes
# has length 1: one feature per house.


# %%
# given
def housing_data(
    key: PRNGKeyArray,
    slopes: Float[Array, " c"],
    intercepts: Float[Array, " c"],
    n_houses: int = 100,
) -> tuple[Float[Array, "c n 1"], Float[Array, "c n"], Float[Array, "c 2"]]:
    """Sizes, prices, and random params to start the training from, for every city."""
    n_cities = slopes.shape[0]
    key, size_key = jax.random.split(key)
    key, noise_key = jax.random.split(key)
    _, start_key = jax.random.split(key)
    sizes = jax.random.uniform(size_key, (n_cities, n_houses, 1), minval=10.0, maxval=100.0)
    noise = 50.0 * jax.random.normal(noise_key, (n_cities, n_houses))
    prices = slopes[:, None] * sizes[:, :, 0] + intercepts[:, None] + noise
    start = jax.random.normal(start_key, (n_cities, 2))
    return sizes, prices, start


# %%
if __name__ == "__main__":
    true_params = jnp.array([[50.0, 100.0], [30.0, 200.0], [80.0, 50.0]])
    x, y, start = housing_data(jax.random.PRNGKey(42), true_params[:, 0], true_params[:, 1])
    learning_rate = jnp.array(1e-4)
    print("sizes", x.shape, " prices", y.shape, " params to start from", start.shape)

# %% [markdown]
# ## `predict`: one city's line
#
# The prices that one city's line gives for its houses. `params` is `[slope, intercept]`, and the
# sizes have shape `(n, 1)`, so mind the result's shape: `(n,)`.


# %%
def predict(params: Float[Array, " 2"], x: Float[Array, "n 1"]) -> Float[Array, " n"]:
    """One city: the price that the line gives for each house.

    `params` is [slope, intercept], `x` the sizes, one row per house.
    """
    ### BEGIN SOLUTION
    slope, intercept = params
    return slope * x[:, 0] + intercept
    ### END SOLUTION


# %% [markdown] hint="predict"
# Which shape has `params[0] * x`, and which shape is due? `x` is a table with a single column. How
# do you take a column out of a table?

# %% [markdown] hint="predict"
# What is left over after buying petrol? A column and a vector do not go together as one might
# think.
#
# ```python
# costs = jnp.array([[10.0], [20.0], [30.0]])  # shape (3, 1)
# money = jnp.array([18.0, 35.0, 50.0])  # shape (3,)
# print((money - costs).shape)  # (3, 3): everybody's money less everybody's costs
# print(money - jnp.squeeze(costs, axis=1))  # [ 8. 15. 20.]
# ```
#
# `costs[:, 0]` is the same vector. Once the shapes agree, the arithmetic is that of single numbers.

# %% [markdown] hint="predict"
# A vector of sizes first, then the line:
#
# ```python
# sizes = ...  # shape (n,)
# return params[...] * sizes + params[...]
# ```

# %%
if __name__ == "__main__":
    print(predict(jnp.array([2.0, 1.0]), jnp.array([[10.0], [20.0]])))  # [21. 41.]

# %% [markdown]
# ## `loss_fn`: how far off is it?
#
# The mean, over one city's houses, of the squared difference between the predicted and the real
# price.


# %%
def loss_fn(
    params: Float[Array, " 2"], x: Float[Array, "n 1"], y: Float[Array, " n"]
) -> Float[Array, ""]:
    """One city: the mean squared error of the line `params` on sizes `x` and prices `y`."""
    ### BEGIN SOLUTION
    return jnp.mean((predict(params, x) - y) ** 2)
    ### END SOLUTION


# %% [markdown] hint="loss_fn"
# "Mean squared error": read the name from the back. In which order do the three words happen to the
# numbers? What should the loss be where every prediction is off by 3, with ten houses, and with
# twenty?

# %% [markdown] hint="loss_fn"
# How badly were these darts thrown, in one number? Here with absolute values instead of squares.
#
# ```python
# thrown = jnp.array([3.0, -1.0, 2.0, 6.0])
# wanted = jnp.array([2.0, 2.0, 2.0, 2.0])
# errors = thrown - wanted
# print(errors)  # [ 1. -3.  0.  4.]
# print(jnp.mean(errors))  # 0.5: errors of both signs cancel
# print(jnp.mean(jnp.abs(errors)))  # 2.0
# ```
#
# The mean comes last, so that more darts do not make a larger number.

# %% [markdown] hint="loss_fn"
# You have written the predictions already.
#
# ```python
# errors = predict(...) - ...
# return jnp.mean(...)
# ```

# %%
if __name__ == "__main__":
    two_sizes, two_prices = jnp.array([[10.0], [20.0]]), jnp.array([20.0, 44.0])
    print(loss_fn(jnp.array([2.0, 1.0]), two_sizes, two_prices))  # (1 + 9) / 2 = 5.0

# %% [markdown]
# ## `train_step`: one step for one city
#
# One step of gradient descent for one city: move the params against the gradient of the loss, by
# `learning_rate` times the gradient. Return the new params together with the loss **before** the
# step. Exercise 4 had a tool that gives the loss and its gradient in one go.
#
# The line `@jax.jit` above a function has it compiled when it is first called. A step is taken
# thousands of times, so this pays.


# %%
@jax.jit
def train_step(
    params: Float[Array, " 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rate: Float[Array, ""],
) -> tuple[Float[Array, " 2"], Float[Array, ""]]:
    """One city: one step of gradient descent.

    Returns the new params, and the loss of the old ones.
    """
    ### BEGIN SOLUTION
    loss, gradient = jax.value_and_grad(loss_fn)(params, x, y)
    return params - learning_rate * gradient, loss
    ### END SOLUTION


# %% [markdown] hint="train_step"
# The gradient points to where the loss grows fastest. Which way do you go, and how far? And the
# loss that you return: is it that of the params you came from, or of those you arrive at?

# %% [markdown] hint="train_step"
# A climber takes one step *up* a hill, and notes how high the hill was before the step.
#
# ```python
# def height(place, top):
#     return 10.0 - jnp.sum((place - top) ** 2)
#
#
# place, top = jnp.array([5.0, 2.0]), jnp.array([3.0, 1.0])
# before, slope = jax.value_and_grad(height)(place, top)
# print(before, slope)  # 5.0 [-4. -2.]
# print(place + 0.25 * slope)  # [4.  1.5]
# ```
#
# The slope is a vector like the place, so one line moves both of its numbers.

# %% [markdown] hint="train_step"
# The loss and its gradient in the params, then the step:
#
# ```python
# before, slope = jax.value_and_grad(...)(...)
# return params - ..., ...
# ```

# %%
if __name__ == "__main__":
    params, loss = train_step(start[0], x[0], y[0], learning_rate)
    print(f"first city: the loss was {loss:.4g}, and is now {loss_fn(params, x[0], y[0]):.4g}")
    # 8.809e+06, then 1.079e+06

# %% [markdown]
# ## `parallel_train_step`: one step for every city
#
# The same step for all cities at once. Every city has its own params, sizes and prices; the
# learning rate is one number that they share. Do not write the arithmetic a second time:
# transform your `train_step`.


# %%
@jax.jit
def parallel_train_step(
    params: Float[Array, "c 2"],
    x: Float[Array, "c n 1"],
    y: Float[Array, "c n"],
    learning_rate: Float[Array, ""],
) -> tuple[Float[Array, "c 2"], Float[Array, " c"]]:
    """All cities: one step of gradient descent for each of them.

    Returns every city's new params, and the losses of the old ones.
    """
    ### BEGIN SOLUTION
    return jax.vmap(train_step, in_axes=(0, 0, 0, None))(params, x, y, learning_rate)
    ### END SOLUTION


# %% [markdown] hint="parallel_train_step"
# Go through the four arguments of `train_step`. Has every city one of its own, or do all of them
# share it? What you need is a list of four answers.

# %% [markdown] hint="parallel_train_step"
# `year` is one year of one account: what is in it then, and what it has earned. All pay the same
# fee.
#
# ```python
# def year(money, rate, fee):
#     interest = money * rate
#     return money + interest - fee, interest
#
#
# money = jnp.array([100.0, 200.0])
# rates = jnp.array([0.5, 0.25])
# after, earned = jax.vmap(year, in_axes=(0, 0, None))(money, rates, 10.0)
# print(after, earned)  # [140. 240.] [50. 50.]
# ```
#
# `in_axes` has as many places as `year` has arguments. Both results gain an axis by themselves.

# %% [markdown] hint="parallel_train_step"
# For each argument: the axis that counts the cities, or `None`.
#
# ```python
# all_cities = jax.vmap(train_step, in_axes=(..., ..., ..., ...))
# return all_cities(...)
# ```

# %%
if __name__ == "__main__":
    params, losses = parallel_train_step(start, x, y, learning_rate)
    print("params", params.shape, " losses", losses)  # (3, 2), and three losses

# %% [markdown]
# ## `train`: many steps
#
# Repeat the step `n_epochs` times. Return the final params and the history of the losses: row `e`
# holds every city's loss before step `e`, so row 0 belongs to the params you were given.
# `n_epochs` is a Python int of at least 1. Look back at the coffee: this is a job for
# `jax.lax.scan`.


# %%
def train(
    params: Float[Array, "c 2"],
    x: Float[Array, "c n 1"],
    y: Float[Array, "c n"],
    learning_rate: Float[Array, ""],
    n_epochs: int,
) -> tuple[Float[Array, "c 2"], Float[Array, "e c"]]:
    """All cities: `n_epochs` steps of gradient descent from `params`.

    Returns the final params, and the losses before each step, one row per epoch.
    """

    ### BEGIN SOLUTION
    def epoch(params, _):
        return parallel_train_step(params, x, y, learning_rate)

    return jax.lax.scan(epoch, params, length=n_epochs)
    ### END SOLUTION


# %% [markdown] hint="train"
# What does an epoch need from the epoch before it, and what does it leave to be written down?
# `jax.lax.scan` has a place for each of the two. Which result of your step goes where?

# %% [markdown] hint="train"
# Rabbits. `month` gives what goes on to the next month, and what is written down.
#
# ```python
# def month(rabbits, _):
#     young, old = rabbits
#     return (old, young + old), old
#
#
# start = jnp.array(1.0), jnp.array(1.0)
# last, record = jax.lax.scan(month, start, length=5)
# print(record)  # [1. 2. 3. 5. 8.]
# print(last[0], last[1])  # 8.0 13.0
# ```
#
# The record begins with what there was *before* the first step. All else that `month` needed it
# could have taken from around it.

# %% [markdown] hint="train"
# Your step for all cities has both results already, in the order that `scan` wants:
#
# ```python
# def one_epoch(params, _):
#     return ...
#
#
# return jax.lax.scan(..., ..., length=...)
# ```

# %%
if __name__ == "__main__":
    learned, history = train(start, x, y, learning_rate, 2000)
    print("epoch   loss of each city")
    for epoch in (0, 10, 100, 1000, 1999):  # a loop for printing, not for computing
        print(f"{epoch:5d}", *(f"{loss:12.1f}" for loss in history[epoch]))
    print("\nlearned slopes    ", learned[:, 0], " true", true_params[:, 0])
    print("learned intercepts", learned[:, 1], " true", true_params[:, 1])

# %% [markdown]
# ## Trained, but not there yet
#
# Each loss falls by a factor of several hundred or more, and the slopes come out as 51.5, 32.7 and
# 80.7, near the true 50, 30 and 80. But the intercepts are 6.7, 16.2 and 4.7, where 100, 200 and 50
# are true. The noise is not to blame: the best possible lines for this very data (least squares)
# have the intercepts 94.3, 205.6 and 50.8.
#
# The sizes are to blame. The loss is a bowl over the plane of slope and intercept, every step walks
# downhill in it, and this bowl is a long, narrow valley. How strongly a bowl bends in its two main
# directions is told by the eigenvalues of its Hessian, the matrix of second derivatives. JAX has a
# transformation for it, which `vmap` carries to all cities like any other.

# %%
if __name__ == "__main__":
    hessians = jax.vmap(jax.hessian(loss_fn))(learned, x, y)  # a 2 by 2 matrix for each city
    print("how strongly each loss bends:")
    print(jnp.linalg.eigvalsh(hessians))  # about 0.35 and 6500, 0.44 and 7100, 0.29 and 7900

# %% [markdown]
# The steep direction is almost the slope, which is multiplied by the sizes; the flat one is almost
# the intercept, which is not.
#
# - The steep direction limits the learning rate. Above 2 divided by the larger eigenvalue, the
#   steps overshoot and the training explodes: here at 3.1e-4, 2.8e-4 and 2.5e-4.
# - The flat direction needs patience. At the rate 1e-4, the first city's distance to the goal
#   shrinks in each epoch by the factor 1 - 1e-4 * 0.35 only. To bring its intercept within 1 % of
#   least squares takes more than 100,000 epochs.
#
# The ratio of the two eigenvalues, about 20,000, is called the condition number. The cure is to
# choose better units: **standardize** the sizes, so that each city's sizes have mean 0 and standard
# deviation 1. Then both directions bend equally, and a hundred steps at a much larger rate are
# plenty. The line you find that way is a line in the new units, so its slope and intercept have to
# be converted back.

# %% [markdown]
# ## `fit`: all the way down
#
# Find every city's line so well that slope **and** intercept are within 1 % of least squares. The
# params are in the sizes' own units: `predict(fit(x, y)[0], x[0])` must make sense. The method is
# up to you: train on standardized sizes, solve the equations directly, or something else. You may
# use a loop over the cities here.
#
# If you convert: put `standardized size = (size - mean) / deviation` into the equation of the line
# and collect the terms on paper first.


# %%
def fit(x: Float[Array, "c n 1"], y: Float[Array, "c n"]) -> Float[Array, "c 2"]:
    """All cities: the least-squares [slope, intercept] of each, in the sizes' own units."""
    ### BEGIN SOLUTION
    mean = jnp.mean(x, axis=1, keepdims=True)
    deviation = jnp.std(x, axis=1, keepdims=True)
    deviation = jnp.where(deviation > 0, deviation, 1)  # one house, or all of one size

    # Now both directions bend by 2: each step at rate 0.1 removes a fifth of what is left to go.
    start = jnp.zeros((x.shape[0], 2), x.dtype)
    rate = jnp.asarray(0.1, x.dtype)
    params, _ = train(start, (x - mean) / deviation, y, rate, 200)

    # a * (size - mean) / deviation + b, sorted by powers of the size
    slope = params[:, 0] / deviation[:, 0, 0]
    intercept = params[:, 1] - slope * mean[:, 0, 0]
    return jnp.stack([slope, intercept], axis=1)
    ### END SOLUTION


# %% [markdown] hint="fit"
# The valley is long and narrow because sizes are numbers around 55. What if they were numbers
# around 0, about 1 apart? In such units training is quick. Then you have a line over the new sizes:
# which slope and which intercept has the very same line over the old ones?

# %% [markdown] hint="fit"
# A line over degrees Celsius, `a * c + b`, as one over degrees Fahrenheit. Put `c = (f - 32) / 1.8`
# into it and sort by `f`: `(a / 1.8) * f + (b - 32 * a / 1.8)`.
#
# ```python
# a, b = 3.6, 7.0
# slope = a / 1.8
# intercept = b - 32.0 * slope
# f = 50.0
# print(a * (f - 32.0) / 1.8 + b, slope * f + intercept)  # 43.0 43.0
# ```
#
# The slope is divided by the width of a step; the intercept pays for the shifted zero.

# %% [markdown] hint="fit"
# Standardize, train, convert back. `mean` and `deviation` are each city's own.
#
# ```python
# mean = jnp.mean(x, axis=..., keepdims=True)
# deviation = jnp.std(x, axis=..., keepdims=True)
# start = jnp.zeros((x.shape[0], 2))
# found, _ = train(start, ..., y, jnp.array(...), ...)
# slope = ...
# intercept = ...
# return jnp.stack([..., ...], axis=1)
# ```

# %% [markdown]
# Least squares on this data gives 50.13 / 94.27, 29.93 / 205.61 and 80.03 / 50.75. Does your table
# agree in its last column? The dashed lines in the figure are the lowest losses that any line can
# have: the training comes down fast, and then crawls along above them.

# %%
if __name__ == "__main__":
    best = fit(x, y)
    print("city   parameter      true   learned   least squares")
    for city in range(3):
        for j, name in enumerate(("slope", "intercept")):
            row = true_params[city, j], learned[city, j], best[city, j]
            print(f"{city:4d}   {name:9s} {row[0]:9.2f} {row[1]:9.2f} {row[2]:15.2f}")

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for city in range(3):
        color = f"C{city}"
        axes.loglog(jnp.arange(1, 2001), history[:, city], color=color, label=f"city {city}")
        lowest = loss_fn(best[city], x[city], y[city])
        axes.axhline(lowest, color=color, linestyle="--", label=f"city {city}, least squares")
    axes.set_xlabel("training step (number)")
    axes.set_ylabel("loss before the step (hundred dollars, squared)")
    axes.set_title("Three cities trained at once")
    axes.legend()
    figure.savefig("06_parallel_regression.png", dpi=150)
    print("saved 06_parallel_regression.png")
