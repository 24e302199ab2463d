"""`jaxercise pack FILE.zip`: what students need to work and to check themselves, in one file."""

from __future__ import annotations

import importlib.metadata
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jaxercise.authoring.build import differences
from jaxercise.authoring.build.markers import regions
from jaxercise.authoring.engine_copy import (
    engine_files,
    imported,
    license_text,
    parts_needed,
    project_text,
    zipped,
)
from jaxercise.authoring.pack.notebooks import notebook_text
from jaxercise.authoring.pack.sealing import seal
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.course_settings import NEVER
from jaxercise.files import write_whole
from jaxercise.rungs import only_rungs

FOLDER = "jaxercise"
#: Lines shorter than this are no answer by themselves (`return f`), nor are names in a row, which
#: are the rest of a call.
_TELLING = 10
_NAMES = re.compile(r"[\w\s,)]*")
#: What students have no use for: it makes exercises and notebooks from solutions.
_INSTRUCTORS = ("jupytext", "nbgrader")
#: Where students begin: pytest's plugin, the frontend for notebooks, and the commands.
_FRONTENDS = (
    "jaxercise.frontends.pytest_plugin.options",
    "jaxercise.frontends.live",
    "jaxercise.frontends.live.judge",
    "jaxercise.frontends.students",
)
_SCRIPTS = {"jaxercise": "jaxercise.frontends.students:main"}


class PackError(Exception):
    """No pack can be made; the message says what to do."""


def pack(course: Course, target: Path, *, assignment: str = "", force: bool = False) -> int:
    """Write the students' pack.

    The same course makes the same bytes.

    Args:
        course: whose.
        target: the zip file to write.
        assignment: with its exercises alone; empty for all of the course.
        force: replace it if it is there.

    Returns:
        the size of the file, in bytes.

    Raises:
        PackError: the file is there, exercises are out of date, or an answer would be in the pack.
        CourseError: there is no such assignment.
    """
    names = course.chosen((), assignment)
    if target.suffix != ".zip":
        raise PackError(f"{target} is no name for a zip file; write, for instance, pack.zip")
    if target.exists() and not force:
        raise PackError(f"{target} is there already; choose another name, or write --force")
    if not target.absolute().parent.is_dir():
        raise PackError(f"{target.absolute().parent} is no folder")
    if differences(course.solutions, course.exercises):
        raise PackError("exercises/ is out of date: run `jaxercise build`, and look at them")
    files = members(course, names)
    leaked = leaks(files, answer_lines(course.solutions))
    if leaked:
        raise PackError(
            "lines of answers would be in the pack; write them otherwise there, in a hint with "
            "blanks (...):\n  " + "\n  ".join(leaked)
        )
    data = zipped({f"{FOLDER}/{name}": content for name, content in files.items()})
    write_whole(target, data)
    return len(data)


def members(course: Course, names: Sequence[str]) -> dict[str, bytes]:
    """The files of the pack, by their path in it."""
    claimed_with = [one for name in names for one in imported(course.properties(name))]
    engine = engine_files(parts_needed([*_FRONTENDS, *claimed_with]))
    files = {
        "README.md": readme(course, names).encode(),
        "LICENSE": license_text().encode(),
        "autograder/sealed/jax.txt": f"{importlib.metadata.version('jax')}\n".encode(),
        **engine,
    }
    for name in names:
        exercise = load_exercise(course, name)
        script = course.exercises / f"{name}.py"
        text = script.read_text(encoding="utf-8")
        properties = course.properties(name)
        files[f"autograder/{properties.name}"] = properties.read_bytes()
        files[f"exercises/{name}.py"] = script.read_bytes()
        files[f"exercises/{name}.ipynb"] = notebook_text(text, exercise.functions).encode()
        files[f"autograder/sealed/{name}.safetensors"] = seal(course, exercise.claims)
        hints = only_rungs(course.solution(name).read_text(encoding="utf-8"))
        if hints.strip() and course.settings.hints != NEVER:
            files[f"autograder/hints/{name}.py"] = hints.encode()
    own = [one for one in files if one.startswith("autograder/") and one not in engine]
    project = project_text(
        course,
        names,
        scripts=_SCRIPTS,
        leave_out=_INSTRUCTORS,
        installed=[*own, "pyproject.toml"],
    )
    return files | {"pyproject.toml": project.encode()}


def readme(course: Course, names: Sequence[str]) -> str:
    """What students read first: how to work, with the names of this course's first exercise."""
    template = Path(__file__).with_name("README-students.md").read_text(encoding="utf-8")
    return string.Template(template).substitute(
        title=course.settings.title or "Exercises",
        exercises=", ".join(f"`{name}`" for name in names),
        exercise=names[0],
        function=next(iter(load_exercise(course, names[0]).functions)),
    )


def answer_lines(solutions: Path) -> set[str]:
    """The lines of all answers that tell something by themselves, without their indentation.

    What stands outside the answers too, in a worked example for one, is no secret.
    """
    inside: set[str] = set()
    outside: set[str] = set()
    for path in sorted(solutions.glob("[0-9][0-9]_*.py")):
        text = path.read_text(encoding="utf-8")
        numbers = {n for one in regions(text, path) for n in range(one.first + 1, one.last)}
        for number, line in enumerate(text.split("\n"), 1):
            (inside if number in numbers else outside).add(line.split("  # ")[0].strip())
    return {
        line
        for line in inside - outside
        if len(line) >= _TELLING and ("return " in line or not _NAMES.fullmatch(line))
    }


def leaks(files: Mapping[str, bytes], answers: Iterable[str]) -> list[str]:
    """Where a line of an answer stands in the files, however it is indented: `file: line`."""
    wanted = {re.sub(r"\s+", "", line): line for line in answers}
    found = []
    for name, data in files.items():
        text = data.decode("utf-8", errors="replace").replace('\\"', '"')  # as JSON writes it
        text = re.sub(r"\s+", "", text)
        found += [f"{name}: {line}" for squeezed, line in wanted.items() if squeezed in text]
    return sorted(found)
