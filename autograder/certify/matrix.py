"""The kill matrix: every body against every claim about its function."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from autograder.certify.bodies import Body
from autograder.properties.claims import Claim, Exercise
from autograder.properties.findings import Outcome
from autograder.properties.grading import LANES, ExerciseGrading, Grader
from autograder.submission import Source


@dataclass
class Certificate:
    """What the graders of one exercise are worth.

    Attributes:
        exercise: its name.
        refused: right answers that lost points: (body, claim, why).
        accepted: misconceptions that lost none.
        unintended: misconceptions refused by another kind of claim than was meant: (body, kind).
        misnamed: misconceptions whose students were told another one: (body, what was said).
        named: misconceptions by what their students were told: `right`, `wrong`, `silent`.
        rights, wrongs: how many there were.
        caught: by claim, the misconceptions that it was the first to refuse.
    """

    exercise: str
    rights: int = 0
    wrongs: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    unintended: list[tuple[str, str]] = field(default_factory=list)
    misnamed: list[tuple[str, str]] = field(default_factory=list)
    named: Counter[str] = field(default_factory=Counter)
    caught: dict[str, list[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Every right answer is accepted, every wrong one refused, and none named wrongly."""
        return not (self.refused or self.accepted or self.misnamed)


def certify(
    exercise: Exercise, right: Iterable[Body], wrong: Iterable[Body], grader: Grader
) -> Certificate:
    """Grade every body, and tell what came of it.

    Args:
        exercise: with its claims.
        right: answers that deserve full marks.
        wrong: misconceptions.
        grader: how they are graded.
    """
    certificate = Certificate(exercise.name)
    for claim in exercise.claims:
        certificate.caught[claim.name] = []
    for body, outcomes in graded(exercise, right, grader):
        certificate.rights += 1
        certificate.refused += [
            (body.name, one.claim, one.finding.sentence if one.finding else one.verdict)
            for one in outcomes
            if one.verdict != "passed"
        ][:1]
    kinds = {claim.name: claim.kind for claim in exercise.claims}
    for body, outcomes in graded(exercise, wrong, grader):
        certificate.wrongs += 1
        _note(certificate, body, outcomes, kinds)
    return certificate


def _note(
    certificate: Certificate, body: Body, outcomes: list[Outcome], kinds: dict[str, str]
) -> None:
    failed = [one for one in outcomes if one.finding is not None]
    if not failed:
        certificate.accepted.append(body.name)
        return
    first = failed[0]
    certificate.caught[first.claim].append(body.name)
    if kinds[first.claim] != body.kind:
        certificate.unintended.append((body.name, kinds[first.claim]))
    said = [one.finding.diagnosis for one in failed if one.finding and one.finding.diagnosis]
    if not said:
        certificate.named["silent"] += 1
    elif body.says in said:
        certificate.named["right"] += 1
    else:
        certificate.named["wrong"] += 1
        certificate.misnamed.append((body.name, said[0]))


def graded(
    exercise: Exercise, bodies: Iterable[Body], grader: Grader
) -> Iterator[tuple[Body, list[Outcome]]]:
    """The outcomes of the claims about each body's function, several bodies at a time."""
    listed = list(bodies)
    with ThreadPoolExecutor(LANES) as threads:
        outcomes = threads.map(functools.partial(_outcomes, exercise, grader), listed)
        yield from zip(listed, outcomes, strict=True)


def _outcomes(exercise: Exercise, grader: Grader, body: Body) -> list[Outcome]:
    claims: list[Claim] = [one for one in exercise.claims if one.function.name == body.of]
    source = Source(Path(f"{exercise.name}.py"), (body.code,), {body.of: "written"}, None, True)
    grading = ExerciseGrading(grader, source, claims)
    try:
        return [grading.outcome(claim) for claim in claims]
    finally:
        grading.close()
