"""Objects of classes that JAX takes for trees: NamedTuples, registered dataclasses, modules.

They cross the wire as `trees.Instance`, plain data, and are made anew beside the function that is
called: of a class of its own file, or of one of an installed package.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from jaxercise.sandboxed.wire import trees


def making(names: Mapping[str, Any]) -> Callable[[trees.Structure, list[Any]], Any]:
    """For `trees.fold`: makes containers, and objects in the place of instances.

    Args:
        names: what the function's file defines.

    Raises:
        ImportError: a package is not installed.
        NameError: there is no such class.
        TypeError: it has other fields, or JAX does not take it for a tree.
    """

    def made(head: trees.Structure, parts: list[Any]) -> Any:
        if head.kind != "instance":
            return trees.built(head, parts)
        return _made(head.of, _class(head.of, names), dict(zip(head.names, parts, strict=True)))

    return made


def _class(of: str, names: Mapping[str, Any]) -> Any:
    module, _, name = of.rpartition(":")
    found = getattr(importlib.import_module(module), name, None) if module else names.get(name)
    if not isinstance(found, type):
        where = f"{module} has" if module else "this file defines"
        raise NameError(f"{where} no class {name}, and functions are called with objects of it")
    return found


def _made(of: str, kind: type, fields: dict[str, Any]) -> Any:
    import jax

    try:
        if issubclass(kind, tuple):
            return kind(**fields)
        made = object.__new__(kind)  # as JAX does: what __init__ takes may be something else
        for name, value in fields.items():
            object.__setattr__(made, name, value)
        is_leaf = jax.tree_util.all_leaves([made])
    except (AttributeError, TypeError, ValueError) as error:
        raise TypeError(f"no {of} can be made of {', '.join(fields)}: {error}") from error
    if is_leaf:
        raise TypeError(
            f"JAX does not take a {of} for a tree: make it a NamedTuple, or a dataclass under "
            "@jax.tree_util.register_dataclass"
        )
    return made
