"""`jaxercise gradescope` and `jaxercise classroom50`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from jaxercise.arguments import add_command, add_course


def add_commands(commands: Any) -> None:
    """Add them to the parser of `jaxercise`."""
    archive = add_command(
        commands, "gradescope", "make an autograder to upload to Gradescope",
        "Write the zip that Gradescope asks for: the course with its solutions, the engine, "
        "setup.sh, which installs it, and run_autograder, which grades a submission and always "
        "leaves a results.json. Upload it as it is.",
        "jaxercise gradescope week1.zip --assignment week1", _gradescope,
    )  # fmt: skip
    archive.add_argument("file", type=Path, metavar="FILE.zip", help="the zip file to write")
    _add_which(archive)
    classroom = add_command(
        commands, "classroom50", "grade, as Classroom 50's autograder.py",
        "Grade the folder of a submission and write Classroom 50's result.json, with points as "
        "hundredths. Runs where Classroom 50 has set CLASSROOM, ASSIGNMENT and the other variables "
        "that say whose work it is.",
        "jaxercise classroom50 . --course ~/networks", _classroom,
    )  # fmt: skip
    classroom.add_argument(
        "submission", type=Path, nargs="?", default=Path(), metavar="DIR",
        help="the folder to grade (default: the current one)",
    )  # fmt: skip
    classroom.add_argument(
        "--to", type=Path, default=Path("result.json"), metavar="FILE",
        help="the file to write (default: result.json)",
    )  # fmt: skip
    _add_which(classroom)


def _add_which(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--assignment", default="", metavar="NAME", help="the exercises of this one alone"
    )
    add_course(command)


def _gradescope(options: argparse.Namespace) -> int:
    from jaxercise.course import Course
    from jaxercise.frontends.exports.gradescope import write_gradescope

    course = Course.open(options.course)
    try:
        write_gradescope(course, options.file, assignment=options.assignment)
    except OSError as error:
        print(f"jaxercise gradescope: cannot write {options.file}: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}")
    return 0


def _classroom(options: argparse.Namespace) -> int:
    from jaxercise.cache.folders import worker_cache
    from jaxercise.course import Course
    from jaxercise.engine import Engine
    from jaxercise.files import write_whole
    from jaxercise.frontends.exports.classroom import NoScoreError, classroom_result
    from jaxercise.submission import SubmissionError, read_submission

    course = Course.open(options.course)
    names = course.chosen((), options.assignment)
    try:
        submission = read_submission(options.submission, names)
        with Engine(course, cache=worker_cache(options.submission)) as engine:
            result = classroom_result(engine.grade(submission, names), os.environ)
        write_whole(options.to, json.dumps(result, indent=1).encode())
    except (SubmissionError, NoScoreError, OSError) as error:
        print(f"jaxercise classroom50: {error}", file=sys.stderr)
        return 1
    print(f"{result['score'] / 100:g} of {result['max-score'] / 100:g} points: wrote {options.to}")
    return 0
