"""02_keys: random numbers from keys."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, Exercise, given
from jaxercise.claims.distributions import choice, keys_like, normal, uniform
from jaxercise.claims.strategies import keys, options, vectors
from jaxercise.comparison import Expected

exercise = Exercise(__file__)
points = exercise.function("points(key, n)")
dropout = exercise.function("dropout(key, x, rate)")
noise_at = exercise.function("noise_at(key, step, n)")

NUMBERS = 60


@points.claim(points=2, examples=2)
@given(key=keys())
def test_points_are_independent_and_of_their_distributions(key):
    """Places are standard normal, weights uniform from 0 to 1, all independent, over keys too."""
    laws = {"place": normal((150, 2)), "weight": uniform((150,))}
    points.is_random([(one, 150) for one in keys_like(key, 4)], laws)
    points.tree(key, 1, like={"place": np.zeros((1, 2)), "weight": np.zeros(1)})


@points.claim(points=1, kind=LAW, examples=2)
@given(key=keys())
def test_points_follow_their_key(key):
    """The same key gives the same points every time, and under jax.jit."""
    points.repeats(key, 5, under="jit")


@dropout.claim(points=2, examples=4)
@given(key=keys(), x=vectors(n=5), rate=options(*map(np.float32, (0.25, 0.5, 0.8))))
def test_dropout_leaves_out_each_entry_with_its_chance(key, x, rate):
    """Each entry is 0 with chance rate, else x[i] / (1 - rate), independently, over keys too."""
    kept = 1 / (1 - float(rate))
    law = choice((200,), {0.0: float(rate), 2 * kept: 1 - float(rate)})
    twos = np.full(200, 2, np.float32)
    dropout.is_random([(one, twos, rate) for one in keys_like(key, 4)], law)
    answer = dropout.array(key, x, rate, shape=x.shape)
    dropout.check(
        bool(np.all(np.isclose(answer, 0) | np.isclose(answer, kept * x))),
        "an entry is neither 0 nor x[i] / (1 - rate)",
        *(key, x, rate),
        returned=answer,
    )


@dropout.claim(points=1, kind=LAW, examples=3)
@given(key=keys(), x=vectors(n=5))
def test_dropout_follows_its_key_and_a_traced_rate(key, x):
    """The same key drops the same entries, under jax.jit too; a rate of 0 drops none."""
    dropout.repeats(key, x, np.float32(0.5), under="jit")
    dropout.agrees(key, x, np.float32(0), expected=Expected.exactly(x))


@noise_at.claim(points=2, examples=2)
@given(key=keys())
def test_noise_at_is_other_noise_for_every_step_and_key(key):
    """Standard normal numbers, independent of each other and of those of other steps and keys."""
    calls = [(one, np.int32(step), NUMBERS) for one in keys_like(key, 4) for step in range(5)]
    noise_at.is_random(calls, normal((NUMBERS,)))


@noise_at.claim(points=1, kind=LAW, examples=4)
@given(key=keys(), step=options(*map(np.int32, (3, 0, 40))))
def test_noise_at_needs_nothing_but_key_and_step(key, step):
    """The same key and step give the same noise after any other, and where the step is traced."""
    noise_at.repeats(key, step, 5, under="jit")
