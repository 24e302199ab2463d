"""`jaxercise course`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_command(commands: Any) -> None:
    """Add it to the parser of `jaxercise`."""
    course = commands.add_parser("course", help="make a course folder for nbgrader")
    course.add_argument("folder", type=Path, metavar="DIR", help="the course's folder")
    course.add_argument("--course", type=Path, metavar="DIR", help="the exercises' course")
    course.add_argument("exercises", nargs="*", metavar="NN_topic", help="which (default: all)")
    course.add_argument("--assignment", default="transformations", metavar="NAME")
    course.add_argument("--exchange", type=Path, metavar="DIR", help="nbgrader's exchange")
    course.add_argument(
        "--update", action="store_true", help="after a change of points or exercises: write anew"
    )
    course.add_argument("--inside-checkout", action="store_true", help="allow DIR in this checkout")
    course.set_defaults(run=_course)


def _course(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build.markers import BuildError
    from jaxercise.course import Course, CourseError
    from jaxercise.frontends.nbgrader.folder import FolderError, make_folder

    try:
        made = make_folder(
            Course.open(options.course),
            options.folder,
            assignment=options.assignment,
            exercises=options.exercises,
            exchange=options.exchange,
            update=options.update,
            inside_checkout=options.inside_checkout,
        )
    except (CourseError, FolderError, BuildError, OSError) as error:
        print(f"jaxercise course: {error}", file=sys.stderr)
        return 1
    for path in made.written:
        print(f"wrote {path}")
    for path in made.kept:
        print(f"left as it is, for it has been edited by hand: {path}", file=sys.stderr)
    if not made.written and not made.kept:
        print("everything is up to date")
    elif made.written:
        print(f"next: cd {options.folder} && nbgrader generate_assignment {options.assignment}"
              f"{' --force' if options.update else ''}")  # fmt: skip
    return 1 if made.kept else 0
