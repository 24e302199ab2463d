"""A JAX that is newer than known, tried on what the course answers itself.

A term must not end with a release of JAX, and no student may lose points to one. So the kit grades
its own references first, once for these versions, and then goes on or refuses. A students' pack has
no source of them: there the sealed programs have to answer as they did when they were made, and
the worker has to judge answers that are made up.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from jaxercise import __version__
from jaxercise.cache.depends import digest_of
from jaxercise.cache.folders import trial_file, trusted_cache
from jaxercise.claims.loading import load_exercise
from jaxercise.comparison import as_answered, compare
from jaxercise.course import Course
from jaxercise.engine import Engine, failing_solutions
from jaxercise.files import write_whole
from jaxercise.grading.exercise import ExerciseGrading
from jaxercise.grading.references import References
from jaxercise.grading.sealed import check_seals, known_answers, made_with, sealed_path
from jaxercise.sandboxed import internals
from jaxercise.submission import Source
from jaxercise.verdicts import Verdict
from jaxercise.versions import KNOWN, VersionError, check_versions

_VERSIONS = ("jax", "jaxlib", "numpy")
_MOST_NAMED = 3
#: What a made-up answer may come to: the grader has done its part.
_JUDGED = (Verdict.PASSED, Verdict.WRONG, Verdict.ERROR, Verdict.WAITING)


def check_jax(course: Course, tell: Callable[[str], None]) -> None:
    """Check that the installed JAX can grade a course.

    That a newer one than known has passed is remembered. That it has not is found out each time: it
    may be the machine's fault.

    Args:
        course: its references are tried.
        tell: is told, a line each, that JAX is newer than known, and before it that it is tried.

    Raises:
        VersionError: it cannot; the message says what to install.
    """
    newer = check_versions()
    check_seals(course)
    if not newer:
        return
    jax = f"jax {importlib.metadata.version('jax')} is newer than this kit knows"
    memory, tried = trial_file(course), _digest(course)
    if not memory.exists() or memory.read_text(encoding="ascii") != tried:
        tell(f"{jax}: its own references are tried first, once, which can take a minute.")
        why = _refusal(course)
        if why:
            wanted = f"jax=={made_with(course)}" if _is_sealed(course) else KNOWN
            raise VersionError(f"{jax}, and {why}. Run: pip install '{wanted}'")
        write_whole(memory, tried.encode())
    tell(f"{jax}; its own references pass with it.")


def _digest(course: Course) -> str:
    """What decides how a trial ends, besides the engine's own code."""
    names = course.names()
    files = [
        path
        for name in names
        for path in (course.properties(name), course.solution(name), sealed_path(course, name))
    ]
    return f"{__version__} {digest_of(files, _VERSIONS)}"


def _refusal(course: Course) -> str:
    """Why nothing can be graded, as the end of a sentence; empty where all is well."""
    gone = internals.missing()
    if gone:
        return f"it lacks what the kit leans on ({'; '.join(gone)})"
    if not _is_sealed(course):
        failing = failing_solutions(course, course.names(), trusted_cache())
        return _told("the course's own solutions", failing)
    return _told("the sealed references", [*_answering_otherwise(course)]) or _told(
        "made-up answers", [*_unjudged(course)]
    )


def _is_sealed(course: Course) -> bool:
    return not all(course.solution(name).exists() for name in course.names())


def _told(what: str, failing: Sequence[str]) -> str:
    if not failing:
        return ""
    named = ", ".join(failing[:_MOST_NAMED])
    more = len(failing) - _MOST_NAMED
    return f"{what} do not pass with it ({named}{f' and {more} more' if more > 0 else ''})"


def _answering_otherwise(course: Course) -> Iterator[str]:
    """Functions whose sealed references do not answer as they did."""
    for name in course.names():
        if not sealed_path(course, name).exists():
            continue
        references = References(course, name)
        for request, known in known_answers(sealed_path(course, name)):
            try:
                answer = as_answered(references.evaluated(request).value)
                holds = compare(answer, known) is None
            except Exception:  # whatever JAX raises for a program that it cannot run any more
                holds = False
            if not holds:
                yield f"{name}.{request.function}"


def _unjudged(course: Course) -> Iterator[str]:
    """Functions of which a made-up answer gets no verdict."""
    with Engine(course, cache=trusted_cache()) as engine:
        grader = replace(engine.grader, diagnostician=None, shrink=False)
        for name in course.names():
            exercise = load_exercise(course, name)
            cells = tuple(f"def {one}(*given):\n    return given[0]" for one in exercise.functions)
            source = Source.written(name, cells, exercise.functions)
            with closing(ExerciseGrading(grader, source, exercise.claims)) as grading:
                for claim in exercise.claims:
                    if grading.outcome(claim).verdict not in _JUDGED:
                        yield f"{name}.{claim.function.name}"
