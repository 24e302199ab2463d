"""The corpus: right answers in unusual styles, misconceptions, and grading one of them."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autograder.caches import answers_memory
from autograder.door import exercise_names
from autograder.misconceptions import imports, misconceptions
from autograder.processes import ROOT
from autograder.properties.claims import Exercise
from autograder.properties.findings import Outcome
from autograder.properties.grading import ExerciseGrading, Grader
from autograder.properties.references import References
from autograder.submission import Source
from autograder.worker.remote import RemoteBench, Workers

VARIANTS = ROOT / "tests" / "variants"
EXERCISES = exercise_names()
#: As many as a run of the kit judges side by side.
_THREADS = 3


@dataclass(frozen=True)
class Body:
    """One body of the corpus.

    Attributes:
        name: its own name.
        of: the function that it is an answer for.
        code: a submission that holds it under that name.
    """

    name: str
    of: str
    code: str


def exercise(name: str) -> Exercise:
    """An exercise with its claims."""
    found: Exercise = importlib.import_module(f"autograder.test_{name}").exercise
    return found


def variants(name: str) -> list[Body]:
    """The right answers: functions `<function>__<style>` of `tests/variants/<name>.py`."""
    path = VARIANTS / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    bodies = [one for one in tree.body if isinstance(one, ast.FunctionDef) and "__" in one.name]
    shared = "\n".join(ast.unparse(one) for one in tree.body if one not in bodies)
    return [
        Body(one.name, one.name.split("__")[0], f"{shared}\n{ast.unparse(one)}\n{_asked(one)}\n")
        for one in bodies
    ]


def _asked(body: ast.FunctionDef) -> str:
    return f"{body.name.split('__')[0]} = {body.name}"


def wrongs(name: str) -> list[Body]:
    """The misconceptions."""
    head = imports(name)
    return [Body(one.name, one.of, f"{head}\n{one.source()}") for one in misconceptions(name)]


def grade(name: str, bodies: list[Body], workers: Workers) -> Iterator[tuple[Body, list[Outcome]]]:
    """The outcomes of the claims about each body's function, in the order of the claims."""
    references = References(name, answers_memory(name))
    grader = Grader(lambda: RemoteBench(workers), lambda _: references)
    claims = exercise(name).claims

    def outcomes(body: Body) -> list[Outcome]:
        source = Source(Path(f"{name}.py"), (body.code,), {body.of: "written"}, None, True)
        about = [claim for claim in claims if claim.function.name == body.of]
        grading = ExerciseGrading(grader, source, about)
        try:
            return [grading.outcome(claim) for claim in about]
        finally:
            grading.close()

    with ThreadPoolExecutor(_THREADS) as threads:
        yield from zip(bodies, threads.map(outcomes, bodies), strict=True)
