"""The score file: its schema, and that it is whole however a run ends."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import running
from jaxercise.files import write_whole
from needs import NIGHTLY
from running import (
    EXERCISES,
    RIGHT,
    Graded,
    command,
    function_names,
    grade,
    grade_once,
    graded,
    marked,
    marked_environment,
    property_files,
    typical_mistakes,
    write,
)

posix = pytest.mark.skipif(os.name != "posix", reason="sends signals as a terminal does")

HANGS = """\
from pathlib import Path

def partial_x(f, x, y):
    Path(@STARTED@).touch()
    while True:
        pass
"""


@pytest.fixture(scope="module")
def typical() -> Graded:
    """A submission with something of everything."""
    return typical_mistakes()


@pytest.fixture(scope="module")
def whole() -> Graded:
    """A submission of which all exercises are graded."""
    return grade_once("tests/submissions/half_finished")


def test_score_file_has_what_gradescope_reads(typical: Graded) -> None:
    """The file holds score, execution time and tests, and of each test the documented fields."""
    results = typical.results
    assert set(results) == {"score", "execution_time", "tests"}
    assert results["score"] == (54.25 if NIGHTLY else 12.5)
    assert 0 < results["execution_time"] < running.RUN_SECONDS
    for entry in results["tests"]:
        assert set(entry) == {"name", "score", "max_score", "status", "output"}
        assert isinstance(entry["output"], str)
        assert entry["output"]
        assert 0 <= entry["score"] <= entry["max_score"]
        assert entry["status"] == ("passed" if entry["score"] == entry["max_score"] else "failed")


def test_tests_are_named_by_exercise_and_function(whole: Graded) -> None:
    """Every function has one entry, `NN_topic.function`, in the exercises' order."""
    names = [entry["name"] for entry in whole.results["tests"]]
    assert names == function_names()


def test_points_sum_to_100(whole: Graded, typical: Graded) -> None:
    """The functions' points sum to 100, and the score is the sum of what they earned."""
    assert sum(entry["max_score"] for entry in whole.results["tests"]) == 100
    for results in (whole.results, typical.results):
        assert sum(entry["score"] for entry in results["tests"]) == results["score"]


def test_feedback_on_the_terminal_is_that_of_the_file(typical: Graded) -> None:
    """What the score file says about a function is on the terminal, word by word."""
    told = [entry["output"] for entry in typical.results["tests"] if "\n" in entry["output"]]
    assert len(told) > (10 if NIGHTLY else 2)
    for text in told:
        assert text in typical.out


def test_no_score_file_unless_asked_for(tmp_path: Path) -> None:
    """Without `--scores` nothing is written beside the submission or in the current folder."""
    folder = write(tmp_path / "submission", {"04": RIGHT["04"]})
    before = set(running.ROOT.iterdir())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *property_files([EXERCISES["04"]])),
            *("-p", "no:cacheprovider", "--submission", str(folder)),
        ],
        cwd=running.ROOT,
        capture_output=True,
        text=True,
        timeout=running.RUN_SECONDS,
    )
    assert done.returncode == 1
    assert [path.name for path in folder.iterdir()] == ["04_partial_derivatives.py"]
    assert set(running.ROOT.iterdir()) <= before | {running.ROOT / ".hypothesis"}


def interrupted(
    folder: Path,
    submission: Path,
    started: Path,
    *,
    group: bool,
    times: int = 1,
    options: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
) -> Graded:
    """A run that is sent SIGINT once student code has started; it ends, for all that hangs.

    No limit of the run's own is short enough to end it instead.
    """
    mark, _ = marked()
    with subprocess.Popen(
        command(submission, folder, "--call-seconds", "3600", *options),
        cwd=running.ROOT,
        env=marked_environment(mark) | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + running.RUN_SECONDS
        while not started.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        assert started.exists()
        time.sleep(0.2)
        for _ in range(times):
            if group:
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=running.RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return graded(process.returncode, out, err, mark, folder)


@posix
@pytest.mark.parametrize(
    "group",
    [
        pytest.param(True, id="Ctrl-C"),
        pytest.param(False, id="signal", marks=pytest.mark.nightly),
    ],
)
def test_interrupted_run_writes_what_it_has(tmp_path: Path, group: bool) -> None:
    """Ctrl-C while student code hangs ends the run at once; the file holds what was graded.

    An older file is replaced whole: no total of a former run stays behind.
    """
    (tmp_path / "results.json").write_text(json.dumps({"score": 100, "tests": []}) + " " * 10_000)
    started = tmp_path / "started"
    submission = write(
        tmp_path / "submission",
        {"02": RIGHT["02"], "04": HANGS.replace("@STARTED@", repr(str(started)))},
    )
    run = interrupted(tmp_path, submission, started, group=group)
    assert run.code == pytest.ExitCode.INTERRUPTED
    assert "cut short" in run.results["output"]
    assert run.feedback("01_vmap.batched") == "not attempted"
    assert run.feedback("04_partial_derivatives.partial_x") == "not graded"
    assert run.results["score"] == sum(run.scores.values())
    assert sum(entry["max_score"] for entry in run.results["tests"]) == 100
    assert "Traceback" not in run.err
    assert not run.left_behind()
    assert leftovers(tmp_path) == {"results.json", "started", "submission"}


# As an exercise does whose worker is taken away while it starts; warnings are errors meanwhile.
SOCKET_LEFT_OPEN = """
import pytest, socket
@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt():
    socket.socket()
"""


@pytest.mark.nightly
@posix
def test_interrupt_with_a_mishap_ends_the_run_all_the_same(tmp_path: Path) -> None:
    """What may go wrong while a run is cut short does not show."""
    (tmp_path / "mishap.py").write_text(SOCKET_LEFT_OPEN)
    started = tmp_path / "started"
    text = HANGS.replace("@STARTED@", repr(str(started)))
    submission = write(tmp_path / "submission", {"04": text})
    run = interrupted(
        tmp_path,
        submission,
        started,
        group=True,
        options=("-p", "mishap"),
        environment={"PYTHONPATH": str(tmp_path)},
    )
    assert run.code == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in run.err
    assert "KeyboardInterrupt" in run.out
    assert "cut short" in run.results["output"]


def leftovers(folder: Path) -> set[str]:
    """What lies in a folder: a half-written score file would be there under another name."""
    return {path.name for path in folder.iterdir()}


def test_file_is_never_half_written(tmp_path: Path) -> None:
    """A write that fails half way leaves the old file as it was, and nothing beside it."""
    path = tmp_path / "results.json"
    write_whole(path, b"{}")
    with pytest.raises(TypeError):
        write_whole(path, {"score": 2})  # type: ignore[arg-type]
    assert path.read_bytes() == b"{}"
    assert leftovers(tmp_path) == {"results.json"}


# The file is made by `mkstemp`, for its owner's eyes only.
def test_score_file_can_be_read_by_others(typical: Graded, tmp_path: Path) -> None:
    """The score file has the permissions of any new file: who collects it is somebody else."""
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    mode = stat.S_IMODE((typical.folder / "results.json").stat().st_mode)
    assert mode == stat.S_IMODE(ordinary.stat().st_mode)


def test_missing_folder_for_the_scores_is_refused_first(tmp_path: Path) -> None:
    """Where the score file's folder does not exist, a sentence says so before anything runs."""
    graded = grade("solutions", "--scores", str(tmp_path / "missing" / "results.json"))
    assert graded.code == pytest.ExitCode.USAGE_ERROR
    assert re.search(
        r"ERROR: --scores: cannot write .*results.json: .*No such file or directory", graded.err
    )
    assert "Traceback" not in graded.said
    assert not (tmp_path / "missing").exists()


# The OSError of the write ends in pytest's own INTERNALERROR, with a traceback.
@pytest.mark.parametrize("how", [pytest.param("a folder", marks=pytest.mark.nightly), "no room"])
def test_score_file_that_cannot_be_written_gives_a_sentence(tmp_path: Path, how: str) -> None:
    """Where the score file cannot be written, a sentence names it, and the run does not succeed."""
    submission = write(tmp_path / "submission", {"04": RIGHT["04"]})
    if how == "a folder":
        target = tmp_path / "results.json"
        target.mkdir()
    else:
        target = Path("/proc/results.json")
        if not target.parent.is_dir():
            pytest.skip("no folder that nobody can write to")
    what = property_files([EXERCISES["04"]])
    graded = grade(submission, "--scores", str(target), what=what)
    assert graded.code != 0
    assert "results.json" in graded.said
    assert "Traceback" not in graded.said
    assert "INTERNALERROR" not in graded.said
