"""Solution markers: checked strictly before anything is cleared by them.

nbgrader finds markers as substrings and clears between them; a stray or misspelt one would leave
an answer in the released file without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_LIKE_A_MARKER = re.compile(r"\b(begin|end)\b.{0,3}\bsolution\b", re.IGNORECASE)


class BuildError(Exception):
    """A solution file that exercises cannot be made from; names file and line."""


@dataclass(frozen=True)
class Region:
    """A solution region: the lines of its markers, counted from 1."""

    first: int
    last: int


def regions(text: str, path: Path) -> list[Region]:
    """The solution regions of a file.

    Raises:
        BuildError: markers unbalanced, nested, misspelt, or not the end of a function.
    """
    found: list[Region] = []
    opened: int | None = None
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not _LIKE_A_MARKER.search(line):
            continue
        where = f"{path}:{number}"
        marker = line.strip()
        if marker not in (BEGIN, END):
            raise BuildError(
                f"{where}: looks like a solution marker; write {BEGIN!r} or {END!r}, alone on "
                "its line"
            )
        if not line[:1].isspace():
            raise BuildError(f"{where}: a solution marker stands inside a function, indented")
        if marker == BEGIN:
            if opened is not None:
                raise BuildError(f"{where}: a solution begins inside the one of line {opened}")
            opened = number
        elif opened is None:
            raise BuildError(f"{where}: a solution ends that has not begun")
        else:
            found.append(Region(opened, number))
            _check_end_of_function(lines, found[-1], where)
            opened = None
    if opened is not None:
        raise BuildError(f"{path}:{opened}: this solution does not end")
    return found


def _check_end_of_function(lines: list[str], region: Region, where: str) -> None:
    """What follows a region would be left below the `raise` of the stub."""
    indent = _indent(lines[region.first - 1])
    if _indent(lines[region.last - 1]) != indent:
        raise BuildError(f"{where}: the markers of a solution are indented alike")
    following = next((line for line in lines[region.last :] if line.strip()), "")
    if following and _indent(following) >= indent:
        raise BuildError(f"{where}: a solution goes to the end of its function; lines follow it")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
