"""A matplotlib Figure as data: what it shows, and what making it left behind."""

from __future__ import annotations

import sys
import weakref
from typing import Any

import numpy as np

from jaxercise.sandboxed.wire.trees import FigureData

_MAX_CURVES = 32
_MAX_POINTS = 4096

#: What has been done with figures since `watch` was called last.
_done = {"shown": 0, "saved": 0}
#: What calls have returned.
_returned: weakref.WeakSet[Any] = weakref.WeakSet()
#: The figure of the call before.
_aside: list[Any] = []
#: The numbers of the figures that were open then: none of them was made by the call watched.
_before: set[int] = set()


def watch() -> None:
    """Count from here on what is shown and saved; where matplotlib is not loaded, do nothing."""
    _done.update(shown=0, saved=0)
    _before.clear()
    _before.update(_left_open())
    module = sys.modules.get("matplotlib.figure")
    if module is None:
        return
    from matplotlib.backend_bases import FigureCanvasBase

    _count(FigureCanvasBase, "print_figure", "saved")
    _count(module.Figure, "show", "shown")
    if "matplotlib.pyplot" in sys.modules:
        _count(sys.modules["matplotlib.pyplot"], "show", "shown")


def clear() -> None:
    """Close what a call has left open that failed: the next one is not to answer for it."""
    for number in _left_open():
        sys.modules["matplotlib.pyplot"].close(number)


def _count(owner: Any, name: str, what: str) -> None:
    original = getattr(owner, name)
    if hasattr(original, "watched"):
        return

    def counted(*arguments: Any, **keywords: Any) -> Any:
        _done[what] += 1
        return original(*arguments, **keywords)

    counted.watched = True  # type: ignore[attr-defined]
    setattr(owner, name, counted)


def describe(figure: Any) -> FigureData:
    """The figure's data. If pyplot holds the figure, it is closed when the next one is described.

    Returns:
        `axes`: how many visible axes it has. `curves`: of each visible line or scatter its
        `x` and `y` (float64), its legend `label` (empty if it has none), its `look` (equal where
        nobody can tell two apart), and how many of its points are `cut_off` by the axes' limits.
        `hidden`: how many lines are drawn that nobody can see.
        `xlabel`, `ylabel`: the axis labels. `legend`: the visible legends' texts. `open_figures`:
        how many other figures have been opened and left open, `shown`, `saved`: how often a figure
        was, since `watch`. `returned_before`: 1 if an earlier call returned this one, else 0.
    """
    axes = [one for one in figure.axes if one.get_visible()]
    legends = [one.get_legend() for one in axes if one.get_legend() is not None] + figure.legends
    entries = [entry for legend in legends for entry in _entries(legend)]
    curves = [(one, *curve) for one in axes for curve in _curves(one)]
    before = figure in _returned
    _returned.add(figure)
    return FigureData(
        axes=len(axes),
        curves=[
            {
                "x": x,
                "y": y,
                "label": _label(artist, position, entries, len(curves)),
                "look": str(_look(artist)),
                "cut_off": _cut_off(owner, x, y),
            }
            for position, (owner, artist, x, y) in enumerate(curves[:_MAX_CURVES])
        ],
        hidden=sum(not _visible(line) for one in axes for line in one.get_lines()),
        xlabel=_first([_axis_label(one, "x") for one in axes] + [_supplied(figure, "x")]),
        ylabel=_first([_axis_label(one, "y") for one in axes] + [_supplied(figure, "y")]),
        legend=[text for text, _ in entries],
        returned_before=int(before),
        open_figures=_put_aside(figure),
        **_done,
    )


def _entries(legend: Any) -> list[tuple[str, Any]]:
    """Pairs (text, sample drawn beside it) of what is to be seen of a legend."""
    if not legend.get_visible() or legend.get_alpha() == 0 or not _in_sight(legend):
        return []
    pairs = zip(legend.get_texts(), legend.legend_handles, strict=False)
    return [(text.get_text(), sample) for text, sample in pairs if text.get_visible()]


def _in_sight(legend: Any) -> bool:
    """True unless a legend is so far out that a picture with a margin around it misses it."""
    figure = legend.get_figure()
    width, height = figure.bbox.width, figure.bbox.height
    place = legend.get_bbox_to_anchor()
    if isinstance(getattr(legend, "_loc", None), tuple):
        figure.draw_without_rendering()
        place = legend.get_window_extent()
    return bool(
        -width / 2 < place.x1
        and place.x0 < 1.5 * width
        and -height / 2 < place.y1
        and place.y0 < 1.5 * height
    )


def _axis_label(axes: Any, name: str) -> str:
    label = getattr(axes, f"{name}axis").label
    return str(label.get_text()) if axes.axison and label.get_visible() else ""


def _cut_off(axes: Any, x: Any, y: Any) -> int:
    """How many points the limits of the axes leave out."""
    out = np.zeros(min(x.size, y.size), bool)
    for values, limits in ((x, axes.get_xlim()), (y, axes.get_ylim())):
        low, high = min(limits), max(limits)
        room = 1e-6 * (high - low)
        values = values[: out.size]
        out |= (values < low - room) | (values > high + room)
    return int(out.sum())


def _curves(axes: Any) -> list[tuple[Any, Any, Any]]:
    found = []
    for line in axes.get_lines():
        found.append((line, line.get_xdata(orig=False), line.get_ydata(orig=False)))
    for collection in axes.collections:
        offsets: Any = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
        if hasattr(collection, "get_segments"):  # a LineCollection
            points = np.concatenate([np.empty((0, 2)), *collection.get_segments()])
            found.append((collection, points[:, 0], points[:, 1]))
        elif offsets.ndim == 2 and len(offsets):
            found.append((collection, offsets[:, 0], offsets[:, 1]))
    return [
        (artist, np.asarray(x, np.float64).ravel(), np.asarray(y, np.float64).ravel())
        for artist, x, y in found
        if _visible(artist) and np.size(x) <= _MAX_POINTS
    ]


def _visible(artist: Any) -> bool:
    """True if there is anything to see of a line or a scatter."""
    alpha = artist.get_alpha()
    if not artist.get_visible() or (isinstance(alpha, int | float) and alpha <= 0):
        return False
    if not hasattr(artist, "get_marker"):
        return True
    return bool(_stroked(artist) or _marked(artist)) and _color(artist) != _paper(artist)


def _stroked(line: Any) -> bool:
    return line.get_linestyle() not in ("None", "", " ") and line.get_linewidth() > 0


def _marked(line: Any) -> bool:
    return line.get_marker() not in ("None", "", " ", None) and line.get_markersize() > 0


def _paper(artist: Any) -> tuple[float, ...] | None:
    """The color behind an artist without markers of another color; None where it has some."""
    from matplotlib.colors import to_rgb

    if _marked(artist) or artist.axes is None or not artist.axes.patch.get_visible():
        return None
    return tuple(to_rgb(artist.axes.get_facecolor()))


def _look(artist: Any) -> tuple[Any, ...]:
    """What tells a curve from others: color, style, width, marker."""
    if hasattr(artist, "get_segments"):
        return _color(artist), str(artist.get_linestyle()[0]), float(artist.get_linewidth()[0])
    if not hasattr(artist, "get_marker"):
        paths = artist.get_paths() if hasattr(artist, "get_paths") else []
        sizes = artist.get_sizes() if hasattr(artist, "get_sizes") else []
        shape = paths[0].vertices.round(3).tolist() if len(paths) else None
        return _color(artist), shape, [float(size) for size in sizes[:1]]
    stroke = (artist.get_linestyle(), artist.get_linewidth()) if _stroked(artist) else None
    marker = (
        (str(artist.get_marker()), artist.get_markersize(), _rgb(artist.get_markerfacecolor()))
        if _marked(artist)
        else None
    )
    return _color(artist), stroke, marker


def _label(artist: Any, position: int, entries: list[tuple[str, Any]], curves: int) -> str:
    """The legend's text for a curve: by its own label, else by its look, color or place.

    The place tells where there is a text for each of the curves.
    """
    texts = [text for text, _ in entries]
    own = str(artist.get_label())
    if own in texts:
        return own
    for trait in (_look, _color):
        mine = trait(artist)
        same = [text for text, sample in entries if mine is not None and trait(sample) == mine]
        if len(same) == 1:
            return same[0]
    return texts[position] if curves <= len(texts) else ""


def _color(artist: Any) -> tuple[float, ...] | None:
    try:
        color = artist.get_color() if hasattr(artist, "get_color") else artist.get_facecolor()
        color = color[0] if np.ndim(color) == 2 else color
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return _rgb(color)


def _rgb(color: Any) -> tuple[float, ...] | None:
    from matplotlib.colors import to_rgb

    try:
        return tuple(to_rgb(color))
    except (TypeError, ValueError):
        return None


def _supplied(figure: Any, axis: str) -> str:
    return str(getattr(figure, f"get_sup{axis}label", lambda: "")() or "")


def _first(texts: list[str]) -> str:
    return next((text for text in texts if text.strip()), "")


def _put_aside(figure: Any) -> int:
    """Close the figure put aside before, and leave this one as its caller would.

    What draws into whatever figure is open then returns the same again.

    Returns:
        how many others are left open.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return 0
    for other in _aside:
        if other is not figure:
            pyplot.close(other)
    _aside[:] = [figure]
    return len(_left_open() - {getattr(figure, "number", None)})


def _left_open() -> set[int]:
    """The numbers of the figures that pyplot holds and did not hold at `watch`."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums()) - _before
