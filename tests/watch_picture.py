"""The picture of `jaxercise watch` in README.md, taken of a real terminal.

    python tests/watch_picture.py

runs it in tmux on a submission with typical mistakes, asks for the next function, and writes what
the terminal shows, colours included, to `solutions/watch.svg`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "solutions" / "watch.svg"
_WIDTH, _HEIGHT = 100, 26
_SECONDS = 600


def tmux(*arguments: str) -> str:
    """What a command of a tmux server of its own prints."""
    command = ["tmux", "-L", "watch-picture", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def shown(*, until: str) -> str:
    """The terminal's text with its colours, once all is judged and a text stands there."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        plain = tmux("capture-pane", "-p")
        if until in plain and "judging" not in plain:
            return tmux("capture-pane", "-e", "-p")
        time.sleep(0.5)
    raise SystemExit(f"the terminal never showed {until!r}:\n{tmux('capture-pane', '-p')}")


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "exercises"
        shutil.copytree(ROOT / "tests" / "submissions" / "typical_mistakes", folder)
        watch = f"{sys.executable} -m jaxercise watch --course={ROOT} --submission=exercises"
        tmux(
            "new-session",
            "-d",
            "-x",
            str(_WIDTH),
            "-y",
            str(_HEIGHT),
            f"cd {place} && LC_ALL=C.UTF-8 {watch}",
        )
        try:
            shown(until="Next: ")
            tmux("send-keys", "n")
            time.sleep(1.0)  # the key is read
            screen = shown(until="Next: ")
        finally:
            tmux("kill-server")
    console = Console(width=_WIDTH, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(Text.from_ansi(screen.rstrip()))
    console.save_svg(str(PICTURE), title="jaxercise watch")
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
