"""What a result depends on, as a digest: where it is unchanged, a result is kept."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jaxercise.cache.depends import DECIDING, DECIDING_VERSIONS, deciding_files, digest_of
from jaxercise.course import Course
from jaxercise.sandboxed.limits import Limits
from jaxercise.verdicts import frozen

#: What decides a score besides.
_OWN = ("frontends/batch/judge.py", "frontends/batch/sandboxes.py")


@dataclass(frozen=True)
class Settings:
    """What an instructor chooses that a score depends on.

    Attributes:
        course: the folder of the course; where it lies decides nothing.
        seed: the choice of draws.
        call_seconds: the time limit of a call that compiles.
        device: the JAX platform for student code.
        sandbox: student code runs in a sandbox.
        exercises: which are graded; empty for all.
        dropped: exercises and functions left out besides those that the course drops.
    """

    course: str
    seed: int = 0
    call_seconds: float = Limits.first_call
    device: str = "cpu"
    sandbox: bool = True
    exercises: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def opened(self) -> Course:
        """The course, with what is graded of it."""
        return replace(Course.at(Path(self.course)), dropped=frozenset(self.dropped))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Settings:
        return cls(**frozen(told))


@functools.cache
def decided_by(course: Course) -> str:
    """A digest of the claims and their points, the engine, the references, and the versions."""
    parts: list[Path | str] = [*DECIDING, *_OWN, *deciding_files(course)]
    told = digest_of(parts, DECIDING_VERSIONS) + course.settings.deciding
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def files_digest(files: Mapping[str, bytes], refused: Mapping[str, str]) -> str:
    """A digest of a submission's graded files, and of why others are not."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name} {len(data)} ".encode())
        digest.update(data)
    for name, why in sorted(refused.items()):
        digest.update(f"{name}: {why}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()[:32]


def result_key(files: str, settings: Settings) -> str:
    """The key of a result.

    Args:
        files: the digest of the submission's files.
        settings: the instructor's choices.
    """
    chosen = {name: value for name, value in settings.as_json().items() if name != "course"}
    told = json.dumps([decided_by(settings.opened()), files, chosen], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
