"""Causes that need no misconception: one change that makes every due answer the one that came.

Such a change is told only if it explains the whole record: on each input, what came back is what
was due, changed in that way, and on some of them that is far from right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from jaxercise.comparison import Expected, compare
from jaxercise.comparison.compare import words
from jaxercise.diagnosis.equivalence import equal, near_enough
from jaxercise.diagnosis.probing import Probe
from jaxercise.grading.hints import about_value, sure_of
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Raised

Array = npt.NDArray[Any]

#: On how many inputs a change has to be seen, and in how many numbers where it hits single ones.
_INPUTS = 2
_NUMBERS = 3
#: How many numbers have to be exact in a narrow format before that is no accident.
_EXACT = 12
_DECIMALS = 6
#: How far from 1 a factor is that is told.
_FACTOR = 0.1
#: How far off, in relation to the answer, all of those are that have too few digits.
_LEAST_OFF, _MOST_OFF = 1e-5, 1e-2


@dataclass(frozen=True)
class GeneralCause:
    """What is said where no misconception fits; it has no name."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class _Pair:
    """One array that came back, what was due, and whether it is right."""

    got: Array
    due: Array
    right: bool


def general_cause(probes: Sequence[Probe]) -> GeneralCause | None:
    """The one cause of all that was refused, or None.

    Args:
        probes: of the claims about a function's values, or of one law.
    """
    asked = [one for each in probes for one in each.asked]
    raised = [one.reply.raised for one in asked if one.reply and one.reply.raised]
    if raised:
        told = {sure_of(one) for one in raised}
        others = any(each.refused and each.answered for each in probes)
        return GeneralCause(told.pop()) if len(told) == 1 and not others and all(told) else None
    refused = [each for each in probes if each.refused]
    if refused and all(any(one.reply and one.reply.deleted for one in e.asked) for e in refused):
        return GeneralCause(
            "An argument is donated to jit (donate_argnums), or deleted: leave that out."
        )
    compared = [(got, due) for each in probes for _, got, due in each.compared]
    if any(each.refused for each in probes if not each.compared):
        return None
    form = _form(compared)
    if form:
        return GeneralCause(form)
    if _always_the_same(probes):
        return GeneralCause(
            "Arguments of the same shapes always get the same answer. Does it use their numbers, "
            "or is it kept from an earlier call?"
        )
    items = _items(compared)
    if items is None:
        return None
    wrong = {path: pairs for path, pairs in items.items() if not all(one.right for one in pairs)}
    texts = {path: _of_numbers(pairs) for path, pairs in wrong.items()}
    if len(set(texts.values())) != 1:
        return None
    text = next(iter(texts.values()))
    if not text:
        return None
    if len(wrong) < len(items) and len(wrong) == 1:
        place = words(next(iter(wrong)))
        text = f"This is about {place}. {text}"
    return GeneralCause(text)


_LOOP = (
    "Python itself goes through the batch, in a loop, a comprehension, map() or recursion, entry "
    "by entry or piece by piece. Each turn adds a part to the program."
)
_LONGER = (
    "The larger the batch, the longer the program: Python itself goes through it, entry by entry "
    "or piece by piece, or takes a longer way where there is much."
)
_HOST = (
    "The batch is handed back to Python (by jax.pure_callback, np.vectorize or the like), where no "
    "transformation reaches it."
)


def cause_in_manner(probes: Sequence[Probe]) -> GeneralCause | None:
    """What a claim about the method shows: a loop, or a batch of which the end is left out.

    Args:
        probes: of that claim.
    """
    measured = [one.measured for each in probes for one in each.asked if one.measured is not None]
    grown = {None if isinstance(one, Raised) else one["grown"] for one in measured} - {None}
    if grown:
        longer = _LONGER if grown == {"equations"} else _LOOP
        return GeneralCause(_HOST if "host" in grown else longer)
    items = _items([(got, due) for each in probes for _, got, due in each.compared])
    wrong = [one for pairs in (items or {}).values() for one in pairs if not one.right]
    if len(wrong) != 1 or not wrong[0].due.ndim:
        return None
    rows, count = _rows_off(wrong[0]), len(wrong[0].due)
    if not rows:  # nearly right everywhere
        return None
    # By accident one beyond may be right.
    if _NUMBERS <= count - rows[0] <= len(rows) + 1 and rows[0] and rows[-1] == count - 1:
        return GeneralCause(
            f"Of {count:,} entries the first {rows[0]:,} are right, and none beyond: is there a "
            "limit, or a part that is left out?"
        )
    return None


def _always_the_same(probes: Sequence[Probe]) -> bool:
    """True if answers depend on the shapes alone, and are wrong on enough inputs for it."""
    first: dict[Any, tuple[Any, Expected]] = {}
    wrong = 0
    for request, got, due in (one for each in probes for one in each.compared):
        known, was = first.setdefault(request.shapes(), (got, due))
        if not all(isinstance(one, np.ndarray) for one in trees.leaves(got)):
            return False
        if not equal(known, got):
            return False
        wrong += compare(got, due) is not None and not equal(was.value, due.value)
    return wrong > _INPUTS and any(
        isinstance(leaf, np.ndarray) and np.any(np.isfinite(leaf) & (leaf != 0))
        for got, _ in first.values()
        for leaf in trees.leaves(got)
    )


#: How an answer of another form becomes the right one.
_FORMS: list[Callable[[Any, Any], Any]] = [
    lambda got, due: tuple(got) if isinstance(got, list) else None,
    lambda got, due: tuple(got) if isinstance(got, np.ndarray) and got.ndim else None,
    lambda got, due: got[::-1] if isinstance(got, tuple) else None,
    lambda got, due: np.float32(got) if type(got) in (int, float) else None,
    lambda got, due: _array_of(got) if isinstance(got, list) else None,
    lambda got, due: (
        got.reshape(due.shape) if _is_array(got, due) and got.size == due.size else None
    ),
    lambda got, due: (
        got.astype(np.float32)
        if _is_array(got, due) and got.dtype != np.float32 and due.dtype.kind == "f"
        else None
    ),
]


def _array_of(listed: list[Any]) -> Any:
    """A list as an array; None for one of dicts, or of lists that are not equally long."""
    try:
        return np.asarray(listed, np.float32)
    except (TypeError, ValueError):
        return None


def _is_array(got: Any, due: Any) -> bool:
    return isinstance(got, np.ndarray) and isinstance(due, np.ndarray)


def _form(compared: Sequence[tuple[Any, Expected]]) -> str:
    """What is said where the numbers are right wherever they are brought into the due form."""
    wrong = [(got, due, apart) for got, due in compared if (apart := compare(got, due)) is not None]
    if len(wrong) < _INPUTS:
        return ""
    for change in _FORMS:
        mended = [(change(got, due.value), due) for got, due, _ in wrong]
        if all(got is not None and compare(got, due) is None for got, due in mended):
            hints = [about_value(*one, printed=False, rounding=True) for one in wrong]
            # Of answers that are 0 throughout a hint says less.
            return max(hints, key=len) or "The numbers are right, but their form is not."
    return ""


def _items(compared: Sequence[tuple[Any, Expected]]) -> dict[trees.Path, list[_Pair]] | None:
    """The arrays at each place of the answers; None where some are not of the due form."""
    found: dict[trees.Path, list[_Pair]] = {}
    for got, due in compared:
        if trees.structure(got) != trees.structure(due.value):
            return None
        places = zip(trees.paths(got), trees.leaves(got), due.leaves(), strict=True)
        for path, leaf, part in places:
            if due.part is not None and path[:1] != (due.part,):
                continue
            if not _is_array(leaf, part.value) or leaf.shape != part.value.shape:
                return None
            if leaf.dtype != np.float32 or part.value.dtype.kind != "f":
                return None
            right = compare(leaf, part) is None
            found.setdefault(path, []).append(
                _Pair(leaf.astype(np.float64), np.asarray(part.value, np.float64), right)
            )
    return found


def _of_numbers(pairs: Sequence[_Pair]) -> str:
    """What explains all arrays of one place; empty where nothing does."""
    with np.errstate(all="ignore"):
        return next(_causes(pairs), "")


def _causes(pairs: Sequence[_Pair]) -> Iterator[str]:
    wrong = [one for one in pairs if not one.right]
    if len(wrong) < _INPUTS:
        return
    # Of two entries, too many changes do the same.
    long = any(one.due.ndim and len(one.due) >= _NUMBERS for one in wrong)
    changes = _CHANGES + _OF_PLACES * long
    fitting = [text for change, text in changes if _explains(pairs, change)]
    if fitting:  # of several, none is certain
        yield from fitting if len(fitting) == 1 else ()
        yield from _elsewhere(pairs, wrong)
        return
    yield from _by_a_factor(pairs, wrong)
    yield from _cut_off(pairs, wrong)
    yield from _small_as_zero(pairs, wrong)
    yield from _not_finite(wrong)
    yield from _narrow(pairs)
    yield from _elsewhere(pairs, wrong)
    yield from _at_an_end(wrong)
    yield from _few_digits(pairs, wrong)


def _explains(pairs: Sequence[_Pair], change: Callable[[Array], Array]) -> bool:
    """True if every answer is the due one, changed, and that is far off on enough inputs."""
    changed = [(one, change(one.due)) for one in pairs]
    if any(like.shape != one.got.shape for one, like in changed):
        return False
    if not all(near_enough(one.got, like) for one, like in changed):
        return False
    told = [one for one, like in changed if not one.right and not near_enough(one.due, like)]
    return len(told) >= _INPUTS


def _turned(due: Array) -> Array:
    return due.T if due.ndim == 2 and due.shape[0] == due.shape[1] else due


#: Changes of an array, and what they tell.
_CHANGES: list[tuple[Callable[[Array], Array], str]] = [
    (lambda due: -due, "Every number has the opposite sign."),
    (_turned, "Rows and columns have changed places where there are as many of both."),
    (np.abs, "Numbers below 0 come back without their sign: something takes the absolute value."),
    (lambda due: np.maximum(due, 0), "Numbers below 0 come back as 0."),
    (lambda due: np.minimum(due, 0), "Numbers above 0 come back as 0."),
    (np.square, "Every number is the square of what is due."),
    (lambda due: np.sqrt(np.abs(due)), "Every number is the square root of what is due."),
    (lambda due: 1 / due, "Every number is 1 divided by what is due."),
    (np.zeros_like, "Every number comes back as 0."),
    (
        lambda due: np.where(np.isfinite(due), due, 0),
        "What should be infinite or NaN comes back as 0.",
    ),
]
#: Those that move entries, or mix them.
_OF_PLACES: list[tuple[Callable[[Array], Array], str]] = [
    (lambda due: due[::-1] if due.ndim else due, "The entries stand in the opposite order."),
    (
        lambda due: np.roll(due, 1, 0) if due.ndim else due,
        "Every entry stands one place too late: the last one has come to be the first.",
    ),
    (
        lambda due: np.roll(due, -1, 0) if due.ndim else due,
        "Every entry stands one place too early: the first one has come to be the last.",
    ),
    (lambda due: np.sort(due, 0) if due.ndim else due, "The right numbers are there, but sorted."),
    (
        lambda due: np.broadcast_to(due[:1], due.shape) if due.ndim else due,
        "Every entry is the answer to the first one.",
    ),
    (
        lambda due: np.broadcast_to(due[-1:], due.shape) if due.ndim else due,
        "Every entry is the answer to the last one.",
    ),
    (
        lambda due: np.broadcast_to(due.mean(0), due.shape) if due.ndim else due,
        "Every entry is the mean of all answers.",
    ),
    (
        lambda due: np.broadcast_to(due.sum(0), due.shape) if due.ndim else due,
        "Every entry is the sum of all answers.",
    ),
    (
        lambda due: np.cumsum(due, 0) if due.ndim else due,
        "Every entry is the sum of the answers up to it.",
    ),
]


def _by_a_factor(pairs: Sequence[_Pair], wrong: Sequence[_Pair]) -> Iterator[str]:
    """One factor for all numbers, whatever the input."""
    one = wrong[0]
    sizes = np.where(np.isfinite(one.due), np.abs(one.due), 0)
    at = np.unravel_index(np.argmax(sizes), sizes.shape)
    factor = one.got[at] / one.due[at]
    # A factor near 1 is seldom one that was written.
    if (
        np.isfinite(factor)
        and factor
        and abs(abs(factor) - 1) > _FACTOR
        and _explains(pairs, lambda due: due * factor)
    ):
        numbers = sum(np.count_nonzero(each.due) for each in wrong)
        if numbers >= _NUMBERS:
            yield (
                f"Every number is {factor:.4g} times what is due: a factor is wrong or missing, a "
                "sum stands in the place of a mean, or a mean is divided by another length."
            )


def _cut_off(pairs: Sequence[_Pair], wrong: Sequence[_Pair]) -> Iterator[str]:
    """The same bound, where numbers would lie beyond it."""
    off = [~np.isclose(one.got, one.due, rtol=1e-3) for one in wrong]
    if sum(map(np.count_nonzero, off)) < _NUMBERS:
        return
    if all(map(np.all, off)) and not any(one.right and one.due.any() for one in pairs):
        return  # where nothing lies within the bound, it is just another answer
    sizes = np.concatenate([np.abs(one.got[at]) for one, at in zip(wrong, off, strict=True)])
    bound = sizes.max()
    if not np.isfinite(bound) or not bound or np.ptp(sizes) > 1e-6 * bound:
        return
    for low, high, where in (
        (-bound, bound, f"beyond {bound:.6g} in size"),
        (-np.inf, bound, f"above {bound:.6g}"),
        (-bound, np.inf, f"below {-bound:.6g}"),
        (bound, np.inf, f"below {bound:.6g}"),
    ):
        if _explains(pairs, lambda due, low=low, high=high: np.clip(due, low, high)):  # type: ignore[misc]
            yield f"Numbers {where} come back as that bound: something clips them."
            return


def _small_as_zero(pairs: Sequence[_Pair], wrong: Sequence[_Pair]) -> Iterator[str]:
    """All small numbers are 0, and no other is wrong."""
    got = np.concatenate([one.got.ravel() for one in pairs])
    due = np.concatenate([one.due.ravel() for one in pairs])
    counts = np.isfinite(due) & (due != 0)
    sizes, gone = np.abs(due[counts]), got[counts] == 0
    if np.count_nonzero(gone) < _NUMBERS or gone.all():
        return
    least, most = sizes[gone].max(), sizes[~gone].min()
    kept = [np.where(np.abs(one.due) <= least, 0.0, one.due) for one in pairs]
    if least < most and all(map(near_enough, (one.got for one in pairs), kept)):
        yield f"Small numbers come back as 0: all up to {least:.2g} in size, at least."


def _not_finite(wrong: Sequence[_Pair]) -> Iterator[str]:
    """Wrong only where the answer should be no ordinary number, or where it is none."""
    for one in wrong:
        both = np.isfinite(one.got) & np.isfinite(one.due)
        if both.any() and not near_enough(one.got[both], one.due[both]):
            return
    if all((np.isfinite(one.got) & ~np.isfinite(one.due)).any() for one in wrong):
        yield "Only what should be infinite or NaN is wrong: something keeps the numbers finite."
    elif not any(np.isfinite(one.got).any() for one in wrong):
        yield (
            "Nothing that comes back is finite. Steps that are too large grow from turn to turn "
            "until they overflow; 0 / 0 and the logarithm of 0 end there at once."
        )
    elif all((~np.isfinite(one.got) & np.isfinite(one.due)).any() for one in wrong):
        yield "All is right but what has become infinite or NaN on the way."


def _narrow(pairs: Sequence[_Pair]) -> Iterator[str]:
    """All numbers are exact in a format of fewer digits, and those due are not."""
    got = np.concatenate([one.got.ravel() for one in pairs])
    due = np.concatenate([one.due.ravel() for one in pairs])
    counts = np.isfinite(got) & np.isfinite(due) & (due != 0)
    got, due = got[counts], due[counts]
    if got.size < _EXACT:
        return
    for dtype, name in ((ml_dtypes.bfloat16, "bfloat16"), (np.float16, "float16")):
        kept, rounded = got.astype(dtype), due.astype(dtype).astype(np.float64)
        width = np.spacing(np.abs(rounded).astype(dtype)).astype(np.float64)
        exact = np.array_equal(kept.astype(np.float64), got) and _mostly(rounded != due)
        if exact and np.all(np.abs(got - due) <= 2 * width):
            yield f"Every number is one that {name} can hold: something computes in {name}."
            return
    for digits in range(_DECIMALS):
        like = np.round(due, digits)
        if np.allclose(got, like, rtol=1e-6, atol=1e-9) and _mostly(np.abs(like - due) > 1e-6):
            yield f"Every number is rounded to {digits} decimals."
            return


def _mostly(changed: Array) -> bool:
    return bool(np.count_nonzero(changed) >= max(_EXACT // 2, changed.size // 4))


def _few_digits(pairs: Sequence[_Pair], wrong: Sequence[_Pair]) -> Iterator[str]:
    """Nearly right wherever one looks, and off by far more than rounding."""
    off = np.array([np.max(np.abs(one.got - one.due)) / np.max(np.abs(one.due)) for one in wrong])
    often = len(wrong) >= max(_NUMBERS, sum(one.due.any() for one in pairs) / 2)
    if often and off.min() >= _LEAST_OFF and off.max() <= _MOST_OFF:
        digits = int(-np.log10(off.max()))
        yield (
            f"Every answer is right to about {digits} digits, and float32 has 7. Is something "
            "computed in bfloat16 or float16, rounded, or found by small steps, or is something "
            "added or moved a little on the way?"
        )


def _elsewhere(pairs: Sequence[_Pair], wrong: Sequence[_Pair]) -> Iterator[str]:
    """The numbers that are due, at other places."""
    moved = all(np.unique(one.due).size > 1 and not near_enough(one.got, one.due) for one in wrong)
    if moved and all(near_enough(np.sort(one.got, None), np.sort(one.due, None)) for one in pairs):
        yield "The right numbers are there, at other places."


def _at_an_end(wrong: Sequence[_Pair]) -> Iterator[str]:
    """Wrong at one place alone."""
    if not all(one.due.ndim and len(one.due) >= _NUMBERS for one in wrong):
        return
    rows = [_rows_off(one) for one in wrong]
    if all(at == [0] for at in rows):
        yield "Only the first entry is wrong: where does the loop, or the slice, begin?"
    if all(at == [len(one.due) - 1] for at, one in zip(rows, wrong, strict=True)):
        yield "Only the last entry is wrong: where does the loop, or the slice, end?"


def _rows_off(one: _Pair) -> list[int]:
    close = np.isclose(one.got, one.due, rtol=1e-4, atol=1e-6, equal_nan=True)
    return [int(i) for i in np.flatnonzero(~close.reshape(len(one.due), -1).all(1))]
