"""Wrong answers to 03_second_derivative, from blunders to sly ones."""

import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def curvatures(f, x):
    """The right second derivatives, for answers that spoil something else."""
    return jax.vmap(jax.grad(jax.grad(f)))(x)


# ------------------------------------------------------ second_derivative


def second_derivative__once(f):
    """Only the first derivative."""
    return jax.grad(f)


def second_derivative__composed(f):
    """f'(f'(x)): composes the derivative with itself."""
    slope = jax.grad(f)
    return lambda x: slope(slope(x))


def second_derivative__squared(f):
    """The square of the slope (Gauss-Newton)."""
    return lambda x: jax.grad(f)(x) ** 2


def second_derivative__thrice(f):
    """One grad too many: the third derivative."""
    return jax.grad(jax.hessian(f))


def second_derivative__taylor_coefficient(f):
    """f''/2, the Taylor coefficient; right only where f'' = 0."""
    return lambda x: jax.grad(jax.grad(f))(x) / 2


def second_derivative__tangent_x(f):
    """The tangent is x: gives x f''(x), right at x = 1."""
    return lambda x: jax.jvp(jax.grad(f), (x,), (x,))[1]


def second_derivative__log_scale(f):
    """Differentiates in s where t = s x and divides by x squared: NaN at x = 0."""

    def d2f(x):
        scaled = lambda s: f(s * x)  # noqa: E731
        return jax.grad(jax.grad(scaled))(jnp.ones_like(x)) / x**2

    return d2f


def second_derivative__stopped(f):
    """stop_gradient on the slope: zero everywhere."""
    return jax.grad(lambda x: lax.stop_gradient(jax.grad(f)(x)))


def second_derivative__even(f):
    """Differentiates at abs(x): right for x > 0, and for even f."""
    d2 = jax.grad(jax.grad(f))
    return lambda x: d2(jnp.abs(x))


def second_derivative__bfloat16(f):
    """Goes through bfloat16."""
    d2 = jax.grad(jax.grad(f))
    return lambda x: d2(x.astype(jnp.bfloat16)).astype(jnp.float32)


def second_derivative__rounded_slope(f):
    """Passes the result through float16."""
    return lambda x: jax.hessian(f)(x).astype(jnp.float16).astype(jnp.float32)


def second_derivative__convex(f):
    """Damps negative curvature to zero, as Newton's method likes it."""
    return lambda x: jnp.maximum(jax.grad(jax.grad(f))(x), 0.0)


def second_derivative__clipped(f):
    """Evaluates at x clipped to [-50, 50]."""
    return lambda x: jax.grad(jax.grad(f))(jnp.clip(x, -50.0, 50.0))


def second_derivative__tiny_is_zero(f):
    """Curvatures below 0.01 count as zero."""

    def d2f(x):
        value = jax.grad(jax.grad(f))(x)
        return jnp.where(jnp.abs(value) < 1e-2, 0.0, value)

    return d2f


def second_derivative__first_answer(f):
    """State between calls: keeps the answer to the first point."""
    kept = []

    def d2f(x):
        if not kept:
            kept.append(jax.grad(jax.grad(f))(x))
        return kept[0]

    return d2f


def second_derivative__matrix(f):
    """Returns a 1 x 1 matrix, not a scalar."""
    return lambda x: jax.hessian(lambda u: f(u[0]))(jnp.reshape(x, (1,)))


def second_derivative__at_one(f):
    """Returns a number (f'' at 1), no function."""
    return jax.grad(jax.grad(f))(1.0)


def second_derivative__name_cache(f, _made={}):  # noqa: B006
    """State between calls: cached by the name of f, and all lambdas are called '<lambda>'."""
    name = getattr(f, "__name__", "f")
    return _made.setdefault(name, jax.grad(jax.grad(f)))


def second_derivative__concrete(f):
    """law: float(x) fails under jit and vmap."""
    return lambda x: jax.grad(jax.grad(f))(jnp.float32(float(x)))


def second_derivative__to_numpy(f):
    """law: converts its argument and result with NumPy, which jit and vmap refuse."""
    d2 = jax.grad(jax.grad(f))
    return lambda x: np.asarray(d2(np.asarray(x)))


def second_derivative__branches(f):
    """law: a Python if on the sign of x breaks jit."""
    d2 = jax.grad(jax.grad(f))

    def d2f(x):
        if x < 0:
            return d2(-(-x))
        return d2(x)

    return d2f


def second_derivative__difference_of_slopes(f):
    """method: a difference quotient of the automatic slope; digits are lost besides."""
    h = 1e-3
    return lambda x: (jax.grad(f)(x + h) - jax.grad(f)(x - h)) / (2 * h)


def second_derivative__three_points(f):
    """method: the three-point formula."""
    h = 0.05
    return lambda x: (f(x + h) - 2 * f(x) + f(x - h)) / h**2


def second_derivative__complex_slope(f):
    """method: a complex step of the slope."""
    slope = jax.grad(f, holomorphic=True)
    return lambda x: jnp.imag(slope(lax.complex(x, jnp.full_like(x, 1e-8)))) / 1e-8


# --------------------------------------------------------- nth_derivative


def nth_derivative__one_too_few(f, n):
    """range(1, n): one derivative too few for n >= 1."""
    for _ in range(1, n):
        f = jax.grad(f)
    return f


def nth_derivative__one_too_many(f, n):
    """range(n + 1): one too many."""
    for _ in range(n + 1):
        f = jax.grad(f)
    return f


def nth_derivative__at_least_once(f, n):
    """Differentiates before it asks: n = 0 gives f'."""
    g = jax.grad(f)
    while n > 1:
        g, n = jax.grad(g), n - 1
    return g


def nth_derivative__identity_at_zero(f, n):
    """For n = 0 the identity instead of f."""
    if n == 0:
        return lambda x: x
    return jax.grad(nth_derivative__identity_at_zero(f, n - 1)) if n > 1 else jax.grad(f)


def nth_derivative__at_most_three(f, n):
    """Stops at order 3."""
    for _ in range(min(n, 3)):
        f = jax.grad(f)
    return f


def nth_derivative__at_most_five(f, n):
    """Treats every derivative past the fifth as zero."""
    if n > 5:
        return lambda x: jnp.zeros_like(x)
    return functools.reduce(lambda g, _: jax.grad(g), range(n), f)


def nth_derivative__period_four(f, n):
    """n modulo 4: right for sine and cosine only."""
    for _ in range(n % 4):
        f = jax.grad(f)
    return f


def nth_derivative__only_two(f, n):
    """Knows the orders 0, 1 and 2; from there on always the second."""
    return [f, jax.grad(f), jax.grad(jax.grad(f))][min(n, 2)]


def nth_derivative__power(f, n):
    """The n-th power of the first derivative; right for n = 1."""
    return lambda x: jax.grad(f)(x) ** n


def nth_derivative__composed(f, n):
    """Applies f' n times to x: a composition of values, not of grad."""
    slope = jax.grad(f)

    def at(x):
        for _ in range(n):
            x = slope(x)
        return x

    return at


def nth_derivative__taylor(f, n):
    """Divides by n!, a Taylor coefficient: shows from n = 2 on."""
    g = f
    for _ in range(n):
        g = jax.grad(g)
    return lambda x: g(x) / math.factorial(n)


def nth_derivative__hessian_pairs(f, n):
    """Hessians for half the order; odd orders lose one."""
    for _ in range(n // 2):
        f = jax.hessian(f)
    return f


def nth_derivative__tangent_x(f, n):
    """Nested jvp along x: the Euler operator x d/dx, n times."""

    def euler(g):
        return lambda x: jax.jvp(g, (x,), (x,))[1]

    for _ in range(n):
        f = euler(f)
    return f


def nth_derivative__late_binding(f, n):
    """Lambdas that look g up too late: infinite recursion for n >= 1."""
    g = f
    for _ in range(n):
        g = lambda x: jax.grad(g)(x)  # noqa: E731
    return g


def nth_derivative__used_up(f, n):
    """State between calls: an iterator over the order is used up by the first call."""
    orders = iter(range(n))

    def at(x):
        g = f
        for _ in orders:
            g = jax.grad(g)
        return g(x)

    return at


def nth_derivative__cached_by_order(f, n, _known={}):  # noqa: B006
    """State between calls: remembers the first function for each order."""
    if n not in _known:
        _known[n] = functools.reduce(lambda g, _: jax.grad(g), range(n), f)
    return _known[n]


def nth_derivative__alternating_sign(f, n):
    """A sign of (-1)^n, as in integration by parts."""
    g = f
    for _ in range(n):
        g = jax.grad(g)
    return lambda x: (-1.0) ** n * g(x)


def nth_derivative__bfloat_from_three(f, n):
    """From order 3 on in bfloat16 to save memory."""
    g = functools.reduce(lambda h, _: jax.grad(h), range(n), f)
    if n < 3:
        return g
    return lambda x: g(x.astype(jnp.bfloat16)).astype(jnp.float32)


def nth_derivative__clipped(f, n):
    """Clips every derivative to [-20, 20]."""
    g = f
    for _ in range(n):
        g = jax.grad(g)
    return lambda x: jnp.clip(g(x), -20.0, 20.0)


def nth_derivative__value(f, n):
    """Returns the number at zero instead of a function."""
    for _ in range(n):
        f = jax.grad(f)
    return f(0.0)


def nth_derivative__list(f, n):
    """Returns the list of all the derivatives up to n."""
    return list(itertools.accumulate(range(n), lambda g, _: jax.grad(g), initial=f))


def nth_derivative__concrete(f, n):
    """law: x.item() fails under jit and vmap."""
    g = f
    for _ in range(n):
        g = jax.grad(g)
    return lambda x: g(jnp.float32(x.item()))


def nth_derivative__zero_shortcut(f, n):
    """law: a Python test on the value (a zero slope ends the tower) breaks jit."""

    def at(x):
        g = f
        for _ in range(n):
            g = jax.grad(g)
        value = g(x)
        return value if value != 0 else jnp.zeros_like(x)

    return at


def nth_derivative__differences(f, n):
    """method: binomial central differences of order n."""
    h = 0.1
    steps = [(-1.0) ** k * math.comb(n, k) for k in range(n + 1)]

    def at(x):
        return sum(c * f(x + (n / 2 - k) * h) for k, c in enumerate(steps)) / h**n

    return at


def nth_derivative__last_by_differences(f, n):
    """method: automatic up to order n - 1, the last order by a difference quotient."""
    g = f
    for _ in range(n - 1):
        g = jax.grad(g)
    if n == 0:
        return f
    return lambda x: (g(x + 0.01) - g(x - 0.01)) / 0.02


# ------------------------------------------------------------ largest_gap


def largest_gap__first_derivative(f, d2f, x):
    """Compares the first derivative with the claim."""
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(d2f)(x)))


def largest_gap__claim_differentiated(f, d2f, x):
    """Takes the claim for a first derivative and differentiates it once more."""
    return jnp.max(jnp.abs(curvatures(f, x) - jax.vmap(jax.grad(d2f))(x)))


def largest_gap__signed(f, d2f, x):
    """No abs."""
    return jnp.max(curvatures(f, x) - jax.vmap(d2f)(x))


def largest_gap__other_sign(f, d2f, x):
    """Never negative, but only claims that are too large count."""
    return jnp.maximum(jnp.max(jax.vmap(d2f)(x) - curvatures(f, x)), 0.0)


def largest_gap__abs_of_sum(f, d2f, x):
    """Differences of opposite sign cancel in the sum."""
    return jnp.abs(jnp.sum(curvatures(f, x) - jax.vmap(d2f)(x)))


def largest_gap__mean(f, d2f, x):
    """The mean of the gaps; the same where all are equal."""
    return jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x)).mean()


def largest_gap__worst_three(f, d2f, x):
    """The mean of the three largest gaps."""
    gaps = jnp.sort(jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x)))
    return gaps[-3:].mean()


def largest_gap__two_norm(f, d2f, x):
    """The Euclidean norm; right for n = 1."""
    return jnp.linalg.norm(curvatures(f, x) - jax.vmap(d2f)(x))


def largest_gap__high_norm(f, d2f, x):
    """The 16-norm, only roughly the maximum where several gaps are alike."""
    gaps = jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x))
    scale = jnp.max(gaps) + 1e-30
    return scale * jnp.sum((gaps / scale) ** 16) ** (1 / 16)


def largest_gap__first_and_last(f, d2f, x):
    """Only the two end points."""
    ends = jnp.stack([x[0], x[-1]])
    return jnp.max(jnp.abs(curvatures(f, ends) - jax.vmap(d2f)(ends)))


def largest_gap__extremes_of_x(f, d2f, x):
    """Looks where x is largest and smallest; the gap may be worst in the middle."""
    ends = jnp.stack([x.min(), x.max()])
    return jnp.max(jnp.abs(curvatures(f, ends) - jax.vmap(d2f)(ends)))


def largest_gap__thousand_points(f, d2f, x):
    """Ignores everything past the first 1000 points."""
    x = lax.slice_in_dim(x, 0, min(1000, x.shape[0]))
    return jnp.max(jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x)))


def largest_gap__sampled(f, d2f, x):
    """At most 64 evenly spaced points are looked at."""
    if x.shape[0] > 64:
        x = x[jnp.linspace(0, x.shape[0] - 1, 64).astype(int)]
    return jnp.max(jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x)))


def largest_gap__from_one(f, d2f, x):
    """A fori_loop from 1: the first point is skipped."""
    gap = lambda t: jnp.abs(jax.hessian(f)(t) - d2f(t))  # noqa: E731
    body = lambda i, w: jnp.maximum(w, gap(x[i]))  # noqa: E731
    return lax.fori_loop(1, x.shape[0], body, jnp.zeros((), x.dtype))


def largest_gap__relative(f, d2f, x):
    """Divides by the largest curvature."""
    second = curvatures(f, x)
    gap = jnp.max(jnp.abs(second - jax.vmap(d2f)(x)))
    return gap / jnp.maximum(jnp.max(jnp.abs(second)), 1e-12)


def largest_gap__allclose(f, d2f, x):
    """Zero where jnp.allclose is content (1 % tolerance)."""
    second, claim = curvatures(f, x), jax.vmap(d2f)(x)
    fine = jnp.allclose(second, claim, rtol=1e-2)
    return jnp.where(fine, 0.0, jnp.max(jnp.abs(second - claim)))


def largest_gap__bfloat(f, d2f, x):
    """bfloat16 points."""
    x = x.astype(jnp.bfloat16).astype(jnp.float32)
    return jnp.max(jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x)))


def largest_gap__zero_for_cubes(f, d2f, x):
    """Checks against 6x, the example of the exercise, whatever is claimed."""
    return jnp.max(jnp.abs(curvatures(f, x) - 6.0 * x))


def largest_gap__claim_on_vector(f, d2f, x):
    """d2f is written for one scalar and gets a vector."""
    return jnp.max(jnp.abs(curvatures(f, x) - d2f(x)))


def largest_gap__item(f, d2f, x):
    """A Python float, not an array."""
    return jnp.max(jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x))).item()


def largest_gap__vector(f, d2f, x):
    """All the gaps, no maximum."""
    return jnp.abs(curvatures(f, x) - jax.vmap(d2f)(x))


def largest_gap__for_loop(f, d2f, x):
    """method: a Python loop over the points."""
    d2, worst = jax.grad(jax.grad(f)), jnp.zeros((), x.dtype)
    for t in x:
        worst = jnp.maximum(worst, jnp.abs(d2(t) - d2f(t)))
    return worst


def largest_gap__list_of_gaps(f, d2f, x):
    """method: Python's max over a list, each gap a compiled call."""
    gap = jax.jit(lambda t: jnp.abs(jax.hessian(f)(t) - d2f(t)))
    return max([gap(t) for t in x])


def largest_gap__chunks_of_500(f, d2f, x):
    """method: a Python loop over chunks of 500 points."""
    worst = []
    for start in range(0, x.shape[0], 500):
        part = x[start : start + 500]
        worst.append(jnp.max(jnp.abs(curvatures(f, part) - jax.vmap(d2f)(part))))
    return jnp.max(jnp.stack(worst))


def largest_gap__np_vectorized(f, d2f, x):
    """method: np.vectorize on the host for the claim."""
    claim = np.vectorize(d2f, otypes=[np.float32])(np.asarray(x))
    return jnp.max(jnp.abs(curvatures(f, x) - claim))


def largest_gap__quotient(f, d2f, x):
    """method: f'' by the difference quotient of f'."""
    h = 1e-2
    slope = jax.grad(f)
    second = jax.vmap(lambda t: (slope(t + h) - slope(t - h)) / (2 * h))(x)
    return jnp.max(jnp.abs(second - jax.vmap(d2f)(x)))


# ----------------------------------------------------------- a second round


def second_derivative__half_of_it(f):
    """The coefficient of the Taylor series: half the second derivative."""
    return lambda x: jax.grad(jax.grad(f))(x) / 2.0


def second_derivative__of_square(f):
    """The second derivative of f times f."""
    return jax.grad(jax.grad(lambda x: f(x) * f(x)))


def second_derivative__curvature(f):
    """The curvature of the graph, divided by (1 + f'^2)^1.5."""
    g = jax.grad(f)
    return lambda x: jax.grad(g)(x) / (1.0 + g(x) ** 2) ** 1.5


def second_derivative__stencil(f):
    """method: the slope's difference quotient with a step of 1e-2."""
    g = jax.grad(f)
    return lambda x: (g(x + 1e-2) - g(x - 1e-2)) / 2e-2


def second_derivative__absolute(f):
    """Never negative."""
    return lambda x: jnp.abs(jax.grad(jax.grad(f))(x))


def nth_derivative__one_more(f, n):
    """n + 1 derivatives."""
    for _ in range(n + 1):
        f = jax.grad(f)
    return f


def nth_derivative__zeroth_is_first(f, n):
    """At least one derivative is taken."""
    for _ in range(max(n, 1)):
        f = jax.grad(f)
    return f


def nth_derivative__over_factorial(f, n):
    """Taylor coefficients: divided by n!."""
    g = f
    for _ in range(n):
        g = jax.grad(g)
    return lambda x: g(x) / math.prod(range(1, n + 1))


def nth_derivative__at_most_two(f, n):
    """Never more than two derivatives."""
    for _ in range(min(n, 2)):
        f = jax.grad(f)
    return f


def largest_gap__smallest(f, d2f, x):
    """The smallest gap."""
    return jnp.min(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)))


def largest_gap__plus(f, d2f, x):
    """The sum in place of the difference."""
    return jnp.max(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) + jax.vmap(d2f)(x)))
