"""Pictures of wrong answers as SVG: no script, no font and no file from elsewhere.

Lines and texts have the colour of the page's own text, and what is coloured has middle tones, so
that a picture is read on a light page and on a dark one. Curves are told apart by their strokes as
well. Every picture has its sentence for those who do not see it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence

from jaxercise.sandboxed.texts import printable
from jaxercise.verdicts import Picture, Series

#: Blue for what is due, orange for what came back: told apart by everybody, on white and on black.
_COLOURS = {"expected": "#4a90d9", "returned": "#e08214", "given": "#888888"}
_POSITIVE, _NEGATIVE = "#4a90d9", "#d9534f"
#: Of axes that stay in the answer, in their order.
_AXES = ("#4a90d9", "#2e9e5b", "#a05bd0", "#c08a1e")
_LEVELS = 5
#: How far beyond what is due and given a picture reaches, in its heights.
_BEYOND = 1.0

_Point = tuple[float, float]


def picture_html(picture: Picture) -> str:
    """A picture as an element that stands on its own."""
    draw: dict[str, Callable[[Picture], str]] = {
        "curves": _curves,
        "tables": _tables,
        "axes": _axes,
    }
    return draw[picture.kind](picture)


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    said = _text(title)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{said}" style="max-width:100%;height:auto;display:block;margin:.4em 0;'
        f'font:12px system-ui,sans-serif;color:inherit"><title>{said}</title>{"".join(parts)}</svg>'
    )


def _text(text: str) -> str:
    return html.escape(printable(text))


def _label(x: float, y: float, text: str, anchor: str = "start", colour: str = "") -> str:
    return (
        f'<text x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}" '
        f'fill="{colour or "currentColor"}">{_text(text)}</text>'
    )


# Curves


def _curves(picture: Picture) -> str:
    width, height, left, right, top, bottom = 420.0, 230.0, 62.0, 10.0, 26.0, 22.0
    wide, tall = width - left - right, height - top - bottom
    x_range = _range(_numbers(picture.series, 0))
    due = _range(_numbers([one for one in picture.series if one.role != "returned"], 1))
    room = _BEYOND * (due[1] - due[0])
    own = _range(_numbers(picture.series, 1))
    y_range = max(own[0], due[0] - room), min(own[1], due[1] + room)

    def placed(x: float, y: float) -> _Point:
        low, high = x_range
        below, above = y_range
        return wide * (x - low) / (high - low), tall * (1 - (y - below) / (above - below))

    inside = [_curve(one, placed) for one in picture.series]
    if len(picture.mark) == 2:
        x, y = placed(picture.mark[0], picture.mark[1])
        inside.append(
            f'<line x1="{x:.4g}" x2="{x:.4g}" y1="0" y2="{tall:g}" stroke="currentColor" '
            f'stroke-dasharray="2 3" opacity=".6"/><circle cx="{x:.4g}" cy="{y:.4g}" r="7" '
            'fill="none" stroke="currentColor" stroke-width="1.5"/>'
        )
    parts = [
        f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{tall:g}" fill="none" '
        'stroke="currentColor" opacity=".35"/>',
        # What leaves the picture is cut off at its edge.
        f'<svg x="{left:g}" y="{top:g}" width="{wide:g}" height="{tall:g}">{"".join(inside)}</svg>',
        _label(left - 5, top + 10, _short(y_range[1]), "end"),
        _label(left - 5, top + tall, _short(y_range[0]), "end"),
        _label(left, height - 6, _short(x_range[0])),
        _label(left + wide, height - 6, _short(x_range[1]), "end"),
        *_legend(picture.series, left, 14),
    ]
    if picture.mark:
        parts.append(_label(left + wide / 2, height - 6, "○ first difference", "middle"))
    return _svg(width, height, picture.title, parts)


def _curve(one: Series, placed: Callable[[float, float], _Point]) -> str:
    colour = _COLOURS[one.role]
    pairs = list(zip(*one.rows, strict=True))
    points = [placed(x, y) if x is not None and y is not None else None for x, y in pairs]
    if not one.joined:
        radius = 2.2 if one.role == "given" else 3.6
        return "".join(
            f'<circle cx="{at[0]:.4g}" cy="{at[1]:.4g}" r="{radius}" fill="{colour}"/>'
            for at in points
            if at is not None
        )
    path, pen = [], "M"
    for at in points:
        path += [] if at is None else [f"{pen}{at[0]:.4g} {at[1]:.4g}"]
        pen = "M" if at is None else "L"
    look = (
        ' stroke-width="2" stroke-dasharray="6 4"'
        if one.role == "returned"
        else ' stroke-width="3" opacity=".8"'
    )
    return f'<path d="{"".join(path)}" fill="none" stroke="{colour}"{look}/>'


def _legend(shown: Sequence[Series], x: float, y: float) -> list[str]:
    parts = []
    for one in shown:
        mark = "●" if not one.joined else "╍╍" if one.role == "returned" else "━━"
        parts.append(_label(x, y, mark, colour=_COLOURS[one.role]))
        parts.append(_label(x + (14 if mark == "●" else 26), y, one.name))
        x += 40 + 6.5 * len(one.name)
    return parts


def _short(value: float) -> str:
    return f"{value:.4g}"


def _numbers(shown: Iterable[Series], row: int) -> list[float]:
    return [value for one in shown for value in one.rows[row] if value is not None]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.08 * (high - low) or 0.5 * abs(high) or 1.0
    return low - room, high + room


# Tables


def _tables(picture: Picture) -> str:
    rows, columns = len(picture.series[0].rows), len(picture.series[0].rows[0])
    size = max(9.0, min(22.0, 190.0 / max(rows, columns)))
    gap, top = 34.0, 22.0
    wide, tall = max(columns * size, 60.0), rows * size
    # By the answer that is due: a wrong entry may be so large that all others would vanish.
    due = [one for one in picture.series if one.role == "expected"] or picture.series
    most = max((abs(value) for one in due for row in one.rows for value in row if value), default=1)
    parts = []
    for place, one in enumerate(picture.series):
        left = 2 + place * (wide + gap)
        parts.append(_label(left, 14, one.name))
        parts.append(_table(one, left, top, size, most))
        if len(picture.mark) == 2:
            row, column = picture.mark
            parts.append(
                f'<rect x="{left + column * size - 1.5:g}" y="{top + row * size - 1.5:g}" '
                f'width="{size + 3:g}" height="{size + 3:g}" fill="none" stroke="currentColor" '
                'stroke-width="2.5"/>'
            )
    base = top + tall + 18
    values = [value for one in picture.series for row in one.rows for value in row]
    scale = f"blue above 0, red below; deepest at {_short(most)}" + "; crossed: not finite" * (
        None in values
    )
    parts.append(_label(2, base, scale))
    return _svg(max(2 * wide + gap + 6, 380), base + 6, picture.title, parts)


def _table(one: Series, left: float, top: float, size: float, most: float) -> str:
    """One path for each shade, so that a table takes few letters."""
    shades: dict[tuple[str, int], list[str]] = {}
    crosses: list[str] = []
    for i, row in enumerate(one.rows):
        for j, value in enumerate(row):
            x, y = left + j * size, top + i * size
            if value is None:
                crosses.append(f"M{x + 2:g} {y + 2:g}l{size - 4:g} {size - 4:g}m0 {4 - size:g}"
                               f"l{4 - size:g} {size - 4:g}")  # fmt: skip
                continue
            level = min(_LEVELS, -int(-_LEVELS * abs(value) // most))
            colour = _NEGATIVE if value < 0 else _POSITIVE
            if level:
                shades.setdefault((colour, level), []).append(
                    f"M{x:g} {y:g}h{size:g}v{size:g}h{-size:g}z"
                )
    found = [
        f'<path d="{"".join(cells)}" fill="{colour}" fill-opacity="{level / _LEVELS:.2g}"/>'
        for (colour, level), cells in sorted(shades.items())
    ]
    if crosses:
        found.append(f'<path d="{"".join(crosses)}" stroke="currentColor" fill="none"/>')
    columns, rows = len(one.rows[0]), len(one.rows)
    lines = "".join(
        [f"M{left + j * size:g} {top:g}v{rows * size:g}" for j in range(columns + 1)]
        + [f"M{left:g} {top + i * size:g}h{columns * size:g}" for i in range(rows + 1)]
    )
    found.append(f'<path d="{lines}" stroke="currentColor" fill="none" opacity=".3"/>')
    return "".join(found)


# Axes

_CELL, _MOST_CELLS, _SHIFT = 14.0, 6, 5.0


def _axes(picture: Picture) -> str:
    answers = [one for one in picture.series if one.role == "expected"]
    kept = [name for _, name in answers[0].axes if name]
    colours = {name: _AXES[i % len(_AXES)] for i, name in enumerate(dict.fromkeys(kept))}
    parts: list[str] = []
    x, height = 4.0, 0.0
    for one in picture.series:
        if one.role == "expected":
            parts.append(_label(x, 62, "→"))
            x += 26
        drawn, wide, tall = _box(one, x, 40.0, colours)
        parts += drawn
        x += max(wide, 7.0 * len(one.name)) + 22
        height = max(height, tall)
    said = "Coloured axes stay in the answer; those of one colour are the same axis."
    parts.append(_label(4, 60 + height, said))
    return _svg(max(x, 470), 66 + height, picture.title, parts)


def _box(
    one: Series, x: float, y: float, colours: dict[str, str]
) -> tuple[list[str], float, float]:
    """An array as a block of cells, its axes labelled; how wide and how tall it is."""
    *front, down, across = [(1, "")] * (2 - len(one.axes)) + list(one.axes)
    columns, rows = _cells(across[0]), _cells(down[0])
    wide, tall = columns * _CELL, rows * _CELL
    side = 7.0 * len(_size(down)) + 6 if len(one.axes) > 1 else 0.0
    left = x + side
    name = {"expected": "due", "returned": "yours"}.get(one.role, one.name)
    parts = [_label(x, 14, name, colour="" if one.role == "given" else _COLOURS[one.role])]
    for layer in range(min(2, len(front)), 0, -1):
        parts.append(
            f'<rect x="{left + layer * _SHIFT:g}" y="{y - layer * _SHIFT:g}" width="{wide:g}" '
            f'height="{tall:g}" fill="none" stroke="currentColor" opacity=".5"/>'
        )
    lines = "".join(
        [f"M{left + j * _CELL:g} {y:g}v{tall:g}" for j in range(columns + 1)]
        + [f"M{left:g} {y + i * _CELL:g}h{wide:g}" for i in range(rows + 1)]
    )
    parts.append(f'<path d="{lines}" stroke="currentColor" fill="none" opacity=".45"/>')
    if one.axes:
        parts.append(_edge(f"M{left:g} {y:g}h{wide:g}", colours.get(across[1])))
        parts.append(_label(left, y - 5 - _SHIFT * len(front), _size(across), "start",
                            colours.get(across[1], "")))  # fmt: skip
    if len(one.axes) > 1:
        parts.append(_edge(f"M{left:g} {y:g}v{tall:g}", colours.get(down[1])))
        parts.append(_label(left - 5, y + tall / 2 + 4, _size(down), "end",
                            colours.get(down[1], "")))  # fmt: skip
    below = 0.0
    for axis in front:
        below += 16
        parts.append(_edge(f"M{left:g} {y + tall:g}l{-_SHIFT:g} {_SHIFT:g}", colours.get(axis[1])))
        parts.append(_label(left, y + tall + below, f"{_size(axis)} of these", "start",
                            colours.get(axis[1], "")))  # fmt: skip
        wide = max(wide, 6.5 * len(f"{_size(axis)} of these"))
    return parts, side + max(wide, 7.0 * len(_size(across)) if one.axes else 0), tall + below + 6


def _edge(path: str, colour: str | None) -> str:
    if colour is None:
        return ""
    return f'<path d="{path}" stroke="{colour}" stroke-width="4" fill="none"/>'


def _cells(size: int | str) -> int:
    return min(_MOST_CELLS, size) if isinstance(size, int) else 3


def _size(axis: tuple[int | str, str]) -> str:
    size, name = axis
    return str(size) if not name or size == name else f"{name} = {size}"
