"""The engine, as every door uses it: submissions go in, judged functions come out.

    with Engine() as engine:
        results = engine.grade(read_submission(path, exercise_names()))

The pytest door asks claim by claim and so opens the gradings itself; all others call `grade`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from hypothesis.configuration import set_hypothesis_home_dir

from autograder.caches import (
    answers_memory,
    hypothesis_folder,
    keep_operations,
    references_cache,
    trusted_cache,
)
from autograder.processes import ROOT
from autograder.properties.claims import Claim, Exercise
from autograder.properties.findings import FunctionResult, Outcome, by_function
from autograder.properties.grading import LANES, ExerciseGrading, Grader, Lanes
from autograder.properties.references import References
from autograder.submission import Source, Submission, read_submission
from autograder.worker import nursery
from autograder.worker.bench import Bench
from autograder.worker.limits import Limits
from autograder.worker.timing import Spent, timed

if TYPE_CHECKING:
    from autograder.worker.workers import Boxed


def exercise_names() -> list[str]:
    """The exercises, by their property files."""
    return sorted(
        path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_[0-9]*.py")
    )


@functools.cache
def load_exercise(name: str) -> Exercise:
    """An exercise with its claims, from its property file."""
    found: Exercise = importlib.import_module(f"autograder.test_{name}").exercise
    return found


def references(exercise: str) -> References:
    """The references of an exercise, with their memory."""
    return References(exercise, answers_memory(exercise))


class Engine:
    """Grades submissions; holds the worker processes they need.

    Args:
        limits: what student code may use.
        device: the JAX platform for student code: `cpu`, `cuda` or `tpu`.
        cache: a folder for JAX's compilation cache that student code may write, so it should serve
            one student's submissions alone; None for no cache. A box does without.
        box: what goes around student code; None for nothing. With a box, one engine may grade the
            submissions of many students, one after the other.
        shared_cache: such a folder for all students, which their code may only read.
        seed: the instructor's choice of draws.
        in_process: run student code in this process, without limits: for debugging only.
        debug: let exceptions pass to a debugger.
        lanes: how many exercises of a submission are judged side by side.
        spent: where to count what time goes into; None to count nothing.
        again: a worker that dies gets a second chance, at once.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        device: str = "cpu",
        cache: Path | None = None,
        box: Boxed | None = None,
        shared_cache: Path | None = None,
        seed: int = 0,
        in_process: bool = False,
        debug: bool = False,
        lanes: int = LANES,
        spent: Spent | None = None,
        again: bool = True,
    ) -> None:
        set_hypothesis_home_dir(hypothesis_folder())
        self._lanes = lanes
        self._references: dict[str, References] = {}
        self._in_process = in_process
        self._debug = debug
        if in_process:
            nursery.discard()
            self._workers = None
        else:
            from autograder.worker.workers import Workers

            self._workers = Workers(
                limits or Limits(),
                device=device,
                cache=cache,
                shared_cache=shared_cache,
                trusted_cache=trusted_cache(),
                box=box,
                spent=spent,
            )
        self.grader = Grader(
            timed(self._bench(trusted=False), spent),
            self._remembered_references,
            timed(self._bench(trusted=True), spent, "diagnose"),
            seed,
            debug,
            again=again,
        )

    def _remembered_references(self, exercise: str) -> References:
        """The references of an exercise: what one submission has asked serves the next."""
        if exercise not in self._references:
            self._references[exercise] = references(exercise)
        return self._references[exercise]

    def _bench(self, *, trusted: bool) -> Callable[[], Bench]:
        """Makes benches; trusted ones run the kit's own misconceptions, apart from students'."""
        workers = self._workers
        if workers is None:
            from autograder.worker.local import LocalBench

            return lambda: LocalBench(debug=self._debug and not trusted)
        from autograder.worker.remote import RemoteBench

        return lambda: RemoteBench(workers, trusted=trusted)

    def gradings(
        self, submission: Submission, exercises: Iterable[Exercise]
    ) -> dict[str, ExerciseGrading]:
        """The exercises of a submission, ready to be judged.

        Raises:
            SubmissionError: a script and a notebook of the same exercise have both been worked on.
        """
        return {
            exercise.name: ExerciseGrading(
                self.grader,
                submission.source(exercise.name, exercise.functions),
                exercise.claims,
            )
            for exercise in exercises
        }

    def grade(
        self, submission: Submission, exercises: Iterable[str] | None = None
    ) -> list[FunctionResult]:
        """Judge a submission.

        Args:
            submission: from `read_submission`.
            exercises: which; by default all that the kit has, so that what was not handed in
                counts as not attempted.

        Returns:
            a result for each function, exercises and functions in the order of the course.

        Raises:
            SubmissionError: a script and a notebook of the same exercise have both been worked on.
        """
        chosen = [load_exercise(name) for name in exercises or exercise_names()]
        return self._judge(self.gradings(submission, chosen), {e.name: e.claims for e in chosen})

    def grade_source(self, exercise: str, source: Source | None) -> list[FunctionResult]:
        """Judge one exercise from its cells, wherever they were found."""
        return self.grade_sources({exercise: source})

    def grade_sources(self, sources: Mapping[str, Source | None]) -> list[FunctionResult]:
        """Judge several exercises, side by side, each from its cells."""
        claims = {name: load_exercise(name).claims for name in sources}
        gradings = {
            name: ExerciseGrading(self.grader, source, claims[name])
            for name, source in sources.items()
        }
        return self._judge(gradings, claims)

    def _judge(
        self, gradings: Mapping[str, ExerciseGrading], claims: Mapping[str, list[Claim]]
    ) -> list[FunctionResult]:
        lanes = Lanes([(grading, claims[name]) for name, grading in gradings.items()], self._lanes)
        try:
            outcomes: list[Outcome] = [
                lanes.outcome(claim) for name in gradings for claim in claims[name]
            ]
        finally:
            lanes.stop()
            lanes.join()
        return by_function(outcomes)

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


def compiled_references() -> Path:
    """A compilation cache for boxed workers: read by all, written by none of them.

    It is filled once on a machine, by grading the kit's own solutions. Their own programs are taken
    out again: they are answers.

    Raises:
        RuntimeError: the solutions do not earn every point here, so nothing should be graded.
    """
    folder = references_cache()
    if folder.is_dir():
        return folder
    filling = Path(tempfile.mkdtemp(dir=folder.parent, prefix="filling-"))
    try:
        with Engine(cache=filling) as engine:
            results = engine.grade(read_submission(ROOT / "solutions", exercise_names()))
        failed = [result.name for result in results if result.verdict != "passed"]
        if failed:
            raise RuntimeError(f"the kit's own solutions do not pass here: {', '.join(failed)}")
        exercises = map(load_exercise, exercise_names())
        keep_operations(filling, {name for exercise in exercises for name in exercise.functions})
        filling.chmod(0o755)
        with contextlib.suppress(OSError):  # another grader was faster
            filling.rename(folder)
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return folder
