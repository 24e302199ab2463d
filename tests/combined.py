"""All right answers and misconceptions, put together into few whole submissions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import running
from jaxercise.claims.bodies import Body, right, wrong
from running import COURSE


def bodies() -> dict[tuple[str, str], list[Body]]:
    """The bodies of each function: right answers first, then misconceptions."""
    found: dict[tuple[str, str], list[Body]] = {}
    for exercise in COURSE.names():
        for body in (*right(COURSE, exercise), *wrong(COURSE, exercise)):
            found.setdefault((exercise, body.function), []).append(body)
    return found


def count() -> int:
    """How many submissions it takes to hold every body once."""
    return max(map(len, bodies().values()))


def cells(number: int) -> Mapping[str, list[str]]:
    """A whole submission: of each function the body of that number, or the first again."""
    files: dict[str, list[str]] = {}
    for (exercise, _), listed in bodies().items():
        files.setdefault(exercise, []).append(listed[number % len(listed)].code)
    return files


def scripts(folder: Path, files: Mapping[str, list[str]]) -> Path:
    """The submission as scripts in the percent format."""
    texts = {f"{name}.py": "".join(f"# %%\n{c}\n\n" for c in one) for name, one in files.items()}
    return running.write(folder, texts)


def notebooks(folder: Path, files: Mapping[str, list[str]]) -> Path:
    """The submission as notebooks."""
    return running.write(folder, {f"{n}.ipynb": running.notebook(*one) for n, one in files.items()})
