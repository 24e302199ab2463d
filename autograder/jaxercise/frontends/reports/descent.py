"""What is worth seeing when a course is done: gradient descent, all the way to the bottom."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_SHADES = " .:-=+*"
_WIDTH, _HEIGHT = 64, 15
#: The valley is this much steeper along one axis than along the other.
_STEEP = 12.0
_RATE = 0.155
_START = (-1.8, 1.25)


def descent() -> list[str]:
    """The lines of a picture: a valley from above, the steps taken in it, and its lowest point."""
    rows = [[_shade(*_point(row, column)) for column in range(_WIDTH)] for row in range(_HEIGHT)]
    for x, y in itertools.islice(_steps(), 40):
        row, column = _cell(x, y)
        rows[row][column] = "o"
    row, column = _cell(0.0, 0.0)
    rows[row][column] = "@"
    return ["".join(row).rstrip() for row in rows]


def _steps() -> Iterator[tuple[float, float]]:
    x, y = _START
    while True:
        yield x, y
        x, y = x - _RATE * x, y - _RATE * _STEEP * y


def _shade(x: float, y: float) -> str:
    height = (x * x + _STEEP * y * y) / 2
    return _SHADES[min(len(_SHADES) - 1, int(2.2 * height**0.5))]


def _point(row: int, column: int) -> tuple[float, float]:
    return 4.0 * column / (_WIDTH - 1) - 2.0, 3.0 * row / (_HEIGHT - 1) - 1.5


def _cell(x: float, y: float) -> tuple[int, int]:
    return round((y + 1.5) / 3.0 * (_HEIGHT - 1)), round((x + 2.0) / 4.0 * (_WIDTH - 1))
