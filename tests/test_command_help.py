"""Each subcommand's `--help`: a paragraph, an example that works, a page, a line an argument."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys

import pytest
from jaxercise import __main__
from running import ROOT


def _parser() -> argparse.ArgumentParser:
    """The parser of `jaxercise`, with all of its commands."""
    built: list[argparse.ArgumentParser] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(__main__, "run", lambda parser, _: built.append(parser) or 0)
        __main__.main([])
    return built[0]


PARSER = _parser()
(_LISTED,) = (one for one in PARSER._actions if isinstance(one, argparse._SubParsersAction))
COMMANDS: dict[str, argparse.ArgumentParser] = dict(_LISTED.choices)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_all_that_one_needs_to_begin(name: str) -> None:
    command = COMMANDS[name]
    told = " ".join((command.description or "").split())
    assert told.endswith("."), "a paragraph of whole sentences"
    assert len(told) >= 80
    example, page = (part.strip() for part in (command.epilog or "").split("\n\n"))
    head, _, line = example.partition("\n")
    assert head == "example:"
    program, *words = shlex.split(line)
    assert (program, words[0]) == ("jaxercise", name)
    assert PARSER.parse_args(words).command == name  # it can be typed as it stands
    head, _, path = page.partition(" ")
    assert head == "read:"
    assert f"jaxercise {name}" in (ROOT / path).read_text(encoding="utf-8")


def test_help_of_pytest_s_own_lists_ours() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ours = " ".join(told.partition("\njaxercise:")[2].split())
    assert "JAX platform for student code (default: cpu)" in ours
    assert "later calls get half of it (default: 20)" in ours


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_has_its_line(name: str) -> None:
    unsaid = [one.dest for one in COMMANDS[name]._actions if not (one.help or "").strip()]
    assert not unsaid
    valued = [one for one in COMMANDS[name]._actions if one.nargs != 0 and not one.required]
    assert not [one.dest for one in valued if "default:" not in (one.help or "")]
    assert name in [one.dest for one in _LISTED._choices_actions if one.help]
