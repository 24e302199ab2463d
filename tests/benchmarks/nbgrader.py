"""`nbgrader autograde` by this kit's engine against nbgrader's own way, in seconds a submission.

    python tests/benchmarks/nbgrader.py [SUBMISSIONS]

The same submissions, the same claims, one after the other. nbgrader's own way is a kernel for each
notebook, in which the test cells run the claims themselves through the live check.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# In the place of this very folder, where this file would hide nbgrader itself.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import combined
import course
from course import ASSIGNMENT, STOCK, Desk

EXERCISES = ("02_grad_vs_cos", "04_partial_derivatives")


def handed_in(desk: Desk, number: int) -> None:
    """One more submission: the release, with the combined corpus' functions in its cells."""
    folder = desk.course / "submitted" / f"student{number}" / ASSIGNMENT
    shutil.copytree(desk.course / "release" / ASSIGNMENT, folder)
    for (exercise, function), bodies in combined.bodies().items():
        path = folder / f"{exercise}.ipynb"
        if path.exists():
            answer = bodies[number % len(bodies)].code
            notebook = course.solved(course.read(path), {function: answer})
            course.write(path, notebook)


def seconds(desk: Desk, *arguments: str) -> float:
    """How long `nbgrader autograde` takes."""
    start = time.perf_counter()
    ran = desk.run("nbgrader", "autograde", ASSIGNMENT, "--force", *arguments)
    if ran.code:
        raise subprocess.CalledProcessError(ran.code, "nbgrader autograde", ran.said)
    return time.perf_counter() - start


def main() -> None:
    submissions = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        course.make(desk, *EXERCISES)
        desk.nbgrader("generate_assignment", ASSIGNMENT)
        for number in range(submissions):
            handed_in(desk, number)
        seconds(desk, "--student=student0")  # fills the judge's caches, as any term has
        ours = seconds(desk)
        with open(desk.course / "nbgrader_config.py", "a") as file:
            file.write(STOCK)
        seconds(desk, "--student=student0")
        stock = seconds(desk)
    print(f"{submissions} submissions of {len(EXERCISES)} notebooks each")
    print(f"nbgrader's own way:  {stock / submissions:6.2f} s a submission")
    print(f"this kit's engine:   {ours / submissions:6.2f} s a submission")
    print(f"times less:          {stock / ours:6.2f}   (goal 4)")


if __name__ == "__main__":
    main()
