"""What a function takes and returns, by the annotations of its reference.

Float[Array, "n 2"]             an array of two axes, of which one may have any size, the same
                                wherever its name stands
Callable[[Scalar], Scalar]      a function of one number
PRNGKeyArray                    a key
int, float, bool, str           Python's numbers and texts
Literal["a", "b"]               one of these
tuple, list, TypedDict          a tree of these
NamedTuple, dataclass           an object with fields of these

Whatever else there is may be anything.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jaxercise.claims.strategies.objects import class_name
from jaxercise.verdicts import frozen

_PLAIN: dict[Any, str] = {int: "int", float: "float", bool: "bool", str: "text"}
_PLAIN |= {None: "none", types.NoneType: "none"}
#: Of the dtypes that an annotation allows, the one that is meant.
_MEANT = ("float32", "int32", "uint32", "bool", "complex64")


@dataclass(frozen=True)
class Form:
    """What a value has to be.

    Attributes:
        kind: `array`, `key`, `function`, `tuple`, `list`, `dict`, `object`, `none`, `int`, `float`,
            `bool`, `text`, `any`, or `other` for an object that is no tree.
        dtype: of an array.
        shape: of an array, sizes that may be anything by their names; None where it may have any.
        parts: of a tuple, dict or object what is in it, of a list what each item is; of a function
            its arguments, and behind them its value; of what may be anything, what it may be.
        names: of a dict its keys, of an object its fields.
        of: the class of an object, as `claims.strategies.instances` takes it; of a list that has to
            be a tuple, `tuple`.
        choices: the values of which it has to be one.
    """

    kind: str
    dtype: str = ""
    shape: tuple[int | str, ...] | None = None
    parts: tuple[Form, ...] = ()
    names: tuple[str, ...] = ()
    of: str = ""
    choices: tuple[Any, ...] = ()

    @property
    def is_float(self) -> bool:
        return self.kind == "array" and self.dtype.startswith(("bfloat", "float"))

    @property
    def letters(self) -> list[str]:
        """The names of its axes and of those of what is in it, in order; a function has none."""
        inner = () if self.kind == "function" else self.parts
        own = [axis for axis in self.shape or () if isinstance(axis, str)]
        return list(dict.fromkeys([*own, *(axis for part in inner for axis in part.letters)]))

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
            case "object":
                pairs = zip(self.names, self.parts, strict=True)
                fields = ", ".join(f"{name} ({part.words})" for name, part in pairs)
                return f"a {self.of.rpartition(':')[2]}, as a dict of {fields}"
        return "True or False" if self.kind == "bool" else "a number"

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Form:
        """Also of what an earlier version wrote, which has less in it."""
        return cls(**frozen(item) | {"parts": tuple(map(cls.from_json, item["parts"]))})


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
        return asdict(self)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Signature:
        arguments = {name: Form.from_json(form) for name, form in item["arguments"].items()}
        return cls(arguments, Form.from_json(item["answer"]))


def signature_of(function: Callable[..., Any]) -> Signature:
    plain = inspect.unwrap(function)
    try:
        found = inspect.signature(plain, eval_str=True)
    except (NameError, SyntaxError, TypeError):  # annotations that only a type checker reads
        found = inspect.signature(plain)
    arguments = {name: _form(one.annotation) for name, one in found.parameters.items()}
    return Signature(arguments, _form(found.return_annotation))


def lengths(
    signature: Signature | None, parameters: Sequence[str], arguments: Sequence[Any]
) -> dict[int, str]:
    """What in a call has a length: 3 -> `as long as axis 0 of params`, 5 -> `n_models long`.

    A length that two different things have is left out.

    Args:
        signature: of the function; None if it is not known.
        parameters, arguments: all that it is called with, also the function that it returns.
    """
    forms = signature.named(parameters) if signature is not None else {}
    found: dict[int, dict[object, str]] = {}
    for name, value in zip(parameters, arguments, strict=False):
        if type(value) is int:
            found.setdefault(value, {})[name] = f"{name} long"
        axes = forms[name].shape if name in forms else None
        shape = np.shape(value) if isinstance(value, np.ndarray) else ()
        if axes is None or len(axes) != len(shape):
            continue
        for axis, (letter, length) in enumerate(zip(axes, shape, strict=True)):
            of = name if len(shape) == 1 else f"axis {axis} of {name}"
            found.setdefault(length, {}).setdefault(letter, f"as long as {of}")
    return {length: next(iter(told.values())) for length, told in found.items() if len(told) == 1}


def shape_text(shape: Sequence[int | str]) -> str:
    """`(n, 2)`; `(n,)`."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _form(annotation: Any) -> Form:
    if annotation in _PLAIN:
        return Form(_PLAIN[annotation])
    if hasattr(annotation, "dim_str"):
        return _array(annotation)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return Form("any", choices=inner)
    if origin in (typing.Union, types.UnionType):
        forms = _forms(inner)
        return next((one for one in forms if one.kind == "key"), Form("any", parts=forms))
    if origin is tuple and Ellipsis in inner:
        return Form("list", parts=_forms(inner[:1]), of="tuple")
    if origin in (tuple, list):
        return Form(origin.__name__, parts=_forms(inner))
    if origin is not None and inner and isinstance(inner[0], list):  # Callable
        return Form("function", parts=_forms([*inner[0], inner[1]]))
    if annotation is inspect.Parameter.empty or not isinstance(annotation, type):
        return ANY
    try:
        fields = typing.get_type_hints(annotation)
    except NameError:  # they are for type checkers
        return ANY
    if typing.is_typeddict(annotation):
        return Form("dict", parts=_forms(fields.values()), names=tuple(fields))
    if hasattr(annotation, "_fields") or dataclasses.is_dataclass(annotation):
        of = class_name(annotation)
        return Form("object", parts=_forms(fields.values()), names=tuple(fields), of=of)
    is_tree = issubclass(annotation, dict | list | tuple)
    return ANY if is_tree else Form("other", of=annotation.__name__)


def _forms(annotations: Iterable[Any]) -> tuple[Form, ...]:
    return tuple(map(_form, annotations))


def _array(annotation: Any) -> Form:
    allowed = annotation.dtypes if isinstance(annotation.dtypes, list | tuple) else ("float32",)
    if "prng_key" in allowed:
        return Form("key")
    dtype = next((name for name in _MEANT if name in allowed), allowed[0])
    sizes = [axis.rpartition("=")[2] for axis in annotation.dim_str.split()]
    simple = all(one.isidentifier() or one.isdigit() for one in sizes)
    shape = tuple(int(one) if one.isdigit() else one for one in sizes) if simple else None
    return Form("array", dtype, shape)
