"""Claims about random numbers: what is right passes, what is wrong is seen, as often as is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jaxercise.claims import distributions
from jaxercise.claims.distributions import (
    choice,
    constant,
    form,
    keys_like,
    normal,
    power,
    refused,
    samples,
    uniform,
)
from jaxercise.comparison import compare
from jaxercise.comparison.compare import words
from jaxercise.sandboxed.wire.values import Key

Draw = Callable[[np.random.Generator], Any]
CALLS, N = 5, 120
LAWS = {
    "a": normal((N, 2), mean=3, deviation=0.5),
    "b": uniform((N,)),
    "c": choice((N,), {0: 0.8, 2: 0.2}),
}


def right(generator: np.random.Generator) -> dict[str, Any]:
    """An answer of the stated distributions, as float32."""
    drawn = {
        "a": generator.normal(3, 0.5, (N, 2)),
        "b": generator.random(N),
        "c": 2.0 * (generator.random(N) < 0.2),
    }
    return {name: one.astype(np.float32) for name, one in drawn.items()}


def said(draw: Draw, seed: int = 0, calls: int = CALLS) -> str:
    """What is said of some answers."""
    generator = np.random.default_rng(seed)
    return refused(samples([draw(generator) for _ in range(calls)], LAWS, words))


def changed(**how: Callable[[dict[str, Any]], Any]) -> Draw:
    """Answers with other numbers in some place."""

    def draw(generator: np.random.Generator) -> dict[str, Any]:
        answer = right(generator)
        return answer | {name: np.float32(make(answer)) for name, make in how.items()}

    return draw


FIRST = right(np.random.default_rng(7))
#: What is said of answers that are wrong.
WRONG: list[tuple[str, Draw]] = [
    ("'a' of the answer: on average .* too large", changed(a=lambda one: one["a"] + 0.3)),
    ("'a' .* spread too much", changed(a=lambda one: 3 + 1.6 * (one["a"] - 3))),
    ("'a' .* spread too little", changed(a=lambda one: 3 + 0.5 * (one["a"] - 3))),
    (
        "'a' .* not normal",
        changed(a=lambda one: 3 + bent(one["a"] - 3)),
    ),
    ("'b' .* never drawn; expected uniform", changed(b=lambda one: one["b"] + 0.01)),
    ("'c' .* never drawn; expected 0 with chance 0.8", changed(c=lambda one: one["c"] / 3)),
    ("'c' .* are not 0 with chance 0.8, 2 with chance 0.2", changed(c=lambda one: 2 - one["c"])),
    ("'a' .* neighbors along axis 0", changed(a=lambda one: mixed(one["a"], 0))),
    ("'a' .* neighbors along axis 1", changed(a=lambda one: mixed(one["a"], 1))),
    ("'a' .* and .* 'b' .* depend", changed(b=lambda one: below(one["a"][:60].ravel()))),
    ("'a' .* holds the same numbers", lambda _: FIRST),
    (
        "'c' .* depend on each other",
        changed(c=lambda one: 0 * one["c"] + 2.0 * (one["b"][0] < 0.2)),
    ),
]


def bent(numbers: np.ndarray) -> np.ndarray:
    """Numbers with about the same mean and spread, in two heaps."""
    return np.sign(numbers) * (0.42 + 0.15 * abs(numbers))


def mixed(numbers: np.ndarray, axis: int) -> np.ndarray:
    """Normal numbers of which each second one along an axis is nearly the one before."""
    moved = np.moveaxis(numbers - 3, axis, 0)
    moved = np.concatenate([(one, 0.95 * one + 0.31 * other) for one, other in zip(
        moved[::2, None], moved[1::2, None], strict=True
    )]).reshape(moved.shape)  # fmt: skip
    return 3 + np.moveaxis(moved, 0, axis)


def below(numbers: np.ndarray) -> np.ndarray:
    """How much of the distribution is below them."""
    return LAWS["a"].uniforms(numbers.astype(np.float64), numbers)


@pytest.mark.parametrize(("why", "draw"), WRONG, ids=[why for why, _ in WRONG])
def test_what_is_wrong_is_seen_and_named(why: str, draw: Draw) -> None:
    """Distribution, values, dependence within an answer, between places, and from call to call."""
    found = said(draw, calls=40 if why.startswith("'c' .* depend") else CALLS)
    assert re.search(why, found), found


def test_what_is_right_is_not_refused() -> None:
    """Nor is it by chance: chances are no smaller than they have to be."""
    assert not any(said(right, seed) for seed in range(40))
    generator = np.random.default_rng(1)
    chances = []
    for _ in range(60):
        found = samples([right(generator) for _ in range(CALLS)], LAWS, words)
        chances += [chance for one in found for _, chance in distributions._alone(one)]
        chances += [chance for _, chance in distributions._together(*found[:2])]
    for least in (0.1, 0.01, 0.001):
        share = np.mean(np.array(chances) < np.log(least))
        assert share < least + 4 * np.sqrt(least / len(chances))


def test_the_power_is_what_is_said() -> None:
    """A mean, a spread, a correlation that are off by what certify prints are seen."""
    law = normal((200,))
    generator = np.random.default_rng(2)

    def draw(shift: float = 0, spread: float = 0, related: float = 0) -> str:
        numbers = generator.normal(size=(3, 100, 2))
        numbers[..., 1] = related * numbers[..., 0] + np.sqrt(1 - related**2) * numbers[..., 1]
        numbers = (shift + (1 + spread) * numbers).reshape(3, 200).astype(np.float32)
        return refused(samples(list(numbers), law, words))

    told = power(samples(list(generator.normal(size=(3, 200))), law, words))
    shift, spread, related = map(float, re.findall(r"([\d.]+)(?:$| standard|% more)", told))
    for how in ({"shift": shift}, {"spread": spread / 100}, {"related": related}):
        assert sum(bool(draw(**how)) for _ in range(60)) > 55, how
        half = {name: size / 3 for name, size in how.items()}
        assert sum(bool(draw(**half)) for _ in range(30)) < 5, how


def test_constants_and_shapes_are_due_as_they_are() -> None:
    """The form of an answer is looked at before its numbers, and constants are part of it."""
    due = form([{"w": normal((2, 3)), "b": constant((3,), 0)}])
    w, b = np.ones((2, 3), np.float32), np.zeros(3, np.float32)
    assert compare([{"w": w, "b": b}], due) is None
    for other in ([{"w": w, "b": b + 1}], [{"w": w.T, "b": b}], [{"w": w}], {"w": w, "b": b}):
        assert compare(other, due) is not None


def test_keys_differ_and_are_of_both_kinds() -> None:
    """The given one is the first."""
    found = keys_like(Key(5, False), 6)
    assert found[0] == Key(5, False)
    assert len({one.seed for one in found}) == 6
    assert {one.typed for one in found} == {True, False}
