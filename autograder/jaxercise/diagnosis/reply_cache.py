"""What misconceptions replied, kept from run to run."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise.cache.persistent import PersistentCache
from jaxercise.course import Course
from jaxercise.diagnosis.equivalence import Measured
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import decode_result, encode
from jaxercise.workers.runner import Raised, Reply

_DEPENDS = ("sandboxed", "diagnosis/reply_cache.py")
_VERSIONS = ("jax", "jaxlib", "numpy", "matplotlib")
_MOST = 20000
#: Replies of more numbers are asked for again rather than kept.
_LARGEST = 4000

Replies = PersistentCache[Reply | Measured]


@functools.cache
def reply_cache(path: Path | None, course: Course, exercise: str) -> Replies:
    """One memory for all that runs in this process."""
    own = [course.misconceptions(exercise), course.solution(exercise)]  # which gives classes
    depends: list[Path | str] = [*own, *_DEPENDS]
    return PersistentCache(path, depends, _VERSIONS, _encoded, _decoded, most=_MOST)


def keep(replies: Replies, key: str, reply: Reply | Measured) -> None:
    """Remember a reply, if it is no large one."""
    sizes = (np.size(leaf) for leaf in trees.leaves(_value(reply)))
    if sum(sizes) <= _LARGEST:
        replies.add(key, reply)


def _value(reply: Reply | Measured) -> Any:
    value = reply.value if isinstance(reply, Reply) else None
    return dict(value) if isinstance(value, trees.FigureData) else value


def _encoded(known: Reply | Measured, arrays: dict[str, Array]) -> dict[str, Any]:
    if isinstance(known, Reply):
        result = {
            "result": encode(known.value, arrays),
            "calls": known.calls,
            "deleted": known.deleted,
            "altered": known.altered,
            "settled": known.settled,
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
    settled = item["settled"] and tuple(item["settled"])
    how = {"altered": item["altered"], "settled": settled}
    return Reply(value, raised, tuple(item["calls"]), item["deleted"], **how)
