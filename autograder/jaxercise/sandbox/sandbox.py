"""The sandbox as the judge knows it: found, opened, and given out once for each `Workers`."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jaxercise.processes import PYTHON
from jaxercise.sandbox.command_line import Shown, bubblewrap, shown
from jaxercise.sandbox.remedies import GUIDE
from jaxercise.sandbox.uids import Uid, UidError
from jaxercise.workers.forkservers import ForkServer

_STAGE = "/tmp"


class SandboxError(Exception):
    """There is no sandbox on this machine; the message says why, and what mends it."""


class Sandbox:
    """What goes around student code; `Workers(sandbox=...)` takes it. Keeps nothing open by itself.

    Args:
        cache: a compilation cache that workers read and cannot write; None for none.
        device: the JAX platform for student code; a GPU's device files are shown if it needs them.
        secret: folders of which nothing may be seen, wherever they lie: the course's.

    Raises:
        SandboxError: this machine has none. Whether it holds is for `selftest.check` to say.
    """

    def __init__(
        self, *, cache: Path | None = None, device: str = "cpu", secret: tuple[Path, ...] = ()
    ) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxError(
                f"there is no sandbox on {sys.platform}; grade in a Linux container, as {GUIDE} "
                "tells"
            )
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxError("bubblewrap is not installed; run: sudo apt-get install bubblewrap")
        self.cache = cache
        self.secret = secret
        self._program = program
        self._devices = _accelerators() if device != "cpu" else ()

    @property
    def shown(self) -> list[Shown]:
        """What it shows, read-only."""
        return shown(self.cache, self._devices, self.secret)

    def forkserver(self) -> ForkServer:
        """A forkserver in a sandbox of its own: started by root, with a uid of its own.

        Raises:
            SandboxError: there is no uid for it.
        """
        # In a thread that lives as long as this process: bubblewrap ends with whoever started it.
        return _starter.submit(self._forkserver).result()

    def _forkserver(self) -> ForkServer:
        whole = self.shown
        if os.getuid() != 0:
            return ForkServer(bubblewrap(self._program, whole, {}, self._devices))
        try:
            uid = Uid()
        except UidError as error:
            raise SandboxError(f"{error}; start the grader as an ordinary user") from None
        mounted = [one.place for one in whole if not one.hidden and not one.link]
        sources = {place: f"{_STAGE}/{number}" for number, place in enumerate(mounted)}
        launcher = [PYTHON, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
        launcher += [str(uid.number), _STAGE, *map(str, mounted), "--"]
        command = bubblewrap(self._program, whole, sources, self._devices)
        return ForkServer([*launcher, *command], uid.release)


def _accelerators() -> tuple[Path, ...]:
    found = [path for pattern in ("nvidia*", "dri", "kfd") for path in Path("/dev").glob(pattern)]
    return tuple(sorted(found))


_starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
