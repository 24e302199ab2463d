"""The files of a watched folder: which exercise has been saved."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import watchfiles

from jaxercise.submission.filenames import is_clutter, meant

#: Milliseconds: what is written within the first is one save, however long it goes on.
_STEP, _DEBOUNCE = 10, 100
_LOOK_MILLISECONDS = 200


@contextlib.contextmanager
def saves(
    path: Path,
    exercises: Collection[str],
    tell: Callable[[set[str]], None],
    failed: Callable[[OSError], None],
) -> Iterator[None]:
    """Tell of each save while the block lasts.

    Args:
        path: the folder, or a file.
        exercises: the names to look for.
        tell: is called with the exercises that have been saved, in a thread.
        failed: is called if the folder cannot be watched.
    """
    left = threading.Event()
    folder = (path if path.is_dir() else path.parent).absolute()
    seen: dict[Path, bytes] = {}

    def exercise(file: Path) -> str | None:
        inside = file.relative_to(folder) if file.is_relative_to(folder) else Path(file.name)
        if any(map(is_clutter, inside.parts)) or (not path.is_dir() and file.name != path.name):
            return None
        found = meant(file.name, exercises)
        return found.exercise if found else None

    def is_new(file: Path) -> bool:
        """Some editors write twice, and a second save would begin all over again."""
        before, seen[file] = seen.get(file), _digest(file)
        return before != seen[file]

    def run() -> None:
        try:
            for changes in watchfiles.watch(
                folder,
                step=_STEP,
                debounce=_DEBOUNCE,
                rust_timeout=_LOOK_MILLISECONDS,
                stop_event=left,
                raise_interrupt=False,
            ):
                files = {Path(file) for _, file in changes}
                found = {name for one in files if (name := exercise(one)) and is_new(one)}
                if found:
                    tell(found)
        except OSError as error:
            failed(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _digest(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:  # it is gone, or was never a file
        return b""
