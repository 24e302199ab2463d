"""Imports run one way, from the top of the table in `autograder/README.md` to the bottom."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from door import ROOT

ENGINE = ROOT / "autograder"


def places() -> dict[str, int]:
    """The rows of the table, by the names of what stands in them."""
    text = (ENGINE / "README.md").read_text(encoding="utf-8")
    table = text.split("| --- | --- |\n")[1].split("\n\n")[0]
    heads = [line.split("|")[1] for line in table.splitlines()]
    return {
        name: row
        for row, head in enumerate(heads)
        for name in re.findall(r"`(\w+)(?:\.py|/)`", head)
    }


def imported(path: Path) -> Iterator[str]:
    """The parts of the kit that a module imports, inside of functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module), level=0):
                names = [f"{module}.{alias.name}" for alias in node.names]
            case _:
                continue
        yield from (name.split(".")[1] for name in names if name.startswith("autograder."))


def test_imports_run_one_way() -> None:
    """No part imports one that stands above it."""
    rows = places()
    assert {"course", "exports", "engine", "wire"} <= set(rows)
    against = [
        f"{path.relative_to(ENGINE)} imports {name}"
        for path in sorted(ENGINE.rglob("*.py"))
        for part in [path.relative_to(ENGINE).parts[0].removesuffix(".py")]
        for name in imported(path)
        if rows.get(name, len(rows)) < rows.get(part, -1)
    ]
    assert not against
