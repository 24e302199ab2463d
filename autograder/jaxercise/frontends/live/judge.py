"""The judge's side of a check: a process that asks a session for its functions' answers.

It is started once and kept, so that the second check need not wait for imports and compilations.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxercise.frontends.reports.choices import meant
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import frames
from jaxercise.sandboxed.wire.values import printable
from jaxercise.verdicts import Verdict
from jaxercise.workers import forkservers, runner
from jaxercise.workers.runner import Raised, Reply, WorkerStoppedError

_PRINTED = 2000


def main() -> None:
    """Serve until the session hangs up. The wire runs on what were standard input and output."""
    incoming, outgoing = os.dup(0), os.dup(1)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    forkservers.prepare()  # before the slow imports below: its own run beside them
    try:
        _serve(incoming, outgoing)
    except frames.ClosedError:
        forkservers.discard()


def _serve(incoming: int, outgoing: int) -> None:
    from jaxercise.claims.loading import load_exercises
    from jaxercise.course import Course, CourseError
    from jaxercise.engine import Engine
    from jaxercise.grading.sealed import check_seals
    from jaxercise.versions import VersionError, check_versions

    try:
        course = Course.find()
        load_exercises(course)
    except CourseError as error:
        while True:
            frames.receive(incoming)
            frames.send(outgoing, {"refused": str(error)}, {})
    with Engine(course) as engine:
        judge = LiveJudge(engine, incoming, outgoing)
        while True:
            question, _ = frames.receive(incoming)
            try:
                check_versions()
                check_seals(course)
                outcomes = judge.judge(question)
            except (RefusedCheckError, VersionError) as refused:
                frames.send(outgoing, {"refused": str(refused)}, {})
                continue
            frames.send(outgoing, {"outcomes": [one.as_json() for one in outcomes]}, {})


class RefusedCheckError(Exception):
    """There is nothing to judge; the message says what to do."""


class LiveJudge:
    """Judges functions of one session.

    Args:
        engine: whose workers run the course's misconceptions.
        incoming, outgoing: the descriptors on which the session answers and is asked.
    """

    def __init__(self, engine: Any, incoming: int, outgoing: int) -> None:
        from jaxercise.claims.loading import load_exercises
        from jaxercise.engine import references

        self._incoming, self._outgoing = incoming, outgoing
        self._exercises = load_exercises(engine.course)
        # What references have compiled serves the next check too.
        self._grader = dataclasses.replace(
            engine.grader, references=functools.cache(functools.partial(references, engine.course))
        )

    def judge(self, question: Mapping[str, Any]) -> list[Any]:
        """The outcomes of a function's claims, or of all of an exercise.

        Raises:
            RefusedCheckError: no such function, or none is defined.
        """
        from jaxercise.grading.exercise import ExerciseGrading
        from jaxercise.submission import Source

        functions: dict[str, list[str]] = question["functions"]
        exercise, name = self._meant(str(question["check"]), question["whole"], set(functions))
        if name and name not in functions:
            raise RefusedCheckError(f"{name} is not defined here yet: run its cell first.")
        session = SessionRunner(self._incoming, self._outgoing, frozenset(functions))
        grader = dataclasses.replace(self._grader, open_runner=lambda: session)
        # A cell is no file, and no function is read: one not written yet says so when called.
        written = dict.fromkeys(functions, "written")
        source = Source(Path("notebook"), (), written, None, True, functions)
        grading = ExerciseGrading(grader, source, exercise.claims)
        used = functions.get(name, [])
        claims = [one for one in exercise.claims if not name or one.function.name == name]
        first = [one for one in exercise.claims if name and one.function.name in used]
        outcomes = []
        try:
            for claim in first:  # of a function that uses another, that one is told first
                if claim not in claims:
                    grading.outcome(claim)
            for number, claim in enumerate(claims):
                progress = [claim.function.name, number, len(claims)]
                frames.send(self._outgoing, {"progress": progress}, {})
                outcomes.append(grading.outcome(claim))
        finally:
            grading.close()
        return outcomes

    def _meant(self, asked: str, whole: bool, defined: set[str]) -> tuple[Any, str]:
        """The exercise, and the function in it; empty for all of it."""
        head, _, function = asked.rpartition(".")
        named, function = (asked, "") if whole else (head, function)
        exercises = [one for one in self._exercises if not named or one.name == named]
        if not exercises:
            listing = ", ".join(one.name for one in self._exercises)
            raise RefusedCheckError(f"There is no exercise {named}; there are {listing}.")
        known = [one for one in exercises if not function or function in one.functions]
        if not known:
            raise RefusedCheckError(_unknown(function, exercises))
        here = [len(defined & set(one.functions)) for one in known]
        if len(known) > 1 and (here.count(max(here)) > 1 or not max(here)):
            if not function:
                raise RefusedCheckError(
                    "No exercise can be told from what is defined here. Run the cells of your "
                    "exercise first, or name it: check_all('01_vmap')."
                )
            names = " or ".join(f"check('{one.name}.{function}')" for one in known)
            raise RefusedCheckError(f"Several exercises have a function {function}: write {names}.")
        return known[here.index(max(here))], function


def _unknown(function: str, exercises: Sequence[Any]) -> str:
    names = [name for one in exercises for name in one.functions]
    return f"No exercise asks for a function {function!r}. {meant(function, names)}"


class SessionRunner:
    """A runner in the session itself: what it defines now, without limits.

    Args:
        incoming, outgoing: the descriptors on which it answers and is asked.
        names: what it defines.
    """

    def __init__(self, incoming: int, outgoing: int, names: frozenset[str]) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._names = names

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return self._names, ()

    def call(self, request: Request) -> Reply:
        arrays: dict[str, frames.Array] = {}
        header, answered = self._ask(request.encode(arrays), arrays)
        printed = printable(str(header.get("printed", "")))[-_PRINTED:]
        reply: Reply = self._checked(runner.reply, header, answered)
        return dataclasses.replace(reply, printed=printed)

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        arrays: dict[str, frames.Array] = {}
        calls = [one.encode(arrays) for one in (small, large)]
        header, _ = self._ask({"ask": "scaling", "calls": calls}, arrays)
        measured: Mapping[str, Any] | Raised = self._checked(runner.scaling, header)
        return measured

    def close(self) -> None:
        pass

    def _ask(
        self, header: dict[str, Any], arrays: dict[str, frames.Array]
    ) -> tuple[dict[str, Any], dict[str, frames.Array]]:
        frames.send(self._outgoing, header, arrays)
        return frames.receive(self._incoming)

    def _checked(self, decode: Any, *answer: Any) -> Any:
        try:
            return decode(*answer)
        except frames.ProtocolError as error:
            raise WorkerStoppedError(
                Verdict.FORBIDDEN, f"the session broke the protocol: {error}"
            ) from None
