"""Tests of the sandbox, a browser and a database cannot vanish where they are required."""

from __future__ import annotations

import pytest
from needs import VARIABLE, need, required


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
