"""Running one claim: Hypothesis draws, the property compares, the smallest failure is kept."""

from __future__ import annotations

import contextlib
import itertools
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from jaxercise.cache.persistent import fingerprint
from jaxercise.claims import draws
from jaxercise.claims.claims import Claim, UselessError
from jaxercise.claims.context import RefusedError, run_about
from jaxercise.claims.draws import Drawn, Inputs
from jaxercise.grading.numbers import counted
from jaxercise.grading.session import HaltError, LeftError, Session
from jaxercise.sandboxed.wire import trees
from jaxercise.verdicts import OF_FORM, Finding, Outcome, Verdict, settled

#: How many more calls a failure may cost in search of a smaller one.
SHRINK_CALLS = 80
#: A claim holds only if at least this share of its examples has been compared.
_ENOUGH = 0.5
#: Below this line JAX says that frames of its own are missing.
_NOTE = "\n" + "-" * 20


def run(
    claim: Claim,
    session: Session,
    *,
    seed: int = 0,
    debug: bool = False,
    shrink: bool = True,
    again: bool = True,
) -> Outcome:
    """Judge one claim.

    Deterministic: the draws depend on the function's name, the seed, and what a claim needs, so
    claims about a function that draw and need alike draw the same, and its answers serve them both.

    Args:
        claim: what is claimed.
        session: about whom.
        seed: the instructor's choice of draws.
        debug: let exceptions of student code and refusals pass, for a debugger.
        shrink: look for the smallest input on which the claim does not hold.
        again: a worker that dies gets a second chance before it counts.
    """
    start = time.perf_counter()
    session.told.clear()
    found = settled(
        lambda: _judge(claim, session, seed, debug, shrink),
        lambda one: None if one.certain else one.verdict,
        again=again,
    )
    passed = found.verdict == Verdict.PASSED
    return Outcome(
        exercise=claim.function.exercise.name,
        function=claim.function.name,
        claim=claim.name,
        verdict=found.verdict,
        points=claim.points if passed else 0.0,
        max_points=claim.points,
        sentence=claim.sentence,
        finding=found.finding,
        examples=found.examples,
        seconds=time.perf_counter() - start,
        told=tuple(dict.fromkeys(session.told)) if passed else (),
    )


class _Judged(NamedTuple):
    """What an attempt to judge a claim came to; `certain`: another one would do the same."""

    verdict: Verdict
    finding: Finding | None
    examples: int = 0
    certain: bool = False


def _judge(claim: Claim, session: Session, seed: int, debug: bool, shrink: bool) -> _Judged:
    before = session.compared
    try:
        run_about(session, lambda: _draw(claim, seed, shrink))
    except HaltError as halt:
        return _Judged(halt.verdict, halt.finding, certain=halt.certain)
    except RefusedError as refused:
        if debug:
            raise
        kind = Verdict.ERROR if refused.finding.kind.startswith("error") else Verdict.WRONG
        return _Judged(kind, session.pictured(refused.finding), session.compared - before)
    except Exception:
        if debug:
            raise
        return _Judged(Verdict.INTERNAL, fault())
    compared = session.compared - before
    if compared < max(1, _ENOUGH * claim.examples):
        sentence = f"only {compared} of {claim.examples} examples were compared"
        return _Judged(Verdict.INTERNAL, Finding("internal", sentence), compared)
    return _Judged(Verdict.PASSED, None, compared)


def fault() -> Finding:
    """A fault of the engine's own, or of a property: the exception that is being handled."""
    return Finding("internal", traceback.format_exc(limit=-12).partition(_NOTE)[0])


def explore(
    claim: Claim,
    session: Session,
    examples: int | None = None,
    *,
    seed: int | None = None,
    lot: int = 0,
    each: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Run a property on drawn inputs, whatever it says about them to the session's listener.

    Args:
        claim: the property.
        session: about whom.
        examples: how many inputs; as many as it is judged on unless told. One that draws nothing
            is run once.
        seed: draw what it is judged on with this seed; other inputs unless told.
        lot: which of these other inputs.
        each: is given a function that runs the property on one input, and has to call it.

    Raises:
        HaltError: the function's process is gone.
        Exception: a fault of the property's.
    """

    def body(drawn: Mapping[str, Any]) -> None:
        session.departed = session.made_up
        # What it has called by then is what was wanted, also where an input is of no use.
        with contextlib.suppress(UselessError, LeftError, RefusedError):
            try:
                if each is None:
                    claim.hold(drawn)
                else:
                    each(lambda: claim.hold(drawn))
            except Exception:
                # What a property makes of an answer that it would have refused is no fault of it.
                if not session.departed:
                    raise

    def run_all() -> None:
        by = f"{claim.name} diagnosis {lot}" if seed is None else draws.judged_on(claim, seed).by
        for one in draws.drawn_by(by, claim, examples or claim.examples).examples:
            body(one)

    if claim.strategies:
        run_about(session, run_all)
    else:
        run_about(session, lambda: body({}))


def _draw(claim: Claim, seed: int, shrink: bool) -> None:
    if not claim.strategies:
        claim.test()
        return
    test = _economical(claim.hold)
    useful: list[Inputs] = []
    for choice in itertools.count():
        useful += _judge_on(claim, seed, choice, test, shrink=shrink)
        # What was of no use to the claim may be what it needs: then it is judged on more.
        if draws.covers_all(claim, useful):
            return


def _judge_on(
    claim: Claim, seed: int, choice: int, test: Callable[[Inputs], None], *, shrink: bool
) -> list[Inputs]:
    """Judge on one choice of inputs; those beyond the first that were of use."""
    drawn = draws.judged_on(claim, seed, choice)
    asked: list[Inputs] = []
    useful: list[Inputs] = []

    def noted(one: Inputs) -> None:
        asked.append(one)
        test(one)
        if len(asked) > 1:
            useful.append(one)

    try:
        for one in drawn.examples:
            try:
                noted(one)
            except UselessError:
                if not drawn.complete:
                    break
        else:
            if not drawn.complete:
                draws.keep(claim, seed, choice, replace(drawn, complete=True))
            return useful
    except RefusedError:
        if shrink:
            _shrink(claim, test, drawn.by)
        raise
    asked.clear()
    useful.clear()
    draws.search(claim, noted, claim.examples, drawn.by, shrink=shrink)
    # Nothing failed, so these are all.
    draws.keep(claim, seed, choice, Drawn(drawn.by, asked, complete=True))
    return useful


def _shrink(claim: Claim, test: Callable[[Inputs], None], by: str) -> None:
    """Find the smallest input on which a claim does not hold, and refuse it there."""
    smallest: dict[str, Any] = {}

    def noted(one: Inputs) -> None:
        try:
            test(one)
        except RefusedError:
            smallest.update(one)
            raise

    try:
        draws.search(claim, noted, claim.examples, by, shrink=True)
    except RefusedError as refused:
        _refuse_telling(claim, smallest, refused.finding.kind)
        raise


def _refuse_telling(claim: Claim, smallest: dict[str, Any], kind: str) -> None:
    """Where it is not the numbers that are wrong: refuse it on 1, 2, 3, ... in place of zeros."""
    if kind not in OF_FORM and not kind.startswith("error"):
        return
    telling = {name: trees.mapped(counted, one) for name, one in smallest.items()}
    try:
        claim.hold(telling)
    except RefusedError as refused:
        if refused.finding.kind == kind:
            raise
    except (Exception, HaltError):  # it is no input that the claim has asked for
        return


def _economical(inner: Callable[[Inputs], None]) -> Callable[[Inputs], None]:
    """A test that never asks twice about the same input, and not for ever for a smaller one.

    Remembering makes the search deterministic where a student's function is not. Once the search
    has cost its calls, what was not seen to fail passes unasked, and the search ends by itself.
    """
    seen: dict[str, RefusedError | UselessError | None] = {}
    calls_after_failure = 0

    def claimed(drawn: Inputs) -> None:
        nonlocal calls_after_failure
        key = fingerprint(drawn)
        if key not in seen:
            failed = any(isinstance(one, RefusedError) for one in seen.values())
            calls_after_failure += failed
            if calls_after_failure > SHRINK_CALLS:
                return
            try:
                inner(drawn)
                seen[key] = None
            except (RefusedError, UselessError) as error:
                seen[key] = error
        known = seen[key]
        if known is not None:
            raise known

    return claimed
