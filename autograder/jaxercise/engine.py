"""The engine, as every frontend uses it: submissions go in, judged functions come out.

    course = Course.find()
    with Engine(course) as engine:
        results = engine.grade(read_submission(path, course.names()))

The pytest plugin asks claim by claim and so opens the gradings itself; all others call `grade`.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from jaxercise.cache.folders import (
    keep_operations,
    kept_file,
    references_cache,
    trusted_cache,
)
from jaxercise.claims import draws
from jaxercise.claims.claims import Exercise
from jaxercise.claims.loading import load_exercise, load_exercises
from jaxercise.course import Course
from jaxercise.diagnosis.diagnosis import Diagnostician
from jaxercise.diagnosis.misconception_runner import MisconceptionRunner
from jaxercise.grading.exercise import ExerciseGrading, Grader
from jaxercise.grading.pool import EXERCISES_AT_ONCE, ExercisePool
from jaxercise.grading.references import References
from jaxercise.sandboxed.limits import Limits
from jaxercise.submission import Source, Submission, read_submission
from jaxercise.verdicts import FunctionResult, Verdict, by_function
from jaxercise.workers import forkservers
from jaxercise.workers.runner import Runner
from jaxercise.workers.timing import Spent, timed

if TYPE_CHECKING:
    from jaxercise.workers.workers import Enclosure


def references(course: Course, exercise: str) -> References:
    """The references of an exercise, with their memory."""
    return References(course, exercise, kept_file("references", course, exercise))


class Engine:
    """Grades submissions; holds the worker processes they need.

    Args:
        course: whose exercises.
        limits: what student code may use.
        device: the JAX platform for student code: `cpu`, `cuda` or `tpu`.
        cache: a folder for JAX's compilation cache that student code may write, so it should serve
            one student's submissions alone; None for no cache. A sandbox does without.
        sandbox: what goes around student code; None for nothing. With a sandbox, one engine may
            grade the submissions of many students, one after the other.
        shared_cache: such a folder for all students, which their code may only read.
        seed: the instructor's choice of draws.
        in_process: run student code in this process, without limits: for debugging only.
        debug: let exceptions pass to a debugger.
        exercises_at_once: how many exercises of a submission are judged side by side.
        spent: where to count what time goes into; None to count nothing.
        again: a worker that dies gets a second chance, at once.
    """

    def __init__(
        self,
        course: Course,
        limits: Limits | None = None,
        *,
        device: str = "cpu",
        cache: Path | None = None,
        sandbox: Enclosure | None = None,
        shared_cache: Path | None = None,
        seed: int = 0,
        in_process: bool = False,
        debug: bool = False,
        exercises_at_once: int = EXERCISES_AT_ONCE,
        spent: Spent | None = None,
        again: bool = True,
    ) -> None:
        self.course = course
        self._exercises_at_once = exercises_at_once
        self._debug = debug
        if in_process:
            forkservers.discard()
            self._workers = None
        else:
            from jaxercise.workers.workers import Workers

            self._workers = Workers(
                limits or Limits(),
                device=device,
                cache=cache,
                shared_cache=shared_cache,
                trusted_cache=trusted_cache(),
                sandbox=sandbox,
                spent=spent,
            )
        self.grader = Grader(
            timed(self._runner(trusted=False), spent),
            functools.cache(functools.partial(references, course)),
            functools.partial(
                Diagnostician, course, timed(self._runner(trusted=True), spent, "diagnose")
            ),
            seed,
            debug,
            again=again,
        )

    def _runner(self, *, trusted: bool) -> Callable[[], Runner]:
        """Makes runners; trusted ones run the course's misconceptions, apart from students'."""
        workers = self._workers
        if workers is None:
            from jaxercise.workers.local import LocalRunner

            return lambda: LocalRunner(debug=self._debug and not trusted)
        from jaxercise.workers.remote import RemoteRunner

        return lambda: RemoteRunner(workers, trusted=trusted)

    def misconceptions(self, exercise: str) -> MisconceptionRunner:
        """The misconceptions of an exercise, to be asked; whoever opens them closes them."""
        return MisconceptionRunner(self.course, exercise, self._runner(trusted=True))

    def gradings(
        self, submission: Submission, exercises: Iterable[Exercise]
    ) -> dict[str, ExerciseGrading]:
        """The exercises of a submission, ready to be judged."""
        return {
            exercise.name: self._grading(
                exercise, submission.source(exercise.name, exercise.functions)
            )
            for exercise in exercises
        }

    def _grading(self, exercise: Exercise, source: Source | None) -> ExerciseGrading:
        draws.remember(exercise, kept_file("draws", self.course, exercise.name))
        return ExerciseGrading(self.grader, source, exercise.claims)

    def grade(
        self, submission: Submission, exercises: Iterable[str] | None = None
    ) -> list[FunctionResult]:
        """Judge a submission.

        Args:
            submission: from `read_submission`.
            exercises: which; by default all that the course has, so that what was not handed in
                counts as not attempted.

        Returns:
            a result for each function, exercises and functions in the order of the course.
        """
        chosen = [load_exercise(self.course, name) for name in exercises or self.course.names()]
        return self.grade_sources({e.name: submission.source(e.name, e.functions) for e in chosen})

    def grade_sources(self, sources: Mapping[str, Source | None]) -> list[FunctionResult]:
        """Judge several exercises, side by side, each from its cells."""
        exercises = {name: load_exercise(self.course, name) for name in sources}
        gradings = [
            (self._grading(exercises[name], source), exercises[name].claims)
            for name, source in sources.items()
        ]
        pool = ExercisePool(gradings, self._exercises_at_once)
        try:
            outcomes = [pool.outcome(claim) for _, ones in gradings for claim in ones]
        finally:
            pool.stop()
            pool.join()
        return by_function(outcomes)

    def prepare(self, workers: int) -> None:
        """Start workers for what is graded next, while there is time."""
        if self._workers is not None:
            self._workers.prepare(workers)

    def interrupt(self) -> None:
        """End every worker, and with it what is being judged; the next gradings have new ones."""
        if self._workers is not None:
            self._workers.watch.end_all()

    def close(self) -> None:
        """End every process that is left."""
        if self._workers is not None:
            self._workers.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def failing_solutions(
    course: Course, names: Sequence[str], cache: Path, limits: Limits | None = None
) -> list[str]:
    """The functions of the course's own solutions that do not pass on this machine, with verdicts.

    Args:
        course: whose solutions.
        names: which of them.
        cache: a folder for what they compile.
        limits: what they may use.
    """
    with Engine(course, limits, cache=cache) as engine:
        results = engine.grade(read_submission(course.solutions, names), names)
    return [
        f"{result.name} ({result.verdict})"
        for result in results
        if result.verdict != Verdict.PASSED
    ]


def compiled_references(
    course: Course, exercises: Collection[str] = (), limits: Limits | None = None
) -> Path:
    """A compilation cache for sandboxed workers: read by all, written by none of them.

    It is filled once, by grading the course's own solutions. Their own programs are taken out
    again: they are answers.

    Args:
        course: whose solutions.
        exercises: which of them; all unless told.
        limits: what they may use, on a slow machine.

    Raises:
        RuntimeError: the solutions do not earn every point here, so nothing should be graded.
    """
    names = course.chosen(exercises)
    folder = references_cache(course, names)
    if folder.is_dir():
        return folder
    filling = Path(tempfile.mkdtemp(dir=folder.parent, prefix="filling-"))
    try:
        failed = failing_solutions(course, names, filling, limits)
        if failed:
            raise RuntimeError(f"the course's own solutions do not pass here: {', '.join(failed)}")
        answers = {one for each in load_exercises(course) for one in each.functions}
        keep_operations(filling, answers)
        filling.chmod(0o755)
        with contextlib.suppress(OSError):  # another grader was faster
            filling.rename(folder)
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return folder
