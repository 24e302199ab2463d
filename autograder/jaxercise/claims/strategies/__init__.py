"""What properties draw: plural nouns, keyword-only bounds, small sizes, readable numbers.

Numbers are halves (k / 2), which shrink to something a person reads, among them such that fill all
bits of a float32 and, where a property asks for it, some as large as the article's data. Sizes are
fixed by the property, for every new shape compiles again.
"""

from jaxercise.claims.strategies.arrays import (
    booleans,
    integers,
    numbers,
    options,
    permutations,
    vectors,
)
from jaxercise.claims.strategies.covering import instances, must_cover, trees
from jaxercise.claims.strategies.functions import (
    binary_functions,
    landscapes,
    losses,
    models,
    scalar_functions,
    waves,
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
    "booleans",
    "cities",
    "houses",
    "instances",
    "integers",
    "keys",
    "landscapes",
    "learning_rates",
    "losses",
    "market",
    "models",
    "must_cover",
    "noise_scales",
    "numbers",
    "options",
    "parameters",
    "permutations",
    "scalar_functions",
    "trees",
    "vectors",
    "waves",
]
