"""Running the autograder as a student does: a subprocess, and what it says, writes and leaves."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from needs import NIGHTLY, in_turn

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
#: The course that these tests are about: this checkout.
COURSE = Course(ROOT)
SOLUTIONS = ROOT / "solutions"
SUBMISSIONS = ROOT / "tests" / "submissions"
#: The exercises that have their turn in this commit.
IN_TURN = in_turn(COURSE.names())
#: Exercises that show enough of mistakes where all eight would take long.
SOME = ("04_partial_derivatives", "05_per_example_gradients")
#: No test waits longer for one run, however slow the machine.
RUN_SECONDS = 300.0
_FOLDERS = tempfile.TemporaryDirectory(prefix="jaxercise-tests-")
atexit.register(_FOLDERS.cleanup)


@dataclass(frozen=True)
class Graded:
    """One run of the autograder.

    Attributes:
        code: its exit status.
        out, err: what it printed.
        text: the score file as it lies there; empty if there is none.
        mark: what every process that this run started has in its environment.
        folder: where the score file was asked for.
    """

    code: int
    out: str
    err: str
    text: str
    mark: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """The score file, parsed."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Its entries, by function: `02_grad_vs_cos.derivative`."""
        return {entry["name"]: entry for entry in self.results["tests"]}

    @property
    def scores(self) -> dict[str, float]:
        """The points by function."""
        return {name: entry.get("score") for name, entry in self.entries.items()}

    @property
    def said(self) -> str:
        """Everything printed."""
        return self.out + self.err

    def feedback(self, function: str) -> str:
        """What a student reads about a function."""
        return str(self.entries[function]["output"])

    def verdict(self, function: str) -> str:
        """A function's verdict: the feedback's headline ends with it."""
        return self.feedback(function).splitlines()[0].rsplit("    ", 1)[-1]

    def verdicts(self) -> dict[str, str]:
        """The verdicts by function."""
        return {name: self.verdict(name) for name in self.entries}

    def left_behind(self, seconds: float = 20.0) -> list[str]:
        """The command lines of processes of this run that are still there after a while."""
        return left_behind(self.mark, seconds)


def grade(
    submission: Path | str | None,
    *options: str,
    what: Sequence[str] = ("autograder",),
    root: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> Graded:
    """Grade a submission folder (or file); None for the default, `exercises/`."""
    mark, folder = marked()
    done = subprocess.run(
        command(submission, folder, *options, what=what),
        cwd=root,
        env=marked_environment(mark, environment),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    return graded(done.returncode, done.stdout, done.stderr, mark, folder)


@functools.cache
def grade_once(submission: str, what: tuple[str, ...] = ("autograder",)) -> Graded:
    """Grade one of the checkout's own folders; in a session it is graded once."""
    return grade(submission, what=what)


def typical_mistakes() -> Graded:
    """The run on a submission with something of everything; nightly on all of it."""
    what = ("autograder",) if NIGHTLY else property_files(SOME)
    return grade_once("tests/submissions/typical_mistakes", what)


def property_files(names: Iterable[str]) -> tuple[str, ...]:
    """What pytest is told to grade some exercises of the checkout."""
    return tuple(f"autograder/test_{name}.py" for name in names)


def command(
    submission: Path | str | None,
    folder: Path,
    *options: str,
    what: Sequence[str] = ("autograder",),
) -> list[str]:
    """The command line that grades, with the score file in a folder."""
    named = [] if submission is None else ["--submission", str(submission)]
    where = ["--scores", str(folder / "results.json")] if "--scores" not in options else []
    return [
        *(sys.executable, "-m", "pytest", *what, "-p", "no:cacheprovider"),
        *named,
        *where,
        *options,
    ]


def graded(code: int, out: str, err: str, mark: str, folder: Path) -> Graded:
    """A run that has ended, with its score file."""
    path = folder / "results.json"
    return Graded(code, out, err, path.read_text() if path.exists() else "", mark, folder)


def first_of_each(things: Iterable[T], kind: Callable[[T], object]) -> list[T]:
    """The first thing of each kind."""
    found: dict[object, T] = {}
    for one in things:
        found.setdefault(kind(one), one)
    return list(found.values())


def marked() -> tuple[str, Path]:
    """A mark for the processes of a run, and a fresh folder for what it writes."""
    return f"jaxercise-run-{uuid.uuid4().hex}", Path(tempfile.mkdtemp(dir=_FOLDERS.name))


def marked_environment(mark: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with the mark where even the kit's workers inherit it."""
    whole = {**os.environ, **(more or {})}
    whole.pop("PYTEST_ADDOPTS", None)
    return whole | {"PATH": f"{whole.get('PATH', os.defpath)}{os.pathsep}/nonexistent/{mark}"}


def left_behind(mark: str, seconds: float = 20.0) -> list[str]:
    """The command lines of processes that carry a mark and have not ended within some seconds."""
    deadline = time.monotonic() + seconds
    while (found := _carrying(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _carrying(mark: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """A submission folder from texts: `{"02_grad_vs_cos.py": "..."}`; `{"02": ...}` will do."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        full = f"{EXERCISES[name]}.py" if name in EXERCISES else name
        (folder / full).write_text(text, encoding="utf-8")
    return folder


def notebook(*cells: str) -> str:
    """A notebook of code cells, as JSON."""
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "metadata": {},
                    "outputs": [],
                    "source": cell,
                }
                for cell in cells
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def function_names(names: Iterable[str] | None = None) -> list[str]:
    """The functions of exercises, `NN_topic.function`, in their order; of all unless told."""
    exercises = map(functools.partial(load_exercise, COURSE), names or COURSE.names())
    return [f"{exercise.name}.{one}" for exercise in exercises for one in exercise.functions]


#: The exercises' names by their numbers.
EXERCISES = {path.stem[:2]: path.stem for path in sorted(SOLUTIONS.glob("[0-9]*.py"))}

#: Right answers, short: what has to keep its points beside something terrible.
RIGHT = {
    "01": """\
import jax

def batched(f, x):
    return jax.vmap(f)(x)
""",
    "02": """\
import jax

def derivative(f, x):
    return jax.vmap(jax.grad(f))(x)
""",
    "04": """\
import jax

def partial_x(f, x, y):
    return jax.grad(f)(x, y)

def partial_y(f, x, y):
    return jax.grad(f, argnums=1)(x, y)
""",
    "05": """\
import jax

def per_example_gradients(loss, params, x, y):
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
""",
}
