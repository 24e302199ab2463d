"""Who of a class has handed in late, and what that takes off."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jaxercise.course_settings import CourseSettings
from jaxercise.frontends.batch.handins import Handin, one_line
from jaxercise.frontends.reports.feedback import points
from jaxercise.lateness import DateError, LateRule, read_date

_NAMED = 5


@dataclass(frozen=True)
class Lateness:
    """When one student has handed in, and what that costs.

    Attributes:
        submitted: when; None where nothing tells.
        due: when it had to be there, an extension included; None where that is not known.
        extended: there is an extension.
        flagged: the platform says that it was late.
        share: of the score that is taken off, from 0 to 1.
    """

    submitted: datetime.datetime | None = None
    due: datetime.datetime | None = None
    extended: bool = False
    flagged: bool = False
    share: float = 0.0

    @property
    def minutes(self) -> float | None:
        """By how much it was late, 0 where it was not; None where that is not known."""
        if self.submitted is None or self.due is None:
            return None
        return max(0.0, round((self.submitted - self.due).total_seconds() / 60, 2))

    @property
    def clock(self) -> str:
        """When it was handed in, by the clock by which it was due; empty where nothing tells."""
        if self.submitted is None:
            return ""
        zone = self.due.tzinfo if self.due is not None else None
        return self.submitted.astimezone(zone or self.submitted.tzinfo).isoformat(" ", "minutes")

    def after(self, score: float) -> float:
        """What is left of a score."""
        return score - score * self.share

    def sentence(self, score: float) -> str:
        """What a student is told about a score; empty where nothing is taken off."""
        if not self.share:
            return ""
        late, left = duration(self.minutes or 0), points(round(self.after(score), 4))
        return (
            f"It was handed in {late} late: {100 * self.share:g} % are taken off, and {left} of "
            f"{points(score)} points count."
        )


@dataclass(frozen=True)
class Deadline:
    """When a class had to hand in, and when it did.

    Attributes:
        rule: what lateness costs.
        due: for all; None where lateness does not count.
        extensions: other dates, by student.
        submitted: when it was handed in, by student, where that is told apart from the download.
    """

    rule: LateRule
    due: datetime.datetime | None = None
    extensions: Mapping[str, datetime.datetime] = field(default_factory=dict)
    submitted: Mapping[str, datetime.datetime] = field(default_factory=dict)

    def of(self, handin: Handin) -> Lateness:
        """What a student's time of handing in costs."""
        submitted = self.submitted.get(handin.student) or _time(handin.timestamp)
        extension = self.extensions.get(handin.student)
        due = self.due
        if due is not None and extension is not None:
            due = max(due, extension)
        told = Lateness(submitted, due, due != self.due, handin.late)
        return replace(told, share=self.rule.share(60 * told.minutes)) if told.minutes else told

    def notes(self, handins: Sequence[Handin]) -> list[str]:
        """What is to be told about it before grading."""
        if self.due is None:
            return []
        told = [f"Due {self.due.isoformat()}. {self.rule.sentence}"]
        early = [name for name, date in self.extensions.items() if date <= self.due]
        if early:
            told.append(f"Extensions that end no later than that: of {named(early)}.")
        unknown = [one for one in handins if self.of(one).submitted is None]
        if unknown:
            flagged = [one.student for one in unknown if one.late]
            marked = f" Marked as late by the platform: {named(flagged)}." if flagged else ""
            told.append(
                f"When it was handed in is not known of {len(unknown)} "
                f"({named([one.student for one in unknown])}): nothing is taken off.{marked} "
                "--submitted-at FILE tells it."
            )
        return told


def due_date(
    settings: CourseSettings, exercises: Sequence[str], assignment: str
) -> tuple[datetime.datetime | None, str]:
    """When what is graded is due, by the course's settings; and a sentence where that is unclear.

    Args:
        settings: the course's.
        exercises: those that are graded.
        assignment: the one that was asked for; may be empty.
    """
    if assignment in settings.dates:
        return settings.dates[assignment], ""
    dates = {_due(settings, name) for name in exercises}
    if len(dates) == 1:
        return dates.pop(), ""
    return None, (
        "What is graded is not all due at the same time, so lateness does not count. "
        "Name one --assignment, or a date: --due DATE."
    )


def _due(settings: CourseSettings, exercise: str) -> datetime.datetime | None:
    names = (exercise, *(name for name, of in settings.assignments.items() if exercise in of))
    return next((settings.dates[name] for name in names if name in settings.dates), None)


def by_student(
    dates: Mapping[str, datetime.datetime], handins: Sequence[Handin], file: str
) -> tuple[dict[str, datetime.datetime], list[str]]:
    """Dates by the students' names here, and a note on those whose they are not.

    Args:
        dates: by a student's name here, or by the platform's number, name or address.
        handins: the class.
        file: where the dates stand, for messages.

    Raises:
        DateError: a name could be that of several students.
    """
    known: dict[str, set[str]] = {}
    for one in handins:
        for name in (one.student, *(one.identity.get(key, "") for key in ("id", "name", "email"))):
            known.setdefault(name.casefold(), set()).add(one.student)
    students = {one.student for one in handins}
    found: dict[str, datetime.datetime] = {}
    unknown = []
    for name, date in dates.items():
        whose = {name} if name in students else known.get(name.casefold(), set())
        if len(whose) > 1:
            raise DateError(
                f"{file}: {one_line(name)} may be {named(sorted(whose))}. Write one of these."
            )
        if not whose:
            unknown.append(name)
        for student in whose:
            if student in found:
                raise DateError(f"{file}: {one_line(student)} is there twice. Leave one line.")
            found[student] = date
    notes = [f"{file}: nobody here is {named(unknown)}."] if unknown else []
    return found, notes


def named(names: Sequence[str]) -> str:
    """Some names on one line."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(map(one_line, names[:_NAMED]))}{more}"


def duration(minutes: float) -> str:
    """A time for people, in its two largest units, and never too little: `2 days 4 h`."""
    whole = -int(-minutes // 1)
    days, hours, rest = whole // 1440, whole // 60 % 24, whole % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (rest, "min")]
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2]) or "0 min"


def _time(timestamp: str) -> datetime.datetime | None:
    """When a download says that something was handed in."""
    if not timestamp:
        return None
    try:
        return read_date(timestamp)
    except DateError:
        from nbgrader.utils import parse_utc  # other forms, read as nbgrader reads them
    try:
        return parse_utc(timestamp).replace(tzinfo=datetime.UTC)  # type: ignore[no-any-return]
    except (ValueError, OverflowError):
        return None
