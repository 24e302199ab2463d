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

from jaxercise.claims import batches, distributions
from jaxercise.claims.context import RefusedError, current
from jaxercise.claims.pictures import Drawing
from jaxercise.claims.strategies.covering import LOST, is_strategy, loses_what_it_needs
from jaxercise.claims.texts import value_text
from jaxercise.comparison import Expected, allowed_error, carried
from jaxercise.comparison.compare import words
from jaxercise.sandboxed.requests import Request, steps
from jaxercise.sandboxed.scaling import LARGE, MANY, SMALL
from jaxercise.sandboxed.wire import trees
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
    "calls": "the {grows}, the more often the function passed in is called",
    "equations": "the {grows}, the longer the traced program",
    "events": "the {grows}, the more steps Python takes",
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
    """As `hypothesis.given`; Hypothesis itself comes in when the claim is judged.

    Raises:
        TypeError: what is given is no strategy, or one that loses what some example has to be.
    """
    for name, strategy in strategies.items():
        if not is_strategy(strategy):
            value = f"{strategy!r:.40}"
            raise TypeError(f"{name}={value} is no strategy: write {name}=options({value})")
        if loses_what_it_needs(strategy):
            raise TypeError(f"{name}: {LOST}")

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
            collected.place_as = test  # type: ignore[attr-defined]  # where editors look for it
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
        current().check(
            reply.value,
            due,
            request,
            self.parameters,
            meaning=_added(meaning),
            rounding=expected is None,
            drawing=self.picture,
        )

    def agrees_on_many(self, *arguments: Any, meaning: str) -> None:
        """As `agrees`, of a batch so large that an exception says nothing of the answer.

        XLA fails on what prints row by row, for one.
        """
        if self._runs(self.request(*arguments)):
            self.agrees(*arguments, meaning=meaning)

    def relates(
        self,
        *arguments: Any,
        to: tuple[Any, ...],
        by: Callable[[Any], Any],
        meaning: str = "",
        **how: Any,
    ) -> None:
        """The student's answer here follows from their own answer to other arguments.

        As far off as rounding may put the one and the other, the answer may be; the reference says
        how far that is, and no more.

        Args:
            arguments: what the function is called with.
            to: other arguments, of which the answer is known by then.
            by: what becomes of that answer, of float64 where it is of float32: `lambda whole:
                whole[::-1]`.
            meaning: a sentence added to what is said where they differ.
            how: as in `agrees`, for both calls.
        """
        value = self.tree(*to, **how)
        exact, error = carried(by, value, self.expected(*to, **how).error)
        here = self.expected(*arguments, **how)
        if trees.structure(exact) != trees.structure(here.value):
            raise ValueError(
                f"{self.name}: `by` makes {trees.structure(exact)} of an answer; the answer that "
                f"it is compared with is {trees.structure(here.value)}"
            )
        parts = [trees.leaves(one) for one in (exact, error, here.value, here.error)]
        rows = list(zip(*parts, strict=True))
        due = Expected(
            trees.rebuilt(exact, (np.asarray(one, like.dtype) for one, _, like, _ in rows)),
            trees.rebuilt(exact, (np.asarray(one + own) for _, one, _, own in rows)),
        )
        self.agrees(*arguments, expected=due, meaning=meaning, **how)

    def calls_once(self, *arguments: Any, meaning: str = "", **how: Any) -> None:
        """Every function passed in is called once; `meaning` as in `agrees`."""
        request = self.request(*arguments, **how)
        reply = current().call(request, self.parameters)
        for count in reply.calls:
            if count > 1:
                current().refuse(
                    "method",
                    "the function passed in was called "
                    f"{count} times; once is enough{_added(meaning)}",
                    request,
                    self.parameters,
                )
        current().compared += 1

    def does_not_loop(
        self, arguments: Callable[[int], tuple[Any, ...]], *, over: str, meaning: str = ""
    ) -> None:
        """The work as Python and JAX's tracer see it does not grow with the batch.

        Nor does an answer depend on how many there are: where a large batch is of entries that are
        all alike, so are the answers to them.

        Args:
            arguments: what the function is called with for a batch of a size.
            over: what a loop would run over: `rows`.
            meaning: a sentence added to what is said of a loop.
        """
        small = self._does_not_grow(
            arguments,
            "larger the batch",
            f"over the {over}. Let a transformation (jax.vmap, for one) carry the batch"
            f"{_added(meaning)}",
        )
        many = self.request(*arguments(MANY))
        if not batches.alike(many.arguments):
            return
        if not self._runs(many):
            return
        value = self._answer(many)
        due = batches.alike_answers(value, lambda: self._answer(small))
        if due is not None:
            current().check(
                value,
                due,
                many,
                self.parameters,
                meaning=f". The {over} are all alike, and so is what is due to each of them",
            )

    def does_not_grow(
        self, arguments: Callable[[int], tuple[Any, ...]], *, over: str, by: str
    ) -> None:
        """The work as Python and JAX's tracer see it does not grow with the number of turns.

        As `does_not_loop`, for turns that depend on the ones before: nothing is said of answers.

        Args:
            arguments: what the function is called with for so many turns, which is the size of an
                axis, a Python integer or an array of one.
            over: what a loop would run over: `steps`.
            by: what is to carry them: `jax.lax.scan`.
        """
        told = f"over the {over}. Let {by} carry them"
        self._does_not_grow(arguments, f"more {over} there are", told)

    def _does_not_grow(
        self, arguments: Callable[[int], tuple[Any, ...]], grows: str, told: str
    ) -> Request:
        """The small one of the two requests that were measured."""
        small, large = (self.request(*arguments(size)) for size in (SMALL, LARGE))
        grown = current().scaling(small, large, self.parameters)["grown"]
        if grown is not None:
            sentence = f"{_LOOPS[grown].format(grows=grows)}: there is a Python loop {told}"
            current().refuse("method", sentence, large, self.parameters)
        return small

    def compiles_once(self, *arguments: Any) -> None:
        """All of the function is compiled, once for each kind of call.

        It has been called with other numbers before, beside other Python integers (each one larger)
        and beside the same ones: then nothing is traced any more, so that no line of Python that is
        compiled runs again, and no operation stands outside of the compiled function.

        Args:
            arguments: what it is called with; Python's integers, booleans and texts are static.
        """
        request = self.request(*arguments, under="settled")
        settled = current().call(request, self.parameters).settled
        if settled is not None:  # a stand-in's reply tells nothing
            traced, outside = settled
            why = ""
            if outside is None:
                why = "JAX cannot trace it: it needs the numbers themselves on its way"
            elif traced:
                why = (
                    "a call with other numbers of the same shapes is traced once more, as if there "
                    "had been none before. Let jax.jit see the same function every time"
                )
            elif outside:
                why = (
                    f"Python goes through {outside} operations at every call, one by one. Let one "
                    "jax.jit compile all of the function"
                )
            if why:
                current().refuse("method", why, request, self.parameters)
        current().compared += 1

    def is_random(self, calls: Sequence[tuple[Any, ...]], laws: Any) -> None:
        """The numbers that calls return are independent, and of stated distributions.

        Independent of each other in one answer, and from call to call. A right answer is refused
        less than once in 10^9; `jaxercise certify` prints what is seen.

        Args:
            calls: the arguments of each, no two alike in what decides the numbers.
            laws: a tree like an answer, of distributions (`jaxercise.claims.distributions`).
        """
        due = distributions.form(laws)
        answers = [self.answer(*arguments, like=due) for arguments in calls]
        found = distributions.samples(answers, laws, words)
        current().told.append(distributions.power(found))
        sentence = distributions.refused(found)
        if sentence:
            of = f"over {len(calls)} calls, " if len(calls) > 1 else ""
            current().refuse(
                "value",
                f"{of}{sentence}",
                self.request(*calls[0]),
                self.parameters,
                returned=value_text(answers[0]),
            )
        current().compared += 1

    def repeats(self, *arguments: Any, under: str | tuple[str, ...] = ()) -> Any:
        """The same arguments give the same answer, also after a call with others; returns it.

        Args:
            arguments: what the function is called with.
            under: steps of the second call.
        """
        value = self(*arguments)
        self.check(
            all(isinstance(leaf, np.ndarray) for leaf in trees.leaves(value)),
            "the answer is not made of arrays alone",
            *arguments,
            returned=value,
        )
        again = (*steps(under), "again")
        current().check(
            self(*arguments, under=again),
            Expected(value, trees.mapped(lambda one: allowed_error(one[None]), value)),
            self.request(*arguments, under=again),
            self.parameters,
            meaning=". That is what a call with the same arguments returned before",
        )
        return value

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
            holds: the condition.
            sentence: what is wrong.
            arguments: the call that this is about; those of the last one unless told.
            returned: the answer, to be shown.
            picture: draws it, if it comes to that.
        """
        if not holds:
            last = current().last
            request = self.request(*arguments)
            if not arguments and last is not None and last.function == self.name:
                request = last
            current().refuse(
                "value",
                sentence,
                request,
                self.parameters,
                returned="" if returned is None else value_text(returned),
                picture=picture,
            )
        current().compared += 1

    def answer(self, *arguments: Any, like: Expected, meaning: str = "", **how: Any) -> Any:
        """The student's answer, as it is where it agrees with what is expected."""
        request = self.request(*arguments, **how)
        value = current().call(request, self.parameters).value
        current().check(value, like, request, self.parameters, meaning=_added(meaning))
        return value

    def tree(self, *arguments: Any, like: Any = None, meaning: str = "", **how: Any) -> Any:
        """The student's answer, which has to be made like another one, whatever the numbers are.

        Args:
            arguments: what the function is called with.
            like: a tree of arrays with the structure, shapes and dtypes that are due; those of the
                reference's answer unless told.
            meaning, how: as in `agrees`.
        """
        due = self.expected(*arguments, **how).value if like is None else like
        anything = trees.mapped(lambda one: np.full(np.shape(one), np.inf), due)
        return self.answer(*arguments, like=Expected(due, anything), meaning=meaning, **how)

    def array(
        self,
        *arguments: Any,
        shape: tuple[int, ...],
        dtype: str = "float32",
        meaning: str = "",
        **how: Any,
    ) -> np.ndarray[Any, Any]:
        """The student's answer, which has to be one array of this shape and dtype."""
        like = np.zeros(shape, dtype)
        return np.asarray(self.tree(*arguments, like=like, meaning=meaning, **how))

    def figure(self, *arguments: Any, **how: Any) -> dict[str, Any]:
        """What can be seen of the matplotlib Figure that the student's answer has to be.

        Returns:
            `curves`, each with `x`, `y`, `label`, `look` and `cut_off`; how many are `hidden`;
            `legend`, `xlabel`, `ylabel`; how many `axes` and `open_figures` there are; whether it
            was `shown`, `saved` or `returned_before`.
        """
        drawn = self(*arguments, **how)
        missing = "; is a return missing at the end?" if drawn is None else ""
        self.check(
            isinstance(drawn, trees.FigureData),
            f"the answer is {value_text(drawn)}, not a matplotlib Figure{missing}",
        )
        return dict(drawn)


def _added(meaning: str) -> str:
    return f". {meaning}" if meaning else ""
