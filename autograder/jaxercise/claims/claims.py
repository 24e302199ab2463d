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
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from hypothesis.strategies import SearchStrategy

from jaxercise.claims import batches
from jaxercise.claims.context import RefusedError, current
from jaxercise.claims.pictures import Drawing
from jaxercise.comparison import Expected
from jaxercise.sandboxed.requests import Request, steps
from jaxercise.sandboxed.scaling import LARGE, MANY, SMALL
from jaxercise.verdicts import Picture

#: Kinds of claims. A law or a method earns its points only where the values are right: a function
#: that returns zeros obeys many laws.
VALUES, LAW, METHOD = _KINDS = "values", "law", "method"
#: Steps as tests write them down; what is computed is looked at when it is called.
_UNDER = re.compile(r"""\b(?:result_)?under=["']([^"']*)["']""")

#: What shows a loop. No figures: how often JAX calls a function and how long a traced program is
#: changes from release to release.
_LOOPS = {
    "host": "the work is handed back to Python (by jax.pure_callback, for one)",
    "calls": "the larger the batch, the more often the function passed in is called",
    "equations": "the larger the batch, the longer the traced program",
    "events": "the larger the batch, the more steps Python takes",
}
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
    strategies: Mapping[str, SearchStrategy[Any]]
    test: Callable[..., None]
    must_cover: tuple[Callable[[Mapping[str, Any]], bool], ...] = ()


def given(**strategies: SearchStrategy[Any]) -> Callable[[_Test], _Test]:
    """As `hypothesis.given`; Hypothesis itself comes in when the claim is judged."""

    def mark(test: _Test) -> _Test:
        test.strategies = strategies  # type: ignore[attr-defined]
        return test

    return mark


def assume(holds: bool) -> None:
    """Leave a drawn input out unless it is of use; as `hypothesis.assume`, wherever it was drawn.

    Raises:
        UnsatisfiedAssumption: it is not.
    """
    from hypothesis.errors import UnsatisfiedAssumption

    if not holds:
        raise UnsatisfiedAssumption


def _source(test: Callable[..., None]) -> str:
    try:
        return inspect.getsource(test)
    except OSError:  # it was made of no file
        return ""


class Exercise:
    """An exercise: the functions asked for, and the claims about each.

    Args:
        file: the property file, `test_NN_topic.py`; the exercise's name is NN_topic.

    Attributes:
        functions: by name, those that students write.
        dropped: likewise, those that the course's settings drop.
        claims: about the functions, in the order of the file.
    """

    def __init__(self, file: str) -> None:
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


class Function:
    """A student's function, as properties see it: calling it calls the student's."""

    def __init__(
        self,
        exercise: Exercise,
        name: str,
        parameters: tuple[str, ...],
        picture: Drawing | None = None,
    ) -> None:
        self.exercise = exercise
        self.name = name
        self.parameters = parameters
        self.picture = picture

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
            return collected

        return register

    def request(
        self,
        *arguments: Any,
        under: str | tuple[str, ...] = (),
        result_arguments: tuple[Any, ...] | None = None,
        result_under: str | tuple[str, ...] = (),
    ) -> Request:
        """A call of this function; see `Request`."""
        return Request(self.name, arguments, under, result_arguments, result_under)

    def __call__(self, *arguments: Any, **how: Any) -> Any:
        """What the student's function returns: nested tuples and lists of arrays and scalars."""
        return current().call(self.request(*arguments, **how), self.parameters).value

    def expected(self, *arguments: Any, **how: Any) -> Expected:
        """What the reference returns, in float64, with the allowed error."""
        return current().expected(self.request(*arguments, **how))

    def agrees(
        self,
        *arguments: Any,
        expected: Expected | None = None,
        part: int | None = None,
        meaning: str = "",
        **how: Any,
    ) -> None:
        """The student's answer is the reference's, or the expected one.

        Args:
            arguments: what the function is called with.
            expected: what is due, if not what the reference says.
            part: of an answer that is a tuple, the item this claim is about.
            meaning: a sentence added to what is said where they differ.
            how: `under`, `result_arguments`, `result_under` of `Request`.
        """
        request = self.request(*arguments, **how)
        if expected is None:
            due, reply = current().remembered_with_expected(request, self.parameters)
        else:
            due, reply = expected, current().remembered(request, self.parameters)
        if part is not None:
            due = due.only(part)
        meaning = f". {meaning}" if meaning else ""
        rounding = expected is None
        current().check(
            reply.value,
            due,
            request,
            self.parameters,
            meaning=meaning,
            rounding=rounding,
            drawing=self.picture,
        )

    def agrees_on_many(self, *arguments: Any, meaning: str) -> None:
        """As `agrees`, of a batch so large that an exception says nothing of the answer.

        XLA fails on what prints row by row, for one.
        """
        if self._runs(self.request(*arguments)):
            self.agrees(*arguments, meaning=meaning)

    def calls_once(self, *arguments: Any, **how: Any) -> None:
        """Every function passed in is called once."""
        request = self.request(*arguments, **how)
        reply = current().call(request, self.parameters)
        for count in reply.calls:
            if count > 1:
                current().refuse(
                    "method",
                    f"the function passed in was called {count} times; once is enough",
                    request,
                    self.parameters,
                )
        current().compared += 1

    def does_not_loop(self, arguments: Callable[[int], tuple[Any, ...]], *, over: str) -> None:
        """The work as Python and JAX's tracer see it does not grow with the batch.

        Nor does an answer depend on how many there are: where a large batch is of entries that are
        all alike, so are the answers to them.

        Args:
            arguments: what the function is called with for a batch of a size.
            over: what a loop would run over: `rows`.
        """
        requests = [self.request(*arguments(size)) for size in (SMALL, LARGE)]
        grown = current().scaling(requests[0], requests[1], self.parameters)["grown"]
        if grown is not None:
            current().refuse(
                "method",
                f"{_LOOPS[grown]}: there is a Python loop over the {over}. Let a transformation "
                "(jax.vmap, for one) carry the batch",
                requests[1],
                self.parameters,
            )
        many = self.request(*arguments(MANY))
        if not batches.alike(many.arguments):
            return
        if not self._runs(many):
            return
        value = self._answer(many)
        due = batches.alike_answers(value, lambda: self._answer(requests[0]))
        if due is not None:
            current().check(
                value,
                due,
                many,
                self.parameters,
                meaning=f". The {over} are all alike, and so is what is due to each of them",
            )

    def _runs(self, request: Request) -> bool:
        try:
            self._answer(request)
        except RefusedError:
            return False
        return True

    def _answer(self, request: Request) -> Any:
        return current().remembered(request, self.parameters).value

    def check(
        self,
        holds: bool,
        sentence: str,
        *arguments: Any,
        returned: Any = None,
        picture: Callable[[], Picture] | None = None,
    ) -> None:
        """Say what is wrong where a condition on the answer does not hold.

        Args:
            holds: whether it does.
            sentence: what is wrong.
            arguments: what the function was called with.
            returned: the answer, to be shown.
            picture: draws it, if it comes to that.
        """
        if not holds:
            from jaxercise.claims.texts import value_text

            current().refuse(
                "value",
                sentence,
                self.request(*arguments),
                self.parameters,
                returned="" if returned is None else value_text(returned),
                picture=picture,
            )
        current().compared += 1

    def array(
        self, *arguments: Any, shape: tuple[int, ...], dtype: str = "float32", **how: Any
    ) -> np.ndarray[Any, Any]:
        """The student's answer, which has to be one array of this shape and dtype."""
        value = self(*arguments, **how)
        anything = Expected(np.zeros(shape, dtype), np.full(shape, np.inf))
        current().check(value, anything, self.request(*arguments, **how), self.parameters)
        return np.asarray(value)
