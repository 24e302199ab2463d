"""What claims are judged on: drawn ahead, and remembered.

Draws depend on a claim and a seed, never on who is judged: they can be made while something else is
waited for, and serve the next submission as well. One thread makes all that is drawn before judging
begins: Hypothesis looks through the whole memory for each thread that comes to it, and makes its
tables once for each of those that come at once. Only where a claim fails, or finds an input to be
of no use, is there a search in the thread that judges it.

What Hypothesis has chosen is kept from run to run, too: where all of it is known, Hypothesis is not
even imported.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxercise import syntax_trees
from jaxercise.cache.folders import hypothesis_folder
from jaxercise.cache.persistent import PersistentCache
from jaxercise.claims.claims import Claim, Exercise, UselessError
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import decode_arguments, encode

#: Choices of draws among which one is sought that leaves nothing out.
_MOST_CHOICES = 100
_MOST_KEPT = 5000
#: What draws depend on besides the property file.
_DEPENDS = ("claims", "sandboxed/families", "sandboxed/wire")
_VERSIONS = ("hypothesis", "numpy")


class Inputs(dict[str, Any]):
    """The arguments of one example.

    Args:
        claim: whose.
        chosen: what Hypothesis has chosen, by argument.
    """

    def __init__(self, claim: Claim, chosen: Mapping[str, Any]) -> None:
        super().__init__((name, claim.strategies[name].value(one)) for name, one in chosen.items())
        self.chosen = chosen


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
    examples: list[Inputs]
    complete: bool = False


#: The text, each example's choices, and whether these are all: what is kept from run to run.
_Stored = tuple[str, list[Mapping[str, Any]], bool]
_Key = tuple[Claim, tuple[int, int] | tuple[str, int]]
_kept: dict[_Key, Drawn] = {}
_keeping = threading.Lock()
_memories: dict[Exercise, PersistentCache[_Stored]] = {}
_thread = futures.ThreadPoolExecutor(1, "draws")
syntax_trees.build_one_at_a_time()


def remember(exercise: Exercise, memory: Path | None) -> None:
    """Keep what is drawn for an exercise from run to run.

    Args:
        exercise: the exercise.
        memory: the file to keep it in; None to keep nothing.
    """
    if memory is not None and exercise not in _memories:
        depends: list[Path | str] = [Path(exercise.file), *_DEPENDS]
        _memories[exercise] = PersistentCache(
            memory,
            depends,
            _VERSIONS,
            lambda stored, arrays: encode(list(stored), arrays),
            decode_arguments,
            most=_MOST_KEPT,
        )


def save(exercise: Exercise) -> None:
    """Write what has been drawn for an exercise."""
    if exercise in _memories:
        _memories[exercise].save()


def judged_on(claim: Claim, seed: int, choice: int = 0) -> Drawn:
    """What a claim is judged on.

    Args:
        claim: the claim.
        seed: the instructor's choice of draws.
        choice: which of this seed's; a later one is for what an earlier one has left out.

    Raises:
        ValueError: the claim has too few examples for all that it needs.
    """
    known = _known((claim, (seed, choice)))
    return known or _thread.submit(_judged_on, claim, seed, choice).result()


def keep(claim: Claim, seed: int, choice: int, drawn: Drawn) -> None:
    """Remember what a claim has been judged on to the end."""
    _keep((claim, (seed, choice)), drawn)


def drawn_by(by: str, claim: Claim, count: int) -> Drawn:
    """As many inputs for a claim as wanted that a text decides."""
    return _known((claim, (by, count))) or _thread.submit(_drawn_by, by, claim, count).result()


def covers_all(claim: Claim, examples: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all is among some examples that a claim and its strategies need."""
    needed = [
        (name, fits) for name, strategy in claim.strategies.items() for fits in strategy.needed
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
    claim: Claim, test: Callable[[Inputs], None], examples: int, by: str, *, shrink: bool
) -> None:
    """Run a test on inputs that Hypothesis draws for a claim, up to the first that it fails on.

    Args:
        claim: whose strategies.
        test: takes what they draw; raises UselessError where it is of no use.
        examples: how many.
        by: what decides them.
        shrink: look for the smallest that it fails on.
    """
    hypothesis = _hypothesis()
    from hypothesis import HealthCheck, Phase, Verbosity

    def on_chosen(**chosen: Any) -> None:
        try:
            test(Inputs(claim, chosen))
        except UselessError:
            hypothesis.reject()

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
    choosing = {name: one.choosing() for name, one in claim.strategies.items()}
    property_ = hypothesis.given(**choosing)(on_chosen)
    hypothesis.seed(zlib.crc32(by.encode()))(profile(property_))()


@functools.cache
def _hypothesis() -> Any:
    """Hypothesis, which keeps what it writes in the cache: else it lies where a course is."""
    import hypothesis
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(hypothesis_folder())
    return hypothesis


# What follows runs in the drawing thread, and so must not wait for it.


def _judged_on(claim: Claim, seed: int, choice: int) -> Drawn:
    """Of the choices that have all that is needed, the one asked for.

    The first example is the simplest of all, zeros mostly, where much that is wrong holds: what is
    needed has to be in another one.
    """
    known = _known((claim, (seed, choice)))
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
    known = _known((claim, (by, count)))
    if known is not None:
        return known
    found: list[Inputs] = []
    search(claim, found.append, count, by, shrink=False)
    return _keep((claim, (by, count)), Drawn(by, found))


def _known(key: _Key) -> Drawn | None:
    """What has been drawn, in this run or an earlier one."""
    known = _kept.get(key)
    memory = _memories.get(key[0].function.exercise)
    if known is not None or memory is None:
        return known
    stored = memory.get(_name(key))
    if stored is None:
        return None
    by, chosen, complete = stored
    return _keep_here(key, Drawn(by, [Inputs(key[0], one) for one in chosen], complete))


def _name(key: _Key) -> str:
    claim, (by, number) = key
    return f"{claim.name} {claim.examples} {type(by).__name__} {by} {number}"


def _keep(key: _Key, drawn: Drawn) -> Drawn:
    memory = _memories.get(key[0].function.exercise)
    chosen = [one.chosen for one in drawn.examples]
    # A strategy of Hypothesis' own chooses what it likes.
    if memory is not None and all(isinstance(one, str) for one in trees.leaves(chosen)):
        memory.add(_name(key), (drawn.by, chosen, drawn.complete))
    return _keep_here(key, drawn)


def _keep_here(key: _Key, drawn: Drawn) -> Drawn:
    """Remember what was drawn in this process alone."""
    with _keeping:
        _kept.pop(key, None)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = drawn
    return drawn
