"""The submissions on which all frontends are compared, and what `pytest autograder/` gives them."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import combined
import jupytext
from running import COURSE, ROOT, SUBMISSIONS, Graded, grade, grade_once

_FOLDERS = tempfile.TemporaryDirectory(prefix="jaxercise-parity-")
atexit.register(_FOLDERS.cleanup)
ALL = os.environ.get("JAXERCISE_PARITY") == "all"
#: The exercises that are handed in and compared.
COMPARED = tuple(COURSE.names())
SHIPPED = {
    "references": ROOT / "solutions",
    "stubs": ROOT / "exercises",
    **{path.name: path for path in sorted(SUBMISSIONS.iterdir())},
}
#: What is taken nightly: one that holds right answers and misconceptions of every exercise.
SAMPLE = ["combined-5"]


def names() -> list[str]:
    """The submissions to compare, by name."""
    return [*SHIPPED, *(f"combined-{i}" for i in range(combined.count()))] if ALL else SAMPLE


def cells_of(name: str) -> Mapping[str, list[str]]:
    """The code cells of each file of a submission."""
    if name in SHIPPED:
        return {
            path.stem: [
                cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"
            ]
            for path in sorted(SHIPPED[name].glob("[0-9]*.*"))
            if path.suffix in (".py", ".ipynb") and path.stem in COMPARED
        }
    cells = combined.cells(int(name.rpartition("-")[2]))
    return {exercise: cells[exercise] for exercise in COMPARED}


def laid_out(name: str, write: Callable[[Path, Mapping[str, list[str]]], Path]) -> Path:
    """A submission's folder, with nothing in it but what `write` puts there.

    Always the same one: what its functions have compiled is kept by its path.
    """
    folder = Path(_FOLDERS.name, name)
    shutil.rmtree(folder, ignore_errors=True)
    return write(folder, cells_of(name))


@functools.cache
def by_pytest(name: str) -> Graded:
    """The run of `pytest autograder/` on a submission's scripts; in a session it is graded once."""
    if name == "typical_mistakes":
        return grade_once("tests/submissions/typical_mistakes")  # other tests ask for it too
    return grade(laid_out(name, combined.scripts))
