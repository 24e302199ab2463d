"""A session that judges nobody: whom it tells, and what remains a fault of the property's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jaxercise.claims.claims import Claim, Exercise
from jaxercise.claims.context import current
from jaxercise.comparison import Difference, Expected
from jaxercise.course import Course
from jaxercise.grading.references import References
from jaxercise.grading.running import explore, run
from jaxercise.grading.session import Listener, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.verdicts import DOUBTFUL, Verdict, settled
from jaxercise.workers.local import LocalRunner
from jaxercise.workers.runner import Raised, Reply

X = np.array([1.0, 2.0], np.float32)
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"
RAISING = "def double(x):\n    raise ValueError('no')\n"
double = Exercise("test_01_double.py").function("double(x)")


class Noting(Listener):
    """Writes down the kinds of what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def replied(self, request: Request, reply: Reply) -> None:
        self.told.append("raised" if reply.raised else "replied")

    def measured(self, small: Request, large: Request, measured: Any) -> None:
        self.told.append("raised" if isinstance(measured, Raised) else "measured")

    def compared(self, value: Any, expected: Expected, difference: Difference | None) -> None:
        self.told.append(difference.kind if difference else "equal")

    def refused(self) -> None:
        self.told.append("refused")


class MadeUp(Noting):
    """Knows that nobody has answered."""

    made_up = True


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory, cache: None) -> References:
    """Those of a course of one function."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises", "autograder"):
        (root / name).mkdir()
    (root / "solutions" / "01_double.py").write_text(RIGHT)
    (root / "autograder" / "test_01_double.py").touch()
    return References(Course.at(root), "01_double")


def claimed(test: Callable[[], None]) -> Claim:
    """A claim that draws nothing."""
    double.claim(points=1)(test)
    return double.exercise.claims[-1]


def session(references: References, code: str, listener: Listener | None) -> Session:
    runner = LocalRunner(debug=False)
    runner.load("01_double.py", [code])
    return Session(runner, references, listener)


def at_fault() -> None:
    """Doubles, and divides by nothing."""
    double.agrees(X)
    raise ZeroDivisionError


def twice() -> None:
    """Doubles what it has doubled, and is sure of it."""
    double.agrees(X)
    double.agrees(X)
    double.check(bool(double(X)[0] == 2), "no")
    double.agrees(np.asarray(double(X)))


def computing() -> None:
    """Doubles three numbers, and computes with them."""
    doubled = double.array(X, shape=(3,))
    double.check(bool(doubled.sum() > 0), "no")


def test_nothing_is_computed_with_an_answer_of_another_form(references: References) -> None:
    """It may be of any size: a claim that asks for a form is left where it does not get it."""
    listener = Noting()
    explore(claimed(computing), session(references, RIGHT, listener))
    assert listener.told == ["replied", "shape", "refused"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (RIGHT, ["replied", "equal", "replied", "equal", "replied", "replied", "replied", "equal"]),
        (WRONG, ["replied", "value", "replied", "value", "replied", "refused"]),
        (RAISING, ["raised"]),
    ],
    ids=["right", "wrong", "raising"],
)
def test_a_listener_is_told_as_far_as_the_claim_goes(
    code: str, told: list[str], references: References
) -> None:
    """A wrong answer ends nothing; an exception does, and what the claim itself refuses."""
    listener = Noting()
    explore(claimed(twice), session(references, code, listener))
    assert listener.told == told


def test_a_fault_of_a_property_is_raised(references: References) -> None:
    """After right answers it is the property's, after wrong or made up ones it says nothing."""
    claim = claimed(at_fault)
    with pytest.raises(ZeroDivisionError):
        explore(claim, session(references, RIGHT, Noting()))
    explore(claim, session(references, WRONG, Noting()))
    explore(claim, session(references, RIGHT, MadeUp()))
    outcome = run(claim, session(references, RIGHT, None))
    assert outcome.verdict == Verdict.INTERNAL
    assert outcome.finding is not None
    assert "ZeroDivisionError" in outcome.finding.sentence


def test_nobody_is_judged_where_nothing_runs() -> None:
    """A property that is called as it stands says by whom it is run."""
    with pytest.raises(RuntimeError, match="run by the grader"):
        current()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_may_be_the_machines_doing_is_tried_once_more(verdict: Verdict) -> None:
    """Its second verdict counts, whatever it is; every other one counts at once."""
    verdicts = iter([verdict, Verdict.PASSED])
    found = settled(lambda: next(verdicts), lambda one: one)
    assert found == (Verdict.PASSED if verdict in DOUBTFUL else verdict)
    assert settled(lambda: verdict, lambda one: one, again=False) == verdict
