"""The numbers of a request, and what is done with each kind of them for the references.

Floats are moved by some roundings, for the tolerance; integers and booleans are exact, and so are
keys, which draw the same for a reference as for a student. What Python looks at (an int, a text) is
no number here but a part of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from jaxercise.comparison.tolerance import is_inexact, perturbed
from jaxercise.sandboxed.calling import is_number
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key

#: Up to how many zeros give way to numbers that tell.
_MOST = 1000


@dataclass(frozen=True)
class Number:
    """A leaf of a request's arguments that a program takes.

    Attributes:
        kind: `array`, `float`, `key`, `typed key`, or the name of a function's family.
        value: its numbers: an array, coefficients, the data of a key.
    """

    kind: str
    value: Array

    @property
    def is_rounded(self) -> bool:
        """Whether it is moved by roundings; else it is exact."""
        return is_inexact(self.value.dtype)

    @property
    def is_key(self) -> bool:
        return self.kind in ("key", "typed key")


def numbers(request: Request) -> list[Number]:
    """The numbers of a request, in the order in which `calling.computed` takes them."""
    return [_number(leaf) for leaf in trees.leaves(request.all_arguments) if is_number(leaf)]


def _number(leaf: Any) -> Number:
    import jax

    if isinstance(leaf, Described):
        return Number(leaf.family.name, leaf.coefficients)
    if isinstance(leaf, Key):
        with jax.enable_x64(False):
            data = np.asarray(jax.random.key_data(jax.random.key(leaf.seed)))
        return Number("typed key" if leaf.typed else "key", data)
    return Number("float" if isinstance(leaf, float) else "array", np.asarray(leaf))


def values(found: Sequence[Number]) -> list[Array]:
    """What a program is given: the rounded ones with an axis of copies in front."""
    return [
        perturbed(one.value, place) if one.is_rounded else one.value
        for place, one in enumerate(found)
    ]


def question(request: Request) -> tuple[Any, ...]:
    """What tells apart the programs that two requests need: all but the numbers' contents."""
    plainly = request.plain()
    return (
        *(request.function, plainly.under, plainly.result_under),
        *(trees.structure(request.all_arguments), len(request.arguments)),
        *((type(one), one) for one in trees.leaves(request.all_arguments) if not is_number(one)),
        *((one.kind, one.value.shape, one.value.dtype.name) for one in numbers(request)),
        # Where a number stands among the others.
        *map(is_number, trees.leaves(request.all_arguments)),
    )


def counted(leaf: Any) -> Any:
    """A leaf of arguments with 1, 2, 3, ... in the place of zeros, of which many things hold."""
    if is_dataclass(leaf) and not isinstance(leaf, type | Described):
        inner = {one.name: counted(getattr(leaf, one.name)) for one in fields(leaf)}
        return replace(leaf, **inner)
    if not isinstance(leaf, np.ndarray) or leaf.dtype.kind != "f" or not 1 < leaf.size <= _MOST:
        return leaf
    if leaf.any():
        return leaf
    return np.arange(1, 1 + leaf.size, dtype=leaf.dtype).reshape(leaf.shape)
