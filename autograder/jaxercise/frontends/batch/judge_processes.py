"""Judges on this machine: processes that are given submissions, watched, and replaced."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from jaxercise.frontends.batch.judge import Answer, Job, unscored
from jaxercise.frontends.batch.keys import Settings
from jaxercise.processes import bare_python
from jaxercise.verdicts import Verdict, settled

#: A judge that has said nothing for so long is taken for dead: far beyond all limits together.
SILENT_SECONDS = 2 * 3600.0
_END_SECONDS = 20.0


class MachineError(Exception):
    """Grading cannot go on here; what is finished is kept. The message says what to do."""


class Executor(Protocol):
    """What grades jobs: judges on this machine, or on a cluster."""

    def run(self, jobs: Sequence[Callable[[], Job]]) -> Iterator[tuple[int, Answer]]:
        """Grade; answers come as they are ready, each with its job's position.

        Args:
            jobs: each reads a submission when it is its turn.
        """
        ...

    def run_alone(self, job: Job) -> Answer:
        """Grade one submission while nothing else runs."""
        ...

    def close(self) -> None:
        """End all that was started."""
        ...


class JudgeDiedError(Exception):
    """A judge has ended without an answer; the message is what it said last."""


class JudgeProcess:
    """A judge in a process of its own; started at the first job.

    Args:
        settings: the instructor's choices.
        caches: a folder for what judges of one run compile, which they share; None for one of its
            own.
    """

    def __init__(self, settings: Settings, caches: Path | None = None) -> None:
        self._settings = settings
        self._caches = caches
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._log: Any = None

    @property
    def pid(self) -> int | None:
        """Its process id; None while there is none."""
        return None if self._process is None else self._process.pid

    def grade(self, job: Job) -> Answer:
        """Grade a submission. A judge that dies over it is replaced once; then that is the result.

        Raises:
            SandboxRefusedError: there is to be a sandbox, and none holds here.
            MachineError: this machine cannot go on.
        """
        return settled(lambda: self._graded(job), _verdict)

    def _graded(self, job: Job) -> Answer:
        try:
            answer = self._asked(job)
        except JudgeDiedError as error:
            answer = unscored("internal", f"The judge has died over it, twice. {error}")
        if "failed" in answer:
            answer = unscored("internal", answer["failed"])
        if _verdict(answer) == Verdict.INTERNAL:
            self.close()  # a judge that fails may have been damaged: a new one decides
        return answer

    def start(self) -> None:
        """Start it, and wait until it is ready.

        Raises:
            SandboxRefusedError, MachineError: as in `grade`.
            JudgeDiedError: it has ended at once.
        """
        if self._process is not None:
            return
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has failed
        told = [json.dumps(self._settings.as_json()), str(self._caches or "")]
        self._process = subprocess.Popen(
            [*bare_python("jaxercise.frontends.batch.judge"), *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        self._ready = False
        answer = self._heard()
        if "refused" in answer:
            self.close()
            raise SandboxRefusedError(answer["refused"])
        if "machine" in answer:
            self.close()
            raise MachineError(answer["machine"])
        self._ready = True

    def _asked(self, job: Job) -> Answer:
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job.as_json()).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None
        answer = self._heard()
        if "machine" in answer:
            raise MachineError(answer["machine"])
        return answer

    def _heard(self) -> Answer:
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + SILENT_SECONDS
        line = b""
        while not line.endswith(b"\n"):
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                raise self._died(f"It has said nothing for {SILENT_SECONDS:.0f} s.")
            more = os.read(self._process.stdout.fileno(), 1 << 20)
            if not more:
                raise self._died()
            line += more
        answer: Answer = json.loads(line)
        return answer

    def _died(self, why: str = "") -> JudgeDiedError:
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")[-2000:].strip()
        code = "" if self._process is None else self._process.poll()
        how = why or (f"It ended with {code}." if code is not None else "")
        return JudgeDiedError(f"{how}\n{log}".strip())

    def close(self) -> None:
        """End it: it ends its workers, and leaves nothing behind."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_END_SECONDS if self._ready else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, self._log):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]


class SandboxRefusedError(Exception):
    """There is to be a sandbox around student code, and none holds; the message says why."""


def _verdict(answer: Answer) -> str:
    """`internal` where the grader has failed, on the whole or on a claim."""
    failed = any(outcome["verdict"] == Verdict.INTERNAL for outcome in answer["outcomes"])
    return Verdict.INTERNAL if failed else answer["verdict"]


class Judges:
    """Several judges, each with a thread that waits for it.

    Args:
        settings: the instructor's choices.
        count: how many.
    """

    def __init__(self, settings: Settings, count: int) -> None:
        # New for each run: what an earlier one has left may have been written by anybody.
        self._caches = Path(tempfile.mkdtemp(prefix="jaxercise-batch-"))
        self._judges = [JudgeProcess(settings, self._caches) for _ in range(count)]
        self._stop = threading.Event()

    def start(self) -> None:
        """Start the first judge.

        Raises:
            SandboxRefusedError, JudgeDiedError, MachineError: it cannot work.
        """
        self._judges[0].start()

    def run(self, jobs: Sequence[Callable[[], Job]]) -> Iterator[tuple[int, Answer]]:
        waiting: queue.SimpleQueue[tuple[int, Callable[[], Job]]] = queue.SimpleQueue()
        for item in enumerate(jobs):
            waiting.put(item)
        done: queue.SimpleQueue[tuple[int, Answer | BaseException]] = queue.SimpleQueue()
        for judge in self._judges[: len(jobs)]:
            threading.Thread(target=self._work, args=(judge, waiting, done), daemon=True).start()
        for _ in jobs:
            position, answer = _next(done)
            if isinstance(answer, BaseException):
                raise answer
            yield position, answer

    def _work(
        self,
        judge: JudgeProcess,
        waiting: queue.SimpleQueue[tuple[int, Callable[[], Job]]],
        done: queue.SimpleQueue[tuple[int, Answer | BaseException]],
    ) -> None:
        while not self._stop.is_set():
            try:
                position, read = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                job = read()
                done.put((position, judge.grade(job)))
            except BaseException as error:
                done.put((position, error))
                return

    def run_alone(self, job: Job) -> Answer:
        return self._judges[0].grade(job)

    def close(self) -> None:
        self._stop.set()
        closing = [threading.Thread(target=judge.close) for judge in self._judges]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
        shutil.rmtree(self._caches, ignore_errors=True)


def _next(done: queue.SimpleQueue[Any]) -> Any:
    while True:
        with contextlib.suppress(queue.Empty):  # so that Ctrl-C is heard while nothing comes
            return done.get(timeout=0.5)
