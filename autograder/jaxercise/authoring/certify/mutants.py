"""Mutants: the references with one thing changed, by rule and not by anyone's choice.

The rules know what goes wrong in this field: another axis, another `argnums`, a transformation
left out, `grad` for `value_and_grad`. General mutation tools know arithmetic and comparisons, and
run a test command for each mutant, which for these short answers is a hundred times the work.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jaxercise.authoring.build.markers import regions
from jaxercise.course import Course

_Function: TypeAlias = ast.FunctionDef
_Rule: TypeAlias = Callable[[ast.AST, _Function], Iterator[ast.AST]]

#: What is put in the place of a name, by twos.
_PAIRS = (
    ("sin", "cos"),
    ("mean", "sum"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("grad", "value_and_grad"),
    ("std", "var"),
    ("logpdf", "pdf"),
    ("isfinite", "isnan"),
    ("normal", "uniform"),
    ("zeros", "ones"),
    ("stack", "concatenate"),
    ("jit", "vmap"),
    ("inf", "nan"),
)
_SWAPPED = dict(_PAIRS) | {second: first for first, second in _PAIRS}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True)
class Mutant:
    """A reference with one thing changed.

    Attributes:
        exercise: its name.
        function: in which the change is.
        before, after: the changed statement as it was and as it is, their first lines.
        code: the whole file with the change.
    """

    exercise: str
    function: str
    before: str
    after: str
    code: str

    @property
    def name(self) -> str:
        """What it is called: the same as long as the statement stays as it is."""
        return f"{self.exercise}.{self.function}: {self.before} -> {self.after}"

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.code,)


def mutants(course: Course, exercise: str) -> list[Mutant]:
    """All mutants of an exercise's reference; no two of them are called the same."""
    path = course.solution(exercise)
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    # What runs as a script is no part of the answer.
    tree.body = [one for one in tree.body if not isinstance(one, ast.If)]
    lines = {n for one in regions(text, path) for n in range(one.first, one.last + 1)}
    found: dict[str, Mutant] = {}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            for before, after, code in _changes(tree, function, lines):
                mutant = Mutant(exercise, function.name, before, after, code)
                found.setdefault(mutant.name, mutant)
    return list(found.values())


def _changes(
    tree: ast.Module, function: _Function, lines: set[int]
) -> Iterator[tuple[str, str, str]]:
    """Before, after and the whole code, for each change of a function's solution."""
    place = tree.body.index(function)
    for number, node in enumerate(ast.walk(function)):
        if getattr(node, "lineno", 0) not in lines:
            continue
        before = _text(_statement(function, node))
        for rule in _RULES:
            for replacement in rule(node, function):
                changed = copy.deepcopy(function)
                old = next(one for i, one in enumerate(ast.walk(changed)) if i == number)
                after = _text(_put(changed, old, replacement))
                code = ast.Module([*tree.body[:place], changed, *tree.body[place + 1 :]], [])
                if after != before:
                    yield before, after, ast.unparse(ast.fix_missing_locations(code))


def _put(root: ast.AST, old: ast.AST, new: ast.AST) -> ast.stmt:
    """Put `new` in the place of `old`; the statement that it is, or stands in."""
    new = copy.deepcopy(new)
    statement = new if isinstance(new, ast.stmt) else _statement(root, old)
    for parent in ast.walk(root):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if one is old else one for one in value])
    assert isinstance(statement, ast.stmt)
    return statement


def _statement(root: ast.AST, node: ast.AST) -> ast.stmt:
    """The innermost statement that a node is, or stands in."""
    around = [one for one in ast.walk(root) if isinstance(one, ast.stmt)]
    return [one for one in around if any(inner is node for inner in ast.walk(one))][-1]


def _text(statement: ast.stmt) -> str:
    return ast.unparse(statement).split("\n")[0]


def _operators(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """Another operator; one of the operands alone."""
    if isinstance(node, ast.BinOp):
        for other in _ARITHMETIC:
            if not isinstance(node.op, other):
                yield ast.BinOp(node.left, other(), node.right)
        yield node.left
        yield node.right
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for comparison in _COMPARISONS:
            if not isinstance(node.ops[0], comparison):
                yield ast.Compare(node.left, [comparison()], node.comparators)


def _constants(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """Another number; another axis, a shared one for a mapped one and the other way round."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, str):
        return
    others: tuple[int | float | bool | None, ...]
    if node.value is None:
        others = (0, 1)
    elif isinstance(node.value, bool):
        others = (not node.value,)
    elif isinstance(node.value, int | float):
        others = (node.value + 1, node.value - 1, 2 * node.value, -node.value, 0, None)
    else:
        return
    for other in others:
        if other is None or node.value is None or other != node.value:
            yield ast.Constant(other)


def _calls(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """A call left out, a keyword left out, two arguments in the wrong order."""
    if not isinstance(node, ast.Call):
        return
    arguments, keywords = node.args, node.keywords
    yield from arguments
    for i in range(len(keywords)):
        yield ast.Call(node.func, arguments, keywords[:i] + keywords[i + 1 :])
    for i in range(len(arguments) - 1):
        pair = arguments[i : i + 2][::-1]
        yield ast.Call(node.func, [*arguments[:i], *pair, *arguments[i + 2 :]], keywords)


def _names(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """A related function; another of the function's parameters."""
    if isinstance(node, ast.Attribute) and node.attr in _SWAPPED:
        yield ast.Attribute(node.value, _SWAPPED[node.attr], node.ctx)
    parameters = [argument.arg for argument in function.args.args]
    if isinstance(node, ast.Name) and node.id in parameters:
        yield from (ast.Name(other, node.ctx) for other in parameters if other != node.id)


def _tuples(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """A tuple the other way round."""
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
        yield type(node)(node.elts[::-1], node.ctx)


def _statements(node: ast.AST, function: _Function) -> Iterator[ast.AST]:
    """A statement left out; what a loop does, once."""
    if isinstance(node, ast.Assign | ast.Expr | ast.Return):
        yield ast.Pass()
    elif isinstance(node, ast.For):
        yield ast.Pass()
        yield node.body[0]


_RULES: tuple[_Rule, ...] = (_operators, _constants, _calls, _names, _tuples, _statements)
