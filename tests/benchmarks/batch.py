"""What a batch costs, as ratios taken in one run: same machine, same submissions, same claims.

    python tests/benchmarks/batch.py [--sizes N N N] [--stock N] [--exercises NN_topic ...]
    python tests/benchmarks/batch.py --costs N

The second form grades N submissions and nothing else, and prints what thousands would cost.
With `--sizes 10 100 300 --exercises 05_per_example_gradients` three hundred take minutes. Stock is
the real `nbgrader autograde` as nbgrader sets it up: a kernel for each notebook, in which the test
cells run the claims through the live check, one notebook after the other. Wall time depends on what
else the machine does; processor time does so less.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

# In the place of this very folder, where a file would hide nbgrader itself.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nbgrader_commands
from nbgrader_commands import ASSIGNMENT, STOCK, NbgraderTerm
from running import COURSE

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("solutions", "tests/submissions/typical_mistakes", "tests/submissions/unusual")


def written(folder: Path, count: int, kinds: Sequence[str], exercises: Sequence[str]) -> Path:
    """Submissions, no two alike."""
    for number in range(count):
        student = folder / f"s{number:03d}"
        student.mkdir(parents=True)
        for name in exercises:
            text = (ROOT / kinds[number % len(kinds)] / f"{name}.py").read_text()
            (student / f"{name}.py").write_text(f"{text}\n# {student.name}\n")
    return folder


class Cost:
    """Seconds of wall and of processor of a command, and the most memory that a judge held."""

    def __init__(
        self, command: list[str], cwd: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> None:
        self.memory: list[float] = []
        processor = Processor()
        start = time.perf_counter()
        process = subprocess.Popen(
            processor.command(command), cwd=cwd, env=env, stdout=subprocess.DEVNULL
        )
        while process.poll() is None:
            self.memory += [max(sizes)] if (sizes := list(_judges_memory())) else []
            time.sleep(0.2)
        self.wall = time.perf_counter() - start
        self.processor = processor.seconds()
        processor.close()
        if process.returncode:
            raise SystemExit(f"{command} has failed")


class Processor:
    """Processor seconds of all that a command starts, sandboxes included (Linux control groups).

    A sandbox that is killed takes the times of what ran in it to its grave. Without control groups,
    which need root, processor time is not known.
    """

    def __init__(self) -> None:
        self._group: Path | None = None
        for root, name in (("cpuacct", "cpuacct.usage"), ("", "cpu.stat")):
            group = Path("/sys/fs/cgroup") / root / f"jaxercise-{os.getpid()}"
            with contextlib.suppress(OSError):
                group.mkdir()
                if (group / name).exists() and (group / "cgroup.procs").exists():
                    self._group, self._usage = group, group / name
                    return
                group.rmdir()

    def command(self, command: list[str]) -> list[str]:
        """The same command, counted."""
        if self._group is None:
            return command
        return ["sh", "-c", f'echo $$ > {self._group}/cgroup.procs; exec "$@"', "sh", *command]

    def seconds(self) -> float:
        """What was used so far."""
        if self._group is None:
            return float("nan")
        text = self._usage.read_text()
        if self._usage.name == "cpu.stat":
            return int(text.split()[1]) / 1e6
        return int(text) / 1e9

    def close(self) -> None:
        if self._group is not None:
            with contextlib.suppress(OSError):
                self._group.rmdir()


def _judges_memory() -> Iterable[float]:
    """The resident sizes of this benchmark's judges, in MiB."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            if b"jaxercise.frontends.batch.judge" in line and str(ROOT).encode() in line:
                pages = int((process / "statm").read_text().split()[1])
                yield pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
        except OSError:
            continue


def batch(submissions: Path, out: Path, *options: str) -> Cost:
    """`jaxercise grade` with a judge on each of two cores."""
    command = [sys.executable, "-m", "jaxercise", "grade", str(submissions), "--out", str(out)]
    # A seed of its own would be written into this checkout.
    more = ("--grading-seed", "0", "--jobs", "2", "--call-seconds", "300")
    return Cost([*command, *more, *options])


def stock(submissions: Path, place: Path, exercises: Sequence[str]) -> Cost:
    """`nbgrader autograde` as nbgrader sets it up, on the same functions in notebooks."""
    term = NbgraderTerm(place)
    nbgrader_commands.make(term, *exercises)
    term.nbgrader("generate_assignment", ASSIGNMENT)
    for student in submissions.iterdir():
        folder = term.course / "submitted" / student.name / ASSIGNMENT
        shutil.copytree(term.course / "release" / ASSIGNMENT, folder)
        for path in folder.glob("*.ipynb"):
            answers = functions(student / f"{path.stem}.py")
            nbgrader_commands.write(
                path, nbgrader_commands.solved(nbgrader_commands.read(path), answers)
            )
    with open(term.course / "nbgrader_config.py", "a") as file:
        file.write(STOCK)
    program = str(Path(sys.executable).parent / "nbgrader")
    return Cost([program, "autograde", ASSIGNMENT], cwd=term.course, env=term.environment())


def functions(script: Path) -> dict[str, str]:
    """The code of a script's functions, each below whatever else stands on the top level."""
    text = script.read_text()
    nodes = ast.parse(text).body
    defined = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    others = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom | ast.Assign)]
    head = "\n".join(filter(None, (ast.get_source_segment(text, node) for node in others)))
    return {n.name: f"{head}\n\n{ast.get_source_segment(text, n)}\n" for n in defined}


def told(name: str, cost: Cost, count: int) -> None:
    memory = f"   judges at most {max(cost.memory):.0f} MiB" if cost.memory else ""
    wall, processor = cost.wall / count, cost.processor / count
    print(f"{name:<26}{count:>5}{wall:>10.2f} s{processor:>10.2f} s{memory}", flush=True)


def each(more: Cost, fewer: Cost, count: int) -> tuple[float, float]:
    """Wall and processor seconds of one submission more: what a judge's start costs is left out."""
    return (more.wall - fewer.wall) / count, (more.processor - fewer.processor) / count


def print_costs(cost: Cost, count: int) -> None:
    """What many submissions cost if each costs what these did, starts of judges included."""
    for many in (300, 10_000, 100_000):
        hours = cost.processor / count * many / 3600
        on = ", ".join(f"{hours / cores:.2g} h on {cores} cores" for cores in (16, 64))
        print(f"{many:>7,} submissions: {hours:.2g} core hours, {on}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs=3, type=int, default=[10, 40, 70], metavar="N")
    parser.add_argument("--stock", type=int, default=3, help="submissions of the stock way")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), metavar="DIR")
    parser.add_argument("--exercises", nargs="+", default=COURSE.names(), metavar="NN_topic")
    parser.add_argument("--costs", type=int, metavar="N", help="submissions to take costs from")
    asked = parser.parse_args()
    chosen = [word for name in asked.exercises for word in ("--exercise", name)]
    small, middle, large = asked.sizes
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if asked.costs:
            some = written(place / "some", asked.costs, asked.kinds, asked.exercises)
            cost = batch(some, place / "out", *chosen)
            told("sandboxed", cost, asked.costs)
            print_costs(cost, asked.costs)
            return
        courses = {
            size: written(place / str(size), size, asked.kinds, asked.exercises)
            for size in asked.sizes
        }
        batch(courses[small], place / "warm", *chosen)  # what is compiled once is no submission's
        costs: dict[tuple[str, int], Cost] = {}
        print(f"{'':<26}{'':>5}{'wall each':>12}{'processor':>12}", flush=True)
        for size in asked.sizes:
            for name, options in (
                ("sandboxed", ()),
                ("without a sandbox", ("--unsafe-no-sandbox",)),
            ):
                costs[name, size] = batch(
                    courses[size], place / f"{name}-{size}", *chosen, *options
                )
                told(name, costs[name, size], size)
        rates = {}
        for name in ("sandboxed", "without a sandbox"):
            first = each(costs[name, middle], costs[name, small], middle - small)
            last = each(costs[name, large], costs[name, middle], large - middle)
            rates[name] = each(costs[name, large], costs[name, small], large - small)
            wall, processor = rates[name]
            print(
                f"{name}, one submission more: {wall:.2f} s, of processors {processor:.2f} s; the "
                f"last ones against the first: {last[0] / first[0]:.2f} and "
                f"{last[1] / first[1]:.2f}"
            )
        sandboxed, unsandboxed = rates["sandboxed"], rates["without a sandbox"]
        print(
            f"the sandbox adds {sandboxed[0] / unsandboxed[0] - 1:.0%} of wall time and "
            f"{sandboxed[1] / unsandboxed[1] - 1:.0%} of processor time"
        )
        memory = [max(costs["sandboxed", size].memory, default=0.0) for size in asked.sizes]
        print(f"judges' memory by size: {', '.join(f'{one:.0f} MiB' for one in memory)}")
        if asked.stock:
            some = written(place / "stock", asked.stock, asked.kinds, asked.exercises)
            old = stock(some, place / "term", asked.exercises)
            told("stock", old, asked.stock)
            print(
                f"the batch is {old.wall / asked.stock / sandboxed[0]:.1f} times as fast as stock, "
                f"for {old.processor / asked.stock / sandboxed[1]:.1f} times less processor time"
            )


if __name__ == "__main__":
    main()
