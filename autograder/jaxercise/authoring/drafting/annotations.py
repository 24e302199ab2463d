"""What an annotation says: how an argument is drawn, and what an answer is made of.

Float[Array, "n d"]             an array, its axes by name or size
Callable[[Scalar], Scalar]      a function of one example, of a family that can be drawn
PRNGKeyArray                    a key
int, bool, float, Literal[...]  what Python looks at
dict, list and tuple of these   a tree; of a dict the keys have to be known (a TypedDict)
a NamedTuple, a dataclass       an object
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Strategies for functions, by the number of axes of each argument, with a member for a batch.
_FAMILIES = {
    (0,): ("scalar_functions", "square", "Described(SCALAR, SCALAR.vector(p2=1))"),
    (0, 0): ("binary_functions", "mixed", "Described(BINARY, BINARY.vector(x=1, xxy=1))"),
    (1,): ("landscapes", "bowl", "Described(LANDSCAPE, LANDSCAPE.vector(bowl=1))"),
    (1, 1): ("models", "weighted", "Described(MODEL, MODEL.vector(ranked=1))"),
    (1, 0, 0): ("losses", "squared", "Described(LOSS, LOSS.vector(square=1))"),
}
#: Names that say what a number may be.
_RATES, _SCALES = ("rate", "step_size"), ("scale", "sigma", "deviation", "temperature")
_COUNTS = "options(3, 1, 2)"
#: How long the axes of an example are.
_LENGTH = 5


class DraftError(Exception):
    """Nothing can be drafted of an annotation; says what to write."""


@dataclass(frozen=True)
class Meaning:
    """An annotation, read.

    Attributes:
        kind: `float`, `integer`, `boolean` or `complex` for arrays of these, `function`, `key`,
            `python`, `tree`, `figure` or `other`.
        axes: of an array, one text each: a name, or a size.
        takes, gives: of a function, what its arguments and its answer are.
        parts: of a tree, what is in it, in order.
        names: of a tree that is a dict, its keys; of one that is an object, its fields.
        of: of an object its class, as `instances` takes it.
        drawn: of what Python looks at, the strategy; of a tree `list`, if it is one; of an array
            its dtype, where that is not float32, int32 or bool.
    """

    kind: str
    axes: tuple[str, ...] = ()
    takes: tuple[Meaning, ...] = ()
    gives: Meaning | None = None
    parts: tuple[Meaning, ...] = ()
    names: tuple[str, ...] = ()
    of: str = ""
    drawn: str = ""

    @property
    def is_array(self) -> bool:
        return self.kind in _ARRAYS

    @property
    def family(self) -> tuple[str, str, str]:
        """Of a function, its strategy, the name of a member, and that member.

        Raises:
            DraftError: no family is like it.
        """
        ranks = tuple(len(one.axes) if one.is_array else -1 for one in self.takes)
        if ranks not in _FAMILIES:
            raise DraftError(
                "functions can be drawn that take a number, two numbers, a vector, two vectors, "
                "or a vector and two numbers"
            )
        return _FAMILIES[ranks]

    def within(self) -> Iterator[Meaning]:
        """It, and what is in it."""
        yield self
        for part in self.parts:
            yield from part.within()

    def symbols(self) -> list[str]:
        """The names of its axes, in order."""
        found = [axis for one in self.within() for axis in one.axes if axis.isidentifier()]
        return list(dict.fromkeys(found))


_ARRAYS = {
    "float": "numbers",
    "integer": "integers",
    "boolean": "booleans",
    "complex": "numbers",
}
_PYTHON = {int: _COUNTS, bool: "options(False, True)", float: "options(1.5, -0.5, 3.0)"}


def read(annotation: Any) -> Meaning:
    """What an annotation says.

    Raises:
        DraftError: it is one of which nothing can be drafted.
    """
    origin, within = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "dim_str"):
        return _array(annotation)
    if annotation in _PYTHON:
        return Meaning("python", drawn=_PYTHON[annotation])
    if origin is typing.Literal:
        return Meaning("python", drawn=f"options({', '.join(map(_literal, within))})")
    if annotation in (None, types.NoneType):
        return Meaning("tree")
    if origin in (typing.Union, types.UnionType):
        return _union(annotation, within)
    if origin is Callable and within and isinstance(within[0], list):
        return Meaning("function", takes=tuple(map(read, within[0])), gives=read(within[1]))
    if origin is tuple and within:
        parts = (within[0], within[0]) if within[-1] is Ellipsis else within
        return Meaning("tree", parts=tuple(map(read, parts)))
    if origin is list:
        return Meaning("tree", parts=(read(within[0]),) * 2, drawn="list")
    if typing.is_typeddict(annotation):
        hints = typing.get_type_hints(annotation)
        return Meaning("tree", parts=tuple(map(read, hints.values())), names=tuple(hints))
    if getattr(annotation, "__name__", "") == "Figure":
        return Meaning("figure")
    if hasattr(annotation, "_fields") or dataclasses.is_dataclass(annotation):
        try:
            hints = typing.get_type_hints(annotation)
        except NameError:  # they are for type checkers
            return Meaning("other")
        module, name = annotation.__module__, annotation.__qualname__
        of = f"{module}:{name}" if module in sys.modules else name
        return Meaning("tree", parts=tuple(map(read, hints.values())), names=tuple(hints), of=of)
    return Meaning("other")


def _array(annotation: Any) -> Meaning:
    dtypes = annotation.dtypes
    first = dtypes[0] if isinstance(dtypes, tuple) else "float32"
    if first == "prng_key":
        return Meaning("key")
    kinds = {"b": "boolean", "i": "integer", "u": "integer", "c": "complex"}
    kind = "float" if first.startswith(("bf", "float")) else kinds.get(first[0], "float")
    half = first if dtypes in (("float16",), ("bfloat16",)) else ""
    dtype = "complex64" if kind == "complex" else half
    axes = []
    for axis in annotation.dim_str.split():
        told = axis.split("=")[-1].lstrip("#_?")
        if not (told.isidentifier() or told.isdigit()):
            raise DraftError(f"the axis {axis!r} may have any length: give it a name or a size")
        axes.append(told)
    return Meaning(kind, tuple(axes), drawn=dtype)


def _union(annotation: Any, within: tuple[Any, ...]) -> Meaning:
    read_ = [read(one) for one in within]
    if any(one.kind == "key" for one in read_):
        return Meaning("key")
    return read_[0]


def strategy(name: str, meaning: Meaning, sizes: Mapping[str, int], *, wide: bool = False) -> str:
    """How an argument is drawn: the text of a strategy.

    Args:
        name: the argument's.
        meaning: its annotation.
        sizes: the axes, by name.
        wide: with numbers at the scale of data.

    Raises:
        DraftError: there is no such strategy; says what to write.
    """
    options = ["wide=True"] * wide
    match meaning.kind:
        case "function":
            return f"{meaning.family[0]}()"
        case "key":
            return "keys()"
        case "python":
            return meaning.drawn
        case "tree":
            parts = [strategy(name, one, sizes, wide=wide) for one in meaning.parts]
            if meaning.of:
                pairs = zip(meaning.names, parts, strict=True)
                fields = "".join(f", {field}={drawn}" for field, drawn in pairs)
                return f'instances("{meaning.of}"{fields})'
            return f"trees({_tree(meaning, parts)})"
        case "float" if not meaning.axes and any(one in name for one in _RATES):
            return "learning_rates()"
        case "float" if not meaning.axes and any(one in name for one in _SCALES):
            return "noise_scales()"
        case "float" if len(meaning.axes) == 1 and not meaning.drawn:
            told = [f"n={_size(meaning, sizes)[0]}", "distinct=True", *options]
            return f"vectors({', '.join(told)})"
        case "float" | "complex":
            options += [f'dtype="{meaning.drawn}"'] * bool(meaning.drawn)
            shape = _size(meaning, sizes)
            return f"numbers({', '.join([f'shape={shape}'] * bool(shape) + options)})"
        case "integer" | "boolean":
            shape = _size(meaning, sizes)
            return f"{_ARRAYS[meaning.kind]}({f'shape={shape}' * bool(shape)})"
    raise DraftError(
        f"nobody can tell from its annotation how {name} is drawn: write Float[Array, 'n d'], "
        "Int[Array, 'n'], Callable[[Scalar], Scalar], PRNGKeyArray, int, bool, float, Literal[...] "
        "or a tuple, list, TypedDict, NamedTuple or dataclass of these; what cannot be written so, "
        "an optimizer's state, say, draw by instances(...), or make it of what is drawn"
    )


def constant(name: str, meaning: Meaning, sizes: Mapping[str, int | str]) -> str:
    """One of the values that an argument may have, as a text: ones, for an array.

    Args:
        name, meaning: as in `strategy`.
        sizes: the axes by name; a text stands for itself.
    """
    match meaning.kind:
        case "function":
            return meaning.family[1]
        case "key":
            return "Key(0, True)"
        case "python":
            return meaning.drawn.partition("(")[2].split(",")[0].rstrip(")")
        case "tree":
            return _tree(meaning, [constant(name, one, sizes) for one in meaning.parts])
    shape = ", ".join(str(sizes.get(axis, axis)) for axis in meaning.axes)
    dtype = {"integer": "int32", "boolean": "bool"}.get(meaning.kind, meaning.drawn)
    return f'ones({shape}{", " * bool(shape)}dtype="{dtype}")' if dtype else f"ones({shape})"


def ones(*shape: int, dtype: str = "float32") -> Any:
    """As drafted files define it."""
    return np.ones(shape, dtype)


def example(meaning: Meaning) -> str:
    """A value that an argument may have, as a text: crooked numbers, no two alike.

    Raises:
        DraftError: there is none.
    """
    if meaning.kind == "function":
        return meaning.family[2]
    if meaning.kind != "float":
        return constant("", meaning, dict.fromkeys(meaning.symbols(), _LENGTH))
    shape = [int(axis) if axis.isdigit() else _LENGTH for axis in meaning.axes]
    count = math.prod(shape)
    numbers = [round(-2 + 5.3 * (3 * i % count) / count, 2) for i in range(count)]
    return f"np.array({np.reshape(numbers, shape).tolist()}, np.float32)"


def _literal(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _tree(meaning: Meaning, parts: list[str]) -> str:
    if meaning.names:
        pairs = zip(map(_literal, meaning.names), parts, strict=True)
        named = f"{{{', '.join(f'{name}: {part}' for name, part in pairs)}}}"
        return f'Instance("{meaning.of}", {named})' if meaning.of else named
    if meaning.drawn == "list":
        return f"[{', '.join(parts)}]"
    if not parts:
        return "None"
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def _size(meaning: Meaning, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[axis] if axis in sizes else int(axis) for axis in meaning.axes)
