"""Tests of the sandbox, a browser and a database cannot vanish where they are required.

Nor can what each commit tries a part of: everything has its turn, and nightly nothing is left out.
"""

from __future__ import annotations

import os
import subprocess
import sys

import needs
import pytest
from needs import TURNS, VARIABLE, in_turn, need, required
from running import COURSE, IN_TURN, ROOT


def test_what_is_lacking_is_left_out_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    need("browser", "")
    with pytest.raises(pytest.skip.Exception, match="no chromium"):
        need("browser", "no chromium")
    monkeypatch.setenv(VARIABLE, "sandbox,browser")
    need("browser", "")
    with pytest.raises(pytest.fail.Exception, match="names browser: no chromium"):
        need("browser", "no chromium")
    with pytest.raises(pytest.skip.Exception):
        need("database", "no server")


def test_a_word_that_means_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sandbox,bowser")
    with pytest.raises(pytest.UsageError, match="bowser is none of sandbox, browser, database"):
        required()


def test_everything_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    names = COURSE.names()
    assert IN_TURN
    monkeypatch.setattr(needs, "NIGHTLY", False)
    parts = [in_turn(names, turn) for turn in range(TURNS)]
    assert all(parts)
    assert sorted(name for part in parts for name in part) == names
    monkeypatch.setattr(needs, "NIGHTLY", True)
    assert in_turn(names, 1) == names


def test_nightly_nothing_is_left_out() -> None:
    done = subprocess.run(
        [*(sys.executable, "-m", "pytest", "--collect-only", "-q"), "tests/test_verdicts.py"],
        cwd=ROOT, env={**os.environ, "JAXERCISE_NIGHTLY": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert "tests collected in" in done.stdout
    assert "deselected" not in done.stdout
