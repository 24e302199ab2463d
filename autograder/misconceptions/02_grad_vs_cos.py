"""Misconceptions: 02_grad_vs_cos."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure


def sloped(x):
    """The derivative of sin at every entry."""
    return jax.vmap(jax.grad(jnp.sin))(x)


def drawn(x, slopes, exact, labels=("sin'(x)", "cos(x)")):
    """Two curves on one axes, with all that belongs to a figure."""
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, slopes, "o", label=labels[0])
    axes.plot(x, exact, label=labels[1])
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    axes.legend()
    return figure


def derivative__function_itself(f, x):
    """This returns f itself at every entry, and not its slope.

    Try a constant function. What is its slope?
    """
    return jax.vmap(f)(x)


def derivative__cosine_for_every_function(f, x):
    """The cosine is returned whatever f is.

    Is it written in, or kept from an earlier call? Try sin, and then the square.
    """
    return jnp.cos(x)


def derivative__gradient_of_the_mean(f, x):
    """This differentiates the mean over the batch, so every slope is divided by the number of
    entries.

    Repeat an entry in x. Should its slope become smaller because there are more entries?
    """
    return jax.grad(lambda points: jnp.mean(jax.vmap(f)(points)))(x)


def derivative__differentiated_twice(f, x):
    """This is the second derivative: the slope was differentiated once more.

    Try a straight line. What is its slope, and what do you return?
    """
    return jax.vmap(jax.grad(jax.grad(f)))(x)


def derivative__first_slope_for_all(f, x):
    """This is the slope at the first entry, copied to all the others.

    Change the last entry of x and look at the last slope.
    """
    return jnp.full_like(x, jax.grad(f)(x[0]))


def derivative__whole_jacobian(f, x):
    """This is the whole Jacobian, an (n, n) matrix, instead of the n slopes.

    Where in the matrix do the slopes stand, and what is the rest of it?
    """
    return jax.jacobian(jax.vmap(f))(x)


def derivative__slope_from_the_origin(f, x):
    """This is the slope of the straight lines between f(0) and each f(x), and not the slope of f at
    x.

    Try the square at 3. What do you get, and what is its slope there?
    """
    rise = jax.vmap(f)(x) - f(jnp.float32(0))
    return rise / jnp.where(x == 0, 1, x)


def derivative__slope_times_x(f, x):
    """This is the derivative times x: the change of f per relative change of x.

    Try a straight line at several points. Does its slope depend on x?
    """
    values, tangents = jax.jvp(jax.vmap(f), (x,), (x,))
    return tangents


def derivative__double_precision(f, x):
    """The slopes went through NumPy and came back in double precision: float64 instead of float32.

    Print the dtype of your result and of x.
    """
    return np.array(jax.vmap(jax.grad(f))(x), dtype=np.float64)


def derivative__difference_quotient_in_derivative(f, x):
    """This is a difference quotient with a small step; automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-3
    mapped = jax.vmap(f)
    return (mapped(x + h) - mapped(x - h)) / (2 * h)


def derivative__loop_over_points_in_derivative(f, x):
    """method: The slopes are right, but a Python loop differentiates at one entry after the other.

    You know a transformation from exercise 1 that carries a function from one number to many.
    """
    slope = jax.grad(f)
    slopes = []
    for point in x:
        slopes.append(slope(point))
    return jnp.array(slopes)


def derivative__squeezed_single_point_in_derivative(f, x):
    """law: For a single point the result loses its axis: shape () instead of (1,).

    Try an x with one entry and look at the shape.
    """
    return jnp.squeeze(jax.vmap(jax.grad(f))(x))


def derivative__first_slopes_kept(f, x, known={}):  # noqa: B006
    """The slopes found by the first call are returned for every later x of that size.

    Call your function twice in a row, with different entries. What outlives a call of it?
    """
    return known.setdefault(x.size, jax.vmap(jax.grad(f))(x))


def derivative__slopes_kept_by_function(f, x, known={}):  # noqa: B006
    """law: The slopes of a function are remembered, and returned wherever else it is asked about.

    Call your function for one f twice, at [1, 2] and at [3, 4]. What was remembered, and for what?
    """
    return known.setdefault((f, x.size), jax.vmap(jax.grad(f))(x))


def largest_gap__sign_kept(f, df, x):
    """The sign is kept: a gap below zero never counts, however large it is.

    Try a df that is far too large everywhere. What do you report?
    """
    return jnp.max(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))


def largest_gap__absolute_value_last(f, df, x):
    """The absolute value is taken of the largest signed gap, and not of every gap before the
    largest is chosen.

    Try two gaps, 1 and -5. Which one does your code pick?
    """
    gaps = jax.vmap(lambda point: jax.grad(f)(point) - df(point))(x)
    return jnp.abs(jnp.max(gaps))


def largest_gap__mean_gap(f, df, x):
    """This is the mean gap, not the largest one.

    Try a claim that is wrong at a single entry. Does your result grow when the other entries are
    left out?
    """
    return jnp.mean(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))


def largest_gap__compared_with_f(f, df, x):
    """This compares df with f itself; the derivative of f was never taken.

    Try sin and cos: about 0 should come out. Which two functions does your code compare?
    """
    return jnp.max(jnp.abs(jax.vmap(f)(x) - jax.vmap(df)(x)))


def largest_gap__squared_gap(f, df, x):
    """This squares the gaps instead of taking their absolute values.

    Try a claim that is wrong by 3 everywhere. Which number should come out?
    """
    return jnp.max((jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)) ** 2)


def largest_gap__gap_of_the_largest(f, df, x):
    """This compares the largest slope with the largest claimed slope, wherever the two are found.

    Try a claim with the right values at the wrong points. Should that count as a match?
    """
    slopes = jax.vmap(jax.grad(f))(x)
    claims = jax.vmap(df)(x)
    return jnp.abs(jnp.max(slopes) - jnp.max(claims))


def largest_gap__claim_differentiated_too(f, df, x):
    """This differentiates the claim as well: it takes the slope of f minus df.

    Is df meant to be a derivative already, or the function to differentiate?
    """
    slope_of_difference = jax.grad(lambda point: f(point) - df(point))
    return jnp.max(jnp.abs(jax.vmap(slope_of_difference)(x)))


def largest_gap__cosine_for_the_claim(f, df, x):
    """The claim is not used: f' is compared with the cosine, whatever df is.

    Where does your code use df? Try a false claim about sin.
    """
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jnp.cos(x)))


def largest_gap__smallest_gap(f, df, x):
    """This is the smallest gap, not the largest one.

    Try a claim that is right at a single entry only. What do you report?
    """
    return jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)).min()


def largest_gap__array_of_one(f, df, x):
    """The number is right, but it comes in an array of one entry, of shape (1,), and not as a
    scalar.

    Print the shape of your result. How many axes does a scalar have?
    """
    gaps = jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))
    return jnp.max(gaps, keepdims=True)


def largest_gap__python_float(f, df, x):
    """The number is right, but it is a Python float and no longer an array.

    Print the type of your result. Which call at the end changes it?
    """
    return float(jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))))


def largest_gap__difference_quotient_in_largest_gap(f, df, x):
    """The slopes come from difference quotients with a small step; automatic differentiation is
    asked for.

    Why did you have to choose a step? For a true claim, how close to 0 can your result get?
    """
    h = 1e-3

    def gap(point):
        slope = (f(point + h) - f(point - h)) / (2 * h)
        return jnp.abs(slope - df(point))

    return jnp.max(jax.vmap(gap)(x))


def largest_gap__loop_over_points_in_largest_gap(f, df, x):
    """method: The number is right, but a Python loop goes through the entries to find it.

    How often is f called for a thousand entries? Compare with exercise 1.
    """
    largest = jnp.float32(0)
    for point in x:
        largest = jnp.maximum(largest, jnp.abs(jax.grad(f)(point) - df(point)))
    return largest


def plot__one_curve(x):
    """Only one curve can be seen; the derivative of sin and cos are two.

    Count the curves in your figure. What should lie on top of what?
    """
    figure = drawn(x, sloped(x), jnp.cos(x))
    figure.axes[0].lines[0].remove()
    figure.axes[0].legend()
    return figure


def plot__sine_itself(x):
    """This draws sin itself where its derivative is asked for.

    The two curves should lie on top of each other. Do they in your figure?
    """
    return drawn(x, jnp.sin(x), jnp.cos(x), labels=("sin(x)", "cos(x)"))


def plot__drawn_against_the_index(x):
    """The curves are drawn against 0, 1, 2, ... and not against x.

    Read the numbers on the horizontal axis. Are they the entries of x?
    """
    return drawn(jnp.arange(x.size, dtype=x.dtype), sloped(x), jnp.cos(x))


def plot__only_x_sorted(x):
    """Only x is sorted: the heights still belong to the old order of the entries.

    Try an x in random order, with lines. Does the curve look like a cosine?
    """
    return drawn(jnp.sort(x), sloped(x), jnp.cos(x))


def plot__grid_of_its_own(x):
    """This draws both curves on a grid of its own, from -pi to pi, and not at the entries of x.

    Where does your code use x? Try one with three entries, all between 5 and 6.
    """
    x = jnp.linspace(-jnp.pi, jnp.pi, 200)
    return drawn(x, sloped(x), jnp.cos(x))


def plot__legend_missing(x):
    """law: The curves are there, but no legend tells them apart.

    Show your figure to somebody else. Can they say which curve is which?
    """
    figure = drawn(x, sloped(x), jnp.cos(x))
    figure.axes[0].get_legend().remove()
    return figure


def plot__axis_labels_missing(x):
    """law: The curves and the legend are there, but the axes have no labels.

    Which quantity runs to the right, and which one upward? The figure should say it.
    """
    figure = drawn(x, sloped(x), jnp.cos(x))
    figure.axes[0].set(xlabel="", ylabel="", title="The derivative of sin against x")
    return figure


def plot__two_separate_axes(x):
    """law: The two curves stand in two separate axes; they are to be compared on one.

    Can you see in your figure whether one curve lies exactly on the other?
    """
    figure = Figure(figsize=(9, 4))
    pair = figure.subplots(1, 2)
    pair[0].plot(x, sloped(x), "o", label="sin'(x)")
    pair[1].plot(x, jnp.cos(x), label="cos(x)")
    for axes in pair:
        axes.set(xlabel="x", ylabel="slope of sin")
        axes.legend()
    return figure


def plot__axes_returned(x):
    """This returns the axes; the whole figure is asked for.

    Print the type of your result. On which object would the caller call savefig?
    """
    return drawn(x, sloped(x), jnp.cos(x)).axes[0]


def plot__same_label_twice(x):
    """law: Both curves carry the same label, so the legend cannot tell them apart.

    Read your legend without looking at the code. Which line is which?
    """
    return drawn(x, sloped(x), jnp.cos(x), labels=("cos(x)", "cos(x)"))


def plot__taken_as_degrees(x):
    """The entries of x are taken as degrees; they are radians.

    At which x does cos become 0 in your figure, and at which should it?
    """
    angles = jnp.deg2rad(x)
    return drawn(x, sloped(angles), jnp.cos(angles))


def plot__shown_inside(x):
    """law: The figure is right, but it is also shown inside the function.

    Who should decide whether a window opens: the function, or the one who calls it?
    """
    figure = drawn(x, sloped(x), jnp.cos(x))
    plt.show()
    return figure


def plot__saved_inside(x):
    """law: The figure is right, but the function also saves it to a file.

    Call your function and look at the folder you are in. What does a caller expect to find there?
    """
    figure = drawn(x, sloped(x), jnp.cos(x))
    figure.savefig("derivative_of_sin.png")
    return figure


def plot__squeezed_single_point_in_plot(x):
    """The points lose their axis when there is only one of them, and then the drawing fails.

    Try an x with a single entry.
    """
    x = jnp.squeeze(x)
    return drawn(x, sloped(x), jnp.cos(x))


def derivative__slopes_cut_off(f, x):
    """law: Large slopes are cut off, as one does with exploding gradients in training.

    Try a function that is a million times as steep. What do you return for its slope?
    """
    return jnp.clip(jax.vmap(jax.grad(f))(x), -1000.0, 1000.0)


def derivative__imaginary_step_in_derivative(f, x):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-30
    with jax.enable_x64(True):
        beside = jax.vmap(f)(x.astype(jnp.complex128) + 1j * h)
        return (beside.imag / h).astype(jnp.float32)


def largest_gap__single_gap_squeezed(f, df, x):
    """law: A single entry loses its axis to squeeze, and there is nothing left to sort.

    Call your function with one entry. What is the shape of the gaps then?
    """
    gaps = jnp.squeeze(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))
    return jnp.sort(jnp.abs(gaps))[-1]


def largest_gap__imaginary_step_in_largest_gap(f, df, x):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-30
    with jax.enable_x64(True):
        slopes = jax.vmap(f)(x.astype(jnp.complex128) + 1j * h).imag / h
        gaps = slopes - jax.vmap(df)(x.astype(jnp.float64))
        return jnp.max(jnp.abs(gaps)).astype(jnp.float32)
