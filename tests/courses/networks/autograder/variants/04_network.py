"""Right answers in other styles: 04_network. Each has to earn every point.

A function is called by what it answers, two underscores, and its style.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
from jax import random


def init__split_on_the_way(key, sizes):
    """The key is split once more for every layer."""
    params = []
    for inputs, outputs in itertools.pairwise(sizes):
        key, own = random.split(key)
        w = random.normal(own, (inputs, outputs)) * inputs**-0.5
        params.append({"w": w, "b": jnp.zeros((outputs,))})
    return params


def init__folded(key, sizes):
    """A key for each layer by its number."""
    return [
        {
            "b": jnp.zeros(sizes[i + 1]),
            "w": random.normal(random.fold_in(key, i), sizes[i : i + 2]) / sizes[i] ** 0.5,
        }
        for i in range(len(sizes) - 1)
    ]


def init__initializer(key, sizes):
    """An initializer of `jax.nn`, which scales by the inputs."""
    draw = jax.nn.initializers.variance_scaling(1.0, "fan_in", "normal")
    keys = iter(random.split(key, len(sizes)))

    def layer(m, n):
        return dict(w=draw(next(keys), (m, n), jnp.float32), b=jnp.zeros(n, jnp.float32))

    return [layer(m, n) for m, n in zip(sizes[:-1], sizes[1:])]


@functools.partial(jax.jit, static_argnames="sizes")
def init__one_draw(key, sizes):
    """All weights are drawn as one vector, which is cut up."""
    shapes = list(zip(sizes, sizes[1:]))
    numbers = random.normal(key, (sum(m * n for m, n in shapes),))
    params, begin = [], 0
    for m, n in shapes:
        w = numbers[begin : begin + m * n].reshape(m, n) / jnp.sqrt(float(m))
        params.append({"w": w, "b": jnp.zeros(n)})
        begin += m * n
    return params


def forward__indices(params, x):
    """A loop over indices that asks whether this is the last layer."""
    for i in range(len(params)):
        x = jnp.dot(x, params[i]["w"]) + params[i]["b"]
        if i < len(params) - 1:
            x = jnp.tanh(x)
    return x


def forward__bend_before(params, x):
    """The bend comes before every layer but the first."""
    x = x @ params[0]["w"] + params[0]["b"]
    for layer in params[1:]:
        x = jnp.tanh(x) @ layer["w"] + layer["b"]
    return x


def forward__recursive(params, x):
    """A layer, and the network of the others on what comes out."""
    first, *others = params
    x = jnp.einsum("i,ij->j", x, first["w"]) + first["b"]
    return forward__recursive(others, jnp.tanh(x)) if others else x


@jax.jit
def forward__reduced(params, x):
    """`functools.reduce` goes through the hidden layers, as sums over an axis."""

    def linear(x, layer):
        return jnp.sum(x[:, None] * layer["w"], axis=0) + layer["b"]

    x = functools.reduce(lambda x, layer: jnp.tanh(linear(x, layer)), params[:-1], x)
    return linear(x, params[-1])


def _forward(params, x):
    for layer in params[:-1]:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss__one_example(params, x, y):
    """The loss of one example, mapped over them."""

    def one(x, y):
        logits = _forward(params, x)
        return jax.nn.logsumexp(logits) - logits[y]

    return jnp.mean(jax.vmap(one)(x, y))


def loss__one_hot(params, x, y):
    """Classes as rows of zeros with a one; the layers take the whole batch at once."""
    logits = _forward(params, x)
    chosen = jax.nn.one_hot(y, logits.shape[1])
    return -jnp.sum(chosen * jax.nn.log_softmax(logits, axis=-1)) / len(y)


def loss__largest_first(params, x, y):
    """The largest logit is taken out by hand."""
    z = _forward(params, x)
    z = z - jnp.max(z, axis=1, keepdims=True)
    log_p = z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))
    return -log_p[jnp.arange(y.shape[0]), y].mean()


@jax.jit
def loss__logaddexp(params, x, y):
    """`logaddexp` puts the logits together; the mean is taken of both parts."""
    z = jax.vmap(_forward, in_axes=(None, 0))(params, x)
    whole = jnp.logaddexp.reduce(z, axis=1)
    return whole.mean() - jnp.take_along_axis(z, y[:, None], 1).mean()


def _init(key, sizes):
    keys = random.split(key, len(sizes) - 1)
    return [
        {"w": random.normal(key, (m, n)) / m**0.5, "b": jnp.zeros(n)}
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def _loss(params, x, y):
    log_p = jax.nn.log_softmax(_forward(params, x))
    return -jnp.mean(log_p[jnp.arange(len(y)), y])


@jax.jit
def train__momentum(key, x, y):
    """With momentum, and two hidden layers."""

    def step(carried, _):
        params, velocity = carried
        gradient = jax.grad(_loss)(params, x, y)
        velocity = jax.tree.map(lambda v, g: 0.9 * v + g, velocity, gradient)
        return (jax.tree.map(lambda p, v: p - 0.1 * v, params, velocity), velocity), None

    params = _init(key, (2, 8, 8, 2))
    zeros = jax.tree.map(jnp.zeros_like, params)
    return jax.lax.scan(step, (params, zeros), length=300)[0][0]


@jax.jit
def _step(params, x, y):
    return jax.tree.map(lambda p, g: p - 0.5 * g, params, jax.grad(_loss)(params, x, y))


def train__compiled_step(key, x, y):
    """A compiled step, and a Python loop around it that stops when the loss is small."""
    params = _init(key, (2, 20, 2))
    for turn in range(1000):
        params = _step(params, x, y)
        if turn % 100 == 99 and _loss(params, x, y) < 0.05:
            break
    return params


@jax.jit
def train__batches(key, x, y):
    """Stochastic gradient descent on batches that are drawn."""
    own, batches = random.split(key)

    def step(params, key):
        chosen = random.choice(key, len(x), (50,))
        gradient = jax.grad(_loss)(params, x[chosen], y[chosen])
        return jax.tree.map(lambda p, g: p - 0.5 * g, params, gradient), None

    return jax.lax.scan(step, _init(own, (2, 16, 2)), random.split(batches, 800))[0]


@jax.jit
def train__signs(key, x, y):
    """Every param takes steps of one size, by the gradient's sign, smaller and smaller."""

    def step(params, rate):
        gradient = jax.grad(_loss)(params, x, y)
        return jax.tree.map(lambda p, g: p - rate * jnp.sign(g), params, gradient), None

    return jax.lax.scan(step, _init(key, (2, 12, 2)), 0.05 * 0.99 ** jnp.arange(400.0))[0]
