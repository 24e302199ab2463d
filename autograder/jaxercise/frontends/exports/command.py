"""`jaxercise gradescope` and `jaxercise classroom50`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from jaxercise.arguments import add_command, add_course


def add_commands(commands: Any) -> None:
    archive = add_command(
        commands, "gradescope", "make an autograder to upload to Gradescope",
        "Write the zip that Gradescope asks for: the course with its solutions, the engine, "
        "setup.sh, which installs it, and run_autograder, which grades a submission and always "
        "leaves a results.json. Upload it as it is. It grades with the class's own seed, which is "
        "made once and kept in the course's grading-seed.txt.",
        "jaxercise gradescope week1.zip --assignment week1", _gradescope,
        page="solutions/README.md",
    )  # fmt: skip
    archive.add_argument("file", type=Path, metavar="FILE.zip", help="the zip file to write")
    _add_which(archive, "the class's own, in the course's grading-seed.txt")
    classroom = add_command(
        commands, "classroom50", "grade, as Classroom 50's autograder.py",
        "Grade the folder of a submission and write Classroom 50's result.json, with points as "
        "hundredths. Runs where Classroom 50 has set CLASSROOM, ASSIGNMENT and the other variables "
        "that say whose work it is. What Classroom 50 hands to its runner, students can read, and "
        "so no seed is made here: it grades with that of the course's grading-seed.txt, where "
        "there is one, and else with seed 0, which is the students' own.",
        "jaxercise classroom50 . --course ~/networks", _classroom,
        page="solutions/README.md",
    )  # fmt: skip
    classroom.add_argument(
        "submission", type=Path, nargs="?", default=Path(), metavar="DIR",
        help="the folder to grade (default: the current one)",
    )  # fmt: skip
    classroom.add_argument(
        "--to", type=Path, default=Path("result.json"), metavar="FILE",
        help="the file to write (default: result.json)",
    )  # fmt: skip
    _add_which(classroom, "that of the course's grading-seed.txt, or else 0, the students' own")


def _add_which(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--grading-seed", type=int, metavar="N",
        help=f"what decides the inputs (default: {default})",
    )  # fmt: skip
    command.add_argument(
        "--assignment", default="", metavar="NAME",
        help="the exercises of this one alone (default: all)",
    )  # fmt: skip
    add_course(command)


def _gradescope(options: argparse.Namespace) -> int:
    from jaxercise.course import Course
    from jaxercise.files import write_whole
    from jaxercise.frontends.exports.gradescope import gradescope_archive

    course = Course.open(options.course)
    seed = course.grading_seed() if options.grading_seed is None else options.grading_seed
    try:
        write_whole(options.file, gradescope_archive(course, seed, options.assignment))
    except OSError as error:
        print(f"jaxercise gradescope: cannot write {options.file}: {error}", file=sys.stderr)
        return 1
    print(
        f"wrote {options.file}\nIt grades with seed {seed} (students check themselves with seed 0) "
        "and holds the solutions: keep it from students."
    )
    return 0


def _classroom(options: argparse.Namespace) -> int:
    from jaxercise.cache.folders import worker_cache
    from jaxercise.course import Course
    from jaxercise.engine import Engine
    from jaxercise.files import write_whole
    from jaxercise.frontends.exports.classroom import NoScoreError, classroom_result
    from jaxercise.submission import SubmissionError, read_submission

    course = Course.open(options.course)
    names = course.chosen((), options.assignment)
    seed: int | None = options.grading_seed
    if seed is None:  # one that is made on a runner would be another one in each run
        seed = course.grading_seed() if course.kept_seed.exists() else 0
    try:
        submission = read_submission(options.submission, course.functions(names))
        with Engine(course, cache=worker_cache(options.submission), seed=seed) as engine:
            result = classroom_result(engine.grade(submission, names), os.environ)
        write_whole(options.to, json.dumps(result, indent=1).encode())
    except (SubmissionError, NoScoreError, OSError) as error:
        print(f"jaxercise classroom50: {error}", file=sys.stderr)
        return 1
    print(f"{result['score'] / 100:g} of {result['max-score'] / 100:g} points: wrote {options.to}")
    # Students read this, too: which seed of the class's own it is stays unsaid.
    whose = "a seed of the class's own" if seed else "seed 0, with which students check themselves"
    print(f"Graded with {whose}.")
    return 0
