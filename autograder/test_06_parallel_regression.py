"""06_parallel_regression: the article's project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, Expected, given
from jaxercise.claims.pictures import curves, line
from jaxercise.claims.strategies import cities, houses, market, options, permutations
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
predict = exercise.function("predict(params, x)", picture=curves(x="x"))
loss_fn = exercise.function("loss_fn(params, x, y)")
train_step = exercise.function(
    "train_step(params, x, y, learning_rate)", picture=line(x="x", y="y", part=0)
)
parallel_train_step = exercise.function(
    "parallel_train_step(params, x, y, learning_rate)", picture=line(x="x", y="y", part=0)
)
train = exercise.function(
    "train(params, x, y, learning_rate, n_epochs)", picture=line(x="x", y="y", part=0)
)
fit = exercise.function("fit(x, y)", picture=line(x="x", y="y"))

rate = np.array(0.125, np.float32)
ALL_SCALES = ("small", "article", "creeping", "diverging")


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


#: The last one is larger.
MANY_HOUSES = np.append(ones(MANY - 1, 1), 64 * ones(1, 1), axis=0), ones(MANY)
#: A factor with which squares overflow, and one that makes answers small and no less right.
FAR, SMALL = np.float32(2**100), np.float32(2**-14)
#: A line far above 0: what is expanded into moments loses near it what matters.
STEEP = np.array([64, 512], np.float32)


def near_steep(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Prices near that line."""
    prices: np.ndarray = STEEP[0] * x[:, 0] + STEEP[1] + y / 8
    return prices


@predict.claim(points=1)
@given(city=houses(n=3))
def test_predict_is_slope_times_size_plus_intercept(city):
    """Entry i of the answer is params[0] * x[i, 0] + params[1]; the answer has shape (n,)."""
    predict.agrees(city.params, city.x)


@predict.claim(points=0.5, kind=LAW, examples=3)
@given(city=houses(n=1))
def test_predict_of_one_house_is_a_vector(city):
    """One house gives an answer of shape (1,), also under jax.jit."""
    predict.agrees(city.params, city.x, under="jit")
    predict.agrees(city.params * FAR, city.x)
    predict.agrees(city.params * SMALL, city.x)


@predict.claim(points=0.5, kind=METHOD)
def test_predict_does_not_loop():
    """The houses are not gone through by a Python loop."""
    predict.does_not_loop(lambda n: (ones(2), ones(n, 1)), over="houses")


@loss_fn.claim(points=1)
@given(city=houses(n=5))  # with 3, a division by n - 2 is none at all
def test_loss_fn_is_the_mean_squared_error(city):
    """The answer is the mean over the houses of (prediction - price)^2, one number."""
    loss_fn.agrees(city.params, city.x, city.y)


@loss_fn.claim(points=0.5, kind=LAW, examples=3)
@given(city=houses(n=2), order=permutations(2))
def test_loss_fn_does_not_depend_on_the_order(city, order):
    """The same houses in another order have the same loss, also under jax.jit."""
    due = loss_fn.expected(city.params, city.x, city.y)
    loss_fn.agrees(city.params, city.x[order], city.y[order], expected=due, under="jit")
    # The same houses again and again change nothing, whatever else is divided by than their number.
    loss_fn.agrees(city.params, np.tile(city.x, (24, 1)), np.tile(city.y, 24), expected=due)
    # Nor does it lose digits near the line, or is less than it is far out.
    loss_fn.agrees(STEEP, city.x, near_steep(city.x, city.y))
    loss_fn.agrees(city.params * SMALL, city.x, city.y * SMALL)
    for factor in (np.float32(2**24), FAR):
        loss_fn.agrees((city.params + 1) * factor, city.x, city.y)


@loss_fn.claim(points=0.5, kind=METHOD)
def test_loss_fn_does_not_loop():
    """The houses are not gone through by a Python loop."""
    loss_fn.does_not_loop(lambda n: (ones(2), ones(n, 1), ones(n)), over="houses")
    loss_fn.agrees_on_many(ones(2), *MANY_HOUSES, meaning="The last of many houses counts")


@train_step.claim(points=2)
@given(city=houses(n=3))
def test_train_step_goes_downhill_once(city):
    """The first item of the answer is params - learning_rate * (gradient of the loss)."""
    train_step.agrees(*city, part=0)


@train_step.claim(points=1)
@given(city=houses(n=3))
def test_train_step_tells_the_loss_before_the_step(city):
    """The second item of the answer is the loss of the params that were passed in."""
    train_step.agrees(*city, part=1)


@train_step.claim(points=0.5, kind=LAW, examples=3)
@given(city=houses(n=1))
def test_train_step_composes_with_jit(city):
    """The answer is the same under jax.jit, for a single house too."""
    train_step.agrees(*city, under="jit")
    train_step.agrees(STEEP, city.x, near_steep(city.x, city.y), city.learning_rate, part=1)
    train_step.agrees((city.params + 1) * FAR, city.x, city.y, city.learning_rate)
    train_step.agrees(city.params * SMALL, city.x, city.y * SMALL, city.learning_rate)


@train_step.claim(points=0.5, kind=METHOD)
def test_train_step_does_not_loop():
    """The houses are not gone through by a Python loop."""
    train_step.does_not_loop(lambda n: (ones(2), ones(n, 1), ones(n), rate), over="houses")
    train_step.agrees_on_many(ones(2), *MANY_HOUSES, rate, meaning="The last of many houses counts")


@parallel_train_step.claim(points=1.5)
@given(data=cities(c=2, n=3))
def test_parallel_train_step_moves_every_city(data):
    """Row i of the first item is where one step takes city i with its own params and houses."""
    parallel_train_step.agrees(*data, part=0)


@parallel_train_step.claim(points=1)
@given(data=cities(c=2, n=3))
def test_parallel_train_step_tells_every_loss(data):
    """Entry i of the second item is city i's loss before the step."""
    parallel_train_step.agrees(*data, part=1)


@parallel_train_step.claim(points=0.5, kind=LAW, examples=3)
@given(data=cities(c=3, n=3, scales=("small",)))
def test_parallel_train_step_of_one_city_is_still_a_batch(data):
    """One city of one house keeps its axes, also under jit; three of three are no other case."""
    parallel_train_step.agrees(
        data.params[:1], data.x[:1, :1], data.y[:1, :1], data.learning_rate, under="jit"
    )
    parallel_train_step.agrees(*data)
    # A loss that overflows is that city's own.
    params = (data.params + 1) * np.array([[1], [FAR], [1]], np.float32)
    parallel_train_step.agrees(params, *list(data)[1:])
    parallel_train_step.agrees(data.params * SMALL, data.x, data.y * SMALL, data.learning_rate)


@parallel_train_step.claim(points=1, kind=METHOD)
def test_parallel_train_step_does_not_loop():
    """The cities are carried by a transformation, not by a Python loop."""
    parallel_train_step.does_not_loop(many_cities, over="cities")


def diverges(drawn: Mapping[str, Any]) -> bool:
    return drawn["n_epochs"] > 1 and bool(drawn["data"].learning_rate > 1)


@train.claim(points=1.5, examples=8, must_cover=[diverges])
@given(data=cities(c=2, n=3, scales=ALL_SCALES), n_epochs=options(3, 1, 103))
def test_train_ends_where_n_epochs_steps_lead(data, n_epochs):
    """The first item of the answer is the params after n_epochs steps."""
    train.agrees(*data, n_epochs, part=0)
    if n_epochs == 1:  # a single city of one house keeps both axes, and small numbers are learned
        params, x, y = data.params[:1] * SMALL, data.x[:1, :1], data.y[:1, :1] * SMALL
        train.agrees(params, x, y, data.learning_rate, 1, part=0)


@train.claim(points=1.5, examples=8, must_cover=[diverges])
@given(data=cities(c=2, n=3, scales=ALL_SCALES), n_epochs=options(3, 1, 103))
def test_train_keeps_the_losses_before_every_step(data, n_epochs):
    """Row e of the second item holds every city's loss before step e: shape (n_epochs, c)."""
    train.agrees(*data, n_epochs, part=1)
    if n_epochs == 1:  # as many cities as houses, and small numbers, change nothing
        params, x, y = data.params * SMALL, data.x[:, :2].copy(), data.y[:, :2] * SMALL
        train.agrees(params, x, y, data.learning_rate, 1, part=1)


@train.claim(points=1, kind=METHOD)
def test_train_does_not_loop_over_cities():
    """The cities are carried by a transformation; a loop over the epochs is allowed."""
    train.does_not_loop(lambda c: (*many_cities(c), 3), over="cities")
    x, y = MANY_HOUSES
    train.agrees_on_many(
        ones(1, 2), x[None], y[None], rate, 1, meaning="The last of many houses counts"
    )


@fit.claim(points=2, examples=4)
@given(data=market(c=3), c=options(1, 3, 2))
def test_fit_arrives_at_least_squares(data, c):
    """Slope and intercept of every city are within 1 % of least squares."""
    x, y = data
    fit.agrees(x[:c], y[:c], expected=least_squares(x[:c], y[:c]))


def many_cities(c: int) -> tuple[np.ndarray, ...]:
    return ones(c, 2), ones(c, 3, 1), ones(c, 3), rate


def least_squares(x: np.ndarray, y: np.ndarray) -> Expected:
    """The closed form in float64, and 1 % of it."""
    exact = np.array(
        [
            np.polyfit(sizes[:, 0].astype(np.float64), prices, 1)
            for sizes, prices in zip(x, y, strict=True)
        ]
    )
    return Expected.exactly(exact, 0.01 * np.abs(exact))
