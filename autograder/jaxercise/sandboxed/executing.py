"""Executing a file's cells as a notebook would, up to what is written below a line that fails."""

from __future__ import annotations
import __future__

import ast
import asyncio
import contextlib
import inspect
import sys
import types
from collections.abc import Sequence
from typing import Any

from jaxercise.sandboxed.results import describe_exception

_FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
#: Settings of JAX's by which a file can stop it from working at all, or from working as graded:
#: they are put back when the file has been executed.
_PUT_BACK = (
    "jax_platforms",
    "jax_default_device",
    "jax_transfer_guard",
    "jax_transfer_guard_host_to_device",
    "jax_transfer_guard_device_to_device",
    "jax_transfer_guard_device_to_host",
    "jax_disable_jit",
    "jax_debug_nans",
    "jax_debug_infs",
)


class _Shell:
    """What `get_ipython()` gives in a notebook that was saved as a script: magics do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def module_namespace(name: str) -> dict[str, Any]:
    """The namespace of a new module, with what notebooks and scripts expect to be there.

    Args:
        name: the file's.
    """
    # A name that is not `__main__`: what a file does as a script stays undone.
    module = types.ModuleType("submission")
    sys.modules["submission"] = module
    module.__dict__.update({"__file__": name, "display": print, "get_ipython": _Shell})
    return module.__dict__


def execute_cells(
    name: str,
    cells: Sequence[str],
    namespace: dict[str, Any],
    sources: dict[str, list[str]],
    *,
    debug: bool = False,
) -> list[dict[str, Any]]:
    """Execute cells one after the other; one that fails does not hide the next.

    Args:
        name: the file's.
        cells: their code, a script's at its own lines.
        namespace: where.
        sources: to be filled with the code, by the file name it is compiled under.
        debug: let exceptions pass.

    Returns:
        what was raised, as `describe_exception` says it.
    """
    errors: list[dict[str, Any]] = []
    before = _settings()
    for position, source in enumerate(cells, 1):
        where = f"{name}, cell {position}" if name.endswith(".ipynb") else name
        # The cells of a script stand at their own lines of it, the others' lines are empty.
        lines = source.split("\n")
        above = sources.get(where, [])[: _empty(lines)]
        sources[where] = [*above, *lines[len(above) :]]
        try:
            _execute(source, where, namespace, sources, errors)
        except BaseException as error:
            if debug:
                raise
            errors.append(describe_exception(error, sources))
    _put_back(before)
    return errors


def _execute(
    source: str,
    where: str,
    namespace: dict[str, Any],
    sources: dict[str, list[str]],
    errors: list[dict[str, Any]],
) -> None:
    """Execute one cell; an import of what is not here costs its own statement.

    What such imports raise is added to `errors`.
    """
    # As in Jupyter, `await` may stand at the top of a notebook's cell.
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if where.partition(",")[0].endswith(".ipynb") else 0
    code = compile(source, where, "exec", flags, dont_inherit=True)
    flags |= code.co_flags & _FUTURE
    rest: list[ast.stmt] | None = None
    while True:
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, namespace))
            else:
                exec(code, namespace)
            return
        except ImportError as error:
            rest = ast.parse(source, where).body if rest is None else rest
            failed = _failed_import(error, where, rest)
            if failed is None:
                raise
            errors.append(describe_exception(error, sources))
            rest = rest[failed + 1 :]
            code = compile(ast.Module(rest, []), where, "exec", flags, dont_inherit=True)


def _failed_import(error: ImportError, where: str, statements: Sequence[ast.stmt]) -> int | None:
    """Which of the statements is the import that raised; None if it was something else."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != where:
        trace = trace.tb_next
    line = 0 if trace is None else trace.tb_lineno
    for place, one in enumerate(statements):
        if isinstance(one, ast.Import | ast.ImportFrom) and one.lineno <= line <= (
            one.end_lineno or line
        ):
            return place
    return None


def _settings() -> dict[str, Any]:
    import jax

    values = {name: getattr(jax.config, name, _settings) for name in _PUT_BACK}
    return {name: value for name, value in values.items() if value is not _settings}


def _put_back(before: dict[str, Any]) -> None:
    import jax

    with contextlib.suppress(AttributeError):  # an old name of a setting, gone from newer releases
        jax.config.update("jax_platform_name", "")  # type: ignore[no-untyped-call]
    for name, value in before.items():
        if getattr(jax.config, name) != value:
            jax.config.update(name, value)  # type: ignore[no-untyped-call]


def _empty(lines: list[str]) -> int:
    """How many empty lines come first."""
    return next((i for i, line in enumerate(lines) if line), len(lines))
