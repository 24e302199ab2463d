"""Which versions of JAX the engine grades with."""

from __future__ import annotations

import importlib.metadata
import re

OLDEST = (0, 10)
#: The first version that is not known to work; raise it when the tests pass there.
UNKNOWN = (0, 13)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


#: What is known to work, as pip is told.
KNOWN = f"jax>={_dotted(OLDEST)},<{_dotted(UNKNOWN)}"


class VersionError(Exception):
    """The installed JAX is none the engine can grade with; the message says what to do."""


def check_versions() -> bool:
    """Check the installed JAX.

    Returns:
        True for one that is newer than any that is known, and has to be tried.

    Raises:
        VersionError: it is too old, or missing.
    """
    try:
        version = importlib.metadata.version("jax")
    except importlib.metadata.PackageNotFoundError:
        raise VersionError(f"JAX is not installed. Run: pip install '{KNOWN}'") from None
    found = numbers(version)[:2]
    if found < OLDEST:
        raise VersionError(f"jax {version} is too old for this kit. Run: pip install '{KNOWN}'")
    return found >= UNKNOWN


def sealed_for(made_with: str) -> bool:
    """Check the installed JAX against the one that made sealed references.

    Newer releases read what older ones have written, for half a year and more; not the other way.

    Returns:
        False for that very version, True for a newer one, of which it has yet to be tried.

    Raises:
        VersionError: the installed one is older.
    """
    version = importlib.metadata.version("jax")
    if numbers(version) < numbers(made_with):
        raise VersionError(
            f"The sealed references were made with jax {made_with}, and jax {version} is too old "
            f"to read them. Run: pip install 'jax>={made_with}'"
        )
    return version != made_with


def numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version, to be compared."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
