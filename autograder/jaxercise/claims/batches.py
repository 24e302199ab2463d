"""A large batch with entries of two kinds: what is due is the same for all entries of a kind."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxercise.comparison import Expected
from jaxercise.comparison.tolerance import is_inexact
from jaxercise.sandboxed.scaling import MANY, SMALL
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key


def alike(arguments: Any) -> bool:
    """Whether a batch of `MANY` has the same entry everywhere; keys and integers carry no entries.

    Args:
        arguments: what a function is called with.
    """
    return all(map(_alike, trees.leaves(arguments)))


def of_two_kinds(arguments: Any) -> Any:
    """Such a batch, with the floats of some entries halved.

    Where they stand has no period, so that whoever takes an entry for another one is seen.
    """

    def halved(leaf: Any) -> Any:
        if not _is_array(leaf) or leaf.dtype.kind != "f" or MANY not in leaf.shape:
            return leaf
        other = _kinds().reshape([-1] + [1] * (leaf.ndim - leaf.shape.index(MANY) - 1))
        return np.where(other, leaf / 2, leaf).astype(leaf.dtype)

    return trees.mapped(halved, arguments)


def alike_answers(value: Any, few: Callable[[], Any]) -> Expected | None:
    """What is due to such a batch: to every entry what the first one of its kind is given.

    Args:
        value: what was returned. Of arrays without a place for each entry nothing is asked, unless
            there is one for a few.
        few: says what is due for a batch of `SMALL`; asked only if there are such arrays.

    Returns:
        What is due; None where not all of what was returned are arrays.
    """
    answers = trees.leaves(value)
    if not all(map(_is_array, answers)):
        return None
    others = answers
    if any(MANY not in np.shape(one) for one in answers):
        others = trees.leaves(few())
    due = [_due(*pair) for pair in itertools.zip_longest(answers, others[: len(answers)])]
    return Expected(
        trees.rebuilt(value, (one for one, _ in due)), trees.rebuilt(value, (one for _, one in due))
    )


@functools.cache
def _kinds() -> Array:
    """Which entries of the batch are of the other kind; the first is not."""
    other: Array = np.random.default_rng(0).random(MANY) < 0.5
    other[0] = False
    return other


def _due(answer: Array, other: Any) -> tuple[Any, Array]:
    """What is due, and how far off it may be."""
    if MANY not in answer.shape and not (_is_array(other) and SMALL in other.shape):
        return answer, np.full(answer.shape, np.inf)
    if MANY in answer.shape:
        first = np.where(_kinds(), np.argmax(_kinds()), 0)
        due = answer.take(first, answer.shape.index(MANY))
    else:
        shape = tuple(MANY if one == SMALL else one for one in other.shape)
        due = np.broadcast_to(_first(other), shape)
    due = due.astype(np.float64 if due.dtype == np.float32 else due.dtype)
    if not is_inexact(due.dtype):
        return due, np.zeros(due.shape)
    # so far may sums over so many be off that are made one by one
    return due, 0.01 * (1 + abs(due).astype(np.float64))


def _first(batch: Array) -> Array:
    """The first entry of a batch, with its axis."""
    axis = next((i for i, size in enumerate(batch.shape) if size in (SMALL, MANY)), None)
    return batch if axis is None else batch.take([0], axis)


def _alike(leaf: Any) -> bool:
    if _is_array(leaf):
        return bool(np.array_equal(leaf, np.broadcast_to(_first(leaf), leaf.shape)))
    return not isinstance(leaf, Key) and leaf != MANY


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray)
