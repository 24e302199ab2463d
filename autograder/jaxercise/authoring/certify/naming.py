"""`jaxercise certify --naming`: how often students are told the right misconception, or another.

Every misconception is graded as a student's answer, under many seeds. In nine runs of ten at least
it has to be named, and never by the name of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jaxercise.authoring.certify.grading import grader_of, side_by_side, status
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.authoring.certify.stability import Subject, gradings, of_body
from jaxercise.claims.bodies import wrong
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader

#: In what share of its runs a misconception has to be named.
LEAST = 0.9


@dataclass(frozen=True)
class Naming:
    """What the students of one misconception are told.

    Attributes:
        own: its name.
        runs: how often it was graded.
        told: the names that students were told, with the number of runs.
    """

    own: str
    runs: int
    told: Counter[str]

    @property
    def others(self) -> list[str]:
        """The other misconceptions that it was taken for."""
        return sorted(set(self.told) - {self.own})

    def violations(self) -> list[str]:
        """What must not be, a sentence each."""
        sentences = [f"{self.own} is taken for {other}" for other in self.others]
        if self.told[self.own] < LEAST * self.runs:
            sentences.append(f"{self.own} is named in {self.told[self.own]} of {self.runs} runs")
        return sentences


def namings(
    course: Course, name: str, seeds: Sequence[int], workers: PatientWorkers
) -> Iterator[Naming]:
    """Grade the misconceptions of an exercise, several at a time."""
    exercise = load_exercise(course, name)
    # The smallest input tells students more, and the diagnosis nothing: it has inputs of its own.
    grader = replace(grader_of(course, name, workers), all_claims=False, shrink=False)
    return side_by_side(
        lambda one: naming(one.name, of_body(exercise, one, False), grader, seeds),
        wrong(course, name),
    )


def naming(own: str, subject: Subject, grader: Grader, seeds: Sequence[int]) -> Naming:
    """Grade one misconception with one seed after the other."""
    told: Counter[str] = Counter()
    for _, outcomes in gradings(subject, grader, seeds):
        findings = [one.finding for one in outcomes if one.finding is not None]
        told.update({one.misconception for one in findings if one.misconception})
    return Naming(own, len(seeds), told)


def run(course: Course, exercises: Sequence[str], *, seeds: int) -> int:
    """Grade all misconceptions, printing as it goes; 0 if they are named as they should be."""
    print(f"{'exercise':<26}{'runs':>8}{'named':>8}{'silent':>8}{'wrongly':>9}{'worst':>8}")
    broken: list[str] = []
    with patient_workers() as workers:
        for name in exercises:
            found = list(namings(course, name, range(seeds), workers))
            broken += [f"{name}.{said}" for one in found for said in one.violations()]
            runs = sum(one.runs for one in found)
            named = sum(one.told[one.own] for one in found)
            wrongly = sum(one.told[other] for one in found for other in one.others)
            silent = sum(one.runs - min(one.told.total(), one.runs) for one in found)
            worst = min(one.told[one.own] / one.runs for one in found)
            print(f"{name:<26}{runs:>8}{named:>8}{silent:>8}{wrongly:>9}{worst:>8.0%}", flush=True)
    return status(broken)
