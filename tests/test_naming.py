"""Misconceptions are named where they are, and nothing else is ever given their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from corpus import EXERCISES, Certificates, misconceptions_graded
from jaxercise.authoring.certify.grading import grader_of, judge
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.cache.folders import kept_file
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.claims import Claim
from jaxercise.claims.loading import load_exercise
from jaxercise.diagnosis.diagnosis import Diagnostician
from jaxercise.grading.references import References
from jaxercise.grading.session import Session
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import Reply, Runner
from needs import NIGHTLY
from running import COURSE

#: Whose right answers are spoilt.
SPOILT = EXERCISES if NIGHTLY else EXERCISES[3:4]
#: Ways to spoil a right answer that no misconception describes; numbers stay finite, shapes as
#: they are.
SPOIL = """
import jax as _jax, jax.numpy as _jnp, numpy as _np

def _bent(v):
    return ~v.at[0].set(~v[0]) if v.dtype == bool else v + _jnp.sin(3 * v + 1)

def _off_by_one_percent(v):
    return v.at[0].set(~v[0]) if v.dtype == bool else v * 1.01 + 0.003

def _constant(v):
    return _jnp.ones_like(v) if v.dtype == bool else _jnp.full_like(v, 0.7)

def _noisy(v):
    return v ^ (_jnp.arange(v.size) % 2 == 0) if v.dtype == bool else (
        v + 0.2 * _jax.random.normal(_jax.random.PRNGKey(3), v.shape))

def _hardly_off(v):
    return v.at[-1].set(~v[-1]) if v.dtype == bool else v * 1.00003 + 1e-5

def _every(how, result):
    if callable(result):
        return lambda *arguments: _every(how, result(*arguments))
    if hasattr(result, "axes"):
        for line in result.axes[0].lines:
            line.set_ydata(_np.asarray(how(_jnp.asarray(line.get_ydata()))))
        return result
    return _jax.tree.map(lambda v: how(_jnp.asarray(v)), result)

def _spoilt(function, how):
    return lambda *arguments: _every(how, function(*arguments))

def _crashing(function, error):
    def crash(*arguments):
        result = function(*arguments)
        if callable(result):
            return _crashing(result, error)
        raise error("something else went wrong")
    return crash
"""
WAYS = ("bent", "off_by_one_percent", "constant", "noisy", "hardly_off")
ERRORS = ("RuntimeError", "TypeError", "ValueError")


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_every_misconception_is_named(name: str, certificates: Certificates) -> None:
    """Each is told by its own name, and by no other."""
    said = {
        body.qualname: [o.finding.misconception for o in outcomes if o.finding is not None]
        for body, outcomes in misconceptions_graded(certificates(name))
    }
    named = {own: [one for one in names if one] for own, names in said.items()}
    assert {own: names for own, names in named.items() if names != [own.partition("__")[2]]} == {}


#: Answers that are told from others of their kind by the manner in which they are wrong, with the
#: name that is true of them, if there is one: exercise, function, code, name.
MANNERS = {
    "a loop over the rows of a table of pairs": (
        "01_vmap",
        "all_pairs",
        "return jnp.array([jax.vmap(partial(f, one))(b) for one in a])",
        "loop_over_a",
    ),
    "a loop over the columns of a table": (
        "01_vmap",
        "double_batched",
        "columns = [jax.vmap(f)(a[:, i], b[:, i]) for i in range(a.shape[1])]\n"
        "    return jnp.array(columns).T",
        "loop_over_columns",
    ),
    "a loop in a loop": (
        "01_vmap",
        "double_batched",
        "return jnp.array([list(map(f, *rows)) for rows in zip(a, b)])",
        "numpy_vectorize",
    ),
    "an axis that is guessed where the table is square": (
        "01_vmap",
        "column_predict",
        "axis = int(features.shape[1] != len(weights))\n"
        "    return jax.vmap(model, in_axes=(None, axis))(weights, features)",
        "",
    ),
    "the derivative alone": (
        "02_grad_vs_cos",
        "plot",
        "figure, axes = plt.subplots()\n"
        "    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), label='both of them')\n"
        "    axes.set(xlabel='x', ylabel='y')\n"
        "    axes.legend()\n"
        "    plt.close(figure)\n"
        "    return figure",
        "one_curve",
    ),
    "an axis squeezed away, and a loop": (
        "06_parallel_regression",
        "predict",
        "return jnp.squeeze(jnp.array([params[0] * size + params[1] for size in x]))",
        "",
    ),
    "derivatives one by one": (
        "04_partial_derivatives",
        "loss_and_gradient",
        "slopes = [\n"
        "        jax.grad(lambda p, i=i: loss(params.at[i].set(p), x, y))(params[i])\n"
        "        for i in range(1, params.size)\n"
        "    ]\n"
        "    value, first = jax.value_and_grad(\n"
        "        lambda p: loss(params.at[0].set(p), x, y))(params[0])\n"
        "    return value, jnp.stack([first, *slopes])",
        "derivatives_one_by_one",
    ),
}
HEAD = """
from functools import partial

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
"""


@pytest.mark.parametrize("manner", MANNERS)
def test_a_name_fits_the_manner(manner: str, workers: PatientWorkers) -> None:
    """What is wrong in another manner is not told what is not true of it."""
    name, function, code, due = MANNERS[manner]
    exercise = load_exercise(COURSE, name)
    signature = ", ".join(exercise.functions[function].parameters)
    text = f"{HEAD}\n\ndef {function}({signature}):\n    {code}\n"
    answer = judge(exercise, grader_of(COURSE, name, workers), Body("own", function, text))
    findings = [one.finding for one in answer.as_graded(exercise) if one.finding is not None]
    assert findings
    assert {one.misconception for one in findings} - {""} == {due} - {""}


class _StandIn:
    """A runner on which another function answers in the place of the one asked for."""

    def __init__(self, runner: Runner, name: str) -> None:
        self._runner, self._name = runner, name

    def __getattr__(self, name: str) -> object:
        return getattr(self._runner, name)

    def call(self, request: Request) -> Reply:
        return self._runner.call(replace(request, function=self._name))

    def scaling(self, small: Request, large: Request) -> object:
        return self._runner.scaling(*(replace(one, function=self._name) for one in (small, large)))


def _named(
    name: str, code: str, spoilt: Sequence[tuple[str, str]], workers: PatientWorkers
) -> list[str]:
    """Whatever of the spoilt functions, (function, own name), was given a misconception's name.

    They are all asked about the first claim of their function, which the others wait for.
    """
    claims: list[Claim] = load_exercise(COURSE, name).claims
    first = {claim.function.name: claim for claim in reversed(claims)}
    references = References(COURSE, name, kept_file("references", COURSE, name))
    diagnostician = Diagnostician(COURSE, workers.open, claims)
    runner = workers.open()
    found = []
    try:
        loaded, errors = runner.load(f"{name}.py", [code])
        assert not errors
        for function, own in spoilt:
            assert own in loaded
            session = Session(_StandIn(runner, own), references)
            likely = diagnostician.diagnose(first[function], session)
            if likely is not None and likely.name:  # a general cause has none
                found.append(f"{own}: {likely.name}")
    finally:
        runner.close()
        diagnostician.close()
    return found


@pytest.mark.parametrize("name", SPOILT)
def test_right_answers_that_crash_are_not_named(name: str, workers: PatientWorkers) -> None:
    """What computes the right thing and then raises has no misconception."""
    code = COURSE.variants(name).read_text(encoding="utf-8") + SPOIL
    spoilt = []
    for i, body in enumerate(right(COURSE, name)):
        error = ERRORS[i % len(ERRORS)]
        code += f"{body.qualname}__crashing = _crashing({body.qualname}, {error})\n"
        spoilt.append((body.function, f"{body.qualname}__crashing"))
    assert _named(name, code, spoilt, workers) == []


@pytest.mark.parametrize("name", SPOILT)
def test_unrelated_wrong_answers_are_not_named(name: str, workers: PatientWorkers) -> None:
    """What is wrong in ways that no misconception describes is given no name."""
    code = COURSE.variants(name).read_text(encoding="utf-8") + SPOIL
    first = {body.function: body.qualname for body in reversed(right(COURSE, name))}
    assert set(first) == {one.function for one in wrong(COURSE, name)}
    spoilt = []
    for function, body in first.items():
        for way in WAYS:
            code += f"{body}__{way} = _spoilt({body}, _{way})\n"
            spoilt.append((function, f"{body}__{way}"))
    assert _named(name, code, spoilt, workers) == []
