"""What is said where no misconception fits: about values, and about the exceptions of JAX.

What students read is recorded in `tests/feedback/hints/`; where it is meant to change, run these
tests with JAXERCISE_REWRITE=1 and read the difference before it is committed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxercise.comparison import Expected, compare
from jaxercise.grading.hints import about_exception, about_value, words_of
from jaxercise.grading.signatures import Form, Signature, lengths
from jaxercise.sandboxed.wire.values import Opaque
from jaxercise.workers.runner import Raised

TEXTS = Path(__file__).with_name("feedback") / "hints"
REWRITE = bool(os.environ.get("JAXERCISE_REWRITE"))
TABLE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
ROW = TABLE[0]
ONE = np.array(2.0, np.float32)
NAMES = np.array([True, False])


def due(value: Any) -> Expected:
    """What is expected, to within a millionth."""
    if isinstance(value, tuple):
        parts = [due(one) for one in value]
        return Expected(tuple(one.value for one in parts), tuple(one.error for one in parts))
    return Expected.exactly(value, None if value.dtype == bool else 1e-6 * (1 + np.abs(value)))


def hint(
    got: Any,
    value: Any,
    *,
    printed: bool = False,
    rounding: bool = True,
    lengths: Mapping[int, str] | None = None,
) -> str:
    """The hint on an answer."""
    expected = due(value)
    difference = compare(got, expected)
    assert difference is not None
    return about_value(
        got, expected, difference, printed=printed, rounding=rounding, lengths=lengths
    )


SAID = {
    "nothing returned": (None, TABLE, "Is a return missing at the end?"),
    "transposed": (TABLE.T, TABLE, "Rows and columns have changed places; the numbers are right."),
    "another table transposed": (TABLE.T + 1, TABLE, "Rows and columns have changed places."),
    "square table transposed": (TABLE[:, :2].T, TABLE[:, :2], "Rows and columns have changed"),
    "an axis too many": (
        ROW[:, None],
        ROW,
        "Axis 1, of length 1, is one too many; the numbers are right",
    ),
    "one of two axes too many": (ONE[None, None], ONE[None], "There is an axis of length 1 too"),
    "an axis squeezed": (ROW, ROW[None], "An axis of length 1 is gone"),
    "an axis elsewhere": (ROW[:, None], ROW[None], "Rows and columns have changed places; the"),
    "one number in an array": (ONE[None], ONE, "The one number stands in an array of length 1"),
    "several numbers": (ROW, ONE, "Several numbers came back where one is due."),
    "one number for many": (ONE, ROW, "One number came back where several are due."),
    "a table for a row": (TABLE, ROW, "Axis 0 is one too many"),
    "a row for a table": (ROW, TABLE, "Axis 0, of length 2, is missing"),
    "a square table for a row": (TABLE[:, :2], ROW[:2], "There are too many axes"),
    "a row for a square table": (ROW[:2], TABLE[:, :2], "There are too few axes"),
    "another length": (ROW[:2], ROW, "Axis 0 has another length: what does it count?"),
    "double precision": (ROW.astype(float), ROW, "NumPy computes in float64"),
    "whole numbers": (ROW.astype(np.int32), ROW, "Whole numbers, or true and false, came back"),
    "numbers for truths": (NAMES.astype(np.float32), NAMES, "True and false are asked for"),
    "a Python float": (2.0, ONE, "by float(), int(), bool() or .item()"),
    "a list": ([1.0, 2.0, 3.0], ROW, "A Python list is no array"),
    "a function": (Opaque("function"), ROW, "A function came back where its value is due."),
    "a stored tracer": (Opaque("leaked tracer"), ROW, "do not store it on the way"),
    "items in the other order": ((ROW, ONE), (ONE, ROW), "another order"),
    "like items in the other order": ((ROW, 2 * ROW), (2 * ROW, ROW), "in another order"),
    "a list of items": ([ONE, ROW], (ONE, ROW), "The items stand in a list, not in a tuple."),
    "items stacked": (np.stack([ROW, ROW]), (ROW, ROW), "Are the items stacked in one array?"),
    "one of the items": (ROW, (ROW, ROW), "Is that one of the items?"),
    "the first item, as long as there are items": (
        ROW[:2],
        (ROW[:2], ONE),
        "Is that the first item alone? All of them are due",
    ),
    "an item of another shape": ((ONE, ROW[:, None]), (ONE, ROW), "Axis 1, of length 1, is one"),
    "not a number": (ROW * np.float32("nan"), ROW, "Nan comes from 0 / 0"),
    "just beyond rounding": (ROW * np.float32(1.000005), ROW, "times what rounding allows."),
    "far beyond rounding": (ROW * np.float32(1.004), ROW, "that is not a matter of rounding"),
}


@pytest.mark.parametrize("case", list(SAID))
def test_hint_on_a_value(case: str) -> None:
    """What is seen is explained, in a sentence or two."""
    got, value, said = SAID[case]
    assert said in hint(got, value)


LENGTHS = {2: "as long as axis 0 of params", 3: "n_models long", 1: "as long as axis 1 of x"}


@pytest.mark.parametrize(
    ("got", "value", "said"),
    [
        (TABLE.T, TABLE, "places; the numbers are right. Axis 0 has to be as long as axis 0 of"),
        (ROW[:2], ROW, "it is as long as axis 0 of params, and has to be n_models long."),
        (ROW, np.ones(4), "it is n_models long."),
        (TABLE, ROW, "be? It is as long as axis 0 of params."),
        (TABLE[:, 0], TABLE, "Axis 1, which has to be n_models long, is missing"),
        (ROW[:, None], ROW, "; the numbers are right. It is as long as axis 1 of x."),
        (ONE, ROW, "due: axis 0 has to be n_models long. What makes one of many"),
    ],
)
def test_a_length_is_told_by_what_in_the_call_has_it(got: Any, value: Any, said: str) -> None:
    """Where it is that of one thing alone."""
    assert said in hint(got, value, lengths=LENGTHS)


def test_lengths_are_those_of_the_call() -> None:
    """By the letters of the annotations; what may be one or the other is left out."""
    table = Form("array", "float32", ("m", 2))
    column, row = Form("array", "float32", ("n", 1)), Form("array", "float32", ("n",))
    forms = {"params": table, "x": column, "y": row, "n_epochs": Form("int")}
    signature = Signature(forms, row)
    given = np.ones((4, 2)), np.ones((3, 1)), np.ones(3), 5
    found = {
        4: "as long as axis 0 of params",
        2: "as long as axis 1 of params",
        3: "as long as axis 0 of x",
        1: "as long as axis 1 of x",
        5: "n_epochs long",
    }
    assert lengths(signature, tuple(forms), given) == found
    alike = np.ones((3, 2)), np.ones((3, 1)), np.ones(3), 2
    assert lengths(signature, tuple(forms), alike) == {1: "as long as axis 1 of x"}
    assert lengths(signature, ("y",), [np.ones((3, 3))]) == {}
    assert lengths(None, ("key", "n_models"), ["key", 3]) == {3: "n_models long"}
    assert lengths(None, ("x",), [True]) == {}


def test_print_in_place_of_a_return_is_told() -> None:
    """Who prints and returns nothing is told what print does not do."""
    assert "print only shows" in hint(None, ROW, printed=True)
    assert "print" not in hint(None, ROW)


# On a small input everything may be 0, in any order.
def test_zeros_are_not_taken_for_right_numbers() -> None:
    """Where all that is due is 0, nothing is said about numbers or their order."""
    zeros = np.zeros((2, 3), np.float32)
    assert hint(zeros.T, zeros) == "Rows and columns have changed places."
    assert hint((ONE, 0 * ONE), (0 * ONE, 0 * ONE)) == ""


def test_what_is_plainly_wrong_is_not_measured_in_roundings() -> None:
    """A 3 in place of a 2 needs no comparison with what rounding does."""
    assert hint(ROW + 1, ROW) == ""


def test_other_tolerances_than_that_of_rounding_are_not_called_so() -> None:
    """Where an exercise allows 1 %, being off by 2 % is nothing about rounding."""
    assert hint(ROW * np.float32(1.000005), ROW, rounding=False).endswith("what is allowed.")
    assert hint(ROW * np.float32(1.004), ROW, rounding=False) == ""


def sine_of_one(x: Any) -> Any:
    return jnp.sin(x)


def stored_tracer() -> None:
    kept: list[Any] = []
    jax.jit(lambda x: kept.append(x))(1.0)
    kept[0] + 1


def asked_for_input() -> None:
    raise EOFError("EOF when reading a line")


def in_place() -> None:
    jnp.ones(3)[0] = 2.0


def in_place_through_numpy() -> None:
    np.asarray(jnp.ones(3))[0] = 2.0


ONES, KEY = jnp.ones(3), jax.random.key(0)
TUPLE: Any = (3, 2)
NOTHING: Any = None
RAISES: dict[str, tuple[Callable[[], Any], str]] = {
    "if under jit": (lambda: jax.jit(lambda x: 1 if x > 0 else 2)(1.0), "jnp.where"),
    "float under jit": (lambda: jax.jit(float)(1.0), "not known yet"),
    "range under jit": (lambda: jax.jit(lambda n: list(range(n)))(3), "not known yet"),
    "NumPy under jit": (lambda: jax.jit(lambda x: np.sin(x))(1.0), "jax.numpy needs none"),
    "mask under jit": (lambda: jax.jit(lambda x: x[x > 0])(ONES), "jnp.where keeps the shape"),
    "stored tracer": (stored_tracer, "do not store it on the way"),
    "in place": (in_place, "x.at[i].set(value)"),
    "in place through NumPy": (in_place_through_numpy, "x.at[i].set(value)"),
    "gradient of many": (lambda: jax.grad(sine_of_one)(ONES), "has to return one number"),
    "gradient in integers": (lambda: jax.grad(sine_of_one)(1), "not in whole numbers"),
    "value for a function": (lambda: jax.grad(jnp.sin(1.0)), "and not its value f(x)"),
    "function under jit": (lambda: jax.jit(lambda f: f(1.0))(sine_of_one), "used from outside"),
    "function for grad": (lambda: jax.grad(sine_of_one)(sine_of_one), "used from outside"),
    "argnums too large": (
        lambda: jax.grad(sine_of_one, argnums=1)(1.0),
        "counted from 0, and not how often",
    ),
    "other lengths": (
        lambda: jax.vmap(jnp.add)(jnp.ones(2), jnp.ones(3)),
        "the same length along the mapped axis",
    ),
    "no axis": (lambda: jax.vmap(sine_of_one)(1.0), "has none to map over"),
    "wrong in_axes": (
        lambda: jax.vmap(jnp.add, in_axes=(0,))(ONES, ONES),
        "with one entry for each argument",
    ),
    "nothing mapped": (lambda: jax.vmap(sine_of_one, in_axes=None)(ONES), "has to be mapped"),
    "carry": (
        lambda: jax.lax.scan(lambda c, _: (c[0], None), ONES, length=2),
        "keeps its shape and dtype",
    ),
    "shapes": (lambda: jnp.ones(2) + jnp.ones(3), "do not fit each other"),
    "matrix product": (lambda: jnp.ones((2, 3)) @ jnp.ones(2), "do not fit each other"),
    "a table too many": (
        lambda: jnp.linalg.lstsq(jnp.ones((2, 3, 2)), jnp.ones((2, 3))),
        "one at a",
    ),
    "input": (lambda: asked_for_input(), "Nobody is there to answer"),
    "exit": (lambda: sys.exit(0), "ends by return"),
    "stack": (lambda: jnp.stack([ONES, jnp.ones((2, 3))]), "do not fit each other"),
    "arguments for options": (lambda: jax.grad(sine_of_one, ONES), "brackets of their own"),
    "arguments for axes": (lambda: jax.vmap(sine_of_one, ONES)(1.0), "brackets of their own"),
    "function for its value": (lambda: jax.grad(sine_of_one) ** 2, "have to be called"),
    "bracket too late": (lambda: TUPLE(ONES), "closed in the wrong place"),
    "append for a list": (lambda: [].append(1).append(2), "changes a list in place returns None"),
    "nothing returned": (lambda: NOTHING + ONES, "without a return"),
    "list": (lambda: jnp.mean([ONES, ONES]), "jnp.stack one of arrays"),
    "tuple": (lambda: 0.1 * TUPLE, "one item may be meant"),
    "if on many": (lambda: 1 if ONES > 0 else 2, "jnp.where"),
    "float of many": (lambda: float(ONES), "this array has several"),
    "number taken apart": (lambda: (lambda a, b: 0)(*jnp.float32(1)), "as many things as"),
    "axis too far": (lambda: jnp.linalg.norm(ONES, axis=1), "Print its shape"),
    "option of another library": (lambda: ONES.mean(dim=0), "axis, argnums and in_axes"),
    "shape before key": (lambda: jax.random.normal(TUPLE), "the key first"),
    "shape as numbers": (lambda: jax.random.normal(KEY, 3, 2), "A shape is a tuple"),
    "key for NumPy": (lambda: np.random.randn(KEY), "takes no key"),
    "one result of scan": (lambda: jax.lax.scan(lambda c, _: c, ONES, length=2), "two things"),
    "argument forgotten": (lambda: jax.vmap(jnp.add)(ONES), "Count what that call passes on"),
    "method of its own": (lambda: ONES.vmap(), "not f.vmap(x)"),
}


def raised_by(case: str) -> Raised:
    """What JAX raises there."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        RAISES[case][0]()
    return Raised(type(caught.value).__name__, str(caught.value))


@pytest.mark.parametrize("case", list(RAISES))
def test_hint_on_an_exception(case: str) -> None:
    """The exceptions that JAX raises most are explained, and their own words kept short."""
    raised, said = raised_by(case), RAISES[case][1]
    assert said in about_exception(raised)
    words = words_of(raised)
    assert len(words) < 200
    assert "\n" not in words
    assert words.startswith(f"{raised.type}: ")  # what one would search for
    told = words.removeprefix(f"{raised.type}: ")
    assert not [inside for inside in ("Tracer", "http", "jax.errors", "_src") if inside in told]


# Students can raise whatever they like, in the words of JAX too.
@pytest.mark.parametrize(
    "message",
    [
        "vmap got inconsistent sizes",
        "vmap got inconsistent sizes: axis 7 of me of type float32[2], axis of type float32[]",
        "vmap was requested to map its argument along axis",
        "map its argument along axis 1, (its shape is (,)) \\1 \\g<9>",
        "interpreting argument to of type <class 'f'>",
    ],
)
def test_words_like_those_of_jax_break_nothing(message: str) -> None:
    """A message that begins like one of JAX's and goes on otherwise is told as well."""
    assert words_of(Raised("ValueError", message)).startswith("ValueError: ")


def test_own_exceptions_are_left_alone() -> None:
    """What students raise themselves, and what Python does, speaks for itself."""
    raised = Raised("ValueError", "no houses\nin this city\nnor in that\nor elsewhere")
    assert about_exception(raised) == ""
    assert words_of(raised) == "ValueError: no houses\nin this city\nnor in that"
    assert words_of(Raised("KeyError", "")) == "KeyError"


def test_words_about_the_insides_are_left_out() -> None:
    """A line of an exception that names a module of the engine says nothing to a student."""
    message = "no such size\nin <function jaxercise.sandboxed.families.called>\nfor this model"
    assert words_of(Raised("ValueError", message)) == "ValueError: no such size\nfor this model"


def recorded(raised: Raised) -> str:
    """What students read of an exception, but for what is free to change: words of JAX's own."""
    words, head = words_of(raised), f"{raised.type}: "
    theirs = words.removeprefix(head)[:20] in raised.message
    return f"{head}(its own words)" if theirs else words


def test_hints_are_the_recorded_ones() -> None:
    """What students read in each of these cases is recorded, to the letter."""
    values = []
    for case, (got, value, _) in SAID.items():
        difference = compare(got, due(value))
        assert difference is not None
        values.append(f"## {case}\n{difference.sentence}\n{hint(got, value)}\n")
    exceptions = [
        f"## {case}\n{recorded(raised)}\n{about_exception(raised)}\n"
        for case, raised in ((case, raised_by(case)) for case in RAISES)
    ]
    for name, texts in (("values", values), ("exceptions", exceptions)):
        path = TEXTS / f"{name}.txt"
        if REWRITE:
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(texts), encoding="utf-8")
        assert "\n".join(texts) == path.read_text(encoding="utf-8")
