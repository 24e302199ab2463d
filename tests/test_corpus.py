"""Every right answer gets full marks, every misconception is refused."""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from collections.abc import Iterator

import pytest

from autograder.caches import answers_memory
from autograder.certify.bodies import Body
from autograder.certify.bodies import right as variants
from autograder.certify.bodies import wrong as wrongs
from autograder.certify.matrix import graded
from autograder.engine import exercise_names
from autograder.misconceptions import misconceptions
from autograder.processes import ROOT
from autograder.properties.claims import LAW, METHOD, VALUES, Exercise
from autograder.properties.findings import WAITING, Outcome
from autograder.properties.grading import Grader
from autograder.properties.references import References
from autograder.worker.limits import Limits
from autograder.worker.remote import RemoteBench
from autograder.worker.workers import Workers

EXERCISES = exercise_names()
LEAST = 4


def exercise(name: str) -> Exercise:
    """An exercise with its claims."""
    found: Exercise = importlib.import_module(f"autograder.test_{name}").exercise
    return found


def grade(name: str, bodies: list[Body], workers: Workers) -> Iterator[tuple[Body, list[Outcome]]]:
    """The outcomes of the claims about each body's function."""
    references = References(name, answers_memory(name))
    grader = Grader(lambda: RemoteBench(workers), lambda _: references)
    return graded(exercise(name), bodies, grader)


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    # Limits that no machine is too slow for: what is tested here is not the clock.
    limits = Limits(load=300, first_call=300, later_call=300, cpu=600)
    made = Workers(limits, cache=tmp_path_factory.mktemp("compiled"))
    yield made
    made.close()


@pytest.mark.parametrize("name", EXERCISES)
def test_every_right_answer_gets_full_marks(name: str, workers: Workers) -> None:
    """A right answer gets every point, in whatever style it is written."""
    failures = [
        _told(body, outcome)
        for body, outcomes in grade(name, variants(name), workers)
        for outcome in outcomes
        if outcome.points != outcome.of and outcome.verdict != WAITING
    ]
    assert not failures, "\n" + "\n\n".join(failures)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_misconception_is_refused(name: str, workers: Workers) -> None:
    """A misconception loses points, for an answer that is wrong and not for one that never came."""
    failures = []
    for body, outcomes in grade(name, wrongs(name), workers):
        refused = [o for o in outcomes if o.verdict not in ("passed", WAITING)]
        if not refused:
            failures.append(f"{body.name} ({body.of}) gets full marks")
        failures += [_told(body, o) for o in refused if o.verdict not in ("wrong", "error")]
    assert not failures, "\n" + "\n\n".join(failures)


def _told(body: Body, outcome: Outcome) -> str:
    finding = outcome.finding
    lines = [f"{body.name}: {outcome.claim} is {outcome.verdict}"]
    if finding is not None:
        lines += [finding.sentence[-600:], *finding.inputs]
        lines += [f"returned {finding.returned}", f"expected {finding.expected}"]
    return "\n  ".join(lines)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_function_has_its_share_of_the_corpus(name: str) -> None:
    """There are at least four right answers and four misconceptions for each function asked for."""
    asked = set(exercise(name).functions)
    for bodies in (variants(name), wrongs(name)):
        counts = Counter(body.of for body in bodies)
        assert set(counts) == asked
        assert min(counts.values()) >= LEAST, counts
        names = [body.name for body in bodies]
        assert len(set(names)) == len(names), Counter(names).most_common(1)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_two_bodies_are_the_same_code(name: str) -> None:
    """No body is written twice under two names."""
    for bodies in (variants(name), wrongs(name)):
        texts = Counter((body.of, _statements(body)) for body in bodies)
        assert texts.most_common(1)[0][1] == 1, texts.most_common(1)


def _statements(body: Body) -> str:
    """What a body does: its parameters and statements, without name and docstring."""
    tree = ast.parse(body.code)
    (function,) = [o for o in tree.body if isinstance(o, ast.FunctionDef) and o.name == body.name]
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    lines = [ast.unparse(one) for one in function.body[has_docstring:]]
    head = [ast.unparse(one) for one in (*function.decorator_list, function.args)]
    return "\n".join(head + lines)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_misconception_says_something(name: str) -> None:
    """A misconception has a kind, an idea and a nudge, each of them a text for a student."""
    for one in misconceptions(name):
        assert one.kind in (VALUES, LAW, METHOD), one.name
        assert one.of in exercise(name).functions, one.name
        for text in (one.idea, one.nudge):
            assert len(text.strip()) >= 20, one.name
            assert text.strip()[-1] in ".?", f"{one.name}: {text}"
        assert one.idea != one.nudge, one.name


@pytest.mark.parametrize("name", EXERCISES)
def test_no_nudge_gives_the_answer_away(name: str) -> None:
    """No nudge holds a line of the solution, however it is spaced."""
    answers = _answer_lines(name)
    assert answers
    for one in misconceptions(name):
        nudge = _squeezed(one.nudge)
        held = [line for line in answers if _squeezed(line) in nudge]
        assert not held, f"{one.name}: {held}"


def _answer_lines(name: str) -> list[str]:
    """The statements of the solution regions, also without their `return`."""
    lines: list[str] = []
    inside = False
    for line in (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8").split("\n"):
        if "SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside and line.strip() and not line.strip().startswith("#"):
            lines += {line.strip(), line.strip().removeprefix("return ")}
    # `return f` and the like is no secret.
    return [line for line in lines if len(_squeezed(line)) > 8]


def _squeezed(text: str) -> str:
    return "".join(text.split())
