"""Comparing what a student's function returned with what was expected.

Structure first, then type, shape, dtype, then the first wrong entry: NumPy would broadcast a
scalar against a vector and call them equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxercise.sandboxed.wire.values import Opaque

Array = npt.NDArray[Any]

#: A float32 beyond this overflows. An exact value within a factor of 1000 of it may do either,
#: for partial results overflow before the last one does.
_LARGEST = float(np.finfo(np.float32).max)
_EITHER = 1e3
_ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Expected:
    """What a right answer is.

    Attributes:
        value: nested tuples of float64 or bool arrays.
        error: the same structure: the allowed absolute error of each entry.
    """

    value: Any
    error: Any

    @classmethod
    def exactly(cls, value: Any, error: Any = None) -> Expected:
        """A single array, with an allowed error (0 unless given)."""
        array = np.asarray(value)
        if array.dtype != bool:
            array = array.astype(np.float64)
        zero = np.zeros(array.shape)
        return cls(array, zero if error is None else np.broadcast_to(error, array.shape))

    def __getitem__(self, index: Any) -> Expected:
        return Expected(self.value[index], self.error[index])

    def only(self, part: int) -> Expected:
        """The same tuple, of which the values of one item alone are held to be right."""
        error = tuple(
            allowed if i == part else np.full(allowed.shape, np.inf)
            for i, allowed in enumerate(self.error)
        )
        return Expected(self.value, error)


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what was expected.

    Attributes:
        kind: `structure`, `type`, `shape`, `dtype` or `value`.
        sentence: what is wrong, for the student.
        ratio: for values, the error over the allowed error; else infinite.
    """

    kind: str
    sentence: str
    ratio: float = float("inf")


def compare(got: Any, expected: Expected, *, place: str = "") -> Difference | None:
    """The first difference that counts, or None.

    Args:
        got: a decoded result: nested tuples and lists of arrays and scalars.
        expected: what was due.
        place: where in a tuple this is, for the sentence.
    """
    if isinstance(expected.value, tuple):
        return _compare_tuple(got, expected, place)
    what = place or "the answer"
    shape, dtype = expected.value.shape, expected.value.dtype
    wanted = "bool" if np.issubdtype(dtype, np.bool_) else "float32"
    if not isinstance(got, np.ndarray):
        return Difference(
            _kind_of(got),
            f"{what} is {describe(got)}; expected an array of shape {_shape(shape)}, {wanted}",
        )
    if got.shape != shape:
        return Difference(
            "shape", f"{what} has shape {_shape(got.shape)}; expected shape {_shape(shape)}"
        )
    if got.dtype.name != wanted:
        return Difference("dtype", f"{what} has dtype {got.dtype.name}; expected {wanted}")
    return _compare_entries(got, expected, what)


def _compare_tuple(got: Any, expected: Expected, place: str) -> Difference | None:
    length = len(expected.value)
    what = place or "the answer"
    if not isinstance(got, tuple):
        kind = "structure" if isinstance(got, np.ndarray) else _kind_of(got)
        return Difference(kind, f"{what} is {describe(got)}; expected a tuple of {length}")
    if len(got) != length:
        return Difference("structure", f"{what} is a tuple of {len(got)}; expected one of {length}")
    for i in range(length):
        difference = compare(got[i], expected[i], place=f"the {_ORDINALS[i]} item of {what}")
        if difference is not None:
            return difference
    return None


def largest_ratio(got: Any, expected: Expected) -> float:
    """The largest error of any entry over what is allowed there.

    Args:
        got: a decoded result.
        expected: what was due.

    Returns:
        0 for an exact answer, 1 for one that is just right, infinite for another structure or
        shape.
    """
    if isinstance(expected.value, tuple):
        if not isinstance(got, tuple) or len(got) != len(expected.value):
            return float("inf")
        return max(largest_ratio(one, expected[i]) for i, one in enumerate(got))
    if not isinstance(got, np.ndarray) or got.shape != expected.value.shape:
        return float("inf")
    return float(np.max(_ratios(got, expected)))


def _compare_entries(got: Array, expected: Expected, what: str) -> Difference | None:
    ratios = _ratios(got, expected)
    wrong = np.argwhere(ratios > 1)
    if not len(wrong):
        return None
    index = tuple(int(i) for i in wrong[0])
    entry = f"entry {_index(index)} of {what}" if index else what
    off = f"{number(got[index])}; expected {number(expected.value[index])}"
    return Difference("value", f"{entry} is {off}", float(np.max(ratios)))


def _ratios(got: Array, expected: Expected) -> Array:
    """Each entry's error over what is allowed; the shapes agree."""
    value = expected.value
    if value.dtype == bool:
        return np.where((got != value) & (expected.error == 0), np.inf, 0.0)
    exact = got.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        error = np.abs(exact - value)
        ratios = np.where(error == 0, 0.0, error / expected.error)
        ratios = np.where(np.isnan(ratios), np.inf, ratios)
    # NaN and infinity on purpose: what overflows float32 has to come out as either of them,
    # and where the exact value is finite neither is ever right.
    size = np.abs(value)
    due = ~np.isfinite(value) | (size > _LARGEST * _EITHER)
    open_ = ~due & (size > _LARGEST / _EITHER)
    ratios = np.where(due, np.where(np.isfinite(exact), np.inf, 0.0), ratios)
    ratios = np.where(open_ & ~np.isfinite(exact), 0.0, ratios)
    return np.where(np.isinf(expected.error), 0.0, ratios)


def describe(value: Any) -> str:
    """What a value is, in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {_shape(value.shape)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return repr(value)
    return f"a Python {type(value).__name__}"


def number(value: Any) -> str:
    """A number as short as it distinguishes float32 values from each other."""
    if np.asarray(value).dtype == bool:
        return str(bool(value))
    if _LARGEST * _EITHER < abs(float(value)) < np.inf:
        return "inf or nan"  # what float32 makes of it
    return f"{float(value) + 0.0:.7g}"  # adding 0 turns -0 into 0


def _kind_of(got: Any) -> str:
    if isinstance(got, Opaque):
        return "error result"  # it cannot even be read
    return "structure" if isinstance(got, tuple | list | dict) else "type"


def _shape(shape: tuple[int, ...]) -> str:
    return str(tuple(int(n) for n in shape))


def _index(index: tuple[int, ...]) -> str:
    return "[" + ", ".join(map(str, index)) + "]"
