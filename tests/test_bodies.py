"""The form in which authors keep answers, right and wrong: what of a file is handed in, and what is
said about a file that is not of the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from jaxercise.claims.bodies import read_bodies
from jaxercise.course import CourseError

FUNCTIONS = ("double", "halve")
FILE = '''"""Wrong answers."""

from functools import partial

import numpy as np

FACTOR = 3


def tripled(x):
    """Three times x."""
    return scaled(FACTOR, x)


def scaled(factor, x):
    return factor * x


def unused(x):
    return x


def double__thrice(x):
    """This is three times x,
    and not twice.

    Try 1. What comes
    out?
    """
    return tripled(x)


@partial(np.vectorize, otypes="f")
def double__loop(x):
    """method: One after the other."""
    return 2 * x


def double__kept(x, known={}):
    """law: The first answer is kept."""
    return known.setdefault("it", 2 * x)
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, written."""
    path = tmp_path / "01_topic.py"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_an_answer_is_what_its_function_and_docstring_say(path: Path) -> None:
    """Name, function, kind, idea and nudge are read from the file, which is not run."""
    thrice, loop, kept = read_bodies(path, FUNCTIONS, wrong=True)
    assert (thrice.function, thrice.name, thrice.qualname) == ("double", "thrice", "double__thrice")
    assert thrice.kind == "values"
    assert (thrice.idea, thrice.nudge) == (
        "This is three times x, and not twice.",
        "Try 1. What comes out?",
    )
    assert thrice.text == "This is three times x, and not twice. Try 1. What comes out?"
    assert (loop.kind, loop.text) == ("method", "One after the other.")
    assert (kept.kind, kept.remembers, thrice.remembers) == ("law", True, False)


def test_what_is_handed_in_stands_alone(path: Path) -> None:
    """It holds the imports, the helpers that it needs and no others, decorators and the name."""
    thrice, loop, _ = read_bodies(path, FUNCTIONS, wrong=True)
    found: dict[str, object] = {}
    exec(thrice.code, found)
    assert found["double"](5) == 15  # type: ignore[operator]
    assert {"tripled", "scaled", "np"} <= set(found)
    assert not {"unused", "double__loop"} & set(found)
    exec(loop.code, found := {})
    assert list(found["double"]([1.0, 2.0])) == [2.0, 4.0]  # type: ignore[operator]
    assert "scaled" not in found


def test_a_right_answer_has_no_kind(path: Path) -> None:
    """Of a right one the docstring is as it stands, whatever it begins with."""
    path.write_text('def halve__shift(x):\n    """method: a shift."""\n', encoding="utf-8")
    (body,) = read_bodies(path, FUNCTIONS)
    assert (body.kind, body.idea) == ("", "method: a shift.")


def test_no_file_holds_no_answers(tmp_path: Path) -> None:
    """A course need not have any."""
    assert read_bodies(tmp_path / "none.py", FUNCTIONS) == ()


ANSWER = 'def double__thrice(x):\n    """Three times x."""\n    return 3 * x\n'
BROKEN = {
    "no docstring": ("def double__thrice(x):\n    return 3 * x\n", 1, "docstring"),
    "unknown function": (ANSWER + ANSWER.replace("double", "treble"), 4, "no function treble"),
    "unknown kind": (ANSWER.replace("Three", "speed: Three"), 1, "`law: `"),
    "two of one name": (ANSWER + "\n\n" + ANSWER, 6, "double__thrice"),
    "three paragraphs": (ANSWER.replace("x.", "x.\n\n    A.\n\n    B."), 1, "paragraphs"),
    "helper with an asked name": ("import os\n\n\ndef halve(x):\n    return x\n", 4, "halve"),
    "no function": ("double__thrice = abs\n", 1, "double__thrice"),
    "no Python": ("import os\ndef double__thrice(x:\n", 2, "never closed"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_of_another_form_is_an_error_that_says_where(path: Path, case: str) -> None:
    """The author is told the file, the line and what is wrong there."""
    text, line, said = BROKEN[case]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=said) as caught:
        read_bodies(path, FUNCTIONS, wrong=True)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
