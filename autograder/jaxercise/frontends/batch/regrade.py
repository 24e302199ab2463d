"""Regrading: who changes, by which function, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaxercise.frontends.batch.handins import one_line
from jaxercise.frontends.batch.records import Record, Store
from jaxercise.frontends.reports.feedback import points


@dataclass(frozen=True)
class Change:
    """One student's change.

    Attributes:
        student: whose.
        before, after: the scores; None where there is none.
        functions: (name, points before, points after) of those that differ.
        anew: other files were handed in since.
    """

    student: str
    before: float | None
    after: float | None
    functions: tuple[tuple[str, float, float], ...]
    anew: bool

    @property
    def lower(self) -> bool:
        """The score goes down, or is lost."""
        return self.before is not None and (self.after is None or self.after < self.before)

    @property
    def sentence(self) -> str:
        parts = [
            f"{name} {points(before)} -> {points(after)}" for name, before, after in self.functions
        ]
        if self.anew:
            parts.append("other files were handed in")
        how = f": {', '.join(parts)}" if parts else ""
        arrow = f"{_score(self.before)} -> {_score(self.after)}"
        return f"{one_line(self.student)}  {arrow}{how}"


def change(student: str, before: Record | None, after: Record | None) -> Change | None:
    """How a record differs from an older one; None where points are the same."""
    was, now = _points(before), _points(after)
    functions = tuple(
        (name, was.get(name, 0.0), now.get(name, 0.0))
        for name in {**was, **now}
        if was.get(name, 0.0) != now.get(name, 0.0)
    )
    scores = tuple(None if one is None else one.score for one in (before, after))
    if not functions and scores[0] == scores[1]:
        return None
    anew = before is not None and after is not None and before.files != after.files
    return Change(student, scores[0], scores[1], functions, anew)


def changes_allowed(old: Store, new: Store, students: Sequence[str], *, allow_lower: bool) -> bool:
    """Print who changes from old results to new ones; True if these may be written."""
    gone = sorted({r.student for r in old.records()} - set(students))
    after = {student: new.record(student) for student in students} | dict.fromkeys(gone)
    changes = [
        one
        for student, record in after.items()
        if (one := change(student, old.record(student), record))
    ]
    seeds = [{r.seed for r in store.records() if r.seed is not None} for store in (new, old)]
    if seeds[0] != seeds[1]:
        told = [", ".join(map(str, sorted(one))) or "an unknown one" for one in seeds]
        print(f"The inputs differ: seed {told[0]} now, {told[1]} there (--grading-seed).")
    up = [one for one in changes if not one.lower]
    down = [one for one in changes if one.lower]
    _print("go up", up)
    _print("go down", down)
    same = len(students) + len(gone) - len(changes)
    print(f"{len(up)} up, {len(down)} down, {same} as before")
    if down and not allow_lower:
        print(
            f"Nothing is written: {len(down)} score(s) would go down. If that is right, run "
            "the same command with --allow-lower."
        )
        return False
    return True


def _print(title: str, changes: Sequence[Change]) -> None:
    if changes:
        print(f"Scores that {title}:")
        for one in changes:
            print(f"  {one.sentence}")


def _points(record: Record | None) -> dict[str, float]:
    if record is None or record.verdict != "graded":
        return {}
    return {result.name: result.points for result in record.results}


def _score(score: float | None) -> str:
    return "no score" if score is None else points(score)
