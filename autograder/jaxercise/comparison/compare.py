"""Comparing what a student's function returned with what was expected.

Structure first, then type, shape, dtype, then the first wrong entry: NumPy would broadcast a
scalar against a vector and call them equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Opaque

#: A float32 beyond this overflows. An exact value within a factor of 1000 of it may do either,
#: for partial results overflow before the last one does.
_LARGEST = float(np.finfo(np.float32).max)
_EITHER = 1e3
_ORDINALS = ("first", "second", "third", "fourth")
_MOST_KEYS = 8
#: The dtype that a right answer has, where the exact value has another one.
_NARROW = {
    "float64": "float32",
    "complex128": "complex64",
    "int64": "int32",
    "uint64": "uint32",
}


@dataclass(frozen=True)
class Expected:
    """What a right answer is.

    Attributes:
        value: a tree of arrays: exact values, of which a right answer has the dtype, or its 32-bit
            form where that is float64, complex128, int64 or uint64.
        error: the same structure: the allowed absolute error of each entry.
        part: the item that alone is held to be right; None for all of it.
    """

    value: Any
    error: Any
    part: int | str | None = None

    @classmethod
    def exactly(cls, value: Any, error: Any = None) -> Expected:
        """A single array, with an allowed error (0 unless given).

        Numbers without a dtype of their own are floats; integers are due where `value` is an array
        of int32 or the like.
        """
        array = np.asarray(value)
        if array.dtype in (np.int64, np.float32):
            array = array.astype(np.float64)
        zero = np.zeros(array.shape)
        return cls(array, zero if error is None else np.broadcast_to(error, array.shape))

    def __getitem__(self, index: Any) -> Expected:
        return Expected(self.value[index], self.error[index])

    def leaves(self) -> Iterator[Expected]:
        """The arrays, one by one."""
        pairs = zip(trees.leaves(self.value), trees.leaves(self.error), strict=True)
        return (Expected(*pair) for pair in pairs)

    def only(self, part: int | str) -> Expected:
        """The same, of which one item alone is held to be right, whatever the others are."""
        return replace(self, part=part)

    def within(self, share: float) -> Expected:
        """The same, of which each number may be off by this share of itself."""
        errors = (np.maximum(one.error, share * np.abs(one.value)) for one in self.leaves())
        return replace(self, error=trees.rebuilt(self.error, errors))

    def is_of(self, got: Any) -> bool:
        """True if one item counts, and an answer has such items as the due one has."""
        return self.part is not None and trees.head(got) == trees.head(self.value)


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what was expected.

    Attributes:
        kind: `structure`, `type`, `shape`, `dtype` or `value`.
        sentence: what is wrong, for the student.
        ratio: for values, the error over the allowed error; else infinite.
        path: where in the answer the array stands that differs.
        index: for values, of its first wrong entry.
    """

    kind: str
    sentence: str
    ratio: float = float("inf")
    path: trees.Path = ()
    index: tuple[int, ...] = ()


def compare(got: Any, expected: Expected, at: trees.Path = ()) -> Difference | None:
    """The first difference that counts, or None.

    Args:
        got: a decoded result: a tree of arrays and scalars.
        expected: what was due.
        at: where in the answer that stands.
    """
    part = expected.part
    if part is not None and expected.is_of(got):
        return compare(got[part], expected[part], (part,))
    place = trees.first_difference(trees.structure(got), trees.structure(expected.value))
    if place is not None:
        return _structure(trees.at(got, place), trees.at(expected.value, place), words(at + place))
    pairs = zip(trees.paths(got), trees.leaves(got), expected.leaves(), strict=True)
    for path, leaf, due in pairs:
        difference = _compare_leaf(leaf, due, words(at + path))
        if difference is not None:
            return replace(difference, path=at + path)
    return None


def words(path: trees.Path) -> str:
    """A place in an answer: `the first item of the answer`."""
    text = "the answer"
    for name in path:
        if isinstance(name, str):
            text = f"the entry {name!r} of {text}"
        elif name < len(_ORDINALS):
            text = f"the {ordinal(name)} item of {text}"
        else:
            text = f"item {name + 1} of {text}"
    return text


def ordinal(place: int) -> str:
    """`first`, for place 0."""
    return _ORDINALS[place] if place < len(_ORDINALS) else f"{place + 1}th"


def largest_ratio(got: Any, expected: Expected) -> float:
    """The largest error of any entry over what is allowed there.

    Args:
        got: a decoded result.
        expected: what was due.

    Returns:
        0 for an exact answer, 1 for one that is just right, infinite for another structure or
        shape.
    """
    if expected.is_of(got):
        return largest_ratio(got[expected.part], expected[expected.part])
    if trees.structure(got) != trees.structure(expected.value):
        return float("inf")
    pairs = zip(trees.leaves(got), expected.leaves(), strict=True)
    return max((_largest_ratio(*pair) for pair in pairs), default=0.0)


def _largest_ratio(got: Any, expected: Expected) -> float:
    if not isinstance(got, np.ndarray) or got.shape != expected.value.shape:
        return float("inf")
    return float(np.max(_ratios(got, expected), initial=0.0))


def _structure(got: Any, due: Any, what: str) -> Difference:
    """Two values whose outermost containers differ."""
    if isinstance(due, np.ndarray | np.generic):
        return _no_array(got, due, what)
    is_container = isinstance(got, tuple | list | dict | np.ndarray)
    kind = "structure" if is_container else _kind_of(got)
    if type(got) is type(due) and got is not None:
        if isinstance(due, dict):
            other = f"has the keys {_keys(got)}; expected {_keys(due)}"
            return Difference(kind, f"{what} {other}")
        other = f"a {type(due).__name__} of {len(got)}; expected one of {len(due)}"
        return Difference(kind, f"{what} is {other}")
    return Difference(kind, f"{what} is {describe(got)}; expected {describe(due)}")


def _keys(value: dict[str, Any]) -> str:
    told = [f"{name!r:.40}" for name in sorted(value)]
    return ", ".join([*told[:_MOST_KEYS], *["..."] * (len(told) > _MOST_KEYS)]) or "none"


def _no_array(got: Any, due: Any, what: str) -> Difference:
    wanted = f"expected an array of shape {_shape(due.shape)}, {answer_dtype(due)}"
    return Difference(_kind_of(got), f"{what} is {describe(got)}; {wanted}")


def answer_dtype(value: Any) -> str:
    """The dtype of a right answer whose exact value this is."""
    name = str(value.dtype.name)
    return _NARROW.get(name, name)


def as_answered(value: Any) -> Any:
    """Exact values as a right answer has them."""

    def narrow(one: Any) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(one).astype(answer_dtype(one))

    return trees.mapped(narrow, value)


def _compare_leaf(got: Any, expected: Expected, what: str) -> Difference | None:
    shape, wanted = expected.value.shape, answer_dtype(expected.value)
    if not isinstance(got, np.ndarray):
        return _no_array(got, expected.value, what)
    if got.shape != shape:
        return Difference(
            "shape", f"{what} has shape {_shape(got.shape)}; expected shape {_shape(shape)}"
        )
    if got.dtype.name != wanted:
        return Difference("dtype", f"{what} has dtype {got.dtype.name}; expected {wanted}")
    return _compare_entries(got, expected, what)


def _compare_entries(got: Array, expected: Expected, what: str) -> Difference | None:
    ratios = _ratios(got, expected)
    wrong = np.argwhere(ratios > 1)
    if not len(wrong):
        return None
    index = tuple(int(i) for i in wrong[0])
    entry = f"entry [{', '.join(map(str, index))}] of {what}" if index else what
    off = f"{number(got[index])}; expected {number(expected.value[index])}"
    return Difference("value", f"{entry} is {off}", float(np.max(ratios)), index=index)


def _ratios(got: Array, expected: Expected) -> Array:
    """Each entry's error over what is allowed; the shapes agree."""
    value = expected.value
    if value.dtype == bool:
        return np.where((got != value) & (expected.error == 0), np.inf, 0.0)
    exact, value = wide(got), wide(value)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        error = np.abs(exact - value)
        ratios = np.where(error == 0, 0.0, error / expected.error)
        ratios = np.where(np.isnan(ratios), np.inf, ratios)
        size = np.abs(value)
    # NaN and infinity on purpose: what overflows float32 has to come out as either of them,
    # and where the exact value is finite neither is ever right.
    due = ~np.isfinite(value) | (size > _LARGEST * _EITHER)
    open_ = ~due & (size > _LARGEST / _EITHER)
    ratios = np.where(due, np.where(np.isfinite(exact), np.inf, 0.0), ratios)
    ratios = np.where(open_ & ~np.isfinite(exact), 0.0, ratios)
    return np.where(np.isinf(expected.error), 0.0, ratios)


def wide(array: Array) -> Array:
    """The same numbers in 64 bits each."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def describe(value: Any) -> str:
    """What a value is, in words."""
    match value:
        case np.ndarray():
            return f"an array of shape {_shape(value.shape)}"
        case tuple() | list():
            return f"a {type(value).__name__} of {len(value)}"
        case None:
            return "None"
        case Opaque():
            return repr(value)
        case trees.FigureData():
            return "a Figure"
        case dict():
            return f"a dict with the keys {_keys(value)}"
    return f"a Python {type(value).__name__}"


def number(value: Any) -> str:
    """A number as short as it distinguishes float32 values from each other."""
    array = np.asarray(value)
    if array.dtype == bool:
        return str(bool(value))
    if array.dtype.kind in "iu":
        return str(int(value))
    if array.dtype.kind == "c":
        real, imaginary = number(array.real), number(array.imag)
        return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if _LARGEST * _EITHER < abs(float(value)) < np.inf:
        return "inf or nan"  # what float32 makes of it
    return f"{float(value) + 0.0:.7g}"  # adding 0 turns -0 into 0


def _kind_of(got: Any) -> str:
    if isinstance(got, Opaque):
        return "error result"  # it cannot even be read
    is_container = isinstance(got, tuple | list | dict) and not isinstance(got, trees.FigureData)
    return "structure" if is_container else "type"


def _shape(shape: tuple[int, ...]) -> str:
    return str(tuple(int(n) for n in shape))
