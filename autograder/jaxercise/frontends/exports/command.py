"""`jaxercise gradescope` and `jaxercise classroom50`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add them to the parser of `jaxercise`."""
    archive = commands.add_parser("gradescope", help="make an autograder to upload to Gradescope")
    archive.add_argument("file", type=Path, metavar="FILE.zip")
    archive.add_argument("--course", type=Path, metavar="DIR", help="the course's folder")
    archive.set_defaults(run=_gradescope)
    classroom = commands.add_parser("classroom50", help="grade, as Classroom 50's autograder.py")
    classroom.add_argument("submission", type=Path, nargs="?", default=Path(), metavar="DIR")
    classroom.add_argument("--to", type=Path, default=Path("result.json"), metavar="FILE")
    classroom.add_argument("--course", type=Path, metavar="DIR", help="the course's folder")
    classroom.set_defaults(run=_classroom)


def _gradescope(options: argparse.Namespace) -> int:
    from jaxercise.course import Course, CourseError
    from jaxercise.frontends.exports.gradescope import write_gradescope

    try:
        write_gradescope(Course.open(options.course), options.file)
    except CourseError as error:
        print(f"jaxercise gradescope: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"jaxercise gradescope: cannot write {options.file}: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}")
    return 0


def _classroom(options: argparse.Namespace) -> int:
    from jaxercise.cache.folders import worker_cache
    from jaxercise.course import Course, CourseError
    from jaxercise.engine import Engine
    from jaxercise.files import write_whole
    from jaxercise.frontends.exports.classroom import NoScoreError, classroom_result
    from jaxercise.submission import SubmissionError, read_submission

    try:
        course = Course.open(options.course)
        submission = read_submission(options.submission, course.names())
        with Engine(course, cache=worker_cache(options.submission)) as engine:
            result = classroom_result(engine.grade(submission), os.environ)
        write_whole(options.to, json.dumps(result, indent=1).encode())
    except (CourseError, SubmissionError, NoScoreError, OSError) as error:
        print(f"jaxercise classroom50: {error}", file=sys.stderr)
        return 1
    print(f"{result['score'] / 100:g} of {result['max-score'] / 100:g} points: wrote {options.to}")
    return 0
