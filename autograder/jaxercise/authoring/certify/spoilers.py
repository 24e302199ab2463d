"""Spoilers: the references wrapped in what is wrong whatever they compute.

Mutants change what an answer says. These leave it, and are wrong on some inputs alone: large ones,
many, equal sizes, a second call. They need no line from an author.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise.authoring.certify.asked import Asked, asked
from jaxercise.authoring.certify.coverage import is_float
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.course import Course
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.scaling import SMALL
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array

_TEXT = Path(__file__).with_name("spoiling.py")
_ROWS = (5, 50, 64, 1_000, 4_096)
_CHUNKS = (1, 1_000)
#: What is done to floats, those that come in or those that go out.
_CHANGES = {
    "through bfloat16": "_through(jnp.bfloat16)",
    "through float16": "_through(jnp.float16)",
    "through int": "_through(int)",
    "at two decimals": "_decimals(2)",
    "clipped to 100": "_clipped(100)",
}
_OF_ANSWERS = {
    "small ones 0": "_without_small(1e-3)",
    "0 where not finite": "_finite",
}


@dataclass(frozen=True)
class Spoiler:
    """A reference that is spoiled.

    Attributes:
        exercise: its name.
        function: which of its functions is spoiled.
        what: how, for people.
        line: how, as code that rebinds the function.
        reference: the file.
    """

    exercise: str
    function: str
    what: str
    line: str
    reference: str

    @property
    def name(self) -> str:
        return f"{self.exercise}.{self.function}: {self.what}"

    @property
    def cells(self) -> tuple[str, ...]:
        spoiling = _TEXT.read_text(encoding="utf-8")
        return self.reference, spoiling, f"{self.function} = {self.line}\n"


def spoilers(course: Course, exercise: str, workers: PatientWorkers) -> list[Spoiler]:
    """All spoilers of an exercise's functions; no two of them are called the same."""
    reference = course.solution(exercise).read_text(encoding="utf-8")
    return [
        Spoiler(exercise, function.name, what, line.format(function.name), reference)
        for function, seen in asked(course, exercise, workers)
        for what, line in spoilers_of(seen)
    ]


def spoilers_of(seen: Asked) -> list[tuple[str, str]]:
    """What a function can be spoiled with, and the code that does it."""
    calls = [one for one in seen.calls if Step.VMAP not in (*one[0].under, *one[0].result_under)]
    given = [leaf for request, _ in calls for leaf in trees.leaves(request.all_arguments)]
    answers = [leaf for _, reply in calls for leaf in trees.leaves(reply.value)]
    made = [
        *_of_floats("inputs", "_spoil_inputs", _rank(given), _CHANGES),
        *_of_floats("answers", "_spoil_outputs", _rank(answers), _CHANGES | _OF_ANSWERS),
    ]
    if any(type(leaf) is int for leaf in given):
        made.append(("integers up to 3", "_spoil_inputs({}, _at_most(3))"))
    shapes = {one.shape for one in given if is_float(one)}
    if any(is_float(one) and one.shape in shapes for one in answers):
        made.append(("the old where not finite", "_old_if_not_finite({})"))
    if any(isinstance(leaf, np.ndarray) for leaf in answers):
        made.append(("the first answer again", "_first_answer_again({})"))
    return [*made, *_loops(seen)]


def _of_floats(
    which: str, how: str, rank: int, changes: dict[str, str]
) -> Iterator[tuple[str, str]]:
    changes = dict(changes) if rank >= 0 else {}
    if rank >= 1:
        changes |= {f"of the first {rows:,} rows alone": f"_first_rows({rows})" for rows in _ROWS}
    if rank >= 2:
        changes["transposed where square"] = "_transposed"
    for what, change in changes.items():
        yield f"{which} {what}", f"{how}({{}}, {change})"


def _rank(leaves: Sequence[Any]) -> int:
    """The largest number of axes of an array of floats; -1 where there is none."""
    return max((one.ndim for one in leaves if is_float(one)), default=-1)


def _loops(seen: Asked) -> Iterator[tuple[str, str]]:
    """Python loops over whatever batch the claims measure, if arrays carry it."""
    for request, large, reply in seen.measured:
        axes = [_grown(*pair) for pair in zip(_leaves(request), _leaves(large), strict=True)]
        outer = [_batch(leaf) for leaf in trees.leaves(reply.value)]
        if not any(isinstance(axis, int) for axis in axes):
            continue
        over = f"axis {next(axis for axis in axes if axis is not None)}"
        if len(seen.measured) == 1:
            over = "the batch"
        yield f"handed back to Python, {over}", "_on_the_host({})"
        if all(axis is None for axis in outer):
            continue  # who loops has to know how the parts' answers make one
        for size in _CHUNKS:
            yield (
                f"a loop over chunks of {size:,}, {over}",
                f"_in_chunks({{}}, {axes}, {outer}, {size})",
            )
        yield (
            f"a loop in NumPy, {over}",
            f"_in_chunks({{}}, {axes}, {outer}, 1, np.asarray)",
        )


def _leaves(request: Request) -> list[Any]:
    return trees.leaves(request.arguments)


def _grown(small: Any, large: Any) -> int | None:
    """The axis in which two arrays differ."""
    if not isinstance(small, np.ndarray):
        return None
    pairs = zip(small.shape, large.shape, strict=True)
    return next((axis for axis, (n, m) in enumerate(pairs) if n != m), None)


def _batch(answer: Array) -> int | None:
    """The axis of an answer to the small batch that carries it."""
    return next((axis for axis, size in enumerate(np.shape(answer)) if size == SMALL), None)
