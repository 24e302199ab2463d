"""`jaxercise certify --tolerance`: how far right answers stay below what is allowed, wrong above.

The draws are those of grading, one seed after the other. Right answers share them out between
themselves, and between four ways to run: as they are, under `jit`, with 64-bit types enabled,
and both. Most go under `jit`, where many calls are compiled as one loop; what cannot be traced is
called as it is.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jaxercise.authoring.certify.compiled_calls import Echo, replies
from jaxercise.authoring.certify.grading import grader_of, side_by_side, status
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.claims import VALUES, Claim
from jaxercise.claims.loading import load_exercise
from jaxercise.comparison import Difference, Expected, as_answered, largest_ratio
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.grading.references import References
from jaxercise.grading.running import explore
from jaxercise.grading.session import HaltError, Listener, Session
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import Reply, Runner

#: What is demanded, in units of the allowed error.
BELOW, ABOVE = 0.5, 2.0
_X64 = 'import jax\njax.config.update("jax_enable_x64", {})\n'
#: How gradings are run, one after the other. Calls as they stand cost a hundred times as much.
_RIGHT_WAYS = ("", "jit", "x64", "x64 jit", *["jit", "x64 jit"] * 6)
_WRONG_WAYS = ("", *["jit"] * 15)


@dataclass(frozen=True)
class Margin:
    """A body against a claim, over several gradings.

    Attributes:
        body, claim: their names.
        right: whether the body is.
        examples: how many inputs were compared.
        ratio: an error over the allowed error: for a right answer the largest that was met; for a
            wrong one the largest of each grading, and of these the smallest.
    """

    body: str
    claim: str
    right: bool
    examples: int
    ratio: float

    @property
    def holds(self) -> bool:
        """A right answer stays below half of what is allowed, a wrong one gets beyond twice."""
        return self.ratio < BELOW if self.right else self.ratio > ABOVE


class _Measuring(Listener):
    """Measures errors; what raises is infinitely wrong."""

    def __init__(self) -> None:
        self.ratios: list[float] = []

    def replied(self, request: Request, reply: Reply) -> None:
        if reply.raised is not None:
            self.ratios.append(math.inf)

    def compared(self, value: Any, expected: Expected, difference: Difference | None) -> None:
        self.ratios.append(largest_ratio(trees.mapped(_narrow, value), expected))


class _Remembering:
    """A runner that knows what has been replied already.

    Args:
        runner: whom to ask for the rest.
        known: the replies, by the fingerprint of the call.
    """

    def __init__(self, runner: Runner, known: Mapping[str, Reply]) -> None:
        self.load, self.scaling, self.close = runner.load, runner.scaling, runner.close
        self._runner, self._known = runner, known

    def call(self, request: Request) -> Reply:
        return self._known.get(fingerprint(request)) or self._runner.call(request)


def _narrow(leaf: Any) -> Any:
    """A leaf in 32 bits: where 64-bit types are enabled, an answer may well have them."""
    return as_answered(leaf) if isinstance(leaf, np.ndarray) else leaf


def margins(
    course: Course, name: str, examples: int, workers: PatientWorkers, *, seed: int = 0
) -> Iterator[Margin]:
    """Measure the bodies of an exercise against its values claims.

    Args:
        course, name: the exercise's.
        examples: how many inputs to draw for each claim, the bodies of its function together.
        workers: where the bodies run.
        seed: the first choice of draws.
    """
    exercise = load_exercise(course, name)
    references = References(course, name, most=sys.maxsize)
    grader = replace(
        grader_of(course, name, workers, diagnose=False), references=lambda _: references, seed=seed
    )
    claims = [one for one in exercise.claims if one.kind == VALUES and one.strategies]
    tasks: list[Callable[[], Margin | None]] = []
    for claim in claims:
        function = claim.function.name
        rights = [one for one in right(course, name) if one.function == function]
        wrongs = [
            one for one in wrong(course, name) if one.function == function and one.kind == VALUES
        ]
        windows = range(seed, seed + math.ceil(examples / claim.examples))
        for bodies, due in ((rights, True), (wrongs, False)):
            for i, body in enumerate(bodies):
                share = windows[i :: len(bodies)] or windows[:1]
                tasks.append(functools.partial(measured, grader, claim, body, share, due))
    yield from filter(None, side_by_side(lambda task: task(), tasks))


def measured(
    grader: Grader, claim: Claim, body: Body, seeds: Sequence[int], due: bool
) -> Margin | None:
    """A body's margin; None where the claim compares no numbers, or does not refuse a wrong body.

    Args:
        grader: where the body runs, and what it is held against.
        claim: a values claim.
        body: an answer to its function.
        seeds: the choices of draws.
        due: whether the body is right.
    """
    references = grader.references(claim.function.exercise.name)
    ways = _RIGHT_WAYS if due else _WRONG_WAYS
    if body.remembers:  # calls that are made at once leave nothing to remember
        ways = _WRONG_WAYS[:1]
    turns = sorted(zip(seeds, itertools.cycle(ways), strict=False), key=_way)
    largest: list[float] = []
    compared = 0
    with closing(grader.open_runner()) as runner, ExitStack() as afterwards:
        # The process may serve other bodies after this one.
        afterwards.callback(runner.load, body.qualname, [_X64.format(False)])
        for way, ours in itertools.groupby(turns, _way):
            wide, compiled = "x64" in way, "jit" in way
            code = f"{_X64.format(wide)}{body.code}"
            chosen = [seed for seed, _ in ours]
            known = {}
            if compiled:
                echo = Echo(references)
                for seed in chosen:
                    explore(claim, echo.session(), seed=seed)
                known = replies(runner, body.qualname, code, echo.asked.values())
            else:
                runner.load(body.qualname, [code])
            for seed in chosen:
                measuring = _Measuring()
                asked = Session(_Remembering(runner, known), references, measuring)
                try:
                    explore(claim, asked, seed=seed)
                except HaltError:
                    measuring.ratios.append(math.inf)
                if not measuring.ratios:
                    return None
                compared += len(measuring.ratios)
                largest.append(max(measuring.ratios))
                if not due and largest[0] <= 1:
                    return None  # right in what this claim looks at
    ratio = max(largest) if due else min(largest)
    return Margin(body.qualname, claim.name, due, compared, ratio)


def _way(turn: tuple[int, str]) -> str:
    return turn[1]


def run(course: Course, exercises: Sequence[str], *, examples: int, seed: int = 0) -> int:
    """Measure, printing as it goes; 0 if every margin holds."""
    print(f"{'exercise':<26}{'examples':>10}{'right: largest':>16}{'wrong: smallest':>17}")
    broken: list[str] = []
    with patient_workers() as workers:
        for name in exercises:
            found = list(margins(course, name, examples, workers, seed=seed))
            rights = [one.ratio for one in found if one.right]
            wrongs = [one.ratio for one in found if not one.right]
            print(
                f"{name:<26}{sum(one.examples for one in found):>10}"
                f"{max(rights, default=0):>16.2f}{min(wrongs, default=math.inf):>17.3g}",
                flush=True,
            )
            for one in sorted(found, key=lambda one: one.ratio):
                if not one.holds:
                    kind = "right" if one.right else "wrong"
                    broken.append(f"{name}: {kind}: {one.body} by {one.claim}: {one.ratio:.3g}")
    return status(broken)
