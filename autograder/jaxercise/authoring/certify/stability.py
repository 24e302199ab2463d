"""`jaxercise certify --stability`: the same work gets the same points, whatever is drawn."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from jaxercise.authoring.certify.grading import graded, grader_of, side_by_side
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.claims import Claim, Exercise
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.grading.references import References
from jaxercise.sandboxed.requests import Request
from jaxercise.submission import Source
from jaxercise.verdicts import FunctionResult, Outcome, Verdict, by_function
from jaxercise.workers.runner import Raised, Reply, Runner

#: A worker serves as many gradings: what JAX compiles for it is never given up.
_KEPT = 10


@dataclass(frozen=True)
class Subject:
    """A file that is graded again and again.

    Attributes:
        name: what it is called in the report.
        source: the file.
        claims: those it is graded by.
        right: True if every point is due, False if some must be lost; None where either will do.
    """

    name: str
    source: Source
    claims: Sequence[Claim]
    right: bool | None


@dataclass(frozen=True)
class Flip:
    """A function of a subject that was given other points than with the first seed, or wrong ones.

    Attributes:
        subject, function: which.
        seed: the choice of draws.
        points, before: what it earned, and what it earned with the first seed.
        lost: the claims that did not hold.
    """

    subject: str
    function: str
    seed: int
    points: float
    before: float
    lost: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.subject}: {self.function} earns {self.points:g} with seed {self.seed}, "
            f"{self.before:g} before; does not hold: {', '.join(self.lost) or 'nothing'}"
        )


def subjects(course: Course, name: str) -> list[Subject]:
    """Every right answer and misconception of an exercise."""
    exercise = load_exercise(course, name)
    found = [of_body(exercise, body, True) for body in right(course, name)]
    found += [of_body(exercise, body, False) for body in wrong(course, name)]
    return found


def of_body(exercise: Exercise, body: Body, due: bool) -> Subject:
    """A body as a subject; `due` says whether it is right."""
    source = Source.written(exercise.name, [body.code], [body.function])
    claims = exercise.claims_about(body.function)
    return Subject(f"{exercise.name}.{body.qualname}", source, claims, due)


def flips(
    course: Course,
    name: str,
    candidates: Sequence[Subject],
    seeds: Sequence[int],
    workers: PatientWorkers,
) -> Iterator[tuple[Subject, list[Flip]]]:
    """Each subject with its flips, several subjects at a time.

    Args:
        course, name: the exercise's.
        candidates: what is graded.
        seeds: the choices of draws.
        workers: where it runs.
    """
    references = References(course, name, most=sys.maxsize)
    grader = replace(
        grader_of(course, name, workers, diagnose=False),
        references=lambda _: references,
        all_claims=False,
        shrink=False,
    )
    return side_by_side(lambda one: (one, flips_of(one, grader, seeds)), candidates)


def flips_of(subject: Subject, grader: Grader, seeds: Sequence[int]) -> list[Flip]:
    """The flips of one subject, graded with one seed after the other."""
    found: list[Flip] = []
    first: dict[str, float] = {}
    for seed, outcomes in gradings(subject, grader, seeds):
        results = by_function(outcomes)
        found += filter(None, (_flip(subject, one, seed, first) for one in results))
    return found


def gradings(
    subject: Subject, grader: Grader, seeds: Sequence[int]
) -> Iterator[tuple[int, list[Outcome]]]:
    """The outcomes of a subject's claims with one seed after the other, by the seed."""
    for start in range(0, len(seeds), _KEPT):
        with closing(grader.open_runner()) as runner:
            kept = _LoadedRunner(runner)
            for seed in seeds[start : start + _KEPT]:
                again = replace(grader, open_runner=lambda kept=kept: kept, seed=seed)  # type: ignore[misc]
                yield seed, graded(again, subject.source, subject.claims)


def _flip(
    subject: Subject, result: FunctionResult, seed: int, first: dict[str, float]
) -> Flip | None:
    points = result.points
    before = first.setdefault(result.function, points)
    if points == before and subject.right in (None, points == result.max_points):
        return None
    lost = tuple(f"{o.claim} ({o.verdict})" for o in result.outcomes if o.verdict != Verdict.PASSED)
    return Flip(subject.name, result.function, seed, points, before, lost)


class _LoadedRunner:
    """A runner that stays loaded from one grading to the next: nothing is compiled twice."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._loaded: tuple[frozenset[str], tuple[Raised, ...]] | None = None
        self._measured: dict[str, Mapping[str, Any] | Raised] = {}

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        if self._loaded is None:
            self._loaded = self._runner.load(name, cells)
        return self._loaded

    def call(self, request: Request) -> Reply:
        return self._runner.call(request)

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        """Measured once: no claim draws what it measures, so every seed asks for the same."""
        key = fingerprint((small, large))
        if key not in self._measured:
            self._measured[key] = self._runner.scaling(small, large)
        return self._measured[key]

    def close(self) -> None:
        """Stay open for the next grading."""


def run(course: Course, exercises: Sequence[str], *, seeds: int) -> int:
    """Grade everything under many seeds, printing as it goes; 0 if there is not one flip."""
    runs = total = 0
    print(f"{'exercise':<26}{'subjects':>10}{'runs':>9}{'flips':>8}{'seconds':>9}", flush=True)
    with patient_workers() as workers:
        for name in exercises:
            start = time.monotonic()
            found = subjects(course, name)
            turned = 0
            for number, (_, ones) in enumerate(
                flips(course, name, found, range(seeds), workers), 1
            ):
                turned += len(ones)
                for one in ones:
                    print(one, flush=True)
                if sys.stderr.isatty():
                    print(f"{name}: {number} of {len(found)}", end="\r", file=sys.stderr)
            runs += seeds * len(found)
            total += turned
            seconds = time.monotonic() - start
            print(
                f"{name:<26}{len(found):>10}{seeds * len(found):>9}{turned:>8}{seconds:>9.0f}",
                flush=True,
            )
    print(f"{runs} runs, {total} flips")
    return 1 if total else 0
