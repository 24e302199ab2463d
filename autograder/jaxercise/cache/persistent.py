"""What has been found out once, kept from run to run: in memory, and in one file.

Of what is more than can be kept, that goes first which was asked for longest ago: what all
submissions are asked stays, what one of them led to goes.

Plain arrays and JSON in the safetensors format: nothing in it comes to life. It can be deleted at
any time, and is never an error: a full disk or a spoilt file costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from jaxercise.cache.depends import digest_of
from jaxercise.files import write_whole
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array, ProtocolError

_T = TypeVar("_T")


class PersistentCache(Generic[_T]):
    """Values by keys.

    Args:
        path: the file to read and write; None to keep nothing from run to run.
        depends: the files that the values depend on; see `digest_of`.
        versions: the packages whose versions they depend on.
        encode: makes JSON of a value, and puts its arrays into a dict.
        decode: the way back; raises ProtocolError, KeyError, TypeError or ValueError where it is
            none.
        most: as many are kept.
    """

    def __init__(
        self,
        path: Path | None,
        depends: Sequence[Path | str],
        versions: Sequence[str],
        encode: Callable[[_T, dict[str, Array]], Any],
        decode: Callable[[Any, dict[str, Array]], _T],
        *,
        most: int,
    ) -> None:
        self._path = path
        self._depends = depends
        self._versions = versions
        self._encode = encode
        self._decode = decode
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[str, _T] | None = None
        self._new = False

    def get(self, key: str) -> _T | None:
        with self._lock:
            known = self._loaded()
            if key not in known:
                return None
            known[key] = value = known.pop(key)  # the last to be forgotten
            return value

    def add(self, key: str, value: _T) -> None:
        with self._lock:
            known = self._loaded()
            while len(known) >= self._most:
                del known[next(iter(known))]
            known[key] = value
            self._new = True

    def save(self) -> None:
        """Write the file, if there is anything new; atomically, and never an error."""
        from safetensors.numpy import save

        with self._lock:
            if self._path is None or not self._new:
                return
            arrays: dict[str, Array] = {"": np.zeros(0)}
            items = {key: self._encode(value, arrays) for key, value in self._loaded().items()}
            self._new = False
        data = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        about = {"depends": digest_of(self._depends, self._versions), "items": json.dumps(items)}
        try:
            write_whole(self._path, save(data, about))
        except OSError:  # a full disk, a folder that is gone: it is only a memory
            return

    def _loaded(self) -> dict[str, _T]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, _T]:
        from safetensors import SafetensorError, safe_open

        if self._path is None or not self._path.exists():
            return {}
        try:
            with safe_open(self._path, "numpy") as file:
                about = file.metadata() or {}
                if about.get("depends") != digest_of(self._depends, self._versions):
                    return {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                items = json.loads(about["items"])
            return {key: self._decode(item, arrays) for key, item in items.items()}
        except (OSError, SafetensorError, ProtocolError, AttributeError, KeyError, TypeError,
                ValueError):  # fmt: skip
            return {}


def fingerprint(question: Any) -> str:
    """A digest of what was drawn or asked: a tree of arrays, functions, numbers, keys, requests."""
    return hashlib.sha256(_bytes(question)).hexdigest()[:32]


def _bytes(value: Any) -> bytes:
    return str(trees.structure(value)).encode() + b";".join(map(_leaf_bytes, trees.leaves(value)))


def _leaf_bytes(leaf: Any) -> bytes:
    match leaf:
        case np.ndarray() | np.generic():
            array = np.asarray(leaf)
            return f"{array.dtype}{array.shape}".encode() + array.tobytes()
        case Described():
            return leaf.family.name.encode() + leaf.coefficients.tobytes()
    if is_dataclass(leaf):
        parts = {field.name: getattr(leaf, field.name) for field in fields(leaf)}
        return type(leaf).__name__.encode() + _bytes(parts)
    return f"{type(leaf).__name__} {leaf!r}".encode()
