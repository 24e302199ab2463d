"""What properties draw: plural nouns, keyword-only bounds, small sizes, readable numbers.

Numbers are halves (k / 2): sums of their products are exact in float32, and they shrink to
something a person reads. Sizes are fixed by the property, for every new shape compiles again.
"""

from jaxercise.claims.strategies.arrays import halves, options, permutations, vectors
from jaxercise.claims.strategies.covering import must_cover
from jaxercise.claims.strategies.functions import (
    binary_functions,
    losses,
    models,
    scalar_functions,
)
from jaxercise.claims.strategies.regression import (
    cities,
    houses,
    keys,
    learning_rates,
    market,
    noise_scales,
    parameters,
)

__all__ = [
    "binary_functions",
    "cities",
    "halves",
    "houses",
    "keys",
    "learning_rates",
    "losses",
    "market",
    "models",
    "must_cover",
    "noise_scales",
    "options",
    "parameters",
    "permutations",
    "scalar_functions",
    "vectors",
]
