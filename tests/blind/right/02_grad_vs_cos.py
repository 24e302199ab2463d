"""Right answers to 02_grad_vs_cos, in many hands."""

import functools
import itertools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jax import lax
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D


class Dual(NamedTuple):
    """A value with its derivative."""

    value: Any
    slope: Any


def push(f):
    """Scalar function -> function returning a Dual."""

    def pushed(t):
        return Dual(*jax.jvp(f, (t,), (jnp.ones_like(t),)))

    return pushed


class Slope:
    """The derivative of f as an object."""

    def __init__(self, f):
        self.f = f

    def __call__(self, t):
        value, pullback = jax.vjp(self.f, t)
        return pullback(jnp.ones_like(value))[0]


# ------------------------------------------------------------- derivative


def derivative__plain(f, x):
    """vmap of grad."""
    return jax.vmap(jax.grad(f))(x)


def derivative__grad_of_sum(f, x):
    """The gradient of the sum of the mapped values: every entry has only its own slope."""
    return jax.grad(lambda v: jnp.sum(jax.vmap(f)(v)))(x)


def derivative__one_big_jvp(f, x):
    """Forward mode on the mapped function with a tangent of ones."""
    return jax.jvp(jax.vmap(f), (x,), (jnp.ones_like(x),))[1]


def derivative__one_big_vjp(f, x):
    """Reverse mode with a cotangent of ones."""
    values, pullback = jax.vjp(jax.vmap(f), x)
    (slopes,) = pullback(jnp.ones_like(values))
    return slopes


def derivative__linearize(f, x):
    """linearize the mapped function once, push ones through it."""
    _, push_forward = jax.linearize(jax.vmap(f), x)
    return push_forward(jnp.full_like(x, 1))


def derivative__jacfwd_scalar(f, x):
    """jacfwd entry by entry in lax.map, nine at a time."""
    return lax.map(jax.jacfwd(f), x, batch_size=9)


def derivative__jacrev_vectorize(f, x):
    """jacrev under jnp.vectorize, holomorphic spelled out."""
    return jnp.vectorize(jax.jacrev(f, holomorphic=False))(x)


def derivative__diagonal(f, x):
    """The diagonal of the whole Jacobian: wasteful and right."""
    return jnp.diag(jax.jacobian(jax.vmap(f))(x))


def derivative__value_and_grad(f, x):
    """value_and_grad, and the values thrown away."""
    return jax.vmap(jax.value_and_grad(f))(x)[1]


def derivative__dual_numbers(f, x):
    """A NamedTuple of value and slope comes out of the vmap."""
    return jax.vmap(push(f))(x).slope


def derivative__scan(f, x):
    """grad inside a scan with a counter in the carry."""
    step = lambda k, t: (k + 1, jax.grad(f)(t))  # noqa: E731
    return lax.scan(step, jnp.zeros((), jnp.int32), x, unroll=2)[1]


def derivative__fori(f, x):
    """fori_loop, indexing the vector inside and differentiating the shift."""

    def body(i, out):
        return out.at[i].set(jax.grad(lambda h: f(x[i] + h))(jnp.zeros((), x.dtype)))

    return lax.fori_loop(0, x.shape[0], body, jnp.zeros_like(x))


def derivative__while(f, x):
    """while_loop from the back."""
    slope = jax.grad(f)

    def body(state):
        i, out = state
        return i - 1, out.at[i].set(slope(x[i]))

    return lax.while_loop(lambda s: s[0] >= 0, body, (x.shape[0] - 1, jnp.empty_like(x)))[1]


def derivative__object(f, x):
    """An object that pulls back ones."""
    return jax.jit(jax.vmap(Slope(f)))(x)


def derivative__shared_scale(f, x):
    """f times a scale of one that every entry shares; grad looks at argument 0 only."""
    scaled = jax.grad(lambda t, scale: scale * f(t), argnums=0)
    return jax.vmap(scaled, in_axes=(0, None))(x, jnp.ones((), x.dtype))


def derivative__has_aux(f, x):
    """The value comes along as auxiliary output."""

    def with_value(t):
        out = f(t)
        return out, out

    slopes, _ = jax.vmap(jax.grad(with_value, has_aux=True))(x)
    return slopes


@functools.partial(jax.jit, static_argnums=0)
def derivative__remat_numpy_free(f, x):
    """jit with f static, checkpoint around f, a debug print inside."""
    slopes = jax.vmap(jax.grad(jax.checkpoint(f)))(x)
    jax.debug.print("first slope {s}", s=slopes[0])
    return slopes


def derivative__numpy_result(f, x):
    """A NumPy array with the dtype of x."""
    return np.asarray(jax.vmap(jax.grad(f))(x)).astype(np.dtype(x.dtype))


def derivative__blocks(f, x):
    """Pads to blocks of 8 and maps blocks with lax.map."""
    n = x.shape[0]
    blocks = jnp.pad(x, (0, -n % 8), mode="edge").reshape(-1, 8)
    return lax.map(jax.vmap(jax.grad(f)), blocks).reshape(-1)[:n]


# ------------------------------------------------------------ largest_gap


def largest_gap__plain(f, df, x):
    """The model solution."""
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))


def largest_gap__one_map(f, df, x):
    """The gap at one point, mapped."""
    return jax.vmap(lambda t: jnp.abs(jax.grad(f)(t) - df(t)))(x).max()


def largest_gap__running_scan(f, df, x):
    """A running maximum in the carry of a scan, started at zero."""

    def step(worst, t):
        return jnp.maximum(worst, jnp.abs(jax.grad(f)(t) - df(t))), None

    return lax.scan(step, jnp.zeros((), x.dtype), x)[0]


def largest_gap__fori(f, df, x):
    """fori_loop with forward mode."""

    def body(i, worst):
        t = x[i]
        _, slope = jax.jvp(f, (t,), (jnp.ones_like(t),))
        return jnp.maximum(worst, jnp.abs(slope - df(t)))

    return lax.fori_loop(0, x.size, body, jnp.zeros_like(x[0]))


def largest_gap__associative(f, df, x):
    """An associative scan of maxima; the last one is the largest."""
    gaps = jnp.abs(jax.vmap(jax.jacfwd(f))(x) - jax.vmap(df)(x))
    return lax.associative_scan(jnp.maximum, gaps)[-1]


def largest_gap__norm(f, df, x):
    """The infinity norm."""
    return jnp.linalg.norm(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x), ord=jnp.inf)


def largest_gap__either_sign(f, df, x):
    """No abs: the larger of the largest and minus the smallest difference."""
    difference = jax.vmap(jax.jacrev(f))(x) - jax.vmap(df)(x)
    return jnp.maximum(difference.max(), -difference.min())


def largest_gap__sorted(f, df, x):
    """Sorts the gaps and takes the last."""
    gaps = jnp.abs(jax.vmap(jax.grad(f))(x) - lax.map(df, x, batch_size=6))
    return jnp.sort(gaps)[-1]


def largest_gap__argmax(f, df, x):
    """Finds where it is worst and reads it off there."""
    gaps = jnp.abs(jnp.vectorize(jax.grad(f))(x) - jnp.vectorize(df)(x))
    return gaps[jnp.argmax(gaps)]


def largest_gap__top_k(f, df, x):
    """lax.top_k with k = 1."""
    gaps = jnp.abs(jax.grad(lambda v: jax.vmap(f)(v).sum())(x) - jax.vmap(df)(x))
    return lax.top_k(gaps, 1)[0][0]


def largest_gap__reduce(f, df, x):
    """lax.reduce with lax.max, from zero."""
    slope = jax.linearize(jax.vmap(f), x)[1](jnp.ones_like(x))
    gaps = jnp.abs(slope - jax.vmap(df)(x))
    return lax.reduce(gaps, np.zeros((), gaps.dtype), lax.max, (0,))


def largest_gap__cummax(f, df, x):
    """Cumulative maximum."""
    return lax.cummax(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))[x.shape[0] - 1]


def largest_gap__residual_function(f, df, x):
    """Both claims come out of one vmap as a tuple; the result a 0-d NumPy array."""
    slope, claim = jax.vmap(lambda t: (jax.grad(f)(t), df(t)))(x)
    return np.asarray(jnp.max(jnp.abs(slope - claim)))


@functools.partial(jax.jit, static_argnums=(0, 1))
def largest_gap__jitted(f, df, x):
    """Compiled, functions static, initial value zero (gaps are never negative)."""
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)), initial=0.0)


def largest_gap__pmax(f, df, x):
    """Every example computes the maximum over the named axis; the first reports."""
    at_one = lambda t: lax.pmax(jnp.abs(jax.grad(f)(t) - df(t)), "points")  # noqa: E731
    return jax.vmap(at_one, axis_name="points")(x)[0]


def largest_gap__while(f, df, x):
    """A while_loop that keeps the worst so far."""
    gap = lambda t: jnp.abs(Slope(f)(t) - df(t))  # noqa: E731
    start = (0, jnp.zeros((), x.dtype))
    step = lambda s: (s[0] + 1, jnp.maximum(s[1], gap(x[s[0]])))  # noqa: E731
    return lax.while_loop(lambda s: s[0] < x.shape[0], step, start)[1]


# ------------------------------------------------------------------- plot


def plot__plain(x):
    """Figure without pyplot, a wide line and dots."""
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), linewidth=4, alpha=0.5, label="grad(sin)")
    axes.plot(x, jnp.cos(x), ".", color="black", label="cos")
    axes.set_xlabel("x")
    axes.set_ylabel("slope")
    axes.legend()
    return figure


def plot__pyplot(x):
    """pyplot, a title, two dash styles."""
    fig, ax = plt.subplots(figsize=(8, 4))
    ax.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "-", lw=3, label=r"$\frac{d}{dx}\sin x$")
    ax.plot(x, jnp.cos(x), "--", lw=1.5, label=r"$\cos x$")
    ax.set(xlabel="x in radians", ylabel="value", title="sin' and cos")
    ax.legend(loc="upper right", frameon=False)
    ax.grid(True)
    return fig


def plot__scatter_over_line(x):
    """The line sorted, the scatter in the order given."""
    xs = np.sort(np.asarray(x))
    fig = Figure(layout="constrained")
    ax = fig.add_subplot(1, 1, 1)
    ax.plot(xs, np.cos(xs), color="tab:orange", label="cos", zorder=1)
    ax.scatter(x, jax.vmap(jax.grad(jnp.sin))(x), s=14, c="navy", label="autodiff", zorder=2)
    ax.set_xlabel("angle")
    ax.set_ylabel("slope of the sine")
    fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot__german(x):
    """In German, labels handed to the legend."""
    bild = Figure()
    achse = bild.subplots()
    (eins,) = achse.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "o", mfc="none", ms=9)
    (zwei,) = achse.plot(x, jnp.cos(x), "x", color=eins.get_color())
    achse.set_xlabel("Winkel (Bogenmaß)")
    achse.set_ylabel("Steigung")
    achse.legend([eins, zwei], ["Ableitung von sin", "Kosinus"])
    return bild


def plot__labels_to_legend_only(x):
    """legend gets a list of labels, curves have none."""
    fig, ax = plt.subplots()
    ax.plot(x, jax.vmap(jax.grad(jnp.sin))(x), lw=5, color="0.8")
    ax.plot(x, jnp.cos(x), lw=1, color="crimson")
    ax.legend(["sin' (JAX)", "cos"])
    plt.xlabel("x")
    plt.ylabel("y")
    plt.close(fig)
    return fig


def plot__one_call(x):
    """Both curves in one call, as a two-column matrix; half transparent, colours differ."""
    fig = Figure()
    ax = fig.add_axes((0.15, 0.15, 0.8, 0.8))
    both = np.column_stack([jax.vmap(jax.grad(jnp.sin))(x), jnp.cos(x)])
    ax.plot(np.asarray(x), both, alpha=0.5, label=["d sin / dx", "cos x"])
    ax.set_xlabel("x [rad]")
    ax.set_ylabel("f(x)")
    ax.legend()
    return fig


def plot__with_further_curves(x):
    """sin itself and the difference are drawn as well, and a zero line."""
    order = jnp.argsort(x)
    t = x[order]
    slope = jax.vmap(jax.grad(jnp.sin))(t)
    fig = Figure((7, 5), dpi=120)
    ax = fig.subplots()
    ax.axhline(0.0, color="0.7", lw=0.8)
    ax.plot(t, jnp.sin(t), ":", label="sin")
    ax.plot(t, slope, lw=6, alpha=0.4, label="sin', automatic")
    ax.plot(t, jnp.cos(t), "k--", label="cos, exact")
    ax.plot(t, slope - jnp.cos(t), "-.", label="difference")
    ax.set(xlabel="x", ylabel="y")
    ax.legend(fontsize="small")
    return fig


def plot__add_line(x):
    """Line2D artists added by hand; autoscale called."""
    fig = Figure()
    FigureCanvasAgg(fig)
    ax = fig.subplots()
    xs = np.asarray(x)
    ax.add_line(Line2D(xs, np.cos(xs), marker="s", ls="none", color="c", label="cosine"))
    slope = np.asarray(jax.vmap(jax.grad(jnp.sin))(x))
    ax.add_line(Line2D(xs, slope, marker="+", ls="none", color="m", label="grad of sine"))
    ax.autoscale_view()
    ax.set_xlabel("x")
    ax.set_ylabel("cos x")
    ax.legend(title="which?")
    return fig


def plot__errorbar(x):
    """errorbar without error bars for the one, step-free line for the other."""
    fig, ax = plt.subplots()
    ax.errorbar(x, jax.vmap(jax.jacfwd(jnp.sin))(x), fmt="D", ms=3, label="forward mode")
    ax.plot(x, jnp.cos(x), color="k", alpha=0.6, label="cos")
    ax.set_ylim(-1.2, 1.2)
    ax.set_xlabel("x")
    ax.set_ylabel("derivative")
    fig.legend()
    return fig


def plot__style_context(x):
    """A style for this figure only; markers with markevery on one of the lines."""
    with plt.style.context("ggplot"):
        fig, ax = plt.subplots()
        slope = jax.grad(lambda v: jnp.sin(v).sum())(x)
        ax.plot(x, slope, marker="o", markevery=3, label="sin'")
        ax.plot(x, jnp.cos(x), ls=(0, (5, 2)), marker="|", label="cos")
        ax.set_xlabel("$x$")
        ax.set_ylabel("$y$")
        ax.legend(loc="best", framealpha=0.8)
    return fig


def plot__cycled_loop(x):
    """A loop over the two CURVES, formats from a cycle."""
    fig = Figure()
    ax = fig.subplots()
    curves = {"sin'": jax.vmap(jax.grad(jnp.sin)), "cos": jnp.cos}
    for (name, curve), fmt in zip(curves.items(), itertools.cycle(["o", "-"])):
        ax.plot(x, curve(x), fmt, label=name)
    ax.set_xlabel("x")
    ax.set_ylabel("")
    ax.yaxis.set_label_text("slope")
    ax.legend()
    return fig


def plot__numbers_by_hand(x):
    """How sin' was computed is not asked here: the complex step in NumPy."""
    t = np.asarray(x, dtype=np.float64)
    slope = np.sin(t + 1e-20j).imag / 1e-20
    fig = Figure()
    ax = fig.subplots()
    ax.plot(t, slope, "g-", linewidth=3, label="sin', complex step")
    ax.plot(t, np.cos(t), "y^", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__line_collection(x):
    """The derivative as a LineCollection, cos as dots; limits set with room to spare."""
    t = np.sort(np.asarray(x))
    slope = np.asarray(jax.vmap(jax.grad(jnp.sin))(t))
    fig = Figure()
    ax = fig.subplots()
    line = LineCollection([np.column_stack([t, slope])], colors="purple", label="grad sin")
    ax.add_collection(line)
    ax.plot(t, np.cos(t), "k.", label="cos")
    ax.set_xlim(t[0] - 1, t[-1] + 1)
    ax.set_ylim(-1.3, 1.3)
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    ax.legend()
    return fig


def plot__inverted_view(x):
    """A spacious view with the x axis running right to left, legend beside the axes."""
    fig, ax = plt.subplots(layout="constrained")
    ax.plot(x, jnp.cos(x), marker=".", ls="", label="cos")
    ax.plot(x, jax.vmap(jax.grad(jnp.sin))(x), lw=1, c="k", label="d sin")
    ax.invert_xaxis()
    ax.margins(0.2)
    ax.set_xlabel("x (leftwards)")
    ax.set_ylabel("value")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return fig


def plot__two_scatters(x):
    """Two scatters, told apart by marker."""
    fig = Figure()
    ax = fig.subplots()
    ax.scatter(x, jax.vmap(jax.grad(jnp.sin))(x), marker="o", facecolors="none", edgecolors="r")
    ax.scatter(x, jnp.cos(x), marker="x", c="b")
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    ax.legend(["automatic", "exact"])
    return fig


# ----------------------------------------------------------- a second round


def derivative__linear_transpose(f, x):
    """Linearised, then transposed by hand, entry by entry."""

    def slope(t):
        _, push_forward = jax.linearize(f, t)
        return jax.linear_transpose(push_forward, t)(jnp.ones_like(t))[0]

    return jax.vmap(slope)(x)


def derivative__jacfwd_of_lambda(f, x):
    """Forward mode, of f wrapped in a lambda."""
    return jax.vmap(jax.jacfwd(lambda t: f(t)))(x)


def derivative__value_and_grad_mapped(f, x):
    """The second of two outputs, in odd batches."""
    return lax.map(lambda t: jax.value_and_grad(f)(t)[1], x, batch_size=5)


def derivative__jacobian_diagonal(f, x):
    """The diagonal of the Jacobian of the mapped function."""
    return jnp.einsum("ii->i", jax.jacrev(jax.vmap(f))(x))


def derivative__checkpointed(f, x):
    """A rematerialised f, in a scan unrolled twice."""
    slope = jax.grad(jax.checkpoint(f))
    return lax.scan(lambda c, t: (c, slope(t)), None, x, unroll=2)[1]


def largest_gap__fold(f, df, x):
    """A running maximum in a fori_loop."""

    def step(i, best):
        return jnp.maximum(best, jnp.abs(jax.grad(f)(x[i]) - df(x[i])))

    return lax.fori_loop(0, x.shape[0], step, jnp.zeros(()))


def largest_gap__top_one(f, df, x):
    """lax.top_k of one."""
    gaps = jnp.abs(jax.vmap(lambda t: jax.jvp(f, (t,), (jnp.ones_like(t),))[1] - df(t))(x))
    return lax.top_k(gaps, 1)[0][0]


def largest_gap__two_sided(f, df, x):
    """The larger of the largest and minus the smallest."""
    gaps = jax.vmap(lambda t: jax.grad(f)(t) - df(t))(x)
    return jnp.maximum(gaps.max(), -gaps.min())


def largest_gap__infinity_norm(f, df, x):
    """The norm of that name."""
    return jnp.linalg.norm(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x), ord=jnp.inf)


def plot__markers_in_greek(x):
    """Markers against a line, LaTeX in the legend, Greek on the axes."""
    figure = Figure()
    axes = figure.add_subplot()
    order = np.argsort(np.asarray(x))
    xs = np.asarray(x)[order]
    axes.plot(xs, np.asarray(jax.vmap(jax.grad(jnp.sin))(xs)), "kx", label=r"$\frac{d}{dx}\sin x$")
    axes.plot(xs, np.cos(xs), "-", color="0.6", label=r"$\cos x$")
    axes.set(xlabel="γωνία", ylabel="κλίση")
    figure.legend(loc="outside upper center")
    return figure
