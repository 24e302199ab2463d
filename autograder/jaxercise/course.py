"""A course: a folder with the exercises that the engine grades, and nothing of the engine itself.

pyproject.toml                          [tool.jaxercise], all of it optional: course_settings.py
solutions/NN_topic.py                   the one source; in a students' pack there are none
exercises/NN_topic.py                   made from it
autograder/test_NN_topic.py             what is claimed
autograder/misconceptions/NN_topic.py   wrong answers
autograder/variants/NN_topic.py         right answers in other styles
autograder/sealed/                      compiled references, in a students' pack alone
autograder/hints/NN_topic.py            the solutions' hints, in a students' pack alone
grading-seed.txt                        what a class is graded with; see `Course.grading_seed`
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import secrets
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from jaxercise.course_settings import CourseError, CourseSettings

__all__ = ["ENVIRONMENT", "INSTALLED", "POINTER", "Course", "CourseError"]

#: Names the course where it is not to be found from the current folder.
ENVIRONMENT = "JAXERCISE_COURSE"
#: In a folder that was made from a course (nbgrader's, for one), the file that says from which.
POINTER = ".jaxercise.json"
#: The folder of an installed students' pack's course, beside the engine.
INSTALLED = "jaxercise_course"
_BESIDE = Path(__file__).resolve().parents[1] / INSTALLED
_PROPERTIES = "test_[0-9]*_*.py"
_FUNCTION = re.compile(r"\.function\(\s*[\"'](\w+)\(")
_SEED = "grading-seed.txt"
_SEEDS = 10**9


@dataclass(frozen=True)
class Course:
    """A course's folder, and where its parts are.

    Attributes:
        root: the folder.
        as_written: without its settings, as who tests the claims themselves has to see it.
        dropped: exercises and functions left out besides those that its settings drop.
    """

    root: Path
    as_written: bool = False
    dropped: frozenset[str] = frozenset()

    @classmethod
    def find(cls, folder: Path | None = None) -> Course:
        """The course around a folder: it, or the nearest one above it that is or names a course.

        Elsewhere, it is the one that the environment names, the folder that this engine was
        installed from with `pip install -e`, or what `pip install pack.zip` has put beside it.

        Args:
            folder: where to begin; by default the current folder.

        Raises:
            CourseError: there is none.
        """
        start = (folder or Path.cwd()).resolve()
        for one in (start, *start.parents):
            found = one if cls.holds(one) else _named_by(one / POINTER)
            if found is not None:
                return cls(found)
        for other in (os.environ.get(ENVIRONMENT), _installed_from(), _BESIDE):
            if other and cls.holds(Path(other)):
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
            CourseError: it is none, or there is none, or its settings are wrong.
        """
        course = cls.find() if folder is None else cls.at(folder)
        _ = course.settings
        return course

    @classmethod
    def at(cls, folder: Path) -> Course:
        """The course in this very folder.

        Raises:
            CourseError: it is none.
        """
        if not cls.holds(folder):
            raise CourseError(
                f"{folder} is no course: it holds no autograder/test_NN_topic.py. Name a course's "
                f"folder, or begin one: jaxercise new --course {folder} 01_topic"
            )
        return cls(folder.resolve())

    @staticmethod
    def holds(folder: Path) -> bool:
        """True where a folder is a course."""
        return any((folder / "autograder").glob(_PROPERTIES))

    def without_settings(self) -> Course:
        """The same course as it is written, to test its claims."""
        return Course(self.root, as_written=True)

    @functools.cached_property
    def settings(self) -> CourseSettings:
        """What its pyproject.toml says.

        Raises:
            CourseError: something there is wrong.
        """
        if self.as_written:
            return CourseSettings()
        read = CourseSettings.read(self.root / "pyproject.toml", self._written())
        return dataclasses.replace(read, drop=read.drop | self.dropped)

    @property
    def solutions(self) -> Path:
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
        """The exercises, by their property files, in their order, without those dropped."""
        return [name for name in self._written() if name not in self.settings.drop]

    def functions(self, exercises: Iterable[str] | None = None) -> dict[str, list[str]]:
        """The graded functions of exercises, by default of all, as property files name them."""
        names = self.names() if exercises is None else exercises
        texts = {name: self.properties(name).read_text(encoding="utf-8") for name in names}
        return {name: _FUNCTION.findall(text) for name, text in texts.items()}

    def _written(self) -> list[str]:
        found = self.autograder.glob(_PROPERTIES)
        return sorted(path.stem.removeprefix("test_") for path in found)

    def chosen(self, exercises: Collection[str], assignment: str = "") -> list[str]:
        """The exercises that were asked for, in their order.

        Args:
            exercises: their names or numbers; none for those of the assignment.
            assignment: its name; empty for all exercises of the course.

        Raises:
            CourseError: one of them is not there; the message lists those that are.
        """
        known, assignments = self.names(), self.settings.assignments
        unknown = [word for word in exercises if not any(is_named(one, word) for one in known)]
        if unknown:
            raise CourseError(f"no exercise {', '.join(unknown)}; there are {', '.join(known)}")
        if not exercises and assignment:
            if assignment not in assignments:
                listing = f"there are {', '.join(assignments)}" if assignments else (
                    "the course's pyproject.toml can list them: [tool.jaxercise.assignments]"
                )  # fmt: skip
                raise CourseError(f"no assignment {assignment}; {listing}")
            exercises = assignments[assignment]
        return [
            name
            for name in known
            if not exercises or any(is_named(name, word) for word in exercises)
        ]

    def grading_seed(self) -> int:
        """The seed that a class is graded with: made once, and kept in the course's folder.

        Students check themselves with seed 0, so whoever collects its inputs has a table of all
        that is asked. Nothing that students get holds this one.

        Raises:
            CourseError: it cannot be read or kept; the message says what to do.
        """
        path = self.kept_seed
        try:
            if not path.exists():
                _make_seed(path)
            seed = int(path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise CourseError(
                f"{path} cannot hold the seed that this class is graded with ({error}). Write a "
                "number of your own into it, or name one: --grading-seed N, with nbgrader "
                "`c.GradeWithEngine.grading_seed = N` in nbgrader_config.py."
            ) from None
        return seed

    @property
    def kept_seed(self) -> Path:
        """The file of the class's seed, which may not have been made yet."""
        return self.root / _SEED

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

    def hints(self, exercise: str) -> Path:
        """The file of an exercise's hints; there may be none."""
        solution = self.solution(exercise)
        packed = self.autograder / "hints" / f"{exercise}.py"
        return solution if solution.exists() else packed

    @property
    def equivalents(self) -> Path:
        """The list of changes to a solution that leave it right."""
        return self.autograder / "misconceptions" / "equivalents.toml"

    @property
    def key(self) -> str:
        """A short text that tells this course's folder from others on this machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]


def short(exercise: str) -> str:
    """`02` of `02_topic`."""
    return exercise.partition("_")[0]


def is_named(exercise: str, word: str) -> bool:
    """Whether a word is an exercise's name, or its number."""
    return word in (exercise, short(exercise))


def _make_seed(path: Path) -> None:
    """Write a new seed, whole, unless another grader has been faster."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{1 + secrets.randbelow(_SEEDS)}\n")
        # Who may read the claims may read it: solutions lie beside them.
        os.chmod(name, 0o200 | path.with_name("autograder").stat().st_mode & 0o444)
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _named_by(pointer: Path) -> Path | None:
    try:
        named = Path(json.loads(pointer.read_text(encoding="utf-8"))["course"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return named if Course.holds(named) else None


def _installed_from() -> str:
    """The folder of an editable installation of the engine; empty for any other."""
    try:
        text = importlib.metadata.distribution("jaxercise").read_text("direct_url.json") or "{}"
        url = urllib.parse.urlsplit(json.loads(text).get("url", ""))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    return urllib.request.url2pathname(url.path) if url.scheme == "file" else ""
