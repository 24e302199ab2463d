"""Places in a submission that a person should look at: they prove nothing, and cost no point.

A students' pack has the references as compiled programs. Whoever carries one in a submission, and
finds out what a function that was passed is made of, can let it answer. It cannot be prevented, for
it is a program like any other; but it has to carry the program, and to open the function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from jaxercise.submission import magics

#: A text or bytes of so many characters in a row is no sentence; so many constants are a table.
_LONG, _MANY = 1000, 400
_CARRIES = {
    "base64", "binascii", "bz2", "cloudpickle", "deserialize", "dill", "joblib", "lzma", "marshal",
    "pickle", "zlib",
}  # fmt: skip
_OPENS = {
    "__closure__", "__code__", "__globals__", "__subclasses__", "_getframe", "cell_contents",
    "ctypes", "currentframe", "f_back", "f_globals", "f_locals", "get_objects", "get_referents",
    "get_referrers", "getclosurevars", "getsource", "gi_frame", "make_jaxpr", "tb_frame",
}  # fmt: skip
_RUNS = {"eval", "exec"}
_SAYS = (
    (_CARRIES, "may carry a compiled or serialized program"),
    (_OPENS, "opens what it was passed, or what called it"),
    (_RUNS, "runs a text as a program"),
)
_MOST = 10


def places(sources: Sequence[str], name: str) -> list[str]:
    """A sentence for each place that a person should look at, at most ten.

    Args:
        sources: the cells, each at its own lines.
        name: what the file is called.
    """
    found: dict[tuple[str, str], str] = {}
    for number, source in enumerate(sources, 1):
        cell = f", cell {number}" if name.endswith(".ipynb") else ""
        for statement in magics.statements(source) or ():
            for node in ast.walk(statement):
                for word, says in _seen(node):
                    line = getattr(node, "lineno", 0)
                    found.setdefault((word, says), f"{name}{cell}, line {line}: {says} ({word}).")
    return list(found.values())[:_MOST]


def _seen(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What a node has of all this, and what that means."""
    for word in _words(node):
        for words, says in _SAYS:
            if word in words:
                yield word, says
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        if (
            max(map(len, text.split() if isinstance(node.value, str) else [text]), default=0)
            >= _LONG
        ):
            yield f"{len(text)} characters", _SAYS[0][1]
    inner = getattr(node, "elts", None) or getattr(node, "keys", None)
    if isinstance(inner, list):
        rows = [getattr(one, "elts", ()) for one in inner]
        if len(inner) + sum(map(len, rows)) >= _MANY:
            yield "hundreds of entries", "holds a table"


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Constant(value=str(word)):
            yield word
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for one in names:
                yield from one.name.split(".")
            yield from (getattr(node, "module", None) or "").split(".")
