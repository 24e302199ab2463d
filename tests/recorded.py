"""Texts that students read, recorded in `tests/feedback/`, and what of them is compared.

Where they are meant to change, run the tests with JAXERCISE_REWRITE=1 and read the difference
before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

TEXTS = Path(__file__).with_name("feedback")
_REWRITE = bool(os.environ.get("JAXERCISE_REWRITE"))


def compare(name: str, text: str) -> None:
    """Hold a text against the recorded one, or record it."""
    path = TEXTS / name
    if _REWRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert settled(text) == settled(path.read_text(encoding="utf-8"))


def settled(text: str) -> str:
    """A text without what a machine or a release of JAX decides.

    These are the last digits of numbers, the steps of traced programs, what JAX's own exceptions
    say, and therefore where lines break.
    """
    words = " ".join(text.split())
    for pattern, replacement in _FREE:
        words = re.sub(pattern, replacement, words)
    return re.sub(r"-?\d+\.\d{3,}(e[-+]\d+)?", lambda one: f"{float(one[0]):.3g}", words)


#: What JAX is free to change, and what stands for it.
_FREE = (
    (r"has \d+ steps for the small batch and \d+ for the large one", "has more and more steps"),
)
