"""Syntax trees built by several threads, which Python 3.11 cannot do."""

from __future__ import annotations

import ast
import functools
import sys
import threading
from collections.abc import Callable
from typing import Any


def build_one_at_a_time() -> None:
    """Let one thread of this process at a time parse source, where Python needs that.

    The count by which Python 3.11 watches how deep a tree is belongs to all threads. Where a second
    one parses while a collection of garbage interrupts the first, `ast.parse` raises a SystemError
    (python/cpython#106905). Hypothesis and the tracebacks of the standard library parse too.
    """
    if sys.version_info < (3, 12) and not hasattr(ast.parse, "__wrapped__"):
        ast.parse = _locked(ast.parse)


def _locked(parse: Callable[..., ast.AST]) -> Any:
    lock = threading.RLock()  # a finalizer may parse in the midst of it

    @functools.wraps(parse)
    def locked(*args: Any, **options: Any) -> ast.AST:
        with lock:
            return parse(*args, **options)

    return locked
