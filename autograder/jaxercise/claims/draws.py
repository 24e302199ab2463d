"""What claims are judged on: drawn ahead, and remembered.

Draws depend on a claim and a seed, never on who is judged: they can be made while something else is
waited for, and serve the next submission as well. One thread makes all that is drawn before judging
begins: Hypothesis looks through the whole memory for each thread that comes to it, and makes its
tables once for each of those that come at once. Only where a claim fails, or finds an input to be
of no use, is there a search in the thread that judges it.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity

from jaxercise import syntax_trees
from jaxercise.claims.claims import Claim

#: Choices of draws among which one is sought that leaves nothing out.
_MOST_CHOICES = 100
_MOST_KEPT = 5000


@dataclass(frozen=True)
class Drawn:
    """Inputs drawn for a claim.

    Attributes:
        by: the text that decides them.
        examples: the arguments of each.
        complete: judging draws these and no others. If not, it does so up to the first that is of
            no use to the claim: from there on Hypothesis draws anew.
    """

    by: str
    examples: list[dict[str, Any]]
    complete: bool = False


_Key = tuple[Claim, tuple[int, int] | tuple[str, int]]
_kept: dict[_Key, Drawn] = {}
_keeping = threading.Lock()
_thread = futures.ThreadPoolExecutor(1, "draws")
syntax_trees.build_one_at_a_time()


def judged_on(claim: Claim, seed: int, choice: int = 0) -> Drawn:
    """What a claim is judged on.

    Args:
        claim: the claim.
        seed: the instructor's choice of draws.
        choice: which of this seed's; a later one is for what an earlier one has left out.

    Raises:
        ValueError: the claim has too few examples for all that it needs.
    """
    known = _kept.get((claim, (seed, choice)))
    return known or _thread.submit(_judged_on, claim, seed, choice).result()


def keep(claim: Claim, seed: int, choice: int, drawn: Drawn) -> None:
    """Remember what a claim has been judged on to the end."""
    _keep((claim, (seed, choice)), drawn)


def drawn_by(by: str, claim: Claim, count: int) -> Drawn:
    """As many inputs for a claim as wanted that a text decides."""
    return _kept.get((claim, (by, count))) or _thread.submit(_drawn_by, by, claim, count).result()


def covers_all(claim: Claim, examples: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all is among some examples that a claim and its strategies need."""
    needed = [
        (name, fits)
        for name, strategy in claim.strategies.items()
        for fits in getattr(strategy, "needed", ())
    ]
    return all(any(fits(one[name]) for one in examples) for name, fits in needed) and (
        all(any(map(fits, examples)) for fits in claim.must_cover)
    )


@contextlib.contextmanager
def ahead(claims: Sequence[Claim], seed: int) -> Iterator[None]:
    """Draw what claims will be judged on, one after the other, until the block is left.

    What goes wrong will go wrong again when the claim is judged, and is told then.
    """
    left = threading.Event()

    def draw(claim: Claim) -> None:
        if not left.is_set():
            _judged_on(claim, seed, 0)

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


# What follows runs in the drawing thread, and so must not wait for it.


def _judged_on(claim: Claim, seed: int, choice: int) -> Drawn:
    """Of the choices that have all that is needed, the one asked for.

    The first example is the simplest of all, zeros mostly, where much that is wrong holds: what is
    needed has to be in another one.
    """
    known = _kept.get((claim, (seed, choice)))
    if known is not None:
        return known
    name = f"{claim.function.name} {seed}"
    texts = [name, *(f"{name} {again}" for again in range(1, _MOST_CHOICES))]
    fitting = (
        drawn
        for drawn in (_drawn_by(by, claim, claim.examples) for by in texts)
        if covers_all(claim, drawn.examples[1:])
    )
    drawn = next(itertools.islice(fitting, choice, None), None)
    if drawn is None:
        raise ValueError(
            f"{claim.name} draws {claim.examples} inputs, the first of them the simplest, and no "
            f"{_MOST_CHOICES} times that many hold all that has to be among them (by `options`, "
            "`keys`, `must_cover` and the like). Give it more: claim(examples=...)"
        )
    return _keep((claim, (seed, choice)), drawn)


def _drawn_by(by: str, claim: Claim, count: int) -> Drawn:
    known = _kept.get((claim, (by, count)))
    if known is not None:
        return known
    found: list[dict[str, Any]] = []

    def noted(**drawn: Any) -> None:
        found.append(drawn)

    search(claim, noted, count, by, shrink=False)
    return _keep((claim, (by, count)), Drawn(by, found))


def _keep(key: _Key, drawn: Drawn) -> Drawn:
    with _keeping:
        _kept.pop(key, None)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = drawn
    return drawn
