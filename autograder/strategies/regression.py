"""Data for regression: cities, houses, starting points, learning rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from autograder.strategies.arrays import halves, sizes
from autograder.wire.values import Key

Array = npt.NDArray[Any]


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

    def __iter__(self) -> Any:
        return iter((self.params, self.x, self.y, self.learning_rate))


@st.composite
def houses(
    draw: st.DrawFn, *, n: tuple[int, ...] = (3,), models: tuple[int, ...] = ()
) -> Regression:
    """One city: `x (n, 1)`, `y (n,)`, and the params of one model `(2,)` or of several `(m, 2)`.

    Args:
        n: sizes for the number of houses.
        models: sizes for the number of models; none for a single one.
    """
    count = draw(sizes(*n))
    lead = (draw(sizes(*models)),) if models else ()
    return Regression(
        draw(halves(shape=(*lead, 2), largest=3)),
        draw(halves(shape=(count, 1), largest=3)),
        draw(halves(shape=(count,))),
        draw(learning_rates()),
    )


@st.composite
def cities(
    draw: st.DrawFn, *, c: tuple[int, ...] = (2,), n: tuple[int, ...] = (3,)
) -> Regression:
    """Several cities: `params (c, 2)`, `x (c, n, 1)`, `y (c, n)`."""
    count, size = draw(sizes(*c)), draw(sizes(*n))
    return Regression(
        draw(halves(shape=(count, 2), largest=3)),
        draw(halves(shape=(count, size, 1), largest=3)),
        draw(halves(shape=(count, size))),
        draw(learning_rates()),
    )


@st.composite
def market(draw: st.DrawFn, *, c: tuple[int, ...] = (2,), n: int = 50) -> tuple[Array, Array]:
    """Houses as in the article: `x (c, n, 1)` sizes from 10 to 100, `y (c, n)` prices.

    Slopes from 20 to 90, noise of at most 50, and least-squares intercepts of at least 30 in size,
    of either sign: 1 % of them is then a gap that float32 can tell.
    """
    count = draw(sizes(*c))
    generator = np.random.default_rng(draw(st.integers(0, 2**20)))
    x = generator.uniform(10, 100, (count, n))
    slopes = np.array(draw(st.lists(st.integers(20, 90), min_size=count, max_size=count)))
    sign = np.array(draw(st.lists(st.sampled_from([1, -1]), min_size=count, max_size=count)))
    noise = generator.uniform(-50, 50, (count, n))
    # Shift each city so that least squares finds an intercept of 30 to 250 exactly.
    due = sign * np.array(draw(st.lists(st.integers(30, 250), min_size=count, max_size=count)))
    y = slopes[:, None] * x + noise
    found = np.array([np.polyfit(sizes_, prices, 1)[1] for sizes_, prices in zip(x, y, strict=True)])
    y += (due - found)[:, None]
    return x[..., None].astype(np.float32), y.astype(np.float32)


def learning_rates() -> st.SearchStrategy[Array]:
    """Learning rates `()`, powers of two, so that steps stay exact for longer."""
    return st.sampled_from([0.5, 0.25, 0.125, 0.0625]).map(lambda rate: np.array(rate, np.float32))


def noise_scales() -> st.SearchStrategy[Array]:
    """Standard deviations `()` of the noise; none of them 1, whose square and logarithm hide."""
    return st.sampled_from([0.5, 2.0, 4.0, 1.5]).map(lambda scale: np.array(scale, np.float32))


def parameters(*lead: int) -> st.SearchStrategy[Array]:
    """Slopes and intercepts, `(*lead, 2)`."""
    return halves(shape=(*lead, 2))


@st.composite
def keys(draw: st.DrawFn, *, typed: bool | None = None) -> Key:
    """PRNG keys, old and new style unless `typed` says which."""
    kind = draw(st.booleans()) if typed is None else typed
    return Key(draw(st.integers(0, 2**20)), kind)
