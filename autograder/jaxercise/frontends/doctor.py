"""`jaxercise doctor FILE`: what grading will find there. The one command that packs have too."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def add_command(commands: Any) -> None:
    """Add it to the parser of `jaxercise`."""
    doctor = commands.add_parser("doctor", help="see what grading will find in a file")
    doctor.add_argument("path", type=Path, metavar="FILE", help="a .py, an .ipynb, or a folder")
    doctor.add_argument("--course", type=Path, metavar="DIR", help="the course's folder")
    doctor.set_defaults(run=_doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """`jaxercise` as the pack has it; its exit status."""
    parser = argparse.ArgumentParser(prog="jaxercise")
    add_command(parser.add_subparsers(required=True, metavar="COMMAND"))
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _doctor(options: argparse.Namespace) -> int:
    from jaxercise.claims.loading import load_exercise
    from jaxercise.course import Course, CourseError
    from jaxercise.submission import SubmissionError
    from jaxercise.submission.doctor import examined

    try:
        course = Course.open(options.course)
        functions = {name: load_exercise(course, name).functions for name in course.names()}
        lines, well = examined(options.path, functions)
    except (CourseError, SubmissionError) as error:
        print(f"jaxercise doctor: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0 if well else 1
