"""`jaxercise doctor FILE`: what grading will find in a file, before it is handed in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from jaxercise import arguments
from jaxercise.frontends.reports.choices import add_only, only
from jaxercise.sandboxed.texts import printable
from jaxercise.submission import Submission, SubmissionError, read_submission
from jaxercise.submission.filenames import meant
from jaxercise.submission.sources import files_of


def add_command(commands: Any) -> None:
    doctor = arguments.add_command(
        commands, "doctor", "see what grading will find in a file",
        "Read a file, or all exercises of a folder, as grading would, and execute nothing of it: "
        "which functions are written, which are not yet, what is damaged, and what is mended; of a "
        "folder also which exercises are missing, and which files will not be graded.",
        "jaxercise doctor exercises/01_topic.ipynb", _doctor,
    )  # fmt: skip
    doctor.add_argument("path", type=Path, metavar="FILE", help="a .py, an .ipynb, or a folder")
    add_only(doctor)
    arguments.add_course(doctor)


def _doctor(options: argparse.Namespace) -> int:
    from jaxercise.claims.loading import load_exercise
    from jaxercise.course import Course

    course = only(Course.open(options.course), options.only)
    functions = {name: load_exercise(course, name).functions for name in course.names()}
    try:
        lines, well = examined(options.path, functions)
    except SubmissionError as error:
        print(f"jaxercise doctor: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0 if well else 1


def examined(path: Path, exercises: Mapping[str, Collection[str]]) -> tuple[list[str], bool]:
    """What the doctor says about a file or a folder, and whether all of it can be graded.

    Raises:
        SubmissionError: there is nothing to grade.
    """
    submission = read_submission(path, exercises)
    lines: list[str] = []
    well = True
    for exercise, functions in exercises.items():
        said, fine = _about(submission, exercise, functions)
        lines += said
        well &= fine
    if path.is_dir():
        sources = {name: submission.source(name, ()) for name in exercises}
        missing = [name for name, source in sources.items() if source is None]
        graded = {source.path for source in sources.values() if source is not None}
        others = [
            file.relative_to(path).as_posix()
            for file in files_of(path)
            if meant(file.name, exercises) is None and file not in graded
        ]
        lines += [f"missing: {name}" for name in missing]
        lines += [f"not graded: {name}, by its name none of the exercises" for name in others]
    return [printable(line) for line in lines], well


def _about(
    submission: Submission, exercise: str, functions: Collection[str]
) -> tuple[list[str], bool]:
    source = submission.source(exercise, functions)
    if source is None:
        return [], True
    states: dict[str, list[str]] = {"written": [], "still to write": [], "not there": []}
    for name in functions:
        state = source.functions.get(name)
        key = {"written": "written", "stub": "still to write"}.get(state or "", "not there")
        states[key].append(name)
    lines = [source.path.name]
    lines += [f"  {key}: {', '.join(names)}" for key, names in states.items() if names]
    lines += [f"  mended: {note}" for note in source.notes if note != source.problem]
    if source.problem:
        lines += [f"  wrong: {source.problem}"]
    elif not source.notes:
        lines.append("  nothing had to be mended")
    return lines, source.problem is None and not states["not there"]
