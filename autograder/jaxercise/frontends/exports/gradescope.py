"""`jaxercise gradescope FILE.zip`: an autograder to upload to Gradescope.

The archive holds the kit itself, `setup.sh`, which installs it where Gradescope unpacks it, and
`run_autograder`, which grades what lies in `submission/` and always leaves a `results.json`.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from jaxercise.authoring.carried import all_parts, engine_files, license_text, project_text
from jaxercise.course import Course
from jaxercise.files import write_whole

#: What of the course goes in: everything that grading needs.
PARTS = ("autograder", "solutions", "exercises")
_SCRIPTS = {"jaxercise": "jaxercise.__main__:main"}
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


def gradescope_archive(course: Course) -> bytes:
    """The archive's bytes; the same course gives the same bytes.

    Raises:
        FileNotFoundError: a part of the course is not there.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.encode(), executable=True)
        _add(archive, "run_autograder", RUN.encode(), executable=True)
        for name, data in sorted(_members(course).items()):
            _add(archive, f"kit/{name}", data)
    return buffer.getvalue()


def _members(course: Course) -> dict[str, bytes]:
    """A course's folder that carries the engine along."""
    engine = course.autograder / "jaxercise"
    files = {
        path.relative_to(course.root).as_posix(): path.read_bytes()
        for part in PARTS
        for path in _files(course.root / part)
        if engine not in path.parents
    }
    return files | {
        "pyproject.toml": project_text(course, scripts=_SCRIPTS).encode(),
        "LICENSE": license_text().encode(),
        **engine_files(all_parts()),
    }


def write_gradescope(course: Course, path: Path) -> None:
    """Write the archive, whole or not at all.

    Raises:
        OSError: it cannot be written, or a part of the course is not there.
    """
    write_whole(path, gradescope_archive(course))


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there")
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
