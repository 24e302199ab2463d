"""What claims ask of answers: that they are the reference's, related to others, of a form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxercise.claims import distributions
from jaxercise.claims.context import RefusedError, current
from jaxercise.claims.pictures import Drawing
from jaxercise.claims.strategies.objects import as_data
from jaxercise.claims.texts import value_text
from jaxercise.comparison import Expected, allowed_error, carried
from jaxercise.comparison.compare import words
from jaxercise.sandboxed.requests import Request, steps
from jaxercise.sandboxed.wire import trees
from jaxercise.verdicts import Picture


class Answers:
    """A student's function, called and compared: calling it calls the student's.

    Args:
        name, parameters: its own, and those of the function that it returns.
        picture: how a wrong answer is drawn.
    """

    def __init__(
        self, name: str, parameters: tuple[str, ...], picture: Drawing | None = None
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.picture = picture

    def request(
        self,
        *arguments: Any,
        under: str | tuple[str, ...] = (),
        result_arguments: tuple[Any, ...] | None = None,
        result_under: str | tuple[str, ...] = (),
    ) -> Request:
        """A call of this function; see `Request`."""
        last = None if result_arguments is None else as_data(tuple(result_arguments))
        return Request(self.name, as_data(arguments), under, last, result_under)

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
        within: float = 0.0,
        meaning: str = "",
        **how: Any,
    ) -> None:
        """The student's answer is the reference's, or the expected one.

        Args:
            arguments: what the function is called with.
            expected: what is due, if not what the reference says.
            part: of an answer that is a tuple, the item this claim is about.
            within: the share of itself that each number may be off by, if the exercise says so:
                0.01 for "within 1 %".
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
        if within:
            due = due.within(within)
        current().check(
            reply.value,
            due,
            request,
            self.parameters,
            meaning=added(meaning),
            rounding=expected is None and not within,
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
        current().check(value, like, request, self.parameters, meaning=added(meaning), needed=True)
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
        missing = (
            "is a return missing at the end?"
            if drawn is None
            else "plt.figure() and plt.subplots() give one"
        )
        self.check(
            isinstance(drawn, trees.FigureData),
            f"the answer is {value_text(drawn)}, not a matplotlib Figure; {missing}",
        )
        return dict(drawn)

    def _runs(self, request: Request) -> bool:
        try:
            self._answer(request)
        except RefusedError:
            return False
        return True

    def _answer(self, request: Request) -> Any:
        return current().remembered(request, self.parameters).value


def added(meaning: str) -> str:
    """A sentence that is added to another one, if there is any."""
    return f". {meaning}" if meaning else ""
