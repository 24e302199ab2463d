"""The corpus of right and wrong answers, graded once for all tests that look at the outcomes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from jaxercise.authoring.certify import Certificate
from jaxercise.claims.bodies import Body
from jaxercise.verdicts import Outcome
from running import COURSE, first_of_each

EXERCISES = COURSE.names()
#: The certificate of an exercise, by its name.
Certificates = Callable[[str], Certificate]


class Named(Protocol):
    """A mutant, a spoiler, a subject."""

    @property
    def name(self) -> str: ...


_Named = TypeVar("_Named", bound=Named)


def sample(candidates: Iterable[_Named], size: int) -> list[_Named]:
    """Some of them, the same ones as long as they exist."""
    return sorted(candidates, key=lambda one: zlib.crc32(one.name.encode()))[:size]


def one_of_each(bodies: Iterable[Body]) -> list[Body]:
    """A body of each kind, each of another function where that can be."""
    found: list[Body] = []
    for kind in first_of_each(bodies := list(bodies), lambda body: body.kind):
        taken = {one.function for one in found}
        same = [one for one in bodies if one.kind == kind.kind]
        found.append(next((one for one in same if one.function not in taken), same[0]))
    return found


def misconceptions_graded(certificate: Certificate) -> list[tuple[Body, list[Outcome]]]:
    """What their students are told of every misconception of an exercise."""
    return [(one.body, list(one.as_graded(certificate.exercise))) for one in certificate.wrong]
