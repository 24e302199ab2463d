"""Grading a course: what is done is kept, what is left is graded, what failed is tried alone."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jaxercise.frontends.batch.handins import Handin
from jaxercise.frontends.batch.judge import Answer, Job, unscored
from jaxercise.frontends.batch.judge_processes import Executor, MachineError
from jaxercise.frontends.batch.keys import Settings, files_digest, result_key
from jaxercise.frontends.batch.progress import Counting
from jaxercise.frontends.batch.records import Record, Store
from jaxercise.sandboxed.limits import Limits
from jaxercise.verdicts import DOUBTFUL, Outcome, Verdict

#: Verdicts that count only if they come again when nothing else runs.
ALONE = DOUBTFUL - {Verdict.INTERNAL}

Counts = Counter[str]


@dataclass(frozen=True)
class _Known:
    """What is kept in memory of a record: a course may have thousands."""

    key: str
    alone: bool
    verdicts: Counts


@dataclass(frozen=True)
class _Task:
    """Files to grade, and the students who have handed in just these."""

    handins: list[Handin]
    job: Job


class ClassGrading:
    """A course under way.

    Args:
        settings: the instructor's choices.
        store: where records are kept.
        executor: what grades.
        progress: who is told.
    """

    def __init__(
        self, settings: Settings, store: Store, executor: Executor, progress: Counting
    ) -> None:
        self._settings = settings
        self._store = store
        self._executor = executor
        self._progress = progress

    def run(self, handins: Sequence[Handin]) -> None:
        """Grade what is not graded yet.

        Raises:
            MachineError: it cannot go on; what is finished is kept.
            SandboxRefusedError: there is to be a sandbox, and none holds.
        """
        known = {
            record.student: _Known(record.key, record.alone, counts(record))
            for record in self._store.records()
        }
        self._progress.begin(len(handins))
        tasks: dict[str, _Task] = {}
        provisional: list[Handin] = []
        for handin in handins:
            job = self._job(handin)
            before = known.get(handin.student)
            if before is None or before.key != job.key:
                task = tasks.setdefault(job.key, _Task([], replace(job, files={})))
                task.handins.append(handin)
                continue
            self._progress.kept(before.verdicts)
            if before.alone:
                provisional.append(handin)
        provisional += self._together(list(tasks.values()))
        self._progress.alone(len(provisional))
        for handin in provisional:
            self._alone(handin)

    def _job(self, handin: Handin) -> Job:
        files, refused = handin.read() if not handin.problem else ({}, {"": handin.problem})
        digest = files_digest(files, refused)
        key = result_key(digest, self._settings)
        return Job(key, digest, files, refused, self._settings.exercises)

    def _together(self, tasks: Sequence[_Task]) -> list[Handin]:
        """Grade; the submissions of which something has to be tried alone."""
        provisional: list[Handin] = []
        to_grade: list[_Task] = []
        for task in tasks:
            if task.job.refused.keys() != {""} and (
                task.handins[0].entries or task.handins[0].refused
            ):
                to_grade.append(task)
                continue
            for handin in task.handins:
                self._keep(self._record(handin, task.job, unscored("error", handin.problem)))
        graded = [task.job for task in to_grade]

        def reader(position: int) -> Callable[[], Job]:
            def read() -> Job:
                job = self._job(to_grade[position].handins[0])
                graded[position] = replace(job, files={})  # what is graded counts
                return job

            return read

        for position, answer in self._executor.run(list(map(reader, range(len(graded))))):
            task, job = to_grade[position], graded[position]
            # Where the files have changed since, the others' have not: the next run grades those.
            for handin in task.handins if job.key == task.job.key else task.handins[:1]:
                record = self._record(handin, job, answer)
                record = replace(record, alone=self._is_tried_alone(record))
                self._keep(record)
                if record.alone:
                    provisional.append(handin)
        return provisional

    def _is_tried_alone(self, record: Record) -> bool:
        """Whether something failed that may not fail alone; who has cost minutes, costs no more."""
        patience = 2 * Limits.of_calls(self._settings.call_seconds).exercise
        return bool(_failed(record.outcomes)) and record.seconds < patience

    def _alone(self, handin: Handin) -> None:
        before = self._store.record(handin.student)
        job = self._job(handin)
        if before is None or before.key != job.key:
            return  # it has changed under our hands: the next run grades it
        exercises = _failed(before.outcomes)
        answer = self._executor.run_alone(replace(job, exercises=tuple(exercises)))
        again = self._record(handin, job, answer)
        if again.verdict == "graded":
            again = replace(
                before,
                outcomes=_merged(before.outcomes, again.outcomes),
                timings=dict(Counter(before.timings) + Counter(again.timings)),
            )
        self._keep(replace(again, tries=before.tries + 1, alone=False), again=True)

    def _keep(self, record: Record, *, again: bool = False) -> None:
        with no_room(self._store.folder):
            self._store.write(record)
        self._progress.graded(counts(record), again=again)

    def _record(self, handin: Handin, job: Job, answer: Answer) -> Record:
        outcomes = tuple(Outcome.from_json(dict(one)) for one in answer["outcomes"])
        verdict, problem = answer["verdict"], answer["problem"]
        failed = sorted(
            {f"{o.exercise}.{o.function}" for o in outcomes if o.verdict == Verdict.INTERNAL}
        )
        if failed:
            verdict, problem = "internal", f"The grader itself failed on {', '.join(failed)}."
        return Record(
            student=handin.student,
            key=job.key,
            files=job.digest,
            verdict=verdict,
            problem=problem,
            outcomes=outcomes,
            timings=answer["timings"],
            sandbox=self._settings.sandbox,
            seed=self._settings.seed,
            names=tuple(sorted(handin.entries)),
            notes=handin.notes,
            look=tuple(answer["look"]),
            prints=answer["prints"],
            platform=handin.platform,
            identity=dict(handin.identity),
            late=handin.late,
            timestamp=handin.timestamp,
        )


@contextlib.contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """What cannot be written to a folder ends the run; the message says so."""
    try:
        yield
    except OSError as error:
        raise MachineError(f"{folder} cannot be written: {error.strerror or error}.") from None


def counts(record: Record) -> Counts:
    """How many functions met each verdict; where there is no score, the submission's own."""
    if record.verdict != "graded":
        return Counter([record.verdict])
    return Counter(result.verdict for result in record.results)


def _failed(outcomes: Iterable[Outcome]) -> list[str]:
    """The exercises of which something does not count before it was tried alone."""
    return sorted({outcome.exercise for outcome in outcomes if outcome.verdict in ALONE})


def _merged(before: Sequence[Outcome], again: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The first outcomes, those of exercises that were tried again replaced."""
    new = {(outcome.exercise, outcome.function, outcome.claim): outcome for outcome in again}
    return tuple(new.get((o.exercise, o.function, o.claim), o) for o in before)
