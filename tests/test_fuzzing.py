"""The judge takes whatever a worker sends: its verdict is on the worker, never on itself."""

from __future__ import annotations

import collections
import os

import numpy as np
from fuzzing import fuzz
from jaxercise.grading.session import Session
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import Reply

#: `python tests/fuzzing.py 100000` sends as many as one likes.
NUMBER = int(os.environ.get("JAXERCISE_FUZZ", "1500"))


def test_judge_survives_hostile_answers() -> None:
    """Of thousands of malformed answers each is refused or taken as data; none stops the judge."""
    verdicts = collections.Counter(fuzz(NUMBER))
    assert set(verdicts) == {"accepted", "forbidden", "crashed"}
    # Enough gets past the first checks for the later ones to be tried, and most does not.
    assert verdicts["accepted"] > NUMBER / 20
    assert verdicts["forbidden"] > NUMBER / 3
    assert verdicts["crashed"] > NUMBER / 100


def test_answers_that_are_remembered_stay_few() -> None:
    """A submission whose every answer fills a frame does not fill the judge's memory."""

    class Large:
        def call(self, request: Request) -> Reply:
            return Reply(value=(np.zeros(1 << 20), ["x" * 2000] * 100))

    session = Session(Large(), None)  # type: ignore[arg-type]
    for number in range(20):
        session.remembered(Request("f", (number,)), ("n",))
    kept = sum(reply.value[0].nbytes for reply in session._replies.values())
    assert 0 < kept <= 32 << 20
    last = Request("f", (19,))
    assert session.remembered(last, ("n",)) is session.remembered(last, ("n",))
