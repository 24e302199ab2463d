"""The limits under which student code runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a submission may use; beyond it the worker is killed from outside.

    Attributes:
        load: seconds for starting the worker and executing the file.
        first_call: seconds for a call whose arguments have a shape not seen before (it compiles).
        later_call: seconds for any other call.
        cpu: seconds of processor time for one exercise.
        data: bytes of memory the process may allocate.
        address_space: bytes it may map, on a CPU (a GPU's driver maps far more).
        output: bytes it may print.
    """

    load: float = 20.0
    first_call: float = 20.0
    later_call: float = 10.0
    cpu: int = 60
    data: int = 3 << 29  # 1.5 GiB; a JAX worker needs about 0.25 GiB
    address_space: int = 6 << 30
    output: int = 1 << 20

    def apply(self, *, cpu_only: bool) -> None:
        """Set those that the operating system enforces on the calling process."""
        try:
            import resource
        except ImportError:  # Windows has none; the watch of the judge's side still holds
            return
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu, self.cpu + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if cpu_only and hasattr(resource, "RLIMIT_DATA") and resource.RLIMIT_DATA is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (self.data, self.data))
            resource.setrlimit(resource.RLIMIT_AS, (self.address_space, self.address_space))
