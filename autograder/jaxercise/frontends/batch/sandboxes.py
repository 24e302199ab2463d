"""The engine of a judge, with the sandbox around student code."""

from __future__ import annotations

from jaxercise.course import Course
from jaxercise.engine import Engine, compiled_references
from jaxercise.frontends.batch.keys import Settings
from jaxercise.sandbox import Sandbox, open_sandbox
from jaxercise.sandboxed.limits import Limits
from jaxercise.submission import read_submission
from jaxercise.verdicts import Verdict
from jaxercise.workers.timing import Spent

_PATIENT_SECONDS = 120.0


class DeviceError(Exception):
    """Student code cannot run on the device; the message says what happened."""


def open_engine(settings: Settings, spent: Spent | None = None) -> Engine:
    """An engine for strangers' submissions, to be used for many of them.

    Raises:
        SandboxError: there is to be a sandbox, and none holds here.
        DeviceError: student code cannot run on the device.
        RuntimeError: the course's own solutions do not pass here.
    """
    course = settings.opened()
    if settings.sandbox:
        Sandbox()  # where none can be made, that is told before anything is compiled
    # What is compiled serves whoever grades these exercises, all of them or a part.
    # A machine that is busy for a while stops no class: these solutions are no stranger's.
    patient = Limits.of_calls(max(settings.call_seconds, _PATIENT_SECONDS))
    cache = compiled_references(Course.at(course.root), settings.exercises, patient)
    sandbox = (
        open_sandbox(cache=cache, device=settings.device, secret=(course.root,))
        if settings.sandbox
        else None
    )
    engine = Engine(
        course,
        Limits.of_calls(settings.call_seconds),
        device=settings.device,
        shared_cache=cache,
        sandbox=sandbox,
        seed=settings.seed,
        exercises_at_once=1,  # there is a judge for each core
        spent=spent,
        again=False,  # but later, when nothing else runs
    )
    if settings.device != "cpu":
        _check_device(engine, settings.device)
    return engine


def _check_device(engine: Engine, device: str) -> None:
    """Let the device show on a solution that it is there: no student pays if not."""
    course = engine.course
    first = course.names()[0]
    results = engine.grade(read_submission(course.solution(first), [first]), [first])
    failed = [
        outcome for one in results for outcome in one.outcomes if outcome.verdict != Verdict.PASSED
    ]
    if failed:
        engine.close()
        why = "" if failed[0].finding is None else f" ({failed[0].finding.sentence})"
        raise DeviceError(
            f"On {device}, the course's own solutions do not pass here: {failed[0].verdict}{why}."
        )
