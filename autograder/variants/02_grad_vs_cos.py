"""Right answers in unusual styles: 02_grad_vs_cos."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jax import lax
from matplotlib.figure import Figure
from matplotlib.lines import Line2D


def derivative__grad_of_the_sum(f, x):
    """`grad` of the sum of all values: each entry moves only its own term."""
    return jax.grad(lambda points: jnp.sum(jax.vmap(f)(points)))(x)


def derivative__jvp_with_ones(f, x):
    """One `jvp` of the mapped function along a vector of ones."""
    _, slopes = jax.jvp(jax.vmap(f), (x,), (jnp.ones_like(x),))
    return slopes


def derivative__vjp_with_ones(f, x):
    """One `vjp` of the mapped function with a cotangent of ones."""
    values, pull_back = jax.vjp(jax.vmap(f), x)
    (slopes,) = pull_back(jnp.ones_like(values))
    return slopes


def derivative__jacobian_diagonal(f, x):
    """The diagonal of the Jacobian of the mapped function."""
    return jnp.diag(jax.jacrev(jax.vmap(f))(x))


def derivative__lax_map_jacfwd(f, x):
    """`lax.map` with forward mode."""
    return lax.map(jax.jacfwd(f), x)


def derivative__vectorize(f, x):
    """`jnp.vectorize` of the derivative, as a NumPy array."""
    return np.asarray(jnp.vectorize(jax.grad(f))(x))


def derivative__scan_value_and_grad(f, x):
    """`lax.scan` with `value_and_grad`, the value thrown away."""

    def step(carry, point):
        _, slope = jax.value_and_grad(f)(point)
        return carry, slope

    return lax.scan(step, 0, x)[1]


def derivative__linearize(f, x):
    """`linearize` at every point, the linear map applied to 1."""

    @jax.jit
    @jax.vmap
    def slope(point):
        _, linear = jax.linearize(f, point)
        return linear(jnp.ones_like(point))

    return slope(x)


def largest_gap__infinity_norm(f, df, x):
    """The infinity norm of the vector of gaps."""
    gaps = jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)
    return jnp.linalg.norm(gaps, ord=jnp.inf)


def largest_gap__running_maximum(f, df, x):
    """`lax.scan` that carries the largest gap so far."""

    def step(largest, point):
        gap = jnp.abs(jax.grad(f)(point) - df(point))
        return jnp.maximum(largest, gap), None

    largest, _ = lax.scan(step, jnp.float32(0), x)
    return largest


def largest_gap__last_when_sorted(f, df, x):
    """The gaps sorted, the last one taken."""

    @jax.vmap
    def gap(point):
        return jnp.abs(df(point) - jax.jacfwd(f)(point))

    return jnp.sort(gap(x))[-1]


def largest_gap__both_signs(f, df, x):
    """The larger of the biggest gap above and the biggest below."""
    _, slopes = jax.jvp(jax.vmap(f), (x,), (jnp.ones_like(x),))
    gaps = slopes - lax.map(df, x)
    return jnp.maximum(gaps.max(), -gaps.min())


def largest_gap__numpy(f, df, x):
    """The comparison in NumPy, as an array without axes."""
    automatic = np.asarray(jax.vmap(jax.grad(f))(x))
    claimed = np.asarray(jax.vmap(df)(x))
    return np.asarray(np.abs(automatic - claimed).max(), dtype=np.float32)


def largest_gap__where_it_is(f, df, x):
    """`argmax` finds the place, the gap is read there."""
    gaps = jnp.abs(jax.vmap(lambda point: jax.grad(f)(point) - df(point))(x))
    return gaps[jnp.argmax(gaps)]


def largest_gap__lax_reduce(f, df, x):
    """`lax.reduce` with `lax.max` over the absolute gaps, under `jit`."""

    @jax.jit
    def compare(points):
        slopes = jax.grad(lambda p: jax.vmap(f)(p).sum())(points)
        gaps = lax.abs(lax.sub(slopes, jax.vmap(df)(points)))
        return lax.reduce(gaps, jnp.float32(-jnp.inf), lax.max, (0,))

    return compare(x)


def plot__pyplot(x):
    """`pyplot`, labels given to the curves, dots and a line."""
    figure, axes = plt.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "ro", label="derivative of sin")
    axes.plot(x, jnp.cos(x), "b--", label="cos")
    axes.set(xlabel="x", ylabel="y", title="sin' and cos")
    axes.legend(loc="upper right")
    plt.close(figure)
    return figure


def plot__pyplot_state_machine(x):
    """`pyplot` calls only, the figure fetched at the end."""
    plt.figure(figsize=(6, 3))
    plt.plot(x, jax.vmap(jax.grad(jnp.sin))(x), linewidth=4)
    plt.plot(x, jnp.cos(x), linestyle=":")
    plt.xlabel("angle")
    plt.ylabel("slope")
    plt.legend(["grad(sin)", "cos"])
    plt.grid(True)
    return plt.gcf()


def plot__labels_given_to_the_legend(x):
    """One `plot` call for both curves, handles and labels given to the legend."""
    figure = Figure()
    axes = figure.add_subplot()
    slopes = jax.vmap(jax.grad(jnp.sin))(x)
    automatic, exact = axes.plot(x, slopes, "-", x, jnp.cos(x), "x")
    axes.legend([automatic, exact], ["automatic", "by hand"])
    axes.set_xlabel("$x$")
    axes.set_ylabel("$f'(x)$")
    return figure


def plot__figure_legend(x):
    """NumPy arrays in the order given, and the legend of the figure."""
    points = np.asarray(x)
    figure = Figure(layout="tight")
    axes = figure.subplots()
    axes.plot(points, np.cos(points), color="black", label="cos x")
    slopes = np.asarray(jax.vmap(jax.grad(jnp.sin))(x))
    axes.plot(points, slopes, color="red", linestyle="none", marker="+", label="d sin / dx")
    axes.set_xlabel("x in radians")
    axes.set_ylabel("value")
    figure.legend()
    return figure


def plot__scatter(x):
    """Two scatter plots of different marker sizes."""
    figure, axes = plt.subplots(figsize=(8, 5))
    axes.scatter(x, jnp.cos(x), s=60, marker="o", label="cos(x)")
    axes.scatter(x, jax.vmap(jax.grad(jnp.sin))(x), s=10, marker="s", label="sin'(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("slope")
    axes.legend()
    plt.close(figure)
    return figure


def plot__more_curves(x):
    """Sorted x, with sin itself and a zero line as further curves."""
    points = jnp.sort(x)
    figure = Figure(figsize=(9, 4))
    axes = figure.subplots()
    axes.axhline(0.0, color="gray", linewidth=0.5)
    axes.plot(points, jnp.sin(points), color="lightgray", label="sin(x)")
    axes.plot(points, jax.vmap(jax.grad(jnp.sin))(points), linewidth=3, label="grad(sin)(x)")
    axes.plot(points, jnp.cos(points), linestyle="dashed", label="cos(x)")
    axes.set_xlabel("x")
    axes.set_ylabel("f(x)")
    axes.legend(ncols=3)
    return figure


def plot__table_of_curves(x):
    """Both curves as columns of one table, descending x, proxies in the legend."""
    points = jnp.sort(x)[::-1]
    table = jnp.column_stack([lax.map(jax.grad(jnp.sin), points), jnp.cos(points)])
    figure = Figure()
    axes = figure.subplot_mosaic([["only"]])["only"]
    lines = axes.plot(points, table, marker=".")
    lines[0].set_color("tab:green")
    lines[1].set_color("tab:purple")
    proxies = [
        Line2D([], [], color="tab:green", label="sin', automatic"),
        Line2D([], [], color="tab:purple", label="cos"),
    ]
    axes.legend(handles=proxies)
    axes.set_xlabel("x")
    axes.set_ylabel("slope of sin")
    return figure
