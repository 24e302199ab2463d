"""Making a course folder, and bringing it up to date when points or exercises have changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jaxercise.claims.loading import load_exercise
from jaxercise.course import POINTER, Course
from jaxercise.files import write_whole
from jaxercise.frontends.nbgrader.notebooks import source_notebook
from jaxercise.versions import numbers

#: What a course is one assignment of that lists none.
ASSIGNMENT = "exercises"
CONFIG = "nbgrader_config.py"
_OLDEST = "0.9.5"
_CONFIGURES = "jaxercise.frontends.nbgrader.config"
_JOIN = f"""

# Exercises of this folder are graded by their own engine, everything else as before.
from {_CONFIGURES} import join

join(c, course={{course!r}})
"""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


class FolderError(Exception):
    """The course cannot be made; the message says what to do."""


@dataclass
class Made:
    """What came of it.

    Attributes:
        assignment: its name.
        written: files that are new or have changed.
        kept: notebooks that somebody has edited since they were made, and that would have changed.
        joined: the configuration that the course had already, if lines were added to it.
    """

    assignment: str
    written: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    joined: Path | None = None


def check_nbgrader() -> None:
    """Refuse an nbgrader that the course would not work with.

    Raises:
        FolderError: it is too old.
    """
    version = importlib.metadata.version("nbgrader")
    if numbers(version) < numbers(_OLDEST):
        raise FolderError(
            f"nbgrader {version} is too old for this kit. Run: pip install 'nbgrader>={_OLDEST}'"
        )


def make_folder(
    course: Course,
    folder: Path,
    *,
    assignment: str = "",
    exercises: Iterable[str] = (),
    exchange: Path | None = None,
    update: bool = False,
    inside_checkout: bool = False,
) -> Made:
    """Make a folder for nbgrader, or add an assignment to one, or bring an assignment up to date.

    Nothing is written unless everything can be made.

    Args:
        course: whose exercises.
        folder: what nbgrader calls the course, new or empty, or a course already.
        assignment: nbgrader's name for what is released together; by default the course's only
            one.
        exercises: which go into it; none for those that the course's settings list for it, or all
            where they list no assignments; with `update` those that it has.
        exchange: nbgrader's exchange directory, for the configuration of a new course.
        update: write notebooks anew that have been made before; those edited since stay.
        inside_checkout: allow a folder inside the course's own folder.

    Raises:
        FolderError: the folder is something else, the assignment is there, or its name is wrong.
        CourseError: there is no such exercise or assignment.
        BuildError: a solution file is wrong.
    """
    check_nbgrader()
    folder = folder.resolve()
    _check_place(course, folder, inside_checkout)
    assignment = assignment or _only_assignment(course)
    if not _NAME.fullmatch(assignment):
        raise FolderError(f"{assignment!r} is no name for an assignment; use letters and digits.")
    target = folder / "source" / assignment
    if target.exists() and not update:
        raise FolderError(
            f"{target} is there already. Add --update to bring it up to date, "
            "or --assignment NAME for another one."
        )
    chosen = _chosen(course, list(exercises), assignment, target)
    files = {
        target / f"{name}.ipynb": source_notebook(
            course.solution(name), load_exercise(course, name)
        )
        for name in chosen
    }
    return _write(course, folder, assignment, files, exchange)


def _check_place(course: Course, folder: Path, inside_checkout: bool) -> None:
    if folder.is_relative_to(course.root) and not inside_checkout:
        raise FolderError(
            f"{folder} lies inside the course's own folder, where students' work does not belong. "
            "Name another folder, or add --inside-checkout."
        )
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder} is a file. Name a new folder.")
    known = any((folder / name).exists() for name in (POINTER, CONFIG))
    if folder.is_dir() and any(folder.iterdir()) and not known:
        raise FolderError(
            f"{folder} is not empty, and no course: it holds no {CONFIG}. Name a new folder."
        )


def _only_assignment(course: Course) -> str:
    known = list(course.settings.assignments)
    if len(known) > 1:
        raise FolderError(f"Which assignment? There are {', '.join(known)}: --assignment NAME.")
    return known[0] if known else ASSIGNMENT


def _chosen(course: Course, exercises: list[str], assignment: str, there: Path) -> list[str]:
    if exercises or not there.exists():
        return course.chosen(exercises, assignment if course.settings.assignments else "")
    found = {path.stem for path in there.glob("*.ipynb")} & set(course.names())
    if not found:
        raise FolderError(f"{there} holds no notebooks to bring up to date.")
    return course.chosen(found)


def _write(
    course: Course, folder: Path, assignment: str, files: dict[Path, str], exchange: Path | None
) -> Made:
    done = Made(assignment)
    record = folder / POINTER
    told = json.loads(record.read_text()) if record.exists() else {}
    digests: dict[str, str] = told.get("digests", {})
    for path, text in files.items():
        old = path.read_text(encoding="utf-8") if path.exists() else None
        name = path.relative_to(folder).as_posix()
        if old == text:
            continue
        if old is not None and digests.get(name) != _digest(old):
            done.kept.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
        digests[name] = _digest(text)
        done.written.append(path)
    config = folder / CONFIG
    if not config.exists():
        write_whole(config, config_text(course, folder.name, exchange).encode())
        done.written.insert(0, config)
    elif _CONFIGURES not in config.read_text(encoding="utf-8"):
        with config.open("a", encoding="utf-8") as file:
            file.write(_JOIN.format(course=str(course.root)))
        done.joined = config
    write_whole(
        record, json.dumps({"course": str(course.root), "digests": digests}, indent=1).encode()
    )
    return done


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def config_text(course: Course, name: str, exchange: Path | None) -> str:
    course_id = re.sub(r"[^\w.-]+", "-", name).strip("-") or "jaxercise"
    where = repr(str(exchange.absolute())) if exchange else '"/usr/local/share/nbgrader/exchange"'
    return f'''"""nbgrader's settings for this course. Below `configure`, change what you like."""

from jaxercise.frontends.nbgrader.config import configure

c = get_config()
# The exercises come from this folder.
configure(c, __file__, course={str(course.root)!r})

c.CourseDirectory.course_id = {course_id!r}

# The folder through which assignments travel. It has to exist, and everyone may write in it.
{"" if exchange else "# "}c.Exchange.root = {where}

# The gradebook is a file here, gradebook.db. A PostgreSQL database serves as well:
# c.CourseDirectory.db_url = "postgresql+psycopg2://user:password@host:5432/gradebook"

# What lateness costs stands in the exercises' pyproject.toml, [tool.jaxercise.late]. Here it can be
# something else:
# c.LatePenalty.grace_minutes = 10
# c.LatePenalty.percent_a_day = 10
# c.LatePenalty.at_most = 100

# Who may hand in later, by assignment: a CSV with lines such as ada,2027-02-03T23:59:00+01:00
# c.AssignLateness.extensions = {{"week1": "week1-extensions.csv"}}
'''
