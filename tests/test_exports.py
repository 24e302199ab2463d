"""Score files for other programs, each as that program reads it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from jaxercise.__main__ import main
from jaxercise.frontends.exports.classroom import NoScoreError, classroom_result
from jaxercise.frontends.exports.nbgrader import UNGRADED, Moodle, Tidy
from jaxercise.frontends.exports.rows import Row, rows_of
from jaxercise.frontends.exports.tables import (
    Gradebook,
    canvas_table,
    moodle_table,
    table_text,
    tidy_table,
)
from jaxercise.frontends.nbgrader.lateness import LatePenalty
from jaxercise.verdicts import Finding, FunctionResult, Outcome, Verdict
from nbgrader.api import Gradebook as GradebookOfNbgrader
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from running import RIGHT, ROOT, notebook, write


def result(function: str, points: float, verdict: str = "passed", name: str = "") -> FunctionResult:
    finding = Finding("value", "no", misconception=name) if name else None
    outcome = Outcome("01_vmap", function, "claim", Verdict(verdict), points, 2.0, "So.", finding)
    return FunctionResult("01_vmap", function, [outcome])


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


FORMULAS = ["=1+1", "+49", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u202e=1", "\u3000=1"]
FORMULAS += ["\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\ufe661", "\u22121", "\u207a1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    """A spreadsheet shows what would be obeyed; numbers stay numbers, also negative ones."""
    row = Row(text, "01_vmap", text, -1.5, 2.0, state=text, misconception=text, attempted=text)
    (_, cells) = read(table_text(tidy_table([row])))
    text = text if text.isprintable() else f" {text[1:]}"
    assert cells == [f"'{text}", "01_vmap", f"'{text}", "-1.5", "2", *[f"'{text}"] * 3, *[""] * 5]


def test_no_cell_is_obeyed_by_a_terminal() -> None:
    """Neither an escape sequence nor a mark that turns the direction reaches a table alive."""
    row = Row("a\x1b[31m\u202eb\u2066\x9b\nc", "01_vmap", "f", 1.0, 1.0)
    assert read(table_text(tidy_table([row])))[1][0] == "a [31m b   c"


def test_rows_tell_state_and_misconception() -> None:
    """A function with its points, or without where the grader failed."""
    results = [
        result("batched", 2.0),
        result("all_pairs", 0.5, "wrong", "all_pairs__transposed"),
        result("batch_predict", 0.0, "internal"),
    ]
    assert rows_of("ada", results, "2027-01-01T00:00:00") == [
        Row("ada", "01_vmap", "batched", 2, 2, "done", "", "2027-01-01T00:00:00", None, 0, 2),
        Row("ada", "01_vmap", "all_pairs", 0.5, 2, "partly right", "all_pairs__transposed",
            "2027-01-01T00:00:00", None, 0, 0.5),
        Row("ada", "01_vmap", "batch_predict", None, 2, "internal", "", "2027-01-01T00:00:00",
            reason="The grader itself failed."),
    ]  # fmt: skip


def test_platforms_get_their_columns() -> None:
    """Canvas: five columns and the points below; Moodle: a feedback for each score."""
    lines = [
        Gradebook("ada", {"week1": 11.25, "week2": None}, "Ada", "Lovelace", "a@b.c", "7",
                  {"week1": "=well"}),
    ]  # fmt: skip
    possible = {"week1": 14.0, "week2": 100.0}
    assert read(table_text(canvas_table(lines, possible))) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "week1", "week2"],
        ["    Points Possible", "", "", "", "", "14", "100"],
        ["Lovelace, Ada", "7", "", "ada", "", "11.25", ""],
    ]
    assert read(table_text(moodle_table(lines, possible)))[1] == [
        "ada", "Ada", "Lovelace", "a@b.c", "11.25", "'=well", "", "",
    ]  # fmt: skip


ENVIRONMENT = {
    "CLASSROOM": "jax", "ASSIGNMENT": "transformations", "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://x/commit/1", "RELEASE_URL": "https://x/releases/1",
}  # fmt: skip


def test_classroom_50_gets_integers() -> None:
    """Hundredths of a point; the sum is the score."""
    results = [result("batched", 2.0), result("all_pairs", 0.25, "wrong")]
    made = classroom_result(results, ENVIRONMENT)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made.pop("datetime"))
    assert made == {
        "schema": "classroom50/result/v1",
        "classroom": "jax",
        "assignment": "transformations",
        "submission": "submit/1",
        "commit": "https://x/commit/1",
        "release": "https://x/releases/1",
        "review": "https://x/commit/1",
        "score": 225,
        "max-score": 400,
        "tests": [
            {"test-name": "01_vmap.batched", "passed": True, "score": 200, "max-score": 200},
            {"test-name": "01_vmap.all_pairs", "passed": False, "score": 25, "max-score": 200},
        ],
    }


def test_classroom_50_gets_no_score_that_is_none() -> None:
    """Where the grader failed, or the runner is none, there is a sentence and no result."""
    with pytest.raises(NoScoreError, match=r"the grader failed on 01_vmap\.batched"):
        classroom_result([result("batched", 0, "internal")], ENVIRONMENT)
    with pytest.raises(NoScoreError, match=r"CLASSROOM, ASSIGNMENT, .* not set"):
        classroom_result([result("batched", 2)], {})


@pytest.mark.parametrize(
    ("minutes", "costs"),
    [(0, None), (10, None), (10.1, 1.2), (24 * 60, 1.2), (24 * 60 + 1, 2.4), (60 * 24 * 30, 12)],
)
def test_lateness(minutes: float, costs: float | None) -> None:
    """Nothing for ten minutes, then a tenth for each day begun, never more than there is."""
    due = None if costs is None else pytest.approx(costs)
    assert LatePenalty().late_submission_penalty("ada", 12.0, 60 * minutes) == due


SEED = "481516234"


@pytest.fixture(scope="module")
def gradescope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gradescope's folder with the archive unpacked, as it is before the first submission."""
    base = tmp_path_factory.mktemp("autograder")
    archive = base / "autograder.zip"
    assert main(["gradescope", str(archive), "--grading-seed", SEED]) == 0
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(base / "source")
    for name in ("submission", "results"):
        (base / name).mkdir()
    return base


def run_autograder(base: Path) -> dict[str, object]:
    """What Gradescope does with a submission; the results."""
    environment = {**os.environ, "AUTOGRADER": str(base), "PYTHON": sys.executable}
    done = subprocess.run(
        ["bash", str(base / "source" / "run_autograder")],
        cwd=base, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Graded with seed {SEED}." in done.stdout  # which instructors see, and no student
    results: dict[str, object] = json.loads((base / "results" / "results.json").read_text())
    return results


def test_gradescope_s_archive_holds_the_kit(gradescope: Path) -> None:
    """The two scripts at its root, and everything that grading needs."""
    source = gradescope / "source"
    names = {path.name for path in source.iterdir()}
    assert names == {"setup.sh", "run_autograder", "kit"}
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(source / name)], check=True)
    with zipfile.ZipFile(gradescope / "autograder.zip") as archive:
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
        assert not [name for name in archive.namelist() if "__pycache__" in name]
    assert (source / "kit" / "solutions" / "01_vmap.py").exists()
    assert not (source / "kit" / "tests").exists()


def test_gradescope_gets_its_results(gradescope: Path) -> None:
    """A submission is graded by the archive's own copy, and `results.json` is Gradescope's."""
    folder = gradescope / "submission"
    write(folder, {"04_partial_derivatives.ipynb": notebook(RIGHT["04"])})
    results = run_autograder(gradescope)
    assert results["score"] == 4
    tests = results["tests"]
    assert isinstance(tests, list)
    (entry,) = [one for one in tests if one["name"] == "04_partial_derivatives.partial_x"]
    assert (entry["score"], entry["max_score"], entry["status"]) == (2, 2, "passed")
    assert SEED not in json.dumps(results)
    (folder / "04_partial_derivatives.ipynb").unlink()


def test_gradescope_hears_of_a_submission_that_is_none(gradescope: Path) -> None:
    """There is always a `results.json`, and it says why there are no points."""
    (gradescope / "submission" / "essay.txt").write_text("vmap")
    results = run_autograder(gradescope)
    assert results["score"] == 0
    assert "holds none of the exercises" in str(results["output"])


def test_an_archive_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and a failing exit status."""
    archive = str(tmp_path / "none" / "a.zip")
    assert main(["gradescope", archive, "--grading-seed", SEED]) == 1
    assert capsys.readouterr().err.startswith("jaxercise gradescope: cannot write")
    assert (ROOT / "autograder").exists()


@pytest.mark.filterwarnings("ignore:Object of type .* not in session")  # nbgrader's own
def test_only_what_was_not_handed_in_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has handed in and was not graded has rows without points, and is named at the end."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    for student in ("ivo", "jan"):
        write(tmp_path / "submitted" / student / "week1", {"01_vmap.ipynb": "{}"})
    with GradebookOfNbgrader(url) as gradebook:
        gradebook.add_assignment("week1")
        gradebook.add_notebook("01_vmap", "week1")
        gradebook.add_grade_cell(
            "test_batched", "01_vmap", "week1", max_score=2, cell_type="code"
        )  # fmt: skip
        for student in ("hana", "ivo", "jan"):
            gradebook.add_student(student)
        gradebook.update_or_create_submission("week1", "jan")
        app = NbGrader()
        app.coursedir = CourseDirectory(root=str(tmp_path), parent=app)
        exporters = {kind: kind(parent=app) for kind in (Tidy, Moodle)}
        rows = {row[0]: row for row in list(exporters[Tidy].table(gradebook))[1:]}
        moodle = {row[0]: row[4:] for row in list(exporters[Moodle].table(gradebook))[1:]}
    assert rows["hana"][3:6] == [0.0, 2.0, "not handed in"]
    for student in ("ivo", "jan"):
        assert rows[student][3:6] == [None, 2.0, "not graded"]
        assert rows[student][-1] == UNGRADED
        assert moodle[student][0] is None
    assert moodle["hana"] == [0.0, "not handed in"]
    assert moodle["ivo"][1] == UNGRADED
    told = exporters[Tidy].ungraded
    assert sorted(line.partition(",")[0] for line in told) == ["ivo", "jan"]
