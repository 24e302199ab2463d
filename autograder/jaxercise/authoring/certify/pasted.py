"""Hints handed in as an answer: who pastes all that a function's rungs show has to earn nothing.

Each block of code is tried below the exercise as it is released, where it may define the function;
inside of the function, in the place of `raise NotImplementedError`; and with what it defines under
the function's name.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from jaxercise.authoring.build import stub_text
from jaxercise.authoring.certify.grading import graded
from jaxercise.claims.claims import Exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.rungs import code_of, rungs
from jaxercise.submission import Source


def points_of_hints(course: Course, exercise: Exercise, grader: Grader) -> dict[str, float]:
    """The most that pasted hints earn, by function.

    Args:
        course, exercise: whose hints.
        grader: as students are graded.
    """
    path = course.solution(exercise.name)
    ladders = rungs(path.read_text(encoding="utf-8"))
    stub = stub_text(path)
    earned: dict[str, float] = {}
    for function in exercise.functions:
        claims = exercise.claims_about(function)
        for code in _answers(stub, function, ladders.get(function, ())):
            source = Source.written(exercise.name, code, [function])
            points = sum(outcome.points for outcome in graded(grader, source, claims))
            earned[function] = max(points, earned.get(function, 0.0))
    return earned


def _answers(stub: str, function: str, ladder: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Files, as cells."""
    blocks = tuple(block for rung in ladder for block in code_of(rung))
    if blocks:
        yield (stub, *blocks)
    for block in blocks:
        inside = _inside(stub, function, block)
        if _is_python(inside):
            yield (inside,)
        if _is_python(block):
            yield from (
                (stub, block, f"{function} = {node.name}")
                for node in ast.parse(block).body
                if isinstance(node, ast.FunctionDef) and node.name != function
            )


def _inside(stub: str, function: str, block: str) -> str:
    """The stub with a block in the place of the function's `raise`."""
    lines = stub.split("\n")
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            last = node.body[-1]
            lines[last.lineno - 1 : last.end_lineno] = [textwrap.indent(block, "    ")]
    return "\n".join(lines)


def _is_python(text: str) -> bool:
    try:
        compile(text, "hint", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
