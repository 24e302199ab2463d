"""How far a right float32 answer may be from the exact one.

The rounding of a numerically sound float32 program is, to first order, that of the exact program
on slightly different inputs (backward error analysis; N. Higham, Accuracy and Stability of
Numerical Algorithms, 2002, chapter 1). So the reference is evaluated in float64 on the drawn input
and on copies of it in which every number is off by a few float32 roundings, and how far these
answers spread is how far a right one may be off. An ill-conditioned input gets the room it needs,
a well-conditioned one gets none to hide in, and no test has a tolerance of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array

#: Half the distance from 1 to the next float32: what one rounding can be off by, relatively.
ROUNDING = 2.0**-24
#: How many roundings each input is moved by, or as many as its longest axis has entries, if these
#: are more: a sum of n terms that are added one by one commits up to n of them.
ROUNDINGS = 64
#: Room for the rounding of the answer itself.
ANSWER_ROUNDINGS = 16
COPIES = 8
_SEED = 20260209


def rounding(dtype: Any) -> float:
    """What one rounding can be off by, relatively: that of float32 where numbers are no shorter."""
    return max(ROUNDING, float(ml_dtypes.finfo(dtype).eps) / 2)  # type: ignore[no-untyped-call]


def is_inexact(dtype: Any) -> bool:
    """True for numbers that are rounded: floats and complex ones."""
    return dtype.kind in "fc" or dtype == ml_dtypes.bfloat16


def perturbed(array: Array, place: int = 0) -> Array:
    """The array, float64, followed by its perturbed copies: shape (1 + COPIES, *array.shape).

    The directions are the same in every run, so that verdicts are. Of a complex number, both parts
    are moved.

    Args:
        array: an argument, of floats or complex numbers.
        place: which argument it is: two of one size are moved independently of each other.
    """
    if array.dtype.kind == "c":
        return perturbed(array.real, place) + 1j * perturbed(array.imag, place)
    generator = np.random.default_rng([_SEED, place, array.size])
    half: Array = generator.choice([-1.0, 1.0], size=(COPIES // 2, *array.shape))
    # All but the first by unequal amounts: else a product of two numbers that are moved in opposite
    # directions in every copy would seem to round to nothing.
    half[1:] *= generator.uniform(0.5, 1.0, size=half[1:].shape)
    roundings = max(ROUNDINGS, *array.shape, 0)
    if roundings > ROUNDINGS:
        half[0] = 1  # what a long sum loses at each of its terms, it loses in one direction
    signs = np.concatenate([half, -half])  # every number is moved both ways
    exact = array.astype(np.float64)
    return np.concatenate([exact[None], exact * (1 + roundings * rounding(array.dtype) * signs)])


def allowed_error(answers: Array) -> Array:
    """The allowed absolute error of each entry.

    Args:
        answers: `(1 + COPIES, ...)`: the exact answer, then the perturbed ones; the exact one alone
            where nothing that it comes of is rounded.

    Returns:
        `(...)`, float64. For booleans and integers as far as rounding may turn the answer, 0 where
        it cannot. NaN and infinity are no matter of tolerance: there it is 0.
    """
    if not is_inexact(answers.dtype):
        wide = answers.astype(np.float64)
        spread: Array = np.max(np.abs(wide - wide[0]), axis=0)
        return spread
    wide = answers.astype(np.complex128 if answers.dtype.kind == "c" else np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.max(np.abs(wide - wide[0]), axis=0)
        error = off + ANSWER_ROUNDINGS * rounding(answers.dtype) * np.abs(wide[0])
    finite: Array = np.where(np.isfinite(error), error, 0.0)
    return finite


def carried(by: Callable[[Any], Any], value: Any, error: Any) -> tuple[Any, Any]:
    """What becomes of an answer that may be off, and how far that may be off then.

    Args:
        by: what is done with it.
        value: a tree of arrays.
        error: the same structure: the allowed absolute error of each entry.

    Returns:
        `by` of the value, its floats in 64 bits, and how far it moves where all entries are off by
        their error, to one side and to random ones.
    """
    generator = np.random.default_rng(_SEED)
    errors = trees.leaves(error)

    def moved(sign: Callable[[tuple[int, ...]], Any]) -> Any:
        pairs = zip(trees.leaves(value), errors, strict=True)
        return by(trees.rebuilt(value, (_off(one, sign(one.shape) * off) for one, off in pairs)))

    exact = moved(np.zeros)
    ways = [np.ones] + [lambda shape: generator.choice([-1.0, 1.0], shape)] * (COPIES - 1)
    found = [trees.leaves(moved(way)) for way in ways]
    with np.errstate(invalid="ignore"):
        spread = (
            np.nan_to_num(np.max([abs(one * 1.0 - due) for one in many], axis=0), posinf=0.0)
            for many, due in zip(zip(*found, strict=True), trees.leaves(exact), strict=True)
        )
        return exact, trees.rebuilt(exact, spread)


def _off(array: Array, off: Any) -> Array:
    if not is_inexact(array.dtype):
        return array
    moved: Array = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64) + off
    return moved
