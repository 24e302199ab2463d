"""The engine of a judge, with the box around student code."""

from __future__ import annotations

from autograder.batch.keys import Settings
from autograder.engine import Engine, compiled_references, exercise_names
from autograder.properties.references import SOLUTIONS
from autograder.sandbox import open_box
from autograder.submission import read_submission
from autograder.worker.limits import Limits
from autograder.worker.timing import Spent


class DeviceError(Exception):
    """Student code cannot run on the device; the message says what happened."""


def open_engine(settings: Settings, spent: Spent | None = None) -> Engine:
    """An engine for strangers' submissions, to be used for many of them.

    Raises:
        BoxError: there is to be a box, and none holds here.
        DeviceError: student code cannot run on the device.
        RuntimeError: the kit's own solutions do not pass here.
    """
    cache = compiled_references()
    box = open_box(cache=cache, device=settings.device) if settings.sandbox else None
    engine = Engine(
        Limits.of_calls(settings.call_seconds),
        device=settings.device,
        shared_cache=cache,
        box=box,
        seed=settings.seed,
        lanes=1,  # there is a judge for each core
        spent=spent,
        again=False,  # but later, when nothing else runs
    )
    if settings.device != "cpu":
        _check_device(engine, settings.device)
    return engine


def _check_device(engine: Engine, device: str) -> None:
    """Let the device show on the kit's own solutions that it is there: no student pays if not."""
    first = exercise_names()[0]
    results = engine.grade(read_submission(SOLUTIONS / f"{first}.py", [first]), [first])
    failed = [outcome for one in results for outcome in one.outcomes if outcome.verdict != "passed"]
    if failed:
        engine.close()
        why = "" if failed[0].finding is None else f" ({failed[0].finding.sentence})"
        raise DeviceError(
            f"On {device}, the kit's own solutions do not pass here: {failed[0].verdict}{why}."
        )
