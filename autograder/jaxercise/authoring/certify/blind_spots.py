"""`jaxercise certify --draws`: what draws cover, and which blind spots have no reason."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from jaxercise.authoring.certify.asked import Asked, asked
from jaxercise.authoring.certify.coverage import Sizes, arguments, coverages
from jaxercise.authoring.certify.grading import status
from jaxercise.authoring.certify.reasons import BLIND_SPOTS, listed, of_names, stale
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.claims import Function
from jaxercise.course import Course

_COLUMNS = {"values": 8, "smallest": 10, "largest": 10, "bits": 6, "signs": 7, "zero": 8}
_COLUMNS |= {"ties": 8, "sorted": 8}
_NAME, _WIDTH = 18, 100


def table(function: Function, seen: Asked) -> list[str]:
    """What the arguments of a function have been, in lines."""
    calls = [arguments(request, function.parameters) for request, _ in seen.calls]
    heads = "".join(f"{name:>{width}}" for name, width in _COLUMNS.items())
    title = f"{function.exercise.name}.{function.name}({', '.join(function.parameters)})"
    lines = [title, f"  {'':<{_NAME}}{heads}"]
    for one in coverages(calls):
        cells = one.shown()
        if len(cells) == 2:  # no floats: a count, and a text
            lines += _wrapped(f"{one.name:<{_NAME}}{cells[0]:>8}  {cells[1]}", _NAME + 12)
            continue
        row = zip(cells, _COLUMNS.values(), strict=True)
        lines.append(f"  {one.name:<{_NAME}}" + "".join(f"{cell:>{width}}" for cell, width in row))
    sizes = Sizes(calls)
    if sizes.of:
        lines += _wrapped(f"sizes: {'; '.join(sizes.shown())}", 4)
    return lines


def blind_spots(function: Function, seen: Asked) -> list[str]:
    """The blind spots of a function's draws, each as it is to be listed."""
    calls = [arguments(request, function.parameters) for request, _ in seen.calls]
    of = f"{function.exercise.name}.{function.name}"
    found = [f"{of}: {one.name} {spot}" for one in coverages(calls) for spot in one.blind_spots()]
    return found + [f"{of}: {spot}" for spot in Sizes(calls).blind_spots()]


def violations(course: Course, exercises: Sequence[str], found: Sequence[str]) -> list[str]:
    """What must not be: a blind spot that is not listed, and one listed that is none."""
    patterns = listed(course, BLIND_SPOTS)
    known = of_names(patterns, found)
    sentences = [f"blind spot: {one}" for one in found if one not in known]
    gone = stale(patterns, found, exercises)
    return sentences + [f"listed, but no blind spot: {one}" for one in gone]


def run(course: Course, exercises: Sequence[str], *, seed: int = 0) -> int:
    """Print what draws cover; 0 if every blind spot is listed, and no other."""
    found: list[str] = []
    with patient_workers() as workers:
        for name in exercises:
            for function, seen in asked(course, name, workers, seed=seed):
                print("\n".join([*table(function, seen), ""]), flush=True)
                found += blind_spots(function, seen)
    return status(violations(course, exercises, found))


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent=" " * indent)
