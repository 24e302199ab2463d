"""The options of the pytest door.

Registered as a plugin of pytest's, not from a conftest: while pytest looks for conftests it must
know already that the path behind `--submission` is no folder of tests, or it would run a
`conftest.py` that a submission has brought along.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.processes import ROOT
from autograder.worker.limits import Limits


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Refuse settings that a submission has brought along, before they can do anything.

    With a space behind `--submission`, pytest takes the path for one of tests, and looks for its
    settings there; these may name folders whose `conftest.py` would be run next.
    """
    settings = early_config.inipath
    grading = any(word.partition("=")[0] == "--submission" for word in args)
    if grading and settings is not None and settings.parent != ROOT:
        from autograder.worker import nursery

        nursery.discard()
        raise pytest.UsageError(
            f"pytest took its settings from {settings}, not from the kit. Run it in {ROOT}, "
            "and write --submission=PATH, with the equals sign."
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("jaxercise")
    group.addoption(
        "--submission",
        type=Path,
        default=ROOT / "exercises",
        metavar="PATH",
        help="what to grade: a folder of .py and .ipynb files, or one file (default: exercises/)",
    )
    group.addoption(
        "--scores",
        type=Path,
        metavar="FILE",
        help="write the scores there, as Gradescope reads them",
    )
    group.addoption(
        "--in-process",
        action="store_true",
        help="run student code in this very process: for debugging with --pdb, not for grading",
    )
    group.addoption(
        "--grading-seed", type=int, default=0, metavar="N", help="draw other inputs (default: 0)"
    )
    group.addoption(
        "--device", default="cpu", metavar="PLATFORM", help="JAX platform for student code"
    )
    group.addoption(
        "--call-seconds",
        type=float,
        default=Limits.first_call,
        metavar="S",
        help="how long a call may take that has to compile; later calls get half of it",
    )
