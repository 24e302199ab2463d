"""What grading costs, as ratios to a floor taken in the same run.

    python tests/benchmarks/grading.py [ROUNDS]

The floor is a process that imports jax, hypothesis and pytest, starts the backend and jits one
function. Each round times every case once, and the floor before and after it: a case's ratio is to
the mean of the two, for a machine's speed may wander. The table gives medians of the ratios.
A submission in which every function is wrong is to cost at most 3 times what the references do:
finding the causes has to stay cheap, also where it finds none.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from running import COURSE

ROOT = Path(__file__).resolve().parents[2]
FLOOR = """
import jax, hypothesis, pytest, jax.numpy as jnp
jax.devices()
jax.jit(lambda x: jnp.sin(x) * 2)(jnp.arange(3.0)).block_until_ready()
"""
FIRST = "references, all eight, first run"
REFERENCES = "references, all eight, warm"
WRONG = "every function wrong, a misconception"
UNRELATED = "every function wrong, none of them"
#: How many times the references' ratio these may cost.
MOST = 3.0
BENT = """
def _bent(function):
    import jax, jax.numpy as jnp
    def bent(*arguments):
        result = function(*arguments)
        if callable(result):
            return _bent(result)
        return jax.tree.map(lambda v: v + jnp.sin(3.0 * v + 1.0), result)
    return bent
"""

CASES: dict[str, tuple[list[str], float | None]] = {
    REFERENCES: (["--submission", "solutions"], 4.0),
    "one exercise, warm": (["test_02_grad_vs_cos.py", "--submission", "solutions"], 2.0),
    "untouched stubs": (["--submission", "exercises"], 1.5),
    "typical mistakes, warm": (["--submission", "tests/submissions/typical_mistakes"], None),
}


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def grading(arguments: list[str]) -> list[str]:
    """The command that grades."""
    target, *rest = arguments if arguments[0].endswith(".py") else ["", *arguments]
    return [sys.executable, "-m", "pytest", "-q", f"autograder/{target}", *rest]


def all_wrong(folder: Path) -> tuple[Path, Path]:
    """Submissions in which every function is wrong: a misconception, and another with an error
    added that none of them describes."""
    from jaxercise.claims.bodies import wrong

    written = folder / "misconceptions", folder / "unrelated"
    for place in written:
        place.mkdir()
    for name in COURSE.names():
        values = (one for one in reversed(wrong(COURSE, name)) if one.kind == "values")
        first = {one.function: one for one in values}
        text = "\n\n".join(one.code for one in first.values())
        bent = "".join(f"{function} = _bent({function})\n" for function in first)
        (written[0] / f"{name}.py").write_text(text)
        (written[1] / f"{name}.py").write_text(f"{text}\n{BENT}\n{bent}")
    return written


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    # Bytecode is written, as on any user's machine.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    folder = tempfile.TemporaryDirectory()
    named, unnamed = all_wrong(Path(folder.name))
    cases = CASES | {
        WRONG: (["--submission", str(named)], None),
        UNRELATED: (["--submission", str(unnamed)], None),
    }
    ratios: dict[str, list[float]] = {FIRST: []} | {name: [] for name in cases}
    floors: list[float] = []

    def floor() -> float:
        floors.append(seconds([sys.executable, "-c", FLOOR], environment))
        return floors[-1]

    def ratio(arguments: list[str]) -> float:
        before = floor()
        taken = seconds(grading(arguments), environment)
        return 2 * taken / (before + floor())

    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            environment["JAXERCISE_CACHE"] = cache
            ratios[FIRST].append(ratio(cases[REFERENCES][0]))
            for name, (arguments, _) in cases.items():
                if "mistakes" in name or "wrong" in name:
                    seconds(grading(arguments), environment)  # fills the cache
                ratios[name].append(ratio(arguments))
    middle = statistics.median(floors)
    print(f"floor: {middle:.2f} s (median of {len(floors)}), {os.cpu_count()} cores")
    print(f"{'case':<40}{'ratio':>7}{'least':>7}{'most':>7}{'goal':>7}")
    goals = {FIRST: 8.0} | {name: goal for name, (_, goal) in cases.items()}
    goals |= dict.fromkeys((WRONG, UNRELATED), MOST * statistics.median(ratios[REFERENCES]))
    for name, values in ratios.items():
        goal = f"{goals[name]:.1f}" if goals[name] else ""
        middle = statistics.median(values)
        print(f"{name:<40}{middle:>7.1f}{min(values):>7.1f}{max(values):>7.1f}{goal:>7}")


if __name__ == "__main__":
    main()
