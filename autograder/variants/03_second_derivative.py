"""Right answers in unusual styles: 03_second_derivative."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def second_derivative__hessian(f):
    """`jax.hessian` of a function of one scalar."""
    return jax.hessian(f)


def second_derivative__forward_over_reverse(f):
    """`jacfwd` of `jacrev`, under `jit`."""
    return jax.jit(jax.jacfwd(jax.jacrev(f)))


def second_derivative__decorated_inner(f):
    """Two nested definitions with `grad` as the decorator."""

    @jax.grad
    def second(x):
        @jax.grad
        def first(t):
            return f(t)

        return first(x)

    return second


def second_derivative__jvp_of_grad(f):
    """The tangent of the slope along 1."""

    def curvature(x):
        return jax.jvp(jax.grad(f), (x,), (jnp.ones_like(x),))[1]

    return curvature


def second_derivative__jvp_of_jvp(f):
    """Forward mode twice, by a helper that differentiates once."""

    def differentiate(g):
        return lambda x: jax.jvp(g, (x,), (jnp.ones_like(x),))[1]

    return differentiate(differentiate(f))


def second_derivative__vjp_of_vjp(f):
    """Reverse mode twice, with explicit pull-backs."""

    def pulled_back(g, x):
        value, pull_back = jax.vjp(g, x)
        return pull_back(jnp.ones_like(value))[0]

    return lambda x: pulled_back(functools.partial(pulled_back, f), x)


def second_derivative__callable_object(f):
    """An object with `__call__`, and no plain function."""

    class Curvature:
        def __init__(self, function):
            self.slope = jax.grad(function)

        def __call__(self, x):
            _, curvature = jax.value_and_grad(self.slope)(x)
            return curvature

    return Curvature(f)


def second_derivative__as_a_vector(f):
    """The Hessian of a function of a vector of length one, its only entry."""

    def of_vector(v):
        return f(v[0])

    def curvature(x):
        return jax.hessian(of_vector)(jnp.stack([x]))[0, 0]

    return curvature


def nth_derivative__recursion(f, n):
    """Recursion on the order."""

    def derive(g, order):
        return g if order == 0 else derive(jax.grad(g), order - 1)

    return derive(f, n)


def nth_derivative__reduce(f, n):
    """`functools.reduce` over n copies of `jacfwd`."""
    return functools.reduce(lambda g, transform: transform(g), [jax.jacfwd] * n, f)


def nth_derivative__alternating_modes(f, n):
    """Forward and reverse mode by turns, wrapped so that n = 0 is a new function."""
    g = f
    for order in range(n):
        g = jax.jacrev(g) if order % 2 == 0 else jax.jacfwd(g)

    @jax.jit
    def result(x):
        return g(x)

    return result


def nth_derivative__halves(f, n):
    """Half of the order first, then the rest."""

    def derive(g, order):
        if order == 0:
            return lambda x: g(x)
        if order == 1:
            return jax.grad(g)
        return derive(derive(g, order // 2), order - order // 2)

    return derive(f, n)


def nth_derivative__jvp_tower(f, n):
    """A tower of `jvp` along 1."""

    def tangent_of(g):
        def derived(x):
            _, tangent = jax.jvp(g, (x,), (jnp.ones_like(x),))
            return tangent

        return derived

    while n > 0:
        f = tangent_of(f)
        n -= 1
    return f


def nth_derivative__accumulated_list(f, n):
    """All the orders up to n in a list, the last one taken."""
    ladder = list(itertools.accumulate(range(n), lambda g, _: jax.grad(g), initial=f))
    return ladder[-1]


def nth_derivative__callable_object(f, n):
    """A callable object that knows its order and asks the order below."""

    class Derivative:
        def __init__(self, order):
            self.order = order

        def __call__(self, x):
            if self.order == 0:
                return f(x)
            return jax.grad(Derivative(self.order - 1))(x)

    return Derivative(n)


def largest_gap__hessian(f, d2f, x):
    """`jax.hessian` at every entry, and the infinity norm."""
    difference = jax.vmap(jax.hessian(f))(x) - jax.vmap(d2f)(x)
    return jnp.linalg.norm(difference, jnp.inf)


def largest_gap__jvp_along_ones(f, d2f, x):
    """Two `jvp` of the whole batch along ones."""
    ones = jnp.ones_like(x)

    def slopes(points):
        return jax.jvp(jax.vmap(f), (points,), (ones,))[1]

    curvatures = jax.jvp(slopes, (x,), (ones,))[1]
    return jnp.amax(jnp.absolute(jax.vmap(d2f)(x) - curvatures))


def largest_gap__gradient_of_sums(f, d2f, x):
    """`grad` of the sum, twice: each entry moves only its own term."""

    def slopes(points):
        return jax.grad(lambda p: jnp.sum(jax.vmap(f)(p)))(points)

    curvatures = jax.grad(lambda p: jnp.sum(slopes(p)))(x)
    gaps = curvatures - lax.map(d2f, x)
    return jnp.where(gaps < 0, -gaps, gaps).max()


def largest_gap__fori_loop(f, d2f, x):
    """`lax.fori_loop` that keeps the largest gap so far."""
    points = jnp.asarray(x)
    curvature = jax.jacfwd(jax.grad(f))

    def keep_larger(i, largest):
        return jnp.maximum(largest, jnp.abs(curvature(points[i]) - d2f(points[i])))

    return lax.fori_loop(0, points.size, keep_larger, jnp.zeros((), jnp.float32))


def largest_gap__numpy(f, d2f, x):
    """Mapped one after the other, compared in NumPy."""
    automatic, claimed = lax.map(lambda t: (jax.grad(jax.grad(f))(t), d2f(t)), x)
    gaps = np.abs(np.asarray(automatic) - np.asarray(claimed))
    return np.asarray(np.max(gaps))


def largest_gap__top_one(f, d2f, x):
    """The first of the entries that `lax.top_k` returns."""

    @jax.jit
    @jax.vmap
    def gap(point):
        return jnp.abs(jax.grad(lambda t: jax.grad(f)(t))(point) - d2f(point))

    best, _ = lax.top_k(gap(x), 1)
    return best[0]
