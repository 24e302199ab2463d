"""`solutions/NN_topic.py` as nbgrader's source notebooks.

nbgrader's metadata follows from a convention. A cell with a solution region is a solution cell and
bears its function's name; below it stands a locked test cell, `test_` and that name, worth what the
function's claims are worth. So no cell header of a hundred columns has to be written by hand.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from jaxercise.authoring.build import without_hints
from jaxercise.authoring.build.markers import BEGIN, BuildError, regions
from jaxercise.authoring.build.notebooks import check_code, notebook_json
from jaxercise.claims.claims import Exercise

SCHEMA = 3
#: How a script's reader checks, and how a notebook's does.
_BY_COMMAND = re.compile(r"(\*\*Check your(?:self|\s+work:)\*\*)(?: with)? `pytest [^`]*`")
_BY_CELL = r"\1 with the cell below each function"


def test_id(function: str) -> str:
    """The `grade_id` of a function's test cell."""
    return f"test_{function}"


def points_of(exercise: Exercise) -> dict[str, float]:
    """The points of each function: the sum of its claims'."""
    points: dict[str, float] = {}
    for claim in exercise.claims:
        points[claim.function.name] = points.get(claim.function.name, 0.0) + claim.points
    return points


def source_notebook(path: Path, exercise: Exercise) -> str:
    """The notebook that nbgrader makes an assignment from, as JSON.

    Raises:
        BuildError: a marker is wrong, or a function that has claims has no solution cell.
    """
    import jupytext
    import nbformat

    text = path.read_text(encoding="utf-8")
    regions(text, path)
    notebook = without_hints(jupytext.reads(text, fmt="py:percent"))
    points = points_of(exercise)
    cells: list[Any] = []
    found: list[str] = []
    for cell in notebook.cells:
        cell.metadata = {}
        cell.source = _BY_COMMAND.sub(_BY_CELL, cell.source)
        cells.append(cell)
        if cell.cell_type != "code" or BEGIN not in cell.source:
            continue
        name = _solved(path, cell.source)
        cell.metadata["nbgrader"] = _metadata(name, solution=True)
        found.append(name)
        if name in points:
            test = nbformat.v4.new_code_cell(check_code(name))
            test.metadata["nbgrader"] = _metadata(test_id(name), points=points[name])
            cells.append(test)
    lacking = sorted(set(points) - set(found))
    if lacking:
        raise BuildError(f"{path}: no solution cell for {', '.join(lacking)}, which has claims")
    return notebook_json(cells)


def _solved(path: Path, source: str) -> str:
    lines = source.split("\n")
    names = [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and any(BEGIN in line for line in lines[node.lineno : node.end_lineno])
    ]
    if len(names) != 1:
        raise BuildError(f"{path}: give {', '.join(names) or 'each solution'} a cell of its own")
    return names[0]


def _metadata(name: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """nbgrader's metadata of a cell; a test cell is one that has points."""
    whole: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": name,
        "locked": points is not None,
        "schema_version": SCHEMA,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        whole["points"] = int(points) if points == int(points) else points
    return whole
