"""Running one claim: Hypothesis draws, the property compares, the smallest failure is kept."""

from __future__ import annotations

import contextlib
import time
import traceback
import zlib
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import UnsatisfiedAssumption

from autograder.properties.answers import fingerprint
from autograder.properties.claims import Claim
from autograder.properties.findings import Finding, Outcome
from autograder.properties.session import HaltError, RefusedError, Session, run_about

#: How many more calls a failure may cost in search of a smaller one.
SHRINK_CALLS = 80
#: A claim holds only if at least this share of its examples has been compared.
_ENOUGH = 0.5
#: Choices of draws among which one is sought that leaves no option out.
_MOST_CHOICES = 100
_AGAIN = ("timeout", "memory", "crashed", "internal")


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

    Deterministic: the draws depend on the function's name and the seed alone, so claims about the
    same function that draw alike draw the same, and its answers serve them both.

    Args:
        claim: what is claimed.
        session: about whom.
        seed: the instructor's choice of draws.
        debug: let exceptions of student code and refusals pass, for a debugger.
        shrink: look for the smallest input on which the claim does not hold.
        again: a worker that dies gets a second chance before it counts.
    """
    start = time.perf_counter()
    verdict, finding, examples = _judge(claim, session, seed, debug, shrink)
    if again and verdict in _AGAIN:
        verdict, finding, examples = _judge(claim, session, seed, debug, shrink)
    return Outcome(
        exercise=claim.function.exercise.name,
        function=claim.function.name,
        claim=claim.name,
        verdict=verdict,
        points=claim.points if verdict == "passed" else 0.0,
        of=claim.points,
        sentence=claim.sentence,
        finding=finding,
        examples=examples,
        seconds=time.perf_counter() - start,
    )


def _judge(
    claim: Claim, session: Session, seed: int, debug: bool, shrink: bool
) -> tuple[str, Finding | None, int]:
    before = session.compared
    try:
        run_about(session, lambda: _draw(claim, seed, shrink))
    except HaltError as halt:
        return halt.verdict, halt.finding, 0
    except RefusedError as refused:
        if debug:
            raise
        kind = "error" if refused.finding.kind.startswith("error") else "wrong"
        return kind, refused.finding, session.compared - before
    except Exception:
        if debug:
            raise
        return "internal", Finding("internal", traceback.format_exc(limit=-12)), 0
    compared = session.compared - before
    if compared < max(1, _ENOUGH * claim.examples):
        sentence = f"only {compared} of {claim.examples} examples were compared"
        return "internal", Finding("internal", sentence), compared
    return "passed", None, compared


def explore(
    claim: Claim,
    session: Session,
    examples: int | None = None,
    *,
    seed: int | None = None,
    lot: int = 0,
    each: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Run a property on drawn inputs, whatever it says about them.

    Args:
        claim: the property.
        session: about whom.
        examples: how many inputs; as many as it is judged on unless told.
        seed: draw what it is judged on with this seed; other inputs unless told.
        lot: which of these other inputs.
        each: is given a function that runs the property on one input, and has to call it; also
            where the property draws nothing.
    """

    def body(**drawn: Any) -> None:
        # What it has called by then is what was wanted, also where an input is of no use.
        with contextlib.suppress(Exception, HaltError):
            if each is None:
                claim.test(**drawn)
            else:
                each(lambda: claim.test(**drawn))

    def run_all() -> None:
        for drawn in _examples(claim, examples or claim.examples, drawn_by):
            body(**drawn)

    drawn_by = f"{claim.name} diagnosis {lot}" if seed is None else _drawn_by(claim, seed)
    if claim.strategies:
        run_about(session, run_all)
    elif each is not None:
        run_about(session, body)


def _draw(claim: Claim, seed: int, shrink: bool) -> None:
    if not claim.strategies:
        claim.test()
        return
    drawn_by = _drawn_by(claim, seed)
    _generate(claim, _economical(claim.test), claim.examples, drawn_by, shrink=shrink)


def _drawn_by(claim: Claim, seed: int) -> str:
    """What decides a claim's examples: the first of a seed's choices that leaves no option out.

    The first example is the simplest of all, zeros mostly, where much that is wrong holds: an
    option that is in no other is left out.
    """
    options = {
        name: strategy.each_of
        for name, strategy in claim.strategies.items()
        if hasattr(strategy, "each_of")
    }
    name = f"{claim.function.name} {seed}"
    if not options:
        return name
    for candidate in (name, *(f"{name} {again}" for again in range(1, _MOST_CHOICES))):
        examples = _examples(claim, claim.examples, candidate)[1:]
        drawn = {key: [one[key] for one in examples] for key in options}
        if all(one in drawn[key] for key in options for one in options[key]):
            return candidate
    raise ValueError(f"{claim.name}: too few examples for every option that it draws from")


#: What was drawn to the end lately: the seed decides it, and not who is judged.
_drawn: dict[tuple[Claim, int, str, str], list[dict[str, Any]]] = {}
_MOST_DRAWN = 5000


def _remember(key: tuple[Claim, int, str, str], drawn: list[dict[str, Any]]) -> None:
    while len(_drawn) >= _MOST_DRAWN:
        _drawn.pop(next(iter(_drawn)), None)
    _drawn[key] = drawn


def _examples(claim: Claim, count: int, seed: str) -> list[dict[str, Any]]:
    """As many inputs, whatever the claim says of them."""
    key = claim, count, seed, "drawn"
    known = _drawn.get(key)
    if known is None:
        known = []

        def noted(**drawn: Any) -> None:
            known.append(drawn)

        _search(claim, noted, count, seed, shrink=False)
        _remember(key, known)
    return known


def _generate(
    claim: Claim, test: Callable[..., None], examples: int, seed: str, *, shrink: bool
) -> None:
    """Judge on drawn inputs; on those that are known already without drawing them again."""
    judged = claim, examples, seed, "judged"
    ahead = judged not in _drawn
    known = _drawn.get((claim, examples, seed, "drawn") if ahead else judged)
    if known is not None:
        try:
            if _judge_on(known, test, ahead=ahead):
                if ahead:
                    _remember(judged, known)
                return
        except RefusedError:
            if not shrink:
                raise
            _search(claim, test, examples, seed, shrink=True)
            return
    drawing: list[dict[str, Any]] = []

    def noted(**drawn: Any) -> None:
        drawing.append(drawn)
        test(**drawn)

    _search(claim, noted, examples, seed, shrink=shrink)
    _remember(judged, drawing)  # nothing failed, so these are all


def _judge_on(examples: list[dict[str, Any]], test: Callable[..., None], *, ahead: bool) -> bool:
    """Judge on inputs drawn before, and tell whether they are all.

    Those drawn ahead of judging are what judging draws up to the first that is of no use to the
    claim: from there on Hypothesis draws others.
    """
    for drawn in examples:
        try:
            test(**drawn)
        except UnsatisfiedAssumption:
            if ahead:
                return False
    return True


def _search(
    claim: Claim, test: Callable[..., None], examples: int, seed: str, *, shrink: bool
) -> None:
    profile = hypothesis.settings(
        max_examples=examples,
        deadline=None,  # the first call at a shape compiles
        database=None,
        derandomize=False,  # the seed below does it, independently of the source text
        # `explain` would print JAX's insides
        phases=(Phase.generate, *([Phase.shrink] if shrink else [])),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    property_ = hypothesis.given(**claim.strategies)(test)
    hypothesis.seed(zlib.crc32(seed.encode()))(profile(property_))()


def _economical(inner: Callable[..., None]) -> Callable[..., None]:
    """A test that never asks twice about the same input, and not for ever for a smaller one.

    Remembering makes the search deterministic where a student's function is not. Once the search
    has cost its calls, what was not seen to fail passes unasked, and the search ends by itself.
    """
    seen: dict[str, RefusedError | UnsatisfiedAssumption | None] = {}
    calls_after_failure = 0

    def claimed(**drawn: Any) -> None:
        nonlocal calls_after_failure
        key = fingerprint(drawn)
        if key not in seen:
            failed = any(isinstance(one, RefusedError) for one in seen.values())
            calls_after_failure += failed
            if calls_after_failure > SHRINK_CALLS:
                return
            try:
                inner(**drawn)
                seen[key] = None
            except (RefusedError, UnsatisfiedAssumption) as error:
                seen[key] = error
        known = seen[key]
        if known is not None:
            raise known

    return claimed
