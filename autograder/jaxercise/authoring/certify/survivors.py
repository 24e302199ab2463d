"""`jaxercise certify --mutants`, `--spoilers`: which changed references get by, and why.

One that no claim refuses is either as good as the reference, and listed with the reason in
`equivalents.toml`, or a hole in the claims.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from jaxercise.authoring.certify import reasons
from jaxercise.authoring.certify.grading import grader_of, side_by_side, status
from jaxercise.authoring.certify.mutants import Mutant, mutants
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.authoring.certify.spoilers import Spoiler, spoilers
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import ExerciseGrading, Grader
from jaxercise.submission import Source
from jaxercise.verdicts import Verdict

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


#: A changed reference.
Changed: TypeAlias = Mutant | Spoiler


@dataclass(frozen=True)
class Tried:
    """A changed reference, and the claim that was the first to refuse it; empty if it got by."""

    changed: Changed
    claim: str
    verdict: str


def tried(
    course: Course, exercise: str, candidates: Iterable[Changed], workers: PatientWorkers
) -> Iterator[Tried]:
    """Judge some of one exercise, several at a time, each up to the claim that refuses it."""
    grader = replace(
        grader_of(course, exercise, workers, diagnose=False), all_claims=False, shrink=False
    )
    return side_by_side(lambda one: _try(course, grader, one), candidates)


def _try(course: Course, grader: Grader, changed: Changed) -> Tried:
    exercise = load_exercise(course, changed.exercise)
    # A helper is looked at through the functions that use it.
    claims = exercise.claims_about(changed.function) or exercise.claims
    source = Source.written(exercise.name, changed.cells, exercise.functions)
    with closing(ExerciseGrading(grader, source, claims)) as grading:
        for claim in claims:
            outcome = grading.outcome(claim)
            if outcome.verdict != Verdict.PASSED:
                return Tried(changed, claim.name, outcome.verdict)
    return Tried(changed, "", "passed")


def unlisted(results: Sequence[Tried], listed: Mapping[str, str]) -> list[Any]:
    """The changed references that got by, and are not listed as good."""
    return [one.changed for one in results if not one.claim and one.changed.name not in listed]


def violations(
    results: Sequence[Tried], listed: Mapping[str, str], texts: Mapping[str, str] = _NO_TEXTS
) -> list[str]:
    """What must not be: a survivor that is not listed, a listed one that is refused or gone.

    Args:
        results: what became of changed references.
        listed: the reasons of those that are as good as the reference, by their names.
        texts: what else is said of survivors, by their names.
    """
    sentences = []
    for one in unlisted(results, listed):
        said = [f"survives, and is not listed: {one.name}"]
        sentences.append("\n".join([*said, *filter(None, [texts.get(one.name)])]))
    sentences += [
        f"listed as equivalent, and refused by {one.claim}: {one.changed.name}"
        for one in results
        if one.claim and one.changed.name in listed
    ]
    sentences += [
        f"refused for want of a verdict ({one.verdict}): {one.changed.name}"
        for one in results
        if one.verdict == Verdict.INTERNAL
    ]
    return sentences


def unknown(course: Course, exercises: Sequence[str], listed: dict[str, str]) -> list[str]:
    """Entries of the list that are no mutants of these exercises any more."""
    names = {one.name for exercise in exercises for one in mutants(course, exercise)}
    ours = (name for name in listed if name.split(".")[0] in exercises)
    return [f"listed, but no mutant: {name}" for name in ours if name not in names]


#: What is said of survivors, by their names.
Telling: TypeAlias = Callable[[Course, str, Sequence[Mutant], PatientWorkers], dict[str, str]]


def run_mutants(course: Course, exercises: Sequence[str], tell: Telling) -> int:
    """Judge all mutants, printing as it goes; 0 if every survivor is listed, and no other."""
    listed = reasons.listed(course, reasons.MUTANTS)
    wrong = unknown(course, exercises, listed)
    with patient_workers() as workers:
        found = ((name, mutants(course, name)) for name in exercises)
        return _run(course, "mutants", found, lambda _: listed, wrong, workers, tell)


def run_spoilers(course: Course, exercises: Sequence[str]) -> int:
    """Judge all spoilers likewise."""
    patterns = reasons.listed(course, reasons.SPOILERS)
    wrong: list[str] = []
    with patient_workers() as workers:

        def made() -> Iterator[tuple[str, Sequence[Changed]]]:
            for name in exercises:
                found = spoilers(course, name, workers)
                names = [one.name for one in found]
                gone = reasons.stale(patterns, names, [name])
                wrong.extend(f"listed, but no spoiler: {one}" for one in gone)
                yield name, found

        def listed(names: Sequence[str]) -> dict[str, str]:
            return reasons.of_names(patterns, names)

        return _run(course, "spoilers", made(), listed, wrong, workers)


def _run(
    course: Course,
    what: str,
    made: Iterable[tuple[str, Sequence[Changed]]],
    listed: Callable[[Sequence[str]], dict[str, str]],
    wrong: list[str],
    workers: PatientWorkers,
    tell: Telling | None = None,
) -> int:
    print(f"{'exercise':<26}{what:>9}{'killed':>9}{'equivalent':>12}{'survived':>10}")
    for exercise, candidates in made:
        results = []
        for one in tried(course, exercise, candidates, workers):
            results.append(one)
            if sys.stderr.isatty():
                print(f"\r{exercise}: {len(results)}", end="\r", file=sys.stderr, flush=True)
        known = listed([one.name for one in candidates])
        lived = unlisted(results, known)
        texts = tell(course, exercise, lived, workers) if tell and lived else _NO_TEXTS
        wrong += violations(results, known, texts)
        killed = sum(bool(one.claim) for one in results)
        equivalent = sum(not one.claim and one.changed.name in known for one in results)
        survived = len(results) - killed - equivalent
        print(
            f"{exercise:<26}{len(results):>9}{killed:>9}{equivalent:>12}{survived:>10}", flush=True
        )
    return status(wrong)
