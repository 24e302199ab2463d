"""The system calls that a sandboxed worker goes without, as a seccomp filter.

Namespaces and the lack of capabilities hold by themselves. What is refused here is what they leave
open: memory and disk that no limit counts (memfd, System V segments, buffers of sockets, room
behind a file's end), sockets that know no namespace (vsock reaches a virtual machine's host),
keyrings that outlive the sandbox, and doors into the kernel that no exercise needs.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

# The numbers on x86-64 and on 64-bit ARM (asm/unistd_64.h, asm-generic/unistd.h).
_REFUSED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "fallocate": (285, 47),
    "fanotify_init": (300, 262),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmget": (29, 194),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
_FAMILIES = (1, 2, 10)  # local, IPv4, IPv6: those that a network namespace holds
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF opcodes
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


def _instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def program(machine: str, *, sockets: bool) -> bytes:
    """The filter as BPF instructions; empty on a machine whose numbers are not known here.

    Args:
        machine: as `platform.machine` calls it.
        sockets: there may be local ones. An accelerator's driver needs them; to everybody else
            their buffers are memory that no limit counts.
    """
    if machine not in _AUDIT_ARCH:
        return b""
    column = list(_AUDIT_ARCH).index(machine)
    refuse = _instruction(_RETURN, _ERRNO | errno.EPERM)
    allow = _instruction(_RETURN, _ALLOW)
    lines = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, _AUDIT_ARCH[machine], yes=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [_instruction(_AT_LEAST, _X32, no=1), refuse]
    refused = [*_REFUSED.values(), *(() if sockets else (_SOCKET, _SOCKETPAIR))]
    for numbers in refused:
        lines += [_instruction(_EQUAL, numbers[column], no=1), refuse]
    lines += [_instruction(_EQUAL, _SOCKET[column], yes=1), allow]
    lines += [_instruction(_LOAD, _ARGUMENT)]
    for family in _FAMILIES:
        lines += [_instruction(_EQUAL, family, no=1), allow]
    lines += [_instruction(_RETURN, _ERRNO | errno.EAFNOSUPPORT)]
    return b"".join(lines)


def refuse(*, sockets: bool) -> None:
    """Lay the filter on this process and all it will start; `no_new_privs` has to be set.

    Args:
        sockets: as for `program`.

    Raises:
        OSError: the kernel does not take it.
    """
    code = program(platform.machine(), sockets=sockets)
    if not code:
        return
    instructions = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a length, and a pointer to the instructions.
    whole = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    argument = ctypes.create_string_buffer(whole, len(whole))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(argument)), 0, 0):  # PR_SET_SECCOMP
        number = ctypes.get_errno()
        raise OSError(number, "seccomp")
