"""04_partial_derivatives: argnums and value_and_grad."""

from __future__ import annotations

from jaxercise.claims import LAW, METHOD, Exercise, given
from jaxercise.claims.strategies import binary_functions, losses, numbers, vectors

exercise = Exercise(__file__)
partial_x = exercise.function("partial_x(f, x, y)")
partial_y = exercise.function("partial_y(f, x, y)")
gradient = exercise.function("gradient(f, x, y)")
loss_and_gradient = exercise.function("loss_and_gradient(loss, params, x, y)")

#: Factors that make slopes small or large, and no less right.
SMALL, LARGE = 2**-20, 2**24
FINITE = (
    "A slope measured by small steps differs from the derivative that this function states: "
    "use jax.grad or one of its relatives"
)


@partial_x.claim(points=1.5)
@given(f=binary_functions(), x=numbers(wide=True), y=numbers(wide=True))
def test_partial_x_is_the_slope_along_x(f, x, y):
    """The answer is df/dx at (x, y): y is held fixed."""
    partial_x.agrees(f, x, y)
    partial_x.agrees(f.scaled(SMALL), x, y)
    partial_x.agrees(f.scaled(LARGE), x, y)


@partial_x.claim(points=0.5, kind=METHOD, examples=3)
@given(f=binary_functions(stated=True), x=numbers(wide=True), y=numbers(wide=True))
def test_partial_x_is_automatic(f, x, y):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    partial_x.agrees(f, x, y, meaning=FINITE)


@partial_y.claim(points=1.5)
@given(f=binary_functions(), x=numbers(wide=True), y=numbers(wide=True))
def test_partial_y_is_the_slope_along_y(f, x, y):
    """The answer is df/dy at (x, y): x is held fixed."""
    partial_y.agrees(f, x, y)
    partial_y.agrees(f.scaled(SMALL), x, y)
    partial_y.agrees(f.scaled(LARGE), x, y)


@partial_y.claim(points=0.5, kind=METHOD, examples=3)
@given(f=binary_functions(stated=True), x=numbers(wide=True), y=numbers(wide=True))
def test_partial_y_is_automatic(f, x, y):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    partial_y.agrees(f, x, y / 4, meaning=FINITE)


@gradient.claim(points=1)
@given(f=binary_functions(), x=numbers(wide=True), y=numbers(wide=True))
def test_gradient_begins_with_the_slope_along_x(f, x, y):
    """The first item of the answer, a tuple, is df/dx."""
    gradient.agrees(f, x, y, part=0)
    gradient.agrees(f.scaled(SMALL), x, y, part=0)
    gradient.agrees(f.scaled(LARGE), x, y, part=0)


@gradient.claim(points=1)
@given(f=binary_functions(), x=numbers(wide=True), y=numbers(wide=True))
def test_gradient_ends_with_the_slope_along_y(f, x, y):
    """The second item of the answer, a tuple, is df/dy."""
    gradient.agrees(f, x, y, part=1)
    gradient.agrees(f.scaled(SMALL), x, y, part=1)
    gradient.agrees(f.scaled(LARGE), x, y, part=1)


@gradient.claim(points=1, kind=METHOD, examples=3)
@given(f=binary_functions(stated=True), x=numbers(wide=True), y=numbers(wide=True))
def test_gradient_is_automatic(f, x, y):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    gradient.agrees(f, x, y, meaning=FINITE)


@loss_and_gradient.claim(points=0.5)
@given(loss=losses(), params=vectors(n=3, wide=True), x=numbers(wide=True), y=numbers(wide=True))
def test_loss_and_gradient_begins_with_the_loss(loss, params, x, y):
    """The first item of the answer is loss(params, x, y)."""
    loss_and_gradient.agrees(loss, params, x, y, part=0)
    loss_and_gradient.agrees(loss.scaled(SMALL), params, x, y, part=0)


@loss_and_gradient.claim(points=1)
@given(loss=losses(), params=vectors(n=3, wide=True), x=numbers(wide=True), y=numbers(wide=True))
def test_loss_and_gradient_ends_with_the_gradient(loss, params, x, y):
    """The second item of the answer is the gradient in the params, shape (p,)."""
    loss_and_gradient.agrees(loss, params, x, y, part=1)
    loss_and_gradient.agrees(loss.scaled(SMALL), params, x, y, part=1)


@loss_and_gradient.claim(points=0.5, kind=LAW, examples=3)
@given(loss=losses(), params=vectors(n=1), x=numbers(wide=True), y=numbers(wide=True))
def test_loss_and_gradient_of_a_single_parameter_is_a_vector(loss, params, x, y):
    """One parameter gives a gradient of shape (1,)."""
    loss_and_gradient.agrees(loss, params, x, y)


@loss_and_gradient.claim(points=0.5, kind=METHOD, examples=3)
@given(loss=losses(), params=vectors(n=3, wide=True), x=numbers(wide=True), y=numbers(wide=True))
def test_loss_and_gradient_calls_the_loss_once(loss, params, x, y):
    """Value and gradient come from one call of loss."""
    loss_and_gradient.calls_once(loss, params, x, y)


@loss_and_gradient.claim(points=0.5, kind=METHOD, examples=3)
@given(
    loss=losses(stated=True),
    params=vectors(n=3, wide=True),
    x=numbers(wide=True),
    y=numbers(wide=True),
)
def test_loss_and_gradient_is_automatic(loss, params, x, y):
    """Automatic differentiation follows a derivative that loss states itself."""
    loss_and_gradient.agrees(loss, params, x, y, meaning=FINITE)
