"""The engine, carried along in an archive for those who have nothing installed."""

from __future__ import annotations

import ast
import importlib.metadata
import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from jaxercise import __version__
from jaxercise.course import INSTALLED, Course
from jaxercise.processes import HOME

_MODULE = re.compile(r"jaxercise(\.\w+)+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLUGIN = {"pytest11": {"jaxercise": "jaxercise.frontends.pytest_plugin.options"}}


def engine_files(paths: Iterable[Path]) -> dict[str, bytes]:
    """Files of the engine, by their place in a course's folder: `autograder/jaxercise/...`."""
    return {f"autograder/{one.relative_to(HOME).as_posix()}": one.read_bytes() for one in paths}


def all_parts() -> list[Path]:
    found = (HOME / "jaxercise").rglob("*")
    return sorted(p for p in found if p.is_file() and p.suffix != ".pyc" and ".mypy" not in str(p))


def parts_needed(modules: Iterable[str]) -> list[Path]:
    """The files that some modules of the engine reach.

    Imports inside of functions count, and so do the names of modules that are started as processes.

    Args:
        modules: where to begin; names in modules will do.
    """
    waiting = [part for name in modules for part in _with_packages(name)]
    found: set[Path] = set()
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path is None or path in found:
            continue
        found.add(path)
        waiting += [part for used in imported(path) for part in _with_packages(used)]
    return sorted(found)


def imported(path: Path) -> list[str]:
    """The modules that a file imports, and those that it names as texts."""
    return list(_used(ast.parse(path.read_text(encoding="utf-8"))))


def zipped(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """The files as a zip archive that tells nothing of the machine and the hour it was made.

    Args:
        files: by their path in it.
        executable: those that are to be run.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # of 1980
            entry.external_attr = (0o755 if name in executable else 0o644) << 16
            entry.create_system = 3
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def license_text() -> str:
    """The engine's licence, which goes with every copy of it."""
    return importlib.metadata.distribution("jaxercise").read_text("licenses/LICENSE") or ""


def project_text(
    course: Course,
    exercises: Collection[str],
    *,
    scripts: Mapping[str, str],
    leave_out: Collection[str] = (),
    installed: Iterable[str] = (),
) -> str:
    """The pyproject.toml of a course's folder that carries the engine along.

    Args:
        course: whose settings go along.
        exercises: those of the course that the folder has.
        scripts: its commands.
        leave_out: the engine's dependencies that are not needed there, by how they begin.
        installed: files of it that `pip install` takes along, as a course beside the engine.
    """
    about = importlib.metadata.metadata("jaxercise")
    jax = importlib.metadata.version("jax")
    dependencies = [
        re.sub(r">=[^,]*", f">={jax}", one) if re.match(r"jax[<>=]", one) else one
        for one in importlib.metadata.requires("jaxercise") or ()
        if "extra ==" not in one and not one.startswith(tuple(leave_out))
    ]
    carried = {one: f"{INSTALLED}/{one}" for one in installed}
    beside = {"force-include": carried} if carried else {}
    tables = {
        "build-system": {"requires": ["hatchling"], "build-backend": "hatchling.build"},
        "project": {
            "name": "jaxercise",
            "version": __version__,
            "description": about["Summary"],
            "requires-python": about["Requires-Python"],
            "dependencies": dependencies,
            "optional-dependencies": {"notebook": ["jupyterlab>=4"]},
            "scripts": scripts,
            "entry-points": _PLUGIN,
        },
        "tool": {
            "hatch": {
                "build": {
                    "dev-mode-dirs": ["autograder"],
                    "targets": {"wheel": {"packages": ["autograder/jaxercise"]} | beside},
                }
            },
            "jaxercise": course.settings.table(exercises),
            "pytest": {"ini_options": PYTEST},
        },
    }
    return toml_text(tables)


#: pytest's settings in a course.
PYTEST = {
    "minversion": "8.3",
    "testpaths": ["autograder"],
    "addopts": ["--strict-markers", "--strict-config", "-p", "no:anyio", "-p", "no:jaxtyping"],
}


def toml_text(table: Mapping[str, object]) -> str:
    """A table as TOML; JSON's texts, numbers, lists of texts and booleans are TOML's too."""
    return "\n".join(_toml(table)).lstrip() + "\n"


def _toml(table: Mapping[str, object], path: tuple[str, ...] = ()) -> list[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    lines = [
        f"{_key(key)} = {json.dumps(value)}" for key, value in table.items() if key not in inner
    ]
    if lines and path:
        lines = ["", f"[{'.'.join(map(_key, path))}]", *lines]
    for key, value in inner.items():
        lines += _toml(value, (*path, key))
    return lines


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name)


def _used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.Constant(value=str(text)) if _MODULE.fullmatch(text):
                yield text


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _file(name: str) -> Path | None:
    if not name.startswith("jaxercise"):
        return None
    path = HOME.joinpath(*name.split("."))
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((one for one in candidates if one.is_file()), None)
