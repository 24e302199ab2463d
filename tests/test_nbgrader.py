"""The whole circle with nbgrader: from `jaxercise course` to `nbgrader export`, nothing mocked."""

from __future__ import annotations

import csv
import datetime
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import nbgrader_commands
import pytest
from jaxercise.frontends.batch.handins import collect
from jaxercise.frontends.batch.lateness import Deadline
from jaxercise.frontends.nbgrader.grading import SaveGrades, write_result
from jaxercise.lateness import LateRule
from jaxercise.sandbox.selftest import check_machine
from jaxercise.verdicts import FunctionResult, Outcome, Verdict
from nbgrader.api import Gradebook
from nbgrader_commands import ASSIGNMENT, EXERCISES, NbgraderTerm, read, scores, solved, write
from nbgrader_term import EXPECTED, OF, half_finished


def test_every_student_gets_the_points_deserved(term: NbgraderTerm) -> None:
    """Finished, half, mistaken, unusual, hostile, broken: each function counts for itself."""
    due = {student: {**OF, **lost} for student, lost in EXPECTED.items()}
    due["dora"]["partial_x"] = OF["partial_x"]
    assert scores(term) == due


def test_autograding_says_who_is_being_graded(term: NbgraderTerm) -> None:
    """A line for each student, with its place among all."""
    said = (term.root / "autograde.txt").read_text()
    for place, student in enumerate(sorted(EXPECTED), 1):
        assert f"Student {student} ({place} of 7): grading 02_grad_vs_cos" in said
    assert "Student ada: 02_grad_vs_cos 14 / 14" in said
    assert "Traceback" not in said


def test_lateness_costs_what_the_course_says(term: NbgraderTerm) -> None:
    """Thirty hours late are two days begun: a fifth of the points."""
    url = f"sqlite:///{term.course / 'gradebook.db'}"
    with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
        late = gradebook.find_submission(ASSIGNMENT, "gil")
        assert late.late_submission_penalty == pytest.approx(0.2 * 24)
        in_time = gradebook.find_submission(ASSIGNMENT, "ada")
        assert not in_time.late_submission_penalty
        due = late.assignment.duedate.replace(tzinfo=datetime.UTC)
    # `jaxercise grade` takes the same off the same tree.
    handins = {one.student: one for one in collect(term.course, EXERCISES).handins}
    deadline = Deadline(LateRule(), due)
    assert {name: deadline.of(handins[name]).share for name in ("gil", "ada")} == {
        "gil": pytest.approx(0.2), "ada": 0,
    }  # fmt: skip


def fetched(term: NbgraderTerm, student: str, name: str) -> str:
    """The feedback page that a student has fetched."""
    (page,) = (term.home(student) / ASSIGNMENT / "feedback").glob(f"*/{name}.html")
    return page.read_text(encoding="utf-8")


def test_students_fetch_feedback_that_explains(term: NbgraderTerm) -> None:
    """The page shows claim, call and likely cause, and no line of the solution."""
    page = fetched(term, "cem", "02_grad_vs_cos")
    for told in ("Likely cause:", "largest_gap(f, df, x)", "The sign is kept"):
        assert told in page
    assert "jnp.sort(x)" not in page  # of the solution to `plot`
    assert '<a href="#test_largest_gap">largest_gap</a> (Score: 0.0 / 5.0)' in page
    assert "Test cell" not in page
    assert "There was no cell with largest_gap" in fetched(term, "finn", "02_grad_vs_cos")
    assert "is damaged or cut off" in fetched(term, "finn", "02_grad_vs_cos")
    cut = read(term.course / "autograded" / "finn" / ASSIGNMENT / "02_grad_vs_cos.ipynb")
    assert [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cut["cells"]][-4:] == [
        "largest_gap", "test_largest_gap", "plot", "test_plot",
    ]  # fmt: skip
    assert "It was read as code" in fetched(term, "finn", "04_partial_derivatives").replace(
        "it was", "It was"
    )


def test_a_test_cell_is_the_course_s_again(term: NbgraderTerm) -> None:
    """What a student wrote into a test cell is gone, and worth nothing."""
    path = term.course / "autograded" / "eve" / ASSIGNMENT / "04_partial_derivatives.ipynb"
    cell = nbgrader_commands.cell_of(json.loads(path.read_text()), "test_partial_y")
    assert "".join(cell["source"]) == 'from jaxercise import check\n\ncheck("partial_y")'
    assert cell["metadata"]["nbgrader"]["points"] == 2
    page = fetched(term, "eve", "04_partial_derivatives")
    assert "The cell test_partial_y had been changed" in page


def exported(term: NbgraderTerm, kind: str) -> list[dict[str, str]]:
    """A table as `nbgrader export` has written it."""
    with open(term.root / f"{kind}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_tidy_export_has_a_row_for_each_function(term: NbgraderTerm) -> None:
    """Points, state, misconception and time; formulas are no formulas any more."""
    rows = exported(term, "Tidy")
    assert len(rows) == 9 * len(OF)
    found = {(row["student"], row["function"]): row for row in rows}
    gap = found["cem", "largest_gap"]
    assert (gap["points"], gap["max_points"], gap["state"]) == ("0", "5", "wrong")
    assert gap["misconception"]
    assert gap["attempted"]
    assert found["hana", "plot"]["state"] == "not handed in"
    assert found["'=1+1", "plot"]["points"] == "0"


def test_canvas_and_moodle_take_the_totals(term: NbgraderTerm) -> None:
    """A line a student with the total, lateness taken off; Canvas' second line has the points."""
    rows = {row["SIS Login ID"]: row for row in exported(term, "Canvas")}
    assert rows[""]["Student"] == "    Points Possible"
    assert rows[""][ASSIGNMENT] == "24"
    assert rows["ada"][ASSIGNMENT] == "24"
    assert float(rows["gil"][ASSIGNMENT]) == pytest.approx(24 * 0.8)
    moodle = {row["username"]: row for row in exported(term, "Moodle")}
    assert moodle["hana"][ASSIGNMENT] == "0"
    told = f"{ASSIGNMENT} (feedback)"
    assert moodle["hana"][told] == "not handed in"
    each = "02_grad_vs_cos 14 / 14, 04_partial_derivatives 10 / 10"
    assert (moodle["ada"][told], moodle["gil"][told]) == (each, f"{each}, late: -4.8")
    assert moodle["'=1+1"]["firstname"] == "'=cmd"


@pytest.mark.nightly
def test_a_manual_grade_outlives_regrading(term: NbgraderTerm) -> None:
    """What a person has decided stays when the engine grades again."""
    url = f"sqlite:///{term.course / 'gradebook.db'}"
    with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
        grade = gradebook.find_grade("test_plot", EXERCISES[0], ASSIGNMENT, "bob")
        grade.manual_score = 3.5
        gradebook.db.commit()
    term.nbgrader("autograde", ASSIGNMENT, "--student=bob", "--force")
    assert scores(term)["bob"]["plot"] == 3.5
    with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
        grade = gradebook.find_grade("test_plot", EXERCISES[0], ASSIGNMENT, "bob")
        assert not grade.needs_manual_grade
    _save_grades(term, "bob", EXERCISES[0])  # of a hand-in that was not there the last time
    with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
        grade = gradebook.find_grade("test_plot", EXERCISES[0], ASSIGNMENT, "bob")
        assert grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = None, False
        gradebook.db.commit()


def _save_grades(term: NbgraderTerm, student: str, name: str, failed: str = "") -> None:
    """Save what was graded once more, as if the grader had failed on one cell."""
    path = term.course / "autograded" / student / ASSIGNMENT / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if failed and cell.metadata.get("nbgrader", {}).get("grade_id") == f"test_{failed}":
            outcome = Outcome(name, failed, "claim", Verdict.INTERNAL, 0, 3, "So it is.")
            write_result(cell, FunctionResult(name, failed, [outcome]), 0)
    about = {
        "notebook": name,
        "assignment": ASSIGNMENT,
        "student": student,
        "db_url": f"sqlite:///{term.course / 'gradebook.db'}",
    }
    SaveGrades().preprocess(notebook, {"nbgrader": about})


@pytest.mark.nightly
def test_a_fault_of_the_grader_s_is_no_zero(term: NbgraderTerm) -> None:
    """Where the grader itself failed there is no score, and a person is asked to look."""
    name = "04_partial_derivatives"
    _save_grades(term, "dora", name, failed="gradient")
    try:
        assert scores(term)["dora"]["gradient"] is None
        assert scores(term)["dora"]["partial_y"] == 2
        term.many([term.exporting("Tidy"), term.exporting("Canvas")])
        (row,) = [
            row
            for row in exported(term, "Tidy")
            if (row["student"], row["function"]) == ("dora", "gradient")
        ]
        assert row["points"] == ""
        rows = {row["SIS Login ID"]: row for row in exported(term, "Canvas")}
        assert rows["dora"][ASSIGNMENT] == ""
        assert rows["cem"][ASSIGNMENT] == "12"
    finally:
        _save_grades(term, "dora", name)
    assert scores(term)["dora"]["gradient"] == 3


@pytest.mark.nightly
def test_points_that_have_changed_are_told_before_anything_is_graded(term: NbgraderTerm) -> None:
    """The gradebook's points differ from the claims': a sentence, and nothing is touched."""
    url = f"sqlite:///{term.course / 'gradebook.db'}"
    before = scores(term)

    def worth(points: float) -> None:
        with Gradebook(url, nbgrader_commands.COURSE_ID) as gradebook:
            gradebook.find_graded_cell("test_plot", EXERCISES[0], ASSIGNMENT).max_score = points
            gradebook.db.commit()

    worth(7)
    try:
        ran = term.run("nbgrader", "autograde", ASSIGNMENT, "--force")
    finally:
        worth(4)
    assert ran.code == 1
    assert "test_plot: 7 there, 4 here" in ran.said
    assert "Nothing was graded." in ran.said
    assert scores(term) == before
    assert (term.course / "autograded" / "ada" / ASSIGNMENT).is_dir()


@pytest.mark.nightly
def test_without_a_sandbox_nothing_is_graded_unless_somebody_insists(term: NbgraderTerm) -> None:
    """A sentence and nothing touched; or it is graded, and each feedback page says how."""
    nowhere = {"PATH": str(Path(sys.executable).parent)}  # no bubblewrap there
    again = ("autograde", ASSIGNMENT, "--student=bob", "--force")
    before = scores(term)
    ran = term.run("nbgrader", *again, environment=nowhere)
    assert ran.code == 1
    assert "No sandbox for student code: bubblewrap is not installed" in ran.said
    assert "unsafe_no_sandbox = True" in ran.said
    assert (term.course / "autograded" / "bob" / ASSIGNMENT).is_dir()
    insist = "--GradeWithEngine.unsafe_no_sandbox=True"
    ran = term.run("nbgrader", *again, insist, environment=nowhere)
    assert ran.code == 0, ran.said
    assert scores(term) == before
    told = "graded without a sandbox"
    for name in EXERCISES:
        path = term.course / "autograded" / "bob" / ASSIGNMENT / f"{name}.ipynb"
        assert told in "".join(read(path)["cells"][0]["source"])
    sandboxed = term.course / "autograded" / "ada" / ASSIGNMENT / f"{EXERCISES[0]}.ipynb"
    assert (told in sandboxed.read_text()) is not check_machine().ok


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes all")
def test_an_exchange_that_cannot_be_written_is_told(term: NbgraderTerm, tmp_path: Path) -> None:
    """nbgrader's own sentence, and a failing exit status."""
    tmp_path.chmod(0o555)
    ran = term.run("nbgrader", "release_assignment", ASSIGNMENT, f"--Exchange.root={tmp_path}")
    assert ran.code == 1
    assert "Unwritable directory" in ran.said


def metadata(term: NbgraderTerm, name: str) -> dict[str, Any]:
    text = (term.course / "source" / ASSIGNMENT / f"{name}.ipynb").read_text()
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]
        for cell in json.loads(text)["cells"]
        if "nbgrader" in cell["metadata"]
    }


def test_released_notebooks_hold_no_answer(term: NbgraderTerm) -> None:
    """The source has solutions and the release none; every function has its two cells."""
    for name in EXERCISES:
        release = (term.course / "release" / ASSIGNMENT / f"{name}.ipynb").read_text()
        source = (term.course / "source" / ASSIGNMENT / f"{name}.ipynb").read_text()
        assert "SOLUTION" in source
        assert "SOLUTION" not in release
        assert "raise NotImplementedError" in release
        assert "**Check yourself** with the cell below each function" in release
        assert "pytest" not in release
    cells = metadata(term, "02_grad_vs_cos")
    assert list(cells) == [
        "derivative", "test_derivative", "largest_gap", "test_largest_gap", "plot", "test_plot",
    ]  # fmt: skip
    assert cells["test_derivative"] == {
        "grade": True, "grade_id": "test_derivative", "locked": True, "points": 5,
        "schema_version": 3, "solution": False, "task": False,
    }  # fmt: skip


@pytest.mark.nightly
def test_the_source_validates_and_the_release_does_not(term: NbgraderTerm) -> None:
    """nbgrader runs the notebook in a kernel; the check cells fail where points are lacking."""
    name = f"{EXERCISES[1]}.ipynb"
    ran = term.nbgrader("validate", f"source/{ASSIGNMENT}/{name}")
    assert "Success! Your notebook passes all the tests." in ran.said
    ran = term.nbgrader("validate", "--invert", f"release/{ASSIGNMENT}/{name}")
    assert "Success! The notebook does not pass any tests." in ran.said
    # What Hypothesis keeps lay here once, and travelled with the assignment.
    assert not list(term.course.rglob(".hypothesis"))


@pytest.mark.nightly
def test_a_course_that_nbgrader_has_already_is_graded_as_before_beside_ours(
    tmp_path: Path,
) -> None:
    """nbgrader's own example course takes an exercise; its notebooks are run in a kernel still."""
    term = NbgraderTerm(tmp_path)
    # What `nbgrader quickstart` makes, without the ten seconds that it takes.
    example = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
    shutil.copytree(example, term.course / "source")
    (term.course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.CourseDirectory.course_id = {nbgrader_commands.COURSE_ID!r}\n"
        'c.IncludeHeaderFooter.header = "source/header.ipynb"\n'
    )
    nbgrader_commands.make(term, EXERCISES[1])
    term.many(
        [
            (term.course, ["generate_assignment", ASSIGNMENT]),
            (term.course, ["generate_assignment", "ps1"]),
        ]
    )
    submitted = term.course / "submitted" / "bob"
    for assignment in (ASSIGNMENT, "ps1"):
        shutil.copytree(term.course / "release" / assignment, submitted / assignment)
    ours, theirs = (
        submitted / ASSIGNMENT / f"{EXERCISES[1]}.ipynb",
        submitted / "ps1/problem1.ipynb",
    )
    write(ours, half_finished(EXERCISES[1], read(ours)))
    squares = "def squares(n):\n    if n < 1:\n        raise ValueError\n"
    right = squares + "    return [i ** 2 for i in range(1, n + 1)]"
    write(theirs, solved(read(theirs), {"squares": right}))
    term.nbgrader("autograde", ASSIGNMENT)
    assert scores(term)["bob"]["partial_x"] == OF["partial_x"]
    said = term.nbgrader("autograde", "ps1").said
    assert "own solutions" not in said  # no engine, no sandbox: none of ours is in it
    with Gradebook(f"sqlite:///{term.course / 'gradebook.db'}") as gradebook:
        cells = gradebook.find_submission_notebook("problem1", "ps1", "bob").grades
        points = {cell.name: cell.auto_score for cell in cells}
    assert points["correct_squares"] == 1
    assert points["correct_sum_of_squares"] == 0
