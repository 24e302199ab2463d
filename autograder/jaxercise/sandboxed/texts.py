"""Texts that come from where student code runs. Imports nothing: the intake begins sooner."""

from __future__ import annotations


def printable(text: str) -> str:
    """A text without control characters: no terminal must obey what a submission says."""
    return "".join(
        character if character.isprintable() or character == "\n" else " " for character in text
    )
