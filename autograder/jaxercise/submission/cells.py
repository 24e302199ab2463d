"""The code of a submitted file: reading it, and seeing which functions are still stubs.

Runs in the intake process: it parses what strangers wrote, and executes none of it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize

#: Cell magics whose body is ordinary Python that defines things in the notebook.
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun", "%%python", "%%python3")
_MAGIC = re.compile(r"^\s*[%!?]|^\s*[\w.]+\?{1,2}\s*$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*$")


class UnreadableError(Exception):
    """The file is not what its name says; the message says what to do."""


def decode(data: bytes, name: str) -> str:
    """The text of a file, honoring a byte order mark and a Python encoding declaration.

    Raises:
        UnreadableError: not a text file.
    """
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        raise UnreadableError(f"{name} is not a text file in UTF-8. Save it as UTF-8.") from None
    if "\0" in text:
        raise UnreadableError(f"{name} holds NUL characters: it is not a Python file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def script_cells(text: str) -> list[str]:
    """The parts of a script, each at its own lines: one, or its percent cells if it is broken.

    So a mistake in one cell of a jupytext script hides no more than it does in a notebook.
    """
    if _parses(text):
        return [text]
    lines = text.split("\n")
    starts = [0, *(i for i, line in enumerate(lines) if i and line.startswith("# %%"))]
    ends = [*starts[1:], len(lines)]
    return [
        "\n" * start + "\n".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)
    ]


def calls(sources: list[str]) -> dict[str, list[str]]:
    """For each function of the top level, the names it uses."""
    found: dict[str, list[str]] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
                found[node.name] = sorted(names - {node.name})
    return found


def without_magics(source: str) -> str:
    """A notebook cell as plain Python: its magics and shell lines are dropped.

    A cell that is Python already is left alone, so that a line of a text that happens to begin
    with `%` survives. Lines keep their numbers.
    """
    if _parses(source):
        return source
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(_TRANSPARENT):
        return ""  # %%bash, %%html and the like: not Python
    return "\n".join(
        "pass" if _MAGIC.match(line) and not line[:1].isspace() else _indented(line)
        for line in lines
    )


def _indented(line: str) -> str:
    if _MAGIC.match(line):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return _ASSIGNED_MAGIC.sub(r"\1None", line)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def functions(sources: list[str]) -> dict[str, str]:
    """The state of each name that the top level defines: `stub` or `written`; the last one wins."""
    states: dict[str, str] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                states[node.name] = "stub" if is_stub(node) else "written"
            else:
                states |= dict.fromkeys(_bound_names(node), "written")
    return states


def is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function does nothing yet."""
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring, or the `...` of an empty body
    return all(_is_nothing(statement) for statement in body)


def _is_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _bound_names(node: ast.stmt) -> set[str]:
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    } | ({node.name} if isinstance(node, ast.ClassDef) else set())


def first_problem(sources: list[str], name: str) -> str | None:
    """A sentence on the first cell that is not Python; None where all are."""
    for position, source in enumerate(sources, 1):
        try:
            compile(source, name, "exec", dont_inherit=True)
        except SyntaxError as error:
            notebook = name.endswith(".ipynb")
            where = f"{name}, cell {position}" if notebook else name
            line = (error.text or "").strip()
            return f"{where}, line {error.lineno}, is not Python ({error.msg}):\n  {line[:80]}"
        except (ValueError, RecursionError, MemoryError) as error:
            return f"{name} cannot be compiled: {error}"
    return None
