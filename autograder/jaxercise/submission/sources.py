"""Finding the exercises in what was handed in, and choosing between a script and a notebook."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxercise.processes import bare_python

FORMS = (".py", ".ipynb")
_INTAKE_SECONDS = 60


class SubmissionError(Exception):
    """What was handed in cannot be graded at all; the message says what to do."""


@dataclass(frozen=True)
class Source:
    """One exercise file of a submission.

    Attributes:
        path: where it lies.
        cells: its code, one text per notebook cell, or a single one.
        functions: what its top level defines: name -> `stub` or `written`.
        problem: a sentence on what is wrong with the file; None where nothing is.
        readable: False if no code could be read at all.
        calls: the names that each function of its top level uses.
        notes: a sentence on each repair that reading it took.
        lost: why functions could not be read, by their names.
    """

    path: Path
    cells: tuple[str, ...]
    functions: Mapping[str, str]
    problem: str | None
    readable: bool
    calls: Mapping[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)

    def attempted(self, names: Collection[str]) -> bool:
        """True if any of the named functions is more than its stub."""
        return any(self.functions.get(name) == "written" for name in names)


class Submission:
    """The files of one student, by exercise."""

    def __init__(self, root: Path, sources: Mapping[str, Mapping[str, Source]]) -> None:
        self.root = root
        self._sources = sources

    def form(self, exercise: str, suffix: str) -> Source | None:
        """An exercise's script (`.py`) or notebook (`.ipynb`); None where there is none."""
        return self._sources.get(exercise, {}).get(suffix)

    def notes(self, exercises: Mapping[str, Collection[str]]) -> list[str]:
        """What had to be mended to read the files that count, each note with its file's name.

        Args:
            exercises: the graded functions of each exercise.
        """
        sources = (self.source(name, functions) for name, functions in exercises.items())
        return [
            f"{one.path.name}: {note}" for one in sources if one is not None for note in one.notes
        ]

    def source(self, exercise: str, functions: Collection[str]) -> Source | None:
        """The file to grade for an exercise; None where there is none.

        Where it is there as a script and as a notebook, the one that differs from its stub counts.

        Args:
            exercise: the exercise's name.
            functions: the names of its graded functions.

        Raises:
            SubmissionError: both forms have been worked on.
        """
        forms = list(self._sources.get(exercise, {}).values())
        attempted = [form for form in forms if form.readable and form.attempted(functions)]
        if len(attempted) > 1:
            names = " and ".join(form.path.name for form in attempted)
            raise SubmissionError(
                f"{names} have both been worked on, and only one can be graded. "
                "Delete or move away the one that should not count."
            )
        unreadable = [form for form in forms if not form.readable]
        best = attempted or unreadable or forms
        return best[0] if best else None


def read_submission(
    path: Path, exercises: Iterable[str], refused: Mapping[str, str] | None = None
) -> Submission:
    """Find the named exercises in a folder, or take a single file.

    Args:
        path: a folder of `.py` and `.ipynb` files, or one such file.
        exercises: the names to look for.
        refused: files that whoever brought the submission has not let through, by name, with a
            sentence on why.

    Raises:
        SubmissionError: no such path, nothing to grade in it, or a file of another name.
    """
    exercises = list(exercises)
    found = _find(path, exercises)
    described = _describe([file for file, _ in found])
    sources: dict[str, dict[str, Source]] = {}
    for (file, exercise), item in zip(found, described, strict=True):
        sources.setdefault(exercise, {})[file.suffix] = Source(
            file,
            tuple(item["cells"]),
            item["functions"],
            item["problem"],
            item["readable"],
            item["calls"],
            tuple(item["notes"]),
            item["lost"],
        )
    for name, why in (refused or {}).items():
        file = path / name
        sources.setdefault(file.stem, {})[file.suffix] = Source(file, (), {}, why, False)
    return Submission(path, sources)


def _find(path: Path, exercises: list[str]) -> list[tuple[Path, str]]:
    listing = ", ".join(exercises)
    if not path.exists():
        raise SubmissionError(f"{path} does not exist. Name a folder of exercises, or one file.")
    if path.is_dir():
        found = [
            (path / f"{name}{form}", name)
            for name in exercises
            for form in FORMS
            if (path / f"{name}{form}").exists() or (path / f"{name}{form}").is_symlink()
        ]
        if not found:
            raise SubmissionError(
                f"{path} holds none of the exercises. Looked for {listing} as .py or .ipynb."
            )
    else:
        if path.suffix not in FORMS:
            raise SubmissionError(f"{path} is neither a .py nor an .ipynb file.")
        if path.stem not in exercises:
            raise SubmissionError(
                f"{path.name} is none of the exercises, which are found by their file name. "
                f"Rename it to one of: {listing}."
            )
        found = [(path, path.stem)]
    for file, _ in found:
        if file.is_dir():
            raise SubmissionError(f"{file} is a folder where a file should be.")
    return found


def notebook_of(path: Path) -> dict[str, Any]:
    """A submitted notebook's cells, of all kinds, as far as they can be read.

    Returns:
        `cells` (each with `kind`, `source`, `grade_id`, `writes` and `defines`), `notes` and
        `problem`, as the intake describes them.
    """
    found = _ask({"notebook": str(path.absolute())})
    if found is None:
        problem = f"{path.name} could not be read: it breaks Python's parser."
        return {"cells": [], "notes": [], "problem": problem}
    return dict(found)


def _describe(files: list[Path]) -> list[dict[str, Any]]:
    items = _intake(files)
    if items is None and len(files) == 1:
        problem = f"{files[0].name} could not be read: it breaks Python's parser."
        nothing: dict[str, Any] = {"cells": [], "functions": {}, "calls": {}, "notes": []}
        nothing |= {"problem": problem, "lost": {}, "readable": False}
        return [nothing]
    if items is None:  # one of them broke the intake: find out which
        return [item for file in files for item in _describe([file])]
    return items


def _intake(files: list[Path]) -> list[dict[str, Any]] | None:
    return _ask([str(file.absolute()) for file in files])  # type: ignore[no-any-return]


def _ask(request: Any) -> Any:
    """The intake process's answer; None where it had none to give."""
    done = None
    try:
        done = subprocess.run(
            bare_python("jaxercise.submission.intake"),
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=_INTAKE_SECONDS,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return None
    except ValueError:
        if done is not None and done.returncode > 0 and "MemoryError" not in done.stderr:
            sys.stderr.write(done.stderr)  # a fault of the kit's own must be seen
        return None
