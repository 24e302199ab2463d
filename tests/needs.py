"""What some tests run besides Python, and whether it may be missing here.

`JAXERCISE_REQUIRE=sandbox,browser,database` says that it may not: then a test that would be left
out fails, and no wall goes untested in silence.

`JAXERCISE_NIGHTLY=1` also runs what is too long for every commit: tests marked `nightly`, and all
of what is otherwise tried in part. Where the same is tried on one exercise after the other, they
take turns: each commit tries a quarter of them, by its hash, or the one that `JAXERCISE_TURN` says.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

KINDS = ("sandbox", "browser", "database")
VARIABLE = "JAXERCISE_REQUIRE"
NIGHTLY = bool(os.environ.get("JAXERCISE_NIGHTLY"))
#: Into how many parts it is divided what takes turns.
TURNS = 4


def _turn() -> int:
    told = os.environ.get("JAXERCISE_TURN")
    if told is None:
        with suppress(OSError, subprocess.CalledProcessError):  # no git, or no checkout of it
            told = subprocess.check_output(
                ["git", "rev-parse", "--short=7", "HEAD"],
                cwd=Path(__file__).parent, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
    return int(told or "0", 16) % TURNS


#: Whose turn it is.
TURN = _turn()


def in_turn(things: Sequence[T], turn: int = TURN) -> list[T]:
    """Those whose turn it is; nightly all."""
    return list(things if NIGHTLY else things[turn::TURNS])


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
