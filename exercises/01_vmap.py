# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 · From one example to many: `vmap`
#
# It is easiest to write a function for *one* example: one number, one house, one model.
# `jax.vmap` takes such a function and returns a new one that handles a whole batch. You will write
# seven short functions; each receives a function made for one example and applies it to many.

# %%
from collections.abc import Callable
from time import perf_counter

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]
ScalarFunction = Callable[[Scalar], Scalar]
PairFunction = Callable[[Scalar, Scalar], Scalar]
Model = Callable[[Float[Array, " d"], Float[Array, " d"]], Scalar]

# %% [markdown]
# ## Why not a loop?
#
# `ripple` is written for one number. Here it is applied to the same million numbers three times: in
# a Python loop, by `jax.vmap`, and by `jax.vmap` under `jax.jit`. Run it and compare the times.
#
# The loop calls `ripple` a million times. `vmap` calls it **once**, with a stand-in for the number,
# and every step inside becomes an operation on the whole batch. `jit` then compiles all the steps
# into one program. (The loop even gets Python's own floats. Over the entries of a JAX array it
# would take minutes, for then each of its steps is an operation of JAX's.)


# %%
# given
def ripple(t: Scalar) -> Scalar:
    """One number in, one number out."""
    return t / (1.0 + t * t)


# %%
if __name__ == "__main__":
    numbers = jnp.linspace(-5.0, 5.0, 1_000_000)
    floats = numbers.tolist()
    mapped = jax.vmap(ripple)
    compiled = jax.jit(mapped)
    mapped(numbers), compiled(numbers)  # the first call prepares everything, and is not timed

    def seconds(work):
        began = perf_counter()
        work()
        return perf_counter() - began

    # JAX goes on before a result is there, unless it is told to wait for it.
    print(f"loop:      {seconds(lambda: [ripple(t) for t in floats]):.4f} s")
    print(f"vmap:      {seconds(lambda: mapped(numbers).block_until_ready()):.4f} s")
    print(f"jit(vmap): {seconds(lambda: compiled(numbers).block_until_ready()):.4f} s")

# %% [markdown]
# ## If you come from NumPy
#
# `jax.numpy` has NumPy's functions under NumPy's names. Five things are different.
#
# - **Arrays never change.** `x[0] = 5.0` is an error. `x.at[0].set(5.0)` returns a new array, and
#   `x` stays as it was.
# - **Numbers are `float32`.** They have about 7 digits: 16777216 + 1 is 16777216. What comes in as
#   `float64` is rounded.
# - **Functions are traced.** `vmap` and `jit` run your function once, with stand-ins for its
#   arguments: they have a shape and a dtype, but no value that Python could look at. So an `if` on
#   one is an error; `jnp.where` chooses instead. A `print` shows the stand-in.
# - **`jax.jit` compiles.** The first call with a new shape or dtype traces the function and
#   compiles it. Later calls run the compiled program, and no line of your Python: what else the
#   function does (print, add to a list) happens while it is traced, and not again.
# - **Annotations tell shapes.** `Float[Array, "n d"]` is a table of floats with `n` rows and `d`
#   columns. The same letter is the same size everywhere in a signature, a number is that size, and
#   `""` is a single number, of shape `()`. (The blank in `" n"` means nothing: with it, tools that
#   read Python do not take `n` for a name.)

# %%
if __name__ == "__main__":
    row = jnp.array([1.0, 2.0, 3.0])
    print(row.at[0].set(5.0), row)  # [5. 2. 3.] [1. 2. 3.]
    print(row.dtype, jnp.array(16777216.0) + 1.0 == 16777216.0)  # float32 True

    @jax.jit
    def doubled(x):
        print("traced with", x)  # JitTracer(float32[3]): a shape and a dtype, and no numbers
        return 2.0 * x

    print(doubled(row))  # traced, then [2. 4. 6.]
    print(doubled(row + 1.0))  # [4. 6. 8.]: the same shape, so it is not traced again
    print(doubled(row[:2]))  # another shape: traced once more, then [2. 4.]

# %% [markdown]
# ## A small example: balls in the air
#
# `flight` gives the height of a ball: `throw` holds its start height and its upward speed, `time`
# is one moment. The argument `in_axes` of `vmap` has one entry per argument of the function:
#
# - an integer says which axis of that argument runs over the examples (`0` rows, `1` columns);
# - `None` says that the argument is shared: every example sees all of it.
#
# Without `in_axes`, every argument is mapped over its axis 0. Mapped axes must have equal length.


# %%
# given
def flight(throw: Float[Array, " 2"], time: Scalar) -> Scalar:
    """Height in meters of one ball at one moment; it cannot sink below the ground."""
    start, speed = throw
    return jnp.maximum(start + speed * time - 5.0 * time**2, 0.0)


# %%
if __name__ == "__main__":
    times = jnp.array([0.0, 0.5, 1.0, 3.0])
    one_throw = jnp.array([1.0, 10.0])
    print(jax.vmap(flight, in_axes=(None, 0))(one_throw, times))  # 1, 4.75, 6, 0

    # Four throws stored as columns: axis 1 of the table runs over the throws.
    throws = jnp.array([[0.0, 1.0, 2.0, 3.0], [10.0, 10.0, 10.0, 10.0]])
    print(jax.vmap(flight, in_axes=(1, None))(throws, times[1]))  # 3.75, 4.75, 5.75, 6.75

# %% [markdown]
# ## What counts
#
# The results must be right for any function and any size, including size 1. A Python loop (or list
# comprehension) over the examples costs the method points. `vmap`, also flattened or transposed,
# `lax.map`, `lax.scan` and plain broadcasting are all fine.
#
# **Check yourself** with `pytest autograder/test_01_vmap.py`.
#
# **Stuck?** `jaxercise hint batched` in a terminal shows a hint for `batched`, and the next one
# each time you ask; in a notebook it is `from jaxercise import hint` and `hint("batched")`. Hints
# cost no points.

# %% [markdown]
# ## `batched`: every entry of a vector
#
# `f` takes one scalar and returns one scalar. Apply it to every entry of `x`. Do not count on `f`
# accepting a vector: use the transformation.


# %%
def batched(f: ScalarFunction, x: Float[Array, " n"]) -> Float[Array, " n"]:
    """f(x[i]) for every i.

    x has shape (n,), the result too.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    halves = jnp.array([-1.0, 0.5, 2.0])
    print("batched:", batched(lambda t: t * jnp.abs(t), halves))  # -1, 0.25, 4

# %% [markdown]
# ## One model, many examples, and the other way round
#
# A `model(weights, features)` takes one weight vector and one feature vector, both of length `d`,
# and returns one number. It need not be a dot product, so a matrix product will not do. Our test
# model is `bid`: what a buyer offers for one house, never less than zero.
#
# | function | `weights` | `features` | entry `i` of the result |
# | --- | --- | --- | --- |
# | `batch_predict` | one vector | one example per row | the model on row `i` |
# | `ensemble_predict` | one model per row | one vector | model `i` on the example |
# | `parallel_predict` | one model per row | one example per row | model `i` on row `i` |
# | `column_predict` | one vector | one example per **column** | the model on column `i` |
#
# For each, ask of both arguments: is it shared, or does one of its axes run over the examples?
# Only the answer to that question changes from one function to the next.


# %%
# given
def bid(weights: Float[Array, " d"], features: Float[Array, " d"]) -> Scalar:
    """One buyer's offer for one house."""
    return jnp.maximum(jnp.dot(weights, features), 0.0)


# %%
def batch_predict(
    model: Model, weights: Float[Array, " d"], features: Float[Array, "n d"]
) -> Float[Array, " n"]:
    """One model on many examples.

    weights (d,) is shared, features (n, d) holds one example per row; the result is (n,).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    buyer = jnp.array([2.0, -1.0])
    houses = jnp.array([[1.0, 0.0], [3.0, 1.0], [0.0, 4.0]])
    print("batch_predict:", batch_predict(bid, buyer, houses))  # 2, 5, 0


# %%
def ensemble_predict(
    model: Model, weights: Float[Array, "m d"], features: Float[Array, " d"]
) -> Float[Array, " m"]:
    """Many models on one example.

    weights (m, d) holds one model per row, features (d,) is shared; the result is (m,).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    buyers = jnp.array([[2.0, -1.0], [1.0, 1.0], [-1.0, 0.0]])
    print("ensemble_predict:", ensemble_predict(bid, buyers, houses[1]))  # 5, 4, 0


# %%
def parallel_predict(
    model: Model, weights: Float[Array, "n d"], features: Float[Array, "n d"]
) -> Float[Array, " n"]:
    """Model i on example i, for every i.

    weights and features are both (n, d), the result is (n,).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    print("parallel_predict:", parallel_predict(bid, buyers, houses))  # 2, 4, 0

# %% [markdown]
# ### The examples are the columns
#
# Sometimes a table comes the other way up: `features` has shape `(d, n)`. Take care with square
# tables: there the wrong axis raises no error, it only gives wrong numbers.


# %%
def column_predict(
    model: Model, weights: Float[Array, " d"], features: Float[Array, "d n"]
) -> Float[Array, " n"]:
    """One model on many examples, where example i is column i of features.

    weights (d,) is shared, features is (d, n), the result is (n,).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    # The same houses, stored as columns: the same offers.
    print("column_predict:", column_predict(bid, buyer, houses.T))  # 2, 5, 0

# %% [markdown]
# ## Nested `vmap`
#
# `vmap` returns a function, so you can map that function again. Each `vmap` takes away one axis,
# the outer one first: its axis becomes axis 0 of the result, and the inner one sees what is left.
# With `readings` of shape `(2, 3, 4)`, mapping `jnp.max` (many numbers to one) twice removes the
# 2 and then the 3, so `jnp.max` sees vectors of 4 and the result has shape `(2, 3)`.
#
# The two levels may have different `in_axes`, and need not take from the same argument. For a table
# of heights, build it in two steps: `one_moment` takes all throws (they are columns) and a single
# time, and gives a row. Mapped over the times, with the throws shared, it gives a row for each.

# %%
if __name__ == "__main__":
    readings = jnp.arange(24.0).reshape(2, 3, 4)
    largest = jax.vmap(jax.vmap(jnp.max))(readings)
    print(largest.shape)  # (2, 3)
    print(largest)  # [[ 3.  7. 11.] [15. 19. 23.]]

    one_moment = jax.vmap(flight, in_axes=(1, None))  # all throws, one time: a row
    heights = jax.vmap(one_moment, in_axes=(None, 0))(throws, times[:2])  # all throws, every time
    print(heights.shape)  # (2, 4): a row per time, a column per throw
    print(heights)  # [[0. 1. 2. 3.] [3.75 4.75 5.75 6.75]]

# %% [markdown]
# ### `double_batched`: two tables, entry by entry
#
# `f` takes two scalars. Apply it to the matching entries of two tables of the same shape.


# %%
def double_batched(
    f: PairFunction, a: Float[Array, "r c"], b: Float[Array, "r c"]
) -> Float[Array, "r c"]:
    """Entry [i, j] of the result is f(a[i, j], b[i, j]).

    a, b and the result have shape (r, c).
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    left = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    right = jnp.array([[0.0, 1.0, 2.0], [4.0, 4.0, 9.0]])
    # [[1. 1. 1.] [0. 1. 3.]]
    print("double_batched:", double_batched(lambda p, q: jnp.abs(p - q), left, right))

# %% [markdown]
# ### `all_pairs`: every entry of `a` with every entry of `b`
#
# From two vectors make a table: **row `i` belongs to `a[i]`, column `j` to `b[j]`**, so entry
# `[i, j]` is `f(a[i], b[j])` and the shape is `(n, m)`. The vectors may differ in length, and `f`
# may care about the order of its arguments.
#
# In the table of heights, rows belonged to the second argument. Here they belong to the first: what
# is held while a row is made, and what is walked along?


# %%
def all_pairs(f: PairFunction, a: Float[Array, " n"], b: Float[Array, " m"]) -> Float[Array, "n m"]:
    """Entry [i, j] of the result is f(a[i], b[j]).

    a has shape (n,) and gives the rows, b has shape (m,) and gives the columns.
    """
    raise NotImplementedError


# %%
if __name__ == "__main__":
    tens = jnp.array([10.0, 20.0])
    ones = jnp.array([1.0, 2.0, 3.0])
    # [[ 9.  8.  7.] [19. 18. 17.]]
    print("all_pairs:", all_pairs(lambda p, q: p - q, tens, ones))
