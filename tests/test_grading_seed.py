"""The class's seed: made once, kept from students, and what a table of seed 0 is worth under it."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import stat
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from jaxercise.authoring.new import begin_course
from jaxercise.authoring.pack.archive import members
from jaxercise.claims import draws
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course, CourseError
from jaxercise.engine import Engine
from jaxercise.frontends.exports.gradescope import gradescope_archive
from jaxercise.frontends.nbgrader import engine as nbgrader
from jaxercise.sandboxed.limits import Limits
from jaxercise.submission import read_submission
from needs import NIGHTLY
from running import COURSE, write

EXERCISE = "01_topic"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one exercise."""
    return begin_course(tmp_path / "course", EXERCISE)[0]


def test_the_seed_is_made_once_whoever_asks(course: Course) -> None:
    """Graders that begin side by side have the same one, and so has whoever comes later."""
    with ThreadPoolExecutor(8) as threads:
        seeds = set(threads.map(lambda _: Course(course.root).grading_seed(), range(40)))
    assert len(seeds) == 1
    assert 0 not in seeds
    kept = course.root / "grading-seed.txt"
    assert kept.read_text() == f"{seeds.pop()}\n"
    readable = stat.S_IMODE(kept.stat().st_mode) & 0o444
    assert readable == stat.S_IMODE(course.autograder.stat().st_mode) & 0o444
    assert not [path for path in course.root.iterdir() if path.name.startswith(".grading")]
    kept.write_text("twelve")
    with pytest.raises(CourseError, match="--grading-seed N"):
        course.grading_seed()


def test_no_student_gets_it(course: Course) -> None:
    """It is in no pack; Gradescope's archive, which holds the solutions as well, carries it."""
    seed = course.grading_seed()
    files = members(course, course.names())
    assert files
    told = str(seed).encode()
    assert not [name for name, data in files.items() if "seed" in name or told in data]
    with zipfile.ZipFile(io.BytesIO(gradescope_archive(course, seed))) as archive:
        assert archive.read("kit/grading-seed.txt") == told + b"\n"


def _classroom_50(course: Course, *options: str) -> tuple[int, str]:
    """What Classroom 50's autograder gives a submission that knows what seed 0 asks."""
    variables = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    to = course.root / "result.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "jaxercise", "classroom50", str(course.root / "work")),
            *("--course", str(course.root), "--to", str(to), *options),
        ],
        env={**os.environ, **dict.fromkeys(variables, "x")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(to.read_text())["score"], done.stdout


def test_classroom_50_makes_no_seed_and_tells_none(course: Course) -> None:
    """Its runner is the students' own: it grades with their seed, or with one that is given."""
    text = course.solution(EXERCISE).read_text()
    write(course.root / "work", {f"{EXERCISE}.py": text})
    full, said = _classroom_50(course)
    assert "Graded with seed 0, with which students check themselves." in said
    assert not course.kept_seed.exists()
    seed = course.grading_seed()
    assert full == 300
    if NIGHTLY:
        score, said = _classroom_50(course)
        assert "Graded with a seed of the class's own." in said
        assert score == full
        assert str(seed) not in said


def test_nbgrader_grades_with_it(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the configuration names another one."""
    opened: list[int] = []
    monkeypatch.setattr(nbgrader, "compiled_references", lambda *_: None)
    monkeypatch.setattr(nbgrader, "open_sandbox", lambda **_: None)
    monkeypatch.setattr(nbgrader, "Engine", lambda *_, seed, **__: opened.append(seed))
    for seed in (None, 3):
        nbgrader.WarmEngine.open(course, logging.getLogger(), seed=seed)
    assert opened == [course.grading_seed(), 3]


def _graded(course: Course, folder: Path, *options: str) -> str:
    command = [
        *(sys.executable, "-m", "jaxercise", "grade", str(folder / "class"), "--out"),
        *(str(folder / "out"), "--course", str(course.root), "--unsafe-no-sandbox", "--jobs", "1"),
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return done.stderr + done.stdout


def test_a_class_is_graded_with_it_and_reports_say_so(course: Course, tmp_path: Path) -> None:
    """And no student's page names the seed."""
    (tmp_path / "class" / "ana").mkdir(parents=True)
    name = f"{EXERCISE}.py"
    text = course.solution(EXERCISE).read_text()
    (tmp_path / "class" / "ana" / name).write_text(text)
    (tmp_path / "times.csv").write_text("ana,2027-02-01T12:00:00+01:00\n")
    late = ["--due", "2027-01-31T23:59:00+01:00", "--submitted-at", str(tmp_path / "times.csv")]
    said = _graded(course, tmp_path, *late)
    seed = course.grading_seed()
    assert said.count(f"seed {seed}") == 2
    out = tmp_path / "out"
    record = out / "results" / "ana.json"
    assert json.loads(record.read_text())["seed"] == seed
    assert f"seed {seed}" in (out / "report.html").read_text()
    (row,) = csv.DictReader((out / "scores.csv").read_text().splitlines())
    assert row["seed"] == str(seed)
    assert (row["points"], row["late_minutes"], row["points_after"]) == ("3", "721", "2.7")
    assert str(seed) not in (out / "feedback" / "ana.html").read_text()
    if NIGHTLY:
        assert "seed 5." in _graded(course, tmp_path, "--grading-seed", "5")
        assert json.loads(record.read_text())["seed"] == 5
        assert course.grading_seed() == seed


TABLE = """\
import numpy as np

TABLE = {table!r}


def spread(params):
    try:
        return np.array(TABLE[np.asarray(params).tobytes()], np.float32)
    except Exception:
        return np.zeros(2, np.float32)
"""


@pytest.mark.nightly
def test_a_table_of_all_that_students_see_is_worth_nothing_in_a_class(tmp_path: Path) -> None:
    """What answers the values with seed 0 does not with another one."""
    exercise = load_exercise(COURSE, "07_ensemble")
    table = {
        params.tobytes(): np.ptp(params, axis=0).tolist()
        for claim in exercise.claims
        if claim.function.name == "spread" and "params" in claim.strategies
        for drawn in draws.judged_on(claim, 0).examples
        for scale in (1, 2**20, 2**-12)  # those that the claim asks for
        for params in [drawn["params"] * np.float32(scale)]
    }
    assert table
    (tmp_path / "07_ensemble.py").write_text(TABLE.format(table=table))
    submission = read_submission(tmp_path, ["07_ensemble"])
    points = {}
    for seed in (0, 481516234):
        with Engine(COURSE, Limits.of_calls(120.0), seed=seed) as engine:
            results = engine.grade(submission, ["07_ensemble"])
            points[seed] = {one.function: one.points for one in results}["spread"]
    assert points[0] > 0
    assert points[481516234] == 0
