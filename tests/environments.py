"""Virtual environments of their own: this one's packages, and nothing of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from running import ROOT

#: No command takes longer, however slow the machine.
SECONDS = 1800.0
#: Every process of the environment runs this first: a file of the checkout that is opened, or a
#: folder of it that is listed, is an error there.
_GUARD = """\
import sys
_parts = {parts!r}
def _guard(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and str(arguments[0]).startswith(_parts):
        raise RuntimeError(f"read from the checkout: {{arguments[0]}}")
sys.addaudithook(_guard)
"""


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything printed."""
        return self.out + self.err


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *what: str, closed: bool = True) -> Environment:
        """A new one.

        Args:
            folder: where.
            what: is installed into it, as pip is told; without anything that this depends on.
            closed: nothing of this checkout can be read in it.
        """
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        made = cls(folder)
        inside = next(folder.glob("lib/python*/site-packages"))
        shared = [path for path in sys.path if Path(path).name == "site-packages"]
        (inside / "shared.pth").write_text("\n".join(shared))
        parts = [path for path in ROOT.iterdir() if path.name != ".venv"]
        guard = _GUARD.format(parts=tuple(str(path) for path in parts))
        if closed:
            (inside / "sitecustomize.py").write_text(guard)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", str(made.python)),
                *("install", "-q", "--no-deps", "--no-build-isolation", *what),
            ],
            check=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )
        return made

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(self, *command: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Ran:
        """Run a command, one of its own or `python`, in a folder."""
        whole = {**os.environ, **(environment or {})}
        for name in ("PYTEST_ADDOPTS", "PYTHONPATH", "JAXERCISE_COURSE"):
            whole.pop(name, None)
        whole["PATH"] = os.pathsep.join([str(self.python.parent), whole.get("PATH", "")])
        done = subprocess.run(
            [str(self.python.with_name(command[0])), *command[1:]],
            cwd=cwd,
            env=whole,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def ok(self, *command: str, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
        """As `run`, of a command that has to succeed: what it prints."""
        ran = self.run(*command, cwd=cwd, environment=environment)
        assert ran.code == 0, ran.said
        return ran.out
