"""What a student reads about a function that is not right yet."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from jaxercise.verdicts import OF_FORM, Finding, FunctionResult, Outcome, Verdict

_WIDTH = 96
_PRINTED_LINES = 3
_FOLDS = 3
INTERNAL = (
    "The grader itself failed here. This says nothing about your answer, and costs no\n"
    "points; please report it."
)


def feedbacks(results: Sequence[FunctionResult]) -> list[str]:
    """The feedback on several functions; what is wrong with a file as a whole is said once."""
    return [feedback(result) for result in worth_telling(results)]


def worth_telling(results: Sequence[FunctionResult]) -> list[FunctionResult]:
    """The functions there is something to say about, no fault of a whole file twice."""
    worth: list[FunctionResult] = []
    said: set[tuple[str, object]] = set()
    for result in results:
        findings = [one.finding for one in result.outcomes if one.finding is not None]
        if not findings:
            continue
        fault = _of_the_whole(findings[0])
        if fault and (result.exercise, fault) in said:
            continue
        said.add((result.exercise, fault))
        worth.append(result)
    return worth


def _of_the_whole(finding: Finding) -> object:
    """What is wrong with more than one function, if something is: a line of the file, a module."""
    if finding.kind == "file":
        return finding.lines[:1] or finding.sentence
    return finding.sentence if finding.kind == "error ModuleNotFoundError" else None


def ordered(result: FunctionResult) -> list[Outcome]:
    """The claims that do not hold: first the one to tell in full, then others that add to it."""
    told = [outcome for outcome in result.outcomes if outcome.finding is not None]
    if not told:
        return []
    first = next((one for one in told if one.verdict == result.verdict), told[0])
    return [first, *(o for o in told if o is not first and _apart(o.finding, first.finding))]


def _apart(one: Finding | None, other: Finding | None) -> bool:
    """Whether two findings differ in more than what was printed meanwhile."""
    assert one is not None
    assert other is not None
    return replace(one, printed="") != replace(other, printed="")


def to_earn(result: FunctionResult) -> float:
    """The points of the claims that wait for others."""
    return sum(
        outcome.max_points for outcome in result.outcomes if outcome.verdict == Verdict.WAITING
    )


def feedback(result: FunctionResult) -> str:
    """One function's feedback: its first finding in full, the others in a line each.

    Empty where there is nothing to say.
    """
    told = ordered(result)
    if not told:
        return ""
    first, *others = told
    lines = [headline(result), *textwrap.indent(_in_full(first), "  ").splitlines()]
    for other in others:
        lines += _folded(f"  also not yet: {in_short(other, beside=first)}", "    ")
    waiting = to_earn(result)
    if waiting:
        lines.append(f"  {points(waiting)} more can be earned once this holds")
    return "\n".join(lines)


def headline(result: FunctionResult) -> str:
    """A function's name, points and state."""
    of = f"{points(result.points)} / {points(result.max_points)}"
    return f"{result.name}    {of}    {result.state}"


def fault(finding: Finding) -> str:
    """What has failed in the grader, in a line: who writes the course is told all by `certify`."""
    return _clipped(finding.sentence.strip().split("\n")[-1])


def points(value: float) -> str:
    """Points as short as they can be written."""
    return f"{value:g}"


def _in_full(outcome: Outcome) -> str:
    finding = outcome.finding
    assert finding is not None
    if outcome.verdict == Verdict.INTERNAL:
        return f"{INTERNAL}\n{fault(finding)}"
    parts = []
    if finding.call:
        parts.append(_wrapped(f"Claim: {first_line(outcome.sentence)}"))
    if finding.call:
        parts += _call(finding)
    if finding.returned:
        parts.append(_labelled("returned", finding.returned))
    if finding.expected:
        parts.append(_labelled("expected", finding.expected))
    parts.append(_wrapped(finding.sentence.strip()))
    if finding.diagnosis:
        parts.append(_wrapped(f"Likely cause: {finding.diagnosis}"))
    elif finding.hint:
        parts.append(_wrapped(finding.hint))
    lines = [f"  {file}, line {line}:  {code}" for file, line, code in finding.lines]
    parts += [_clipped(line) for line in dict.fromkeys(lines)]
    parts += _printed(finding)
    return "\n".join(parts)


def in_short(outcome: Outcome, *, beside: Outcome) -> str:
    """The claim, and what is wrong where that can be understood without the input.

    Args:
        outcome: what to say.
        beside: what has been said in full.
    """
    finding, claim = outcome.finding, first_line(outcome.sentence)
    if finding is None or (beside.finding and finding.sentence == beside.finding.sentence):
        return claim
    seen = finding.kind in OF_FORM or (finding.kind == "value" and not finding.expected)
    return f"{claim} {as_sentence(finding.sentence)}" if seen else claim


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


def as_sentence(text: str) -> str:
    """The text with a capital letter and a full stop, unless its last line may be code."""
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?:" or "\n " in text else f"{text}."


def _wrapped(text: str) -> str:
    lines = []
    for line in as_sentence(text).splitlines()[:6]:
        lines += textwrap.wrap(line, _WIDTH, break_long_words=False, drop_whitespace=True) or [""]
    return "\n".join(lines)


def _printed(finding: Finding) -> list[str]:
    lines = printed_lines(finding)
    return ["Your code printed:", *(f"  | {line}" for line in lines)] if lines else []


def printed_lines(finding: Finding) -> list[str]:
    """The last lines of what the student's code printed."""
    lines = [_clipped(line) for line in finding.printed.splitlines() if line.strip()]
    return lines[-_PRINTED_LINES:]


def _clipped(line: str) -> str:
    return line if len(line) <= _WIDTH - 4 else f"{line[: _WIDTH - 8]} ..."


def first_line(text: str) -> str:
    """The first paragraph of a text, on one line."""
    return text.split("\n\n")[0].replace("\n", " ").strip()
