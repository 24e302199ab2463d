"""`jaxercise grade`: the command line of batches."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from jaxercise.arguments import add_command, add_course, stopped_by_signal
from jaxercise.frontends.batch.layouts import LAYOUTS
from jaxercise.frontends.reports.choices import add_only

INTERRUPTED = 130


def add_to(commands: Any) -> None:
    command = add_command(
        commands, "grade", "grade a class",
        "Grade the submissions of a class, each in a sandbox, and write a result for each student, "
        "tables and a page. What is finished is kept: run the same command again to go on, or to "
        "grade what was handed in since.",
        "jaxercise grade submissions.zip --out results", run,
        page="autograder/jaxercise/frontends/batch/README.md",
    )  # fmt: skip
    command.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="nbgrader's submitted/ tree, a folder of students' folders, or a zip from Canvas, "
        "Moodle or Gradescope",
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder for the results"
    )
    add_course(command)
    command.add_argument(
        "--jobs",
        type=int,
        default=_cores(),
        metavar="N",
        help="judges side by side (default: one a core)",
    )
    command.add_argument(
        "--layout", default="", choices=LAYOUTS, help="how to read it (default: by the names in it)"
    )
    command.add_argument(
        "--assignment", default="", metavar="NAME",
        help="grade the exercises of this one, in nbgrader's tree in the folders of its name "
        "(default: all exercises)",
    )  # fmt: skip
    command.add_argument(
        "--exercise", dest="exercises", action="append", default=[], metavar="NN_topic",
        help="grade this one alone; may be given several times (default: all)",
    )  # fmt: skip
    add_only(command)
    command.add_argument(
        "--due", default="", metavar="DATE",
        help="what comes later is late: 2027-01-31T23:59:00+01:00 (default: the date in the "
        "course's pyproject.toml, [tool.jaxercise.dates]; what it costs stands there, too)",
    )  # fmt: skip
    command.add_argument(
        "--extensions", type=Path, metavar="FILE",
        help="a CSV of students and the dates until when they may hand in (default: nobody has "
        "more time)",
    )  # fmt: skip
    command.add_argument(
        "--submitted-at", type=Path, metavar="FILE",
        help="a CSV of students and when they have handed in, where the download does not tell "
        "(default: what it does tell)",
    )  # fmt: skip
    command.add_argument(
        "--grading-seed", dest="seed", type=int, metavar="N",
        help="what decides the inputs (default: the class's own, in the course's grading-seed.txt)",
    )  # fmt: skip
    command.add_argument(
        "--call-seconds", type=float, default=20.0, metavar="S",
        help="how long a call may take, in seconds (default: %(default)g)",
    )  # fmt: skip
    command.add_argument(
        "--device", default="cpu", metavar="PLATFORM",
        help="where student code runs: cpu, cuda or tpu (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--against", type=Path, metavar="OLD",
        help="show who changes against these results before anything is written (default: write "
        "at once)",
    )  # fmt: skip
    command.add_argument(
        "--allow-lower", action="store_true", help="with --against: scores may go down"
    )
    command.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="grade on a Dask cluster, e.g. tcp://host:8786 (default: on this machine)",
    )  # fmt: skip
    command.add_argument(
        "--unsafe-no-sandbox", dest="sandbox", action="store_false",
        help="grade without a sandbox around student code; every report says so",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Run it; the exit status: 0 done, 1 cannot go on, 2 asked for something that is not there."""
    from jaxercise.frontends.batch.grade import GradeRequest, UsageError, grade
    from jaxercise.frontends.batch.judge_processes import MachineError, SandboxRefusedError

    try:
        with stopped_by_signal():
            return grade(
                GradeRequest(
                    **{one.name: getattr(options, one.name) for one in fields(GradeRequest)}
                )
            )
    except UsageError as error:
        return _say(str(error), 2)
    except SandboxRefusedError as error:
        return _say(
            f"no sandbox for student code: {error}. To grade without one, and have every report "
            "say so, add --unsafe-no-sandbox.",
            2,
        )
    except MachineError as error:
        return _say(
            f"{error} What is finished is kept: mend that, and run the same command again.", 1
        )
    except KeyboardInterrupt:
        return _say(
            "stopped. What is finished is kept: run the same command again to go on.", INTERRUPTED
        )


def _say(text: str, status: int) -> int:
    print(f"jaxercise grade: {text}", file=sys.stderr)
    return status


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
