"""Why a name is not defined that its author sees defined: what a NameError does not say."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from jaxercise.submission import Source
from jaxercise.submission.names import USUAL
from jaxercise.submission.source_text import UNDER_MAIN
from jaxercise.workers.runner import Raised

_UNKNOWN = re.compile(r"^NameError: name '(\w+)' is not defined")
_IMPORTED = re.compile(r"^\s*(import|from)\b")


def about_name(
    sentence: str, function: str, later: Collection[str], source: Source, errors: Sequence[Raised]
) -> str:
    """What to say beside a NameError; empty where it is none, or nothing is known.

    Args:
        sentence: what is said of the exception.
        function: the name of the graded function.
        later: the arguments of the function that it returns.
        source: the file.
        errors: what was raised while the file was executed.
    """
    found = _UNKNOWN.match(sentence)
    if found is None:
        return ""
    name = found[1]
    if name in later:
        return (
            f"{name} is not given to {function}, but to the function that it returns. Return a "
            f"function of {name}: def one inside, or leave a transformed function uncalled."
        )
    if name in source.lost:
        return f"{name} could not be read: {source.lost[name]}"
    if f"{UNDER_MAIN}.{name}" in source.functions:
        return (
            f"{name} gets its value under `if __name__ == ...`, which grading leaves out. Define "
            "it above that line, in column 0, or use the arguments alone."
        )
    if errors and name in source.functions:
        error = errors[0]
        place = f" in line {error.frames[-1][1]}" if error.frames else ""
        return (
            f"The file stops{place}, before {name} is defined: {error.type}: {error.message}. Mend "
            "that first."
        )
    if name in USUAL:
        return f"`{USUAL[name]}` at the top of the file would bring it."
    return ""


def failed_import(sentence: str, errors: Sequence[Raised]) -> Raised | None:
    """The import that should have brought the name that a NameError is about, and failed.

    Args:
        sentence: what is said of the exception.
        errors: what was raised while the file was executed.
    """
    found = _UNKNOWN.match(sentence)
    name = re.compile(rf"\b{found[1]}\b") if found is not None else None
    lines = ((one, one.frames[-1][2] if one.frames else "") for one in errors)
    tried = (one for one, code in lines if _IMPORTED.match(code) and name and name.search(code))
    return next(tried, None)
