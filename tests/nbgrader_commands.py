"""A term with nbgrader, as instructor and students live it: real commands, a real exchange."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxercise.sandbox.selftest import check_machine
from nbgrader.api import Gradebook

COURSE_ID, ASSIGNMENT = "jax101", "transformations"
EXERCISES = ("02_grad_vs_cos", "04_partial_derivatives")
#: No command takes longer over a class of a few, however slow the machine.
SECONDS = 1800.0

#: Put at the end of the course's configuration, it undoes what the kit sets.
STOCK = """
from nbgrader.converters import Autograde

c.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors." + name
    for name in (
        "ClearOutput DeduplicateIds OverwriteKernelspec OverwriteCells CheckCellMetadata".split()
    )
]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors." + name
    for name in (
        "Execute IgnorePattern LimitOutput SaveAutoGrades AssignLatePenalties CheckCellMetadata"
    ).split()
]
"""

Notebook = dict[str, Any]
Edit = Callable[[str, Notebook], Notebook | str]


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    said: str


class NbgraderTerm:
    """A place where commands run: a folder, and Jupyter's own folders apart from anybody's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.course = root / "courses" / COURSE_ID
        self.exchange = root / "exchange"
        self.exchange.mkdir(parents=True)
        self.exchange.chmod(0o777)

    def run(
        self,
        *command: str,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Ran:
        """Run a command of this Python's environment."""
        program = str(Path(sys.executable).parent / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=cwd or self.course,
            env=self.environment() | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
        return Ran(done.returncode, done.stdout)

    def nbgrader(self, *arguments: str, cwd: Path | None = None, seconds: float = SECONDS) -> Ran:
        """Run an nbgrader command; it has to succeed."""
        ran = self.run("nbgrader", *arguments, cwd=cwd, seconds=seconds)
        assert ran.code == 0, ran.said
        return ran

    def many(self, commands: Sequence[tuple[Path, Sequence[str]]]) -> Ran:
        """Run several nbgrader commands in one process, each in its folder."""
        code = (
            "import json, os, sys\n"
            "from nbgrader.apps import NbGraderApp\n"
            "for folder, arguments in json.loads(sys.argv[1]):\n"
            "    os.chdir(folder)\n"
            "    NbGraderApp.clear_instance()\n"
            "    NbGraderApp.launch_instance(arguments)\n"
        )
        ran = self.run("python", "-c", code, json.dumps([(str(f), list(a)) for f, a in commands]))
        assert ran.code == 0, ran.said
        return ran

    def environment(self) -> dict[str, str]:
        """The environment of all commands."""
        own = {
            "HOME": str(self.root),
            "JUPYTER_DATA_DIR": str(self.root / "data"),
            "JUPYTER_CONFIG_DIR": str(self.root / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.root / "runtime"),
            "IPYTHONDIR": str(self.root / "ipython"),
            "PYTHONWARNINGS": "ignore",
            # nbgrader calls alembic by its name.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        return {**os.environ, **own}

    def home(self, student: str) -> Path:
        """A student's folder."""
        folder = self.root / "students" / student
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def as_student(self, student: str, command: str) -> tuple[Path, list[str]]:
        """A student's command, for `many`."""
        cache = self.root / "caches" / student
        return self.home(student), [
            command,
            ASSIGNMENT,
            f"--course={COURSE_ID}",
            f"--student={student}",
            f"--Exchange.root={self.exchange}",
            f"--Exchange.cache={cache}",
        ]

    def hand_in(self, edits: Mapping[str, Edit]) -> None:
        """Let students fetch the assignment, edit the notebooks, and submit them; collect all."""
        self.many([self.as_student(student, "fetch_assignment") for student in edits])
        for student, edit in edits.items():
            for name in EXERCISES:
                path = self.home(student) / ASSIGNMENT / f"{name}.ipynb"
                changed = edit(name, json.loads(path.read_text(encoding="utf-8")))
                text = changed if isinstance(changed, str) else json.dumps(changed)
                path.write_text(text, encoding="utf-8")
        submitting = [self.as_student(student, "submit") for student in edits]
        self.many([*submitting, (self.course, ["collect", ASSIGNMENT])])

    def exporting(self, kind: str) -> tuple[Path, list[str]]:
        """The command that writes a table of the scores, for `many`."""
        exporter = f"--exporter=jaxercise.frontends.exports.nbgrader.{kind}"
        return self.course, ["export", exporter, f"--to={self.root / kind}.csv"]


def make(term: NbgraderTerm, *exercises: str) -> Ran:
    """Make the course with `jaxercise course`."""
    ran = term.run(
        "jaxercise", "course", str(term.course), *exercises, "--exchange", str(term.exchange),
        cwd=term.root,
    )  # fmt: skip
    assert ran.code == 0, ran.said
    with open(term.course / "nbgrader_config.py", "a") as config:
        config.write("c.GradeWithEngine.grading_seed = 0\n")  # the same inputs in every checkout
        if not check_machine().ok:  # it is told, and the tests of the sandbox say so
            config.write("c.GradeWithEngine.unsafe_no_sandbox = True\n")
    return ran


def solved(notebook: Notebook, answers: Mapping[str, str]) -> Notebook:
    """A notebook with functions' cells filled in."""
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answers:
            cell["source"] = answers[name]
    return notebook


def read(path: Path) -> Notebook:
    """A notebook's file."""
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(path: Path, notebook: Notebook) -> None:
    """Write a notebook's file."""
    path.write_text(json.dumps(notebook), encoding="utf-8")


def cell_of(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """The cell with an nbgrader name."""
    (found,) = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return dict(found)


def solution(source: str) -> str:
    """A solution cell without its markers."""
    return re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", source, flags=re.MULTILINE)


def scores(term: NbgraderTerm, url: str = "") -> dict[str, dict[str, float | None]]:
    """The gradebook's points, by student and function."""
    url = url or f"sqlite:///{term.course / 'gradebook.db'}"
    with Gradebook(url, COURSE_ID) as gradebook:
        return {
            submission.student.id: {
                grade.name.removeprefix("test_"): None
                if grade.auto_score is None and grade.manual_score is None
                else grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }
