"""Misconceptions: 02_grad_vs_cos."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="derivative",
    kind="values",
    idea="This returns f itself at every entry, and not its slope.",
    nudge="Try a constant function. What is its slope?",
)
def function_itself(f, x):
    return jax.vmap(f)(x)


@misconception(
    of="derivative",
    kind="values",
    idea="The cosine is written into the answer: it is returned whatever f is.",
    nudge="Where does your code use f? Try it with the square.",
)
def cosine_for_every_function(f, x):
    return jnp.cos(x)


@misconception(
    of="derivative",
    kind="values",
    idea=(
        "This differentiates the mean over the batch, so every slope is divided by the number "
        "of entries."
    ),
    nudge="Repeat an entry in x. Should its slope become smaller because there are more entries?",
)
def gradient_of_the_mean(f, x):
    return jax.grad(lambda points: jnp.mean(jax.vmap(f)(points)))(x)


@misconception(
    of="derivative",
    kind="values",
    idea="This is the second derivative: the slope was differentiated once more.",
    nudge="Try a straight line. What is its slope, and what do you return?",
)
def differentiated_twice(f, x):
    return jax.vmap(jax.grad(jax.grad(f)))(x)


@misconception(
    of="derivative",
    kind="values",
    idea="This is the slope at the first entry, copied to all the others.",
    nudge="Change the last entry of x and look at the last slope.",
)
def first_slope_for_all(f, x):
    return jnp.full_like(x, jax.grad(f)(x[0]))


@misconception(
    of="derivative",
    kind="values",
    idea="This is the whole Jacobian, an (n, n) matrix, instead of the n slopes.",
    nudge="Where in the matrix do the slopes stand, and what is the rest of it?",
)
def whole_jacobian(f, x):
    return jax.jacobian(jax.vmap(f))(x)


@misconception(
    of="derivative",
    kind="values",
    idea=(
        "This is the slope of the straight lines between f(0) and each f(x), and not the "
        "slope of f at x."
    ),
    nudge="Try the square at 3. What do you get, and what is its slope there?",
)
def slope_from_the_origin(f, x):
    rise = jax.vmap(f)(x) - f(jnp.float32(0))
    return rise / jnp.where(x == 0, 1, x)


@misconception(
    of="derivative",
    kind="values",
    idea="This is the derivative times x: the change of f per relative change of x.",
    nudge="Try a straight line at several points. Does its slope depend on x?",
)
def slope_times_x(f, x):
    values, tangents = jax.jvp(jax.vmap(f), (x,), (x,))
    return tangents


@misconception(
    of="derivative",
    kind="values",
    idea=(
        "The slopes went through NumPy and came back in double precision: float64 instead of "
        "float32."
    ),
    nudge="Print the dtype of your result and of x.",
)
def double_precision(f, x):
    return np.array(jax.vmap(jax.grad(f))(x), dtype=np.float64)


@misconception(
    of="derivative",
    kind="values",
    idea="This is a difference quotient with a small step; automatic differentiation is asked for.",
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def difference_quotient_in_derivative(f, x):
    h = 1e-3
    mapped = jax.vmap(f)
    return (mapped(x + h) - mapped(x - h)) / (2 * h)


@misconception(
    of="derivative",
    kind="method",
    idea="The slopes are right, but a Python loop differentiates at one entry after the other.",
    nudge=(
        "You know a transformation from exercise 1 that carries a function from one number to many."
    ),
)
def loop_over_points_in_derivative(f, x):
    slope = jax.grad(f)
    slopes = []
    for point in x:
        slopes.append(slope(point))
    return jnp.array(slopes)


@misconception(
    of="derivative",
    kind="law",
    idea="For a single point the result loses its axis: shape () instead of (1,).",
    nudge="Try an x with one entry and look at the shape.",
)
def squeezed_single_point_in_derivative(f, x):
    return jnp.squeeze(jax.vmap(jax.grad(f))(x))


@misconception(
    of="derivative",
    kind="values",
    idea=(
        "The slopes found by the first call are stored and returned for every later x of that size."
    ),
    nudge=(
        "Call your function twice in a row, with different entries. A default argument is "
        "made only once."
    ),
)
def first_slopes_kept(f, x, known={}):  # noqa: B006
    return known.setdefault(x.size, jax.vmap(jax.grad(f))(x))


@misconception(
    of="largest_gap",
    kind="values",
    idea="The sign is kept: a gap below zero never counts, however large it is.",
    nudge="Try a df that is far too large everywhere. What do you report?",
)
def sign_kept(f, df, x):
    return jnp.max(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "The absolute value is taken of the largest signed gap, and not of every gap before "
        "the largest is chosen."
    ),
    nudge="Try two gaps, 1 and -5. Which one does your code pick?",
)
def absolute_value_last(f, df, x):
    gaps = jax.vmap(lambda point: jax.grad(f)(point) - df(point))(x)
    return jnp.abs(jnp.max(gaps))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This is the mean gap, not the largest one.",
    nudge=(
        "Try a claim that is wrong at a single entry. Does your result grow when the other "
        "entries are left out?"
    ),
)
def mean_gap(f, df, x):
    return jnp.mean(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This compares df with f itself; the derivative of f was never taken.",
    nudge="Try sin and cos: about 0 should come out. Which two functions does your code compare?",
)
def compared_with_f(f, df, x):
    return jnp.max(jnp.abs(jax.vmap(f)(x) - jax.vmap(df)(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This squares the gaps instead of taking their absolute values.",
    nudge="Try a claim that is wrong by 3 everywhere. Which number should come out?",
)
def squared_gap(f, df, x):
    return jnp.max((jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)) ** 2)


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "This compares the largest slope with the largest claimed slope, wherever the two are "
        "found."
    ),
    nudge="Try a claim with the right values at the wrong points. Should that count as a match?",
)
def gap_of_the_largest(f, df, x):
    slopes = jax.vmap(jax.grad(f))(x)
    claims = jax.vmap(df)(x)
    return jnp.abs(jnp.max(slopes) - jnp.max(claims))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This differentiates the claim as well: it takes the slope of f minus df.",
    nudge="Is df meant to be a derivative already, or the function to differentiate?",
)
def claim_differentiated_too(f, df, x):
    slope_of_difference = jax.grad(lambda point: f(point) - df(point))
    return jnp.max(jnp.abs(jax.vmap(slope_of_difference)(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="The claim is not used: f' is compared with the cosine, whatever df is.",
    nudge="Where does your code use df? Try a false claim about sin.",
)
def cosine_for_the_claim(f, df, x):
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jnp.cos(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This is the smallest gap, not the largest one.",
    nudge="Try a claim that is right at a single entry only. What do you report?",
)
def smallest_gap(f, df, x):
    return jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)).min()


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "The number is right, but it comes in an array of one entry, of shape (1,), and not "
        "as a scalar."
    ),
    nudge="Print the shape of your result. How many axes does a scalar have?",
)
def array_of_one(f, df, x):
    gaps = jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))
    return jnp.max(gaps, keepdims=True)


@misconception(
    of="largest_gap",
    kind="values",
    idea="The number is right, but it is a Python float and no longer an array.",
    nudge="Print the type of your result. Which call at the end changes it?",
)
def python_float(f, df, x):
    return float(jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))))


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "The slopes come from difference quotients with a small step; automatic "
        "differentiation is asked for."
    ),
    nudge=(
        "Why did you have to choose a step? For a true claim, how close to 0 can your result get?"
    ),
)
def difference_quotient_in_largest_gap(f, df, x):
    h = 1e-3

    def gap(point):
        slope = (f(point + h) - f(point - h)) / (2 * h)
        return jnp.abs(slope - df(point))

    return jnp.max(jax.vmap(gap)(x))


@misconception(
    of="largest_gap",
    kind="method",
    idea="The number is right, but a Python loop goes through the entries to find it.",
    nudge="How often is f called for a thousand entries? Compare with exercise 1.",
)
def loop_over_points_in_largest_gap(f, df, x):
    largest = jnp.float32(0)
    for point in x:
        largest = jnp.maximum(largest, jnp.abs(jax.grad(f)(point) - df(point)))
    return largest


@misconception(
    of="plot",
    kind="values",
    idea="Only one curve is drawn: cos is there, and the derivative of sin is missing.",
    nudge="Count the curves in your figure. What should lie on top of what?",
)
def derivative_missing(x):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="This draws sin itself where its derivative is asked for.",
    nudge="The two curves should lie on top of each other. Do they in your figure?",
)
def sine_itself(x):
    points = jnp.sort(x)
    figure, axes = plt.subplots()
    axes.plot(points, jnp.sin(points), label="sin(x)")
    axes.plot(points, jnp.cos(points), "--", label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    axes.legend()
    plt.close(figure)
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="The curves are drawn against 0, 1, 2, ... because x was not given to the plot call.",
    nudge="Read the numbers on the horizontal axis. Are they the entries of x?",
)
def drawn_against_the_index(x):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(jax.vmap(jax.grad(jnp.sin))(x), "o", label="grad(sin)")
    axes.plot(jnp.cos(x), label="cos")
    axes.set_xlabel("x")
    axes.set_ylabel("slope")
    axes.legend()
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="Only x is sorted: the heights still belong to the old order of the entries.",
    nudge="Try an x in random order, with lines. Does the curve look like a cosine?",
)
def only_x_sorted(x):
    slopes = jax.vmap(jax.grad(jnp.sin))(x)
    exact = jnp.cos(x)
    points = jnp.sort(x)
    figure = Figure()
    axes = figure.subplots()
    axes.plot(points, slopes, "o", label="sin'(x)")
    axes.plot(points, exact, label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


@misconception(
    of="plot",
    kind="values",
    idea=(
        "This draws both curves on a grid of its own, from -pi to pi, and not at the entries of x."
    ),
    nudge="Where does your code use x? Try one with three entries, all between 5 and 6.",
)
def grid_of_its_own(x):
    x = jnp.linspace(-jnp.pi, jnp.pi, 200)
    figure, axes = plt.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), linewidth=4, label="grad(sin)")
    axes.plot(x, jnp.cos(x), "--", label="cos")
    axes.set_xlabel("x")
    axes.set_ylabel("slope")
    axes.legend()
    plt.close(figure)
    return figure


@misconception(
    of="plot",
    kind="law",
    idea="The curves are there, but no legend tells them apart.",
    nudge="Show your figure to somebody else. Can they say which curve is which?",
)
def legend_missing(x):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    return figure


@misconception(
    of="plot",
    kind="law",
    idea="The curves and the legend are there, but the axes have no labels.",
    nudge="Which quantity runs to the right, and which one upward? The figure should say it.",
)
def axis_labels_missing(x):
    figure, axes = plt.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_title("The derivative of sin against x")
    axes.legend()
    plt.close(figure)
    return figure


@misconception(
    of="plot",
    kind="law",
    idea="The two curves stand in two separate axes; they are to be compared on one.",
    nudge="Can you see in your figure whether one curve lies exactly on the other?",
)
def two_separate_axes(x):
    figure = Figure(figsize=(9, 4))
    left, right = figure.subplots(1, 2)
    left.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    right.plot(x, jnp.cos(x), label="cos(x)")
    for axes in (left, right):
        axes.set_xlabel("x")
        axes.set_ylabel("slope of sin")
        axes.legend()
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="This returns the axes; the whole figure is asked for.",
    nudge="Print the type of your result. On which object would the caller call savefig?",
)
def axes_returned(x):
    figure, axes = plt.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    plt.close(figure)
    return axes


@misconception(
    of="plot",
    kind="law",
    idea="Both curves carry the same label, so the legend cannot tell them apart.",
    nudge="Read your legend without looking at the code. Which line is which?",
)
def same_label_twice(x):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="cos(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="The entries of x are taken as degrees; they are radians.",
    nudge="At which x does cos become 0 in your figure, and at which should it?",
)
def taken_as_degrees(x):
    angles = jnp.deg2rad(x)
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(angles), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(angles), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


@misconception(
    of="plot",
    kind="law",
    idea="The figure is right, but it is also shown inside the function.",
    nudge="Who should decide whether a window opens: the function, or the one who calls it?",
)
def shown_inside(x):
    figure, axes = plt.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    plt.show()
    return figure


@misconception(
    of="plot",
    kind="law",
    idea="The figure is right, but the function also saves it to a file.",
    nudge=(
        "Call your function and look at the folder you are in. What does a caller expect to "
        "find there?"
    ),
)
def saved_inside(x):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    figure.savefig("derivative_of_sin.png")
    return figure


@misconception(
    of="plot",
    kind="values",
    idea="The points lose their axis when there is only one of them, and then the drawing fails.",
    nudge="Try an x with a single entry.",
)
def squeezed_single_point_in_plot(x):
    x = jnp.squeeze(x)
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", label="sin'(x)")
    axes.plot(x, jnp.cos(x), "x", label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


@misconception(
    of="derivative",
    kind="law",
    idea="Large slopes are cut off, as one does with exploding gradients in training.",
    nudge="Try a function that is a million times as steep. What do you return for its slope?",
)
def slopes_cut_off(f, x):
    return jnp.clip(jax.vmap(jax.grad(f))(x), -1000.0, 1000.0)


@misconception(
    of="derivative",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_step_in_derivative(f, x):
    h = 1e-30
    with jax.enable_x64(True):
        beside = jax.vmap(f)(x.astype(jnp.complex128) + 1j * h)
        return (beside.imag / h).astype(jnp.float32)


@misconception(
    of="largest_gap",
    kind="law",
    idea="A single entry loses its axis to squeeze, and there is nothing left to sort.",
    nudge="Call your function with one entry. What is the shape of the gaps then?",
)
def single_gap_squeezed(f, df, x):
    gaps = jnp.squeeze(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))
    return jnp.sort(jnp.abs(gaps))[-1]


@misconception(
    of="largest_gap",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_step_in_largest_gap(f, df, x):
    h = 1e-30
    with jax.enable_x64(True):
        slopes = jax.vmap(f)(x.astype(jnp.complex128) + 1j * h).imag / h
        gaps = slopes - jax.vmap(df)(x.astype(jnp.float64))
        return jnp.max(jnp.abs(gaps)).astype(jnp.float32)
