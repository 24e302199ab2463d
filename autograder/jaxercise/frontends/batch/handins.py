"""The submissions of a course: each student's exercise files, and what is wrong with them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaxercise.frontends.batch.contents import (
    ARCHIVES,
    Entry,
    UnsafeError,
    folder_entries,
    inner_entries,
    inside,
    open_zip,
    zip_entries,
)
from jaxercise.frontends.batch.layouts import Folder, read_layout, several
from jaxercise.sandboxed.texts import printable
from jaxercise.submission.filenames import (
    MAX_NOTEBOOK,
    MAX_SOURCE,
    choose,
    is_clutter,
    meant,
)

_TIMESTAMP = "timestamp.txt"
_COURSE = ("nbgrader_config.py", "release", "source")
#: Of many strange files, as many are named.
_MOST_NAMED = 50


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
        refused: exercises' files that cannot be graded, with the reason.
        notes: sentences on how its files were understood, and on those that were not.
        platform, identity, late: as in `layouts.Folder`.
        timestamp: when it was handed in, as nbgrader or the platform wrote it down.
        place: where it was found.
    """

    student: str
    entries: Mapping[str, Entry]
    problem: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    platform: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    timestamp: str = ""
    place: str = ""

    def read(self) -> tuple[dict[str, bytes], dict[str, str]]:
        """The files' contents; and of those that are links, too large or broken, why they are."""
        files: dict[str, bytes] = {}
        refused = dict(self.refused)
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
        layout: how the download was read, one of `layouts.LAYOUTS`.
        notes: sentences on what was left out.
    """

    handins: list[Handin]
    layout: str
    notes: list[str]


def collect(
    path: Path,
    exercises: Iterable[str] | Mapping[str, Collection[str]],
    assignment: str = "",
    *,
    listed: bool = False,
    layout: str = "",
) -> Handins:
    """Find the submissions in a folder or a zip.

    Args:
        path: a tree as nbgrader keeps it, a folder of students' folders, or the zip that a
            learning platform hands out.
        exercises: the exercises' names; with the functions of each, these tell where no name does.
        assignment: look only at this one, where the tree has a folder for each.
        listed: the exercises are those of the assignment, so the tree need not have such folders.
        layout: one of `layouts.LAYOUTS`, where the tree itself is not to decide.

    Raises:
        CollectError: nothing of the kind is there, or two submissions have one name.
    """
    functions = exercises if isinstance(exercises, Mapping) else {}
    exercises = list(exercises)
    try:
        entries, notes = _entries(path, exercises)
        found = read_layout(entries, exercises, layout)
    except UnsafeError as error:
        raise CollectError(str(error)) from None
    except OSError as error:
        raise CollectError(f"{path} cannot be read: {error.strerror}.") from None
    _no_one_twice(found.folders)
    if listed and not any(assignment in entry.parts[:-1] for entry in entries):
        assignment = ""
    handins = [_handin(folder, exercises, functions, assignment) for folder in found.folders]
    work = any(_is_work(entry, exercises) for entry in entries)
    if not handins or not (work or any(handin.entries for handin in handins)):
        _nothing(path, entries, exercises)
    if len(handins) == 1 and several(found.folders[0].entries, exercises):
        one = one_line(handins[0].place)
        notes.append(
            f"{one} is taken for one student, though several files in it are for one exercise. If "
            f"these are of several students, grade {one} by itself."
        )
    if assignment and not any(handin.entries for handin in handins):
        raise CollectError(f"No student of {path} has a folder {assignment}.")
    strange = [one_line(name) for name in found.strange]
    notes += [f"{name} is nobody's: it was not graded." for name in strange[:_MOST_NAMED]]
    if len(strange) > _MOST_NAMED:
        notes.append(f"{len(strange) - _MOST_NAMED} more files are nobody's, and were not graded.")
    return Handins(sorted(handins, key=lambda one: one.student), found.name, notes)


def _entries(path: Path, exercises: Sequence[str]) -> tuple[list[Entry], list[str]]:
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
    return _unwrapped(entries, path.stem, exercises), notes


def _unwrapped(entries: list[Entry], name: str, exercises: Sequence[str]) -> list[Entry]:
    """Without the one folder around everything that people and platforms tend to zip.

    Files may lie beside the students' folders there, as Sakai puts them.
    """
    tops = {entry.parts[0] for entry in entries}
    if len(tops) != 1:
        return entries
    (top,) = tops
    within = inside(entries)
    below = {entry.parts[0] for entry in within}
    if all(len(entry.parts) > 2 for entry in entries if entry.name) and (
        top in (name, "submitted", "submissions") or len(below) > 1
    ):
        return within
    work = [one for one in within if len(one.parts) > 1 and _is_work(one, exercises)]
    if len({one.parts[0] for one in work}) == 1:  # there is another one in it
        within = [one for one in within if len(one.parts) == 1] + inside(within)
    return within if several(within, exercises) else entries


def _is_work(entry: Entry, exercises: Sequence[str]) -> bool:
    return meant(entry.name, exercises) is not None or entry.name.lower().endswith(ARCHIVES)


def _nothing(path: Path, entries: Sequence[Entry], exercises: Sequence[str]) -> None:
    if not any(entry.name for entry in entries):
        raise CollectError(f"{path} is empty: there is nothing to grade.")
    names = [meant(entry.name, exercises) for entry in entries if len(entry.parts) == 1]
    if any(one is not None and one.exact for one in names):
        raise CollectError(
            f"{path} is one submission, not a folder of them. Put it into a folder that is named "
            f"after its student, and grade the folder around that; or grade it by itself with: "
            f"pytest autograder/ --submission={path}"
        )
    raise CollectError(
        f"{path} holds no submission. Looked in each student's folder for {', '.join(exercises)}, "
        f"as .py or .ipynb.{_there(entries)}"
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


def _handin(
    folder: Folder,
    exercises: Sequence[str],
    functions: Mapping[str, Collection[str]],
    assignment: str,
) -> Handin:
    entries, unopened = _with_inner(folder)
    notes = list(unopened)
    if assignment:
        entries = [entry for entry in entries if assignment in entry.parts[:-1]]
    choices, strange = choose(
        [(entry.parts, _place(entry), entry) for entry in entries],
        exercises,
        functions,
        time=lambda entry: entry.time,
        equal=_equal,
        content=_content,
    )
    for entry in strange:
        if entry.name and entry.name != _TIMESTAMP and not entry.name.lower().endswith(ARCHIVES):
            notes.append(f"{_place(entry)} is none of the exercises, by its name.")
    if len(notes) > _MOST_NAMED:
        notes[_MOST_NAMED:] = [f"{len(notes) - _MOST_NAMED} more files are none of the exercises."]
    found: dict[str, Entry] = {}
    refused: dict[str, str] = {}
    for one in choices:
        notes += one.notes
        if not one.problem:
            found[one.meant.name] = one.file
            continue
        refused[one.meant.name] = one.problem
        if not assignment:
            refused[one.meant.name] += " Name one assignment with --assignment, or move one away."
    problem = ""
    if not found and not refused:
        problem = "It holds none of the exercises, which are found by their file names."
        problem = " ".join([problem + _there(entries), *unopened])
    return Handin(
        folder.student,
        found,
        one_line(problem),
        {name: one_line(why) for name, why in refused.items()},
        tuple(map(one_line, notes)) if found or refused else (),
        folder.platform,
        folder.identity,
        folder.late,
        folder.timestamp or _timestamp(folder, entries, found.values()),
        folder.place,
    )


def _equal(entries: Sequence[Entry]) -> bool:
    try:
        return len({entry.read(MAX_NOTEBOOK) for entry in entries}) == 1
    except UnsafeError:
        return False


def _content(entry: Entry) -> bytes:
    try:
        return entry.read(MAX_NOTEBOOK)
    except UnsafeError:
        return b""


def _place(entry: Entry) -> str:
    place = "/".join(entry.parts)
    return f"{place} of {entry.within}" if entry.within else place


def _there(entries: Sequence[Entry]) -> str:
    names = sorted({entry.name for entry in entries if entry.name})
    if not names:
        parts = (entry.parts for entry in entries if len(entry.parts) > 1)
        names = sorted({one[-2] for one in parts if is_clutter(one[-2])})
    return f" There are: {', '.join(names[:5])}{', ...' * (len(names) > 5)}." if names else ""


def _with_inner(folder: Folder) -> tuple[list[Entry], list[str]]:
    """The entries, those of zips among them; and a sentence on each archive that was not opened."""
    entries: list[Entry] = []
    notes: list[str] = []
    for entry in folder.entries:
        if not entry.name.lower().endswith(ARCHIVES):
            entries.append(entry)
        elif not entry.name.lower().endswith(".zip"):
            notes.append(f"{_place(entry)} cannot be opened here: hand in the files, or a zip.")
            entries.append(entry)
        else:
            try:
                inner, unsafe = inner_entries(entry)
                entries += inner
                if unsafe or not any(one.name for one in inner):
                    left = f"; of {unsafe} the names lead out of it" if unsafe else ""
                    notes.append(f"{_place(entry)} holds {len(inner) or 'no'} files{left}.")
                notes += [
                    f"{_place(one)} cannot be opened here: hand in the files, or one zip of them."
                    for one in inner
                    if one.name.lower().endswith(ARCHIVES)
                ]
            except UnsafeError as error:
                notes.append(str(error))
                entries.append(entry)
    return entries, notes


def _timestamp(folder: Folder, entries: Sequence[Entry], counting: Iterable[Entry]) -> str:
    """The time in the newest `timestamp.txt` that nbgrader has put beside files that count.

    One that lies elsewhere, or in a zip, is a file that somebody has handed in.
    """
    tops = {entry.parts[0] for entry in counting if len(entry.parts) > 1}
    times = []
    for entry in entries:
        own = len(entry.parts) == 2 and not (folder.platform or entry.within)
        if own and entry.name == _TIMESTAMP and (not tops or entry.parts[0] in tops):
            try:
                text = entry.read(1000).decode(errors="replace").strip()
            except UnsafeError:
                continue
            if re.match(r"\d{4}-\d\d-\d\d", text):
                times.append(printable(text)[:40])
    return max(times, default="")
