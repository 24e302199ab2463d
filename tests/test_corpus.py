"""The corpus: right answers and misconceptions. `test_certify.py` grades them all."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.loading import load_exercise
from running import COURSE

EXERCISES = COURSE.names()
LEAST = 4


@pytest.mark.parametrize("name", EXERCISES)
def test_every_function_has_its_share_of_the_corpus(name: str) -> None:
    """There are at least four right answers and four misconceptions for each function asked for."""
    asked = set(load_exercise(COURSE, name).functions)
    for bodies in (right(COURSE, name), wrong(COURSE, name)):
        counts = Counter(body.function for body in bodies)
        assert set(counts) == asked
        assert min(counts.values()) >= LEAST, counts


@pytest.mark.parametrize("name", EXERCISES)
def test_no_two_bodies_are_the_same_code(name: str) -> None:
    """No body is written twice under two names."""
    for bodies in (right(COURSE, name), wrong(COURSE, name)):
        texts = Counter((body.function, _statements(body)) for body in bodies)
        assert texts.most_common(1)[0][1] == 1, texts.most_common(1)


def _statements(body: Body) -> str:
    """What a body does: its parameters and statements, without name and docstring."""
    tree = ast.parse(body.code)
    (function,) = [
        o for o in tree.body if isinstance(o, ast.FunctionDef) and o.name == body.qualname
    ]
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    lines = [ast.unparse(one) for one in function.body[has_docstring:]]
    head = [ast.unparse(one) for one in (*function.decorator_list, function.args)]
    return "\n".join(head + lines)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_misconception_says_something(name: str) -> None:
    """A misconception has an idea and a nudge, each of them a text for a student."""
    for one in wrong(COURSE, name):
        for text in (one.idea, one.nudge):
            assert len(text.strip()) >= 20, one.name
            assert text.strip()[-1] in ".?", f"{one.name}: {text}"
        assert one.idea != one.nudge, one.name


@pytest.mark.parametrize("name", EXERCISES)
def test_no_nudge_gives_the_answer_away(name: str) -> None:
    """No nudge holds a line of the solution, however it is spaced."""
    answers = _answer_lines(name)
    assert answers
    for one in wrong(COURSE, name):
        nudge = _squeezed(one.nudge)
        held = [line for line in answers if _squeezed(line) in nudge]
        assert not held, f"{one.name}: {held}"


def _answer_lines(name: str) -> list[str]:
    """The statements of the solution regions, also without their `return`."""
    lines: list[str] = []
    inside = False
    for line in COURSE.solution(name).read_text(encoding="utf-8").split("\n"):
        if "SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside and line.strip() and not line.strip().startswith("#"):
            lines += {line.strip(), line.strip().removeprefix("return ")}
    # `return f` and the like is no secret.
    return [line for line in lines if len(_squeezed(line)) > 8]


def _squeezed(text: str) -> str:
    return "".join(text.split())
