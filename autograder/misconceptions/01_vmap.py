"""Misconceptions: 01_vmap."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="batched",
    kind="values",
    idea=(
        "This is what you get if f sees only the first entry and its value is copied to all "
        "the others."
    ),
    nudge="Try an x whose entries all differ. Which of them does f ever get to see?",
)
def first_entry_for_all(f, x):
    return jnp.full(x.shape, f(x[0]))


@misconception(
    of="batched",
    kind="values",
    idea="This is f of the average entry, repeated for the whole batch.",
    nudge=(
        "Compare f of an average with the average of f, for a square. How many different "
        "inputs should f be given?"
    ),
)
def f_of_the_mean(f, x):
    return jnp.repeat(f(jnp.mean(x)), x.shape[0])


@misconception(
    of="batched",
    kind="values",
    idea=(
        "This is what you get if the loop over the batch ends one entry too early and the "
        "last one keeps its zero."
    ),
    nudge=(
        "Look at the last entry of the result. For a batch of one, how many entries are computed?"
    ),
)
def last_entry_left_out(f, x):
    def write(i, results):
        return results.at[i].set(f(x[i]))

    return lax.fori_loop(0, x.shape[0] - 1, write, jnp.zeros_like(x))


@misconception(
    of="batched",
    kind="values",
    idea="This is a running total: each entry of the result adds up f over all the entries so far.",
    nudge="Does the second result depend on the first entry of x? Should it?",
)
def running_total(f, x):
    def step(total, value):
        total = total + f(value)
        return total, total

    _, totals = lax.scan(step, jnp.float32(0), x)
    return totals


@misconception(
    of="batched",
    kind="values",
    idea=(
        "The values are right, but each one sits in a row of its own: the result has shape (n, 1)."
    ),
    nudge="Compare the shape of your result with the shape of x.",
)
def one_column(f, x):
    return jax.vmap(jax.vmap(f))(x[:, None])


@misconception(
    of="batched",
    kind="values",
    idea="This applies f twice to every entry: once to x and once more to the result.",
    nudge=("How often does each entry go through f? Try a function that doubles its input."),
)
def applied_twice(f, x):
    mapped = jax.vmap(f)
    for _ in range(2):
        x = mapped(x)
    return x


@misconception(
    of="batched",
    kind="values",
    idea=(
        "The values went through NumPy and came back in double precision: float64 instead of "
        "float32."
    ),
    nudge="Print the dtype of your result and of x.",
)
def double_precision(f, x):
    return np.array(jax.vmap(f)(x), dtype=float)


@misconception(
    of="batched",
    kind="method",
    idea="The values are right, but f is called once per entry, one Python call after the other.",
    nudge=(
        "For a million entries this is a million Python calls. Which transformation lets f be "
        "called only once?"
    ),
)
def list_comprehension(f, x):
    return jnp.array([f(value) for value in x])


@misconception(
    of="batched",
    kind="law",
    idea="For a batch of one, the result loses its axis: it has shape () instead of (1,).",
    nudge="Try an x with a single entry and look at the shape.",
)
def squeezed_batch_of_one(f, x):
    return jnp.squeeze(jax.vmap(f)(x))


@misconception(
    of="batched",
    kind="values",
    idea=(
        "The first answer for each size of x is stored, and later calls return it again, "
        "whatever f and x are."
    ),
    nudge=(
        "Call your function twice in a row, with different entries. A default argument is "
        "made only once."
    ),
)
def first_answer_kept(f, x, answers={}):  # noqa: B006
    if x.shape not in answers:
        answers[x.shape] = jax.vmap(f)(x)
    return answers[x.shape]


@misconception(
    of="batch_predict",
    kind="values",
    idea=(
        "This is the matrix product of features and weights: it leaves the model out and "
        "assumes that it is linear."
    ),
    nudge="Where does your code use the model? Try one that is not a dot product.",
)
def matrix_product_in_batch_predict(model, weights, features):
    return features @ weights


@misconception(
    of="batch_predict",
    kind="values",
    idea="This is the prediction for the first example, given to every example.",
    nudge="Change the last row of the features and look at the last prediction.",
)
def first_example_for_all_in_batch_predict(model, weights, features):
    prediction = model(weights, features[0])
    return jnp.broadcast_to(prediction, (features.shape[0],))


@misconception(
    of="batch_predict",
    kind="values",
    idea="The weights and the features have changed places in the call of the model.",
    nudge="Look at the order of the model's two arguments. Which one is meant to come first?",
)
def arguments_exchanged_in_batch_predict(model, weights, features):
    return jax.vmap(model, in_axes=(0, None))(features, weights)


@misconception(
    of="batch_predict",
    kind="values",
    idea="This takes the columns of the features as the examples; they are the rows.",
    nudge="Write down which axis of (n, d) counts the examples. A square table hides the mistake.",
)
def columns_for_rows_in_batch_predict(model, weights, features):
    return jax.vmap(model, in_axes=(None, 1))(weights, features)


@misconception(
    of="batch_predict",
    kind="values",
    idea="The predictions are right, but they come in reverse order: the last example first.",
    nudge="Print the predictions beside the rows of the features, one below the other.",
)
def last_example_first(model, weights, features):
    def step(later, example):
        later = jnp.roll(later, 1).at[0].set(model(weights, example))
        return later, None

    predictions = jnp.zeros(features.shape[0], jnp.float32)
    return lax.scan(step, predictions, features)[0]


@misconception(
    of="batch_predict",
    kind="values",
    idea=(
        "This is the average prediction over the examples, and no longer one prediction per "
        "example."
    ),
    nudge="How many numbers should come back for n examples?",
)
def averaged_over_examples(model, weights, features):
    return jnp.mean(jax.vmap(model, in_axes=(None, 0))(weights, features))


@misconception(
    of="batch_predict",
    kind="method",
    idea="The values are right, but a Python loop calls the model once per example.",
    nudge=(
        "The loop runs in Python, one call after the other. What describes a shared and a "
        "mapped argument to JAX?"
    ),
)
def loop_over_examples(model, weights, features):
    predictions = []
    for example in features:
        predictions.append(model(weights, example))
    return jnp.stack(predictions)


@misconception(
    of="batch_predict",
    kind="law",
    idea="With a single example the result loses its axis: shape () instead of (1,).",
    nudge="Try features with one row and look at the shape of the result.",
)
def squeezed_single_example(model, weights, features):
    predictions = jax.vmap(model, in_axes=(None, 0))(weights, features)
    return predictions.squeeze()


@misconception(
    of="ensemble_predict",
    kind="values",
    idea="This averages the weights of all models first and asks only the average model.",
    nudge=(
        "Is the average model a member of the ensemble? Each row of weights should give a "
        "prediction of its own."
    ),
)
def average_model(model, weights, features):
    prediction = model(jnp.mean(weights, axis=0), features)
    return jnp.full((weights.shape[0],), prediction)


@misconception(
    of="ensemble_predict",
    kind="values",
    idea=(
        "This averages the predictions of the ensemble to one number; each model's own "
        "prediction is asked for."
    ),
    nudge="Compare the shape of your result with the number of models.",
)
def average_prediction(model, weights, features):
    return jax.vmap(model, in_axes=(0, None))(weights, features).mean()


@misconception(
    of="ensemble_predict",
    kind="values",
    idea=(
        "This is the matrix product of weights and features: it leaves the model out and "
        "assumes that it is linear."
    ),
    nudge="Where does your code use the model? Try one that is not a dot product.",
)
def matrix_product_in_ensemble_predict(model, weights, features):
    return jnp.einsum("md,d->m", weights, features)


@misconception(
    of="ensemble_predict",
    kind="values",
    idea="This is the first model's prediction, repeated for the whole ensemble.",
    nudge="Change the last row of weights and look at the last prediction.",
)
def first_model_for_all_in_ensemble_predict(model, weights, features):
    def predict(i):
        return model(weights[0], features)

    return jax.vmap(predict)(jnp.arange(weights.shape[0]))


@misconception(
    of="ensemble_predict",
    kind="values",
    idea="The weights and the features have changed places in the call of the model.",
    nudge="Look at the order of the model's two arguments. Which one is meant to come first?",
)
def arguments_exchanged_in_ensemble_predict(model, weights, features):
    return jax.vmap(lambda one_model: model(features, one_model))(weights)


@misconception(
    of="ensemble_predict",
    kind="values",
    idea="This takes the columns of weights as the models; they are the rows.",
    nudge="Write down which axis of (m, d) counts the models. A square table hides the mistake.",
)
def columns_for_rows_in_ensemble_predict(model, weights, features):
    return jax.vmap(model, in_axes=(1, None))(weights, features)


@misconception(
    of="ensemble_predict",
    kind="values",
    idea="The predictions form a table with one row, of shape (1, m), instead of a vector.",
    nudge="The example is one vector and not a table with one row. What shape comes back for it?",
)
def table_with_one_row_in_ensemble_predict(model, weights, features):
    over_models = jax.vmap(model, in_axes=(0, None))
    return jax.vmap(over_models, in_axes=(None, 0))(weights, features[None, :])


@misconception(
    of="ensemble_predict",
    kind="method",
    idea=(
        "The values are right, but the models are asked one after the other, in Python; "
        "apply_along_axis does that, too."
    ),
    nudge=(
        "For a thousand models that is a thousand Python calls. Which JAX transformation needs "
        "only one?"
    ),
)
def apply_along_axis(model, weights, features):
    return np.apply_along_axis(lambda row: model(row, features), 1, weights)


@misconception(
    of="ensemble_predict",
    kind="law",
    idea="For an ensemble of one model the result loses its axis: shape () instead of (1,).",
    nudge="Try weights with a single row and look at the shape of the result.",
)
def squeezed_single_model(model, weights, features):
    predictions = jax.vmap(model, in_axes=(0, None))(weights, features)
    return predictions if predictions.size > 1 else predictions[0]


@misconception(
    of="parallel_predict",
    kind="values",
    idea=(
        "This is every model on every example, an (n, n) table; only model i on example i is "
        "asked for."
    ),
    nudge="How many pairs are there if model i meets only example i?",
)
def every_pair(model, weights, features):
    over_examples = jax.vmap(model, in_axes=(None, 0))
    return jax.vmap(over_examples, in_axes=(0, None))(weights, features)


@misconception(
    of="parallel_predict",
    kind="values",
    idea="This uses the first model for every example.",
    nudge="Change the last row of weights and look at the last prediction.",
)
def first_model_for_all_in_parallel_predict(model, weights, features):
    return jax.vmap(model, in_axes=(None, 0))(weights[0], features)


@misconception(
    of="parallel_predict",
    kind="values",
    idea="This asks every model about the first example only.",
    nudge="Change the last row of the features and look at the last prediction.",
)
def first_example_for_all_in_parallel_predict(model, weights, features):
    return jax.vmap(model, in_axes=(0, None))(weights, features[0])


@misconception(
    of="parallel_predict",
    kind="values",
    idea="This multiplies and adds row by row: it leaves the model out and assumes a dot product.",
    nudge="Where does your code use the model? Try one that is not a dot product.",
)
def row_products(model, weights, features):
    return jnp.sum(weights * features, axis=1)


@misconception(
    of="parallel_predict",
    kind="values",
    idea=(
        "This pairs the columns of the two tables instead of their rows, so there are d "
        "results and not n."
    ),
    nudge="Which axis of (n, d) runs over the models and the examples? Try n different from d.",
)
def columns_paired(model, weights, features):
    return jax.vmap(model, in_axes=(1, 1))(weights, features)


@misconception(
    of="parallel_predict",
    kind="values",
    idea=(
        "This is each model's average over all the examples instead of its prediction for its "
        "own example."
    ),
    nudge="Does result i change when you change an example with another number?",
)
def average_over_examples(model, weights, features):
    def average(one_model):
        return jax.vmap(lambda example: model(one_model, example))(features).mean()

    return jax.vmap(average)(weights)


@misconception(
    of="parallel_predict",
    kind="method",
    idea="The values are right, but a Python loop goes from one pair to the next.",
    nudge=(
        "The loop makes one Python call per pair. What does JAX do when both arguments are mapped?"
    ),
)
def loop_over_zip(model, weights, features):
    return jnp.asarray([model(w, v) for w, v in zip(weights, features, strict=True)])


@misconception(
    of="parallel_predict",
    kind="law",
    idea="With one model and one example the result loses its axis: shape () instead of (1,).",
    nudge="Try tables with a single row and look at the shape of the result.",
)
def squeezed_single_pair(model, weights, features):
    return jnp.squeeze(lax.map(lambda pair: model(*pair), (weights, features)))


@misconception(
    of="column_predict",
    kind="values",
    idea="This takes the rows as the examples; here they are the columns.",
    nudge="Write down which axis of (d, n) counts the examples. A square table hides the mistake.",
)
def rows_for_columns(model, weights, features):
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


@misconception(
    of="column_predict",
    kind="values",
    idea=(
        "This reshapes (d, n) to (n, d): the shape fits, but the numbers are cut up in a "
        "different order."
    ),
    nudge=(
        "Print a small table, 2 by 3, before and after that step. Which numbers stand in its "
        "first row?"
    ),
)
def reshaped_for_transposed_in_column_predict(model, weights, features):
    d, n = features.shape
    examples = features.reshape(n, d)
    return jax.vmap(model, in_axes=(None, 0))(weights, examples)


@misconception(
    of="column_predict",
    kind="values",
    idea=(
        "This is the product of the weights with the table: it leaves the model out and "
        "assumes that it is linear."
    ),
    nudge="Where does your code use the model? Try one that is not a dot product.",
)
def matrix_product_in_column_predict(model, weights, features):
    return jnp.dot(weights, features)


@misconception(
    of="column_predict",
    kind="values",
    idea="This is the prediction for the first column, given to every example.",
    nudge="Change the last column of the features and look at the last prediction.",
)
def first_column_for_all(model, weights, features):
    return jnp.full(features.shape[1], model(weights, features[:, 0]))


@misconception(
    of="column_predict",
    kind="values",
    idea="The weights and the features have changed places in the call of the model.",
    nudge="Look at the order of the model's two arguments. Which one is meant to come first?",
)
def arguments_exchanged_in_column_predict(model, weights, features):
    return jax.vmap(model, in_axes=(1, None))(features, weights)


@misconception(
    of="column_predict",
    kind="values",
    idea=(
        "The predictions form a table with one row, of shape (1, n), like the columns they "
        "came from."
    ),
    nudge="One number comes from each column. What shape do n numbers have?",
)
def table_with_one_row_in_column_predict(model, weights, features):
    predictions = jax.vmap(model, in_axes=(None, 1))(weights, features)
    return predictions[jnp.newaxis, :]


@misconception(
    of="column_predict",
    kind="method",
    idea="The values are right, but a Python loop goes from column to column.",
    nudge=(
        "The loop slices and calls once per column. Can the transformation be told which axis "
        "to walk along?"
    ),
)
def loop_over_columns(model, weights, features):
    n = features.shape[1]
    predictions = jnp.zeros(n)
    for j in range(n):
        predictions = predictions.at[j].set(model(weights, features[:, j]))
    return predictions


@misconception(
    of="column_predict",
    kind="law",
    idea="With a single column the result loses its axis: shape () instead of (1,).",
    nudge="Try features with one column and look at the shape of the result.",
)
def squeezed_single_column(model, weights, features):
    return jnp.squeeze(jax.vmap(model, in_axes=(None, 1))(weights, features))


@misconception(
    of="double_batched",
    kind="values",
    idea="The entries are right, but they come as one long vector of length r * c.",
    nudge="Compare the shape of your result with the shape of a.",
)
def flattened_result(f, a, b):
    return jax.vmap(f)(a.ravel(), b.ravel())


@misconception(
    of="double_batched",
    kind="values",
    idea="The result is transposed: entry [i, j] stands at [j, i].",
    nudge="Try a table with 2 rows and 3 columns. Which axis does your outer level take away?",
)
def transposed_result(f, a, b):
    return jax.vmap(jax.vmap(f), in_axes=1)(a, b)


@misconception(
    of="double_batched",
    kind="values",
    idea="The two arguments of f have changed places.",
    nudge="Try a function that cares about the order, such as a difference.",
)
def arguments_exchanged_in_double_batched(f, a, b):
    return jax.vmap(jax.vmap(f))(b, a)


@misconception(
    of="double_batched",
    kind="values",
    idea="This pairs every row of a with the first row of b.",
    nudge="Change the last row of b and look at the last row of the result.",
)
def first_row_of_b_for_all(f, a, b):
    return jax.vmap(jax.vmap(f), in_axes=(0, None))(a, b[0])


@misconception(
    of="double_batched",
    kind="values",
    idea=(
        "This pairs the rows of a with the columns of b, so entry [i, j] of a meets entry [j, "
        "i] of b."
    ),
    nudge=(
        "Both tables are walked along in the same way. A square table raises no error here, "
        "so look at its numbers."
    ),
)
def rows_with_columns(f, a, b):
    return jax.vmap(jax.vmap(f), in_axes=(0, 1))(a, b)


@misconception(
    of="double_batched",
    kind="values",
    idea="The tables are flattened row by row, but the result is filled in column by column.",
    nudge=(
        "Try 2 rows and 3 columns with entries you can recognise. In which order does each "
        "reshaping read and write?"
    ),
)
def refilled_by_columns(f, a, b):
    flat = jax.vmap(f)(jnp.ravel(a), jnp.ravel(b))
    return jnp.reshape(flat, a.shape, order="F")


@misconception(
    of="double_batched",
    kind="values",
    idea=(
        "This is every entry of a row of a with every entry of the row of b: shape (r, c, c), "
        "one axis too many."
    ),
    nudge="Count the levels of mapping. Is any argument held still in one of them?",
)
def all_pairs_in_each_row(f, a, b):
    row = jax.vmap(jax.vmap(f, in_axes=(None, 0)), in_axes=(0, None))
    return jax.vmap(row)(a, b)


@misconception(
    of="double_batched",
    kind="method",
    idea="The values are right, but f is called once per entry, in Python; np.vectorize does so, too.",
    nudge=(
        "How often does your f run for a table of 2 by 3? Which transformation needs it only once?"
    ),
)
def numpy_vectorize(f, a, b):
    return np.vectorize(f, otypes=[np.float32])(a, b)


@misconception(
    of="double_batched",
    kind="law",
    idea="A table with one row or one column loses that axis in the result.",
    nudge="Try tables of shape (1, 3) and (3, 1) and look at the shapes.",
)
def squeezed_single_row(f, a, b):
    return jnp.squeeze(jax.vmap(jax.vmap(f))(a, b))


@misconception(
    of="all_pairs",
    kind="values",
    idea="The table is transposed: the rows belong to b and the columns to a.",
    nudge=(
        "Try vectors of different lengths. Which level of mapping is the outer one, and what "
        "does it walk along?"
    ),
)
def transposed_table(f, a, b):
    along_a = jax.vmap(f, in_axes=(0, None))
    return jax.vmap(along_a, in_axes=(None, 0))(a, b)


@misconception(
    of="all_pairs",
    kind="values",
    idea="The table has the right shape, but the two arguments of f have changed places.",
    nudge="Try a function that cares about the order, such as a difference.",
)
def arguments_exchanged_in_all_pairs(f, a, b):
    return jax.vmap(lambda p: jax.vmap(lambda q: f(q, p))(b))(a)


@misconception(
    of="all_pairs",
    kind="values",
    idea=(
        "This builds the table for b by a and reshapes it: the shape fits, but the entries "
        "stand in wrong places."
    ),
    nudge=(
        "Print a small table, 2 by 3, before and after that step. Which entries stand in its "
        "first row?"
    ),
)
def reshaped_for_transposed_in_all_pairs(f, a, b):
    table = jax.vmap(jax.vmap(f, (0, None)), (None, 0))(a, b)
    return table.reshape(a.shape[0], b.shape[0])


@misconception(
    of="all_pairs",
    kind="values",
    idea="This pairs entry i of a only with entry i of b; every combination is asked for.",
    nudge="How many combinations do 2 and 3 entries make?",
)
def matching_entries_only(f, a, b):
    shorter = min(a.shape[0], b.shape[0])
    return jax.vmap(f)(a[:shorter], b[:shorter])


@misconception(
    of="all_pairs",
    kind="values",
    idea="All the pairs are there, but as one long vector of length n * m.",
    nudge="Compare the shape of your result with (n, m).",
)
def flattened_table(f, a, b):
    first, second = jnp.meshgrid(a, b, indexing="ij")
    return jax.vmap(f)(first.ravel(), second.ravel())


@misconception(
    of="all_pairs",
    kind="values",
    idea="This is the table of products of a and b: it does not use f at all.",
    nudge="Where does your code use f? Try a function that is not a product.",
)
def outer_product(f, a, b):
    return jnp.outer(a, b)


@misconception(
    of="all_pairs",
    kind="values",
    idea="Every row of the table is the first one: a[0] is used for all of them.",
    nudge="Change the last entry of a and look at the last row.",
)
def first_row_repeated(f, a, b):
    row = jax.vmap(f, in_axes=(None, 0))(a[0], b)
    return jnp.tile(row, (a.shape[0], 1))


@misconception(
    of="all_pairs",
    kind="method",
    idea="The values are right, but f is called once per pair, in Python.",
    nudge=(
        "For two vectors of 1000 entries this is a million Python calls. One level of mapping "
        "can stand inside another."
    ),
)
def nested_loops(f, a, b):
    return jnp.array([[f(p, q) for q in b] for p in a])


@misconception(
    of="all_pairs",
    kind="law",
    idea="If a or b has a single entry, the table loses an axis.",
    nudge="Try one vector with a single entry and look at the shape of the table.",
)
def squeezed_single_entry(f, a, b):
    table = jax.vmap(jax.vmap(f, in_axes=(None, 0)), in_axes=(0, None))(a, b)
    return table.squeeze()
