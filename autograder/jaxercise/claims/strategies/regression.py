"""Data for regression: cities, houses, starting points, learning rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from jaxercise.claims.strategies.arrays import array_of, halves, steps
from jaxercise.claims.strategies.covering import Choices, made
from jaxercise.sandboxed.wire.values import Key

Array = npt.NDArray[Any]

#: Powers of two, so that steps stay exact for longer.
_RATES = (0.5, 0.25, 0.125, 0.0625)


@dataclass(frozen=True)
class Regression:
    """Parameters with data to fit: everything a step of training needs.

    Attributes:
        params: `(2,)`, or `(c, 2)` for c cities or models.
        x: `(n, 1)`, or `(c, n, 1)`.
        y: `(n,)`, or `(c, n)`.
        learning_rate: `()`.
    """

    params: Array
    x: Array
    y: Array
    learning_rate: Array

    def __iter__(self) -> Iterator[Array]:
        return iter((self.params, self.x, self.y, self.learning_rate))


def _regressions(
    params: tuple[int, ...], x: tuple[int, ...], y: tuple[int, ...]
) -> st.SearchStrategy[Regression]:
    def make(choices: Choices) -> Regression:
        rate = np.array(choices.of(_RATES), np.float32)
        return Regression(
            array_of(choices, params, steps(3)),
            array_of(choices, x, steps(3)),
            array_of(choices, y, steps(4)),
            rate,
        )

    return made(1 + sum(int(np.prod(shape)) for shape in (params, x, y)), make)


def houses(*, n: int = 3, models: int | None = None) -> st.SearchStrategy[Regression]:
    """One city: `x (n, 1)`, `y (n,)`, and the params of one model `(2,)` or of several `(m, 2)`.

    Args:
        n: the number of houses.
        models: the number of models; None for a single one, without an axis.
    """
    lead = () if models is None else (models,)
    return _regressions((*lead, 2), (n, 1), (n,))


def cities(*, c: int = 2, n: int = 3) -> st.SearchStrategy[Regression]:
    """Several cities: `params (c, 2)`, `x (c, n, 1)`, `y (c, n)`."""
    return _regressions((c, 2), (c, n, 1), (c, n))


def market(*, c: int = 2, n: int = 50) -> st.SearchStrategy[tuple[Array, Array]]:
    """Houses as in the article: `x (c, n, 1)` sizes from 10 to 100, `y (c, n)` prices.

    Slopes from 20 to 90, noise of at most 50, and least-squares intercepts of 30 to 250 of either
    sign: 1 % of them is then a gap that float32 can tell.
    """

    def make(choices: Choices) -> tuple[Array, Array]:
        slopes = np.array(choices.many(range(20, 91), c))
        due = np.array(choices.many(range(30, 251), c)) * choices.many((1, -1), c)
        generator = np.random.default_rng(choices.number())
        x = generator.uniform(10, 100, (c, n))
        y = slopes[:, None] * x + generator.uniform(-50, 50, (c, n))
        # Each city is shifted so that least squares finds the intercept that is due.
        found = [np.polyfit(*city, 1)[1] for city in zip(x, y, strict=True)]
        y += (due - found)[:, None]
        return x[..., None].astype(np.float32), y.astype(np.float32)

    return made(3 * c + 2, make)


def learning_rates() -> st.SearchStrategy[Array]:
    """Learning rates `()`."""
    return made(1, lambda choices: np.array(choices.of(_RATES), np.float32))


def noise_scales() -> st.SearchStrategy[Array]:
    """Standard deviations `()` of the noise; none of them 1, whose square and logarithm hide.

    So large that the density of three prices does not underflow, and that of forty does.
    """
    return made(1, lambda choices: np.array(choices.of((4.0, 6.0, 5.0, 8.0)), np.float32))


def parameters(*lead: int) -> st.SearchStrategy[Array]:
    """Slopes and intercepts, `(*lead, 2)`."""
    return halves(shape=(*lead, 2))


def keys() -> st.SearchStrategy[Key]:
    """PRNG keys, old and new style."""

    def make(choices: Choices) -> Key:
        typed = choices.of((True, False))
        return Key(choices.number(), typed)

    return made(3, make)
