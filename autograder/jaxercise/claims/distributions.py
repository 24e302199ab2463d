"""Claims about random numbers: of what distribution each is, and that they are independent.

Every answer is turned into numbers that are standard normal and independent where the claim holds
(the probability integral transform), so that one set of tests serves all distributions. The bounds
are exact or Chernoff's, none is asymptotic: together, the tests of a claim refuse a right answer
less than once in 10^9, in up to ten examples.
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxercise.comparison import Expected
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key

#: How often all tests of one `is_random` together refuse a right answer. A claim that asks for it
#: in ten examples refuses one less than once in 10^9.
FALSE_ALARM = 1e-10
#: How often what is named as the power of a claim is seen.
_POWER = 0.99
_NORMAL = statistics.NormalDist()
#: What float32 random numbers leave out at either end, about.
_LEAST = 2.0**-26
#: Of so many random float32 numbers (no claim draws more than some ten thousand) fewer are alike.
_DIFFERENT = 0.9
#: What a test found, and the logarithm of how likely that is by chance, at most.
_Test = tuple[str, float]


@dataclass(frozen=True, eq=False)
class Distribution:
    """What the entries of one array of an answer are drawn from, each independently.

    Attributes:
        shape: the array's.
        uniforms: turns entries, and as many uniform numbers to be used where several entries are
            alike, into numbers that are uniform from 0 to 1; NaN for what cannot be drawn.
        text: what it is called: `normal with mean 0 and standard deviation 1`.
        continuous: no two numbers are alike.
        constant: what each entry is, where nothing is random.
    """

    shape: tuple[int, ...]
    uniforms: Callable[[Array, Array], Array]
    text: str
    continuous: bool = True
    constant: float | None = None


def normal(shape: tuple[int, ...], *, mean: float = 0.0, deviation: float = 1.0) -> Distribution:
    """Normal numbers, float32, of a mean and a standard deviation."""

    def uniforms(entries: Array, _: Array) -> Array:
        return _each(_NORMAL.cdf, (entries - mean) / deviation)

    text = f"normal with mean {mean:g} and standard deviation {deviation:.3g}"
    return Distribution(shape, uniforms, text)


def uniform(shape: tuple[int, ...], *, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Uniform numbers, float32, between two bounds."""

    def uniforms(entries: Array, _: Array) -> Array:
        inside = (entries >= low) & (entries <= high)
        return np.where(inside, (entries - low) / (high - low), np.nan)

    return Distribution(shape, uniforms, f"uniform from {low:g} to {high:g}")


def choice(shape: tuple[int, ...], chances: Mapping[float, float]) -> Distribution:
    """Numbers, float32, of a few values.

    Args:
        shape: the shape.
        chances: by value, how likely it is.
    """

    def uniforms(entries: Array, spare: Array) -> Array:
        found = np.full(entries.shape, np.nan)
        below = 0.0
        for value, chance in chances.items():
            # Each value has its share of the numbers from 0 to 1, and any of these stands for it.
            where = np.isclose(entries, value, rtol=1e-5, atol=1e-6)
            found = np.where(where, below + chance * spare, found)
            below += chance
        return found

    told = ", ".join(f"{value:.4g} with chance {chance:.3g}" for value, chance in chances.items())
    return Distribution(shape, uniforms, told, continuous=False)


def constant(shape: tuple[int, ...], value: float) -> Distribution:
    """The same number everywhere, float32: the part of an answer that is not random."""
    return Distribution(shape, lambda entries, _: entries, f"{value:g}", constant=value)


def keys_like(key: Key, count: int) -> list[Key]:
    """As many different keys as wanted, a given one first, old and new ones in turn.

    The seeds differ in few bits.
    """
    return [Key(key.seed ^ number, key.typed ^ number % 2 == 1) for number in range(count)]


def form(laws: Any) -> Expected:
    """What an answer drawn from distributions is like, whatever its numbers; constants are due."""

    def value(law: Distribution) -> Array:
        return np.full(law.shape, law.constant or 0.0)

    def error(law: Distribution) -> Array:
        return np.full(law.shape, np.inf if law.constant is None else 0.0)

    return Expected(trees.mapped(value, laws), trees.mapped(error, laws))


@dataclass(frozen=True)
class Sample:
    """The numbers of several answers that stand in one place, made standard normal.

    Attributes:
        place: where, in words: `the first item of the answer`.
        law: what they should be drawn from.
        scores: (answers, ...): the numbers; NaN for what cannot be drawn.
        alike: whether many of the numbers are the same ones.
    """

    place: str
    law: Distribution
    scores: Array
    alike: bool


def samples(answers: Sequence[Any], laws: Any, words: Callable[[trees.Path], str]) -> list[Sample]:
    """The numbers of answers by their places, those that are constant left out.

    Args:
        answers: each of the form of the distributions.
        laws: a tree of distributions.
        words: says where a place is.
    """
    columns = zip(*map(trees.leaves, answers), strict=True)
    found = zip(trees.paths(laws), trees.leaves(laws), columns, strict=True)
    spare = np.random.default_rng(20260209)
    return [
        _sample(words(path), law, np.stack(column).astype(np.float64), spare)
        for path, law, column in found
        if law.constant is None and np.prod(law.shape)
    ]


def _sample(place: str, law: Distribution, entries: Array, spare: np.random.Generator) -> Sample:
    uniforms = law.uniforms(entries, spare.random(entries.shape))
    inside = np.clip(uniforms, _LEAST, 1 - _LEAST)
    scores = _each(_NORMAL.inv_cdf, np.where(np.isnan(inside), 0.5, inside))
    alike = law.continuous and len(np.unique(entries)) < _DIFFERENT * entries.size
    return Sample(place, law, np.where(np.isnan(uniforms), np.nan, scores), alike)


def refused(found: Sequence[Sample]) -> str:
    """A sentence on what is not as it should be; empty where all may be chance."""
    for sample in found:
        if np.any(np.isnan(sample.scores)):
            return f"{sample.place} holds numbers that are never drawn; expected {sample.law.text}"
    tests = [test for sample in found for test in _alone(sample)]
    tests += [test for pair in itertools.combinations(found, 2) for test in _together(*pair)]
    said, chance = min(tests, key=lambda test: test[1], default=("", 0.0))
    return said if chance < math.log(FALSE_ALARM / len(tests)) else ""


def power(found: Sequence[Sample]) -> str:
    """What a claim sees in 99 of 100 runs, for its author."""
    tests = sum(1 for sample in found for _ in _alone(sample))
    least = math.log(FALSE_ALARM / (tests + len(found) * (len(found) - 1) // 2))
    often = _NORMAL.inv_cdf(_POWER)
    lines = []
    for sample in found:
        count, pairs = sample.scores.size, max(sample.scores.size // 2, 1)
        shift = (math.sqrt(-2 * least) + often) / math.sqrt(count)
        squares = _least(functools.partial(_spreading, count=count), least)
        spread = math.sqrt((1 + squares) / max(1 - often * math.sqrt(2 / count), 0.01)) - 1
        together = _least(functools.partial(_product, count=pairs), least)
        correlation = min(together + often / math.sqrt(pairs), 1.0)
        lines.append(
            f"{sample.place}: {count} numbers; seen in 99 of 100 runs: a mean off by {shift:.2g} "
            f"standard deviations, {spread:.0%} more spread, a correlation of {correlation:.2g}"
        )
    return "\n".join(lines)


def _least(chance: Callable[[float], float], least: float) -> float:
    """The smallest mean that is less likely than that."""
    low, high = 0.0, 1e6
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) > least else (low, middle)
    return high


def _alone(sample: Sample) -> Iterator[_Test]:
    """Tests of one place's numbers."""
    scores, where, law = sample.scores, sample.place, sample.law.text
    flat, count = scores.ravel(), scores.size
    expected = f"expected {law}"
    yield (
        f"{where} holds the same numbers over and over; {expected}",
        -math.inf if sample.alike else 0.0,
    )
    for axis, size in enumerate(scores.shape):
        if size > 1:
            one, other = (
                scores.take(range(first, size - size % 2, 2), axis).ravel() for first in (0, 1)
            )
            among = f"neighbors along axis {axis - 1}" if axis else "calls with different arguments"
            yield f"{where}: the numbers of {among} depend on each other", _related(one, other)
    mean = f"{where}: on average the numbers are too {'large' if flat.sum() > 0 else 'small'}"
    yield f"{mean}; {expected}", -(float(flat.sum()) ** 2) / (2 * count)
    square = float(np.mean(flat**2))
    wide = f"{where}: the numbers spread too {'much' if square > 1 else 'little'}"
    yield f"{wide}; {expected}", _chi_square(square, count)
    # How far the share of numbers below any bound is from the due one: Dvoretzky, Kiefer,
    # Wolfowitz, Massart.
    due = _each(_NORMAL.cdf, np.sort(flat))
    below = np.arange(count + 1) / count
    gap = max(np.max(below[1:] - due), np.max(due - below[:-1]))
    yield f"{where}: the numbers are not {law}", math.log(2) - 2 * count * float(gap) ** 2
    if len(scores) > 1 and scores[0].size > 1:
        sums = scores.reshape(len(scores), -1).sum(axis=1) / math.sqrt(scores[0].size)
        among = f"{where}: the numbers of one answer depend on each other"
        yield among, _chi_square(float(np.mean(sums**2)), len(sums))


def _together(one: Sample, other: Sample) -> Iterator[_Test]:
    """Tests of two places' numbers: neither says anything about the other."""
    size = min(one.scores[0].size, other.scores[0].size)
    pair = (each.scores.reshape(len(each.scores), -1)[:, :size].ravel() for each in (one, other))
    said = f"the numbers of {one.place} and of {other.place} depend on each other"
    yield said, _related(*pair)


def _related(one: Array, other: Array) -> float:
    """How likely two rows of standard normal numbers are so alike, or so opposite."""
    return _product(float(np.mean(one * other)), one.size)


def _product(mean: float, count: int) -> float:
    """How likely so many products of standard normal numbers have such a mean.

    Chernoff's bound, of both sides together.
    """
    best = (math.sqrt(1 + 4 * mean**2) - 1) / (2 * abs(mean)) if mean else 0.0
    return math.log(2) - count * (best * abs(mean) + math.log1p(-(best**2)) / 2)


def _each(function: Callable[[float], float], numbers: Array) -> Array:
    return np.array([function(one) for one in numbers.flat]).reshape(numbers.shape)


def _chi_square(mean: float, count: int) -> float:
    """How likely so many squares of standard normal numbers have such a mean.

    Chernoff's bound, for both sides together.
    """
    return math.log(2) + count / 2 * (math.log(mean) + 1 - mean) if mean else -math.inf


def _spreading(share: float, count: int) -> float:
    """The same, of squares that are by this share larger."""
    return _chi_square(1 + share, count)
