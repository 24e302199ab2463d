"""`jaxercise gradescope FILE.zip`: an autograder to upload to Gradescope.

The archive holds engine and course, `setup.sh`, which installs it where Gradescope unpacks it, and
`run_autograder`, which grades what lies in `submission/` and always leaves a `results.json`. The
class's seed goes along: whoever may download the archive may read the solutions in it as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from jaxercise.authoring.engine_copy import (
    all_parts,
    engine_files,
    license_text,
    project_text,
    zipped,
)
from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course

_SCRIPTS = {"jaxercise": "jaxercise.__main__:main"}

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
seed=$(cat grading-seed.txt)
echo "Graded with seed $seed. (Students check themselves with seed 0.)" # instructors alone see this
"${PYTHON:-$base/venv/bin/python}" -m pytest autograder -q -p no:cacheprovider \\
    --grading-seed="$seed" \\
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


def gradescope_archive(course: Course, seed: int, assignment: str = "") -> bytes:
    """The archive's bytes; the same course and seed give the same bytes.

    Args:
        course: whose.
        seed: what decides the inputs.
        assignment: with its exercises alone; empty for all of the course.

    Raises:
        FileNotFoundError: a part of the course is not there.
        CourseError: there is no such assignment, or the course's settings do not fit its claims.
    """
    names = course.chosen((), assignment)
    for name in names:
        load_exercise(course, name)  # what is wrong is told now, and not to students
    members = _members(course, names) | {course.kept_seed.name: f"{seed}\n".encode()}
    scripts = {"setup.sh": SETUP.encode(), "run_autograder": RUN.encode()}
    return zipped(scripts | {f"kit/{name}": data for name, data in members.items()}, scripts)


def _members(course: Course, names: Sequence[str]) -> dict[str, bytes]:
    """A course's folder that carries the engine along."""
    files = {}
    for name in names:
        needed = [course.properties(name), course.solution(name), course.exercises / f"{name}.py"]
        there = [path for path in (course.misconceptions(name),) if path.exists()]
        for path in (*needed, *there):
            files[path.relative_to(course.root).as_posix()] = path.read_bytes()
    return files | {
        "pyproject.toml": project_text(course, names, scripts=_SCRIPTS).encode(),
        "LICENSE": license_text().encode(),
        **engine_files(all_parts()),
    }
