"""The strategies: shapes, dtypes, readable numbers, and what their draws promise."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jaxercise.authoring.certify.compiled_calls import Echo
from jaxercise.cache.persistent import fingerprint
from jaxercise.claims import draws, strategies
from jaxercise.claims.claims import Claim, UselessError
from jaxercise.claims.context import RefusedError
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.strategies.arrays import steps
from jaxercise.claims.strategies.covering import Choices, Strategy, as_strategy, made
from jaxercise.grading.references import References
from jaxercise.grading.running import _economical, run
from jaxercise.grading.session import Session
from jaxercise.sandboxed.families import (
    BINARY,
    LANDSCAPE,
    LOSS,
    MODEL,
    SCALAR,
    WAVE,
    Described,
)
from jaxercise.verdicts import Finding
from needs import NIGHTLY
from running import COURSE

Array = npt.NDArray[Any]

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (1, 1), (2, 3, 1)]


def drawn_from(strategy: Strategy[Any], count: int = 100) -> list[Any]:
    """What a strategy draws, the same in every run."""
    found: list[Any] = []

    @hypothesis.seed(0)
    @settings(max_examples=count, phases=[Phase.generate])
    @given(strategy.choosing())
    def collect(chosen: Any) -> None:
        found.append(strategy.value(chosen))

    collect()
    assert len(found) > 1
    return found


def simplest(strategy: Strategy[Any]) -> Any:
    """What a strategy shrinks to."""
    return strategy.value(hypothesis.find(strategy.choosing(), lambda _: True))


def are_small(array: Array, largest: float) -> None:
    assert array.dtype == np.float32
    assert np.abs(array).max(initial=0) <= largest


def in_half_precision(array: Array) -> Array:
    """The array with as many bits as a float16 has."""
    return array.astype(np.float16).astype(np.float32)


def different(values: Sequence[Array]) -> int:
    return len({value.tobytes() for value in values})


# Draws


def test_byte_zero_is_the_simplest_choice() -> None:
    """Zeros choose the first option everywhere."""
    choices = Choices(bytes(9))
    assert choices.of("abc") == "a"
    assert choices.many([7, 8], 2) == [7, 7]
    assert choices.distinct("abc", 3) == ["a", "b", "c"]
    assert choices.number() == 0


def test_choices_read_the_bytes_in_order() -> None:
    """Every byte is used once, modulo the number of options left."""
    choices = Choices(bytes([4, 1, 0, 2, 1, 3]))
    assert choices.of("abc") == "b"
    assert choices.distinct("abcd", 2) == ["b", "a"]
    assert choices.many("xyz", 1) == ["z"]
    assert choices.number() == 256 + 3


def test_choices_do_not_run_out_silently() -> None:
    """A strategy that takes more choices than it announces is broken and fails."""
    with pytest.raises(StopIteration):
        Choices(b"").of("abc")


@given(st.binary(min_size=5, max_size=5))
def test_distinct_choices_are_distinct(drawn: bytes) -> None:
    """No option is chosen twice, and all of them can be."""
    assert sorted(Choices(drawn).distinct("abcde", 5)) == list("abcde")


def test_every_option_is_within_reach() -> None:
    """Any of up to 256 options can come out of a byte."""
    options = range(256)
    assert {Choices(bytes([byte])).of(options) for byte in range(256)} == set(options)


def test_made_draws_as_many_bytes_as_it_says() -> None:
    """`made` gives exactly the announced number of choices."""
    assert set(drawn_from(made(3, lambda choices: len(list(choices._remaining))))) == {3}


# Arrays


def test_steps_go_from_simple_to_crooked() -> None:
    """The numbers are all halves up to the largest: 0, the integers, then the rest."""
    assert steps(2) == [0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5]
    assert steps(1.5) == [0, 1, -1, 0.5, -0.5, 1.5, -1.5]
    assert 0 not in steps(2, nonzero=True)
    for largest in (1.0, 2.5, 4.0):
        due = np.arange(-2 * largest, 2 * largest + 1) / 2
        assert sorted(steps(largest)) == due.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_have_their_shape(shape: tuple[int, ...]) -> None:
    """`numbers` draws float32 numbers in the given shape and bounds, 0 the simplest."""
    found = drawn_from(strategies.numbers(shape=shape, largest=2.5))
    assert {one.shape for one in found} == {shape}
    for one in found:
        are_small(one, 2.5)
    assert different(found) > 5
    assert not simplest(strategies.numbers(shape=shape)).any()


def test_numbers_fill_all_bits_and_reach_the_articles_scale() -> None:
    """Lower precision shows, halves are among them, and wide ones are as large as its data."""
    found = np.stack(drawn_from(strategies.numbers(shape=(20,))))
    crooked = found[found != in_half_precision(found)]
    assert found.size / 5 < crooked.size < found.size * 4 / 5
    assert np.any(np.abs(crooked) < 0.05)
    assert np.abs(found).max() <= 4
    wide = np.stack(drawn_from(strategies.numbers(shape=(20,), wide=True)))
    assert np.abs(wide).max() > 100
    assert np.mean(np.abs(wide) <= 4) > 0.5
    vectors = np.stack(drawn_from(strategies.vectors(n=20, wide=True)))
    assert np.abs(vectors).max() > 100


def test_nonzero_numbers_are_not_zero() -> None:
    """`nonzero` leaves out 0 and nothing else; 1 is the simplest then."""
    strategy = strategies.numbers(shape=(2, 2), nonzero=True)
    assert all(one.all() for one in drawn_from(strategy))
    assert np.array_equal(simplest(strategy), np.ones((2, 2)))


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_vectors_have_their_size(n: int) -> None:
    """`vectors` draws n float32 numbers, with a repetition now and then."""
    found = drawn_from(strategies.vectors(n=n))
    assert {one.shape for one in found} == {(n,)}
    for one in found:
        are_small(one, 4)
    if n > 2:
        assert any(len(set(one.tolist())) < n for one in found)


@pytest.mark.parametrize("n", [1, 3, 8, 17])
def test_distinct_vectors_are_distinct(n: int) -> None:
    """No entry of a `distinct` vector comes twice, up to as many as there are numbers."""
    for one in drawn_from(strategies.vectors(n=n, distinct=True), 50):
        assert one.shape == (n,)
        are_small(one, 4)
        assert len(set(one.tolist())) == n


def test_options_are_the_given_ones() -> None:
    """Every option is drawn, and the first is the simplest."""
    assert set(drawn_from(strategies.options(3, 1, 7))) == {3, 1, 7}
    assert simplest(strategies.options(3, 1, 7)) == 3


@pytest.mark.parametrize("size", [2, 3, 5])
def test_permutations_change_something(size: int) -> None:
    """A permutation holds every place once and is never the given order."""
    found = drawn_from(strategies.permutations(size))
    for order in [*found, simplest(strategies.permutations(size))]:
        assert sorted(order.tolist()) == list(range(size))
        assert order.tolist() != list(range(size))
    assert different(found) == 1 if size == 2 else different(found) > 2


# Functions


@pytest.mark.parametrize(
    ("strategy", "family"),
    [
        (strategies.scalar_functions(), SCALAR),
        (strategies.scalar_functions(curved=True), SCALAR),
        (strategies.binary_functions(), BINARY),
        (strategies.models(), MODEL),
        (strategies.losses(), LOSS),
        (strategies.landscapes(), LANDSCAPE),
        (strategies.waves(), WAVE),
    ],
    ids=["scalar", "curved", "binary", "model", "loss", "landscape", "wave"],
)
def test_functions_are_members_with_few_terms(strategy: Strategy[Described], family: Any) -> None:
    """Drawn functions are of their family, short, not constant, and differentiated as they are."""
    found = drawn_from(strategy)
    for one in [*found, simplest(strategy)]:
        assert one.family is family
        assert one.coefficients.shape == (len(family.coefficients),)
        assert one.coefficients.dtype == np.float32
        assert one.coefficients[-1] == 1
        assert 1 <= np.count_nonzero(one.coefficients[:-1]) <= 8
        assert any(name in one.formula().split("=", 1)[1] for name in ("x", "w_i", "p_"))
    assert different([one.coefficients for one in found]) > 20


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.scalar_functions(stated=True),
        strategies.scalar_functions(stated=True, curved=True),
        strategies.binary_functions(stated=True),
        strategies.losses(stated=True),
    ],
    ids=["scalar", "curved", "binary", "loss"],
)
def test_stated_functions_state_another_derivative(strategy: Strategy[Described]) -> None:
    """A `stated` function's factor is neither 1 nor 0: the output tells what was used."""
    factors = {float(one.coefficients[-1]) for one in [*drawn_from(strategy), simplest(strategy)]}
    assert len(factors) > 1
    assert not factors & {0.0, 1.0}


def test_curved_functions_have_a_third_derivative() -> None:
    """A `curved` function is no quadratic: its third derivative differs from 0 somewhere."""
    from test_families import scalar

    x = np.linspace(-2, 2, 41)
    strategy = strategies.scalar_functions(curved=True)
    for one in [*drawn_from(strategy), simplest(strategy)]:
        named = dict(zip(SCALAR.coefficients, one.coefficients.astype(float), strict=True))
        assert np.abs(np.diff(scalar(named, x), 3)).max() > 1e-6, one


def test_two_argument_functions_treat_them_differently() -> None:
    """Nearly every drawn function of two arguments shows it when they are exchanged."""
    from test_families import binary

    at = np.array([0.5, 1.25, -2.0]), np.array([1.5, -0.75, 0.25])
    found = drawn_from(strategies.binary_functions(), 300)
    symmetric = 0
    for one in found:
        named = dict(zip(BINARY.coefficients, one.coefficients.astype(float), strict=True))
        symmetric += np.allclose(binary(named, *at), binary(named, *at[::-1]))
    # A sine of x + y alone is symmetric; the other examples of its claim are not.
    assert symmetric < len(found) / 20


def test_models_tell_places_and_roles_apart() -> None:
    """Exchanging two entries of both arguments, or the arguments themselves, changes the value."""
    from test_families import model

    w, v = np.array([0.5, 1.25, -2.0]), np.array([1.5, -0.75, 0.25])
    for one in drawn_from(strategies.models(), 300):
        named = dict(zip(MODEL.coefficients, one.coefficients.astype(float), strict=True))
        swapped = not np.isclose(model(named, w, v), model(named, v, w))
        moved = not np.isclose(model(named, w, v), model(named, w[::-1], v[::-1]))
        assert swapped or moved, one


# Regression


@pytest.mark.parametrize(
    ("strategy", "shapes"),
    [
        (strategies.houses(n=1), [(2,), (1, 1), (1,), ()]),
        (strategies.houses(n=3), [(2,), (3, 1), (3,), ()]),
        (strategies.houses(n=3, models=1), [(1, 2), (3, 1), (3,), ()]),
        (strategies.houses(n=2, models=4), [(4, 2), (2, 1), (2,), ()]),
        (strategies.cities(c=1, n=3), [(1, 2), (1, 3, 1), (1, 3), ()]),
        (strategies.cities(c=2, n=5), [(2, 2), (2, 5, 1), (2, 5), ()]),
    ],
    ids=["one house", "houses", "one model", "models", "one city", "cities"],
)
def test_regressions_have_their_shapes(strategy: Any, shapes: list[tuple[int, ...]]) -> None:
    """Params, sizes and prices in their shapes, small or the article's, and the rate to it."""
    found = [*drawn_from(strategy, 50), simplest(strategy)]
    for one in found:
        assert [array.shape for array in one] == shapes
        assert {array.dtype for array in one} == {np.dtype(np.float32)}
        if one.learning_rate == np.float32(1e-4):
            assert 10 <= one.x.min() <= one.x.max() <= 100
            assert np.abs(one.y - 50 * one.x[..., 0] - 100).max() <= 50.01
        else:
            assert 2**-10 <= one.learning_rate <= 0.5
            for array in list(one)[:3]:
                are_small(array, 4)
    assert {2**-10, np.float32(1e-4)} < {float(one.learning_rate) for one in found}
    assert not any(array.any() for array in list(simplest(strategy))[:3])


def test_a_diverging_training_is_beyond_float32_after_three_steps() -> None:
    """Where it is asked for, and in no other regression."""
    ordinary, all_scales = ("small",), ("small", "diverging")
    assert max(one.learning_rate for one in drawn_from(strategies.houses(scales=ordinary))) <= 0.5
    fast = [
        one for one in drawn_from(strategies.houses(scales=all_scales)) if one.learning_rate > 1
    ]
    assert len(fast) > 10
    for one in fast:
        design = np.stack([one.x[:, 0], np.ones(3)], axis=1).astype(float)
        params = one.params.astype(float)
        for _ in range(3):
            step = 2 * design.T @ (design @ params - one.y) / 3
            params = params - float(one.learning_rate) * step
        assert np.abs(params).max() > 1000 * float(np.finfo(np.float32).max)


@pytest.mark.parametrize(("c", "n"), [(1, 50), (2, 50), (3, 60)])
def test_markets_are_like_the_article(c: int, n: int) -> None:
    """Sizes from 10 to 100, and least squares finds an intercept of 30 to 250 in every city."""
    for x, y in drawn_from(strategies.market(c=c, n=n), 60):
        assert x.shape == (c, n, 1)
        assert y.shape == (c, n)
        assert x.dtype == y.dtype == np.float32
        assert x.min() >= 10
        assert x.max() <= 100
        for sizes, prices in zip(x[..., 0].astype(float), y.astype(float), strict=True):
            slope, intercept = np.polyfit(sizes, prices, 1)
            assert 15 <= slope <= 95
            # The prices are rounded to float32, each by at most 2**-24 of 10,000.
            assert 30 - 0.01 <= abs(intercept) <= 250 + 0.01
            off = prices - slope * sizes - intercept
            assert np.abs(off).max() <= 100


def test_markets_have_intercepts_of_either_sign() -> None:
    """Neither sign of the intercept is left out."""
    found = drawn_from(strategies.market(c=1), 60)
    signs = {np.sign(np.polyfit(x[0, :, 0], y[0], 1)[1]) for x, y in found}
    assert signs == {1, -1}


def test_scales_and_rates_are_positive_scalars() -> None:
    """Learning rates and noise scales are float32 scalars above 0; no noise scale is 1."""
    for strategy in (strategies.learning_rates(), strategies.noise_scales()):
        found = drawn_from(strategy)
        assert {one.shape for one in found} == {()}
        assert {one.dtype for one in found} == {np.dtype(np.float32)}
        assert min(found) > 0
        assert len(set(map(float, found))) == 4
    assert 1.0 not in map(float, drawn_from(strategies.noise_scales()))


def test_parameters_are_pairs() -> None:
    """Slope and intercept come as the last axis."""
    assert simplest(strategies.parameters()).shape == (2,)
    assert simplest(strategies.parameters(4)).shape == (4, 2)


def test_keys_are_of_both_kinds() -> None:
    """PRNG keys are drawn old style and new style, with many seeds."""
    found = drawn_from(strategies.keys())
    assert {key.typed for key in found} == {True, False}
    assert len({key.seed for key in found}) > 20
    assert all(0 <= key.seed < 2**16 for key in found)
    assert simplest(strategies.keys()).seed == 0


def test_the_same_seed_draws_the_same() -> None:
    """Two runs draw the same inputs: a verdict can be repeated."""
    first, second = (drawn_from(strategies.cities(), 20) for _ in range(2))
    assert [list(map(np.ndarray.tobytes, one)) for one in first] == [
        list(map(np.ndarray.tobytes, one)) for one in second
    ]


DRAW_ALL = """
import dataclasses
from running import COURSE, IN_TURN
from jaxercise.claims.loading import load_exercise
from jaxercise.cache.persistent import fingerprint
from jaxercise.grading.references import References
from jaxercise.grading.running import explore
from jaxercise.grading.session import Session
for name in IN_TURN:
    for claim in load_exercise(COURSE, name).claims:
        if claim.strategies:
            noting = dataclasses.replace(claim, test=lambda **one: print(fingerprint(one)))
            explore(noting, Session(None, References(COURSE, name)), seed=0)
"""


def test_what_is_loaded_changes_no_draw(tmp_path: Path) -> None:
    """Hypothesis now and then draws a constant that it finds in the source of loaded modules."""
    constants = [bytes([n] * size) for n in range(50) for size in range(1, 18)]
    (tmp_path / "constants.py").write_text(f"CONSTANTS = {constants}\n")
    plain, with_constants = (
        subprocess.run(
            [sys.executable, "-c", first + DRAW_ALL],
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parent}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for first in ("", "import constants\n")
    )
    assert len(plain.split()) > (300 if NIGHTLY else 50)
    assert plain == with_constants


# Claims


#: How many of them are tried.
SEEDS = 60 if NIGHTLY else 4


@pytest.mark.in_turn
@pytest.mark.parametrize("name", COURSE.names())
def test_all_that_is_needed_is_in_some_example(name: str) -> None:
    """Whatever the seed: else what fails on one option alone would fail with some seeds only.

    It is among those of use to the claim, and not in the first one, of zeros mostly, alone.
    """
    session = Echo(References(COURSE, name)).session()
    for claim in load_exercise(COURSE, name).claims:
        if not (claim.must_cover or any(one.needed for one in claim.strategies.values())):
            continue
        for seed in range(SEEDS):
            found: list[dict[str, Any]] = []

            def test(claim: Claim = claim, found: list[Any] = found, **one: Any) -> None:
                try:
                    claim.test(**one)
                except UselessError:
                    raise
                except Exception:  # no reference answers for a plot, nor for what a method costs
                    pass
                found.append(one)

            run(dataclasses.replace(claim, test=test), session, seed=seed)
            zeros = draws.judged_on(claim, seed).examples[0]
            others = [one for one in found if fingerprint(one) != fingerprint(zeros)]
            assert len(found) >= claim.examples
            assert all(any(map(fits, others)) for fits in claim.must_cover), (
                claim.name,
                seed,
            )
            for key, strategy in claim.strategies.items():
                for fits in strategy.needed:
                    assert any(fits(one[key]) for one in others), (claim.name, key, seed)


@pytest.mark.in_turn
@pytest.mark.parametrize("name", COURSE.names())
@pytest.mark.parametrize("ends", ["passes", "is of no use", "refuses"])
def test_examples_are_those_drawn_while_judging(
    name: str, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim is judged on what Hypothesis would draw while judging, in the same order."""
    monkeypatch.setattr(draws, "covers_all", lambda *_: True)  # or on more than that
    references = References(COURSE, name)
    found: list[str] = []

    def asked(claim: Claim, judge: Callable[[Claim, Session], str | None]) -> Any:
        session = Session(None, references)  # type: ignore[arg-type]

        def test(**drawn: Any) -> None:
            digest = fingerprint(drawn)
            found.append(digest)
            if ends != "passes" and int(digest, 16) % 5 == 0:
                raise UselessError
            session.compared += 1
            if ends == "refuses" and int(digest, 16) % 5 == 1:
                raise RefusedError(Finding("values", digest))

        found.clear()
        return judge(dataclasses.replace(claim, test=test), session), list(found)

    def ahead(claim: Claim, session: Session) -> str | None:
        finding = run(claim, session).finding
        return finding.sentence if finding and finding.kind == "values" else None

    def meanwhile(claim: Claim, session: Session) -> str | None:
        by = draws.judged_on(claim, 0).by
        try:
            draws.search(claim, _economical(claim.hold), claim.examples, by, shrink=True)
        except RefusedError as refused:
            return refused.finding.sentence
        return None

    for claim in load_exercise(COURSE, name).claims:
        if claim.strategies:
            assert asked(claim, ahead) == asked(claim, meanwhile), claim.name


def test_drawing_ahead_ends_with_what_it_overlaps() -> None:
    """Claims are drawn in their order, for as long as something else is waited for."""
    drawn = [one for one in load_exercise(COURSE, "01_vmap").claims if one.strategies]

    def known(claims: list[Claim]) -> list[bool]:
        return [any(key[0] is one for key in draws._kept) for one in claims]

    through, cut_short = ([dataclasses.replace(one) for one in drawn] for _ in range(2))
    with draws.ahead(through, 0):
        draws.judged_on(dataclasses.replace(drawn[0]), 0)  # waits for its turn
        assert all(known(through))
    with draws.ahead(cut_short, 0):
        pass
    draws.judged_on(dataclasses.replace(drawn[0]), 0)
    assert not all(known(cut_short))


class Draws:
    """What is drawn for the claims of an exercise, and kept in a file, run by run."""

    def __init__(self, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._memory = memory
        self._monkeypatch = monkeypatch
        self._search = draws.search

    def of_a_run(self, name: str, *, hypothesis: bool) -> list[Any]:
        """The fingerprints of all that is drawn by a process that has drawn nothing yet."""

        def search(*how: Any, **more: Any) -> None:
            assert hypothesis, "Hypothesis is asked again"
            self._search(*how, **more)

        self._monkeypatch.setattr(draws, "search", search)
        self._monkeypatch.setattr(draws, "_memories", {})
        self._monkeypatch.setattr(draws, "_kept", {})
        exercise = load_exercise(COURSE, name)
        draws.remember(exercise, self._memory)
        found = [draws.judged_on(one, 3) for one in exercise.claims if one.strategies]
        draws.save(exercise)
        return [(one.by, one.complete, [fingerprint(i) for i in one.examples]) for one in found]


@pytest.mark.parametrize("name", COURSE.names())
def test_what_was_drawn_once_is_drawn_again_without_hypothesis(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bits, of every kind of input; another property file lets it be drawn anew."""
    kept = Draws(tmp_path / "draws", monkeypatch)
    first = kept.of_a_run(name, hypothesis=True)
    written = (tmp_path / "draws").stat()
    assert kept.of_a_run(name, hypothesis=False) == first
    assert (tmp_path / "draws").stat() == written, "nothing is new, and it is written again"
    monkeypatch.setattr(draws, "_DEPENDS", ("claims/texts.py",))
    with pytest.raises(AssertionError, match="asked again"):
        kept.of_a_run(name, hypothesis=False)


def test_a_strategy_of_hypothesis_own_is_drawn_in_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it chooses may be anything: it is not written, and what else is drawn is."""
    claim = next(one for one in load_exercise(COURSE, "01_vmap").claims if one.strategies)
    exercise = claim.function.exercise
    ours = as_strategy(st.integers(0, 9))
    assert ours is not None
    foreign = dataclasses.replace(claim, strategies={"x": ours}, name="foreign")
    monkeypatch.setattr(draws, "_memories", {})
    draws.remember(exercise, tmp_path / "draws")
    examples = draws.judged_on(foreign, 0).examples
    assert {type(one["x"]) for one in examples} == {int}
    draws.save(exercise)
    assert not (tmp_path / "draws").exists()


def test_more_options_than_examples_are_an_error() -> None:
    """Not an endless search."""
    claim = load_exercise(COURSE, "02_grad_vs_cos").claims[0]
    drawn = {"n": strategies.options(1, 2, 3)}
    few = dataclasses.replace(claim, strategies=drawn, examples=2, test=lambda n: None)
    outcome = run(few, Session(None, References(COURSE, "02_grad_vs_cos")))  # type: ignore[arg-type]
    assert outcome.verdict == "internal"
    assert "draws 2 inputs" in outcome.finding.sentence  # type: ignore[union-attr]
    assert "claim(examples=...)" in outcome.finding.sentence  # type: ignore[union-attr]
