"""How the grader does on answers that were written without a look at it: `tests/blind`.

    python tests/benchmarks/blind.py [EXERCISE ...]

Prints, for each exercise, how many right answers lose points and how many wrong ones keep all of
them, then each of these by name, and what students would be told of a likely cause.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jaxercise.authoring.certify.grading import grader_of, judged
from jaxercise.authoring.certify.runners import patient_workers
from jaxercise.claims.loading import load_exercise

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from blind_answers import bodies, mistaken
from running import COURSE


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
