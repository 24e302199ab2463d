"""What a run says at its end is to be done next."""

from __future__ import annotations

from pathlib import Path

import pytest
from jaxercise.frontends.reports.next_step import next_step
from jaxercise.submission import Source
from jaxercise.verdicts import FunctionResult, Outcome, Verdict
from running import COURSE, grade

SCRIPT = (
    '"""def batched"""\n\n\ndef batched_twice(f):\n    pass\n\n\ndef batched(f, x):\n    pass\n'
)


def results(**verdicts: Verdict) -> list[FunctionResult]:
    """Functions of 01, each with one claim of two points that came to a verdict."""
    return [
        FunctionResult(
            "01_vmap",
            name,
            [
                Outcome("01_vmap", name, "claim", verdict, 2.0 * (verdict == Verdict.PASSED), 2.0,
                        "So it is.", examples=3)
            ],
        )
        for name, verdict in verdicts.items()
    ]  # fmt: skip


def source(name: str) -> Source:
    """A file that was handed in."""
    return Source(Path(name), (SCRIPT,), {}, None, True)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("mine/01_vmap.py", "mine/01_vmap.py, line 8"),
        ("01_vmap.ipynb", "01_vmap.ipynb"),
        ("gone", "01_vmap"),
    ],
)
def test_the_first_open_function_is_next(name: str, place: str) -> None:
    """It is named with its state and place, whatever else is open."""
    made = results(other=Verdict.PASSED, batched=Verdict.WRONG, third=Verdict.NOT_ATTEMPTED)
    found = None if name == "gone" else source(name)
    assert next_step(made, lambda _: found) == f"Next: batched (wrong), in {place}"


def test_a_function_that_is_not_there_has_no_line() -> None:
    made = results(other=Verdict.PASSED, missing=Verdict.NOT_ATTEMPTED)
    assert next_step(made, lambda _: source("01_vmap.py")) == "Next: missing, in 01_vmap.py"


def test_what_the_grader_failed_on_is_no_next_step() -> None:
    """Unless there is nothing else."""
    made = results(one=Verdict.INTERNAL, batched=Verdict.ERROR)
    assert next_step(made, lambda _: None) == "Next: batched (error), in 01_vmap"
    assert next_step(made[:1], lambda _: None) == "Next: one (internal), in 01_vmap"


def test_where_all_is_done_it_says_what_that_took() -> None:
    made = results(batched=Verdict.PASSED)
    said = next_step(made, lambda _: None)
    assert said == "2 of 2. 1 function, 1 claim, 3 comparisons: all of it holds."


def test_the_first_run_says_where_to_start() -> None:
    """The line is the one in the file."""
    name = "05_per_example_gradients"
    out = grade("exercises", "-k", name).out
    lines = (COURSE.exercises / f"{name}.py").read_text(encoding="utf-8").splitlines()
    number = next(i for i, one in enumerate(lines, 1) if one.startswith("def per_example_grad"))
    due = f"Start with exercises/{name}.py: per_example_gradients, line {number}"
    assert due in out.splitlines()
