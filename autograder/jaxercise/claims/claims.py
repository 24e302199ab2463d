"""Exercises, their functions, and claims about them: what the property files are written with.

    exercise = Exercise(__file__)
    derivative = exercise.function("derivative(f, x)")

    @derivative.claim(points=2)
    @given(f=scalar_functions(), x=vectors())
    def test_derivative_is_the_slope_at_every_entry(f, x):
        \"\"\"Entry i of the answer is f'(x[i]).\"\"\"
        derivative.agrees(f, x)

The points stand at the property and nowhere else; the docstring is the sentence students read.
"""

from __future__ import annotations

import inspect
import linecache
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jaxercise.claims.methods import Methods
from jaxercise.claims.pictures import Drawing
from jaxercise.claims.strategies.covering import LOST, Strategy, as_strategy
from jaxercise.sandboxed.requests import steps

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Kinds of claims. A law or a method earns its points only where the values are right: a function
#: that returns zeros obeys many laws.
VALUES, LAW, METHOD = _KINDS = "values", "law", "method"
#: Steps as tests write them down; what is computed is looked at when it is called.
_UNDER = re.compile(r"""\b(?:result_)?under=["']([^"']*)["']""")

_Test = TypeVar("_Test", bound=Callable[..., None])


@dataclass(eq=False)
class Claim:
    """A property of one function, with its points.

    Attributes:
        function: whose property it is.
        name: the test function's name.
        sentence: its docstring: what the student reads.
        points: what it is worth.
        kind: VALUES, LAW or METHOD.
        examples: how many inputs are drawn; 1 where nothing is.
        strategies: what is drawn, by the test's argument.
        test: the test function.
        must_cover: what some example has to be, of all that is drawn; another one for each.
    """

    function: Function
    name: str
    sentence: str
    points: float
    kind: str
    examples: int
    strategies: Mapping[str, Strategy[Any]]
    test: Callable[..., None]
    must_cover: tuple[Callable[[Mapping[str, Any]], bool], ...] = ()

    def hold(self, inputs: Mapping[str, Any]) -> None:
        """Run the test on inputs.

        Raises:
            UselessError: by `assume`, this one or Hypothesis' own, they are of no use to it.
            Exception: what else it raises.
        """
        try:
            self.test(**inputs)
        except Exception as error:
            if type(error).__name__ == "UnsatisfiedAssumption":
                raise UselessError from None
            raise


def given(**drawn: Strategy[Any] | SearchStrategy[Any]) -> Callable[[_Test], _Test]:
    """As `hypothesis.given`; Hypothesis itself comes in when something is drawn.

    Raises:
        TypeError: what is given is no strategy, or one that loses what some example has to be.
    """
    strategies: dict[str, Strategy[Any]] = {}
    for name, one in drawn.items():
        strategy = as_strategy(one)
        if strategy is None:
            value = f"{one!r:.40}"
            raise TypeError(f"{name}={value} is no strategy: write {name}=options({value})")
        if strategy.loses_what_it_needs:
            raise TypeError(f"{name}: {LOST}")
        strategies[name] = strategy

    def mark(test: _Test) -> _Test:
        test.strategies = strategies  # type: ignore[attr-defined]
        return test

    return mark


class UselessError(Exception):
    """A drawn input is of no use to a claim."""


def assume(holds: bool) -> None:
    """Leave a drawn input out unless it is of use; as `hypothesis.assume`, wherever it was drawn.

    Raises:
        UselessError: it is not.
    """
    if not holds:
        raise UselessError


def _source(test: Callable[..., None]) -> str:
    """The lines of a test; `inspect` would take each apart into tokens to find the last."""
    code = test.__code__
    last = max(end or 0 for _, end, *_ in code.co_positions())
    linecache.checkcache(code.co_filename)
    return "".join(linecache.getlines(code.co_filename)[code.co_firstlineno - 1 : last])


class Exercise:
    """An exercise: the functions asked for, and the claims about each.

    Args:
        file: the property file, `test_NN_topic.py`; the exercise's name is NN_topic.

    Attributes:
        file: as above.
        functions: by name, those that students write.
        dropped: likewise, those that the course's settings drop.
        claims: about the functions, in the order of the file.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.name = Path(file).stem.removeprefix("test_")
        self.functions: dict[str, Function] = {}
        self.dropped: dict[str, Function] = {}
        self.claims: list[Claim] = []

    def function(self, signature: str, *, picture: Drawing | None = None) -> Function:
        """A function that students write, by its signature: `derivative(f, x)`.

        For one that returns a function, the arguments of that follow: `second_derivative(f)(x)`.

        Args:
            signature: as above.
            picture: how a wrong answer is drawn on a page: `curves(x="x")`.
        """
        head, *rest = signature.split("(")
        names = [name.strip(" )") for part in rest for name in part.split(",")]
        function = Function(self, head, tuple(name for name in names if name), picture)
        self.functions[head] = function
        return function

    def claims_about(self, function: str) -> list[Claim]:
        """The claims about one function, in their order."""
        return [one for one in self.claims if one.function.name == function]


class Function(Methods):
    """A student's function, as properties see it."""

    def __init__(
        self,
        exercise: Exercise,
        name: str,
        parameters: tuple[str, ...],
        picture: Drawing | None = None,
    ) -> None:
        super().__init__(name, parameters, picture)
        self.exercise = exercise

    def claim(
        self,
        *,
        points: float,
        kind: str = VALUES,
        examples: int = 8,
        must_cover: Sequence[Callable[[Mapping[str, Any]], bool]] = (),
    ) -> Callable[[Callable[..., None]], Callable[[], None]]:
        """Make a test function (under `given`, or without arguments) a claim about this one.

        Raises:
            TypeError: it has no docstring.
            ValueError: there is no such kind, or the test calls a function under no step that
                there is.
        """
        if kind not in _KINDS:
            raise ValueError(f"a claim is of kind {', '.join(map(repr, _KINDS))}, not {kind!r}")

        def register(test: Callable[..., None]) -> Callable[[], None]:
            for told in _UNDER.findall(_source(test)):
                steps(told)
            strategies = getattr(test, "strategies", {})
            claim = Claim(
                self,
                test.__name__,
                inspect.cleandoc(test.__doc__ or ""),
                points,
                kind,
                examples if strategies else 1,
                strategies,
                test,
                tuple(must_cover),
            )
            if not claim.sentence:
                raise TypeError(f"{test.__name__} has no docstring: students need its sentence")
            self.exercise.claims.append(claim)

            def collected() -> None:
                raise RuntimeError("claims are run by the grader's pytest plugin")

            collected.__name__ = collected.__qualname__ = test.__name__
            collected.__doc__ = test.__doc__
            collected.__module__ = test.__module__
            collected.claim = claim  # type: ignore[attr-defined]
            collected.place_as = test  # type: ignore[attr-defined]  # where editors look for it
            return collected

        return register
