"""`jaxercise new`: an exercise to begin with, in a new course or in one that is there."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

from jaxercise.authoring.build import stub_text
from jaxercise.authoring.engine_copy import PYTEST, toml_text
from jaxercise.course import Course, CourseError
from jaxercise.files import write_whole

_NAME = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)")
_TEMPLATES = Path(__file__).with_name("templates")


def begin_course(folder: Path, exercise: str) -> tuple[Course, list[Path]]:
    """Make a course with one exercise.

    Args:
        folder: where; it may be there, but without any of the files.
        exercise: its name, `NN_topic`.

    Returns:
        the course, and the files that were written.

    Raises:
        CourseError: the name is none, or one of the files is there.
        OSError: a file cannot be written.
    """
    course = Course(folder.resolve())
    settings = _filled(
        "pyproject.toml",
        exercise,
        title=json.dumps(_words(course.root.name)),
        pytest=toml_text({"tool": {"pytest": {"ini_options": PYTEST}}}).rstrip(),
    )
    written = _write(course, exercise, {course.root / "pyproject.toml": settings})
    return course, written


def add_exercise(course: Course, exercise: str) -> list[Path]:
    """Add an exercise to a course; the files that were written.

    Raises:
        CourseError: the name is none, or the course has one of that number or one of the files.
        OSError: a file cannot be written.
    """
    _topic(exercise)
    taken = [name for name in course.without_settings().names() if name[:3] == exercise[:3]]
    if taken:
        raise CourseError(f"{course.root} has an exercise {taken[0]}: take another number")
    return _write(course, exercise, {})


def _write(course: Course, exercise: str, more: dict[Path, str]) -> list[Path]:
    title = f"{int(exercise[:2])} · {_words(_topic(exercise))}"
    solution = course.solution(exercise)
    texts = more | {
        solution: _filled("solution.py", exercise, title=title),
        course.properties(exercise): _filled("claims.py", exercise),
        course.misconceptions(exercise): _filled("misconceptions.py", exercise),
        course.variants(exercise): _filled("variants.py", exercise),
    }
    stub = course.exercises / solution.name
    there = [str(path) for path in (*texts, stub) if path.exists()]
    if there:
        raise CourseError(f"nothing is overwritten, and there is {', '.join(there)} already")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    stub.parent.mkdir(exist_ok=True)
    write_whole(stub, stub_text(solution).encode())
    return [*texts, stub]


def _filled(template: str, exercise: str, **words: str) -> str:
    text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    # Its own in every exercise: `check("...")` finds a function by its name.
    function = f"{_topic(exercise)}_changes"
    return string.Template(text).substitute(words, name=exercise, function=function)


def _topic(exercise: str) -> str:
    named = _NAME.fullmatch(exercise)
    if named is None:
        raise CourseError(
            f"{exercise!r} is no name for an exercise: two digits, an underscore and a topic in "
            "small letters, digits and underscores, like 01_gradients"
        )
    return named[2]


def _words(name: str) -> str:
    return re.sub(r"[_\W]+", " ", name).strip().capitalize()
