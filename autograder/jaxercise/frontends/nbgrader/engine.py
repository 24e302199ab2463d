"""Submissions as nbgrader hands them over, judged by one engine, in the sandbox."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.converters.base import NbGraderException

from jaxercise.cache.folders import forget_earlier_runs
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course, CourseError
from jaxercise.engine import Engine, compiled_references
from jaxercise.sandbox import SandboxError, open_sandbox
from jaxercise.submission import Source, read_submission
from jaxercise.trial import check_jax
from jaxercise.verdicts import FunctionResult
from jaxercise.versions import VersionError

#: What has to be said wherever a score stands that was come by without a sandbox.
UNSANDBOXED = (
    "This was graded without a sandbox around student code (unsafe_no_sandbox): "
    "the scores are as trustworthy as the students."
)


class WarmEngine:
    """What one engine says, which stays warm from one student to the next.

    Attributes:
        course: whose exercises.
        sandboxed: there is a sandbox around student code.
        seed: what decides the inputs.
        ungraded: sentences on what has no score, told once more at the end.
    """

    course: ClassVar[Course]
    sandboxed: ClassVar[bool] = True
    seed: ClassVar[int] = 0
    ungraded: ClassVar[list[str]] = []
    _exercises: ClassVar[tuple[str, ...]] = ()
    _engine: ClassVar[Engine | None] = None
    _results: ClassVar[dict[tuple[Path, str], list[FunctionResult]]] = {}
    _sources: ClassVar[dict[tuple[Path, str], Source | None]] = {}

    @classmethod
    def open(
        cls,
        course: Course,
        log: Any,
        *,
        exercises: Sequence[str] = (),
        sandboxed: bool = True,
        seed: int | None = None,
    ) -> None:
        """Make the engine ready, before anything of a gradebook is touched.

        Args:
            course: whose exercises.
            log: where to tell what is wrong.
            exercises: which will be graded; all unless told.
            sandboxed: put a sandbox around student code.
            seed: what decides the inputs; None for the class's own.

        Raises:
            NbGraderException: no sandbox holds here, JAX or the course's own solutions do not
                do, or there is no place for the class's seed.
        """
        cls.close()
        cls.course = course
        cls._exercises = tuple(exercises)
        forget_earlier_runs(_own_folder())
        cls.sandboxed = sandboxed
        if sandboxed:
            log.info("Trying the sandbox out, and grading the course's own solutions first")
        else:
            log.warning(UNSANDBOXED)
        try:
            check_jax(course, log.info)
            cls.seed = course.grading_seed() if seed is None else seed
            log.info("Grading with seed %d; students check themselves with seed 0", cls.seed)
            cls._engine = cls._new()
        except SandboxError as error:
            message = (
                f"No sandbox for student code: {error}. Nothing was graded. To grade without one, "
                "and have every feedback page say so, set "
                "`c.GradeWithEngine.unsafe_no_sandbox = True` in nbgrader_config.py."
            )
        except (CourseError, VersionError) as error:
            message = str(error)
        except RuntimeError as error:
            message = f"{str(error)[:1].upper()}{str(error)[1:]}. Nothing was graded."
        else:
            atexit.register(cls._end, log)
            return
        log.error(message)
        raise NbGraderException(message)

    @classmethod
    def results(cls, folder: Path, wanted: list[str], name: str) -> list[FunctionResult]:
        """The results of one exercise of a submission folder.

        Args:
            folder: the submission's.
            wanted: the exercises that will be asked for, judged side by side at the first call.
            name: the one asked for now.
        """
        if (folder, name) not in cls._results:
            names = sorted({*wanted, name})
            submission = read_submission(folder, names)
            exercises = [load_exercise(cls.course, one) for one in names]
            sources = {one.name: submission.source(one.name, one.functions) for one in exercises}
            # Of one student at a time: nbgrader comes back to none.
            cls._results = {}
            cls._sources = {(folder, one): source for one, source in sources.items()}
            for result in cls._grade(sources):
                cls._results.setdefault((folder, result.exercise), []).append(result)
        return cls._results[folder, name]

    @classmethod
    def look(cls, folder: Path, name: str) -> tuple[str, ...]:
        """Places in a file that was judged that the instructor should look at."""
        source = cls._sources.get((folder, name))
        return () if source is None else source.look

    @classmethod
    def script(cls, folder: Path, name: str) -> str:
        """The script that was judged in a notebook's place; empty where there was none."""
        source = cls._sources.get((folder, name))
        return source.path.name if source is not None and source.path.suffix == ".py" else ""

    @classmethod
    def _new(cls) -> Engine:
        # Students' code reads a compilation cache that the course's solutions have filled. It
        # writes none: that would pass from one student to the next.
        course, cache = cls.course, compiled_references(cls.course, cls._exercises)
        sandbox = open_sandbox(cache=cache, secret=(course.root,)) if cls.sandboxed else None
        return Engine(course, shared_cache=cache, sandbox=sandbox, seed=cls.seed)

    @classmethod
    def _grade(cls, sources: dict[str, Source | None]) -> list[FunctionResult]:
        if cls._engine is None:
            cls._engine = cls._new()
        try:
            return cls._engine.grade_sources(sources)
        except BaseException:
            cls.close()  # the next student gets a fresh one
            raise

    @classmethod
    def _end(cls, log: Any) -> None:
        told, cls.ungraded = cls.ungraded, []
        for sentence in told:
            log.warning("Not graded: %s", sentence)
        cls.close()

    @classmethod
    def close(cls) -> None:
        """End the engine's processes."""
        cls._results = {}
        if cls._engine is not None:
            cls._engine.close()
            cls._engine = None


@functools.cache
def _own_folder() -> Path:
    """Where the caches of this process lie, as long as it lives."""
    folder = tempfile.mkdtemp(prefix="jaxercise-nbgrader-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
