"""The kill matrix: every body against every claim about its function, each claim on its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jaxercise.authoring.build import stub_text
from jaxercise.authoring.certify.grading import JudgedBody, graded, grader_of, judged
from jaxercise.authoring.certify.pasted import points_of_hints
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.claims import Exercise
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.submission import Source, read_submission
from jaxercise.verdicts import Outcome, Verdict


@dataclass(frozen=True)
class Certificate:
    """What the graders of one exercise are worth.

    What a claim refuses is asked of each claim on its own. What it alone refuses is told as
    students are graded: laws and methods count once the values are right. A claim is dead if it
    alone refuses nothing: without it, no misconception would earn more.

    Attributes:
        exercise: with its claims.
        right: right answers, judged.
        wrong: misconceptions, judged.
        reference, stub: what the course's own solution and the untouched exercise earn, by claim.
        hints: what their hints earn, handed in as answers, by function.
    """

    exercise: Exercise
    right: Sequence[JudgedBody]
    wrong: Sequence[JudgedBody]
    reference: Sequence[Outcome] = ()
    stub: Sequence[Outcome] = ()
    hints: Mapping[str, float] = field(default_factory=dict)

    @property
    def refused(self) -> list[JudgedBody]:
        """Right answers that lose points."""
        return [one for one in self.right if _points(one.outcomes) != _of(one.outcomes)]

    @property
    def accepted(self) -> list[JudgedBody]:
        """Misconceptions that lose none."""
        return [one for one in self.wrong if not one.refused_by()]

    @property
    def unintended(self) -> list[JudgedBody]:
        """Misconceptions that lose their points, but to no claim of the kind meant for them."""
        kinds = {claim.name: claim.kind for claim in self.exercise.claims}
        return [
            one
            for one in self.wrong
            if one.refused_by()
            and one.body.kind not in {kinds[claim] for claim in one.loses(self.exercise)}
        ]

    @property
    def undecided(self) -> list[tuple[str, Outcome]]:
        """Bodies on which a claim came to no verdict of its own: a crash, a timeout."""
        return [
            (one.body.qualname, outcome)
            for one in (*self.right, *self.wrong)
            for outcome in one.refused_by()
            if outcome.verdict not in (Verdict.WRONG, Verdict.ERROR)
        ]

    @property
    def faults(self) -> list[Outcome]:
        """Claims that fail by themselves, also on the reference: what answers earn says nothing."""
        return [one for one in self.reference if one.verdict == Verdict.INTERNAL]

    @property
    def catches(self) -> dict[str, list[str]]:
        """By claim, the misconceptions it refuses, whatever other claims say."""
        return self._by_claim({one: [o.claim for o in one.refused_by()] for one in self.wrong})

    @property
    def alone(self) -> dict[str, list[str]]:
        """By claim, the misconceptions that lose their points to it alone."""
        lost = {one: one.loses(self.exercise) for one in self.wrong}
        return self._by_claim({one: claims for one, claims in lost.items() if len(claims) == 1})

    @property
    def dead(self) -> list[str]:
        """Claims that alone refuse nothing."""
        return [claim for claim, bodies in self.alone.items() if not bodies]

    def named(self, which: str) -> list[tuple[str, str]]:
        """Misconceptions with what their students were told of the likely cause.

        Args:
            which: `right`, `wrong` or `silent`.
        """
        found = []
        for one in self.wrong:
            findings = [outcome.finding for outcome in one.as_graded(self.exercise)]
            said = [one.diagnosis for one in findings if one is not None and one.misconception]
            state = "silent" if not said else "right" if one.body.text in said else "wrong"
            if one.refused_by() and state == which:
                found.append((one.body.qualname, "".join(said[:1])))
        return found

    def violations(self) -> list[str]:
        """What must not be, a sentence each."""
        of = self.exercise.name
        if self.faults:
            return [f"{of}: the claim fails by itself: {told(one)}" for one in self.faults]
        sentences = []
        if _points(self.reference) != _of(self.reference):
            lost = next(one for one in self.reference if one.verdict != Verdict.PASSED)
            sentences.append(f"the reference earns {_points(self.reference):g}: {told(lost)}")
        if _points(self.stub):
            sentences.append(f"the stub earns {_points(self.stub):g}")
        sentences += [
            f"an answer in the hints: those for {function}, pasted, earn {points:g}"
            for function, points in self.hints.items()
            if points
        ]
        sentences += [
            f"right, but refused: {one.body.qualname}: {told(one.refused_by()[0])}"
            for one in self.refused
        ]
        sentences += [f"wrong, but accepted: {one.body.qualname}" for one in self.accepted]
        sentences += [
            f"unintended catch: {one.body.qualname} is meant for a {one.body.kind} claim; "
            f"refused by {', '.join(one.loses(self.exercise))}"
            for one in self.unintended
        ]
        sentences += [f"no verdict: {name}: {told(outcome)}" for name, outcome in self.undecided]
        sentences += [f"named wrongly: {name}: {said}" for name, said in self.named("wrong")]
        sentences += [f"dead claim: {claim} alone refuses nothing" for claim in self.dead]
        return [f"{of}: {sentence}" for sentence in sentences]

    def _by_claim(self, claims: dict[JudgedBody, list[str]]) -> dict[str, list[str]]:
        return {
            claim.name: [one.body.name for one in claims if claim.name in claims[one]]
            for claim in self.exercise.claims
        }


def certify(
    course: Course,
    name: str,
    workers: PatientWorkers,
    *,
    seed: int = 0,
    chosen: Callable[[Iterable[Body]], list[Body]] = list,
) -> Certificate:
    """Judge the bodies of an exercise.

    Args:
        course, name: the exercise's.
        workers: where the bodies run.
        seed: the choice of draws.
        chosen: which bodies, of the right and of the wrong ones; all unless told.
    """
    exercise = load_exercise(course, name)
    grader = grader_of(course, name, workers, seed=seed)
    as_graded = replace(grader, diagnostician=None, all_claims=False, shrink=False)
    return Certificate(
        exercise,
        list(judged(exercise, chosen(right(course, name)), grader)),
        list(judged(exercise, chosen(wrong(course, name)), grader)),
        graded(grader, solution_of(course, exercise), exercise.claims),
        graded(grader, _stub(course, exercise), exercise.claims),
        points_of_hints(course, exercise, as_graded),
    )


def solution_of(course: Course, exercise: Exercise) -> Source | None:
    """A course's own solution, as it is handed in."""
    return _source(exercise, course.solutions)


def _stub(course: Course, exercise: Exercise) -> Source | None:
    """The exercise as it is released; what stands in `exercises/` may have been worked on."""
    name = f"{exercise.name}.py"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(stub_text(course.solutions / name), encoding="utf-8")
        return _source(exercise, Path(folder))


def _source(exercise: Exercise, folder: Path) -> Source | None:
    submission = read_submission(folder, [exercise.name])
    return submission.source(exercise.name, set(exercise.functions))


def _points(outcomes: Sequence[Outcome]) -> float:
    return sum(one.points for one in outcomes)


def _of(outcomes: Sequence[Outcome]) -> float:
    return sum(one.max_points for one in outcomes)


def told(outcome: Outcome) -> str:
    """A claim's name, its verdict, and why; a fault of the claim's with its traceback."""
    why = outcome.finding.sentence if outcome.finding else ""
    return f"{outcome.claim} is {outcome.verdict}: {why}"
