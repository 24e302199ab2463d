"""What the commands of `jaxercise` share: how one is added, `--course`, and how one is run."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jaxercise.course_settings import CourseError

#: What the extra for instructors installs; nothing that students run imports it.
_OF_INSTRUCTORS = ("bleach", "nbconvert", "nbgrader")


def add_command(
    commands: Any,
    name: str,
    summary: str,
    text: str,
    example: str,
    run: Callable[[argparse.Namespace], int],
    *,
    page: str = "README.md",
) -> argparse.ArgumentParser:
    """Add a command.

    Args:
        commands: where to, from `add_subparsers`.
        name: what it is called by.
        summary: what it does, in a line of the list of commands.
        text: the same in a paragraph, for its own `--help`.
        example: a command line of it.
        run: runs it, and gives the exit status.
        page: where more about it is to be read, a path in the kit's repository.
    """
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=textwrap.fill(text, 80),
        epilog=f"example:\n  {example}\n\nread: {page}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run, command=name)
    return command


def add_course(command: argparse.ArgumentParser) -> None:
    """Add `--course DIR`, which `Course.open` takes."""
    command.add_argument(
        "--course", type=Path, metavar="DIR",
        help="the course's folder (default: the one around the current folder)",
    )  # fmt: skip


@contextlib.contextmanager
def stopped_by_signal() -> Iterator[None]:
    """A polite end (SIGTERM, a closed terminal) is one like Ctrl-C, while the block lasts."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Run the command that the arguments name; its exit status, 2 where the course is wrong."""
    if "_ARGCOMPLETE" in os.environ:  # a shell asks how the line may go on
        import argcomplete

        argcomplete.autocomplete(parser)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except CourseError as error:
        print(f"jaxercise {options.command}: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_INSTRUCTORS:
            raise
        print(
            f"jaxercise {options.command}: this is for instructors, and needs nbgrader. Install it "
            "with the kit's extra, in the kit's folder: pip install -e '.[instructor]'",
            file=sys.stderr,
        )
        return 2
    return status
