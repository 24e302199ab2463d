"""Making exercises from solutions."""

from autograder.build.exercises import build, differences
from autograder.build.markers import BuildError

__all__ = ["BuildError", "build", "differences"]
