"""Does the sandbox hold on this machine? Asked of itself, before a class is graded in it.

The probes run where a student's file runs, reached as one is reached.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jaxercise.processes import HOME
from jaxercise.sandbox.remedies import remedy
from jaxercise.sandbox.sandbox import Sandbox, SandboxError
from jaxercise.sandboxed import syscalls
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.runner import WorkerStoppedError
from jaxercise.workers.watch import descendants
from jaxercise.workers.workers import WRITABLE, Workers

_LIMITS = Limits(memory=768 << 20, later_call=20.0)
_GONE_SECONDS = 5.0


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at.

    Attributes:
        what: what has to hold.
        ok: it does.
        found: what was found.
    """

    what: str
    ok: bool
    found: str = ""

    def __str__(self) -> str:
        return f"{'holds' if self.ok else 'FAILS'}  {self.what}" + f": {self.found}" * (not self.ok)


@dataclass(frozen=True)
class Result:
    """What the self-test says.

    Attributes:
        checked: everything it looked at, in order.
        why: why there is no sandbox, or what of it does not hold; empty if all is well.
        remedy: what mends that.
    """

    checked: tuple[Checked, ...] = ()
    why: str = ""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        return not self.why


def check(sandbox: Sandbox) -> Result:
    """Try the sandbox out: three seconds, and the machine is left as it was."""
    try:
        checked = _all(sandbox)
    except (SandboxError, RuntimeError, OSError, WorkerStoppedError) as error:
        why = str(error).strip().splitlines()[-1]
        return Result(why=f"no sandbox can be made here ({why})", remedy=remedy(str(error)))
    failed = [one for one in checked if not one.ok]
    if failed:
        why = "; ".join(f"{one.what}: {one.found}" for one in failed)
        return Result(tuple(checked), f"the sandbox does not hold ({why})", remedy(why))
    return Result(tuple(checked))


def check_machine() -> Result:
    """As `check`, also where there is no sandbox to be found."""
    try:
        return check(Sandbox())
    except SandboxError as error:
        why, _, mends = str(error).partition("; ")
        return Result(why=why, remedy=mends)


def open_sandbox(
    *, cache: Path | None = None, device: str = "cpu", secret: tuple[Path, ...] = ()
) -> Sandbox:
    """A sandbox that has been seen to hold; see `Sandbox` for the arguments.

    Raises:
        SandboxError: there is none, or it does not hold; the message says what mends it.
    """
    sandbox = Sandbox(cache=cache, device=device, secret=secret)
    result = check(sandbox)
    if not result.ok:
        raise SandboxError(f"{result.why}; {result.remedy}")
    return sandbox


class _Probe:
    """A worker that has loaded the probes."""

    def __init__(self, workers: Workers, wanted: list[str]) -> None:
        self.runner = RemoteRunner(workers)
        constants = {
            "WANTED": wanted,
            "PLACES": list(WRITABLE),
            "FULL": _LIMITS.files,
            "PROCESSES": _LIMITS.processes,
        }
        head = "\n".join(f"{name} = {value!r}" for name, value in constants.items())
        source = Path(__file__).with_name("probes.py").read_text(encoding="utf-8")
        names, errors = self.runner.load("probes.py", [source, head])
        if "identity" not in names:
            raise RuntimeError(f"the probes do not load: {errors}")

    def ask(self, function: str) -> Any:
        reply = self.runner.call(Request(function, (np.zeros((), np.float32),)))
        if not isinstance(reply.value, str):
            raise RuntimeError(f"the probe {function} does not answer: {reply.raised}")
        return json.loads(reply.value)


def _all(sandbox: Sandbox) -> list[Checked]:
    with tempfile.TemporaryDirectory(prefix="jaxercise-secret-") as folder:
        secret = Path(folder, "secret")
        secret.touch()
        workers = Workers(_LIMITS, sandbox=sandbox)
        try:
            wanted = _must_not_be_seen(workers, secret, sandbox)
            probe, other = _Probe(workers, wanted), _Probe(workers, wanted)
            return [
                *_identity(probe.ask("identity")),
                *_network(probe.ask("network")),
                *_files(probe.ask("files"), sandbox),
                *_amounts(probe),
                *_ends(probe, other),
                _memory(other),
            ]
        finally:
            workers.close()


def _must_not_be_seen(workers: Workers, secret: Path, sandbox: Sandbox) -> list[str]:
    """What student code would like to find."""
    shown = [one.place for one in sandbox.shown if not one.hidden]
    engine = HOME / "jaxercise"
    places = [
        *sandbox.secret,
        *(root / name for root in sandbox.secret for name in ("solutions", "autograder", ".git")),
        *(engine / name for name in ("engine.py", "grading", "diagnosis", "claims")),
        *(secret, workers.folder),
        *(Path(name) for name in ("/etc/passwd", "/etc/shadow", "/var", "/run", "/home", "/sys")),
        *(Path.home() / name for name in (".bashrc", ".profile", ".ssh", ".gitconfig", ".cache")),
    ]
    return [str(one) for place in places for one in _beside(place, shown)]


def _beside(place: Path, shown: list[Path]) -> Iterator[Path]:
    """A place; where the sandbox has to show something in there, all else that lies in there.

    A home, for one, if the Python installation or the compilation cache is in it.
    """
    if not any(place in one.parents for one in shown):
        yield place
        return
    with contextlib.suppress(OSError):
        for inner in set(place.iterdir()).difference(shown):
            yield from _beside(inner, shown)


def _identity(said: dict[str, Any]) -> Iterator[Checked]:
    own = os.getuid() == 0
    uids = set(said["uid"])
    what = "a uid of its own" if own else "the uid of whoever grades, and no other"
    yield Checked(what, len(uids) == 1 and (os.getuid() not in uids) == own, f"uids {uids}")
    yield Checked("no groups of others", set(said["groups"]) <= uids | {os.getgid(), 65534},
                  f"groups {said['groups']}")  # fmt: skip
    some = [one for one in said["capabilities"] if int(one, 16)]
    yield Checked("no capabilities, and no way to gain any",
                  not some and said["no_new_privs"] == "1", f"{some}")  # fmt: skip
    known = bool(syscalls.program(platform.machine(), sockets=False))
    yield Checked("system calls are filtered", said["seccomp"] == "2" or not known, "they are not")
    yield Checked("no namespaces, mounts or tracing",
                  {said["namespace"], said["mount"], said["trace"]} == {-1}, f"{said}")  # fmt: skip
    yield Checked("no process of others is seen", len(said["processes"]) <= 2,
                  f"{len(said['processes'])} are")  # fmt: skip


def _network(said: dict[str, Any]) -> Iterator[Checked]:
    alone = set(said["interfaces"]) <= {"lo"} and said["connect"] != "done"
    yield Checked("no network", alone and said["machine"] != "done", f"{said}")


def _files(said: dict[str, Any], sandbox: Sandbox) -> Iterator[Checked]:
    yield Checked("no solutions, no homes, no other students", not said["seen"], str(said["seen"]))
    yield Checked("nothing can be written but scratch space", not said["written"],
                  str(said["written"]))  # fmt: skip


def _amounts(probe: _Probe) -> Iterator[Checked]:
    sizes = probe.ask("sizes")
    yield Checked("scratch space is small", 0 < sum(sizes.values()) <= _LIMITS.files, f"{sizes}")
    forks = probe.ask("forks")
    yield Checked("few processes", 0 < forks <= _LIMITS.processes, f"{forks} could be started")


def _ends(probe: _Probe, other: _Probe) -> Iterator[Checked]:
    probe.ask("kill_everybody")
    yield Checked("nobody else can be ended", bool(other.ask("identity")), "another worker died")
    probe.ask("leave_something")
    process = probe.runner.process
    assert process is not None
    started = descendants(process.pid)
    probe.runner.close()
    yield Checked("ended with all it has started", len(started) > 2 and _wait(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in started)
    ), f"of {len(started)} processes some are left")  # fmt: skip


def _memory(probe: _Probe) -> Checked:
    verdict = "none"
    try:
        probe.ask("hold")
    except WorkerStoppedError as error:
        verdict = error.verdict
    return Checked("memory is watched, of all processes together", verdict == "memory", verdict)


def _wait(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _GONE_SECONDS
    while not (good := done()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return good
