"""What is done to have JAX compile small programs quickly changes how long they take, no more."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    """What a new interpreter prints that runs `code`."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout


def test_what_a_forkserver_does_ahead_starts_no_backend():
    code = """
from jaxercise.sandboxed import warming
for task in warming.tasks():
    task()
from jax._src import xla_bridge
import sys
print(xla_bridge.backends_are_initialized(), "jaxlib.mlir.dialects.mhlo" in sys.modules)
"""
    assert run(code).split() == ["False", "True"]


def test_programs_of_one_thread_share_a_compiler_context():
    code = """
import threading
import jax, jax.numpy as jnp
from jaxercise.sandboxed.internals import share_compiler_context
share_compiler_context()
from jax._src.interpreters import mlir
mine = mlir.make_ir_context()
others = []
thread = threading.Thread(target=lambda: others.append(mlir.make_ir_context()))
thread.start()
thread.join()
print(mlir.make_ir_context() is mine, others[0] is mine)
print(float(jax.jit(lambda x: x * 2)(3.0)), float(jax.grad(jnp.sin)(0.0)))
"""
    assert run(code).split() == ["True", "False", "6.0", "1.0"]


def test_what_is_computed_while_a_program_is_lowered_has_a_context_of_its_own():
    code = """
import jax, jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import mlir
from jaxercise.sandboxed.internals import share_compiler_context
share_compiler_context()
nested = Primitive("nested")
nested.def_abstract_eval(lambda x: x)
def lower(context, x):
    steps = jnp.arange(3.0)  # eager operations, the first to be compiled at this size
    due = float(jax.jit(lambda y: jnp.sin(y).sum())(steps + 1))
    return mlir.lower_fun(lambda x: x * due, multiple_results=False)(context, x)
mlir.register_lowering(nested, lower)
print(round(float(jax.jit(lambda x: nested.bind(x * 2) + 1)(jnp.float32(3.0))), 3))
"""
    # 6 (sin 1 + sin 2 + sin 3) + 1
    assert run(code).split() == ["12.351"]
