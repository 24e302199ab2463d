"""Batches as an instructor runs them: a course on disk, `jaxercise grade`, and what it leaves."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import ROOT, notebook

EXERCISE = "05_per_example_gradients"
SECONDS = 600.0
#: No limit of time decides here: the machine may be as slow as it likes.
PATIENT = ("--call-seconds", "300")
UNSANDBOXED = ("--unsafe-no-sandbox",)
#: The processes of a run, by the modules that they run.
JUDGE, FORKSERVER = "jaxercise.frontends.batch.judge", "jaxercise.sandboxed.forkserver"


def solution() -> str:
    """A right answer."""
    return (ROOT / "solutions" / f"{EXERCISE}.py").read_text(encoding="utf-8")


def altered(old: str, new: str) -> str:
    """The right answer with one thing changed in it."""
    text = solution()
    assert old in text
    return text.replace(old, new)


def students() -> dict[str, dict[str, str]]:
    """A class: names, and the files handed in."""
    name = f"{EXERCISE}.py"
    crash = "\nimport os\ndef batch_gradient(loss, params, x, y):\n    os._exit(3)\n"
    return {
        "ana": {name: solution()},
        "Zoë\nMüller": {name: solution()},  # the same files as ana's
        "b en": {name: solution() + "\ndef batch_gradient(loss, params, x, y):\n    return 0.0\n"},
        "crash": {name: solution() + crash},
        "notebook": {f"{EXERCISE}.ipynb": notebook(solution())},
        "broken": {f"{EXERCISE}.ipynb": "{"},
        "empty": {},
        "other": {"essay.py": "print('hello')"},
        "=1+2": {name: solution() + "\n# a name that a spreadsheet would compute\n"},
    }


def write_course(folder: Path, course: Mapping[str, Mapping[str, str]]) -> Path:
    """A folder of students' folders."""
    for student, files in course.items():
        (folder / student).mkdir(parents=True)
        for name, text in files.items():
            (folder / student / name).write_text(text, encoding="utf-8")
    return folder


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@dataclass(frozen=True)
class Batch:
    """A run that has ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        return records(self.folder)


def command(submissions: Path, out: Path, *options: str) -> list[str]:
    """The command line."""
    return [
        *(sys.executable, "-m", "jaxercise", "grade", str(submissions), "--out", str(out)),
        # The same inputs in every checkout, and no file in this one.
        *("--grading-seed", "0", "--exercise", EXERCISE, *PATIENT, *options),
    ]


def grade(submissions: Path, out: Path, *options: str, sandbox: bool = False) -> Batch:
    """Grade, and wait for it."""
    more = () if sandbox else UNSANDBOXED
    done = subprocess.run(
        command(submissions, out, *more, *options),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    return Batch(done.returncode, done.stdout, done.stderr, out)


def start(submissions: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    """Begin to grade, and come back when the first result is there."""
    process = subprocess.Popen(
        command(submissions, out, *UNSANDBOXED, *options),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + SECONDS
    while not scores(out) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def records(out: Path) -> dict[str, dict[str, Any]]:
    """The records in a folder, by student."""
    read = [json.loads(path.read_text()) for path in (out / "results").glob("*.json")]
    return {record["student"]: record for record in read}


def scores(out: Path) -> dict[str, float | None]:
    """The scores there are so far, of those that have been run."""
    return {s: r["score"] for s, r in records(out).items() if r["verdict"] != "error"}


def decided(out: Path) -> dict[str, Any]:
    """All that was decided, without what differs from run to run."""
    whole = records(out)
    for record in whole.values():
        del record["timings"]
        for outcome in record["outcomes"]:
            del outcome["seconds"]
    return whole


def command_line(pid: int) -> str:
    """What a process was started with; empty if it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""


def parent(pid: int) -> int:
    """The process that has started another one; 0 if that is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def children(pid: int, named: str) -> list[int]:
    """The process ids of a process's children whose command line holds a word."""
    there = (int(process.name) for process in Path("/proc").glob("[0-9]*"))
    return [one for one in there if parent(one) == pid and named in command_line(one)]


def gone(pids: list[int], seconds: float = 60.0) -> bool:
    """True if none of these processes is there within some seconds."""
    deadline = time.monotonic() + seconds
    while any(_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
