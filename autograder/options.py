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
    """Refuse settings that a submission has brought along, before any of its conftests is run.

    With a space behind `--submission`, pytest takes the path for one of tests, and looks for its
    settings there. Plugins that these name with `-p` have been imported by now, and nothing that
    is installed could have come before them: only the equals sign keeps them out.
    """
    if any(word.partition("=")[0] == "--submission" for word in args):
        refuse_foreign_settings(early_config)


def refuse_foreign_settings(config: pytest.Config) -> None:
    """Settings come from the kit.

    Raises:
        pytest.UsageError: pytest has found others.
    """
    settings = config.inipath
    if settings is not None and settings.parent != ROOT:
        from autograder.worker import nursery

        nursery.discard()
        raise pytest.UsageError(
            f"pytest took its settings from {settings}, not from the kit, and may have imported "
            f"plugins they name. Run it in {ROOT}, and write --submission=PATH, with the equals "
            "sign."
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
