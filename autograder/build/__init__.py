"""Making exercises from solutions."""

from autograder.build.exercises import build, differences, stub_text
from autograder.build.markers import BuildError

__all__ = ["BuildError", "build", "differences", "stub_text"]
