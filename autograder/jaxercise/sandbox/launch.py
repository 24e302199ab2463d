"""Becoming an ordinary user before bubblewrap starts: what root runs, as a script of its own.

bubblewrap run by root keeps the uid 0, for which the limit on processes does not hold. But an
ordinary user may not be able to reach the Python installation (under a home folder of mode 0700,
say). So the folders that the sandbox will show are mounted once more where that user can reach
them, in a mount namespace that nobody else sees; then this process drops to the uid, and becomes
bubblewrap.

    python launch.py UID STAGE SOURCE... -- COMMAND...

The n-th source appears as STAGE/n. Uses nothing of the engine: it is run by a bare interpreter.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys

_NEW_MOUNTS = 0x00020000
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18


def main() -> None:
    uid, stage = int(sys.argv[1]), sys.argv[2]
    end = sys.argv.index("--")
    sources, command = sys.argv[3:end], sys.argv[end + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, place: str, kind: str, flags: int, options: str = "") -> None:
        arguments = [text.encode() for text in (source, place, kind)]
        if libc.mount(*arguments, ctypes.c_ulong(flags), options.encode()):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), place)

    if libc.unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "unshare")
    mount("none", "/", "", _RECURSIVE | _PRIVATE)
    # Opened first, for the stage may hide where they lie.
    opened = [os.open(source, os.O_PATH) for source in sources]
    mount("tmpfs", stage, "tmpfs", 0, "size=1m,mode=0755")
    for number, descriptor in enumerate(opened):
        place = f"{stage}/{number}"
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.mkdir(place)
        else:
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
        mount(f"/proc/self/fd/{descriptor}", place, "", _BIND | _RECURSIVE)
        os.close(descriptor)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.chdir("/")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
