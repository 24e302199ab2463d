"""What is kept depends on what is listed: on that and on nothing else.

A list of what is in it, not of what is left out: whoever keeps something names the parts of the
engine, the files and the packages that decide it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

from jaxercise.course import Course
from jaxercise.processes import HOME

ENGINE = HOME / "jaxercise"
#: The parts of the engine that decide an outcome, or what is said about it.
DECIDING = (
    "cache", "claims", "comparison", "diagnosis", "grading", "sandbox", "sandboxed", "submission",
    "workers", "course.py", "course_settings.py", "engine.py", "verdicts.py",
)  # fmt: skip
#: The packages of which the same is true.
DECIDING_VERSIONS = ("jax", "jaxlib", "numpy", "hypothesis")


def deciding_files(course: Course) -> list[Path]:
    """The files of a course that decide an outcome, or what is said about it."""
    files: list[Path] = []
    for name in course.names():
        files += (course.properties(name), course.solution(name), course.misconceptions(name))
    return files + sorted(course.sealed.glob("*"))


def digest_of(depends: Iterable[Path | str], versions: Iterable[str]) -> str:
    """A digest of all that something depends on: a list of what is in it.

    Args:
        depends: files, of which some may be missing; a text names a module or a folder of the
            engine, by its path in there.
        versions: packages whose versions count, as that of Python does.

    Raises:
        FileNotFoundError: the engine has no such part.
    """
    digest = hashlib.sha256()
    for one in depends:
        if isinstance(one, Path):
            files = [one] if one.is_file() else []
        else:
            part = ENGINE / one
            files = sorted(part.rglob("*.py")) or [part]
        for file in files:
            name = (
                file.relative_to(ENGINE).as_posix()
                if isinstance(one, str)
                else f"{file.parent.name}/{file.name}"
            )
            data = file.read_bytes()
            digest.update(f"{name} {len(data)} ".encode())
            digest.update(data)
    told = [(name, importlib.metadata.version(name)) for name in versions]
    digest.update(repr([platform.python_version(), *told]).encode())
    return digest.hexdigest()
