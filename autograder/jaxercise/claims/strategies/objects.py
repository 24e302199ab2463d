"""Objects of classes that JAX takes for trees, in claims: made data, as which they are passed."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import numpy as np

from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.trees import FigureData, Instance
from jaxercise.sandboxed.wire.values import Key


def as_data(value: Any) -> Any:
    """A value with the objects in it as data, and NumPy's arrays in the place of JAX's.

    A class that cannot be imported is one of the exercise's file.
    """
    if isinstance(value, dict) and not isinstance(value, FigureData):
        return {name: as_data(one) for name, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(as_data, value))
    fields = _fields(value)
    if fields is not None:
        return Instance(
            class_name(type(value)), {name: as_data(one) for name, one in fields.items()}
        )
    # Told without JAX, which another thread may be importing; no key of JAX's has such a dtype.
    is_of_jax = hasattr(value, "addressable_shards") and isinstance(value.dtype, np.dtype)
    return np.asarray(value) if is_of_jax else value


def class_name(of: type) -> str:
    """A class as `Instance` names it: with its module, unless it is one of the exercise's file."""
    module, name = of.__module__, of.__qualname__
    return f"{module}:{name}" if module in sys.modules else name


def _fields(value: Any) -> dict[str, Any] | None:
    """What is in an object, by its fields; None of what is none."""
    if isinstance(value, Instance):
        return None
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Described | Key):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    return None
