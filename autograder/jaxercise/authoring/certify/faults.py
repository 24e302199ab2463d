"""Faults of the author's: claims that fail by themselves, and solutions that they fail on."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from jaxercise.authoring.certify.grading import graded, grader_of
from jaxercise.authoring.certify.matrix import solution_of, told
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course, CourseError
from jaxercise.verdicts import Verdict


def faults(course: Course, exercises: Sequence[str]) -> list[str]:
    """What goes wrong when claims are loaded and run on the solution, by the claim.

    Raises:
        CourseError: a property file makes no exercise, or the course's settings are wrong.
    """
    found = []
    with patient_workers() as workers:
        for name in exercises:
            try:
                exercise = load_exercise(course, name)
            except CourseError:
                raise
            except Exception:
                found.append(f"{course.properties(name)}: {traceback.format_exc(limit=-4)}")
                continue
            grader = grader_of(course, name, workers, diagnose=False)
            found += [
                f"{course.properties(name)}: {told(outcome)}"
                for outcome in graded(grader, solution_of(course, exercise), exercise.claims)
                if outcome.verdict != Verdict.PASSED
            ]
    return found
