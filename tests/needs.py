"""What some tests run besides Python, and whether it may be missing here.

`JAXERCISE_REQUIRE=sandbox,browser,database` says that it may not: then a test that would be left
out fails, and no wall goes untested in silence.

`JAXERCISE_NIGHTLY=1` also runs what is too long for every commit: tests marked `nightly`, and all
of what is otherwise tried in part.
"""

from __future__ import annotations

import os

import pytest

KINDS = ("sandbox", "browser", "database")
VARIABLE = "JAXERCISE_REQUIRE"
NIGHTLY = bool(os.environ.get("JAXERCISE_NIGHTLY"))


def required() -> frozenset[str]:
    """What has to be here.

    Raises:
        pytest.UsageError: something else is asked for.
    """
    asked = frozenset(filter(None, os.environ.get(VARIABLE, "").split(",")))
    if unknown := asked - set(KINDS):
        names = ", ".join(sorted(unknown))
        raise pytest.UsageError(f"{VARIABLE}: {names} is none of {', '.join(KINDS)}")
    return asked


def need(kind: str, lacking: str) -> None:
    """Leave a test out for what it lacks, or let it fail where that is required.

    Args:
        kind: one of KINDS.
        lacking: what is not here; empty if all is.
    """
    if not lacking:
        return
    if kind in required():
        pytest.fail(f"{VARIABLE} names {kind}: {lacking}", pytrace=False)
    pytest.skip(lacking)
