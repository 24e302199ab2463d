"""Right answers to 03_second_derivative, in many hands."""

import functools
import itertools
import operator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Taylor(NamedTuple):
    """Value, first and second derivative at a point."""

    value: Any
    first: Any
    second: Any


def forward(f):
    """One derivative in forward mode."""

    def df(x):
        x = jnp.asarray(x)
        return jax.jvp(f, (x,), (jnp.ones_like(x),))[1]

    return df


def expand(f, x):
    """The Taylor triple of f at x, by a jvp of a jvp."""
    x = jnp.asarray(x)
    one = jnp.ones_like(x)

    def with_slope(t):
        return jax.jvp(f, (t,), (one,))

    (value, first), (_, second) = jax.jvp(with_slope, (x,), (one,))
    return Taylor(value, first, second)


class Derivative:
    """The derivative of given order as a callable object."""

    def __init__(self, f, order):
        self.f, self.order = f, order

    def __call__(self, x):
        if self.order == 0:
            return self.f(x)
        return jax.grad(Derivative(self.f, self.order - 1))(x)


# ------------------------------------------------------ second_derivative


def second_derivative__plain(f):
    """grad of grad."""
    return jax.grad(jax.grad(f))


def second_derivative__hessian(f):
    """jax.hessian of a scalar function of one scalar."""
    return jax.hessian(f)


def second_derivative__forward_over_reverse(f):
    """jacfwd of grad, compiled."""
    return jax.jit(jax.jacfwd(jax.grad(f)))


def second_derivative__reverse_over_forward(f):
    """grad of jacfwd."""
    return jax.grad(jax.jacfwd(f))


def second_derivative__jacrev_twice(f):
    """jacrev, two times, with a helper from functools."""
    return functools.reduce(lambda g, d: d(g), [jax.jacrev, jax.jacrev], f)


def second_derivative__jvp_twice(f):
    """Forward over forward."""
    return forward(forward(f))


def second_derivative__taylor_triple(f):
    """Reads the second entry of a Taylor triple."""
    return lambda x: expand(f, x).second


def second_derivative__vjp_of_grad(f):
    """Pulls a one back through the slope."""

    def curvature(x):
        slope, pullback = jax.vjp(jax.grad(f), x)
        return pullback(jnp.ones_like(slope))[0]

    return curvature


def second_derivative__linearized(f):
    """linearize the slope and feed it a one."""

    def d2f(x):
        x = jnp.asarray(x)
        _, along = jax.linearize(jax.grad(f), x)
        return along(jnp.ones_like(x))

    return d2f


def second_derivative__hessian_vector_product(f):
    """The Hessian-vector product of the one-entry vector."""

    def d2f(x):
        v = jnp.reshape(x, (1,))
        slope = jax.grad(lambda u: f(u[0]))
        return jax.jvp(slope, (v,), (jnp.ones_like(v),))[1][0]

    return d2f


def second_derivative__one_by_one_hessian(f):
    """A 1 x 1 Hessian matrix, its trace."""
    return lambda x: jnp.trace(jax.hessian(lambda u: f(u.sum()))(jnp.reshape(x, (1,))))


def second_derivative__mixed_shifts(f):
    """The mixed derivative of f(x + s + t) in s and t at zero."""

    def d2f(x):
        zero = jnp.zeros_like(x)
        shifted = lambda s, t: f(x + s + t)  # noqa: E731
        return jax.grad(jax.grad(shifted, argnums=0), argnums=1)(zero, zero)

    return d2f


def second_derivative__object(f):
    """A callable object of order two."""
    return Derivative(f, 2)


def second_derivative__partial(f):
    """functools.partial of a two-argument evaluator."""

    def evaluate(order_two_of, x):
        return jax.grad(jax.grad(order_two_of))(x)

    return functools.partial(evaluate, f)


def second_derivative__checkpointed(f):
    """checkpoint at both levels, a debug print in between."""

    @jax.checkpoint
    def slope(x):
        out = jax.grad(jax.checkpoint(f))(x)
        jax.debug.print("slope {s}", s=out)
        return out

    return jax.grad(slope)


def second_derivative__polarized(f):
    """Half the second derivative of f(x + h) + f(x - h) in h at zero."""

    def d2f(x):
        even = lambda h: (f(x + h) + f(x - h)) / 2  # noqa: E731
        return jax.jacfwd(jax.jacrev(even))(jnp.zeros_like(x))

    return d2f


# --------------------------------------------------------- nth_derivative


def nth_derivative__plain(f, n):
    """A loop over the order."""
    for _ in range(n):
        f = jax.grad(f)
    return f


def nth_derivative__recursive(f, n):
    """Recursion on the order from the outside."""
    return f if n == 0 else jax.grad(nth_derivative__recursive(f, n - 1))


def nth_derivative__tail_recursive(f, n):
    """Recursion from the inside."""
    if not n:
        return f
    return nth_derivative__tail_recursive(jax.jacfwd(f), n - 1)


def nth_derivative__reduce(f, n):
    """functools.reduce over the order."""
    return functools.reduce(lambda g, _: jax.grad(g), range(n), f)


def nth_derivative__accumulate(f, n):
    """itertools: the n-th element of f, f', f'', ..."""
    every = itertools.accumulate(itertools.repeat(jax.grad), lambda g, d: d(g), initial=f)
    return next(itertools.islice(every, n, None))


def nth_derivative__alternating(f, n):
    """Reverse and forward mode by turns."""
    g = f
    for k in range(n):
        g = jax.jacrev(g) if k % 2 else jax.jacfwd(g)
    return g


def nth_derivative__hessians(f, n):
    """Hessians for pairs of orders, one grad for an odd rest."""
    pairs, rest = divmod(n, 2)
    for _ in range(pairs):
        f = jax.hessian(f)
    return jax.grad(f) if rest else f


def nth_derivative__forward_only(f, n):
    """Nested jvp."""
    for _ in range(n):
        f = forward(f)
    return f


def nth_derivative__jitted_levels(f, n):
    """jit at every level, order 0 too."""
    g = jax.jit(f)
    while n > 0:
        g, n = jax.jit(jax.grad(g)), n - 1
    return g


def nth_derivative__lazy(f, n):
    """Builds the tower at each call; range can be walked more than once."""
    orders = range(n)

    def at(x):
        g = f
        for _ in orders:
            g = jax.grad(g)
        return g(x)

    return at


def nth_derivative__object(f, n):
    """A callable object holding f and the order."""
    return Derivative(f, n)


def nth_derivative__shift(f, n):
    """Differentiates the shift h -> f(x + h) n times at zero."""

    def at(x):
        g = lambda h: f(x + h)  # noqa: E731
        for _ in range(n):
            g = jax.grad(g)
        return g(jnp.zeros_like(x))

    return at


def nth_derivative__argnums(f, n):
    """One shift for each order, a mixed derivative in all of them."""

    def at(x):
        g = lambda *shifts: f(functools.reduce(operator.add, shifts, x))  # noqa: E731
        for k in range(n):
            g = jax.grad(g, argnums=k)
        return g(*[jnp.zeros_like(x)] * n)

    return at


def nth_derivative__bound_early(f, n):
    """Closures in a loop with the function bound as a default."""
    g = f
    for _ in range(n):
        g = lambda x, g=g: jax.value_and_grad(g)(x)[1]  # noqa: E731
    return g


def nth_derivative__doubling(f, n):
    """An operator of order n by repeated squaring of grad."""

    def power(d, k):
        if k == 0:
            return lambda g: g
        half = power(d, k // 2)
        return (lambda g: d(half(half(g)))) if k % 2 else (lambda g: half(half(g)))

    return power(jax.grad, n)(f)


def nth_derivative__vjp_tower(f, n):
    """vjp by hand at each level; order 0 wrapped in a lambda."""

    def down(g):
        def slope(x):
            y, back = jax.vjp(g, x)
            return back(jnp.ones_like(y))[0]

        return slope

    tower = lambda x: f(x)  # noqa: E731
    for _ in range(n):
        tower = down(tower)
    return tower


# ------------------------------------------------------------ largest_gap


def largest_gap__plain(f, d2f, x):
    """The model solution."""
    return jnp.max(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)))


def largest_gap__pointwise(f, d2f, x):
    """The gap at one point, mapped in chunks of five."""
    gap = lambda t: jnp.abs(jax.hessian(f)(t) - d2f(t))  # noqa: E731
    return jax.lax.map(gap, x, batch_size=5).max()


def largest_gap__grad_sum_twice(f, d2f, x):
    """The gradient of a sum, then again of a sum."""
    values = jax.vmap(f)
    slopes = jax.grad(lambda v: values(v).sum())
    curvatures = jax.grad(lambda v: slopes(v).sum())
    return jnp.abs(curvatures(x) - jax.vmap(d2f)(x)).max()


def largest_gap__jvp_twice_on_vector(f, d2f, x):
    """Two forward passes over the mapped function."""
    ones = jnp.ones_like(x)
    first = lambda v: jax.jvp(jax.vmap(f), (v,), (ones,))[1]  # noqa: E731
    second = jax.jvp(first, (x,), (ones,))[1]
    return jnp.max(jnp.abs(second - jax.vmap(d2f)(x)))


def largest_gap__scan(f, d2f, x):
    """A running maximum in a scan, forward over reverse."""
    curvature = jax.jacfwd(jax.grad(f))

    def step(worst, t):
        gap = jnp.abs(curvature(t) - d2f(t))
        return lax.max(worst, gap.astype(worst.dtype)), gap

    worst, _ = lax.scan(step, jnp.zeros((), x.dtype), x, unroll=4)
    return worst


def largest_gap__fori(f, d2f, x):
    """fori_loop from the last point to the first."""
    n = x.shape[0]
    d = forward(forward(f))
    body = lambda i, w: jnp.maximum(w, jnp.abs(d(x[n - 1 - i]) - d2f(x[n - 1 - i])))  # noqa: E731
    return lax.fori_loop(0, n, body, jnp.zeros((), x.dtype))


def largest_gap__while(f, d2f, x):
    """A while_loop that eats the vector by rolling it."""

    def body(state):
        left, v, worst = state
        gap = jnp.abs(jax.grad(jax.grad(f))(v[0]) - d2f(v[0]))
        return left - 1, jnp.roll(v, -1), jnp.maximum(worst, gap)

    start = (jnp.asarray(x.shape[0]), x, jnp.zeros((), x.dtype))
    return lax.while_loop(lambda s: s[0] > 0, body, start)[2]


def largest_gap__vectorize(f, d2f, x):
    """jnp.vectorize for both, the infinity norm at the end."""
    error = jnp.vectorize(jax.grad(jax.grad(f)))(x) - jnp.vectorize(d2f)(x)
    return jnp.linalg.norm(error, jnp.inf)


def largest_gap__taylor(f, d2f, x):
    """The Taylor triple of every point in one vmap."""
    triples = jax.vmap(functools.partial(expand, f))(x)
    return jnp.max(jnp.abs(triples.second - jax.vmap(d2f)(x)))


def largest_gap__diagonal(f, d2f, x):
    """The diagonal of the Jacobian of the slopes."""
    second = jnp.diagonal(jax.jacfwd(jax.vmap(jax.grad(f)))(x))
    return jnp.amax(jnp.abs(second - jax.vmap(d2f)(x)))


def largest_gap__both_signs(f, d2f, x):
    """The largest of the differences and their negatives, without abs."""
    error = jax.vmap(lambda t: jax.grad(jax.grad(f))(t) - d2f(t))(x)
    return jnp.concatenate([error, -error]).max()


def largest_gap__associative(f, d2f, x):
    """A reversed associative scan; the first entry is the maximum of all."""
    gaps = jnp.abs(jax.vmap(jax.jacrev(jax.jacrev(f)))(x) - jax.vmap(d2f)(x))
    return lax.associative_scan(jnp.maximum, gaps, reverse=True)[0]


def largest_gap__residual_function(f, d2f, x):
    """Differentiates only f, inside a compiled vmap; a 0-d NumPy array comes back."""

    @jax.jit
    def worst(v):
        return jax.vmap(lambda t: jnp.abs(jax.hessian(f)(t) - d2f(t)))(v).max()

    return np.asarray(worst(x))


@functools.partial(jax.jit, static_argnames=("f", "d2f"))
def largest_gap__static(f, d2f, x):
    """jit with static functions, called by position all the same; sorted and last."""
    gaps = jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))
    return jnp.sort(gaps)[-1]


def largest_gap__nanargmax(f, d2f, x):
    """Finds the worst point by nanargmax and reads the gap off there."""
    error = jax.vmap(jax.grad(jax.jacfwd(f)))(x) - jax.vmap(d2f)(x)
    return jnp.abs(error[jnp.nanargmax(jnp.abs(error))])


def largest_gap__linearized(f, d2f, x):
    """Linearizes the mapped slope once."""
    _, along = jax.linearize(jax.vmap(jax.grad(f)), x)
    return jnp.max(jnp.abs(along(jnp.ones_like(x)) - jax.vmap(d2f)(x)))


# ----------------------------------------------------------- a second round


def second_derivative__dual_jvp(f):
    """jvp of jvp, by nested functions with defaults."""

    def once(g):
        def along(x, g=g):
            return jax.jvp(g, (x,), (jnp.ones_like(x),))[1]

        return along

    return once(once(f))


def second_derivative__custom(f):
    """The slope has its own jvp rule, which differentiates again."""

    @jax.custom_jvp
    def slope(x):
        return jax.grad(f)(x)

    @slope.defjvp
    def _(primals, tangents):
        (x,), (t,) = primals, tangents
        return slope(x), jax.grad(jax.grad(f))(x) * t

    return lambda x: jax.jvp(slope, (x,), (jnp.ones_like(x),))[1]


def nth_derivative__recursive_jacfwd(f, n):
    """Recursion in forward mode, with a match statement."""
    match n:
        case 0:
            return f
        case _:
            return jax.jacfwd(nth_derivative__recursive_jacfwd(f, n - 1))


def nth_derivative__reduced(f, n):
    """functools.reduce over the order."""
    return functools.reduce(lambda g, _: jax.grad(g), range(n), f)


def nth_derivative__mixed_modes(f, n):
    """Reverse mode once, forward from there on."""
    g = jax.grad(f) if n else f
    for _ in range(1, n):
        g = jax.jacfwd(g)
    return g


def largest_gap__class(f, d2f, x):
    """An object with a __call__, mapped."""

    class Gap:
        def __call__(self, t):
            return jnp.abs(jax.hessian(f)(t) - d2f(t))

    return jnp.max(jax.vmap(Gap())(x))


def largest_gap__batched_map(f, d2f, x):
    """lax.map in sevens, and a reduction of lax."""
    gaps = lax.map(lambda t: jax.grad(jax.grad(f))(t) - d2f(t), x, batch_size=7)
    return lax.reduce(jnp.abs(gaps), -jnp.inf, lax.max, (0,))


def largest_gap__scanned(f, d2f, x):
    """The maximum as the carry of a scan from the right."""

    def step(best, t):
        return jnp.maximum(best, jnp.abs(jax.grad(jax.grad(f))(t) - d2f(t))), None

    return lax.scan(step, jnp.zeros(()), x, reverse=True)[0]
