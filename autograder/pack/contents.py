"""Which of the kit's modules grading needs: what the property files and the doors import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

#: Where grading begins: pytest's two plugins, the door for notebooks, and the doctor.
_DOORS = ("autograder.conftest", "autograder.options", "autograder.live", "autograder.doctor")
_MODULE = re.compile(r"autograder(\.\w+)+")


def engine_files(root: Path, exercises: Iterable[str]) -> list[Path]:
    """The files of `autograder/` that the doors reach.

    Imports inside of functions count, and so do the names of modules that are started as processes.

    Args:
        root: the folder that holds `autograder/`.
        exercises: the names of those whose property files count.
    """
    waiting = [*_DOORS, *(f"autograder.test_{name}" for name in exercises)]
    found: set[Path] = set()
    while waiting:
        name = waiting.pop()
        path = _file(root, name)
        if path is None or path in found:
            continue
        found.add(path)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        waiting += [part for used in (name, *_used(tree)) for part in _with_packages(used)]
    return sorted(found)


def _used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.Constant(value=str(text)) if _MODULE.fullmatch(text):
                yield text


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _file(root: Path, name: str) -> Path | None:
    path = root.joinpath(*name.split("."))
    if not name.startswith("autograder"):
        return None
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((one for one in candidates if one.is_file()), None)
