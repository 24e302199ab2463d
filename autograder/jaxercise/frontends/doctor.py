"""`jaxercise doctor FILE`: what grading will find there."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jaxercise import arguments
from jaxercise.frontends.reports.choices import add_only, only


def add_command(commands: Any) -> None:
    """Add it to the parser of `jaxercise`."""
    doctor = arguments.add_command(
        commands, "doctor", "see what grading will find in a file",
        "Read a file, or all exercises of a folder, as grading would, and execute nothing of it: "
        "which functions are written, which are not yet, what is damaged, and what is mended; of a "
        "folder also which exercises are missing, and which files will not be graded.",
        "jaxercise doctor exercises/01_topic.ipynb", _doctor,
    )  # fmt: skip
    doctor.add_argument("path", type=Path, metavar="FILE", help="a .py, an .ipynb, or a folder")
    add_only(doctor)
    arguments.add_course(doctor)


def _doctor(options: argparse.Namespace) -> int:
    from jaxercise.claims.loading import load_exercise
    from jaxercise.course import Course
    from jaxercise.submission import SubmissionError
    from jaxercise.submission.preview import examined

    course = only(Course.open(options.course), options.only)
    functions = {name: load_exercise(course, name).functions for name in course.names()}
    try:
        lines, well = examined(options.path, functions)
    except SubmissionError as error:
        print(f"jaxercise doctor: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0 if well else 1
