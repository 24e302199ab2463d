"""The limits under which student code runs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field

#: Each open pipe or socket may hold memory that is nobody's.
_DESCRIPTORS = 256


@dataclass(frozen=True)
class Limits:
    """What a submission may use; beyond it the worker is killed from outside.

    Attributes:
        load: seconds for starting the worker and executing the file.
        first_call: seconds for a call whose arguments have a shape not seen before (it compiles).
        later_call: seconds for any other call.
        cpu: seconds of processor time for one exercise.
        data: bytes of memory a process may allocate.
        address_space: bytes it may map, on a CPU (a GPU's driver maps far more).
        memory: bytes that a worker and all it has started may hold together.
        output: bytes it may print.
        files: bytes of the files in a sandbox, and of any single file without one.
        processes: processes and threads in a sandbox; JAX takes about 9, and 4 for each core.
    """

    load: float = 20.0
    first_call: float = 20.0
    later_call: float = 10.0
    cpu: int = 60
    data: int = 3 << 29  # 1.5 GiB; a JAX worker needs about 0.25 GiB
    address_space: int = 6 << 30
    memory: int = 2 << 30
    output: int = 1 << 20
    files: int = 64 << 20
    processes: int = field(default_factory=lambda: 64 + 4 * (os.cpu_count() or 1))

    @classmethod
    def of_calls(cls, seconds: float) -> Limits:
        """The limits where a call that compiles may take so many seconds."""
        return cls(load=seconds, first_call=seconds, later_call=seconds / 2)

    @property
    def exercise(self) -> float:
        """Seconds for which a file may be waited for, all in all: who sleeps uses no processor.

        A function, and what stands outside of all functions, may take half of what the others have
        left of it: so what one does leaves time for the next.
        """
        return max(60.0, 3 * self.first_call)

    def apply(self, *, cpu_only: bool, sandboxed: bool) -> None:
        """Set those that the operating system enforces on the calling process.

        Args:
            cpu_only: no accelerator's driver has to map its memory.
            sandboxed: nobody else's processes count as this one's.
        """
        try:
            import resource
        except ImportError:  # Windows has none; the watch of the judge's side still holds
            return
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu, self.cpu + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # macOS refuses to set what is less than it has mapped into every process.
        if cpu_only and sys.platform.startswith("linux"):
            resource.setrlimit(resource.RLIMIT_DATA, (self.data, self.data))
            resource.setrlimit(resource.RLIMIT_AS, (self.address_space, self.address_space))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.files, self.files))
        if sandboxed:
            resource.setrlimit(resource.RLIMIT_NPROC, (self.processes, self.processes))
            resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
