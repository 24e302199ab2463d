"""The one comparison: strict on structure, type, shape, dtype; then a derived tolerance."""

from jaxercise.comparison.compare import Difference, Expected, as_answered, compare, largest_ratio
from jaxercise.comparison.tolerance import allowed_error, carried

__all__ = [
    "Difference",
    "Expected",
    "allowed_error",
    "as_answered",
    "carried",
    "compare",
    "largest_ratio",
]
