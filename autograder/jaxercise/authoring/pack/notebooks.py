"""Exercises as notebooks, each function followed by a cell that checks it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jaxercise.authoring.build.notebooks import check_code, notebook_json


def notebook_text(script: str, functions: Collection[str]) -> str:
    """An exercise's script as a notebook; the same script gives the same text.

    Args:
        script: in jupytext's percent format.
        functions: the names of those that have to be written.
    """
    import jupytext
    import nbformat

    notebook: Any = jupytext.reads(script, fmt="py:percent")
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        for name in functions:
            if cell.cell_type == "code" and f"\ndef {name}(" in f"\n{cell.source}":
                cells.append(nbformat.v4.new_code_cell(check_code(name)))
    cells.append(nbformat.v4.new_markdown_cell("## How far are you?"))
    cells.append(nbformat.v4.new_code_cell("from jaxercise import check_all\n\ncheck_all()"))
    return notebook_json(cells)
