"""What misconceptions replied, kept from run to run; plain arrays and JSON, deleted at any time."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise import sandboxed
from jaxercise.claims.bodies import file_text
from jaxercise.course import Course
from jaxercise.diagnosis.equivalence import Measured
from jaxercise.files import write_whole
from jaxercise.sandboxed.wire.frames import Array, ProtocolError
from jaxercise.sandboxed.wire.values import decode_result, encode_result
from jaxercise.workers.runner import Raised, Reply

_MOST = 20000
#: Replies of more numbers are asked for again rather than kept.
_LARGEST = 4000


class ReplyCache:
    """Replies and measurements by what was asked, in memory and in a file."""

    def __init__(self, path: Path, depends: str) -> None:
        self._path = path
        self._depends = depends
        self._lock = threading.Lock()
        self._known: dict[str, Reply | Measured] | None = None
        self._new = False

    def get(self, key: str) -> Reply | Measured | None:
        """What was replied before."""
        with self._lock:
            if self._known is None:
                self._known = self._read()
            return self._known.get(key)

    def add(self, key: str, reply: Reply | Measured) -> None:
        """Keep a reply."""
        with self._lock:
            assert self._known is not None
            if len(self._known) < _MOST and _size(reply) <= _LARGEST:
                self._known[key] = reply
                self._new = True

    def save(self) -> None:
        """Write the file, if there is anything new; atomically, and never an error."""
        from safetensors.numpy import save

        with self._lock:
            if not self._new or self._known is None:
                return
            arrays: dict[str, Array] = {"": np.zeros(0)}
            items = {key: _encoded(reply, arrays) for key, reply in self._known.items()}
            self._new = False
        try:
            write_whole(
                self._path, save(arrays, {"depends": self._depends, "items": json.dumps(items)})
            )
        except OSError:  # a full disk, a folder that is gone: it is only a memory
            return

    def _read(self) -> dict[str, Reply | Measured]:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, "numpy") as file:
                about = file.metadata() or {}
                if about.get("depends") != self._depends:
                    return {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                items = json.loads(about["items"])
            return {key: _decoded(item, arrays) for key, item in items.items()}
        except (OSError, SafetensorError, ProtocolError, ValueError, KeyError, TypeError):
            return {}


@functools.cache
def reply_cache(path: Path, course: Course, exercise: str) -> ReplyCache:
    """One memory for all that runs in this process."""
    digest = hashlib.sha256(file_text(course.misconceptions(exercise)).encode())
    for file in sorted(Path(str(sandboxed.__file__)).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    digest.update(Path(__file__).read_bytes())
    for name in ("jax", "jaxlib", "numpy", "matplotlib"):
        digest.update(importlib.metadata.version(name).encode())
    return ReplyCache(path, digest.hexdigest())


def _encoded(known: Reply | Measured, arrays: dict[str, Array]) -> dict[str, Any]:
    if isinstance(known, Reply):
        result = {
            "result": encode_result(known.value, arrays),
            "calls": known.calls,
            "deleted": known.deleted,
        }
        return result | ({} if known.raised is None else _encoded(known.raised, arrays))
    if isinstance(known, Raised):
        return {"type": known.type, "message": known.message}
    return {"scaling": dict(known)}


def _decoded(item: dict[str, Any], arrays: dict[str, Array]) -> Reply | Measured:
    if "scaling" in item:
        scaling: dict[str, Any] = item["scaling"]
        return scaling
    raised = Raised(item["type"], item["message"]) if "type" in item else None
    if "result" not in item:
        assert raised is not None
        return raised
    value = decode_result(item["result"], arrays)
    return Reply(value, raised, tuple(item["calls"]), item["deleted"])


def _size(known: Any) -> int:
    value = known.value if isinstance(known, Reply) else known
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(_size, value)) if isinstance(value, tuple | list) else 1
