"""`jaxercise`, also as `python -m autograder`: the kit's own commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder import __version__
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
    certify.set_defaults(run=_certify)
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
    from autograder.certify.report import run
    from autograder.engine import exercise_names

    unknown = set(options.exercises) - set(exercise_names())
    if unknown:
        listing = ", ".join(exercise_names())
        print(f"jaxercise certify: no exercise {', '.join(unknown)}; there are {listing}",
              file=sys.stderr)  # fmt: skip
        return 2
    return run(options.exercises or exercise_names(), seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
