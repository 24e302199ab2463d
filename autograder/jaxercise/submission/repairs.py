"""Repairs of what happens to notebooks: cells split, merged, retyped, copied, moved, deleted.

Runs in the intake process, on the cells' texts. Nothing is invented: a repair puts together, sorts
or leaves out what a student wrote, or gives back the imports that every exercise begins with. Lines
keep their numbers.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from jaxercise.submission import names
from jaxercise.submission.cells import is_stub, without_magics
from jaxercise.submission.notebooks import Cell

#: What a session asks for feedback with.
_CHECKS = ("check", "check_all")
_MOST_CHUNKS, _MOST_JOINED = 200, 12
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_KEPT = (*_FUNCTION, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


@dataclass
class Repaired:
    """A notebook's code after repairs.

    Attributes:
        sources: the code cells' texts.
        notes: a sentence on each repair.
        broken: the cells as they were of which something had to be left out.
    """

    sources: list[str]
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def repaired_notebook(cells: list[Cell]) -> Repaired:
    """The code of a notebook, mended."""
    state = Repaired([])
    state.sources = [without_magics(cell.source) for cell in with_retyped(cells, state.notes)]
    _join_split(state)
    _keep_what_is_python(state)
    _drop_checks(state)
    drop_later_stubs(state.sources, state.notes)
    _sort(state)
    _give_back_imports(state)
    return state


def tree(source: str) -> ast.Module | None:
    """The syntax tree; None for what does not compile."""
    try:
        parsed = ast.parse(source)
        compile(parsed, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return parsed


def written(parsed: ast.Module | None) -> set[str]:
    """The functions of the top level that are more than stubs."""
    body = parsed.body if parsed is not None else []
    return {node.name for node in body if isinstance(node, _FUNCTION) and not is_stub(node)}


def with_retyped(cells: list[Cell], notes: list[str]) -> list[Cell]:
    """The code cells, and the text cells that hold code which no code cell has."""
    known: set[str] = set()
    for cell in cells:
        if cell.kind == "code":
            known |= written(tree(without_magics(cell.source)))
    found = []
    for cell in cells:
        if cell.kind == "code":
            found.append(cell)
            continue
        kept = cell.source if tree(cell.source) is not None else _definitions(cell.source)
        parsed = tree(kept)
        functions = written(parsed)
        imports = parsed is not None and any(
            isinstance(node, ast.Import | ast.ImportFrom) for node in parsed.body
        )
        if functions - known or (imports and not functions):
            found.append(replace(cell, source=kept))
            what = f"the code of {_listed(functions)}" if functions else "imports"
            notes.append(f"A text cell holds {what}; it was read as code.")
    return found


def _drop_checks(state: Repaired) -> None:
    """Leave out what asks for feedback: that is what grading itself gives."""
    for here, source in enumerate(state.sources):
        parsed = tree(source) if "check" in source else None
        lines = source.split("\n")
        for node in parsed.body if parsed is not None else []:
            if _is_check(node):
                last = node.end_lineno or node.lineno
                lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
        state.sources[here] = "\n".join(lines)


def _is_check(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module="jaxercise", names=names):
            return all(one.name in _CHECKS for one in names)
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in _CHECKS
    return False


def _join_split(state: Repaired) -> None:
    """Put the halves of a cell together that was split in the middle of a function."""
    sources, last = state.sources, -1
    for here, source in enumerate(sources):
        if not source.strip():
            continue
        if last >= 0 and (tree(source) is None or tree(sources[last]) is None):
            joined = f"{sources[last]}\n{source}"
            alone = tree(textwrap.dedent(source)) is not None and not _unfinished(sources[last])
            if not alone and tree(joined) is not None:
                sources[last], sources[here] = joined, ""
                state.notes.append(f"Code cells {last + 1} and {here + 1} were put together again.")
                continue
        if tree(source) is None and tree(textwrap.dedent(source)) is not None:
            sources[here] = textwrap.dedent(source)
        last = here


def _unfinished(source: str) -> bool:
    """Whether a cell ends inside of something: a function without a return, or no Python."""
    parsed = tree(source)
    if parsed is None or not parsed.body:
        return True
    end = parsed.body[-1]
    return isinstance(end, _FUNCTION) and not isinstance(end.body[-1], ast.Return | ast.Raise)


def _keep_what_is_python(state: Repaired) -> None:
    """Of cells that are no Python as a whole, the definitions and imports that are."""
    for here, source in enumerate(state.sources):
        if not source.strip() or tree(source) is not None:
            continue
        kept = _definitions(source)
        functions = written(tree(kept))
        if functions:
            state.broken.append(source)
            state.sources[here] = kept
            state.notes.append(
                f"Code cell {here + 1} is not Python as a whole; "
                f"of it, {_listed(functions)} could be read."
            )


def _definitions(source: str) -> str:
    """The lines of a text that form definitions or imports; the others are emptied."""
    lines = source.split("\n")
    starts = [i for i, line in enumerate(lines) if line[:1].strip() and line[0] not in ")]}#"]
    starts = starts[:_MOST_CHUNKS]
    ends = [*starts[1:], len(lines)]
    kept = [""] * len(lines)
    chunk = 0
    while chunk < len(starts):
        for last in range(chunk, min(chunk + _MOST_JOINED, len(starts))):
            part = lines[starts[chunk] : ends[last]]
            parsed = tree("\n".join(part))
            if parsed is not None:
                if all(isinstance(node, _KEPT) for node in parsed.body):
                    kept[starts[chunk] : ends[last]] = part
                chunk = last
                break
        chunk += 1
    return "\n".join(kept)


def drop_later_stubs(sources: list[str], notes: list[str]) -> None:
    """Leave out stubs of functions that are written further up: copies of an exercise's cell."""
    done: set[str] = set()
    for here, source in enumerate(sources):
        parsed = tree(source)
        lines = source.split("\n")
        for node in parsed.body if parsed is not None else []:
            if not isinstance(node, _FUNCTION):
                continue
            if not is_stub(node):
                done.add(node.name)
            elif node.name in done:
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                last = node.end_lineno or node.lineno
                lines[first - 1 : last] = [""] * (last - first + 1)
                notes.append(f"A second, empty {_listed([node.name])} further down was left out.")
        sources[here] = "\n".join(lines)


def _sort(state: Repaired) -> None:
    """Move cells up on which cells above them depend already while they are executed."""
    sources = state.sources
    for _ in range(len(sources)):
        move = names.misplaced([tree(source) for source in sources])
        if move is None:
            return
        needed, where, name = move
        sources.insert(where, sources.pop(needed))
        state.notes.append(f"A cell was moved up: one above it needs its {_listed([name])}.")


def _give_back_imports(state: Repaired) -> None:
    """Put imports in front that are gone, where definitions cannot be executed without them."""
    lines = names.missing_imports([tree(source) for source in state.sources])
    if lines:
        state.sources.insert(0, "\n".join(lines))
        state.notes.append("The cell with the imports is gone; the usual imports were put back.")


def _listed(found: Iterable[str]) -> str:
    """Names as a text; long ones are cut, for they are a stranger's."""
    return ", ".join(sorted(name[:40] for name in found)[:6])
