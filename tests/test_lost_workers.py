"""What is told does not change if something else ends a worker (the kernel, for want of memory)."""

from __future__ import annotations

import functools
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.loading import load_exercise
from jaxercise.diagnosis import misconception_runner
from jaxercise.diagnosis.diagnosis import Diagnostician
from jaxercise.engine import Engine
from jaxercise.grading.exercise import ExerciseGrading, Grader
from jaxercise.grading.references import References
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.submission import read_submission
from jaxercise.verdicts import Finding, Verdict
from jaxercise.workers import watch
from jaxercise.workers.process import Process
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.runner import Reply, WorkerStoppedError, asked_twice
from jaxercise.workers.workers import Workers
from small_course import EXERCISE, answer, write_small_course

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="workers have no ids")


class Killed(RemoteRunner):
    """A runner whose worker is killed before one of its calls; 0 for none."""

    def __init__(self, workers: PatientWorkers, before: int) -> None:
        super().__init__(workers)
        self._before = before
        self.calls = 0

    def call(self, request: Request) -> Reply:
        self.calls += 1
        if self.calls == self._before:
            assert self.process is not None
            os.kill(self.process.pid, signal.SIGKILL)
        return super().call(request)


def test_a_cause_is_named_though_workers_are_killed_meanwhile(
    workers: PatientWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the student's function while it is tried on more inputs, and the misconceptions'."""
    course = write_small_course(tmp_path / "course")
    claims = load_exercise(course, EXERCISE).claims
    (tmp_path / f"{EXERCISE}.py").write_bytes(answer("return jnp.diff(x, prepend=x[:1])"))
    source = read_submission(tmp_path, [EXERCISE]).source(EXERCISE, ["changes"])
    references = References(course, EXERCISE)

    def told(diagnoses: bool, students: int, misconceptions: int) -> tuple[Finding | None, int]:
        """What is told, and how many calls of the student's function it took."""
        student = Killed(workers, students)
        monkeypatch.setattr(misconception_runner, "kept_file", lambda *_: tmp_path / f"{students}")

        def diagnostician(claims: Any) -> Diagnostician:
            open_runner = functools.partial(Killed, workers, misconceptions)
            return Diagnostician(course, open_runner, claims)

        grader = Grader(
            lambda: student, lambda _: references, diagnostician if diagnoses else None, again=False
        )
        grading = ExerciseGrading(grader, source, claims)
        outcome = grading.outcome(claims[0])
        grading.close()
        assert outcome.verdict == Verdict.WRONG
        return outcome.finding, student.calls

    judged = told(False, 0, 0)[1]
    finding, calls = told(True, judged + 1, 1)
    assert calls > judged + 1
    assert finding is not None
    assert finding.misconception == "step_by_step"


def test_a_worker_that_waits_is_used_once_and_one_that_was_ended_never() -> None:
    """Students' code alone gets one, and each has its own."""
    workers = Workers(Limits())
    try:
        workers.prepare(2)
        first, second = waiting = list(workers._ahead)
        workers.prepare(2)
        assert workers._ahead == waiting
        first.end()
        assert workers.spawn(trusted=True) not in waiting
        assert workers.spawn() is second
        assert first.closed
        assert workers.spawn() not in waiting
        workers.prepare(1)
        (left,) = workers._ahead
    finally:
        workers.close()
    assert left.closed


def test_what_ends_its_process_itself_is_asked_twice_and_what_breaks_a_limit_once() -> None:
    for verdict, times in ((Verdict.CRASHED, 2), (Verdict.TIMEOUT, 1), (Verdict.MEMORY, 1)):
        asked: list[Verdict] = []

        def ask(verdict: Verdict = verdict, asked: list[Verdict] = asked) -> None:
            asked.append(verdict)
            raise WorkerStoppedError(verdict, "gone")

        with pytest.raises(WorkerStoppedError):
            asked_twice(ask)
        assert len(asked) == times


@pytest.mark.parametrize("where", ["top", "function"])
@pytest.mark.parametrize("computing", [True, False])
def test_what_has_computed_all_the_time_is_tried_once(
    where: str,
    computing: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An endless loop is told of at once; what may have waited for a processor is tried again."""
    seconds = itertools.count(0, 1000 if computing else 0)
    monkeypatch.setattr(watch, "busy", lambda _: next(seconds))
    course = write_small_course(tmp_path / "course")
    code = answer("while True: pass")
    code = b"while True: pass\n" + code if where == "top" else code
    (tmp_path / f"{EXERCISE}.py").write_bytes(code)
    claims = load_exercise(course, EXERCISE).claims
    with Engine(course, Limits.of_calls(2)) as engine:
        workers = engine._workers
        assert workers is not None
        started: list[int] = []
        spawn = workers.spawn

        def counted(**how: bool) -> Process:
            process = spawn(**how)
            started.append(process.pid)
            return process

        monkeypatch.setattr(workers, "spawn", counted)
        source = read_submission(tmp_path, [EXERCISE]).source(EXERCISE, ["changes"])
        grading = ExerciseGrading(engine.grader, source, claims)
        outcome = grading.outcome(claims[0])
        grading.close()
    assert outcome.verdict == Verdict.TIMEOUT
    assert outcome.finding is not None
    assert outcome.finding.lines[-1][2] == "while True: pass"
    assert len(started) == (1 if computing else 2)


COMPUTING = """\
import sys, threading, time

def compute():
    while time.thread_time() < 0.5:
        pass

if "beside" in sys.argv:
    beside = threading.Thread(target=compute)
    beside.start()
    beside.join()
else:
    compute()
print(time.thread_time(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["itself", "beside"])
def test_what_a_process_has_computed_is_that_of_its_first_thread(how: str) -> None:
    """Whatever the load: seconds of a processor, not of a clock."""
    command = [sys.executable, "-c", COMPUTING, how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        told = float(process.stdout.readline())
        assert watch.busy(process.pid) == pytest.approx(told, abs=0.1)
        assert watch.busy(os.getpid()) >= watch.busy(process.pid)  # also those of what it starts
        process.communicate()
    assert watch.busy(0) == 0
