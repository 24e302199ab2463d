"""Starting the kit's own helper processes."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def bare_python(module: str) -> list[str]:
    """The command that runs `main()` of one of the kit's modules in a fresh interpreter.

    Isolated (`-I`): neither the current folder nor the environment can put a `jax.py` or a
    `sitecustomize.py` in its way.
    """
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {module} import main; main()"
    return [sys.executable, "-I", "-c", start]
