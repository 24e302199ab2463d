"""The pack for students: exercises, the autograder, and references without their source."""

from jaxercise.authoring.pack.archive import PackError, pack

__all__ = ["PackError", "pack"]
