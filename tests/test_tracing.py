"""Claims about compiling, about turns, about what is passed in, and about keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from jaxercise.claims import Exercise
from jaxercise.claims.context import RefusedError, run_about
from jaxercise.claims.distributions import keys_like, normal
from jaxercise.claims.draws import covers_all, judged_on
from jaxercise.claims.strategies import numbers, options, trees
from jaxercise.course import Course
from jaxercise.grading.references import References
from jaxercise.grading.session import Session
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.scaling import MANY
from jaxercise.sandboxed.wire.values import Key
from jaxercise.workers.local import LocalRunner

CODE = """
import functools

import jax
import jax.numpy as jnp
import numpy as np


def plain(x, n):
    return jnp.tile(jnp.sin(x), n)


@functools.partial(jax.jit, static_argnums=1)
def once(x, n):
    return plain(x, n)


def wrapped(x, n):
    y = jnp.asarray(x)
    return once(y, int(n))


def same_function(x, n):
    return jax.jit(plain, static_argnums=1)(x, n)


def every_time(x, n):
    return jax.jit(lambda x: plain(x, n))(x)


def in_parts(x, n):
    return once(x, n) * 2 + 1


def on_the_host(x, n):
    return jnp.asarray(np.tile(np.sin(np.asarray(x)), n))


def scanned(x, steps):
    return jax.lax.scan(lambda c, s: (c * x + s, c), x, steps)[1]


def looped(x, steps):
    found = []
    for s in steps:
        found.append(x)
        x = x * x + s
    return jnp.stack(found)


def counted(x, n):
    return jax.lax.fori_loop(0, n, lambda i, c: c * 0.5 + 1, x)


def counted_by_python(x, n):
    for _ in range(n):
        x = x * 0.5 + 1
    return x


def changes(state, x):
    state["list"][0] = x
    return state["list"][0] + 1


def adds(state, x):
    state["new"] = x
    return x + 1


def keeps(state, x):
    state = {**state, "new": x, "list": [x]}
    return state["list"][0] + 1


def drawn(key, n):
    return jax.random.normal(key, (n,))


def ignored(key, n):
    return jax.random.normal(jax.random.key(0), (n,))


_calls = []


def unsteady(key, n):
    _calls.append(n)
    return jax.random.normal(jax.random.key(len(_calls)), (n,))
"""
X = np.array([0.5, 1.5], np.float32)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, cache: None) -> Session:
    """All of it, graded by itself."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "autograder"):
        (root / name).mkdir()
    (root / "solutions" / "01_kinds.py").write_text(CODE)
    (root / "autograder" / "test_01_kinds.py").touch()
    runner = LocalRunner(debug=True)
    runner.load("01_kinds.py", [CODE])
    return Session(runner, References(Course.at(root), "01_kinds"))


def refused(session: Session, signature: str, claim: Callable[[Any], None]) -> str:
    """Why a claim about a function does not hold; empty where it does."""
    function = Exercise("test_01_kinds.py").function(signature)
    try:
        run_about(session, lambda: claim(function))
    except RefusedError as error:
        return error.finding.sentence
    return ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("once", ""), ("wrapped", ""), ("same_function", ""),
        ("plain", "operations at every call, one by one. Let one jax.jit compile"),
        ("every_time", "is traced once more, as if there had been none before"),
        ("in_parts", "Python goes through its operations"),
        ("on_the_host", "JAX cannot trace it"),
    ],
)  # fmt: skip
def test_what_is_compiled_once_is_told_from_what_is_not(
    session: Session, name: str, why: str
) -> None:
    """Also when it is asked a second time, and all has been compiled already."""
    for _ in range(2):
        found = refused(session, f"{name}(x, n)", lambda one: one.compiles_once(X, 3))
        assert why in found
        assert bool(found) == bool(why)


@pytest.mark.parametrize(
    ("name", "grows"),
    [
        ("scanned", ""),
        (
            "looped",
            "the more steps there are, the longer the traced program: there is a Python loop over "
            "the steps. Let jax.lax.scan carry them",
        ),
    ],
)
def test_turns_that_depend_on_each_other_may_not_be_written_out(
    session: Session, name: str, grows: str
) -> None:
    """Nothing is said of the answers, which differ from turn to turn."""

    def claim(one: Any) -> None:
        one.does_not_grow(
            lambda n: (np.float32(0.5), np.ones(n, np.float32)), over="steps", by="jax.lax.scan"
        )

    assert refused(session, f"{name}(x, steps)", claim) == grows


def test_a_number_of_turns_may_be_traced(session: Session) -> None:
    """An array of an integer is traced under jit, a Python integer is not."""
    for count, fine in ((np.int32(3), {"counted"}), (3, {"counted", "counted_by_python"})):
        for name in ("counted", "counted_by_python"):
            found = refused(
                session, f"{name}(x, n)", lambda one, n=count: one.agrees(X, n, under="jit")
            ) if name in fine else "not asked"  # fmt: skip
            assert (found == "") == (name in fine)


@pytest.mark.parametrize("name", ["changes", "adds", "keeps"])
def test_what_is_passed_in_stays_as_it_is(session: Session, name: str) -> None:
    """A list in a dict that is given another entry, a dict with a new one: both are seen."""
    state = {"list": [X, X]}
    found = refused(session, f"{name}(state, x)", lambda one: one(state, X + 1))
    assert ("a dict or list that was passed in has been changed" in found) == (name != "keeps")


def test_random_answers_are_judged(session: Session) -> None:
    """By their distribution and by whether they repeat."""
    calls, law = [(key, 100) for key in keys_like(Key(3, True), 4)], normal((100,))
    for name, random, repeats in (
        ("drawn", "", ""),
        ("ignored", "over 4 calls, the answer holds the same numbers over and over", ""),
        ("unsteady", "", "That is what a call with the same arguments returned before"),
    ):
        found = refused(session, f"{name}(key, n)", lambda one: one.is_random(calls, law))
        assert random in found
        assert bool(found) == bool(random)
        found = refused(session, f"{name}(key, n)", lambda one: one.repeats(Key(3, True), 4))
        assert repeats in found
        assert bool(found) == bool(repeats)
    assert any("seen in 99 of 100 runs" in one for one in session.told)


def test_a_tree_of_strategies_keeps_what_its_leaves_need() -> None:
    """Each option of each leaf is in some example; the structure is that of the strategies."""
    exercise = Exercise("test_01_kinds.py")
    function = exercise.function("f(x)")
    like = trees({"a": [options(1, 2), numbers(shape=(2,))], "b": (options("s", "t"), None)})

    def test(x: Any) -> None:
        """It draws."""

    test.strategies = {"x": like}  # type: ignore[attr-defined]
    function.claim(points=1, examples=6)(test)
    (claim,) = exercise.claims
    drawn = judged_on(claim, 0).examples
    assert covers_all(claim, drawn)
    assert {one["x"]["a"][0] for one in drawn} == {1, 2}
    assert {one["x"]["b"][0] for one in drawn} == {"s", "t"}
    assert drawn[0]["x"]["a"][1].shape == (2,)


@pytest.mark.parametrize(("rows", "printed"), [(3, 3), (MANY, 0)])
def test_rows_are_printed_where_somebody_reads_them(
    capfd: pytest.CaptureFixture[str], rows: int, printed: int
) -> None:
    """Of thousands `jax.debug.print` takes so long that a right answer would be ended."""
    runner = LocalRunner(debug=True)
    code = """
import jax

def noisy(x):
    def one(v):
        jax.debug.print("row {}", v)
        return 2 * v
    return jax.vmap(one)(x)
"""
    runner.load("noisy.py", [code])
    x = np.ones(rows, np.float32)
    reply = runner.call(Request("noisy", (x,)))
    jax.effects_barrier()
    assert capfd.readouterr().out.count("row") == printed
    assert np.array_equal(reply.value, 2 * x)
