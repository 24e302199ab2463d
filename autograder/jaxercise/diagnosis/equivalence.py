"""Whether two functions did the same: what they returned or raised, drew, and how their work grew.

Looser than a comparison with a right answer where that does not matter (two programs with one idea
round differently, two figures have other words in their legends), and strict everywhere else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jaxercise.comparison.compare import wide
from jaxercise.comparison.tolerance import is_inexact
from jaxercise.grading.hints import TRACED
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.trees import FigureData
from jaxercise.workers.runner import Raised, Reply

#: How far two programs with the same idea may differ, relative to the largest entry.
_CLOSE = 1e-4
#: What is further off is no matter of the order in which things are computed, however small a
#: step may be.
_NEAR = 0.05
_FAR = 10 * _CLOSE
#: Calls for an entry: a derivative beside the value takes one more.
_AS_OFTEN = 2
#: One program for an entry may be so many times as long as another with the same idea.
_AS_LONG = 4
_ADDRESS = re.compile(r"0x[0-9a-f]+")

Measured = Mapping[str, Any] | Raised


def same_reply(one: Reply, other: Reply, *, counted: bool = False, loosely: bool = False) -> bool:
    """True if two calls came to the same.

    Args:
        one, other: what came back.
        counted: the functions passed in have to have been called equally often, too.
        loosely: they may differ by what small steps magnify of another way of rounding.
    """
    if one.raised is not None or other.raised is not None:
        return one.raised is not None and other.raised is not None and _alike(one, other)
    if _manner(one) != _manner(other) or (counted and one.calls != other.calls):
        return False
    return equal(one.value, other.value, loosely=loosely)


def _manner(reply: Reply) -> tuple[Any, ...]:
    """What became of the arguments, and whether anything was left to trace or to compile."""
    traced, outside = reply.settled or (0, 0)
    return reply.deleted, reply.altered, traced > 0, outside is None or outside > 0


def same_scaling(one: Measured, other: Measured) -> bool:
    """True if the work of both functions grew with the batch in the same manner, or that of none.

    The manner is how much is done for the small batch, once an entry or once a row or a chunk,
    and whether the work is handed back to Python.
    """
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and one.type == other.type
    if not (one["grown"] and other["grown"]) or "host" in (one["grown"], other["grown"]):
        return bool(one["grown"] == other["grown"])
    fewer, more = sorted((one["work"], other["work"]))
    called = "calls" in (one["grown"], other["grown"])
    return bool(more <= (_AS_OFTEN if called else _AS_LONG) * fewer)


def same_form(one: Any, other: Any) -> bool:
    """True if two values have the same structure, shapes and dtypes, whatever their numbers."""
    return _alike_in(one, other, _same_leaf_form)


def equal(one: Any, other: Any, *, loosely: bool = False) -> bool:
    """True if two returned values are the same but for rounding."""
    # Neither is far from right, on either side of it.
    share = 2 * _FAR if loosely else _CLOSE
    return _alike_in(one, other, lambda leaf, like: _equal_leaves(leaf, like, share))


def near(one: Any, other: Any) -> bool:
    """True if two returned values might be the same but for another way of rounding."""
    return _alike_in(one, other, _near_leaves)


def _alike_in(one: Any, other: Any, alike: Callable[[Any, Any], bool]) -> bool:
    """True if two values have one structure, and leaves that are alike."""
    if trees.structure(one) != trees.structure(other):
        return False
    return all(map(alike, trees.leaves(one), trees.leaves(other)))


def _same_leaf_form(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(one.shape == other.shape and one.dtype == other.dtype)
    return type(one) is type(other)


def _equal_leaves(one: Any, other: Any, share: float) -> bool:
    if not _same_leaf_form(one, other):
        return False
    if isinstance(one, FigureData):
        return _same_figure(one, other)
    if isinstance(one, np.ndarray):
        if is_inexact(one.dtype):
            return _within(share, one, other)
        return bool(np.array_equal(one, other))
    if isinstance(one, float):
        return _within(share, np.asarray(one), np.asarray(other))
    return repr(one) == repr(other)


def _near_leaves(one: Any, other: Any) -> bool:
    if not isinstance(one, np.ndarray) or not _same_leaf_form(one, other):
        return _same_leaf_form(one, other)
    return not is_inexact(one.dtype) or _within(_NEAR, one, other, least=1.0)


def _within(share: float, one: Any, other: Any, *, least: float = 0.0) -> bool:
    """True if two arrays of one shape differ by no more than a share of the largest entry.

    Args:
        share: which.
        one, other: the arrays.
        least: what counts as the largest entry where all are smaller.
    """
    one, other = wide(one), wide(other)
    finite = np.abs(one[np.isfinite(one)])
    scale = max(float(finite.max()) if finite.size else 0.0, least)
    return bool(np.allclose(one, other, rtol=share, atol=share * scale, equal_nan=True))


def near_enough(one: Any, other: Any) -> bool:
    """True if two arrays of one shape are the same but for rounding."""
    return _within(_CLOSE, one, other)


def far(got: Any, due: Any) -> bool:
    """True if an answer is so far off that no rounding comes near it: sameness then means much."""
    if trees.structure(got) != trees.structure(due):
        return False
    return any(map(_far_leaf, trees.leaves(got), trees.leaves(due)))


def _far_leaf(got: Any, due: Any) -> bool:
    if not isinstance(got, np.ndarray | float) or np.shape(got) != due.shape:
        return False  # another item than the one in question
    if not is_inexact(due.dtype):
        return not np.array_equal(got, due)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(got - due)
    if not np.all(np.isfinite(off)):
        return True
    return bool(
        np.max(off, initial=0.0)
        > _FAR * np.max(np.abs(due), initial=np.max(np.abs(got), initial=0))
    )


def _alike(one: Reply, other: Reply) -> bool:
    assert one.raised is not None
    assert other.raised is not None
    return one.raised.type == other.raised.type and _gist(one.raised) == _gist(other.raised)


def _gist(raised: Raised) -> str:
    """A message without what names places in the code or in memory; of some the type is enough."""
    if raised.type in TRACED:
        return ""
    lines = [line for line in raised.message.split("\n") if ".py" not in line]
    return _ADDRESS.sub("", "\n".join(lines))


def _same_figure(one: FigureData, other: FigureData) -> bool:
    if _habits(one) != _habits(other) or len(one["curves"]) != len(other["curves"]):
        return False
    orders = itertools.permutations(other["curves"])
    return any(_same_curves(one["curves"], order) for order in itertools.islice(orders, 24))


def _habits(figure: FigureData) -> tuple[Any, ...]:
    """What matters of a figure besides its curves; what a legend or a label says does not."""
    return (
        figure["axes"],
        bool(figure["legend"]),
        bool(figure["xlabel"].strip()),
        bool(figure["ylabel"].strip()),
        *(figure[name] > 0 for name in ("open_figures", "shown", "saved", "returned_before")),
    )


def _same_curves(ones: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> bool:
    if _pattern(ones) != _pattern(others):
        return False
    return all(equal(_points(one), _points(other)) for one, other in zip(ones, others, strict=True))


def _pattern(curves: Sequence[dict[str, Any]]) -> list[Any]:
    """Which labels and looks are equal to which, and what is empty or cut off."""
    labels = [curve["label"].strip() for curve in curves]
    looks = [curve["look"] for curve in curves]
    return [
        (labels.index(label) if label else -1, looks.index(look), curve["cut_off"] > 0)
        for label, look, curve in zip(labels, looks, curves, strict=True)
    ]


def _points(curve: dict[str, Any]) -> Any:
    x, y = curve["x"], curve["y"]
    if x.shape != y.shape:
        return x, y
    order = np.lexsort((y, x))
    return np.stack([x[order], y[order]])
