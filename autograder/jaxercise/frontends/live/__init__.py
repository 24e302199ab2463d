"""Checking functions where they are being written: in a notebook, or in any Python session.

    from jaxercise import ask, check, check_all, hint

    check("derivative")   # one function
    check_all()           # the whole exercise
    ask("derivative", f="x^2", x=[1, 3])   # what is due for an input of your own
    hint("derivative")    # the next hint for a function

The claims are those of `pytest autograder/`, on what is defined at that moment. References and the
verdict are in a process of the grader's; this one does no more than call the functions it is asked
to call, as a worker does when a file is graded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxercise.verdicts import FunctionResult

#: What the worker calls the namespace of a file that is being graded.
_GRADED = "submission"


def check(function: str | Callable[..., Any]) -> float | None:
    """Check one function, and show what came of it.

    Args:
        function: itself, or its name, with its exercise's where two have one of that name:
            `derivative`, `"derivative"`, `"02_grad_vs_cos.largest_gap"`.

    Returns:
        None; the points where nbgrader executes the notebook in order to grade it.

    Raises:
        NotYetError: `nbgrader validate` executes the notebook, and there are no full marks.
    """
    namespace = sys._getframe(1).f_globals
    return _check(_named(function, namespace), namespace)


def check_all(exercise: str = "") -> None:
    """Check every function of an exercise, and show the table.

    Args:
        exercise: its name; by default the one whose functions are defined here.
    """
    _check(exercise, sys._getframe(1).f_globals, whole=True)


def ask(function: str | Callable[..., Any], /, *arguments: Any, **named: Any) -> None:
    """Show what is due for an input of your own.

        ask("spread", [[0, 1], [2, 5]])
        ask("derivative", f="x^2", x=[1, 3], gives=[2, 6])

    Args:
        function: itself, or its name, as `check` takes it; it need not be written yet.
        arguments, named: what it is called with, also the function that it returns: arrays as
            nested lists of numbers, functions by their formula (`"x^2"`, `"sin"`), keys by a seed.
        named: with `gives`, what you say is due. Then that is judged first, and where it is right,
            you are told how many of the known misconceptions your example would expose.
    """
    namespace = sys._getframe(1).f_globals
    if namespace.get("__name__") == _GRADED:
        return
    from jaxercise.frontends.live.kernel import Checking
    from jaxercise.frontends.live.screen import screen

    gives = [named.pop("gives")] if "gives" in named else []
    Checking(namespace, screen()).ask(_named(function, namespace), (arguments, named, gives))


def hint(function: str | Callable[..., Any], rung: int | None = None) -> None:
    """Show the next hint for a function: a question, an example, the answer with blanks in it.

    Args:
        function: itself, or its name, as for `check`.
        rung: show this one, 1 being the first.
    """
    namespace = sys._getframe(1).f_globals
    if namespace.get("__name__") == _GRADED:
        return
    from jaxercise.course import Course, CourseError
    from jaxercise.frontends.live.kernel import is_stub
    from jaxercise.frontends.live.screen import screen
    from jaxercise.frontends.reports.next_hint import NoHintError, next_hint

    def attempted(exercise: str, name: str) -> bool:
        return not is_stub(namespace.get(name))

    asked = _named(function, namespace)
    try:
        course = Course.open(None)
        found = next_hint(course, asked, rung=rung, attempted=attempted, defined=list(namespace))
        screen().hint(found)
    except (CourseError, NoHintError) as error:
        screen().say(str(error))


def _named(function: str | Callable[..., Any], namespace: Mapping[str, Any]) -> str:
    if isinstance(function, str):
        return function
    own = str(getattr(function, "__name__", function))
    return next((name for name, value in namespace.items() if value is function), own)


def _check(name: str, namespace: dict[str, Any], *, whole: bool = False) -> float | None:
    if namespace.get("__name__") == _GRADED:
        return None  # this very file is being graded
    from jaxercise.frontends.live.kernel import Checking
    from jaxercise.frontends.live.screen import screen

    results = Checking(namespace, screen()).run(name, whole=whole)
    return None if whole else _for_nbgrader(name, results)


def _for_nbgrader(name: str, results: Sequence[FunctionResult]) -> float | None:
    """What nbgrader reads off a cell, where it is nbgrader that executes it."""
    execution = os.environ.get("NBGRADER_EXECUTION")
    earned, possible = (
        sum(getattr(one, key) for one in results) for key in ("points", "max_points")
    )
    if execution == "validate" and not results:
        raise NotYetError(f"{name} could not be judged. Run its check to see why.")
    if execution == "validate" and earned < possible:
        raise NotYetError(f"{name} has {earned:g} of {possible:g} points.")
    return float(earned) if execution == "autograde" else None


class NotYetError(AssertionError):
    """A function has not got full marks."""

    def _render_traceback_(self) -> list[str]:
        """The one line that IPython shows instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]
