"""Reading what was handed in, as nbgrader's first step of autograding does, but damaged files too.

The file is parsed in the intake process. What comes back is a notebook of plain cells: no metadata,
outputs or attachments of a stranger's survive.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.api import Gradebook, MissingEntry

from jaxercise.course import Course
from jaxercise.frontends.nbgrader.engine import WarmEngine
from jaxercise.frontends.nbgrader.grading import GradeWithEngine
from jaxercise.frontends.nbgrader.points import check_points
from jaxercise.sandboxed.texts import printable
from jaxercise.submission import notebook_of

#: Where a cell's metadata say what it holds, between reading and restoring.
HOLDS = "jaxercise_holds"
#: Where a notebook's metadata say what had to be mended, between the same.
SAID = "jaxercise_said"


class SubmittedNotebooks(NotebookExporter):  # type: ignore[misc]
    """Reads submitted notebooks in the intake process; everything else as nbgrader does.

    Attributes:
        hand_in_times: by student, the time of the hand-in that was graded the last time.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._left_to_nbgrader = False
        self.hand_in_times: dict[str, Any] = {}
        if self.parent is not None:
            settings_ = GradeWithEngine(parent=self.parent)
            course = WarmEngine.course = Course.at(Path(settings_.course))
            exercises = check_points(course, self.parent.coursedir, self.log)
            self.hand_in_times = _hand_in_times(self.parent.coursedir)
            self._left_to_nbgrader = settings_.kernel_for_others
            if self._left_to_nbgrader and not exercises:
                return
            WarmEngine.open(
                course,
                self.log,
                exercises=exercises,
                sandboxed=not settings_.unsafe_no_sandbox,
                seed=settings_.grading_seed,
            )

    def from_file(self, file_stream: Any, resources: Any = None, **settings: Any) -> Any:
        """Convert an open file; those that students have handed in are read by the intake."""
        name = Path(file_stream.name).stem
        others = self._left_to_nbgrader and name not in WarmEngine.course.names()
        if others or not getattr(self.parent, "_sanitizing", False):
            return super().from_file(file_stream, resources=resources, **settings)
        notebook = submitted_notebook(Path(file_stream.name))
        return self.from_notebook_node(notebook, resources=resources, **settings)


def _hand_in_times(coursedir: Any) -> dict[str, Any]:
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(coursedir.assignment_id)
        except MissingEntry:
            return {}
        return {one.student_id: one.timestamp for one in assignment.submissions}


def submitted_notebook(path: Path) -> NotebookNode:
    """A notebook with a submitted one's cells; under `SAID`, what had to be mended or is wrong."""
    found = notebook_of(path)
    cells = []
    said = [*([found["problem"]] if found["problem"] else []), *found["notes"]]
    make = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
    for one in found["cells"]:
        cell = make[one["kind"]](one["source"])
        holds = {"writes": one["writes"], "defines": one["defines"]}
        cell.metadata[HOLDS] = holds | {"grade_id": one["grade_id"]}
        cells.append(cell)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=cells, metadata={SAID: said})


def about_file(said: list[str]) -> Any:
    """A cell that tells what had to be mended."""
    lines = "\n".join(f"- {_plain(sentence)}" for sentence in said)
    return new_markdown_cell(f"**About this file**\n\n{lines}")


def _plain(sentence: str) -> str:
    """A sentence that Markdown shows as it is."""
    line = " ".join(printable(sentence).split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]#$|~" else sign for sign in html.escape(line))
