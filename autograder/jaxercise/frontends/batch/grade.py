"""A whole batch: submissions in, records and reports out."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxercise.cache.folders import batches
from jaxercise.course import Course, CourseError
from jaxercise.frontends.batch import report
from jaxercise.frontends.batch.class_grading import ClassGrading, no_room
from jaxercise.frontends.batch.handins import CollectError, Handins, collect, one_line
from jaxercise.frontends.batch.judge_processes import Executor, JudgeDiedError, Judges, MachineError
from jaxercise.frontends.batch.keys import Settings, decided_by
from jaxercise.frontends.batch.lateness import Deadline, by_student, due_date
from jaxercise.frontends.batch.layouts import LAYOUTS
from jaxercise.frontends.batch.progress import progress
from jaxercise.frontends.batch.records import OutputError, Store
from jaxercise.frontends.batch.regrade import changes_allowed
from jaxercise.frontends.reports.choices import only
from jaxercise.lateness import DateError, read_date, read_dates
from jaxercise.trial import check_jax
from jaxercise.versions import VersionError


class UsageError(Exception):
    """What is asked for cannot be done; the message says what to do."""


@dataclass(frozen=True)
class GradeRequest:
    """What an instructor asks for; see `jaxercise grade --help`."""

    submissions: Path
    out: Path
    course: Path | None = None
    layout: str = ""
    jobs: int = 1
    assignment: str = ""
    exercises: Sequence[str] = ()
    due: str = ""
    extensions: Path | None = None
    submitted_at: Path | None = None
    only: Sequence[str] = ()
    seed: int | None = None
    call_seconds: float = 20.0
    device: str = "cpu"
    against: Path | None = None
    allow_lower: bool = False
    scheduler: str | None = None
    sandbox: bool = True


def grade(request: GradeRequest, client: Any = None) -> int:
    """Grade a class.

    Args:
        request: what is asked for.
        client: a `dask.distributed.Client` to grade with, e.g. of Dask Gateway.

    Returns:
        the exit status: 1 where scores would have gone down.

    Raises:
        UsageError: it cannot be done; nothing is written.
        MachineError: it cannot go on; what is finished is kept.
        SandboxRefusedError: there is to be a sandbox around student code, and none holds.
    """
    if sys.platform == "win32":
        raise UsageError(
            "A class cannot be graded on Windows itself. Run the same command in WSL, or in the "
            "container of autograder/jaxercise/sandbox/README.md."
        )
    settings, found, store = _checked(request)
    deadline, notes = _deadline(request, settings, found)
    _tell(
        f"Read as {LAYOUTS[found.layout]}: {len(found.handins)} students. "
        "(--layout names another way to read it.)"
    )
    _tell(f"Graded with seed {settings.seed}. (Students check themselves with seed 0.)")
    _tell_of_missing(settings, found)
    for note in (*found.notes, *notes):
        _tell(note)
    working = Store(_pending(request, settings)) if request.against else store
    with _opened(working), contextlib.closing(_executor(request, settings, client)) as executor:
        shown = progress()
        try:
            ClassGrading(settings, working, executor, shown).run(found.handins)
        finally:
            shown.close()
    students = [handin.student for handin in found.handins]
    if request.against:
        old = Store(request.against)
        if not changes_allowed(old, working, students, allow_lower=request.allow_lower):
            return 1
        with _opened(store):
            for record in filter(None, map(working.record, students)):
                store.write(record)
    with no_room(store.folder):
        handed_in = {handin.student: deadline.of(handin) for handin in found.handins}
        summary = report.write(store, handed_in, one_line(request.submissions.resolve().name))
    print(summary)
    return 0


def _checked(request: GradeRequest) -> tuple[Settings, Handins, Store]:
    try:
        whole = Course.open(request.course)
        course = only(whole, request.only)
        assignments = course.settings.assignments
        names = course.chosen(request.exercises, request.assignment if assignments else "")
        seed = course.grading_seed() if request.seed is None else request.seed
    except CourseError as error:
        raise UsageError(str(error)) from None
    if request.jobs < 1:
        raise UsageError("--jobs has to be at least 1")
    if not 0 < request.call_seconds < float("inf"):
        raise UsageError("--call-seconds has to be a number of seconds above 0")
    store = Store(request.out)
    try:
        check_jax(course, _tell)
        found = collect(
            request.submissions,
            course.functions(names),
            request.assignment,
            listed=request.assignment in assignments,
            layout=request.layout,
        )
        store.check()
        if request.against is not None:
            Store(request.against).check_readable()
    except (CollectError, OutputError, VersionError) as error:
        raise UsageError(str(error)) from None
    inside = request.out.absolute().resolve()
    if request.submissions.is_dir() and inside.is_relative_to(request.submissions.resolve()):
        raise UsageError(
            f"{request.out} lies among the submissions: its results would be graded. "
            "Name a folder beside them."
        )
    _same_class(store, found)
    settings = Settings(
        str(course.root),
        seed,
        request.call_seconds,
        request.device,
        request.sandbox,
        tuple(names) if names != whole.names() else (),
        tuple(sorted(course.dropped)),
    )
    return settings, found, store


def _deadline(
    request: GradeRequest, settings: Settings, found: Handins
) -> tuple[Deadline, list[str]]:
    """When the class had to hand in and when it did, and what is to be said about that."""
    course = Course.at(Path(settings.course))
    notes: list[str] = []

    def dates(path: Path | None) -> dict[str, datetime.datetime]:
        if path is None:
            return {}
        known, more = by_student(read_dates(path), found.handins, path.name)
        notes.extend(more)
        return known

    try:
        if request.due:
            due: datetime.datetime | None = read_date(request.due)
        else:
            names = settings.exercises or course.names()
            due, unclear = due_date(course.settings, names, request.assignment)
            notes += [unclear] if unclear else []
        deadline = Deadline(
            course.settings.late, due, dates(request.extensions), dates(request.submitted_at)
        )
    except DateError as error:
        raise UsageError(str(error)) from None
    if deadline.extensions and due is None:
        raise UsageError(
            "--extensions are later than a date, and there is none: --due DATE, or "
            "[tool.jaxercise.dates] in the course's pyproject.toml"
        )
    return deadline, [*notes, *deadline.notes(found.handins)]


def _tell_of_missing(settings: Settings, found: Handins) -> None:
    """Say how to grade alone what a class has handed in, where that is not all."""
    names = settings.exercises or settings.opened().names()
    files = {file for handin in found.handins for file in (*handin.entries, *handin.refused)}
    there = [name for name in names if any(Path(file).stem == name for file in files)]
    missing = [name for name in names if name not in there]
    if there and missing:
        alone = " ".join(f"--exercise {name}" for name in there)
        _tell(f"Nobody has handed in {', '.join(missing)}. To grade the others alone: {alone}")


def _same_class(store: Store, found: Handins) -> None:
    students = {handin.student for handin in found.handins}
    others = sorted(r.student for r in store.records() if r.student not in students)
    if others:
        named = ", ".join(one_line(name) for name in others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        raise UsageError(
            f"{store.folder} holds results of students who are not among the submissions "
            f"({named}{more}): is it another course's? Name another folder; or, if they have left, "
            f"delete their files in {store.results}."
        )


def _executor(request: GradeRequest, settings: Settings, client: Any) -> Executor:
    if request.scheduler or client is not None:
        from jaxercise.frontends.batch.dask_cluster import Cluster, ClusterError

        try:
            return Cluster(settings, client, request.scheduler)
        except ClusterError as error:
            raise UsageError(str(error)) from None
    judges = Judges(settings, request.jobs)
    try:
        judges.start()
    except BaseException as error:
        judges.close()
        if isinstance(error, JudgeDiedError):
            raise MachineError(f"The judge does not start. {error}") from None
        raise
    return judges


def _pending(request: GradeRequest, settings: Settings) -> Path:
    """Where a regrade's results wait until it is decided whether they may be written."""
    whole = f"{request.out.absolute()} {decided_by(settings.opened())} {settings}"
    return batches() / hashlib.sha256(whole.encode()).hexdigest()[:16]


@contextlib.contextmanager
def _opened(store: Store) -> Iterator[None]:
    """The folder, made, and held against a second run at the same time."""
    import fcntl

    with no_room(store.folder):
        store.open()
        lock = (store.folder / ".lock").open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"another run is writing to {store.folder}. Wait for it, or stop it first."
            ) from None
        yield


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
