"""What a course's pyproject.toml may say under `[tool.jaxercise]`, all of it optional.

    [tool.jaxercise]
    title = "Networks in JAX"
    hints = "after-attempt"                      # or "always" (the default), or "never"
    drop = ["02_layers", "01_neurons.plot"]      # exercises or functions that are not graded
    ask = false                                  # no answers to inputs of students' own

    [tool.jaxercise.points]                      # instead of what the claims say
    "01_neurons.weigh" = 4

    [tool.jaxercise.assignments]
    week1 = ["01_neurons"]

    [tool.jaxercise.dates]                       # of assignments or exercises
    week1 = 2027-01-31T23:59:00+01:00

    [tool.jaxercise.late]                        # what handing in late costs, and else these
    grace-minutes = 10
    percent-a-day = 10
    at-most = 100

The claims stay as they are written: this lies over them, and every frontend follows it.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxercise.lateness import EXAMPLE, DateError, LateRule, read_date

_KEYS = ("title", "points", "drop", "assignments", "dates", "late", "ask", "hints")
_LATE = {"grace-minutes": "grace_minutes", "percent-a-day": "percent_a_day", "at-most": "at_most"}
#: When students get hints that they ask for.
ALWAYS, AFTER_ATTEMPT, NEVER = HINTS = "always", "after-attempt", "never"
#: Points come in quarters, as those of claims do.
QUARTER = 0.25


class CourseError(Exception):
    """There is no course, or it cannot be read; the message says what to do."""


@dataclass(frozen=True)
class CourseSettings:
    """The settings of a course.

    Attributes:
        title: what it is called; empty for no name.
        points: by function, `NN_topic.function`: what it is worth.
        drop: exercises and functions that are not graded.
        assignments: by name, the exercises that are handed in together.
        dates: by assignment or exercise, when it is due.
        late: what handing in later costs.
        ask: students may ask what is due for inputs of their own.
        hints: when there are any: ALWAYS, AFTER_ATTEMPT of the function, NEVER.
    """

    title: str = ""
    points: Mapping[str, float] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    assignments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: Mapping[str, datetime.datetime] = field(default_factory=dict)
    late: LateRule = field(default_factory=LateRule)
    ask: bool = True
    hints: str = ALWAYS

    @classmethod
    def read(cls, path: Path, exercises: Collection[str]) -> CourseSettings:
        """The settings in a file; none where there is none.

        Args:
            path: the course's pyproject.toml.
            exercises: all exercises of the course.

        Raises:
            CourseError: something is misspelt or of the wrong type. Whether an exercise has the
                functions that are named shows when it is loaded.
        """
        try:
            whole = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise CourseError(f"{path} cannot be read: {error}") from None
        table = whole.get("tool", {}).get("jaxercise", {})
        return _Reader(path, exercises).settings(table)

    @property
    def deciding(self) -> str:
        """What of it decides a score, as a text."""
        return repr((sorted(self.points.items()), sorted(self.drop)))

    def about(self, exercise: str) -> tuple[dict[str, float], set[str]]:
        """For an exercise: the points by function, and the functions that are dropped."""
        head = f"{exercise}."
        points = {n.removeprefix(head): p for n, p in self.points.items() if n.startswith(head)}
        return points, {name.removeprefix(head) for name in self.drop if name.startswith(head)}

    def table(self, exercises: Collection[str]) -> dict[str, Any]:
        """As a table of TOML's, with what is about some exercises alone."""
        points: dict[str, dict[str, float]] = {}
        for name, value in self.points.items():
            exercise, _, function = name.partition(".")
            if exercise in exercises:
                points.setdefault(exercise, {})[function] = value
        assignments = {
            name: kept
            for name, chosen in self.assignments.items()
            if (kept := [one for one in chosen if one in exercises])
        }
        known = {*assignments, *exercises}
        dates = {name: date.isoformat() for name, date in self.dates.items() if name in known}
        late = {
            name: getattr(self.late, attribute)
            for name, attribute in _LATE.items()
            if getattr(self.late, attribute) != getattr(LateRule(), attribute)
        }
        drop = sorted(name for name in self.drop if name.partition(".")[0] in exercises)
        whole = {
            "title": self.title, "drop": drop, "points": points, "assignments": assignments,
            "dates": dates, "late": late, "hints": "" if self.hints == ALWAYS else self.hints,
        }  # fmt: skip
        return {name: value for name, value in whole.items() if value} | (
            {} if self.ask else {"ask": False}
        )


class _Reader:
    """Reads a table, and says what is wrong with it.

    Args:
        path: where it stands, for messages.
        exercises: all exercises of the course.
    """

    def __init__(self, path: Path, exercises: Collection[str]) -> None:
        self._path = path
        self._exercises = exercises

    def settings(self, table: Any) -> CourseSettings:
        self._known("key", table if isinstance(table, dict) else [table], _KEYS)
        title = table.get("title", "")
        if not isinstance(title, str):
            raise self._error("title", "has to be a text")
        ask = table.get("ask", True)
        if not isinstance(ask, bool):
            raise self._error("ask", "has to be true or false")
        hints = table.get("hints", ALWAYS)
        self._known("choice", [hints], HINTS, "hints")
        assignments = {
            name: tuple(self._exercise_names(f"assignments.{name}", chosen))
            for name, chosen in self._table(table, "assignments").items()
        }
        drop = self._texts("drop", table.get("drop", []))
        self._known("exercise", [name.partition(".")[0] for name in drop], self._exercises, "drop")
        if set(self._exercises) <= set(drop):
            raise self._error("drop", "leaves no exercise")
        return CourseSettings(
            title,
            dict(self._points(self._table(table, "points"))),
            frozenset(drop),
            assignments,
            self._dates(self._table(table, "dates"), assignments),
            self._late(self._table(table, "late")),
            ask,
            hints,
        )

    def _points(self, table: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
        for name, value in table.items():
            if isinstance(value, dict):  # TOML reads 01_topic.function = 4 so without quotes
                yield from self._points({f"{name}.{key}": one for key, one in value.items()})
                continue
            exercise, _, function = name.partition(".")
            self._known("exercise", [exercise], self._exercises, "points")
            if not function or "." in function:
                raise self._error("points", f'names no function in {name}: write "NN_topic.name"')
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < 1e6 or value % QUARTER:
                raise self._error(f"points of {name}", "have to be a number of quarters above 0")
            yield name, float(value)

    def _dates(
        self, table: Mapping[str, Any], assignments: Collection[str]
    ) -> dict[str, datetime.datetime]:
        self._known("assignment or exercise", table, [*assignments, *self._exercises], "dates")
        return {name: self._date(f"dates.{name}", value) for name, value in table.items()}

    def _date(self, where: str, value: Any) -> datetime.datetime:
        try:
            date = read_date(value) if isinstance(value, str) else value
        except DateError:
            date = None
        if not isinstance(date, datetime.datetime) or date.tzinfo is None:
            raise self._error(
                where, f"has to be a date, a time and its distance from UTC: {EXAMPLE}"
            )
        return date

    def _late(self, table: Mapping[str, Any]) -> LateRule:
        self._known("key", table, _LATE, "late")
        for name, value in table.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            most = 1e6 if name == "grace-minutes" else 100
            if not number or not 0 <= value <= most:
                raise self._error(f"late.{name}", f"has to be a number from 0 to {most:g}")
        return LateRule(**{_LATE[name]: value for name, value in table.items()})

    def _exercise_names(self, where: str, value: Any) -> list[str]:
        names = self._texts(where, value)
        self._known("exercise", names, self._exercises, where)
        return names

    def _texts(self, where: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._error(where, 'has to be a list of names: ["01_topic"]')
        return value

    def _table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = table.get(name, {})
        if not isinstance(found, dict):
            raise self._error(name, f"has to be a table: [tool.jaxercise.{name}]")
        return found

    def _known(
        self, what: str, names: Iterable[Any], known: Iterable[str], where: str = ""
    ) -> None:
        unknown = [str(name) for name in names if name not in known]
        if unknown:
            there = ", ".join(known)
            raise self._error(where, f"knows no {what} {', '.join(unknown)}; there are {there}")

    def _error(self, where: str, why: str) -> CourseError:
        place = f"[tool.jaxercise] {where}".rstrip()
        return CourseError(f"{self._path}: {place} {why}")
