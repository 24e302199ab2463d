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
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jaxercise.claims.strategies.objects import as_data
from jaxercise.sandboxed.wire import trees as wire
from jaxercise.sandboxed.wire.values import encode

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
_Other = TypeVar("_Other")

#: The first of 256 characters that stand for bytes, of those that Unicode gives no meaning.
_FIRST = 0xE000
#: What an author is told of a strategy that loses what it needs.
LOST = (
    "this strategy is made of one that promises some examples, as options(...) does, and draws "
    "those by chance alone. Write trees(...) for a tree of strategies, options(...) of the values "
    "that are to come out, or must_cover(strategy, predicate)"
)
#: What one is told who builds one of Hypothesis' own strategies around one of these.
_AROUND = (
    "Hypothesis cannot draw what one of its own strategies is made of here. Write trees(...) for a "
    "tree of strategies, or .map(...) of one"
)
#: What `instances` takes for a class; the first part is the package's.
_OF = re.compile(r"(?:([A-Za-z_]\w*)[\w.]*:)?[A-Za-z_]\w*")


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


class Strategy(Generic[T]):
    """How an argument of a claim is drawn: what Hypothesis chooses, and what is made of that.

    Hypothesis comes in when there is something to choose. What it has chosen once is made into the
    same value again without it.

    Args:
        choosing: makes the strategy of Hypothesis that chooses.
        value: what is made of a choice.
        needed: what some example of a claim has to be, of all that is drawn; another for each.
        lost: it is made of one that needs something, and does not need it itself.
    """

    def __init__(
        self,
        choosing: Callable[[], SearchStrategy[Any]],
        value: Callable[[Any], T],
        *,
        needed: tuple[Callable[[T], bool], ...] = (),
        lost: bool = False,
    ) -> None:
        self.choosing = functools.cache(choosing)
        self.value = value
        self.needed = needed
        self.lost = lost

    @property
    def loses_what_it_needs(self) -> bool:
        """`options(1, 2).map(str)` need not draw each of them any more: nobody would be told."""
        return self.lost and not self.needed

    def map(self, function: Callable[[T], _Other]) -> Strategy[_Other]:
        """What a function makes of what is drawn."""
        return Strategy(
            lambda: self.choosing().map(_as_chosen),
            lambda chosen: function(self.value(chosen)),
            lost=self.lost or bool(self.needed),
        )

    def filter(self, holds: Callable[[T], bool]) -> Strategy[T]:
        """Of what is drawn, that for which a predicate holds."""

        def kept(chosen: Any) -> bool:
            return holds(self.value(chosen))

        return Strategy(
            lambda: self.choosing().filter(kept),
            self.value,
            lost=self.lost or bool(self.needed),
        )


# No lambda: Hypothesis would parse its source, which is slow and no thing for two threads.
def _as_chosen(chosen: Any) -> Any:
    return chosen


def must_cover(strategy: Strategy[T], *needed: Callable[[T], bool]) -> Strategy[T]:
    """The strategy, marked: some example of a claim has to fit each of the predicates."""
    return Strategy(strategy.choosing, strategy.value, needed=(*strategy.needed, *needed))


def made(size: int, make: Callable[[Choices], T]) -> Strategy[T]:
    """What `make` makes of at most `size` choices."""

    def choosing() -> SearchStrategy[Any]:
        from hypothesis import strategies as st

        characters = st.characters(min_codepoint=_FIRST, max_codepoint=_FIRST + 255)
        return st.text(characters, min_size=size, max_size=size).map(_as_chosen)

    return Strategy(choosing, lambda chosen: make(Choices(bytes(ord(c) - _FIRST for c in chosen))))


def trees(tree: Any) -> Strategy[Any]:
    """Trees: dicts, lists, tuples and objects like a given one, with what its leaves draw.

    What some example has to be of a leaf, it has to be here as well.

    Args:
        tree: with strategies as leaves; any other leaf stands for itself: `{"w": vectors(n=3),
            "b": numbers()}`.

    Raises:
        TypeError: one of them loses what some example has to be, or cannot be passed.
    """
    tree = as_data(tree)
    leaves = [as_strategy(one) or _constant(one) for one in wire.leaves(tree)]
    if any(one.loses_what_it_needs for one in leaves):
        raise TypeError(LOST)

    def choosing() -> SearchStrategy[Any]:
        from hypothesis import strategies as st

        return st.tuples(*(one.choosing() for one in leaves)).map(_as_chosen)

    def make(chosen: tuple[Any, ...]) -> Any:
        values = (one.value(part) for one, part in zip(leaves, chosen, strict=True))
        return wire.rebuilt(tree, values)

    needed = [
        functools.partial(_fits_at, fits, path)
        for path, one in zip(wire.paths(tree), leaves, strict=True)
        for fits in one.needed
    ]
    return Strategy(choosing, make, needed=tuple(needed))


def instances(of: str, /, **fields: Any) -> Strategy[wire.Instance]:
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


def _constant(value: T) -> Strategy[T]:
    encode(value, {})  # what cannot be passed is refused at once

    def choosing() -> SearchStrategy[Any]:
        from hypothesis import strategies as st

        return st.just(None)

    return Strategy(choosing, lambda _: value)


def as_strategy(value: Any) -> Strategy[Any] | None:
    """A strategy, of these or Hypothesis' own; None for what is none.

    Raises:
        TypeError: it is one of Hypothesis' that cannot be drawn.
    """
    if isinstance(value, Strategy):
        return value
    hypothesis = sys.modules.get("hypothesis")  # who has made one of its own has imported it
    if hypothesis is None or not isinstance(value, hypothesis.strategies.SearchStrategy):
        return None
    try:
        value.validate()
    except hypothesis.errors.InvalidArgument as error:
        raise TypeError(f"{_AROUND} ({error})") from None
    return Strategy(lambda: value, _as_chosen)
