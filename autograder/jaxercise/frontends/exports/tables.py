"""Tables as CSV: one for analysis, and those that learning platforms import.

A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula, also where these are
full-width or small or stand behind blanks. Whatever is text here and begins so gets an apostrophe
in front, which spreadsheets read as "this is text". Control characters, those among them that turn
the direction of what follows, become blanks.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from jaxercise.files import write_whole
from jaxercise.frontends.exports.rows import Row
from jaxercise.sandboxed.texts import printable

Cell = str | int | float | None
_FORMULA = ("=", "+", "-", "@", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class Gradebook:
    """One student's line in a learning platform's gradebook.

    Attributes:
        student: the login or id by which the platform finds the student.
        scores: assignment -> score; None where there is none yet, which changes nothing there.
        first, last, email, number: the name, the address and the platform's own number.
        comments: assignment -> a word of feedback.
    """

    student: str
    scores: dict[str, float | None]
    first: str = ""
    last: str = ""
    email: str = ""
    number: str = ""
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`Last, First`; the id where no name is known."""
        return ", ".join(part for part in (self.last, self.first) if part) or self.student


def tidy_table(rows: Iterable[Row]) -> list[list[Cell]]:
    """A header, then one line a student and function."""
    return [[one.name for one in fields(Row)], *(list(astuple(row)) for row in rows)]


def canvas_table(lines: Sequence[Gradebook], possible: dict[str, float]) -> list[list[Cell]]:
    """Canvas' gradebook: five columns on the student, one an assignment, points in the second line.

    Args:
        lines: the students.
        possible: assignment -> the points that can be earned, in the order of the columns.
    """
    head: list[Cell] = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *possible]
    points: list[Cell] = ["    Points Possible", "", "", "", "", *possible.values()]
    return [
        head,
        points,
        *(
            [line.name, line.number, "", line.student, "", *map(line.scores.get, possible)]
            for line in lines
        ),
    ]


def moodle_table(lines: Sequence[Gradebook], possible: dict[str, float]) -> list[list[Cell]]:
    """Moodle's grade import: username, email, then a score and a feedback column an assignment.

    Moodle overwrites the feedback of an assignment with that of the file, so both are given.
    """
    head: list[Cell] = ["username", "firstname", "lastname", "email"]
    for name in possible:
        head += [name, f"{name} (feedback)"]
    table = [head]
    for line in lines:
        cells: list[Cell] = [line.student, line.first, line.last, line.email]
        for name in possible:
            cells += [line.scores.get(name), line.comments.get(name, "")]
        table.append(cells)
    return table


def table_text(table: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in line] for line in table)
    return text.getvalue()


def write_table(path: Path, table: Iterable[Sequence[Cell]]) -> None:
    """Write a table as CSV in UTF-8, whole or not at all; what has no such form becomes `?`.

    Raises:
        OSError: it cannot be written; an old file is still there.
    """
    write_whole(path, table_text(table).encode(errors="replace"))


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.encode(errors="replace").decode()  # a file's name may be no UTF-8
        plain = printable(text).replace("\n", " ")
        # What is no number and would be obeyed is made a text; the padding of Canvas stays.
        first = unicodedata.normalize("NFKC", plain).lstrip()
        return f"'{plain}" if first.startswith(_FORMULA) else plain
    if isinstance(value, int):
        return str(value)
    return f"{value:g}" if value == round(value, 4) else repr(value)
