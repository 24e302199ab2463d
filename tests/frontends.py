"""The frontends through which hostile submissions go, each a real command that grades a course.

    python tests/frontends.py [FRONTEND ...]

sends the whole catalogue through all of them, and prints what was expected and what was seen.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import hostile_catalogue
import nbgrader_commands
import running
from batches import SECONDS
from hostile_catalogue import Case, Judged
from jaxercise.frontends.batch.records import Store
from jaxercise.verdicts import FunctionResult
from nbgrader_commands import ASSIGNMENT, NbgraderTerm
from running import COURSE

#: How long a call may take where the clock decides, and where it does not.
IMPATIENT, PATIENT = 2.0, 120.0

#: What became of the functions of each submission.
Graded = dict[str, dict[str, Judged]]


def through_pytest(submissions: Path, seconds: float, exercises: Sequence[str] = ()) -> Graded:
    """`pytest autograder/ --submission`, as a student runs it: no sandbox, but limits."""
    found: Graded = {}
    what = [f"autograder/test_{one}.py" for one in exercises] or ["autograder"]
    for folder in sorted(submissions.iterdir()):
        graded = running.grade(folder, "--call-seconds", str(seconds), what=what)
        found[folder.name] = {
            name: Judged(graded.verdict(name), entry["score"], entry["max_score"])
            for name, entry in graded.entries.items()
        }
    return found


def through_the_batch(submissions: Path, seconds: float, exercises: Sequence[str] = ()) -> Graded:
    """`jaxercise grade`, as an instructor runs it: in a sandbox.

    Of some exercises those are graded that were handed in, by one judge: each begins by grading
    the solutions to all of them.
    """
    handed_in = {path.stem for path in submissions.glob("*/*")}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jaxercise", "grade", str(submissions)]
        command += ["--out", folder, "--call-seconds", str(seconds), "--grading-seed", "0"]
        command += ["--jobs", "1" if exercises else "2"]
        command += [f"--exercise={one}" for one in exercises if one in handed_in]
        done = subprocess.run(
            command, cwd=running.ROOT, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr
        records = list(Store(Path(folder)).records())
    assert all(record.sandbox for record in records)
    return {record.student: dict(map(_judged, record.results)) for record in records}


def _judged(result: FunctionResult) -> tuple[str, Judged]:
    return result.name, Judged(result.verdict, result.points, result.max_points)


def through_nbgrader(submissions: Path, _: float, *, term: NbgraderTerm) -> Graded:
    """`nbgrader autograde`, in a course that has been released; scripts become notebooks."""
    for folder in sorted(submissions.iterdir()):
        handed_in = term.course / "submitted" / folder.name / ASSIGNMENT
        handed_in.mkdir(parents=True)
        for path in folder.iterdir():
            text = path.read_text()
            notebook = text if path.suffix == ".ipynb" else running.notebook(text)
            (handed_in / f"{path.stem}.ipynb").write_text(notebook)
    names = [folder.name for folder in submissions.iterdir()]
    term.many([(term.course, ["autograde", ASSIGNMENT, f"--student={one}"]) for one in names])
    scores = nbgrader_commands.scores(term)
    return {name: dict(_judged_cells(term, name, scores[name])) for name in names}


def _judged_cells(
    term: NbgraderTerm, student: str, scores: Mapping[str, float | None]
) -> Iterable[tuple[str, Judged]]:
    """The functions of a student's autograded notebooks: with the points that count."""
    for path in (term.course / "autograded" / student / ASSIGNMENT).glob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            if about.get("grade"):
                function = about["grade_id"].removeprefix("test_")
                state = cell["metadata"]["jaxercise"]["state"]
                verdict = "passed" if state == "done" else state
                points = scores[function]
                assert points is not None
                yield f"{path.stem}.{function}", Judged(verdict, points, about["points"])


def copied(term: NbgraderTerm, root: Path) -> NbgraderTerm:
    """Another term with the same course on it, released, and nothing handed in."""
    new = NbgraderTerm(root)
    shutil.copytree(term.course, new.course)
    for name in ("submitted", "autograded", "feedback"):
        shutil.rmtree(new.course / name, ignore_errors=True)
    return new


def made(root: Path) -> NbgraderTerm:
    """A term with a course of all exercises on it."""
    term = NbgraderTerm(root)
    nbgrader_commands.make(term, *COURSE.names())
    term.nbgrader("generate_assignment", ASSIGNMENT)
    return term


#: The frontends that take whole courses, by name, and some exercises of them or all.
FRONTENDS: dict[str, Callable[..., Graded]] = {
    "batch": through_the_batch,
    "pytest": through_pytest,
}


def lay_out(
    cases: Sequence[Case], folder: Path, sentinel: Path, exercises: Sequence[str] = ()
) -> dict[str, tuple[list[Case], dict[str, float]]]:
    """Write cases as submissions of a course: `patient/NAME` and `endless/NAME`.

    Args:
        cases: which.
        folder: the course's.
        sentinel: a file outside.
        exercises: those that the course has; all of them unless told.

    Returns:
        the submissions' cases, and the points due to the right answers that stand beside them.
    """
    found = {}
    for number, pack in enumerate(hostile_catalogue.packs(cases)):
        kind, name = "endless" if pack[0].endless else "patient", f"pack{number:02d}"
        place = folder / kind / name
        graded = exercises or COURSE.names()
        found[name] = pack, hostile_catalogue.lay_out(pack, place, sentinel, graded)
    return found


def send(grade: Callable[[Path, float], Graded], folder: Path) -> Graded:
    """Send what `lay_out` has written through a frontend."""
    seconds = {"patient": PATIENT, "endless": IMPATIENT}
    found: Graded = {}
    for kind, limit in seconds.items():
        if (folder / kind).is_dir():
            found |= grade(folder / kind, limit)
    return found


def main() -> None:
    """Print the catalogue's table."""
    chosen = sys.argv[1:] or ["pytest", "nbgrader", "batch"]
    seen: dict[str, dict[str, str]] = {}
    robbed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        sentinel = hostile_catalogue.make_sentinel(place / "sentinel")
        for way in chosen:
            cases = [
                case for case in hostile_catalogue.cases() if way != "pytest" or not case.sandboxed
            ]
            laid = lay_out(cases, place / way, sentinel)
            if way == "nbgrader":
                grade = functools.partial(through_nbgrader, term=made(place / "term"))
            else:
                grade = FRONTENDS[way]
            graded = send(grade, place / way)
            for submission, (pack, honest) in laid.items():
                judged = graded[submission]
                for case in pack:
                    got = judged[case.function]
                    wrong = bool(hostile_catalogue.complaints([case], judged))
                    told = f"{got.verdict} {got.points:g}/{got.max_points:g}"
                    seen.setdefault(case.name, {})[way] = told + " !" * wrong
                for function, points in honest.items():
                    if judged[function].points < points:
                        robbed.append(f"{function} in {submission}, {way}: {judged[function]}")
    print(f"{'case':<26}{'expected':<20}" + "".join(f"{way:<22}" for way in chosen))
    for case in hostile_catalogue.cases():
        told = "".join(
            f"{seen.get(case.name, {}).get(way, '(in a sandbox)'):<22}" for way in chosen
        )
        print(f"{case.name:<26}{' or '.join(case.verdicts):<20}{told}")
    print(f"{sum('!' in told for one in seen.values() for told in one.values())} not as expected")
    print("right answers beside them that lost points:", "; ".join(robbed) or "none")


if __name__ == "__main__":
    main()
