"""Frames: how judge and worker exchange messages over a pair of file descriptors.

A frame is two little-endian 32-bit lengths, a JSON header and a safetensors block:

    [header length][block length][header: JSON object][block: safetensors]

safetensors because it can only ever yield plain arrays: it holds no code, and refuses shapes that
do not fit their bytes. Lengths are checked before anything is allocated.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MAX_HEADER = 1 << 20
MAX_BLOCK = 16 << 20
_LENGTHS = struct.Struct("<II")


class ClosedError(Exception):
    """The other side is gone: end of file on the descriptor."""


class ProtocolError(Exception):
    """The other side sent something that is no frame of this protocol."""


def send(descriptor: int, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write one frame.

    Raises:
        ClosedError: nobody reads any more.
        ProtocolError: the message is larger than a frame may be.
    """
    head, block = pack(header, arrays)
    view = memoryview(_LENGTHS.pack(len(head), len(block)) + head + block)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise ClosedError(str(error)) from error


def pack(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> tuple[bytes, bytes]:
    """The two parts of a frame, as bytes."""
    from safetensors.numpy import save

    head = json.dumps(header).encode()
    block = save({name: np.asarray(array, order="C") for name, array in arrays.items()})
    if len(head) > MAX_HEADER or len(block) > MAX_BLOCK:
        raise ProtocolError(f"a message of {len(head) + len(block)} bytes is too large")
    return head, block


def receive(descriptor: int) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read one frame.

    Raises:
        ClosedError: end of file, also in the middle of a frame.
        ProtocolError: not a frame, or larger than a frame may be.
    """
    head_length, block_length = _LENGTHS.unpack(_exactly(descriptor, _LENGTHS.size))
    if head_length > MAX_HEADER or block_length > MAX_BLOCK:
        raise ProtocolError(f"a frame of {head_length} + {block_length} bytes is too large")
    return unpack(_exactly(descriptor, head_length), _exactly(descriptor, block_length))


def unpack(head: bytes, block: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of a frame.

    Raises:
        ProtocolError: the bytes are not a JSON object and a safetensors block.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        header = json.loads(head)
        arrays = load(block)
    except (ValueError, RecursionError, SafetensorError, KeyError, TypeError) as error:
        raise ProtocolError(f"not a frame: {error}") from error
    if not isinstance(header, dict):
        raise ProtocolError("a frame's header is a JSON object")
    return header, arrays


def _exactly(descriptor: int, length: int) -> bytes:
    parts = []
    while length:
        try:
            part = os.read(descriptor, min(length, 1 << 20))
        except OSError as error:
            raise ClosedError(str(error)) from error
        if not part:
            raise ClosedError("end of file")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
