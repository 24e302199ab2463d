"""Values of any form: as arguments and as answers, on the way and in a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
import pytest
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.claims import Exercise
from jaxercise.claims.context import RefusedError
from jaxercise.claims.texts import call_text, value_text
from jaxercise.comparison import Expected, compare
from jaxercise.course import Course
from jaxercise.grading.references import References
from jaxercise.grading.session import Session
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.results import opened, plain
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import Key
from jaxercise.workers.local import LocalRunner

SOLUTION = """
import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp


class State(NamedTuple):
    step: jax.Array
    mean: dict


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Model:
    w: jax.Array
    b: jax.Array


def step(params, x, rate, name, nothing, flag):
    scale = rate if name == "sgd" and nothing is None and flag else 0.0
    return {"w": [w - scale * x for w in params["w"]], "b": params["b"] * 2, "no": None}


def take(x, i):
    return x[i], i + 1, x > 0, jnp.argmax(x)


def noisy(key, x):
    return x + jax.random.normal(key, x.shape), jax.random.randint(key, (3,), 0, 100)


def drawn(key):
    return jax.random.uniform(key, (4,))


def halves(x):
    return x * x, (x > 1).astype(jnp.int32), x.astype(jnp.float32)


def turned(z):
    return z * (1 + 2j), jnp.sum(z), jnp.abs(z)


def state(x):
    return State(jnp.int32(3), {"a": jnp.sin(x), "b": (x, [x * 1.5])}), Model(x + 1, x - 1)


def five(x):
    return x, x, x, x, x * 2


def counted(n):
    return jnp.arange(n), jnp.asarray(n * n)
"""
X = np.array([0.5, -2.0, 1.5], np.float32)
SMALL = np.array([0.5, 1.5], ml_dtypes.bfloat16)
PARAMS = {"w": [X, 2 * X], "b": np.float32(1.5)}
CALLS = [
    Request("step", (PARAMS, X, 0.125, "sgd", None, True)),
    Request("take", (X, np.array([2, 0], np.int32))),
    *(Request("noisy", (Key(7, typed), X)) for typed in (False, True)),
    *(Request("drawn", (Key(2**31 + 3, typed),)) for typed in (False, True)),
    Request("halves", (SMALL,)),
    Request("halves", (SMALL.astype(np.float16),)),
    Request("turned", (np.array([1 + 2j, -0.5j], np.complex64),)),
    Request("state", (X,)),
    Request("five", (X,)),
    Request("counted", (4,)),
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, cache: None) -> Session:
    """The solution, graded by itself."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises", "autograder"):
        (root / name).mkdir()
    (root / "solutions" / "01_trees.py").write_text(SOLUTION)
    (root / "autograder" / "test_01_trees.py").touch()
    runner = LocalRunner(debug=True)
    runner.load("01_trees.py", [SOLUTION])
    return Session(runner, References(Course.at(root), "01_trees"))


@pytest.mark.parametrize("request_", CALLS, ids=lambda one: one.function)
def test_a_right_answer_is_right(asked: Session, request_: Request) -> None:
    """Dicts, lists, None, keys, integers, short and complex floats: all compare, to the dtype."""
    due, reply = asked.remembered_with_expected(request_, ("a", "b", "c", "d", "e", "f"))
    assert compare(reply.value, due) is None


def changed(value: Any) -> Iterator[Any]:
    """The value with one of its leaves changed: its numbers, its dtype, its shape."""
    found = trees.leaves(value)
    for place, leaf in enumerate(found):
        wrong = ~leaf if leaf.dtype == bool else leaf + leaf.dtype.type(1)
        for other in (wrong, leaf.real.astype(np.int8), leaf[None]):
            yield trees.rebuilt(value, iter([*found[:place], other, *found[place + 1 :]]))


@pytest.mark.parametrize("request_", CALLS, ids=lambda one: one.function)
def test_a_wrong_leaf_is_wrong(asked: Session, request_: Request) -> None:
    """Whichever leaf it is, and whatever is wrong with it."""
    due, reply = asked.remembered_with_expected(request_, ("a", "b", "c", "d", "e", "f"))
    for other in changed(reply.value):
        assert compare(other, due) is not None
    names = ("a", "b", "c", "d", "e", "f")[: len(request_.arguments)]
    with pytest.raises(RefusedError):
        asked.check([reply.value], due, request_, names)


@pytest.mark.parametrize(
    ("got", "due", "said"),
    [
        ({"a": X}, {"b": X}, "the answer has the keys 'a'; expected 'b'"),
        ([X], (X,), "the answer is a list of 1; expected a tuple of 1"),
        ((X, [X]), (X, [X, X]), "the second item of the answer is a list of 1; expected one of 2"),
        ({"a": X}, {"a": None}, "the entry 'a' of the answer is an array of shape (3,); "
         "expected None"),
        ((X,) * 4 + (None,), (X,) * 5, "item 5 of the answer is None; expected an array of shape "
         "(3,), float32"),
        ({"w": (X + 9, None)}, {"w": (X, X)}, "the second item of the entry 'w' of the answer is "
         "None; expected an array of shape (3,), float32"),
    ],
)  # fmt: skip
def test_another_structure_is_said_first(got: Any, due: Any, said: str) -> None:
    """The sentence names the place, what stands there and what is due."""
    zero = trees.mapped(lambda one: np.zeros(one.shape), due)
    told = compare(got, Expected(due, zero))
    assert told is not None
    assert told.sentence == said


class Pair(NamedTuple):
    """A tuple with names."""

    a: Any
    b: Any


def test_leaves_and_structure_are_the_value() -> None:
    """Taken apart and put together again it is the same, and every part is found by its path."""
    value = {"b": (X, [None, 1]), "a": Pair(2.0, {})}
    assert trees.leaves(value) == [2.0, X, 1]
    assert str(trees.structure(value)) == "{'a': (*, {}), 'b': (*, [None, *])}"
    assert list(trees.paths(value)) == [("a", 0), ("b", 0), ("b", 1, 1)]
    assert [trees.at(value, path) for path in trees.paths(value)] == trees.leaves(value)
    assert trees.rebuilt(value, iter("xyz")) == {"a": ("x", {}), "b": ("y", [None, "z"])}
    assert trees.structure(Pair(1, 2)) == trees.structure((X, X))


DISTINCT = [
    {"a": X, "b": X + 1}, {"a": X + 1, "b": X}, {"b": X, "c": X + 1}, [X, X + 1], (X, X + 1),
    ((X,), X + 1), {"a": {"b": X}, "c": X + 1}, (X, X + 1, None), 1, True, 1.0, "1", None, [], {},
    (), X, X.astype(np.float64), X[None], Key(1, True), Key(1, False), Key(2, True),
    Request("f", (X,)), Request("g", (X,)), Request("f", (X,), under="jit"), Request("f", ([X],)),
]  # fmt: skip


def test_a_class_of_the_solutions_opens_into_plain_trees(asked: Session) -> None:
    """As a student's answer does: a pack holds programs that return these."""
    answer = asked.references.programs.function("state")(X)
    made = opened(answer)
    assert trees.structure(made) == trees.structure(plain(answer))
    assert type(made[0]) is tuple
    assert set(made[1]) == {"w", "b"}


def test_no_two_questions_have_one_fingerprint() -> None:
    """Keys of dicts, kinds of containers, types of numbers: all of it counts."""
    assert len({fingerprint(one) for one in DISTINCT}) == len(DISTINCT)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_step_that_is_none_is_refused() -> None:
    """A misspelt step is an error that lists those there are."""
    for how in ({"under": "jitt"}, {"result_under": ("jit", "wmap")}):
        with pytest.raises(ValueError, match="'again', 'settled', and not under '"):
            Request("f", (), **how)  # type: ignore[arg-type]
    assert Request("f", (), under="jit").under == (Step.JIT,)


def test_a_claim_that_is_misspelt_is_refused_when_it_is_made() -> None:
    """Its kind, and the steps that stand in it: not when it is judged, and never not at all."""
    function = Exercise("test_01_trees.py").function("five(x)")
    with pytest.raises(ValueError, match="'values', 'law', 'method', not 'laws'"):
        function.claim(points=1, kind="laws")

    def test() -> None:
        """It calls under nothing that there is."""
        function.agrees(X, under="jitt")

    with pytest.raises(ValueError, match="and not under 'jitt'"):
        function.claim(points=1)(test)


def test_steps_are_taken_from_the_inside_out(asked: Session) -> None:
    """Two steps are two: the text says so, and so do the values."""
    rows = np.stack([X, 2 * X])
    request = Request("five", (rows,), under=("vmap", "jit"))
    assert call_text(request, ("x",)) == "jax.jit(jax.vmap(five))(x)"
    due, reply = asked.remembered_with_expected(request, ("x",))
    assert compare(reply.value, due) is None


def test_a_tree_is_shown_as_it_is_written() -> None:
    """Dicts with their keys, tuples of one with their comma."""
    assert value_text({"b": (X,), "a": [None, True, "s"]}) == (
        "{'a': [None, True, 's'], 'b': ([0.5, -2, 1.5],)}"
    )
