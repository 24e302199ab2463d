"""04_network: what is claimed about its functions, and what each claim is worth.

A claim is a function whose name begins with `test_`. Its docstring is the sentence that students
read; what it draws stands under `given`. The reference is the function of the same name in
solutions/04_network.py, and how far an answer may be off follows from it.
"""

from __future__ import annotations

import numpy as np
from jaxercise.claims import METHOD, Exercise, given
from jaxercise.claims.strategies import scalar_functions, vectors
from jaxercise.sandboxed.families import SCALAR, Described

exercise = Exercise(__file__)
network_changes = exercise.function("network_changes(f, x)")

square = Described(SCALAR, SCALAR.vector(p2=1))


@network_changes.claim(points=2)
@given(f=scalar_functions(), x=vectors(n=3, distinct=True))
def test_network_changes_are_measured_from_the_first_value(f, x):
    """Entry i of the answer is f(x[i]) - f(x[0])."""
    network_changes.agrees(f, x)


# Claims on the method (METHOD) and on laws (LAW) count once all claims on values hold.
@network_changes.claim(points=1, kind=METHOD)
def test_network_changes_do_not_loop():
    """f is mapped over x by a transformation, not by a Python loop."""
    network_changes.does_not_loop(lambda n: (square, np.ones(n, np.float32)), over="points")
