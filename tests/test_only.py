"""Choosing functions: `--only` in every door, `--lf`, and the tree that editors show."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jaxercise.claims.loading import load_exercises
from jaxercise.course import CourseError
from jaxercise.frontends.batch.grade import GradeRequest, _checked
from jaxercise.frontends.reports.choices import Only, only
from needs import NIGHTLY
from running import COURSE, EXERCISES, RIGHT, ROOT, SUBMISSIONS, grade, property_files, write

DERIVATIVE = f"{EXERCISES['02']}.derivative"
WRONG = "def derivative(f, x):\n    return f(x[0]) + x\n"


def chosen(*words: str) -> list[str]:
    """The functions that words choose."""
    exercises = load_exercises(only(COURSE, words))
    return [f"{one.name[:2]}.{name}" for one in exercises for name in one.functions]


@pytest.mark.parametrize(
    ("words", "functions"),
    [
        ("02.derivative", "02.derivative"),
        ("02_grad_vs_cos.derivative", "02.derivative"),
        ("04", "04.partial_x 04.partial_y 04.gradient 04.loss_and_gradient"),
        ("05_per_example_gradients", "05.per_example_gradients 05.batch_gradient"),
        ("02.plot 01.batched", "01.batched 02.plot"),
        ("batched", "01.batched"),
    ],
)
def test_names_choose_functions_exactly(words: str, functions: str) -> None:
    assert chosen(*words.split()) == functions.split()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("02.derivativ", "Is 02.derivative meant?"),
        ("01.predict", "Is 01.batch_predict or"),
        ("derivativ", "Is 02.derivative or 03.nth_derivative"),
        ("02.nothing", "There are 02.derivative, 02.largest_gap, 02.plot."),
        ("9", f"There are {EXERCISES['01']}, {EXERCISES['02']}"),
        ("largest_gap", "may be 02.largest_gap or 03.largest_gap: write which."),
        ("02.", "There are 02.derivative"),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_near_ones(word: str, said: str) -> None:
    with pytest.raises(CourseError, match=r"--only ") as raised:
        only(COURSE, ["01", word])
    assert said in str(raised.value)


def test_it_can_be_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In short, in full, and behind a comma."""
    monkeypatch.chdir(ROOT)
    assert "02.derivative" in Only.completer("02.")
    assert DERIVATIVE in Only.completer("02_grad")
    assert f"01,{DERIVATIVE}" in Only.completer("01,02_g")


def test_pytest_shows_claims_by_their_function(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "autograder", "--collect-only", "-q"]
    done = subprocess.run(
        [*command, "--only", "02.derivative,01.batched", "-p", "no:cacheprovider"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    heads = {line.rpartition("::")[0] for line in ids}
    files = [f"autograder/test_{EXERCISES[number]}.py" for number in ("01", "02")]
    assert heads == {f"{files[0]}::batched", f"{files[1]}::derivative"}


def test_what_is_chosen_is_graded_as_without(tmp_path: Path) -> None:
    """By name, and nightly by the node that stands for the function."""
    submission = SUBMISSIONS / "typical_mistakes"
    by_name = grade(submission, "--only", "02.derivative")
    assert list(by_name.entries) == [DERIVATIVE]
    assert by_name.scores[DERIVATIVE] == 0
    if NIGHTLY:
        node = f"autograder/test_{EXERCISES['02']}.py::derivative"
        assert by_name.entries == grade(submission, what=[node]).entries


def test_an_unknown_name_ends_a_run(tmp_path: Path) -> None:
    assert grade(None, "--only", "02.derivativ", what=property_files([EXERCISES["02"]])).code == 4


def test_last_failed_looks_at_whole_functions(tmp_path: Path) -> None:
    """Claims that waited for one that failed come along, functions not attempted do not."""
    submission = write(tmp_path / "work", {"02": f"import jax\n\n{WRONG}"})
    options = ("--only", "02", "-o", f"cache_dir={tmp_path / 'cache'}")

    def run(*more: str) -> str:
        command = [sys.executable, "-m", "pytest", "autograder", "--submission", str(submission)]
        done = subprocess.run([*command, *options, *more], cwd=ROOT, capture_output=True, text=True)
        return done.stdout

    assert "not attempted" in run()
    write(submission, {"02": RIGHT["02"]})
    out = run("--lf")
    assert "not attempted" not in out
    assert "5 of 5. 1 function, 5 claims" in out


def test_last_failed_looks_at_what_was_written_since(tmp_path: Path) -> None:
    """Beside what was not right; what is right, and what is still a stub, are left out."""
    stub = "def plot(x):\n    raise NotImplementedError\n"
    written = "def largest_gap(f, df, x):\n    return derivative(f, x)\n"
    submission = write(tmp_path / "work", {"02": f"import jax\n\n{WRONG}\n{stub}"})
    options = ("--only", "02", "-o", f"cache_dir={tmp_path / 'cache'}")
    command = [sys.executable, "-m", "pytest", "autograder", "--submission", str(submission)]

    def run(*more: str) -> str:
        done = subprocess.run([*command, *options, *more], cwd=ROOT, capture_output=True, text=True)
        return done.stdout

    run()
    write(submission, {"02": f"{RIGHT['02']}\n{written}\n{stub}"})
    first, second = run("--lf"), run("--lf")
    assert "done: derivative" in first
    assert "02_grad_vs_cos.largest_gap    0 / 5    wrong" in first
    assert "not attempted" not in first + second
    assert "02_grad_vs_cos.largest_gap    0 / 5    wrong" in second
    assert "derivative" not in second.partition(" points ")[2]
    write(submission, {"02": f"{RIGHT['02']}\n{stub}"})
    run("--lf")  # nothing that is written is wrong any more
    third = run("--lf")
    assert "done: derivative" in third
    assert "not attempted: largest_gap, plot" in third


def test_a_class_has_what_is_chosen(tmp_path: Path) -> None:
    write(tmp_path / "class" / "eve", {"02": RIGHT["02"]})
    where = tmp_path / "class", tmp_path / "out", ROOT
    settings, _, _ = _checked(GradeRequest(*where, only=["02.derivative"], seed=0))
    assert settings.exercises == (EXERCISES["02"],)
    (exercise,) = load_exercises(settings.opened())
    assert list(exercise.functions) == ["derivative"]


@pytest.mark.nightly
def test_a_class_is_graded_on_what_is_chosen(tmp_path: Path) -> None:
    write(tmp_path / "class" / "eve", {"02": RIGHT["02"]})
    command = [sys.executable, "-m", "jaxercise", "grade", str(tmp_path / "class"), "--out"]
    done = subprocess.run(
        [*command, str(tmp_path / "out"), "--only", "02.derivative", "--jobs", "1",
         "--unsafe-no-sandbox", "--grading-seed", "0"],
        cwd=ROOT, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["function"], row["points"], row["max_points"]) for row in rows] == [
        ("derivative", "5", "5")
    ]
