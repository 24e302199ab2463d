"""01_jit: what `jit` sees."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, given
from jaxercise.claims.strategies import learning_rates, numbers, options, trees, vectors

exercise = Exercise(__file__)
guarded_step = exercise.function("guarded_step(params, gradient, rate)")
levels = exercise.function("levels(start, flows, capacity)")
window_means = exercise.function("window_means(x, width)")
observe = exercise.function("observe(state, value)")

NOT_FINITE = (np.nan, np.inf, -np.inf)


@guarded_step.claim(points=2, examples=6)
@given(params=vectors(n=3), gradient=vectors(n=3), rate=learning_rates())
def test_guarded_step_is_taken_where_all_of_the_gradient_is_finite(params, gradient, rate):
    """A finite gradient is stepped along; where one entry is none, all params stay as they are."""
    guarded_step.agrees(params, gradient, rate)
    for place, bad in enumerate(NOT_FINITE):
        spoiled = gradient.copy()
        spoiled[place] = bad
        guarded_step.agrees(params, spoiled, rate)
    guarded_step.agrees(params[:1], np.array([np.inf], np.float32), rate)


@guarded_step.claim(points=1, kind=LAW, examples=2)
@given(params=numbers(shape=(2, 3)), gradient=numbers(shape=(2, 3)), rate=learning_rates())
def test_guarded_step_composes_with_jit_and_vmap(params, gradient, rate):
    """Under jax.jit and jax.vmap each row is stepped or left by itself."""
    gradient[0, 1] = np.nan
    rates = np.stack([rate, rate])
    guarded_step.agrees(params, gradient, rates, under=("vmap", "jit"))


@levels.claim(points=2)
@given(
    start=options(*map(np.float32, (0, 2, 1.3))),
    flows=vectors(n=5),
    capacity=options(*map(np.float32, (2, 3.7))),
)
def test_levels_stay_between_empty_and_full(start, flows, capacity):
    """Each day's level is that of the day before plus the flow, at least 0, at most capacity."""
    levels.agrees(start, flows, capacity)
    levels.agrees(start, flows[:1], capacity)


@levels.claim(points=1, kind=METHOD)
def test_levels_do_not_unroll():
    """The days are carried by one loop of JAX's, however many there are."""
    level, full = np.float32(1), np.float32(3)
    levels.does_not_grow(
        lambda n: (level, np.ones(n, np.float32), full), over="days", by="jax.lax.scan"
    )


@window_means.claim(points=2)
@given(x=vectors(n=6, wide=True), width=options(2, 1, 3, 6))
def test_window_means_are_those_of_all_neighbors(x, width):
    """Entry i of the answer is the mean of x[i], ..., x[i + width - 1]."""
    window_means.agrees(x, width)


@window_means.claim(points=1, kind=METHOD)
def test_window_means_is_compiled_once():
    """A second call with the same width and shape finds all of the function compiled."""
    window_means.compiles_once(np.arange(6, dtype=np.float32), 3)


def states():
    """What has been observed so far, values from -4 to 4."""
    counts = options(*map(np.int32, (3, 0, 1, 2)))
    return trees({"count": counts, "mean": numbers(), "largest": numbers(wide=True)})


@observe.claim(points=2)
@given(state=states(), value=numbers(wide=True))
def test_observe_counts_one_more_value(state, value):
    """The new state's count, mean and largest are those with one more value; the old one stays."""
    observe.agrees(state, value)
    nothing = {"count": np.array(0, np.int32), "mean": 0 * value, "largest": np.float32(-np.inf)}
    observe.agrees(nothing, value)
    observe.agrees(nothing, -abs(value) - 1)


@observe.claim(points=1, kind=LAW, examples=6)
@given(state=states(), value=numbers())
def test_observe_keeps_nothing_to_itself(state, value):
    """Under jax.jit, and after other calls, the new state follows from the old one alone."""
    observe.agrees(state, value, under="jit")
    observe.agrees(state, value, under="again")
