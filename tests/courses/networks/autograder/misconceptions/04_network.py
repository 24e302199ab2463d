"""Misconceptions: 04_network. Wrong answers as students write them, each with the idea behind it.

They grade the claims: each has to be refused, and each claim needs one that it alone refuses. And
they name mistakes: where a student's function does what one of these does, its docstring is what the
student reads. The first paragraph says what was thought, the second what to look at; neither gives
the answer. `method: ` or `law: ` in front says which kind of claim is meant to refuse it, where that
is not one about values.
"""

import jax
import jax.numpy as jnp


def network_changes__step_by_step(f, x):
    """Each value is compared with the one before it, not with the first one.

    For three points, which two values does the last entry of the result need?
    """
    values = jax.vmap(f)(x)
    return jnp.diff(values, prepend=values[:1])


def network_changes__one_call_a_point(f, x):
    """method: The values are right, but Python calls f once for every point.

    How often would f be called for a million points? Which transformation carries a batch?
    """
    return jnp.stack([f(one) for one in x]) - f(x[0])
