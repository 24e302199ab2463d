"""bubblewrap's command line: what a sandbox shows, and what it takes away."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from jaxercise.processes import HOME
from jaxercise.workers.workers import SCRATCH, WRITABLE

#: The engine, and of it all that a worker needs.
_ENGINE = HOME / "jaxercise"
_ENTERING = ("__init__.py", "sandboxed")
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": SCRATCH,
    "TMPDIR": SCRATCH,
    "LANG": "C.UTF-8",
}
_KEPT = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")


@dataclass(frozen=True)
class Shown:
    """Something that a sandbox shows, read-only.

    Attributes:
        place: where in the sandbox; its source lies there too, outside.
        hidden: nothing of it is shown: an empty folder lies there instead.
        link: it is a symbolic link to there.
    """

    place: Path
    hidden: bool = False
    link: str = ""


def shown(
    cache: Path | None, devices: tuple[Path, ...] = (), secret: tuple[Path, ...] = ()
) -> list[Shown]:
    """What a sandbox shows, parents before what lies in them.

    Args:
        cache: the compilation cache, if there is one.
        devices: device files for accelerators.
        secret: folders of which nothing may be seen, wherever they lie.
    """
    trees = {Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), *_library_folders()}
    trees |= {Path(sys.executable).resolve().parent.parent, Path("/nix/store")}
    trees = {tree for tree in trees if tree.is_dir() and tree != Path("/")}
    found = [Shown(tree) for tree in trees if not any(_inside(tree, other) for other in trees)]
    for name in map(Path, _SYSTEM):
        if name.is_symlink():
            found.append(Shown(name, link=os.readlink(name)))
        elif name.is_dir():
            found.append(Shown(name))
    found += [Shown(Path(name)) for name in _ETC if Path(name).exists()]
    found += _hidden(trees, (*secret, _ENGINE))
    # A tree inside what has been hidden (an environment in the checkout) is shown all the same.
    hidden = [one.place for one in found if one.hidden]
    found += [Shown(tree) for tree in trees if any(_inside(tree, place) for place in hidden)]
    found += [Shown(_ENGINE / name) for name in _ENTERING]
    found += [Shown(place) for place in (*([cache] if cache else []), *devices)]
    unique = {(one.place, one.hidden): one for one in found}
    return sorted(unique.values(), key=lambda one: (len(one.place.parts), not one.hidden))


def _hidden(trees: set[Path], secret: tuple[Path, ...]) -> list[Shown]:
    """What is secret and lies in a tree that is shown."""
    return [
        Shown(place, hidden=True)
        for place in secret
        if any(_inside(place, tree) or tree == place for tree in trees)
    ]


def _library_folders() -> set[Path]:
    """Folders of installed packages that lie outside the interpreter's own."""
    return {Path(name) for name in sys.path if Path(name).name.endswith("-packages")}


def _inside(path: Path, folder: Path) -> bool:
    return folder in path.parents


def bubblewrap(
    program: str, whole: list[Shown], sources: dict[Path, str], devices: tuple[Path, ...] = ()
) -> list[str]:
    """The command before the command: everything up to what is to run in the sandbox.

    Args:
        program: bubblewrap's path.
        whole: from `shown`.
        sources: where outside to find what is shown in a place; the place itself by default.
        devices: those of `whole` that are device files.
    """
    command = [program, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    command += ["--clearenv", "--chdir", "/", "--hostname", "sandbox"]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    for name, value in (_ENVIRONMENT | kept).items():
        command += ["--setenv", name, value]
    command += ["--proc", "/proc", "--dev", "/dev"]
    covers = []
    for one in whole:
        place = str(one.place)
        source = sources.get(one.place, place)
        if one.hidden:
            command += ["--tmpfs", place]
            covers.append(place)
        elif one.link:
            command += ["--symlink", one.link, place]
        elif one.place in devices:
            command += ["--dev-bind", source, place]
        else:
            command += ["--ro-bind", source, place]
    # The places where each worker mounts its own; a bare `--tmpfs` may take half of the memory.
    for place in WRITABLE:
        command += ["--size", str(1 << 20), "--tmpfs", place]
    for place in (*covers, "/dev", "/"):
        command += ["--remount-ro", place]
    return [*command, "--"]
