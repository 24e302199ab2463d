"""Whether every Python with every JAX gives the corpus the same points and the same names.

    python tests/benchmarks/versions.py [--pairs 3.11-0.10,3.13-0.12] [--sample] [EXERCISE ...]

Makes an environment for each pair that can be had here, in `.venv-versions/`, and grades in each:
solutions, stubs, right answers, misconceptions, hostile files that take no sandbox, and once more
the solutions, with a pack that the oldest JAX has made. Prints how much of it comes to the same as
with the oldest pair, then what does not. With `--sample`, one answer of each kind.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxercise.versions import OLDEST, UNKNOWN

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: The releases of JAX, as pip is told; the last is whatever is newest.
RELEASES = (*(f"0.{minor}" for minor in range(OLDEST[1], UNKNOWN[1])), "newest")
#: What answers of the corpus import besides what the kit needs.
USED = ("equinox", "optax")
#: What is graded, by what it is: its points by claim or function, and the names it was told.
Table = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Pair:
    """An environment with a Python and a JAX."""

    python: str
    jax: str
    interpreter: Path

    def __str__(self) -> str:
        return f"Python {self.python}, jax {self.jax}"


def interpreter(version: str) -> str | None:
    """A Python of this version that works."""
    candidates = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    for one in (*map(str, candidates), shutil.which(f"python{version}"), sys.executable):
        code = f"import sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != {version!r})"
        if one and subprocess.run([one, "-c", code], capture_output=True).returncode == 0:
            return one
    return None


def pairs(wanted: Sequence[str]) -> Iterator[Pair]:
    """The environments, made where they are not there yet, the oldest JAX first."""
    for release in RELEASES:
        for python in PYTHONS:
            name = f"{python}-{release}"
            base = interpreter(python)
            if base is None or (wanted and name not in wanted):
                continue
            folder = ROOT / ".venv-versions" / name
            inside = folder / "bin" / "python"
            if not inside.exists():
                subprocess.run([base, "-m", "venv", folder], check=True)
            jax = "jax" if release == "newest" else f"jax=={release}.*"
            pip = [inside, "-m", "pip", "install", "-q", "-e", f"{ROOT}[instructor]", *USED, jax]
            done = subprocess.run(pip, capture_output=True, text=True)
            if done.returncode != 0:
                last = done.stderr.strip().splitlines()[-1:]
                print(f"{name}: not a pair that can be had ({' '.join(last)})", flush=True)
                continue
            code = "import importlib.metadata as m; print(m.version('jax'))"
            version = subprocess.check_output([inside, "-c", code], text=True).strip()
            if release == "newest" and version.startswith(tuple(f"{r}." for r in RELEASES)):
                continue  # it is there already
            yield Pair(python, version, inside)


def graded(names: Sequence[str], pack: Path, sample: bool) -> Table:
    """What the corpus comes to in this environment."""
    from corpus import one_of_each
    from jaxercise.authoring.certify import certify
    from jaxercise.authoring.certify.runners import patient_workers
    from jaxercise.verdicts import Outcome
    from running import COURSE

    def entry(outcomes: Sequence[Outcome]) -> dict[str, Any]:
        findings = [one.finding for one in outcomes if one.finding is not None]
        return {
            "points": {one.claim: one.points for one in outcomes},
            "names": sorted({one.misconception for one in findings if one.misconception}),
        }

    table: Table = {}
    chosen = one_of_each if sample else list
    with patient_workers() as workers:
        for name in names or COURSE.names():
            made = certify(COURSE, name, workers, chosen=chosen)
            table[f"{name} solution"] = entry(made.reference)
            table[f"{name} stub"] = entry(made.stub)
            for kind, bodies in (("right", made.right), ("wrong", made.wrong)):
                for one in bodies:
                    key = f"{name} {kind} {one.body.qualname}"
                    table[key] = entry(one.as_graded(made.exercise))
    return table | hostile(names, sample) | packed(names, pack)


def hostile(names: Sequence[str], sample: bool) -> Table:
    """What the functions that hostile files are about earn."""
    import hostile_catalogue
    from jaxercise.engine import Engine
    from jaxercise.submission import read_submission
    from running import COURSE

    cases = [
        case
        for case in hostile_catalogue.cases()
        if not case.sandboxed and (not names or case.exercise in names)
    ]
    table: Table = {}
    for case in hostile_catalogue.representative(cases) if sample else cases:
        with tempfile.TemporaryDirectory() as folder, Engine(COURSE) as engine:
            shutil.copy(case.file, Path(folder, case.exercise).with_suffix(case.file.suffix))
            results = engine.grade(read_submission(Path(folder), [case.exercise]), [case.exercise])
        points = {one.name: one.points for one in results if one.name == case.function}
        table[f"hostile {case.name}"] = {"points": points, "names": []}
    return table


def packed(names: Sequence[str], pack: Path) -> Table:
    """What the solutions earn with a pack, which is made where it is not there."""
    from jaxercise.authoring.pack.archive import members
    from jaxercise.course import Course
    from jaxercise.engine import Engine
    from jaxercise.submission import read_submission
    from running import COURSE

    if not pack.exists():
        for name, data in members(COURSE, names or COURSE.names()).items():
            (pack / name).parent.mkdir(parents=True, exist_ok=True)
            (pack / name).write_bytes(data)
    course = Course.at(pack)
    with Engine(course) as engine:
        results = engine.grade(read_submission(COURSE.solutions, course.names()))
    return {f"pack {one.name}": {"points": one.points, "names": []} for one in results}


def compare(first: Table, other: Table) -> dict[str, list[str]]:
    """By points and names, what of the first is not the same in the other."""
    return {
        what: [key for key in first if other.get(key, {}).get(what) != first[key][what]]
        for what in ("points", "names")
    }


def main(options: argparse.Namespace) -> int:
    """Grade with every pair, and print."""
    print("| pair | graded | points equal | names equal |\n| --- | --- | --- | --- |", flush=True)
    first: Table = {}
    told: list[str] = []
    with tempfile.TemporaryDirectory(prefix="jaxercise-versions-") as folder:
        for pair in pairs(options.pairs.split(",") if options.pairs else ()):
            out = Path(folder, f"{pair.python}-{pair.jax}.json")
            # Safe paths: beside this file lies another `nbgrader`.
            here = [pair.interpreter, "-P", Path(__file__).resolve(), "--inside", out]
            here += ["--pack", Path(folder, "pack")]
            env = os.environ | {"JAXERCISE_CACHE": str(Path(folder, out.stem))}
            env.pop("PYTHONPATH", None)
            sample = ["--sample"] * options.sample
            subprocess.run([*here, *sample, *options.exercises], env=env, check=True, cwd=ROOT)
            table: Table = json.loads(out.read_text())
            differing = compare(first or table, table)
            first = first or table
            counts = [f"{len(first) - len(keys)} of {len(first)}" for keys in differing.values()]
            print(f"| {pair} | {len(table)} | {' | '.join(counts)} |", flush=True)
            told += [
                f"{pair}: {key}: {what} {table.get(key, {}).get(what)}, not {first[key][what]}"
                for what, keys in differing.items()
                for key in keys
            ]
    print("\n".join(told))
    return 1 if told else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE")
    parser.add_argument("--pairs", default="", help="which: 3.11-0.10,3.13-newest")
    parser.add_argument("--sample", action="store_true", help="one answer of each kind")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--pack", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside is None:
        sys.exit(main(given))
    found = graded(given.exercises, given.pack, given.sample)
    given.inside.write_text(json.dumps(found))
    print(f"{platform.python_version()} {importlib.metadata.version('jax')}", file=sys.stderr)
