"""`jaxercise gradescope FILE.zip`: an autograder to upload to Gradescope.

The archive holds the kit itself, `setup.sh`, which installs it where Gradescope unpacks it, and
`run_autograder`, which grades what lies in `submission/` and always leaves a `results.json`.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from autograder.files import write_whole
from autograder.processes import ROOT

#: What of the kit goes in: everything that grading needs.
PARTS = ("autograder", "solutions", "exercises", "pyproject.toml", "README.md", "LICENSE")
_LEFT_OUT = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}

SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when the autograder is built.
set -euo pipefail
base=${AUTOGRADER:-/autograder}
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    apt-get update && apt-get install -y python3.11 python3.11-venv
    python=python3.11
else
    apt-get install -y python3-venv || true
    python=python3
fi
"$python" -m venv "$base/venv"
"$base/venv/bin/pip" install -q -e "$base/source/kit"
"""

RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission.
set -uo pipefail
base=${AUTOGRADER:-/autograder}
results=$base/results/results.json
mkdir -p "$base/results"
rm -f "$results"
cd "$base/source/kit" || exit 1
"${PYTHON:-$base/venv/bin/python}" -m pytest autograder -q -p no:cacheprovider \\
    --submission="$base/submission" --scores="$results" >"$base/results/said.txt" 2>&1
said=$(grep -m 1 '^ERROR: ' "$base/results/said.txt")
if [ ! -s "$results" ] || [ -n "$said" ]; then
    "${PYTHON:-$base/venv/bin/python}" - "$results" "${said#ERROR: }" <<'END'
import json, sys
path, said = sys.argv[1:]
text = said or "The grader failed. This says nothing about your work; please tell your instructor."
with open(path, "w") as file:
    json.dump({"score": 0, "output": text} if said else {"output": text, "tests": []}, file)
END
fi
cat "$base/results/said.txt"
"""


def gradescope_archive(root: Path = ROOT) -> bytes:
    """The archive's bytes; the same kit gives the same bytes.

    Raises:
        FileNotFoundError: a part of the kit is not there (the kit is not run from a checkout).
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.encode(), executable=True)
        _add(archive, "run_autograder", RUN.encode(), executable=True)
        for part in PARTS:
            for path in _files(root / part):
                _add(archive, f"kit/{path.relative_to(root).as_posix()}", path.read_bytes())
    return buffer.getvalue()


def write_gradescope(path: Path, root: Path = ROOT) -> None:
    """Write the archive, whole or not at all.

    Raises:
        OSError: it cannot be written, or a part of the kit is not there.
    """
    write_whole(path, gradescope_archive(root))


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; run this in a checkout of the kit")
    if path.is_file():
        return [path]
    return sorted(
        one
        for one in path.rglob("*")
        if one.is_file() and not _LEFT_OUT & set(one.parts) and one.suffix != ".pyc"
    )


def _add(archive: zipfile.ZipFile, name: str, data: bytes, *, executable: bool = False) -> None:
    entry = zipfile.ZipInfo(name)  # of 1980: the time says nothing here
    entry.external_attr = (0o755 if executable else 0o644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
