"""What is drawn for an argument, and what stands for it, by its annotation: texts of Python."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxercise.grading.signatures import Form

#: Strategies for functions, by the number of axes of each argument, with a member for a batch.
_FAMILIES = {
    (0,): ("scalar_functions", "square", "Described(SCALAR, SCALAR.vector(p2=1))"),
    (0, 0): ("binary_functions", "mixed", "Described(BINARY, BINARY.vector(x=1, xxy=1))"),
    (1,): ("landscapes", "bowl", "Described(LANDSCAPE, LANDSCAPE.vector(bowl=1))"),
    (1, 1): ("models", "weighted", "Described(MODEL, MODEL.vector(ranked=1))"),
    (1, 0, 0): ("losses", "squared", "Described(LOSS, LOSS.vector(square=1))"),
}
_CHOICES = {"int": (3, 1, 2), "bool": (False, True), "float": (1.5, -0.5, 3.0)}
#: Names that say what a number may be.
_RATES, _SCALES = ("rate", "step_size"), ("scale", "sigma", "deviation", "temperature")
#: How long the axes of an example are.
_LENGTH = 5


class DraftError(Exception):
    """Nothing can be drafted of an annotation; says what to write."""


def family(form: Form) -> tuple[str, str, str]:
    """Of a function, its strategy, the name of a member, and that member.

    Raises:
        DraftError: no family is like it.
    """
    ranks = tuple(-1 if one.shape is None else len(one.shape) for one in form.parts[:-1])
    if ranks not in _FAMILIES:
        raise DraftError(
            "functions can be drawn that take a number, two numbers, a vector, two vectors, "
            "or a vector and two numbers"
        )
    return _FAMILIES[ranks]


def strategy(name: str, form: Form, sizes: Mapping[str, int], *, wide: bool = False) -> str:
    """How an argument is drawn: the text of a strategy.

    Args:
        name: the argument's.
        form: its annotation.
        sizes: the axes, by name.
        wide: with numbers at the scale of data.

    Raises:
        DraftError: there is no such strategy; says what to write.
    """
    parts = [strategy(name, one, sizes, wide=wide) for one in _inside(form)]
    choices = form.choices or _CHOICES.get(form.kind)
    if choices:
        return f"options({', '.join(map(_literal, choices))})"
    match form.kind:
        case "function":
            return f"{family(form)[0]}()"
        case "key":
            return "keys()"
        case "any" if parts:
            return parts[0]
        case "object":
            pairs = zip(form.names, parts, strict=True)
            return f'instances("{form.of}"{"".join(f", {field}={one}" for field, one in pairs)})'
        case "tuple" | "list" | "dict" | "none":
            return f"trees({_tree(form, parts)})"
        case "array":
            return _drawn(name, form, sizes, ["wide=True"] * wide)
    raise DraftError(
        f"nobody can tell from its annotation how {name} is drawn: write Float[Array, 'n d'], "
        "Int[Array, 'n'], Callable[[Scalar], Scalar], PRNGKeyArray, int, bool, float, Literal[...] "
        "or a tuple, list, TypedDict, NamedTuple or dataclass of these; what cannot be written so, "
        "an optimizer's state, say, draw by instances(...), or make it of what is drawn"
    )


def _inside(form: Form) -> tuple[Form, ...]:
    """What is drawn for what is in it: two items of a list, the first of what it may be."""
    match form.kind:
        case "list":
            return 2 * form.parts
        case "any":
            return form.parts[:1]
    return () if form.kind == "function" else form.parts


def _drawn(name: str, form: Form, sizes: Mapping[str, int], options: list[str]) -> str:
    if form.shape is None:
        raise DraftError(f"an axis of {name} may have any length: give it a name or a size")
    shape = tuple(sizes[axis] if isinstance(axis, str) else axis for axis in form.shape)
    of_shape = [f"shape={shape}"] * bool(shape)
    if form.is_float and not shape and any(one in name for one in _RATES):
        return "learning_rates()"
    if form.is_float and not shape and any(one in name for one in _SCALES):
        return "noise_scales()"
    if form.dtype == "float32" and len(shape) == 1:
        return f"vectors({', '.join([f'n={shape[0]}', 'distinct=True', *options])})"
    if form.is_float or form.dtype.startswith("complex"):
        options += [f'dtype="{form.dtype}"'] * (form.dtype != "float32")
        return f"numbers({', '.join(of_shape + options)})"
    return f"{'booleans' if form.dtype == 'bool' else 'integers'}({''.join(of_shape)})"


def constant(form: Form, sizes: Mapping[str, int | str]) -> str:
    """One of the values that an argument may have, as a text: ones, for an array.

    Args:
        form: its annotation, which can be drawn.
        sizes: the axes by name; a text stands for itself.
    """
    parts = [constant(one, sizes) for one in _inside(form)]
    choices = form.choices or _CHOICES.get(form.kind)
    if choices:
        return _literal(choices[0])
    match form.kind:
        case "function":
            return family(form)[1]
        case "key":
            return "Key(0, True)"
        case "any":
            return parts[0]
        case "array":
            shape = [str(sizes.get(str(axis), axis)) for axis in form.shape or ()]
            dtype = "int32" if form.dtype == "uint32" else form.dtype
            return f"ones({', '.join(shape + [f'dtype={_literal(dtype)}'] * (dtype != 'float32'))})"
    return _tree(form, parts)


def ones(*shape: int, dtype: str = "float32") -> Any:
    """As drafted files define it."""
    return np.ones(shape, dtype)


def example(form: Form) -> str:
    """A value that an argument may have, as a text: crooked numbers, no two alike.

    Raises:
        DraftError: there is none.
    """
    if form.kind == "function":
        return family(form)[2]
    if not form.is_float:
        return constant(form, dict.fromkeys(form.letters, _LENGTH))
    shape = [_LENGTH if isinstance(axis, str) else axis for axis in form.shape or ()]
    count = math.prod(shape)
    numbers = [round(-2 + 5.3 * (3 * i % count) / count, 2) for i in range(count)]
    return f"np.array({np.reshape(numbers, shape).tolist()}, np.float32)"


def _literal(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _tree(form: Form, parts: list[str]) -> str:
    inner = ", ".join(parts)
    if form.names:
        pairs = zip(map(_literal, form.names), parts, strict=True)
        named = f"{{{', '.join(f'{name}: {part}' for name, part in pairs)}}}"
        return f'Instance("{form.of}", {named})' if form.of else named
    if form.kind == "none":
        return "None"
    if form.kind == "list" and not form.of:
        return f"[{inner}]"
    return f"({inner}{',' * (len(parts) == 1)})"
