"""Isolated workers: each in namespaces of its own, inside the forkserver's sandbox.

bubblewrap has built the sandbox: an allow-list of read-only files, no network, no capabilities, a
uid of its own. A worker forked in it enters further namespaces, all of them new and empty: it sees
its own processes only, has its own small place to write, and cannot make namespaces itself. So a
worker can neither end nor watch the forkserver or another worker, however much they share a uid;
when its first process is killed, the kernel kills everything it has started. That first process
shares the worker's uid, so its descriptors are hidden from `/proc`: it is not dumpable.

    forkserver -- guard (waits) -- first process of the namespaces (reaps) -- worker (student code)
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from jaxercise.sandboxed import syscalls

_NAMESPACES = (
    0x00020000  # mounts
    | 0x02000000  # control groups
    | 0x04000000  # host name
    | 0x08000000  # System V objects
    | 0x10000000  # users
    | 0x20000000  # processes
    | 0x40000000  # network
)
_NOSUID, _NODEV, _NOEXEC = 2, 4, 8
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS, _CAPBSET_DROP = 1, 4, 38, 24
#: A worker may have hung up without ending: then nobody says anything.
_TELL_SECONDS = 10.0
_CAPABILITY_VERSION = 0x20080522


class IsolatedWorker:
    """A worker in its namespaces, as the forkserver sees it.

    Attributes:
        guard: the process id of the one that waits for it.
    """

    def __init__(self, guard: int, first: int, told: int) -> None:
        self.guard = guard
        self._first = first
        self._told = told

    def end(self, *, gone: bool) -> int:
        """Kill all that lives in it; how the worker ended: an exit code, or minus a signal.

        Args:
            gone: the worker seems to have ended by itself; its parent may yet have to say how.
        """
        if gone:
            select.select([self._told], [], [], _TELL_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)
        os.waitpid(self.guard, 0)
        told = os.read(self._told, 32)
        os.close(self._told)
        os.close(self._first)
        return _exit_code(told)


def _exit_code(told: bytes) -> int:
    """What was told of a worker's end; killed, where nothing was told that could be true."""
    try:
        code = int(told)
    except ValueError:
        return -signal.SIGKILL
    return code if -signal.SIGRTMAX <= code <= 255 else -signal.SIGKILL


def enter(work: Callable[[], None], settings: Mapping[str, Any], channel: int) -> IsolatedWorker:
    """Fork an isolated worker.

    Args:
        work: what it does; it never returns from there.
        settings: `sizes`, the bytes of each place it may write; `sockets`, whether it has any.
        channel: the worker's socket. One byte is sent on it as soon as it is isolated, with
            the sender's credentials, by which the judge knows the namespaces' first process.

    Raises:
        RuntimeError: it cannot be isolated; the reason.
    """
    told, tell = os.pipe()
    guard = os.fork()
    if guard == 0:
        os.close(told)
        _guard(work, settings, channel, tell)
    os.close(tell)
    line = b""
    while not line.endswith(b"\n") and (more := os.read(told, 1)):
        line += more
    if not line.strip().isdigit():
        os.close(told)
        os.waitpid(guard, 0)
        raise RuntimeError(
            line.decode(errors="replace").strip() or "a worker could not be isolated"
        )
    return IsolatedWorker(guard, os.pidfd_open(int(line)), told)


def _guard(
    work: Callable[[], None], settings: Mapping[str, Any], channel: int, tell: int
) -> NoReturn:
    """The process that waits outside the new namespaces."""
    try:
        uid, gid = os.getuid(), os.getgid()
        _checked(_libc().unshare(_NAMESPACES), "namespaces")
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
        _die_with_parent()
        ready, say = os.pipe()
        first = os.fork()
        if first == 0:
            os.close(ready)
            _begin(work, settings, channel, tell, say)
        os.close(say)
        failed = os.read(ready, 1000)
        os.write(tell, failed.replace(b"\n", b" ") + b"\n" if failed else b"%d\n" % first)
        _forget_descriptors()
        os.waitpid(first, 0)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(tell, f"{type(error).__name__}: {error}\n".encode())
    os._exit(0)


def _begin(
    work: Callable[[], None], settings: Mapping[str, Any], channel: int, tell: int, say: int
) -> NoReturn:
    """The first process of the namespaces: prepares them, then gives up all power over them."""
    try:
        _die_with_parent()
        _prepare(settings["sizes"])
        _renounce(sockets=settings["sockets"])
        os.write(channel, b"+")
        _libc().prctl(_DUMPABLE, 0, 0, 0, 0)
        worker = os.fork()
        if worker == 0:
            _libc().prctl(_DUMPABLE, 1, 0, 0, 0)
            os.close(tell)
            os.close(say)
            os.setsid()
            try:
                work()
                os._exit(0)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            os._exit(1)
        os.close(say)
        _forget_descriptors(tell)
        while True:
            pid, status = os.wait()
            if pid == worker:
                os.write(tell, b"%d" % os.waitstatus_to_exitcode(status))
                os._exit(0)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(say, f"{type(error).__name__}: {error}".encode())
    os._exit(1)


def _prepare(sizes: Mapping[str, int]) -> None:
    """A `/proc` of these processes, and the two places that can be written."""
    _mount("proc", "/proc", "", _NOSUID | _NODEV | _NOEXEC)
    for place, size in sizes.items():
        _mount("tmpfs", place, f"size={size},nr_inodes=16384,mode=0700", _NOSUID | _NODEV)
    _write("/proc/sys/user/max_user_namespaces", "0")


def _renounce(*, sockets: bool) -> None:
    """Give up every capability for good, and look whether they are gone.

    Raises:
        PermissionError: they are not.
    """
    libc = _libc()
    capability = 0
    while libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _checked(libc.capset(header, (ctypes.c_uint32 * 6)()), "capabilities")
    _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    syscalls.refuse(sockets=sockets)
    with open("/proc/self/status") as file:
        left = [line for line in file if line.startswith("Cap") and int(line.split()[1], 16)]
    if left:
        raise PermissionError(f"capabilities are left: {left}")


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the first three and these."""
    low = 3
    for descriptor in (*sorted(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        os.closerange(low, descriptor)
        low = descriptor + 1


def _forget_descriptors(*kept: int) -> None:
    close_all_but(*kept)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _die_with_parent() -> None:
    _libc().prctl(_PDEATHSIG, signal.SIGKILL)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _mount(kind: str, place: str, options: str, flags: int) -> None:
    name = kind.encode()
    _checked(_libc().mount(name, place.encode(), name, flags, options.encode()), f"mount {place}")


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
