"""The intake process: reads a submission's files and prints what it found as one JSON object.

Run apart from the judge because it parses what strangers wrote: a file that breaks the parser
breaks this process and no other. It follows no links and executes nothing.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

from jaxercise.submission import fingerprints, magics, repairs, source_text, suspects
from jaxercise.submission.filenames import MAX_NOTEBOOK, MAX_SOURCE
from jaxercise.submission.notebooks import conflict_sides, read_notebook

#: Where in a notebook its list of cells begins, if it is one under another name.
_CELLS = re.compile(r'"(cells|nbformat)"\s*:')
_HEAD = 100_000

#: The cells, what is wrong, what was mended, and why functions could not be read.
_Read = tuple[list[str], str | None, list[str], dict[str, str]]


def describe(path: Path) -> dict[str, Any]:
    """One file: its cells, what they define, what is wrong with it, and what was mended.

    Returns:
        what a `sources.Source` says of it, by the same names.
    """
    try:
        text, about = _text(path)
        if path.suffix == ".ipynb":
            sources, problem, notes, lost = _notebook(text, path.name)
        elif _CELLS.search(text[:_HEAD]) and text.lstrip("\ufeff \t\n").startswith("{"):
            sources, problem, notes, lost = _notebook(text, path.name)
            notes.insert(0, f"{path.name} is a notebook; it was read as one.")
        else:
            sources, problem, notes, lost = _script(text, path.name)
        notes = about + notes
        readable = True
    except source_text.UnreadableError as error:
        sources, problem, notes, lost, readable = [], str(error), [], {}, False
    return {
        "cells": sources,
        "functions": source_text.functions(sources),
        "calls": source_text.calls(sources),
        "digests": source_text.digests(sources),
        "problem": problem,
        "lost": lost,
        "readable": readable,
        "notes": notes,
        "look": suspects.places(sources, path.name),
        "prints": fingerprints.fingerprints(sources),
    }


def _notebook(text: str, name: str) -> _Read:
    found, notes = read_notebook(text, name)
    damage = next((note for note in notes if name in note), None)
    mended = repairs.repaired_notebook(found, name)
    # What was left out of a broken cell is still a problem of the file.
    problem = source_text.first_problem(mended.sources, name) or damage or mended.problem
    return mended.sources, problem, notes + mended.notes, mended.lost


def _script(text: str, name: str) -> _Read:
    notes = []
    sides = conflict_sides(text)
    if sides is not None:
        # The side counts on which more has been written.
        text = max(sides, key=lambda side: _written(source_text.script_cells(side)))
        notes.append(f"{name} holds git's conflict markers: one of the two sides was read.")
    state = repairs.repaired_script(source_text.script_cells(text), name)
    problem = source_text.first_problem(state.sources, name) or state.problem
    return state.sources, problem, notes + state.notes, state.lost


def _written(sources: list[str]) -> int:
    return list(source_text.functions(sources).values()).count("written")


def _text(path: Path) -> tuple[str, list[str]]:
    """A file's text, and what to say of how it is saved."""
    data = _read(path)
    text = source_text.decode(data, path.name)
    encoding = source_text.marked_encoding(data)
    if encoding:
        return text, [f"{path.name} is saved in {encoding.upper()}; Python itself reads UTF-8."]
    # In a script a byte order mark is allowed, in JSON it is not.
    marked = path.suffix == ".ipynb" and data.startswith(codecs.BOM_UTF8)
    return f"\ufeff{text}" if marked else text, []


def _read(path: Path) -> bytes:
    limit = MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_SOURCE
    try:
        # Neither follows a link nor waits for a writer where the name is a FIFO.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
    except OSError as error:
        what = "is a link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
        raise source_text.UnreadableError(f"{path.name} {what}; hand in the file itself.") from None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise source_text.UnreadableError(f"{path.name} is not a file.")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise source_text.UnreadableError(
            f"{path.name} is larger than {limit >> 20} MiB; clear its outputs and save it again."
        )
    return data


def whole_notebook(path: Path) -> dict[str, Any]:
    """All cells of a notebook, and which functions each of them writes or at least defines."""
    try:
        text, about = _text(path)
        found, notes = read_notebook(text, path.name)
    except source_text.UnreadableError as error:
        return {"cells": [], "notes": [], "problem": str(error)}
    listed = []
    for cell in found:
        code = magics.plain(cell.source) if cell.kind == "code" else cell.source
        listed.append(
            {
                "kind": cell.kind,
                "source": cell.source,
                "grade_id": cell.grade_id,
                "writes": sorted(repairs.written(repairs.tree(code))),
                "defines": sorted(source_text.functions([code])),
            }
        )
    return {
        "cells": listed,
        "notes": about + notes + repairs.repaired_notebook(found, path.name).notes,
        "problem": None,
    }


def main() -> None:
    """Describe each path of the JSON list on standard input, or one notebook as a whole."""
    request = json.load(sys.stdin)
    if isinstance(request, dict):
        json.dump(whole_notebook(Path(request["notebook"])), sys.stdout)
    else:
        json.dump([describe(Path(path)) for path in request], sys.stdout)
