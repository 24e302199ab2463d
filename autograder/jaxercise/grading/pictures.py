"""Pictures of wrong answers: as the property file has them drawn, as tables, or by their axes."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jaxercise.claims.pictures import Drawing, View, series, shortened
from jaxercise.comparison import Difference, Expected
from jaxercise.grading.references import References
from jaxercise.grading.signatures import Form, Signature
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.verdicts import Picture, Series
from jaxercise.workers.runner import Raised

_LOG = logging.getLogger(__name__)

#: So many numbers are read more easily than they are seen.
_FEW = 12
_ROWS, _COLUMNS = 16, 24
_OF_SHAPES = re.compile(r"\b(shapes?|ax[ei]s|in_axes|vmap|dimensions?|ranks?|sizes?)\b")


@dataclass(frozen=True)
class Seen:
    """What is known of an answer that was refused.

    Attributes:
        request, parameters: the call.
        value: what came back; None where it raised.
        expected: what was due; None where it raised.
        difference: between them.
        drawing: how the function's answers are drawn; None as tables.
        picture: draws this very answer, whatever the rest says.
    """

    request: Request
    parameters: tuple[str, ...]
    value: Any = None
    expected: Expected | None = None
    difference: Difference | None = None
    drawing: Drawing | None = None
    picture: Callable[[], Picture] | None = None


def tells_of_shapes(raised: Raised) -> bool:
    """Whether an exception is about shapes or axes."""
    return raised.type in ("TypeError", "ValueError") and bool(_OF_SHAPES.search(raised.message))


def drawn(seen: Seen, references: References) -> Picture | None:
    """The picture of a refused answer; None where there is nothing to be seen."""
    kind = "shape" if seen.difference is None else seen.difference.kind
    try:
        if seen.picture is not None:
            return seen.picture()
        if kind == "value":
            return _of_values(seen, references)
        return _of_axes(seen, references) if kind == "shape" else None
    except Exception:  # whatever a drawing makes of it, the verdict stands
        _LOG.warning("the picture of %s could not be drawn", seen.request.function, exc_info=True)
        return None


def _of_values(seen: Seen, references: References) -> Picture | None:
    assert seen.expected is not None
    assert seen.difference is not None
    path, index = seen.difference.path, seen.difference.index
    returned, expected = (trees.at(one, path) for one in (seen.value, seen.expected.value))
    if expected.dtype.kind not in "biuf":
        return None
    if seen.drawing is not None:

        def due(changed: Mapping[str, Any]) -> Array | None:
            request = _changed(seen, changed)
            try:
                found: Array = trees.at(references.expected(request).value, path)
            except LookupError:  # none was sealed for that size
                return None
            return found

        arguments = dict(zip(seen.parameters, seen.request.all_arguments, strict=False))
        picture = seen.drawing(View(arguments, returned, expected, path, index, due))
        if picture is not None:
            return picture
    return _as_tables(returned, expected, index) if expected.size > _FEW else None


def _changed(seen: Seen, changed: Mapping[str, Any]) -> Request:
    own = len(seen.request.arguments)
    new = [
        changed.get(name, value)
        for name, value in zip(seen.parameters, seen.request.all_arguments, strict=False)
    ]
    last = None if seen.request.result_arguments is None else tuple(new[own:])
    return replace(seen.request.plain(), arguments=tuple(new[:own]), result_arguments=last)


def _as_tables(returned: Array, expected: Array, index: tuple[int, ...]) -> Picture:
    """Both as tables, those rows and columns of them among which the first wrong entry is."""
    long = [axis for axis, size in enumerate(expected.shape) if size > 1]
    index = tuple(index[axis] for axis in long)
    pair = [np.squeeze(one) for one in (returned, expected)]
    while len(index) > 2:
        pair, index = [one[index[0]] for one in pair], index[1:]
    pair = [one.astype(np.float64) for one in pair]
    if len(index) < 2:
        places = np.arange(len(pair[0]), dtype=np.float64)
        shown = zip(("returned", "expected"), ("yours", "due"), pair, strict=True)
        both = tuple(series(role, name, places, one) for role, name, one in shown)
        height = pair[1][index[0]]
        mark = (float(index[0]), float(height)) if np.isfinite(height) else ()
        return Picture("curves", "Your entries and those that are due", both[::-1], mark)
    rows, columns = (
        np.unique([*np.linspace(0, size - 1, min(size, most)).astype(int), at])
        for size, most, at in zip(pair[0].shape, (_ROWS, _COLUMNS), index, strict=True)
    )
    tables = [tuple(map(shortened, one[np.ix_(rows, columns)])) for one in pair]
    left_out = " (some rows and columns left out)" * ((len(rows), len(columns)) != pair[0].shape)
    mark = float(np.searchsorted(rows, index[0])), float(np.searchsorted(columns, index[1]))
    return Picture(
        "tables",
        f"Your answer beside the one that is due{left_out}; the first wrong entry is framed",
        (Series("returned", "yours", tables[0]), Series("expected", "due", tables[1])),
        mark,
    )


def _of_axes(seen: Seen, references: References) -> Picture | None:
    """The arguments and the answer by their axes, those that have one name alike."""
    signature = references.programs.signature(seen.request.function)
    if signature is None or "vmap" in seen.request.plain().under:
        return None
    path = () if seen.difference is None else seen.difference.path
    form = _answer(signature)
    for place in path:
        form = form.parts[place] if isinstance(place, int) and form.kind == "tuple" else Form("any")
    if form.shape is None:
        return None
    sizes: dict[str, int] = {}
    shown: list[Series] = []
    forms = signature.named(seen.parameters)
    for (name, one), value in zip(forms.items(), seen.request.all_arguments, strict=False):
        if one.shape and isinstance(value, np.ndarray) and value.ndim == len(one.shape):
            letters = [letter if isinstance(letter, str) else "" for letter in one.shape]
            shown.append(Series("given", name, axes=tuple(zip(value.shape, letters, strict=True))))
            sizes |= zip(letters, value.shape, strict=True)
    kept = [letter for letter in form.shape if isinstance(letter, str) and letter in sizes]
    if not kept:
        return None
    due: list[tuple[int | str, str]] = [
        (sizes.get(one, one), one) if isinstance(one, str) else (one, "") for one in form.shape
    ]
    shown.append(Series("expected", "due", axes=tuple(due)))
    if seen.difference is not None:
        shape = trees.at(seen.value, path).shape
        shown.append(Series("returned", "yours", axes=tuple((int(size), "") for size in shape)))
    return Picture(
        "axes",
        "Which axes of the arguments stay in the answer: those of one colour are the same axis, "
        f"{' and '.join(dict.fromkeys(kept))}",
        tuple(shown),
    )


def _answer(signature: Signature) -> Form:
    """The form of the value, also that of a function that is returned."""
    answer = signature.answer
    return answer.parts[-1] if answer.kind == "function" else answer
