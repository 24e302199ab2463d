"""The bodies that graders are graded with: right answers and misconceptions."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from jaxercise.course import Course
from jaxercise.diagnosis.misconceptions import imports, misconceptions


@dataclass(frozen=True)
class Body:
    """An answer for one function.

    Attributes:
        name: its own name.
        of: the function that it answers.
        code: a submission that holds it.
        kind: for a misconception, the kind of claim meant to refuse it; else empty.
        says: for a misconception, what its student should be told; else empty.
        remembers: whether it keeps answers from call to call.
    """

    name: str
    of: str
    code: str
    kind: str = ""
    says: str = ""
    remembers: bool = False


def right(course: Course, exercise: str) -> list[Body]:
    """The right answers: functions `<function>__<style>` of the variants, if there are any."""
    path = course.variants(exercise)
    if not path.exists():
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and "__" in one.name]
    shared = "\n".join(ast.unparse(one) for one in tree.body if one not in found)
    bodies = []
    for one in found:
        of = one.name.split("__")[0]
        bodies.append(Body(one.name, of, f"{shared}\n{ast.unparse(one)}\n{of} = {one.name}\n"))
    return bodies


def wrong(course: Course, exercise: str) -> list[Body]:
    """The misconceptions."""
    head = imports(course, exercise)
    return [
        Body(one.name, one.of, f"{head}\n{one.source()}", one.kind, one.text, one.remembers)
        for one in misconceptions(course, exercise)
    ]
