"""The catalogue of hostile submissions: `tests/hostile/NAME/`, a file and what is due to it.

`case.toml` says what it does (`what`), to which function (`function`), which verdict that earns
(`verdict`, one or several), and whether it takes a sandbox to hold it (`sandboxed`). Points are
due for `passed` alone. Every bomb is capped, for the day when a wall fails.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import EXERCISES, RIGHT, first_of_each

HOSTILE = Path(__file__).with_name("hostile")
#: The right answers that stand beside hostile files, and their points.
HONEST = {
    "01": ("01_vmap.batched", 2.0),
    "02": ("02_grad_vs_cos.derivative", 5.0),
    "04": ("04_partial_derivatives.partial_x", 2.0),
    "05": ("05_per_example_gradients.per_example_gradients", 6.0),
}


@dataclass(frozen=True)
class Case:
    """One hostile submission.

    Attributes:
        name: its folder.
        file: its one file.
        function: whose verdict is due.
        verdicts: which; of several, any.
        sandboxed: it is held by a sandbox alone.
    """

    name: str
    file: Path
    function: str
    verdicts: tuple[str, ...]
    sandboxed: bool

    @property
    def exercise(self) -> str:
        return self.function.split(".")[0]

    @property
    def endless(self) -> bool:
        """It may be the clock that ends it: then the clock decides nothing else beside it."""
        return "timeout" in self.verdicts


@dataclass(frozen=True)
class Judged:
    """What a frontend says of a function."""

    verdict: str
    points: float
    max_points: float


def cases() -> list[Case]:
    """The catalogue, by the cases' names."""
    found = []
    for folder in sorted(HOSTILE.iterdir()):
        said: dict[str, Any] = tomllib.loads((folder / "case.toml").read_text())
        (file,) = (path for path in folder.iterdir() if path.suffix in (".py", ".ipynb"))
        verdicts = said["verdict"]
        due = (verdicts,) if isinstance(verdicts, str) else tuple(verdicts)
        sandboxed = bool(said.get("sandboxed"))
        found.append(Case(folder.name, file, said["function"], due, sandboxed))
    return found


def sample(all_cases: Sequence[Case], exercises: Sequence[str]) -> list[Case]:
    """One case for each verdict, held by a sandbox and without, in a few exercises.

    Spread over the exercises, they fit into few submissions.
    """
    kinds: dict[object, list[Case]] = {}
    for case in all_cases:
        if case.exercise in exercises:
            kinds.setdefault((case.verdicts, case.sandboxed), []).append(case)
    found: list[Case] = []

    def crowd(case: Case) -> int:
        return sum((one.exercise, one.endless) == (case.exercise, case.endless) for one in found)

    for alike in sorted(kinds.values(), key=len):  # those first that have least to choose from
        found.append(min(alike, key=crowd))
    return found


def representative(all_cases: Sequence[Case]) -> list[Case]:
    """Of each exercise, one case for each verdict."""
    return first_of_each(all_cases, lambda case: (case.exercise, case.verdicts))


def packs(all_cases: Sequence[Case]) -> list[list[Case]]:
    """The cases in as few submissions as can be: one case for each exercise in each.

    Those that may be ended by the clock have submissions of their own.
    """
    found: list[list[Case]] = []
    for case in all_cases:
        for pack in found:
            taken = {other.exercise for other in pack}
            if case.exercise not in taken and case.endless == pack[0].endless:
                pack.append(case)
                break
        else:
            found.append([case])
    return found


def lay_out(
    pack: Sequence[Case], folder: Path, sentinel: Path, exercises: Collection[str]
) -> dict[str, float]:
    """Write a pack as a submission, right answers beside it where there is room and time.

    Args:
        pack: the cases.
        folder: the submission's.
        sentinel: a file outside.
        exercises: those that are graded.

    Returns:
        the functions of these right answers, with their points.
    """
    folder.mkdir(parents=True)
    for case in pack:
        text = case.file.read_text().replace("@SENTINEL@", str(sentinel))
        (folder / case.file.name).write_text(text)
    honest = {}
    for number, (function, points) in HONEST.items():
        free = EXERCISES[number] in set(exercises) - {case.exercise for case in pack}
        if free and not pack[0].endless:
            (folder / f"{EXERCISES[number]}.py").write_text(RIGHT[number])
            honest[function] = points
    return honest


def complaints(pack: Sequence[Case], judged: Mapping[str, Judged]) -> list[str]:
    """What is not as the catalogue says."""
    found = []
    for case in pack:
        got = judged[case.function]
        due = got.max_points if "passed" in case.verdicts else 0.0
        if got.verdict not in case.verdicts or got.points != due:
            found.append(
                f"{case.name}: {got.verdict} with {got.points:g} of {got.max_points:g} points; "
                f"expected {' or '.join(case.verdicts)} with {due:g}"
            )
    return found


def make_sentinel(folder: Path) -> Path:
    """A folder that anybody may write, with a secret in it that nobody should see or change."""
    folder.mkdir()
    (folder / "secret").write_text("somebody else's work")
    folder.chmod(0o777)
    (folder / "secret").chmod(0o666)
    return folder


def digest(*trees: Path) -> dict[str, str]:
    """The contents of folders, compiled Python aside."""
    found = {}
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            folders[:] = [name for name in folders if name not in ("__pycache__", ".git")]
            for name in files:
                path = Path(folder, name)
                if path.is_file():
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
