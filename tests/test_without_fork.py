"""The way of systems without fork: each worker is a new process. Chosen by a switch on Linux."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from jaxercise.sandboxed.limits import Limits
from jaxercise.workers import forkservers
from running import (
    ROOT,
    RUN_SECONDS,
    SOLUTIONS,
    Graded,
    command,
    graded,
    marked,
    marked_environment,
    write,
)

#: The first two exercises, as the jobs on macOS and Windows grade them (.github/workflows/ci.yml).
WHAT = ("autograder/test_01_vmap.py", "autograder/test_02_grad_vs_cos.py")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is the way there")
#: pytest without what Windows does not have.
BARE = """
import os, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for name in ("fork", "killpg", "pread", "setsid"):
    delattr(os, name)
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def grade(submission: Path | None, *options: str) -> Graded:
    """Grade as on a system without fork."""
    mark, folder = marked()
    _, _, _, *arguments = command(submission, folder, *options, what=WHAT)
    done = subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        cwd=ROOT,
        env=marked_environment(mark, {forkservers.NO_FORK: "1"}),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    return graded(done.returncode, done.stdout, done.stderr, mark, folder)


def test_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(forkservers.NO_FORK, "1")
    assert forkservers.take() is None


def test_a_system_that_limits_no_memory_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS does: it maps hundreds of GiB into each process, and takes no limit below that."""
    set_to: dict[int, int] = {}

    def setrlimit(which: int, limits: tuple[int, int]) -> None:
        if which in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
            raise ValueError("current limit exceeds maximum limit")
        set_to[which] = limits[0]

    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    monkeypatch.setattr(sys, "platform", "darwin")
    Limits().apply(cpu_only=True, sandboxed=False)
    assert set_to[resource.RLIMIT_CPU] == Limits().cpu


def test_references_earn_every_point() -> None:
    references = grade(SOLUTIONS)
    assert references.code == 0, references.said
    assert references.results["score"] == 28
    assert set(references.verdicts().values()) == {"passed"}


def test_stubs_earn_nothing() -> None:
    stubs = grade(None)
    assert stubs.code == 1
    assert stubs.results["score"] == 0
    assert set(stubs.verdicts().values()) == {"not attempted"}


@pytest.mark.nightly
def test_what_ends_a_process_costs_its_function_alone(tmp_path: Path) -> None:
    """Also what a worker prints is told, and what never ends is ended."""
    solution = (SOLUTIONS / "01_vmap.py").read_text(encoding="utf-8")
    wrong = """
import os

def batched(f, x):
    started = open("/proc/self/cmdline").read()
    raise ValueError("alone" if "jaxercise.sandboxed.serving" in started else "forked")

def batch_predict(model, weights, features):
    os._exit(3)

def column_predict(model, weights, features):
    print("nothing is returned")
"""
    endless = "def derivative(f, x):\n    while True:\n        pass\n"
    folder = write(tmp_path / "in", {"01_vmap.py": solution + wrong, "02_grad_vs_cos.py": endless})
    one = grade(folder, "--only", "01")
    assert one.verdict("01_vmap.batched") == "error"
    assert "ValueError: alone" in one.feedback("01_vmap.batched")
    assert one.verdict("01_vmap.batch_predict") == "crashed"
    assert "exit code 3" in one.feedback("01_vmap.batch_predict")
    assert "print only shows a value" in one.feedback("01_vmap.column_predict")
    assert one.verdict("01_vmap.all_pairs") == "passed"
    two = grade(folder, "--only", "02.derivative", "--call-seconds", "3")
    assert two.verdict("02_grad_vs_cos.derivative") == "timeout"
    assert not [*one.left_behind(), *two.left_behind()]
