"""The judge's process: takes submissions as bytes, one after the other, and answers with results.

It never runs student code: its engine does that in workers. Where it cannot go on, it says so and
ends, and a new one takes its place.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import queue
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jaxercise.frontends.batch.keys import Settings
from jaxercise.submission import Source, fingerprints

Answer = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A submission to grade.

    Attributes:
        key: what its result depends on.
        digest: of the files.
        files: the files' contents, by name.
        refused: files that are not let through, and why.
        exercises: which to grade; empty for all.
    """

    key: str
    digest: str
    files: Mapping[str, bytes]
    refused: Mapping[str, str] = field(default_factory=dict)
    exercises: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        files = {name: base64.b64encode(data).decode() for name, data in self.files.items()}
        return asdict(self) | {"files": files}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Job:
        files = {name: base64.b64decode(text) for name, text in told["files"].items()}
        return cls(told["key"], told["digest"], files, told["refused"], tuple(told["exercises"]))


class Judge:
    """Grades submissions; starts what it needs for that.

    Args:
        settings: the instructor's choices.
        caches: a folder for what judges of one run compile, which they share; None for one of its
            own.

    Raises:
        SandboxError: there is to be a sandbox, and none holds here.
        DeviceError: student code cannot run on the device.
    """

    def __init__(self, settings: Settings, caches: Path | None = None) -> None:
        from jaxercise.cache.folders import forget_earlier_runs
        from jaxercise.frontends.batch.sandboxes import open_engine
        from jaxercise.workers.timing import Spent

        self._spent = Spent()
        self._given: dict[str, set[str]] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="jaxercise-batch-"))
        forget_earlier_runs(caches or self._folder / "cache")
        try:
            self._engine = open_engine(settings, self._spent)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def grade(self, job: Job) -> Answer:
        """The answer to a job: `verdict`, `problem`, `outcomes`, `timings`, `look`, `prints`."""
        from jaxercise.claims.loading import load_exercise
        from jaxercise.submission import SubmissionError, read_submission

        self._spent.take()
        before = time.process_time()
        # Names of files come from the course's own list of exercises.
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            if not job.files:
                return unscored("error", "\n".join(job.refused.values()))
            with self._spent.on("read"):
                for name, data in job.files.items():
                    (folder / name).write_bytes(data)
                names = list(job.exercises) or self._engine.course.names()
                submission = read_submission(folder, names, job.refused)
            exercises = [load_exercise(self._engine.course, name) for name in names]
            sources = [submission.source(one.name, one.functions) for one in exercises]
            problem = _nothing_readable([source for source in sources if source is not None])
            if problem:
                return unscored("error", problem)
            results = self._engine.grade(submission, names)
        except SubmissionError as error:
            return unscored("error", str(error).replace(str(folder), "It"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._spent.add("judge", time.process_time() - before)
        outcomes = [outcome.as_json() for result in results for outcome in result.outcomes]
        timings = self._spent.take()
        look = [one for source in sources if source is not None for one in source.look]
        prints = {
            f"{name}.{function}": left
            for name, source in zip(names, sources, strict=True)
            if source is not None
            for function, kept in source.prints.items()
            if (left := self._beyond_stub(name, kept))
        }
        return unscored("graded", "") | {
            "outcomes": outcomes, "timings": timings, "look": look, "prints": prints,
        }  # fmt: skip

    def _beyond_stub(self, exercise: str, kept: str) -> str:
        """Fingerprints without those of what students are given."""
        if exercise not in self._given:
            stub = self._engine.course.exercises / f"{exercise}.py"
            text = stub.read_text(encoding="utf-8") if stub.exists() else ""
            given = fingerprints.fingerprints([text]).values()
            self._given[exercise] = {digest for one in given for digest in fingerprints.places(one)}
        given_here = self._given[exercise]
        return " ".join(one for one in kept.split() if one.partition(":")[0] not in given_here)

    def close(self) -> None:
        """End the workers, and remove what was written."""
        self._engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def unscored(verdict: str, problem: str) -> Answer:
    """The answer where there is no score."""
    return {
        "verdict": verdict, "problem": problem, "outcomes": [], "timings": {}, "look": [],
        "prints": {},
    }  # fmt: skip


def _nothing_readable(sources: Sequence[Source]) -> str:
    """Why none of the files holds a function that could be graded; empty where one does."""
    if any(source.readable and (source.functions or not source.problem) for source in sources):
        return ""
    return "\n".join(source.problem or "" for source in sources)


def main() -> None:
    """Answer jobs from standard input, a line of JSON each.

    `argv[1]` holds the settings, `argv[2]` the folder of caches, empty for one of its own.

    Answers are `{"ready": true}` once at the start, then one for each job. One with `refused` (no
    sandbox), `machine` (this machine cannot go on, e.g. its disk is full) or `failed` is the last.
    """
    from jaxercise.frontends.batch.sandboxes import DeviceError
    from jaxercise.sandbox import SandboxError

    incoming, outgoing = _own_channels()
    settings = Settings.from_json(json.loads(sys.argv[1]))
    try:
        judge = Judge(settings, Path(sys.argv[2]) if sys.argv[2] else None)
    except SandboxError as error:
        _say(outgoing, {"refused": str(error)})
        return
    except DeviceError as error:
        _say(outgoing, {"machine": str(error)})
        return
    try:
        _say(outgoing, {"ready": True})
        for line in _lines(incoming, judge):
            answer = _answer(judge, Job.from_json(json.loads(line)))
            _say(outgoing, answer)
            if "failed" in answer or "machine" in answer:
                return
    except BrokenPipeError:  # nobody is interested any more
        return
    finally:
        judge.close()


def _lines(incoming: Any, judge: Judge) -> Iterator[bytes]:
    """What comes in. When the one who asks is gone, whatever is under way ends at once."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in incoming:
            lines.put(line)
        judge.close()
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def _answer(judge: Judge, job: Job) -> Answer:
    try:
        return judge.grade(job)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            place = tempfile.gettempdir()
            return {"machine": f"{place} cannot be written: {error.strerror}."}
        return {"failed": traceback.format_exc(limit=-8)}
    except Exception:
        return {"failed": traceback.format_exc(limit=-8)}


def _own_channels() -> tuple[Any, Any]:
    """What were standard input and output; whatever prints from here on prints to the log."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return incoming, outgoing


def _say(outgoing: Any, answer: Mapping[str, Any]) -> None:
    with contextlib.suppress(ValueError):
        outgoing.write(json.dumps(answer).encode() + b"\n")
        outgoing.flush()
