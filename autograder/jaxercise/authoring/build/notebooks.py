"""Notebooks as the engine writes them, wherever their cells come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def notebook_json(cells: Sequence[Any]) -> str:
    """A Python notebook of these cells, as JSON, valid by nbformat's schema.

    Args:
        cells: nbformat's, with the ids that they are to have.
    """
    import nbformat

    notebook: Any = nbformat.v4.new_notebook(
        cells=list(cells),
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return f"{nbformat.writes(notebook, version=4)}\n"
