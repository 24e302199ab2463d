"""`jaxercise certify --mutants`: which mutants get by, and whether they are known to be right.

A mutant that no claim refuses is either as good as the reference, and listed with the reason in
`equivalents.toml`, or a hole in the claims.
"""

from __future__ import annotations

import sys
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from jaxercise.authoring.certify.grading import grader_of
from jaxercise.authoring.certify.mutants import Mutant, mutants
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import ExerciseGrading, Grader
from jaxercise.grading.pool import EXERCISES_AT_ONCE
from jaxercise.submission import Source
from jaxercise.verdicts import Verdict


@dataclass(frozen=True)
class Tried:
    """A mutant, and the claim that was the first to refuse it; empty if it got by."""

    mutant: Mutant
    claim: str
    verdict: str


def equivalents(course: Course) -> dict[str, str]:
    """The mutants that are as good as the reference, by name, with the reason.

    Raises:
        ValueError: one is listed twice.
    """
    found: dict[str, str] = {}
    path = course.equivalents
    if not path.exists():
        return found
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["because"]:
        for name in entry["mutants"]:
            if name in found:
                raise ValueError(f"{path.name} lists this mutant twice: {name}")
            found[name] = entry["reason"]
    return found


def sample(candidates: Iterable[Mutant], size: int) -> list[Mutant]:
    """Some mutants, the same ones as long as they exist."""
    return sorted(candidates, key=lambda one: zlib.crc32(one.name.encode()))[:size]


def tried(
    course: Course, exercise: str, candidates: Iterable[Mutant], workers: PatientWorkers
) -> Iterator[Tried]:
    """Judge mutants of one exercise, several at a time, each up to the claim that refuses it."""
    grader = replace(
        grader_of(course, exercise, workers, diagnose=False), all_claims=False, shrink=False
    )
    with ThreadPoolExecutor(EXERCISES_AT_ONCE) as threads:
        yield from threads.map(lambda one: _try(course, grader, one), list(candidates))


def _try(course: Course, grader: Grader, mutant: Mutant) -> Tried:
    exercise = load_exercise(course, mutant.exercise)
    own = [one for one in exercise.claims if one.function.name == mutant.function]
    claims = own or exercise.claims  # a helper is looked at through the functions that use it
    asked = dict.fromkeys(exercise.functions, "written")
    source = Source(Path(f"{exercise.name}.py"), (mutant.code,), asked, None, True)
    grading = ExerciseGrading(grader, source, claims)
    try:
        for claim in claims:
            outcome = grading.outcome(claim)
            if outcome.verdict != Verdict.PASSED:
                return Tried(mutant, claim.name, outcome.verdict)
        return Tried(mutant, "", "passed")
    finally:
        grading.close()


def violations(results: Sequence[Tried], listed: dict[str, str]) -> list[str]:
    """What must not be: a survivor that is not listed, a listed one that is refused or gone."""
    sentences = [
        f"survives, and is not listed: {one.mutant.name}"
        for one in results
        if not one.claim and one.mutant.name not in listed
    ]
    sentences += [
        f"listed as equivalent, and refused by {one.claim}: {one.mutant.name}"
        for one in results
        if one.claim and one.mutant.name in listed
    ]
    sentences += [
        f"refused for want of a verdict ({one.verdict}): {one.mutant.name}"
        for one in results
        if one.verdict == Verdict.INTERNAL
    ]
    return sentences


def unknown(course: Course, exercises: Sequence[str], listed: dict[str, str]) -> list[str]:
    """Entries of the list that are no mutants of these exercises any more."""
    names = {one.name for exercise in exercises for one in mutants(course, exercise)}
    ours = (name for name in listed if name.split(".")[0] in exercises)
    return [f"listed, but no mutant: {name}" for name in ours if name not in names]


def run(course: Course, exercises: Sequence[str]) -> int:
    """Judge all mutants, printing as it goes; 0 if every survivor is listed, and no other."""
    listed = equivalents(course)
    wrong = unknown(course, exercises, listed)
    print(f"{'exercise':<26}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'survived':>10}")
    with patient_workers() as workers:
        for exercise in exercises:
            results = []
            for one in tried(course, exercise, mutants(course, exercise), workers):
                results.append(one)
                if sys.stderr.isatty():
                    print(f"\r{exercise}: {len(results)}", end="\r", file=sys.stderr, flush=True)
            wrong += violations(results, listed)
            known = sum(not one.claim and one.mutant.name in listed for one in results)
            killed = sum(bool(one.claim) for one in results)
            survived = len(results) - killed - known
            print(
                f"{exercise:<26}{len(results):>9}{killed:>9}{known:>12}{survived:>10}", flush=True
            )
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0
