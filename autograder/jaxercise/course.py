"""A course: a folder with the exercises that the engine grades, and nothing of the engine itself.

pyproject.toml                          [tool.jaxercise], all of it optional
solutions/NN_topic.py                   the one source; in a students' pack there are none
exercises/NN_topic.py                   made from it
autograder/test_NN_topic.py             what is claimed
autograder/misconceptions/NN_topic.py   wrong answers
autograder/variants/NN_topic.py         right answers in other styles
autograder/sealed/                      compiled references, in a students' pack alone
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

#: Names the course where it is not to be found from the current folder.
ENVIRONMENT = "JAXERCISE_COURSE"
#: In a folder that was made from a course (nbgrader's, for one), the file that says from which.
POINTER = ".jaxercise.json"
_PROPERTIES = "test_[0-9]*_*.py"


class CourseError(Exception):
    """There is no course, or it cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Course:
    """A course's folder, and where its parts are.

    Attributes:
        root: the folder.
    """

    root: Path

    @classmethod
    def find(cls, folder: Path | None = None) -> Course:
        """The course around a folder: it, or the nearest one above it that is or names a course.

        Elsewhere, it is the one that the environment names, or the folder that this engine was
        installed from with `pip install -e`, as a students' pack is.

        Args:
            folder: where to begin; by default the current folder.

        Raises:
            CourseError: there is none.
        """
        start = (folder or Path.cwd()).resolve()
        for one in (start, *start.parents):
            found = one if _is_course(one) else _named_by(one / POINTER)
            if found is not None:
                return cls(found)
        for other in (os.environ.get(ENVIRONMENT), _installed_from()):
            if other and _is_course(Path(other)):
                return cls(Path(other).resolve())
        raise CourseError(
            f"{start} is in no course: no folder from there up holds autograder/test_NN_topic.py. "
            "Go to a course's folder, name it with --course DIR, or begin one: "
            "jaxercise new --course NAME 01_topic"
        )

    @classmethod
    def open(cls, folder: Path | None) -> Course:
        """The course in a folder that was named, or else the one that `find` finds.

        Raises:
            CourseError: it is none, or there is none.
        """
        return cls.find() if folder is None else cls.at(folder)

    @classmethod
    def at(cls, folder: Path) -> Course:
        """The course in this very folder.

        Raises:
            CourseError: it is none.
        """
        if not _is_course(folder):
            raise CourseError(f"{folder} is no course: it holds no autograder/test_NN_topic.py")
        return cls(folder.resolve())

    @property
    def solutions(self) -> Path:
        """The folder of the solutions."""
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        """The folder of what students fill in."""
        return self.root / "exercises"

    @property
    def autograder(self) -> Path:
        """The folder of what is claimed, and of the answers that the claims are tested with."""
        return self.root / "autograder"

    @property
    def sealed(self) -> Path:
        """The folder of compiled references."""
        return self.autograder / "sealed"

    def names(self) -> list[str]:
        """The exercises, by their property files, in their order."""
        found = self.autograder.glob(_PROPERTIES)
        return sorted(path.stem.removeprefix("test_") for path in found)

    def properties(self, exercise: str) -> Path:
        """The file of an exercise's claims."""
        return self.autograder / f"test_{exercise}.py"

    def solution(self, exercise: str) -> Path:
        """The file of an exercise's solution."""
        return self.solutions / f"{exercise}.py"

    def misconceptions(self, exercise: str) -> Path:
        """The file of the wrong answers to an exercise; there may be none."""
        return self.autograder / "misconceptions" / f"{exercise}.py"

    def variants(self, exercise: str) -> Path:
        """The file of the right answers to an exercise in other styles; there may be none."""
        return self.autograder / "variants" / f"{exercise}.py"

    @property
    def equivalents(self) -> Path:
        """The list of changes to a solution that leave it right."""
        return self.autograder / "misconceptions" / "equivalents.toml"

    @property
    def key(self) -> str:
        """A short text that tells this course's folder from others on this machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]


def _is_course(folder: Path) -> bool:
    return any((folder / "autograder").glob(_PROPERTIES))


def _named_by(pointer: Path) -> Path | None:
    try:
        named = Path(json.loads(pointer.read_text(encoding="utf-8"))["course"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return named if _is_course(named) else None


def _installed_from() -> str:
    """The folder of an editable installation of the engine; empty for any other."""
    try:
        text = importlib.metadata.distribution("jaxercise").read_text("direct_url.json") or "{}"
        url = urllib.parse.urlsplit(json.loads(text).get("url", ""))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    return urllib.request.url2pathname(url.path) if url.scheme == "file" else ""
