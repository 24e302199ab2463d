"""What a result depends on, as a digest: where it is unchanged, a result is kept."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.processes import ROOT
from autograder.properties.references import SOLUTIONS
from autograder.worker.limits import Limits

#: Parts of the kit that show results, or bring submissions in, and decide nothing.
_SHOWING = (
    "__main__.py", "batch", "build", "certify", "conftest.py", "course", "door.py", "exports",
    "options.py", "reports",
)  # fmt: skip
_VERSIONS = ("jax", "jaxlib", "numpy", "hypothesis")


@dataclass(frozen=True)
class Settings:
    """What an instructor chooses that a score depends on.

    Attributes:
        seed: the choice of draws.
        call_seconds: the time limit of a call that compiles.
        device: the JAX platform for student code.
        sandbox: student code runs in a box.
        exercises: which are graded; empty for all.
    """

    seed: int = 0
    call_seconds: float = Limits.first_call
    device: str = "cpu"
    sandbox: bool = True
    exercises: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Settings:
        return cls(**{**told, "exercises": tuple(told["exercises"])})


@functools.cache
def kit() -> str:
    """A digest of the claims, the engine, the references, and the versions they run on."""
    digest = hashlib.sha256()
    engine = ROOT / "autograder"
    files = [
        path
        for path in sorted(engine.rglob("*.py"))
        if path.relative_to(engine).parts[0] not in _SHOWING
    ]
    for path in [*files, *sorted(SOLUTIONS.glob("[0-9]*"))]:
        _add(digest, path)
    versions = [platform.python_version(), *map(importlib.metadata.version, _VERSIONS)]
    digest.update(repr(versions).encode())
    return digest.hexdigest()[:32]


def _add(digest: Any, path: Path) -> None:
    if path.is_file():
        data = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(data)} ".encode())
        digest.update(data)


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
    told = json.dumps([kit(), files, settings.as_json()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
