"""The references' answers, kept from run to run.

Keyed by the content of the question, and of all that the answer depends on: the solution, the
families, the tolerance. Plain arrays in one safetensors file an exercise; delete it at any time.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise import comparison
from jaxercise.comparison import Expected
from jaxercise.files import write_whole
from jaxercise.sandboxed import families
from jaxercise.sandboxed.families import Described

#: As many answers are kept from run to run; a run by itself forgets none.
_MOST = 4000


def fingerprint(question: Any) -> str:
    """A digest of what was drawn: nested tuples and dicts of arrays, functions, numbers, keys."""
    return hashlib.sha256(_bytes(question)).hexdigest()[:32]


def _bytes(value: Any) -> bytes:
    match value:
        case dict():
            return b"{%s}" % b",".join(map(_bytes, value.values()))
        case tuple() | list():
            return b"(%s)" % b",".join(map(_bytes, value))
        case np.ndarray() | np.generic():
            array = np.asarray(value)
            return f"{array.dtype}{array.shape}".encode() + array.tobytes()
        case Described():
            return value.family.name.encode() + value.coefficients.tobytes()
        case None | bool() | int() | float() | str():
            return repr(value).encode()
    if hasattr(value, "__dataclass_fields__"):
        return type(value).__name__.encode() + _bytes(vars(value))
    return repr(value).encode()


class ReferenceCache:
    """Answers by question.

    Args:
        memory: the file to read and write; None for none.
        solution: the file that answers depend on.
    """

    def __init__(self, memory: Path | None, solution: Path) -> None:
        self._memory = memory
        self._solution = solution
        self._known: dict[str, Expected] | None = None
        self._new = False

    def get(self, key: str) -> Expected | None:
        """What was answered before."""
        return self._loaded().get(key)

    def add(self, key: str, expected: Expected) -> None:
        """Remember an answer."""
        known = self._loaded()
        self._new |= len(known) < _MOST
        known[key] = expected

    def save(self) -> None:
        """Write the file, if there is anything new; atomically, and never an error."""
        if self._memory is None or not self._new or self._known is None:
            return
        from safetensors.numpy import save

        arrays: dict[str, Any] = {}
        for key, expected in list(self._known.items())[:_MOST]:
            _flatten(key, expected, arrays)
        try:
            write_whole(self._memory, save(arrays, {"depends": self._depends()}))
        except OSError:  # a full disk, a folder that is gone: it is only a memory
            return
        self._new = False

    def _loaded(self) -> dict[str, Expected]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, Expected]:
        from safetensors import SafetensorError, safe_open

        if self._memory is None or not self._memory.exists():
            return {}
        try:
            with safe_open(self._memory, "numpy") as file:
                if (file.metadata() or {}).get("depends") != self._depends():
                    return {}
                return _unflatten({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        except (OSError, SafetensorError, ValueError, KeyError):
            return {}

    def _depends(self) -> str:
        digest = hashlib.sha256(_engine())
        digest.update(self._solution.read_bytes())
        return digest.hexdigest()


@functools.cache
def _engine() -> bytes:
    """The source of what answers depend on besides the solution, and the versions."""
    folders = [Path(str(package.__file__)).parent for package in (families, comparison)]
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    files.append(Path(__file__).with_name("references.py"))
    versions = [importlib.metadata.version(name) for name in ("jax", "jaxlib", "numpy")]
    return b"".join(file.read_bytes() for file in files) + repr(versions).encode()


def _flatten(path: str, expected: Expected, arrays: dict[str, Any]) -> None:
    if isinstance(expected.value, tuple):
        for i in range(len(expected.value)):
            _flatten(f"{path}.{i}", expected[i], arrays)
        return
    arrays[f"{path}:value"] = np.asarray(expected.value, order="C")
    arrays[f"{path}:error"] = np.asarray(expected.error, order="C")


def _unflatten(arrays: dict[str, Any]) -> dict[str, Expected]:
    flat = {
        name.removesuffix(":value"): Expected(array, arrays[name.replace(":value", ":error")])
        for name, array in arrays.items()
        if name.endswith(":value")
    }
    known: dict[str, Expected] = {}
    parts: dict[str, list[Expected]] = {}
    for path in sorted(flat, key=lambda path: (len(path), path)):
        key, *index = path.split(".")
        if index:
            parts.setdefault(key, []).append(flat[path])
        else:
            known[key] = flat[path]
    for key, items in parts.items():
        known[key] = Expected(
            tuple(item.value for item in items), tuple(item.error for item in items)
        )
    return known
