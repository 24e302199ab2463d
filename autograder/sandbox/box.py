"""The box as the judge knows it: found, opened, and given out once for each `Workers`."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.processes import PYTHON
from autograder.sandbox.command import Shown, bubblewrap, shown
from autograder.sandbox.uids import Uid, UidError
from autograder.worker.nursery import Zygote

_STAGE = "/tmp"


class BoxError(Exception):
    """There is no box on this machine; the message says why, and what mends it."""


class Box:
    """What goes around student code; `Workers(box=...)` takes it. Keeps nothing open by itself.

    Args:
        cache: a compilation cache that workers read and cannot write; None for none.
        device: the JAX platform for student code; a GPU's device files are shown if it needs them.

    Raises:
        BoxError: this machine has none. Whether it holds is for `selftest.check` to say.
    """

    def __init__(self, *, cache: Path | None = None, device: str = "cpu") -> None:
        if not sys.platform.startswith("linux"):
            raise BoxError(
                f"there is no box on {sys.platform}; grade in a Linux container, as "
                "autograder/sandbox/README.md tells"
            )
        program = shutil.which("bwrap")
        if program is None:
            raise BoxError("bubblewrap is not installed; run: sudo apt-get install bubblewrap")
        self.cache = cache
        self._program = program
        self._devices = _accelerators() if device != "cpu" else ()

    @property
    def shown(self) -> list[Shown]:
        """What it shows, read-only."""
        return shown(self.cache, self._devices)

    def zygote(self) -> Zygote:
        """A zygote in a box of its own: started by root, with a uid that no other box has.

        Raises:
            BoxError: there is no uid for it.
        """
        # In a thread that lives as long as this process: bubblewrap ends with whoever started it.
        return _starter.submit(self._zygote).result()

    def _zygote(self) -> Zygote:
        whole = self.shown
        if os.getuid() != 0:
            return Zygote(bubblewrap(self._program, whole, {}, self._devices))
        try:
            uid = Uid()
        except UidError as error:
            raise BoxError(f"{error}; start the grader as an ordinary user") from None
        mounted = [one.place for one in whole if not one.hidden and not one.link]
        sources = {place: f"{_STAGE}/{number}" for number, place in enumerate(mounted)}
        launcher = [PYTHON, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
        launcher += [str(uid.number), _STAGE, *map(str, mounted), "--"]
        command = bubblewrap(self._program, whole, sources, self._devices)
        return Zygote([*launcher, *command], uid.release)


def _accelerators() -> tuple[Path, ...]:
    found = [path for pattern in ("nvidia*", "dri", "kfd") for path in Path("/dev").glob(pattern)]
    return tuple(sorted(found))


_starter = ThreadPoolExecutor(1, thread_name_prefix="box")
