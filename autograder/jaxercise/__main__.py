"""`jaxercise`, also as `python -m autograder`: the kit's own commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jaxercise import __version__
from jaxercise.course import Course, CourseError
from jaxercise.frontends.batch import command as grading
from jaxercise.frontends.doctor import add_command as add_doctor_command
from jaxercise.frontends.exports.command import add_commands as add_export_commands
from jaxercise.frontends.nbgrader.command import add_command as add_course_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = argparse.ArgumentParser(prog="jaxercise", description=__doc__)
    parser.add_argument("--version", action="version", version=f"jaxercise {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="make exercises/ from solutions/")
    build.add_argument(
        "--check", action="store_true", help="write nothing; print the difference and fail"
    )
    _add_course(build)
    build.set_defaults(run=_build)
    certify = commands.add_parser("certify", help="grade the graders: right and wrong answers")
    certify.add_argument("exercises", nargs="*", metavar="NN_topic", help="which (default: all)")
    certify.add_argument("--seed", type=int, default=0, metavar="N", help="draw other inputs")
    what = certify.add_mutually_exclusive_group()
    what.add_argument(
        "--mutants", action="store_true", help="judge the references with one thing changed"
    )
    what.add_argument(
        "--stability",
        type=_positive,
        nargs="?",
        const=50,
        metavar="SEEDS",
        help="grade everything under this many seeds (default: 50), and count what differs",
    )
    what.add_argument(
        "--naming",
        type=_positive,
        nargs="?",
        const=10,
        metavar="SEEDS",
        help="grade the misconceptions under this many seeds (default: 10), and count the names",
    )
    what.add_argument(
        "--tolerance",
        type=_positive,
        nargs="?",
        const=10_000,
        metavar="EXAMPLES",
        help="measure errors against what is allowed (default: on 10,000 examples a claim)",
    )
    _add_course(certify)
    certify.set_defaults(run=_certify)
    sandbox = commands.add_parser("sandbox", help="try out the sandbox around student code")
    sandbox.set_defaults(run=_sandbox)
    pack = commands.add_parser("pack", help="make the students' pack, without solutions")
    pack.add_argument("file", type=Path, metavar="FILE.zip", help="the zip file to write")
    pack.add_argument("--force", action="store_true", help="replace the file if it is there")
    _add_course(pack)
    pack.set_defaults(run=_pack)
    add_course_command(commands)
    add_doctor_command(commands)
    add_export_commands(commands)
    grading.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except CourseError as error:
        print(f"jaxercise: {error}", file=sys.stderr)
        return 2
    return status


def _add_course(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--course", type=Path, metavar="DIR", help="the course's folder (default: around this one)"
    )


def _build(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build import BuildError, build, differences

    course = Course.open(options.course)
    try:
        if not options.check:
            for path in build(course.solutions, course.exercises):
                print(f"wrote {path}")
            return 0
        difference = differences(course.solutions, course.exercises)
    except (BuildError, OSError) as error:
        print(f"jaxercise build: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(difference)
    if difference:
        print("exercises/ is out of date: run `jaxercise build`", file=sys.stderr)
    return 1 if difference else 0


def _certify(options: argparse.Namespace) -> int:
    from jaxercise.authoring.certify import margins, naming, report, stability, survivors

    course = Course.open(options.course)
    unknown = set(options.exercises) - set(course.names())
    if unknown:
        listing = ", ".join(course.names())
        print(f"jaxercise certify: no exercise {', '.join(unknown)}; there are {listing}",
              file=sys.stderr)  # fmt: skip
        return 2
    names = sorted(set(options.exercises)) or course.names()
    if options.mutants:
        return survivors.run(course, names)
    if options.stability:
        return stability.run(course, names, seeds=options.stability)
    if options.naming:
        return naming.run(course, names, seeds=options.naming)
    if options.tolerance:
        return margins.run(course, names, examples=options.tolerance, seed=options.seed)
    return report.run(course, names, seed=options.seed)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _sandbox(options: argparse.Namespace) -> int:
    from jaxercise.sandbox.selftest import check_machine

    result = check_machine()
    for checked in result.checked:
        print(checked)
    if not result.ok:
        print(f"jaxercise sandbox: {result.why}; {result.remedy}", file=sys.stderr)
        return 1
    print("The sandbox holds: submissions of strangers can be graded on this machine.")
    return 0


def _pack(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build import BuildError
    from jaxercise.authoring.pack import PackError, pack

    try:
        size = pack(Course.open(options.course), options.file, force=options.force)
    except (BuildError, OSError, PackError) as error:
        print(f"jaxercise pack: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}, {size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
