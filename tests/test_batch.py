"""Whole classes: nothing is lost, no score depends on how often a run was cut short."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import Counter
from pathlib import Path

import pytest
from batches import (
    EXERCISE,
    FORKSERVER,
    JUDGE,
    SECONDS,
    UNSANDBOXED,
    Batch,
    altered,
    children,
    command,
    decided,
    gone,
    grade,
    records,
    scores,
    solution,
    start,
    students,
    write_course,
)
from jaxercise.cache.folders import kept_file
from jaxercise.frontends.batch import report
from jaxercise.frontends.batch.grade import GradeRequest, _executor
from jaxercise.frontends.batch.judge import Job
from jaxercise.frontends.batch.judge_processes import (
    JudgeDiedError,
    JudgeProcess,
    Judges,
    MachineError,
)
from jaxercise.frontends.batch.keys import Settings
from jaxercise.frontends.batch.lateness import Lateness
from jaxercise.frontends.batch.progress import progress
from jaxercise.frontends.batch.records import Record, Store, file_name
from jaxercise.frontends.batch.regrade import change
from jaxercise.verdicts import Finding, Outcome, Verdict
from needs import NIGHTLY
from running import COURSE, ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("batch") / "course", students())


@pytest.fixture(scope="session")
def batch(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """One whole run, which many tests look at and none changes."""
    kept_file("replies", COURSE, EXERCISE).unlink(
        missing_ok=True
    )  # no test before it has asked in its place
    return grade(course, tmp_path_factory.mktemp("out") / "results of a course", "--jobs", "2")


def copy(batch: Batch, to: Path) -> Path:
    shutil.copytree(batch.folder, to)
    return to


# What a run leaves


def test_every_student_has_a_score_or_an_explained_verdict(batch: Batch) -> None:
    assert batch.code == 0, batch.err
    told = {student: (r["verdict"], r["score"]) for student, r in batch.records.items()}
    assert told == {
        "ana": ("graded", 10),
        "Zoë\nMüller": ("graded", 10),
        "b en": ("graded", 6),
        "crash": ("graded", 6),
        "notebook": ("graded", 10),
        "=1+2": ("graded", 10),
        "broken": ("error", None),
        "empty": ("error", None),
        "other": ("error", None),
    }
    problems = {student: record["problem"] for student, record in batch.records.items()}
    assert "not valid JSON" in problems["broken"]
    assert "none of the exercises" in problems["empty"]
    assert "There are: essay.py" in problems["other"]


def test_a_crash_counts_only_after_a_second_try_alone(batch: Batch) -> None:
    tries = {student: record["tries"] for student, record in batch.records.items()}
    assert tries.pop("crash") == 2
    assert set(tries.values()) == {1}
    verdicts = {one["verdict"] for one in batch.records["crash"]["outcomes"]}
    assert "crashed" in verdicts
    assert not any(record["alone"] for record in batch.records.values())


def test_scores_are_a_tidy_table_that_no_spreadsheet_obeys(batch: Batch) -> None:
    with (batch.folder / "scores.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 + 3  # six graded submissions, two functions; three without a score
    assert {row["student"] for row in rows} >= {"ana", "'=1+2", "Zoë Müller"}
    without = {row["student"]: row["reason"] for row in rows if not row["points"]}
    assert set(without) == {"broken", "empty", "other"}
    assert "not valid JSON" in without["broken"]
    assert "none of the exercises" in without["other"]
    wrong = [row for row in rows if row["points"] and row["state"] != "done"]
    assert {(row["student"], row["function"]) for row in wrong} == {
        ("b en", "batch_gradient"),
        ("crash", "batch_gradient"),
    }


def test_the_report_needs_no_network_and_shows_the_class(batch: Batch) -> None:
    page = (batch.folder / "report.html").read_text()
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert "<script" not in page
    assert page.count("<svg") == 1 + 2 + 1  # scores, two functions, time
    assert "Unsafe." in page  # it ran without a sandbox
    for link in re.findall(r'href="([^"]+)"', page):
        assert (batch.folder / link).is_file()
    assert "not valid JSON" in page
    assert f'<td class="n">{EXERCISE}' not in page  # a long sentence wraps


def test_every_page_of_feedback_says_that_there_was_no_sandbox(batch: Batch) -> None:
    pages = list((batch.folder / "feedback").glob("*.html"))
    assert len(pages) == len(students())
    assert all("--unsafe-no-sandbox" in page.read_text() for page in pages)
    text = (batch.folder / "feedback" / f"{file_name('b en')}.html").read_text()
    assert "batch_gradient" in text
    assert "Claim:" in text


def test_the_summary_names_what_is_broken(batch: Batch) -> None:
    assert "9 submissions: 6 scores, 3 without a score" in batch.out
    assert "broken: error: " in batch.out
    assert (batch.folder / "summary.txt").read_text().strip() == batch.out.strip()


def test_lines_without_a_terminal_are_few_and_plain(batch: Batch) -> None:
    assert "\x1b" not in batch.err
    assert "9 of 9: " in batch.err
    assert len(batch.err.splitlines()) <= 20


def test_a_record_says_where_the_time_went(batch: Batch) -> None:
    timings = batch.records["ana"]["timings"]
    assert timings.keys() >= {"read", "start", "load", "compile", "judge"}
    assert all(seconds >= 0 for seconds in timings.values())
    assert "diagnose" in batch.records["b en"]["timings"]
    assert "naming misconceptions" in (batch.folder / "report.html").read_text()


# Running it again


@pytest.mark.nightly
def test_a_second_run_grades_nothing_again(course: Path, batch: Batch, tmp_path: Path) -> None:
    out = copy(batch, tmp_path / "out")
    before = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert grade(course, out).code == 0
    after = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert after == before


def test_only_what_has_changed_is_graded_again(course: Path, batch: Batch, tmp_path: Path) -> None:
    out = copy(batch, tmp_path / "out")
    changed = tmp_path / "course"
    shutil.copytree(course, changed)
    text = altered("def batch_gradient", "def batch_gradients")
    (changed / "ana" / f"{EXERCISE}.py").write_text(text)
    before = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert grade(changed, out).code == 0
    after = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"ana.json"}
    assert scores(out)["ana"] == 6


def test_only_the_same_files_have_the_same_key(batch: Batch) -> None:
    keys = {student: record["key"] for student, record in batch.records.items()}
    assert keys["ana"] != keys["b en"]
    assert keys["ana"] == keys["Zoë\nMüller"]


@pytest.mark.nightly
def test_another_seed_or_a_damaged_record_is_graded_again(tmp_path: Path) -> None:
    files = {f"{EXERCISE}.py": solution()}
    submissions, out = write_course(tmp_path / "course", {"ana": files}), tmp_path / "out"
    assert grade(submissions, out).code == 0
    path, before = out / "results" / "ana.json", decided(out)
    path.write_text(path.read_text()[:-9])
    assert grade(submissions, out).code == 0
    assert decided(out) == before
    written = path.stat().st_mtime_ns
    assert grade(submissions, out, "--grading-seed", "1").code == 0
    assert path.stat().st_mtime_ns > written
    assert scores(out) == {"ana": before["ana"]["score"]}
    assert decided(out)["ana"]["key"] != before["ana"]["key"]


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.nightly),
        pytest.param(signal.SIGTERM, marks=pytest.mark.nightly),
    ],
)
def test_a_run_that_was_cut_short_goes_on(
    batch: Batch, tmp_path: Path, how: signal.Signals
) -> None:
    few = ("ana", "b en", "broken", *(["crash"] if NIGHTLY else []))
    course = write_course(tmp_path / "course", {name: students()[name] for name in few})
    out = tmp_path / "out"
    process = start(course, out, "--jobs", "1")
    judges = children(process.pid, JUDGE)
    assert judges
    kept = set(records(out))
    process.send_signal(how)
    _, err = process.communicate(timeout=SECONDS)
    if how != signal.SIGKILL and process.returncode:
        assert process.returncode == 130
        assert "run the same command again" in err
    assert gone(judges)
    before = {path.name: path.stat().st_mtime_ns for path in (out / "results").glob("[!.]*")}
    assert kept
    assert grade(course, out).code == 0
    whole = decided(batch.folder)
    assert decided(out) == {name: whole[name] for name in few}
    after = {path.name: path.stat().st_mtime_ns for path in (out / "results").glob("[!.]*")}
    finished = before.keys() - {f"{file_name('crash')}.json"}
    assert {name: after[name] for name in finished} == {name: before[name] for name in finished}


@pytest.mark.nightly
def test_a_judge_that_is_killed_is_replaced(course: Path, batch: Batch, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(course, out, "--jobs", "1")
    judges = children(process.pid, JUDGE)
    assert judges
    for pid in judges:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert decided(out) == decided(batch.folder)


@pytest.mark.nightly
def test_a_forkserver_that_is_killed_changes_no_score(
    course: Path, batch: Batch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(course, out, "--jobs", "1")
    judges = children(process.pid, JUDGE)
    forkservers = [pid for judge in judges for pid in children(judge, FORKSERVER)]
    assert forkservers
    for pid in forkservers:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert decided(out) == decided(batch.folder)


def test_a_submission_over_which_judges_die_is_internal_and_explained() -> None:
    judge = JudgeProcess(
        Settings(str(ROOT), sandbox=False, call_seconds=300.0, exercises=(EXERCISE,))
    )
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.02):
            if judge.pid is not None:
                os.kill(judge.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    files = {f"{EXERCISE}.py": solution().encode()}
    answer = judge.grade(Job("key", "digest", files, {}, (EXERCISE,)))
    done.set()
    killer.join()
    assert answer["verdict"] == "internal"
    assert "died" in answer["problem"]
    try:
        if NIGHTLY:  # the next submission is graded
            assert judge.grade(Job("key", "digest", files, {}, (EXERCISE,)))["verdict"] == "graded"
    finally:
        judge.close()


def test_judges_share_a_folder_and_leave_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first of them does not start."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started: list[Path | None] = []

    def start(self: JudgeProcess) -> None:
        started.append(self._caches)
        raise JudgeDiedError("no memory")

    monkeypatch.setattr(JudgeProcess, "start", start)
    request = GradeRequest(tmp_path, tmp_path / "out", jobs=2)
    with pytest.raises(MachineError, match="no memory"):
        _executor(request, Settings(str(ROOT)), None)
    assert started[0] is not None
    assert started[0].parent == tmp_path
    assert list(tmp_path.iterdir()) == []
    judges = Judges(Settings(str(ROOT)), 2)
    assert len({judge._caches for judge in judges._judges}) == len(list(tmp_path.iterdir())) == 1
    judges.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.nightly
def test_a_full_disk_loses_nothing(course: Path, batch: Batch, tmp_path: Path) -> None:
    mount = tmp_path / "disk"
    mount.mkdir()
    held = tmp_path / "held"
    script = (
        f"mount -t tmpfs -o size=24k tmpfs {mount} && "
        + " ".join(f"'{word}'" for word in command(course, mount / "out", *UNSANDBOXED))
        + f"; code=$?; cp -r {mount}/out {held}; exit $code"
    )
    probe = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mounts = subprocess.run([*probe, f"mount -t tmpfs tmpfs {mount}"], capture_output=True)
    if mounts.returncode:
        pytest.skip("no file system can be mounted here to be filled")
    done = subprocess.run(
        [*probe, script], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 1, done.stderr
    assert "No space left" in done.stderr
    assert "run the same command again" in done.stderr
    assert grade(course, held).code == 0
    assert decided(held) == decided(batch.folder)


@pytest.mark.nightly
def test_two_runs_do_not_write_to_one_folder(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(course, out, "--jobs", "1")
    try:
        if process.poll() is None:
            second = grade(course, out)
            assert second.code == 2 or process.poll() is not None
            assert "another run is writing" in second.err or process.poll() is not None
    finally:
        process.kill()
        process.communicate()


# Regrading


@pytest.mark.nightly
def test_a_regrade_shows_who_changes_and_lowers_nothing_unasked(
    course: Path, batch: Batch, tmp_path: Path
) -> None:
    old, out = copy(batch, tmp_path / "old"), tmp_path / "new"
    _alter(old, "ana", 3.0)  # one who goes up now
    refused = grade(course, out, "--against", str(old))
    assert refused.code == 0
    assert "ana  3 -> 10: 05_per_example_gradients.per_example_gradients" in refused.out
    assert "1 up, 0 down, 8 as before" in refused.out
    shutil.rmtree(out)
    _alter(old, "b en", 11.0)  # and one who goes down
    refused = grade(course, out, "--against", str(old))
    assert refused.code == 1
    assert "Scores that go down:\n  b en  " in refused.out
    assert "Nothing is written" in refused.out
    assert not out.exists()
    allowed = grade(course, out, "--against", str(old), "--allow-lower")
    assert allowed.code == 0
    assert decided(out) == decided(batch.folder)


def _alter(out: Path, student: str, points: float) -> None:
    """Write into an old result what a claim of another time would have given."""
    path = out / "results" / f"{file_name(student)}.json"
    told = json.loads(path.read_text())
    first = next(o for o in told["outcomes"] if o["function"] == "per_example_gradients")
    rest = sum(o["points"] for o in told["outcomes"] if o is not first)
    first["points"] = points - rest
    path.write_text(json.dumps(told))


def record(points: float, *, verdict: str = "graded", files: str = "f") -> Record:
    outcome = Outcome("01_a", "f", "test", Verdict.PASSED, points, 4.0, "So.", Finding("k", "s"))
    return Record("ana", "k", files, verdict, outcomes=(outcome,))


@pytest.mark.parametrize(
    ("before", "after", "lower"),
    [
        (record(2), record(3), False),
        (record(3), record(2), True),
        (record(3), record(3, verdict="internal"), True),
        (record(0), record(0, verdict="internal"), True),
        (record(3, verdict="error"), record(1), False),
        (record(3), None, True),
        (None, record(3), False),
    ],
)
def test_what_counts_as_lower(before: Record | None, after: Record | None, lower: bool) -> None:
    found = change("ana", before, after)
    assert found is not None
    assert found.lower is lower


def test_the_same_points_are_no_change() -> None:
    assert change("ana", record(2), record(2, files="other")) is None


# Bad input


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--exercise", "99_none"), "no exercise 99_none"),
        (("--jobs", "0"), "--jobs has to be at least 1"),
        (("--call-seconds", "nan"), "--call-seconds"),
        (("--against", "/nonexistent"), "holds no results"),
        (("--assignment", "none"), "has a folder none"),
    ],
)
def test_bad_options_get_one_sentence(
    course: Path, tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    refused = grade(course, tmp_path / "out", *options)
    assert refused.code == 2
    assert sentence in refused.err
    assert len(refused.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_of_other_things_is_left_alone(course: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    refused = grade(course, tmp_path)
    assert refused.code == 2
    assert "holds other things" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_courses_results_are_left_alone(batch: Batch, tmp_path: Path) -> None:
    other = write_course(tmp_path / "other", {"carl": {f"{EXERCISE}.py": solution()}})
    out = copy(batch, tmp_path / "out")
    refused = grade(other, out)
    assert refused.code == 2
    assert "another course's" in refused.err
    assert decided(out) == decided(batch.folder)


def test_results_do_not_go_among_the_submissions(course: Path) -> None:
    refused = grade(course, course / "out")
    assert refused.code == 2
    assert "lies among the submissions" in refused.err
    assert not (course / "out").exists()


def test_without_a_sandbox_it_refuses_and_says_how_to_go_on(course: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        command(course, tmp_path / "out"),
        cwd=ROOT,
        env={**os.environ, "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 2
    assert "\njaxercise grade: no sandbox for student code: bubblewrap" in done.stderr
    assert "--unsafe-no-sandbox" in done.stderr
    assert not records(tmp_path / "out")


@pytest.mark.nightly
def test_a_device_that_is_not_there_costs_nobody_a_point(course: Path, tmp_path: Path) -> None:
    refused = grade(course, tmp_path / "out", "--jobs", "1", "--device", "tpu")
    assert refused.code == 1
    assert "\njaxercise grade: On tpu, the course's own solutions do not pass" in refused.err
    assert not records(tmp_path / "out")


# Telling how far it is


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_progress_counts_verdicts_and_the_time_left(stream: io.StringIO) -> None:
    shown = progress(stream)
    shown.begin(40)
    assert "a minute" not in shown.told
    shown._start -= 60
    shown.kept(Counter(passed=2))
    for number in range(39):
        shown.graded(Counter(wrong=1) if number % 2 else Counter(passed=1), again=False)
        if number == 18:
            assert "22 passed · 9 wrong · " not in shown.told
            assert "12 passed · 9 wrong · " in shown.told
            assert re.search(r"\d+ a minute · \d.* left", shown.told)
    shown.alone(1)
    shown.graded(Counter(crashed=1), again=True)
    assert shown.told.startswith("22 passed · 19 wrong")
    shown.close()
    told = stream.getvalue()
    if stream.isatty():
        assert "40/40" in told
        assert "━" in told
    else:
        assert told.count("\n") <= 12
        assert "40 of 40: 22 passed" in told


# Names


def test_file_names_are_plain_and_nobody_elses() -> None:
    names = [
        "ana",
        "Ana",
        "../ana",
        "a\nb",
        "a b",
        "a_b",
        "ä",
        "",
        ".",
        "x" * 500,
        "\udcff",
        "con.",
    ]
    files = [file_name(name) for name in names]
    assert len({file.casefold() for file in files}) == len(files)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", file) and len(file) < 120 for file in files)
    assert files[0] == "ana"


def test_a_name_that_is_no_text_stops_no_report(tmp_path: Path) -> None:
    """A folder's name may be bytes that mean nothing in UTF-8."""
    store = Store(tmp_path)
    store.open()
    store.write(dataclasses.replace(record(2), student="\udcff"))
    report.write(store, {"\udcff": Lateness()}, "course")
    assert (tmp_path / "scores.csv").read_text().splitlines()[1].startswith("?,01_a,f,2,4")


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    store.write(record(2))
    assert store.record("ana") == record(2)
    store.path("ana").write_text("{")
    assert store.record("ana") is None
    assert list(store.records()) == []
