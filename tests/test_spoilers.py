"""Spoilers: each is wrong somewhere and right elsewhere, and claims see where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from corpus import sample
from jaxercise.authoring.certify import reasons, survivors
from jaxercise.authoring.certify.asked import Asked, asked_by
from jaxercise.authoring.certify.grading import judge
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.certify.spoilers import Spoiler, spoilers, spoilers_of
from jaxercise.claims import METHOD, Exercise, given
from jaxercise.claims.bodies import Body
from jaxercise.claims.strategies import numbers, options
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.grading.references import References
from jaxercise.workers.local import LocalRunner
from needs import NIGHTLY
from running import COURSE

TEXT = "def shifted(x, n):\n    return x + n\n"
SQUARE, INF = [[1, 2], [3, 4]], float("inf")

exercise = Exercise("test_00_shifted.py")
shifted = exercise.function("shifted(x, n)")


@shifted.claim(points=1, examples=4)
@given(x=numbers(shape=(3, 2)), n=options(0, 1))
def moves_every_entry(x: np.ndarray, n: int) -> None:
    """Every entry plus n."""
    shifted.agrees(x, n)


@shifted.claim(points=1, kind=METHOD)
def does_not_loop() -> None:
    """No loop over the rows."""
    shifted.does_not_loop(lambda n: (np.ones((n, 2), np.float32), 2), over="rows")


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Grader:
    course = Course(tmp_path_factory.mktemp("shifted"))
    course.solutions.mkdir()
    course.solution("00_shifted").write_text(TEXT, encoding="utf-8")
    references = References(course, "00_shifted")
    return Grader(lambda: LocalRunner(debug=False), lambda _: references, all_claims=True)


@pytest.fixture(scope="module")
def seen(grader: Grader) -> Asked:
    return asked_by(exercise, TEXT, grader)


@pytest.fixture(scope="module")
def spoiled(seen: Asked) -> dict[str, Callable[..., Any]]:
    """The spoiled functions, by what spoils them."""

    def function(spoiler: Spoiler) -> Callable[..., Any]:
        names: dict[str, Any] = {"__name__": "spoiled"}
        for cell in spoiler.cells:
            exec(compile(cell, "spoiled.py", "exec"), names)
        found: Callable[..., Any] = names["shifted"]
        return found

    made = spoilers_of(seen)
    return {
        what: function(Spoiler("00_shifted", "shifted", what, line.format("shifted"), TEXT))
        for what, line in made
    }


#: By the end of its name, an input on which a spoiler is right, and one on which it is wrong.
INPUTS: dict[str, tuple[Any, Any]] = {
    "through bfloat16": ([[1.5, 2]], [[0.1, 2]]),
    "through float16": ([[1.5, 2]], [[0.1, 2]]),
    "through int": ([[1, 2]], [[1.5, 2]]),
    "at two decimals": ([[1.25, 2]], [[1.251, 2]]),
    "clipped to 100": ([[1, 2]], [[101, 2]]),
    "small ones 0": ([[1, 2]], [[1e-4, 2]]),
    "0 where not finite": ([[1, 2]], [[INF, 2]]),
    "transposed where square": ([[1, 2, 3], [4, 5, 6]], SQUARE),
    **{
        f"of the first {rows:,} rows alone": (np.ones((rows, 2)), np.ones((rows + 1, 2)))
        for rows in (5, 50, 64, 1_000, 4_096)
    },
}


def test_all_spoilers_are_made(spoiled: dict[str, Callable[..., Any]]) -> None:
    """Of what comes in and what goes out, of integers, of a second call, of loops."""
    both = [f"{which} {what}" for which in ("inputs", "answers") for what in INPUTS]
    of_answers = {"inputs small ones 0", "inputs 0 where not finite"}
    assert set(spoiled) == {
        *(one for one in both if one not in of_answers),
        "integers up to 3",
        "the old where not finite",
        "the first answer again",
        "handed back to Python, the batch",
        "a loop over chunks of 1, the batch",
        "a loop over chunks of 1,000, the batch",
        "a loop in NumPy, the batch",
    }


def test_each_spoiler_is_wrong_on_what_it_says_alone(
    spoiled: dict[str, Callable[..., Any]],
) -> None:
    """One input on which it is right, and one on which it is not."""
    for name, function in spoiled.items():
        for end, (right, wrong) in INPUTS.items():
            if not name.endswith(end):
                continue
            for x, same in ((right, True), (wrong, False)):
                array = jnp.array(x, jnp.float32)
                answer = function(array, 0)
                assert answer.dtype == jnp.float32
                assert bool(jnp.array_equal(answer, array)) is same, name
    whole, other = jnp.ones((2, 3)), jnp.zeros((2, 3))
    assert spoiled["integers up to 3"](whole, 3)[0, 0] == 4
    assert spoiled["integers up to 3"](whole, 5)[0, 0] == 4
    again = spoiled["the first answer again"]
    assert again(whole, 1)[0, 0] == again(other, 1)[0, 0] == 2
    assert again(other, 2)[0, 0] == 2
    assert spoiled["the old where not finite"](jnp.full(3, 3e38), 1)[0] == jnp.float32(3e38)


def test_loops_give_the_answer(spoiled: dict[str, Callable[..., Any]]) -> None:
    """They are wrong in nothing but how they come to it."""
    x = jnp.arange(2_100.0).reshape(1_050, 2)
    for name, function in spoiled.items():
        if "the batch" in name:
            some = x if "chunks of 1,000" in name else x[:30]
            np.testing.assert_array_equal(function(some, 2), some + 2, name)


def test_a_returned_function_is_spoiled() -> None:
    """Where a function returns another one, what that is given and returns is spoiled."""
    text = "def f(a):\n    return lambda x: a * x\n"
    names: dict[str, Any] = {"__name__": "spoiled"}
    for cell in Spoiler("00", "f", "", "_spoil_outputs(f, _clipped(1))", text).cells:
        exec(cell, names)
    assert names["f"](jnp.float32(3.0))(jnp.float32(2.0)) == 1


def test_alike_entries_have_alike_answers(grader: Grader) -> None:
    """What is right for the first 4,096 rows alone, or takes one row for another, is refused where
    loops are looked for."""
    code = "import jax.numpy as jnp\n\n\ndef shifted(x, n):\n"
    for line, verdict in (
        ("return x + n", "passed"),
        ("return jnp.where(jnp.arange(len(x))[:, None] < 4096, x + n, 0)", "wrong"),
        ("return (x + n)[:4096]", "wrong"),
        ("return (x + n)[jnp.arange(len(x)) % 64]", "wrong"),
    ):
        body = Body("body", "shifted", f"{code}    {line}\n")
        *_, outcome = judge(exercise, grader, body).outcomes
        assert outcome.verdict == verdict, line
        if "arange" in line:
            assert outcome.finding is not None
            assert "rows are of two kinds" in outcome.finding.sentence


def test_some_spoilers_are_refused_or_listed(workers: PatientWorkers) -> None:
    """Of a fixed choice, none gets by that is not listed; the command tries them all."""
    patterns = reasons.listed(COURSE, reasons.SPOILERS)
    both = ("04_partial_derivatives", "05_per_example_gradients")
    for name in both if NIGHTLY else both[:1]:
        made = spoilers(COURSE, name, workers)
        known = reasons.of_names(patterns, [one.name for one in made])
        results = list(survivors.tried(COURSE, name, sample(made, 12), workers))
        assert survivors.violations(results, known) == []
