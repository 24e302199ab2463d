"""What a function takes and returns, by the annotations of its reference.

`Float[Array, "n 2"]` is an array of two axes, of which one may have any size, the same wherever
its name stands; `Callable[[Scalar], Scalar]` a function of one number; a PRNG key is a key, and
Python's numbers and texts are themselves. Whatever else there is may be anything.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

_PLAIN = {int: "int", float: "float", bool: "bool", str: "text"}
#: Of the dtypes that an annotation allows, the one that is meant.
_MEANT = ("float32", "int32", "bool", "complex64")


@dataclass(frozen=True)
class Form:
    """What a value has to be.

    Attributes:
        kind: `array`, `key`, `function`, `tuple`, `int`, `float`, `bool`, `text`, `any`, or `other`
            for an object that is none of them.
        dtype: of an array.
        shape: of an array, sizes that may be anything by their names; None where it may have any.
        parts: of a tuple its items; of a function its arguments, and behind them its value.
    """

    kind: str
    dtype: str = ""
    shape: tuple[int | str, ...] | None = None
    parts: tuple[Form, ...] = ()

    @property
    def words(self) -> str:
        """What to write for it."""
        match self.kind:
            case "array" if self.shape == ():
                return "a number"
            case "array":
                shape = "" if self.shape is None else f" of shape {shape_text(self.shape)}"
                return f"an array{shape}, as nested lists"
            case "key":
                return "a key, by its seed: an integer"
            case "function":
                return "a function, by its formula: 'x^2'"
            case "int":
                return "an integer"
            case "text":
                return "a text"
        return "True or False" if self.kind == "bool" else "a number"

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Form:
        shape = item["shape"]
        return cls(
            item["kind"],
            item["dtype"],
            None if shape is None else tuple(shape),
            tuple(map(cls.from_json, item["parts"])),
        )


ANY = Form("any")


@dataclass(frozen=True)
class Signature:
    """What a function takes and returns.

    Attributes:
        arguments: their forms, by name.
        answer: the form of what it returns; a function for one that returns a function.
    """

    arguments: Mapping[str, Form]
    answer: Form

    @property
    def result_arguments(self) -> tuple[Form, ...] | None:
        """What the function takes that it returns; None where it returns a value."""
        return self.answer.parts[:-1] if self.answer.kind == "function" else None

    def named(self, parameters: Sequence[str]) -> dict[str, Form]:
        """All that it is called with, also the function that it returns.

        Args:
            parameters: the names, those of a returned function behind its own.
        """
        forms = [*self.arguments.values(), *(self.result_arguments or ())]
        return dict(zip(parameters, forms, strict=False))

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Signature:
        arguments = {name: Form.from_json(form) for name, form in item["arguments"].items()}
        return cls(arguments, Form.from_json(item["answer"]))


def signature_of(function: Callable[..., Any]) -> Signature:
    """The signature of a reference."""
    plain = inspect.unwrap(function)
    try:
        found = inspect.signature(plain, eval_str=True)
    except (NameError, SyntaxError, TypeError):  # annotations that only a type checker reads
        found = inspect.signature(plain)
    arguments = {name: _form(one.annotation) for name, one in found.parameters.items()}
    return Signature(arguments, _form(found.return_annotation))


def shape_text(shape: Sequence[int | str]) -> str:
    """`(n, 2)`; `(n,)`."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _form(annotation: Any) -> Form:
    if annotation in _PLAIN:
        return Form(_PLAIN[annotation])
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        forms = list(map(_form, inner))
        return next((one for one in forms if one.kind == "key"), ANY)
    if origin is tuple and Ellipsis not in inner:
        return Form("tuple", parts=tuple(map(_form, inner)))
    if origin is not None and inner and isinstance(inner[0], list):  # Callable
        return Form("function", parts=(*map(_form, inner[0]), _form(inner[1])))
    names = getattr(annotation, "dim_str", None)
    if names is None:
        is_tree = annotation is inspect.Parameter.empty or not isinstance(annotation, type)
        is_tree = is_tree or issubclass(annotation, dict | list | tuple)
        return ANY if is_tree else Form("other")
    if "key" in str(annotation).lower().partition("[")[0]:
        return Form("key")
    allowed = getattr(annotation, "dtypes", ())
    dtype = next((name for name in _MEANT if name in allowed), "")
    return Form("array", dtype, _shape(names)) if dtype else ANY


def _shape(names: str) -> tuple[int | str, ...] | None:
    sizes = [int(name) if name.isdigit() else name for name in names.split()]
    simple = all(isinstance(one, int) or one.isidentifier() for one in sizes)
    return tuple(sizes) if simple else None
