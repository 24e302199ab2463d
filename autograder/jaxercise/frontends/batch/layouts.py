"""Who handed in what: students' names from the ways in which courses keep submissions.

| layout | files |
| --- | --- |
| Canvas | `lastfirst_LATE_<user>_<attachment>_<file>`, `LATE_anon_<id>_<attachment>_<file>`, flat |
|        | of what was typed in, `lastfirst_<user>_text.html` and `lastfirst_<user>_link.html` |
| Moodle | `Full Name_<participant>_assignsubmission_file_/<file>`, or flat |
| Gradescope | `submission_<number>/<file>`, beside `submission_metadata.yml` |
| nbgrader | `<student>/<assignment>/<file>`, with a `timestamp.txt` |
| folders | `<student>/<file>`, `<student>.zip`, `<student>_<exercise>.py` or the other way round |

The download as a whole decides which it is, never a single file: each of them is somebody's.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from jaxercise.frontends.batch.contents import ARCHIVES, Entry, UnsafeError, inside
from jaxercise.submission.filenames import Meant, meant, rank, without_copies

#: As Canvas' zipper puts names together: of groups and people with what they are called, of
#: students whose names are hidden with five letters and digits.
_CANVAS = re.compile(
    r"^(?:(?P<hidden>LATE_)?anon_(?P<anon>[A-Za-z0-9]+)|(?P<name>\w+?)(?P<late>_LATE)?_(?P<user>\d+))"
    r"_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<typed>(?:text|link)\.html))$",
    re.DOTALL,
)
#: Canvas turns `01_vmap.py` into `01_vmap-1.py` where it is handed in again.
_CANVAS_AGAIN = re.compile(r"^(.*?)-(\d+)(\.\w+)$", re.DOTALL)
_NUMBERED = re.compile(r"^submission_\d+$")
#: What there is, in words.
LAYOUTS = {
    "canvas": "a download from Canvas",
    "moodle": "a download from Moodle",
    "gradescope": "an export from Gradescope",
    "folders": "a folder for each student",
}
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
        timestamp: when it was handed in, as the platform tells it; empty where it does not.
        place: where it was found, for people.
    """

    student: str
    entries: list[Entry] = field(default_factory=list)
    platform: str = ""
    identity: dict[str, str] = field(default_factory=dict)
    late: bool = False
    place: str = ""
    timestamp: str = ""


@dataclass(frozen=True)
class Layout:
    """A tree's layout, and who is in it.

    Attributes:
        name: one of LAYOUTS.
        folders: the students'.
        strange: what does not fit the layout, and so is nobody's.
    """

    name: str
    folders: list[Folder]
    strange: list[str]


def read_layout(entries: Sequence[Entry], exercises: Collection[str], wanted: str = "") -> Layout:
    """The students of a tree.

    Args:
        entries: the files of the tree.
        exercises: the exercises' names.
        wanted: the layout, where the instructor names it; else the one that most of what lies at
            the top has.

    Raises:
        UnsafeError: Gradescope's metadata cannot be read.
    """
    wrapped = inside(entries)
    flat = any(len(entry.parts) == 1 for entry in entries)
    one_folder = not flat and len({entry.parts[0] for entry in entries}) == 1
    # One folder around everything, as people zip: of a platform's download it is no student.
    if one_folder and {wanted, _recognised(wrapped)} - {"", "folders"}:
        entries = wrapped
    # Deeper down it is somebody's hand-in, and tells nothing.
    entries = [one for one in entries if one.name != _GRADESCOPE or len(one.parts) == 1]
    name = wanted or _recognised(entries)
    if name == "gradescope":
        return _gradescope(entries)
    if name == "moodle":
        return _moodle(entries)
    if name == "canvas":
        return _canvas(entries)
    return _folders(entries, exercises)


def _recognised(entries: Sequence[Entry]) -> str:
    tops = {entry.parts[0] for entry in entries} - {_GRADESCOPE}
    flat = {entry.parts[0] for entry in entries if len(entry.parts) == 1}

    def most(fits: Iterable[bool]) -> bool:
        return 2 * sum(fits) > len(tops) > 0

    if _GRADESCOPE in flat and most(_NUMBERED.match(top) is not None for top in tops):
        return "gradescope"
    if most(_MOODLE.match(top) is not None for top in tops):
        return "moodle"
    if most(top in flat and _CANVAS.match(top) is not None for top in tops):
        return "canvas"
    return "folders"


def _canvas(entries: Iterable[Entry]) -> Layout:
    found: dict[str, Folder] = {}
    newest: dict[tuple[str, str], int] = {}
    strange = []
    for entry in entries:
        match = _CANVAS.match(entry.name) if len(entry.parts) == 1 else None
        if match is None:
            strange.append("/".join(entry.parts))
            continue
        user = match["user"] or match["anon"]
        name = match["name"] or "anon"
        student = f"{name}_{user}"
        identity = {"id": user} | ({"name": name} if match["name"] else {})
        folder = found.setdefault(student, Folder(student, [], "canvas", identity, False, student))
        folder.late |= bool(match["late"] or match["hidden"])
        original, upload = match["file"] or match["typed"], 0
        if again := _CANVAS_AGAIN.match(original):
            original, upload = again[1] + again[3], int(again[2])
        if newest.get((student, original), -1) < upload:
            newest[student, original] = upload
            folder.entries = [e for e in folder.entries if e.name != original]
            folder.entries.append(replace(entry, parts=(original,)))
    return Layout("canvas", list(found.values()), strange)


def _moodle(entries: Iterable[Entry]) -> Layout:
    found: dict[str, Folder] = {}
    strange = []
    for entry in entries:
        match = _MOODLE.match(entry.parts[0])
        if match is None:
            strange.append("/".join(entry.parts))
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
        folder.entries.append(replace(entry, parts=(file,) if flat else entry.parts[1:]))
    return Layout("moodle", list(found.values()), strange)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as Gradescope's Ruby writes it: its tags tell types that are of no use here.

    An alias repeats what may be large, a thousand times in a few lines: there is none.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it holds aliases")
        return super().compose_node(parent, index)


def _untagged(loader: _Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _untagged)


def _gradescope(entries: Sequence[Entry]) -> Layout:
    metadata = next((one for one in entries if one.parts == (_GRADESCOPE,)), None)
    if metadata is None:
        raise UnsafeError(f"there is no {_GRADESCOPE} at the top. Download the export again.")
    try:
        told = yaml.load(metadata.read(_MAX_METADATA), _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error).splitlines()[0]
        raise UnsafeError(f"{_GRADESCOPE} cannot be read ({line}). Download it again.") from None
    inside: dict[str, list[Entry]] = {}
    strange = []
    for entry in entries:
        if len(entry.parts) > 1 and _NUMBERED.match(entry.parts[0]):
            inside.setdefault(entry.parts[0], []).append(entry.below(1))
        elif entry is not metadata:
            strange.append("/".join(entry.parts))
    found = []
    for number, files in inside.items():
        about = told.get(number) if isinstance(told, dict) else None
        submitters = about.get(":submitters") if isinstance(about, dict) else None
        for one in submitters if isinstance(submitters, list) and submitters else [{}]:
            of = one if isinstance(one, dict) else {}
            identity = {
                key: str(of[f":{word}"])
                for key, word in (("id", "sid"), ("name", "name"), ("email", "email"))
                if of.get(f":{word}")
            } | {"submission": number.removeprefix("submission_")}
            student = identity.get("id") or identity.get("email") or number
            folder = Folder(student, list(files), "gradescope", identity, False, number)
            folder.timestamp = _created(about)
            found.append(folder)
    return Layout("gradescope", found, strange)


def _created(about: Any) -> str:
    """When Gradescope says that it was handed in: a time, or Ruby's with a zone around it."""
    told = about.get(":created_at") if isinstance(about, dict) else None
    time = told.get("utc") if isinstance(told, dict) else told
    if not isinstance(time, datetime.datetime):
        return ""
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).isoformat()


def _folders(entries: Iterable[Entry], exercises: Collection[str]) -> Layout:
    found: dict[tuple[str, bool], Folder] = {}
    strange = []
    for entry in entries:
        loose = len(entry.parts) == 1
        student = _whose(entry.name, exercises) if loose else entry.parts[0]
        if not student:
            strange.append(entry.name)
            continue
        folder = found.setdefault(
            (student, loose), Folder(student, [], place=entry.name if loose else student)
        )
        folder.entries.append(entry if loose else entry.below(1))
    return Layout("folders", list(found.values()), strange)


def _whose(name: str, exercises: Collection[str]) -> str:
    """Whose a file at the top is: `ana.zip`, `ana_01_vmap.py`; empty where nothing tells."""
    if name.lower().endswith(ARCHIVES):
        return name[: -len(next(one for one in ARCHIVES if name.lower().endswith(one)))]
    found = meant(name, exercises)
    if found is None or found.exact:
        return ""
    before, behind = _around(name, found)
    return before or (behind if re.search(r"[^\W\d_]", behind) else "")


def _around(name: str, found: Meant) -> tuple[str, str]:
    """What stands before and behind an exercise's name in a file's, without words for copies."""
    place = name.lower().find(found.exercise.lower())
    if place < 0:
        return "", ""
    rest = without_copies(name[place + len(found.exercise) :].partition(found.form)[0])
    return without_copies(name[:place]).strip(" _-."), rest.strip(" _-.()[]")


def several(entries: Iterable[Entry], exercises: Collection[str]) -> bool:
    """Whether folders, or names before those of exercises, hold one exercise for several people."""
    people: dict[str, set[str]] = {}
    for entry in entries:
        found = meant(entry.name, exercises)
        if found is None:
            continue
        flat = len(entry.parts) == 1
        who = _around(entry.name, found)[0] if flat else entry.parts[0]
        if who and (flat or rank([who]) == 1):
            people.setdefault(found.exercise, set()).add(who)
    return any(len(one) > 1 for one in people.values())
