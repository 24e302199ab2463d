"""Every attack of the catalogue, through every door: what it earns, changes and leaves running."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import catalogue
import door
import pytest
from catalogue import Judged, digest

from autograder.caches import references_cache
from autograder.engine import Engine, compiled_references, exercise_names
from autograder.sandbox import Box
from autograder.sandbox.selftest import check_machine
from autograder.submission import read_submission
from autograder.worker.limits import Limits
from autograder.worker.watch import descendants

#: How long a call may take where it never ends. Each is tried twice.
SECONDS = 5.0
KIT = [door.ROOT / name for name in ("autograder", "exercises", "solutions", "tests")]

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no such limits elsewhere")


@dataclass
class Run:
    """All packs through one door.

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


Grade = Callable[[Path], dict[str, Judged]]
Left = Callable[[], list[str]]


@contextlib.contextmanager
def through_pytest() -> Iterator[tuple[Grade, Left]]:
    """`pytest autograder/ --submission`, as a student runs it: no box, but limits."""
    runs: list[door.Graded] = []

    def grade(submission: Path) -> dict[str, Judged]:
        graded = door.grade(submission, "--call-seconds", str(SECONDS))
        runs.append(graded)
        return {
            name: Judged(graded.verdict(name), entry["score"], entry["max_score"])
            for name, entry in graded.entries.items()
        }

    yield grade, lambda: [process for graded in runs for process in graded.left_behind(5)]


@contextlib.contextmanager
def in_the_box() -> Iterator[tuple[Grade, Left]]:
    """One engine for all, with the box around student code."""
    result = check_machine()
    if not result.ok:
        pytest.skip(f"{result.why}; {result.remedy}")
    limits = Limits(load=SECONDS, first_call=SECONDS, later_call=SECONDS)
    box, before = Box(cache=compiled_references()), set(descendants(os.getpid()))
    with Engine(limits, box=box) as engine:

        def grade(submission: Path) -> dict[str, Judged]:
            results = engine.grade(read_submission(submission, exercise_names()))
            return {one.name: Judged(one.verdict, one.points, one.of) for one in results}

        yield grade, lambda: [str(pid) for pid in set(descendants(os.getpid())) - before]


#: Every way in. A door is a context in which submissions are graded one after the other, and after
#: which nothing of them should be left running.
DOORS = {"pytest": through_pytest, "box": in_the_box}


@pytest.fixture(scope="module", params=sorted(DOORS))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole catalogue, in a few submissions, through a door."""
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    sentinel = catalogue.make_sentinel(folder / "sentinel")
    made = Run([], [], [], [])
    with DOORS[name]() as (grade, left):
        watched = [*KIT, sentinel, *([references_cache()] if name == "box" else [])]
        before = digest(*watched)
        for number, pack in enumerate(catalogue.packs(catalogue.cases(name))):
            submission = folder / f"pack-{number}"
            honest = catalogue.lay_out(pack, submission, sentinel)
            judged = grade(submission)
            made.complaints += catalogue.complaints(pack, judged)
            names = ", ".join(case.name for case in pack)
            made.robbed += [
                f"{function} beside {names}: {judged[function]}"
                for function, points in honest.items()
                if judged[function].points < points
            ]
        after = digest(*watched)
    made.left = left()
    made.changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    return made


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
    """The kit, its shared cache and other people's files are what they were."""
    assert not run.changed


@linux
def test_nothing_is_left_running(run: Run) -> None:
    """No process of a submission outlives its grading."""
    assert not run.left


#: What a submission may bring along to be obeyed by pytest; its own folder is named in it.
PLANTED = {
    "conftest.py": "",
    "pytest.ini": "[pytest]\naddopts = @FOLDER@\n",
    "tox.ini": "[pytest]\naddopts = @FOLDER@\n",
    "setup.cfg": "[tool:pytest]\naddopts = @FOLDER@\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["@FOLDER@"]\n',
}


@pytest.mark.parametrize("name", PLANTED)
def test_settings_that_a_submission_brings_are_not_obeyed(name: str, tmp_path: Path) -> None:
    """With a space behind `--submission`, pytest finds its settings there: they are refused."""
    folder = door.write(tmp_path / "submission", {"04": door.RIGHT["04"]})
    (folder / "conftest.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    if PLANTED[name]:
        (folder / name).write_text(PLANTED[name].replace("@FOLDER@", str(folder)))
    what = ["--submission", str(folder), f"autograder/test_{door.EXERCISES['04']}.py"]
    command = door.command(None, tmp_path, what=what)
    done = door.subprocess.run(command, cwd=door.ROOT, capture_output=True, text=True)
    assert not (tmp_path / "executed").exists()
    if PLANTED[name]:
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert "not from the kit" in done.stderr
        assert "--submission=PATH" in done.stderr
