"""What gets by with a reason: mutants, spoilers and blind spots, listed in `equivalents.toml`."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Collection, Mapping, Sequence

from jaxercise.course import Course

MUTANTS, SPOILERS, BLIND_SPOTS = "mutants", "spoilers", "blind_spots"


def listed(course: Course, what: str) -> dict[str, str]:
    """What is listed of a kind, by name, with the reason.

    Names of spoilers and blind spots may hold `*`, for anything; `of_names` reads them.

    Args:
        course: whose list.
        what: MUTANTS, SPOILERS or BLIND_SPOTS.

    Raises:
        ValueError: one is listed twice.
    """
    found: dict[str, str] = {}
    path = course.equivalents
    if not path.exists():
        return found
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["because"]:
        for name in entry.get(what, ()):
            if name in found:
                raise ValueError(f"{path.name} lists this twice: {name}")
            found[name] = entry["reason"]
    return found


def of_names(patterns: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Those names that one of the patterns is for, with its reason."""
    return {name: patterns[one] for one in patterns for name in names if _is_for(one, name)}


def stale(patterns: Collection[str], names: Collection[str], exercises: Sequence[str]) -> list[str]:
    """The patterns for these exercises that are for none of the names."""
    ours = (one for one in patterns if any(_is_for(one.split(".")[0], of) for of in exercises))
    return [one for one in ours if not any(_is_for(one, name) for name in names)]


def _is_for(pattern: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern)
