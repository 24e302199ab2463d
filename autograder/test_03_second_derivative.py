"""03_second_derivative: differentiating a derivative."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, given
from jaxercise.claims.strategies import numbers, options, scalar_functions, vectors, waves
from jaxercise.sandboxed.families import SCALAR, Described
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
second_derivative = exercise.function("second_derivative(f)(x)")
nth_derivative = exercise.function("nth_derivative(f, n)(x)")
largest_gap = exercise.function("largest_gap(f, d2f, x)")

cube = Described(SCALAR, SCALAR.vector(p3=1))
six = Described(SCALAR, SCALAR.vector(p1=6))
#: What takes numbers far away from 0, and gives them many decimals.
FAR = np.float32(64.123)
FINITE = (
    "A slope measured by small steps differs from the derivative that this f states: "
    "use jax.grad or one of its relatives"
)


def ones(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


@second_derivative.claim(points=2)
@given(f=scalar_functions(curved=True), x=numbers())
def test_second_derivative_is_a_function_that_gives_the_curvature(f, x):
    """second_derivative(f) is a function; at x it gives f''(x)."""
    second_derivative.agrees(f, result_arguments=(x,))


@second_derivative.claim(points=1, kind=LAW, examples=4)
@given(x=numbers(nonzero=True), scale=numbers(nonzero=True))
def test_second_derivative_of_a_cube_is_6x(x, scale):
    """For f(x) = c x^3 the answer is 6 c x, far away from 0 too; for c x^2 it is 2 c, at 0 too."""
    x = x * np.float32(4096)
    exact = 6.0 * float(scale) * float(x)
    f = Described(SCALAR, SCALAR.vector(p3=scale))
    second_derivative.agrees(
        f, result_arguments=(x,), expected=Expected.exactly(exact, 1e-5 * abs(exact))
    )
    f, exact = Described(SCALAR, SCALAR.vector(p2=scale)), 2.0 * float(scale)
    second_derivative.agrees(
        f, result_arguments=(x * 0,), expected=Expected.exactly(exact, 1e-5 * abs(exact))
    )
    for near in (x * FAR / 4096, x / 2**26):
        second_derivative.agrees(cube, result_arguments=(near,))


@second_derivative.claim(points=1, kind=LAW, examples=3)
@given(f=scalar_functions(curved=True), x=numbers(), entries=vectors())
def test_second_derivative_composes_with_jit_and_vmap(f, x, entries):
    """The returned function works under jax.jit and jax.vmap, and remembers no call before."""
    second_derivative.agrees(f, result_arguments=(x,), result_under="jit")
    second_derivative.agrees(f, result_arguments=(x,), result_under="again")
    second_derivative.agrees(f, result_arguments=(entries,), result_under="vmap")


@second_derivative.claim(points=1, kind=METHOD, examples=3)
@given(f=scalar_functions(stated=True, curved=True), x=numbers())
def test_second_derivative_is_automatic(f, x):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    second_derivative.agrees(f, result_arguments=(x,), meaning=FINITE)


@nth_derivative.claim(points=1.5)
@given(f=scalar_functions(curved=True), n=options(1, 2), x=numbers())
def test_nth_derivative_differentiates_n_times(f, n, x):
    """nth_derivative(f, n) is a function; at x it gives the n-th derivative of f."""
    nth_derivative.agrees(f, n, result_arguments=(x,))


@nth_derivative.claim(points=0.5, examples=4)
@given(f=scalar_functions(), x=numbers())
def test_nth_derivative_0_is_the_function_itself(f, x):
    """For n = 0 the returned function is equal to f, far away from 0 too."""
    nth_derivative.agrees(f, 0, result_arguments=(x,))
    nth_derivative.agrees(cube, 0, result_arguments=(FAR * x,))
    nth_derivative.agrees(f.scaled(2**-14), 0, result_arguments=(x,))


@nth_derivative.claim(points=1, kind=LAW, examples=4)
@given(f=scalar_functions(curved=True), wave=waves(), n=options(4, 5, 6), x=numbers())
def test_nth_derivative_composes_with_jit(f, wave, n, x):
    """The returned function works under jax.jit, for n = 3 to 6, and remembers no call before."""
    nth_derivative.agrees(f, 3, result_arguments=(x,), result_under="jit")
    nth_derivative.agrees(wave, n, result_arguments=(x,), result_under="jit")
    nth_derivative.agrees(f, 1, result_arguments=(x,), result_under="again")


@nth_derivative.claim(points=1, kind=METHOD, examples=3)
@given(f=scalar_functions(stated=True, curved=True), n=options(1, 2), x=numbers())
def test_nth_derivative_is_automatic(f, n, x):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    nth_derivative.agrees(f, n, result_arguments=(x,), meaning=FINITE)


@largest_gap.claim(points=1, examples=6)
@given(
    f=scalar_functions(curved=True),
    d2f=scalar_functions(),
    x=vectors(n=3),
    size=options(1, 2**-24),  # a small gap is a gap
    beside=options(1, 0),  # so is one to a claim of 0
)
def test_largest_gap_is_the_largest_difference(f, d2f, x, size, beside):
    """The answer is the largest of abs(f''(x[i]) - d2f(x[i])), one number."""
    f, d2f = f.scaled(size), d2f.scaled(size * beside)
    largest_gap.agrees(f, d2f, x)
    # The same gaps with the other sign: one of the two has its largest gap below zero.
    largest_gap.agrees(f.scaled(-1), d2f.scaled(-1), x)


@largest_gap.claim(points=0.5, kind=LAW, examples=4)
@given(x=vectors(n=1))
def test_largest_gap_of_a_cube_and_6x_is_0(x):
    """For x^3 and 6 x the answer is about 0, for a single entry too; not for x^3 and x^3."""
    largest_gap.agrees(cube, six, x, expected=Expected.exactly(0.0, 1e-5))
    # A claim that is nearly true has a gap.
    largest_gap.agrees(cube, six.scaled(1 + 2**-8), x)
    largest_gap.agrees(cube, cube, FAR * x)


@largest_gap.claim(points=1, kind=METHOD, examples=3)
@given(f=scalar_functions(stated=True, curved=True), d2f=scalar_functions(), x=vectors(n=3))
def test_largest_gap_differentiates_automatically(f, d2f, x):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    largest_gap.agrees(f, d2f, x, meaning=FINITE)


@largest_gap.claim(points=0.5, kind=METHOD)
def test_largest_gap_does_not_loop():
    """The entries are carried by a transformation, not by a Python loop."""
    largest_gap.does_not_loop(lambda n: (cube, six, ones(n)), over="entries")
    many = np.append(ones(MANY - 1), ones(1) * 3)
    largest_gap.agrees_on_many(
        cube, cube, many, meaning="The largest gap is at the last of many entries"
    )
    many = np.append(ones(MANY - 1), ones(1) * 2)
    many[MANY // 3 + 40] = np.sqrt(2)  # the largest gap of |6 x - x^3| is neither at 1 nor at 2
    largest_gap.agrees_on_many(cube, cube, many, meaning="The largest gap is amid many entries")
