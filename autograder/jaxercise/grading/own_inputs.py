"""Calls with inputs of a student's own: numbers as nested lists, functions as formulas.

What was written is checked against the reference's signature, and becomes a request as claims make
them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxercise.claims.claims import Function
from jaxercise.claims.formulas import FormulaError, members
from jaxercise.comparison import Expected
from jaxercise.comparison.compare import answer_dtype, describe
from jaxercise.grading.signatures import Form, Signature, shape_text
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key

_MOST_NUMBERS = 10_000
#: Numbers with so many decimals are taken for rounded ones.
_DECIMALS = 2


class InputError(Exception):
    """It cannot be asked like this; the message says what to write."""


def requests(
    function: Function, signature: Signature, positional: Sequence[Any], named: Mapping[str, Any]
) -> list[Request]:
    """The requests that a call may stand for: a formula may be of several families.

    Args:
        function: which is called.
        signature: that of its reference.
        positional, named: the arguments, those of a function that it returns behind its own.

    Raises:
        InputError: they do not fit the signature.
    """
    forms = signature.named(function.parameters)
    given = _by_name(function, forms, positional, named)
    sizes: dict[str, tuple[int, str]] = {}
    try:
        choices = [_read(value, forms[name], name, sizes) for name, value in given.items()]
    except FormulaError as error:
        raise InputError(str(error)) from None
    own = len(signature.arguments)
    return [
        Request(
            function.name,
            chosen[:own],
            result_arguments=None if signature.result_arguments is None else chosen[own:],
        )
        for chosen in itertools.product(*choices)
    ]


def _by_name(
    function: Function,
    forms: Mapping[str, Form],
    positional: Sequence[Any],
    named: Mapping[str, Any],
) -> dict[str, Any]:
    call = f"{function.name} takes {', '.join(forms)}"
    if len(positional) > len(forms):
        raise InputError(f"{call}, and {len(positional)} arguments are given: too many")
    given = dict(zip(forms, positional, strict=False))
    for name, value in named.items():
        if name not in forms:
            raise InputError(f"{call}; there is no {name}")
        if name in given:
            raise InputError(f"{name} is given twice: by its place and by its name")
        given[name] = value
    missing = [name for name in forms if name not in given]
    if missing:
        told = ", ".join(f"{name} ({forms[name].words})" for name in missing)
        raise InputError(f"{call}; not given: {told}")
    return {name: given[name] for name in forms}


def _read(value: Any, form: Form, name: str, sizes: dict[str, tuple[int, str]]) -> Sequence[Any]:
    """The values that were meant: one, or for a formula one of each family."""

    def refused(why: str) -> InputError:
        return InputError(f"{name} has to be {form.words}; {why}")

    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    match form.kind:
        case "function":
            if not isinstance(value, str):
                raise refused(f"it is {describe(value)}")
            return members(value, tuple(len(part.shape or ()) for part in form.parts[:-1]))
        case "key" | "int":
            if not is_integer:
                raise refused(f"it is {_shown(value)}")
            return [Key(int(value), True) if form.kind == "key" else int(value)]
        case "float":
            if not is_integer and not isinstance(value, float):
                raise refused(f"it is {_shown(value)}")
            return [float(value)]
        case "bool" | "text":
            if type(value) is not {"bool": bool, "text": str}[form.kind]:
                raise refused(f"it is {_shown(value)}")
            return [value]
        case "array":
            try:
                array = _array(value, form.dtype)
            except ValueError as error:
                raise refused(str(error)) from None
            _fit(array, form, name, sizes)
            return [array]
        case "object":
            if isinstance(value, tuple) and len(value) == len(form.names):
                value = dict(zip(form.names, value, strict=True))  # so NamedTuples come
            if not isinstance(value, dict) or sorted(value) != sorted(form.names):
                raise refused(f"it is {_shown(value)}")
            fields = [
                _read(value[field], part, f"{name}.{field}", sizes)
                for field, part in zip(form.names, form.parts, strict=True)
            ]
            return [
                trees.Instance(form.of, dict(zip(form.names, chosen, strict=True)))
                for chosen in itertools.product(*fields)
            ]
    try:
        return [_anything(value)]
    except ValueError as error:
        raise InputError(f"{name}: {error}") from None


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str | int | float) else describe(value)


def _array(value: Any, dtype: str) -> Array:
    """Nested lists as an array.

    Raises:
        ValueError: they are none, or of something else.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError("its rows differ in length") from None
    if array.dtype.kind not in "biufc":
        raise ValueError(
            f"it is {_shown(value)}" if not array.ndim else "not all in it is a number"
        )
    if array.size > _MOST_NUMBERS:
        raise ValueError(f"it has {array.size} entries, of at most {_MOST_NUMBERS}")
    if not array.size:
        raise ValueError("it is empty, and sizes are at least 1")
    allowed = {"b": "b", "i": "iu", "f": "iuf", "c": "iufc"}[np.dtype(dtype).kind]
    if array.dtype.kind not in allowed:
        raise ValueError(f"its entries are of type {array.dtype.name}, and {dtype} is due")
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _fit(array: Array, form: Form, name: str, sizes: dict[str, tuple[int, str]]) -> None:
    if form.shape is None:
        return
    fits = array.ndim == len(form.shape) and all(
        size == due
        for size, due in zip(array.shape, form.shape, strict=True)
        if isinstance(due, int)
    )
    if not fits:
        raise InputError(
            f"{name} has shape {shape_text(array.shape)}; it has to be of shape "
            f"{shape_text(form.shape)}"
        )
    for size, letter in zip(array.shape, form.shape, strict=True):
        if isinstance(letter, str):
            before, where = sizes.setdefault(letter, (size, name))
            if before != size:
                raise InputError(
                    f"{name} has shape {shape_text(array.shape)}, which is "
                    f"{shape_text(form.shape)}, so {letter} is {size}; but in {where} {letter} is "
                    f"{before}"
                )


def _anything(value: Any) -> Any:
    """What has no annotation: nested lists of numbers are arrays, dicts and tuples stay."""
    if isinstance(value, dict):
        return {str(name): _anything(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_anything, value))
    if isinstance(value, bool | int | str) or value is None:
        return value
    return _array(value, "float32" if np.asarray(value).dtype.kind != "b" else "bool")


def example(given: Any, due: Expected) -> tuple[Any, Expected]:
    """A student's own example of an answer, as an answer, and what is due with room for decimals.

    Numbers that are written with two decimals or more may be off by half of the last one.

    Args:
        given: nested lists, tuples and numbers.
        due: the right answer.
    """
    answer = _answer(given, due.value)
    if trees.structure(answer) != trees.structure(due.value):
        return answer, due
    written = _answer_of(_room, given, due.value)
    pairs = zip(trees.leaves(due.error), trees.leaves(written), strict=True)
    errors = (np.maximum(one, room) if one.shape == room.shape else one for one, room in pairs)
    return answer, Expected(due.value, trees.rebuilt(due.error, errors))


def _answer(given: Any, due: Any) -> Any:
    def leaf(value: Any, like: Array) -> Any:
        try:
            return _array(value, answer_dtype(like))
        except ValueError:
            return value

    return _answer_of(leaf, given, due)


def _answer_of(leaf: Any, given: Any, due: Any) -> Any:
    """What becomes of an example, part by part where it has those of the right answer."""
    kind, parts = trees.head(due)
    if kind is trees.LEAF:
        return leaf(given, due)
    if isinstance(given, dict) and sorted(map(str, given)) == list(kind.names):
        named = {str(name): one for name, one in given.items()}
        inside: list[Any] = [named[name] for name in kind.names]
    elif isinstance(given, list | tuple) and len(given) == parts and not kind.names:
        inside = list(given)
    else:
        return given
    places: trees.Path = kind.names or tuple(range(parts))
    return trees.built(
        kind,
        [
            _answer_of(leaf, one, trees.at(due, (place,)))
            for one, place in zip(inside, places, strict=True)
        ],
    )


def _room(value: Any, like: Array) -> Array:
    """Half of the last decimal of each number; 0 where few are written."""
    numbers = np.asarray(value, object)
    return np.reshape([_half(one) for one in numbers.ravel()], numbers.shape)


def _half(number: Any) -> float:
    written = repr(number) if isinstance(number, float) else ""
    decimals = 0 if "e" in written else len(written.partition(".")[2])
    return 0.5 * 10.0**-decimals if _DECIMALS <= decimals < 8 else 0.0
