"""The one kind of draw everything here is made of: a text of a fixed length, read as bytes.

One draw an argument instead of one a number: Hypothesis spends its time by the draw. And these are
drawn alike in every process, while numbers, bytes and ordinary texts are now and then replaced by
constants of their kind that Hypothesis finds in whatever modules happen to be loaded: no source
holds these characters. Byte 0 is the simplest choice everywhere, so shrinking the text simplifies
what is made of it.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from jaxercise.claims.strategies.objects import as_data
from jaxercise.sandboxed.wire import trees as wire
from jaxercise.sandboxed.wire.values import encode

T = TypeVar("T")

#: The first of 256 characters that stand for bytes, of those that Unicode gives no meaning.
_FIRST = 0xE000
#: What an author is told of a strategy that loses what it needs.
LOST = (
    "this strategy is made of one that promises some examples, as options(...) does, and draws "
    "those by chance alone. Write trees(...) for a tree of strategies, options(...) of the values "
    "that are to come out, or must_cover(strategy, predicate)"
)
#: What `instances` takes for a class; the first part is the package's.
_OF = re.compile(r"(?:([A-Za-z_]\w*)[\w.]*:)?[A-Za-z_]\w*")
_BYTES = st.characters(min_codepoint=_FIRST, max_codepoint=_FIRST + 255)


class Choices:
    """Choices read off drawn bytes, one after the other."""

    def __init__(self, drawn: bytes) -> None:
        self._remaining = iter(drawn)

    def of(self, options: Sequence[T]) -> T:
        """One of at most 256 options; the first is the simplest."""
        return options[next(self._remaining) % len(options)]

    def many(self, options: Sequence[T], count: int) -> list[T]:
        """`count` options."""
        return [self.of(options) for _ in range(count)]

    def distinct(self, options: Sequence[T], count: int) -> list[T]:
        """`count` options, no two alike."""
        left = list(options)
        return [left.pop(next(self._remaining) % len(left)) for _ in range(count)]

    def number(self) -> int:
        """A number from 0 to 65535, of two choices."""
        return 256 * next(self._remaining) + next(self._remaining)


def must_cover(
    strategy: st.SearchStrategy[T], *needed: Callable[[T], bool]
) -> st.SearchStrategy[T]:
    """The strategy, marked: some example of a claim has to fit each of the predicates."""
    strategy.needed = (*getattr(strategy, "needed", ()), *needed)  # type: ignore[attr-defined]
    _watch(strategy)
    return strategy


def _watch(strategy: st.SearchStrategy[Any]) -> None:
    """See to it that what is made of a strategy by its methods says that it was marked."""

    def watched(make: Callable[[Any], st.SearchStrategy[Any]], how: Any) -> Any:
        made = make(how)
        made.lost = True  # type: ignore[attr-defined]
        _watch(made)
        return made

    for name in ("map", "filter", "flatmap"):
        setattr(strategy, name, functools.partial(watched, getattr(strategy, name)))


def made(size: int, make: Callable[[Choices], Any]) -> st.SearchStrategy[Any]:
    """What `make` makes of at most `size` choices."""

    # No lambda: Hypothesis would parse its source, which is slow and no thing for two threads.
    def choose(drawn: str) -> Any:
        return make(Choices(bytes(ord(one) - _FIRST for one in drawn)))

    return st.text(_BYTES, min_size=size, max_size=size).map(choose)


def trees(tree: Any) -> st.SearchStrategy[Any]:
    """Trees: dicts, lists, tuples and objects like a given one, with what its leaves draw.

    What some example has to be of a leaf, it has to be here as well.

    Args:
        tree: with strategies as leaves; any other leaf stands for itself: `{"w": vectors(n=3),
            "b": numbers()}`.

    Raises:
        TypeError: one of them loses what some example has to be, or cannot be passed.
    """
    tree = as_data(tree)
    encode([one for one in wire.leaves(tree) if not is_strategy(one)], {})
    leaves = [one if is_strategy(one) else st.just(one) for one in wire.leaves(tree)]
    if any(map(loses_what_it_needs, leaves)):
        raise TypeError(LOST)

    def make(drawn: tuple[Any, ...]) -> Any:
        return wire.rebuilt(tree, iter(drawn))

    needed = [
        functools.partial(_fits_at, fits, path)
        for path, one in zip(wire.paths(tree), leaves, strict=True)
        for fits in getattr(one, "needed", ())
    ]
    return must_cover(st.tuples(*leaves).map(make), *needed)


def instances(of: str, /, **fields: Any) -> st.SearchStrategy[wire.Instance]:
    """Objects of a class: a NamedTuple, a registered dataclass, a module.

    Args:
        of: the class, `"State"` where the exercise's file gives it, `"optax:TraceState"` where
            an installed package does.
        fields: what each field is drawn by; what is no strategy stands for itself.

    Raises:
        TypeError: it is no name of a class, or a field cannot be passed.
        ModuleNotFoundError: the package is not installed.
    """
    named = _OF.fullmatch(of)
    if named is None:
        raise TypeError(f"{of!r} names no class: write 'State', or 'package:State'")
    if named[1] and importlib.util.find_spec(named[1]) is None:
        raise ModuleNotFoundError(f"{of} is of a package that is not here: pip install {named[1]}")
    return trees(wire.Instance(of, fields))


def _fits_at(fits: Callable[[Any], bool], path: wire.Path, value: Any) -> bool:
    return fits(wire.at(value, path))


def is_strategy(value: Any) -> bool:
    return isinstance(value, st.SearchStrategy)


def loses_what_it_needs(strategy: st.SearchStrategy[Any]) -> bool:
    """True for one around another that is marked, which is not marked itself.

    `options(1, 2).map(str)` need not draw each of them any more, and nobody would be told.
    """
    if hasattr(strategy, "needed"):
        return False
    pending, seen = [strategy], {id(strategy)}
    while pending:
        last = pending.pop()
        if hasattr(last, "needed") or hasattr(last, "lost"):
            return True
        for one in _held(vars(last)):
            if id(one) not in seen:
                seen.add(id(one))
                pending.append(one)
    return False


def _held(value: Any) -> Iterator[st.SearchStrategy[Any]]:
    """The strategies in an object's attributes."""
    if is_strategy(value):
        yield value
    elif isinstance(value, dict):
        yield from _held(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _held(one)
