"""What `check` takes in a notebook, from the cell to its verdict, as ratios to a floor of the run.

    python tests/benchmarks/checking.py [ROUNDS [EXERCISE ...]]

A real kernel, in which each exercise's references are defined as a student defines functions. The
first check of each exercise starts the grader, and its functions have been checked once. Then every
function is written anew, right in another style and wrong in a way of the corpus, none of them seen
before, and checked. The floor is that of `grading.py`, taken before each exercise.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from jaxercise.frontends.reports.choices import only
from notebook_kernel import Kernel
from running import COURSE, SOLUTIONS
from watch import chosen, floor, parts, show

#: Seconds that the median may take on two cores.
GOALS = {"after the first": 0.3, "right": None, "wrong": None, "the first": None}


def seconds(kernel: Kernel, cell: str) -> float:
    """How long a cell takes."""
    start = time.perf_counter()
    kernel.run(cell)
    return time.perf_counter() - start


def measure(kernel: Kernel, name: str, which: slice) -> dict[str, list[float]]:
    """Seconds by kind of check, with some of the bodies of each function of an exercise."""
    found: dict[str, list[float]] = {kind: [] for kind in GOALS}
    reference = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    for function, kind, body in chosen(name, which):
        kernel.run(reference)  # what is used is right
        kernel.run("\n\n\n".join(parts(body)))
        taken = seconds(kernel, f"check('{name}.{function}')")
        for of in ("after the first", kind):
            found[of].append(taken)
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    floors: list[float] = []
    everything: dict[str, list[float]] = {kind: [] for kind in GOALS}
    print(f"{os.cpu_count()} cores", flush=True)
    heads = f"{'ratio':>7}{'median s':>10}{'most s':>8}{'goal s':>8}{'checks':>7}"
    print(f"{'exercise':<26}{'check':<22}{heads}")
    for name in only(COURSE, sys.argv[2:]).names():
        floors.append(floor())
        with contextlib.closing(Kernel(COURSE.root)) as kernel:
            kernel.run('__name__ = "session"\nfrom jaxercise import check, check_all')
            kernel.run((SOLUTIONS / f"{name}.py").read_text(encoding="utf-8"))
            first = seconds(kernel, f"check_all('{name}')")
            measure(kernel, name, slice(0, 1))  # what all bodies share is known from here on
            found = measure(kernel, name, slice(1, 1 + rounds)) | {"the first": [first]}
        show(name, found, floors[-1], GOALS)
        for kind, values in found.items():
            everything[kind] += values
    show("all", everything, statistics.median(floors), GOALS)
    print(f"floor: {statistics.median(floors):.2f} s (median of {len(floors)})")


if __name__ == "__main__":
    main()
