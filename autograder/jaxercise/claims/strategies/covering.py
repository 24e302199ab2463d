"""The one kind of draw everything here is made of: a text of a fixed length, read as bytes.

One draw an argument instead of one a number: Hypothesis spends its time by the draw. And these are
drawn alike in every process, while numbers, bytes and ordinary texts are now and then replaced by
constants of their kind that Hypothesis finds in whatever modules happen to be loaded: no source
holds these characters. Byte 0 is the simplest choice everywhere, so shrinking the text simplifies
what is made of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from hypothesis import strategies as st

from jaxercise.sandboxed.wire import trees

T = TypeVar("T")

#: The first of 256 characters that stand for bytes, of those that Unicode gives no meaning.
_FIRST = 0xE000
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
    marked: Any = strategy
    marked.needed = (*getattr(strategy, "needed", ()), *needed)
    if marked.needed:
        # Hypothesis makes another strategy of it, which would need nothing.
        marked.map = marked.filter = marked.flatmap = _refuse
    return strategy


LOST = (
    "what options, keys, models and the like need would be lost here: let the claim draw it as it "
    "is and change it in the test, or write tree(...) around it; must_cover(strategy, ...) says "
    "anew what is needed"
)


def _refuse(*_: Any) -> NoReturn:
    raise TypeError(LOST)


def loses(strategy: Any) -> bool:
    """Whether something is hidden in a strategy (in a tuple or a list, say) that needs more."""
    if hasattr(strategy, "needed"):
        return False
    return any(map(_holds_needed, vars(strategy).values()))


def _holds_needed(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_needed, value.values()))
    if isinstance(value, tuple | list):
        return any(map(_holds_needed, value))
    if not isinstance(value, st.SearchStrategy):
        return False
    return bool(getattr(value, "needed", ())) or loses(value)


def tree(like: Any) -> st.SearchStrategy[Any]:
    """Trees (dicts, lists, tuples, None) of this structure; what its leaves need stays needed.

    Args:
        like: a tree of strategies: `{"w": numbers(shape=(2, 3)), "b": [vectors(n=3)]}`.
    """

    def rebuilt(drawn: tuple[Any, ...]) -> Any:
        return trees.rebuilt(like, iter(drawn))

    needed = [
        functools.partial(_fits_at, path, fits)
        for path, leaf in zip(trees.paths(like), trees.leaves(like), strict=True)
        for fits in getattr(leaf, "needed", ())
    ]
    return must_cover(st.tuples(*trees.leaves(like)).map(rebuilt), *needed)


def _fits_at(path: trees.Path, fits: Callable[[Any], bool], value: Any) -> bool:
    return fits(trees.at(value, path))


def made(size: int, make: Callable[[Choices], Any]) -> st.SearchStrategy[Any]:
    """What `make` makes of at most `size` choices."""

    # No lambda: Hypothesis would parse its source, which is slow and no thing for two threads.
    def choose(drawn: str) -> Any:
        return make(Choices(bytes(ord(one) - _FIRST for one in drawn)))

    return st.text(_BYTES, min_size=size, max_size=size).map(choose)
