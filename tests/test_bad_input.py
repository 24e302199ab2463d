"""What cannot be graded: one clear sentence, a failing exit status, and no traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jaxercise.versions import VersionError, check_versions
from running import COURSE, EXERCISES, RIGHT, Graded, grade, notebook, property_files, write

Make = Callable[[Path], Path]
FOURTH = property_files([EXERCISES["04"]])


def nowhere(folder: Path) -> Path:
    return folder / "nowhere"


def other_files(folder: Path) -> Path:
    return write(folder, {"homework.py": RIGHT["04"], "notes.txt": "jit later"})


def folder_for_a_file(folder: Path) -> Path:
    (folder / "04_partial_derivatives.py").mkdir()
    return folder


def renamed_file(folder: Path) -> Path:
    """One by which nothing tells what it is: neither its name nor a function."""
    return write(folder, {"my work (1).py": "x = 1\n"}) / "my work (1).py"


def text_file(folder: Path) -> Path:
    return write(folder, {"04_partial_derivatives.txt": RIGHT["04"]}) / "04_partial_derivatives.txt"


def both_forms(folder: Path) -> Path:
    files = {"04": RIGHT["04"], "04_partial_derivatives.ipynb": notebook(RIGHT["04"])}
    return write(folder, files)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(nowhere, ["nowhere does not exist"], id="no such path"),
        pytest.param(
            other_files,
            ["holds none of the exercises", "01_vmap", "08_scaling_up"],
            id="none",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            folder_for_a_file,
            ["04_partial_derivatives.py is a folder where a file should be"],
            id="folder for a file",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            renamed_file,
            ["my work (1).py is none of the exercises", "Rename"],
            id="name",
        ),
        pytest.param(
            text_file,
            ["04_partial_derivatives.txt is none of the exercises"],
            id="neither form",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_what_cannot_be_graded_is_refused(make: Make, told: list[str], tmp_path: Path) -> None:
    """A path with nothing to grade ends in one `ERROR:` line that says what is the matter."""
    graded = grade(make(tmp_path))
    assert_refused(graded, *told)


def test_of_both_forms_one_is_graded_and_both_are_named(tmp_path: Path) -> None:
    """A script and a notebook that have both been worked on: the notebook, with a note."""
    graded = grade(both_forms(tmp_path), what=FOURTH)
    assert graded.scores["04_partial_derivatives.partial_x"] > 0
    assert "04_partial_derivatives.py has been worked on as well, and was not graded" in graded.out


def test_unknown_option_is_named() -> None:
    """An option that does not exist is named, with pytest's usage and no traceback."""
    graded = grade(None, "--submision", "solutions")
    assert graded.code == pytest.ExitCode.USAGE_ERROR
    assert "--submision" in graded.said
    assert "Traceback" not in graded.said


def test_option_that_is_no_number_is_named() -> None:
    """A number that is none is refused with the option's name."""
    graded = grade(None, "--call-seconds", "soon")
    assert graded.code == pytest.ExitCode.USAGE_ERROR
    assert "--call-seconds" in graded.said
    assert "Traceback" not in graded.said


def assert_refused(graded: Graded, *told: str) -> None:
    """The run ended before it graded anything, with a single sentence on the reason."""
    assert graded.code == pytest.ExitCode.USAGE_ERROR, graded.said
    (line,) = [line for line in graded.said.splitlines() if line.startswith("ERROR: ")]
    for text in told:
        assert text in line
    assert line.endswith(".")
    assert "Traceback" not in graded.said
    assert "site-packages" not in graded.said
    assert not graded.text
    assert not graded.left_behind()


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission of files that are not what their names say, and one that is."""
    folder = write(
        tmp_path_factory.mktemp("unreadable"),
        {
            "01": "Dear teacher, my laptop broke.\n",
            "02_grad_vs_cos.ipynb": "<<<<<<< HEAD\n{}\n",
            "03_second_derivative.ipynb": '{"no": "cells"}',
            "04": RIGHT["04"],
            "06_parallel_regression.py": "def predict(params, x):\n    return '\0'\n",
            "08_scaling_up.ipynb": notebook("def personalize(", "%matplotlib inline\n1 / 0"),
        },
    )
    (folder / "05_per_example_gradients.py").write_bytes(b"caf\xe9 = 1 \x80\n")
    (folder / "07_ensemble.py").symlink_to(os.devnull)
    return grade(folder)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("01", "01_vmap.py"),
        ("02", "02_grad_vs_cos.ipynb is not a notebook: it is not valid JSON"),
        ("03", "03_second_derivative.ipynb is JSON, but not a notebook"),
        ("05", "05_per_example_gradients.py is not a text file in UTF-8"),
        ("06", "06_parallel_regression.py holds NUL characters"),
        ("07", "07_ensemble.py is a link"),
        ("08", "08_scaling_up.ipynb, cell 1"),
    ],
)
def test_broken_file_is_an_error_with_a_sentence(
    unreadable: Graded, number: str, told: str
) -> None:
    """A file that cannot be read is an error for all its functions, and its feedback says why."""
    names = [name for name in unreadable.entries if name.startswith(EXERCISES[number])]
    assert names
    for name in names:
        assert unreadable.verdict(name) == "error"
        assert unreadable.scores[name] == 0
        text = " ".join(unreadable.feedback(name).split())
        assert told in text
        assert len(unreadable.feedback(name).splitlines()) <= 6


def test_broken_files_do_not_stop_the_others(unreadable: Graded) -> None:
    """Seven broken files leave the eighth its points, and no traceback appears."""
    assert unreadable.code == 1
    assert unreadable.results["score"] == 4
    assert unreadable.scores["04_partial_derivatives.partial_y"] == 2
    assert "Traceback" not in unreadable.said


def test_stub_beside_a_worked_notebook_does_not_count(tmp_path: Path) -> None:
    """Where the script is still the stub and the notebook worked on, the notebook is graded."""
    stub = "def partial_x(f, x, y):\n    raise NotImplementedError\n"
    files = {"04": stub, "04_partial_derivatives.ipynb": notebook("%pylab\n" + RIGHT["04"])}
    graded = grade(write(tmp_path, files), what=FOURTH)
    assert graded.results["score"] == 4


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    """A cell that has become text is graded as code; the run and the score file say so."""
    cells = json.loads(notebook(RIGHT["04"]))
    cells["cells"][0]["cell_type"] = "markdown"
    files = {"04_partial_derivatives.ipynb": json.dumps(cells)}
    graded = grade(write(tmp_path, files), what=FOURTH)
    assert graded.results["score"] == 4
    told = "04_partial_derivatives.ipynb: A text cell holds the code of partial_x, partial_y"
    assert told in graded.out
    assert told in graded.results["output"]


def test_single_file_is_graded_alone(tmp_path: Path) -> None:
    """`--submission` takes one file; the exercises it is not about are not attempted."""
    folder = write(tmp_path, {"04": RIGHT["04"], "02": RIGHT["02"]})
    what = property_files(EXERCISES[number] for number in ("02", "04"))
    graded = grade(folder / "04_partial_derivatives.py", what=what)
    assert graded.results["score"] == 4
    assert graded.verdict("02_grad_vs_cos.derivative") == "not attempted"


@pytest.mark.parametrize("version", ["0.9.2", "0.4.35"])
def test_jax_that_is_too_old_is_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older versions of JAX are refused in a sentence with the command that helps."""
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    with pytest.raises(VersionError) as refused:
        check_versions()
    text = str(refused.value)
    assert text.startswith(f"jax {version} is too old for this kit. Run: pip install 'jax>=")
    assert "\n" not in text


@pytest.mark.parametrize("version", ["0.10.0", "0.11.3", "0.12.1", "0.12.0.dev20260101"])
def test_jax_between_is_accepted(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions that the kit is declared for pass without a word."""
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    assert not check_versions()


@pytest.mark.parametrize("version", ["0.13.0", "1.0"])
def test_jax_that_is_newer_has_to_be_tried(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    assert check_versions()


def test_version_is_checked_before_anything_is_graded(tmp_path: Path) -> None:
    """With a JAX that is too old the run ends in one sentence, before any student code runs."""
    installed = tmp_path / "jax-0.4.1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: jax\nVersion: 0.4.1\n")
    graded = grade("solutions", environment={"PYTHONPATH": str(tmp_path)})
    assert_refused_version(graded)


def assert_refused_version(graded: Graded) -> None:
    assert graded.code == pytest.ExitCode.USAGE_ERROR, graded.said
    (line,) = [line for line in graded.said.splitlines() if line.startswith("ERROR: ")]
    assert line.startswith("ERROR: jax 0.4.1 is too old for this kit.")
    assert "Traceback" not in graded.said
    assert not graded.text


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (
            ["exercises/04_partial_derivatives.py"],
            "pytest autograder/test_04_partial_derivatives.py",
        ),
        pytest.param(["exercises"], "pytest autograder/", marks=pytest.mark.nightly),
        pytest.param(
            ["exercises/notes.py", "exercises/01_vmap.py"],
            "pytest autograder/test_01_vmap.py",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_who_runs_the_exercises_is_told_what_to_run(what: list[str], told: str) -> None:
    run = grade(None, what=what)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert f"exercises hold no tests; to grade them: {told}\n" in run.said


def test_who_runs_pytest_in_exercises_is_told_where_to_go() -> None:
    run = grade(None, what=[], root=COURSE.exercises)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert f"to grade them: cd {COURSE.root} && pytest autograder/\n" in run.said


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("batchd", "Is batched meant?"),
        pytest.param("zzz", "There are all_pairs, batch_gr", marks=pytest.mark.nightly),
    ],
)
def test_a_choice_of_nothing_is_said_to_be_one(word: str, told: str) -> None:
    run = grade(None, "-k", word)
    assert run.code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert f"-k {word} chooses no function. {told}" in run.out
