"""The commands for those who write a course: `new`, `build`, `certify` and `pack`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jaxercise.arguments import add_command, add_course
from jaxercise.course import Course


def add_commands(commands: Any) -> None:
    new = add_command(
        commands, "new", "begin a course, or add an exercise to one",
        "Write an exercise to begin with: a solution with one function, the claims about it, wrong "
        "answers and a right one in another style, all of it passing. With --course, in that "
        "folder, which may be new; without, in the course around the current folder. With --from, "
        "the claims are drafted from the annotations of a solution that is written. Nothing that "
        "is there is overwritten.",
        "jaxercise new --course networks 01_topic", _new, page="CONTRIBUTING.md",
    )  # fmt: skip
    new.add_argument("exercise", metavar="NN_topic", help="two digits and a name: 01_gradients")
    new.add_argument(
        "--from",
        dest="solution",
        type=Path,
        metavar="FILE.py",
        help="draft the claims from the signatures of this solution (default: from a small one "
        "that is written, too)",
    )
    new.add_argument(
        "--course", type=Path, metavar="DIR",
        help="the course's folder, or a new one (default: the one around the current folder)",
    )  # fmt: skip
    build = add_command(
        commands, "build", "make exercises/ from solutions/",
        "Write exercises/NN_topic.py for each solutions/NN_topic.py: the same text, with what "
        "stands between ### BEGIN SOLUTION and ### END SOLUTION taken out. Nothing is written "
        "unless all of them can be made.",
        "jaxercise build --check", _build, page="CONTRIBUTING.md",
    )  # fmt: skip
    build.add_argument(
        "--check", action="store_true", help="write nothing; print the difference and fail"
    )
    add_course(build)
    _add_certify(commands)
    pack = add_command(
        commands, "pack", "make the students' pack, without solutions",
        "Write a zip with what students need: the exercises as scripts and as notebooks with a "
        "check under every function, and the autograder with references that are compiled "
        "programs. No line of an answer is in it. It can be installed, and where jaxercise is "
        "installed already the folder in it is a course by itself.",
        "jaxercise pack week1.zip --assignment week1", _pack,
    )  # fmt: skip
    pack.add_argument("file", type=Path, metavar="FILE.zip", help="the zip file to write")
    pack.add_argument("--force", action="store_true", help="replace the file if it is there")
    pack.add_argument(
        "--assignment", default="", metavar="NAME",
        help="with the exercises of this one alone (default: all)",
    )  # fmt: skip
    add_course(pack)


def _add_certify(commands: Any) -> None:
    certify = add_command(
        commands, "certify", "grade the graders: right and wrong answers",
        "Judge the claims themselves: the solutions and the right answers in other styles have to "
        "earn every point, each misconception has to lose some, and no claim may be without one "
        "that it alone refuses. Points and exercises that the course's settings change or drop "
        "count as they are written.",
        "jaxercise certify 01_topic", _certify, page="autograder/jaxercise/README.md",
    )  # fmt: skip
    certify.add_argument("exercises", nargs="*", metavar="NN_topic", help="which (default: all)")
    certify.add_argument(
        "--seed", type=int, default=0, metavar="N", help="draw other inputs (default: 0)"
    )
    what = certify.add_mutually_exclusive_group()
    what.add_argument(
        "--mutants", action="store_true", help="judge the references with one thing changed"
    )
    what.add_argument(
        "--spoilers",
        action="store_true",
        help="judge the references wrapped in what is wrong whatever they compute",
    )
    what.add_argument(
        "--draws", action="store_true", help="print what draws cover, and what they never do"
    )
    what.add_argument(
        "--stability",
        type=_positive,
        nargs="?",
        const=50,
        metavar="SEEDS",
        help="grade everything under this many seeds (default: 50), and count what differs",
    )
    what.add_argument(
        "--naming",
        type=_positive,
        nargs="?",
        const=10,
        metavar="SEEDS",
        help="grade the misconceptions under this many seeds (default: 10), and count the names",
    )
    what.add_argument(
        "--tolerance",
        type=_positive,
        nargs="?",
        const=10_000,
        metavar="EXAMPLES",
        help="measure errors against what is allowed (default: on 10,000 examples a claim)",
    )
    add_course(certify)


def _new(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build import BuildError
    from jaxercise.authoring.drafting import DraftError
    from jaxercise.authoring.new import add_exercise, begin_course, draft_exercise

    try:
        if options.solution is not None:
            folder = _course_of(options.solution, options.course)
            course, written = draft_exercise(folder, options.exercise, options.solution)
        elif options.course is None or Course.holds(options.course):
            course = Course.open(options.course)
            written = add_exercise(course, options.exercise)
        else:
            course, written = begin_course(options.course, options.exercise)
    except (BuildError, DraftError, OSError) as error:
        print(f"jaxercise new: {error}", file=sys.stderr)
        return 1
    for path in written:
        print(f"wrote {path}")
    first = "autograder/test_" if options.solution else "solutions/"
    print(
        f"\nNext, in {course.root}:\n"
        f"  read and change these files, beginning with {first}{options.exercise}.py\n"
        "  jaxercise build                                    make exercises/ from solutions/\n"
        "  pytest autograder/ --submission=solutions          full marks for the solutions?\n"
        f"  jaxercise certify --mutants {options.exercise:<23}what gets by?\n"
        f"  jaxercise certify {options.exercise:<33}is every claim needed, and enough?"
    )
    return 0


def _course_of(solution: Path, folder: Path | None) -> Path:
    """The course that a solution is for: the one that was named, the one it lies in, or is near."""
    if folder is not None:
        return folder
    around = solution.resolve().parent
    return around.parent if around.name == "solutions" else Course.find().root


def _build(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build import BuildError, build, differences

    course = Course.open(options.course)
    try:
        if not options.check:
            written = build(course.solutions, course.exercises)
            for path in written:
                print(f"wrote {path}", flush=True)
            return _report_faults(course, [path.stem for path in written])
        difference = differences(course.solutions, course.exercises)
    except (BuildError, OSError) as error:
        print(f"jaxercise build: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(difference)
    if difference:
        print("exercises/ is out of date: run `jaxercise build`", file=sys.stderr)
    return 1 if difference else 0


def _report_faults(course: Course, names: list[str]) -> int:
    """Run the claims of some exercises on their solutions, for faults that are the author's."""
    from jaxercise.authoring.certify.faults import faults

    found = faults(course, [name for name in names if course.properties(name).exists()])
    for fault in found:
        print(f"jaxercise build: {fault}", file=sys.stderr)
    return 1 if found else 0


def _certify(options: argparse.Namespace) -> int:
    from jaxercise.authoring.certify import (
        blind_spots,
        margins,
        naming,
        report,
        stability,
        suggestions,
        survivors,
    )

    course = Course.open(options.course).without_settings()
    names = course.chosen(options.exercises)
    if options.mutants:
        return suggestions.run(course, names)
    if options.spoilers:
        return survivors.run_spoilers(course, names)
    if options.draws:
        return blind_spots.run(course, names, seed=options.seed)
    if options.stability:
        return stability.run(course, names, seeds=options.stability)
    if options.naming:
        return naming.run(course, names, seeds=options.naming)
    if options.tolerance:
        return margins.run(course, names, examples=options.tolerance, seed=options.seed)
    return report.run(course, names, seed=options.seed)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _pack(options: argparse.Namespace) -> int:
    from jaxercise.authoring.build import BuildError
    from jaxercise.authoring.pack import PackError, pack

    course = Course.open(options.course)
    try:
        size = pack(course, options.file, assignment=options.assignment, force=options.force)
    except (BuildError, OSError, PackError) as error:
        print(f"jaxercise pack: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}, {size / 2**20:.1f} MB")
    return 0
