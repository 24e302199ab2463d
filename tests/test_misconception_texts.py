"""What a student reads for every misconception; for the first of each function, word by word.

These texts stand in `tests/feedback/misconceptions/`, one file an exercise. Where they are meant to
change, run these tests with JAXERCISE_REWRITE=1 and JAXERCISE_NIGHTLY=1, and read the difference
before it is committed.
"""

from __future__ import annotations

import ast
import functools
import os
import re
from pathlib import Path

import pytest
from corpus import EXERCISES, Certificates, misconceptions_graded
from jaxercise.frontends.reports.feedback import feedback
from jaxercise.verdicts import FunctionResult, by_function
from needs import NIGHTLY
from running import ROOT

TEXTS = Path(__file__).with_name("feedback") / "misconceptions"
REWRITE = bool(os.environ.get("JAXERCISE_REWRITE"))
MOST_LINES = 24
WIDEST = 100

#: What no student should ever have to read.
INSIDES = (
    "site-packages", "jax/_src", "Traceback", "hypothesis", "Hypothesis", "autograder", "jaxercise",
)  # fmt: skip
#: An expression of the solutions is a secret from this length on.
SECRET = 20


def texts(name: str, certificates: Certificates) -> list[tuple[str, FunctionResult, str]]:
    """Each misconception's name, with what became of it and what its student reads."""
    found = []
    for body, outcomes in misconceptions_graded(certificates(name)):
        (result,) = by_function(outcomes)
        found.append((body.qualname, result, feedback(result)))
    return found


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_texts_are_the_recorded_ones(name: str, certificates: Certificates) -> None:
    """What students read is recorded, to the letter; numbers as far as every machine agrees.

    Nightly all that is recorded is compared, else what is said of the bodies that are judged.
    """
    path = TEXTS / f"{name}.txt"
    found = texts(name, certificates)
    if REWRITE and NIGHTLY:
        first: dict[str, str] = {}
        for body, result, text in found:
            first.setdefault(result.function, f"## {body}\n{text}\n")
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(first.values()), encoding="utf-8")
    recorded = dict(
        one.split("\n", 1) for one in path.read_text(encoding="utf-8")[3:].split("\n## ")
    )
    written = {body: text for body, _, text in found if body in recorded}
    assert written
    assert not NIGHTLY or set(written) == set(recorded)
    for body, text in written.items():
        assert settled(text) == settled(recorded[body])


def settled(text: str) -> str:
    """A text without what the rounding of a machine decides: last digits, and where lines break."""
    rounded = re.sub(r"-?\d+\.\d{3,}(e[-+]\d+)?", lambda one: f"{float(one[0]):.3g}", text)
    return " ".join(rounded.split())


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_texts_fit_a_screen(name: str, certificates: Certificates) -> None:
    """Nobody has to scroll, and no line is wrapped by the terminal."""
    for body, _, text in texts(name, certificates):
        lines = text.splitlines()
        assert 4 <= len(lines) <= MOST_LINES, body
        assert max(map(len, lines)) <= WIDEST, body


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_texts_show_nothing_of_the_insides(name: str, certificates: Certificates) -> None:
    """No traceback, no path into a library, no tracer, and nothing of Hypothesis."""
    for body, result, text in texts(name, certificates):
        printed = "".join(one.finding.printed for one in result.outcomes if one.finding)
        found = [word for word in INSIDES if word in text]
        # The names of its exceptions are kept: they can be looked up.
        shown = re.search(r"Tracer(?!\w*Error\b)", text)
        found += ["Tracer"] if shown and "Tracer" not in printed else []
        assert not found, body


@pytest.mark.in_turn
@pytest.mark.parametrize("name", EXERCISES)
def test_texts_give_no_solution_away(name: str, certificates: Certificates) -> None:
    """No line and no larger expression of the solution stands in them, however it is spaced."""
    secrets = expressions(name)
    assert len(secrets) > 2
    for body, result, text in texts(name, certificates):
        calls = {one.finding.call for one in result.outcomes if one.finding}
        lines = functools.reduce(
            lambda told, call: told.replace(call, ""), calls, text
        ).splitlines()
        # The student's own lines are shown to them, whatever stands in them.
        squeezed = "".join("".join(line.split()) for line in lines if ", line " not in line)
        assert not [secret for secret in secrets if secret in squeezed], body


@functools.cache
def expressions(name: str) -> frozenset[str]:
    """The statements and larger expressions between the solution markers, without spaces."""
    lines = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8").split("\n")
    tree = ast.parse("\n".join(lines))
    inside, answers = False, set()
    for number, line in enumerate(lines, 1):
        if "SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside:
            answers.add(number)
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr | ast.stmt) and node.lineno in answers
    ]
    found = {"".join(ast.unparse(node).split()) for node in nodes}
    known = "".join((ROOT / "exercises" / f"{name}.py").read_text(encoding="utf-8").split())
    return frozenset(text for text in found if len(text) >= SECRET and text not in known)


def test_every_recorded_text_belongs_to_an_exercise() -> None:
    """No text lies in the folder that no test compares."""
    assert {path.stem for path in TEXTS.iterdir()} == set(EXERCISES)
