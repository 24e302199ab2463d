"""What a person types where there is no sandbox: one line for each reason that is known."""

from __future__ import annotations

from pathlib import Path

_SWITCHES = {
    "/proc/sys/user/max_user_namespaces": ("0", "sudo sysctl -w user.max_user_namespaces=15000"),
    "/proc/sys/kernel/unprivileged_userns_clone": (
        "0",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
}
_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
#: Where it lies, in a checkout or where a wheel was installed.
GUIDE = Path(__file__).with_name("README.md")
_GUIDE = f"{GUIDE} tells what a sandbox needs"
_CONTAINERFILE = f"see {GUIDE.with_name('Containerfile')}"


def remedy(error: str, root: Path = Path("/")) -> str:
    """The line that mends it.

    Args:
        error: what bubblewrap or the kernel said.
        root: where the machine's files lie.
    """
    for path, (forbidding, command) in _SWITCHES.items():
        switch = root / path.lstrip("/")
        if switch.is_file() and switch.read_text().strip() == forbidding:
            return f"run: {command}"
    if any((root / path.lstrip("/")).exists() for path in _CONTAINERS):
        return f"this is a container, which may be the sandbox itself: {_CONTAINERFILE}"
    if "Permission denied" in error and "execvp" in error:
        return "install Python and the engine where every user may read them, or start as root"
    return _GUIDE
