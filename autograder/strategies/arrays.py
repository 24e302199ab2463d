"""Arrays of halves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Array = npt.NDArray[Any]


def sizes(*palette: int) -> st.SearchStrategy[int]:
    """One of the given sizes; shrinks to the first."""
    return st.sampled_from(palette)


@st.composite
def halves(
    draw: st.DrawFn, *, shape: tuple[int, ...] = (), largest: float = 4.0, nonzero: bool = False
) -> Array:
    """Arrays `shape`, float32, of multiples of 1/2 from -largest to largest."""
    count = int(np.prod(shape))
    steps = round(2 * largest)
    number = st.integers(-steps, steps)
    if nonzero:
        number = number.filter(bool)
    drawn = draw(st.lists(number, min_size=count, max_size=count))
    return (np.array(drawn, np.float32) / 2).astype(np.float32).reshape(shape)


@st.composite
def vectors(
    draw: st.DrawFn, *, n: tuple[int, ...] = (3,), largest: float = 4.0, distinct: bool = False
) -> Array:
    """Vectors `(n,)` of halves, n from the palette.

    Args:
        n: the sizes.
        largest: the largest absolute value.
        distinct: no two entries are equal: what mixes entries up cannot hide.
    """
    size = draw(sizes(*n))
    if not distinct:
        return draw(halves(shape=(size,), largest=largest))
    steps = round(2 * largest)
    number = st.integers(-steps, steps)
    drawn = draw(st.lists(number, min_size=size, max_size=size, unique=True))
    return (np.array(drawn, np.float32) / 2).astype(np.float32)


def permutations(size: int) -> st.SearchStrategy[Array]:
    """Orders of `size` things, none of them the given one."""
    identity = list(range(size))
    return (
        st.permutations(identity)
        .filter(lambda order: order != identity)
        .map(lambda order: np.array(order))
    )
