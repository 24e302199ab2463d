"""One work, one score: every frontend gives the same points for the same submission.

In a commit one exercise of a student of the term, nightly a submission that holds right answers and
misconceptions of all; `.ci/nightly parity` takes every right answer, every misconception and every
submission that the kit ships, through every frontend and through an installed pack, which takes an
hour or so.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import combined
import nbgrader_commands
import pytest
from jaxercise.claims.loading import load_exercise
from nbgrader.api import Gradebook
from nbgrader_commands import ASSIGNMENT, EXERCISES, NbgraderTerm
from parity import COMPARED, by_pytest, cells_of, laid_out, names
from running import COURSE, grade, property_files
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
    term.many([term.exporting("Tidy")])
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
    with open(term.root / "Tidy.csv", newline="") as file:
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


def by_check_cells(cells: Mapping[str, list[str]], folder: Path) -> Points:
    """What the check cells say in a session that has run all cells."""
    target = folder / "live.json"
    functions = {exercise: list(load_exercise(COURSE, exercise).functions) for exercise in cells}
    subprocess.run(
        [sys.executable, "-c", SESSION],
        input=json.dumps([dict(cells), functions, str(target)]),
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


def compared(points: Points, exercises: Collection[str] = COMPARED) -> Points:
    """Without what was not handed in."""
    assert not any(points[one] for one in points if one.partition(".")[0] not in exercises)
    return {one: points[one] for one in points if one.partition(".")[0] in exercises}


def of_others(
    cells: Mapping[str, list[str]], notebooks: Path, folder: Path
) -> tuple[Points, Points, Points]:
    """The points of pytest, and so of Gradescope's file, of Classroom 50's, and of check cells."""
    return (
        compared(grade(notebooks, what=property_files(cells)).scores, cells),
        compared(by_classroom_50(notebooks, folder), cells),
        by_check_cells(cells, folder),
    )


def test_a_student_of_the_term_has_the_same_points_everywhere(
    term: NbgraderTerm, tmp_path: Path
) -> None:
    """In the gradebook, its export, and wherever else the notebook is graded."""
    exercise = EXERCISES[1]
    path = term.course / "submitted" / "cem" / ASSIGNMENT / f"{exercise}.ipynb"
    due = by_gradebook(term, "cem")
    due = {name: points for name, points in due.items() if name.startswith(exercise)}
    assert 0 < sum(due.values()) < 10
    exported = by_export(term, "cem")
    assert {name: exported[name] for name in due} == due
    cells = [
        "".join(cell["source"])
        for cell in nbgrader_commands.read(path)["cells"]
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("grade")
    ]
    (tmp_path / "work").mkdir()
    shutil.copy(path, tmp_path / "work")
    for found in of_others({exercise: cells}, tmp_path / "work", tmp_path):
        assert found == due


@pytest.mark.nightly
@pytest.mark.parametrize("name", names())
def test_every_frontend_gives_the_same_points(
    name: str, course_of_all: NbgraderTerm, tmp_path: Path
) -> None:
    """pytest and Gradescope's file, nbgrader, exports, Classroom 50's file, and check cells."""
    due = compared(by_pytest(name).scores)  # of `results.json`, as Gradescope gets it
    assert by_gradebook(course_of_all, name) == due
    assert by_export(course_of_all, name) == due
    for found in of_others(cells_of(name), laid_out(name, combined.notebooks), tmp_path):
        assert found == due


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
