"""Wrong answers to 02_grad_vs_cos, from blunders to sly ones."""

import functools
import os

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jax import lax
from matplotlib.figure import Figure


def sine_slope(x):
    """sin' by automatic differentiation, for the plots."""
    return jax.vmap(jax.grad(jnp.sin))(x)


def slopes_of(f, x):
    """The right derivative, for answers that spoil something else."""
    return jax.vmap(jax.grad(f))(x)


# ------------------------------------------------------------- derivative


def derivative__always_cos(f, x):
    """Hard-coded: cos, whatever f is."""
    return jnp.cos(x)


def derivative__forgets_grad(f, x):
    """Returns the values of f."""
    return jax.vmap(f)(x)


def derivative__grad_of_whole_vector(f, x):
    """grad(f)(x) on the vector: f takes and returns one scalar; an error for n > 1."""
    return jax.grad(f)(x)


def derivative__grad_of_mean(f, x):
    """The gradient of the mean: n times too small."""
    return jax.grad(lambda v: jax.vmap(f)(v).mean())(x)


def derivative__summed_call(f, x):
    """f(v).sum() calls f on a vector, for which it was not written."""
    return jax.grad(lambda v: f(v).sum())(x)


def derivative__bfloat16(f, x):
    """Differentiates in bfloat16: lower precision inside."""
    return jax.vmap(jax.grad(f))(x.astype(jnp.bfloat16)).astype(jnp.float32)


def derivative__half_output(f, x):
    """The slopes pass through float16."""
    return slopes_of(f, x).astype(jnp.float16).astype(jnp.float32)


def derivative__clipped_slopes(f, x):
    """Clips the slopes to [-100, 100], like gradient clipping in training."""
    return jnp.clip(slopes_of(f, x), -100.0, 100.0)


def derivative__reduced_angle(f, x):
    """Reduces x modulo 2 pi first: periodic f only."""
    return slopes_of(f, jnp.mod(x, 2 * jnp.pi))


def derivative__sorted(f, x):
    """Sorts x: the slopes come out in another order."""
    return slopes_of(f, jnp.sort(x))


def derivative__threshold(f, x):
    """Slopes below a thousandth are set to zero."""
    slopes = slopes_of(f, x)
    return jnp.where(jnp.abs(slopes) > 1e-3, slopes, 0.0)


def derivative__zero_is_flat(f, x):
    """Special case by value: slope 0 at x = 0."""
    return jnp.where(x == 0.0, 0.0, slopes_of(f, x))


def derivative__subsampled(f, x):
    """Past 500 entries it differentiates every other one and repeats it."""
    if x.shape[0] <= 500:
        return slopes_of(f, x)
    return jnp.repeat(slopes_of(f, x[::2]), 2)[: x.shape[0]]


def derivative__jvp_along_x(f, x):
    """The tangent is x instead of ones: gives x f'(x), right where x = 1."""
    return jax.jvp(jax.vmap(f), (x,), (x,))[1]


def derivative__last_entry_lost(f, x):
    """fori_loop to n - 1: the last slope stays zero."""
    grad = jax.grad(f)
    body = lambda i, out: out.at[i].set(grad(x[i]))  # noqa: E731
    return lax.fori_loop(0, x.shape[0] - 1, body, jnp.zeros_like(x))


def derivative__jacobian_column(f, x):
    """Takes the first column of the Jacobian, not the diagonal; right for n = 1."""
    return jax.jacobian(jax.vmap(f))(x)[:, 0]


def derivative__size_of_slope(f, x):
    """The absolute slope."""
    return jnp.abs(slopes_of(f, x))


def derivative__float64(f, x):
    """A NumPy float64 array, not float32."""
    return np.asarray(slopes_of(f, x), dtype=float)


def derivative__donated(f, x):
    """Donates x, which does not survive the call."""
    return jax.jit(jax.vmap(jax.grad(f)), donate_argnums=0)(x)


def derivative__cached_by_size(f, x, _known={}):  # noqa: B006
    """State between calls: caches the result by f and the size of x."""
    key = (f, x.shape[0])
    if key not in _known:
        _known[key] = slopes_of(f, x)
    return _known[key]


def derivative__entry_loop(f, x):
    """method: grad in a comprehension over the entries."""
    return jnp.stack([jax.grad(f)(t) for t in x])


def derivative__chunked(f, x):
    """method: a Python loop over chunks of 256."""
    run = jax.jit(jax.vmap(jax.grad(f)))
    return jnp.concatenate([run(x[k : k + 256]) for k in range(0, x.shape[0], 256)])


def derivative__np_vectorize(f, x):
    """method: np.vectorize of grad, a host loop."""
    return jnp.asarray(np.vectorize(jax.grad(f), otypes=[np.float32])(x))


def derivative__recursive(f, x):
    """method: recursion on the two halves of x down to single entries, a loop in disguise."""
    if x.shape[0] == 1:
        return jnp.reshape(jax.grad(f)(x[0]), (1,))
    middle = x.shape[0] // 2
    parts = derivative__recursive(f, x[:middle]), derivative__recursive(f, x[middle:])
    return jnp.concatenate(parts)


def derivative__central_difference(f, x):
    """method: a central difference quotient, no automatic differentiation."""
    h = 1e-2
    g = jax.vmap(f)
    return (g(x + h) - g(x - h)) / (2 * h)


def derivative__richardson(f, x):
    """method: extrapolated difference quotients, still no automatic differentiation."""
    g, h = jax.vmap(f), 0.05 * jnp.maximum(1.0, jnp.abs(x))
    coarse = (g(x + 2 * h) - g(x - 2 * h)) / (4 * h)
    fine = (g(x + h) - g(x - h)) / (2 * h)
    return (4 * fine - coarse) / 3


def derivative__complex_step(f, x):
    """method: the complex step, no automatic differentiation (and wrong for abs and the like)."""
    h = 1e-10
    return jax.vmap(lambda t: jnp.imag(f(lax.complex(t, jnp.full_like(t, h)))) / h)(x)


# ------------------------------------------------------------ largest_gap


def largest_gap__no_abs(f, df, x):
    """The largest signed difference: misses where df is too large."""
    return jnp.max(slopes_of(f, x) - jax.vmap(df)(x))


def largest_gap__abs_too_late(f, df, x):
    """abs of the largest signed difference."""
    return jnp.abs(jnp.max(slopes_of(f, x) - jax.vmap(df)(x)))


def largest_gap__mean(f, df, x):
    """The mean gap."""
    return jnp.mean(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)))


def largest_gap__rms(f, df, x):
    """Root mean square; equals the maximum only where all gaps are equal."""
    return jnp.sqrt(jnp.mean((slopes_of(f, x) - jax.vmap(df)(x)) ** 2))


def largest_gap__range(f, df, x):
    """Largest minus smallest difference: a constant error vanishes."""
    return jnp.ptp(slopes_of(f, x) - jax.vmap(df)(x))


def largest_gap__magnitudes(f, df, x):
    """Compares the sizes of the slopes: df = -f' counts as right."""
    return jnp.max(jnp.abs(jnp.abs(slopes_of(f, x)) - jnp.abs(jax.vmap(df)(x))))


def largest_gap__values(f, df, x):
    """Compares f itself with df."""
    return jnp.max(jnp.abs(jax.vmap(f)(x) - jax.vmap(df)(x)))


def largest_gap__hard_coded_cos(f, df, x):
    """Compares f' with cos and ignores the claim."""
    return jnp.max(jnp.abs(slopes_of(f, x) - jnp.cos(x)))


def largest_gap__difference_of_maxima(f, df, x):
    """max |f'| minus max |df|."""
    return jnp.abs(jnp.max(jnp.abs(slopes_of(f, x))) - jnp.max(jnp.abs(jax.vmap(df)(x))))


def largest_gap__relative(f, df, x):
    """A relative gap once the slopes exceed one."""
    slope = slopes_of(f, x)
    return jnp.max(jnp.abs(slope - jax.vmap(df)(x)) / jnp.maximum(jnp.abs(slope), 1.0))


def largest_gap__squared(f, df, x):
    """The largest squared gap: equal for gaps of 0 and 1."""
    return jnp.max(jnp.square(slopes_of(f, x) - jax.vmap(df)(x)))


def largest_gap__tolerant(f, df, x):
    """Reports zero for gaps below 0.01."""
    gap = jnp.max(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)))
    return jnp.where(gap < 1e-2, 0.0, gap)


def largest_gap__percentile(f, df, x):
    """The 99th percentile: one bad point in many is overlooked."""
    return jnp.percentile(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)), 99)


def largest_gap__first_hundred(f, df, x):
    """Looks at 100 entries only."""
    x = x[:100]
    return jnp.max(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)))


def largest_gap__inner_points(f, df, x):
    """Leaves out both ends when there are more than two points."""
    gaps = jnp.abs(slopes_of(f, x) - jax.vmap(df)(x))
    return gaps[1:-1].max() if gaps.size > 2 else gaps.max()


def largest_gap__soft_maximum(f, df, x):
    """Here logsumexp, above the maximum by up to log n."""
    return jax.nn.logsumexp(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)))


def largest_gap__capped(f, df, x):
    """A wrong claim counts as at most 10."""
    return jnp.minimum(jnp.max(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x))), 10.0)


def largest_gap__vector_calls(f, df, x):
    """Calls df on the vector, though it is written for one scalar."""
    return jnp.max(jnp.abs(slopes_of(f, x) - df(x)))


def largest_gap__differentiates_claim(f, df, x):
    """Differentiates the claim too."""
    return jnp.max(jnp.abs(slopes_of(f, x) - slopes_of(df, x)))


def largest_gap__python_float(f, df, x):
    """Returns a Python float, which is no array."""
    return float(jnp.max(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x))))


def largest_gap__keepdims(f, df, x):
    """Shape (1,) instead of ()."""
    return jnp.max(jnp.abs(slopes_of(f, x) - jax.vmap(df)(x)), keepdims=True)


def largest_gap__half(f, df, x):
    """Takes the difference in float16."""
    claim = jax.vmap(df)(x).astype(jnp.float16)
    gap = jnp.max(jnp.abs(slopes_of(f, x).astype(jnp.float16) - claim))
    return gap.astype(jnp.float32)


def largest_gap__python_max(f, df, x):
    """method: Python's max over a generator over the entries."""
    return jnp.asarray(max(abs(jax.grad(f)(t) - df(t)) for t in x), dtype=x.dtype)


def largest_gap__running_python(f, df, x):
    """method: a for loop with a running maximum."""
    worst = jnp.zeros((), x.dtype)
    for t in x:
        worst = jnp.maximum(worst, jnp.abs(jax.grad(f)(t) - df(t)))
    return worst


def largest_gap__reduce(f, df, x):
    """method: functools.reduce over chunks of 100."""
    gap = jax.vmap(lambda t: jnp.abs(jax.grad(f)(t) - df(t)))
    chunks = [x[k : k + 100] for k in range(0, x.shape[0], 100)]
    return functools.reduce(jnp.maximum, [gap(c).max() for c in chunks])


def largest_gap__claim_looped(f, df, x):
    """method: the derivative by vmap, but the claim in a Python loop over the entries."""
    claim = jnp.array([df(t) for t in x])
    return jnp.max(jnp.abs(slopes_of(f, x) - claim))


def largest_gap__difference_quotient(f, df, x):
    """method: a difference quotient in place of automatic differentiation."""
    h = 1e-3
    slope = jax.vmap(lambda t: (f(t + h) - f(t - h)) / (2 * h))(x)
    return jnp.max(jnp.abs(slope - jax.vmap(df)(x)))


# ------------------------------------------------------------------- plot


def plot__no_legend(x):
    """Labels given, but legend never called."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), lw=4, label="sin'")
    ax.plot(x, jnp.cos(x), "--", label="cos")
    ax.set(xlabel="x", ylabel="y")
    return fig


def plot__legend_hidden(x):
    """The legend is made invisible."""
    fig, ax = plt.subplots()
    ax.plot(x, sine_slope(x), lw=4, label="sin'")
    ax.plot(x, jnp.cos(x), "--", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend().set_visible(False)
    return fig


def plot__legend_out_of_sight(x):
    """The legend is placed far outside the figure: not visible."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend(bbox_to_anchor=(5.0, 5.0), loc="lower left")
    return fig


def plot__same_names(x):
    """Both curves have the same name in the legend."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="curve")
    ax.plot(x, jnp.cos(x), "-", label="curve")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__underscore_name(x):
    """A label with an underscore in front never reaches the legend."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="_derivative")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__twins(x):
    """Both curves look the same: colour, style, width and marker."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "b-", label="sin'")
    ax.plot(x, jnp.cos(x), "b-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__no_x_label(x):
    """Only the y axis has a label."""
    fig, ax = plt.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set_ylabel("slope")
    ax.legend()
    return fig


def plot__blank_labels(x):
    """Axis labels of blanks."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel=" ", ylabel=" ", title="y against x")
    ax.legend()
    return fig


def plot__axis_off(x):
    """axis('off') hides the axis labels."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    ax.axis("off")
    return fig


def plot__two_panels(x):
    """One axes for each curve instead of one for both."""
    fig = Figure()
    left, right = fig.subplots(1, 2)
    left.plot(x, sine_slope(x), "o", label="sin'")
    right.plot(x, jnp.cos(x), "-", label="cos")
    for ax in (left, right):
        ax.set(xlabel="x", ylabel="y")
        ax.legend()
    return fig


def plot__twin_axes(x):
    """Here twinx, two axes on top of each other, with different scales."""
    fig = Figure()
    ax = fig.subplots()
    other = ax.twinx()
    a = ax.plot(x, sine_slope(x), "o", label="sin'")
    b = other.plot(x, 1.0 * jnp.cos(x), "r-", label="cos")
    other.set_ylim(-3, 3)
    ax.set(xlabel="x", ylabel="sin'")
    other.set_ylabel("cos")
    ax.legend(handles=a + b)
    return fig


def plot__sine_itself(x):
    """Draws sin, not its derivative."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, jnp.sin(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__only_one(x):
    """Only the derivative is drawn; the legend claims both."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin' and cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__against_index(x):
    """Against the index, not against x."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(sine_slope(x), "o", label="sin'")
    ax.plot(jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__own_grid(x):
    """Draws on its own grid from -pi to pi and ignores x."""
    t = jnp.linspace(-jnp.pi, jnp.pi, 200)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(t, sine_slope(t), lw=5, label="sin'")
    ax.plot(t, jnp.cos(t), "k--", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__offset(x):
    """Shifts one curve by 0.05 so that both can be seen: no longer cos."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "b-", label="sin'")
    ax.plot(x, jnp.cos(x) + 0.05, "r--", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__half_sorted(x):
    """Sorts x but not the derivative: pairs are torn apart unless x is sorted."""
    t = jnp.sort(x)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(t, sine_slope(x), ".", label="sin'")
    ax.plot(t, jnp.cos(t), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__positive_only(x):
    """The y axis starts at zero: half of the curves is out of view."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set_ylim(0, 1.1)
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__fixed_window(x):
    """The x axis is fixed to [-pi, pi]; the article's range reaches beyond."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set_xlim(-np.pi - 0.01, np.pi + 0.01)
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__logarithmic(x):
    """A logarithmic y axis drops the negative values."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set_yscale("log")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__transparent(x):
    """One of the curves has alpha 0."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", alpha=0.0, label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__empty_format(x):
    """Neither line nor marker for the derivative: nothing is drawn."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), linestyle="None", color="r", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__degrees(x):
    """Against degrees, and cos of degrees as though they were radians."""
    degrees = jnp.rad2deg(x)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(degrees, sine_slope(x), "o", label="sin'")
    ax.plot(degrees, jnp.cos(degrees), "-", label="cos")
    ax.set(xlabel="x in degrees", ylabel="y")
    ax.legend()
    return fig


def plot__midpoints(x):
    """np.diff at midpoints: another x, one point fewer, nothing for n = 1."""
    t = np.sort(np.asarray(x))
    fig = Figure()
    ax = fig.subplots()
    ax.plot((t[1:] + t[:-1]) / 2, np.diff(np.sin(t)) / np.diff(t), "o", label="sin'")
    ax.plot(t, np.cos(t), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__truncated(x):
    """Leaves out everything past the first 50 entries."""
    x = x[:50]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__shared_figure(x):
    """Always figure 1: a second call draws into the same figure, no new one."""
    fig = plt.figure(1)
    fig.clf()
    ax = fig.add_subplot()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return fig


def plot__returns_axes(x):
    """Returns the axes, not the figure."""
    fig, ax = plt.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return ax


def plot__saves(x):
    """Saves a file."""
    fig, ax = plt.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    fig.savefig(os.path.join(os.curdir, "grad_vs_cos.png"))
    return fig


def plot__shows(x):
    """Shows the figure."""
    fig, ax = plt.subplots()
    ax.plot(x, sine_slope(x), "o", label="sin'")
    ax.plot(x, jnp.cos(x), "-", label="cos")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    plt.show(block=False)
    return fig


def plot__swapped_axes(x):
    """x upwards, the slopes to the right: not against x."""
    fig = Figure()
    ax = fig.subplots()
    ax.plot(sine_slope(x), x, "o", label="sin'")
    ax.plot(jnp.cos(x), x, "-", label="cos")
    ax.set(xlabel="y", ylabel="x")
    ax.legend()
    return fig


# ----------------------------------------------------------- a second round


def derivative__of_absolute(f, x):
    """The slope of abs(f)."""
    return jax.vmap(jax.grad(lambda t: jnp.abs(f(t))))(x)


def derivative__tangent_of_x(f, x):
    """The tangent is x, not one."""
    return jax.jvp(jax.vmap(f), (x,), (x,))[1]


def derivative__mean_gradient(f, x):
    """The gradient of the mean: too small by n."""
    return jax.grad(lambda v: jax.vmap(f)(v).mean())(x)


def derivative__first_point(f, x):
    """The slope at the first point, for all of them."""
    return jnp.full_like(x, 1.0) * jax.grad(f)(x[0])


def derivative__saturated(f, x):
    """Slopes go through tanh(s / 1000) * 1000."""
    return 1000.0 * jnp.tanh(jax.vmap(jax.grad(f))(x) / 1000.0)


def derivative__three_digits(f, x):
    """Slopes rounded to three decimals."""
    return jnp.round(jax.vmap(jax.grad(f))(x), 3)


def derivative__quarters(f, x):
    """method: a Python loop over four-entry pieces made by indices."""
    slope = jax.vmap(jax.grad(f))
    return jnp.concatenate([slope(x[i : i + 4]) for i in range(0, x.size, 4)])


def largest_gap__last_gap(f, df, x):
    """The last gap, not the largest."""
    return jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))[-1]


def largest_gap__median(f, df, x):
    """The median gap."""
    return jnp.median(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))


def largest_gap__signed_maximum(f, df, x):
    """Only where the claim is too small."""
    return jnp.max(jax.vmap(lambda t: jax.grad(f)(t) - df(t))(x))


def plot__white(x):
    """The second curve is drawn in white on white."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), label="sin'")
    axes.plot(x, jnp.cos(x), color="white", label="cos")
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    return figure
