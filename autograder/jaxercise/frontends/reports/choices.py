"""What to say where somebody has asked for a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def meant(word: str, names: Iterable[str]) -> str:
    """A sentence: the name that is nearest to a word, or all that there are, each once."""
    there = dict.fromkeys(names)
    near = difflib.get_close_matches(word, there, 1)
    return f"Is {near[0]} meant?" if near else f"There are {', '.join(there)}."
