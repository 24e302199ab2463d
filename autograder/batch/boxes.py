"""The engine of a judge, with the box around student code."""

from __future__ import annotations

from autograder.batch.keys import Settings
from autograder.engine import Engine, compiled_references
from autograder.sandbox import open_box
from autograder.worker.limits import Limits
from autograder.worker.timing import Spent


def open_engine(settings: Settings, spent: Spent | None = None) -> Engine:
    """An engine for strangers' submissions, to be used for many of them.

    Raises:
        BoxError: there is to be a box, and none holds here.
        RuntimeError: the kit's own solutions do not pass here.
    """
    cache = compiled_references()
    box = open_box(cache=cache, device=settings.device) if settings.sandbox else None
    return Engine(
        Limits.of_calls(settings.call_seconds),
        device=settings.device,
        shared_cache=cache,
        box=box,
        seed=settings.seed,
        lanes=1,  # there is a judge for each core
        spent=spent,
        again=False,  # but later, when nothing else runs
    )
