"""The comparison: structure, type, shape, dtype, value, and the tolerance that is derived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from jaxercise.comparison import Difference, Expected, allowed_error, compare, largest_ratio
from jaxercise.comparison.tolerance import (
    ANSWER_ROUNDINGS,
    COPIES,
    ROUNDING,
    ROUNDINGS,
    perturbed,
)
from jaxercise.sandboxed.wire.values import Opaque

Array = npt.NDArray[Any]

LARGEST = float(np.finfo(np.float32).max)
NOT_FINITE = [np.nan, np.inf, -np.inf]


def f32(*values: float) -> Array:
    return np.array(values, np.float32)


def kind(got: Any, expected: Expected) -> str | None:
    difference = compare(got, expected)
    return None if difference is None else difference.kind


THREE = Expected.exactly([1.0, 2.0, 3.0], 0.001)
YES_NO = Expected.exactly(np.array([True, False]))
PAIR = Expected((THREE.value, np.array(5.0)), (THREE.error, np.array(0.1)))


def test_the_expected_values_are_accepted() -> None:
    """What is right in every respect has no difference."""
    assert compare(f32(1, 2, 3), THREE) is None
    assert compare(f32(1, 2.0009, 2.9991), THREE) is None
    assert compare(np.array([True, False]), YES_NO) is None
    assert compare((f32(1, 2, 3), np.array(5.05, np.float32)), PAIR) is None


@pytest.mark.parametrize(
    ("got", "due"),
    [
        ([1.0, 2.0, 3.0], "structure"),
        ((f32(1, 2, 3),), "structure"),
        ([f32(1, 2, 3)], "structure"),
        ({"answer": f32(1, 2, 3)}, "structure"),
        (None, "type"),
        (1.0, "type"),
        (1, "type"),
        (True, "type"),
        ("[1, 2, 3]", "type"),
        (Opaque("MaskedArray"), "error result"),
        (f32(1, 2), "shape"),
        (f32(1, 2, 3)[:, None], "shape"),
        (f32(1, 2, 3)[None], "shape"),
        (np.ones((), np.float32), "shape"),
        (np.zeros(0, np.float32), "shape"),
        (np.array([1.0, 2.0, 3.0]), "dtype"),
        (np.array([1, 2, 3]), "dtype"),
        (np.array([1, 2, 3], np.int32), "dtype"),
        (np.array([1, 2, 3], np.float16), "dtype"),
        (np.array([True, True, True]), "dtype"),
        (np.array([1 + 0j, 2, 3], np.complex64), "dtype"),
        (np.array([1.0, 2.0, 3.0], ">f4").view(np.ndarray) * 1.1, "value"),
        (f32(1, 2, 3.01), "value"),
    ],
)
def test_what_differs_is_named_by_its_kind(got: Any, due: str) -> None:
    """Structure, type, shape, dtype and value are told apart, the first one first."""
    assert kind(got, THREE) == due


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
def test_numbers_are_no_booleans(dtype: str) -> None:
    """Ones and zeros do not pass for True and False."""
    assert kind(np.array([1, 0], dtype), YES_NO) == "dtype"
    assert kind([True, False], YES_NO) == "structure"
    assert kind(True, Expected.exactly(np.array(True))) == "type"


def test_a_boolean_is_right_or_wrong() -> None:
    """A boolean that differs is refused, save where rounding may turn it."""
    assert kind(np.array([True, True]), YES_NO) == "value"
    turned = Expected(np.array([True, False]), np.array([0.0, 1.0]))
    assert compare(np.array([True, True]), turned) is None
    assert kind(np.array([False, True]), turned) == "value"


@pytest.mark.parametrize(
    ("got", "due"),
    [
        (f32(1, 2, 3), "structure"),
        ([f32(1, 2, 3), f32(5)[0:1].reshape(())], "structure"),
        ((f32(1, 2, 3),), "structure"),
        ((f32(1, 2, 3), np.array(5, np.float32), None), "structure"),
        ((), "structure"),
        (None, "type"),
        (Opaque("function"), "error result"),
        ((f32(1, 2, 3), None), "type"),
        ((f32(1, 2, 3), 5.0), "type"),
        ((f32(1, 2, 3), f32(5)), "shape"),
        ((f32(1, 2, 3), np.array(5.0)), "dtype"),
        ((np.array(5, np.float32), f32(1, 2, 3)), "shape"),
        (((f32(1, 2, 3), np.array(5, np.float32)),), "structure"),
    ],
)
def test_a_tuple_is_a_tuple_of_that_length(got: Any, due: str) -> None:
    """A tuple is compared item by item; no list and no other length passes for it."""
    assert kind(got, PAIR) == due


def test_the_sentence_names_the_place() -> None:
    """What is said names the item, the entry, what came and what was due."""
    told = compare((f32(1, 2, 4), np.array(5, np.float32)), PAIR)
    assert told is not None
    assert told.sentence == "entry [2] of the first item of the answer is 4; expected 3"
    told = compare(np.array([[0, 1], [2, 3.5]], np.float32), Expected.exactly([[0, 1], [2, 3]]))
    assert told is not None
    assert told.sentence == "entry [1, 1] of the answer is 3.5; expected 3"
    told = compare(np.array(-0.0, np.float32), Expected.exactly(1))
    assert told is not None
    assert told.sentence == "the answer is 0; expected 1"
    told = compare(f32(1, 2), THREE)
    assert told is not None
    assert told.sentence == "the answer has shape (2,); expected shape (3,)"
    told = compare([1], THREE)
    assert told is not None
    assert told.sentence == "the answer is a list of 1; expected an array of shape (3,), float32"


def test_the_ratio_is_the_worst_error_over_the_allowed_one() -> None:
    """A difference in value tells how many times too large it is."""
    told = compare(f32(1, 2.25, 3.5), Expected.exactly([1, 2, 3], 0.125))
    assert told == Difference("value", "entry [1] of the answer is 2.25; expected 2", 4.0, (), (1,))


@pytest.mark.parametrize(
    ("got", "due"),
    [
        (f32(1, 2, 3), 0.0),
        (f32(1, 2, 3.0005), 0.5),
        (f32(1.0002, 2.0004, 3), 0.4),
        (f32(1, 2, 4), 1000.0),
        (f32(1, 2, np.nan), np.inf),
        (f32(1, 2), np.inf),
        ((f32(1, 2, 3),), np.inf),
        (None, np.inf),
    ],
)
def test_the_largest_ratio_is_measured_of_right_answers_too(got: Any, due: float) -> None:
    """Error over allowed error, the largest of all entries; infinite where nothing compares."""
    assert largest_ratio(got, THREE) == pytest.approx(due, rel=1e-2)


def test_the_largest_ratio_of_a_tuple_is_that_of_its_worst_item() -> None:
    """Every item counts, and a wrong number of them is infinitely wrong."""
    both = Expected((THREE.value, THREE.value), (THREE.error, THREE.error))
    assert largest_ratio((f32(1, 2, 3), f32(1, 2, 3.002)), both) == pytest.approx(2, rel=1e-2)
    assert largest_ratio((f32(1, 2, 3),), both) == np.inf


def test_one_item_alone_can_be_held_to_be_right() -> None:
    """`only` forgives whatever the other items are, not that there is another number of them."""
    first = PAIR.only(0)
    for other in (np.array(np.nan, np.float32), f32(5), np.array(5), 5.0, None, [f32(5)]):
        assert compare((f32(1, 2, 3), other), first) is None
        assert largest_ratio((f32(1, 2, 3), other), first) == 0
    right = np.array(5, np.float32)
    assert kind((f32(1, 2, 4), right), first) == "value"
    assert kind((f32(1, 2), right), first) == "shape"
    assert kind(([1.0, 2.0, 3.0], right), first) == "structure"
    assert kind((f32(1, 2, 3),), first) == kind([f32(1, 2, 3), right], first) == "structure"
    named = Expected({"a": THREE.value, "b": np.array(5.0)}, {"a": THREE.error, "b": np.zeros(())})
    told = compare({"a": f32(1, 2, 4), "b": None}, named.only("a"))
    assert told is not None
    assert told.sentence.startswith("entry [2] of the entry 'a' of the answer is 4")


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, min_dims=0, max_dims=3, max_side=3),
    st.sampled_from([0.0, 1.0, np.inf]),
)
def test_broadcasting_never_passes(shapes: Any, error: float) -> None:
    """Equal numbers in another shape are refused, also where NumPy would stretch them."""
    got, due = shapes.input_shapes
    assume(got != due)
    expected = Expected.exactly(np.ones(due), error)
    assert kind(np.ones(got, np.float32), expected) == "shape"
    assert kind(np.ones(got, bool), Expected.exactly(np.ones(due, bool), error)) == "shape"


@given(hnp.arrays(np.float32, (3,), elements=st.floats(width=32)))
def test_every_answer_either_passes_or_differs_in_value(got: Array) -> None:
    """Any float32 vector is judged without a warning, NaN and infinity too."""
    difference = compare(got, THREE)
    close = bool(np.all(np.abs(got.astype(np.float64) - THREE.value) <= THREE.error))
    assert (difference is None) == close


@pytest.mark.parametrize("wrong", NOT_FINITE)
def test_neither_nan_nor_infinity_passes_for_a_number(wrong: float) -> None:
    """Where the exact value is well within float32, only a number is right."""
    for value in (0.0, 1.0, -1e30, 0.9 * LARGEST / 1e3):
        for error in (0.0, 1.0, 1e300):
            assert kind(f32(wrong), Expected.exactly([value], error)) == "value"
    everything = Expected.exactly(np.zeros(3), 0.1)
    assert kind(np.full(3, wrong, np.float32), everything) == "value"


@pytest.mark.parametrize("due", [*NOT_FINITE, 1e42, -1e42, 1e300])
def test_what_overflows_has_to_overflow(due: float) -> None:
    """Where float32 has no such number, NaN and infinity are right and every number is wrong."""
    expected = Expected.exactly([due])
    for got in NOT_FINITE:
        assert compare(f32(got), expected) is None
    for finite in (0.0, 1.0, LARGEST, -LARGEST):
        assert kind(f32(finite), expected) == "value"


@pytest.mark.parametrize("due", [LARGEST / 900, -LARGEST / 2, LARGEST, 2 * LARGEST, 900 * LARGEST])
def test_near_the_largest_number_either_is_right(due: float) -> None:
    """Within a factor of 1000 of the overflow, a right number passes, and so does none at all."""
    expected = Expected.exactly([due], 1e-6 * abs(due))
    for got in NOT_FINITE:
        assert compare(f32(got), expected) is None
    for finite in (0.0, 1.0, max(-LARGEST, min(LARGEST, due / 4))):
        assert kind(f32(finite), expected) == "value"
    if abs(due) <= LARGEST:
        assert compare(f32(due), expected) is None


def test_an_error_of_nothing_allows_nothing() -> None:
    """With an allowed error of 0 the next float32 is refused already, and 0 equals -0."""
    one = Expected.exactly([1.0])
    assert compare(f32(1), one) is None
    assert kind(np.nextafter(f32(1), f32(2)), one) == "value"
    assert compare(f32(-0.0), Expected.exactly([0.0])) is None


# The tolerance


@given(
    hnp.arrays(
        np.float32, hnp.array_shapes(max_dims=2, max_side=5), elements=st.floats(-9, 9, width=32)
    )
)
def test_copies_are_a_few_roundings_away(array: Array) -> None:
    """The first copy is the array, each of the others moves every number by its roundings."""
    copies = perturbed(array)
    exact = array.astype(np.float64)
    assert copies.shape == (1 + COPIES, *array.shape)
    assert copies.dtype == np.float64
    assert np.array_equal(copies[0], exact)
    moved = np.abs(copies[1:] - exact)
    whole = np.abs(exact) * ROUNDINGS * ROUNDING
    assert np.allclose(moved[[0, COPIES // 2]], whole, rtol=1e-6, atol=0)
    assert np.all((moved >= 0.499 * whole) & (moved <= 1.001 * whole))
    assert np.array_equal(perturbed(array), copies)


def test_a_product_has_room_whatever_moves_its_factors() -> None:
    """Two numbers that are moved in opposite directions in every copy do not hide each other."""
    for size in range(1, 6):
        for place in range(4):
            one, other = (
                perturbed(np.full(size, 3.0, np.float32), at) for at in (place, place + 1)
            )
            spread = np.abs(one * other / 9 - 1).max(axis=0)
            assert np.all(spread > ROUNDING)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_number_is_moved_both_ways(size: int) -> None:
    """No number is moved up in all copies, or down in all: one side alone could be the flat one."""
    signs = np.sign(perturbed(np.ones(size))[1:] - 1)
    assert np.all(signs.max(axis=0) == 1)
    assert np.all(signs.min(axis=0) == -1)


def error_of(function: Callable[[Array], Array], *numbers: float) -> Array:
    """The allowed error of a function of one vector."""
    return allowed_error(np.stack([function(copy) for copy in perturbed(f32(*numbers))]))


def test_the_allowed_error_is_the_same_every_time() -> None:
    """Two evaluations give the very same room."""
    numbers = 0.1, 2.5, -7
    assert error_of(np.sum, *numbers) == error_of(np.sum, *numbers)
    assert np.array_equal(error_of(np.sin, *numbers), error_of(np.sin, *numbers))


def test_no_conditioning_gives_no_room() -> None:
    """What does not depend on the input may be off by the answer's own rounding alone."""
    assert np.array_equal(error_of(np.zeros_like, 1, 2), [0, 0])
    own = ANSWER_ROUNDINGS * ROUNDING
    assert np.array_equal(error_of(lambda x: np.full_like(x, -3.0), 1, 2), [3 * own, 3 * own])
    assert np.array_equal(error_of(lambda x: 7 * x, 0, 0), [0, 0])


def test_room_grows_with_conditioning() -> None:
    """A difference of nearly equal numbers gets more room, relatively, the nearer they are."""
    gaps = [2.0**-k for k in range(3, 15)]
    relative = np.array([error_of(lambda x: x - 1, 1 + gap)[0] / gap for gap in gaps])
    factors = relative[1:] / relative[:-1]
    assert np.all(factors > 1.5)
    assert np.all(factors < 2.5)
    # x^k is k times as sensitive as x.
    powers = [float(error_of(lambda x, k=k: x**k, 1.0)[0]) for k in (1, 2, 8)]
    due = [(k * ROUNDINGS + ANSWER_ROUNDINGS) * ROUNDING for k in (1, 2, 8)]
    assert powers == pytest.approx(due, rel=1e-3)


@pytest.mark.parametrize("size", [100, 1_250, 4_099, 20_000])
@pytest.mark.parametrize("each", [1 / 3, 0.7, 2 / 4_099])
def test_a_long_sum_may_be_made_term_by_term(size: int, each: float) -> None:
    """What float32 loses in a sum of like terms is allowed; what bfloat16 loses at one is not."""
    terms = np.full(size, each, np.float32)
    exact = terms.astype(np.float64).mean()
    allowed = error_of(np.mean, *terms)
    one_by_one = np.cumsum(terms, dtype=np.float32)[-1] / np.float32(size)
    of_quotients = np.cumsum(terms / np.float32(size), dtype=np.float32)[-1]
    assert abs(one_by_one - exact) < allowed
    assert abs(of_quotients - exact) < allowed
    assert allowed < exact * 2**-9


def test_a_boolean_may_turn_only_at_its_threshold() -> None:
    """Rounding can turn a comparison of equal numbers, and no other."""
    assert np.array_equal(error_of(lambda x: x <= 1, 0.5, 1, 1.01), [0, 1, 0])


def test_nan_and_infinity_have_no_tolerance() -> None:
    """Answers that are not finite leave an allowed error of 0, which is a number."""
    for bad in NOT_FINITE:
        answers = np.full((1 + COPIES, 2), 1.0)
        answers[0, 0] = answers[3, 1] = bad
        assert np.array_equal(allowed_error(answers), [0, 0])


def orders(terms: Array) -> dict[str, np.float32]:
    """The sum of float32 terms in several orders, each addition rounded to float32."""

    def left(numbers: Array) -> np.float32:
        total = np.float32(0)
        for number in numbers:
            total = np.float32(total + number)
        return total

    def pairs(numbers: Array) -> np.float32:
        while len(numbers) > 1:
            odd = numbers[len(numbers) // 2 * 2 :]
            numbers = np.concatenate([numbers[:-1:2] + numbers[1::2], odd])
        return np.float32(numbers[0])

    return {
        "from the left": left(terms),
        "from the right": left(terms[::-1]),
        "in pairs": pairs(terms),
        "smallest first": left(terms[np.argsort(np.abs(terms))]),
        "largest first": left(terms[np.argsort(-np.abs(terms))]),
        "in four strides": left(f32(*[left(terms[k::4]) for k in range(4)])),
    }


@pytest.mark.parametrize("size", [1, 2, 3, 10, 50, 200])
@pytest.mark.parametrize("draw", range(10))
def test_rounding_passes_and_a_hundred_times_as_much_does_not(size: int, draw: int) -> None:
    """A float32 dot product passes in every order of summation, an error 100 times as large not."""
    generator = np.random.default_rng([size, draw])
    a, b = generator.normal(size=(2, size)).astype(np.float32)
    answers = np.einsum("ki,ki->k", perturbed(a), perturbed(b[:, None])[..., 0])
    expected = Expected(answers[0], allowed_error(answers))
    for name, total in orders(a * b).items():
        assert compare(np.array(total, np.float32), expected) is None, name
    if size == 1:
        return  # two inputs of 64 roundings each: more than a hundred times the product's own one
    # One rounding of each product and of each partial sum, all of them one way.
    products = np.abs(a.astype(np.float64) * b)
    most = ROUNDING * (products.sum() + np.cumsum(products)[1:].sum())
    wrong = np.array(answers[0] + 100 * most, np.float32)
    assert kind(wrong, expected) == "value"


@pytest.mark.parametrize("size", [1, 3, 50, 400])
def test_a_mean_of_squares_leaves_no_room_for_a_forgotten_example(size: int) -> None:
    """The room is for rounding: a divisor off by one in a thousand does not fit into it."""
    x = np.random.default_rng(size).normal(size=size).astype(np.float32)
    answers = np.mean(perturbed(x) ** 2, axis=1)
    expected = Expected(answers[0], allowed_error(answers))
    assert compare(np.array(np.mean(x**2, dtype=np.float32)), expected) is None
    assert kind(np.array(answers[0] * 1.001, np.float32), expected) == "value"
