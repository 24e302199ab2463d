"""`jaxercise pack FILE.zip`: what students need to work and to check themselves, in one file."""

from __future__ import annotations

import importlib.metadata
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder import __version__
from autograder.build import differences
from autograder.build.markers import regions
from autograder.engine import load_exercise
from autograder.files import write_whole
from autograder.pack.contents import engine_files
from autograder.pack.notebooks import notebook_text
from autograder.pack.sealing import seal
from autograder.processes import ROOT
from autograder.properties.sealed import SEALED, sealed_path

FOLDER = "jaxercise"
#: Lines shorter than this are no answer by themselves (`return f`), nor are names in a row, which
#: are the rest of a call.
_TELLING = 10
_NAMES = re.compile(r"[\w\s,)]*")
#: What students have no use for: it makes exercises and notebooks from solutions.
_INSTRUCTORS = ("jupytext", "nbgrader")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class PackError(Exception):
    """No pack can be made; the message says what to do."""


def pack(target: Path, *, force: bool = False, root: Path = ROOT) -> int:
    """Write the students' pack.

    The same kit makes the same bytes.

    Args:
        target: the zip file to write.
        force: replace it if it is there.
        root: the kit.

    Returns:
        the size of the file, in bytes.

    Raises:
        PackError: the file is there, exercises are out of date, or an answer would be in the pack.
    """
    if target.suffix != ".zip":
        raise PackError(f"{target} is no name for a zip file; write, for instance, pack.zip")
    if target.exists() and not force:
        raise PackError(f"{target} is there already; choose another name, or write --force")
    if not target.absolute().parent.is_dir():
        raise PackError(f"{target.absolute().parent} is no folder")
    if differences(root / "solutions", root / "exercises"):
        raise PackError("exercises/ is out of date: run `jaxercise build`, and look at them")
    files = members(root)
    leaked = leaks(files, answer_lines(root / "solutions"))
    if leaked:
        raise PackError("lines of answers would be in the pack:\n  " + "\n  ".join(leaked))
    data = zipped(files)
    write_whole(target, data)
    return len(data)


def members(root: Path) -> dict[str, bytes]:
    """The files of the pack, by their path in it."""
    scripts = sorted((root / "exercises").glob("[0-9][0-9]_*.py"))
    names = [path.stem for path in scripts]
    files = {
        "README.md": Path(__file__).with_name("README-students.md").read_bytes(),
        "LICENSE": (root / "LICENSE").read_bytes(),
        "pyproject.toml": _project(root / "pyproject.toml").encode(),
        "autograder/sealed/jax.txt": f"{importlib.metadata.version('jax')}\n".encode(),
    }
    for path in engine_files(root, names):
        files[path.relative_to(root).as_posix()] = path.read_bytes()
    for path in scripts:
        exercise = load_exercise(path.stem)
        text = path.read_text(encoding="utf-8")
        files[f"exercises/{path.name}"] = path.read_bytes()
        files[f"exercises/{path.stem}.ipynb"] = notebook_text(text, exercise.functions).encode()
        name = sealed_path(path.stem, Path("autograder", SEALED.name)).as_posix()
        files[name] = seal(exercise.claims, root / "solutions")
    return files


def answer_lines(solutions: Path) -> set[str]:
    """The lines of all answers that tell something by themselves, without their indentation.

    What stands outside the answers too, in a worked example for one, is no secret.
    """
    inside: set[str] = set()
    outside: set[str] = set()
    for path in sorted(solutions.glob("[0-9][0-9]_*.py")):
        text = path.read_text(encoding="utf-8")
        numbers = {n for one in regions(text, path) for n in range(one.first + 1, one.last)}
        for number, line in enumerate(text.split("\n"), 1):
            (inside if number in numbers else outside).add(_bare(line))
    return {
        line
        for line in inside - outside
        if len(line) >= _TELLING and ("return " in line or not _NAMES.fullmatch(line))
    }


def leaks(files: Mapping[str, bytes], answers: Iterable[str]) -> list[str]:
    """Where a line of an answer stands in the files, however it is indented: `file: line`."""
    wanted = {re.sub(r"\s+", "", line): line for line in answers}
    found = []
    for name, data in files.items():
        text = data.decode("utf-8", errors="replace").replace('\\"', '"')  # as JSON writes it
        text = re.sub(r"\s+", "", text)
        found += [f"{name}: {line}" for squeezed, line in wanted.items() if squeezed in text]
    return sorted(found)


def _bare(line: str) -> str:
    return line.split("  # ")[0].strip()


def _project(path: Path) -> str:
    """The pack's pyproject.toml: the kit's, for those who only grade themselves."""
    kit = tomllib.loads(path.read_text(encoding="utf-8"))
    project = kit["project"]
    jax = importlib.metadata.version("jax")
    dependencies = [
        re.sub(r">=[^,]*", f">={jax}", one) if re.match(r"jax[<>=]", one) else one
        for one in project["dependencies"]
        if not one.startswith(_INSTRUCTORS)
    ]
    tables = {
        "build-system": kit["build-system"],
        "project": {
            "name": project["name"],
            "version": __version__,
            "description": project["description"],
            "requires-python": project["requires-python"],
            "dependencies": dependencies,
            "optional-dependencies": {"notebook": ["jupyterlab>=4"]},
            "scripts": {"jaxercise": "autograder.doctor:main"},
            "entry-points": project["entry-points"],
        },
        "tool": {
            "hatch": {"build": {"targets": {"wheel": {"packages": ["autograder"]}}}},
            "pytest": kit["tool"]["pytest"],
        },
    }
    return "\n".join(_toml(tables)).lstrip() + "\n"


def _toml(table: Mapping[str, object], path: tuple[str, ...] = ()) -> list[str]:
    """A table as TOML; JSON's texts, lists of texts and booleans are TOML's too."""
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items() if key not in inner]
    if lines and path:
        lines = ["", f"[{'.'.join(path)}]", *lines]
    for key, value in inner.items():
        lines += _toml(value, (*path, key))
    return lines


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip archive that tells nothing of the machine and the hour it was made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            # No time, no rights and no system of the machine that made it.
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", _EARLIEST)
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
