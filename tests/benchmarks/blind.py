"""How the grader does on answers that were written without a look at it: `tests/blind`.

    python tests/benchmarks/blind.py [EXERCISE ...]

Prints, for each exercise, how many right answers lose points and how many wrong ones keep all of
them, then each of these by name, and what students would be told of a likely cause.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from jaxercise.authoring.certify.grading import Judged, grader_of, judged
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.bodies import Body, read_bodies
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course

COURSE = Course.at(Path(__file__).parents[2])
BLIND = COURSE.root / "tests" / "blind"


def bodies(exercise: str, side: str) -> tuple[Body, ...]:
    """The answers to an exercise, `right` or `wrong` ones."""
    functions = load_exercise(COURSE, exercise).functions
    return read_bodies(BLIND / side / f"{exercise}.py", functions, wrong=side == "wrong")


def getting_by() -> dict[str, str]:
    """The wrong answers that are known to keep all points, with the reason."""
    listed = tomllib.loads((BLIND / "getting_by.toml").read_text(encoding="utf-8"))
    return {name: one["reason"] for one in listed.get("because", []) for name in one["answers"]}


def mistaken(one: Judged, side: str) -> bool:
    """Whether the verdict is not the label."""
    return bool(one.refused_by()) == (side == "right")


def bound(wrong: int, total: int) -> str:
    """The share, or the bound that none in so many allows."""
    return f"{wrong / total:.1%}" if wrong else f"< {3 / total:.1%}"


def main(names: list[str]) -> None:
    """Grade, and print."""
    print(f"{'exercise':<26}{'right':>7}{'refused':>9}{'wrong':>7}{'accepted':>10}{'named':>7}")
    totals, lines = {"right": [0, 0], "wrong": [0, 0]}, []
    with patient_workers() as workers:
        for name in names or COURSE.names():
            exercise, grader = load_exercise(COURSE, name), grader_of(COURSE, name, workers)
            row, named = [], 0
            for side in ("right", "wrong"):
                results = list(judged(exercise, bodies(name, side), grader))
                failed = [one for one in results if mistaken(one, side)]
                row += [len(results), len(failed)]
                totals[side][0] += len(failed)
                totals[side][1] += len(results)
                for one in failed:
                    why = "; ".join(
                        f"{o.claim}: {o.finding.sentence if o.finding else o.verdict}"
                        for o in one.refused_by()
                    )
                    lines.append(f"{side} {name}.{one.body.qualname}: {why or one.body.idea}")
                for one in results:
                    for outcome in one.as_graded(exercise):
                        if outcome.finding is not None and outcome.finding.diagnosis:
                            named += side == "wrong"
                            said = outcome.finding.misconception or outcome.finding.diagnosis
                            lines.append(f"told {name}.{one.body.qualname}: {said}")
            print(f"{name:<26}{row[0]:>7}{row[1]:>9}{row[2]:>7}{row[3]:>10}{named:>7}", flush=True)
    for side, (failed, total) in totals.items():
        word = "lose points" if side == "right" else "keep all of them"
        print(f"{failed} of {total} {side} answers {word}: {bound(failed, total)}")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main(sys.argv[1:])
