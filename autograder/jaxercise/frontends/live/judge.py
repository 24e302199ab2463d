"""The judge's side of a check: a process that asks a session for its functions' answers.

It is started once and kept, so that the second check need not wait for imports and compilations.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxercise.course import is_named
from jaxercise.frontends.reports.choices import likeliest, near
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.texts import printable
from jaxercise.sandboxed.wire import frames
from jaxercise.sandboxed.wire.values import decode_result
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
    from jaxercise.trial import check_jax
    from jaxercise.versions import VersionError

    try:
        course = Course.find()
        load_exercises(course)
    except CourseError as error:
        while True:
            frames.receive(incoming)
            frames.send(outgoing, {"refused": str(error)}, {})
    with Engine(course) as engine:
        judge = LiveJudge(engine, incoming, outgoing)
        checked = False
        while True:
            question, arrays = frames.receive(incoming)
            try:
                if not checked:
                    check_jax(course, lambda line: frames.send(outgoing, {"note": line}, {}))
                    checked = True
                answer: dict[str, Any]
                if "ask" in question:
                    answer = {"said": judge.ask(question, arrays)}
                else:
                    answer = {"outcomes": [one.as_json() for one in judge.judge(question)]}
            except (RefusedCheckError, VersionError) as refused:
                answer = {"refused": str(refused)}
            frames.send(outgoing, answer, {})


class RefusedCheckError(Exception):
    """There is nothing to judge, or to answer; the message says what to do."""


class LiveJudge:
    """Judges functions of one session.

    Args:
        engine: whose workers run the course's misconceptions.
        incoming, outgoing: the descriptors on which the session answers and is asked.
    """

    def __init__(self, engine: Any, incoming: int, outgoing: int) -> None:
        from jaxercise.claims.loading import load_exercises

        self._incoming, self._outgoing = incoming, outgoing
        self._engine = engine
        self._exercises = load_exercises(engine.course)

    def judge(self, question: Mapping[str, Any]) -> list[Any]:
        """The outcomes of a function's claims, or of all of an exercise.

        Raises:
            RefusedCheckError: no such function, or none is defined.
        """
        from jaxercise.grading.exercise import ExerciseGrading
        from jaxercise.submission import Source

        functions: dict[str, list[str]] = question["functions"]
        exercise, name = named(
            str(question["check"]), self._exercises, functions, whole=question["whole"]
        )
        if name and name not in functions:
            raise RefusedCheckError(f"{name} is not defined here yet: run its cell first.")
        session = SessionRunner(self._incoming, self._outgoing, frozenset(functions))
        grader = dataclasses.replace(self._engine.grader, open_runner=lambda: session)
        # A cell is no file: what of it is still a stub, the session has read.
        states = dict.fromkeys(functions, "written") | dict.fromkeys(question["stubs"], "stub")
        source = Source(Path("notebook"), (), states, None, True, functions)
        used = functions.get(name, [])
        claims = exercise.claims_about(name) if name else exercise.claims
        first = [one for one in exercise.claims if name and one.function.name in used]
        outcomes = []
        with contextlib.closing(ExerciseGrading(grader, source, exercise.claims)) as grading:
            for claim in first:  # of a function that uses another, that one is told first
                if claim not in claims:
                    grading.outcome(claim)
            for number, claim in enumerate(claims):
                progress = [claim.function.name, number, len(claims)]
                frames.send(self._outgoing, {"progress": progress}, {})
                outcomes.append(grading.outcome(claim))
        return outcomes

    def ask(self, question: Mapping[str, Any], arrays: Mapping[str, Any]) -> list[str]:
        """What is due for an input of the student's own, in a few lines.

        Raises:
            RefusedCheckError: it cannot be asked like this.
        """
        from jaxercise.frontends.live.asking import answer
        from jaxercise.grading.own_inputs import InputError

        name = str(question["ask"])
        exercise, function = named(
            name, self._exercises, question["functions"], written="ask('{}', ...)"
        )
        frames.send(self._outgoing, {"progress": [f"the grader is asked about {name}", 0, 0]}, {})
        try:
            positional, by_name, gives = decode_result(question["asked"], dict(arrays))
            return answer(self._engine, exercise.functions[function], positional, by_name, gives)
        except InputError as error:
            raise RefusedCheckError(str(error)) from None
        except frames.ProtocolError:
            raise RefusedCheckError(
                "These are too many numbers to ask about, or lists too deep: take a small example."
            ) from None


def named(
    asked: str,
    exercises: Sequence[Any],
    defined: Collection[str] = (),
    *,
    whole: bool = False,
    written: str = "check('{}')",
) -> tuple[Any, str]:
    """The exercise that is meant, and the function in it; empty for all of it.

    Args:
        asked: a function's name, where need be behind its exercise's, of which the number is
            enough: `07.spread`; or an exercise's.
        exercises: those there are.
        defined: of functions that several exercises have, the one is meant whose others are here.
        whole: an exercise's is asked for.
        written: how to ask for a function, to say so.

    Raises:
        RefusedCheckError: there is none, or more than one.
    """
    head, _, function = asked.rpartition(".")
    of, function = (asked, "") if whole else (head, function)
    known = [one for one in exercises if not of or is_named(one.name, of)]
    if not known:
        listing = ", ".join(one.name for one in exercises)
        raise RefusedCheckError(f"There is no exercise {of}; there are {listing}.")
    found = [one for one in known if not function or function in one.functions]
    if not found:
        functions = {one.name: one.functions for one in exercises}
        among = [one.name for one in known] if of else []
        raise RefusedCheckError(
            f"{'That exercise' if of else 'No exercise'} asks for {'no' if of else 'a'} function "
            f"{function!r}. {near(function, among, functions)}"
        )
    meant_one, *others = likeliest({one.name: one.functions for one in found}, defined)
    if others:
        if not function:
            raise RefusedCheckError(
                "No exercise can be told from what is defined here. Run the cells of your "
                "exercise first, or name it: check_all('01_vmap')."
            )
        names = " or ".join(written.format(f"{one.name}.{function}") for one in found)
        raise RefusedCheckError(f"Several exercises have a function {function}: write {names}.")
    return next(one for one in found if one.name == meant_one), function


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
