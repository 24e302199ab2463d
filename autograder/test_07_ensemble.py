"""07_ensemble: ten models, one city."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, given
from jaxercise.claims.pictures import line
from jaxercise.claims.strategies import houses, keys, options, parameters
from jaxercise.sandboxed.wire.values import Key

exercise = Exercise(__file__)
init_ensemble = exercise.function("init_ensemble(key, n_models)")
ensemble_train_step = exercise.function(
    "ensemble_train_step(params, x, y, learning_rate)", picture=line(x="x", y="y", part=0)
)
train_ensemble = exercise.function(
    "train_ensemble(params, x, y, learning_rate, n_epochs)", picture=line(x="x", y="y", part=0)
)
spread = exercise.function("spread(params)")
converged = exercise.function("converged(params, x, y, tolerance)")

rate = np.array(0.125, np.float32)
ALL_SCALES = ("small", "article", "creeping", "diverging")
#: A factor that makes answers small and no less right.
SMALL = np.float32(2**-14)
#: Models in each of some large ensembles, and in each of many small ones. As many as all the large
#: ones have are no single one's: who loops over them stacks so many arrays, compiled for minutes.
LARGE_ENSEMBLES, MANY, FEW = 8, 1_250, 10
NORMAL = statistics.NormalDist()
#: A right answer is refused by one of some forty tests a submission: less than once in 10^9.
RARE = 1e-11
#: So near to what is due no mean of so many random numbers comes.
EXACTLY = 1e-6


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


@init_ensemble.claim(points=0.5, examples=4)
@given(key=keys())
def test_init_ensemble_has_a_row_for_each_model(key):
    """The answer has shape (n_models, 2), float32; old and new keys work; no two rows are alike."""
    params = init_ensemble.array(key, 3, shape=(3, 2))
    init_ensemble.array(key, 1, shape=(1, 2))
    # Of six float32 numbers two may be equal by chance (2e-6); not two pairs of them (2e-12).
    init_ensemble.check(
        len(np.unique(params)) >= params.size - 1,
        "the same number stands in several places: every entry has to be drawn on its own",
        key,
        3,
        returned=params,
    )


@init_ensemble.claim(points=0.5, examples=1)
@given(key=keys())
def test_init_ensemble_is_standard_normal(key):
    """Slopes and intercepts are independent and standard normal, in one ensemble and over keys."""
    params = ensembles([key.seed, *seeds(key)[: LARGE_ENSEMBLES - 1]], key, MANY)
    params = params.reshape(-1, 2)
    slopes, intercepts = params.T
    turned = slopes + intercepts, slopes - intercepts
    # By chi-square: each is a sum of squares of independent standard normal numbers.
    for name, seen, due, squares in (
        ("the standard deviation of the slopes", slopes.std(), 1, slopes**2),
        ("the standard deviation of the intercepts", intercepts.std(), 1, intercepts**2),
        ("the mean", params.mean(), 0, [params.sum() ** 2 / params.size]),
        ("the mean of the slopes", slopes.mean(), 0, [slopes.sum() ** 2 / slopes.size]),
        ("the mean of the intercepts", intercepts.mean(), 0, [intercepts.sum() ** 2 / slopes.size]),
        *(
            ("the mean product of slope and intercept", np.mean(slopes * intercepts), 0, one)
            for one in (turned[0] ** 2 / 2, turned[1] ** 2 / 2)
        ),
        *(
            ("the mean product of neighbors", np.mean(params[::2] * params[1::2]), 0, one)
            for one in ((params[::2] + sign * params[1::2]) ** 2 / 2 for sign in (1, -1))
        ),
    ):
        init_ensemble.check(
            chance(squares) > RARE,
            f"over {LARGE_ENSEMBLES} keys, {name} of {len(params)} models is {seen:.3g}; expected "
            + (f"about {due}" if abs(seen - due) > EXACTLY else "chance to miss it by more"),
            key,
            MANY,
        )
    # How far the share of numbers below any bound is from the due one (Dvoretzky, Kiefer, Wolfowitz
    # and Massart): beyond this once in 1 / RARE keys at most.
    farthest = np.sqrt(np.log(2 / RARE) / (2 * params.size))
    numbers = np.sort(params, axis=None)
    below = np.arange(params.size + 1) / params.size
    due = np.array([NORMAL.cdf(one) for one in numbers])
    init_ensemble.check(
        max(np.max(below[1:] - due), np.max(due - below[:-1])) <= farthest,
        f"over {LARGE_ENSEMBLES} keys, the numbers of {len(params)} models are not spread like a "
        "normal distribution's",
        key,
        MANY,
    )
    for bound in (1, 2, 3):
        seen, due = np.mean(np.abs(params) > bound), 2 * NORMAL.cdf(-bound)
        init_ensemble.check(
            likelihood(seen, due, params.size) > RARE,
            f"over {LARGE_ENSEMBLES} keys, {seen:.2%} of the numbers of {len(params)} models are "
            f"more than {bound} away from 0; expected about {due:.2%}",
            key,
            MANY,
        )
    # Two float32 numbers of so many are alike now and then, but few of them.
    different = len(np.unique(params)) / params.size
    init_ensemble.check(
        different > 0.95,
        f"over {LARGE_ENSEMBLES} keys, only {different:.0%} of the numbers of {len(params)} models "
        "are different ones; expected random numbers with all digits of a float32",
        key,
        MANY,
    )
    few = ensembles(seeds(key), key, FEW)
    for name, squares in (
        ("their means", few.sum(axis=1) ** 2 / FEW),
        ("their differences from first to second half", halves(few) ** 2 / FEW),
        ("the sums of their squares", normal_scores((few**2).sum(axis=(1, 2))) ** 2),
    ):
        init_ensemble.check(
            chance(squares) > RARE,
            f"over {len(few)} keys, ensembles of {FEW} models differ in {name} too little or too "
            "much: the numbers of one ensemble depend on each other",
            key,
            FEW,
        )


@init_ensemble.claim(points=0.25, kind=METHOD)
def test_init_ensemble_does_not_loop():
    """The models are drawn at once, not by a Python loop."""
    init_ensemble.does_not_loop(lambda m: (Key(0, True), m), over="models")


@init_ensemble.claim(points=0.75, kind=LAW, examples=2)
@given(key=keys())
def test_init_ensemble_follows_its_key(key):
    """The same key gives the same ensemble, another key gives another."""
    first = init_ensemble.array(key, FEW, shape=(FEW, 2))
    again = init_ensemble.array(key, FEW, shape=(FEW, 2))
    init_ensemble.check(
        np.array_equal(first, again), "the same key gave two different ensembles", key, FEW
    )
    known = [first]
    for seed in seeds(key)[5::5]:
        other = Key(seed, key.typed)
        params = init_ensemble.array(other, FEW, shape=(FEW, 2))
        # Two numbers of sixteen are equal once in 10^12 pairs of keys.
        init_ensemble.check(
            all(np.sum(params == one) < 3 for one in known),
            "two different keys gave the same numbers",
            other,
            FEW,
        )
        known.append(params)


def ensembles(seeds: list[int], key: Key, models: int) -> np.ndarray:
    """What is drawn with keys like a given one, of these seeds: (keys, models, 2), float64."""
    drawn = [init_ensemble.array(Key(seed, key.typed), models, shape=(models, 2)) for seed in seeds]
    # Where the key does not matter there is one ensemble to look at; a claim of its own tells.
    different = 1 if all(np.array_equal(one, drawn[0]) for one in drawn) else len(drawn)
    return np.stack(drawn[:different]).astype(np.float64)


def seeds(key: Key) -> list[int]:
    """Seeds other than the key's, each different from it in one bit."""
    return [key.seed ^ (1 << bit) for bit in range(31)]


def chance(squares: Any) -> float:
    """How likely a sum of squares of independent standard normal numbers is so large, or so small.

    Chernoff's bound for chi-square, which holds for any number of them.
    """
    count = np.size(squares)
    share = float(np.sum(squares)) / count
    return float((share * np.exp(1 - share)) ** (count / 2)) if share < np.inf else 0.0


def likelihood(seen: float, due: float, count: int) -> float:
    """How likely a share of so many is so far from the due one, by Chernoff's bound."""
    terms = ((seen, due), (1 - seen, 1 - due))
    return math.exp(-count * sum(one * math.log(one / other) for one, other in terms if one))


def halves(ensembles: np.ndarray) -> np.ndarray:
    """What the first half's numbers sum up to, less the second half's."""
    half = ensembles.shape[1] // 2
    difference: np.ndarray = ensembles[:, :half].sum(axis=1) - ensembles[:, half:].sum(axis=1)
    return difference


def normal_scores(sums: np.ndarray) -> np.ndarray:
    """Sums of the 2 FEW squares of an ensemble, each as the standard normal number as likely."""
    half = sums / 2
    terms = [half**k / math.factorial(k) for k in range(FEW)]
    below = 1 - np.exp(-half) * np.sum(terms, axis=0)
    return np.array([NORMAL.inv_cdf(min(max(one, 1e-15), 1 - 1e-15)) for one in below])


@ensemble_train_step.claim(points=1.5)
@given(data=houses(n=3, models=2))
def test_ensemble_train_step_moves_every_model(data):
    """Row i of the first item is where one step takes model i; all see the same houses."""
    ensemble_train_step.agrees(*data, part=0)


@ensemble_train_step.claim(points=1)
@given(data=houses(n=3, models=2))
def test_ensemble_train_step_tells_the_losses_before_the_step(data):
    """Entry i of the second item is the loss of model i as it was passed in."""
    ensemble_train_step.agrees(*data, part=1)


@ensemble_train_step.claim(points=0.5, kind=LAW, examples=3)
@given(data=houses(n=3, models=3, scales=("small",)))
def test_ensemble_train_step_composes_with_jit(data):
    """One model keeps its axis, under jax.jit too; as many models as houses change nothing."""
    ensemble_train_step.agrees(
        data.params[:1], data.x[:1], data.y[:1], data.learning_rate, under="jit"
    )
    ensemble_train_step.agrees(16 * data.params, *list(data)[1:])
    ensemble_train_step.agrees(
        SMALL * data.params, data.x, SMALL * data.y, data.learning_rate, part=0
    )
    # So far out that the losses overflow, or all does.
    far = (data.params + 1) * np.float32(2**100), data.x, data.y
    for learning_rate in (data.learning_rate, np.array(2**40, np.float32)):
        ensemble_train_step.agrees(*far, learning_rate)


@ensemble_train_step.claim(points=1, kind=METHOD)
def test_ensemble_train_step_does_not_loop():
    """The models are carried by a transformation, not by a Python loop."""
    ensemble_train_step.does_not_loop(many_models, over="models")


def several_steps(drawn: Mapping[str, Any]) -> bool:
    """Of different models, which do not diverge."""
    one, other = drawn["data"].params
    several = drawn["n_epochs"] > 1 and drawn["data"].learning_rate < 1
    return bool(several and np.any(one != other))


def diverges(drawn: Mapping[str, Any]) -> bool:
    return drawn["n_epochs"] > 1 and bool(drawn["data"].learning_rate > 1)


@train_ensemble.claim(points=1.5, examples=6, must_cover=[several_steps, diverges])
@given(data=houses(n=3, models=2, scales=ALL_SCALES), n_epochs=options(3, 1, 103))
def test_train_ensemble_ends_where_n_epochs_steps_lead(data, n_epochs):
    """The first item of the answer is the params after n_epochs steps."""
    train_ensemble.agrees(*data, n_epochs, part=0)
    if n_epochs == 1:  # a single model keeps its axis, a single house and small numbers are learned
        params, x, y = data.params[:1] * SMALL, data.x[:1], data.y[:1] * SMALL
        train_ensemble.agrees(params, x, y, data.learning_rate, 1, part=0)


@train_ensemble.claim(points=1.5, examples=6, must_cover=[several_steps, diverges])
@given(data=houses(n=3, models=2, scales=ALL_SCALES), n_epochs=options(3, 1, 103))
def test_train_ensemble_keeps_the_losses_before_every_step(data, n_epochs):
    """Row e of the second item holds every model's loss before step e: shape (n_epochs, m)."""
    train_ensemble.agrees(*data, n_epochs, part=1)
    if n_epochs == 1:  # as many models as houses, and small numbers, change nothing
        params, x, y = data.params * SMALL, data.x[:2], data.y[:2] * SMALL
        train_ensemble.agrees(params, x, y, data.learning_rate, 1, part=1)


@train_ensemble.claim(points=1, kind=METHOD)
def test_train_ensemble_does_not_loop_over_models():
    """The models are carried by a transformation; a loop over the epochs is allowed."""
    train_ensemble.does_not_loop(lambda m: (*many_models(m), 3), over="models")


@spread.claim(points=1.5)
@given(params=parameters(3), size=options(1, 2**20, 2**-12))
def test_spread_is_largest_minus_smallest(params, size):
    """The answer is, of the slope and of the intercept, largest minus smallest: shape (2,)."""
    spread.agrees(params * np.float32(size))


@spread.claim(points=0.25, kind=LAW, examples=3)
@given(params=parameters(2))
def test_spread_of_one_model_is_0(params):
    """A single model has no spread, two have one."""
    spread.agrees(params[:1], expected=Expected.exactly(np.zeros(2)))
    spread.agrees(64 * params)


@spread.claim(points=0.25, kind=METHOD)
def test_spread_does_not_loop():
    """The models are compared by array operations, not by a Python loop."""
    spread.does_not_loop(lambda m: (ones(m, 2),), over="models")
    amid = np.where(np.arange(4 * MANY)[:, None] == 2 * MANY, np.float32(64), ones(1, 2))
    spread.agrees_on_many(amid, meaning="One amid many models counts")


@converged.claim(points=0.75, examples=6)
@given(data=houses(n=3, models=3))
def test_converged_looks_at_the_gradient_of_every_model(data):
    """Entry i says whether the Euclidean norm of model i's loss gradient is at most tolerance."""
    norms = gradient_norms(data.params, data.x, data.y)
    # Just below and above every model's norm: another norm than the Euclidean falls between.
    for m, around in ((3, np.outer(norms, (0.97, 1.03)).flat), (2, 0.97 * norms[:1])):
        for norm in around:  # of two models params are square
            tolerance = np.array(max(norm, 0.25), np.float32)
            exact = norms[:m] <= float(tolerance)
            close = np.abs(norms[:m] - float(tolerance)) < 1e-4 * (1 + norms[:m])
            due = Expected.exactly(exact, 1.0 * close)
            converged.agrees(data.params[:m], data.x, data.y, tolerance, expected=due)


@converged.claim(points=0.5, examples=4)
@given(data=houses(n=3, models=3))
def test_converged_is_false_where_the_gradient_is_nan(data):
    """A model whose params are NaN has not arrived."""
    params = data.params.copy()
    params[0] = np.nan
    tolerance = np.array(1e9, np.float32)
    alone = Expected.exactly(np.array([False]))
    converged.agrees(params[:1], data.x, data.y, tolerance, expected=alone)
    converged.agrees(
        params, data.x, data.y, tolerance, expected=Expected.exactly(np.array([False, True, True]))
    )


@converged.claim(points=0.25, kind=LAW, examples=3)
@given(data=houses(n=3, models=3))
def test_converged_counts_the_tolerance_itself(data):
    """A gradient just as long as the tolerance will do: of length 0, for a tolerance of 0."""
    params = np.zeros_like(data.params[:2])
    free, tolerance = np.zeros_like(data.y[:1]), np.array(0, np.float32)
    # Where all is 0, the gradient is 0 however it is computed.
    due = Expected.exactly(np.array([True, True]))
    converged.agrees(params, data.x[:1], free, tolerance, expected=due)
    # A small tolerance, and lengths just below and above it: 2 abs(intercept), where all x are 0.
    near = 2**-12 * np.array([[0, 1.003], [0, 1], [0, -1]], np.float32)
    zero, tolerance = np.zeros_like(data.x), np.array(2**-12 * 2.003, np.float32)
    due = Expected.exactly(np.array([False, True, True]))
    converged.agrees(near, zero, zero[:, 0], tolerance, expected=due)


@converged.claim(points=0.5, kind=METHOD)
def test_converged_does_not_loop():
    """The models are carried by a transformation, not by a Python loop."""
    converged.does_not_loop(many_models, over="models")


def many_models(m: int) -> tuple[np.ndarray, ...]:
    return ones(m, 2), ones(3, 1), ones(3), rate


def gradient_norms(params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The norms of the mean squared error's gradient, (m,), in float64."""
    design = np.stack([x[:, 0], np.ones(len(x))], axis=1).astype(np.float64)
    residuals = params.astype(np.float64) @ design.T - y
    return np.linalg.norm(2 * residuals @ design / len(x), axis=1)
