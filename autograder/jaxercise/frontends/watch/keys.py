"""Keys as they are pressed, without Enter."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

_LOOK_SECONDS = 0.2


@contextlib.contextmanager
def pressed(tell: Callable[[str], None]) -> Iterator[bool]:
    """Tell of keys while the block lasts; whether there is a keyboard to read them from.

    Args:
        tell: is called with each letter, in a thread. Ctrl-C stays what it is.
    """
    if not sys.stdin.isatty():
        yield False
        return
    left = threading.Event()
    with _one_by_one():
        thread = threading.Thread(target=_read, args=(tell, left), daemon=True)
        thread.start()
        try:
            yield True
        finally:
            left.set()
            thread.join()


@contextlib.contextmanager
def _one_by_one() -> Iterator[None]:
    """The terminal hands on each key, and shows none."""
    try:
        import termios
        import tty
    except ImportError:  # Windows does so anyway
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read(tell: Callable[[str], None], left: threading.Event) -> None:
    while not left.is_set():
        for key in _waiting():
            tell(key.lower())


def _waiting() -> str:
    """What has been pressed within a moment; nothing for arrows and the like."""
    if sys.platform == "win32":
        import msvcrt
        import time

        time.sleep(_LOOK_SECONDS)
        return "".join(msvcrt.getwch() for _ in range(msvcrt.kbhit()))
    import select

    descriptor = sys.stdin.fileno()
    if not select.select([descriptor], [], [], _LOOK_SECONDS)[0]:
        return ""
    text = os.read(descriptor, 64).decode(errors="replace")
    if not text:  # the terminal is gone
        return "q"
    return "" if text.startswith("\x1b") else text
