"""Misconceptions: 04_network. Wrong answers as students write them, each with the idea behind it."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import random

_GENERATOR = np.random.default_rng(0)


def init__one_key(key, sizes):
    """Every layer is drawn with the same key, and so from the same bits.

    Print two layers of the same shape side by side. How many keys do as many layers need?
    """
    return [
        {"w": random.normal(key, (m, n)) / m**0.5, "b": jnp.zeros(n)}
        for m, n in zip(sizes[:-1], sizes[1:])
    ]


def init__not_scaled(key, sizes):
    """The weights are standard normal, however many inputs there are.

    Let 100 numbers of size 1 go into such a layer. How large is what comes out, and where does
    tanh bend that to?
    """
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (m, n)), "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def init__by_outputs(key, sizes):
    """The weights are scaled by how many numbers come out, and not by how many go in.

    Over how many terms does `x @ w` add up for each output?
    """
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (m, n)) / n**0.5, "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def init__no_root(key, sizes):
    """The weights are divided by the number of inputs, and not by its root.

    Which of the two is a standard deviation: 1 / inputs, or its root?
    """
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (m, n)) / m, "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def init__random_biases(key, sizes):
    """The biases are random, too.

    What should every bias be before the training?
    """
    keys = random.split(key, 2 * len(sizes))
    return [
        {
            "w": random.normal(keys[2 * i], (m, n)) / m**0.5,
            "b": random.normal(keys[2 * i + 1], (n,)),
        }
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:]))
    ]


def init__transposed(key, sizes):
    """The weights are (outputs, inputs), so that no `x @ w` fits.

    Which of the two sizes comes first? Multiply one example with the weights of a layer.
    """
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (n, m)) / m**0.5, "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def init__numpy(key, sizes):
    """law: The weights come from a generator with a state of its own, and the key is not asked.

    Call it twice with the same key. Should the same key not give the same params?
    """
    return [
        {
            "w": jnp.array(_GENERATOR.standard_normal((m, n)) / m**0.5, jnp.float32),
            "b": jnp.zeros(n),
        }
        for m, n in zip(sizes[:-1], sizes[1:])
    ]


def forward__bent_logits(params, x):
    """The last layer is bent like the others, so that no logit is beyond -1 and 1.

    How sure can the network be of a class, if the logits end at 1?
    """
    for layer in params:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    return x


def forward__straight(params, x):
    """Nothing is bent, so that all layers together are no more than one.

    What stands between two layers? Print what a hidden layer hands on: is any number beyond 1?
    """
    for layer in params:
        x = x @ layer["w"] + layer["b"]
    return x


def forward__no_bias(params, x):
    """The biases are left out.

    Let x be 0 everywhere. What comes out of the first layer, and what should?
    """
    for layer in params[:-1]:
        x = jnp.tanh(x @ layer["w"])
    return x @ params[-1]["w"]


def forward__relu(params, x):
    """The bend is another one than the one that is asked for.

    Where does the function of the task bend a large number to, and where yours?
    """
    for layer in params[:-1]:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def forward__bias_behind(params, x):
    """The bias is added behind the bend, and not before it.

    In which order do bias and tanh come? Print what a hidden layer hands on: may it be beyond 1?
    """
    for layer in params[:-1]:
        x = jnp.tanh(x @ layer["w"]) + layer["b"]
    return x @ params[-1]["w"] + params[-1]["b"]


def forward__three_layers(params, x):
    """law: The layers are named one by one, so that a network has to have three of them.

    Try a network of one layer, and one of two. What goes through a list of any length?
    """
    x = jnp.tanh(x @ params[0]["w"] + params[0]["b"])
    x = jnp.tanh(x @ params[1]["w"] + params[1]["b"])
    return x @ params[2]["w"] + params[2]["b"]


def _forward(params, x):
    for layer in params[:-1]:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss__summed(params, x, y):
    """The losses of the examples are added up, and not averaged.

    What becomes of the answer when every example is there twice? What should?
    """
    log_p = jax.nn.log_softmax(_forward(params, x))
    return -jnp.sum(log_p[jnp.arange(len(y)), y])


def loss__over_examples(params, x, y):
    """The probabilities of one class add up to 1 over the examples, and not those of one example.

    Print the sums of the probabilities along both axes. Along which one should they be 1?
    """
    log_p = jax.nn.log_softmax(_forward(params, x), axis=0)
    return -jnp.mean(log_p[jnp.arange(len(y)), y])


def loss__no_logarithm(params, x, y):
    """The probability itself is averaged, without its logarithm.

    What is the loss of an example whose class has the probability 1? What should it be?
    """
    p = jax.nn.softmax(_forward(params, x))
    return -jnp.mean(p[jnp.arange(len(y)), y])


def loss__mean_of_all(params, x, y):
    """The mean is taken over the classes, too, and so is too small.

    Of how many numbers is the mean taken: as many as there are examples, or examples times classes?
    """
    logits = _forward(params, x)
    return -jnp.mean(jax.nn.one_hot(y, logits.shape[1]) * jax.nn.log_softmax(logits))


def loss__squared(params, x, y):
    """The squared distance to a one in the right place is taken, and not the cross-entropy.

    For one example, write down the probability of the right class, and minus its logarithm. Is that
    what comes out?
    """
    logits = _forward(params, x)
    return jnp.mean((jax.nn.softmax(logits) - jax.nn.one_hot(y, logits.shape[1])) ** 2)


def loss__overflows(params, x, y):
    """law: The exponentials are computed as they stand, and of large logits they overflow.

    What is `jnp.exp(100.0)`? Which functions of the task take the largest logit out first?
    """
    z = jnp.exp(_forward(params, x))
    p = z / jnp.sum(z, axis=1, keepdims=True)
    return -jnp.mean(jnp.log(p[jnp.arange(len(y)), y]))


def _init(key, sizes):
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (m, n)) / m**0.5, "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def _loss(params, x, y):
    log_p = jax.nn.log_softmax(_forward(params, x))
    return -jnp.mean(log_p[jnp.arange(len(y)), y])


def _descended(params, x, y, rate, steps):
    def step(params, _):
        gradient = jax.grad(_loss)(params, x, y)
        return jax.tree.map(lambda p, g: p - rate * g, params, gradient), None

    return jax.lax.scan(step, params, length=steps)[0]


@jax.jit
def train__uphill(key, x, y):
    """The steps go along the gradient, and the loss grows.

    Print the loss before and after the training. Where does a gradient point?
    """
    return _descended(_init(key, (2, 16, 2)), x, y, -0.5, 600)


@jax.jit
def train__one_layer(key, x, y):
    """There is no hidden layer, and one layer can only draw a straight line.

    Can a straight line part a ring from what it is around? What bends it?
    """
    return _descended(_init(key, (2, 2)), x, y, 0.5, 600)


@jax.jit
def train__from_zeros(key, x, y):
    """All params begin at 0, where the weights of both layers have a gradient of 0.

    Print the gradient at the first step. Which params move at all?
    """
    zeros = jax.tree.map(jnp.zeros_like, _init(key, (2, 16, 2)))
    return _descended(zeros, x, y, 0.5, 600)


@jax.jit
def train__not_carried(key, x, y):
    """The new params are not handed on, so that it ends where it began.

    Print the loss before and after the training. What does each step begin with?
    """
    params = _init(key, (2, 16, 2))
    for _ in range(10):
        jax.tree.map(lambda p, g: p - 0.5 * g, params, jax.grad(_loss)(params, x, y))
    return params


@jax.jit
def train__few_steps(key, x, y):
    """Ten steps are taken, and the training has hardly begun.

    Print the loss every ten steps. Does it still fall when you stop?
    """
    return _descended(_init(key, (2, 16, 2)), x, y, 0.05, 10)


@jax.jit
def train__one_class(key, x, y):
    """The classes that were given are not used: all are taken for class 0.

    For how many of the points is your network right? What does the loss compare it with?
    """
    return _descended(_init(key, (2, 16, 2)), x, jnp.zeros_like(y), 0.5, 100)
