"""Arrays of halves."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from jaxercise.claims.strategies.covering import Choices, made, must_cover

Array = npt.NDArray[Any]


def steps(largest: float, *, nonzero: bool = False) -> list[float]:
    """The multiples of 1/2 from -largest to largest, simplest first: 0, 1, -1, 2, -2, ..., 1/2."""
    whole = [float(k) for k in range(1, int(largest) + 1)]
    broken = [k + 0.5 for k in range(int(largest + 0.5))]
    signed = [sign * size for size in whole + broken for sign in (1, -1)]
    return signed if nonzero else [0.0, *signed]


def array_of(choices: Choices, shape: tuple[int, ...], numbers: list[float]) -> Array:
    """An array `shape`, float32, of the numbers."""
    return np.array(choices.many(numbers, int(np.prod(shape))), np.float32).reshape(shape)


def options(*values: Any) -> st.SearchStrategy[Any]:
    """One of the given values, each in some example of a claim; shrinks to the first."""
    drawn = made(1, lambda choices: choices.of(values))
    return must_cover(drawn, *(functools.partial(operator.eq, value) for value in values))


def halves(
    *, shape: tuple[int, ...] = (), largest: float = 4.0, nonzero: bool = False
) -> st.SearchStrategy[Array]:
    """Arrays `shape`, float32, of multiples of 1/2 from -largest to largest."""
    numbers = steps(largest, nonzero=nonzero)
    return made(int(np.prod(shape)), lambda choices: array_of(choices, shape, numbers))


def vectors(
    *, n: int = 3, largest: float = 4.0, distinct: bool = False
) -> st.SearchStrategy[Array]:
    """Vectors `(n,)` of halves.

    Args:
        n: the size.
        largest: the largest absolute value.
        distinct: no two entries are equal: what mixes entries up cannot hide.
    """
    numbers = steps(largest)

    def make(choices: Choices) -> Array:
        pick = choices.distinct if distinct else choices.many
        return np.array(pick(numbers, n), np.float32)

    return made(n, make)


def permutations(size: int) -> st.SearchStrategy[Array]:
    """Orders of `size` things, none of them the given one."""

    def make(choices: Choices) -> Array:
        order = choices.distinct(range(size), size)
        return np.roll(range(size), 1) if order == sorted(order) else np.array(order)

    return made(size, make)
