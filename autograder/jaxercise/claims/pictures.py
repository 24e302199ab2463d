"""How wrong answers are drawn on pages, where the numbers by themselves say little.

    derivative = exercise.function("derivative(f, x)", picture=curves(x="x"))

What has no drawing of its own is shown as tables of colours, or by its axes where a shape is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.trees import FigureData, Path
from jaxercise.verdicts import Picture, Series

#: Between so few places the right curve is filled in.
_FEW = 24
_FILLED = 49
_MOST_POINTS = 120
_MOST_CURVES = 6
_LONGEST_NAME = 30
#: How far off the points of a curve may be, in units of the largest.
_CLOSE = 1e-4


@dataclass(frozen=True)
class View:
    """A wrong answer, as a drawing sees it.

    Attributes:
        arguments: what the function was called with, by name.
        returned, expected: the array that is wrong, and what it should be; of one shape.
        path: where in the answer it stands: `()`, or `(0,)` for the first of its items.
        index: of the first wrong entry.
        due: what `expected` is with other arguments in the place of some; None where nobody knows.
    """

    arguments: Mapping[str, Any]
    returned: Array
    expected: Array
    path: Path
    index: tuple[int, ...]
    due: Callable[[Mapping[str, Any]], Array | None]


Drawing = Callable[[View], Picture | None]


def through(figure: Mapping[str, Any], x: Any, y: Any) -> list[dict[str, Any]]:
    """The curves of a figure that pass through these points, in any order, and nowhere else.

    Args:
        figure: what can be seen of it, as `Function.figure` returns it.
        x, y: the points.
    """
    order = np.argsort(x)
    due = np.array([x, y], np.float64)[:, order]
    found = []
    for curve in figure["curves"]:
        if curve["x"].shape == curve["y"].shape == order.shape:
            drawn = np.array([curve["x"], curve["y"]])[:, np.argsort(curve["x"])]
            off = np.abs(drawn - due) / np.maximum(np.max(np.abs(due), 1, keepdims=True), 1e-30)
            if np.all(off < _CLOSE):
                found.append(curve)
    return found


def curves(*, x: str) -> Drawing:
    """The answers are values along an argument: the returned ones and those due as curves over it.

    Args:
        x: the name of that argument, `(n,)` or `(n, 1)`.
    """

    def draw(view: View) -> Picture | None:
        places = np.asarray(view.arguments[x])
        along = places.ravel().astype(np.float64)
        if along.size != view.returned.size or not np.all(np.isfinite(along)):
            return None
        order = np.argsort(along, kind="stable")
        returned, expected = (one.ravel()[order] for one in (view.returned, view.expected))
        right = [along[order], expected]
        if along.size <= _FEW:
            low, high = np.min(along), np.max(along)
            room = 0.25 * (high - low or 4.0)
            more = np.linspace(low - room, high + room, _FILLED, dtype=np.float32)
            between = view.due({x: more.reshape(-1, *places.shape[1:])})
            right = right if between is None else [more, between.ravel()]
        flat = int(np.ravel_multi_index(view.index, view.returned.shape))
        return Picture(
            "curves",
            f"Your answer and the one that is due, along {x}",
            (
                series("expected", "due", *right),
                series("returned", "yours", along[order], returned, joined=along.size > _FEW),
            ),
            _mark(along[flat], view.expected.ravel()[flat]),
        )

    return draw


def line(*, x: str, y: str, part: int | None = None) -> Drawing:
    """The answers are a slope and an intercept, or several: the line over the points it is about.

    Args:
        x, y: the names of the arguments with the points: `(n, 1)` and `(n,)`; with an axis in front
            where there is a line for each of several.
        part: the item of the answer that holds the lines; None where they are all of it.
    """
    place: Path = () if part is None else (part,)

    def draw(view: View) -> Picture | None:
        across, up = (np.asarray(view.arguments[name], np.float64) for name in (x, y))
        if view.path != place or view.returned.shape[-1:] != (2,) or view.returned.ndim > 2:
            return None
        where = ""
        if up.ndim == 2:
            if view.returned.ndim != 2 or len(up) != len(view.returned):
                return None
            where, across, up = (
                f" of number {view.index[0]}",
                *(a[view.index[0]] for a in (across, up)),
            )
        lines = [one[view.index[:-1]].astype(np.float64) for one in (view.expected, view.returned)]
        across = across.ravel()
        if across.shape != up.shape or not np.all(np.isfinite([*lines, *map(_ends, (across, up))])):
            return None
        low, high = _ends(across)
        # Down to 0, where the intercept is, if that is not far.
        ends = np.array([min(low, 0.0) if low < high / 2 else low, high])
        ends += np.array([-0.5, 0.5]) * (ends[0] == ends[1])
        right, wrong = (slope * ends + intercept for slope, intercept in lines)
        due, yours = (_line_text(one, x, y, across, up) for one in lines)
        row = f"Row {view.index[0]} is the line" if where else "It is the line"
        told = f"{row} {yours}; due is {due}"
        return Picture(
            "curves",
            f"The points{where}, the line you return, and the one that is due",
            (
                series("given", f"{y} over {x}", across, up, joined=False),
                series("expected", "due", ends, right),
                series("returned", "yours", ends, wrong),
            ),
            told=told if across.size > _FEW else "",
        )

    return draw


def _line_text(line: Array, x: str, y: str, across: Array, up: Array) -> str:
    """`y = 2 x + 30, with the mean squared error 4.5`."""
    slope, intercept = line
    off = float(np.mean((slope * across + intercept - up) ** 2))
    sign = "-" if intercept < 0 else "+"
    shown = f"{y} = {slope:.4g} {x} {sign} {abs(intercept):.4g}"
    return f"{shown}, with the mean squared error {off:.4g}"


def overlaid(drawn: FigureData, x: Array, due: Callable[[Array], Array], name: str) -> Picture:
    """The curves of a figure that was returned, and one that should be among them.

    Args:
        drawn: the figure.
        x: `(n,)`: along what it was to be drawn.
        due: what should be drawn, of any numbers.
        name: what that is.
    """
    own = []
    for one in drawn["curves"][:_MOST_CURVES]:
        order = np.argsort(one["x"], kind="stable")
        if one["x"].shape == one["y"].shape:
            label = one["label"].strip()[:_LONGEST_NAME] or "yours"
            own.append(series("returned", label, one["x"][order], one["y"][order]))
    places = np.linspace(*_ends(x), _MOST_POINTS)
    right = series("expected", name, places, due(places))
    return Picture("curves", f"The curves of your figure, and {name}", (right, *own))


def series(role: str, name: str, x: Array, y: Array, *, joined: bool = True) -> Series:
    """A curve or points, of which so many are kept as can be seen."""
    chosen = np.unique(np.linspace(0, max(0, len(x) - 1), min(len(x), _MOST_POINTS)).astype(int))
    return Series(role, name, (shortened(x[chosen]), shortened(y[chosen])), joined=joined)


def shortened(row: Array) -> tuple[float | None, ...]:
    """Numbers to as many digits as can be seen; None for what is not finite."""
    return tuple(float(f"{one:.5g}") if np.isfinite(one) else None for one in row.tolist())


def _mark(x: float, y: float) -> tuple[float, ...]:
    return tuple(one for one in shortened(np.array([x, y])) if one is not None)


def _ends(one: Array) -> tuple[float, float]:
    return float(np.min(one)), float(np.max(one))
