"""One work, one score: every door gives the same points for the same submission.

In CI a fixed few; `JAXERCISE_PARITY=all pytest tests/test_parity.py` takes every right answer,
every misconception and every submission that the kit ships, which takes a while.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import combined
import course
import jupytext
import pytest
from course import ASSIGNMENT, Desk
from door import ROOT, SUBMISSIONS, grade, grade_once
from nbgrader.api import Gradebook

ALL = os.environ.get("JAXERCISE_PARITY") == "all"
SHIPPED = {
    "references": ROOT / "solutions",
    "stubs": ROOT / "exercises",
    **{path.name: path for path in sorted(SUBMISSIONS.iterdir())},
}
#: What CI takes: the shipped one that loses points in most ways, and one of the combined ones.
SAMPLE = ["typical_mistakes", "combined-5"]

Points = Mapping[str, float]


def names() -> list[str]:
    """The submissions to compare, by name."""
    return [*SHIPPED, *(f"combined-{i}" for i in range(combined.count()))] if ALL else SAMPLE


def cells_of(name: str) -> Mapping[str, list[str]]:
    """The code cells of each file of a submission."""
    if name in SHIPPED:
        return {
            path.stem: [
                cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"
            ]
            for path in sorted(SHIPPED[name].glob("[0-9]*.*"))
            if path.suffix in (".py", ".ipynb")
        }
    return combined.cells(int(name.rpartition("-")[2]))


@pytest.fixture(scope="session")
def course_of_all(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A course to which all the submissions have been handed in, graded by nbgrader."""
    desk = Desk(tmp_path_factory.mktemp("parity"))
    course.make(desk)
    desk.nbgrader("generate_assignment", ASSIGNMENT)
    for name in names():
        combined.notebooks(desk.course / "submitted" / name / ASSIGNMENT, cells_of(name))
    desk.nbgrader("autograde", ASSIGNMENT)
    desk.nbgrader(
        "export", "--exporter=autograder.exports.nbgrader.Tidy", f"--to={desk.root / 'tidy.csv'}"
    )
    return desk


def by_gradebook(desk: Desk, name: str) -> Points:
    url = f"sqlite:///{desk.course / 'gradebook.db'}"
    with Gradebook(url, course.COURSE) as gradebook:
        return {
            f"{notebook.name}.{grade.name.removeprefix('test_')}": grade.score
            for notebook in gradebook.find_submission(ASSIGNMENT, name).notebooks
            for grade in notebook.grades
        }


def by_export(desk: Desk, name: str) -> Points:
    with open(desk.root / "tidy.csv", newline="") as file:
        return {
            f"{row['exercise']}.{row['function']}": float(row["points"])
            for row in csv.DictReader(file)
            if row["student"] == name
        }


@pytest.mark.parametrize("name", names())
def test_every_door_gives_the_same_points(name: str, course_of_all: Desk, tmp_path: Path) -> None:
    """pytest on scripts, pytest on notebooks, nbgrader's gradebook and the exported table."""
    files = cells_of(name)
    if name == "typical_mistakes":
        script = grade_once("tests/submissions/typical_mistakes")
    else:
        script = grade(combined.scripts(tmp_path / "scripts", files))
    due = script.scores
    assert by_gradebook(course_of_all, name) == due
    assert by_export(course_of_all, name) == due
    if ALL or name in SAMPLE[1:]:
        notebooks = combined.notebooks(tmp_path / "notebooks", files)
        assert grade(notebooks).scores == due
    shutil.rmtree(tmp_path)


def test_combined_submissions_hold_every_body() -> None:
    """No right answer and no misconception is left out."""
    listed = combined.bodies()
    held = {
        (key, one[number % len(one)].name)
        for number in range(combined.count())
        for key, one in listed.items()
    }
    every = {(key, body.name) for key, one in listed.items() for body in one}
    assert held == every
    assert len(every) >= 500
    print(f"{len(every)} bodies in {combined.count()} submissions")
