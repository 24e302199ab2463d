"""Fingerprints of what is written in functions, by which equal code is found among many.

Winnowing (Schleimer, Wilkerson and Aiken, 2003): of all runs of tokens some are kept, the same ones
wherever the code is the same. Names of a function's own, comments, docstrings, annotations and
layout are taken away before; short bodies have none, for people who do not know each other write
them alike.
"""

from __future__ import annotations

import ast
import copy
import io
import tokenize
import zlib
from collections.abc import Sequence

from jaxercise.submission import magics

#: So many tokens make a run, and of so many runs in a row at least one is kept.
RUN, WINDOW = 10, 4
#: A body of fewer tokens has no fingerprints.
SHORTEST = 20
_KINDS = {tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING}


def fingerprints(sources: Sequence[str]) -> dict[str, str]:
    """What is kept of each function at the top level.

    Returns:
        by function, kept runs parted by blanks, each a hash and the place of its first token, in
        hexadecimal: `0f3c9a12:1e`. Functions that have none are left out.
    """
    bodies: dict[str, list[str]] = {}
    for source in sources:
        for node in magics.statements(source) or ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = node.name
                try:
                    bodies[name] = _tokens(node)
                except (RecursionError, SyntaxError, ValueError, tokenize.TokenError):
                    continue
    kept = {name: _winnowed(tokens) for name, tokens in bodies.items() if len(tokens) >= SHORTEST}
    return {
        name: " ".join(f"{digest:08x}:{place:x}" for place, digest in runs)
        for name, runs in kept.items()
    }


def places(kept: str) -> dict[str, int]:
    """By hash, the place of its run, of what `fingerprints` has kept of a function."""
    parted = (one.partition(":") for one in kept.split())
    return {digest: int(place, 16) for digest, _, place in parted}


def covered(starts: Sequence[int]) -> int:
    """How many tokens lie in runs that begin at these places."""
    return len({start + i for start in starts for i in range(RUN)})


def _winnowed(tokens: list[str]) -> list[tuple[int, int]]:
    """The place and hash of the smallest of each window of runs; of equal ones, the last."""
    runs = [
        (zlib.crc32("\n".join(tokens[i : i + RUN]).encode(errors="replace")), -i)
        for i in range(len(tokens) - RUN + 1)
    ]
    kept = {min(runs[i : i + WINDOW]) for i in range(max(1, len(runs) - WINDOW + 1))}
    return sorted((-place, digest) for digest, place in kept)


def _tokens(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    own = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
    plain = _Plain(own).visit(copy.deepcopy(function))
    text = ast.unparse(ast.Module(plain.body, []))
    found = tokenize.generate_tokens(io.StringIO(text).readline)
    return [one.string for one in found if one.type in _KINDS]


class _Plain(ast.NodeTransformer):
    """Takes away what can be changed without a change of what is done."""

    def __init__(self, own: set[str]) -> None:
        self._own = own

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._own:
            node.id = "_"
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = "_", None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name, node.returns = "_", None
        node.body = node.body or [ast.Pass()]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        self.generic_visit(node)
        return None if isinstance(node.value, ast.Constant) else node
