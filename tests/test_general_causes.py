"""Causes that need no misconception: told where they explain the whole record, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from jaxercise.comparison import Expected, compare
from jaxercise.diagnosis.diagnosis import _keeps
from jaxercise.diagnosis.equivalence import far
from jaxercise.diagnosis.general_causes import cause_in_manner, general_cause
from jaxercise.diagnosis.input_causes import input_cause
from jaxercise.diagnosis.probing import Asked, Probe
from jaxercise.sandboxed.families import SCALAR, Described
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire.values import Opaque
from jaxercise.workers.runner import Raised, Reply

DUE = np.random.default_rng(0)
INPUTS = [DUE.normal(size=size) * 100 for size in (1, 4, 7, 5, 3)]


def probes(answer: Callable[[np.ndarray], Any], inputs: Any = INPUTS) -> list[Any]:
    """What a function with such answers leaves behind."""
    found = []
    for value in inputs:
        sizes = np.where(np.isfinite(value), np.abs(value), 0)
        due = Expected.exactly(value, 1e-6 * sizes + 1e-9)
        got = answer(value)
        got = got.astype(np.float32) if isinstance(got, np.ndarray) else got
        refused = compare(got, due) is not None
        request = Request("f", (value,))
        one = SimpleNamespace(
            asked=[], compared=[(request, got, due)], refused=refused, answered=True
        )
        found.append(one)
    return found


def told(answer: Callable[[np.ndarray], Any], inputs: Any = INPUTS) -> str:
    cause = general_cause(probes(answer, inputs))
    return "" if cause is None else cause.text


def but_last(value: np.ndarray) -> np.ndarray:
    got = value.copy()
    got[-1] += len(got) > 1
    return got


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda due: -due, "opposite sign"),
        (np.abs, "absolute value"),
        (lambda due: np.maximum(due, 0), "below 0 come back as 0"),
        (lambda due: due * 0.5, "0.5 times what is due"),
        (lambda due: due[::-1].copy(), "opposite order"),
        (lambda due: np.clip(due, -20, 20), "beyond 20 in size come back as that bound"),
        (lambda due: np.maximum(due, -20), "below -20 come back as that bound"),
        (lambda due: due.astype(np.float16), "float16"),
        (lambda due: due.astype(ml_dtypes.bfloat16), "bfloat16"),
        (lambda due: np.round(due, 1), "rounded to 1 decimals"),
        (but_last, "Only the last entry"),
        (lambda due: np.where(np.abs(due) < 15, 0, due), "numbers come back as 0"),
        (lambda due: due[:, None], "of length 1, is one too many; the numbers are right"),
        (lambda due: due.tolist(), "Python list"),
    ],
)
def test_it_is_told(answer: Callable[[np.ndarray], Any], words: str) -> None:
    """One change explains all that came back."""
    assert words in told(answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda due: due * (1 + 0.1 * np.arange(due.size)),
        lambda due: -due if due.size != 7 else due * 2,
        lambda due: np.clip(due, -20, 20) + (due.size == 7),
        lambda due: due + np.float32(1e-3) * np.sin(1e4 * due),
        lambda due: due * (1 + np.float32(0.02)) - 2 * np.abs(due) * (due.size == 7),
        lambda due: due,
    ],
)
def test_nothing_is_told_of_what_it_does_not_explain(
    answer: Callable[[np.ndarray], Any],
) -> None:
    """A change that fits some of the answers is no cause of the others."""
    assert told(answer) == ""


def test_of_several_that_fit_none_is_told() -> None:
    """Two entries that have changed places may be turned round, sorted or moved on."""
    pairs = [np.array([4.0, 1.0]), np.array([3.0, 2.0]), np.array([9.0, 5.0])]
    assert "at other places" in told(lambda due: due[::-1].copy(), pairs)


def test_what_is_not_finite_is_told_apart() -> None:
    """Finite where it should not be, and the other way round."""
    diverged = [np.where(one > 50, np.inf, one) for one in INPUTS[1:]]
    kept = told(lambda due: np.where(np.isfinite(due), due, 7.0), diverged)
    assert "keeps the numbers finite" in kept
    assert "on the way" in told(lambda due: np.where(due > 50, np.inf, due), INPUTS[1:3])


def test_what_is_nowhere_finite_is_not_called_right_elsewhere() -> None:
    """A training that has diverged: nothing is left that could be right."""
    text = told(lambda due: np.full(due.shape, np.nan))
    assert "Nothing that comes back is finite" in text
    assert "All is right" not in text


def test_numbers_where_nan_is_due_are_no_fault_of_the_grader() -> None:
    """No factor can be read off them."""
    undefined = [np.full(size, np.nan) for size in (3, 4)] + [np.array(np.nan)] * 2
    assert "keeps the numbers finite" in told(np.ones_like, undefined)


def test_a_bound_needs_numbers_within_it() -> None:
    """Ones where zeros are due have not been clipped."""
    zeros = [np.zeros(size) for size in (3, 4, 5)]
    assert "clips" not in told(lambda due: due + 1, zeros)
    assert "clips" in told(lambda due: np.maximum(due, 1), [*zeros, np.array([2.0, 3.0])])


def test_a_digit_too_few_is_not_told_beside_nan() -> None:
    """One answer that is no number is another cause."""
    inputs = INPUTS[1:]
    assert "digits" in told(lambda due: due * (1 + 1e-3), inputs)
    assert "digits" not in told(lambda due: due * (np.nan if due.size == 7 else 1 + 1e-3), inputs)


def test_the_manner_is_told_from_measurements_and_from_many() -> None:
    """A loop, one on the host, and a batch of which the end is missing."""
    signs = (("calls", "recursion"), ("host", "pure_callback"), ("equations", "a longer way"))
    for grown, words in signs:
        asked = Asked("a", None, measured={"grown": grown, "work": 9})  # type: ignore[arg-type]
        cause = cause_in_manner([Probe(None, [asked], refused=True)])  # type: ignore[arg-type]
        assert cause is not None
        assert words in cause.text
    many = [np.linspace(1, 2, 4099)]
    cause = cause_in_manner(probes(lambda due: np.where(np.arange(4099) < 512, due, 0), many))
    assert cause is not None
    assert "first 512" in cause.text
    assert cause_in_manner(probes(lambda due: due + (due > 1.5) * (due < 1.6), many)) is None
    assert cause_in_manner(probes(lambda due: due * np.float64(1 + 5e-5), many)) is None


def test_what_depends_on_the_shapes_alone_is_told() -> None:
    """Answers that are kept, or written in."""
    inputs = [DUE.normal(size=4) for _ in range(5)]
    assert "same answer" in told(lambda due: inputs[0], inputs)
    assert told(lambda due: inputs[0] + (due is inputs[4]), inputs) == ""
    function = Opaque("function")
    assert told(lambda due: function, inputs) == ""
    assert "same answer" not in told(lambda due: np.full(4, np.nan), inputs)


def test_two_wrong_inputs_are_needed() -> None:
    """A single one may have come about in any way."""
    assert told(lambda due: -due if due.size == 7 else due) == ""


def test_a_raised_error_is_named_where_nothing_else_is_wrong() -> None:
    """An exception whose words leave no doubt is the cause of what raises; not of other answers."""
    raised = Raised("TracerBoolConversionError", "Attempted boolean conversion")
    one = Probe(None, [Asked("a", None, Reply(None, raised))], refused=True)  # type: ignore[arg-type]
    cause = general_cause([one])
    assert cause is not None
    assert "jnp.where" in cause.text
    assert general_cause([one, *probes(lambda due: -due)]) is None


@pytest.mark.parametrize(("kept", "words"), [(True, "due for f(x) = 3 x^2"), (False, "")])
def test_a_function_kept_from_the_first_call_is_told(kept: bool, words: str) -> None:
    """Whatever f is, the answer is that for the first one; or it is not."""
    functions = [Described(SCALAR, SCALAR.vector(p2=factor)) for factor in (3, 1, 2)]
    x = np.array([1, -2, 4], np.float32)

    def due(request: Request) -> Expected:
        f, at = request.arguments
        slopes = 2 * f.coefficients[SCALAR.coefficients.index("p2")] * at.astype(np.float64)
        return Expected.exactly(slopes, 1e-5 * np.abs(slopes))

    first, *calls = [Request("slope", (f, x)) for f in functions]
    given = [first if kept else replace(one, arguments=(functions[2], x + 1)) for one in calls]
    record: Any = [
        SimpleNamespace(asked=[], compared=[(one, due(other).value.astype(np.float32), due(one))])
        for one, other in zip(calls, given, strict=True)
    ]
    text = input_cause(record, ("f", "x"), due, first)
    assert words in text
    assert bool(text) is kept


def test_a_function_in_place_of_its_value_is_no_answer_kept_from_before() -> None:
    """It is the same every time, and that says nothing about the numbers."""
    assert told(lambda due: Opaque("function"), [*INPUTS, *(2 * one for one in INPUTS)]) == ""


@pytest.mark.parametrize("other", [np.ones((3, 2)), Opaque("function")])
def test_an_item_of_another_form_says_nothing_of_how_far_off_the_rest_is(other: Any) -> None:
    """A history that lacks a row, beside params that are wrong."""
    due = (np.ones(2), np.ones((4, 2)))
    assert not far((np.ones(2), other), due)
    assert far((np.full(2, 3.0), other), due)


@pytest.mark.parametrize(("value", "keeps"), [(0.0, False), (1.0, True)])
def test_zeros_are_kept_answers_only_if_a_first_call_gives_others(
    value: float, keeps: bool
) -> None:
    """A function that always answers 0 does so in a new process as well."""
    runner = SimpleNamespace(call=lambda _: Reply(value=np.full(3, value)), close=lambda: None)
    session: Any = SimpleNamespace(afresh=lambda: runner)
    assert _keeps(session, probes(np.zeros_like)) == keeps
    assert not _keeps(session, probes(np.zeros_like, [np.zeros(3)]))
    session.afresh = None
    assert not _keeps(session, probes(np.zeros_like))


@pytest.mark.parametrize(
    "listed",
    [
        lambda value: [{"w": value}, {"w": value}],
        lambda value: [value, np.concatenate([value, value])],
        lambda value: [{"w": value}, [value]],
    ],
)
def test_a_list_that_is_no_array_is_no_fault(listed: Callable[[Any], Any]) -> None:
    """Of dicts, or of rows that are not equally long, where such a list is due."""
    found = []
    for value in INPUTS:
        due = Expected(listed(value), listed(np.full(value.shape, 1e-6)))
        got = listed((value + np.sin(value)).astype(np.float32))
        request = Request("f", (value,))
        found.append(
            SimpleNamespace(asked=[], compared=[(request, got, due)], refused=True, answered=True)
        )
    assert general_cause(found) is None
