"""`nbgrader autograde` by this engine: what takes the place of executing the notebook.

No kernel runs a student's code. The judge asks a worker, as behind every other frontend, and what
is written into the test cells gives nbgrader the engine's points: a built-in float as the cell's
result, and nothing on stderr.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute, IgnorePattern, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Integer, Unicode

from jaxercise.frontends.exports.rows import RESULT, misconception_of
from jaxercise.frontends.nbgrader.engine import UNSANDBOXED, WarmEngine
from jaxercise.frontends.reports.feedback import feedback, points
from jaxercise.frontends.reports.html import feedback_html
from jaxercise.verdicts import FunctionResult, Verdict


class GradeWithEngine(NbGraderPreprocessor):  # type: ignore[misc]
    """Writes points and feedback into the test cells of a sanitized notebook."""

    course = Unicode(help="the folder of the exercises' course").tag(config=True)
    unsafe_no_sandbox = Bool(
        False, help="grade without a sandbox around student code; every feedback page says so"
    ).tag(config=True)

    grading_seed = Integer(
        None,
        allow_none=True,
        help="what decides the inputs; None for the class's own, in the course's grading-seed.txt",
    ).tag(config=True)

    kernel_for_others = Bool(
        False,
        help="run notebooks that are none of the course's exercises in a kernel, as nbgrader does, "
        "with no sandbox; otherwise they are left to a person",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        about = resources["nbgrader"]
        name, student = about["notebook"], about["student"]
        known = WarmEngine.course.names()
        if name not in known and self.kernel_for_others:
            for step in (Execute, IgnorePattern):
                nb, resources = step(parent=self.parent)(nb, resources)
            return nb, resources
        if name not in known:
            self.log.warning("%s is none of the course's exercises: grade it by hand", name)
            WarmEngine.ungraded.append(f"{student}, {name}: none of the course's exercises")
            for cell in filter(utils.is_grade, nb.cells):
                cell.metadata[RESULT] = {"state": "internal"}
            return nb, resources
        converter = self.parent.parent
        directory = converter.coursedir
        folder = Path(
            directory.format_path(directory.submitted_directory, student, about["assignment"])
        ).absolute()
        number, folders = _number(converter, folder), sorted(converter.assignments)
        self.log.info("Student %s (%d of %d): grading %s", student, number, len(folders), name)
        wanted = _exercises(converter.notebooks, known)
        then = _then(converter, folders[number:], about["assignment"], known) if number else None
        results = WarmEngine.results(folder, wanted, name, then)
        for place in WarmEngine.look(folder, name):
            self.log.warning("Student %s, a place to look at: %s", student, place)
        by_name = {f"test_{result.function}": result for result in results}
        for cell in filter(utils.is_grade, nb.cells):
            result = by_name.get(cell.metadata["nbgrader"]["grade_id"])
            if result is None:
                cell.metadata[RESULT] = {"state": "internal"}
                continue
            write_result(cell, result, WarmEngine.seed)
            if result.verdict == Verdict.INTERNAL:
                self.log.error(
                    "%s: the grader failed on %s. It has no score; grade again, or by hand.",
                    student, result.name,
                )  # fmt: skip
                WarmEngine.ungraded.append(f"{student}, {result.name}: the grader itself failed")
        earned = points(sum(result.points for result in results))
        possible = points(sum(result.max_points for result in results))
        self.log.info("Student %s: %s %s / %s", student, name, earned, possible)
        said = [] if WarmEngine.sandboxed else [UNSANDBOXED.replace("_", r"\_")]
        script = WarmEngine.script(folder, name)
        if script:
            said.append(f"`{script}` was graded, for this notebook is as it was released.")
        nb.cells[:0] = [new_markdown_cell(one, id=f"said-{i}") for i, one in enumerate(said)]
        return nb, resources


def _number(converter: Any, folder: Path) -> int:
    """Which of the folders that are converted this one is, from 1 on; 0 if it is none of them."""
    folders = [Path(one).absolute() for one in sorted(converter.assignments)]
    return folders.index(folder) + 1 if folder in folders else 0


def _exercises(notebooks: Iterable[str], known: Collection[str]) -> list[str]:
    return sorted({Path(path).stem for path in notebooks} & set(known))


def _then(
    converter: Any, later: Sequence[str], assignment: str, known: Collection[str]
) -> tuple[Path, list[str]] | None:
    """Of the folders that come later, the one that is converted next, and its exercises."""
    directory = converter.coursedir
    of = directory.format_path(
        directory.submitted_directory, "(?P<student>.*)", assignment, escape=True
    )
    for one in later:
        match = re.match(of, one)
        exercises = _exercises(converter.assignments[one], known)
        if match is None or not exercises:
            return None
        done = directory.format_path(directory.autograded_directory, match["student"], assignment)
        if converter.force or not Path(done).exists():
            return Path(one).absolute(), exercises
    return None


def write_result(cell: Any, result: FunctionResult, seed: int) -> None:
    """Put a function's feedback and points into its test cell."""
    cell.metadata[RESULT] = {
        "state": result.state,
        "misconception": misconception_of(result),
        "seed": seed,
    }
    text = feedback(result) or f"{result.name}    {result.state}"
    cell.outputs = [
        new_output("display_data", {"text/html": feedback_html(result), "text/plain": text})
    ]
    if result.verdict != Verdict.INTERNAL:
        cell.outputs.append(
            new_output("execute_result", {"text/plain": repr(float(result.points))})
        )


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """As nbgrader's, but a person is asked to look where it is needed, and not where it is not.

    It is where the grader failed: then there is no score. It is not where somebody has given a
    score to this very hand-in already.
    """

    def _add_score(self, cell: Any, resources: Any) -> None:
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        before = grade.auto_score, grade.needs_manual_grade
        if cell.metadata.get(RESULT, {}).get("state") == "internal":
            grade.auto_score = None
            grade.needs_manual_grade = True
        else:
            super()._add_score(cell, resources)
            if grade.manual_score is not None and self._same_hand_in(grade, before[0]):
                grade.needs_manual_grade = before[1]
        self.gradebook.db.commit()

    def _same_hand_in(self, grade: Any, score_before: float | None) -> bool:
        """True where what is graded is what was graded the last time."""
        times = getattr(self.parent, "hand_in_times", {})
        now = grade.notebook.assignment.timestamp
        same: bool = times.get(self.student_id) == now
        # Some hand-ins bear no time: put there by hand, or downloaded from elsewhere.
        return same and (now is not None or grade.auto_score == score_before)
