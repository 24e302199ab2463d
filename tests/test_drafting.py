"""Claims drafted from signatures: what is written, what is left out, what is suggested."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import strategies as st
from jaxercise.__main__ import main
from jaxercise.authoring.certify.faults import faults
from jaxercise.authoring.certify.mutants import mutants
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.certify.suggestions import told
from jaxercise.authoring.certify.survivors import tried
from jaxercise.authoring.drafting import Asked, DraftError, asked_for, drafts_of, file_text, further
from jaxercise.claims import given
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.strategies import models, must_cover, numbers, options, trees
from jaxercise.course import Course

HEAD = """
# %%
from collections.abc import Callable
from typing import Literal, NamedTuple, TypedDict

import jax
import jax.numpy as jnp
from jaxtyping import Array, BFloat16, Bool, Complex, Float, Int, PRNGKeyArray
from matplotlib.figure import Figure

Scalar = Float[Array, ""]


class Params(TypedDict):
    w: Float[Array, " d"]
    b: Scalar


class State(NamedTuple):
    step: Int[Array, ""]
    mean: Float[Array, " d"]


def helper(x):
    return x
"""


def solution(folder: Path, *functions: tuple[str, str]) -> Path:
    """A solution in a course's folder: heads of functions, and what they return."""
    path = folder / "solutions" / "01_topic.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        f'\n\n# %%\n{head}:\n    """What it gives."""\n'
        f"    ### BEGIN SOLUTION\n    return {value}\n    ### END SOLUTION\n"
        for head, value in functions
    ]
    path.write_text("# %% [markdown]\n# # Topic\n" + HEAD + "".join(parts))
    return path


def draft(folder: Path, head: str, value: str = "None") -> str:
    """What is drafted of one function."""
    path = solution(folder, (head, value))
    asked = asked_for(path)
    return drafted_file(asked)


def drafted_file(asked: list[Asked]) -> str:
    """The property file of some functions."""
    text = file_text("01_topic", "", asked, *drafts_of(asked))
    ast.parse(text)
    assert max(map(len, text.split("\n"))) <= 100
    return text


@pytest.mark.parametrize(
    ("annotation", "drawn"),
    [
        ('Float[Array, " n"]', "vectors(n=3, distinct=True, wide=True)"),
        ('Float[Array, "n d"]', "numbers(shape=(3, 4), wide=True)"),
        ('Float[Array, "n 2"]', "numbers(shape=(3, 2), wide=True)"),
        ("Scalar", "numbers(wide=True)"),
        ('BFloat16[Array, " n"]', 'numbers(shape=(3,), wide=True, dtype="bfloat16")'),
        ('Complex[Array, " n"]', 'numbers(shape=(3,), wide=True, dtype="complex64")'),
        ('Int[Array, " n"]', "integers(shape=(3,))"),
        ("Bool[Array, '']", "booleans()"),
        ("int", "options(3, 1, 2)"),
        ("bool", "options(False, True)"),
        ("float | None", "options(1.5, -0.5, 3.0)"),
        ('Literal["a", "b"]', 'options("a", "b")'),
        ("PRNGKeyArray", "keys()"),
        ("Callable[[Scalar], Scalar]", "scalar_functions()"),
        ("Callable[[Scalar, Scalar], Scalar]", "binary_functions()"),
        ('Callable[[Float[Array, " d"]], Scalar]', "landscapes()"),
        ('Callable[[Float[Array, " d"], Float[Array, " d"]], Scalar]', "models()"),
        ('Callable[[Float[Array, " p"], Scalar, Scalar], Scalar]', "losses()"),
        ("Params", 'trees({"w": vectors(n=3, distinct=True, wide=True), "b": numbers(wide=True)})'),
        ("list[Scalar]", "trees([numbers(wide=True), numbers(wide=True)])"),
        ("tuple[Scalar, int]", "trees((numbers(wide=True), options(3, 1, 2)))"),
        (
            "State",
            'instances("State", step=integers(), mean=vectors(n=3, distinct=True, wide=True))',
        ),
    ],
)
def test_an_argument_is_drawn_by_its_annotation(
    tmp_path: Path, annotation: str, drawn: str
) -> None:
    text = draft(tmp_path, f"def f(v: {annotation}) -> Scalar")
    flat = " ".join(text.split())
    wide = drawn if "Callable[[Scalar]" not in annotation else drawn.replace(", wide=True", "")
    assert f"v={wide}" in flat
    assert 'f = exercise.function("f(v)")' in text


def test_what_is_claimed_follows_from_the_signature(tmp_path: Path) -> None:
    """A batch is an axis that no function passed in has for its own; a tuple has its items."""
    head = """def f(
    g: Callable[[Float[Array, " d"], Float[Array, " d"]], Scalar],
    w: Float[Array, " d"],
    x: Float[Array, "n d"],
) -> tuple[Float[Array, " n"], Scalar]"""
    text = draft(tmp_path, head, "jax.grad(g)(w, x), w")
    assert "f.agrees(g, w, x, part=0)" in text
    assert "f.agrees(g, w, x, part=1)" in text
    assert "f.agrees(g, w[:1], x[:1, :1])" in text
    assert 'f.agrees(g, w, x, under="jit")' in text
    assert 'f.does_not_loop(lambda n: (weighted, ones(3), ones(n, 3)), over="axis n")' in text
    assert "lambda d:" not in text
    assert "g=models(stated=True)" in text
    plain = draft(tmp_path, head, "g(w, x), w")
    assert "stated" not in plain
    returned = draft(tmp_path, "def f(g: Callable[[Scalar], Scalar]) -> Callable[[Scalar], Scalar]")
    assert 'exercise.function("f(g)(x)")' in returned
    assert 'f.agrees(g, result_arguments=(np.stack([x, x + 1]),), result_under="vmap")' in returned


def test_a_long_call_is_broken_where_its_brackets_are(tmp_path: Path) -> None:
    """Also an object within a tuple, and a dict within that."""
    state = "tuple[State, State, State]"
    text = draft(tmp_path, f'def f(state: {state}, x: Float[Array, "n d"]) -> Scalar', "x[0, 0]")
    assert (
        '\n                Instance("State", {"step": ones(dtype="int32"), "mean": ones(d)}),\n'
        in text
    )
    assert '\n            ones(3, d),\n        ),\n        over="axis d",\n    )\n' in text


def test_numbers_with_a_key_are_free(tmp_path: Path) -> None:
    """A right answer may draw in its own way: its form and its key are all that is claimed."""
    text = draft(tmp_path, 'def f(key: PRNGKeyArray, n: int) -> Float[Array, "n 2"]')
    assert "    f.tree(key, n)\n" in text
    assert "    f.agrees(" not in text
    assert "two keys gave the same answer" in text


def test_nothing_is_made_up_of_what_no_annotation_tells(tmp_path: Path) -> None:
    """Every function is told, with its line and what to write."""
    path = solution(
        tmp_path,
        ("def f(x) -> Scalar", "x"),
        ("def h(x: Scalar)", "x"),
    )
    with pytest.raises(DraftError, match=r"(?s)f: no annotation for x: write one.*: h: no annot"):
        asked_for(path)
    for annotation, why in (
        ("object", "h: nobody can tell from its annotation how x is drawn: write Float"),
        ("Float[Array, '...']", "h: an axis of x may have any length: give it a name or a size"),
        ("Callable[[Scalar, Scalar, Scalar], Scalar]", "h: functions can be drawn that take"),
    ):
        with pytest.raises(DraftError, match=why):
            draft(tmp_path, f"def h(x: {annotation}) -> Scalar")
    assert "# Nothing is drafted of h" in draft(tmp_path, "def h(x: Scalar) -> object")
    other = tmp_path / "other"  # a file written twice in a second may be read as it was
    other.mkdir()
    assert "h.figure(x)" in draft(other, "def h(x: Scalar) -> Figure")


def test_what_cannot_be_drawn_keeps_nothing_else_from_being_drafted(tmp_path: Path) -> None:
    """An optimizer's state says nothing of what is in it: the reason stands in the file."""
    path = solution(
        tmp_path, ("def f(x: Scalar) -> Scalar", "x"), ("def g(x: object) -> Scalar", "1")
    )
    text = drafted_file(asked_for(path))
    assert "f.agrees(x)" in text
    said = " ".join(text.replace("#", "").split())
    assert "Nothing is drafted of g: nobody can tell from its annotation how x is drawn" in said


def test_a_figure_has_the_curves_of_the_solution(tmp_path: Path) -> None:
    """For one input, as numbers: a right figure may have further ones."""
    text = draft(
        tmp_path,
        'def f(x: Float[Array, " n"], a: Scalar) -> Figure',
        "(lambda g: (g.subplots().plot(x, a * x), g)[1])(Figure())",
    )
    assert "    along = [-2, 1.18, -0.94, 2.24, 0.12]\n    due = [4, -2.36, 1.88, " in text
    assert "len(through(drawn, along, due)) >= 1," in text


@pytest.mark.parametrize("n", ["n", "0"])
def test_a_tolerance_is_that_of_the_task(tmp_path: Path, n: str) -> None:
    """Where it says "within 1 %", each number may be off by that; lines are sought in a market."""
    head = f'def f(x: Float[Array, "c {n} 1"], y: Float[Array, "c {n}"]) -> Float[Array, "c 2"]'
    assert "within" not in draft(tmp_path, head)
    path = solution(tmp_path, (head, "x"))
    path.write_text(path.read_text().replace("What it gives.", "The line, within 2.5 %."))
    text = drafted_file(asked_for(path))
    assert "@given(data=market(c=3))" in text
    assert "    x, y = data\n    f.agrees(x, y, within=0.025)\n" in text


KINDS = (
    ("def step(p: Params, x: Float[Array, ' d'], rule: Literal['sgd', 'no']) -> Params",
     "{'w': p['w'] - x * (rule == 'sgd'), 'b': 2 * p['b']}"),
    ("def take(x: Float[Array, ' n'], i: Int[Array, ' k']) -> tuple[Float[Array, ' k'], Scalar]",
     "x[i], jnp.max(jnp.abs(x))"),
    ("def state(x: Float[Array, ' d']) -> State", "State(jnp.int32(3), jnp.sin(x))"),
    ("def moved(state: State, x: Float[Array, ' n d']) -> State",
     "State(state.step + len(x), state.mean + x.sum(0))"),
    ("def noise(key: PRNGKeyArray, x: Float[Array, ' n']) -> Float[Array, ' n']",
     "x + jax.random.normal(key, x.shape)"),
)  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, cache: None) -> Course:
    """A course with one exercise, drafted as an author does it."""
    folder = tmp_path_factory.mktemp("drafted")
    path = solution(folder, *KINDS)
    variants = folder / "autograder" / "variants" / "01_topic.py"
    variants.parent.mkdir(parents=True)
    variants.write_text(
        "import numpy as np\n\n\ndef take__numpy(x, i):\n"
        '    """No array of JAX\'s."""\n'
        "    return np.asarray(x)[np.asarray(i)], np.max(np.abs(np.asarray(x)))\n"
    )
    assert main(["new", "01_topic", "--from", str(path)]) == 0
    return Course.at(folder)


def test_a_solution_holds_what_is_drafted_of_it(course: Course) -> None:
    """Dicts, integers, keys, texts and NamedTuples: nothing that is right is judged wrong."""
    assert faults(course, ["01_topic"]) == []
    claimed = {one.function.name for one in load_exercise(course, "01_topic").claims}
    assert claimed == {"step", "take", "state", "moved", "noise"}


def test_what_a_right_answer_does_not_do_is_left_out(course: Course) -> None:
    """The variant cannot be traced: the line stands in a comment, with the reason."""
    text = course.properties("01_topic").read_text(encoding="utf-8")
    said = " ".join(text.replace("#", "").split())
    assert "take__numpy: TracerArrayConversionError: NumPy is given a value that JAX is" in said
    assert '#     take.agrees(x, i, under="jit")' in text
    assert '    state.agrees(x, under="jit")' in text


def test_nothing_is_overwritten(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    path = course.solution("01_topic")
    assert main(["new", "01_topic", "--from", str(path)]) == 2
    assert "nothing is overwritten" in capsys.readouterr().err


def test_what_gets_by_is_told_with_what_would_refuse_it(
    course: Course, workers: PatientWorkers, tmp_path: Path
) -> None:
    """Where a claim is weak a mutant lives; the line that is suggested is one that refuses it."""
    text = course.properties("01_topic").read_text(encoding="utf-8")
    head, _, _ = text.partition("@step.claim")
    weak = (
        f"{head}@take.claim(points=1)\n@given(x=vectors(n=3, distinct=True).map(abs), "
        "i=integers(shape=(4,)))\ndef test_take(x, i):\n"
        '    """As it is."""\n    take.agrees(x, i)\n'
    )
    made = Course(tmp_path)
    for one in ("solutions", "autograder/misconceptions"):
        (tmp_path / one).mkdir(parents=True)
    made.solution("01_topic").write_bytes(course.solution("01_topic").read_bytes())
    made.properties("01_topic").write_text(weak)
    all_of_take = [one for one in mutants(made, "01_topic") if one.function == "take"]
    (lives,) = (one for one in all_of_take if one.after == "return (x[i], jnp.max(x))")
    assert [one.claim for one in tried(made, "01_topic", [lives], workers)] == [""]
    said = told(made, "01_topic", [lives], workers)[lives.name]
    assert "    - return (x[i], jnp.max(jnp.abs(x)))\n    + return (x[i], jnp.max(x))" in said
    assert "refused by take.agrees(" in said
    assert "given x=" in said


def test_more_can_be_claimed_of_it(tmp_path: Path) -> None:
    """What is tried on survivors: other scales and counts, each a line of its own."""
    head = "def f(g: Callable[[Scalar], Scalar], x: Scalar, n: int) -> Scalar"
    path = solution(tmp_path, (head, "g(x)"))
    (asked,) = asked_for(path)
    probes = list(further(asked))
    lines = {line for one in probes for line in one.lines}
    assert {"f.agrees(g.scaled(2**-14), x, n)", "f.agrees(g, x / 4096, n)"} <= lines
    assert "options(5, 8)" in {one.given["n"] for one in probes}
    assert all(len(one.lines) == 1 for one in probes)


def test_a_fault_of_the_authors_is_told_with_its_claim(course: Course, tmp_path: Path) -> None:
    """In `build`, the traceback; also of a solution that fails."""
    made = Course(tmp_path)
    solution(tmp_path, ("def f(x: Scalar) -> Scalar", "x / 0 if x.shape else [][0]"))
    made.properties("01_topic").parent.mkdir()
    made.properties("01_topic").write_text(
        "from jaxercise.claims import Exercise, given\n"
        "from jaxercise.claims.strategies import numbers\n"
        "exercise = Exercise(__file__)\n"
        'f = exercise.function("f(x)")\n\n\n'
        "@f.claim(points=1)\n@given(x=numbers())\ndef test_f(x):\n"
        '    """As it is."""\n    f.check(None.shape, "")\n\n\n'
        "@f.claim(points=1)\n@given(x=numbers())\ndef test_g(x):\n"
        '    """As it is."""\n    f.agrees(x)\n'
    )
    first, second = faults(made, ["01_topic"])
    assert "test_f is internal: Traceback" in first
    assert 'f.check(None.shape, "")' in first
    assert "test_g is " in second
    assert "list index out of range" in second


@pytest.mark.parametrize(
    "make",
    [
        lambda: options(1, 2).map(str),
        lambda: models().filter(bool).map(str),
        lambda: trees([options(1, 2).map(str), options(3, 4)]),
    ],
)
def test_a_strategy_that_loses_what_it_promises_is_refused(make) -> None:
    with pytest.raises(TypeError, match="promises some examples"):
        given(x=make())


@pytest.mark.parametrize(
    "make",
    [
        lambda: st.tuples(options(1, 2)),
        lambda: st.fixed_dictionaries({"a": st.lists(numbers())}),
    ],
)
def test_what_hypothesis_cannot_draw_is_refused_at_once(make) -> None:
    """Its own strategies serve as they are, and cannot be made of ours."""
    given(x=st.integers(0, 3))
    with pytest.raises(TypeError, match=r"Write trees\(...\) for a tree of strategies"):
        given(x=make())


def test_a_tree_keeps_what_its_leaves_promise() -> None:
    """And a predicate of one's own stands for what is lost."""
    tree = trees({"n": options(1, 2), "x": (numbers(), 3, None)})
    given(x=tree, y=must_cover(options(1, 2).map(str), "2".__eq__), z=numbers().map(abs))
    assert [fits({"n": 2, "x": (0, 3, None)}) for fits in tree.needed] == [False, True]
    with pytest.raises(TypeError, match=r"x=3 is no strategy: write x=options\(3\)"):
        given(x=3)
