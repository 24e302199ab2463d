"""Finding the exercises in what was handed in, and choosing between a script and a notebook."""

from __future__ import annotations

import filecmp
import json
import re
import stat
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaxercise.processes import bare_python
from jaxercise.sandboxed.texts import printable
from jaxercise.submission.filenames import (
    FORMS,
    MAX_NOTEBOOK,
    Choice,
    choose,
    is_clutter,
)

_BREAKS = "it breaks Python's parser."
_INTAKE_SECONDS = 60
_MOST_FILES = 5000


class SubmissionError(Exception):
    """What was handed in cannot be graded at all; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


@dataclass(frozen=True)
class Source:
    """One exercise file of a submission.

    Attributes:
        path: where it lies.
        cells: its code, one text per notebook cell, or a single one.
        functions: what its top level defines: name -> `stub` or `written`.
        problem: a sentence on what is wrong with the file; None where nothing is.
        readable: False if no code could be read at all.
        calls: the names that each function of its top level uses; behind no name, those that the
            rest of it uses.
        notes: a sentence on each repair that reading it took.
        lost: why functions could not be read, by their names.
        look: sentences for the instructor, on places to look at; see `suspects`.
        prints: fingerprints of what each function of its top level does; see `fingerprints`.
        digests: what changes with the code of each function of its top level, and of the rest.
    """

    path: Path
    cells: tuple[str, ...]
    functions: Mapping[str, str]
    problem: str | None
    readable: bool
    calls: Mapping[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)
    look: tuple[str, ...] = ()
    prints: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def written(cls, exercise: str, cells: Iterable[str], functions: Iterable[str]) -> Source:
        """A script that writes functions, by its cells: one that no student has handed in."""
        states = dict.fromkeys(functions, "written")
        return cls(Path(f"{exercise}.py"), tuple(cells), states, None, True)

    def attempted(self, names: Collection[str]) -> bool:
        """True if any of the named functions is more than its stub."""
        return any(self.functions.get(name) == "written" for name in names)

    def begins(self, function: str) -> tuple[int, int, str] | None:
        """Where a function is defined, as far left as it is: the cell's number, the line's in it,
        and the line; None where it is nowhere."""
        head = re.compile(rf"\s*(?:async )?def {re.escape(function)}\b")
        found = (
            (position, number, line)
            for position, cell in enumerate(self.cells, 1)
            for number, line in enumerate(cell.split("\n"), 1)
            if head.match(line)
        )
        return min(found, key=lambda one: len(one[2]) - len(one[2].lstrip()), default=None)


class Submission:
    """The files of one student, by exercise."""

    def __init__(self, sources: Mapping[str, Mapping[str, Source]]) -> None:
        self._sources = sources

    def notes(self, exercises: Mapping[str, Collection[str]]) -> list[str]:
        """What had to be mended to read the files that count, each note with its file's name.

        Args:
            exercises: the graded functions of each exercise.
        """
        sources = (self.source(name, functions) for name, functions in exercises.items())
        return [
            printable(f"{one.path.name}: {note}")
            for one in sources
            if one is not None
            for note in one.notes
        ]

    def source(self, exercise: str, functions: Collection[str]) -> Source | None:
        """The file to grade for an exercise; None where there is none.

        Where it is there as a script and as a notebook, the one that differs from its stub counts;
        of two that do, the one in which more is written, or else the notebook. Both are named.
        """
        forms = list(self._sources.get(exercise, {}).values())
        attempted = [form for form in forms if form.readable and form.attempted(functions)]
        unreadable = [form for form in forms if not form.readable]
        best = attempted or unreadable or forms
        if len(attempted) < 2:
            return best[0] if best else None

        def order(form: Source) -> tuple[int, bool]:
            written = sum(form.functions.get(name) == "written" for name in functions)
            return written, form.path.suffix == ".ipynb"

        chosen, other = sorted(attempted, key=order, reverse=True)
        note = f"{other.path.name} has been worked on as well, and was not graded."
        return replace(chosen, notes=(*chosen.notes, note))


def read_submission(
    path: Path,
    exercises: Iterable[str] | Mapping[str, Collection[str]],
    refused: Mapping[str, str] | None = None,
) -> Submission:
    """Find the named exercises in a folder, or take a single file.

    Args:
        path: a folder of `.py` and `.ipynb` files, or one such file.
        exercises: the names to look for; with the functions of each, these tell where no name does.
        refused: files that whoever brought the submission has not let through, by name, with a
            sentence on why.

    Raises:
        SubmissionError: no such path, nothing to grade in it, or a file of another name.
    """
    functions = exercises if isinstance(exercises, Mapping) else {}
    found = _find(path, list(exercises), functions)
    described = _describe([one.file for one in found])
    sources: dict[str, dict[str, Source]] = {}
    for one, item in zip(found, described, strict=True):
        forms = sources.setdefault(one.meant.exercise, {})
        if one.problem or item is None:
            problem = one.problem or f"{one.file.name} could not be read: {_BREAKS}"
            forms[one.meant.form] = Source(one.file, (), {}, problem, False, notes=one.notes)
            continue
        lists = {
            "cells": tuple(item["cells"]),
            "notes": (*one.notes, *item["notes"]),
            "look": tuple(map(printable, item["look"])),
        }
        forms[one.meant.form] = Source(one.file, **item | lists)
    for name, why in (refused or {}).items():
        file = path / name
        sources.setdefault(file.stem, {})[file.suffix] = Source(file, (), {}, why, False)
    return Submission(sources)


def _find(
    path: Path, exercises: list[str], functions: Mapping[str, Collection[str]]
) -> list[Choice[Path]]:
    """The exercises' files, each form of each once."""
    if not path.exists():
        raise SubmissionError(f"{path} does not exist. Name a folder of exercises, or one file.")
    top = path if path.is_dir() else path.parent
    files = files_of(path) if path.is_dir() else [path]
    places = [(file.relative_to(top), file) for file in files]
    found, _ = choose(
        [(place.parts, place.as_posix(), file) for place, file in places],
        exercises,
        functions,
        time=lambda file: file.lstat().st_mtime,
        equal=_equal,
        content=_content,
    )
    if not found and path.is_dir():
        names = (one.name for one in path.iterdir())
        there = sorted(names, key=lambda name: (name.startswith("."), name))
        listed = f" There are: {', '.join(there[:8])}." if there else " It is empty."
        packed = [name for name in there if name.lower().endswith(".zip")]
        listed += f" Unpack {packed[0]} first." if packed else ""
        raise SubmissionError(
            f"{path} holds none of the exercises. Looked for {', '.join(exercises)} as .py or "
            f".ipynb.{listed}"
        )
    if not found:
        raise SubmissionError(
            f"{path.name} is none of the exercises, which are found by their file name. "
            f"Rename it to one of: {', '.join(exercises)}, with .py or .ipynb."
        )
    for one in found:
        if one.file.is_dir():
            raise SubmissionError(f"{one.file} is a folder where a file should be.")
    order = [f"{exercise}{form}" for exercise in exercises for form in FORMS]
    return sorted(found, key=lambda one: order.index(one.meant.name))


def _equal(files: Sequence[Path]) -> bool:
    """Whether files have the same contents; links are not followed, nor is anything waited for."""
    first, *others = files
    if not all(stat.S_ISREG(one.lstat().st_mode) for one in files):
        return False
    return all(filecmp.cmp(first, one, shallow=False) for one in others)


def _content(file: Path) -> bytes:
    """What is in a file; nothing of a link, or of what is none."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return b""
        with file.open("rb") as opened:
            return opened.read(MAX_NOTEBOOK)
    except OSError:
        return b""


def files_of(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those in it, without what machines put there."""
    waiting = [folder]
    seen = 0
    while waiting:
        place = waiting.pop()
        try:
            items = sorted(place.iterdir())
        except OSError as error:
            if place == folder:
                raise SubmissionError(f"{folder} cannot be read: {error.strerror}.") from None
            yield place  # closed, or too far down: it is told of, as a file would be
            continue
        for item in items:
            seen += 1
            if seen > _MOST_FILES:
                raise SubmissionError(
                    f"{folder} holds more than {_MOST_FILES} files. Leave out what is not your "
                    "work: environments, caches, data."
                )
            if is_clutter(item.name):
                continue
            # A folder of an exercise's name is told of, as what it is.
            if item.is_symlink() or not item.is_dir() or item.suffix in FORMS:
                yield item
            else:
                waiting.append(item)


def notebook_of(path: Path) -> dict[str, Any]:
    """A submitted notebook's cells, of all kinds, as far as they can be read.

    Returns:
        `cells` (each with `kind`, `source`, `grade_id`, `writes` and `defines`), `notes` and
        `problem`, as the intake describes them.
    """
    found = _ask({"notebook": str(path.absolute())})
    if found is None:
        problem = f"{path.name} could not be read: {_BREAKS}"
        return {"cells": [], "notes": [], "problem": problem}
    return dict(found)


def _describe(files: list[Path]) -> list[dict[str, Any] | None]:
    """What the intake says of each; None of one that it could not read."""
    items: list[dict[str, Any] | None] | None = _ask([str(file.absolute()) for file in files])
    if items is None and len(files) > 1:  # one of them broke the intake: find out which
        return [item for file in files for item in _describe([file])]
    return [None] if items is None else items


def _ask(request: Any) -> Any:
    """The intake process's answer; None where it had none to give."""
    process = _prepared.pop() if _prepared else _intake_process()
    said = ""
    with process:
        try:
            output, said = process.communicate(json.dumps(request), _INTAKE_SECONDS)
            return json.loads(output)
        except ValueError:
            if process.returncode > 0 and "MemoryError" not in said:
                sys.stderr.write(said)  # a fault of the engine's own must be seen
            return None
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()


#: Intake processes that wait for their request.
_prepared: list[subprocess.Popen[str]] = []


def prepare() -> None:
    """Start the intake process that the next reading will use: the earlier, the less it waits."""
    if not _prepared:
        _prepared.append(_intake_process())


def discard() -> None:
    """End what was prepared and is not needed."""
    while _prepared:
        with _prepared.pop() as process:
            process.kill()


def _intake_process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        bare_python("jaxercise.submission.intake"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is the judge's to handle
    )
