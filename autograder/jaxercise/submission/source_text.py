"""The code of a submitted file: reading it, and seeing which functions are still stubs.

Runs in the intake process: it parses what strangers wrote, and executes none of it.
"""

from __future__ import annotations

import ast
import codecs
import hashlib
import io
import re
import sys
import tokenize

from jaxercise.submission import magics

#: What begins a cell in a script: jupytext's, Spyder's, nbconvert's and Databricks' ways.
_CELL = re.compile(r"#\s*(%%|In\s?\[[\d ]*\]:|COMMAND -{5,}|<codecell>)")
#: What Pythons newer than the one that reads may have in their grammar.
_NEWER = re.compile(
    r"^\s*(type\s+\w+\s*(\[.*\])?\s*=|(async )?def \w+\[|class \w+\[)|\bf[\"']|^\s*except\*?"
)
#: How files begin that are no text, or another one than their names say.
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip or a document of a word processor"),
    (b"{\\rtf", "a document in rich text"),
    (b"\x1f\x8b", "a compressed file"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"version https://git-lfs", "a pointer to a file that Git LFS keeps elsewhere"),
)
#: How texts begin that Windows writes, and what they are.
_MARKS = (
    *((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)
#: What Python says of a line that stands too far left.
_OUTSIDE = ("'return' outside function", "'break' outside loop", "'continue' not properly in loop")
#: Stands before the names that only a run as a script defines.
UNDER_MAIN = "__main__"
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class UnreadableError(Exception):
    """The file is not what its name says; the message says what to do."""


def decode(data: bytes, name: str) -> str:
    """The text of a file, honoring a byte order mark and a Python encoding declaration.

    Raises:
        UnreadableError: not a text file.
    """
    start = data[:100].lstrip().lower()
    for begins, what in _OTHERS:
        if start.startswith(begins.lower()):
            raise UnreadableError(
                f"{name} is {what}, whatever its name says. Hand in the script or notebook itself."
            )
    try:
        encoding = marked_encoding(data) or tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        raise UnreadableError(f"{name} is not a text file in UTF-8. Save it as UTF-8.") from None
    if "\0" in text:
        raise UnreadableError(f"{name} holds NUL characters: it is damaged, or no text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def marked_encoding(data: bytes) -> str:
    """The encoding that a file's mark tells, where it is one that Python does not read."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "")


def script_cells(text: str) -> list[str]:
    """The parts of a script, each at its own lines: one, or its cells if it is broken.

    So a mistake in one cell of a script made from a notebook hides no more than it does there.
    """
    if problem(text, "script") is None:
        return magics.unfolded(text)
    lines = text.split("\n")
    starts = [0, *(i for i, line in enumerate(lines) if i and _CELL.match(line))]
    ends = [*starts[1:], len(lines)]
    return [
        "\n" * start + magics.plain("\n".join(lines[start:end]))
        for start, end in zip(starts, ends, strict=True)
    ]


def calls(sources: list[str]) -> dict[str, list[str]]:
    """For each function of the top level, the names it uses; behind no name, those of the rest."""
    found: dict[str, list[str]] = {"": []}
    for source in sources:
        for node in magics.statements(source) or ():
            names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            if isinstance(node, ast.FunctionDef):
                found[node.name] = sorted(names - {node.name})
            elif not is_main_guard(node):
                found[""] += sorted(names)
    return found


def digests(sources: list[str]) -> dict[str, str]:
    """For each function of the top level, what changes with its code; behind no name, of the rest.

    Comments and blank lines are no code, nor is what only a run as a script executes.
    """
    texts: dict[str, list[str]] = {"": []}
    for source in sources:
        nodes = magics.statements(source)
        if nodes is None:
            texts[""].append(source)
        for node in nodes or ():
            if not is_main_guard(node):
                name = node.name if isinstance(node, _FUNCTION) else ""
                texts.setdefault(name, []).append(_code(node, source))
    return {
        name: hashlib.sha256("\n".join(said).encode(errors="replace")).hexdigest()[:16]
        for name, said in texts.items()
    }


def _code(node: ast.stmt, source: str) -> str:
    """A text that is the same for the same code; where it is too deep for that, as it stands."""
    try:
        return ast.dump(node)
    except RecursionError:
        return ast.get_source_segment(source, node) or ""


def functions(sources: list[str]) -> dict[str, str]:
    """The state of each name that the top level defines: `stub` or `written`; the last one wins."""
    states: dict[str, str] = {}
    for source in sources:
        for node in magics.statements(source) or ():
            states |= _states(node)
    return states


def _states(node: ast.stmt) -> dict[str, str]:
    """What a statement of the top level defines; where it is out of reach, behind a dot.

    A method counts as `Class.method`, what only a run as a script defines as `__main__.name`.
    """
    if isinstance(node, _FUNCTION):
        return {node.name: "stub" if is_stub(node) else "written"}
    found = dict.fromkeys(_bound_names(node), "written")
    inner: dict[str, str] = {}
    for one in getattr(node, "body", []) + getattr(node, "orelse", []):
        inner |= _states(one)
    if isinstance(node, ast.ClassDef):
        return found | {f"{node.name}.{name}": state for name, state in inner.items()}
    if is_main_guard(node):
        return {f"{UNDER_MAIN}.{name}": state for name, state in (found | inner).items()}
    return found | inner


def is_main_guard(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, which grading leaves out."""
    return isinstance(node, ast.If) and any(
        isinstance(inner, ast.Name) and inner.id == "__name__" for inner in ast.walk(node.test)
    )


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
    if isinstance(node, ast.ClassDef):
        return {node.name}
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }


def first_problem(sources: list[str], name: str) -> str | None:
    """A sentence on the first cell that is not Python; None where all are."""
    for position, source in enumerate(sources, 1):
        found = problem(source, f"{name}, cell {position}" if name.endswith(".ipynb") else name)
        if found is not None:
            return found
    return None


def problem(source: str, where: str) -> str | None:
    """A sentence on why a text cannot be executed, with the line as it was written; None if it can.

    Args:
        source: the text, at its own lines.
        where: what to call it.
    """
    notebook = ".ipynb" in where
    try:
        compile(source, where, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT * notebook, True)
    except SyntaxError as error:
        lines = source.split("\n")
        line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
        before = line[: (error.offset or 1) - 1].expandtabs(4)
        indent = line[: len(line) - len(line.lstrip())]
        tabs = " It is indented by a tab: use spaces alone." if "\t" in indent else ""
        line = line.expandtabs(4)[:80]
        shown = f"\n  {line}" if line.strip() else ""
        if shown and error.offset and len(before) <= len(line):
            shown += "\n  " + " " * len(before) + "^"
        outside = " Indent it, to be inside of one." if error.msg in _OUTSIDE else ""
        newer = ""
        if _NEWER.search(line):
            version = ".".join(map(str, sys.version_info[:3]))
            newer = f" The grader runs Python {version}; newer ones may take it."
        told = f"{where}, line {error.lineno}, is not Python ({error.msg})."
        return f"{told}{outside}{tabs}{newer}{shown}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{where} cannot be compiled: {error}"
    return None
