"""`jaxercise certify`: the kill matrix of every exercise, as a table."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from autograder.caches import answers_memory, trusted_cache
from autograder.certify.bodies import right, wrong
from autograder.certify.matrix import Certificate, certify
from autograder.properties.claims import Exercise
from autograder.properties.grading import Grader
from autograder.properties.references import References
from autograder.worker.limits import Limits
from autograder.worker.remote import RemoteBench
from autograder.worker.workers import Workers

_HEAD = (
    f"{'exercise':<26}{'right':>7}{'accepted':>10}{'wrong':>7}{'refused':>9}"
    f"{'as meant':>10}{'named':>7}{'misnamed':>10}"
)


def run(exercises: Sequence[str], *, seed: int = 0) -> int:
    """Certify exercises, printing as it goes; 0 if everything holds.

    Args:
        exercises: their names.
        seed: the choice of draws.
    """
    workers = Workers(Limits(), cache=trusted_cache(), trusted_cache=trusted_cache())
    certificates = []
    print(_HEAD)
    try:
        for name in exercises:
            exercise: Exercise = importlib.import_module(f"autograder.test_{name}").exercise
            references = References(name, answers_memory(name))
            grader = Grader(
                lambda: RemoteBench(workers),
                lambda _, references=references: references,  # type: ignore[misc]
                lambda: RemoteBench(workers, trusted=True),
                seed=seed,
            )
            certificates.append(certify(exercise, right(name), wrong(name), grader))
            print(_row(certificates[-1]), flush=True)
    finally:
        workers.close()
    for certificate in certificates:
        _details(certificate)
    return 0 if all(certificate.holds for certificate in certificates) else 1


def _row(one: Certificate) -> str:
    refused = one.wrongs - len(one.accepted)
    return (
        f"{one.exercise:<26}{one.rights:>7}{one.rights - len(one.refused):>10}{one.wrongs:>7}"
        f"{refused:>9}{refused - len(one.unintended):>10}{one.named['right']:>7}"
        f"{one.named['wrong']:>10}"
    )


def _details(one: Certificate) -> None:
    """What a maintainer has to look at, to standard error."""
    lines = [f"right, but refused: {name} by {claim}: {why}" for name, claim, why in one.refused]
    lines += [f"wrong, but accepted: {name}" for name in one.accepted]
    lines += [f"named wrongly: {name}: {said}" for name, said in one.misnamed]
    lines += [
        f"catches nothing first: {claim}" for claim, bodies in one.caught.items() if not bodies
    ]
    for line in lines:
        print(f"{one.exercise}: {line}", file=sys.stderr)
