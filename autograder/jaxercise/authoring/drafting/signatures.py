"""The functions that a solution asks for, with what their annotations say."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxercise.authoring.build.markers import regions
from jaxercise.authoring.drafting.annotations import DraftError
from jaxercise.grading.references import Solutions
from jaxercise.grading.signatures import Form, signature_of
from jaxercise.sandboxed.calling import Call, perform
from jaxercise.sandboxed.requests import Request

#: What says that a derivative is asked for.
_DERIVATIVES = {"grad", "value_and_grad", "jacfwd", "jacrev", "hessian", "jvp", "vjp", "linearize"}
_WITHIN = re.compile(r"within (\d+(?:\.\d+)?) ?%")


@dataclass(frozen=True)
class Asked:
    """A function that is asked for.

    Attributes:
        name: its name.
        arguments: what each is, by name.
        returns: what the answer is.
        summary: the first sentence of its docstring.
        within: the share of itself that each number of an answer may be off by: where the task or
            the docstring says "within 1 %", 0.01.
        called: calls the solution with arguments as claims have them.
        differentiates: its solution uses automatic differentiation itself.
        source: its signature and its solution, without the docstring.
    """

    name: str
    arguments: Mapping[str, Form]
    returns: Form
    summary: str
    within: float
    called: Callable[..., Any]
    differentiates: bool
    source: str

    @property
    def signature(self) -> str:
        """As `Exercise.function` takes it."""
        last = f"({', '.join(self.last)})" if self.returns.kind == "function" else ""
        return f"{self.name}({', '.join(self.arguments)}){last}"

    @property
    def last(self) -> Mapping[str, Form]:
        """What the function takes that it returns, if it does."""
        names = [one for one in "xyzuvw" if one not in self.arguments]
        takes = self.returns.parts[:-1] if self.returns.kind == "function" else ()
        return dict(zip(names, takes, strict=False))

    @property
    def answer(self) -> Form:
        """What comes out in the end."""
        return self.returns.parts[-1] if self.returns.kind == "function" else self.returns

    @property
    def is_figure(self) -> bool:
        """Whether that is a picture."""
        return self.answer.of == "Figure"


def asked_for(path: Path) -> list[Asked]:
    """The functions of a solution that students write, in their order.

    Raises:
        BuildError: a marker is wrong.
        DraftError: an annotation is missing, or none that anything can be drafted of; all of them
            are told.
    """
    text, module = path.read_text(encoding="utf-8"), Solutions(path).imported()
    marked = [one.first for one in regions(text, path)]
    found, missing = [], []
    lines, end = text.split("\n"), 0
    for node in ast.parse(text).body:
        task, end = "\n".join(lines[end : node.lineno]), node.end_lineno or end
        if isinstance(node, ast.FunctionDef) and any(
            node.lineno < first <= (node.end_lineno or node.lineno) + 1 for first in marked
        ):
            try:
                found.append(_asked(node, module, task))
            except DraftError as error:
                missing.append(f"{path}:{node.lineno}: {node.name}: {error}")
    if missing:
        raise DraftError("\n".join(missing))
    return found


def _asked(node: ast.FunctionDef, module: Any, task: str) -> Asked:
    function = getattr(module, node.name)
    found = inspect.signature(inspect.unwrap(function))
    hints = {name: one.annotation for name, one in found.parameters.items()}
    hints["return"] = found.return_annotation
    bare = [name for name, one in hints.items() if one is inspect.Parameter.empty]
    if bare:
        raise DraftError(
            f"no annotation for {', '.join(bare)}: write one as in (x: Float[Array, 'n']) -> "
            "Float[Array, 'n']"
        )
    signature = signature_of(function)
    used = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    body = node.body[1:] if ast.get_docstring(node) else node.body
    source = "\n".join(map(ast.unparse, [node.args, *body]))
    docstring = ast.get_docstring(node) or ""
    within = _WITHIN.search(" ".join(f"{docstring} {task}".replace("\n#", "\n").split()))
    return Asked(
        node.name,
        signature.arguments,
        signature.answer,
        " ".join(docstring.partition("\n\n")[0].split()),
        float(within[1]) / 100 if within else 0.0,
        lambda *given: perform(function, Call(Request(node.name, given), vars(module))),
        bool(used & _DERIVATIVES),
        f"{node.name}({source}",
    )
