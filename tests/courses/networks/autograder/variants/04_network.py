"""Right answers in other styles: 04_network. Each has to earn every point.

A function is called by what it answers, two underscores, and its style.
"""

import jax
from jax import lax


def network_changes__lax_map(f, x):
    """`lax.map`, and the first value computed by itself."""
    return lax.map(f, x) - jax.jit(f)(x[0])
