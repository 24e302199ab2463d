"""03_trees: params as trees."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, Exercise, given
from jaxercise.claims.strategies import learning_rates, numbers, options, trees, vectors

exercise = Exercise(__file__)
clipped = exercise.function("clipped(gradient, limit)")
stacked = exercise.function("stacked(trees)")
momentum_step = exercise.function("momentum_step(params, velocity, gradient, rate, momentum)")


def layers():
    """A network of two layers, as they are usually kept: a list of dicts."""
    first = {"w": numbers(shape=(2, 3)), "b": vectors(n=3)}
    return trees([first, {"w": numbers(shape=(3,), nonzero=True), "b": numbers()}])


def other_trees():
    """The same kinds of containers, nested in another way."""
    return trees({"scale": (numbers(), [numbers(shape=(1, 2), nonzero=True)]), "shift": vectors()})


@clipped.claim(points=2, examples=6)
@given(gradient=layers(), limit=options(*map(np.float32, (1, 0.25, 300))))
def test_clipped_shortens_all_leaves_as_one_vector(gradient, limit):
    """A gradient longer than the limit gets that length; a shorter one stays, and so does 0."""
    clipped.agrees(gradient, limit)
    nothing = [{name: 0 * leaf for name, leaf in one.items()} for one in gradient]
    clipped.agrees(nothing, limit)


@clipped.claim(points=1, kind=LAW, examples=3)
@given(gradient=other_trees(), limit=options(*map(np.float32, (1, 300))))
def test_clipped_takes_any_tree_under_jit(gradient, limit):
    """Tuples, lists and dicts in any order, and a single array, also under jax.jit."""
    clipped.agrees(gradient, limit, under="jit")
    clipped.agrees(gradient["shift"], limit)


@stacked.claim(points=2, examples=6)
@given(one=layers(), two=layers(), three=layers())
def test_stacked_has_an_axis_for_the_trees_in_front(one, two, three):
    """Entry i of every leaf of the answer is that leaf of tree i."""
    stacked.agrees([one, two, three])


@stacked.claim(points=1, kind=LAW, examples=3)
@given(one=other_trees(), two=other_trees())
def test_stacked_takes_any_trees_under_jit(one, two):
    """Tuples, lists and dicts in any order, single arrays, and one tree alone, also under jit."""
    stacked.agrees([one, two], under="jit")
    stacked.agrees([one])
    stacked.agrees([one["shift"], two["shift"]])


@momentum_step.claim(points=3, examples=6)
@given(
    params=layers(),
    velocity=layers(),
    gradient=layers(),
    rate=learning_rates(),
    momentum=options(*map(np.float32, (0.5, 0, 0.9))),
)
def test_momentum_step_moves_along_the_new_velocity(params, velocity, gradient, rate, momentum):
    """The velocity is momentum * velocity + gradient, and the params move by -rate times that."""
    momentum_step.agrees(params, velocity, gradient, rate, momentum)


@momentum_step.claim(points=1, kind=LAW, examples=3)
@given(params=other_trees(), velocity=other_trees(), rate=learning_rates())
def test_momentum_step_takes_any_trees_under_jit(params, velocity, rate):
    """Tuples, lists and dicts in any order, and single arrays, also under jax.jit."""
    share = np.float32(0.75)
    momentum_step.agrees(params, velocity, params, rate, share, under="jit")
    momentum_step.agrees(params["shift"], velocity["shift"], params["shift"], rate, share)
