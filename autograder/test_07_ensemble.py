"""07_ensemble: ten models, one city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, given
from jaxercise.claims.strategies import houses, keys, options, parameters
from jaxercise.claims.texts import value_text
from jaxercise.sandboxed.wire.values import Key

exercise = Exercise(__file__)
init_ensemble = exercise.function("init_ensemble(key, n_models)")
ensemble_train_step = exercise.function("ensemble_train_step(params, x, y, learning_rate)")
train_ensemble = exercise.function("train_ensemble(params, x, y, learning_rate, n_epochs)")
spread = exercise.function("spread(params)")
converged = exercise.function("converged(params, x, y, tolerance)")

rate = np.array(0.125, np.float32)
ALL_SCALES = ("small", "article", "creeping", "diverging")
MANY = 1000


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


@init_ensemble.claim(points=0.5, examples=4)
@given(key=keys())
def test_init_ensemble_has_a_row_for_each_model(key):
    """The answer has shape (n_models, 2), float32; old and new keys work; no two rows are alike."""
    init_ensemble.array(key, 1, shape=(1, 2))
    params = init_ensemble.array(key, 3, shape=(3, 2))
    init_ensemble.check(
        len(np.unique(params)) == params.size,
        "the same number stands in several places: every entry has to be drawn on its own",
        key,
        3,
        returned=params,
    )


@init_ensemble.claim(points=0.5, examples=2)
@given(key=keys())
def test_init_ensemble_is_standard_normal(key):
    """Slopes and intercepts are independent and standard normal."""
    params = init_ensemble.array(key, MANY, shape=(MANY, 2)).astype(np.float64)
    # Six standard errors: a right answer is refused about once in 100 million keys.
    error = 6 / np.sqrt(MANY)
    slopes, intercepts = params.T
    for name, seen, due, allowed in (
        ("the means", params.mean(axis=0), 0.0, error),
        ("the standard deviations", params.std(axis=0), 1.0, error / np.sqrt(2)),
        ("the fourth moments", (params**4).mean(axis=0), 3.0, error * np.sqrt(96)),
        ("the mean product of slope and intercept", (slopes * intercepts).mean(), 0.0, error),
        ("the mean product of neighbors", (params[1:] * params[:-1]).mean(axis=0), 0.0, error),
    ):
        init_ensemble.check(
            bool(np.all(np.abs(seen - due) <= allowed)),
            f"{name} of {MANY} models: {value_text(np.round(seen, 3))}; expected about {due:g}",
            key,
            MANY,
        )


@init_ensemble.claim(points=0.25, kind=METHOD)
def test_init_ensemble_does_not_loop():
    """The models are drawn at once, not by a Python loop."""
    init_ensemble.does_not_loop(lambda m: (Key(0, True), m), over="models")


@init_ensemble.claim(points=0.75, kind=LAW, examples=3)
@given(key=keys())
def test_init_ensemble_follows_its_key(key):
    """The same key gives the same ensemble, another key gives another."""
    other = Key(key.seed + 1, key.typed)
    first = init_ensemble.array(key, 3, shape=(3, 2))
    second = init_ensemble.array(other, 3, shape=(3, 2))
    again = init_ensemble.array(key, 3, shape=(3, 2))
    init_ensemble.check(
        np.array_equal(first, again), "the same key gave two different ensembles", key, 3
    )
    init_ensemble.check(
        not np.any(first == second), "two different keys gave the same numbers", other, 3
    )


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
    ensemble_train_step.agrees(data.params[:1], *list(data)[1:], under="jit")
    ensemble_train_step.agrees(*data)


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


@train_ensemble.claim(points=1.5, examples=8, must_cover=[several_steps, diverges])
@given(data=houses(n=3, models=2, scales=ALL_SCALES), n_epochs=options(3, 1, 40))
def test_train_ensemble_ends_where_n_epochs_steps_lead(data, n_epochs):
    """The first item of the answer is the params after n_epochs steps."""
    train_ensemble.agrees(*data, n_epochs, part=0)


@train_ensemble.claim(points=1.5, examples=8, must_cover=[several_steps, diverges])
@given(data=houses(n=3, models=2, scales=ALL_SCALES), n_epochs=options(3, 1, 40))
def test_train_ensemble_keeps_the_losses_before_every_step(data, n_epochs):
    """Row e of the second item holds every model's loss before step e: shape (n_epochs, m)."""
    train_ensemble.agrees(*data, n_epochs, part=1)


@train_ensemble.claim(points=1, kind=METHOD)
def test_train_ensemble_does_not_loop_over_models():
    """The models are carried by a transformation; a loop over the epochs is allowed."""
    train_ensemble.does_not_loop(lambda m: (*many_models(m), 3), over="models")


@spread.claim(points=1.5)
@given(params=parameters(3))
def test_spread_is_largest_minus_smallest(params):
    """The answer is, of the slope and of the intercept, largest minus smallest: shape (2,)."""
    spread.agrees(params)


@spread.claim(points=0.5, kind=LAW, examples=3)
@given(params=parameters(1))
def test_spread_of_one_model_is_0(params):
    """A single model has no spread."""
    spread.agrees(params, expected=Expected.exactly(np.zeros(2)))


@converged.claim(points=0.75, examples=6)
@given(data=houses(n=3, models=3))
def test_converged_looks_at_the_gradient_of_every_model(data):
    """Entry i says whether the Euclidean norm of model i's loss gradient is at most tolerance."""
    norms = gradient_norms(data.params, data.x, data.y)
    # Just below and above every model's norm: another norm than the Euclidean falls between.
    for due in np.outer(norms, (0.97, 1.03)).flat:
        tolerance = np.array(max(due, 0.25), np.float32)
        exact = norms <= float(tolerance)
        close = np.abs(norms - float(tolerance)) < 1e-4 * (1 + norms)
        converged.agrees(
            data.params, data.x, data.y, tolerance, expected=Expected.exactly(exact, 1.0 * close)
        )


@converged.claim(points=0.5, examples=4)
@given(data=houses(n=3, models=3))
def test_converged_is_false_where_the_gradient_is_nan(data):
    """A model whose params are NaN has not arrived."""
    params = data.params.copy()
    params[0] = np.nan
    tolerance = np.array(1e9, np.float32)
    converged.agrees(
        params, data.x, data.y, tolerance, expected=Expected.exactly(np.array([False, True, True]))
    )


@converged.claim(points=0.25, kind=LAW, examples=3)
@given(data=houses(n=3, models=3))
def test_converged_counts_the_tolerance_itself(data):
    """A gradient just as long as the tolerance will do: of length 0, for a tolerance of 0."""
    params = data.params.copy()
    params[0] = 0
    free, tolerance = np.zeros_like(data.y), np.array(0, np.float32)
    arrived = gradient_norms(params, data.x, free) == 0
    # Where all is 0, the first model's gradient is 0 however it is computed.
    due = Expected.exactly(arrived, np.array([0.0, 1.0, 1.0]))
    converged.agrees(params, data.x, free, tolerance, expected=due)


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
