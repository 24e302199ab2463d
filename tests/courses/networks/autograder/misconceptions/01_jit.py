"""Misconceptions: 01_jit. Wrong answers as students write them, each with the idea behind it."""

import jax
import jax.numpy as jnp
from jax import lax


def guarded_step__entry_by_entry(params, gradient, rate):
    """Each param is stepped or left by its own entry of the gradient.

    Which params move when one entry of three is NaN? Read again for which of them the question is
    asked.
    """
    return jnp.where(jnp.isfinite(gradient), params - rate * gradient, params)


def guarded_step__only_nan(params, gradient, rate):
    """Only NaN is looked for, and an infinite entry is stepped along.

    Try a gradient with one entry that is infinite. Where do the params end?
    """
    return jnp.where(jnp.any(jnp.isnan(gradient)), params, params - rate * gradient)


def guarded_step__any(params, gradient, rate):
    """One finite entry is enough for a step.

    Try a gradient of which only one entry is NaN. What is left of the params then?
    """
    return jnp.where(jnp.any(jnp.isfinite(gradient)), params - rate * gradient, params)


def guarded_step__times_zero(params, gradient, rate):
    """A bad gradient is multiplied by zero to be rid of it.

    What is zero times NaN? Print it, and zero times infinity, too.
    """
    return params - rate * gradient * jnp.all(jnp.isfinite(gradient))


def guarded_step__python_if(params, gradient, rate):
    """law: Python's `if` looks at the gradient, which has no numbers while it is traced.

    Call it under jax.jit, and read the name of the error. What decides between two values there?
    """
    if jnp.all(jnp.isfinite(gradient)):
        return params - rate * gradient
    return params


def levels__clipped_at_the_end(start, flows, capacity):
    """All flows are summed up first, and the range is looked at only then.

    Let the barrel run over on the first day, and take water out on the second. Is the water that
    ran over still there?
    """
    return jnp.clip(start + jnp.cumsum(flows), 0.0, capacity)


def levels__never_empty(start, flows, capacity):
    """The barrel runs over, but more can be taken out of it than there is.

    Take 10 liters out of a barrel that holds 3. How much is in it in the evening?
    """

    def day(level, flow):
        level = jnp.minimum(level + flow, capacity)
        return level, level

    return lax.scan(day, start, flows)[1]


def levels__morning(start, flows, capacity):
    """Each day's level is told before the flow of that day, and not after it.

    Print what a single day gives. Is it where the barrel began, or where it ended?
    """

    def day(level, flow):
        return jnp.clip(level + flow, 0.0, capacity), level

    return lax.scan(day, start, flows)[1]


def levels__evening_of_the_last(start, flows, capacity):
    """What the loop carries is returned, which is the last level alone.

    `scan` returns two things. Which of them has an entry for every day?
    """

    def day(level, flow):
        level = jnp.clip(level + flow, 0.0, capacity)
        return level, level

    return lax.scan(day, start, flows)[0]


def levels__python_loop(start, flows, capacity):
    """method: A Python loop over the days is written down day by day.

    Print `jax.make_jaxpr` of it for 3 days and for 30. What would a year be like?
    """
    level, found = start, []
    for flow in flows:
        level = jnp.clip(level + flow, 0.0, capacity)
        found.append(level)
    return jnp.stack(found)


def means(x, width):
    places = jnp.arange(len(x) - width + 1)[:, None] + jnp.arange(width)
    return jnp.mean(x[places], axis=1)


def window_means__traced_width(x, width):
    """The width is handed to jit as a number like any other, and no shape can be made of it.

    Which of the two arguments decides about the shape of the result? Does jit know its number?
    """
    return jax.jit(means)(x, width)


def window_means__static_array(x, width):
    """The array is made static, and not the width.

    A static argument is looked up as a key of a dict is. Which of the two can be one?
    """
    return jax.jit(means, static_argnums=0)(x, width)


def window_means__not_compiled(x, width):
    """method: The means are right, but nothing is compiled: each operation is run by itself.

    What would `means` have to be wrapped in, so that all of it is one program?
    """
    return means(x, width)


def window_means__new_function(x, width):
    """method: A new function is made and compiled at every call.

    Let the function that is compiled print something. How often does it, in three calls?
    """

    def inner(x):
        return means(x, width)

    return jax.jit(inner)(x)


def observe__halfway(state, value):
    """The new mean is halfway between the old one and the value.

    After the values 4, 1 and 1, what is the mean? How far should the third value move it?
    """
    return {
        "count": state["count"] + 1,
        "mean": (state["mean"] + value) / 2,
        "largest": jnp.maximum(state["largest"], value),
    }


def observe__old_count(state, value):
    """The value is shared among those before it, and not counted among them.

    What is the mean after the very first value? By which count was it divided?
    """
    return {
        "count": state["count"] + 1,
        "mean": state["mean"] + (value - state["mean"]) / state["count"],
        "largest": jnp.maximum(state["largest"], value),
    }


def observe__in_place(state, value):
    """The state that was passed in is changed, and so lost to whoever passed it in.

    Keep the old state, call the function, and print the old state. Is it what it was?
    """
    state["count"] = state["count"] + 1
    state["mean"] = state["mean"] + (value - state["mean"]) / state["count"]
    state["largest"] = jnp.maximum(state["largest"], value)
    return state


def observe__float_count(state, value):
    """The count is made a float on the way, and stays one.

    Print the dtype of each entry of the new state beside that of the old one.
    """
    count = state["count"] + 1.0
    return {
        "count": count,
        "mean": state["mean"] + (value - state["mean"]) / count,
        "largest": jnp.maximum(state["largest"], value),
    }


def observe__python_if(state, value):
    """law: Python's `if` compares the value with the largest, and under jit neither has a number.

    Call it under jax.jit. Which function takes the larger of two arrays without an `if`?
    """
    count = state["count"] + 1
    largest = value if value > state["largest"] else state["largest"]
    return {
        "count": count,
        "mean": state["mean"] + (value - state["mean"]) / count,
        "largest": largest,
    }


def observe__largest_size(state, value):
    """The largest is taken by size, without the sign.

    Let the values be -3 and then 1. Which of them is the largest?
    """
    count = state["count"] + 1
    return {
        "count": count,
        "mean": state["mean"] + (value - state["mean"]) / count,
        "largest": jnp.where(jnp.abs(value) > jnp.abs(state["largest"]), value, state["largest"]),
    }
