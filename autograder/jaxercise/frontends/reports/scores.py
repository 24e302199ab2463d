"""Score files, in the schema that Gradescope reads (`results.json`)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxercise.frontends.reports.feedback import feedback, points
from jaxercise.verdicts import FunctionResult, Verdict

CUT_SHORT = "The run was cut short: not everything has been graded."


def results_json(
    results: Sequence[FunctionResult],
    seconds: float,
    *,
    missing: Mapping[str, float],
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The results as Gradescope's schema.

    Where the grader itself failed there is no total: nobody gets a zero for a fault of its own.

    Args:
        results: the functions graded.
        seconds: how long grading took.
        missing: the points of what has not been graded, by `NN_topic.function`.
        notes: what had to be mended to read the files.
    """
    note = CUT_SHORT if missing else ""
    failed = [result.name for result in results if result.verdict == Verdict.INTERNAL]
    if failed:
        note = f"{note} The grader failed on {', '.join(failed)}: no total is given.".strip()
    entries = [_entry(result, missing.get(result.name, 0.0)) for result in results]
    names = {result.name for result in results}
    entries += [
        {"name": name, "score": 0.0, "max_score": of, "status": "failed", "output": "not graded"}
        for name, of in missing.items()
        if name not in names
    ]
    whole: dict[str, Any] = {"execution_time": round(seconds, 3), "tests": entries}
    if not failed:
        whole["score"] = sum(result.points for result in results)
    said = [*([note] if note else []), *notes]
    if said:
        whole["output"] = "\n".join(said)
    return whole


def _entry(result: FunctionResult, missing: float) -> dict[str, Any]:
    passed = result.verdict == Verdict.PASSED and not missing
    output = feedback(result) or result.verdict
    entry: dict[str, Any] = {
        "name": result.name,
        "max_score": result.max_points + missing,
        "status": "passed" if passed else "failed",
        "output": f"{output}\n{points(missing)} not graded" if missing else output,
    }
    if result.verdict != Verdict.INTERNAL:
        entry["score"] = result.points
    return entry


def check_writable(path: Path) -> None:
    """Find out before a long run whether the file can be written after it.

    Raises:
        OSError: it cannot.
    """
    if path.is_dir():
        raise IsADirectoryError("it is a folder")
    descriptor, name = tempfile.mkstemp(dir=path.absolute().parent)
    os.close(descriptor)
    os.unlink(name)
