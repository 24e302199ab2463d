"""Score files, in the schema that Gradescope reads (`results.json`)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.properties.findings import FunctionResult
from autograder.reports.feedback import feedback, points


def results_json(
    results: Sequence[FunctionResult], seconds: float, *, note: str = ""
) -> dict[str, Any]:
    """The results as Gradescope's schema.

    Where the grader itself failed there is no total: nobody gets a zero for a fault of the kit's.

    Args:
        results: the functions graded.
        seconds: how long grading took.
        note: a sentence on the whole, for instance that the run was cut short.
    """
    failed = [result.name for result in results if result.verdict == "internal"]
    if failed:
        note = f"{note} The grader failed on {', '.join(failed)}: no total is given.".strip()
    whole: dict[str, Any] = {
        "execution_time": round(seconds, 3),
        "tests": [_entry(result) for result in results],
    }
    if not failed:
        whole["score"] = sum(result.points for result in results)
    if note:
        whole["output"] = note
    return whole


def _entry(result: FunctionResult) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": result.name,
        "max_score": result.of,
        "status": "passed" if result.verdict == "passed" else "failed",
        "output": feedback(result) or result.verdict,
    }
    if result.verdict != "internal":
        entry["score"] = result.points
    return entry


def write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON atomically: a reader sees the old file or the new one, whole."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def summary(results: Sequence[FunctionResult]) -> str:
    """`86 / 100`."""
    earned = sum(result.points for result in results)
    return f"{points(earned)} / {points(sum(result.of for result in results))}"
