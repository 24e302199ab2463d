"""The intake process: reads a submission's files and prints what it found as one JSON object.

Run apart from the judge because it parses what strangers wrote: a file that breaks the parser
breaks this process and no other. It follows no links and executes nothing.
"""

from __future__ import annotations

import codecs
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from jaxercise.submission import cells, repairs
from jaxercise.submission.notebooks import conflict_sides, read_notebook

MAX_SOURCE = 1 << 20
MAX_NOTEBOOK = 20 << 20


def describe(path: Path) -> dict[str, Any]:
    """One file: its cells, what they define, what is wrong with it, and what was mended.

    Returns:
        `cells` (list of sources), `functions` (name -> "stub" or "written"), `calls` (name ->
        names it uses), `problem` (a sentence, or None), `readable` and `notes` (a sentence for
        each repair).
    """
    try:
        text = _text(path)
        if path.suffix == ".ipynb":
            sources, problem, notes = _notebook(text, path.name)
        else:
            sources, problem, notes = _script(text, path.name)
        readable = True
    except cells.UnreadableError as error:
        sources, problem, notes, readable = [], str(error), [], False
    return {
        "cells": sources,
        "functions": cells.functions(sources),
        "calls": cells.calls(sources),
        "problem": problem,
        "readable": readable,
        "notes": notes,
    }


def _notebook(text: str, name: str) -> tuple[list[str], str | None, list[str]]:
    found, notes = read_notebook(text, name)
    damage = next((note for note in notes if name in note), None)
    mended = repairs.repaired_notebook(found)
    # What was left out of a broken cell is still a problem of the file.
    problem = cells.first_problem(mended.sources, name) or damage
    if problem is None and mended.broken:
        problem = cells.first_problem(mended.broken, name)
    return mended.sources, problem, notes + mended.notes


def _script(text: str, name: str) -> tuple[list[str], str | None, list[str]]:
    notes = []
    sides = conflict_sides(text)
    if sides is not None:
        # The side counts on which more has been written.
        text = max(sides, key=lambda side: _written(cells.script_cells(side)))
        notes.append(f"{name} holds git's conflict markers: one of the two sides was read.")
    sources = cells.script_cells(text)
    problem = cells.first_problem(sources, name)
    repairs.drop_later_stubs(sources, notes)
    return sources, problem, notes


def _written(sources: list[str]) -> int:
    return list(cells.functions(sources).values()).count("written")


def _text(path: Path) -> str:
    data = _read(path)
    text = cells.decode(data, path.name)
    # In a script a byte order mark is allowed, in JSON it is not.
    marked = path.suffix == ".ipynb" and data.startswith(codecs.BOM_UTF8)
    return f"\ufeff{text}" if marked else text


def _read(path: Path) -> bytes:
    limit = MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_SOURCE
    try:
        # Neither follows a link nor waits for a writer where the name is a FIFO.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
    except OSError as error:
        what = "is a link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
        raise cells.UnreadableError(f"{path.name} {what}; hand in the file itself.") from None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise cells.UnreadableError(f"{path.name} is not a file.")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise cells.UnreadableError(
            f"{path.name} is larger than {limit >> 20} MiB; clear its outputs and save it again."
        )
    return data


def whole_notebook(path: Path) -> dict[str, Any]:
    """All cells of a notebook, and which functions each of them writes or at least defines."""
    try:
        found, notes = read_notebook(_text(path), path.name)
    except cells.UnreadableError as error:
        return {"cells": [], "notes": [], "problem": str(error)}
    listed = []
    for cell in found:
        code = cells.without_magics(cell.source) if cell.kind == "code" else cell.source
        listed.append(
            {
                "kind": cell.kind,
                "source": cell.source,
                "grade_id": cell.grade_id,
                "writes": sorted(repairs.written(repairs.tree(code))),
                "defines": sorted(cells.functions([code])),
            }
        )
    return {
        "cells": listed,
        "notes": notes + repairs.repaired_notebook(found).notes,
        "problem": None,
    }


def main() -> None:
    """Describe each path of the JSON list on standard input, or one notebook as a whole."""
    request = json.load(sys.stdin)
    if isinstance(request, dict):
        json.dump(whole_notebook(Path(request["notebook"])), sys.stdout)
    else:
        json.dump([describe(Path(path)) for path in request], sys.stdout)
