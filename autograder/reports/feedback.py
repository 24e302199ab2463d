"""What a student reads about a function that is not right yet."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from autograder.properties.findings import WAITING, Finding, FunctionResult, Outcome

_WIDTH = 96
_PRINTED_LINES = 3
_FOLDS = 3


def feedbacks(results: Sequence[FunctionResult]) -> list[str]:
    """The feedback on several functions; what is wrong with a file as a whole is said once."""
    texts: list[str] = []
    said: set[tuple[str, Finding]] = set()
    for result in results:
        about_file = [one.finding for one in result.outcomes if one.finding is not None][:1]
        if about_file and about_file[0].kind == "file":
            known = (result.exercise, about_file[0])
            if known in said:
                continue
            said.add(known)
        text = feedback(result)
        if text:
            texts.append(text)
    return texts


def feedback(result: FunctionResult) -> str:
    """One function's feedback: its first finding in full, the others in a line each.

    Empty where there is nothing to say.
    """
    told = [outcome for outcome in result.outcomes if outcome.finding is not None]
    if not told:
        return ""
    first = next((one for one in told if one.verdict == result.verdict), told[0])
    lines = [
        f"{result.name}    {points(result.points)} / {points(result.of)}    {result.state}",
        *textwrap.indent(_in_full(first), "  ").splitlines(),
    ]
    for other in told:
        if other is not first and other.finding != first.finding:
            lines += _folded(f"  also not yet: {_first_line(other.sentence)}", "    ")
    waiting = sum(outcome.of for outcome in result.outcomes if outcome.verdict == WAITING)
    if waiting:
        lines.append(f"  {points(waiting)} more can be earned once this holds")
    return "\n".join(lines)


def points(value: float) -> str:
    """Points as short as they can be written."""
    return f"{value:g}"


def _in_full(outcome: Outcome) -> str:
    finding = outcome.finding
    assert finding is not None
    if outcome.verdict == "internal":
        return (
            "The grader itself failed here. This says nothing about your answer, and costs no\n"
            "points; please report it.\n" + finding.sentence
        )
    parts = []
    if finding.call:
        parts.append(_wrapped(f"Claim: {_first_line(outcome.sentence)}"))
    if finding.call:
        parts += _call(finding)
    if finding.returned:
        parts.append(_labelled("returned", finding.returned))
    if finding.expected:
        parts.append(_labelled("expected", finding.expected))
    parts.append(_wrapped(finding.sentence.strip()))
    if finding.diagnosis:
        parts.append(_wrapped(f"Likely cause: {finding.diagnosis}"))
    parts += [f"  {file}, line {line}:  {code}" for file, line, code in finding.lines]
    parts += _printed(finding)
    return "\n".join(parts)


def _call(finding: Finding) -> list[str]:
    """The call with its inputs, as many on a line as fit."""
    lines = [f"  {finding.call}   with"]
    for text in finding.inputs:
        if len(lines[-1]) + len(text) + 3 <= _WIDTH:
            lines[-1] += f"   {text}"
        else:
            lines += _folded(f"      {text}", "          ")
    return lines


def _labelled(label: str, text: str) -> str:
    lead = f"  {label:<9} "
    return "\n".join(_folded(lead + text, " " * len(lead)))


def _folded(text: str, indent: str) -> list[str]:
    lines = textwrap.wrap(text, _WIDTH, subsequent_indent=indent, drop_whitespace=True)
    return [*lines[: _FOLDS - 1], lines[_FOLDS - 1] + " ..."] if len(lines) > _FOLDS else lines


def _wrapped(text: str) -> str:
    text = text[:1].upper() + text[1:]
    if text[-1:] not in ".!?:" and "\n " not in text:  # the last line may be code
        text += "."
    lines = []
    for line in text.splitlines()[:6]:
        lines += textwrap.wrap(line, _WIDTH, break_long_words=False, drop_whitespace=True) or [""]
    return "\n".join(lines)


def _printed(finding: Finding) -> list[str]:
    lines = [_clipped(line) for line in finding.printed.splitlines() if line.strip()]
    if not lines:
        return []
    return ["Your code printed:", *(f"  | {line}" for line in lines[-_PRINTED_LINES:])]


def _clipped(line: str) -> str:
    return line if len(line) <= _WIDTH - 4 else f"{line[: _WIDTH - 8]} ..."


def _first_line(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ").strip()
