"""08_scaling_up: why this matters."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, assume, given
from jaxercise.claims.pictures import curves, line
from jaxercise.claims.strategies import (
    cities,
    houses,
    learning_rates,
    must_cover,
    noise_scales,
    numbers,
    options,
    parameters,
    permutations,
)
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
learning_rate_search = exercise.function(
    "learning_rate_search(params, x, y, learning_rates, n_epochs)"
)
ensemble_prediction = exercise.function("ensemble_prediction(params, x)", picture=curves(x="x"))
personalize = exercise.function(
    "personalize(x, y, learning_rate, n_epochs)", picture=line(x="x", y="y")
)
log_likelihoods = exercise.function("log_likelihoods(samples, x, y, noise_scale)")

rate = np.array(0.125, np.float32)
scale = np.array(2.0, np.float32)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def rates(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


THREE = rates(0.0625, 0.125, 0.0078125)
TOO_LARGE = np.float32(2.0**20)
#: Factors with which answers are small and no less right, or overflow.
SMALL, FAR = np.float32(2**-14), np.float32(2**126)
#: Rates that train, creep, and overshoot, in orders that put the best one everywhere.
RATES = permutations(3).map(THREE.__getitem__)


def last(rate: np.float32, learning_rates: np.ndarray) -> bool:
    return bool(learning_rates[-1] == rate)


#: The same, and each is the last one once: where rates go on from each other, it trains most.
EACH_LAST = must_cover(
    permutations(3).map(THREE.__getitem__), *(functools.partial(last, one) for one in THREE)
)


@learning_rate_search.claim(points=0.5, examples=6)
@given(
    data=houses(n=3, scales=("small",)),
    learning_rates=EACH_LAST,
    also=options("far out", "explosive", "the article's", "small"),
)
def test_learning_rate_search_trains_once_per_rate(data, learning_rates, also):
    """Entry i of the second item is the loss after training with learning_rates[i]."""
    params, x, y, n_epochs = data.params, data.x, data.y, 3
    learning_rate_search.agrees(params, x, y, learning_rates, n_epochs, part=1)
    if also == "far out":  # the largest rate overshoots there
        x = x + np.float32(4)
    elif also == "explosive":  # off the best fit for certain: what diverged is inf or nan
        x, y, n_epochs = x + 1, y + 20, 8
        learning_rates = np.where(learning_rates == THREE[1], TOO_LARGE, learning_rates)
    elif also == "the article's":  # and a single rate: what trains there is as much smaller
        params, x, y, learning_rates = 32 * params, 16 * (x + 4), 512 * y, learning_rates[:1] / 1024
    else:
        params, y = SMALL * params, SMALL * y
    learning_rate_search.agrees(params, x, y, learning_rates, n_epochs, part=1)


@learning_rate_search.claim(points=1, examples=5)
@given(data=houses(n=3, scales=("small",)), learning_rates=EACH_LAST)
def test_learning_rate_search_picks_the_smallest_final_loss(data, learning_rates):
    """The first item of the answer is the rate with the smallest final loss, shape ()."""
    for x in (data.x, data.x + np.float32(4)):
        arguments = data.params, x, data.y, learning_rates
        assume(best(*arguments, 2) == best(*arguments, 3) is not None)
        learning_rate_search.agrees(*arguments, 3, part=0)
    # Losses of millions are as good as others.
    large = np.float32(2**12) * data.params, data.x, np.float32(2**12) * data.y
    learning_rate_search.agrees(*large, learning_rates, 3, part=0)
    # The intercept arrives soon with the largest rate, and then the slope runs away: what was best
    # on the way is not best in the end.
    slope, intercept = data.params
    x = np.array([[-3], [0], [3]], np.float32)
    y = (slope + 0.5) * x[:, 0] + intercept + 10
    swinging = np.where(learning_rates == THREE[1], np.float32(0.25), learning_rates)
    learning_rate_search.agrees(data.params, x, y, swinging, 3, part=0)


def best(*arguments: Any) -> int | None:
    """Which rate ends with the smallest loss; None where it is hard to tell."""
    losses = learning_rate_search.expected(*arguments)[1]
    first, second = np.sort(losses.value)[:2]
    return int(np.argmin(losses.value)) if second - first > 4 * np.max(losses.error) else None


@learning_rate_search.claim(points=0.5, examples=4)
@given(data=houses(n=3, scales=("small",)), place=options(0, 1, 2))
def test_learning_rate_search_passes_over_what_diverged(data, place):
    """A rate whose loss is inf or nan is never the best, wherever it stands."""
    learning_rates = np.insert(rates(0.0625, 0.0078125), place, TOO_LARGE)
    # Off the best fit for certain, so that the gradient cannot be 0.
    arguments = data.params, data.x + 1, data.y + 20, learning_rates, 8
    losses = learning_rate_search.expected(*arguments)[1].value
    finite = np.where(losses < 1e30, losses, np.inf)
    first, second = np.sort(finite)[:2]
    best_rate = learning_rates[np.argmin(finite)]
    # Of what does not diverge the larger one, for every seed.
    assume(best_rate == rates(0.0625)[0] and second - first > 1e-3 * second)
    assume(np.max(losses) > 1e60)
    expected = Expected((np.float64(best_rate), losses), (np.zeros(()), np.zeros(3)))
    learning_rate_search.agrees(*arguments, expected=expected, part=0)
    # Where none is finite any rate will do, so that a single one is the answer.
    diverging = rates(2.0**20)
    due = Expected((diverging[0], losses[losses > 1e60]), (np.zeros(()), np.zeros(1)))
    learning_rate_search.agrees(*arguments[:3], diverging, 8, expected=due, part=0)


@learning_rate_search.claim(points=0.5, kind=LAW, examples=2)
@given(data=houses(n=3, scales=("small",)), order=RATES)
def test_learning_rate_search_takes_the_first_on_a_tie(data, order):
    """Where every rate ends with the same loss, the first one is the answer."""
    x, order = np.tile(data.x[:1], (3, 1)), order[[0, 1, 1]] * np.float32(0.9)
    y = data.params[0] * x[:, 0] + data.params[1]  # a perfect fit: nothing moves
    expected = Expected((np.float64(order[0]), np.zeros(3)), (np.zeros(()), np.zeros(3)))
    learning_rate_search.agrees(data.params, x, y, order, 3, expected=expected)
    # A loss of exactly 0 is the smallest there is, and one that is nearly as small is larger.
    model, house, price = np.array([0, 1], np.float32), np.zeros((1, 1), np.float32), rates(0)
    learning_rate_search.agrees(model, house, price, rates(0.25, 0.5, 0.125), 1)
    learning_rate_search.agrees(model, house, price, rates(0.125, 0.12501, 0.12502), 1)


@learning_rate_search.claim(points=0.5, kind=METHOD)
def test_learning_rate_search_does_not_loop():
    """The rates are carried by a transformation; a loop over the epochs is allowed."""
    learning_rate_search.does_not_loop(
        lambda k: (ones(2), ones(3, 1), ones(3), ones(k) / 8, 3), over="rates"
    )


@ensemble_prediction.claim(points=0.25)
@given(params=parameters(3), x=numbers(shape=(2, 1)), size=options(1, 512, SMALL, FAR))
def test_ensemble_prediction_begins_with_the_mean(params, x, size):
    """Entry i of the first item is the mean over the models of their predictions for x[i]."""
    if size == FAR:  # beyond what a float32 holds, where all are
        params = np.ones_like(params)
    if size != 1:
        x = np.abs(x) + 8
    ensemble_prediction.agrees(params * np.float32(size), x, part=0)


@ensemble_prediction.claim(points=0.25)
@given(params=parameters(3), x=numbers(shape=(2, 1)))
def test_ensemble_prediction_ends_with_the_deviation(params, x):
    """Entry i of the second item is the population standard deviation over the models."""
    ensemble_prediction.agrees(params, x, part=1)
    # Models that agree on large prices: what subtracts one large number from another is lost.
    near = params / 64 + np.array([64, 512], np.float32)
    ensemble_prediction.agrees(near, 8 * x + 60, part=1)


@ensemble_prediction.claim(points=0.25, kind=LAW, examples=3)
@given(params=parameters(2), x=numbers(shape=(2, 1)))
def test_ensemble_prediction_of_one_model_and_one_house(params, x):
    """One model and one house give vectors of one entry; two and two give vectors of two."""
    ensemble_prediction.agrees(params[:1], x[:1])
    ensemble_prediction.agrees(params, x)
    # One of many is far off, and counts like the others.
    outlier = np.concatenate([np.tile(params, (20, 1)), params[:1] + np.float32(64)])
    ensemble_prediction.agrees(outlier, x, part=1)


@ensemble_prediction.claim(points=0.25, kind=METHOD)
def test_ensemble_prediction_does_not_loop():
    """The models are carried by a transformation, not by a Python loop."""
    ensemble_prediction.does_not_loop(lambda m: (ones(m, 2), ones(3, 1)), over="models")
    amid = np.where(np.arange(MANY)[:, None] == MANY // 2, np.float32(512), ones(1, 2))
    ensemble_prediction.agrees_on_many(amid, ones(3, 1), meaning="One amid many models counts")
    line = np.array([[1, 2], [3, 1]], np.float32)
    ensemble_prediction.agrees_on_many(line, amid[:, :1], meaning="Each of many houses counts")


@personalize.claim(points=1, examples=6)
@given(data=cities(c=2, n=3), n_epochs=options(3, 1, 103), prices=options("small", "large", ""))
def test_personalize_trains_a_model_for_every_user(data, n_epochs, prices):
    """Row i of the answer is where training from zeros on user i's data leads."""
    personalize.agrees(data.x, data.y, data.learning_rate, n_epochs)
    # Small prices are learned as well, and large ones, and what diverges is what comes out.
    if prices == "small":
        personalize.agrees(data.x, data.y / 1024, data.learning_rate, n_epochs)
    elif prices == "large":
        personalize.agrees(data.x, (data.y + 8) * 4096, data.learning_rate, n_epochs)
    else:
        personalize.agrees(data.x + 1, data.y + 1, np.array(2**20, np.float32), 8)
    if n_epochs == 1:  # as many users as examples, and a single one of each
        for n in (2, 1):
            some = data.x[:n, :n].copy(), data.y[:n, :n].copy()
            personalize.agrees(*some, data.learning_rate, 1)


@personalize.claim(points=1, kind=METHOD, examples=1)
@given(x=numbers(shape=(5, 3, 1)), y=numbers(shape=(5, 3)), learning_rate=learning_rates())
def test_personalize_serves_10000_users_in_one_call(x, y, learning_rate):
    """10,000 users are trained in one call, without a Python loop; one over epochs is allowed."""
    # First of all, or what follows would take minutes.
    personalize.does_not_loop(lambda u: (ones(u, 3, 1), ones(u, 3), rate, 3), over="users")
    y = y + 8  # so that nobody's best model is 0
    users = np.tile(x, (2001, 1, 1)), np.tile(y, (2001, 1))
    due = personalize.expected(x, y, learning_rate, 3)
    expected = Expected(np.tile(due.value, (2001, 1)), np.tile(due.error, (2001, 1)))
    personalize.agrees(*users, learning_rate, 3, expected=expected)


@log_likelihoods.claim(points=1)
@given(samples=parameters(2), data=houses(n=3, scales=("small",)), noise_scale=noise_scales())
def test_log_likelihoods_is_the_normal_density(samples, data, noise_scale):
    """Entry i of the answer is the log density of y under sample i, constants included."""
    log_likelihoods.agrees(samples, data.x, data.y, noise_scale)


@log_likelihoods.claim(points=0.25, kind=LAW, examples=2)
@given(samples=parameters(3), data=houses(n=3, scales=("small",)), noise_scale=noise_scales())
def test_log_likelihoods_of_one_sample_and_one_house(samples, data, noise_scale):
    """One sample and one house give a vector of one entry, three and three one of three."""
    one, x, y = samples[:1], data.x[:1], data.y[:1]
    log_likelihoods.agrees(one, x, y, noise_scale / 32)
    # Of a density of nearly 1 the logarithm is nearly 0, and beyond all numbers it is -inf.
    log_likelihoods.agrees(one, 0 * x, one[0, 1:], np.array(0.3987, np.float32))
    log_likelihoods.agrees(one, x, y + FAR, noise_scale)
    log_likelihoods.agrees(samples, data.x, data.y, noise_scale)


@log_likelihoods.claim(points=0.25, kind=LAW, examples=2)
@given(samples=parameters(5), data=houses(n=120, scales=("article",)), noise_scale=noise_scales())
def test_log_likelihoods_of_1000_samples(samples, data, noise_scale):
    """1000 samples on 120 houses are evaluated in one call; the density itself would underflow."""
    line = np.array([50, 100], np.float32)
    near = line[0] * data.x[:, 0] + line[1] + data.y / 4096
    samples = samples + line  # as good as the article's
    # Nor are digits lost where prices are large, and nearly what the line says.
    for some, y in ((samples, data.y), (line + (samples - line) / 64, near)):
        few = log_likelihoods.expected(some, data.x, y, noise_scale)
        log_likelihoods.agrees(
            np.tile(some, (200, 1)),
            data.x,
            y,
            noise_scale,
            expected=Expected(np.tile(few.value, 200), np.tile(few.error, 200)),
        )
    far = np.resize(np.float32([4096, -4096]), 120) * noise_scale  # to both sides: a spread, too
    log_likelihoods.agrees(np.tile(samples, (200, 1)), data.x, data.y + far, noise_scale)


@log_likelihoods.claim(points=0.5, kind=METHOD)
def test_log_likelihoods_does_not_loop():
    """Samples and houses are carried by a transformation, not by a Python loop."""
    log_likelihoods.does_not_loop(
        lambda s: (ones(s, 2), ones(3, 1), ones(3), scale), over="samples"
    )
    log_likelihoods.does_not_loop(lambda n: (ones(3, 2), ones(n, 1), ones(n), scale), over="houses")
