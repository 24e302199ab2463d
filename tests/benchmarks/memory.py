"""What a judge holds while it grades one exercise for many students, no two of them alike.

    python tests/benchmarks/memory.py [--whole 100] [--submissions 2000]

First a judge as the batch starts it, whose workers and intake are new for each submission. Then
thousands more in a judge whose workers serve one after the other, which is all that makes it quick:
it draws, asks references, compares, searches and looks for causes as ever.

Of ten, six are right, each in a text of its own, one raises, one holds a misconception, one is off
by a factor of its own and one beyond a bound of its own: so the searches for a small input, the
references asked on the way and what is tried to find a cause differ as well. Printed is what
processes hold, each page that several share counted once.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

# In the place of this very folder, where a file would hide nbgrader itself.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.cache.folders import forget_earlier_runs
from jaxercise.course import Course
from jaxercise.diagnosis.diagnosis import Diagnostician
from jaxercise.engine import Engine
from jaxercise.frontends.batch.judge import Job
from jaxercise.frontends.batch.judge_processes import JudgeProcess
from jaxercise.frontends.batch.keys import Settings
from jaxercise.sandbox.selftest import check_machine
from jaxercise.submission import read_submission
from jaxercise.workers.watch import descendants
from small_course import EXERCISE, answer, write_small_course

RIGHT = "first_{number} = x[0]; return x - first_{number}"
#: What the function does instead, by the last digit of a submission's number.
OTHERS = {
    3: 'raise ValueError("not today, {number}")',
    5: "return jnp.diff(x, prepend=x[:1]) + 0 * {number}",
    7: "return (x - x[0]) * (1 + {number} / 1000)",
    9: "return (x - x[0]) + (x.size == 5) * (x[{place}] > {number} / 1000)",
}
#: Of all submissions, after how many it is looked.
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)


def submitted(number: int) -> bytes:
    """A submission's file."""
    body = OTHERS.get(number % 10, RIGHT)
    return answer(body.format(number=number, place=1 + number // 10 % 4))


def held(pids: list[int]) -> float:
    """MiB that processes hold, what they share shared out."""
    total = 0
    for pid in pids:
        try:
            told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:  # it has ended
            continue
        total += next(int(line.split()[1]) for line in told.splitlines() if line[:4] == "Pss:")
    return total / 1024


def grade(pid: int, count: int, one: Callable[[int], Iterator[str]], folder: Path) -> None:
    """Grade submissions, and print a line now and then.

    Args:
        pid: of the judge.
        count: how many.
        one: grades a submission; the verdicts.
        folder: where all temporary files lie.
    """
    print("submissions   judge, MiB   what it has started, MiB   open files   files   s each")
    shown = {max(1, round(share * count)) for share in SHARES}
    begun, verdicts = time.monotonic(), Counter[str]()
    for number in range(1, count + 1):
        verdicts.update(one(number))
        if number in shown:
            started = [other for other in descendants(pid) if other != pid]
            print(
                f"{number:11}{held([pid]):13.1f}{held(started):27.1f}"
                f"{len(os.listdir(f'/proc/{pid}/fd')):13}"
                f"{sum(len(files) for _, _, files in os.walk(folder)):8}"
                f"{(time.monotonic() - begun) / number:9.2f}",
                flush=True,
            )
    print(", ".join(f"{verdict} {count}" for verdict, count in verdicts.items()))


def whole(course: Course, count: int, folder: Path) -> None:
    """Through a judge as the batch starts it."""
    # No limit of time decides here: the machine may be as slow as it likes.
    judge = JudgeProcess(
        Settings(str(course.root), call_seconds=36000.0, sandbox=check_machine().ok)
    )
    judge.start()

    def one(number: int) -> Iterator[str]:
        files = {f"{EXERCISE}.py": submitted(number)}
        told = judge.grade(Job(str(number), str(number), files, {}, (EXERCISE,)))
        assert told["verdict"] == "graded", told
        return (outcome["verdict"] for outcome in told["outcomes"])

    assert judge.pid is not None
    grade(judge.pid, count, one, folder)
    judge.close()


def quick(course: Course, count: int, folder: Path) -> None:
    """Through a judge in this process, whose workers serve many."""
    forget_earlier_runs(folder / "cache")
    path = folder / f"{EXERCISE}.py"
    with patient_workers() as workers, Engine(course, exercises_at_once=1) as engine:
        engine.grader = replace(
            engine.grader,
            open_runner=workers.open,
            diagnostician=functools.partial(Diagnostician, course, workers.open),
        )
        path.write_bytes(submitted(0))
        source = read_submission(folder, [EXERCISE]).source(EXERCISE, ["changes"])
        assert source is not None

        def one(number: int) -> Iterator[str]:
            cells = submitted(number).decode().split("# %%\n")
            results = engine.grade_sources({EXERCISE: replace(source, cells=cells)})
            return (outcome.verdict for result in results for outcome in result.outcomes)

        grade(os.getpid(), count, one, folder)


def main() -> None:
    """Print a table for both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", type=int, default=100)
    parser.add_argument("--submissions", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TMPDIR"] = tempfile.tempdir = name
        course = write_small_course(folder / "course")
        if options.whole:
            whole(course, options.whole, folder)
        if options.submissions:
            quick(course, options.submissions, folder)


if __name__ == "__main__":
    main()
