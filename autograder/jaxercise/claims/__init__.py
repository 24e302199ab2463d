"""What a property is written with: an exercise, its functions, and claims about them."""

from jaxercise.claims.claims import (
    LAW,
    METHOD,
    VALUES,
    Claim,
    Exercise,
    Function,
    assume,
    given,
)
from jaxercise.claims.context import refuse
from jaxercise.comparison import Expected

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
