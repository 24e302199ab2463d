"""Repairs of what happens to notebooks: cells split, merged, retyped, copied, moved, deleted.

Runs in the intake process, on the cells' texts. Nothing is invented: a repair puts together, sorts
or leaves out what a student wrote, or gives back the imports that every exercise begins with. Lines
keep their numbers.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from jaxercise.submission import names
from jaxercise.submission.magics import DEFINED, left_out, plain
from jaxercise.submission.notebooks import Cell
from jaxercise.submission.source_text import is_stub, problem

#: What a session asks the grader with.
_CHECKS = ("ask", "check", "check_all")
_MOST_CHUNKS, _MOST_JOINED = 200, 12
_STRAY = re.compile(r"(return|yield|break|continue|await)\b")
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_KEPT = (*_FUNCTION, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


@dataclass
class Repaired:
    """A notebook's code after repairs.

    Attributes:
        sources: the code cells' texts.
        notes: a sentence on each repair.
        problem: a sentence on the first cell of which something had to be left out.
        lost: why functions could not be read, by their names.
    """

    sources: list[str]
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    lost: dict[str, str] = field(default_factory=dict)


def repaired_script(sources: list[str], name: str) -> Repaired:
    """The code of a script, mended, from its cells."""
    state = Repaired(sources)
    _keep_what_is_python(state, name)
    _drop_checks(state)
    drop_later_stubs(state.sources, state.notes)
    return state


def repaired_notebook(cells: list[Cell], name: str) -> Repaired:
    """The code of a notebook, mended."""
    state = Repaired([])
    for number, cell in enumerate(with_retyped(cells, state.notes), 1):
        state.sources.append(plain(cell.source))
        if said := left_out(cell.source):
            state.notes.append(f"Code cell {number} {said}")
    _join_split(state)
    _keep_what_is_python(state, name)
    _drop_checks(state)
    drop_later_stubs(state.sources, state.notes)
    _sort(state)
    _give_back_imports(state)
    return state


@functools.lru_cache(maxsize=64)
def tree(source: str) -> ast.Module | None:
    """The syntax tree; None for what does not compile. It is everyone's who asks about this text:
    none may change it."""
    try:
        parsed = ast.parse(source)
        compile(parsed, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
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
            known |= written(tree(plain(cell.source)))
    found = []
    for cell in cells:
        if cell.kind == "code":
            found.append(cell)
            continue
        kept = cell.source if tree(cell.source) is not None else _definitions(cell.source)[0]
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
        parsed = tree(source) if any(name in source for name in _CHECKS) else None
        lines = source.split("\n")
        for node in parsed.body if parsed is not None else []:
            if _is_check(node):
                _blank(lines, node)
        state.sources[here] = "\n".join(lines)


def _blank(lines: list[str], node: ast.stmt) -> None:
    """Leave a statement out, and nothing else of its lines."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    # Columns count bytes.
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last].encode()[node.end_col_offset :].decode()
    alone = not before.strip() and not after.split("#")[0].strip()
    lines[first : last + 1] = [""] * (last + 1 - first)
    if not alone:
        lines[first] = f"{before}pass{after}"


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


def _keep_what_is_python(state: Repaired, name: str) -> None:
    """Of cells that are no Python as a whole, the definitions and imports that are."""
    notebook = name.endswith(".ipynb")
    for here, source in enumerate(state.sources):
        if not source.strip() or tree(source) is not None:
            continue
        where = f"{name}, cell {here + 1}" if notebook else name
        kept, lost = _definitions(source)
        state.sources[here] = kept
        why = problem(source, where) or f"{where} is not Python."
        state.problem = state.problem or why
        for lines in lost:
            found = problem(lines, where) or why
            state.lost |= dict.fromkeys(DEFINED.findall(lines), found)
        if functions := written(tree(kept)):
            what = f"Code cell {here + 1}" if notebook else "The file"
            state.notes.append(
                f"{what} is not Python as a whole; of it, {_listed(functions)} could be read."
            )


def _definitions(source: str) -> tuple[str, list[str]]:
    """The lines of a text that form definitions or imports, the others emptied; and those that do
    not, each part at its own lines."""
    lines = source.split("\n")
    starts = [i for i, line in enumerate(lines) if line[:1].strip() and line[0] not in ")]}#"]
    starts = starts[:_MOST_CHUNKS]
    ends = [*starts[1:], len(lines)]
    kept, lost = [""] * len(lines), []
    chunk = 0
    while chunk < len(starts):
        for last in range(chunk, min(chunk + _MOST_JOINED, len(starts))):
            part = lines[starts[chunk] : ends[last]]
            parsed = tree("\n".join(part))
            if parsed is None:
                continue
            # What stands behind it in column 0 and cannot stand alone was meant to be inside.
            spoilt = last + 1 < len(starts) and _STRAY.match(lines[starts[last + 1]])
            if spoilt:
                part = lines[starts[chunk] : ends[last + 1]]
                last += 1
                lost.append("\n" * starts[chunk] + "\n".join(part))
            elif all(isinstance(node, _KEPT) for node in parsed.body):
                kept[starts[chunk] : ends[last]] = part
            chunk = last
            break
        else:
            lost.append("\n" * starts[chunk] + "\n".join(lines[starts[chunk] : ends[chunk]]))
        chunk += 1
    return "\n".join(kept), lost


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
