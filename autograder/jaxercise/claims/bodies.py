"""Answers to single functions, as an author keeps them: right ones in other styles, and wrong ones.

A file of either holds imports, helpers, and answers: functions named `<function>__<name>`. The
docstring of a right one says what is unusual about it. That of a wrong one says in its first
paragraph what was thought and in its second what to look at: this is what students are told. It
begins with `method: ` or `law: ` where it is not a claim about values that is meant to refuse it.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from jaxercise.claims.claims import LAW, METHOD, VALUES
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course, CourseError

_SEPARATOR = "__"
_KIND = re.compile(r"([a-z]+): ")
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Body:
    """An answer to one function.

    Attributes:
        name: its own name, of which a function has one.
        function: the function that it answers.
        code: a submission that holds it.
        kind: of a wrong one, the kind of claim that is meant to refuse it; else empty.
        idea: a sentence: what was thought, or what is unusual about it.
        nudge: of a wrong one, what to look at, which is not the answer; may be empty.
        remembers: whether it keeps answers from call to call, in a default argument.
    """

    name: str
    function: str
    code: str
    kind: str = ""
    idea: str = ""
    nudge: str = ""
    remembers: bool = False

    @property
    def qualname(self) -> str:
        """What it is called in its file."""
        return f"{self.function}{_SEPARATOR}{self.name}"

    @property
    def text(self) -> str:
        """What the student of a wrong one is told."""
        return f"{self.idea} {self.nudge}".rstrip()


@functools.cache
def right(course: Course, exercise: str) -> tuple[Body, ...]:
    """The right answers to an exercise's functions, in the order of their file, if there is one.

    Raises:
        CourseError: the file is not of the form.
    """
    return _graded(course, exercise, course.variants(exercise), wrong=False)


@functools.cache
def wrong(course: Course, exercise: str) -> tuple[Body, ...]:
    """The misconceptions about an exercise's functions, likewise.

    Raises:
        CourseError: the file is not of the form.
    """
    return _graded(course, exercise, course.misconceptions(exercise), wrong=True)


def _graded(course: Course, name: str, path: Path, *, wrong: bool) -> tuple[Body, ...]:
    """The answers to functions that the course's settings do not drop."""
    exercise = load_exercise(course, name)
    functions = {*exercise.functions, *exercise.dropped}
    found = read_bodies(path, functions, wrong=wrong, given=given_classes(course, name))
    return tuple(one for one in found if one.function in exercise.functions)


def file_text(path: Path) -> str:
    """A file of bodies as it stands; empty if there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def read_bodies(
    path: Path, functions: Iterable[str], *, wrong: bool = False, given: Iterable[str] = ()
) -> tuple[Body, ...]:
    """The answers in a file, in their order.

    Args:
        path: the file; there may be none.
        functions: the names of those that are asked for.
        wrong: whether they are wrong, and say what was thought.
        given: code that stands before each.

    Raises:
        CourseError: the file is not of the form; the message says where.
    """
    text = file_text(path)
    try:
        return tuple(_bodies(text, frozenset(functions), wrong, tuple(given)))
    except SyntaxError as error:
        raise CourseError(f"{path}, line {error.lineno}: {error.msg}") from None


def given_classes(course: Course, exercise: str) -> list[str]:
    """The classes that an exercise gives, and what they need: arguments may be objects of them."""
    text = file_text(course.solution(exercise))
    others = ast.parse(text).body
    classes = [one for one in others if isinstance(one, ast.ClassDef)]
    if not classes:
        return []
    imports = [one for one in others if isinstance(one, ast.Import | ast.ImportFrom)]
    needed = {*imports, *classes, *_used(classes, others)}
    return [_lines(text, one) for one in others if one in needed]


def _bodies(
    text: str, functions: frozenset[str], wrong: bool, given: tuple[str, ...]
) -> Iterator[Body]:
    """The answers of a file's text.

    Raises:
        SyntaxError: it is not of the form.
    """
    others: list[ast.stmt] = []
    answers: dict[str, ast.FunctionDef] = {}
    for statement in ast.parse(text).body:
        if not (isinstance(statement, ast.FunctionDef) and _SEPARATOR in statement.name):
            for name in sorted(_bound(statement)):
                if _SEPARATOR in name:
                    _refuse(statement, f"the answer {name} has to be a function: def {name}(...)")
                if name in functions:
                    _refuse(statement, f"{name} is asked for: call this helper something else")
            others.append(statement)
        elif statement.name in answers:
            _refuse(statement, f"there are two answers named {statement.name}")
        else:
            answers[statement.name] = statement
    for answer in answers.values():
        function, _, name = answer.name.partition(_SEPARATOR)
        if function not in functions:
            known = ", ".join(sorted(functions))
            _refuse(answer, f"no function {function} is asked for, only {known}")
        kind, paragraphs = _docstring(answer, wrong)
        parts = [*given, *(_lines(text, one) for one in (*_needed(answer, others), answer))]
        parts.sort(key=lambda part: not part.startswith("from __future__"))
        code = "\n\n".join([*parts, f"{function} = {answer.name}\n"])
        idea, nudge = (*paragraphs, "")[:2]
        yield Body(name, function, code, kind, idea, nudge, _remembers(answer))


def _docstring(answer: ast.FunctionDef, wrong: bool) -> tuple[str, list[str]]:
    """The kind of claim that is meant for an answer, and the paragraphs of its docstring."""
    text = ast.get_docstring(answer) or ""
    kind = VALUES if wrong else ""
    if wrong and (named := _KIND.match(text)):
        kind, text = named[1], text[named.end() :]
        if kind not in (LAW, METHOD):
            _refuse(answer, f"a docstring begins with `{LAW}: `, `{METHOD}: ` or a sentence")
    paragraphs = [" ".join(one.split()) for one in _BLANK.split(text)]
    if not paragraphs[0]:
        _refuse(answer, f"{answer.name} needs a docstring that says what its idea is")
    if len(paragraphs) > (2 if wrong else 1):
        _refuse(answer, f"the docstring of {answer.name} has too many paragraphs")
    return kind, paragraphs


def _needed(answer: ast.FunctionDef, others: list[ast.stmt]) -> list[ast.stmt]:
    """What has to be run before an answer: all that defines no helper, and the helpers it uses."""
    plain = {one for one in others if not isinstance(one, ast.FunctionDef | ast.ClassDef)}
    needed = plain | _used([answer, *plain], others)
    return [one for one in others if one in needed]


def _used(by: Sequence[ast.stmt], others: Sequence[ast.stmt]) -> set[ast.stmt]:
    """Those of the others that statements use, and that these use."""
    pending, found = list(by), set[ast.stmt]()
    while pending:
        names = {one.id for one in ast.walk(pending.pop()) if isinstance(one, ast.Name)}
        more = {one for one in others if one not in found and _bound(one) & names}
        found |= more
        pending += more
    return found


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement defines as a function or class, or assigns to."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    names = (one for one in ast.walk(statement) if isinstance(one, ast.Name))
    return {one.id for one in names if isinstance(one.ctx, ast.Store)}


def _lines(text: str, statement: ast.stmt) -> str:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(one.lineno for one in decorators)])
    return "\n".join(text.split("\n")[first - 1 : statement.end_lineno])


def _remembers(answer: ast.FunctionDef) -> bool:
    defaults = (*answer.args.defaults, *answer.args.kw_defaults)
    return any(isinstance(one, ast.Dict | ast.List | ast.Set) for one in defaults)


def _refuse(statement: ast.stmt, why: str) -> NoReturn:
    raise SyntaxError(why, ("", statement.lineno, None, None))
