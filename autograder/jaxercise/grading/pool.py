"""The exercises of a submission, judged side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future

from jaxercise.claims.claims import Claim
from jaxercise.grading.exercise import ExerciseGrading
from jaxercise.verdicts import Outcome

EXERCISES_AT_ONCE = 3


class ExercisePool:
    """Several exercises judged side by side, ahead of whoever asks for the outcomes.

    The judge draws, computes references and compares for one exercise while the worker of another
    is busy. Each exercise runs in order in one thread, so that its outcomes do not depend on
    timing.
    """

    def __init__(
        self,
        exercises: Sequence[tuple[ExerciseGrading, Sequence[Claim]]],
        exercises_at_once: int = EXERCISES_AT_ONCE,
    ) -> None:
        self._waiting = list(exercises)
        self._futures: dict[Claim, Future[Outcome]] = {
            claim: Future() for _, claims in exercises for claim in claims
        }
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, daemon=True) for _ in range(exercises_at_once)
        ]
        for thread in self._threads:
            thread.start()

    def outcome(self, claim: Claim) -> Outcome:
        """Wait for a claim's outcome."""
        return self._futures[claim].result()

    def stop(self) -> None:
        """Give up what has not been judged yet."""
        self._stop.set()

    def join(self) -> None:
        """Wait for its threads to end.

        Raises:
            BaseException: what went wrong after an exercise was judged.
        """
        for thread in self._threads:
            thread.join(timeout=5)
        if self._failures:
            raise self._failures[0]

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                if not self._waiting:
                    return
                grading, claims = self._waiting.pop(0)
            for claim in claims:
                if self._stop.is_set():
                    break
                try:
                    self._futures[claim].set_result(grading.outcome(claim))
                except BaseException as error:
                    self._futures[claim].set_exception(error)
            try:
                grading.close()
            except BaseException as error:  # what is judged stands; what waits is judged as well
                if not self._stop.is_set():  # else its workers were taken away from it
                    self._failures.append(error)
