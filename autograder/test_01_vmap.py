"""01_vmap: one example to many."""

from __future__ import annotations

import numpy as np
from jaxercise.claims import LAW, METHOD, Exercise, given
from jaxercise.claims.pictures import curves
from jaxercise.claims.strategies import (
    binary_functions,
    models,
    numbers,
    permutations,
    scalar_functions,
    vectors,
)
from jaxercise.sandboxed.families import BINARY, MODEL, SCALAR, Described
from jaxercise.sandboxed.scaling import MANY

exercise = Exercise(__file__)
batched = exercise.function("batched(f, x)", picture=curves(x="x"))
batch_predict = exercise.function("batch_predict(model, weights, features)")
ensemble_predict = exercise.function("ensemble_predict(model, weights, features)")
parallel_predict = exercise.function("parallel_predict(model, weights, features)")
column_predict = exercise.function("column_predict(model, weights, features)")
double_batched = exercise.function("double_batched(f, a, b)")
all_pairs = exercise.function("all_pairs(f, a, b)")

square = Described(SCALAR, SCALAR.vector(p2=1))
weighted = Described(MODEL, MODEL.vector(ranked=1))
mixed = Described(BINARY, BINARY.vector(x=1, xxy=1))

#: A factor that makes answers small, and no less right.
SMALL = 2**-14


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


#: Of many no two are alike, so that each of them shows.
ramp = np.linspace(-2, 2, MANY, dtype=np.float32)
table = np.stack([ramp, ramp[::-1]], axis=1)
EACH = "Each of many counts"


@batched.claim(points=1)
@given(f=scalar_functions(), x=vectors(n=4, distinct=True))
def test_batched_applies_f_to_every_entry(f, x):
    """Entry i of the answer is f(x[i])."""
    batched.agrees(f, x)


@batched.claim(points=0.5, kind=LAW, examples=3)
@given(f=scalar_functions(), x=vectors(n=1))
def test_batched_of_one_is_still_a_batch(f, x):
    """A vector of one entry gives a vector of one entry, and large values stay as they are."""
    batched.agrees(f.scaled(2**24), x)
    four = np.concatenate([x, x + 1, x - 2, x + 3])  # as many as the other claim has
    batched.agrees(square, np.float32(64.123) * four)
    batched.agrees(f.scaled(SMALL), x)


@batched.claim(points=0.5, kind=METHOD)
def test_batched_does_not_loop():
    """f is mapped over x by a transformation, not by a Python loop."""
    batched.does_not_loop(lambda n: (square, ones(n)), over="entries")
    batched.agrees_on_many(square, ramp, meaning=EACH)


@batch_predict.claim(points=1)
@given(model=models(), weights=vectors(n=3), features=numbers(shape=(2, 3), wide=True))
def test_batch_predict_is_one_model_on_every_row(model, weights, features):
    """Entry i of the answer is model(weights, features[i])."""
    batch_predict.agrees(model, weights, features)


@batch_predict.claim(points=0.5, kind=LAW, examples=3)
@given(model=models(), weights=vectors(n=2, wide=True), features=numbers(shape=(2, 2)))
def test_batch_predict_of_a_row_alone_is_its_entry(model, weights, features):
    """A row predicted alone, as a batch of one, gives its entry of the whole batch's answer."""
    batch_predict.relates(
        model,
        weights,
        features[1:],
        to=(model, weights, features),
        by=lambda whole: whole[1:],
        meaning="That row gets the expected value when it stands in a batch",
    )
    batch_predict.agrees(model, weights[:1], features[:1, :1].copy())
    batch_predict.agrees(model.scaled(SMALL), weights, features)


@batch_predict.claim(points=0.5, kind=METHOD)
def test_batch_predict_does_not_loop():
    """The model is mapped over the rows by a transformation, not by a Python loop."""
    batch_predict.does_not_loop(lambda n: (weighted, ones(2), ones(n, 2)), over="rows")
    batch_predict.agrees_on_many(weighted, ones(2), table, meaning=EACH)


@ensemble_predict.claim(points=1)
@given(model=models(), weights=numbers(shape=(2, 3), wide=True), features=vectors(n=3))
def test_ensemble_predict_is_every_model_on_one_example(model, weights, features):
    """Entry i of the answer is model(weights[i], features)."""
    ensemble_predict.agrees(model, weights, features)


@ensemble_predict.claim(points=0.5, kind=LAW, examples=3)
@given(
    model=models(),
    weights=numbers(shape=(2, 2)),
    features=vectors(n=2, wide=True),
)
def test_ensemble_predict_takes_rows_where_columns_would_fit(model, weights, features):
    """Where the table is square, the models are its rows; one model alone is a batch of one."""
    ensemble_predict.agrees(model, weights, features)
    ensemble_predict.agrees(model, weights[:1, :1].copy(), features[:1])
    ensemble_predict.agrees(model.scaled(SMALL), weights, features)


@ensemble_predict.claim(points=0.5, kind=METHOD)
def test_ensemble_predict_does_not_loop():
    """The models are carried by a transformation, not by a Python loop."""
    ensemble_predict.does_not_loop(lambda m: (weighted, ones(m, 2), ones(2)), over="models")
    ensemble_predict.agrees_on_many(weighted, table, ones(2), meaning=EACH)


@parallel_predict.claim(points=1)
@given(
    model=models(),
    weights=numbers(shape=(2, 3), wide=True),
    features=numbers(shape=(2, 3), wide=True),
)
def test_parallel_predict_is_model_i_on_example_i(model, weights, features):
    """Entry i of the answer is model(weights[i], features[i])."""
    parallel_predict.agrees(model, weights, features)


@parallel_predict.claim(points=0.5, kind=LAW, examples=3)
@given(
    model=models(),
    weights=numbers(shape=(3, 3)),
    features=numbers(shape=(3, 3)),
)
def test_parallel_predict_follows_the_order(model, weights, features):
    """Turning models and examples around together turns the answer around; one pair is a batch."""
    parallel_predict.relates(
        model,
        weights[::-1],
        features[::-1],
        to=(model, weights, features),
        by=lambda whole: whole[::-1],
        meaning="The expected values are your own answer to the other order, turned around",
    )
    parallel_predict.agrees(model, weights[:1, :1].copy(), features[:1, :1].copy())
    parallel_predict.agrees(model.scaled(SMALL), weights, features)


@parallel_predict.claim(points=0.5, kind=METHOD)
def test_parallel_predict_does_not_loop():
    """Models and examples are carried by a transformation, not by a Python loop."""
    parallel_predict.does_not_loop(lambda n: (weighted, ones(n, 2), ones(n, 2)), over="rows")
    parallel_predict.agrees_on_many(weighted, table, table, meaning=EACH)


@column_predict.claim(points=1)
@given(model=models(), weights=vectors(n=3), features=numbers(shape=(3, 2), wide=True))
def test_column_predict_is_one_model_on_every_column(model, weights, features):
    """Entry i of the answer is model(weights, features[:, i])."""
    column_predict.agrees(model, weights, features)


@column_predict.claim(points=0.5, kind=LAW, examples=3)
@given(model=models(), weights=vectors(n=2, wide=True), features=numbers(shape=(2, 2)))
def test_column_predict_takes_columns_where_rows_would_fit(model, weights, features):
    """Where the table is square, the examples are its columns; one column is a batch of one."""
    column_predict.agrees(model, weights, features)
    column_predict.agrees(model, 64 * weights[:1], features[:1, :1].copy())
    column_predict.agrees(model.scaled(SMALL), weights, features)


@column_predict.claim(points=0.5, kind=METHOD)
def test_column_predict_does_not_loop():
    """The columns are carried by a transformation, not by a Python loop."""
    column_predict.does_not_loop(lambda n: (weighted, ones(2), ones(2, n)), over="columns")
    column_predict.agrees_on_many(weighted, ones(2), table.T.copy(), meaning=EACH)


@double_batched.claim(points=1)
@given(f=binary_functions(), a=numbers(shape=(2, 3), wide=True), b=numbers(shape=(2, 3), wide=True))
def test_double_batched_goes_entry_by_entry(f, a, b):
    """Entry [i, j] of the answer is f(a[i, j], b[i, j])."""
    double_batched.agrees(f, a, b)


@double_batched.claim(points=0.5, kind=LAW, examples=3)
@given(f=binary_functions(), a=numbers(shape=(3, 3)), b=numbers(shape=(3, 3)))
def test_double_batched_keeps_a_single_row_and_column(f, a, b):
    """One row gives one row, one column gives one column, and a square table is no other case."""
    double_batched.agrees(f, a[:1], b[:1])
    double_batched.agrees(f, a[:, :1].copy(), b[:, :1].copy())
    double_batched.agrees(f, a, b)
    double_batched.agrees(f.scaled(SMALL), a, b)


@double_batched.claim(points=0.5, kind=METHOD)
def test_double_batched_does_not_loop():
    """Rows and columns are carried by transformations, not by Python loops."""
    double_batched.does_not_loop(lambda r: (mixed, ones(r, 3), ones(r, 3)), over="rows")
    double_batched.does_not_loop(lambda c: (mixed, ones(3, c), ones(3, c)), over="columns")


@all_pairs.claim(points=1)
@given(
    f=binary_functions(),
    a=vectors(n=3, distinct=True, wide=True),
    b=vectors(n=2, distinct=True, wide=True),
)
def test_all_pairs_is_f_on_every_pair(f, a, b):
    """Entry [i, j] of the answer is f(a[i], b[j])."""
    all_pairs.agrees(f, a, b)


@all_pairs.claim(points=0.5, kind=LAW, examples=3)
@given(
    f=binary_functions(),
    a=vectors(n=2, distinct=True),
    order=permutations(2),
)
def test_all_pairs_follows_the_order_of_a(f, a, order):
    """Reordering a reorders the rows; a and b may be equally long, or of one entry."""
    b = a + np.float32(0.5)
    all_pairs.relates(
        f,
        a[order],
        b,
        to=(f, a, b),
        by=lambda whole: whole[order],
        meaning="The expected values are your own answer to the other order, its rows reordered",
    )
    all_pairs.agrees(f, a[:1], b[:1])
    all_pairs.agrees(f.scaled(SMALL), 64 * a, 64 * b)


@all_pairs.claim(points=0.5, kind=METHOD)
def test_all_pairs_does_not_loop():
    """Pairs are made by transformations, not by Python loops."""
    all_pairs.does_not_loop(lambda n: (mixed, ones(n), ones(3)), over="entries of a")
    all_pairs.does_not_loop(lambda m: (mixed, ones(3), ones(m)), over="entries of b")
    all_pairs.agrees_on_many(mixed, ramp, ones(3), meaning=EACH)
    all_pairs.agrees_on_many(mixed, ones(3), ramp, meaning=EACH)
