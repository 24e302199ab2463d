"""`jaxercise new`: an exercise to begin with, in a new course or in one that is there.

Either an example to change, or claims drafted from the signatures of a solution that is written.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path

from jaxercise.authoring.build import stub_text
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.authoring.certify.trying import left_out
from jaxercise.authoring.drafting import Asked, DraftError, asked_for, drafts_of, file_text
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
    settings = {course.root / "pyproject.toml": _settings(course, exercise)}
    return course, _write(course, exercise, settings)


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


def draft_exercise(folder: Path, exercise: str, solution: Path) -> tuple[Course, list[Path]]:
    """Draft the claims of an exercise whose solution is written.

    Args:
        folder: the course's folder, which may be new.
        exercise: its name, `NN_topic`.
        solution: the file; what is none of the course's is copied there.

    Returns:
        the course, and the files that were written.

    Raises:
        BuildError: the solution's markers are wrong.
        CourseError: the name is none, or one of the files is there.
        DraftError: an annotation says nothing; all of them are told.
        OSError: a file cannot be read or written.
    """
    title, course = _words(_topic(exercise)), Course(folder.resolve())
    texts: dict[Path, str] = {}
    if solution.resolve() != course.solution(exercise):
        texts[course.solution(exercise)] = solution.read_text(encoding="utf-8")
    _refuse_what_is_there([*texts, course.properties(exercise)])
    settings = course.root / "pyproject.toml"
    if not settings.exists():
        texts[settings] = _settings(course, exercise)
    written = _write_all(texts)
    with patient_workers() as workers:
        text = drafted_text(course, exercise, workers, title)
    stub = course.exercises / f"{exercise}.py"
    texts = {course.properties(exercise): text}
    if not stub.exists():
        texts[stub] = stub_text(course.solution(exercise))
    return course, written + _write_all(texts)


def drafted_text(course: Course, exercise: str, workers: PatientWorkers, title: str = "") -> str:
    """The claims drafted from a solution of a course, held against the right answers that it has.

    A function that an earlier exercise asks for as well is left to that one.
    """
    earlier = {
        one.source: other.stem
        for other in sorted(course.solutions.glob("[0-9][0-9]_*.py"))
        if other.stem < exercise
        for one in _asked_if_annotated(other)
    }
    asked = asked_for(course.solution(exercise))
    own = [one for one in asked if one.source not in earlier]
    drafts, reasons = drafts_of(own)
    out = left_out(course, exercise, own, drafts, workers)
    theirs = {one.name: earlier[one.source] for one in asked if one.source in earlier}
    return file_text(exercise, title, own, drafts, reasons, out, theirs)


def _asked_if_annotated(path: Path) -> list[Asked]:
    try:
        return asked_for(path)
    except DraftError:  # another exercise's annotations are no matter of this one
        return []


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
    _refuse_what_is_there([*texts, stub])
    written = _write_all(texts)
    return [*written, *_write_all({stub: stub_text(solution)})]


def _refuse_what_is_there(paths: Sequence[Path]) -> None:
    there = [str(path) for path in paths if path.exists()]
    if there:
        raise CourseError(f"nothing is overwritten, and there is {', '.join(there)} already")


def _write_all(texts: Mapping[Path, str]) -> list[Path]:
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    return list(texts)


def _settings(course: Course, exercise: str) -> str:
    return _filled(
        "pyproject.toml",
        exercise,
        title=json.dumps(_words(course.root.name)),
        pytest=toml_text({"tool": {"pytest": {"ini_options": PYTEST}}}).rstrip(),
    )


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
