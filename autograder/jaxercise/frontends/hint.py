"""`jaxercise hint FUNCTION`: the next hint for a function, in a terminal."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from jaxercise.arguments import add_command as add
from jaxercise.arguments import add_course
from jaxercise.course import Course
from jaxercise.frontends.reports.next_hint import Hint, NoHintError, next_hint


def add_command(commands: Any) -> None:
    hint = add(
        commands, "hint", "show a hint for a function",
        "Show the next hint for a function: first a question, then the same idea at work on "
        "another problem, then the answer with blanks in it. Ask again for the next one.",
        "jaxercise hint 01.batched", _hint,
    )  # fmt: skip
    hint.add_argument("function", metavar="FUNCTION", help="its name, with its exercise's or not")
    hint.add_argument(
        "--rung", type=int, metavar="N", help="show this one: 1 is the first (default: the next)"
    )
    add_course(hint)


def _hint(options: argparse.Namespace) -> int:
    course = Course.open(options.course)
    try:
        hint = next_hint(course, options.function, rung=options.rung)
    except NoHintError as error:
        print(f"jaxercise hint: {error}", file=sys.stderr)
        return 2
    _show(hint)
    return 0


def _show(hint: Hint) -> None:
    if not sys.stdout.isatty():
        print(hint)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(highlight=False)
    width = min(console.width, 100)
    console.print(hint.title, style="bold cyan")
    console.print()
    console.print(Markdown(hint.text, code_theme="ansi_dark"), width=width)
    console.print()
    console.print(hint.after, style="dim")
