"""How much a student's own example tells: which misconceptions would answer it wrongly."""

from __future__ import annotations

from jaxercise.claims.bodies import Body
from jaxercise.claims.claims import METHOD
from jaxercise.comparison import Expected, compare
from jaxercise.diagnosis.misconception_runner import MisconceptionRunner
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.runner import WorkerStoppedError


def exposed(
    misconceptions: MisconceptionRunner, request: Request, due: Expected
) -> tuple[int, int]:
    """How many of the misconceptions about a function answer a request wrongly.

    Returns:
        that number, and how many there are; those about the method alone, which no answer shows,
        are left out.
    """

    def wrong(one: Body) -> bool:
        try:
            reply = misconceptions.runner(one).call(request)
        except WorkerStoppedError:
            return True
        return reply.raised is not None or compare(reply.value, due) is not None

    known = [one for one in misconceptions.of(request.function) if one.kind != METHOD]
    return sum(map(wrong, known)), len(known)
