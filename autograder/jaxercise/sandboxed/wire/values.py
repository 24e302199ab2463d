"""Values on the wire: what may be passed to a student's function, and what may come back.

A value is a tree (`wire.trees`). Leaves are plain arrays, Python's numbers and texts; on the way in
also functions described by arrays and PRNG keys, and nodes may be objects, by their class's name;
on the way out figures as data, and of anything else the name of its type, nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from jaxercise.sandboxed.families import FAMILIES, Described
from jaxercise.sandboxed.texts import printable
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import ProtocolError
from jaxercise.sandboxed.wire.trees import FigureData, Structure

Array = npt.NDArray[Any]

MAX_DEPTH = 8
MAX_ITEMS = 4096
MAX_TEXT = 2000
_MAX_NAME = 200
_MAX_DIGITS = 40
#: What a frame carries only as an array of another dtype, with an axis of two for complex numbers.
_CARRIED_BY = {"bfloat16": "uint16", "complex64": "float32", "complex128": "float64"}
#: The dtypes of arrays on the wire; of others the dtype's name travels.
DTYPES = frozenset(
    {"bool", *_CARRIED_BY}
    | {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
    | {f"float{bits}" for bits in (16, 32, 64)}
)


@dataclass(frozen=True)
class Key:
    """A PRNG key: made on the worker's side, as `jax.random.PRNGKey` or `jax.random.key` does.

    Attributes:
        seed: the seed.
        typed: True for `jax.random.key`, False for the old raw uint32 array.
    """

    seed: int
    typed: bool

    def __repr__(self) -> str:
        return f"jax.random.{'key' if self.typed else 'PRNGKey'}({self.seed})"


@dataclass(frozen=True)
class Opaque:
    """A returned value that is no plain array, known by its type's name only."""

    type_name: str

    def __repr__(self) -> str:
        return f"{'an' if self.type_name[:1].lower() in 'aeiou' else 'a'} {self.type_name}"


def encode(value: Any, arrays: dict[str, Array]) -> Any:
    """A value as JSON, its arrays added to `arrays`.

    Raises:
        TypeError: a leaf that cannot be passed: a fault of the property, not of a student, whose
            answers `results.plain` has made plain.
    """
    return trees.fold(value, lambda leaf: _encoded(leaf, arrays), _node)


def _node(head: Structure, parts: list[Any]) -> Any:
    if head.kind == "None":
        return {"NoneType": "None"}
    if head.kind == "instance":
        return {"instance": [head.of, dict(zip(head.names, parts, strict=True))]}
    return {head.kind: dict(zip(head.names, parts, strict=True)) if head.kind == "dict" else parts}


def _encoded(leaf: Any, arrays: dict[str, Array]) -> Any:
    match leaf:
        case Described():
            return {"function": [leaf.family.name, _added(arrays, leaf.coefficients)]}
        case Key():
            return {"key": [leaf.seed, leaf.typed]}
        case Opaque():
            return {"other": leaf.type_name[:_MAX_NAME]}
        case FigureData():
            return {"figure": encode(dict(leaf), arrays)["dict"]}
        case np.ndarray() | np.generic() if leaf.dtype.name in DTYPES:
            array = np.asarray(leaf)
            kind = array.dtype.name if array.dtype.name in _CARRIED_BY else "array"
            return {kind: _added(arrays, _carried(array))}
        case bool() | int() | float():
            return {type(leaf).__name__: repr(leaf)}
        case str():
            return {"text": leaf}
    raise TypeError(
        f"{type(leaf).__name__} cannot be passed to a student's function: pass arrays, Python's "
        "numbers and texts, keys, functions of a family, and dicts, lists, tuples, NamedTuples and "
        "dataclasses of these"
    )


def _carried(array: Array) -> Array:
    if array.dtype.kind == "c":
        return np.stack([array.real, array.imag], -1)
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def _added(arrays: dict[str, Array], array: Array) -> str:
    name = str(len(arrays))
    arrays[name] = array
    return name


def decode_arguments(item: Any, arrays: dict[str, Array]) -> Any:
    """What the judge has passed: a tree of arrays, numbers, texts, `Described` and `Key`."""
    return _Decoding(arrays, of_judge=True).tree(item)


def decode_result(item: Any, arrays: dict[str, Array]) -> Any:
    """A result from its JSON, every form and length checked.

    Raises:
        ProtocolError: the JSON is not what `encode` makes of a result.
    """
    try:
        return _Decoding(arrays).tree(item)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ProtocolError(f"not a result: {type(error).__name__}") from error


class _Decoding:
    """A value on its way back from JSON.

    Args:
        arrays: those of the frame.
        of_judge: the judge has sent it: functions and keys may be in it, and nothing is cut.
    """

    def __init__(self, arrays: dict[str, Array], *, of_judge: bool = False) -> None:
        self._arrays = arrays
        self._items = 0
        self._of_judge = of_judge

    def tree(self, item: Any, depth: int = 0) -> Any:
        self._items += 1
        if not self._of_judge and (depth > MAX_DEPTH or self._items > MAX_ITEMS):
            raise ProtocolError("a result nested too deeply, or of too many parts")
        if not isinstance(item, dict) or len(item) != 1:
            raise ProtocolError("a result is described by one key")
        ((kind, body),) = item.items()
        match kind:
            case "NoneType":
                return None
            case "tuple" | "list":
                if not isinstance(body, list):
                    raise ProtocolError("a sequence is described by a list")
                return trees.built(Structure(kind), [self.tree(one, depth + 1) for one in body])
            case "instance" if self._of_judge:
                of, fields = body
                return trees.Instance(of, {name: self.tree(one) for name, one in fields.items()})
            case "dict" | "figure":
                items = {printable(name): self.tree(one, depth + 1) for name, one in body.items()}
                return _figure(items) if kind == "figure" else items
        return self._leaf(kind, body)

    def _leaf(self, kind: str, body: Any) -> Any:
        match kind:
            case "array":
                return self._array(body)
            case "bfloat16" | "complex64" | "complex128":
                return _uncarried(kind, self._array(body))
            case "text" | "other":
                if not isinstance(body, str):
                    raise ProtocolError("a name is a text")
                if self._of_judge:
                    return body
                text = printable(body)
                return text[:MAX_TEXT] if kind == "text" else Opaque(text[:_MAX_NAME])
            case "float":
                return float(body)
            case "int":
                return int(body if self._of_judge else body[:_MAX_DIGITS])
            case "bool":
                return body == "True"
            case "function" if self._of_judge:
                return Described(FAMILIES[body[0]], self._array(body[1]))
            case "key" if self._of_judge:
                return Key(*body)
        raise ProtocolError(f"no such kind of result: {kind!r:.40}")

    def _array(self, name: Any) -> Array:
        array = self._arrays[name]
        if array.dtype.name not in DTYPES - _CARRIED_BY.keys():
            raise ProtocolError(f"no such dtype: {array.dtype.name}")
        return array


def _uncarried(kind: str, array: Array) -> Array:
    if array.dtype.name != _CARRIED_BY[kind]:
        raise ProtocolError(f"no {kind} of {array.dtype.name}")
    if kind == "bfloat16":
        return array.view(ml_dtypes.bfloat16)
    if array.shape[-1:] != (2,):
        raise ProtocolError("a complex number is of two parts")
    return np.ascontiguousarray(array).view(kind)[..., 0]  # the two parts as they are, nan too


#: What `sandboxed.figures` says: by name the type, of lists the type of their items.
_FIGURE = {"axes": int, "open_figures": int, "shown": int, "saved": int, "xlabel": str}
_FIGURE |= {"ylabel": str, "returned_before": int, "hidden": int}
_CURVE = {"x", "y", "label", "look", "cut_off"}


def _figure(items: dict[str, Any]) -> FigureData:
    """A figure's data, every part of the form that properties rely on."""
    lists = [items.get("curves"), items.get("legend")]
    if set(items) != {*_FIGURE, "curves", "legend"} or not all(
        isinstance(one, list) for one in lists
    ):
        raise ProtocolError("a figure of unknown parts")
    for name, kind in _FIGURE.items():
        if type(items[name]) is not kind:
            raise ProtocolError(f"no {name} of a figure")
    for curve in items["curves"]:
        if not isinstance(curve, dict) or set(curve) != _CURVE:
            raise ProtocolError("no curve of a figure")
        of_numbers = all(
            isinstance(curve[axis], np.ndarray)
            and curve[axis].dtype == np.float64
            and curve[axis].ndim == 1
            for axis in ("x", "y")
        )
        of_texts = isinstance(curve["label"], str) and isinstance(curve["look"], str)
        if not of_numbers or not of_texts or type(curve["cut_off"]) is not int:
            raise ProtocolError("no curve of a figure")
    if not all(isinstance(text, str) for text in items["legend"]):
        raise ProtocolError("no legend of a figure")
    return FigureData(items)
