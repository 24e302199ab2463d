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
# # 4 · A network, from nothing
#
# Now you put together what the first three exercises were about, and write a network with nothing
# but JAX: its params, what it answers, how wrong that is, and its training. Nothing in it is
# long.
#
# The params are a list of layers, each of them a dict with
#
# - `w`, the weights, of shape `(inputs, outputs)`, and
# - `b`, the bias, of shape `(outputs,)`.
#
# You will write four functions.
#
# **What counts.** Any number of layers, of any sizes. Your training may do what you like, as long
# as the network it returns is right for at least 95 % of points it has never seen.
#
# **Check yourself** with `pytest autograder/test_04_network.py`.

# %%
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

Params = list[dict[str, Array]]

# %% [markdown]
# ## A small example
#
# One layer is `inputs @ w + b`. A network of such layers alone is no more than one of them: a
# product of matrices is a matrix. What makes a difference is the bend in between. `jnp.tanh`
# bends every number into the range from -1 to 1.

# %%
if __name__ == "__main__":
    layer = {"w": jnp.array([[1.0, 0.0, -1.0], [2.0, 0.5, 1.0]]), "b": jnp.array([0.0, 1.0, 0.0])}
    one_example = jnp.array([1.0, 2.0])
    print(one_example @ layer["w"] + layer["b"])  # 5, 2, 1
    print(jnp.tanh(one_example @ layer["w"] + layer["b"]))  # 0.9999, 0.96, 0.76

# %% [markdown]
# ## The data (given)
#
# Points in the plane, and which of two classes each of them is of: those near the origin of class
# 0, those in a ring around them of class 1. No straight line tells them apart.


# %%
# given
def rings(key: PRNGKeyArray, n: int) -> tuple[Float[Array, "n 2"], Int[Array, " n"]]:
    """Points and their classes."""
    class_key, radius_key, angle_key = jax.random.split(key, 3)
    y = jax.random.bernoulli(class_key, shape=(n,)).astype(jnp.int32)
    radius = 0.8 * jax.random.uniform(radius_key, (n,)) + 1.2 * y
    angle = jax.random.uniform(angle_key, (n,), maxval=2.0 * jnp.pi)
    return jnp.stack([radius * jnp.cos(angle), radius * jnp.sin(angle)], axis=1), y


# %% [markdown]
# ## `init`: where to begin
#
# `sizes` says how many numbers go in, how many each layer gives, and how many come out: `(2, 16,
# 3)` is two layers, of weights `(2, 16)` and `(16, 3)`.
#
# All weights are drawn independently from the normal distribution with mean 0 and standard
# deviation `1 / sqrt(inputs)`, `inputs` being how many go into that layer: then what comes out of
# it is about as large as what goes in, however wide it is. The biases are 0.


# %%
def init(key: PRNGKeyArray, sizes: tuple[int, ...]) -> Params:
    """Params to begin with: normal weights, and biases of 0.

    sizes are two or more Python ints; the result is a list of one dict fewer, with `w` of shape
    (inputs, outputs) and `b` of shape (outputs,).
    """
    ### BEGIN SOLUTION
    keys = jax.random.split(key, len(sizes) - 1)
    return [
        {"w": jax.random.normal(key, (m, n)) / jnp.sqrt(m), "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:], strict=True)
    ]
    ### END SOLUTION


# %%
if __name__ == "__main__":
    params = init(jax.random.key(0), (2, 16, 2))
    print("shapes:", jax.tree.map(jnp.shape, params))
    print("spread:", jnp.std(params[1]["w"]))  # near 0.25

# %% [markdown]
# ## `forward`: what the network says
#
# One example goes through the layers one after the other, with `tanh` behind each of them but the
# last: what comes out should be free to be any number. The results are called logits, and there
# is one for each class.


# %%
def forward(params: Params, x: Float[Array, " d"]) -> Float[Array, " k"]:
    """The logits for one example.

    params are one or more layers, x has shape (d,), the result has shape (k,).
    """
    ### BEGIN SOLUTION
    *hidden, last = params
    for layer in hidden:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    return x @ last["w"] + last["b"]
    ### END SOLUTION


# %%
if __name__ == "__main__":
    print("linear:", forward([layer], one_example))  # 5, 2, 1
    print("logits:", forward(params, one_example).shape)  # (2,)

# %% [markdown]
# ## `loss`: how wrong it is
#
# `softmax` makes logits into probabilities: $p_i = e^{z_i} / \sum_j e^{z_j}$. The loss of one
# example is `-log(p)` of the class that is right: 0 where the network is sure of it, large where
# it is sure of another one. The loss of a batch is the mean over its examples.
#
# Mind large logits: $e^{100}$ is more than a float32 can hold. `jax.nn.log_softmax` and
# `jax.nn.logsumexp` take the largest logit out first.


# %%
def loss(params: Params, x: Float[Array, "n d"], y: Int[Array, " n"]) -> Float[Array, ""]:
    """The mean cross-entropy of a batch.

    x has shape (n, d), one example per row; y holds their classes, from 0 to k - 1.
    """
    ### BEGIN SOLUTION
    logits = jax.vmap(forward, in_axes=(None, 0))(params, x)
    right = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)
    return -jnp.mean(right)
    ### END SOLUTION


# %%
if __name__ == "__main__":
    x, y = rings(jax.random.key(1), 200)
    print("loss:", loss(params, x, y))  # about 0.69, as much as guessing has

# %% [markdown]
# ## `train`: until it is right
#
# Return params that tell the classes of points like these apart, in at least 95 of 100 cases. You
# are given 200 points with their classes, in the same kind of rings; now and then the inner ones
# are class 1. How many layers, of which sizes, how many steps, which rate, with or without
# momentum: up to you. Begin with `init`, take the gradient of `loss`, and let `jax.lax.scan` or a
# compiled step carry the training, so that it takes seconds.


# %%
def train(key: PRNGKeyArray, x: Float[Array, "n 2"], y: Int[Array, " n"]) -> Params:
    """The params of a trained network.

    x has shape (n, 2), y holds the classes, 0 and 1. The result is a list of layers as from `init`,
    with 2 inputs and 2 logits.
    """

    ### BEGIN SOLUTION
    def step(params, _):
        gradient = jax.grad(loss)(params, x, y)
        return jax.tree.map(lambda p, g: p - 0.5 * g, params, gradient), None

    return jax.lax.scan(step, init(key, (2, 16, 2)), length=600)[0]
    ### END SOLUTION


# %%
if __name__ == "__main__":
    trained = train(jax.random.key(2), x, y)
    new_x, new_y = rings(jax.random.key(3), 1000)
    said = jnp.argmax(jax.vmap(forward, in_axes=(None, 0))(trained, new_x), axis=1)
    print("loss:    ", loss(trained, x, y))  # about 0.01
    print("accuracy:", jnp.mean(said == new_y))  # about 1
