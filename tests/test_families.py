"""The families: what they say, what they compute, and what their stated derivative is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
import pytest
from jaxercise.cache.folders import configure_judge
from jaxercise.sandboxed.families import (
    BINARY,
    FAMILIES,
    LANDSCAPE,
    LOSS,
    MODEL,
    SCALAR,
    WAVE,
    Described,
    Family,
    number,
)
from jaxercise.sandboxed.families.base import total

Array = npt.NDArray[Any]


@pytest.fixture(autouse=True, scope="module")
def judge(cache: None) -> None:
    """JAX as the judge runs it."""
    configure_judge()


def member(family: Family, **values: float) -> Described:
    return Described(family, family.vector(**values))


# What they say


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (member(SCALAR), "f(x) = 0"),
        (member(SCALAR, p0=-1.5), "f(x) = -1.5"),
        (member(SCALAR, p1=1), "f(x) = x"),
        (member(SCALAR, p1=-1), "f(x) = -x"),
        (member(SCALAR, p3=2), "f(x) = 2 x^3"),
        (member(SCALAR, p3=1, p2=-1, p1=0.5, p0=-3), "f(x) = x^3 - x^2 + 0.5 x - 3"),
        (member(SCALAR, a0=1, w1=1), "f(x) = sin(x)"),
        (member(SCALAR, a0=-2, w1=0.5), "f(x) = -2 sin(0.5 x)"),
        (member(SCALAR, a1=1, w1=2), "f(x) = x sin(2 x)"),
        (member(SCALAR, a0=1, a1=2, w1=1), "f(x) = (1 + 2 x) sin(x)"),
        (member(SCALAR, a0=0.5, c0=-1, w1=1, w2=2), "f(x) = 0.5 sin(x + 2 x^2) - cos(x + 2 x^2)"),
        (member(WAVE, a=-1, w=0.5), "f(x) = -sin(0.5 x)"),
        (member(SCALAR, b=1, q=1), "f(x) = exp(-x^2)"),
        (member(SCALAR, b=-2, q=1.5), "f(x) = -2 exp(-2.25 x^2)"),
        (member(SCALAR, t=1.5, r=0.5), "f(x) = 1.5 tanh(0.5 x)"),
        (member(SCALAR, p3=1, b=2, q=1, t=-1, r=1), "f(x) = x^3 + 2 exp(-x^2) - tanh(x)"),
        # Where nothing is inside of it, a term is a constant, or nothing.
        (member(SCALAR, a0=3, a1=2), "f(x) = 0"),
        (member(SCALAR, c0=3, p0=1), "f(x) = 4"),
        (member(SCALAR, b=2, p0=-2), "f(x) = 0"),
        (member(SCALAR, t=2), "f(x) = 0"),
        (member(BINARY, x=2, xxy=-1), "f(x, y) = -x^2 y + 2 x"),
        (
            member(BINARY, xx=1, xy=1, y=1.5, one=-4),
            "f(x, y) = x^2 + x y + 1.5 y - 4",
        ),
        (member(BINARY, a=2, w1=1, w2=-0.5), "f(x, y) = 2 sin(x - 0.5 y)"),
        (member(BINARY, a=2), "f(x, y) = 0"),
        (member(MODEL, dot=1), "f(w, v) = sum_i w_i v_i"),
        (
            member(MODEL, ranked=2, square=-1, tanh=1, one=0.5),
            "f(w, v) = 2 sum_i i w_i v_i - sum_i w_i^2 v_i + tanh(sum_i w_i v_i) + 0.5",
        ),
        (
            member(LOSS, square=1),
            "f(p, x, y) = (p(x) - y)^2 with p(x) = p_0 + p_1 x + ...",
        ),
        (member(LOSS, decay=2, wave=-1), "f(p, x, y) = 2 y sum_i p_i^2 - sin(p_0 x)"),
        (
            member(SCALAR, p2=1, stated=3),
            "f(x) = x^2, its derivative stated as 3 times the slope",
        ),
        (
            member(BINARY, x=1, stated=-0.5),
            "f(x, y) = x, its derivative stated as -0.5 times the slope",
        ),
    ],
    ids=str,
)
def test_formulas_read_as_people_write_them(described: Described, text: str) -> None:
    """A member's formula leaves out zeros and ones and puts signs where they belong."""
    assert described.formula() == text
    assert repr(described) == text


def test_a_formula_takes_the_name_of_the_argument() -> None:
    """The function is called what the student's parameter is called."""
    assert member(MODEL, dot=1).formula("model") == "model(w, v) = sum_i w_i v_i"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (float(np.float32(0.1)), "0.1"),
     (1e-9, "1e-09"), (123456789.0, "1.234568e+08")],
)  # fmt: skip
def test_numbers_are_as_short_as_float32_needs(value: float, text: str) -> None:
    """A number is written with the digits a float32 has."""
    assert number(value) == text


def test_a_sum_of_nothing_is_zero() -> None:
    """Terms with a factor of 0 are left out, and an empty sum is 0."""
    assert total([]) == total([(0, "x")]) == "0"
    assert total([(0, "x"), (-1, "y"), (-1, ""), (2.5, "")]) == "-y - 1 + 2.5"


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_coefficient_counts_and_is_told(family: Family) -> None:
    """No coefficient is without effect on the value, or left out of the formula."""
    generator = np.random.default_rng(5)
    values = {name: float(generator.uniform(0.5, 1)) for name in family.coefficients}
    values["stated"] = 1.0
    whole = member(family, **values)
    at = arguments(family, generator, size=2)
    for name in family.coefficients[:-1]:
        other = member(family, **values | {name: 2 * values[name]})
        assert other.formula() != whole.formula(), name
        assert abs(computed(other, *at) - computed(whole, *at)) > 1e-3, name


def test_unknown_coefficients_are_refused() -> None:
    """A property that misspells a coefficient is told so."""
    with pytest.raises(ValueError, match=r"scalar has no coefficient \['p4'\]"):
        SCALAR.vector(p4=1)


def test_a_vector_is_float32_with_a_true_derivative() -> None:
    """Coefficients that are not named are 0, and the derivative is stated as it is."""
    vector = BINARY.vector(xy=2)
    assert vector.dtype == np.float32
    assert vector.tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 1]


def test_families_are_found_by_their_names() -> None:
    """The name on the wire leads back to the family."""
    assert list(FAMILIES) == ["scalar", "wave", "binary", "model", "loss", "landscape"]
    assert [*FAMILIES.values()] == [SCALAR, WAVE, BINARY, MODEL, LOSS, LANDSCAPE]
    for family in FAMILIES.values():
        assert family.coefficients[-1] == "stated"
        assert len(family.ranks) == len(family.parameters)
        assert set(family.linear) < set(family.coefficients)


# What they compute


def scalar(c: dict[str, float], x: Array) -> Array:
    angle = c["w1"] * x + c["w2"] * x**2
    return (
        c["p0"] + c["p1"] * x + c["p2"] * x**2 + c["p3"] * x**3
        + (c["a0"] + c["a1"] * x) * np.sin(angle) + c["c0"] * np.cos(angle)
        + c["b"] * np.exp(-((c["q"] * x) ** 2)) + c["t"] * np.tanh(c["r"] * x)
    )  # fmt: skip


def wave(c: dict[str, float], x: Array) -> Array:
    return c["a"] * np.sin(c["w"] * x)


def binary(c: dict[str, float], x: Array, y: Array) -> Array:
    return (
        c["one"] + c["x"] * x + c["y"] * y + c["xy"] * x * y + c["xx"] * x**2 + c["xxy"] * x**2 * y
        + c["a"] * np.sin(c["w1"] * x + c["w2"] * y)
    )  # fmt: skip


def model(c: dict[str, float], w: Array, v: Array) -> Array:
    places = np.arange(1, len(w) + 1)
    return (
        c["dot"] * np.dot(w, v) + c["ranked"] * np.dot(places * w, v)
        + c["square"] * np.dot(w**2, v) + c["tanh"] * np.tanh(np.dot(w, v)) + c["one"]
    )  # fmt: skip


def loss(c: dict[str, float], p: Array, x: Array, y: Array) -> Array:
    prediction = sum(one * x**power for power, one in enumerate(p))
    return (
        c["square"] * (prediction - y) ** 2 + c["linear"] * (prediction - y)
        + c["decay"] * y * np.dot(p, p) + c["wave"] * np.sin(p[0] * x)
    )  # fmt: skip


def landscape(c: dict[str, float], x: Array) -> Array:
    places = np.arange(1, len(x) + 1)
    return (
        c["slope"] * np.dot(places, x) + c["bowl"] * np.dot(places, x**2)
        + c["twist"] * sum(x[i] ** 2 * x[i - 1] for i in range(len(x)))
        + c["wave"] * np.sin(np.dot(places, x))
    )  # fmt: skip


CLOSED: dict[str, Callable[..., Array]] = {
    "scalar": scalar,
    "wave": wave,
    "binary": binary,
    "model": model,
    "loss": loss,
    "landscape": landscape,
}
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda one: one.name)


def arguments(family: Family, generator: np.random.Generator, size: int) -> list[Array]:
    return [generator.uniform(-2, 2, (size,) * rank) for rank in family.ranks]


def computed(described: Described, *at: Array) -> float:
    """The member's value in float64, as the judge computes it."""
    with jax.enable_x64(True):
        return float(described.family.compiled(described.coefficients.astype(np.float64), *at))


def random_member(family: Family, generator: np.random.Generator, **fixed: float) -> Described:
    named = {name: float(generator.uniform(-2, 2)) for name in family.coefficients}
    return member(family, **named | {"stated": 1.0} | fixed)


def exact(described: Described, *at: Array) -> float:
    named = zip(described.family.coefficients, described.coefficients.astype(float), strict=True)
    return float(CLOSED[described.family.name](dict(named), *at))


@each_family
@pytest.mark.parametrize("size", [1, 2, 5])
def test_values_are_those_of_the_closed_form(family: Family, size: int) -> None:
    """In float64 a member is its closed form, in float32 it is that up to rounding."""
    generator = np.random.default_rng(size)
    for _ in range(10):
        described = random_member(family, generator)
        at = [one.astype(np.float32) for one in arguments(family, generator, size)]
        due = exact(described, *[one.astype(np.float64) for one in at])
        assert computed(described, *[one.astype(np.float64) for one in at]) == pytest.approx(
            due, rel=1e-12, abs=1e-12
        )
        single = family.compiled(described.coefficients, *at)
        assert single.dtype == np.float32
        assert single.shape == ()
        assert float(single) == pytest.approx(due, rel=1e-4, abs=1e-3)


@each_family
@pytest.mark.parametrize("factor", [2.0, -0.5])
def test_scaled_is_the_function_times_a_factor(family: Family, factor: float) -> None:
    """`scaled` multiplies the value, and leaves what is inside of sin, exp and tanh alone."""
    generator = np.random.default_rng(3)
    described = random_member(family, generator, stated=3)
    scaled = described.scaled(factor)
    assert scaled.coefficients.dtype == np.float32
    assert scaled.coefficients[-1] == 3
    for _ in range(5):
        at = arguments(family, generator, 3)
        due = factor * exact(described, *at)
        assert computed(scaled, *at) == pytest.approx(due, rel=1e-6, abs=1e-6)


def slope(described: Described, place: int, at: list[Array]) -> Array:
    """The central difference of the closed form in one argument, entry by entry."""
    step = 1e-6
    result = np.zeros_like(at[place])
    for index in np.ndindex(result.shape):
        there, back = [one.copy() for one in at], [one.copy() for one in at]
        there[place][index] += step
        back[place][index] -= step
        result[index] = (exact(described, *there) - exact(described, *back)) / (2 * step)
    return result


@each_family
@pytest.mark.parametrize("stated", [1.0, 3.0, -2.0, 0.5])
def test_the_stated_derivative_is_a_multiple_of_the_slope(family: Family, stated: float) -> None:
    """Automatic differentiation finds `stated` times the slope, and the value is as it was."""
    generator = np.random.default_rng(4)
    plain = random_member(family, generator)
    named = dict(zip(family.coefficients, plain.coefficients.tolist(), strict=True))
    described = member(family, **named | {"stated": stated})
    at = [np.asarray(one) for one in arguments(family, generator, 3)]
    assert computed(described, *at) == computed(plain, *at)
    places = tuple(range(len(at)))

    def value(*there: Any) -> Any:
        return family.compiled(described.coefficients.astype(np.float64), *there)

    with jax.enable_x64(True):
        reverse = jax.grad(value, argnums=places)(*at)
        forward = jax.jacfwd(value, argnums=places)(*at)
    for place in places:
        due = stated * slope(plain, place, at)
        assert np.allclose(reverse[place], due, rtol=1e-6, atol=1e-6)
        assert np.allclose(forward[place], due, rtol=1e-6, atol=1e-6)


def test_higher_derivatives_follow_the_stated_one() -> None:
    """The factor counts at every order: a difference quotient of an automatic slope lacks one."""
    described = member(SCALAR, p3=1, p2=2, stated=3)

    def value(x: Any) -> Any:
        return SCALAR.compiled(described.coefficients, x)

    x = np.float32(1.5)
    assert float(jax.grad(value)(x)) == pytest.approx(3 * (3 * 1.5**2 + 4 * 1.5))
    assert float(jax.grad(jax.grad(value))(x)) == pytest.approx(3**2 * (6 * 1.5 + 4))
    assert float(jax.jacfwd(jax.grad(value))(x)) == pytest.approx(3**2 * (6 * 1.5 + 4))


@each_family
def test_a_family_compiles_once(family: Family) -> None:
    """Members of a family share one compilation: their coefficients are an argument."""
    traces = 0

    def counted(*arguments: Any) -> Any:
        nonlocal traces
        traces += 1
        return family.evaluate(*arguments)

    # A copy: what other tests have compiled does not count.
    counting = dataclasses.replace(family, evaluate=counted)
    generator = np.random.default_rng(6)
    for _ in range(5):
        described = random_member(counting, generator, stated=float(generator.uniform(1, 2)))
        at = [one.astype(np.float32) for one in arguments(family, generator, 3)]
        described.family.compiled(described.coefficients, *at)
    assert traces == 1
