"""What grading costs, as ratios to a floor taken in the same run.

    python tests/benchmarks/grading.py [ROUNDS]

The floor is a process that imports jax, hypothesis and pytest, starts the backend and jits one
function. Each round times every case once, and the floor before and after it: a case's ratio is to
the mean of the two, for a machine's speed may wander. The table gives medians of the ratios.
The last two cases are a student's: the references lie in `exercises/`, as they were when they were
last judged, or with one of the eight edited since.
A submission in which every function is wrong is to cost at most 3 times what the references do:
finding the causes has to stay cheap, also where it finds none.
"""

from __future__ import annotations

import os
import shutil
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
UNCHANGED = "own exercises, none edited"
EDITED = "own exercises, one edited"
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
    REFERENCES: (["--submission", "solutions"], 3.0),
    "one exercise, warm": (["test_02_grad_vs_cos.py", "--submission", "solutions"], 1.6),
    "untouched stubs": (["--submission", "exercises"], 0.5),
    "typical mistakes, warm": (["--submission", "tests/submissions/typical_mistakes"], 5.0),
}


def seconds(command: list[str], environment: dict[str, str], folder: Path = ROOT) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def grading(arguments: list[str]) -> list[str]:
    """The command that grades."""
    rest = list(arguments)
    target = rest.pop(0) if rest and rest[0].endswith(".py") else ""
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


def own_course(root: Path) -> Path:
    """A copy of the course in which a student has written the references."""
    leave_out = shutil.ignore_patterns("jaxercise", "__pycache__")
    shutil.copytree(ROOT / "autograder", root / "autograder", ignore=leave_out)
    shutil.copytree(ROOT / "solutions", root / "solutions")
    shutil.copytree(ROOT / "solutions", root / "exercises")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


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
    own = own_course(Path(folder.name, "own"))
    names = (FIRST, *cases, UNCHANGED, EDITED)
    ratios: dict[str, list[float]] = {name: [] for name in names}
    floors: list[float] = []

    def floor() -> float:
        floors.append(seconds([sys.executable, "-c", FLOOR], environment))
        return floors[-1]

    def ratio(arguments: list[str], root: Path = ROOT) -> float:
        before = floor()
        taken = seconds(grading(arguments), environment, root)
        return 2 * taken / (before + floor())

    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            environment["JAXERCISE_CACHE"] = cache
            ratios[FIRST].append(ratio(cases[REFERENCES][0]))
            for name, (arguments, _) in cases.items():
                if "mistakes" in name or "wrong" in name:
                    seconds(grading(arguments), environment)  # fills the cache
                ratios[name].append(ratio(arguments))
            seconds(grading([]), environment, own)
            ratios[UNCHANGED].append(ratio([], own))
            with (own / "exercises" / f"{COURSE.names()[2]}.py").open("a") as file:
                file.write("# edited\n")
            ratios[EDITED].append(ratio([], own))
    middle = statistics.median(floors)
    print(f"floor: {middle:.2f} s (median of {len(floors)}), {os.cpu_count()} cores")
    print(f"{'case':<40}{'ratio':>7}{'least':>7}{'most':>7}{'goal':>7}")
    goals = dict.fromkeys(names) | {FIRST: 8.0} | {name: goal for name, (_, goal) in cases.items()}
    goals |= dict.fromkeys((WRONG, UNRELATED), MOST * statistics.median(ratios[REFERENCES]))
    for name, values in ratios.items():
        goal = f"{goals[name]:.1f}" if goals[name] else ""
        middle = statistics.median(values)
        print(f"{name:<40}{middle:>7.1f}{min(values):>7.1f}{max(values):>7.1f}{goal:>7}")


if __name__ == "__main__":
    main()
