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

from jaxercise.comparison import Expected
from jaxercise.course import Course
from jaxercise.grading.numbers import numbers
from jaxercise.grading.signatures import Signature
from jaxercise.sandboxed.calling import is_number
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import decode_result
from jaxercise.verdicts import frozen
from jaxercise.versions import VersionError, sealed_for

#: Among the programs of a file, what the references take and return, as JSON.
SIGNATURES = "signatures"
#: What the programs answered when they were made: the name in the file's header, and how the names
#: of its arrays begin.
KNOWN = "known"


@dataclass(frozen=True)
class Pattern:
    """The requests that one program answers.

    Attributes:
        function: the reference's name.
        steps: by which it is called, and by which the function it returns.
        structure: that of the arguments and of those of the function it returns.
        leaves: for each leaf of them what it has to be: its kind; of an array also the dtype and
            the shape, of which sizes that are names may be anything, the same in all places; of
            what is no number its value.
    """

    function: str
    steps: tuple[tuple[str, ...], tuple[str, ...]]
    structure: str
    leaves: tuple[tuple[Any, ...], ...]

    def fits(self, request: Request) -> bool:
        """True if the program answers this request."""
        other = pattern_of(request)
        sizes: dict[str, int] = {}
        return (
            (self.function, self.steps) == (other.function, other.steps)
            and self.structure == other.structure
            and all(_fits(*pair, sizes) for pair in zip(self.leaves, other.leaves, strict=True))
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Pattern:
        return cls(**frozen(item))


def pattern_of(request: Request) -> Pattern:
    """The narrowest pattern that a request fits: every size is a number."""
    plainly = request.plain()
    remaining = iter(numbers(request))

    def described(leaf: Any) -> tuple[Any, ...]:
        if not is_number(leaf):
            return type(leaf).__name__, leaf
        number = next(remaining)
        if number.kind != "array":
            return (number.kind,)
        return number.kind, number.value.dtype.name, number.value.shape

    return Pattern(
        request.function,
        (tuple(plainly.under), tuple(plainly.result_under)),
        str(trees.structure((list(request.arguments), request.result_arguments))),
        tuple(map(described, trees.leaves(request.all_arguments))),
    )


def _fits(due: tuple[Any, ...], given: tuple[Any, ...], sizes: dict[str, int]) -> bool:
    if due[:2] != given[:2] or len(due) < 3:
        return due == given
    return len(due[2]) == len(given[2]) and all(
        size == (sizes.setdefault(name, size) if isinstance(name, str) else name)
        for name, size in zip(due[2], given[2], strict=True)
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
        """As in `references.Solutions`.

        Raises:
            LookupError: no program was sealed for such a request.
        """
        from jax import export

        for pattern, data in self._read():
            if pattern.fits(request):
                called: Callable[[list[Any]], Any] = export.deserialize(bytearray(data)).call
                return called
        raise LookupError(f"{self.path.name} holds no reference for {pattern_of(request)}")

    def signature(self, name: str) -> Signature | None:
        """As in `references.Solutions`; packs of earlier versions hold none."""
        told = _read_signatures(self.path).get(name)
        return None if told is None else Signature.from_json(told)

    def patterns(self, function: str) -> list[Pattern]:
        """Of which requests about a function there are references."""
        return [pattern for pattern, _ in self._read() if pattern.function == function]

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


def known_answers(path: Path) -> list[tuple[Request, Expected]]:
    """What the programs in a file answered when they were made, a request of each function.

    Packs of earlier versions hold none.
    """
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        told = json.loads(file.metadata().get(KNOWN, "[]"))
        arrays = {
            name.removeprefix(KNOWN): file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118 - it is no dict
            if name.startswith(KNOWN)
        }
    return [
        (Request.decode(request, arrays), Expected(*decode_result(answer, arrays)))
        for request, answer in told
    ]


def _read_signatures(path: Path) -> dict[str, Any]:
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        if SIGNATURES not in file.keys():  # noqa: SIM118 - it is no dict
            return {}
        found: dict[str, Any] = json.loads(file.get_tensor(SIGNATURES).tobytes())
        return found


def sealed_path(course: Course, exercise: str) -> Path:
    return course.sealed / f"{exercise}.safetensors"


def made_with(course: Course) -> str:
    """The version of JAX that made the sealed references."""
    return (course.sealed / "jax.txt").read_text(encoding="utf-8").strip()


def check_seals(course: Course) -> None:
    """Check that the installed JAX can read the sealed references, where there are any.

    Raises:
        VersionError: it cannot; the message says what to do.
    """
    seals = sorted(course.sealed.glob("*.safetensors"))
    if not seals:
        return
    made = made_with(course)
    if not sealed_for(made):
        return  # the very release they were made with
    # An exercise whose claims ask no reference has none.
    first = next((data for seal in seals for _, data in read_seal(seal)), None)
    if first is not None and not _readable(first):
        raise VersionError(
            f"This JAX can no longer read the sealed references, which jax {made} made. "
            f"Ask for a new pack, or run: pip install 'jax=={made}'"
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
