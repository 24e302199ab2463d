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
from dataclasses import replace
from pathlib import Path
from typing import Any

from jaxercise.submission import fingerprints, magics, repairs, source_text, suspects
from jaxercise.submission.filenames import MAX_NOTEBOOK, MAX_SOURCE
from jaxercise.submission.notebooks import conflict_sides, read_notebook

#: Where in a notebook its list of cells begins, if it is one under another name.
_CELLS = re.compile(r'"(cells|nbformat)"\s*:')
_HEAD = 100_000


def describe(path: Path) -> dict[str, Any]:
    """One file: its cells, what they define, what is wrong with it, and what was mended.

    Returns:
        what a `sources.Source` says of it, by the same names.
    """
    readable = True
    try:
        text, about = _text(path)
        if path.suffix == ".ipynb":
            read = _notebook(text, path.name)
        elif _CELLS.search(text[:_HEAD]) and text.lstrip("\ufeff \t\n").startswith("{"):
            about.append(f"{path.name} is a notebook; it was read as one.")
            read = _notebook(text, path.name)
        else:
            read = _script(text, path.name)
    except source_text.UnreadableError as error:
        read, about, readable = repairs.Repaired([], problem=str(error)), [], False
    sources = read.sources
    return {
        "cells": sources,
        "functions": source_text.functions(sources),
        "calls": source_text.calls(sources),
        "digests": source_text.digests(sources),
        "problem": read.problem,
        "lost": read.lost,
        "readable": readable,
        "notes": about + read.notes,
        "look": suspects.places(sources, path.name),
        "prints": fingerprints.fingerprints(sources),
    }


def _notebook(text: str, name: str) -> repairs.Repaired:
    found, notes = read_notebook(text, name)
    damage = next((note for note in notes if name in note), None)
    mended = repairs.repaired_notebook(found, name)
    # What was left out of a broken cell is still a problem of the file.
    problem = source_text.first_problem(mended.sources, name) or damage or mended.problem
    return replace(mended, problem=problem, notes=notes + mended.notes)


def _script(text: str, name: str) -> repairs.Repaired:
    notes = []
    sides = conflict_sides(text)
    if sides is not None:
        # The side counts on which more has been written.
        states = (source_text.functions(source_text.script_cells(side)).values() for side in sides)
        written = [list(one).count("written") for one in states]
        text = sides[written.index(max(written))]
        notes.append(f"{name} holds git's conflict markers: one of the two sides was read.")
    state = repairs.repaired_script(source_text.script_cells(text), name)
    problem = source_text.first_problem(state.sources, name) or state.problem
    return replace(state, problem=problem, notes=notes + state.notes)


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
    sys.stdout.flush()
    os._exit(0)  # the judge waits, and an interpreter takes a while to take itself apart
