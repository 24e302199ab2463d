"""Sealing references: from the solutions' source to compiled programs without it."""

from __future__ import annotations

import dataclasses
import inspect
import json
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from jaxercise.authoring.pack.questions import batched, questions
from jaxercise.cache.folders import configure_judge
from jaxercise.claims.claims import Claim
from jaxercise.course import Course
from jaxercise.grading.references import Solutions, arrays
from jaxercise.grading.sealed import Pattern, pattern_of
from jaxercise.workers.runner import Request

PLATFORMS = ("cpu", "cuda", "tpu")


def seal(course: Course, claims: Sequence[Claim]) -> bytes:
    """The sealed references of an exercise, as a safetensors file.

    Args:
        course: whose.
        claims: all claims of the exercise.
    """
    from safetensors.numpy import save

    configure_judge()
    name = claims[0].function.exercise.name
    programs = sealed_programs(Solutions(course.solution(name)), questions(course, claims))
    blobs = {str(i): np.frombuffer(data, np.uint8) for i, (_, data) in enumerate(programs)}
    patterns = json.dumps([pattern.as_json() for pattern, _ in programs])
    return bytes(save(blobs, {"patterns": patterns}))


def sealed_programs(
    solutions: Solutions, requests: Iterable[Request]
) -> list[tuple[Pattern, bytes]]:
    """Programs that answer all the requests: one for any size where that can be, else one each."""
    done: list[tuple[Pattern, bytes]] = []
    hopeless: set[Pattern] = set()
    for request in requests:
        if any(pattern.fits(request) for pattern, _ in done):
            continue
        narrow, wide = pattern_of(request), _any_size(request, solutions)
        if wide is not None and wide not in hopeless and wide.fits(request):
            try:
                done.append((wide, _exported(solutions, request, wide)))
                continue
            except Exception:  # its code asks for a size as a number; JAX has many errors for it
                hopeless.add(wide)
        done.append((narrow, _exported(solutions, request, narrow)))
    return done


def _any_size(request: Request, solutions: Solutions) -> Pattern | None:
    """The pattern in which sizes have the names that the reference's annotations give them."""
    function = solutions.function(request.function)
    signature = inspect.signature(inspect.unwrap(function))
    annotations = [one.annotation for one in signature.parameters.values()]
    pattern = pattern_of(request)
    result_arguments = pattern.result_arguments
    if result_arguments is not None:
        returned = typing.get_args(signature.return_annotation)
        if not returned or len(returned[0]) != len(result_arguments):
            return None
        result_arguments = tuple(map(_named, result_arguments, returned[0]))
    named = tuple(map(_named, pattern.arguments, annotations))
    return dataclasses.replace(pattern, arguments=named, result_arguments=result_arguments)


def _named(shape: Any, annotation: Any) -> Any:
    """A shape with names for sizes, from jaxtyping's `Float[Array, "c n 1"]`."""
    names = getattr(annotation, "dim_str", None)
    if not isinstance(shape, tuple) or names is None:
        return shape
    last = [int(one) if one.isdigit() else one for one in names.split()]
    lead = [f"b{i}" for i in range(len(shape) - len(last))]  # under vmap
    return (*lead, *last)


def _exported(solutions: Solutions, request: Request, pattern: Pattern) -> bytes:
    import jax
    from jax import export

    places = [
        one
        for one in (*pattern.arguments, *(pattern.result_arguments or ()))
        if type(one) is not int
    ]
    scope = export.SymbolicScope()

    def shape(array: Any, place: Any) -> Sequence[Any]:
        if isinstance(place, str):  # a family: its coefficients
            return tuple(array.shape)
        text = ", ".join(map(str, place))
        return tuple(export.symbolic_shape(text, scope=scope)) if text else ()

    with jax.enable_x64(True):
        given = [
            batched(array, shape(array, place))
            for (_, array), place in zip(arrays(request), places, strict=True)
        ]
        program = jax.jit(_nameless(solutions.program(request)))
        exported = export.export(program, platforms=PLATFORMS)(given)
        bare = _without_locations(exported.mlir_module_serialized)
        return bytes(dataclasses.replace(exported, mlir_module_serialized=bare).serialize())


def _nameless(program: Callable[..., Any]) -> Callable[..., Any]:
    def reference(given: list[Any]) -> Any:
        return program(given)

    return reference


def _without_locations(module: bytes) -> bytes:
    """The program without what was noted for debuggers: files, lines, names of transformations."""
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
