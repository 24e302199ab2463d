"""What `check` takes in a notebook, from the cell to its verdict, as ratios to a floor of the run.

    python tests/benchmarks/checking.py [ROUNDS [EXERCISE ...]]

A real kernel, in which each exercise's references are defined as a student defines functions. The
first check of each exercise starts the grader, and its functions have been checked once. Then every
function is written anew, right in another style and wrong in a way of the corpus, none of them seen
before, and checked. The floor is that of `grading.py`, taken before each exercise.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import jupyter_client
from jaxercise.claims.bodies import right, wrong
from jaxercise.claims.loading import load_exercise
from jaxercise.frontends.reports.choices import only
from running import COURSE, SOLUTIONS
from watch import floor, parts

#: Seconds that the median may take on two cores.
GOALS = {"after the first": 0.3, "right": None, "wrong": None, "the first": None}
SECONDS = 600


@contextmanager
def kernel() -> Iterator[Any]:
    """A running kernel's client."""
    manager = jupyter_client.KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=COURSE.root, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds(client: Any, cell: str) -> float:
    """How long a cell takes, from the message to its reply.

    Raises:
        RuntimeError: it raised.
    """
    start = time.perf_counter()
    reply = client.execute_interactive(cell, output_hook=lambda _: None, timeout=SECONDS)
    taken = time.perf_counter() - start
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"]["traceback"]))
    return taken


def measure(client: Any, name: str, which: slice) -> dict[str, list[float]]:
    """Seconds by kind of check, with some of the bodies of each function of an exercise."""
    found: dict[str, list[float]] = {kind: [] for kind in GOALS}
    for function in load_exercise(COURSE, name).functions:
        for kind, bodies in (("right", right(COURSE, name)), ("wrong", wrong(COURSE, name))):
            for body in [one for one in bodies if one.function == function][which]:
                seconds(client, "\n\n\n".join(parts(body)))
                taken = seconds(client, f"check('{name}.{function}')")
                for of in ("after the first", kind):
                    found[of].append(taken)
        # what others use is right again
        seconds(client, (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8"))
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    floors: list[float] = []
    everything: dict[str, list[float]] = {kind: [] for kind in GOALS}
    print(f"{os.cpu_count()} cores", flush=True)
    print(f"{'exercise':<26}{'check':<18}{'ratio':>7}{'median s':>10}{'most s':>8}{'goal s':>8}")
    for name in only(COURSE, sys.argv[2:]).names():
        floors.append(floor())
        with kernel() as client:
            seconds(client, '__name__ = "session"\nfrom jaxercise import check, check_all')
            seconds(client, (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8"))
            first = seconds(client, f"check_all('{name}')")
            measure(client, name, slice(0, 1))  # what all bodies share is known from here on
            found = measure(client, name, slice(1, 1 + rounds)) | {"the first": [first]}
        show(name, found, floors[-1])
        for kind, values in found.items():
            everything[kind] += values
    show("all", everything, statistics.median(floors))
    print(f"floor: {statistics.median(floors):.2f} s (median of {len(floors)})")


def show(name: str, found: dict[str, list[float]], base: float) -> None:
    """A line for each kind of check."""
    for kind, values in found.items():
        if values:
            median = statistics.median(values)
            taken = f"{median / base:>7.2f}{median:>10.2f}{max(values):>8.2f}{GOALS[kind] or '':>8}"
            print(f"{name:<26}{kind:<18}{taken}", flush=True)


if __name__ == "__main__":
    main()
