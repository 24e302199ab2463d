"""What claims are judged on: drawn ahead, and remembered.

Draws depend on a claim and a seed, never on who is judged: they can be made while something else is
waited for, and serve the next submission as well. One thread makes them all, because Hypothesis
looks through the whole memory for each thread that comes to it, and makes its tables once for each
of those that come at once.
"""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity

from autograder.properties.claims import Claim

#: Choices of draws among which one is sought that leaves nothing out.
_MOST_CHOICES = 100
_MOST_KEPT = 5000


@dataclass(frozen=True)
class Drawn:
    """Inputs drawn for a claim.

    Attributes:
        by: the text that decides them.
        examples: the arguments of each.
        complete: they are all that judging draws. Others are so up to the first that is of no use
            to the claim: from there on Hypothesis draws anew.
    """

    by: str
    examples: list[dict[str, Any]]
    complete: bool = False


_kept: dict[tuple[Claim, int | str, int], Drawn] = {}
_thread = futures.ThreadPoolExecutor(1, "draws")


def judged_on(claim: Claim, seed: int) -> Drawn:
    """What a claim is judged on.

    Raises:
        ValueError: the claim has too few examples for all that it needs.
    """
    return _known(claim, seed, claim.examples) or _thread.submit(_judged_on, claim, seed).result()


def keep(claim: Claim, seed: int, drawn: Drawn) -> None:
    """Remember what a claim has been judged on to the end."""
    _keep(claim, seed, claim.examples, drawn)


def others(claim: Claim, count: int, by: str) -> Drawn:
    """As many inputs as wanted that `by` decides."""
    return _known(claim, by, count) or _thread.submit(_others, claim, count, by).result()


@contextlib.contextmanager
def ahead(claims: Sequence[Claim], seed: int) -> Iterator[None]:
    """Draw what claims will be judged on, one after the other, until the block is left."""
    left = threading.Event()

    def draw(claim: Claim) -> None:
        if not left.is_set():
            _judged_on(claim, seed)

    for claim in claims:
        if claim.strategies:
            _thread.submit(draw, claim)
    try:
        yield
    finally:
        left.set()


def search(
    claim: Claim, test: Callable[..., None], examples: int, by: str, *, shrink: bool
) -> None:
    """Run a test on inputs that Hypothesis draws for a claim, up to the first that it fails on.

    Args:
        claim: whose strategies.
        test: takes what they draw.
        examples: how many.
        by: what decides them.
        shrink: look for the smallest that it fails on.
    """
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
    hypothesis.seed(zlib.crc32(by.encode()))(profile(property_))()


def _judged_on(claim: Claim, seed: int) -> Drawn:
    known = _known(claim, seed, claim.examples)
    return known or _keep(claim, seed, claim.examples, _with_all_needed(claim, seed))


def _with_all_needed(claim: Claim, seed: int) -> Drawn:
    """The first of a seed's choices that has all in it that the claim and its strategies need.

    The first example is the simplest of all, zeros mostly, where much that is wrong holds: what is
    in no other is left out.
    """
    needed = [
        (name, fits)
        for name, strategy in claim.strategies.items()
        for fits in getattr(strategy, "needed", ())
    ]
    name = f"{claim.function.name} {seed}"
    for by in (name, *(f"{name} {again}" for again in range(1, _MOST_CHOICES))):
        found = _others(claim, claim.examples, by)
        beyond = found.examples[1:]
        if all(any(fits(one[key]) for one in beyond) for key, fits in needed) and (
            claim.needs is None or any(map(claim.needs, beyond))
        ):
            return found
    raise ValueError(f"{claim.name}: too few examples for all that it needs")


def _others(claim: Claim, count: int, by: str) -> Drawn:
    known = _known(claim, by, count)
    if known is not None:
        return known
    found: list[dict[str, Any]] = []

    def noted(**drawn: Any) -> None:
        found.append(drawn)

    search(claim, noted, count, by, shrink=False)
    return _keep(claim, by, count, Drawn(by, found))


def _known(claim: Claim, decided_by: int | str, count: int) -> Drawn | None:
    return _kept.get((claim, decided_by, count))


def _keep(claim: Claim, decided_by: int | str, count: int, drawn: Drawn) -> Drawn:
    while len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[claim, decided_by, count] = drawn
    return drawn
