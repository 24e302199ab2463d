"""Misconceptions as code: wrong answers as students write them, each one idea gone wrong.

`NN_topic.py` holds those of an exercise. They are graders of the grader: every one has to be
refused, by a claim of the kind that is meant for it.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from jaxercise.course import Course

_Body = TypeVar("_Body", bound=Callable[..., Any])


@dataclass(frozen=True)
class Misconception:
    """A wrong answer with its idea.

    Attributes:
        name: its own name.
        of: the function that it gets wrong.
        kind: the kind of claim that has to refuse it: `values`, `law` or `method`.
        idea: a sentence for the student: what was thought.
        nudge: what to look at, which is not the answer.
        body: the wrong function.
    """

    name: str
    of: str
    kind: str
    idea: str
    nudge: str
    body: Callable[..., Any]

    @property
    def remembers(self) -> bool:
        """Whether it keeps answers from call to call, in a default argument."""
        return any(isinstance(one, dict | list | set) for one in self.body.__defaults__ or ())

    @property
    def text(self) -> str:
        """What its student is told."""
        return f"{self.idea} {self.nudge}"

    def source(self) -> str:
        """The wrong function as a student would hand it in, under the asked name."""
        function = ast.parse(textwrap.dedent(inspect.getsource(self.body))).body[0]
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list = [
            one for one in function.decorator_list if not _is_misconception(one)
        ]
        return f"{ast.unparse(function)}\n\n\n{self.of} = {self.name}\n"


def misconception(*, of: str, kind: str, idea: str, nudge: str) -> Callable[[_Body], _Body]:
    """Mark a wrong function; see `Misconception` for the arguments."""

    def mark(body: _Body) -> _Body:
        body.misconception = Misconception(  # type: ignore[attr-defined]
            body.__name__, of, kind, idea, nudge, body
        )
        return body

    return mark


@functools.cache
def misconceptions(course: Course, exercise: str) -> Sequence[Misconception]:
    """Those of an exercise, in the order of its file; none in a pack for students."""
    path = course.misconceptions(exercise)
    if not path.exists():
        return []
    spec = importlib.util.spec_from_file_location(f"misconceptions_{exercise}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    marked = [getattr(value, "misconception", None) for value in vars(module).values()]
    return [one for one in marked if isinstance(one, Misconception)]


def file_text(course: Course, exercise: str) -> str:
    """The file of an exercise's misconceptions; empty in a pack for students."""
    path = course.misconceptions(exercise)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def imports(course: Course, exercise: str) -> str:
    """The import lines of an exercise's misconceptions, for those who run them elsewhere."""
    tree = ast.parse(file_text(course, exercise))
    lines = [ast.unparse(one) for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
    return "\n".join(line for line in lines if "jaxercise" not in line)


def _is_misconception(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "misconception"
