"""`jaxercise course`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jaxercise.arguments import add_command, add_course


def add_commands(commands: Any) -> None:
    course = add_command(
        commands, "course", "make a folder for nbgrader",
        "Make the folder that nbgrader calls a course: its configuration, and notebooks with all "
        "that nbgrader has to know about their cells. From there on nbgrader's own commands "
        "release, collect, grade and tell, with this engine as the grader.",
        "jaxercise course ~/jax101 --assignment week1 --exchange /srv/exchange", _course,
        page="solutions/README.md",
    )  # fmt: skip
    course.add_argument(
        "folder", type=Path, metavar="DIR",
        help="the folder to make, or one that nbgrader calls a course already",
    )  # fmt: skip
    course.add_argument("exercises", nargs="*", metavar="NN_topic", help="which (default: all)")
    course.add_argument(
        "--assignment", default="", metavar="NAME",
        help="what is released together, with the exercises that the course's settings list for it "
        "(default: the only one of the settings, or \"exercises\")",
    )  # fmt: skip
    course.add_argument(
        "--exchange", type=Path, metavar="DIR",
        help="nbgrader's exchange (default: nbgrader's own, /usr/local/share/nbgrader/exchange)",
    )  # fmt: skip
    course.add_argument(
        "--update", action="store_true", help="after a change of points or exercises: write anew"
    )
    course.add_argument(
        "--inside-checkout", action="store_true", help="allow a folder inside of the course's own"
    )
    add_course(course)


def _course(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build.markers import BuildError
    from jaxercise.course import Course
    from jaxercise.frontends.nbgrader.folder import FolderError, make_folder

    course = Course.open(options.course)
    try:
        made = make_folder(
            course,
            options.folder,
            assignment=options.assignment,
            exercises=options.exercises,
            exchange=options.exchange,
            update=options.update,
            inside_checkout=options.inside_checkout,
        )
    except (FolderError, BuildError, OSError) as error:
        print(f"jaxercise course: {error}", file=sys.stderr)
        return 1
    for path in made.written:
        print(f"wrote {path}")
    if made.joined:
        print(f"added to the end of {made.joined}: exercises are graded by their own engine, "
              "everything else as before")  # fmt: skip
    for path in made.kept:
        print(f"left as it is, for it has been edited by hand: {path}", file=sys.stderr)
    if not made.written and not made.kept:
        print("everything is up to date")
    elif made.written:
        print(f"next: cd {options.folder} && nbgrader generate_assignment {made.assignment}"
              f"{' --force' if options.update else ''}")  # fmt: skip
        _tell_jupyter(options.folder.resolve())
    return 1 if made.kept else 0


def _tell_jupyter(folder: Path) -> None:
    """Say how nbgrader finds the course when it does not start there, as formgrader on a hub."""
    from jupyter_core.paths import jupyter_config_dir

    config = Path(jupyter_config_dir()) / "nbgrader_config.py"
    line = f"c.CourseDirectory.root = {str(folder)!r}"
    if config.exists() and line in config.read_text(encoding="utf-8"):
        return
    print(f"where formgrader starts in another folder, as on a hub, {config} needs this line:")
    print(f"    {line}")
