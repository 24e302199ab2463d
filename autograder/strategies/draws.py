"""The one kind of draw everything here is made of: bytes of a fixed length.

One draw an argument instead of one a number: Hypothesis spends its time by the draw. And bytes of a
fixed length are drawn alike in every process, while integers are now and then replaced by
constants that Hypothesis finds in whatever modules happen to be loaded. Byte 0 is the simplest
choice everywhere, so shrinking the bytes simplifies what is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


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


def made(size: int, make: Callable[[Choices], Any]) -> st.SearchStrategy[Any]:
    """What `make` makes of at most `size` choices."""

    # No lambda: Hypothesis would parse its source, which is slow and no thing for two threads.
    def choose(drawn: bytes) -> Any:
        return make(Choices(drawn))

    return st.binary(min_size=size, max_size=size).map(choose)
