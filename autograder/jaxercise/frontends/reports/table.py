"""The summary table: exercises, functions with their state, points, total."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence

from jaxercise.frontends.reports.feedback import points
from jaxercise.verdicts import FunctionResult


def table(results: Sequence[FunctionResult]) -> list[str]:
    exercises: dict[str, list[FunctionResult]] = {}
    for result in results:
        exercises.setdefault(result.exercise, []).append(result)
    width = max(len("exercise"), *map(len, exercises)) + 2
    lines = [f"{'exercise':<{width}}{'points':>11}   functions"]
    for exercise, functions in exercises.items():
        earned = points(sum(function.points for function in functions))
        possible = points(sum(function.max_points for function in functions))
        texts = (textwrap.wrap(one, 66, subsequent_indent="  ") for one in _states(functions))
        for i, line in enumerate(itertools.chain.from_iterable(texts)):
            head = (
                f"{exercise:<{width}}{earned:>5} / {possible:>3}" if i == 0 else " " * (width + 11)
            )
            lines.append(f"{head}   {line}")
    earned = points(sum(result.points for result in results))
    possible = points(sum(result.max_points for result in results))
    lines.append(f"{'total':<{width}}{earned:>5} / {possible:>3}")
    return lines


def _states(functions: list[FunctionResult]) -> list[str]:
    """`batched, all_pairs done` and so on, one text a state, in order of first appearance."""
    by_state: dict[str, list[str]] = {}
    for function in functions:
        by_state.setdefault(function.state, []).append(function.function)
    if len(by_state) == 1:
        return [f"all {state}" for state in by_state]
    return [f"{state}: {', '.join(names)}" for state, names in by_state.items()]
