"""The answers of `tests/blind`, and which of them are known to get by."""

from __future__ import annotations

import tomllib

from jaxercise.authoring.certify.grading import JudgedBody
from jaxercise.claims.bodies import Body, read_bodies
from jaxercise.claims.loading import load_exercise
from running import COURSE, ROOT

FOLDER = ROOT / "tests" / "blind"


def bodies(exercise: str, side: str) -> tuple[Body, ...]:
    """The answers to an exercise, `right` or `wrong` ones."""
    functions = load_exercise(COURSE, exercise).functions
    return read_bodies(FOLDER / side / f"{exercise}.py", functions, wrong=side == "wrong")


def getting_by() -> dict[str, str]:
    """The wrong answers that are known to keep all points, with the reason."""
    listed = tomllib.loads((FOLDER / "getting_by.toml").read_text(encoding="utf-8"))
    return {name: one["reason"] for one in listed.get("because", []) for name in one["answers"]}


def mistaken(one: JudgedBody, side: str) -> bool:
    """Whether the verdict is not the label."""
    return bool(one.refused_by()) == (side == "right")
