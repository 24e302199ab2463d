"""The class in numbers, gathered record by record, so that a large course fits into memory."""

from __future__ import annotations

import datetime
import functools
import statistics
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from jaxercise.frontends.batch.handins import one_line
from jaxercise.frontends.batch.lateness import Lateness
from jaxercise.frontends.batch.records import Record
from jaxercise.frontends.batch.report.equal_code import EqualCode, Likeness
from jaxercise.frontends.exports.rows import misconception_of
from jaxercise.frontends.reports.feedback import points

#: What time goes into, in the order in which it does.
STEPS = {
    "read": "reading the files",
    "start": "starting workers",
    "load": "loading the files",
    "compile": "first calls: tracing and compiling",
    "call": "later calls",
    "diagnose": "naming misconceptions",
    "judge": "judging: drawing, references, comparing",
}
_SLOWEST = 10
_TOLD = 20


@dataclass
class Function:
    """A function across the class."""

    max_points: float
    states: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> float:
        """The share of the graded submissions in which it is right."""
        return self.states["done"] / max(1, self.states.total())


@dataclass
class Held:
    """A misconception across the class."""

    function: str
    name: str
    text: str
    students: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    student: str
    score: float | None
    max_points: float
    seconds: float
    verdict: str
    problem: str
    lateness: Lateness


class Summary:
    """Scores, functions, misconceptions, and where the time went."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.functions: dict[str, Function] = {}
        self.misconceptions: dict[tuple[str, str], Held] = {}
        self.timings: Counter[str] = Counter()
        self.missing: list[str] = []
        self.unsandboxed = 0
        self.seeds: set[int] = set()
        self.notes: list[tuple[str, str]] = []
        self.look: list[tuple[str, str]] = []
        self.earned: list[dict[str, float]] = []
        self.likeness = Likeness()

    def add(self, record: Record, lateness: Lateness) -> None:
        """Count a record in, with when it was handed in."""
        self.lines.append(
            Line(
                record.student,
                record.score,
                record.max_points,
                record.seconds,
                record.verdict,
                record.problem,
                lateness,
            )
        )
        self.unsandboxed += not record.sandbox
        self.seeds |= set() if record.seed is None else {record.seed}
        self.notes += [(record.student, note) for note in record.notes]
        self.look += [(record.student, place) for place in record.look]
        self.timings.update(record.timings)
        if record.verdict != "graded":
            return
        self.likeness.add(record.student, record.prints, record.identity.get("submission", ""))
        self.earned.append({result.name: result.points for result in record.results})
        for result in record.results:
            function = self.functions.setdefault(result.name, Function(result.max_points))
            function.states[result.state] += 1
            name = misconception_of(result)
            if name:
                told = next(
                    one.finding.diagnosis
                    for one in result.outcomes
                    if one.finding is not None and one.finding.misconception == name
                )
                held = self.misconceptions.setdefault(
                    (result.name, name), Held(result.name, name, told)
                )
                held.students.append(record.student)

    @property
    def scores(self) -> list[float]:
        return [line.score for line in self.lines if line.score is not None]

    @property
    def max_points(self) -> float:
        return sum(function.max_points for function in self.functions.values())

    @property
    def broken(self) -> list[Line]:
        """Those without a score."""
        return [line for line in self.lines if line.score is None]

    @functools.cached_property
    def alike(self) -> list[EqualCode]:
        return self.likeness.pairs()

    @property
    def times(self) -> dict[str, datetime.datetime]:
        """When each student has handed in, as far as is known."""
        return {
            line.student: line.lateness.submitted
            for line in self.lines
            if line.lateness.submitted is not None
        }

    @property
    def slowest(self) -> list[Line]:
        return sorted(self.lines, key=lambda line: -line.seconds)[:_SLOWEST]

    @property
    def most_held(self) -> list[Held]:
        """Misconceptions by how many hold them."""
        held = self.misconceptions.values()
        return sorted(held, key=lambda one: (-len(one.students), one.function, one.name))

    @property
    def late(self) -> str:
        """A sentence on what lateness takes off; empty where nothing is due at a time."""
        if not any(line.lateness.due for line in self.lines):
            return ""
        off = [
            line.score * line.lateness.share
            for line in self.lines
            if line.score is not None and line.lateness.share
        ]
        late = sum(1 for line in self.lines if line.lateness.minutes)
        return (
            f"{late} handed in late; {points(round(sum(off), 4))} points are taken off "
            f"{len(off)} of the scores, which are told here as they were before."
        )

    @property
    def graded_with(self) -> str:
        """A sentence on the seed."""
        seeds = ", ".join(map(str, sorted(self.seeds)))
        return f"Graded with seed {seeds}: keep it from students." if seeds else ""

    @property
    def warning(self) -> str:
        """What has to be said where student code ran without a sandbox; empty elsewhere."""
        if not self.unsandboxed:
            return ""
        whose = "All" if self.unsandboxed == len(self.lines) else f"{self.unsandboxed}"
        return (
            f"{whose} of these submissions ran without a sandbox around student code "
            "(--unsafe-no-sandbox): these scores are as trustworthy as the students."
        )

    def text(self, report: Path) -> str:
        lines = [f"{len(self.lines)} submissions: {len(self.scores)} scores, "
                 f"{len(self.broken)} without a score"]  # fmt: skip
        if self.scores:
            low, high = min(self.scores), max(self.scores)
            lines.append(
                f"scores from {points(low)} to {points(high)} of {points(self.max_points)}, "
                f"median {points(statistics.median(self.scores))}, "
                f"mean {statistics.fmean(self.scores):.1f}"
            )
        if self.late:
            lines.append(self.late)
        missed = ((name, one) for name, one in self.functions.items() if one.done < 1)
        hardest = sorted(missed, key=lambda item: item[1].done)[:3]
        if hardest:
            told = ", ".join(f"{name} ({one.done:.0%})" for name, one in hardest)
            lines.append(f"least often right: {told}")
        for held in self.most_held[:3]:
            count = len(held.students)
            lines.append(f"held by {count}: {held.name} in {held.function}")
        for line in self.broken[:_TOLD]:
            problem = one_line(line.problem.strip())[:200]
            lines.append(f"  {one_line(line.student)}: {line.verdict}: {problem}")
        if len(self.broken) > _TOLD:
            lines.append(f"  and {len(self.broken) - _TOLD} more without a score")
        for student, note in self.notes[:_TOLD]:
            lines.append(f"  {one_line(student)}: {one_line(note)[:200]}")
        if len(self.notes) > _TOLD:
            lines.append(f"  and {len(self.notes) - _TOLD} more remarks, on the students' pages")
        if self.look:
            count = len({student for student, _ in self.look})
            lines.append(
                f"places to look at in {count} submission(s), which prove nothing: in the report"
            )
        if self.alike:
            lines.append(
                f"code alike in {len(self.alike)} pair(s) of submissions, beyond what chance "
                "explains, which proves nothing: in the report"
            )
        if self.missing:
            named = ", ".join(map(one_line, self.missing[:5]))
            lines.append(
                f"{len(self.missing)} changed while they were graded ({named}): run it again"
            )
        if self.warning:
            lines.append(self.warning)
        if self.graded_with:
            lines.append(self.graded_with)
        lines.append(f"report: {report}")
        return "\n".join(lines)
