"""A course of one function that costs next to nothing: what is measured are the processes."""

from __future__ import annotations

from pathlib import Path

from jaxercise.authoring.build import build
from jaxercise.course import Course
from jaxercise.files import write_whole

EXERCISE = "01_small"
FUNCTION = "changes"
_SOLUTION = """\
# %%
import jax.numpy as jnp
from jaxtyping import Array, Float


# %%
def changes(x: Float[Array, " n"]) -> Float[Array, " n"]:
    ### BEGIN SOLUTION
    return x - x[0]
    ### END SOLUTION
"""
_CLAIMS = '''\
import numpy as np
from jaxercise.claims import METHOD, Exercise, given
from jaxercise.claims.strategies import vectors

exercise = Exercise(__file__)
changes = exercise.function("changes(x)")


@changes.claim(points=2)
@given(x=vectors(n=5, distinct=True))
def test_changes_are_measured_from_the_first_value(x):
    """Entry i of the answer is x[i] - x[0]."""
    for length in (5, 1, 3):
        changes.agrees(x[:length])


@changes.claim(points=1, kind=METHOD)
def test_changes_do_not_loop():
    """The values are compared by array operations, not by a Python loop."""
    changes.does_not_loop(lambda n: (np.ones(n, np.float32),), over="values")
'''
_MISCONCEPTIONS = '''\
import jax.numpy as jnp


def changes__step_by_step(x):
    """Each value is compared with the one before it, not with the first one.

    For three values, which two does the last entry need?
    """
    return jnp.diff(x, prepend=x[:1])


def changes__one_by_one(x):
    """method: The values are right, but Python computes one after the other.

    How many operations would a million values take?
    """
    return jnp.stack([one - x[0] for one in x])
'''


def write_small_course(folder: Path) -> Course:
    """The course in a folder, new or empty."""
    course = Course(folder)
    texts = {
        folder / "pyproject.toml": "[tool.jaxercise]\n",
        course.solution(EXERCISE): _SOLUTION,
        course.properties(EXERCISE): _CLAIMS,
        course.misconceptions(EXERCISE): _MISCONCEPTIONS,
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    course.exercises.mkdir()
    build(course.solutions, course.exercises)
    return course


def answer(body: str) -> bytes:
    """A submitted file: the function with a body."""
    head = _SOLUTION.partition("    ### BEGIN")[0]
    return f"{head}    {body}\n".encode()
