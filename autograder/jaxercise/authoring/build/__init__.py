"""Making exercises from solutions."""

from jaxercise.authoring.build.exercises import build, differences, stub_text, without_hints
from jaxercise.authoring.build.markers import BuildError

__all__ = ["BuildError", "build", "differences", "stub_text", "without_hints"]
