"""What the sandbox adds to a submission, as a ratio taken in one run.

    python tests/benchmarks/sandbox.py [ROUNDS [FOLDER]]

Each round grades a folder (`tests/submissions/typical_mistakes`) without a sandbox and in one, as a
batch does: one engine each, and for the engine without a sandbox an empty compilation cache, since
another student's may not be used. Medians and the range of the ratios are printed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from jaxercise.cache.folders import configure_judge
from jaxercise.engine import Engine, compiled_references
from jaxercise.sandbox import Sandbox
from jaxercise.submission import read_submission
from running import COURSE

ROOT = Path(__file__).resolve().parents[2]
GOAL = 1.15


def graded(engine: Engine, folder: Path) -> float:
    """Seconds that one submission takes."""
    start = time.perf_counter()
    engine.grade(read_submission(folder, COURSE.names()))
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    default = ROOT / "tests" / "submissions" / "typical_mistakes"
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else default
    configure_judge()
    shared = compiled_references(COURSE)
    open_, sandboxed = [], []
    with Engine(COURSE, sandbox=Sandbox(cache=shared)) as sandbox:
        graded(sandbox, folder)  # the judge's own caches, and the forkserver
        for _ in range(rounds):
            with (
                tempfile.TemporaryDirectory() as cache,
                Engine(COURSE, cache=Path(cache)) as engine,
            ):
                graded(engine, ROOT / "exercises")  # starts the forkserver
                open_.append(graded(engine, folder))
            sandboxed.append(graded(sandbox, folder))
    print(f"{folder.name}, {rounds} rounds, {os.cpu_count()} cores")
    print(f"without a sandbox {statistics.median(open_):.2f} s")
    print(f"in a sandbox {statistics.median(sandboxed):.2f} s")
    ratios = sorted(b / o for o, b in zip(open_, sandboxed, strict=True))
    middle = statistics.median(ratios)
    print(f"ratio {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), goal {GOAL}")


if __name__ == "__main__":
    main()
