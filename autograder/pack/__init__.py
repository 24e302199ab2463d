"""The pack for students: exercises, the autograder, and references without their source."""

from autograder.pack.archive import PackError, pack

__all__ = ["PackError", "pack"]
