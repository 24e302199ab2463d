"""The settings by which nbgrader grades with this engine."""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import Any

from jaxercise.authoring.build.exercises import STUB
from jaxercise.course import Course, CourseError
from jaxercise.frontends.nbgrader.folder import FolderError, check_nbgrader


def configure(c: Any, config_file: str, course: str) -> None:
    """Set a course up, from its `nbgrader_config.py`.

    Args:
        c: nbgrader's configuration.
        config_file: where it stands; what nbgrader calls the course lies beside it.
        course: the folder of the exercises' course.

    Raises:
        SystemExit: nbgrader is too old for this engine.
    """
    _grade(c, course)
    # Jupyter's server knows its own folder resolved, and looks whether this one lies in it.
    c.CourseDirectory.root = os.path.realpath(os.path.dirname(os.path.abspath(config_file)))
    # Pictures that the notebooks save are nobody's submission and no part of an assignment.
    c.CourseDirectory.ignore = [
        ".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "*.png",
    ]  # fmt: skip
    c.ClearSolutions.code_stub = {"python": STUB}
    # Validating runs the examples too, on a machine that may be busy.
    c.Execute.timeout = 300
    c.OverwriteCells.add_missing_cells = True
    c.AssignLatePenalties.plugin_class = "jaxercise.frontends.nbgrader.lateness.LatePenalty"
    with contextlib.suppress(CourseError):  # whoever grades is told of that, later on
        late = Course.at(Path(course)).settings.late
        c.LatePenalty.grace_minutes = float(late.grace_minutes)
        c.LatePenalty.percent_a_day = float(late.percent_a_day)
        c.LatePenalty.at_most = float(late.at_most)


def join(c: Any, course: str) -> None:
    """Let a course that nbgrader grades take assignments of this engine's, from its configuration.

    The notebooks that it had are graded in a kernel, as before.

    Args:
        c: nbgrader's configuration.
        course: the folder of the exercises' course.

    Raises:
        SystemExit: nbgrader is too old for this engine.
    """
    _grade(c, course)
    c.GradeWithEngine.kernel_for_others = True


def _grade(c: Any, course: str) -> None:
    try:
        check_nbgrader()
    except FolderError as error:
        raise SystemExit(str(error)) from None
    # Of nbgrader's own queries: it says nothing to whoever grades.
    warnings.filterwarnings("ignore", r"Object of type .* not in session")
    c.Autograde.exporter_class = "jaxercise.frontends.nbgrader.reading.SubmittedNotebooks"
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "jaxercise.frontends.nbgrader.restoring.RestoreCells",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "jaxercise.frontends.nbgrader.grading.GradeWithEngine",
        "nbgrader.preprocessors.LimitOutput",
        "jaxercise.frontends.nbgrader.grading.SaveGrades",
        "jaxercise.frontends.nbgrader.lateness.AssignLateness",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # Feedback pages and formgrader: a script in a student's text is live in neither.
    c.HTMLExporter.filters = {"markdown2html": "jaxercise.frontends.nbgrader.pages.safe_html"}
    c.GenerateFeedback.exporter_class = "jaxercise.frontends.nbgrader.pages.FeedbackPages"
    c.GradeWithEngine.course = course
