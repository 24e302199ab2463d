"""A call of a student's function as data: which function, with what, by which steps.

The judge makes it, sends it, and asks the references the same; the worker reads it. How it is
carried out stands in `calling`, once for all of them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import decode_arguments, encode


class Step(enum.StrEnum):
    """What is done with a function on the way to its value."""

    JIT = "jit"
    VMAP = "vmap"
    #: Called at other numbers first: what it returns then must not depend on that.
    AGAIN = "again"
    #: Called at other numbers first, and what is left to trace then is counted.
    SETTLED = "settled"


Steps = tuple[Step, ...]
#: The steps that another value comes of; the others have to leave it as it is.
_DECIDING = (Step.VMAP,)


def steps(told: str | Iterable[str]) -> Steps:
    """Steps by their names, the innermost first: `"jit"`, `("vmap", "jit")`; empty for none.

    Raises:
        ValueError: there is no such step.
    """
    names = [told] * bool(told) if isinstance(told, str) else list(told)
    unknown = [name for name in names if name not in list(Step)]
    if unknown:
        known = ", ".join(repr(step.value) for step in Step)
        raise ValueError(f"a function can be called under {known}, and not under {unknown[0]!r}")
    return tuple(map(Step, names))


@dataclass(frozen=True)
class Request:
    """A call of a student's function.

    Attributes:
        function: its name.
        arguments: by position, trees of arrays, Python's numbers and texts, `Described` and `Key`.
        under: the steps by which it is called; a name serves for one.
        result_arguments: arguments for the function it returns; None where it returns a value.
        result_under: the steps by which that function is called.

    Raises:
        ValueError: there is no such step.
    """

    function: str
    arguments: tuple[Any, ...]
    under: str | tuple[str, ...] = ()
    result_arguments: tuple[Any, ...] | None = None
    result_under: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "under", steps(self.under))
        object.__setattr__(self, "result_under", steps(self.result_under))

    @property
    def all_arguments(self) -> tuple[Any, ...]:
        """The arguments, and behind them those of the function it returns."""
        return (*self.arguments, *(self.result_arguments or ()))

    def plain(self) -> Request:
        """The call that a right answer makes of it: without the steps that change no value."""
        under, result_under = (
            tuple(step for step in steps(told) if step in _DECIDING)
            for told in (self.under, self.result_under)
        )
        return replace(self, under=under, result_under=result_under)

    def encode(self, arrays: dict[str, Array]) -> dict[str, Any]:
        """As JSON, its arrays added to `arrays`."""
        last = self.result_arguments
        return {
            "ask": "call",
            "function": self.function,
            "arguments": encode(self.arguments, arrays),
            "under": self.under,
            "result_arguments": None if last is None else encode(last, arrays),
            "result_under": self.result_under,
        }

    @classmethod
    def decode(cls, header: Mapping[str, Any], arrays: dict[str, Array]) -> Request:
        """From its JSON."""
        last = header["result_arguments"]
        return cls(
            header["function"],
            decode_arguments(header["arguments"], arrays),
            tuple(header["under"]),
            None if last is None else decode_arguments(last, arrays),
            tuple(header["result_under"]),
        )

    def shapes(self) -> tuple[Any, ...]:
        """What decides whether JAX has to compile again."""
        return (
            *(self.function, self.under, self.result_under),
            *(trees.structure(self.all_arguments), len(self.arguments)),
            *map(_shape, trees.leaves(self.all_arguments)),
        )


def _shape(leaf: Any) -> Any:
    if isinstance(leaf, bool | int | float | str):
        return type(leaf).__name__, leaf
    return getattr(leaf, "shape", None)
