"""Arrays of numbers that are readable, and of those that are like the world's."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxercise.claims.strategies.covering import Choices, Strategy, made, must_cover

Array = npt.NDArray[Any]

#: Short to read, and every one fills all 24 bits of a float32: what computes in lower precision is
#: right for halves, and off for these.
_CROOKED = (0.1, 0.7, 1.3, 2.9, 3.7, 0.037)
#: As large as the article's data.
_WIDE = (12.3, 57.9, 83.6, 240.1)


def steps(largest: float, *, nonzero: bool = False) -> list[float]:
    """The multiples of 1/2 from -largest to largest, simplest first: 0, 1, -1, 2, -2, ..., 1/2."""
    whole = [float(k) for k in range(1, int(largest) + 1)]
    broken = [k + 0.5 for k in range(int(largest + 0.5))]
    signed = [sign * size for size in whole + broken for sign in (1, -1)]
    return signed if nonzero else [0.0, *signed]


def plain(largest: float, *, nonzero: bool = False, wide: bool = False) -> list[float]:
    """Numbers to draw from, the simplest first: halves, crooked ones, and if wide large ones.

    Args:
        largest: the largest absolute value of those that are not large on purpose.
        nonzero: leave out 0.
        wide: with some at the scale of the article's data.
    """
    crooked = [one for one in _CROOKED if one <= largest] + list(_WIDE if wide else ())
    return steps(largest, nonzero=nonzero) + [sign * one for one in crooked for sign in (1, -1)]


def array_of(choices: Choices, shape: tuple[int, ...], numbers: list[float]) -> Array:
    """An array `shape`, float32, of the numbers."""
    return np.array(choices.many(numbers, int(np.prod(shape))), np.float32).reshape(shape)


def options(*values: Any) -> Strategy[Any]:
    """One of the given values, each in some example of a claim; shrinks to the first."""
    drawn = made(1, lambda choices: choices.of(values))
    return must_cover(drawn, *(functools.partial(operator.eq, value) for value in values))


def numbers(
    *,
    shape: tuple[int, ...] = (),
    largest: float = 4.0,
    nonzero: bool = False,
    wide: bool = False,
    dtype: str = "float32",
) -> Strategy[Array]:
    """Arrays `shape` of numbers from -largest to largest.

    Args:
        shape: the shape.
        largest: the largest absolute value.
        nonzero: no entry is 0.
        wide: with some entries far beyond the largest, up to the scale of the article's data.
        dtype: `float32`, `float16`, `bfloat16` or `complex64`; of complex numbers both parts are
            drawn.
    """
    choice, count = plain(largest, nonzero=nonzero, wide=wide), int(np.prod(shape))
    if dtype.startswith("complex"):
        return made(
            2 * count,
            lambda choices: (
                array_of(choices, shape, choice) + 1j * array_of(choices, shape, choice)
            ).astype(dtype),
        )
    return made(count, lambda choices: array_of(choices, shape, choice).astype(dtype, copy=False))


def vectors(
    *, n: int = 3, largest: float = 4.0, distinct: bool = False, wide: bool = False
) -> Strategy[Array]:
    """Vectors `(n,)` of numbers.

    Args:
        n: the size.
        largest: the largest absolute value.
        distinct: no two entries are equal: what mixes entries up cannot hide.
        wide: as in `numbers`.
    """
    choice = plain(largest, wide=wide)

    def make(choices: Choices) -> Array:
        pick = choices.distinct if distinct else choices.many
        return np.array(pick(choice, n), np.float32)

    return made(n, make)


def integers(*, shape: tuple[int, ...] = (), least: int = 0, largest: int = 2) -> Strategy[Array]:
    """Arrays `shape`, int32, of numbers from `least` to `largest`, both included.

    Unless told, they are places in an axis of three.
    """
    choice, count = sorted(range(least, largest + 1), key=abs), int(np.prod(shape))
    return made(
        count, lambda choices: np.array(choices.many(choice, count), np.int32).reshape(shape)
    )


def booleans(*, shape: tuple[int, ...] = ()) -> Strategy[Array]:
    """Arrays `shape` of booleans."""
    count = int(np.prod(shape))
    return made(
        count, lambda choices: np.array(choices.many((False, True), count), bool).reshape(shape)
    )


def permutations(size: int) -> Strategy[Array]:
    """Orders of `size` things, none of them the given one."""

    def make(choices: Choices) -> Array:
        order = choices.distinct(range(size), size)
        return np.roll(range(size), 1) if order == sorted(order) else np.array(order)

    return made(size, make)
