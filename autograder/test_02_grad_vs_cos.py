"""02_grad_vs_cos: the derivative of sin is cos."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, given
from jaxercise.claims.pictures import curves, overlaid
from jaxercise.claims.strategies import numbers, options, scalar_functions, vectors
from jaxercise.sandboxed.families import SCALAR, Described
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
derivative = exercise.function("derivative(f, x)", picture=curves(x="x"))
largest_gap = exercise.function("largest_gap(f, df, x)")
plot = exercise.function("plot(x)")

sine = Described(SCALAR, SCALAR.vector(a0=1, w1=1))
square = Described(SCALAR, SCALAR.vector(p2=1))
#: So fast that other entries than those of x have other gaps.
ripple = Described(SCALAR, SCALAR.vector(a0=8, w1=40))
#: sin and cos are right to some 1e-7; curves are read from a picture's data.
CURVE = 1e-5
#: What takes numbers far away from 0, and gives them many decimals.
FAR = np.float32(64.123)


def ones(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


@derivative.claim(points=2)
@given(f=scalar_functions(), x=vectors(n=3))
def test_derivative_is_the_slope_at_every_entry(f, x):
    """Entry i of the answer is f'(x[i])."""
    derivative.agrees(f, x)


@derivative.claim(points=0.5, kind=LAW, examples=4)
@given(x=vectors(n=1))
def test_derivative_of_sin_is_cos(x):
    """For f = sin the answer is cos(x), for a vector of one entry too; for f = x^2 it is 2 x."""
    exact = np.cos(x.astype(np.float64))
    derivative.agrees(sine, x, expected=Expected.exactly(exact, 1e-6))
    derivative.agrees(square, 64 * FAR * x)
    derivative.agrees(square, x / 4096)


@derivative.claim(points=0.5, kind=LAW, examples=3)
@given(f=scalar_functions(), x=vectors(n=3))
def test_derivative_is_linear(f, x):
    """4096 times the function has 4096 times the slope, and no call remembers another."""
    derivative.relates(
        f.scaled(4096),
        x,
        to=(f, x),
        by=lambda once: 4096 * once,
        meaning="The expected values are 4096 times your own answer for f / 4096",
    )
    derivative.agrees(f, x, under="again")


@derivative.claim(points=1, kind=METHOD, examples=3)
@given(f=scalar_functions(stated=True), x=vectors(n=3))
def test_derivative_is_automatic(f, x):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    derivative.agrees(f, x, meaning=FINITE)


@derivative.claim(points=1, kind=METHOD)
def test_derivative_does_not_loop():
    """The entries are carried by a transformation, not by a Python loop."""
    derivative.does_not_loop(lambda n: (square, ones(n)), over="entries")
    derivative.agrees(square, np.linspace(-4, 4, 601, dtype=np.float32))


@largest_gap.claim(points=2, examples=6)
@given(
    f=scalar_functions(),
    df=scalar_functions(),
    x=vectors(n=3),
    size=options(1, 2**-24),  # a small gap is a gap
    beside=options(1, 0),  # beside a large df, an error in f' is none
)
def test_largest_gap_is_the_largest_difference(f, df, x, size, beside):
    """The answer is the largest of abs(f'(x[i]) - df(x[i])), one number."""
    f, df = f.scaled(size), df.scaled(size * beside)
    largest_gap.agrees(f, df, x)
    # The same gaps with the other sign: one of the two has its largest gap below zero.
    largest_gap.agrees(f.scaled(-1), df.scaled(-1), x)


@largest_gap.claim(points=1, kind=LAW, examples=4)
@given(x=vectors(n=1), scale=numbers(nonzero=True))
def test_largest_gap_of_sin_and_cos_is_0(x, scale):
    """For c sin(x) and c cos(x) the answer is about 0, for a single entry too; not for x^2, x^2."""
    f = Described(SCALAR, SCALAR.vector(a0=scale, w1=1))
    df = Described(SCALAR, SCALAR.vector(c0=scale, w1=1))
    largest_gap.agrees(f, df, x, expected=Expected.exactly(0.0, 1e-5))
    largest_gap.agrees(square, square, FAR * x)


@largest_gap.claim(points=1, kind=METHOD, examples=3)
@given(f=scalar_functions(stated=True), df=scalar_functions(), x=vectors(n=3))
def test_largest_gap_differentiates_automatically(f, df, x):
    """Automatic differentiation follows a derivative that f states itself, differences do not."""
    largest_gap.agrees(f, df, x, meaning=FINITE)


@largest_gap.claim(points=1, kind=METHOD)
def test_largest_gap_does_not_loop():
    """The entries are carried by a transformation, not by a Python loop."""
    largest_gap.does_not_loop(lambda n: (square, sine, ones(n)), over="entries")
    many = np.append(ones(MANY - 1), ones(1) * 3)
    largest_gap.agrees_on_many(square, sine, many, meaning=LAST)
    amid = many.copy()
    amid[MANY // 3 + 40] = 2
    largest_gap.agrees_on_many(square, ripple, amid, meaning=AMID)


LAST = "The largest gap is at the last of many entries"
AMID = "The largest gap is amid many entries"
FINITE = (
    "A slope measured by small steps differs from the derivative that this f states: "
    "use jax.grad or one of its relatives"
)


# How a curve was computed cannot be seen in a picture: sin' and cos are the same numbers. What
# comes from automatic differentiation is asked of `derivative`.
@plot.claim(points=2, examples=6)
@given(x=vectors(n=5, distinct=True), n=options(5, 1, 70))
def test_plot_shows_both_curves(x, n):
    """One curve is sin' and one is cos, both against x and in view."""
    if n == 1:
        x = FAR * x[:1]
    elif n > len(x):  # not very many: who computes a curve point by point may do so here
        x = np.linspace(-4, 240, n, dtype=np.float32)
    drawn = plot.figure(x)
    cosine = curves_along_cosine(drawn, x)
    count = len(drawn["curves"])
    curves = "1 curve" if count == 1 else f"{count} curves"
    hidden = f"; {drawn['hidden']} more cannot be seen" if drawn["hidden"] else ""
    plot.check(
        len(cosine) >= 2,
        f"the figure has {curves}, {len(cosine)} of them along cos(x) at every x; expected two, "
        f"the derivative of sin and cos itself{hidden}",
        x,
        picture=lambda: overlaid(drawn, x, np.cos, "due: cos(x)"),
    )
    whole = [curve for curve in cosine if not curve["cut_off"]]
    plot.check(
        len(whole) >= 2,
        "the limits of the axes leave points of the curves out; expected all of both in view",
        x,
    )


@plot.claim(points=1, kind=LAW, examples=3)
@given(x=vectors(n=5, distinct=True))
def test_plot_says_what_is_what(x):
    """The two curves look different, a legend tells them apart, and both axes have a label."""
    drawn = plot.figure(x)
    curves = curves_along_cosine(drawn, x)
    named = {curve["label"] for curve in curves if curve["label"].strip()}
    plot.check(
        bool(drawn["legend"]),
        "the figure has no legend that can be seen: give each curve a label=, and call legend() "
        "after that",
        x,
    )
    plot.check(
        len({curve["look"] for curve in curves}) >= 2,
        "the two curves look the same; expected another colour, style, marker or width for each",
        x,
    )
    unnamed = [str(i) for i, curve in enumerate(curves, 1) if not curve["label"].strip()]
    seen = f"has no text for curve {' and '.join(unnamed)}, in the order of drawing"
    plot.check(
        len(named) >= 2,
        f"the legend {seen if unnamed else 'has one text for both curves'}; expected a different "
        "text for each",
        x,
    )
    missing = [axis for axis in ("xlabel", "ylabel") if not str(drawn[axis]).strip()]
    plot.check(not missing, f"the axes have no {' and no '.join(missing)}", x)


@plot.claim(points=1, kind=LAW, examples=3)
@given(x=vectors(n=5, distinct=True))
def test_plot_leaves_nothing_behind(x):
    """One axes in a new figure; nothing is shown or saved, and no other figure is left open."""
    drawn = plot.figure(x)
    plot.check(
        not drawn["returned_before"],
        "the figure is the one that an earlier call returned; expected a new one from each call",
        x,
    )
    plot.check(drawn["axes"] == 1, f"the figure has {drawn['axes']} axes; expected one", x)
    plot.check(not drawn["shown"], "the figure was shown; leave that to the caller", x)
    plot.check(not drawn["saved"], "a file was written; leave saving the figure to the caller", x)
    others = drawn["open_figures"]
    plot.check(others == 0, f"{others} figure(s) besides the returned one are left open", x)


def curves_along_cosine(drawn: dict[str, Any], x: np.ndarray) -> list[dict[str, Any]]:
    """The curves that pass through (x, cos(x)) for every x, in any order, and nowhere else."""
    order = np.argsort(x)
    found = []
    for curve in drawn["curves"]:
        if curve["x"].shape == curve["y"].shape == x.shape:
            own = np.argsort(curve["x"])
            close_x = np.allclose(curve["x"][own], x[order], atol=CURVE)
            if close_x and np.allclose(curve["y"][own], np.cos(x[order]), atol=CURVE):
                found.append(curve)
    return found
