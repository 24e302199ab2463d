"""The commands for students: those that their pack has too."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from jaxercise import arguments
from jaxercise.frontends import doctor, hint
from jaxercise.frontends.live import command as ask
from jaxercise.frontends.watch import command as watch


def add_commands(commands: Any) -> None:
    watch.add_command(commands)
    hint.add_command(commands)
    ask.add_command(commands)
    doctor.add_command(commands)


def main(words: Sequence[str] | None = None) -> int:
    """`jaxercise` as the pack has it; its exit status."""
    parser = argparse.ArgumentParser(prog="jaxercise")
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    return arguments.run(parser, words)
