"""What claims ask of the way in which answers come about: no loop, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxercise.claims import batches
from jaxercise.claims.answers import Answers, added
from jaxercise.claims.context import current
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.scaling import LARGE, MANY, SMALL

#: What shows a loop. No figures: how often JAX calls a function and how long a traced program is
#: changes from release to release.
_LOOPS = {
    "host": "the work is handed back to Python (by jax.pure_callback, for one)",
    "calls": "the {grows}, the more often the function passed in is called",
    "equations": "the {grows}, the longer the traced program",
    "events": "the {grows}, the more steps Python takes",
}


class Methods(Answers):
    """A student's function, with its work looked at."""

    def calls_once(self, *arguments: Any, meaning: str = "", **how: Any) -> None:
        """Every function passed in is called once; `meaning` as in `agrees`."""
        request = self.request(*arguments, **how)
        reply = current().call(request, self.parameters)
        for count in reply.calls:
            if count > 1:
                current().refuse(
                    "method",
                    "the function passed in was called "
                    f"{count} times; once is enough{added(meaning)}",
                    request,
                    self.parameters,
                )
        current().compared += 1

    def does_not_loop(
        self, arguments: Callable[[int], tuple[Any, ...]], *, over: str, meaning: str = ""
    ) -> None:
        """The work as Python and JAX's tracer see it does not grow with the batch.

        Nor does an answer depend on where an entry stands: where a large batch is of entries that
        are all alike, some of them are halved, and all of a kind have one answer.

        Args:
            arguments: what the function is called with for a batch of a size.
            over: what a loop would run over: `rows`.
            meaning: a sentence added to what is said of a loop.
        """
        small = self._does_not_grow(
            arguments,
            "larger the batch",
            f"over the {over}. Let a transformation (jax.vmap, for one) carry the batch"
            f"{added(meaning)}",
        )
        alike = self.request(*arguments(MANY))
        if not batches.alike(alike.arguments):
            return
        many = self.request(*batches.of_two_kinds(alike.arguments))
        if not self._runs(many):
            return
        value = self._answer(many)
        due = batches.alike_answers(value, lambda: current().expected(small).value)
        if due is not None:
            current().check(
                value,
                due,
                many,
                self.parameters,
                meaning=f". The {over} are of two kinds, and what is due to all of a kind is alike",
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
                    "Python goes through its operations at every call, one by one. Let one jax.jit "
                    "compile all of the function"
                )
            if why:
                current().refuse("method", why, request, self.parameters)
        current().compared += 1
