"""What a batch costs, as ratios taken in one run: same machine, same submissions, same claims.

    python tests/benchmarks/batch.py [--sizes N N N] [--stock N]

Stock is a kernel for each notebook, with the student's functions and the claims in its cells, one
notebook after the other, as `nbgrader autograde` does it. Wall time depends on what else the
machine does; processor time does so less.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("solutions", "tests/submissions/typical_mistakes", "tests/submissions/unusual")
JUDGING = """
from pathlib import Path
from autograder.engine import Engine
from autograder.submission import read_submission
with Engine(in_process=True) as engine:
    results = engine.grade(read_submission(Path({path!r}), [{name!r}]), [{name!r}])
[(result.name, result.points, result.of) for result in results]
"""


def course(folder: Path, count: int, kinds: Iterable[str]) -> Path:
    """Submissions of all eight exercises, no two alike."""
    kinds = list(kinds)
    for number in range(count):
        student = folder / f"s{number:03d}"
        student.mkdir(parents=True)
        for path in sorted((ROOT / kinds[number % len(kinds)]).glob("[0-9]*.py")):
            (student / path.name).write_text(f"{path.read_text()}\n# {student.name}\n")
    return folder


class Cost:
    """Seconds of wall and of processor of a command, and the most memory that a judge held."""

    def __init__(self, command: list[str]) -> None:
        self.memory: list[float] = []
        processor = Processor()
        start = time.perf_counter()
        process = subprocess.Popen(processor.command(command), cwd=ROOT, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            self.memory += [max(sizes)] if (sizes := list(_judges_memory())) else []
            time.sleep(0.2)
        self.wall = time.perf_counter() - start
        self.processor = processor.seconds()
        processor.close()
        if process.returncode:
            raise SystemExit(f"{command} has failed")


class Processor:
    """Processor seconds of all that a command starts, boxes included (Linux control groups).

    A box that is killed takes the times of what ran in it to its grave. Without control groups,
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
            if b"autograder.batch.judging" in line and str(ROOT).encode() in line:
                pages = int((process / "statm").read_text().split()[1])
                yield pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
        except OSError:
            continue


def batch(submissions: Path, out: Path, *options: str) -> Cost:
    """`jaxercise grade` with a judge on each of two cores."""
    command = [sys.executable, "-m", "autograder", "grade", str(submissions), "--out", str(out)]
    return Cost([*command, "--jobs", "2", "--call-seconds", "300", *options])


def stock(submissions: Path) -> Cost:
    """A kernel for each notebook, one after the other, in a process of its own."""
    return Cost([sys.executable, __file__, "--run-stock", str(submissions)])


def run_stock(submissions: Path) -> None:
    """Execute the notebooks as nbgrader's autograde does."""
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    for path in sorted(submissions.glob("*/*.py")):
        cells = [path.read_text(), JUDGING.format(path=str(path), name=path.stem)]
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
        )
        executor = ExecutePreprocessor(timeout=1200, kernel_name="python3", allow_errors=True)
        executor.preprocess(notebook, {"metadata": {"path": str(path.parent)}})
        outputs = notebook.cells[-1].outputs
        if not any(output.output_type == "execute_result" for output in outputs):
            raise SystemExit(f"the claims did not run: {json.dumps(outputs)[-2000:]}")


def told(name: str, cost: Cost, count: int) -> None:
    memory = f"   judges at most {max(cost.memory):.0f} MiB" if cost.memory else ""
    wall, processor = cost.wall / count, cost.processor / count
    print(f"{name:<26}{count:>5}{wall:>10.2f} s{processor:>10.2f} s{memory}", flush=True)


def each(more: Cost, fewer: Cost, count: int) -> tuple[float, float]:
    """Wall and processor seconds of one submission more: what a judge's start costs is left out."""
    return (more.wall - fewer.wall) / count, (more.processor - fewer.processor) / count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs=3, type=int, default=[10, 40, 70], metavar="N")
    parser.add_argument("--stock", type=int, default=3, help="submissions of the stock way")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), metavar="DIR")
    parser.add_argument("--run-stock", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run_stock:
        run_stock(asked.run_stock)
        return
    small, middle, large = asked.sizes
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        courses = {size: course(place / str(size), size, asked.kinds) for size in asked.sizes}
        batch(courses[small], place / "warm")  # what is compiled once is no submission's
        costs: dict[tuple[str, int], Cost] = {}
        print(f"{'':<26}{'':>5}{'wall each':>12}{'processor':>12}", flush=True)
        for size in asked.sizes:
            for name, options in (("boxed", ()), ("without a box", ("--unsafe-no-sandbox",))):
                costs[name, size] = batch(courses[size], place / f"{name}-{size}", *options)
                told(name, costs[name, size], size)
        rates = {}
        for name in ("boxed", "without a box"):
            first = each(costs[name, middle], costs[name, small], middle - small)
            last = each(costs[name, large], costs[name, middle], large - middle)
            rates[name] = each(costs[name, large], costs[name, small], large - small)
            wall, processor = rates[name]
            print(
                f"{name}, one submission more: {wall:.2f} s, of processors {processor:.2f} s; the "
                f"last ones against the first: {last[0] / first[0]:.2f} and "
                f"{last[1] / first[1]:.2f}"
            )
        boxed, unboxed = rates["boxed"], rates["without a box"]
        print(
            f"the box adds {boxed[0] / unboxed[0] - 1:.0%} of wall time and "
            f"{boxed[1] / unboxed[1] - 1:.0%} of processor time"
        )
        memory = [max(costs["boxed", size].memory, default=0.0) for size in asked.sizes]
        print(f"judges' memory by size: {', '.join(f'{one:.0f} MiB' for one in memory)}")
        if asked.stock:
            old = stock(course(place / "stock", asked.stock, asked.kinds))
            told("stock", old, asked.stock)
            print(
                f"the batch is {old.wall / asked.stock / boxed[0]:.1f} times as fast as stock, for "
                f"{old.processor / asked.stock / boxed[1]:.1f} times less processor time"
            )


if __name__ == "__main__":
    main()
