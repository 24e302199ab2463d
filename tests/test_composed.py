"""A function that uses a wrong one: what is its own is told apart from what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from jaxercise.authoring.certify.grading import graded, grader_of
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.claims import VALUES
from jaxercise.claims.loading import load_exercise
from jaxercise.submission import Source
from jaxercise.submission.source_text import calls
from jaxercise.verdicts import Finding
from running import COURSE

HEAD = "import jax\nimport jax.numpy as jnp\nfrom jax import lax\n"
UPHILL = """
def train_step(params, x, y, learning_rate):
    fall = lambda p: jnp.mean((p[0] * x[:, 0] + p[1] - y) ** 2)
    loss, slope = jax.value_and_grad(fall)(params)
    return params + learning_rate * slope, loss

def parallel_train_step(params, x, y, learning_rate):
    return jax.vmap(train_step, (0, 0, 0, None))(params, x, y, learning_rate)
"""
TRAIN = """
def train(params, x, y, learning_rate, n_epochs):
    step = lambda p, _: parallel_train_step(p, x, y, learning_rate)
    return lax.scan(step, params, length=n_epochs)
"""
DOWNHILL = """
def per_example_gradients(loss, params, x, y):
    return -jax.vmap(jax.grad(loss), (None, 0, 0))(params, x, y)
"""
MEAN = """
def batch_gradient(loss, params, x, y):
    return per_example_gradients(loss, params, x, y).mean(axis=0)
"""
TWICE = """
def train(params, x, y, learning_rate, n_epochs):
    step = lambda p, _: parallel_train_step(p, x, y, learning_rate)
    end, losses = lax.scan(step, params, length=2 * n_epochs)
    return end, losses[::2, :, None]
"""

RIGHT, FIRST, OWN = "its own part is right", "the other one comes first", "something is its own"
#: Exercise, code, and what is said of each claim on values that does not hold, by function.
CASES = {
    "under vmap, and in a loop": (
        "06_parallel_regression",
        UPHILL + TRAIN,
        {"parallel_train_step": [RIGHT], "train": [RIGHT, RIGHT]},
    ),
    "other values, and another shape": (
        "06_parallel_regression",
        UPHILL + TWICE,
        {"parallel_train_step": [RIGHT], "train": [FIRST, OWN]},
    ),
    "a function passed on": (
        "05_per_example_gradients",
        DOWNHILL + MEAN,
        {"batch_gradient": [RIGHT]},
    ),
    "a sum": (
        "05_per_example_gradients",
        DOWNHILL + MEAN.replace("mean", "sum"),
        {"batch_gradient": [FIRST]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_its_own_is_told(case: str, workers: PatientWorkers) -> None:
    """What is right but for the other function is said to be; nothing else is."""
    name, code, due = CASES[case]
    exercise = load_exercise(COURSE, name)
    code = HEAD + code
    uses = calls([code])
    source = Source(Path(f"{name}.py"), (code,), dict.fromkeys(uses, "written"), None, True, uses)
    grader = grader_of(COURSE, name, workers, diagnose=False)
    grader = replace(grader, shrink=False, all_claims=False)
    claims = [one for one in exercise.claims if one.function.name in uses and one.kind == VALUES]
    told: dict[str, list[str]] = {function: [] for function in due}
    for one in graded(grader, source, claims):
        if one.finding is not None and one.function in due:
            (used,) = (other for other in uses[one.function] if other in exercise.functions)
            told[one.function].append(about(one.finding, one.function, used))
    assert told == due


def about(finding: Finding, function: str, used: str) -> str:
    """What a finding says of another function that is used."""
    first = f"It uses {used}, which is not right yet: mend that first."
    said = {
        f"{first} What {function} makes of it is right.": RIGHT,
        first: FIRST,
    }
    if finding.diagnosis in said:
        return said[finding.diagnosis]
    return OWN * finding.hint.endswith(f"It also uses {used}, which is not right yet.")
