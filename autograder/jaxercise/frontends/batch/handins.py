"""The submissions of a course: each student's exercise files, and what is wrong with them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaxercise.frontends.batch.layouts import Folder, original_name, students
from jaxercise.frontends.batch.trees import (
    Entry,
    UnsafeError,
    folder_entries,
    inner_entries,
    open_zip,
    zip_entries,
)
from jaxercise.sandboxed.wire.values import printable
from jaxercise.submission.intake import MAX_NOTEBOOK, MAX_SOURCE
from jaxercise.submission.sources import FORMS

_TIMESTAMP = "timestamp.txt"
_COURSE = ("nbgrader_config.py", "release", "source")


class CollectError(Exception):
    """The submissions cannot be graded as they lie there; the message says what to do."""


def one_line(text: str) -> str:
    """A text from outside on one line, and with nothing in it that a terminal obeys."""
    return printable(text).replace("\n", " ")


@dataclass(frozen=True)
class Handin:
    """One student's submission.

    Attributes:
        student: the student's name in this course.
        entries: the files to grade, by file name.
        problem: why nothing of it can be graded; empty where it can.
        platform, identity, late: as in `layouts.Folder`.
        timestamp: when it was handed in, as nbgrader wrote it down.
        place: where it was found.
    """

    student: str
    entries: Mapping[str, Entry]
    problem: str = ""
    platform: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    timestamp: str = ""
    place: str = ""

    def read(self) -> tuple[dict[str, bytes], dict[str, str]]:
        """The files' contents; and of those that are links, too large or broken, why they are."""
        files: dict[str, bytes] = {}
        refused: dict[str, str] = {}
        for name, entry in sorted(self.entries.items()):
            try:
                files[name] = entry.read(MAX_NOTEBOOK if name.endswith(".ipynb") else MAX_SOURCE)
            except UnsafeError as error:
                refused[name] = one_line(str(error))
        return files, refused


@dataclass(frozen=True)
class Handins:
    """What was found.

    Attributes:
        handins: in the order of the students' names.
        notes: sentences on what was left out.
    """

    handins: list[Handin]
    notes: list[str]


def collect(
    path: Path, exercises: Iterable[str], assignment: str = "", *, listed: bool = False
) -> Handins:
    """Find the submissions in a folder or a zip.

    Args:
        path: a tree as nbgrader keeps it, a folder of students' folders, or the zip that a
            learning platform hands out.
        exercises: the exercises' names.
        assignment: look only at this one, where the tree has a folder for each.
        listed: the exercises are those of the assignment, so the tree need not have such folders.

    Raises:
        CollectError: nothing of the kind is there, or two submissions have one name.
    """
    files = [f"{name}{form}" for name in exercises for form in FORMS]
    try:
        entries, notes = _entries(path)
        folders = students(entries, files)
    except UnsafeError as error:
        raise CollectError(str(error)) from None
    except OSError as error:
        raise CollectError(f"{path} cannot be read: {error.strerror}.") from None
    if not folders or not any(_graded(entry, files) for entry in entries):
        _nothing(path, entries, files)
    _no_one_twice(folders)
    if listed and not any(assignment in entry.parts[:-1] for entry in entries):
        assignment = ""
    handins = [_handin(folder, files, assignment) for folder in folders]
    if assignment and not any(handin.entries for handin in handins):
        raise CollectError(f"No student of {path} has a folder {assignment}.")
    return Handins(sorted(handins, key=lambda one: one.student), notes)


def _entries(path: Path) -> tuple[list[Entry], list[str]]:
    if not path.exists():
        raise CollectError(f"{path} does not exist. Name a folder of submissions, or a zip.")
    if path.is_dir():
        submitted = path / "submitted"
        if submitted.is_dir() and any((path / name).exists() for name in _COURSE):
            path = submitted  # a course as nbgrader keeps it
        return list(folder_entries(path)), []
    if not zipfile.is_zipfile(path):
        raise CollectError(f"{path} is neither a folder nor a zip. Name one of the two.")
    entries, unsafe = zip_entries(open_zip(path))
    notes = (
        [f"{unsafe} file(s) of {path.name} are left out: their names lead out of the zip."]
        if unsafe
        else []
    )
    return _unwrapped(entries, path.stem), notes


def _unwrapped(entries: list[Entry], name: str) -> list[Entry]:
    """Without the one folder around everything that people tend to zip."""
    tops = {entry.parts[0] for entry in entries}
    if len(tops) != 1 or any(len(entry.parts) < 3 for entry in entries):
        return entries
    (top,) = tops
    below = {entry.parts[1] for entry in entries}
    if top in (name, "submitted", "submissions") or len(below) > 1:
        return [entry.below(1) for entry in entries]
    return entries


def _graded(entry: Entry, files: Sequence[str]) -> bool:
    return original_name(entry.name)[0].endswith((".zip", *files))


def _nothing(path: Path, entries: Sequence[Entry], files: Sequence[str]) -> None:
    exercises = ", ".join(sorted({file.rpartition(".")[0] for file in files}))
    if not any(entry.name for entry in entries):
        raise CollectError(f"{path} is empty: there is nothing to grade.")
    if any(len(entry.parts) == 1 and entry.name in files for entry in entries):
        raise CollectError(
            f"{path} is one submission, not a folder of them. Put it into a folder that is named "
            f"after its student, and grade the folder around that; or grade it by itself with: "
            f"pytest autograder/ --submission={path}"
        )
    raise CollectError(
        f"{path} holds no submission. Looked in each student's folder for {exercises}, "
        "as .py or .ipynb."
    )


def _no_one_twice(folders: Sequence[Folder]) -> None:
    places: dict[str, str] = {}
    for folder in folders:
        if folder.student in places:
            both = " and ".join(one_line(place) for place in (places[folder.student], folder.place))
            raise CollectError(
                f"{one_line(folder.student)} is there twice: {both}. "
                "Move away the one that should not count."
            )
        places[folder.student] = folder.place


def _handin(folder: Folder, files: Sequence[str], assignment: str) -> Handin:
    problem, entries = "", _with_inner(folder)
    if isinstance(entries, str):
        problem, entries = entries, []
    if assignment:
        entries = [entry for entry in entries if assignment in entry.parts[:-1]]
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.name not in files:
            continue
        if entry.name in found and not problem:
            both = " and ".join("/".join(e.parts) for e in (found[entry.name], entry))
            problem = f"{entry.name} is there twice: {both}. Only one of them can be graded."
            if not assignment:
                problem += " Name one assignment with --assignment, or move one away."
        found[entry.name] = entry
    if not found and not problem:
        near = sorted(
            {e.name for e in entries if e.name.endswith(FORMS) and not e.name.startswith(".")}
        )
        there = f" There are: {', '.join(near[:5])}." if near else ""
        problem = f"It holds none of the exercises, which are found by their file names.{there}"
    return Handin(
        folder.student,
        found,
        one_line(problem),
        folder.platform,
        folder.identity,
        folder.late,
        _timestamp(entries),
        folder.place,
    )


def _with_inner(folder: Folder) -> list[Entry] | str:
    """The entries, with those of the zips among them; a sentence where one is unreadable."""
    entries: list[Entry] = []
    for entry in folder.entries:
        if not entry.name.lower().endswith(".zip"):
            entries.append(entry)
            continue
        try:
            entries += inner_entries(entry)
        except UnsafeError as error:
            return str(error)
    return entries


def _timestamp(entries: Iterable[Entry]) -> str:
    """The time in the newest `timestamp.txt`; empty where there is none."""
    times = []
    for entry in entries:
        if entry.name == _TIMESTAMP:
            try:
                text = entry.read(1000).decode(errors="replace").strip()
            except UnsafeError:
                continue
            if re.match(r"\d{4}-\d\d-\d\d", text):
                times.append(printable(text)[:40])
    return max(times, default="")
