"""Trying what is drafted: right answers have to hold it, and what gets by has not."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jaxercise.authoring.certify.grading import graded, grader_of, judged
from jaxercise.authoring.certify.matrix import solution_of
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.authoring.drafting import Asked, Draft, file_text
from jaxercise.claims.bodies import right
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.verdicts import Outcome, Verdict


@contextlib.contextmanager
def probing(
    course: Course, exercise: str, asked: Sequence[Asked], probes: Sequence[Draft]
) -> Iterator[Course]:
    """A course of one exercise, whose claims are the probes: `probe_0` is the first.

    Args:
        course, exercise: whose solution and right answers in other styles it has.
        asked: the exercise's functions.
        probes: the claims.
    """
    with tempfile.TemporaryDirectory(prefix="jaxercise-probes-") as folder:
        made = Course(Path(folder))
        named = [replace(one, name=f"probe_{i}") for i, one in enumerate(probes)]
        made.variants(exercise).parent.mkdir(parents=True)
        made.solutions.mkdir()
        text = file_text(exercise, "probes", asked, named)
        made.properties(exercise).write_text(text, encoding="utf-8")
        for path, copy in (
            (course.solution(exercise), made.solution(exercise)),
            (course.variants(exercise), made.variants(exercise)),
        ):
            if path.exists():
                copy.write_bytes(path.read_bytes())
        yield made


def refused(
    course: Course,
    exercise: str,
    asked: Sequence[Asked],
    probes: Sequence[Draft],
    workers: PatientWorkers,
) -> dict[int, str]:
    """Those of the probes that a right answer does not hold, by their place, with the reason."""
    found: dict[int, str] = {}
    with probing(course, exercise, asked, probes) as made:
        loaded = load_exercise(made, exercise)
        grader = replace(grader_of(made, exercise, workers, diagnose=False), shrink=False)
        outcomes = {"the solution": graded(grader, solution_of(made, loaded), loaded.claims)}
        for one in judged(loaded, right(made, exercise), grader):
            outcomes[one.body.qualname] = list(one.outcomes)
        places = {claim.name: i for i, claim in enumerate(loaded.claims)}
        for answer, results in outcomes.items():
            for outcome in results:
                if outcome.verdict != Verdict.PASSED:
                    found.setdefault(places[outcome.claim], f"{answer}: {_reason(outcome)}")
    return found


def left_out(
    course: Course,
    exercise: str,
    asked: Sequence[Asked],
    drafts: Sequence[Draft],
    workers: PatientWorkers,
) -> dict[tuple[str, str], str]:
    """The lines of drafts that a right answer does not hold, with the reason.

    Returns:
        the reasons, by the draft's name and the line.
    """
    lines = [(draft, line) for draft in drafts for line in draft.lines]
    probes = [replace(draft, sentence="Tried.", lines={line: ""}) for draft, line in lines]
    found = refused(course, exercise, asked, probes, workers)
    return {(lines[i][0].title, lines[i][1]): why for i, why in found.items()}


def _reason(outcome: Outcome) -> str:
    finding = outcome.finding
    return finding.sentence.strip().split("\n")[-1] if finding else str(outcome.verdict)
