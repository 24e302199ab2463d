"""Values as trees: dicts, lists, tuples, None and objects as data, of leaves.

All that a value passes on its way (the wire, references, the comparison, caches, texts) sees its
leaves and a structure that is equal to another one or not. A NamedTuple is a tuple; the keys of a
dict are texts, and stand in order. Whatever is no container is a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

_T = TypeVar("_T")

#: Where a part of a value stands: positions and keys, from the outside in.
Path = tuple[int | str, ...]


class FigureData(dict[str, Any]):
    """What `sandboxed.figures` says of a matplotlib Figure: a leaf; no returned dict is one."""


@dataclass(frozen=True)
class Instance:
    """An object of a class that JAX takes for a tree, as data: an argument, on its way in.

    Attributes:
        of: the class: `State` of the exercise's file, or `optax:ScaleByAdamState`, of a package.
        fields: what is in it, by name.
    """

    of: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Structure:
    """What a value is made of, without its leaves.

    Attributes:
        kind: `tuple`, `list`, `dict`, `None`, `instance` or `leaf`.
        names: the keys of a dict, the fields of an instance.
        parts: the structures of what is in it.
        of: the class of an instance.
    """

    kind: str
    names: tuple[str, ...] = ()
    parts: tuple[Structure, ...] = ()
    of: str = ""

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.parts))
        match self.kind:
            case "leaf":
                return "*"
            case "tuple":
                return f"({inner}{',' * (len(self.parts) == 1)})"
            case "list":
                return f"[{inner}]"
            case "dict":
                pairs = zip(self.names, self.parts, strict=True)
                return f"{{{', '.join(f'{name!r}: {part}' for name, part in pairs)}}}"
            case "instance":
                pairs = zip(self.names, self.parts, strict=True)
                return f"{self.of}({', '.join(f'{name}={part}' for name, part in pairs)})"
        return self.kind


LEAF = Structure("leaf")


def fold(value: Any, leaf: Callable[[Any], _T], node: Callable[[Structure, list[_T]], _T]) -> _T:
    """What becomes of a value whose leaves and containers are taken over one by one.

    Args:
        value: the value.
        leaf: what becomes of a leaf.
        node: what becomes of a container: is given what it is (its `parts` are empty), and what
            became of its parts, in order.
    """
    head, parts = _opened(value)
    return leaf(value) if head is LEAF else node(head, [fold(part, leaf, node) for part in parts])


def _opened(value: Any) -> tuple[Structure, Sequence[Any]]:
    if value is None:
        return Structure("None"), ()
    if isinstance(value, tuple):
        return Structure("tuple"), value
    if isinstance(value, list):
        return Structure("list"), value
    if isinstance(value, dict) and not isinstance(value, FigureData):
        named = {str(name): part for name, part in value.items()}
        names = tuple(sorted(named))
        return Structure("dict", names), [named[name] for name in names]
    if isinstance(value, Instance):
        return Structure("instance", tuple(value.fields), of=value.of), [*value.fields.values()]
    return LEAF, ()


def head(value: Any) -> tuple[Structure, int]:
    """What a value is by itself: what kind of container, and of how many parts."""
    kind, parts = _opened(value)
    return kind, len(parts)


def built(head: Structure, parts: Sequence[Any]) -> Any:
    """A container of a kind around its parts."""
    match head.kind:
        case "None":
            return None
        case "tuple":
            return tuple(parts)
        case "list":
            return list(parts)
    named = dict(zip(head.names, parts, strict=True))
    return named if head.kind == "dict" else Instance(head.of, named)


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """The value with another leaf in the place of each."""
    return fold(value, change, built)


def leaves(value: Any) -> list[Any]:
    """The leaves, in order."""
    found: list[Any] = []
    mapped(found.append, value)
    return found


def structure(value: Any) -> Structure:
    """What a value is made of."""
    return fold(
        value,
        lambda _: LEAF,
        lambda head, parts: replace(head, parts=tuple(parts)),
    )


def rebuilt(like: Any, changed: Iterator[Any]) -> Any:
    """The value with other leaves, taken one after the other."""
    return mapped(lambda _: next(changed), like)


def paths(value: Any) -> Iterator[Path]:
    """Where each leaf stands, in the order of `leaves`."""
    head, parts = _opened(value)
    if head is LEAF:
        yield ()
    for name, part in zip(_places(head, parts), parts, strict=True):
        for path in paths(part):
            yield (name, *path)


def _places(head: Structure, parts: Sequence[Any]) -> Path:
    return head.names or tuple(range(len(parts)))


def at(value: Any, path: Path) -> Any:
    """The part of a value that stands in a place."""
    for name in path:
        head, parts = _opened(value)
        value = parts[head.names.index(name) if isinstance(name, str) else name]
    return value


def first_difference(one: Structure, other: Structure) -> Path | None:
    """The outermost first place where two structures differ; None where they are equal."""
    if one == other:
        return None
    if replace(one, parts=()) != replace(other, parts=()) or len(one.parts) != len(other.parts):
        return ()
    for name, *pair in zip(_places(one, one.parts), one.parts, other.parts, strict=True):
        inner = first_difference(*pair)
        if inner is not None:
            return (name, *inner)
    return ()
