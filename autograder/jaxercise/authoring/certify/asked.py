"""What the claims of an exercise ask of its functions, seen while they judge the reference."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jaxercise.authoring.certify.grading import grader_of
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.claims import Exercise, Function
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.grading.running import explore
from jaxercise.grading.session import Listener, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.scaling import MANY
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Raised, Reply, Runner


@dataclass
class Asked:
    """What is asked.

    Attributes:
        calls: each call once, with what the reference replies; those on many alike left out.
        measured: the calls on two batches whose work is compared, and what the first replies.
    """

    calls: list[tuple[Request, Reply]] = field(default_factory=list)
    measured: list[tuple[Request, Request, Reply]] = field(default_factory=list)

    def of(self, function: str) -> Asked:
        return Asked(
            [one for one in self.calls if one[0].function == function],
            [one for one in self.measured if one[0].function == function],
        )


class _Noting:
    """A runner that notes what it is asked."""

    def __init__(self, runner: Runner) -> None:
        self.load, self.close = runner.load, runner.close
        self._runner = runner
        self._known: dict[str, Reply] = {}
        self.asked = Asked()

    def call(self, request: Request) -> Reply:
        key = fingerprint(request)
        if key not in self._known:
            self._known[key] = self._runner.call(request)
            if not _of_many(request):
                self.asked.calls.append((request, self._known[key]))
        return self._known[key]

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        self.asked.measured.append((small, large, self._runner.call(small)))
        return {"grown": None, "work": 0}


def _of_many(request: Request) -> bool:
    """Whether it is about how many there are, and not about what they are."""
    return any(MANY in np.shape(leaf) for leaf in trees.leaves(request.arguments))


def asked(
    course: Course, name: str, workers: PatientWorkers, *, seed: int = 0
) -> list[tuple[Function, Asked]]:
    """Each function of an exercise, with what all claims ask of it."""
    exercise = load_exercise(course, name)
    seen = asked_by(
        exercise,
        course.solution(name).read_text(encoding="utf-8"),
        grader_of(course, name, workers, seed=seed, diagnose=False),
    )
    return [(one, seen.of(one.name)) for one in exercise.functions.values()]


def asked_by(exercise: Exercise, reference: str, grader: Grader) -> Asked:
    """What all claims of an exercise ask.

    Args:
        exercise: with its claims.
        reference: the text of its solution.
        grader: where that runs, and the choice of draws.
    """
    with closing(_Noting(grader.open_runner())) as runner:
        runner.load(f"{exercise.name}.py", (reference,))
        session = Session(runner, grader.references(exercise.name), Listener())
        for claim in exercise.claims:
            explore(claim, session, seed=grader.seed)
        return runner.asked
