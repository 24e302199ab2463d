"""The sandbox: that it holds, and that its self-test would notice if it did not."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import running
from jaxercise.__main__ import main
from jaxercise.cache.folders import keep_operations
from jaxercise.sandbox import (
    Sandbox,
    SandboxError,
    command_line,
    open_sandbox,
    sandbox,
    selftest,
)
from jaxercise.sandbox.remedies import remedy
from jaxercise.sandbox.selftest import Result, check, check_machine
from jaxercise.sandboxed import syscalls
from jaxercise.sandboxed.families import PROGRAM
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.workers import watch
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.runner import WorkerStoppedError
from jaxercise.workers.workers import Workers
from needs import need

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is Linux's")
as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root has uids to give away"
)


@pytest.fixture(scope="module")
def result() -> Result:
    """What the self-test says of this machine."""
    said = check_machine()
    need("sandbox", "" if said.ok else f"{said.why}; {said.remedy}")
    return said


def test_sandbox_holds(result: Result) -> None:
    """Every wall stands, and the self-test has looked at all of them."""
    assert all(one.ok for one in result.checked), "\n".join(map(str, result.checked))
    assert len(result.checked) >= 14
    assert all(str(one).startswith("holds  ") for one in result.checked)


@linux
def test_self_test_notices_walls_that_are_missing(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox that shows the solutions, and can be written, does not pass."""
    shown, whole_command = command_line.shown, command_line.bubblewrap

    def shows_more(*arguments: object) -> list[command_line.Shown]:
        return [*shown(*arguments), command_line.Shown(running.SOLUTIONS)]  # type: ignore[arg-type]

    def writable(*arguments: object) -> list[str]:
        whole = whole_command(*arguments)  # type: ignore[arg-type]
        return [*whole[: whole.index("--remount-ro")], "--"]

    monkeypatch.setattr(sandbox, "shown", shows_more)
    monkeypatch.setattr(sandbox, "bubblewrap", writable)
    said = check(Sandbox(secret=(running.ROOT,)))
    assert not said.ok
    failed = {one.what for one in said.checked if not one.ok}
    assert failed == {
        "no solutions, no homes, no other students",
        "nothing can be written but scratch space",
    }
    assert str(running.SOLUTIONS) in said.why


@linux
def test_a_cache_in_the_home_is_shown_and_nothing_beside_it(
    result: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the cache lies by default, its folder's parents are there: that is no hole."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    cache = tmp_path / ".cache" / "jaxercise" / "operations"
    cache.mkdir(parents=True)
    beside = tmp_path / ".cache" / "pip"
    beside.touch()
    made = Sandbox(cache=cache)
    shown = [one.place for one in made.shown if not one.hidden]
    assert list(selftest._beside(tmp_path / ".cache", shown)) == [beside]
    assert check(made).ok


@as_root
def test_self_test_notices_a_sandbox_of_roots(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's own uid in the sandbox does not pass."""

    class Root:
        number = 0

        def release(self) -> None:
            pass

    monkeypatch.setattr(sandbox, "Uid", Root)
    said = check(Sandbox())
    assert not said.ok


def test_limits_are_those_of_the_selftest(result: Result) -> None:
    """The self-test holds against the limits that submissions get, memory aside."""
    assert dataclasses.replace(selftest._LIMITS, memory=0, later_call=0) == dataclasses.replace(
        Limits(), memory=0, later_call=0
    )


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without bubblewrap."""
    monkeypatch.setenv("PATH", str(tmp_path))


@linux
def test_missing_bubblewrap_is_said_with_its_remedy(
    missing: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line tells what to install, from the engine and from `jaxercise sandbox`."""
    with pytest.raises(SandboxError, match="sudo apt-get install bubblewrap"):
        open_sandbox()
    assert main(["sandbox"]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert said.err == (
        "jaxercise sandbox: bubblewrap is not installed; run: sudo apt-get install bubblewrap\n"
    )


def test_other_systems_are_sent_to_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no bubblewrap to be had, the guide is named."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match=r"sandbox/README\.md"):
        Sandbox()


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "proc/sys/user/max_user_namespaces",
            "0",
            "run: sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (
            "proc/sys/kernel/unprivileged_userns_clone",
            "0",
            "run: sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (".dockerenv", "", "Containerfile"),
        ("proc/sys/user/max_user_namespaces", "9", "README.md"),
    ],
)
def test_remedy_names_what_forbids_it(path: str, text: str, told: str, tmp_path: Path) -> None:
    """The switch that forbids a sandbox is found, and the line that turns it."""
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert told in remedy("bwrap: No permissions to create a new namespace", tmp_path)


def test_sandbox_that_cannot_be_made_says_why(
    result: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What bubblewrap says reaches the instructor."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1"
    )
    program.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: str(program))
    said = check_machine()
    assert not said.ok
    assert not said.checked
    assert said.why
    assert said.remedy


def test_engine_is_hidden_where_it_lies_among_installed_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In an environment that is shown, nothing is seen of the engine but what a worker needs."""
    engine, course = tmp_path / "lib" / "jaxercise", tmp_path / "course"
    for folder in (engine, course):
        folder.mkdir(parents=True)
    monkeypatch.setattr(command_line, "_ENGINE", engine)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    whole = command_line.shown(None, secret=(course,))
    assert command_line.Shown(engine, hidden=True) in whole
    assert command_line.Shown(course, hidden=True) in whole
    places = [one.place for one in whole if not one.hidden]
    assert engine / "sandboxed" in places
    assert engine not in places
    order = [one.place for one in whole]
    assert order.index(tmp_path) < order.index(engine) < order.index(engine / "sandboxed")


def test_checkout_is_hidden_and_the_environment_in_it_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A checkout in a tree that is shown disappears, but for the Python that lies in it."""
    checkout = tmp_path / "kit"
    (checkout / ".git").mkdir(parents=True)
    (checkout / ".venv").mkdir()
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(checkout / ".venv"))
    whole = command_line.shown(None, secret=(checkout,))
    order = [(one.place, one.hidden) for one in whole]
    assert order.index((tmp_path, False)) < order.index((checkout, True))
    assert order.index((checkout, True)) < order.index((checkout / ".venv", False))


@as_root
def test_no_two_live_sandboxes_share_a_uid() -> None:
    """A uid that is held is given to nobody else, and given again once it is released."""
    from jaxercise.sandbox.uids import Uid

    first, second = Uid(), Uid()
    assert first.number != second.number
    first.release()
    third = Uid()
    assert third.number == first.number
    second.release()
    third.release()


def test_system_calls_are_known_for_the_usual_machines() -> None:
    """There is a filter for x86-64 and 64-bit ARM; elsewhere there is none, and no error."""
    for machine in ("x86_64", "aarch64"):
        program = syscalls.program(machine, sockets=True)
        assert len(program) % 8 == 0
        assert len(program) // 8 > 40
        assert len(syscalls.program(machine, sockets=False)) > len(program)
    assert syscalls.program("riscv64", sockets=True) == b""


KEEPS = """\
import os

def f(x):
    return x * 2

def left(x):
    return ",".join(sorted(os.listdir(os.environ["HOME"])) + sorted(os.listdir("/dev/shm")))

def exits(x):
    os._exit(3)

def leave(x):
    for place in (os.environ["HOME"], "/dev/shm"):
        open(os.path.join(place, "note"), "w").close()
    return x
"""


def test_students_share_nothing(result: Result) -> None:
    """What one worker writes, the next one does not find; both compute as ever."""
    x = np.ones(3, np.float32)
    workers = Workers(Limits(), sandbox=Sandbox())
    try:
        first = RemoteRunner(workers)
        first.load("a.py", [KEEPS])
        np.testing.assert_array_equal(first.call(Request("f", (x,))).value, 2 * x)
        first.call(Request("leave", (x,)))
        assert first.call(Request("left", (x,))).value.count("note") == 2
        second = RemoteRunner(workers)
        second.load("b.py", [KEEPS])
        assert "note" not in second.call(Request("left", (x,))).value
        with pytest.raises(WorkerStoppedError, match="with exit code 3"):
            second.call(Request("exits", (x,)))
        first.close()
        third = RemoteRunner(workers)
        third.load("c.py", [KEEPS])
        assert "note" not in third.call(Request("left", (x,))).value
    finally:
        workers.close()


def test_who_sleeps_a_little_in_every_call_is_ended(workers: Workers) -> None:
    """No single call is too long, but all calls of a function have a limit together."""
    runner = RemoteRunner(workers)
    runner.load("a.py", ["import time\n\ndef f(x):\n    time.sleep(0.05)\n    return x\n"])
    runner._waited["f"] = workers.limits.exercise / 2 - 1.0

    def for_ever() -> None:
        while True:
            runner.call(Request("f", (np.ones(3, np.float32),)))

    with pytest.raises(WorkerStoppedError, match=r"the calls of f took more than .* together"):
        for_ever()


def test_who_never_returns_is_told_where_it_was(workers: Workers) -> None:
    """In a sandbox as without: the line comes the way of what is printed."""
    runner = RemoteRunner(workers)
    runner.load("a.py", ["def f(x):\n    return g(x)\n\ndef g(x):\n    while True: pass\n"])
    runner._waited["f"] = workers.limits.exercise / 2 - 2.0
    with pytest.raises(WorkerStoppedError) as caught:
        runner.call(Request("f", (np.ones(3, np.float32),)))
    assert caught.value.lines == (
        ("a.py", 2, "return g(x)"),
        ("a.py", 5, "while True: pass"),
    )


def test_who_sleeps_leaves_time_for_the_next(workers: Workers) -> None:
    """Each may take half of what the others have left: all of it is less than the file's limit."""
    runner, left = RemoteRunner(workers), workers.limits.exercise
    for name in ("", "f", "g", "h", "i", "j"):
        deadline = runner._deadline(math.inf, name)
        share = deadline.when - time.monotonic()
        assert share == pytest.approx(left / 2, abs=0.1)
        runner._waited[name] = share
        left -= share
    assert runner._deadline(math.inf, "f").when < time.monotonic() + 0.1
    assert RemoteRunner(workers, trusted=True)._deadline(math.inf, "f").when == math.inf


def test_no_answer_is_left_among_the_compiled_programs(tmp_path: Path) -> None:
    """Whoever can read the cache can run what lies in it."""
    for name in ("scan", "train_step", "gradient", "_mean", "multiply", PROGRAM, "_lambda_"):
        (tmp_path / f"jit_{name}-0123-cache").touch()
    keep_operations(tmp_path, {"gradient"})
    left = {path.name.split("-")[0] for path in tmp_path.iterdir()}
    assert left == {"jit__mean", "jit_multiply", f"jit_{PROGRAM}"}


JUDGE = """\
import sys, time
from jaxercise.sandbox import Sandbox
from jaxercise.sandboxed.limits import Limits
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.watch import descendants
from jaxercise.workers.workers import Workers
import os
runner = RemoteRunner(Workers(Limits(), sandbox=Sandbox()))
code = "import os, time\\nif os.fork() == 0:\\n    os.setsid()\\n    time.sleep(300)"
runner.load("a.py", [code])
print(*descendants(os.getpid()), flush=True)
time.sleep(300)
"""


def test_sandbox_ends_with_its_judge(result: Result) -> None:
    """However the judge ends, nothing that runs in its sandboxes is left."""
    with subprocess.Popen([sys.executable, "-c", JUDGE], stdout=subprocess.PIPE) as judge:
        assert judge.stdout is not None
        pids = [int(word) for word in judge.stdout.readline().split()]
        judge.send_signal(signal.SIGKILL)
    assert len(pids) > 5
    assert eventually(lambda: not any(map(is_running, pids)))


def is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def eventually(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not (good := done()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return good


@linux
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forks beside threads
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
def test_memory_of_a_tree_is_counted_once() -> None:
    """What processes share counts once, what each holds for itself counts for each."""
    size = 64 << 20
    shared = mmap.mmap(-1, size)
    shared.write(b"1" * size)

    def held(child: bool) -> None:
        shared.seek(0)
        shared.read(size)
        own = b"1" * (size // 4) if child else b""
        time.sleep(60)
        os._exit(len(own) == 0)

    tree = os.fork()  # this process may have other children
    if tree == 0:
        held(child=not all(os.fork() for _ in range(4)))
    try:
        assert eventually(lambda: len(watch.descendants(tree)) == 1 + 4)
        assert eventually(lambda: watch.held(tree, 0) > 2 * size)
        assert watch.held(tree, 0) < 5 * size + alone()
    finally:
        for process in watch.descendants(tree):
            os.kill(process, signal.SIGKILL)
        os.waitpid(tree, 0)


def alone() -> int:
    """What this process holds besides."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@linux
def test_a_worker_that_cannot_start_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the forkserver dies while it is asked there is an error, and nothing stays open."""

    def opened() -> list[str]:
        return sorted(os.listdir("/proc/self/fd"))

    workers = Workers(Limits())
    try:
        forkserver = workers._forkserver
        assert forkserver is not None
        forkserver._process.kill()
        forkserver._process.wait()
        monkeypatch.setattr(type(forkserver), "alive", True)  # as it was a moment ago
        before = opened()
        with pytest.raises(RuntimeError, match="could not be started"):
            workers.spawn()
        assert opened() == before
    finally:
        workers.close()


def test_a_forkserver_that_has_died_is_replaced() -> None:
    """Whatever has killed it: its workers are gone, and the next one starts all the same."""
    with contextlib.closing(Workers(Limits())) as workers:
        first = RemoteRunner(workers)
        first.load("a.py", ["def f():\n    return 1"])
        assert workers._forkserver is not None
        process = workers._forkserver._process
        process.kill()
        process.wait()
        with pytest.raises(WorkerStoppedError):
            first.call(Request("f", ()))
        again = RemoteRunner(workers)
        again.load("a.py", ["def f():\n    return 1"])
        assert again.call(Request("f", ())).raised is None
        again.close()


def test_what_a_worker_prints_is_read_whatever_it_does_to_the_file() -> None:
    """It holds a descriptor of it, by which it can take away the right to open it."""
    code = "import os\n\n\ndef f():\n    os.fchmod(1, 0)\n    print('here')\n    return 1\n"
    with contextlib.closing(Workers(Limits())) as workers:
        runner = RemoteRunner(workers)
        runner.load("a.py", [code])
        assert runner.call(Request("f", ())).printed.strip() == "here"
        runner.close()


def test_nothing_that_could_not_be_an_exit_code_is_believed() -> None:
    """What comes through a worker's last pipe is an exit code, or the worker was killed."""
    from jaxercise.sandboxed.isolation import _exit_code

    assert [_exit_code(told) for told in (b"0", b"1", b"-11", b"137")] == [0, 1, -11, 137]
    assert {_exit_code(told) for told in (b"", b"x", b"9" * 30, b"\xff", b"-99")} == {-9}
