"""Objects as arguments: NamedTuples, registered dataclasses, optimizers' states, modules."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import find
from jaxercise.authoring.certify.faults import faults
from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.pack.sealing import sealed_programs
from jaxercise.claims.bodies import right, wrong
from jaxercise.claims.claims import Function
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.strategies import instances, numbers, scalar_functions, trees, vectors
from jaxercise.claims.strategies.objects import as_data
from jaxercise.claims.texts import value_text
from jaxercise.comparison import compare
from jaxercise.course import Course
from jaxercise.grading.own_inputs import InputError, requests
from jaxercise.grading.references import References, Solutions
from jaxercise.grading.session import Session
from jaxercise.grading.signatures import Signature, signature_of
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire.frames import ProtocolError
from jaxercise.sandboxed.wire.trees import Instance
from jaxercise.sandboxed.wire.values import decode_arguments, decode_result, encode
from jaxercise.workers.local import LocalRunner

CLASSES = '''
import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

# %%
Vector = Float[Array, " d"]


class State(NamedTuple):
    """A running mean, of so many vectors."""

    count: Int[Array, ""]
    mean: Vector

    def total(self):
        return self.count * self.mean


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Line:
    w: Vector
    degree: int = dataclasses.field(metadata={"static": True}, default=1)

    def __call__(self, x):
        return jnp.sum(self.w * x**self.degree)
'''
FUNCTIONS = '''

# %%
def updated(state: State, x: Vector) -> State:
    """The state with one vector more."""
    ### BEGIN SOLUTION
    count = state.count + 1
    return State(count, (state.total() + x) / count)
    ### END SOLUTION


# %%
def slope(line: Line, x: Vector) -> Line:
    """The slope of a line's square."""
    ### BEGIN SOLUTION
    return jax.grad(lambda line: line(x) ** 2)(line)
    ### END SOLUTION
'''
SOLUTION = "# %% [markdown]\n# # Means\n\n# %%" + CLASSES + FUNCTIONS
CLAIMS = '''
from jaxercise.claims import LAW, Exercise, given
from jaxercise.claims.strategies import instances, integers, options, vectors

exercise = Exercise(__file__)
updated = exercise.function("updated(state, x)")
slope = exercise.function("slope(line, x)")
states = instances("State", count=integers(), mean=vectors(n=3))


@updated.claim(points=1)
@given(state=states, x=vectors(n=3))
def test_updated_is_the_mean(state, x):
    """The mean has one more vector in it."""
    updated.agrees(state, x)
    updated.agrees(state, x, under="jit")
    updated.agrees(state, x, under="again")


@slope.claim(points=1)
@given(line=instances("Line", w=vectors(n=3), degree=options(1, 2)), x=vectors(n=3))
def test_slope_is_a_line(line, x):
    """One number for each weight."""
    slope.agrees(line, x, under="jit")
'''
VARIANTS = '''
def updated__replaced(state, x):
    """`_replace`, and `total` of the class that the exercise gives."""
    more = state._replace(count=state.count + 1)
    return more._replace(mean=(state.total() + x) / more.count)


def updated__tuple(state, x):
    """Taken apart by place, and a plain tuple returned."""
    count, mean = state
    return count + 1, (count * mean + x) / (count + 1)


def slope__by_hand(line, x):
    """A class of its own name, made by `dataclasses.replace`."""
    return dataclasses.replace(line, w=2 * line(x) * x**line.degree)
'''
WRONG = '''
def updated__forgets_to_count(state, x):
    """The count stays."""
    return State(state.count, (state.total() + x) / (state.count + 1))


def slope__of_the_line(line, x):
    """Of the line, and not of its square."""
    return jax.grad(lambda line: line(x))(line)
'''
X = np.array([0.5, -2.0, 1.5], np.float32)
STATE = Instance("State", {"count": np.int32(2), "mean": X})
LINE = Instance("Line", {"w": X, "degree": 2})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, cache: None) -> Course:
    """An exercise whose functions take objects of classes that it gives."""
    made = Course(tmp_path_factory.mktemp("objects"))
    for path, text in (
        (made.solution("01_means"), SOLUTION),
        (made.properties("01_means"), CLAIMS),
        (made.variants("01_means"), VARIANTS),
        (made.misconceptions("01_means"), WRONG),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


def session(course: Course, code: str) -> Session:
    """Some code, to be asked in the place of the first exercise."""
    runner = LocalRunner(debug=False)
    runner.load("01_means.py", [code])
    return Session(runner, References(course, "01_means"))


def test_objects_of_an_exercises_classes_are_arguments(
    course: Course, workers: PatientWorkers
) -> None:
    """Right answers in other styles earn all, wrong ones are named; each is given real objects."""
    assert faults(course, ["01_means"]) == []
    exercise = load_exercise(course, "01_means")
    grader = grader_of(course, "01_means", workers)
    for one in judged(exercise, right(course, "01_means"), grader):
        assert not one.refused_by(), one.body.qualname
    for one in judged(exercise, wrong(course, "01_means"), grader):
        assert {o.finding.misconception for o in one.refused_by() if o.finding} == {one.body.name}


@pytest.mark.parametrize("under", [(), "jit", "again", "vmap"])
@pytest.mark.parametrize(("function", "given"), [("updated", STATE), ("slope", LINE)])
def test_they_are_trees_to_every_step(
    course: Course, function: str, given: Instance, under: Any
) -> None:
    if under == "vmap":
        given = dataclasses.replace(
            given,
            fields={k: np.stack([v, v]) if k != "degree" else v for k, v in given.fields.items()},
        )
    x = np.stack([X, 2 * X]) if under == "vmap" else X
    request = Request(function, (given, x), under)
    due, reply = session(course, SOLUTION).remembered_with_expected(request, ("a", "b"))
    assert compare(reply.value, due) is None


def test_an_object_that_is_changed_is_told(course: Course) -> None:
    """As a dict is that was passed in."""
    request = Request("slope", (LINE, X))
    code = "def slope(line, x):\n    object.__setattr__(line, 'w', x)\n    return line"
    runner = LocalRunner(debug=False)
    runner.load("01_means.py", [CLASSES, code])
    assert runner.call(request).altered
    assert not session(course, SOLUTION).runner.call(request).altered


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "NameError: this file defines no class State, and functions are called with"),
        ("State = 3", "NameError: this file defines no class State"),
        (
            "from typing import NamedTuple\nclass State(NamedTuple):\n    n: int",
            "TypeError: no State can be made of count, mean: ",
        ),
        ("class State: pass", "TypeError: JAX does not take a State for a tree: make it a Named"),
    ],
)
def test_a_class_that_is_not_as_it_was_given_is_told(code: str, said: str) -> None:
    """To a student who has changed the given cell, as an exception of the call."""
    runner = LocalRunner(debug=False)
    runner.load("01_means.py", [f"{code}\ndef updated(state, x):\n    return state\n"])
    raised = runner.call(Request("updated", (STATE, X))).raised
    assert raised is not None
    assert f"{raised.type}: {raised.message}".startswith(said)


def test_a_pack_holds_references_that_take_objects(course: Course) -> None:
    """Compiled they take what is in the objects; whose class it was stays with the pattern."""
    solutions = Solutions(course.solution("01_means"))
    request = Request("updated", (STATE, X))
    ((pattern, _),) = sealed_programs(solutions, [request])
    assert pattern.fits(request)
    assert not pattern.fits(Request("updated", ((np.int32(2), X), X)))


@pytest.mark.parametrize(
    ("of", "fields", "why"),
    [
        ("a State", {}, "'a State' names no class: write 'State', or 'package:State'"),
        ("no_such_package:State", {}, "pip install no_such_package"),
        ("State", {"f": np.sin}, "ufunc cannot be passed to a student's function: pass arrays"),
    ],
)
def test_what_cannot_be_passed_is_refused_when_claims_are_loaded(
    of: str, fields: dict[str, Any], why: str
) -> None:
    with pytest.raises((TypeError, ModuleNotFoundError), match=why):
        instances(of, **fields)


def test_a_student_can_ask_about_an_object(course: Course) -> None:
    """As a dict, or as the NamedTuple that a session makes a tuple of."""
    signature = signature_of(Solutions(course.solution("01_means")).function("updated"))
    assert Signature.from_json(json.loads(json.dumps(signature.as_json()))) == signature
    function = load_exercise(course, "01_means").functions["updated"]
    for state in ({"count": 2, "mean": [1, 2.5]}, (2, [1, 2.5])):
        (request,) = requests(function, signature, [state, [3, 4]], {})
        assert str(request.arguments[0]) == str(
            Instance("State", {"count": np.array(2, np.int32), "mean": np.float32([1, 2.5])})
        )
    said = "a State, as a dict of count (a number), mean (an array of shape (d,), as nested lists)"
    with pytest.raises(InputError, match=re.escape(f"state has to be {said}; it is a list of 2")):
        requests(function, signature, [[1, 2], [3, 4]], {})
    with pytest.raises(InputError, match=r"in state.mean d is 2"):
        requests(function, signature, [{"count": 2, "mean": [1, 2]}, [3]], {})


class Pair(NamedTuple):
    """A class that a worker can import, too."""

    a: Any
    b: Any


def test_objects_in_claims_are_passed_as_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """No NamedTuple is taken for a tuple in silence."""
    data = as_data({"p": [Pair(X, None)]})
    assert data == {"p": [Instance(f"{__name__}:Pair", {"a": X, "b": None})]}
    assert Function(None, "f", ("x",)).request(Pair(1, 2)).arguments == (  # type: ignore[arg-type]
        Instance(f"{__name__}:Pair", {"a": 1, "b": 2}),
    )
    assert type(as_data(jnp.ones(3))) is np.ndarray
    monkeypatch.setitem(sys.modules, "jax", ModuleType("jax"))  # as while a thread imports it
    assert as_data(X) is X
    assert value_text(data) == "{'p': [Pair(a=[0.5, -2, 1.5], b=None)]}"


def test_objects_go_in_as_data_and_never_come_out() -> None:
    """The judge is told no class by a worker."""
    arrays: dict[str, Any] = {}
    item = encode(STATE, arrays)
    assert decode_arguments(item, arrays) == STATE
    with pytest.raises(ProtocolError, match="no such kind of result: 'instance'"):
        decode_result(item, arrays)


OPTAX = """
import jax
import optax

def step(state, params, gradient):
    updates, state = optax.adam(0.1).update(gradient, state, params)
    return optax.apply_updates(params, updates), state
"""
EQUINOX = """
import equinox as eqx

def slope(line, x):
    return eqx.filter_grad(lambda line: (line(x) ** 2).sum())(line)
"""
FLAX = """
import jax
from flax import struct

@struct.dataclass
class Layer:
    w: jax.Array
    size: int = struct.field(pytree_node=False)

def step(layer, x):
    return layer.replace(w=layer.w + layer.size * x)
"""


def of_optax() -> Iterator[tuple[str, Request]]:
    """A state as it is made, and one as it is drawn."""
    optax = pytest.importorskip("optax")
    params = {"w": X, "b": np.float32(1)}
    made = as_data(optax.adam(0.1).init(params))
    adam = optax.ScaleByAdamState(np.int32(4), params, {"w": X**2, "b": np.float32(2)})
    for state in (made, as_data((adam, optax.EmptyState()))):
        for under in ("", "jit"):
            yield OPTAX, Request("step", (state, params, params), under)


def of_equinox() -> Iterator[tuple[str, Request]]:
    """A layer of the package's own, of which some fields are no arrays."""
    equinox = pytest.importorskip("equinox")
    jax = pytest.importorskip("jax")
    layer = as_data(equinox.nn.Linear(3, 2, key=jax.random.key(0)))
    for under in ("", "jit"):
        yield EQUINOX, Request("slope", (layer, X), under)


def of_flax() -> Iterator[tuple[str, Request]]:
    """Its dataclass."""
    pytest.importorskip("flax")
    for under in ("", "jit"):
        yield FLAX, Request("step", (Instance("Layer", {"w": X, "size": 3}), X), under)


@pytest.mark.parametrize("calls", [of_optax, of_equinox, of_flax])
def test_objects_of_packages_are_arguments(calls: Any, tmp_path: Path, cache: None) -> None:
    """Optax' states, Equinox' modules, Flax' dataclasses: where they are installed."""
    for code, request in calls():
        course = Course(tmp_path)
        course.solution("01_means").parent.mkdir(exist_ok=True)
        course.solution("01_means").write_text(code)
        names = ("a", "b", "c")
        due, reply = session(course, code).remembered_with_expected(request, names)
        assert reply.raised is None, reply.raised
        assert compare(reply.value, due) is None


def test_states_are_drawn_by_their_fields() -> None:
    """With strategies in the places of arrays."""
    optax = pytest.importorskip("optax")
    tree = {"w": vectors(n=3)}
    drawn = trees((optax.ScaleByAdamState(numbers(), tree, tree), scalar_functions()))
    state, _ = drawn.value(find(drawn.choosing(), lambda _: True))
    assert state.of.endswith(":ScaleByAdamState")
    assert state.fields["mu"]["w"].shape == (3,)
