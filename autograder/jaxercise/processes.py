"""Starting the engine's own helper processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: The folder from which the engine is imported.
HOME = Path(__file__).resolve().parent.parent
#: This interpreter. Links stay, for they tell a virtual environment; `..` is nowhere in a sandbox.
PYTHON = os.path.abspath(sys.executable)


def bare_python(module: str) -> list[str]:
    """The command that runs `main()` of one of the engine's modules in a fresh interpreter.

    Isolated (`-I`): neither the current folder nor the environment can put a `jax.py` or a
    `sitecustomize.py` in its way.
    """
    start = f"import sys; sys.path.insert(0, {str(HOME)!r}); from {module} import main; main()"
    return [PYTHON, "-I", "-c", start]
