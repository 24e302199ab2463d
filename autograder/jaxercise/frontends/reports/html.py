"""Feedback as HTML: a fragment that stands on its own, on a light page and on a dark one.

Styles stand at their elements, so that a notebook, a feedback page or a mail shows them alike, and
nothing is loaded from elsewhere. Whatever comes from a submission is text here, never markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from jaxercise.frontends.reports.feedback import (
    INTERNAL,
    as_sentence,
    fault,
    first_line,
    in_short,
    ordered,
    points,
    printed_lines,
    to_earn,
    worth_telling,
)
from jaxercise.frontends.reports.pictures import picture_html
from jaxercise.sandboxed.texts import printable
from jaxercise.verdicts import Finding, FunctionResult, Outcome, Verdict

#: Middle tones, which keep their contrast on white and on black.
_GREEN, _AMBER, _RED, _GREY = "#2e9e5b", "#c08a1e", "#d9534f", "#888888"
_COLOURS = {
    "done": _GREEN,
    "partly right": _AMBER,
    "not attempted": _GREY,
    "waiting": _GREY,
    "internal": _GREY,
}
_MARKS = {"done": "✓", "partly right": "◐", "not attempted": "·", "internal": "!"}
_LINE = "rgba(128,128,128,.35)"
_CODE = "font-family:ui-monospace,monospace;font-size:.92em"


def feedback_html(result: FunctionResult) -> str:
    """One function: its points and state, then its first finding in full, others in a line each.

    Unlike the text, it says so where all is well.
    """
    colour = _COLOURS.get(result.state, _RED)
    parts = [
        f'<div style="font-size:1.05em"><b style="{_CODE}">{_text(result.name)}</b> &nbsp; '
        f"{points(result.points)} / {points(result.max_points)} &nbsp; {_badge(result.state)}</div>"
    ]
    told = ordered(result)
    if told:
        parts += _in_full(told[0])
        others = [f"<li>{_text(in_short(other, beside=told[0]))}</li>" for other in told[1:]]
        if others:
            parts.append(_paragraph(f"Also not yet:<ul style='margin:0'>{''.join(others)}</ul>"))
    elif result.verdict == Verdict.PASSED:
        parts.append(_paragraph("All of its claims hold."))
    elif result.verdict == Verdict.NOT_ATTEMPTED:
        parts.append(_paragraph("It is not written yet."))
    if to_earn(result):
        more = f"{points(to_earn(result))} more can be earned once this holds."
        parts.append(_paragraph(more, "opacity:.75"))
    return (
        f'<div style="margin:.8em 0;padding:.5em .9em;border-left:4px solid {colour};'
        f'line-height:1.45;max-width:60em;text-align:left">{"".join(parts)}</div>'
    )


def results_html(results: Sequence[FunctionResult]) -> str:
    """A table of all functions with the total, and the feedback on those not right yet."""
    cell = f"padding:.2em .8em;border-bottom:1px solid {_LINE};text-align:"
    head = "".join(
        f'<th style="{cell}{align}">{name}</th>'
        for name, align in (("exercise", "left"), ("function", "left"), ("points", "right"),
                            ("state", "left"))
    )  # fmt: skip
    rows, before = [], ""
    for result in results:
        exercise = "" if result.exercise == before else _text(result.exercise)
        before = result.exercise
        rows.append(
            f'<tr><td style="{cell}left">{exercise}</td>'
            f'<td style="{cell}left;{_CODE}">{_text(result.function)}</td>'
            f'<td style="{cell}right;white-space:nowrap">'
            f"{points(result.points)} / {points(result.max_points)}</td>"
            f'<td style="{cell}left">{_badge(result.state)}</td></tr>'
        )
    earned = points(sum(result.points for result in results))
    possible = points(sum(result.max_points for result in results))
    total = (
        f'<tr><td style="{cell}left"><b>total</b></td><td style="{cell}left"></td>'
        f'<td style="{cell}right;white-space:nowrap"><b>{earned} / {possible}</b></td>'
        f'<td style="{cell}left"></td></tr>'
    )
    if any(result.verdict == Verdict.INTERNAL for result in results):
        total += (
            f'<tr><td colspan="4" style="{cell}left">'
            "The grader itself failed: this total is no score.</td></tr>"
        )
    table = (
        '<table style="border-collapse:collapse;margin:.5em 0;color:inherit;font-size:inherit">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}{total}</tbody></table>"
    )
    return f"<div>{table}{''.join(map(feedback_html, worth_telling(results)))}</div>"


def _in_full(outcome: Outcome) -> list[str]:
    finding = outcome.finding
    assert finding is not None
    if outcome.verdict == Verdict.INTERNAL:
        return [_paragraph(_text(INTERNAL)), _block([fault(finding)])]
    parts = []
    if finding.call:
        parts.append(
            _paragraph(f"<b>Claim:</b> {_text(as_sentence(first_line(outcome.sentence)))}")
        )
        parts.append(_block(_call(finding)))
    parts.append(_paragraph(_text(as_sentence(finding.sentence.strip()))))
    if finding.picture is not None:
        parts.append(picture_html(finding.picture))
    if finding.diagnosis:
        parts.append(_paragraph(f"<b>Likely cause:</b> {_text(as_sentence(finding.diagnosis))}"))
    elif finding.hint:
        parts.append(_paragraph(_text(as_sentence(finding.hint))))
    if finding.lines:
        parts.append(
            _block([f"{file}, line {line}:  {code}" for file, line, code in finding.lines])
        )
    printed = printed_lines(finding)
    if printed:
        parts += [_paragraph("Your code printed:"), _block(printed)]
    return parts


def _call(finding: Finding) -> list[str]:
    lines = [finding.call, *(f"  with  {text}" for text in finding.inputs)]
    for label, text in (("returned", finding.returned), ("expected", finding.expected)):
        if text:
            lines.append(f"{label}  {text}")
    return lines


def _badge(state: str) -> str:
    colour = _COLOURS.get(state, _RED)
    return (
        f'<span style="color:{colour};font-weight:600;white-space:nowrap">'
        f"{_MARKS.get(state, '✗')} {_text(state)}</span>"
    )


def _paragraph(markup: str, style: str = "") -> str:
    return f'<div style="margin:.4em 0;{style}">{markup}</div>'


def _block(lines: Iterable[str]) -> str:
    return (
        f'<pre style="{_CODE};margin:.4em 0;padding:.5em .8em;background:rgba(128,128,128,.12);'
        f'color:inherit;white-space:pre-wrap;overflow-wrap:anywhere">'
        f"{_text(chr(10).join(lines), breaks=False)}</pre>"
    )


def _text(text: str, *, breaks: bool = True) -> str:
    """A text as markup: nothing in it is obeyed, by a browser or by a terminal."""
    escaped = html.escape(printable(text))
    return escaped.replace("\n", "<br>") if breaks else escaped
