"""Right answers in other styles: 03_trees. Each has to earn every point.

A function is called by what it answers, two underscores, and its style.
"""

import operator

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree


def clipped__one_vector(gradient, limit):
    """All leaves are made one vector, and put back."""
    vector, back = ravel_pytree(gradient)
    length = jnp.linalg.norm(vector)
    return back(jnp.where(length > limit, vector * (limit / length), vector))


def clipped__reduced(gradient, limit):
    """`tree.reduce` sums up, and the square of the length is compared."""
    squares = jax.tree.map(lambda leaf: jnp.vdot(leaf, leaf), gradient)
    square = jax.tree.reduce(operator.add, squares)
    factor = jnp.where(square > limit**2, limit * jax.lax.rsqrt(square), 1.0)
    return jax.tree.map(lambda leaf: leaf * factor, gradient)


def clipped__norm_of_norms(gradient, limit):
    """The length of the vector of the leaves' lengths."""
    lengths = jnp.array([jnp.linalg.norm(leaf.ravel()) for leaf in jax.tree.leaves(gradient)])
    factor = jnp.minimum(1.0, limit / jnp.maximum(jnp.linalg.norm(lengths), 1e-30))
    return jax.tree.map(lambda leaf: factor * leaf, gradient)


@jax.jit
def clipped__flattened(gradient, limit):
    """Flattened and put together again; `cond` decides."""
    leaves, form = jax.tree.flatten(gradient)
    length = sum((leaf**2).sum() for leaf in leaves) ** 0.5
    shortened = jax.lax.cond(
        length > limit, lambda: [leaf / (length / limit) for leaf in leaves], lambda: leaves
    )
    return jax.tree.unflatten(form, shortened)


def stacked__axis(trees):
    """A new axis for every leaf first, and then they are joined."""
    return jax.tree.map(lambda *found: jnp.concatenate([one[None] for one in found]), *trees)


def stacked__transposed(trees):
    """The list of trees is transposed to a tree of lists, which are stacked."""
    outer = jax.tree.structure([0] * len(trees))
    lists = jax.tree.transpose(outer, jax.tree.structure(trees[0]), trees)
    places = jax.tree.structure(trees[0])
    return jax.tree.unflatten(places, [jnp.stack(one) for one in places.flatten_up_to(lists)])


def stacked__zipped(trees):
    """The leaves are zipped, and put into the form of the first tree."""
    columns = zip(*(jax.tree.leaves(tree) for tree in trees), strict=True)
    form = jax.tree.structure(trees[0])
    return jax.tree.unflatten(form, [jnp.array(column) for column in columns])


def stacked__first_and_rest(trees):
    """The first tree and the others, as arguments by themselves."""
    first, *rest = trees

    def stack(leaf, *others):
        return jnp.stack((leaf, *others), axis=0)

    return jax.tree.map(stack, first, *rest)


def momentum_step__one_map(params, velocity, gradient, rate, momentum):
    """The whole step for one leaf, mapped, and the pairs taken apart."""

    def step(p, v, g):
        v = momentum * v + g
        return p - rate * v, v

    pairs = jax.tree.map(step, params, velocity, gradient)
    form = jax.tree.structure(params)
    return jax.tree.transpose(form, jax.tree.structure((0, 0)), pairs)


def momentum_step__leaves(params, velocity, gradient, rate, momentum):
    """Lists of leaves, and a tree of them at the end."""
    ps, form = jax.tree.flatten(params)
    vs, gs = jax.tree.leaves(velocity), jax.tree.leaves(gradient)
    vs = [v * momentum + g for v, g in zip(vs, gs, strict=True)]
    ps = [p - v * rate for p, v in zip(ps, vs, strict=True)]
    return form.unflatten(ps), form.unflatten(vs)


@jax.jit
def momentum_step__one_vector(params, velocity, gradient, rate, momentum):
    """All leaves are made one vector, and put back."""
    p, back = ravel_pytree(params)
    v = momentum * ravel_pytree(velocity)[0] + ravel_pytree(gradient)[0]
    return back(p - rate * v), back(v)


def momentum_step__spelled_out(params, velocity, gradient, rate, momentum):
    """The new params are computed from the old velocity, term by term."""
    new = jax.tree.map(
        lambda p, v, g: p - rate * momentum * v - rate * g, params, velocity, gradient
    )
    return new, jax.tree.map(lambda v, g: g + momentum * v, velocity, gradient)
