"""Data for regression: cities, houses, starting points, learning rates."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxercise.claims.strategies.arrays import array_of, numbers, plain
from jaxercise.claims.strategies.covering import Choices, Strategy, made, must_cover
from jaxercise.sandboxed.wire.values import Key

Array = npt.NDArray[Any]

#: Powers of two, so that steps stay exact for longer.
_RATES = (0.5, 0.25, 0.125, 0.0625)
#: Steps so small that they do not look like steps, and no less right.
_CREEPING = 2.0**-10
#: For the article's sizes; the largest rate with which training converges there is 2.6e-4.
_ARTICLES = 1e-4
#: With this one a third step is beyond float32.
_DIVERGING = 1e12


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
    params: tuple[int, ...], x: tuple[int, ...], y: tuple[int, ...], scales: Sequence[str]
) -> Strategy[Regression]:
    def make(choices: Choices) -> Regression:
        return _SCALES[choices.of((scales[0], *scales))](choices, params, x, y)

    drawn = made(2 + sum(int(np.prod(shape)) for shape in (params, x, y)), make)
    needed = [_RATE_OF[scale] for scale in scales if scale in _RATE_OF]
    return must_cover(drawn, *(functools.partial(_has_rate, rate) for rate in needed))


def _has_rate(rate: float, data: Regression) -> bool:
    return bool(data.learning_rate == np.float32(rate))


_Shape = tuple[int, ...]


def _small(choices: Choices, params: _Shape, x: _Shape, y: _Shape) -> Regression:
    rate = np.array(choices.of(_RATES), np.float32)
    return Regression(
        array_of(choices, params, plain(3)),
        array_of(choices, x, plain(3)),
        array_of(choices, y, plain(4)),
        rate,
    )


def _creeping(choices: Choices, params: _Shape, x: _Shape, y: _Shape) -> Regression:
    return replace(_small(choices, params, x, y), learning_rate=np.array(_CREEPING, np.float32))


def _articles(choices: Choices, params: _Shape, x: _Shape, y: _Shape) -> Regression:
    """Sizes from 10 to 100, prices of 50 times that and some noise, as in the article."""
    sizes = array_of(choices, x, [10 + 90 * k / 71 for k in range(72)])
    noise = array_of(choices, y, [k / 3 for k in range(-150, 51)])
    return Regression(
        array_of(choices, params, plain(3, wide=True)),
        sizes,
        50 * sizes[..., 0] + 100 + noise,
        np.array(_ARTICLES, np.float32),
    )


def _diverging(choices: Choices, params: _Shape, x: _Shape, y: _Shape) -> Regression:
    return replace(_articles(choices, params, x, y), learning_rate=np.array(_DIVERGING, np.float32))


_SCALES = {
    "small": _small,
    "article": _articles,
    "creeping": _creeping,
    "diverging": _diverging,
}
_RATE_OF = {"article": _ARTICLES, "creeping": _CREEPING, "diverging": _DIVERGING}
_ORDINARY = ("small", "article", "creeping")


def houses(
    *, n: int = 3, models: int | None = None, scales: Sequence[str] = _ORDINARY
) -> Strategy[Regression]:
    """One city: `x (n, 1)`, `y (n,)`, and the params of one model `(2,)` or of several `(m, 2)`.

    Args:
        n: the number of houses.
        models: the number of models; None for a single one, without an axis.
        scales: `small` numbers, those of the `article`, small ones with a `creeping` learning rate,
            those of the article with a `diverging` one, which leads beyond float32 in three steps.
            Each is in some example of a claim; shrinks to the first.
    """
    lead = () if models is None else (models,)
    return _regressions((*lead, 2), (n, 1), (n,), scales)


def cities(*, c: int = 2, n: int = 3, scales: Sequence[str] = _ORDINARY) -> Strategy[Regression]:
    """Several cities: `params (c, 2)`, `x (c, n, 1)`, `y (c, n)`; `scales` as in `houses`."""
    return _regressions((c, 2), (c, n, 1), (c, n), scales)


def market(*, c: int = 2, n: int = 80) -> Strategy[tuple[Array, Array]]:
    """Houses as in the article: `x (c, n, 1)` sizes from 10 to 100, `y (c, n)` prices.

    Slopes from 20 to 90, noise of at most 50, and least-squares intercepts of 30 to 250 of either
    sign: 1 % of them is then a gap that float32 can tell. Neither is near a whole number, and the
    first intercept is so small that a half is more than 1 % of it.
    """

    def make(choices: Choices) -> tuple[Array, Array]:
        slopes = np.array(choices.many(range(20, 90), c)) + 0.5
        due = np.array(choices.many(range(30, 250), c)) + 0.5
        due[0] = 30.5 + due[0] % 15
        due *= choices.many((1, -1), c)
        generator = np.random.default_rng(choices.number())
        x = generator.uniform(10, 100, (c, n))
        y = slopes[:, None] * x + generator.uniform(-50, 50, (c, n))
        # Each city is shifted so that least squares finds the intercept that is due.
        found = [np.polyfit(*city, 1)[1] for city in zip(x, y, strict=True)]
        y += (due - found)[:, None]
        return x[..., None].astype(np.float32), y.astype(np.float32)

    return made(3 * c + 2, make)


def learning_rates() -> Strategy[Array]:
    """Learning rates `()`."""
    return made(1, lambda choices: np.array(choices.of(_RATES), np.float32))


def noise_scales() -> Strategy[Array]:
    """Standard deviations `()` of the noise; none of them 1, whose square and logarithm hide.

    So large that the density of three prices does not underflow, and that of forty does.
    """
    return made(1, lambda choices: np.array(choices.of((4.0, 6.0, 5.3, 47.0)), np.float32))


def parameters(*lead: int) -> Strategy[Array]:
    """Slopes and intercepts, `(*lead, 2)`."""
    return numbers(shape=(*lead, 2))


def keys() -> Strategy[Key]:
    """PRNG keys, old and new style."""

    def make(choices: Choices) -> Key:
        typed = choices.of((True, False))
        return Key(choices.number(), typed)

    return made(3, make)
