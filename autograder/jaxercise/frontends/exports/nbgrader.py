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

from jaxercise.frontends.exports.rows import RESULT, Row, taken_off
from jaxercise.frontends.exports.tables import (
    Cell,
    Gradebook,
    canvas_table,
    moodle_table,
    tidy_table,
    write_table,
)
from jaxercise.submission.filenames import meant

#: Why there is no score where something was handed in.
UNGRADED = "It was handed in, and not graded: run nbgrader autograde, and read what it says."


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
        for line in sorted(self.ungraded):
            self.log.warning("Not graded: %s", line)

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        raise NotImplementedError

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.ungraded: set[str] = set()

    def _handed_in(self, assignment: str, student: str) -> list[str]:
        """The names of the files that a student has handed in."""
        directory = self.parent.coursedir
        folder = directory.format_path(directory.submitted_directory, student, assignment)
        path = Path(directory.root) / folder
        return sorted(one.name for one in path.rglob("*") if one.is_file())

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
                files = self._handed_in(assignment.name, student.id)
                if submission is None:
                    rows += self._nothing(assignment, student.id, files)
                    continue
                for notebook in submission.notebooks:
                    kept = self._kept(assignment.name, student.id, notebook.name)
                    rows += [
                        self._row(submission, notebook, grade, kept, files)
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

    def _row(
        self,
        submission: Any,
        notebook: Any,
        grade: Any,
        kept: dict[str, dict[str, Any]],
        files: list[str],
    ) -> Row:
        student, name = submission.student.id, notebook.name
        said = kept.get(grade.name, {})
        points = None if grade.auto_score is None and grade.manual_score is None else grade.score
        state, reason = said.get("state", ""), ""
        if grade.manual_score is not None:
            state = "graded by hand"
        elif not state and any(meant(one, [name]) for one in files):
            state, reason, points = "not graded", UNGRADED, None
            self.ungraded.add(f"{student}, {name}: {UNGRADED}")
        elif state == "internal":
            reason = "The grader itself failed: grade it again, or by hand."
            self.ungraded.add(f"{student}, {name}: {reason}")
        time, due = submission.timestamp, submission.assignment.duedate
        share = (notebook.late_submission_penalty or 0) / notebook.score if notebook.score else 0
        points = None if points is None else float(points)
        penalty, after = taken_off(points, share)
        return Row(
            student,
            name,
            str(grade.name).removeprefix("test_"),
            points,
            float(grade.max_score),
            state or "not handed in",
            said.get("misconception", ""),
            time.isoformat() if time else "",
            round(submission.total_seconds_late / 60, 2) if time and due else None,
            penalty,
            after,
            said.get("seed"),
            reason,
        )

    def _nothing(self, assignment: Any, student: str, files: list[str]) -> list[Row]:
        """The rows of somebody whom the gradebook has no submission of."""
        if files:
            self.ungraded.add(f"{student}, {assignment.name}: {UNGRADED}")
        points, state, reason = (
            (None, "not graded", UNGRADED) if files else (0.0, "not handed in", "")
        )
        return [
            Row(student, notebook.name, cell.name.removeprefix("test_"), points,
                float(cell.max_score), state, points_after=points, reason=reason)
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
            cells = {one.name: self._cell(gradebook, one, student) for one in assignments}
            lines.append(
                Gradebook(
                    student.id,
                    {name: score for name, (score, _) in cells.items()},
                    student.first_name or "",
                    student.last_name or "",
                    student.email or "",
                    student.lms_user_id or "",
                    {name: comment for name, (_, comment) in cells.items()},
                )
            )
        return lines, {one.name: float(one.max_score) for one in assignments}

    def _cell(self, gradebook: Any, assignment: Any, student: Any) -> tuple[float | None, str]:
        """The score, None for an empty cell; where it was earned, and what lateness has cost."""
        submission = self._submission(gradebook, assignment, student)
        who = f"{student.id}, {assignment.name}"
        if submission is None:
            if not self._handed_in(assignment.name, student.id):
                return 0.0, "not handed in"
            self.ungraded.add(f"{who}: {UNGRADED}")
            return None, UNGRADED
        parts = [f"{one.name} {one.score:g} / {one.max_score:g}" for one in submission.notebooks]
        late = float(submission.late_submission_penalty or 0)
        comment = ", ".join([*sorted(parts), *([f"late: -{late:g}"] if late else [])])
        if submission.needs_manual_grade:
            # An empty cell changes nothing there; a score with a hole in it would.
            self.ungraded.add(f"{who}: somebody has to grade by hand first; left empty")
            return None, comment
        return max(0.0, float(submission.score) - late), comment


class Canvas(_Platform):
    """What Canvas' gradebook imports."""

    default_name = "canvas.csv"

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        return canvas_table(*self.lines(gradebook))


class Moodle(_Platform):
    """What Moodle's grade import reads."""

    default_name = "moodle.csv"

    def table(self, gradebook: Any) -> Iterable[Sequence[Cell]]:
        return moodle_table(*self.lines(gradebook))
