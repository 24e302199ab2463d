"""What drafted claims are worth: those of `jaxercise new --from`, on this course's exercises.

    python tests/benchmarks/drafting.py [--blind] [EXERCISE ...]

For each exercise, its property file is drafted anew from the signatures of the solution, and takes
the place of the one that is there, in a copy. Printed are how many right answers in other styles
lose points, and how many mutants that `equivalents.toml` does not list are refused. With `--blind`
the drafts are held against the solution alone, and not against the right answers beside it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from jaxercise.authoring.certify import reasons
from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.mutants import mutants
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from jaxercise.authoring.certify.survivors import tried
from jaxercise.authoring.new import drafted_text
from jaxercise.claims.bodies import right
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from running import COURSE


def drafted_course(folder: Path, name: str, workers: PatientWorkers, *, blind: bool) -> Course:
    """A course of one exercise, with drafted claims and the right answers of this one."""
    made = Course(folder)
    made.variants(name).parent.mkdir(parents=True)
    made.solutions.mkdir()
    made.solution(name).write_bytes(COURSE.solution(name).read_bytes())
    for earlier in COURSE.names()[: COURSE.names().index(name)]:
        made.solution(earlier).write_bytes(COURSE.solution(earlier).read_bytes())
    if not blind:
        made.variants(name).write_bytes(COURSE.variants(name).read_bytes())
    made.properties(name).write_text(drafted_text(made, name, workers), encoding="utf-8")
    made.variants(name).write_bytes(COURSE.variants(name).read_bytes())
    return made


def main(arguments: list[str]) -> None:
    """Draft, judge, and print."""
    blind = "--blind" in arguments
    names = [one for one in arguments if not one.startswith("-")] or COURSE.names()
    listed = reasons.listed(COURSE, reasons.MUTANTS)
    head = ("claims", "lines", "right", "refused", "mutants", "killed", "share")
    print(f"{'exercise':<26}" + "".join(f"{one:>9}" for one in head), flush=True)
    totals, lines = [0] * 6, []
    with patient_workers() as workers:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="jaxercise-drafts-") as folder:
                course = drafted_course(Path(folder), name, workers, blind=blind)
                exercise, grader = (
                    load_exercise(course, name),
                    grader_of(course, name, workers, diagnose=False),
                )
                length = course.properties(name).read_text(encoding="utf-8").count("\n")
                results = list(judged(exercise, right(course, name), grader))
                refused = [one for one in results if one.refused_by()]
                candidates = [one for one in mutants(course, name) if one.name not in listed]
                found = list(tried(course, name, candidates, workers))
            killed = sum(bool(one.claim) for one in found)
            row = [len(exercise.claims), length, len(results), len(refused), len(found), killed]
            totals = [one + more for one, more in zip(totals, row, strict=True)]
            print(_row(name, row), flush=True)
            lines += [
                f"refused {one.body.qualname}: {', '.join(o.claim for o in one.refused_by())}"
                for one in refused
            ]
            lines += [f"survives {one.changed.name}" for one in found if not one.claim]
    print(_row("all", totals))
    print("\n".join(lines))


def _row(name: str, row: list[int]) -> str:
    share = f"{row[-1] / row[-2]:.1%}" if row[-2] else ""
    return f"{name:<26}" + "".join(f"{one:>9}" for one in row) + f"{share:>9}"


if __name__ == "__main__":
    main(sys.argv[1:])
