"""The worker's loop: a request comes in on one descriptor, its answer goes out on another."""

from __future__ import annotations

import os
import sys

from autograder.wire import frames
from autograder.worker.limits import Limits
from autograder.worker.workbench import Workbench


def serve(incoming: int, outgoing: int, *, limits: Limits, cpu_only: bool) -> None:
    """Answer requests until the judge hangs up."""
    limits.apply(cpu_only=cpu_only)
    bench = Workbench()
    while True:
        try:
            header, arrays = frames.receive(incoming)
        except frames.ClosedError:
            return
        answer, answered = bench.handle(header, arrays)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        try:
            frames.send(outgoing, answer, answered)
        except frames.ProtocolError as error:
            frames.send(outgoing, {"too_large": str(error)}, {})


def redirect_output(path: str) -> None:
    """Let everything printed from here on, by C code too, go to the end of a file."""
    output = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)


def import_what_students_import() -> None:
    """The slow imports, done before any student code is there."""
    import jax
    import jax.numpy
    import jaxtyping  # noqa: F401
    import safetensors.numpy  # noqa: F401

    assert jax.numpy


def main() -> None:
    """A worker of its own, for systems without fork: `argv` is [_, output file, limits, cpu only].

    The protocol runs on what were its standard input and output.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    redirect_output(sys.argv[1])
    import_what_students_import()
    serve(incoming, outgoing, limits=Limits(**_json(sys.argv[2])), cpu_only=sys.argv[3] == "1")


def _json(text: str) -> dict[str, float]:
    import json

    return dict(json.loads(text))
