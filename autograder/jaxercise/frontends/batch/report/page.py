"""The pages: one on the class, one for each student. They open from disk, without a network."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Callable, Iterable
from urllib.parse import quote

from jaxercise.frontends.batch.handins import one_line
from jaxercise.frontends.batch.lateness import Lateness, duration
from jaxercise.frontends.batch.records import Record
from jaxercise.frontends.batch.report import figures
from jaxercise.frontends.batch.report.statistics import item_rest_correlations, periods, shares
from jaxercise.frontends.batch.report.summary import STEPS, Line, Summary
from jaxercise.frontends.reports.feedback import points
from jaxercise.frontends.reports.html import results_html
from jaxercise.submission.fingerprints import SHORTEST

_FIGURE = re.compile(r"-?[\d.]+(%| s| / [\d.]+)?$")
_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse}th,td{padding:.2em .8em;text-align:left;vertical-align:top;
border-bottom:1px solid rgba(128,128,128,.35)}td.n{text-align:right;white-space:nowrap}
code{font-family:ui-monospace,monospace}.warning{border:2px solid #d9534f;padding:.5em 1em}
"""


def course_page(summary: Summary, title: str, link: Callable[[str], str]) -> str:
    """The page on the class.

    Args:
        summary: its numbers.
        title: its name.
        link: where a student's own page lies, seen from this one.
    """
    scores = summary.scores
    parts = [f"<h1>{_text(title)}</h1>", _warning(summary.warning)]
    parts.append(
        f"<p>{len(summary.lines)} submissions, {len(scores)} scores, "
        f"{len(summary.broken)} without a score. {summary.graded_with} {summary.late}"
    )
    if scores:
        parts.append(
            f" Median {points(statistics.median(scores))}, mean {statistics.fmean(scores):.1f} "
            f"of {points(summary.max_points)} points.</p><h2>Scores</h2>"
            + figures.histogram(scores, summary.max_points)
        )
    if summary.functions:
        parts += ["<h2>Functions</h2>", _functions(summary)]
    parts += ["<h2>Misconceptions</h2>", _misconceptions(summary)]
    if summary.broken:
        rows = (
            [_student(line, link), _text(line.verdict), _text(line.problem)]
            for line in summary.broken
        )
        parts += ["<h2>Without a score</h2>", _table(("student", "verdict", "why"), rows)]
    if summary.look:
        whose = {line.student: _student(line, link) for line in summary.lines}
        parts += [
            "<h2>Places to look at</h2><p>They prove nothing, have cost no point, and no "
            "student is told.</p>",
            _table(
                ("student", "where"), ([whose[who], _text(place)] for who, place in summary.look)
            ),
        ]
    if summary.likeness.can_tell:
        parts += ["<h2>Code alike</h2>", _alike(summary, link)]
    if summary.timings:
        count = max(1, len(scores))
        mean = {step: seconds / count for step, seconds in summary.timings.items()}
        rows = ([_student(line, link), f"{line.seconds:.1f} s"] for line in summary.slowest)
        parts += [
            "<h2>Where the time goes</h2><p>A submission, on average:</p>",
            figures.stacked(mean, STEPS),
            "<h3>The slowest</h3>",
            _table(("student", "time"), rows),
        ]
    parts += ["<h2>Students</h2>", _students(summary, link)]
    return _page(title, parts)


def student_page(record: Record, lateness: Lateness) -> str:
    warning = (
        "" if record.sandbox else "This was graded without a sandbox around student code "
        "(--unsafe-no-sandbox)."
    )  # fmt: skip
    parts = [f"<h1>{_text(record.student)}</h1>", _warning(warning)]
    if record.problem:
        lines = record.problem.strip().splitlines()
        parts.append(f"<p><b>No score.</b> {'<br>'.join(map(_text, lines))}</p>")
    late = "" if record.score is None else lateness.sentence(record.score)
    parts += [f"<p>{_text(note)}</p>" for note in (*record.notes, *([late] if late else []))]
    if record.outcomes:
        parts.append(results_html(record.results))
    return _page(record.student, parts)


def _students(summary: Summary, link: Callable[[str], str]) -> str:
    """Everybody's points; where something was due, also when it came and what is left of them."""
    due = any(line.lateness.due for line in summary.lines)
    head = ("student", "points", "handed in", "late by", "taken off", "points after")
    rows = []
    for line in summary.lines:
        late = line.lateness
        flagged = " (late)" if late.flagged and late.minutes is None else ""
        row = [_student(line, link) + flagged, "no score"]
        if line.score is not None:
            row[1] = f"{points(line.score)} / {points(line.max_points)}"
        if due:
            after = "" if line.score is None else points(round(late.after(line.score), 4))
            row += [
                late.clock,
                (duration(late.minutes) if late.minutes else "")
                + (" (extension)" if late.extended else ""),
                f"{100 * late.share:g} %" if late.share else "",
                after,
            ]
        rows.append(row)
    return _table(head if due else head[:2], rows)


def _functions(summary: Summary) -> str:
    legend = " ".join(
        f'<span style="color:{colour}">■</span> {state}'
        for state, colour in figures.COLOURS.items()
        if any(function.states[state] for function in summary.functions.values())
    )
    rest = item_rest_correlations(summary.earned)
    rows = (
        [
            f"<code>{_text(name)}</code>",
            f"{function.done:.0%}",
            f"{rest[name]:.2f}" if name in rest else "",
            figures.shares(function.states),
        ]
        for name, function in summary.functions.items()
    )
    told = (
        "<p>With the rest: the correlation of its points with those of all other functions. Near "
        "1, who is good at the rest has this right too; near 0 it asks for something else; below "
        "0, look at what is claimed. Of few students it says little.</p>"
    )
    return (
        f"<p>{legend}</p>" + told + _table(("function", "right", "with the rest", "states"), rows)
    )


def _misconceptions(summary: Summary) -> str:
    if not summary.most_held:
        return "<p>None was recognised.</p>"
    head = ["students", "function", "what they seem to think"]
    rows = [
        [f"{len(one.students)}", f"<code>{_text(one.function)}</code>", _text(one.text)]
        for one in summary.most_held
    ]
    times = summary.times
    borders = periods(times.values())
    if not borders:
        return _table(head, rows)
    for row, one in zip(rows, summary.most_held, strict=True):
        figure = figures.over_time(shares(one.students, times, borders), borders)
        row.append(f'<div style="width:10em">{figure}</div>')  # a column may shrink, this not
    first, last = (border.isoformat(" ", "minutes") for border in (borders[0], borders[-1]))
    told = (
        f"<p>Over time: the share that holds it, of what was handed in during each eighth of the "
        f"time from {first} to {last}. The time is known of {len(times)} of "
        f"{len(summary.lines)}.</p>"
    )
    return told + _table([*head, "over time"], rows)


def _alike(summary: Summary, link: Callable[[str], str]) -> str:
    """The pairs with code alike, and what that is not."""
    told = (
        "<p>Pairs with more code alike than chance explains. Names, comments and layout are not "
        "looked at; what the stub gives, what many have written, and bodies of fewer than "
        f"{SHORTEST} tokens do not count. It is a place to look, and no proof: two may have "
        "learned from one page, and who copies little is not here. No student is told, and no "
        "point is lost.</p>"
    )
    if not summary.alike:
        return told + "<p>There is none.</p>"
    whose = {line.student: _student(line, link) for line in summary.lines}
    rows = (
        [
            *(whose[student] for student in pair.students),
            f"{pair.tokens}",
            ", ".join(f"<code>{_text(name)}</code> {n}" for name, n in pair.functions.items()),
        ]
        for pair in summary.alike
    )
    return told + _table(("one", "other", "equal tokens, at least", "in the functions"), rows)


def _student(line: Line, link: Callable[[str], str]) -> str:
    return f'<a href="{html.escape(quote(link(line.student)))}">{_text(line.student)}</a>'


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> str:
    """A table; its cells are markup already. Cells of figures stand to the right."""
    top = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td{_aligned(cell)}>{cell}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _aligned(cell: str) -> str:
    return ' class="n"' if _FIGURE.match(cell) else ""


def _warning(text: str) -> str:
    return f'<p class="warning"><b>Unsafe.</b> {_text(text)}</p>' if text else ""


def _text(text: str) -> str:
    return html.escape(one_line(text))


def _page(title: str, parts: Iterable[str]) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )
