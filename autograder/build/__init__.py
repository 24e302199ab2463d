"""Making exercises from solutions."""

from autograder.build.exercises import BuildError, build, differences

__all__ = ["BuildError", "build", "differences"]
