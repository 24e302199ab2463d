"""One work, one score: every frontend gives the same points for the same submission.

In CI a fixed few, of which one exercise is graded, nightly all; `JAXERCISE_PARITY=all pytest
tests/ -k parity` takes every right answer, every misconception and every submission that the kit
ships, through every frontend and through an installed pack, which takes an hour or so.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import combined
import nbgrader_commands
import pytest
from jaxercise.claims.loading import load_exercise
from nbgrader.api import Gradebook
from nbgrader_commands import ASSIGNMENT, NbgraderTerm
from parity import COMPARED, GRADED, by_pytest, cells_of, laid_out, names
from running import COURSE, grade
from test_exports import ENVIRONMENT

Points = Mapping[str, float]


@pytest.fixture(scope="session")
def course_of_all(tmp_path_factory: pytest.TempPathFactory) -> NbgraderTerm:
    """A course to which all the submissions have been handed in, graded by nbgrader."""
    term = NbgraderTerm(tmp_path_factory.mktemp("parity"))
    nbgrader_commands.make(term, *COMPARED)
    term.nbgrader("generate_assignment", ASSIGNMENT)
    for name in names():
        combined.notebooks(term.course / "submitted" / name / ASSIGNMENT, cells_of(name))
    term.nbgrader("autograde", ASSIGNMENT, seconds=len(names()) * nbgrader_commands.SECONDS)
    term.nbgrader(
        "export",
        "--exporter=jaxercise.frontends.exports.nbgrader.Tidy",
        f"--to={term.root / 'tidy.csv'}",
    )
    return term


def by_gradebook(term: NbgraderTerm, name: str) -> Points:
    url = f"sqlite:///{term.course / 'gradebook.db'}"
    with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
        return {
            f"{notebook.name}.{grade.name.removeprefix('test_')}": grade.score
            for notebook in gradebook.find_submission(ASSIGNMENT, name).notebooks
            for grade in notebook.grades
        }


def by_export(term: NbgraderTerm, name: str) -> Points:
    with open(term.root / "tidy.csv", newline="") as file:
        return {
            f"{row['exercise']}.{row['function']}": float(row["points"])
            for row in csv.DictReader(file)
            if row["student"] == name
        }


#: A session as students have it: cell by cell, and then the check cell under each function.
SESSION = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

files, functions, target = json.loads(sys.stdin.read())
points = {}
shell = InteractiveShell.instance()
for name, cells in files.items():
    shell.reset()
    for cell in cells:
        shell.run_cell(cell)  # one that fails does not stop the next
    for function in functions[name]:
        check = f"from jaxercise import check\\npoints = check('{name}.{function}')"
        shell.run_cell(check).raise_error()
        points[f"{name}.{function}"] = shell.user_ns["points"]
with open(target, "w") as file:
    json.dump(points, file)
"""


def by_check_cells(name: str, folder: Path) -> Points:
    """What the check cells say in a session that has run all cells."""
    target = folder / "live.json"
    files = {exercise: [] for exercise in COMPARED} | dict(cells_of(name))
    functions = {exercise: list(load_exercise(COURSE, exercise).functions) for exercise in files}
    subprocess.run(
        [sys.executable, "-c", SESSION],
        input=json.dumps([files, functions, str(target)]),
        env={**os.environ, "NBGRADER_EXECUTION": "autograde"},  # so a check returns its points
        cwd=folder, text=True, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    points: Points = json.loads(target.read_text())
    return points


def by_classroom_50(submission: Path, folder: Path) -> Points:
    """The points in the `result.json` of Classroom 50."""
    target = folder / "result.json"
    subprocess.run(
        [sys.executable, "-m", "jaxercise", "classroom50", str(submission), "--to", str(target)],
        env={**os.environ, **ENVIRONMENT},
        check=True,
    )
    result = json.loads(target.read_text())
    return {test["test-name"]: test["score"] / 100 for test in result["tests"]}


def compared(points: Points) -> Points:
    """Without what was not handed in."""
    assert not any(points[one] for one in points if one.partition(".")[0] not in COMPARED)
    return {one: points[one] for one in points if one.partition(".")[0] in COMPARED}


@pytest.mark.parametrize("name", names())
def test_every_frontend_gives_the_same_points(
    name: str, course_of_all: NbgraderTerm, tmp_path: Path
) -> None:
    """pytest and Gradescope's file, nbgrader, exports, Classroom 50's file, and check cells."""
    due = compared(by_pytest(name).scores)  # of `results.json`, as Gradescope gets it
    assert by_gradebook(course_of_all, name) == due
    assert by_export(course_of_all, name) == due
    notebooks = laid_out(name, combined.notebooks)
    assert compared(grade(notebooks, what=GRADED).scores) == due
    assert compared(by_classroom_50(notebooks, tmp_path)) == due
    assert by_check_cells(name, tmp_path) == due


def test_combined_submissions_hold_every_body() -> None:
    """No right answer and no misconception is left out."""
    listed = combined.bodies()
    held = {
        (key, one[number % len(one)].qualname)
        for number in range(combined.count())
        for key, one in listed.items()
    }
    every = {(key, body.qualname) for key, one in listed.items() for body in one}
    assert held == every
    assert len(every) >= 500
    print(f"{len(every)} bodies in {combined.count()} submissions")
