"""A real terminal: tmux, driven from outside."""

from __future__ import annotations

import os
import subprocess
import time
import uuid


class Terminal:
    """A terminal of a tmux server of its own, and what runs in it.

    Args:
        width: in columns.
        height: in lines.
        words: options of tmux' new-session, and the command.
    """

    def __init__(self, width: int, height: int, *words: str) -> None:
        self._socket = f"jaxercise-{uuid.uuid4().hex}"  # the server before may still be ending
        size = ("-x", str(width), "-y", str(height))
        self._tmux("-f", os.devnull, "new-session", "-d", *size, *words)

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-u", "-L", self._socket, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def press(self, *keys: str) -> None:
        """Press keys, by the names that tmux has for them."""
        self._tmux("send-keys", *keys)

    def page(self, *options: str) -> str:
        """What it shows now; options are those of tmux' capture-pane."""
        return self._tmux("capture-pane", "-p", *options)

    def shows(self, *texts: str, seconds: float, without: str = "") -> str:
        """The page, once it shows all of these texts, and not the other one."""
        deadline = time.monotonic() + seconds
        while True:
            page = self.page("-J")
            if all(text in page for text in texts) and not (without and without in page):
                return page
            assert time.monotonic() < deadline, f"{texts} are not shown:\n{page}"
            time.sleep(0.1)

    def close(self) -> None:
        """End it, and what runs in it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True)
