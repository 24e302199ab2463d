"""`jaxercise ask 07.spread "[[0, 1], [2, 5]]"`: what is due for an input of one's own."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from typing import Any

from jaxercise import arguments

_NAMED = re.compile(r"([a-zA-Z_]\w*)=(?!=)(.*)", re.DOTALL)


def add_command(commands: Any) -> None:
    ask = arguments.add_command(
        commands, "ask", "see what is due for an input of your own",
        "Show what a function has to return for an input of your own. Arrays are written as nested "
        "lists of numbers, functions by their formula (x^2, sin), keys by a seed, each in the "
        "order of the function's arguments or as NAME=VALUE. With --gives, what you say is due is "
        "judged first.",
        "jaxercise ask 02.derivative f=x^2 'x=[1, 3]' --gives '[2, 6]'", _ask,
    )  # fmt: skip
    ask.add_argument("function", metavar="FUNCTION", help="its name, or 02.derivative")
    ask.add_argument(
        "values", metavar="VALUE", nargs="*", help="what it is called with (default: nothing)"
    )
    ask.add_argument("--gives", metavar="VALUE", help="what you say is due (default: nothing)")
    arguments.add_course(ask)


def _ask(options: argparse.Namespace) -> int:
    from jaxercise.claims.loading import load_exercises
    from jaxercise.course import Course
    from jaxercise.engine import Engine
    from jaxercise.frontends.live.asking import answer
    from jaxercise.frontends.live.judge import RefusedCheckError, named
    from jaxercise.grading.own_inputs import InputError
    from jaxercise.trial import check_jax
    from jaxercise.versions import VersionError

    course = Course.open(options.course)
    by_name = {found[1]: _value(found[2]) for one in options.values if (found := _named(one))}
    positional = [_value(one) for one in options.values if not _named(one)]
    gives = [] if options.gives is None else [_value(options.gives)]
    if "gives" in by_name:  # as in a session
        gives = [by_name.pop("gives")]
    try:
        check_jax(course, lambda line: print(line, file=sys.stderr))
        exercise, function = named(options.function, load_exercises(course), written="{}")
        with Engine(course) as engine:
            lines = answer(engine, exercise.functions[function], positional, by_name, gives)
    except (InputError, RefusedCheckError, VersionError) as refused:
        print(f"jaxercise ask: {refused}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


def _named(text: str) -> re.Match[str] | None:
    return _NAMED.fullmatch(text)


def _value(text: str) -> Any:
    """A value as Python writes it; a formula is what is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text
