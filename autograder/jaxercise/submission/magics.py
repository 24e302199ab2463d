"""Notebook cells as plain Python: IPython's own transformers say what is a magic or a shell line.

What they find is left out, with as many lines as it took, so that lines keep their numbers. Nothing
of it is run.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
import tokenize
from typing import Any

#: Cell magics whose body is ordinary Python that defines things in the notebook.
_TRANSPARENT = (
    *("time", "timeit", "capture", "prun", "python", "python3", "debug"),
    *("lprun", "memit", "mprun", "px", "pyinstrument", "scalene", "snakeviz", "wandb"),
)
_CELL_MAGIC = re.compile(r"%%(\w+)")
_READS = re.compile(r"^\s*%(?:run|load)\s+(\S+)", re.MULTILINE)
#: The functions that a text defines, whether or not it can be parsed.
DEFINED = re.compile(r"^\s*(?:async )?def (\w+)", re.MULTILINE)
_PROMPTS = re.compile(r"^(>>>|In \[\d+\]:) ", re.MULTILINE)
_TIMED = re.compile(r"(\s*)%time\s+(\S.*)")
_MOST_LINES = 1000  # magics of one cell


def plain(source: str) -> str:
    """A cell without its magics and shell lines; one that is Python already is left alone.

    So a line of a text that happens to begin with `%` survives.
    """
    if statements(source) is not None:
        return source
    if _PROMPTS.search(source):
        source = _without_prompts(source)
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first])
    if magic is not None:
        if magic[1] not in _TRANSPARENT:
            return ""  # %%bash, %%html and the like: not Python
        lines[first] = ""
    return "\n".join(_without_escapes(lines))


def left_out(source: str) -> str:
    """What to say of a cell from which `plain` takes code that defines something, or a file's name.

    Empty where it takes none.
    """
    if statements(source) is not None:
        return ""
    magic, names = _CELL_MAGIC.match(source.lstrip()), DEFINED.findall(source)
    if magic is not None and magic[1] not in _TRANSPARENT:
        listed = ", ".join(name[:40] for name in names[:6])
        return f"begins with %%{magic[1][:40]}: left out, with {listed}." if names else ""
    reads = _READS.search(source)
    return f"reads {reads[1][:80]}, which is left out: put its code there." if reads else ""


def _without_prompts(source: str) -> str:
    """What was copied from a session, without its prompts."""
    from IPython.core import inputtransformer2 as ipython

    lines = source.splitlines(keepends=True)
    return "".join(ipython.ipython_prompt(ipython.classic_prompt(lines)))


@functools.lru_cache(maxsize=64)
def statements(source: str) -> list[ast.stmt] | None:
    """The statements of a text's top level; None where it is not Python of this interpreter's.

    They are everyone's who asks about this text: none may be changed.
    """
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def unfolded(source: str) -> list[str]:
    """A script of nbconvert's, cut where it runs a cell magic around Python, which is put there.

    Of marimo's, cut into its cells, which are the bodies of functions. Each part stands at its own
    lines of the script.
    """
    lines, parts, start = source.split("\n"), [], 0
    for node in statements(source) or ():
        code = _in_cell_magic(node)
        if isinstance(node, ast.FunctionDef) and _is_cell(node):
            body = [one for one in node.body if not isinstance(one, ast.Return)]
            first = min(one.lineno for one in node.decorator_list) - 1
            parts.append(_at(lines[start:first], start))
            if body:
                top, end = _top(body[0]) - 1, body[-1].end_lineno or body[-1].lineno
                parts.append(_at(textwrap.dedent("\n".join(lines[top:end])).split("\n"), top))
            start = node.end_lineno or node.lineno
        elif code is not None:
            parts += [_at(lines[start : node.lineno - 1], start), _at([code], node.lineno - 1)]
            start = node.end_lineno or node.lineno
    return [*parts, _at(lines[start:], start)]


def _is_cell(node: ast.FunctionDef) -> bool:
    """`@app.cell`, as marimo writes it."""
    found = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return any(
        isinstance(one, ast.Attribute)
        and one.attr == "cell"
        and isinstance(one.value, ast.Name)
        and one.value.id == "app"
        for one in found
    )


def _top(node: ast.stmt) -> int:
    """The first line of a statement, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _at(lines: list[str], start: int) -> str:
    return "\n" * start + "\n".join(lines)


def _in_cell_magic(node: ast.stmt) -> str | None:
    match node:
        case ast.Expr(
            ast.Call(
                ast.Attribute(ast.Call(ast.Name("get_ipython")), "run_cell_magic"),
                [ast.Constant(str(magic)), _, ast.Constant(str(code))],
            )
        ) if magic in _TRANSPARENT:
            return code
    return None


def _without_escapes(lines: list[str]) -> list[str]:
    from IPython.core import inputtransformer2 as ipython

    kinds = (
        (ipython.MagicAssign, "None"),
        (ipython.SystemAssign, "[]"),
        (ipython.EscapedCommand, "pass"),
        (ipython.HelpEnd, "pass"),
    )
    ended = [f"{line}\n" for line in lines]
    for _ in range(_MOST_LINES):
        try:
            by_line = ipython.make_tokens_by_line(ended)
            found = [(kind.find(by_line), instead) for kind, instead in kinds]  # type: ignore[no-untyped-call]
        except (SyntaxError, tokenize.TokenError, ValueError, IndexError):
            break
        escapes = [(one, instead) for one, instead in found if one is not None]
        if not escapes:
            break
        escape, instead = min(escapes, key=lambda pair: pair[0].start_line)
        _leave_out(ended, escape, instead, ipython)
    return [line.removesuffix("\n") for line in ended]


def _leave_out(lines: list[str], escape: Any, instead: str, ipython: Any) -> None:
    start: int = escape.start_line
    last: int = ipython.find_end_of_continued_line(lines, start)
    line = lines[start]
    timed = _TIMED.match(line)
    if timed is not None:  # the rest of the line is Python, and may define something
        lines[start] = f"{timed[1]}{timed[2]}\n"
        return
    kept = line[: escape.start_col] if instead == "pass" else line[: line.index("=") + 1] + " "
    # A help request is a whole line; nothing that stands before it is worth keeping.
    if isinstance(escape, ipython.HelpEnd):
        kept = line[: len(line) - len(line.lstrip())]
    lines[start] = f"{kept}{instead}\n"
    for number in range(start + 1, min(last, len(lines) - 1) + 1):
        lines[number] = "\n"
