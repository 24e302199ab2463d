"""What `jaxercise watch` takes from a save to its verdict, as ratios to a floor of the same run.

    python tests/benchmarks/watch.py [ROUNDS [EXERCISE ...]]

The floor is that of `grading.py`: a process that imports jax and jits one function, taken before
each exercise. The grader is warm: functions and exercises have been judged before. Then every
function is saved with right answers in other styles and with misconceptions, none of them seen
before, and every exercise as a whole; each exercise's numbers are printed when it is done. A save
is a file that takes the place of another, seen by the same watch on the folder; its verdict is
there when all that it concerns has been judged.
"""

from __future__ import annotations

import ast
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from grading import FLOOR
from jaxercise.claims.bodies import Body, right, wrong
from jaxercise.claims.loading import load_exercise
from jaxercise.engine import Engine
from jaxercise.frontends.reports.choices import only
from jaxercise.frontends.watch.files import saves
from jaxercise.frontends.watch.judging import Failed, Judged, Judging, Saved
from running import COURSE, SOLUTIONS

#: Seconds that the median may take on two cores.
GOALS = {
    "a function": 0.5,
    "right": None,
    "wrong": None,
    "right, and its users": None,
    "wrong, and its users": None,
    "an exercise": 1.5,
}
_SETTLED = 0.3


class Bench:
    """A watched folder with the references in it."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for name in names:
            self.write(name, self.reference(name))

    def reference(self, name: str) -> str:
        return (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        new = self.folder / "new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / f"{name}.py")

    def seconds(self, name: str, text: str) -> dict[str, float]:
        """From a save of an exercise to the verdicts that it leads to, by function."""
        time.sleep(_SETTLED)  # what is kept from the verdict before is on the disk
        start = time.perf_counter()
        self.write(name, text)
        waiting: set[str] | None = None
        found: dict[str, float] = {}
        while waiting is None or waiting:
            match self.events.get():
                case Saved(_, functions):
                    waiting = {function for _, function in functions}
                case Judged(result) if waiting is not None:
                    waiting.discard(result.function)
                    found[result.function] = time.perf_counter() - start
                case Failed(error):
                    raise error
        return found

    def wait_for_all(self, functions: int) -> None:
        judged = 0
        while judged < functions:
            match self.events.get():
                case Judged():
                    judged += 1
                case Failed(error):
                    raise error


def floor() -> float:
    """Seconds that the floor takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", FLOOR], check=True)
    return time.perf_counter() - start


def parts(body: Body) -> tuple[str, str]:
    """What a body consists of: all besides the function that it is about, and that function."""
    *statements, _ = ast.parse(body.code.replace(body.qualname, body.function)).body
    besides, functions = [], []
    for one in statements:
        is_it = isinstance(one, ast.FunctionDef) and one.name == body.function
        (functions if is_it else besides).append(ast.unparse(one))
    return "\n\n\n".join(besides), "\n\n\n".join(functions)


def chosen(name: str, which: slice) -> Iterator[tuple[str, str, Body]]:
    """Of each function of an exercise some right bodies and some wrong ones: its name, which of the
    two, and the body."""
    for function in load_exercise(COURSE, name).functions:
        for kind, bodies in (("right", right(COURSE, name)), ("wrong", wrong(COURSE, name))):
            for body in [one for one in bodies if one.function == function][which]:
                yield function, kind, body


def measure(bench: Bench, name: str, which: slice) -> dict[str, list[float]]:
    """Seconds by kind of save, with some of the bodies of each function of an exercise.

    What a body needs besides its function is there before, so that the function alone is saved.
    """
    seconds: dict[str, list[float]] = {kind: [] for kind in GOALS}
    text = bench.reference(name)
    for function, kind, body in chosen(name, which):
        besides, function_alone = parts(body)
        bench.seconds(name, f"{text}\n\n{besides}\n")
        found = bench.seconds(name, f"{text}\n\n{besides}\n\n\n{function_alone}\n")
        for of in ("a function", kind):
            seconds[of].append(found[function])
        seconds[f"{kind}, and its users"].append(max(found.values()))
    bench.seconds(name, text)
    for number in range(which.start, which.stop):
        # What stands outside of functions may be used by all of them.
        found = bench.seconds(name, f"{text}\nUNUSED = {number}\n")
        seconds["an exercise"].append(max(found.values()))
    return seconds


def show(
    name: str,
    seconds: Mapping[str, list[float]],
    base: float,
    goals: Mapping[str, float | None] = GOALS,
) -> None:
    """A line for each kind of save, or of whatever has these goals."""
    for kind, values in seconds.items():
        if values:
            median = statistics.median(values)
            goal = goals[kind] or ""
            print(
                f"{name:<26}{kind:<22}{median / base:>7.2f}{median:>10.2f}{max(values):>8.2f}"
                f"{goal:>8}{len(values):>7}",
                flush=True,
            )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    course = only(COURSE, sys.argv[2:])
    names = course.names()
    floors: list[float] = []
    everything: dict[str, list[float]] = {kind: [] for kind in GOALS}
    print(f"{os.cpu_count()} cores", flush=True)
    heads = f"{'ratio':>7}{'median s':>10}{'most s':>8}{'goal s':>8}{'saves':>7}"
    print(f"{'exercise':<26}{'save':<22}{heads}")
    with tempfile.TemporaryDirectory() as place, Engine(course, cache=Path(place) / "c") as engine:
        folder = Path(place) / "exercises"
        folder.mkdir()
        bench = Bench(folder, names)
        judging = Judging(engine, folder, bench.events.put)
        with saves(folder, names, judging.saved, bench.events.put):
            judging.start()
            bench.wait_for_all(sum(len(load_exercise(course, one).functions) for one in names))
            for name in names:
                measure(bench, name, slice(0, 1))  # what all bodies share is known from here on
                floors.append(floor())
                seconds = measure(bench, name, slice(1, 1 + rounds))
                for kind, values in seconds.items():
                    everything[kind] += values
                show(name, seconds, floors[-1])
        judging.close()
    show("all", everything, statistics.median(floors))
    print(f"floor: {statistics.median(floors):.2f} s (median of {len(floors)})")


if __name__ == "__main__":
    main()
