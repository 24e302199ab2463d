"""What handing in late costs, and dates that say who is late: one rule, whoever takes it off."""

from __future__ import annotations

import csv
import datetime
import io
import math
from dataclasses import dataclass
from pathlib import Path

_DAY = 24 * 60 * 60
#: How a date is written, for messages.
EXAMPLE = "2027-01-31T23:59:00+01:00"
_COLUMNS = ("student", "date")


class DateError(Exception):
    """A date, or a file of them, cannot be read; the message says what to do."""


@dataclass(frozen=True)
class LateRule:
    """Nothing for a while, then a share of the score for every day begun since the due date.

    Attributes:
        grace_minutes: how late one may be for nothing.
        percent_a_day: what a day costs, in percent of the score.
        at_most: no more than this is taken off, in percent of the score.
    """

    grace_minutes: float = 10
    percent_a_day: float = 10
    at_most: float = 100

    def share(self, seconds: float) -> float:
        """The share of the score that is taken off, from 0 to 1.

        Args:
            seconds: by how much it was late.
        """
        if seconds <= 60 * self.grace_minutes:
            return 0.0
        return min(math.ceil(seconds / _DAY) * self.percent_a_day, self.at_most, 100) / 100

    @property
    def sentence(self) -> str:
        """The rule for people."""
        most = f", at most {self.at_most:g} %" if self.at_most < 100 else ""
        return (
            f"Late work loses {self.percent_a_day:g} % of its points for each day begun{most}; "
            f"{self.grace_minutes:g} minutes cost nothing."
        )


def read_date(text: str) -> datetime.datetime:
    """A date with its time and its distance from UTC.

    Raises:
        DateError: it is none, or says no distance from UTC.
    """
    plain = text.strip()
    if plain.endswith(" UTC"):  # as nbgrader writes it
        plain = f"{plain[:-4]}+00:00"
    try:
        date = datetime.datetime.fromisoformat(plain)
    except ValueError:
        raise DateError(f"{text!r} is no date. Write it like {EXAMPLE}.") from None
    if date.tzinfo is None:
        raise DateError(
            f"{text!r} does not say its distance from UTC, so it is not known when that is. "
            f"Write it like {EXAMPLE}."
        )
    return date


def read_dates(path: Path) -> dict[str, datetime.datetime]:
    """A date for each of some students, from a CSV: the student, then the date.

    There may be a header. Where it names columns `student` and `date`, these count, else the first
    two do. Semicolons and tabulators part cells as well as commas.

    Raises:
        DateError: it cannot be read, or a student is there twice; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DateError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise DateError(f"{path} is no text in UTF-8. Save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    who, when = 0, 1
    dates: dict[str, datetime.datetime] = {}
    try:
        for number, cells in enumerate(reader):
            place = f"{path}, line {reader.line_num}"
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            lower = [cell.lower() for cell in row]
            if number == 0 and all(name in lower for name in _COLUMNS):
                who, when = map(lower.index, _COLUMNS)
                continue
            if len(row) <= max(who, when) or not row[who]:
                raise DateError(f"{place} has to hold a student and a date: ada,{EXAMPLE}")
            if number == 0 and not any(map(str.isdigit, row[when])):
                continue  # a header in other words
            if row[who] in dates:
                raise DateError(f"{place}: {row[who]} is there twice. Leave one line.")
            try:
                dates[row[who]] = read_date(row[when])
            except DateError as error:
                raise DateError(f"{place}: {error}") from None
    except csv.Error as error:
        raise DateError(f"{path}, line {reader.line_num}: {error}.") from None
    return dates
