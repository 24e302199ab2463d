"""The cells of a notebook, also of one that is damaged.

Runs in the intake process. What can be read is read, and a sentence says what had to be mended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxercise.submission.filenames import MAX_SOURCE
from jaxercise.submission.magics import plain
from jaxercise.submission.source_text import UnreadableError, functions

_CELLS = re.compile(r'"cells"\s*:\s*\[')
_SOURCE = re.compile(r'"(?:source|input)"\s*:\s*(?=["\[])')
_KIND = re.compile(r'"cell_type"\s*:\s*"(code|markdown|raw)"')
_CONFLICT = re.compile(
    r"^<{7}[^\n]*\n(?P<ours>.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}[^\n]*\n(?P<theirs>.*?)^>{7}[^\n]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Cell:
    """A notebook's cell.

    Attributes:
        kind: `code`, `markdown` or `raw`.
        source: its text.
        grade_id: nbgrader's name for it; empty where it has none.
    """

    kind: str
    source: str
    grade_id: str = ""


def read_notebook(text: str, name: str) -> tuple[list[Cell], list[str]]:
    """The cells of a notebook in their order, and what had to be mended to get them.

    Raises:
        UnreadableError: not a notebook, or nothing of it is left.
    """
    notes: list[str] = []
    if text.startswith("\ufeff"):
        text = text.lstrip("\ufeff")
        notes.append("The file begins with a byte order mark; it was read without it.")
    if not text.strip():
        raise UnreadableError(
            f"{name} is empty. Open it in Jupyter, save it again, and hand in that file."
        )
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        notebook, note = _salvaged(text)
        if notebook is None and len(text) <= MAX_SOURCE and functions([plain(text)]):
            return [Cell("code", text)], ["The file is a script; it was read as one."]
        if notebook is None:
            raise UnreadableError(
                f"{name} is not a notebook: it is not valid JSON ({error}). "
                "Open it in Jupyter, save it again, and hand in that file."
            ) from None
        notes.append(f"{name} {note}")
    found = _raw_cells(notebook)
    if found is None:
        raise UnreadableError(f"{name} is JSON, but not a notebook: it has no list of cells.")
    notes += _about_form(notebook)
    cells = [_cell(one) for one in found if isinstance(one, dict)]
    return cells, notes + _about_cells(cells)


def conflict_sides(text: str) -> tuple[str, str] | None:
    """The two texts that lines with git's conflict markers stand between; None without any."""
    if not _CONFLICT.search(text):
        return None
    return _CONFLICT.sub(_side("ours"), text), _CONFLICT.sub(_side("theirs"), text)


def _side(name: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[name]


def _salvaged(text: str) -> tuple[Any, str]:
    """A notebook from JSON that is broken, and what was done; None where nothing is to be had."""
    sides = conflict_sides(text)
    if sides is not None:
        for side, said in zip(sides, ("above", "below"), strict=True):
            try:
                return json.loads(side), (
                    f"holds git's conflict markers: what stands {said} each line of = was read."
                )
            except (ValueError, RecursionError):
                continue
    start = _CELLS.search(text)
    if start is None:
        return None, ""
    cells, position = _cells_before_the_damage(text, start.end())
    more = _sources_behind_the_damage(text, position)
    if not cells and not more:
        return None, ""
    return {"cells": cells + more}, (
        f"is damaged or cut off after its cell {len(cells)}: what could still be read was read."
    )


def _cells_before_the_damage(text: str, position: int) -> tuple[list[Any], int]:
    decoder = json.JSONDecoder()
    cells: list[Any] = []
    while True:
        position += len(text[position:]) - len(text[position:].lstrip(" \t\r\n,"))
        try:
            cell, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return cells, position
        cells.append(cell)


def _sources_behind_the_damage(text: str, position: int) -> list[Any]:
    """The cells' texts that are whole, though the cells around them are not."""
    decoder, cells = json.JSONDecoder(), []
    for found in _SOURCE.finditer(text, position):
        try:
            source, _ = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        kinds = _KIND.findall(text, position, found.start())
        cells.append({"cell_type": kinds[-1] if kinds else "code", "source": source})
    return cells


def _raw_cells(notebook: Any) -> list[Any] | None:
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [_raw_cells(sheet) or [] for sheet in notebook["worksheets"]]
        cells = [cell for sheet in sheets for cell in sheet]
    return cells if isinstance(cells, list) else None


def _cell(raw: dict[str, Any]) -> Cell:
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        parts = [part for part in source if isinstance(part, str)]
        # Some programs leave the ends of lines out.
        source = ("" if any(part.endswith("\n") for part in parts) else "\n").join(parts)
    metadata = raw.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = ours.get("grade_id") if isinstance(ours, dict) else None
    kind = raw.get("cell_type")
    return Cell(
        kind if kind in ("code", "raw") else "markdown",
        source if isinstance(source, str) else "",
        grade_id if isinstance(grade_id, str) else "",
    )


def _about_form(notebook: dict[str, Any]) -> list[str]:
    notes = []
    if "worksheets" in notebook and "cells" not in notebook:
        notes.append("The notebook is saved in an old format (3); it was read all the same.")
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    language = kernel.get("language", "python") if isinstance(kernel, dict) else "python"
    if language != "python":
        notes.append("The notebook names a kernel that is not Python's; it was read as Python.")
    return notes


def _about_cells(cells: list[Cell]) -> list[str]:
    ids = [cell.grade_id for cell in cells if cell.grade_id]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if not twice:
        return []
    listing = ", ".join(name[:40] for name in twice[:5])
    return [f"These cells are there more than once: {listing}."]
