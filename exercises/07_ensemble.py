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
# # 7 · Ten models, one city
#
# Train ten models on the same houses, each from its own random starting point, all at once. If the
# ten end up with nearly the same params, is the training done? That is what an ensemble is often
# used for, and this exercise shows why the question needs two answers: do the models **agree**,
# and have they **arrived**?

# %%
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray
from matplotlib.figure import Figure

# %% [markdown]
# ## A small example: many guesses for one number
#
# Newton's method finds the square root of `number` by improving a guess. `newton` is written for
# **one** guess. `in_axes=(0, None)` says: go through the guesses along axis 0, and hand the same
# `number` to each of them. All guesses run at the same time, and they end at the same place.


# %%
def newton(guess, number):
    return (guess + number / guess) / 2


if __name__ == "__main__":
    guesses = jnp.array([0.5, 1.0, 10.0])
    for _ in range(6):  # steps depend on one another, so this loop is not over the guesses
        guesses = jax.vmap(newton, in_axes=(0, None))(guesses, 2.0)
    print(guesses)  # about 1.414214, three times

# %% [markdown]
# ## What counts
#
# A Python loop over the models costs the method points; `vmap`, `lax.map`, `lax.scan` and
# broadcasting are all fine. A Python loop over the epochs is allowed.
#
# **Check yourself** with `pytest autograder/test_07_ensemble.py`.

# %% [markdown]
# ## The data
#
# One city: 100 houses, sizes of 10 to 100 square meters, prices in hundreds of dollars near the
# line `price = 50 * size + 100`. These are the houses of the first city of exercise 6. Least
# squares gives the slope 50.13 and the intercept 94.27 for them.


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
    least_squares = jnp.array([50.13, 94.27])
    learning_rate = jnp.array(1e-4)
    print("sizes", x.shape, " prices", y.shape)

# %% [markdown]
# ## One model, written already
#
# The model, its loss and one step of its training, for **one** set of params `[slope, intercept]`,
# as you wrote them in exercise 6. They are given here, so nothing has to be copied, and all that
# you write below may use them. (`predict` is the line as a product with a matrix. The step names
# the loss twice, but `jit` compiles it once.)


# %%
# given
def predict(params: Float[Array, " 2"], x: Float[Array, "n 1"]) -> Float[Array, " n"]:
    """One model: what the line gives for each row of `x`."""
    return jnp.hstack([x, jnp.ones_like(x)]) @ params


# given
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
# ## `init_ensemble`: ten starting points
#
# The starting points: `n_models` rows of `[slope, intercept]`, every number drawn independently
# from the standard normal distribution. JAX draws random numbers from an explicit `key`, and the
# same key always gives the same numbers. So use the key you are given, and no other.


# %%
def init_ensemble(key: PRNGKeyArray, n_models: int) -> Float[Array, "m 2"]:
    """Standard normal params for `n_models` models, one row per model.

    `key` comes from `jax.random.PRNGKey` or `jax.random.key`; `n_models` is a Python int.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    start = init_ensemble(jax.random.key(0), 10)
    print("start", start.shape)
    print(start[:3])  # three different models

# %% [markdown]
# ## `ensemble_train_step`: one step for every model
#
# One step for every model. Each model has its own params; the houses and the learning rate are the
# same for all. Transform `train_step`; compare with the guesses above, and with the cities
# of exercise 6, where the houses differed too.


# %%
@jax.jit
def ensemble_train_step(
    params: Float[Array, "m 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rate: Float[Array, ""],
) -> tuple[Float[Array, "m 2"], Float[Array, " m"]]:
    """All models: one step of gradient descent on the same data.

    Returns every model's new params, and the losses of the old ones.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    params, losses = ensemble_train_step(start, x, y, learning_rate)
    print("params", params.shape, " losses", losses.shape)  # (10, 2) and (10,)

# %% [markdown]
# ## `train_ensemble`: many steps
#
# `n_epochs` steps, `n_epochs` being a Python int of at least 1. Return the final params and the
# history: row `e` holds every model's loss before step `e`.


# %%
def train_ensemble(
    params: Float[Array, "m 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    learning_rate: Float[Array, ""],
    n_epochs: int,
) -> tuple[Float[Array, "m 2"], Float[Array, "e m"]]:
    """All models: `n_epochs` steps of gradient descent from `params`, on the same data.

    Returns the final params, and the losses before each step, one row per epoch.
    """

    raise NotImplementedError


# %%
if __name__ == "__main__":
    print("2000 steps: with a Python loop over the epochs, this takes a while ...")
    learned, history = train_ensemble(start, x, y, learning_rate, 2000)
    print("losses", history.shape)  # (2000, 10)
    print("model  slope  intercept")
    for i, (slope, intercept) in enumerate(learned):  # for printing only
        print(f"{i:5d} {slope:6.2f} {intercept:10.2f}")

# %% [markdown]
# ## `spread`: do they agree?
#
# For the slope and for the intercept: the largest value among the models minus the smallest. One
# model alone has spread 0.


# %%
@jax.jit
def spread(params: Float[Array, "m 2"]) -> Float[Array, " 2"]:
    """Largest minus smallest over the models: [of the slope, of the intercept]."""
    raise NotImplementedError


# %%
if __name__ == "__main__":
    print("spread at the start:", spread(start))  # 2.7 and 4.0
    print("spread at the end:  ", spread(learned))  # 0.06 and 3.7
    print("mean, off least squares by:", jnp.mean(learned, axis=0) - least_squares)  # 1.4, -87

# %% [markdown]
# ## Agreeing is not arriving
#
# After 2000 epochs, the ten slopes lie within 0.06 of each other and the ten intercepts within 3.7,
# all of them near 7. It is tempting to call this the answer. But least squares has the intercept
# 94, so every one of the ten is off by more than 85.
#
# The models agree on the intercept because they began close together, within 4, and have hardly
# moved since: this is the flat direction of exercise 6, where the training only crawls. A small
# spread shows that the starting point made little difference. It does not show that the training
# is finished.
#
# So ask each model on its own whether it has arrived. At the bottom of the loss, the gradient is
# zero. A gradient that is not small says: there is still somewhere to go.
#
# ## `converged`: have they arrived?
#
# For every model: is the gradient of its loss, as a vector in slope and intercept, no longer than
# `tolerance`? Length means the Euclidean norm; equal to the tolerance counts as arrived. A model
# whose gradient is NaN (its training exploded) has not arrived. The answer is one `bool` per model.


# %%
@jax.jit
def converged(
    params: Float[Array, "m 2"],
    x: Float[Array, "n 1"],
    y: Float[Array, " n"],
    tolerance: Float[Array, ""],
) -> Bool[Array, " m"]:
    """All models: is the norm of the loss gradient at most `tolerance`?"""
    raise NotImplementedError


# %% [markdown]
# Try it on the ten models, and on ten models trained for 200 epochs on the same houses in kinder
# units: sizes counted from 55 square meters, in steps of 26. There the loss bends about equally in
# all directions, so a rate of 0.1 is stable.

# %%
if __name__ == "__main__":
    tolerance = jnp.array(1.0)
    print("raw sizes:   ", converged(learned, x, y, tolerance))  # all False

    z = (x - 55.0) / 26.0
    arrived, _ = train_ensemble(start, z, y, jnp.array(0.1), 200)
    print("kinder units:", converged(arrived, z, y, tolerance))  # all True
    print("spread there:", spread(arrived))  # about 0

# %% [markdown]
# The figure follows the spread through the training on raw sizes. The slopes come together in a few
# steps. The intercepts nearly keep the spread that they started with, and it lies far below the
# dashed line: the distance that is still left to least squares.

# %%
if __name__ == "__main__":
    print("2000 steps once more, one by one for the figure: some seconds ...")
    params, spreads = start, [spread(start)]
    for _ in range(2000):
        params, _ = ensemble_train_step(params, x, y, learning_rate)
        spreads.append(spread(params))
    spreads = np.stack(spreads)  # NumPy's: jnp.stack would compile a program with 2001 inputs

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    epochs = np.arange(2001)
    axes.plot(epochs, spreads[:, 1], label="intercept (hundred dollars)")
    axes.plot(epochs, spreads[:, 0], label="slope (hundred dollars per square meter)")
    distance = abs(jnp.mean(learned[:, 1]) - least_squares[1])
    axes.axhline(
        distance, color="C0", linestyle="--", label="how far the intercepts are off at the end"
    )
    axes.set_yscale("log")
    axes.set_xscale("symlog", linthresh=1)  # logarithmic from 1 on, so that 0 has a place
    axes.set_xlim(0, 2000)
    axes.set_xlabel("steps of training (number)")
    axes.set_ylabel("largest minus smallest of ten models")
    axes.set_title("The models agree long before they arrive")
    axes.legend(loc="center right", bbox_to_anchor=(1.0, 0.3))
    figure.savefig("07_ensemble.png", dpi=150)
    print("saved 07_ensemble.png")
