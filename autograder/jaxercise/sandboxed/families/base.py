"""Functions described by arrays.

A function handed to a student (`f`, `model`, `loss`) is drawn by Hypothesis as a short vector of
coefficients of a fixed family. So it shrinks to something readable, crosses a process boundary as
plain data, and compiles once for the whole family.

Both sides of the boundary use these modules: the worker to build the callable it passes to the
student, the judge to evaluate references in float64 and to print formulas. They hold no answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[Any]


@dataclass(frozen=True)
class Family:
    """A family of functions, all of one formula with different coefficients.

    Attributes:
        name: the family's name on the wire.
        parameters: the argument names of a member, in order.
        ranks: the rank each argument must have: a member is written for ONE example.
        coefficients: the names of the coefficients, in order; the last is always `stated`.
        linear: those the function is linear in: scaling them scales it.
        evaluate: `(coefficients, *arguments) -> ()`, in JAX; the coefficients are an array of shape
            (k,), or its entries.
        formula: the right-hand side for people, from the coefficients by name.
        names: the names by which its arguments may be passed, each set in order; the parameters
            where there is none.
    """

    name: str
    parameters: tuple[str, ...]
    ranks: tuple[int, ...]
    coefficients: tuple[str, ...]
    linear: tuple[str, ...]
    evaluate: Callable[..., Any]
    formula: Callable[[dict[str, float]], str]
    names: tuple[tuple[str, ...], ...] = ()

    def in_order(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """A call's arguments by position.

        Raises:
            TypeError: it has not these names.
        """
        known = self.names or (self.parameters,)
        for names in known:
            rest = names[len(arguments) :]
            if set(rest) == set(named):
                return (*arguments, *(named[name] for name in rest))
        wanted = " or ".join(f"({', '.join(names)})" for names in known)
        raise TypeError(
            f"the function passed in takes its arguments by position, or named {wanted}; it was "
            f"called with {len(arguments)} by position and {', '.join(named)} by name"
        )

    def vector(self, **values: float) -> FloatArray:
        """The coefficients as a float32 vector; those not named are 0, `stated` is 1."""
        unknown = set(values) - set(self.coefficients)
        if unknown:
            raise ValueError(f"{self.name} has no coefficient {sorted(unknown)}")
        full = dict.fromkeys(self.coefficients, 0.0) | {"stated": 1.0} | values
        return np.array([full[name] for name in self.coefficients], np.float32)

    @functools.cached_property
    def compiled(self) -> Callable[..., Any]:
        """`evaluate` under `jit`: coefficients are an argument, so one compilation serves all."""
        import jax

        return jax.jit(self._with_stated_derivative)

    def _with_stated_derivative(self, coefficients: Any, *arguments: Any) -> Any:
        import jax

        # An index into the vector would be two operations of each program.
        coefficients = jax.numpy.unstack(coefficients)
        factor = coefficients[-1]
        return self.evaluate(coefficients, *(_state(factor, one) for one in arguments))


#: How the programs are called that JAX makes of them.
PROGRAM = Family._with_stated_derivative.__name__


def _state(factor: Any, argument: Any) -> Any:
    """`argument`, declared to change `factor` times as fast as it does.

    What is computed from it has a derivative that is `factor` times its slope, at every order.
    Automatic differentiation follows the declaration, finite differences follow the slope: with a
    factor other than 1 the outputs alone tell which of them a student used.
    """
    import jax

    still = jax.lax.stop_gradient(argument)
    return still + factor * (argument - still)


@dataclass(frozen=True, eq=False)
class Described:
    """One member of a family: what travels on the wire in place of a function.

    Attributes:
        family: the family.
        coefficients: `(k,)`, float32.
    """

    family: Family
    coefficients: FloatArray

    def __repr__(self) -> str:
        return self.formula()

    def formula(self, name: str = "f") -> str:
        """The function as a student would write it: `f(x) = 2 x^3`."""
        named = {
            key: float(value)
            for key, value in zip(self.family.coefficients, self.coefficients, strict=True)
        }
        text = f"{name}({', '.join(self.family.parameters)}) = {self.family.formula(named)}"
        if named["stated"] != 1:
            text += f", its derivative stated as {number(named['stated'])} times the slope"
        return text

    def scaled(self, factor: float) -> Described:
        """The function times a factor."""
        factors = [factor if name in self.family.linear else 1 for name in self.family.coefficients]
        return Described(self.family, self.coefficients * np.array(factors, np.float32))


def number(value: float) -> str:
    """A number as short as it can be written."""
    return f"{value:.7g}"


def total(terms: Sequence[tuple[float, str]]) -> str:
    """A sum for people: zero terms left out, factors of 1 not written.

    Args:
        terms: pairs (factor, what it multiplies); the empty text stands for 1.
    """
    text = ""
    for factor, what in terms:
        if factor == 0:
            continue
        size = abs(factor)
        body = what if what and size == 1 else f"{number(size)} {what}".strip()
        sign = "-" if factor < 0 else "+"
        text += f" {sign} {body}" if text else (f"-{body}" if factor < 0 else body)
    return text or "0"
