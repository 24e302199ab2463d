"""Functions described by arrays: what students receive for `f`, `model` and `loss`.

A few terms are drawn at a time, the other coefficients are 0, so that most functions have two or
three terms and shrink to one.
"""

from __future__ import annotations

from jaxercise.claims.strategies.covering import Choices, Strategy, made, must_cover
from jaxercise.sandboxed.families import (
    BINARY,
    LANDSCAPE,
    LOSS,
    MODEL,
    SCALAR,
    WAVE,
    Described,
    Family,
)

_Terms = tuple[tuple[str, ...], ...]

_MOST_TERMS = 3
_FACTORS = (1.0, 2.0, -1.0, 0.5, -2.0, 1.5, -0.5, -1.5)
_FREQUENCIES = (1.0, 2.0, 0.5, 1.5)
#: Beyond that tanh is flat, and 1 - tanh(x)^2 has no correct digits in float32.
_STEEPNESS = (0.5,)
#: Coefficients inside of sin, exp and tanh: the sign of the factor in front is enough.
_INNER = dict.fromkeys(("w1", "w2", "q"), _FREQUENCIES) | {"r": _STEEPNESS}
#: Factors by which a stated derivative differs from the slope.
_STATED = (3.0, -2.0, 0.5)


def _members(family: Family, terms: _Terms, *, stated: bool) -> Strategy[Described]:
    def make(choices: Choices) -> Described:
        values: dict[str, float] = {}
        if stated:
            values["stated"] = choices.of(_STATED)
        count = choices.of(range(1, _MOST_TERMS + 1))
        for names in choices.distinct(terms, count):
            values |= {name: choices.of(_INNER.get(name, _FACTORS)) for name in names}
        return Described(family, family.vector(**values))

    return made(2 + _MOST_TERMS * (1 + max(map(len, terms))), make)


def scalar_functions(*, stated: bool = False, curved: bool = False) -> Strategy[Described]:
    """Functions `() -> ()`: polynomials, waves, bells, steps, their products and sums.

    Args:
        stated: with a derivative stated to be another than the slope.
        curved: only such whose third derivative is not 0 everywhere.
    """
    terms: _Terms = (
        ("p3",),
        ("a0", "w1"),
        ("b", "q"),
        ("t", "r"),
        ("a1", "w1"),
        ("c0", "w2"),
    )
    if not curved:
        terms = (("p2",), ("p1",), ("p0", "p2"), *terms)
    return _members(SCALAR, terms, stated=stated)


def waves() -> Strategy[Described]:
    """Functions `x -> a sin(w x)`, which can be differentiated any number of times."""

    def make(choices: Choices) -> Described:
        values = {"a": choices.of(_FACTORS), "w": choices.of(_FREQUENCIES)}
        return Described(WAVE, WAVE.vector(**values))

    return made(2, make)


def binary_functions(*, stated: bool = False) -> Strategy[Described]:
    """Functions `(), () -> ()` that treat their arguments differently.

    Args:
        stated: as in `scalar_functions`.
    """
    terms = (
        ("x", "xxy"),
        ("y", "xx"),
        ("x", "xy"),
        ("one", "xxy"),
        ("a", "w1", "w2", "xx"),
        ("xx",),
    )
    return _members(BINARY, terms, stated=stated)


def models() -> Strategy[Described]:
    """Models `weights (d,), features (d,) -> ()` in which every place counts differently.

    Some example of a claim tells weights from features, too.
    """
    terms = (("ranked",), ("square",), ("dot", "square"), ("tanh", "ranked"), ("one", "ranked"))
    return must_cover(_members(MODEL, terms, stated=False), _tells_sides_apart)


def _tells_sides_apart(model: Described) -> bool:
    return bool(model.coefficients[MODEL.coefficients.index("square")])


def losses(*, stated: bool = False) -> Strategy[Described]:
    """Losses `params (p,), x (), y () -> ()` of one example.

    Args:
        stated: as in `scalar_functions`.
    """
    terms = (("square",), ("square", "linear"), ("decay", "linear"), ("wave", "square"))
    return _members(LOSS, terms, stated=stated)


def landscapes(*, stated: bool = False) -> Strategy[Described]:
    """Functions `x (d,) -> ()` in which every place counts differently, and places mix.

    Args:
        stated: as in `scalar_functions`.
    """
    terms = (("bowl",), ("twist",), ("slope", "bowl"), ("twist", "wave"))
    return _members(LANDSCAPE, terms, stated=stated)
