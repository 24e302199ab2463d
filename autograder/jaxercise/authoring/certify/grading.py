"""Judging bodies: the same judge as for students, with time enough, and every claim asked."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.bodies import Body
from jaxercise.claims.claims import VALUES, Claim, Exercise
from jaxercise.course import Course
from jaxercise.diagnosis.diagnosis import Diagnostician
from jaxercise.engine import references
from jaxercise.grading.exercise import ExerciseGrading, Grader
from jaxercise.grading.pool import EXERCISES_AT_ONCE
from jaxercise.submission import Source
from jaxercise.verdicts import Outcome, Verdict

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, eq=False)
class JudgedBody:
    """A body, and what each claim about its function says of it, whatever the others say."""

    body: Body
    outcomes: tuple[Outcome, ...]

    def refused_by(self) -> tuple[Outcome, ...]:
        """The claims that do not hold."""
        return tuple(
            one for one in self.outcomes if one.verdict not in (Verdict.PASSED, Verdict.WAITING)
        )

    def as_graded(self, exercise: Exercise) -> tuple[Outcome, ...]:
        """What a student who hands this in is told: laws and methods wait for the values."""
        kinds = {claim.name: claim.kind for claim in exercise.claims}
        right = all(o.verdict == Verdict.PASSED for o in self.outcomes if kinds[o.claim] == VALUES)
        return tuple(
            one if right or kinds[one.claim] == VALUES else _waiting(one) for one in self.outcomes
        )

    def loses(self, exercise: Exercise) -> list[str]:
        """The claims to which a student who hands this in loses points, those waiting aside."""
        lost = (
            one
            for one in self.as_graded(exercise)
            if one.verdict not in (Verdict.PASSED, Verdict.WAITING)
        )
        return [one.claim for one in lost]


def _waiting(outcome: Outcome) -> Outcome:
    return replace(outcome, verdict=Verdict.WAITING, points=0.0, finding=None, examples=0)


def grader_of(
    course: Course, name: str, workers: PatientWorkers, *, seed: int = 0, diagnose: bool = True
) -> Grader:
    """How bodies of an exercise are judged: every claim on its own.

    Args:
        course, name: the exercise's.
        workers: where the bodies run.
        seed: the choice of draws.
        diagnose: also name the misconceptions that they look like.
    """
    remembered = references(course, name)
    return Grader(
        workers.open,
        lambda _: remembered,
        functools.partial(Diagnostician, course, workers.open) if diagnose else None,
        seed=seed,
        all_claims=True,
    )


def judged(exercise: Exercise, bodies: Iterable[Body], grader: Grader) -> Iterator[JudgedBody]:
    """Judge bodies, several at a time, in their order."""
    return side_by_side(functools.partial(judge, exercise, grader), bodies)


def judge(exercise: Exercise, grader: Grader, body: Body) -> JudgedBody:
    source = Source.written(exercise.name, [body.code], [body.function])
    return JudgedBody(body, tuple(graded(grader, source, exercise.claims_about(body.function))))


def graded(grader: Grader, source: Source | None, claims: Sequence[Claim]) -> list[Outcome]:
    """The outcomes of claims about one file; none where nothing is claimed of a function."""
    if not claims:
        return []
    with closing(ExerciseGrading(grader, source, claims)) as grading:
        return [grading.outcome(claim) for claim in claims]


def side_by_side(judge: Callable[[_T], _R], subjects: Iterable[_T]) -> Iterator[_R]:
    """What comes of each, several at a time, in their order; what is not asked for is not begun."""
    threads = ThreadPoolExecutor(EXERCISES_AT_ONCE)
    try:
        yield from threads.map(judge, subjects)
    finally:
        threads.shutdown(cancel_futures=True)


def status(wrong: Sequence[str]) -> int:
    """Say what must not be, a sentence each; the exit status."""
    sys.stdout.flush()
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0
