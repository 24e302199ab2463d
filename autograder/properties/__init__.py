"""What a property is written with: an exercise, its functions, and claims about them."""

from autograder.comparison import Expected
from autograder.properties.claims import (
    LAW,
    METHOD,
    VALUES,
    Claim,
    Exercise,
    Function,
    assume,
    given,
)
from autograder.properties.session import refuse

__all__ = [
    "LAW",
    "METHOD",
    "VALUES",
    "Claim",
    "Exercise",
    "Expected",
    "Function",
    "assume",
    "given",
    "refuse",
]
