"""What is due for an input of a student's own: `ask("spread", [[0, 1], [2, 5]])`.

On the judge's side, where the references are. What is said is a text of a few lines.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from jaxercise.claims.bodies import Body
from jaxercise.claims.claims import METHOD, Function
from jaxercise.claims.texts import call_text, input_texts, value_text
from jaxercise.comparison import Expected, compare
from jaxercise.comparison.compare import answer_dtype, as_answered
from jaxercise.engine import Engine
from jaxercise.grading.own_inputs import InputError, example, requests
from jaxercise.grading.references import References
from jaxercise.grading.sealed import Pattern, Sealed
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import trees
from jaxercise.workers.runner import WorkerStoppedError

OFF = "The course has switched this off: its references are asked by the grader alone."
_MOST_TOLD = 6


def answer(
    engine: Engine,
    function: Function,
    positional: Sequence[Any],
    named: Mapping[str, Any],
    gives: Sequence[Any] = (),
) -> list[str]:
    """What is due, in a few lines.

    Args:
        engine: of the course; its workers run the course's misconceptions.
        function: which is asked about.
        positional, named: what it is called with, as `own_inputs.requests` takes it.
        gives: of one item, what the student says is due; empty for nothing.

    Raises:
        InputError: it cannot be asked like this; the message says what to do.
    """
    if not engine.course.settings.ask:
        raise InputError(OFF)
    references = engine.grader.references(function.exercise.name)
    signature = references.programs.signature(function.name)
    if signature is None:
        raise InputError(f"There is no reference of {function.name} that could be asked.")
    if signature.answer.kind == "other":
        raise InputError(f"{function.name} returns no numbers: nothing is due that can be told.")
    asked = requests(function, signature, positional, named)
    request, due = _first_known(references, asked, function)
    said: list[str] = []
    if gives:
        own, roomy = example(gives[0], due)
        difference = compare(own, roomy)
        if difference is not None:
            told = difference.sentence.partition("; expected")[0]
            return [
                f"Your example is not right: {told}. That is not what is due.",
                "Think it over. Without gives, ask shows what is due.",
            ]
        said.append("Your example is right.")
    inputs = "   ".join(input_texts(request, function.parameters))
    said += [
        f"  {call_text(request, function.parameters)}   with   {inputs}",
        f"  is due    {value_text(as_answered(due.value))}   {_form(due.value)}",
    ]
    return [*said, *(_exposed(engine, function, request, due) if gives else ())]


def _exposed(engine: Engine, function: Function, request: Request, due: Expected) -> list[str]:
    """How many misconceptions about a function's answers answer a request wrongly."""
    with closing(engine.misconceptions(function.exercise.name)) as misconceptions:

        def wrong(one: Body) -> bool:
            try:
                reply = misconceptions.runner(one).call(request)
            except WorkerStoppedError:
                return True
            return reply.raised is not None or compare(reply.value, due) is not None

        # What a method is wrong about, no answer shows.
        known = [one for one in misconceptions.of(request.function) if one.kind != METHOD]
        count = sum(map(wrong, known))
    if not known:
        return []
    counted = f"all {count}" if count == len(known) else f"{count} of the {len(known)}"
    told = f"It would expose {counted} known misconceptions about {function.name}."
    return [told, *["Is there an input that exposes more?"] * (count < len(known))]


def _first_known(
    references: References, asked: Sequence[Request], function: Function
) -> tuple[Request, Expected]:
    """The first request that the references answer, with the answer.

    Raises:
        InputError: there is none.
    """
    for request in asked:
        try:
            return request, references.expected(request)
        except LookupError as error:
            if not isinstance(references.programs, Sealed):
                raise _unanswered(function, error) from error
        except Exception as error:  # of a reference that was not made for this
            raise _unanswered(function, error) from error
    assert isinstance(references.programs, Sealed)
    patterns = references.programs.patterns(function.name)
    told = dict.fromkeys(_pattern_text(one, function.parameters) for one in patterns)
    some = "; ".join(itertools.islice(told, _MOST_TOLD))
    raise InputError(
        f"{function.name} can be asked in the course's own folder alone: this one holds "
        + (f"compiled references, and they answer for {some}." if some else "no reference of it.")
    )


def _unanswered(function: Function, error: Exception) -> InputError:
    first = next(iter(str(error).splitlines()), "")
    return InputError(
        f"Not even the reference of {function.name} has an answer there: "
        f"{type(error).__name__}: {first[:200]}"
    )


def _pattern_text(pattern: Pattern, parameters: Sequence[str]) -> str:
    """What the requests have in common: `x of shape (n,), n_epochs = 3`."""
    parts = []
    for name, (kind, *rest) in zip(parameters, pattern.leaves, strict=False):
        if kind == "array":
            parts.append(f"{name} of shape ({', '.join(map(str, rest[1]))})")
        elif rest:
            parts.append(f"{name} = {rest[0]}")
    return ", ".join(parts) or "other functions"


def _form(value: Any) -> str:
    """The type of an answer: `float32, shape (2,)`."""
    leaves = [np.asarray(leaf) for leaf in trees.leaves(value)]
    told = [f"{answer_dtype(leaf)}, shape {leaf.shape}" for leaf in leaves]
    return f"({'; '.join(told)})" if told else ""
