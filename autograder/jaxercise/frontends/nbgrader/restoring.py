"""Giving the cells of a submitted notebook their roles again, by the functions they hold."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from jaxercise.frontends.nbgrader.reading import HOLDS, SAID, about_file


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Finds each cell that nbgrader knows, wherever it is now, and adds those that are gone.

    nbgrader goes by metadata, which get lost, copied and mixed up. Here a solution cell is the last
    one that writes its function. Metadata come from the gradebook, not from the submission.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Restore one notebook, if it was read by the intake."""
        if SAID not in nb.metadata:
            return nb, resources
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            solutions = {cell.name for cell in notebook.solution_cells}
            tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
            worth = points | tasks
            known = [
                (
                    {
                        "grade": source.name in points,
                        "grade_id": source.name,
                        "locked": source.locked,
                        "solution": source.name in solutions,
                        "task": source.name in tasks,
                        "checksum": source.checksum,
                        "cell_type": source.cell_type,
                        "schema_version": 3,
                    }
                    | ({"points": worth[source.name]} if source.name in worth else {}),
                    source.source,
                )
                for source in notebook.source_cells
            ]
        nb.cells, changed = restored(nb.cells, known)
        said = [*nb.metadata.pop(SAID), *changed]
        if said:
            nb.cells.insert(0, about_file(said))
        for number, cell in enumerate(nb.cells):
            cell["id"] = f"cell-{number}"
        return nb, resources


def restored(
    cells: list[Any], known: list[tuple[dict[str, Any], str]]
) -> tuple[list[Any], list[str]]:
    """The cells, each known one there once, and a sentence for each test cell that was edited.

    Args:
        cells: those of a submission, with what each holds under `HOLDS`.
        known: for each cell that nbgrader knows, its metadata and its text, in order.
    """
    holds = {id(cell): cell.metadata.pop(HOLDS, {}) for cell in cells}
    found: dict[str, Any] = {}
    # Solutions first: a cell that holds a function is no test cell, whatever it is called.
    for metadata, _ in sorted(known, key=lambda one: not one[0]["solution"]):
        taken = {id(cell) for cell in found.values()}
        free = [cell for cell in cells if id(cell) not in taken]
        cell = _find(metadata, free, holds)
        if cell is not None:
            found[metadata["grade_id"]] = cell
    result = list(cells)
    after, said = -1, []
    for number, (metadata, source) in enumerate(known):
        name = metadata["grade_id"]
        old = found.get(name)
        make = new_markdown_cell if metadata["cell_type"] == "markdown" else new_code_cell
        if old is None:
            text = f"# There was no cell with {name}." if metadata["solution"] else source
            cell = make(text)
            # Where the file was cut off, that is its end.
            cut = not any(later["grade_id"] in found for later, _ in known[number:])
            result.insert(len(result) if cut else after + 1, cell)
        else:
            cell = make(old.source)
            result[_position(result, old)] = cell
            if metadata["locked"] and old.source.strip() != source.strip():
                said.append(f"The cell {name} had been changed; it is as it was released again.")
        cell.metadata["nbgrader"] = dict(metadata)
        after = _position(result, cell)
    return result, said


def _find(metadata: dict[str, Any], cells: list[Any], holds: dict[int, Any]) -> Any:
    name = metadata["grade_id"]
    named = [cell for cell in cells if holds[id(cell)].get("grade_id") == name]
    if not metadata["solution"]:
        return named[0] if named else None
    for key in ("writes", "defines"):
        holding = [cell for cell in cells if name in holds[id(cell)].get(key, ())]
        if holding:
            return holding[-1]
    return named[0] if named else None


def _position(cells: list[Any], wanted: Any) -> int:
    """Where a cell is: that very one, not one that is equal."""
    return next(i for i, cell in enumerate(cells) if cell is wanted)
