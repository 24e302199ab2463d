"""Who handed in what: students' names from the ways in which courses keep submissions.

| layout | files |
| --- | --- |
| Canvas | `lastfirst_LATE_<user>_<submission>_<file>-1.py`, all in one folder |
| Moodle | `Full Name_<participant>_assignsubmission_file_/<file>`, or flat |
| Gradescope | `submission_<number>/<file>`, beside `submission_metadata.yml` |
| nbgrader | `<student>/<assignment>/<file>`, with a `timestamp.txt` |
| folders | `<student>/<file>` or `<student>.zip` |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from jaxercise.frontends.batch.trees import Entry, UnsafeError

_CANVAS = re.compile(r"^([^_]+)(_LATE)?_(\d+)_(\d+)_(.+)$", re.DOTALL)
_CANVAS_AGAIN = re.compile(r"^(.*?)-(\d+)(\.(?:py|ipynb|zip))$", re.DOTALL)
_MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_[a-z]+_?(.*)$", re.DOTALL)
_SUBMITTED = "_assignsubmission_"
_GRADESCOPE = "submission_metadata.yml"
_MAX_METADATA = 64 << 20


@dataclass
class Folder:
    """What one student has handed in.

    Attributes:
        student: a name that no other student of the course has.
        entries: the files, seen from the student's own folder.
        platform: `canvas`, `moodle`, `gradescope` or empty.
        identity: what the platform knows the student by: `id`, `name`, `email`.
        late: the platform says so.
        place: where it was found, for people.
    """

    student: str
    entries: list[Entry] = field(default_factory=list)
    platform: str = ""
    identity: dict[str, str] = field(default_factory=dict)
    late: bool = False
    place: str = ""


def students(entries: Sequence[Entry], exercise_files: Iterable[str]) -> list[Folder]:
    """The students of a tree, by the layout that it is recognised to have.

    Args:
        entries: the files of the tree.
        exercise_files: the file names that are graded.

    Raises:
        UnsafeError: Gradescope's metadata cannot be read.
    """
    names = frozenset(exercise_files)
    metadata = [e for e in entries if e.name == _GRADESCOPE and len(e.parts) <= 2]
    if metadata:
        return _gradescope(entries, metadata[0])
    for top in (0, 1):
        firsts = [entry.below(top) for entry in entries if len(entry.parts) > top]
        if any(_MOODLE.match(entry.parts[0]) for entry in firsts):
            return _moodle(firsts)
        flat = [entry for entry in firsts if len(entry.parts) == 1]
        if any(_is_canvas(entry.name, names) for entry in flat):
            return _canvas(flat)
    return _folders(entries)


def _is_canvas(name: str, exercise_files: frozenset[str]) -> bool:
    match = _CANVAS.match(name)
    if match is None:
        return False
    file = original_name(match[5])[0]
    return file in exercise_files or file.endswith((".zip", ".py", ".ipynb"))


def original_name(name: str) -> tuple[str, int]:
    """A file's name as its student gave it, and which upload of that name it is.

    Canvas turns `01_vmap.py` into `01_vmap-1.py` where it is handed in again.
    """
    match = _CANVAS_AGAIN.match(name)
    return (match[1] + match[3], int(match[2])) if match else (name, 0)


def _canvas(entries: Iterable[Entry]) -> list[Folder]:
    found: dict[str, Folder] = {}
    newest: dict[tuple[str, str], int] = {}
    for entry in entries:
        match = _CANVAS.match(entry.name)
        if match is None:
            continue
        name, late, user, _, file = match.groups()
        student = f"{name}_{user}"
        folder = found.setdefault(
            student,
            Folder(student, [], "canvas", {"id": user, "name": name}, False, student),
        )
        folder.late |= late is not None
        original, upload = original_name(file)
        if newest.get((student, original), -1) < upload:
            newest[student, original] = upload
            folder.entries = [e for e in folder.entries if e.name != original]
            folder.entries.append(Entry((original,), entry.read))
    return list(found.values())


def _moodle(entries: Iterable[Entry]) -> list[Folder]:
    found: dict[str, Folder] = {}
    for entry in entries:
        match = _MOODLE.match(entry.parts[0])
        if match is None:
            continue
        name, participant, file = match.groups()
        student = f"{name}_{participant}"
        identity = {"id": participant, "name": name}
        if entry.parts[0].count(_SUBMITTED) > 1:  # somebody wants to be taken for somebody else
            student, identity = entry.parts[0], {}
        folder = found.setdefault(student, Folder(student, [], "moodle", identity, False, student))
        flat = len(entry.parts) == 1
        if flat and not file:
            continue
        folder.entries.append(Entry((file,) if flat else entry.parts[1:], entry.read))
    return list(found.values())


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as Gradescope's Ruby writes it: its tags tell types that are of no use here."""


def _untagged(loader: _Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _untagged)


def _gradescope(entries: Iterable[Entry], metadata: Entry) -> list[Folder]:
    top = len(metadata.parts) - 1
    try:
        told = yaml.load(metadata.read(_MAX_METADATA), _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error).splitlines()[0]
        raise UnsafeError(f"{_GRADESCOPE} cannot be read ({line}). Download it again.") from None
    inside: dict[str, list[Entry]] = {}
    for entry in entries:
        if len(entry.parts) > top + 1:
            inside.setdefault(entry.parts[top], []).append(entry.below(top + 1))
    found = []
    for number, files in inside.items():
        about = told.get(number) if isinstance(told, dict) else None
        submitters = about.get(":submitters") if isinstance(about, dict) else None
        for one in submitters if isinstance(submitters, list) else [{}]:
            of = one if isinstance(one, dict) else {}
            identity = {
                key: str(of[f":{word}"])
                for key, word in (("id", "sid"), ("name", "name"), ("email", "email"))
                if of.get(f":{word}")
            } | {"submission": number.removeprefix("submission_")}
            student = identity.get("id") or identity.get("email") or number
            found.append(Folder(student, list(files), "gradescope", identity, False, number))
    return found


def _folders(entries: Iterable[Entry]) -> list[Folder]:
    found: dict[tuple[str, bool], Folder] = {}
    for entry in entries:
        loose = len(entry.parts) == 1
        if loose and not entry.name.lower().endswith(".zip"):
            continue
        student = entry.name[: -len(".zip")] if loose else entry.parts[0]
        folder = found.setdefault(
            (student, loose), Folder(student, [], place=entry.name if loose else student)
        )
        folder.entries.append(entry if loose else entry.below(1))
    return list(found.values())
