"""What claims are written with besides `agrees`: laws, conditions, and forms of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from jaxercise.claims import Exercise
from jaxercise.claims.context import RefusedError, run_about
from jaxercise.comparison import carried
from jaxercise.course import Course
from jaxercise.grading.references import References
from jaxercise.grading.session import Session
from jaxercise.workers.local import LocalRunner

SOLUTION = """
import jax.numpy as jnp


def double(x):
    return 2 * x


def parts(x):
    return {"sum": jnp.sum(x), "large": x > 1, "order": jnp.argsort(x)}


def short(x):
    return x + x


def plot(x):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot(x, x, label="x")
    return figure
"""
WRONG = {
    "double": "return 2 * x + jnp.arange(len(x))",
    "parts": 'return {"sum": jnp.sum(x), "large": x > 1}',
    "short": "return (x + x).astype(jnp.float32)",
    "plot": "pass",
}
X = np.array([0.5, -2.0, 1.5], np.float32)

exercise = Exercise("test_01_laws.py")
double = exercise.function("double(x)")
parts = exercise.function("parts(x)")
short = exercise.function("short(x)")
plot = exercise.function("plot(x)")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, cache: None) -> Course:
    course = Course(tmp_path_factory.mktemp("course"))
    course.solutions.mkdir()
    course.solution("01_laws").write_text(SOLUTION)
    return course


Ask = Callable[[Callable[[], Any], str], str]


@pytest.fixture
def asked(course: Course) -> Ask:
    """Runs a property on the solution, or on it with one function wrong; what is said of it."""

    def asked(test: Callable[[], Any], wrong: str = "") -> str:
        code = SOLUTION
        if wrong:
            code += f"\n\ndef {wrong}(x):\n    {WRONG[wrong]}\n"
        runner = LocalRunner(debug=False)
        runner.load("01_laws.py", [code])
        session = Session(runner, References(course, "01_laws"))
        try:
            run_about(session, test)
        except RefusedError as refused:
            return f"{refused.finding.call}: {refused.finding.sentence}"
        assert session.compared
        return ""

    return asked


def test_a_law_holds_for_what_is_right_and_shows_what_is_not(asked: Ask) -> None:
    """The expected values are the student's own, and the sentence is added."""

    def turned() -> None:
        double.relates(X[::-1], to=(X,), by=lambda y: y[::-1], meaning="So it is")

    assert asked(turned, "") == ""
    said = asked(turned, "double")
    assert said == "double(x): entry [0] of the answer is 3; expected 5. So it is"


def test_a_law_keeps_the_dtype_and_works_under_steps(asked: Ask) -> None:
    """Of bfloat16 comes bfloat16; a batch is carried on both sides."""
    small = X.astype(ml_dtypes.bfloat16)
    assert asked(lambda: short.relates(small, to=(small,), by=lambda y: y), "") == ""
    assert asked(lambda: short.relates(2 * small, to=(small,), by=lambda y: 2 * y), "") == ""
    rows = np.stack([X, 2 * X])
    by = {"to": (rows,), "by": lambda y: y[::-1], "under": "vmap"}
    assert asked(lambda: double.relates(rows[::-1], **by), "") == ""


def test_a_law_of_another_form_is_the_authors_fault(asked: Ask) -> None:
    """What `by` makes is no answer."""
    with pytest.raises(ValueError, match=r"double: `by` makes \(\*, \*\) of an answer"):
        asked(lambda: double.relates(X, to=(X,), by=lambda y: (y, y)), "")


def test_an_answer_may_be_off_by_what_becomes_of_its_error() -> None:
    """Errors add up in a sum, and are carried through what is not linear."""
    value, error = np.array([1.0, 2.0], np.float32), np.array([0.25, 0.5])
    exact, off = carried(lambda y: {"sum": y.sum(), "square": y**2}, value, error)
    assert exact["sum"] == 3
    assert off["sum"] == 0.75
    np.testing.assert_allclose(off["square"], [0.5625, 2.25])
    flags = np.array([True, False])
    assert carried(lambda y: ~y, flags, np.zeros(2))[1].tolist() == [0, 0]


def test_a_tree_is_made_like_the_references(asked: Ask) -> None:
    """Structure, shapes and dtypes; the numbers are free."""
    assert asked(lambda: parts.tree(X), "") == ""
    said = asked(lambda: parts.tree(X, meaning="All three"), "parts")
    assert "has the keys 'large', 'sum'; expected 'large', 'order', 'sum'. All three" in said
    like = {"sum": X[0], "large": X > 0, "order": X.astype(np.int32)}
    assert asked(lambda: parts.tree(2 * X, like=like), "") == ""
    assert "expected bfloat16" in asked(lambda: short.tree(X.astype(ml_dtypes.bfloat16)), "short")
    said = asked(lambda: double.array(X, shape=(3,), dtype="int32", meaning="Count"), "")
    assert said == "double(x): the answer has dtype float32; expected int32. Count"


def test_a_condition_is_about_the_call_before(asked: Ask) -> None:
    """Its arguments need not be told again."""

    def positive() -> None:
        double(np.abs(X))
        y = double(X)
        double.check(bool(np.all(y > 0)), "it is not positive", returned=y)

    assert asked(positive, "") == "double(x): it is not positive"


def test_a_figure_is_one(asked: Ask) -> None:
    """What can be seen of it; what is none is told."""
    assert asked(lambda: plot.check(plot.figure(X)["axes"] == 1, "several"), "") == ""
    said = asked(lambda: plot.figure(X), "plot")
    assert said.endswith(
        "the answer is None, not a matplotlib Figure; is a return missing at the end?"
    )
