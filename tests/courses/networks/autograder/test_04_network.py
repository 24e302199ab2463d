"""04_network: a network, from nothing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from jaxercise.claims import LAW, Exercise, given
from jaxercise.claims.distributions import constant, keys_like, normal
from jaxercise.claims.strategies import integers, keys, numbers, options, trees, vectors

exercise = Exercise(__file__)
init = exercise.function("init(key, sizes)")
forward = exercise.function("forward(params, x)")
loss = exercise.function("loss(params, x, y)")
train = exercise.function("train(key, x, y)")

#: Two layers of one shape among them: what is drawn twice with one key shows.
SIZES = (30, 10, 10, 10)
LEAST = 0.95


def network(*sizes):
    """Params of some sizes, all of them readable numbers."""
    pairs = itertools.pairwise(sizes)
    return trees([{"w": numbers(shape=pair, largest=2), "b": vectors(n=pair[1])} for pair in pairs])


@init.claim(points=2, examples=2)
@given(key=keys())
def test_init_draws_normal_weights_for_every_layer(key):
    """All weights are independent and normal, with deviation 1 / sqrt(inputs); biases are 0."""
    laws = [
        {"w": normal((m, n), deviation=m**-0.5), "b": constant((n,), 0)}
        for m, n in itertools.pairwise(SIZES)
    ]
    init.is_random([(one, SIZES) for one in keys_like(key, 4)], laws)
    init.tree(key, (2, 1), like=[{"w": np.zeros((2, 1)), "b": np.zeros(1)}])


@init.claim(points=1, kind=LAW, examples=2)
@given(key=keys())
def test_init_follows_its_key(key):
    """The same key gives the same params every time, and under jax.jit."""
    init.repeats(key, (3, 2), under="jit")


@forward.claim(points=2, examples=6)
@given(params=network(2, 3, 3, 2), x=vectors(n=2))
def test_forward_bends_all_layers_but_the_last(params, x):
    """Each layer gives x @ w + b, and tanh of that to the next one."""
    forward.agrees(params, x)


@forward.claim(points=1, kind=LAW, examples=3)
@given(one=network(2, 3), two=network(2, 2, 2), x=vectors(n=2))
def test_forward_takes_any_number_of_layers(one, two, x):
    """A single layer is not bent at all, two are as good as three, also under jax.jit."""
    forward.agrees(one, x)
    forward.agrees(two, x, under="jit")


@loss.claim(points=2, examples=6)
@given(params=network(2, 3), x=numbers(shape=(4, 2), largest=2), y=integers(shape=(4,)))
def test_loss_is_the_mean_cross_entropy(params, x, y):
    """The answer is the mean over the examples of -log of the right class's probability."""
    loss.agrees(params, x, y)


@loss.claim(points=1, kind=LAW, examples=3)
@given(params=network(2, 3, 2), x=numbers(shape=(3, 2)), y=integers(shape=(3,), largest=1))
def test_loss_of_large_logits_is_finite(params, x, y):
    """Logits of some hundreds, of either sign, have a loss that is as exact; under jax.jit, too."""
    far = [*params[:1], {name: np.float32(256) * leaf for name, leaf in params[1].items()}]
    loss.agrees(far, x, y, under="jit")
    loss.agrees(params, x[:1], y[:1])


def rings(generator: np.random.Generator, inner: int) -> tuple[np.ndarray, np.ndarray]:
    """200 points, half of them near the origin and of the class `inner`, the others around it."""
    outside = np.arange(200) % 2
    radius = 0.8 * generator.random(200) + 1.2 * outside
    angle = 2 * np.pi * generator.random(200)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x.astype(np.float32), (outside ^ inner).astype(np.int32)


@train.claim(points=3, examples=3)
@given(key=keys(), inner=options(0, 1))
def test_train_tells_new_points_apart(key, inner):
    """The network that comes back is right for at least 95 % of points it has never seen."""
    generator = np.random.default_rng(key.seed)
    x, y = rings(generator, inner)
    new_x, new_y = rings(generator, inner)
    params = train(key, x, y)
    logits = answers(params, new_x)
    train.check(
        logits is not None and logits.shape == (200, 2),
        "the answer is no network of 2 inputs and 2 logits: a list of dicts with arrays w of shape "
        "(inputs, outputs) and b of shape (outputs,), float32",
        *(key, x, y),
        returned=params,
    )
    share = np.mean(np.argmax(logits, axis=1) == new_y)
    train.check(
        bool(np.all(np.isfinite(logits)) and share >= LEAST),
        f"of 200 new points the network is right for {share:.0%}; expected at least {LEAST:.0%}",
        *(key, x, y),
        returned=params,
    )


def answers(params: Any, x: np.ndarray) -> np.ndarray | None:
    """The logits of a network for some examples; None if it is none."""
    if not isinstance(params, list) or not params:
        return None
    for place, layer in enumerate(params):
        if not isinstance(layer, dict) or set(layer) != {"w", "b"}:
            return None
        w, b = layer["w"], layer["b"]
        if any(getattr(leaf, "dtype", None) != np.float32 for leaf in (w, b)):
            return None
        if w.ndim != 2 or b.shape != w.shape[1:] or x.shape[1:] != w.shape[:1]:
            return None
        x = (np.tanh(x) if place else x) @ w.astype(np.float64) + b
    return x
