"""Figures as SVG, drawn by hand: no script, no font and no picture from elsewhere."""

from __future__ import annotations

import datetime
import html
from collections.abc import Mapping, Sequence

#: The states of a function, best first, in middle tones, which keep their contrast on white and on
#: black.
COLOURS = {
    "done": "#2e9e5b",
    "partly right": "#9db83a",
    "wrong": "#d98a1e",
    "error": "#d9534f",
    "crashed": "#a83c8c",
    "timeout": "#7b5bd0",
    "memory": "#5b6fd0",
    "forbidden": "#6b4a3a",
    "not attempted": "#9a9a9a",
    "internal": "#444444",
}
_STEPS = ("#9a9a9a", "#7b5bd0", "#5b8fd0", "#d98a1e", "#9db83a", "#a83c8c", "#2e9e5b", "#d9534f")
_BARS = 20


def histogram(scores: Sequence[float], of: float) -> str:
    """How many students have how many points."""
    width, height, base = 720, 230, 190
    bars = [0] * _BARS
    for score in scores:
        bars[min(_BARS - 1, int(_BARS * score / of)) if of else 0] += 1
    most = max(bars, default=0) or 1
    step = (width - 40) / _BARS
    parts = []
    for i, count in enumerate(bars):
        tall = 160 * count / most
        low, high = of * i / _BARS, of * (i + 1) / _BARS
        x = 30 + i * step
        parts.append(
            f'<rect x="{x + 1:.1f}" y="{base - tall:.1f}" width="{step - 2:.1f}" '
            f'height="{tall:.1f}" fill="#5b8fd0"><title>{low:g} to {high:g} points: {count}'
            f"</title></rect>"
        )
        if count:
            parts.append(_label(x + step / 2, base - tall - 4, str(count), "middle"))
    for i in range(0, _BARS + 1, 5):
        parts.append(_label(30 + i * step, base + 16, f"{of * i / _BARS:g}", "middle"))
    parts.append(f'<line x1="30" x2="{width - 10}" y1="{base}" y2="{base}" stroke="currentColor"/>')
    parts.append(_label(width / 2, height - 2, "points", "middle"))
    return _svg(width, height, parts, "Distribution of scores")


def shares(counts: Mapping[str, int]) -> str:
    """One bar of the states' shares."""
    width, height = 320, 14
    whole = sum(counts.values()) or 1
    parts, x = [], 0.0
    for state, colour in COLOURS.items():
        wide = width * counts.get(state, 0) / whole
        if wide:
            title = html.escape(f"{state}: {counts[state]} of {whole}")
            parts.append(
                f'<rect x="{x:.2f}" y="0" width="{wide:.2f}" height="{height}" '
                f'fill="{colour}"><title>{title}</title></rect>'
            )
            x += wide
    return _svg(width, height, parts, "Shares of states")


def stacked(seconds: Mapping[str, float], names: Mapping[str, str]) -> str:
    """One bar of what time goes into, with a legend in seconds."""
    width, top = 720, 28
    whole = sum(seconds.values()) or 1.0
    parts, x = [], 0.0
    steps = [step for step in (*names, *sorted(set(seconds) - set(names))) if step in seconds]
    for i, step in enumerate(steps):
        wide = width * seconds[step] / whole
        colour = _STEPS[i % len(_STEPS)]
        told = f"{names.get(step, step)}: {seconds[step]:.2f} s ({seconds[step] / whole:.0%})"
        parts.append(
            f'<rect x="{x:.2f}" y="0" width="{wide:.2f}" height="{top}" fill="{colour}">'
            f"<title>{html.escape(told)}</title></rect>"
        )
        y = top + 22 * (i + 1)
        parts.append(f'<rect x="0" y="{y - 11}" width="12" height="12" fill="{colour}"/>')
        parts.append(_label(20, y, told, "start"))
        x += wide
    return _svg(width, top + 22 * len(steps) + 10, parts, "Where the time goes")


def over_time(parts: Sequence[float | None], borders: Sequence[datetime.datetime]) -> str:
    """A bar a period: the share of it; a dot where there was nothing to share."""
    width, height, step = 160, 26, 160 / max(1, len(parts))
    drawn = []
    for i, part in enumerate(parts):
        when = f"{borders[i]:%Y-%m-%d %H:%M} to {borders[i + 1]:%Y-%m-%d %H:%M}"
        tall = 2 if part is None else max(1.0, 22 * part)
        told = "nothing was handed in" if part is None else f"{part:.0%}"
        wide, colour = (2.0, "#9a9a9a") if part is None else (step - 3, "#5b8fd0")
        drawn.append(
            f'<rect x="{i * step + (step - wide) / 2:.1f}" y="{24 - tall:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" fill="{colour}"><title>{when}: {told}</title></rect>'
        )
    drawn.append(f'<line x1="0" x2="{width}" y1="24.5" y2="24.5" stroke="currentColor"/>')
    return _svg(width, height, drawn, "Over time")


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor" '
        f'font-size="12">{html.escape(text)}</text>'
    )


def _svg(width: float, height: float, parts: Sequence[str], name: str) -> str:
    return (
        f'<svg role="img" aria-label="{html.escape(name)}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" style="max-width:100%">{"".join(parts)}</svg>'
    )
