"""`jaxercise`, also as `python -m autograder`: the kit's own commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder import __version__
from autograder.batch import command as grading
from autograder.course.command import add_command as add_course_command
from autograder.doctor import add_command as add_doctor_command
from autograder.exports.command import add_commands as add_export_commands
from autograder.processes import ROOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = argparse.ArgumentParser(prog="jaxercise", description=__doc__)
    parser.add_argument("--version", action="version", version=f"jaxercise {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="make exercises/ from solutions/")
    build.add_argument(
        "--check", action="store_true", help="write nothing; print the difference and fail"
    )
    build.add_argument("--solutions", type=Path, default=ROOT / "solutions", metavar="DIR")
    build.add_argument("--exercises", type=Path, default=ROOT / "exercises", metavar="DIR")
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
    certify.set_defaults(run=_certify)
    sandbox = commands.add_parser("sandbox", help="try out the box around student code")
    sandbox.set_defaults(run=_sandbox)
    pack = commands.add_parser("pack", help="make the students' pack, without solutions")
    pack.add_argument("file", type=Path, metavar="FILE.zip", help="the zip file to write")
    pack.add_argument("--force", action="store_true", help="replace the file if it is there")
    pack.set_defaults(run=_pack)
    add_course_command(commands)
    add_doctor_command(commands)
    add_export_commands(commands)
    grading.add_to(commands)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _build(options: argparse.Namespace) -> int:
    from autograder.build import BuildError, build, differences

    try:
        if not options.check:
            for path in build(options.solutions, options.exercises):
                print(f"wrote {path}")
            return 0
        difference = differences(options.solutions, options.exercises)
    except (BuildError, OSError) as error:
        print(f"jaxercise build: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(difference)
    if difference:
        print("exercises/ is out of date: run `jaxercise build`", file=sys.stderr)
    return 1 if difference else 0


def _certify(options: argparse.Namespace) -> int:
    from autograder.certify import margins, naming, report, stability, survivors
    from autograder.engine import exercise_names

    unknown = set(options.exercises) - set(exercise_names())
    if unknown:
        listing = ", ".join(exercise_names())
        print(f"jaxercise certify: no exercise {', '.join(unknown)}; there are {listing}",
              file=sys.stderr)  # fmt: skip
        return 2
    names = sorted(set(options.exercises)) or exercise_names()
    if options.mutants:
        return survivors.run(names)
    if options.stability:
        return stability.run(names, seeds=options.stability)
    if options.naming:
        return naming.run(names, seeds=options.naming)
    if options.tolerance:
        return margins.run(names, examples=options.tolerance, seed=options.seed)
    return report.run(names, seed=options.seed)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _sandbox(options: argparse.Namespace) -> int:
    from autograder.sandbox.selftest import check_machine

    result = check_machine()
    for checked in result.checked:
        print(checked)
    if not result.ok:
        print(f"jaxercise sandbox: {result.why}; {result.remedy}", file=sys.stderr)
        return 1
    print("The box holds: submissions of strangers can be graded on this machine.")
    return 0


def _pack(options: argparse.Namespace) -> int:
    from autograder.build import BuildError
    from autograder.pack import PackError, pack

    try:
        size = pack(options.file, force=options.force)
    except (BuildError, OSError, PackError) as error:
        print(f"jaxercise pack: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}, {size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
