"""Sealed references: compiled programs in place of the solutions' source.

What a student's pack holds, so that the same properties run there. A file for each exercise, in
the safetensors format: the programs, as `jax.export` serialises them, and a list of which program
answers which requests. Made by `jaxercise.authoring.pack`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise.course import Course
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.values import Key
from jaxercise.versions import VersionError, sealed_for
from jaxercise.workers.runner import Request


@dataclass(frozen=True)
class Pattern:
    """The requests that one program answers.

    Attributes:
        function: the reference's name.
        arguments: for each argument a family's name, an integer, or an array's shape: a tuple of
            sizes, of which those that are names may be anything, the same in all places.
        result_arguments: the same for the arguments of the function it returns; None where it
        returns a value.
        result_under: as in `Request`.
    """

    function: str
    arguments: tuple[Any, ...]
    result_arguments: tuple[Any, ...] | None
    result_under: str

    def fits(self, request: Request) -> bool:
        """True if the program answers this request."""
        if (self.function, self.result_under) != (request.function, _transformed(request)):
            return False
        if (self.result_arguments is None) != (request.result_arguments is None):
            return False
        sizes: dict[str, int] = {}
        due = (*self.arguments, *(self.result_arguments or ()))
        given = (*request.arguments, *(request.result_arguments or ()))
        return len(due) == len(given) and all(
            _fits(one, other, sizes) for one, other in zip(due, given, strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Pattern:
        def frozen(one: Any) -> Any:
            return tuple(map(frozen, one)) if isinstance(one, list) else one

        return cls(**{name: frozen(value) for name, value in item.items()})


def pattern_of(request: Request) -> Pattern:
    """The narrowest pattern that a request fits: every size is a number.

    Raises:
        TypeError: an argument that no sealed program takes.
    """

    def described(one: Any) -> Any:
        if isinstance(one, Key):
            raise TypeError(f"{request.function}: a reference that takes a key cannot be sealed")
        if isinstance(one, Described):
            return one.family.name
        return one if isinstance(one, int) else np.shape(one)

    result_arguments = (
        None
        if request.result_arguments is None
        else tuple(map(described, request.result_arguments))
    )
    return Pattern(
        request.function,
        tuple(map(described, request.arguments)),
        result_arguments,
        _transformed(request),
    )


def _transformed(request: Request) -> str:
    """How a reference's returned function is called: under `vmap` or plainly."""
    return "vmap" if request.result_under == "vmap" else ""


def _fits(due: Any, given: Any, sizes: dict[str, int]) -> bool:
    if isinstance(given, Described):
        return bool(due == given.family.name)
    if isinstance(given, int) or not isinstance(due, tuple):
        return type(due) is type(given) and bool(due == given)
    shape = np.shape(given)
    return len(shape) == len(due) and all(
        size == (sizes.setdefault(name, size) if isinstance(name, str) else name)
        for name, size in zip(due, shape, strict=True)
    )


class Sealed:
    """The sealed references of one exercise.

    Args:
        path: the file that holds them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._programs: list[tuple[Pattern, bytes]] | None = None
        self._lock = threading.Lock()

    def program(self, request: Request) -> Callable[[list[Any]], Any]:
        """As in `Programs`.

        Raises:
            LookupError: no program was sealed for such a request.
        """
        from jax import export

        for pattern, data in self._read():
            if pattern.fits(request):
                called: Callable[[list[Any]], Any] = export.deserialize(bytearray(data)).call
                return called
        raise LookupError(f"{self.path.name} holds no reference for {pattern_of(request)}")

    def _read(self) -> list[tuple[Pattern, bytes]]:
        with self._lock:
            if self._programs is None:
                self._programs = read_seal(self.path)
            return self._programs


def read_seal(path: Path) -> list[tuple[Pattern, bytes]]:
    """The programs in a file, serialised, with the patterns they answer."""
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        patterns = json.loads(file.metadata()["patterns"])
        return [
            (Pattern.from_json(item), file.get_tensor(str(i)).tobytes())
            for i, item in enumerate(patterns)
        ]


def sealed_path(course: Course, exercise: str) -> Path:
    """The file for the sealed references of an exercise."""
    return course.sealed / f"{exercise}.safetensors"


def check_seals(course: Course) -> None:
    """Check that the installed JAX can read the sealed references, where there are any.

    Raises:
        VersionError: it cannot; the message says what to do.
    """
    seals = sorted(course.sealed.glob("*.safetensors"))
    if not seals:
        return
    made_with = (course.sealed / "jax.txt").read_text(encoding="utf-8").strip()
    if not sealed_for(made_with):
        return  # the very release they were made with
    if not _readable(read_seal(seals[0])[0][1]):
        raise VersionError(
            f"This JAX can no longer read the sealed references, which jax {made_with} made. "
            f"Ask for a new pack, or run: pip install 'jax=={made_with}'"
        )


def _readable(program: bytes) -> bool:
    from jax import export

    oldest = export.minimum_supported_calling_convention_version
    newest = export.maximum_supported_calling_convention_version
    try:
        exported = export.deserialize(bytearray(program))
        exported.mlir_module()
    except Exception:  # JAX promises no particular error for what it does not know
        return False
    return bool(oldest <= exported.calling_convention_version <= newest)
