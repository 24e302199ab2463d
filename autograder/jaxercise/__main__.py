"""`jaxercise`, also as `python -m jaxercise`: its commands, each with a `--help` of its own.

They work on the course around the current folder; `--course DIR` names another one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jaxercise import __version__
from jaxercise.arguments import add_command, run
from jaxercise.authoring.command import add_commands as add_authoring_commands
from jaxercise.frontends.batch.command import add_to as add_grade_command
from jaxercise.frontends.exports.command import add_commands as add_export_commands
from jaxercise.frontends.nbgrader.command import add_commands as add_course_command
from jaxercise.frontends.students import add_commands as add_student_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="jaxercise",
        description="Graded exercises on JAX. Students fill in exercises/, which `pytest "
        "autograder/` grades. A course is a folder, and these commands work on the one around the "
        "current folder, or on the one that --course names.",
        epilog="`jaxercise COMMAND --help` says what a command does, with an example.",
    )
    parser.add_argument("--version", action="version", version=f"jaxercise {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_authoring_commands(commands)
    add_grade_command(commands)
    add_course_command(commands)
    add_student_commands(commands)
    add_export_commands(commands)
    add_command(
        commands, "sandbox", "try out the sandbox around student code",
        "Start the sandbox that strangers' code runs in, and let it try what must not be possible: "
        "reading the course, reaching the network, seeing other processes. Says what holds, and "
        "what to install or to set where something does not.",
        "jaxercise sandbox", _sandbox,
    )  # fmt: skip
    return run(parser, arguments)


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


if __name__ == "__main__":
    sys.exit(main())
