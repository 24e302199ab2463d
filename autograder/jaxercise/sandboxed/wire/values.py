"""Values on the wire: what may be passed to a student's function, and what may come back.

In: plain arrays, Python integers, functions described by arrays, PRNG keys. Out: nested tuples and
lists of plain arrays and scalars. Anything else comes back as the name of its type, nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxercise.sandboxed.families import FAMILIES, Described
from jaxercise.sandboxed.wire.frames import ProtocolError

Array = npt.NDArray[Any]

MAX_DEPTH = 8
MAX_ITEMS = 4096
#: The dtypes that a frame carries; arrays of others travel as the dtype's name.
DTYPES = frozenset(
    {"bool"}
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


class FigureData(dict[str, Any]):
    """What `worker.figures` says of a matplotlib Figure; no dict that a student returns is one."""


def printable(text: str) -> str:
    """A text without control characters: no terminal must obey what a submission says."""
    return "".join(
        character if character.isprintable() or character == "\n" else " " for character in text
    )


def encode_arguments(arguments: tuple[Any, ...], arrays: dict[str, Array]) -> list[Any]:
    """Arguments as JSON, their arrays added to `arrays`.

    Raises:
        TypeError: an argument that cannot be passed: a fault of the property, not of a student.
    """
    return [_encode_argument(argument, arrays) for argument in arguments]


def _encode_argument(value: Any, arrays: dict[str, Array]) -> Any:
    if isinstance(value, Described):
        return {"function": value.family.name, "array": _add(arrays, value.coefficients)}
    if isinstance(value, Key):
        return {"seed": value.seed, "typed": value.typed}
    if isinstance(value, np.ndarray | np.generic):
        return {"array": _add(arrays, np.asarray(value))}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"int": value}
    raise TypeError(f"{type(value).__name__} cannot be passed to a student's function")


def decode_argument(item: Any, arrays: dict[str, Array]) -> Any:
    """One argument from its JSON: `numpy` array, `int`, `Described` or `Key`."""
    if "function" in item:
        return Described(FAMILIES[item["function"]], arrays[item["array"]])
    if "seed" in item:
        return Key(item["seed"], item["typed"])
    if "int" in item:
        return int(item["int"])
    return arrays[item["array"]]


def encode_result(value: Any, arrays: dict[str, Array]) -> Any:
    """A result as JSON. `value` is nested tuples and lists of leaves as `plain` gives them."""
    if isinstance(value, tuple | list):
        return {type(value).__name__: [encode_result(item, arrays) for item in value]}
    if isinstance(value, np.ndarray):
        return {"array": _add(arrays, value)}
    if isinstance(value, Opaque):
        return {"other": value.type_name[:200]}
    if isinstance(value, dict):
        kind = "figure" if isinstance(value, FigureData) else "dict"
        return {kind: {str(key): encode_result(item, arrays) for key, item in value.items()}}
    if isinstance(value, str):
        return {"text": value[:2000]}
    return {type(value).__name__: repr(value)}  # bool, int, float, NoneType


def decode_result(item: Any, arrays: dict[str, Array]) -> Any:
    """A result from its JSON, every form and length checked.

    Raises:
        ProtocolError: the JSON is not what `encode_result` makes.
    """
    counter = [0]
    try:
        return _decode(item, arrays, 0, counter)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ProtocolError(f"not a result: {type(error).__name__}") from error


def _decode(item: Any, arrays: dict[str, Array], depth: int, counter: list[int]) -> Any:
    counter[0] += 1
    if depth > MAX_DEPTH or counter[0] > MAX_ITEMS:
        raise ProtocolError("a result nested too deeply, or of too many parts")
    if not isinstance(item, dict) or len(item) != 1:
        raise ProtocolError("a result is described by one key")
    ((kind, body),) = item.items()
    match kind:
        case "tuple" | "list":
            if not isinstance(body, list):
                raise ProtocolError("a sequence is described by a list")
            parts = [_decode(part, arrays, depth + 1, counter) for part in body]
            return tuple(parts) if kind == "tuple" else parts
        case "dict" | "figure":
            items = {
                str(key): _decode(part, arrays, depth + 1, counter) for key, part in body.items()
            }
            return _figure(items) if kind == "figure" else items
        case "array":
            return _plain(arrays[body])
        case "text" | "other":
            if not isinstance(body, str):
                raise ProtocolError("a name is a text")
            text = printable(body)
            return text[:2000] if kind == "text" else Opaque(text[:200])
        case "float":
            return float(body)
        case "int":
            return int(body[:40])
        case "bool":
            return body == "True"
        case "NoneType":
            return None
    raise ProtocolError(f"no such kind of result: {kind!r:.40}")


def _plain(array: Array) -> Array:
    if array.dtype.name not in DTYPES:
        raise ProtocolError(f"no such dtype: {array.dtype.name}")
    return array


#: What `worker.figures` says: by name the type, of lists the type of their items.
_FIGURE = {"axes": int, "open_figures": int, "shown": int, "saved": int, "xlabel": str}
_FIGURE |= {"ylabel": str}


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
        if not isinstance(curve, dict) or set(curve) != {"x", "y", "label"}:
            raise ProtocolError("no curve of a figure")
        of_numbers = all(
            isinstance(curve[axis], np.ndarray)
            and curve[axis].dtype == np.float64
            and curve[axis].ndim == 1
            for axis in ("x", "y")
        )
        if not of_numbers or not isinstance(curve["label"], str):
            raise ProtocolError("no curve of a figure")
    if not all(isinstance(text, str) for text in items["legend"]):
        raise ProtocolError("no legend of a figure")
    return FigureData(items)


def _add(arrays: dict[str, Array], array: Array) -> str:
    name = str(len(arrays))
    arrays[name] = array
    return name
