"""Export plugins: `nbgrader export --exporter=jaxercise.frontends.exports.nbgrader.Tidy --to=FILE`.

Scores come from the gradebook, with what people have graded by hand and with late penalties. What
the gradebook has no place for, state and misconception, stands in the autograded notebooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from jaxercise.frontends.exports.rows import RESULT, Row
from jaxercise.frontends.exports.tables import (
    Cell,
    Gradebook,
    canvas_table,
    moodle_table,
    tidy_table,
    write_table,
)


class _Table(ExportPlugin):  # type: ignore[misc]
    """What the exporters share: which assignments and students, and where the file goes."""

    default_name: ClassVar[str]

    def export(self, gradebook: Any) -> None:
        """Write the table; an unwritable file is told in a sentence, and none is lost."""
        path = Path(self.to or self.default_name)
        try:
            write_table(path, self.table(gradebook))
        except OSError as error:
            raise SystemExit(f"cannot write {path}: {error}") from None
        self.log.info("Wrote %s", path)

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        raise NotImplementedError

    def _assignments(self, gradebook: Any) -> list[Any]:
        wanted = {str(name) for name in self.assignment}
        return [one for one in gradebook.assignments if not wanted or one.name in wanted]

    def _students(self, gradebook: Any) -> list[Any]:
        wanted = {str(name) for name in self.student}
        return [one for one in gradebook.students if not wanted or one.id in wanted]

    def _submission(self, gradebook: Any, assignment: Any, student: Any) -> Any:
        try:
            return gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return None


class Tidy(_Table):
    """One line a student and function: points, state, misconception, when it was handed in."""

    default_name = "scores.csv"

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        """The rows of all submissions; what was not handed in has rows too."""
        rows: list[Row] = []
        for assignment in self._assignments(gradebook):
            for student in self._students(gradebook):
                submission = self._submission(gradebook, assignment, student)
                if submission is None:
                    rows += _nothing(assignment, student.id)
                    continue
                time = submission.timestamp.isoformat() if submission.timestamp else ""
                for notebook in submission.notebooks:
                    kept = self._kept(assignment.name, student.id, notebook.name)
                    rows += [
                        _row(student.id, notebook.name, grade, kept.get(grade.name, {}), time)
                        for grade in notebook.grades
                    ]
        return tidy_table(rows)

    def _kept(self, assignment: str, student: str, notebook: str) -> dict[str, dict[str, Any]]:
        """What the autograded notebook says about each test cell."""
        directory = self.parent.coursedir
        folder = directory.format_path(directory.autograded_directory, student, assignment)
        path = Path(directory.root) / folder / f"{notebook}.ipynb"
        if not path.exists():
            return {}
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"][RESULT]
            for cell in cells
            if RESULT in cell["metadata"] and "nbgrader" in cell["metadata"]
        }


def _row(student: str, notebook: str, grade: Any, kept: dict[str, Any], time: str) -> Row:
    ungraded = grade.auto_score is None and grade.manual_score is None
    return Row(
        student,
        notebook,
        str(grade.name).removeprefix("test_"),
        None if ungraded else float(grade.score),
        float(grade.max_score),
        "graded by hand" if grade.manual_score is not None else kept.get("state", "not handed in"),
        kept.get("misconception", ""),
        time,
        kept.get("seed"),
    )


def _nothing(assignment: Any, student: str) -> list[Row]:
    return [
        Row(student, notebook.name, cell.name.removeprefix("test_"), 0.0, float(cell.max_score),
            "not handed in")
        for notebook in assignment.notebooks
        for cell in notebook.grade_cells
    ]  # fmt: skip


class _Platform(_Table):
    """A learning platform's gradebook: a line a student, a column an assignment."""

    def lines(self, gradebook: Any) -> tuple[list[Gradebook], dict[str, float]]:
        """The students' lines, and what can be earned."""
        assignments = self._assignments(gradebook)
        lines = []
        for student in self._students(gradebook):
            scores = {one.name: self._score(gradebook, one, student) for one in assignments}
            comments = {one.name: self._comment(gradebook, one, student) for one in assignments}
            lines.append(
                Gradebook(
                    student.id,
                    scores,
                    student.first_name or "",
                    student.last_name or "",
                    student.email or "",
                    student.lms_user_id or "",
                    comments,
                )
            )
        return lines, {one.name: float(one.max_score) for one in assignments}

    def _score(self, gradebook: Any, assignment: Any, student: Any) -> float | None:
        submission = self._submission(gradebook, assignment, student)
        if submission is None:
            return 0.0
        if submission.needs_manual_grade:
            # An empty cell changes nothing there; a score with a hole in it would.
            self.log.warning(
                "%s, %s: somebody has to grade by hand first; left empty",
                student.id, assignment.name,
            )  # fmt: skip
            return None
        return max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0))

    def _comment(self, gradebook: Any, assignment: Any, student: Any) -> str:
        """What was earned where, and what lateness has cost."""
        submission = self._submission(gradebook, assignment, student)
        if submission is None:
            return "not handed in"
        parts = [f"{one.name} {one.score:g} / {one.max_score:g}" for one in submission.notebooks]
        late = float(submission.late_submission_penalty or 0)
        return ", ".join([*sorted(parts), *([f"late: -{late:g}"] if late else [])])


class Canvas(_Platform):
    """What Canvas' gradebook imports."""

    default_name = "canvas.csv"

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        """Canvas' table."""
        return canvas_table(*self.lines(gradebook))


class Moodle(_Platform):
    """What Moodle's grade import reads."""

    default_name = "moodle.csv"

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        """Moodle's table."""
        return moodle_table(*self.lines(gradebook))
