"""The author's guide: it has all there is to write with, and its examples run."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from jaxercise import claims
from jaxercise.claims import Exercise, Expected, Function, strategies
from jaxercise.claims.strategies.covering import Strategy
from jaxercise.sandboxed import families
from jaxercise.sandboxed.families import FAMILIES, Described
from jaxercise.sandboxed.requests import Step
from running import ROOT

GUIDE = (ROOT / "autograder" / "README.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in GUIDE.split("\n") if line.startswith("| `")]
NAMES = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[0])}


def options(function: object) -> set[str]:
    """The names of a function's keyword-only options."""
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}


def methods() -> dict[str, object]:
    """What authors call on a function."""
    found = dict(inspect.getmembers(Function, inspect.isfunction))
    return {k: v for k, v in found.items() if k[0] != "_" and k not in ("claim", "request")}


@pytest.mark.parametrize(
    "names",
    [
        set(claims.__all__),
        set(strategies.__all__),
        {one.upper() for one in FAMILIES},
        {one.value for one in Step},
        set(methods()),
        options(Function.claim),
        options(Function.agrees),
        options(Function.request),
    ],
    ids=["claims", "strategies", "families", "steps", "methods", "claim", "agrees", "request"],
)
def test_all_that_there_is_has_a_line(names: set[str]) -> None:
    """What is exported, and what it can be told."""
    assert names - NAMES == set()


def test_options_of_strategies_and_methods_stand_in_an_example() -> None:
    """An option nobody has seen is not there."""
    everything = [getattr(strategies, name) for name in strategies.__all__] + [*methods().values()]
    text = "".join(row[-1] for row in ROWS)
    there = set().union(*map(options, everything))
    assert {one for one in there if f"{one}=" not in text} == set()


def examples() -> list[str]:
    """What stands in the last column."""
    return [found for row in ROWS for found in re.findall(r"`(.+)`", row[-1])]


@pytest.mark.parametrize("text", [one for one in examples() if not one.startswith("kind=")])
def test_an_example_runs(text: str) -> None:
    """It draws, describes a function, or calls what there is with options that it has."""
    known = {name: getattr(strategies, name) for name in strategies.__all__}
    known |= vars(claims) | {name: getattr(families, name) for name in families.__all__}
    x = np.array([1.0, 2.0, 3.0], np.float32)
    for name in re.findall(r"^@?f\.(\w+)", text):
        call = re.sub(r"^@?f", "f", text)
        assert hasattr(Function, name)
        named = set(re.findall(r"(\w+)=", call))
        takes = set(inspect.signature(getattr(Function, name)).parameters)
        assert named <= takes | options(Function.request), text
        return
    value = eval(text.lstrip("@"), {**known, "np": np, "x": x, "__file__": "test_00_f.py"})
    assert (
        isinstance(value, Strategy | Described | Expected | Function)
        or value is None
        or (callable(value))
    )


def test_a_line_of_the_signature_is_one() -> None:
    """What the guide's first example makes is a function with the arguments of two calls."""
    assert Exercise("test_00_f.py").function("f(x)(y)").parameters == ("x", "y")
