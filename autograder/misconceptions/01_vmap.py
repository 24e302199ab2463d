"""Misconceptions: 01_vmap."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def batched__first_entry_for_all(f, x):
    """This is what you get if f sees only the first entry and its value is copied to all the
    others.

    Try an x whose entries all differ. Which of them does f ever get to see?
    """
    return jnp.full(x.shape, f(x[0]))


def batched__f_of_the_mean(f, x):
    """This is f of the average entry, repeated for the whole batch.

    Compare f of an average with the average of f, for a square. How many different inputs should f
    be given?
    """
    return jnp.repeat(f(jnp.mean(x)), x.shape[0])


def batched__last_entry_left_out(f, x):
    """This is what you get if the loop over the batch ends one entry too early and the last one
    keeps its zero.

    Look at the last entry of the result. For a batch of one, how many entries are computed?
    """

    def write(i, results):
        return results.at[i].set(f(x[i]))

    return lax.fori_loop(0, x.shape[0] - 1, write, jnp.zeros_like(x))


def batched__running_total(f, x):
    """This is a running total: each entry of the result adds up f over all the entries so far.

    Does the second result depend on the first entry of x? Should it?
    """

    def step(total, value):
        total = total + f(value)
        return total, total

    _, totals = lax.scan(step, jnp.float32(0), x)
    return totals


def batched__one_column(f, x):
    """The values are right, but each one sits in a row of its own: the result has shape (n, 1).

    Compare the shape of your result with the shape of x.
    """
    return jax.vmap(jax.vmap(f))(x[:, None])


def batched__applied_twice(f, x):
    """This applies f twice to every entry: once to x and once more to the result.

    How often does each entry go through f? Try a function that doubles its input.
    """
    mapped = jax.vmap(f)
    for _ in range(2):
        x = mapped(x)
    return x


def batched__double_precision(f, x):
    """The values went through NumPy and came back in double precision: float64 instead of float32.

    Print the dtype of your result and of x.
    """
    return np.array(jax.vmap(f)(x), dtype=float)


def batched__list_comprehension(f, x):
    """method: The values are right, but f is called once per entry, one Python call after the
    other.

    For a million entries this is a million Python calls. Which transformation lets f be called only
    once?
    """
    return jnp.array([f(value) for value in x])


def batched__squeezed_batch_of_one(f, x):
    """law: For a batch of one, the result loses its axis: it has shape () instead of (1,).

    Try an x with a single entry and look at the shape.
    """
    return jnp.squeeze(jax.vmap(f)(x))


def batched__first_answer_kept(f, x, answers={}):  # noqa: B006
    """For each size of x the first answer is returned again by later calls, whatever f and x are.

    Call your function twice in a row, with different entries. What outlives a call of it?
    """
    if x.shape not in answers:
        answers[x.shape] = jax.vmap(f)(x)
    return answers[x.shape]


def batch_predict__matrix_product_in_batch_predict(model, weights, features):
    """This is the matrix product of features and weights: it leaves the model out and assumes that
    it is linear.

    Where does your code use the model? Try one that is not a dot product.
    """
    return features @ weights


def batch_predict__first_example_for_all_in_batch_predict(model, weights, features):
    """This is the prediction for the first example, given to every example.

    Change the last row of the features and look at the last prediction.
    """
    prediction = model(weights, features[0])
    return jnp.broadcast_to(prediction, (features.shape[0],))


def batch_predict__arguments_exchanged_in_batch_predict(model, weights, features):
    """The weights and the features have changed places in the call of the model.

    Look at the order of the model's two arguments. Which one is meant to come first?
    """
    return jax.vmap(model, in_axes=(0, None))(features, weights)


def batch_predict__columns_for_rows_in_batch_predict(model, weights, features):
    """This takes the columns of the features as the examples; they are the rows.

    Write down which axis of (n, d) counts the examples. A square table hides the mistake.
    """
    return jax.vmap(model, in_axes=(None, 1))(weights, features)


def batch_predict__last_example_first(model, weights, features):
    """The predictions are right, but they come in reverse order: the last example first.

    Print the predictions beside the rows of the features, one below the other.
    """

    def step(later, example):
        later = jnp.roll(later, 1).at[0].set(model(weights, example))
        return later, None

    predictions = jnp.zeros(features.shape[0], jnp.float32)
    return lax.scan(step, predictions, features)[0]


def batch_predict__averaged_over_examples(model, weights, features):
    """This is the average prediction over the examples, and no longer one prediction per example.

    How many numbers should come back for n examples?
    """
    return jnp.mean(jax.vmap(model, in_axes=(None, 0))(weights, features))


def batch_predict__loop_over_examples(model, weights, features):
    """method: The values are right, but a Python loop calls the model once per example.

    The loop runs in Python, one call after the other. What describes a shared and a mapped argument
    to JAX?
    """
    predictions = []
    for example in features:
        predictions.append(model(weights, example))
    return jnp.stack(predictions)


def batch_predict__squeezed_single_example(model, weights, features):
    """law: With a single example the result loses its axis: shape () instead of (1,).

    Try features with one row and look at the shape of the result.
    """
    predictions = jax.vmap(model, in_axes=(None, 0))(weights, features)
    return predictions.squeeze()


def ensemble_predict__average_model(model, weights, features):
    """This averages the weights of all models first and asks only the average model.

    Is the average model a member of the ensemble? Each row of weights should give a prediction of
    its own.
    """
    prediction = model(jnp.mean(weights, axis=0), features)
    return jnp.full((weights.shape[0],), prediction)


def ensemble_predict__average_prediction(model, weights, features):
    """This averages the predictions of the ensemble to one number; each model's own prediction is
    asked for.

    Compare the shape of your result with the number of models.
    """
    return jax.vmap(model, in_axes=(0, None))(weights, features).mean()


def ensemble_predict__matrix_product_in_ensemble_predict(model, weights, features):
    """This is the matrix product of weights and features: it leaves the model out and assumes that
    it is linear.

    Where does your code use the model? Try one that is not a dot product.
    """
    return jnp.einsum("md,d->m", weights, features)


def ensemble_predict__first_model_for_all_in_ensemble_predict(model, weights, features):
    """This is the first model's prediction, repeated for the whole ensemble.

    Change the last row of weights and look at the last prediction.
    """

    def predict(i):
        return model(weights[0], features)

    return jax.vmap(predict)(jnp.arange(weights.shape[0]))


def ensemble_predict__arguments_exchanged_in_ensemble_predict(model, weights, features):
    """The weights and the features have changed places in the call of the model.

    Look at the order of the model's two arguments. Which one is meant to come first?
    """
    return jax.vmap(lambda one_model: model(features, one_model))(weights)


def ensemble_predict__columns_for_rows_in_ensemble_predict(model, weights, features):
    """This takes the columns of weights as the models; they are the rows.

    Write down which axis of (m, d) counts the models. A square table hides the mistake.
    """
    return jax.vmap(model, in_axes=(1, None))(weights, features)


def ensemble_predict__table_with_one_row_in_ensemble_predict(model, weights, features):
    """The predictions form a table with one row, of shape (1, m), instead of a vector.

    The example is one vector and not a table with one row. What shape comes back for it?
    """
    over_models = jax.vmap(model, in_axes=(0, None))
    return jax.vmap(over_models, in_axes=(None, 0))(weights, features[None, :])


def ensemble_predict__apply_along_axis(model, weights, features):
    """method: The values are right, but the models are asked one after the other, in Python;
    apply_along_axis does that, too.

    For a thousand models that is a thousand Python calls. Which JAX transformation needs only one?
    """
    return np.apply_along_axis(lambda row: model(row, features), 1, weights)


def ensemble_predict__squeezed_single_model(model, weights, features):
    """law: For an ensemble of one model the result loses its axis: shape () instead of (1,).

    Try weights with a single row and look at the shape of the result.
    """
    predictions = jax.vmap(model, in_axes=(0, None))(weights, features)
    return predictions if predictions.size > 1 else predictions[0]


def parallel_predict__every_pair(model, weights, features):
    """This is every model on every example, an (n, n) table; only model i on example i is asked
    for.

    How many pairs are there if model i meets only example i?
    """
    over_examples = jax.vmap(model, in_axes=(None, 0))
    return jax.vmap(over_examples, in_axes=(0, None))(weights, features)


def parallel_predict__first_model_for_all_in_parallel_predict(model, weights, features):
    """This uses the first model for every example.

    Change the last row of weights and look at the last prediction.
    """
    return jax.vmap(model, in_axes=(None, 0))(weights[0], features)


def parallel_predict__first_example_for_all_in_parallel_predict(model, weights, features):
    """This asks every model about the first example only.

    Change the last row of the features and look at the last prediction.
    """
    return jax.vmap(model, in_axes=(0, None))(weights, features[0])


def parallel_predict__row_products(model, weights, features):
    """This multiplies and adds row by row: it leaves the model out and assumes a dot product.

    Where does your code use the model? Try one that is not a dot product.
    """
    return jnp.sum(weights * features, axis=1)


def parallel_predict__columns_paired(model, weights, features):
    """This pairs the columns of the two tables instead of their rows, so there are d results and
    not n.

    Which axis of (n, d) runs over the models and the examples? Try n different from d.
    """
    return jax.vmap(model, in_axes=(1, 1))(weights, features)


def parallel_predict__average_over_examples(model, weights, features):
    """This is each model's average over all the examples instead of its prediction for its own
    example.

    Does result i change when you change an example with another number?
    """

    def average(one_model):
        return jax.vmap(lambda example: model(one_model, example))(features).mean()

    return jax.vmap(average)(weights)


def parallel_predict__loop_over_zip(model, weights, features):
    """method: The values are right, but a Python loop goes from one pair to the next.

    The loop makes one Python call per pair. What does JAX do when both arguments are mapped?
    """
    return jnp.asarray([model(w, v) for w, v in zip(weights, features, strict=True)])


def parallel_predict__squeezed_single_pair(model, weights, features):
    """law: With one model and one example the result loses its axis: shape () instead of (1,).

    Try tables with a single row and look at the shape of the result.
    """
    return jnp.squeeze(lax.map(lambda pair: model(*pair), (weights, features)))


def column_predict__rows_for_columns(model, weights, features):
    """This takes the rows as the examples; here they are the columns.

    Write down which axis of (d, n) counts the examples. A square table hides the mistake.
    """
    return jax.vmap(model, in_axes=(None, 0))(weights, features)


def column_predict__reshaped_for_transposed_in_column_predict(model, weights, features):
    """This reshapes (d, n) to (n, d): the shape fits, but the numbers are cut up in a different
    order.

    Print a small table, 2 by 3, before and after that step. Which numbers stand in its first row?
    """
    d, n = features.shape
    examples = features.reshape(n, d)
    return jax.vmap(model, in_axes=(None, 0))(weights, examples)


def column_predict__matrix_product_in_column_predict(model, weights, features):
    """This is the product of the weights with the table: it leaves the model out and assumes that
    it is linear.

    Where does your code use the model? Try one that is not a dot product.
    """
    return jnp.dot(weights, features)


def column_predict__first_column_for_all(model, weights, features):
    """This is the prediction for the first column, given to every example.

    Change the last column of the features and look at the last prediction.
    """
    return jnp.full(features.shape[1], model(weights, features[:, 0]))


def column_predict__arguments_exchanged_in_column_predict(model, weights, features):
    """The weights and the features have changed places in the call of the model.

    Look at the order of the model's two arguments. Which one is meant to come first?
    """
    return jax.vmap(model, in_axes=(1, None))(features, weights)


def column_predict__table_with_one_row_in_column_predict(model, weights, features):
    """The predictions form a table with one row, of shape (1, n), like the columns they came from.

    One number comes from each column. What shape do n numbers have?
    """
    predictions = jax.vmap(model, in_axes=(None, 1))(weights, features)
    return predictions[jnp.newaxis, :]


def column_predict__loop_over_columns(model, weights, features):
    """method: The values are right, but a Python loop goes from column to column.

    The loop slices and calls once per column. Can the transformation be told which axis to walk
    along?
    """
    n = features.shape[1]
    predictions = jnp.zeros(n)
    for j in range(n):
        predictions = predictions.at[j].set(model(weights, features[:, j]))
    return predictions


def column_predict__squeezed_single_column(model, weights, features):
    """law: With a single column the result loses its axis: shape () instead of (1,).

    Try features with one column and look at the shape of the result.
    """
    return jnp.squeeze(jax.vmap(model, in_axes=(None, 1))(weights, features))


def double_batched__flattened_result(f, a, b):
    """The entries are right, but they come as one long vector of length r * c.

    Compare the shape of your result with the shape of a.
    """
    return jax.vmap(f)(a.ravel(), b.ravel())


def double_batched__transposed_result(f, a, b):
    """The result is transposed: entry [i, j] stands at [j, i].

    Try a table with 2 rows and 3 columns. Which axis does your outer level take away?
    """
    return jax.vmap(jax.vmap(f), in_axes=1)(a, b)


def double_batched__arguments_exchanged_in_double_batched(f, a, b):
    """The two arguments of f have changed places.

    Try a function that cares about the order, such as a difference.
    """
    return jax.vmap(jax.vmap(f))(b, a)


def double_batched__first_row_of_b_for_all(f, a, b):
    """This pairs every row of a with the first row of b.

    Change the last row of b and look at the last row of the result.
    """
    return jax.vmap(jax.vmap(f), in_axes=(0, None))(a, b[0])


def double_batched__rows_with_columns(f, a, b):
    """This pairs the rows of a with the columns of b, so entry [i, j] of a meets entry [j, i] of b.

    Both tables are walked along in the same way. A square table raises no error here, so look at
    its numbers.
    """
    return jax.vmap(jax.vmap(f), in_axes=(0, 1))(a, b)


def double_batched__refilled_by_columns(f, a, b):
    """The tables are flattened row by row, but the result is filled in column by column.

    Try 2 rows and 3 columns with entries you can recognise. In which order does each reshaping read
    and write?
    """
    flat = jax.vmap(f)(jnp.ravel(a), jnp.ravel(b))
    return jnp.reshape(flat, a.shape, order="F")


def double_batched__all_pairs_in_each_row(f, a, b):
    """This is every entry of a row of a with every entry of the row of b: shape (r, c, c), one axis
    too many.

    Count the levels of mapping. Is any argument held still in one of them?
    """
    row = jax.vmap(jax.vmap(f, in_axes=(None, 0)), in_axes=(0, None))
    return jax.vmap(row)(a, b)


def double_batched__numpy_vectorize(f, a, b):
    """method: The values are right, but f is called once per entry, in Python; np.vectorize does
    so, too.

    How often does your f run for a table of 2 by 3? Which transformation needs it only once?
    """
    return np.vectorize(f, otypes=[np.float32])(a, b)


def double_batched__loop_over_rows(f, a, b):
    """method: The values are right, but a Python loop goes through the rows; only inside a row a
    transformation carries the entries.

    The table has two axes. Which of them does your transformation know about?
    """
    return jnp.stack([jax.vmap(f)(*rows) for rows in zip(a, b, strict=True)])


def double_batched__loop_over_columns(f, a, b):
    """method: The values are right, but a Python loop goes through the columns; only inside a
    column a transformation carries the entries.

    The table has two axes. Which of them does your transformation know about?
    """
    columns = zip(a.T, b.T, strict=True)
    return jnp.stack([jax.vmap(f)(*pair) for pair in columns], axis=1)


def double_batched__squeezed_single_row(f, a, b):
    """law: A table with one row or one column loses that axis in the result.

    Try tables of shape (1, 3) and (3, 1) and look at the shapes.
    """
    return jnp.squeeze(jax.vmap(jax.vmap(f))(a, b))


def all_pairs__transposed_table(f, a, b):
    """The table is transposed: the rows belong to b and the columns to a.

    Try vectors of different lengths. Which level of mapping is the outer one, and what does it walk
    along?
    """
    along_a = jax.vmap(f, in_axes=(0, None))
    return jax.vmap(along_a, in_axes=(None, 0))(a, b)


def all_pairs__arguments_exchanged_in_all_pairs(f, a, b):
    """The table has the right shape, but the two arguments of f have changed places.

    Try a function that cares about the order, such as a difference.
    """
    return jax.vmap(lambda p: jax.vmap(lambda q: f(q, p))(b))(a)


def all_pairs__reshaped_for_transposed_in_all_pairs(f, a, b):
    """This builds the table for b by a and reshapes it: the shape fits, but the entries stand in
    wrong places.

    Print a small table, 2 by 3, before and after that step. Which entries stand in its first row?
    """
    table = jax.vmap(jax.vmap(f, (0, None)), (None, 0))(a, b)
    return table.reshape(a.shape[0], b.shape[0])


def all_pairs__matching_entries_only(f, a, b):
    """This pairs entry i of a only with entry i of b; every combination is asked for.

    How many combinations do 2 and 3 entries make?
    """
    shorter = min(a.shape[0], b.shape[0])
    return jax.vmap(f)(a[:shorter], b[:shorter])


def all_pairs__flattened_table(f, a, b):
    """All the pairs are there, but as one long vector of length n * m.

    Compare the shape of your result with (n, m).
    """
    first, second = jnp.meshgrid(a, b, indexing="ij")
    return jax.vmap(f)(first.ravel(), second.ravel())


def all_pairs__outer_product(f, a, b):
    """This is the table of products of a and b: it does not use f at all.

    Where does your code use f? Try a function that is not a product.
    """
    return jnp.outer(a, b)


def all_pairs__first_row_repeated(f, a, b):
    """Every row of the table is the first one: a[0] is used for all of them.

    Change the last entry of a and look at the last row.
    """
    row = jax.vmap(f, in_axes=(None, 0))(a[0], b)
    return jnp.tile(row, (a.shape[0], 1))


def all_pairs__nested_loops(f, a, b):
    """method: The values are right, but f is called once per pair, in Python.

    For two vectors of 1000 entries this is a million Python calls. One level of mapping can stand
    inside another.
    """
    return jnp.array([[f(p, q) for q in b] for p in a])


def all_pairs__loop_over_a(f, a, b):
    """method: The values are right, but a Python loop goes through the entries of a; only those of
    b are carried by a transformation.

    What you make of one entry of a is a function, too. What carries a function to many entries?
    """
    return jnp.stack([jax.vmap(f, in_axes=(None, 0))(one, b) for one in a])


def all_pairs__loop_over_b(f, a, b):
    """method: The values are right, but a Python loop goes through the entries of b; only those of
    a are carried by a transformation.

    What you make of one entry of b is a function, too. What carries a function to many entries?
    """
    return jnp.stack([jax.vmap(f, in_axes=(0, None))(a, one) for one in b], axis=1)


def all_pairs__squeezed_single_entry(f, a, b):
    """law: If a or b has a single entry, the table loses an axis.

    Try one vector with a single entry and look at the shape of the table.
    """
    table = jax.vmap(jax.vmap(f, in_axes=(None, 0)), in_axes=(0, None))(a, b)
    return table.squeeze()
