"""What properties draw: plural nouns, keyword-only bounds, small sizes, readable numbers.

Numbers are halves (k / 2): sums of their products are exact in float32, and they shrink to
something a person reads. Sizes are fixed by the property, for every new shape compiles again.
"""

from autograder.strategies.arrays import halves, options, permutations, vectors
from autograder.strategies.draws import needing
from autograder.strategies.functions import (
    binary_functions,
    losses,
    models,
    scalar_functions,
)
from autograder.strategies.regression import (
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
    "needing",
    "noise_scales",
    "options",
    "parameters",
    "permutations",
    "scalar_functions",
    "vectors",
]
