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
