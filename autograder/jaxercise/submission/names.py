"""Which names a notebook's cells need already while they are executed, and which they define."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from jaxercise.submission.source_text import is_main_guard

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_ALWAYS = {*dir(builtins), "__name__", "__file__", "__doc__"}
#: What exercises begin with, by the name it defines.
USUAL = {
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "partial": "from functools import partial",
    "Callable": "from collections.abc import Callable",
    "Figure": "from matplotlib.figure import Figure",
    **{
        name: f"from jax import {name}" for name in ("grad", "jit", "lax", "value_and_grad", "vmap")
    },
    **{name: f"from jaxtyping import {name}" for name in ("Array", "Bool", "Float", "Int", "Key")},
    **{name: f"from jaxtyping import {name}" for name in ("PRNGKeyArray", "PyTree", "Shaped")},
}


def defined(tree: ast.Module | None) -> set[str]:
    """The names that a cell's top level defines."""
    found: set[str] = set()
    for node in tree.body if tree is not None else []:
        if isinstance(node, (*_FUNCTION, ast.ClassDef)):
            found.add(node.name)
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                found.add(inner.id)
            elif isinstance(inner, ast.Import | ast.ImportFrom):
                found |= {(one.asname or one.name).partition(".")[0] for one in inner.names}
    return found


def needed(tree: ast.Module | None) -> set[str]:
    """The names that a cell needs from others while it is executed: not those in functions."""
    found: set[str] = set()
    known: set[str] = set()
    for node in tree.body if tree is not None else []:
        if not is_main_guard(node):
            found |= {name for name, _ in _used(node)} - known
        known |= defined(ast.Module([node], []))
    return found - _ALWAYS


def misplaced(trees: Sequence[ast.Module | None]) -> tuple[int, int, str] | None:
    """A cell that stands too low: (the cell, where it belongs, a name it defines); None if none."""
    defines = [defined(tree) for tree in trees]
    known: set[str] = set()
    for here, tree in enumerate(trees):
        for name in sorted(needed(tree) - known):
            for later in range(here + 1, len(trees)):
                # One that needs this cell in turn would be moved for ever.
                if name in defines[later] and not needed(trees[later]) & defines[here]:
                    return later, here, name
        known |= defines[here]
    return None


def missing_imports(trees: Sequence[ast.Module | None]) -> list[str]:
    """The lines that define what no cell defines and some cell cannot be executed without."""
    known = set().union(*(defined(tree) for tree in trees)) | _ALWAYS
    lacking = set().union(*(needed(tree) for tree in trees)) - known
    if not lacking:
        return []
    everywhere = {
        inner.id
        for tree in trees
        if tree is not None
        for inner in ast.walk(tree)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    }
    lines = [USUAL[name] for name in sorted((everywhere - known) & set(USUAL))]
    # A name that only annotations use stands for a type, and any will do.
    only_types = lacking - set(USUAL) - _used_as_values(trees)
    if not lines and not only_types:
        return []
    if only_types:
        lines += ["import typing", *(f"{name} = typing.Any" for name in sorted(only_types))]
    return lines


def _used_as_values(trees: Sequence[ast.Module | None]) -> set[str]:
    return {
        name
        for tree in trees
        for node in (tree.body if tree is not None else [])
        for name, as_type in _used(node)
        if not as_type
    }


def _used(node: ast.AST, as_type: bool = False) -> Iterator[tuple[str, bool]]:
    """The names read when a statement is executed, and whether each stands in an annotation."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            yield node.id, as_type
        return
    if isinstance(node, ast.Lambda):
        for default in (*node.args.defaults, *(d for d in node.args.kw_defaults if d)):
            yield from _used(default, as_type)
        return
    if isinstance(node, _FUNCTION):
        yield from _used_by_function(node)
        return
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        own = {
            inner.id
            for one in node.generators
            for inner in ast.walk(one.target)
            if isinstance(inner, ast.Name)
        }
        inside = (pair for child in ast.iter_child_nodes(node) for pair in _used(child, as_type))
        yield from (pair for pair in inside if pair[0] not in own)
        return
    for child in ast.iter_child_nodes(node):
        yield from _used(child, as_type)


def _used_by_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, bool]]:
    arguments = node.args
    for one in (*node.decorator_list, *arguments.defaults, *arguments.kw_defaults):
        if one is not None:
            yield from _used(one)
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    annotations = [one.annotation for one in (*every, arguments.vararg, arguments.kwarg) if one]
    for annotation in (*annotations, node.returns):
        if annotation is not None:
            yield from _used(annotation, as_type=True)
