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
import nbgrader_commands
from nbgrader_commands import ASSIGNMENT, STOCK, NbgraderTerm

EXERCISES = ("02_grad_vs_cos", "04_partial_derivatives")


def handed_in(term: NbgraderTerm, number: int) -> None:
    """One more submission: the release, with the combined corpus' functions in its cells."""
    folder = term.course / "submitted" / f"student{number}" / ASSIGNMENT
    shutil.copytree(term.course / "release" / ASSIGNMENT, folder)
    for (exercise, function), bodies in combined.bodies().items():
        path = folder / f"{exercise}.ipynb"
        if path.exists():
            answer = bodies[number % len(bodies)].code
            notebook = nbgrader_commands.solved(nbgrader_commands.read(path), {function: answer})
            nbgrader_commands.write(path, notebook)


def seconds(term: NbgraderTerm, *arguments: str) -> float:
    """How long `nbgrader autograde` takes."""
    start = time.perf_counter()
    ran = term.run("nbgrader", "autograde", ASSIGNMENT, "--force", *arguments)
    if ran.code:
        raise subprocess.CalledProcessError(ran.code, "nbgrader autograde", ran.said)
    return time.perf_counter() - start


def main() -> None:
    submissions = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with tempfile.TemporaryDirectory() as folder:
        term = NbgraderTerm(Path(folder))
        nbgrader_commands.make(term, *EXERCISES)
        term.nbgrader("generate_assignment", ASSIGNMENT)
        for number in range(submissions):
            handed_in(term, number)
        seconds(term, "--student=student0")  # fills the judge's caches, as any term has
        ours = seconds(term)
        with open(term.course / "nbgrader_config.py", "a") as file:
            file.write(STOCK)
        seconds(term, "--student=student0")
        stock = seconds(term)
    print(f"{submissions} submissions of {len(EXERCISES)} notebooks each")
    print(f"nbgrader's own way:  {stock / submissions:6.2f} s a submission")
    print(f"this kit's engine:   {ours / submissions:6.2f} s a submission")
    print(f"times less:          {stock / ours:6.2f}   (goal 4)")


if __name__ == "__main__":
    main()
