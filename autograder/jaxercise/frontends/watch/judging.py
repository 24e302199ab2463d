"""The judge of a watched folder: a thread that judges what was saved last before anything else.

Its engine stays, so that nothing is imported, drawn or compiled twice. Student code is run as it is
for `pytest autograder/`: in a worker that is new for each save, with the same limits.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent import futures
from pathlib import Path
from typing import Any, TypeVar

from jaxercise.claims.claims import VALUES, Claim
from jaxercise.claims.loading import load_exercises
from jaxercise.engine import Engine
from jaxercise.frontends.watch.changes import touched, with_used
from jaxercise.grading.exercise import ExerciseGrading
from jaxercise.sandboxed.requests import Request
from jaxercise.submission import Source, Submission, SubmissionError, read_submission, sources
from jaxercise.verdicts import FunctionResult, Outcome, Verdict
from jaxercise.workers.runner import Raised, Reply, Runner

_T = TypeVar("_T")
_LOOK_SECONDS = 0.02


@dataclasses.dataclass(frozen=True)
class Saved:
    """Exercises have been saved.

    Attributes:
        exercises: which.
        functions: what is judged for it, each with its exercise; none where no code has changed.
        notes: what had to be mended in order to read them.
    """

    exercises: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Began:
    exercise: str
    functions: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Judged:
    result: FunctionResult


@dataclasses.dataclass(frozen=True)
class Unreadable:
    """There is nothing to judge; the sentence says why."""

    sentence: str


@dataclasses.dataclass(frozen=True)
class Failed:
    """The judge cannot go on."""

    error: BaseException


Event = Saved | Began | Judged | Unreadable | Failed


class Judging:
    """Judges a folder's exercises, and again what changes in them.

    Args:
        engine: judges; nobody else uses it meanwhile.
        path: the folder, or a file.
        tell: is called with each event, in the judge's threads.
    """

    def __init__(self, engine: Engine, path: Path, tell: Callable[[Event], None]) -> None:
        self._engine, self._path, self._tell = engine, path, tell
        self._exercises = {one.name: one for one in load_exercises(engine.course)}
        self._sources: dict[str, Source | None] = {}
        self._results: dict[tuple[str, str], FunctionResult] = {}
        self._changed = threading.Condition()
        self._saved: list[str] = list(self._exercises)
        self._due: dict[str, tuple[str, ...]] = {}
        self._stop = threading.Event()
        self._closed = False
        self._lane = futures.ThreadPoolExecutor(1, "judging")
        self._lane_ahead = futures.ThreadPoolExecutor(1, "judging-ahead")
        open_runner = engine.grader.open_runner
        self._grader = dataclasses.replace(
            engine.grader, open_runner=lambda: _StoppableRunner(open_runner(), self._stop)
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def saved(self, exercises: Collection[str]) -> None:
        """Files of exercises have changed: they come before all that is still to be judged."""
        with self._changed:
            self._saved += [one for one in exercises if one not in self._saved]
            self._stop.set()
            self._changed.notify()

    def again(self, exercises: Mapping[str, Sequence[str]]) -> None:
        """Judge functions again that have not changed."""
        with self._changed:
            self._due = {name: tuple(chosen) for name, chosen in exercises.items()} | self._due
            self._stop.set()
            self._changed.notify()

    def close(self) -> None:
        """Leave what is not judged, and end what runs."""
        with self._changed:
            self._closed = True
            self._stop.set()
            self._changed.notify()
        self._thread.join()
        self._lane.shutdown()
        self._lane_ahead.shutdown()
        sources.discard()

    def source(self, exercise: str) -> Source | None:
        """The file that counts for an exercise; None where there is none."""
        return self._sources.get(exercise)

    def _run(self) -> None:
        try:
            while self._wait():
                saved = self._taken()
                if saved:
                    self._read(saved)
                exercise = next(iter(self._due), "")
                if exercise:
                    self._judge(exercise)
        except BaseException as error:
            self._tell(Failed(error))

    def _wait(self) -> bool:
        """Wait for something to do; False if there will be nothing more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._saved or self._due)
            return not self._closed

    def _taken(self) -> list[str]:
        with self._changed:
            taken, self._saved = self._saved, []
            if not self._closed:
                self._stop.clear()
        return taken

    def _read(self, exercises: Sequence[str]) -> None:
        """See what has changed in exercises: that is due, before everything else."""
        try:
            submission = read_submission(self._path, exercises)
        except SubmissionError as error:  # no such file any more, or not yet
            submission = Submission({})
            if not any(self._sources.values()):
                self._tell(Unreadable(str(error)))
        sources.prepare()
        known = {name: self._sources[name] for name in exercises if name in self._sources}
        functions = {name: tuple(self._exercises[name].functions) for name in exercises}
        self._sources |= {name: submission.source(name, functions[name]) for name in exercises}
        new = {
            name: touched(known[name], self._sources[name], of) if name in known else of
            for name, of in functions.items()
        }
        if known:
            places = tuple((name, one) for name in known for one in new[name])
            self._tell(Saved(tuple(known), places, tuple(submission.notes(functions))))
        with self._changed:
            for name, due in self._due.items():
                new[name] = tuple(
                    one
                    for one in self._exercises[name].functions
                    if one in due or one in new.get(name, ())
                )
            self._due = {name: due for name, due in new.items() if due}

    def _judge(self, exercise: str) -> None:
        """Judge what is due of an exercise, unless something else is saved meanwhile."""
        source, due = self._sources[exercise], self._due[exercise]
        calls = source.calls if source is not None else {}
        mine = {of: one for (name, of), one in self._results.items() if name == exercise}
        # Of a function that uses a wrong one this is told, so that one is judged beside it.
        wrong = {name for name, one in mine.items() if one.verdict != Verdict.PASSED}
        names = with_used(due, calls, wrong)
        order = [name for name in self._exercises[exercise].functions if name in names]
        self._tell(Began(exercise, due))
        ahead, closed = self._judged_ahead(exercise, order)
        judging = self._lane.submit(self._judge_all, exercise, ahead)
        # Whatever is to be told once something is judged ahead has been told when that is closed.
        while futures.wait((judging, closed), _LOOK_SECONDS).not_done:
            if self._stop.is_set():
                self._engine.interrupt()
        judging.result()
        if not self._stop.is_set():
            self._engine.prepare(2)

    def _judged_ahead(
        self, exercise: str, names: Sequence[str]
    ) -> tuple[dict[str, futures.Future[dict[Claim, Outcome]]], futures.Future[None]]:
        """Of each function, the outcomes of laws and methods as if its values were right.

        They are judged one function after the other in a lane and a worker of their own. Of what
        does not hold no more is found out than that.
        """
        loaded = self._exercises[exercise]
        claims = [one for one in loaded.claims if one.kind != VALUES]
        grader = dataclasses.replace(self._grader, diagnostician=None, shrink=False)
        grading = ExerciseGrading(grader, self._sources[exercise], claims or loaded.claims)

        def judge(name: str) -> dict[Claim, Outcome]:
            return {one: grading.outcome(one) for one in claims if one.function.name == name}

        ahead = {name: self._lane_ahead.submit(judge, name) for name in names}
        return ahead, self._lane_ahead.submit(grading.close)

    def _judge_all(
        self, exercise: str, ahead: Mapping[str, futures.Future[dict[Claim, Outcome]]]
    ) -> None:
        """Judge functions: their values, and whatever does not hold of what is judged ahead."""
        loaded = self._exercises[exercise]
        graded = ExerciseGrading(self._grader, self._sources[exercise], loaded.claims)
        with contextlib.suppress(StoppedError), contextlib.closing(graded) as grading:

            def finish(name: str, known: Mapping[Claim, Outcome]) -> None:
                outcomes = [
                    known.get(claim) or grading.outcome(claim)
                    for claim in loaded.claims_about(name)
                ]
                # What is ended for a new save may have lost its cause.
                if not self._stop.is_set():
                    self._done(exercise, name, FunctionResult(exercise, name, outcomes))

            def finish_right(name: str, others: futures.Future[dict[Claim, Outcome]]) -> None:
                if _hold(others):
                    finish(name, others.result())

            right: list[str] = []
            for name, others in ahead.items():
                values = [one for one in loaded.claims_about(name) if one.kind == VALUES]
                if all(grading.outcome(one).verdict == Verdict.PASSED for one in values):
                    right.append(name)
                    others.add_done_callback(functools.partial(finish_right, name))
                else:
                    others.cancel()
                    finish(name, {})  # the others wait for the values
            for name in right:
                ahead[name].result()
                if not _hold(ahead[name]):
                    finish(name, {})

    def _done(self, exercise: str, name: str, result: FunctionResult) -> None:
        with self._changed:
            self._results[exercise, name] = result
            left = tuple(one for one in self._due.get(exercise, ()) if one != name)
            if left:
                self._due[exercise] = left
            else:
                self._due.pop(exercise, None)
        self._tell(Judged(result))


def _hold(ahead: futures.Future[dict[Claim, Outcome]]) -> bool:
    """Whether what was judged ahead holds, all of it."""
    return ahead.exception() is None and all(
        one.verdict == Verdict.PASSED for one in ahead.result().values()
    )


class StoppedError(BaseException):
    """What is being judged is wanted no more; no Exception, so that nothing is judged by it."""


class _StoppableRunner:
    """A runner that is asked nothing more, and whose answers do not count, once it is to stop."""

    def __init__(self, runner: Runner, stop: threading.Event) -> None:
        self._runner, self._stop = runner, stop

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return self._unless_stopped(lambda: self._runner.load(name, cells))

    def call(self, request: Request) -> Reply:
        return self._unless_stopped(lambda: self._runner.call(request))

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        return self._unless_stopped(lambda: self._runner.scaling(small, large))

    def close(self) -> None:
        self._runner.close()

    def _unless_stopped(self, ask: Callable[[], _T]) -> _T:
        self._look()
        try:
            return ask()
        finally:
            self._look()

    def _look(self) -> None:
        if self._stop.is_set():
            raise StoppedError
