"""The picture of `jaxercise watch` in README.md, taken of a real terminal.

    python tests/watch_picture.py

runs it in tmux on a submission with typical mistakes, asks for the next function, and writes what
the terminal shows, colours included, to `solutions/watch.svg`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "solutions" / "watch.svg"
_WIDTH, _HEIGHT = 100, 26
_SECONDS = 600


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "exercises"
        shutil.copytree(ROOT / "tests" / "submissions" / "typical_mistakes", folder)
        watch = f"{sys.executable} -m jaxercise watch --course={ROOT} --submission=exercises"
        terminal = Terminal(_WIDTH, _HEIGHT, "-c", place, f"LC_ALL=C.UTF-8 {watch}")
        try:
            terminal.shows("Next: ", without="judging", seconds=_SECONDS)
            terminal.press("n")
            time.sleep(1.0)  # the key is read
            terminal.shows("Next: ", without="judging", seconds=_SECONDS)
            screen = terminal.page("-e")
        finally:
            terminal.close()
    console = Console(width=_WIDTH, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(Text.from_ansi(screen.rstrip()))
    console.save_svg(str(PICTURE), title="jaxercise watch")
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
