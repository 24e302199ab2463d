"""Submissions as nbgrader hands them over, judged by one engine, in the sandbox."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future
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


#: By folder and exercise: the file that was judged, and what became of its functions.
Graded = dict[tuple[Path, str], tuple[Source | None, list[FunctionResult]]]
_NOTHING: tuple[Source | None, list[FunctionResult]] = (None, [])


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
    _one_at_a_time: ClassVar[threading.Lock] = threading.Lock()
    _ahead: ClassVar[dict[Path, Future[Graded]]] = {}
    _graded: ClassVar[Graded] = {}

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
    def results(
        cls,
        folder: Path,
        wanted: Sequence[str],
        name: str,
        then: tuple[Path, Sequence[str]] | None = None,
    ) -> list[FunctionResult]:
        """The results of one exercise of a submission folder.

        Args:
            folder: the submission's.
            wanted: the exercises that will be asked for, judged side by side at the first call.
            name: the one asked for now.
            then: the folder that is asked for after this one, and its exercises. They are judged
                while nbgrader writes down what became of these.
        """
        graded = cls._graded
        if (folder, name) not in graded:
            begun, cls._ahead = cls._ahead.get(folder), {}
            graded = begun.result() if begun else {}
            if (folder, name) not in graded:
                graded = cls._of(folder, sorted({*wanted, name}))
            cls._graded = graded  # of one student at a time: nbgrader comes back to none
            if then is not None:
                cls._ahead = {then[0]: cls._begun(*then)}
        return graded[folder, name][1]

    @classmethod
    def look(cls, folder: Path, name: str) -> tuple[str, ...]:
        """Places in a file that was judged that the instructor should look at."""
        source, _ = cls._graded.get((folder, name), _NOTHING)
        return () if source is None else source.look

    @classmethod
    def script(cls, folder: Path, name: str) -> str:
        """The script that was judged in a notebook's place; empty where there was none."""
        source, _ = cls._graded.get((folder, name), _NOTHING)
        return source.path.name if source is not None and source.path.suffix == ".py" else ""

    @classmethod
    def _begun(cls, folder: Path, names: Sequence[str]) -> Future[Graded]:
        """What becomes of exercises of a submission folder, from here on."""
        future: Future[Graded] = Future()

        def grade() -> None:
            try:
                future.set_result(cls._of(folder, names))
            except BaseException as error:  # told when it is asked for
                future.set_exception(error)

        # No executor's: at the end Python would wait for it.
        threading.Thread(target=grade, daemon=True).start()
        return future

    @classmethod
    def _of(cls, folder: Path, names: Sequence[str]) -> Graded:
        with cls._one_at_a_time:
            submission = read_submission(folder, names)
            exercises = [load_exercise(cls.course, one) for one in names]
            sources = {one.name: submission.source(one.name, one.functions) for one in exercises}
            found: Graded = {(folder, name): (source, []) for name, source in sources.items()}
            for result in cls._grade(sources):
                found[folder, result.exercise][1].append(result)
            return found

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
        cls._graded, cls._ahead = {}, {}
        if cls._engine is not None:
            cls._engine.close()
            cls._engine = None


@functools.cache
def _own_folder() -> Path:
    """Where the caches of this process lie, as long as it lives."""
    folder = tempfile.mkdtemp(prefix="jaxercise-nbgrader-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
