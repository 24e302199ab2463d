"""What leans on how JAX is made inside: all of it stands here, and nothing of it anywhere else.

A release may change any of it without a word. So each part has a check in `PARTS`, which says
whether the installed JAX still is as the part takes it to be. Tests run all of them; with a JAX
that is newer than the kit knows, those that decide verdicts are run before anything is graded.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

#: What JAX imports when it compiles its first program. Where it is no more, that takes longer.
LOWERING_MODULES = ("jax.experimental.multihost_utils", "jaxlib.mlir.dialects.mhlo")
#: The name of the type of what `jax.jit` returns: to a reader it is a function.
COMPILED_FUNCTION = "PjitFunction"
#: JAX tells its listeners of this whenever it has traced a function.
_TRACED = "/jax/core/compile/jaxpr_trace_duration"
#: What a call of a compiled function is in a traced program; the second is the older name.
_COMPILED = ("jit", "pjit")
#: Primitives by which a program hands work back to Python.
_HOST = ("pure_callback", "io_callback")
_DEBUGGING = "debug_"


def is_tracer(value: Any) -> bool:
    """True for what stands for an array while JAX transforms a function."""
    import jax

    return isinstance(value, jax.core.Tracer)


def vmaps_around(value: Any) -> int | None:
    """Through how many `vmap`s a value came; None where `jit` is on the way, which hides them."""
    kinds = []
    while is_tracer(value):
        kinds.append(type(value).__name__)
        value = getattr(value, "val", getattr(value, "primal", None))
    return None if "DynamicJaxprTracer" in kinds else kinds.count("BatchTracer")


def is_compiled(equation: Any) -> bool:
    """True for a call of a compiled function in a traced program (a jaxpr)."""
    return equation.primitive.name in _COMPILED


def hands_back(equation: Any) -> bool:
    """True for an equation of which Python makes the numbers."""
    return equation.primitive.name in _HOST and bool(equation.outvars)


def inner_programs(equation: Any) -> Iterator[Any]:
    """The programs within an equation: what is compiled, looped over, or a branch."""
    for value in equation.params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            program = getattr(item, "jaxpr", item)  # a closed program holds the open one
            if hasattr(program, "eqns"):
                yield program


@contextlib.contextmanager
def traces() -> Iterator[list[str]]:
    """The names of the functions that JAX traces meanwhile."""
    from jax import monitoring

    names: list[str] = []
    counting = True

    def listen(event: str, duration_secs: float, **about: str | int) -> None:
        if counting and event == _TRACED:
            names.append(str(about.get("fun_name", "")))

    # A listener cannot be taken back by what is public.
    monitoring.register_event_duration_secs_listener(listen)
    try:
        yield names
    finally:
        counting = False


@contextlib.contextmanager
def no_debugging_by_row() -> Iterator[None]:
    """Under `vmap` JAX calls `jax.debug.print` and its like row by row: no loop of the student's.

    Meanwhile they are left out.
    """
    from jax.interpreters import batching

    rules: Any = getattr(batching, "fancy_primitive_batchers", batching.primitive_batchers)
    kept = {one: rule for one, rule in rules.items() if one.name.startswith(_DEBUGGING)}
    for primitive in kept:
        rules[primitive] = lambda *about, **params: ([], [])
    try:
        yield
    finally:
        for primitive, rule in kept.items():
            rules[primitive] = rule


@functools.cache
def share_compiler_context() -> None:
    """Let the programs that a thread lowers one after the other share one MLIR context.

    JAX makes a new one for each program, which takes half of the time that a small program needs
    from call to answer when its executable comes from the compilation cache. A program that is
    lowered in the midst of another (a solver computes a constant while its own call is lowered)
    gets a new one as ever: in the shared one its operations would land in the other's module. Where
    a release of JAX does not have what this takes, all stays as it is, only slower.
    """
    try:
        from jax._src.interpreters import mlir
    except ImportError:
        return
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


def compiled_from(entry: str) -> str:
    """The name of the function behind an entry of JAX's compilation cache, by the file's name."""
    return entry.partition("-")[0].removeprefix("jit_")


def without_locations(module: bytes) -> bytes:
    """An exported program without what was noted for debuggers: files, lines, transformations."""
    from jax.extend import mlir
    from jaxlib.mlir import ir
    from jaxlib.mlir.dialects import func, stablehlo  # noqa: F401 - func registers itself

    with ir.Context() as context:
        stablehlo.register_dialect(context)
        located = mlir.deserialize_portable_artifact(module)
        bare = ir.Module.parse(located.operation.get_asm(enable_debug_info=False))
        version = stablehlo.get_version_from_compatibility_requirement(
            stablehlo.StablehloCompatibilityRequirement.WEEK_4
        )
        return bytes(mlir.serialize_portable_artifact(bare, version))


@dataclass(frozen=True)
class Part:
    """Something that the kit takes for granted about JAX.

    Attributes:
        name: what it is, for people.
        check: whether the installed JAX has it; an exception says no.
        decides: verdicts depend on it. Else a JAX without it takes longer, or says less.
    """

    name: str
    check: Callable[[], bool]
    decides: bool = True

    def holds(self) -> bool:
        """Whether the installed JAX has it."""
        try:
            return self.check()
        except Exception:  # whatever a release raises where it has changed
            return False


def _sees_tracers() -> bool:
    import jax

    seen: list[Any] = []
    jax.make_jaxpr(lambda x: seen.append(x))(1.0)
    return is_tracer(seen[0]) and not is_tracer(jax.numpy.zeros(1))


def _counts_vmaps() -> bool:
    import jax

    seen: list[int | None] = []

    def square(x: Any) -> Any:
        seen.append(vmaps_around(x))
        return x * x

    row = jax.numpy.ones(2)
    jax.vmap(jax.vmap(jax.grad(square)))(row[None])
    jax.jit(jax.vmap(square))(row)
    return seen == [2, None]


def _reads_programs() -> bool:
    import jax

    def doubled(x: Any) -> Any:
        return jax.pure_callback(lambda y: 2 * y, x, x)

    def looped(x: Any) -> Any:
        return jax.lax.scan(lambda total, y: (total + y, None), 0.0, x)[0]

    x = jax.numpy.ones(3)
    one = jax.make_jaxpr(jax.jit(lambda x: doubled(x) + looped(x)))(x).jaxpr.eqns
    inside = [equation for program in inner_programs(one[0]) for equation in program.eqns]
    return (
        [is_compiled(equation) for equation in one] == [True]
        and [hands_back(equation) for equation in inside].count(True) == 1
        and any(program.eqns for equation in inside for program in inner_programs(equation))
    )


def _hears_of_traces() -> bool:
    import jax

    compiled = jax.jit(lambda x: x + 1)
    with traces() as first:
        compiled(jax.numpy.ones(3))
    with traces() as second:
        compiled(jax.numpy.zeros(3))
    return bool(first) and not second


def _leaves_out_debugging() -> bool:
    import jax

    def printing(x: Any) -> Any:
        jax.debug.print("{}", x)
        return x + 1

    def length() -> int:
        return len(jax.make_jaxpr(jax.vmap(lambda x: printing(x)))(jax.numpy.ones(3)).jaxpr.eqns)

    with no_debugging_by_row():
        without = length()
    return without == 1 < length()


def _shares_contexts() -> bool:
    from jax._src.interpreters import mlir

    share_compiler_context()
    return bool(mlir.make_ir_context() is mlir.make_ir_context())


def _has_lowering_modules() -> bool:
    return all(importlib.util.find_spec(module) is not None for module in LOWERING_MODULES)


def _knows_compiled_functions() -> bool:
    import jax

    return type(jax.jit(abs)).__name__ == COMPILED_FUNCTION


def _names_cached_programs() -> bool:
    import jax

    def halved(x: Any) -> Any:
        return x / 2

    # The module's name is what the cache begins the name of an entry with.
    module = re.search(r"module @(\w+)", jax.jit(halved).lower(1.0).as_text())
    return module is not None and compiled_from(f"{module[1]}-0") == halved.__name__ != module[1]


def _takes_locations_out() -> bool:
    import jax
    from jax import export

    exported = export.export(jax.jit(lambda x: x + 1))(jax.ShapeDtypeStruct((), "float32"))  # type: ignore[no-untyped-call]
    located = exported.mlir_module_serialized
    return b"internals" in located and b"internals" not in without_locations(located)


#: All of them, by what each is for.
PARTS = (
    Part("is_tracer: jax.core.Tracer", _sees_tracers),
    Part("vmaps_around: names of tracers, and what is in them", _counts_vmaps, decides=False),
    Part("is_compiled, hands_back, inner_programs: names in traced programs", _reads_programs),
    Part("traces: the event that JAX sends when it has traced", _hears_of_traces),
    Part("no_debugging_by_row: the rules for vmap", _leaves_out_debugging),
    Part("compiled_from: names in the compilation cache", _names_cached_programs),
    Part("share_compiler_context: jax._src.interpreters.mlir", _shares_contexts, decides=False),
    Part("LOWERING_MODULES: what is imported ahead", _has_lowering_modules, decides=False),
    Part("COMPILED_FUNCTION: the type's name", _knows_compiled_functions, decides=False),
    Part("without_locations: jax.extend.mlir, jaxlib.mlir", _takes_locations_out, decides=False),
)


def missing() -> list[str]:
    """What the installed JAX has no more of that on which verdicts depend."""
    return [part.name for part in PARTS if part.decides and not part.holds()]
