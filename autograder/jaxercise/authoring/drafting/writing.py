"""Drafted claims as a property file: what an author reads, keeps and goes on from."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from jaxercise.authoring.drafting.annotations import family
from jaxercise.authoring.drafting.claims import Draft
from jaxercise.authoring.drafting.signatures import Asked
from jaxercise.claims import LAW, METHOD, VALUES, strategies

_WIDTH = 100
_KINDS = {LAW: "LAW", METHOD: "METHOD"}
_HELPER = """
def ones(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.ones(shape, dtype)
"""


def file_text(
    exercise: str,
    title: str,
    asked: Sequence[Asked],
    drafts: Sequence[Draft],
    reasons: Mapping[str, str] = MappingProxyType({}),
    left_out: Mapping[tuple[str, str], str] = MappingProxyType({}),
    earlier: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The property file.

    Args:
        exercise: its name.
        title: what the exercise is about.
        asked: its functions.
        drafts: the claims about them.
        reasons: why there is none of some, by their names.
        left_out: lines that a right answer does not hold: the reasons, by test and line.
        earlier: functions that are those of an earlier exercise, with its name.
    """
    blocks = [_claim(one, left_out) for one in drafts]
    silent = [one.name for one in asked if one.name not in {draft.function for draft in drafts}]
    unknown = "what is right about it only its author knows"
    for name in silent:
        told = f"Nothing is drafted of {name}: {reasons.get(name, unknown)}."
        blocks.append("\n".join(f"# {one}" for one in textwrap.wrap(told, _WIDTH - 2)) + "\n")
    blocks += [f"# {name} is that of {of}, and claimed there.\n" for name, of in earlier.items()]
    body = "\n\n".join(blocks)
    functions = "".join(f'{one.name} = exercise.function("{one.signature}")\n' for one in asked)
    members = _members(asked, body)
    helper = _HELPER if "ones(" in body else ""
    head = "exercise = Exercise(__file__)\n" + functions + (f"\n{members}" if members else "")
    imports = _imports(f"{head}{helper}{body}")
    head_line = f"{exercise}: {title}." if title else f"{exercise}."
    doc = f'"""{head_line} Drafted from the signatures of the solution."""'
    parts = [f"{doc}\n\nfrom __future__ import annotations\n\n{imports}\n{head}"]
    parts += [helper.lstrip("\n")] if helper else []
    return "\n\n".join([*parts, body])


def _claim(draft: Draft, left_out: Mapping[tuple[str, str], str]) -> str:
    out = {line: why for (title, line), why in left_out.items() if title == draft.title}
    kept = draft.without(out)
    notes = [one for line in draft.lines if line in out for one in _note(line, out[line])]
    if not kept.lines:
        return "\n".join(notes) + "\n"
    options = [f"points={draft.points:g}"]
    options += [f"kind={_KINDS[draft.kind]}"] if draft.kind != VALUES else []
    options += [f"examples={draft.examples}"] if draft.given and draft.examples != 8 else []
    lines = [f"# {one}" for one in textwrap.wrap(draft.comment, _WIDTH - 2)]
    lines.append(f"@{draft.function}.claim({', '.join(options)})")
    if draft.given:
        inner = [f"{name}={text}" for name, text in draft.given.items()]
        lines += _call("@given", inner, "")
    lines.append(f"def {draft.title}({', '.join(draft.given)}):")
    lines += _docstring(kept.told)
    # Blocks may begin with the same assignment: once is enough.
    statements = dict.fromkeys(line for block in kept.lines for line in block.split("\n"))
    lines += [part for line in statements for part in _statement(line)]
    return "\n".join([*notes, *lines]) + "\n"


def _note(line: str, why: str) -> list[str]:
    """What the author has to know of a line that is left out."""
    told = textwrap.wrap(f"Not claimed, for a right answer does not do it: {why}", _WIDTH - 2)
    return [*(f"# {one}" for one in told), *(f"#     {one}" for one in line.split("\n"))]


def _docstring(sentence: str) -> list[str]:
    if len(sentence) + 10 <= _WIDTH:
        return [f'    """{sentence}"""']
    wrapped = textwrap.wrap(sentence, _WIDTH - 7)
    return [f'    """{wrapped[0]}', *(f"    {one}" for one in wrapped[1:]), '    """']


def _statement(line: str) -> list[str]:
    if len(line) + 4 <= _WIDTH or not isinstance(ast.parse(line).body[0], ast.Expr):
        return [f"    {line}"]
    head, _, inner = line.partition("(")
    return _call(head, _parts(f"({inner}"), "    ")


def _call(head: str, inner: Sequence[str], indent: str, brackets: str = "()") -> list[str]:
    """What stands in brackets on one line, on a line of its own, or one part a line."""
    whole, opening, closing = ", ".join(inner), brackets[0], brackets[1]
    if len(indent + head + whole) + 2 <= _WIDTH:
        return [f"{indent}{head}{opening}{whole}{closing}"]
    if len(indent + whole) + 4 <= _WIDTH:
        return [f"{indent}{head}{opening}", f"{indent}    {whole}", f"{indent}{closing}"]
    lines = [line for part in inner for line in _part(part, indent + "    ")]
    return [f"{indent}{head}{opening}", *lines, f"{indent}{closing}"]


def _part(text: str, indent: str) -> list[str]:
    """A part, with what is in its own brackets on further lines if it is too long."""
    found = re.fullmatch(r"([^(\[{]*)([(\[{].*[^,][)\]}])", text)
    if len(indent + text) < _WIDTH or found is None:
        return [f"{indent}{text},"]
    head, inner = found.groups()
    *lines, last = _call(head, _parts(inner), indent, inner[0] + inner[-1])
    return [*lines, f"{last},"]


def _parts(text: str) -> list[str]:
    """What stands between brackets, separated by commas."""
    source = text if text[0] == "{" else f"f({text[1:-1]})"
    node = ast.parse(source, mode="eval").body

    def told(one: ast.AST | None) -> str:
        return ast.get_source_segment(source, one) or "" if one else ""

    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [f"{told(name)}: {told(value)}" for name, value in pairs]
    assert isinstance(node, ast.Call)
    named = [f"{one.arg}={told(one.value)}" for one in node.keywords]
    return [*map(told, node.args), *named]


def _members(asked: Iterable[Asked], body: str) -> str:
    """Definitions of the functions that stand for any."""
    families = {
        family(one)[1:]: None
        for each in asked
        for one in each.arguments.values()
        if one.kind == "function"
    }
    return "".join(f"{name} = {text}\n" for name, text in families if _uses(body, name))


def _imports(text: str) -> str:
    names = [one for one in ("assume", "given") if _uses(text, one)]
    kinds = [one for one in ("LAW", "METHOD") if _uses(text, one)]
    families = [
        one for one in ("BINARY", "LANDSCAPE", "LOSS", "MODEL", "SCALAR") if _uses(text, one)
    ]
    drawn = [one for one in strategies.__all__ if re.search(rf"\b{one}\(", text)]
    lines = ["import numpy as np"] if "np." in text else []
    lines.append(f"from jaxercise.claims import {', '.join([*kinds, 'Exercise', *names])}")
    if _uses(text, "through"):
        lines.append("from jaxercise.claims.pictures import through")
    lines += _call_import("jaxercise.claims.strategies", drawn)
    lines += _call_import("jaxercise.sandboxed.families", families + ["Described"] * bool(families))
    if _uses(text, "Instance"):
        lines.append("from jaxercise.sandboxed.wire.trees import Instance")
    if _uses(text, "Key"):
        lines.append("from jaxercise.sandboxed.wire.values import Key")
    return "\n".join(lines) + "\n"


def _call_import(module: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {one}," for one in names), ")"]


def _uses(text: str, name: str) -> bool:
    return bool(re.search(rf"\b{name}\b", text))
