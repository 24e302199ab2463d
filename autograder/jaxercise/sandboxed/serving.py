"""The worker's loop: a request comes in on one descriptor, its answer goes out on another."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO, cast

from jaxercise.sandboxed import warming
from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.sandboxed.internals import share_compiler_context
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.wire import frames

#: After this share of the time that a request may take, its stack is printed.
_LATE = 0.95


def begin(incoming: int, outgoing: int, settings: Mapping[str, Any]) -> None:
    """Become a worker: take on the settings, then serve.

    Args:
        incoming, outgoing: the descriptors to be asked and to answer on.
        settings: what the judge says: `output` (a path or a descriptor), `folder`, `environment`,
            `jax`, `limits`, `cpu_only`, `isolation` (for `isolation.enter`, None without a
            sandbox), `compiled` (a compilation cache to begin with, or None), `warm` (compile
            something first, for nobody waits yet).
    """
    import jax

    redirect_output(settings["output"])
    os.chdir(settings["folder"])
    os.environ.update(settings["environment"])
    for name, value in settings["jax"].items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    share_compiler_context()
    if settings["compiled"] is not None:
        _begin_with(settings["compiled"], settings["jax"]["jax_compilation_cache_dir"])
    Limits(**settings["limits"]).apply(
        cpu_only=settings["cpu_only"], sandboxed=settings["isolation"] is not None
    )
    if settings["warm"]:
        warming.compile_first()
    serve(incoming, outgoing)


def _begin_with(compiled: str, own: str) -> None:
    """Let a compilation cache of this worker's own begin with another's entries."""
    os.mkdir(own)
    for name in os.listdir(compiled):
        os.symlink(os.path.join(compiled, name), os.path.join(own, name))


def serve(incoming: int, outgoing: int) -> None:
    """Answer requests until the judge hangs up."""
    runner = RequestHandler()
    while True:
        try:
            header, arrays = frames.receive(incoming)
        except frames.ClosedError:
            return
        with contextlib.suppress(RuntimeError):  # student code has taken all the threads
            # Not Python's own tracing: this also sees where compiled code does not come back.
            faulthandler.dump_traceback_later(_LATE * header["seconds"], file=2)
        answer, answered = runner.handle(header, arrays)
        faulthandler.cancel_dump_traceback_later()
        answer["id"] = header["id"]
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        try:
            frames.send(outgoing, answer, answered)
        except frames.ProtocolError as error:
            frames.send(outgoing, {"too_large": str(error), "id": header["id"]}, {})


def redirect_output(file: str | int) -> None:
    """Let everything printed from here on, by C code too, go to the end of a file."""
    output = file if isinstance(file, int) else os.open(file, os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdin = _opened(0, "r")
    sys.stdout, sys.stderr = _opened(1, "w"), _opened(2, "w")


def _opened(descriptor: int, mode: str) -> TextIO:
    return cast(TextIO, os.fdopen(descriptor, mode, encoding="utf-8", errors="replace"))


def import_what_students_import() -> None:
    """The slow imports, done before any student code is there.

    What they leave in memory stays for good, so the garbage collector need never look at it.
    """
    gc.disable()
    import jax
    import jax.numpy
    import jaxtyping  # noqa: F401
    import matplotlib.figure  # noqa: F401
    import safetensors.numpy  # noqa: F401

    assert jax.numpy
    gc.freeze()
    gc.set_threshold(50_000)  # tracing makes many short-lived objects, few of them in cycles
    gc.enable()


def main() -> None:
    """A worker of its own, for systems without fork; `argv[1]` holds its settings as JSON.

    The protocol runs on what were its standard input and output.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    import_what_students_import()
    begin(incoming, outgoing, json.loads(sys.argv[1]))
