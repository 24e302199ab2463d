"""The intake process: reads a submission's files and prints what it found as one JSON object.

Run apart from the judge because it parses what strangers wrote: a file that breaks the parser
breaks this process and no other. It follows no links and executes nothing.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from autograder.submission import cells

MAX_SOURCE = 1 << 20
MAX_NOTEBOOK = 20 << 20


def describe(path: Path) -> dict[str, Any]:
    """One file: its cells, what they define, and what is wrong with it.

    Returns:
        `cells` (list of sources), `functions` (name -> "stub" or "written"), `calls` (name ->
        names it uses), `problem` (a sentence, or None) and `readable`.
    """
    try:
        text = cells.decode(_read(path), path.name)
        if path.suffix == ".ipynb":
            sources = [
                cells.without_magics(source) for source in cells.notebook_cells(text, path.name)
            ]
        else:
            sources = cells.script_cells(text)
    except cells.UnreadableError as error:
        sources, readable = [], False
        problem: str | None = str(error)
    else:
        problem, readable = cells.first_problem(sources, path.name), True
    return {
        "cells": sources,
        "functions": cells.functions(sources),
        "calls": cells.calls(sources),
        "problem": problem,
        "readable": readable,
    }


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


def main() -> None:
    """Describe each path of the JSON list on standard input."""
    paths = [Path(path) for path in json.load(sys.stdin)]
    json.dump([describe(path) for path in paths], sys.stdout)
