"""What draws cover: every rule tells its blind spot, and no exercise has one without a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from jaxercise.authoring.certify import blind_spots, reasons
from jaxercise.authoring.certify.asked import Asked, asked, asked_by
from jaxercise.authoring.certify.coverage import Coverage, Sizes
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims import METHOD, Exercise, given
from jaxercise.claims.strategies import numbers, options
from jaxercise.course import Course
from jaxercise.grading.exercise import Grader
from jaxercise.grading.references import References
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire.values import Key
from jaxercise.workers.local import LocalRunner
from jaxercise.workers.runner import Reply
from running import COURSE

exercise = Exercise("test_00_powers.py")
power = exercise.function("power(x, n)")


@power.claim(points=1, examples=6)
@given(x=numbers(shape=(3,)), n=options(2, 3))
def raises_every_entry(x: np.ndarray, n: int) -> None:
    """Every entry to the n-th."""
    power.agrees(abs(np.round(x)), n)


@power.claim(points=1, kind=METHOD)
def does_not_loop() -> None:
    """No loop over the entries."""
    power.does_not_loop(lambda n: (np.ones(n, np.float32), 2), over="entries")


def floats(*rows: list[float]) -> Coverage:
    return Coverage("x", [np.array(row, np.float32) for row in rows])


ALL = ([0, -20.1, 0.3], [3, 3, 1])


def test_an_argument_that_was_everything_has_no_blind_spot() -> None:
    """All that the rules ask for, in two arrays."""
    assert floats(*ALL).blind_spots() == []
    assert floats(*ALL).shown() == ["2", "0.3", "20.1", "24", "- +", "some", "some", "never"]


@pytest.mark.parametrize(
    ("rows", "spot"),
    [
        (abs(np.array(ALL)), "is never negative"),
        (-abs(np.array(ALL)), "is never positive"),
        ([[-20.1, 0.3, 7], [3, 3, 1]], "is never 0"),
        ([[0, -20, 0.25], [3, 3, 1]], "never has more than 11 bits"),
        ([[0, -9.1, 0.3], [3, 3, 1]], "is never beyond 10"),
        ([[0, -20.1, 3], [3, 3, 1]], "is never between 0 and 1"),
        ([[0, -20.1, 0.3], [3, 4, 1]], "never has two equal entries"),
        ([[0, -20.1, 0.3, 0], [3, 3, 1, 1]], "always has two equal entries"),
        ([[-20.1, 0, 0.3], [3, 3, 4]], "is always sorted"),
    ],
)
def test_each_rule_tells_its_blind_spot(rows: list[list[float]], spot: str) -> None:
    """One thing is missing, and that is said."""
    assert floats(*rows).blind_spots() == [spot]


def test_other_arguments_have_several_values() -> None:
    """Integers, texts and keys are not always the same; a seed makes no other kind of key."""
    for alike, different in (
        ([3, 3], [3, 4]),
        (["a", "a"], ["a", "b"]),
        ([Key(0, True), Key(1, True)], [Key(0, True), Key(0, False)]),
    ):
        assert Coverage("n", alike).blind_spots() == ["has one value alone"]
        assert Coverage("n", different).blind_spots() == []


def test_sizes_are_several_equal_and_unequal() -> None:
    """Of axes, across arguments too."""

    def sizes(*pairs: tuple[tuple[int, ...], tuple[int, ...]]) -> list[str]:
        return list(
            Sizes([{"a": [np.zeros(a)], "b": [np.zeros(b)]} for a, b in pairs]).blind_spots()
        )

    assert sizes(((1,), (1,)), ((3,), (2,))) == []
    assert sizes(((1,), (4,)), ((3,), (4,))) == [
        "axis 0 of b is always 4",
        "axis 0 of a and axis 0 of b are never equal",
    ]
    assert sizes(((1,), (1,)), ((3,), (3,))) == ["axis 0 of a, axis 0 of b are always equal"]
    assert sizes(((2,), (1,)), ((3,), (2,))) == [
        "axis 0 of a is never 1",
        "axis 0 of a and axis 0 of b are never equal",
    ]


def test_a_call_under_vmap_is_seen_as_each_of_its_calls() -> None:
    """The axis that vmap maps over is none of the function's."""
    request = Request("power", (np.ones((3, 2), np.float32),), under="vmap")
    seen = Asked([(request, Reply(None))])
    one = Exercise("test_00_powers.py").function("power(x)")
    assert "  sizes: axis 0 of x: 2" in blind_spots.table(one, seen)
    assert any(" 3 " in line for line in blind_spots.table(one, seen))


def test_a_made_up_exercise_is_caught(tmp_path: Path) -> None:
    """Whole numbers up to 4, always three of them, are seen; what is only measured is not."""
    course = Course(tmp_path)
    course.solutions.mkdir()
    text = "def power(x, n):\n    return x**n\n"
    course.solution("00_powers").write_text(text, encoding="utf-8")
    references = References(course, "00_powers")
    grader = Grader(lambda: LocalRunner(debug=False), lambda _: references)
    found = blind_spots.blind_spots(power, asked_by(exercise, text, grader))
    expected = {
        "x is never negative",
        "x never has more than 11 bits",
        "x is never beyond 10",
        "x is never between 0 and 1",
        "axis 0 of x is always 3",
    }
    assert {one.removeprefix("00_powers.power: ") for one in found} == expected
    assert len(blind_spots.violations(course, ["00_powers"], found)) == len(expected)


def test_blind_spots_are_listed_with_a_reason(tmp_path: Path) -> None:
    """A pattern is for all that it matches; one that is for nothing is told."""
    course = Course(tmp_path)
    course.equivalents.parent.mkdir(parents=True)
    course.equivalents.write_text(
        '[[because]]\nreason = "so"\nblind_spots = ["00_*.f: ? is never 0", "00_a.g: *"]\n',
        encoding="utf-8",
    )
    found = ["00_a.f: x is never 0", "00_a.f: y is never 0", "00_a.f: xy is never 0"]
    assert blind_spots.violations(course, ["00_a"], found) == [
        "blind spot: 00_a.f: xy is never 0",
        "listed, but no blind spot: 00_a.g: *",
    ]
    assert reasons.listed(course, reasons.MUTANTS) == {}


@pytest.mark.in_turn
@pytest.mark.parametrize("name", COURSE.names())
def test_no_exercise_has_a_blind_spot_without_a_reason(name: str, workers: PatientWorkers) -> None:
    """What the draws of grading never are is never so for a reason."""
    found = [
        spot
        for one, seen in asked(COURSE, name, workers)
        for spot in blind_spots.blind_spots(one, seen)
    ]
    assert blind_spots.violations(COURSE, [name], found) == []
