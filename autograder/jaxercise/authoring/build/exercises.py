"""`exercises/` from `solutions/`: the answers cleared, everything else kept.

jupytext reads the percent format and nbgrader's own preprocessor clears the solutions, so that what
stands in `exercises/` is what nbgrader would release.
"""

from __future__ import annotations

import ast
import difflib
from pathlib import Path
from typing import Any

from jaxercise.authoring.build.markers import BEGIN, BuildError, Region, regions
from jaxercise.files import write_whole
from jaxercise.rungs import HEAD, KEY, MOST_WORDS, rungs

STUB = "raise NotImplementedError"
_FIRST_CELL = "\n# %%"


def stub_text(path: Path) -> str:
    """The exercise that a solution file makes.

    Raises:
        BuildError: the file's markers are wrong, or something of an answer would be left.
    """
    import jupytext

    text = path.read_text(encoding="utf-8")
    found = regions(text, path)
    if not found:
        raise BuildError(f"{path}:1: no solution in this file; mark the answers")
    answers = _solved(path, text, found)
    _check_hints(path, text, answers)
    notebook = _cleared(without_hints(jupytext.reads(text, fmt="py:percent")))
    # jupytext writes its own version into the header; what people committed stays as it is.
    header, _, _ = text.partition(_FIRST_CELL)
    _, _, body = jupytext.writes(notebook, fmt="py:percent").partition(_FIRST_CELL)
    stub = f"{header}{_FIRST_CELL}{body}"
    _check_stub(path, stub, len(found), answers)
    return stub


def without_hints(notebook: Any) -> Any:
    notebook.cells = [cell for cell in notebook.cells if KEY not in cell.metadata]
    return notebook


def _check_hints(path: Path, text: str, answers: set[str]) -> None:
    found = rungs(text)
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("# %%") and f"{KEY}=" in line and not HEAD.fullmatch(line):
            raise BuildError(
                f'{path}:{number}: a hint is a text cell: # %% [markdown] {KEY}="function"'
            )
    for function, ladder in found.items():
        if function not in answers:
            raise BuildError(f"{path}: there are hints for {function}, which has no solution")
        for number, rung in enumerate(ladder, 1):
            words = len(rung.split())
            if words > MOST_WORDS:
                raise BuildError(
                    f"{path}: hint {number} for {function} has {words} words; "
                    f"{MOST_WORDS} are the most"
                )


def _cleared(notebook: Any) -> Any:
    """The notebook with nbgrader's ClearSolutions applied to it."""
    from nbgrader.preprocessors import ClearSolutions
    from traitlets.config import Config

    for cell in notebook.cells:
        # A solution cell without a region would be replaced as a whole.
        cell.metadata["nbgrader"] = {"solution": BEGIN in cell.source}
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.enforce_metadata = False
    cleared, _ = ClearSolutions(config=config).preprocess(notebook, {})
    for cell in cleared.cells:
        del cell.metadata["nbgrader"]
    cleared.metadata.pop("celltoolbar", None)
    return cleared


def _check_stub(path: Path, stub: str, count: int, answers: set[str]) -> None:
    """Every answer is gone, every function that had one is a stub, and nothing else has changed."""
    if stub.count(STUB) != count:
        raise BuildError(f"{path}: {count} solutions gave {stub.count(STUB)} stubs")
    for node in ast.walk(ast.parse(stub)):
        if isinstance(node, ast.FunctionDef) and node.name in answers:
            answers.discard(node.name)
            if not isinstance(node.body[-1], ast.Raise) or len(node.body) > 2:
                raise BuildError(f"{path}: {node.name} is no stub after its solution was cleared")
    if answers:
        raise BuildError(f"{path}: lost {', '.join(sorted(answers))} while clearing solutions")
    if "SOLUTION" in stub:
        raise BuildError(f"{path}: a solution marker is left in the exercise")


def _solved(path: Path, text: str, found: list[Region]) -> set[str]:
    """The names of the functions in which the solution regions lie."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    names = set()
    for region in found:
        around = [
            # The last line of a region is a comment, which no syntax tree knows.
            node.name
            for node in functions
            if node.lineno < region.first <= (node.end_lineno or node.lineno) + 1
        ]
        if not around:
            raise BuildError(f"{path}:{region.first}: a solution stands inside a function")
        names.add(around[0])
    return names


def build(solutions: Path, exercises: Path) -> list[Path]:
    """Write every exercise; the files that have changed.

    Nothing is written unless all of them can be made.
    """
    made = {exercises / path.name: stub_text(path) for path in _sources(solutions)}
    changed = [path for path, text in made.items() if _read(path) != text]
    for path in changed:
        write_whole(path, made[path].encode())
    return changed


def differences(solutions: Path, exercises: Path) -> str:
    """How the files in `exercises` differ from what would be built, as a unified diff."""
    parts: list[str] = []
    for source in _sources(solutions):
        path = exercises / source.name
        have, due = _read(path) or "", stub_text(source)
        parts += difflib.unified_diff(
            have.splitlines(keepends=True),
            due.splitlines(keepends=True),
            f"{path} (as it is)",
            f"{path} (as built from {source})",
        )
    return "".join(parts)


def _sources(solutions: Path) -> list[Path]:
    found = sorted(solutions.glob("[0-9][0-9]_*.py"))
    if not found:
        raise BuildError(f"{solutions} holds no solutions, named NN_topic.py")
    return found


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
