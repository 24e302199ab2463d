"""What the self-test does inside a sandbox: sent there as a student's file, without any privilege.

Each function returns one text of JSON. Nothing here runs in the judge's process.
"""

import ctypes
import json
import mmap
import os
import socket
import tempfile
import time
from collections.abc import Callable

NEW_USERS = 0x10000000
BYTES_TO_HOLD = 1 << 30
# The self-test says these.
WANTED: list[str] = []
PLACES: list[str] = []
FULL = PROCESSES = 0


def _said(act: Callable[[], object]) -> str:
    """What an attempt came to: the error's name, or `done`."""
    try:
        act()
    except OSError as error:
        return type(error).__name__ if error.errno is None else os.strerror(error.errno)
    return "done"


def identity(x: object) -> str:
    """Who this process is, and what it may."""
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    libc = ctypes.CDLL(None, use_errno=True)
    return json.dumps(
        {
            "uid": os.getresuid(),
            "groups": os.getgroups(),
            "capabilities": [status[n] for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
            "no_new_privs": status["NoNewPrivs"],
            "seccomp": status["Seccomp"],
            "namespace": libc.unshare(NEW_USERS),
            "mount": libc.mount(b"tmpfs", b"/scratch", b"tmpfs", 0, None),
            "trace": libc.ptrace(0, 0, 0, 0),
            "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        }
    )


def network(x: object) -> str:
    """What can be reached: interfaces, addresses, names, the host of a virtual machine."""

    def connect() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.settimeout(2)
            tcp.connect(("1.1.1.1", 53))

    def machine() -> None:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()

    with open("/proc/net/dev") as file:
        interfaces = [line.split(":")[0].strip() for line in file.readlines()[2:]]
    return json.dumps(
        {"interfaces": interfaces, "connect": _said(connect), "machine": _said(machine)}
    )


def files(x: object) -> str:
    """Which of some paths are there, and which of some places can be written."""
    places = [place for path in WANTED for place in (path, os.path.dirname(path))]
    places += [
        "/",
        "/tmp",
        "/usr",
        "/etc",
        "/dev",
        "/proc/sys/kernel",
        os.path.dirname(os.__file__),
    ]
    written = []
    for place in sorted(set(places)):
        try:
            with open(os.path.join(place, "jaxercise-probe"), "x"):
                written.append(place)
        except OSError:
            continue
    return json.dumps(
        {"seen": [path for path in WANTED if os.path.exists(path)], "written": written}
    )


def sizes(x: object) -> str:
    """How many bytes can be written into each place before it is full."""
    held: dict[str, int] = {}
    for place in PLACES:
        held[place] = 0
        with tempfile.TemporaryFile(dir=place, buffering=0) as file:
            try:
                while held[place] < 2 * FULL:
                    held[place] += file.write(bytes(1 << 20))
            except OSError:
                continue
    return json.dumps(held)


def forks(x: object) -> str:
    """How many processes can be started."""
    children: list[int] = []
    try:
        while len(children) < 2 * PROCESSES:
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return json.dumps(len(children))


def kill_everybody(x: object) -> str:
    """Signals to all that can be reached."""
    return json.dumps(_said(lambda: os.kill(-1, 9)))


def leave_something(x: object) -> str:
    """A process that wants to stay: of a session of its own, with no parent."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    return json.dumps("left")


def hold(x: object) -> str:
    """Memory that several processes hold together."""
    for _ in range(8):
        if os.fork() == 0:
            block = mmap.mmap(-1, BYTES_TO_HOLD // 8)
            for page in range(0, len(block), 4096):
                block[page] = 1
            time.sleep(600)
    time.sleep(600)
    return json.dumps("held")
