"""`jaxercise certify`: the kill matrix of every exercise, in writing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from jaxercise.authoring.certify.grading import status
from jaxercise.authoring.certify.matrix import Certificate, certify
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.course import Course

_WIDTH = 100
_COLUMNS = (
    ("exercise", 26),
    ("reference", 11),
    ("stub", 6),
    ("right", 7),
    ("accepted", 10),
    ("wrong", 7),
    ("refused", 9),
    ("as meant", 10),
    ("named", 7),
    ("misnamed", 10),
    ("claims", 8),
    ("dead", 6),
)
HEAD = "".join(f"{name:>{width}}" if i else f"{name:<{width}}"
               for i, (name, width) in enumerate(_COLUMNS))  # fmt: skip

#: As much of a line as README.md shows: up to `as meant`. What follows changes with the texts.
SHOWN = sum(width for _, width in _COLUMNS[:8])


def run(course: Course, exercises: Sequence[str], *, seed: int = 0) -> int:
    """Certify exercises, printing as it goes; 0 if everything holds."""
    print(HEAD)
    with patient_workers() as workers:
        certificates = []
        for name in exercises:
            certificates.append(certify(course, name, workers, seed=seed))
            print(row(certificates[-1]), flush=True)
    for certificate in certificates:
        print("\n".join(claims(certificate)))
    return status([one for certificate in certificates for one in certificate.violations()])


def row(one: Certificate) -> str:
    """An exercise's line of the table."""
    refused = len(one.wrong) - len(one.accepted)
    cells = (
        f"{sum(o.points for o in one.reference):g}/{sum(o.max_points for o in one.reference):g}",
        f"{sum(o.points for o in one.stub):g}",
        len(one.right),
        len(one.right) - len(one.refused),
        len(one.wrong),
        refused,
        refused - len(one.unintended),
        len(one.named("right")),
        len(one.named("wrong")),
        len(one.exercise.claims),
        len(one.dead),
    )
    widths = [width for _, width in _COLUMNS]
    return f"{one.exercise.name:<{widths[0]}}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True)
    )


def claims(one: Certificate) -> list[str]:
    """What each claim refuses, and which misconceptions it alone does."""
    lines = ["", one.exercise.name]
    for claim in one.exercise.claims:
        caught, alone = one.catches[claim.name], one.alone[claim.name]
        lines.append(f"  {claim.name} ({claim.kind}): refuses {len(caught)}, alone {len(alone)}")
        lines += textwrap.wrap(
            ", ".join(alone), _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
        told = [said for outcome in one.reference if outcome.claim == claim.name
                for text in outcome.told for said in text.split("\n")]  # fmt: skip
        lines += [f"      {said}" for said in dict.fromkeys(told)]
    return lines
