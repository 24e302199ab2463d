"""Attacks of the catalogue, through every frontend: what each earns, changes and leaves running.

Here a case for each verdict goes through the batch, of what is held by a sandbox alone and of the
rest; nightly all of it does, and of each exercise a case for each verdict through the others.
`.ci/nightly catalogue` sends all of it through all frontends, and takes half an hour.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import batches
import frontends
import hostile_catalogue
import pytest
import running
from frontends import Graded
from hostile_catalogue import Case, digest
from jaxercise.sandbox.selftest import check_machine
from jaxercise.workers.watch import descendants
from nbgrader_commands import EXERCISES, NbgraderTerm
from needs import NIGHTLY, need

ALL = os.environ.get("JAXERCISE_CATALOGUE") == "all"
#: The exercises of which cases are graded where one for each verdict is enough; the answers to the
#: last are right.
FEW = [running.EXERCISES[number] for number in ("02", "03", "05", "04")]
KIT = [running.ROOT / name for name in ("autograder", "exercises", "solutions", "tests")]
_CHILD_SUBREAPER = 36  # prctl(2)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no such limits elsewhere")


@dataclass
class Run:
    """What came of the cases that went through one frontend.

    Attributes:
        complaints: what did not come out as the catalogue says.
        robbed: right answers beside hostile files that have not earned their points.
        changed: files outside that are not what they were.
        left: processes that are still there.
    """

    complaints: list[str]
    robbed: list[str]
    changed: list[str]
    left: list[str]


def processes() -> set[int]:
    """What this process has started, directly or not, and what still runs."""
    found = set()
    for pid in descendants(os.getpid())[1:]:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


def sent(
    cases: list[Case], send: Callable[[Path], Graded], folder: Path, exercises: Sequence[str] = ()
) -> Run:
    """Send cases through a frontend, which grades all exercises unless told."""
    # Whatever outlives who has started it becomes a child of this process.
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1)
    sentinel = hostile_catalogue.make_sentinel(folder / "sentinel")
    laid = frontends.lay_out(cases, folder / "course", sentinel, exercises)
    watched = [*KIT, sentinel]
    before, ran = digest(*watched), processes()
    graded = send(folder / "course")
    deadline = time.monotonic() + 20
    while (left := processes() - ran) and time.monotonic() < deadline:
        time.sleep(0.1)
    after = digest(*watched)
    made = Run([], [], [], list(map(str, left)))
    made.changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    for name, (pack, honest) in laid.items():
        made.complaints += hostile_catalogue.complaints(pack, graded[name])
        beside = ", ".join(case.name for case in pack)
        made.robbed += [
            f"{function} beside {beside}: {graded[name][function]}"
            for function, points in honest.items()
            if graded[name][function].points < points
        ]
    return made


def need_sandbox() -> None:
    """Leave out where there is no sandbox: what it holds is not held there."""
    result = check_machine()
    need("sandbox", "" if result.ok else f"{result.why}; {result.remedy}")


# What pytest says of each verdict stands in `test_verdicts.py`.
@pytest.fixture(scope="module", params=["batch", pytest.param("pytest", marks=pytest.mark.nightly)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The catalogue, in a few submissions, through a frontend that grades whole exercises."""
    name: str = request.param
    cases = hostile_catalogue.cases()
    if name == "batch":
        need_sandbox()
    else:
        cases = [case for case in cases if not case.sandboxed]
    exercises: list[str] = []
    if not (ALL or NIGHTLY):
        cases, exercises = hostile_catalogue.sample(cases, FEW[:-1]), FEW
    elif not (ALL or name == "batch"):
        cases = hostile_catalogue.representative(cases)
    grade = functools.partial(frontends.FRONTENDS[name], exercises=exercises)
    folder = tmp_path_factory.mktemp(name)
    return sent(cases, lambda place: frontends.send(grade, place), folder, exercises)


@pytest.fixture(scope="module")
def autograded(term: NbgraderTerm, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The catalogue, as far as it is about the exercises of the term, through nbgrader."""
    need_sandbox()
    folder = tmp_path_factory.mktemp("nbgrader")
    cases = hostile_catalogue.cases()
    if ALL:
        course, exercises = frontends.made(folder / "term"), ()
    else:
        course, exercises = frontends.copied(term, folder / "term"), EXERCISES
        cases = hostile_catalogue.representative(
            [case for case in cases if case.exercise in EXERCISES]
        )

    grade = functools.partial(frontends.through_nbgrader, term=course)
    return sent(cases, lambda place: frontends.send(grade, place), folder, exercises)


@linux
def test_every_case_gets_its_verdict_and_no_point_more(run: Run) -> None:
    """Each hostile submission meets the verdict of the catalogue; only right answers earn."""
    assert not run.complaints, "\n".join(run.complaints)


@linux
def test_honest_files_beside_hostile_ones_keep_their_points(run: Run) -> None:
    """What one file does costs no other file a point."""
    assert not run.robbed, "\n".join(run.robbed)


@linux
def test_no_file_outside_changes(run: Run) -> None:
    """The kit and other people's files are what they were."""
    assert not run.changed


@linux
def test_nothing_is_left_running(run: Run) -> None:
    """No process of a submission outlives its grading."""
    assert not run.left


@pytest.mark.nightly
@linux
def test_nbgrader_holds_as_well(term: NbgraderTerm, autograded: Run) -> None:
    """Points where they are due, and nowhere else; nothing outside is touched or left running."""
    assert not autograded.complaints, "\n".join(autograded.complaints)
    assert not autograded.robbed, "\n".join(autograded.robbed)
    assert not autograded.changed
    assert not autograded.left


#: What a submission may bring along to be obeyed by pytest; its own folder is named in it.
PLANTED = {
    "conftest.py": "",
    "pytest.ini": "[pytest]\naddopts = @FOLDER@\n",
    "tox.ini": "[pytest]\naddopts = @FOLDER@\n",
    "setup.cfg": "[tool:pytest]\naddopts = @FOLDER@\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["@FOLDER@"]\n',
}


@pytest.mark.parametrize(
    "name",
    [
        *("conftest.py", "pytest.ini"),
        *(pytest.param(name, marks=pytest.mark.nightly) for name in list(PLANTED)[2:]),
    ],
)
def test_settings_that_a_submission_brings_are_not_obeyed(name: str, tmp_path: Path) -> None:
    """With a space behind `--submission`, pytest finds its settings there: they are refused."""
    folder = running.write(tmp_path / "submission", {"04": running.RIGHT["04"]})
    (folder / "conftest.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    if PLANTED[name]:
        (folder / name).write_text(PLANTED[name].replace("@FOLDER@", str(folder)))
    what = ["--submission", str(folder), f"autograder/test_{running.EXERCISES['04']}.py"]
    command = running.command(None, tmp_path, what=what)
    done = running.subprocess.run(command, cwd=running.ROOT, capture_output=True, text=True)
    assert not (tmp_path / "executed").exists()
    if PLANTED[name]:
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert "not from the course" in done.stderr
        assert "--submission=PATH" in done.stderr


@pytest.mark.nightly
@linux
def test_what_a_local_run_has_rewritten_no_class_is_graded_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a sandbox a file may change what references have answered, and what is compiled.

    A local run believes that; whoever grades others does not.
    """
    monkeypatch.setenv("JAXERCISE_CACHE", str(tmp_path / "cache"))
    name = "rewrites_what_is_remembered"
    (case,) = [one for one in hostile_catalogue.cases() if one.name == name]
    zeros = "def batch_gradient(loss, params, x, y):\n    return 0 * params\n"
    course = batches.write_course(
        tmp_path / "class",
        {"zeros": {case.file.name: zeros}, "right": {case.file.name: batches.solution()}},
    )
    local = functools.partial(running.grade, what=(f"autograder/test_{case.exercise}.py",))
    local(course / "right", *batches.PATIENT)  # so that something is remembered
    local(case.file, *batches.PATIENT)
    for program in (tmp_path / "cache").rglob("*-cache"):
        program.write_bytes(b"poison")
    assert local(course / "zeros", *batches.PATIENT).scores[case.function] > 0
    sandbox = check_machine().ok
    done = batches.grade(course, tmp_path / "out", "--jobs", "1", sandbox=sandbox)
    assert done.code == 0, done.err
    assert batches.scores(tmp_path / "out") == {"zeros": 0, "right": 10}
