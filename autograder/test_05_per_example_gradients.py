"""05_per_example_gradients: jit(vmap(grad(...)))."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, given
from jaxercise.claims.strategies import losses, vectors
from jaxercise.sandboxed.families import LOSS, Described
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
per_example_gradients = exercise.function("per_example_gradients(loss, params, x, y)")
batch_gradient = exercise.function("batch_gradient(loss, params, x, y)")

squared = Described(LOSS, LOSS.vector(square=1))
FINITE = (
    "A slope measured by small steps differs from the derivative that this loss states: "
    "use jax.grad or one of its relatives"
)


def ones(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


@per_example_gradients.claim(points=3, examples=6)
@given(
    loss=losses(),
    params=vectors(n=2, wide=True),
    x=vectors(n=3, wide=True),
    y=vectors(n=3, distinct=True, wide=True),
)
def test_per_example_gradients_has_a_row_for_each_example(loss, params, x, y):
    """Row i of the answer is the gradient in the params of loss(params, x[i], y[i])."""
    per_example_gradients.agrees(loss, params, x, y)


@per_example_gradients.claim(points=1, kind=LAW, examples=2)
@given(loss=losses(), params=vectors(n=3), x=vectors(n=3), y=vectors(n=3))
def test_per_example_gradients_of_one_example_and_one_parameter(loss, params, x, y):
    """One example and one parameter give a table of shape (1, 1), three and three one of (3, 3)."""
    per_example_gradients.agrees(loss, params[:1], x[:1], y[:1])
    per_example_gradients.agrees(loss, params, x, y)


@per_example_gradients.claim(points=1, kind=METHOD, examples=2)
@given(loss=losses(stated=True), params=vectors(n=2), x=vectors(n=3), y=vectors(n=3))
def test_per_example_gradients_is_automatic(loss, params, x, y):
    """Automatic differentiation follows a derivative that loss states itself."""
    per_example_gradients.agrees(loss, params, x, y, meaning=FINITE)


@per_example_gradients.claim(points=1, kind=METHOD)
def test_per_example_gradients_does_not_loop():
    """The examples are carried by a transformation, not by a Python loop."""
    per_example_gradients.does_not_loop(
        lambda n: (squared, ones(2), ones(n), ones(n)), over="examples"
    )


@batch_gradient.claim(points=2, examples=6)
@given(
    loss=losses(),
    params=vectors(n=2, wide=True),
    x=vectors(n=3, distinct=True, wide=True),
    y=vectors(n=3, distinct=True, wide=True),
)
def test_batch_gradient_is_the_mean_over_the_examples(loss, params, x, y):
    """The answer is the mean over the examples of their gradients, shape (p,)."""
    batch_gradient.agrees(loss, params, x, y)


@batch_gradient.claim(points=0.5, kind=LAW, examples=2)
@given(loss=losses(), params=vectors(n=2), x=vectors(n=3), y=vectors(n=3))
def test_batch_gradient_of_every_example_twice_is_the_same(loss, params, x, y):
    """Every example standing twice changes nothing; one parameter and example give one entry."""
    batch_gradient.relates(
        loss,
        params,
        np.concatenate([x, x]),
        np.concatenate([y, y]),
        to=(loss, params, x, y),
        by=lambda once: once,
        meaning="The expected values are your own answer to the examples standing once",
    )
    batch_gradient.agrees(loss, params[:1] / 4, x[:1], y[:1])
    batch_gradient.agrees(loss.scaled(2**-20), params, x, y)


@batch_gradient.claim(points=0.5, kind=METHOD, examples=2)
@given(loss=losses(stated=True), params=vectors(n=2), x=vectors(n=3), y=vectors(n=3))
def test_batch_gradient_is_automatic(loss, params, x, y):
    """Automatic differentiation follows a derivative that loss states itself."""
    batch_gradient.agrees(loss, params, x, y, meaning=FINITE)


@batch_gradient.claim(points=1, kind=METHOD)
def test_batch_gradient_does_not_loop():
    """The examples are carried by a transformation, not by a Python loop."""
    batch_gradient.does_not_loop(lambda n: (squared, ones(2), ones(n), ones(n)), over="examples")
    x = np.append(ones(MANY - 1), 64 * ones(1))
    batch_gradient.agrees_on_many(
        squared, ones(2), x, ones(MANY), meaning="The last of many counts"
    )
