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
from jaxercise.grading.numbers import Number, counted, numbers
from jaxercise.grading.references import References, Solutions, wide
from jaxercise.grading.sealed import KNOWN, SIGNATURES, Pattern, pattern_of
from jaxercise.grading.signatures import signature_of
from jaxercise.sandboxed.internals import without_locations
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.results import opened
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import encode

PLATFORMS = ("cpu", "cuda", "tpu")
#: So many numbers at most are in a request whose answer is kept.
_MOST_KNOWN = 100


def seal(course: Course, claims: Sequence[Claim]) -> bytes:
    """The sealed references of an exercise, as a safetensors file."""
    from safetensors.numpy import save

    configure_judge()
    name = claims[0].function.exercise.name
    solutions = Solutions(course.solution(name))
    requests = questions(course, claims)
    programs = sealed_programs(solutions, requests)
    blobs = {str(i): np.frombuffer(data, np.uint8) for i, (_, data) in enumerate(programs)}
    patterns = json.dumps([pattern.as_json() for pattern, _ in programs])
    asked = dict.fromkeys(pattern.function for pattern, _ in programs)
    signatures = json.dumps({one: signature_of(solutions.function(one)).as_json() for one in asked})
    blobs[SIGNATURES] = np.frombuffer(signatures.encode(), np.uint8)
    of = {one: [each for each in requests if each.function == one] for one in asked}
    known, arrays = _answered(References(course, name), [_telling(of[one]) for one in asked])
    return bytes(save(blobs | arrays, {"patterns": patterns, KNOWN: known}))


def _telling(requests: Sequence[Request]) -> Request:
    """Of a function's requests one whose answer tells something, and does not take much room."""
    small = [each for each in requests if _size(each) <= _MOST_KNOWN]
    one = max(small or requests[:1], key=_size)
    arguments, last = trees.mapped(counted, (list(one.arguments), one.result_arguments))
    return dataclasses.replace(one, arguments=tuple(arguments), result_arguments=last)


def _size(request: Request) -> int:
    leaves = trees.leaves(list(request.all_arguments))
    return sum(one.size for one in leaves if isinstance(one, np.ndarray))


def _answered(
    references: References, requests: Iterable[Request]
) -> tuple[str, dict[str, np.ndarray[Any, Any]]]:
    """Requests with their answers, as JSON and arrays: what a newer JAX is tried on."""
    arrays: dict[str, Any] = {}
    told = []
    for request in requests:
        due = references.evaluated(request)
        told.append((request.encode(arrays), encode((due.value, due.error), arrays)))
    named = {f"{KNOWN}{name}": np.array(array, order="C") for name, array in arrays.items()}
    return json.dumps(told), named


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
    if request.result_arguments is not None:
        returned = typing.get_args(signature.return_annotation)
        if not returned or len(returned[0]) != len(request.result_arguments):
            return None
        annotations += returned[0]
    pattern = pattern_of(request)
    # Only what is annotated as a whole has names for its sizes.
    whole = [
        annotation if trees.structure(argument) == trees.LEAF else None
        for argument, annotation in zip(request.all_arguments, annotations, strict=True)
        for _ in trees.leaves(argument)
    ]
    return dataclasses.replace(pattern, leaves=tuple(map(_named, pattern.leaves, whole)))


def _named(leaf: tuple[Any, ...], annotation: Any) -> tuple[Any, ...]:
    """A leaf with names for sizes, from jaxtyping's `Float[Array, "c n 1"]`."""
    names = getattr(annotation, "dim_str", None)
    if leaf[0] != "array" or names is None:
        return leaf
    last = [int(one) if one.isdigit() else one for one in names.split()]
    lead = [f"b{i}" for i in range(len(leaf[2]) - len(last))]  # under vmap
    return (*leaf[:2], (*lead, *last))


def _exported(solutions: Solutions, request: Request, pattern: Pattern) -> bytes:
    import jax
    from jax import export

    places = [leaf for leaf in pattern.leaves if leaf[0] not in ("bool", "int", "str")]
    scope = export.SymbolicScope()

    def shape(number: Number, place: tuple[Any, ...]) -> Sequence[Any]:
        if len(place) < 3:  # coefficients, a key
            return number.value.shape
        text = ", ".join(map(str, place[2]))
        return tuple(export.symbolic_shape(text, scope=scope)) if text else ()

    found = numbers(request)
    with wide(found):
        given = [
            batched(number, shape(number, place))
            for number, place in zip(found, places, strict=True)
        ]
        program = jax.jit(_nameless(solutions.program(request)))
        exported = export.export(program, platforms=PLATFORMS)(given)
        bare = without_locations(exported.mlir_module_serialized)
        return bytes(dataclasses.replace(exported, mlir_module_serialized=bare).serialize())


def _nameless(program: Callable[..., Any]) -> Callable[..., Any]:
    def reference(given: list[Any]) -> Any:
        return opened(program(given))  # a class of the solution's cannot be exported

    return reference
