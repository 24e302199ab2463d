"""Hints as an author writes them: text cells of a script, each with the function it helps with.

    # %% [markdown] hint="all_pairs"
    # Take one cell of the table, `[0, 2]`. Which entry of `a` belongs to it, and which of `b`?

A function's first cell is the first rung that its student is shown, and so on. Students get none of
these cells in their exercises: `jaxercise build` leaves them out.
"""

from __future__ import annotations

import re

#: The key of a cell's metadata that names the function, and how such a cell begins.
KEY = "hint"
HEAD = re.compile(rf'# %% \[markdown\] {KEY}="(\w+)"')
#: A rung that is longer is no hint, but a lesson.
MOST_WORDS = 120
_CELL = re.compile(rf"^{HEAD.pattern}\n(.*?)(?=^# %%|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def rungs(script: str) -> dict[str, tuple[str, ...]]:
    """The hints in a script, in jupytext's percent format.

    Returns:
        by function, in the order of the script: its rungs, as Markdown.
    """
    found: dict[str, tuple[str, ...]] = {}
    for function, body in _CELL.findall(script):
        text = re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip()
        found[function] = (*found.get(function, ()), text)
    return found


def only_rungs(script: str) -> str:
    """A script with the cells of hints alone."""
    return "\n\n".join(one[0].strip() for one in _CELL.finditer(script)) + "\n"


def code_of(rung: str) -> tuple[str, ...]:
    """The Python in a rung, a text for each block."""
    return tuple(_CODE.findall(rung))
