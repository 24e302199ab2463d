"""Misconceptions: 03_trees. Wrong answers as students write them, each with the idea behind it."""

import jax
import jax.numpy as jnp


def _length(gradient):
    return jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(gradient)))


def clipped__leaf_by_leaf(gradient, limit):
    """Every leaf is shortened by its own length, and the direction is lost.

    Let one leaf be long and another short. By which factor is each of them multiplied? By which
    should it be?
    """
    return jax.tree.map(lambda leaf: leaf * limit / jnp.maximum(_length(leaf), limit), gradient)


def clipped__always(gradient, limit):
    """A gradient shorter than the limit is made longer.

    Try a limit of 9 and a gradient of length 5. How long is the result?
    """
    factor = limit / jnp.maximum(_length(gradient), 1e-12)
    return jax.tree.map(lambda leaf: leaf * factor, gradient)


def clipped__entries(gradient, limit):
    """Every entry is brought into a range, and the direction is lost.

    Print the result for the entries 3 and 4 and a limit of 1. Does it point where it did?
    """
    return jax.tree.map(lambda leaf: jnp.clip(leaf, -limit, limit), gradient)


def clipped__lengths_added(gradient, limit):
    """The lengths of the leaves are added up, which is more than the length of all.

    Two leaves, one entry each: 3 and 4. How long is the vector (3, 4)?
    """
    length = sum(_length(leaf) for leaf in jax.tree.leaves(gradient))
    factor = limit / jnp.maximum(length, limit)
    return jax.tree.map(lambda leaf: leaf * factor, gradient)


def clipped__zero_by_zero(gradient, limit):
    """The factor is computed by dividing by the length, also where that is 0.

    What comes out where the gradient is 0 everywhere? Look at each division.
    """
    factor = jnp.minimum(1.0, limit / _length(gradient))
    return jax.tree.map(
        lambda leaf: leaf / _length(gradient) * _length(gradient) * factor, gradient
    )


def clipped__python_if(gradient, limit):
    """law: Python's `if` looks at the length, which has no number while it is traced.

    Call it under jax.jit. What takes the smaller or the larger of two numbers without an `if`?
    """
    length = _length(gradient)
    if length > limit:
        return jax.tree.map(lambda leaf: leaf * (limit / length), gradient)
    return gradient


def clipped__list_of_dicts(gradient, limit):
    """law: The gradient is taken for a list of dicts, and no other tree will do.

    Try a dict of lists, and a single array. Which function goes through a tree of any form?
    """
    length = _length(gradient)
    factor = limit / jnp.maximum(length, limit)
    return [{name: factor * leaf for name, leaf in layer.items()} for layer in gradient]


def stacked__not_spread(trees):
    """The list is handed over as one tree, so that every leaf is stacked by itself.

    How many trees does `jax.tree.map` get here? What does the star in `f(*trees)` do?
    """
    return jax.tree.map(lambda leaf: jnp.stack([leaf]), trees)


def stacked__behind(trees):
    """The new axis stands behind the others, and not in front.

    Print the shape of a stacked matrix. Which axis runs over the trees?
    """
    return jax.tree.map(lambda *leaves: jnp.stack(leaves, axis=-1), *trees)


def stacked__joined(trees):
    """The leaves are joined end to end, without an axis of their own.

    Print the shape of a leaf before and after. How many axes should it have, and can numbers
    without an axis be joined?
    """
    return jax.tree.map(
        lambda *leaves: jnp.concatenate([jnp.atleast_1d(one) for one in leaves]), *trees
    )


def stacked__summed(trees):
    """The trees are added up, so that nothing is left of each.

    Three trees in, and how many numbers out? Should each of them still be there?
    """
    return jax.tree.map(lambda *leaves: sum(leaves), *trees)


def stacked__last_first(trees):
    """The trees are taken from the last to the first.

    Which tree stands in row 0 of the result?
    """
    return jax.tree.map(lambda *leaves: jnp.stack(leaves[::-1]), *trees)


def stacked__list_of_dicts(trees):
    """law: Every tree is taken for a list of dicts, and no other tree will do.

    Try a dict of lists, and single arrays. Which function goes through trees of any form?
    """
    return [
        {name: jnp.stack([tree[i][name] for tree in trees]) for name in layer}
        for i, layer in enumerate(trees[0])
    ]


def momentum_step__old_velocity(params, velocity, gradient, rate, momentum):
    """The params move along the old velocity, and this gradient counts only in the next step.

    Let the velocity be 0. Do the params move at all in the first step?
    """
    new = jax.tree.map(lambda p, v: p - rate * v, params, velocity)
    return new, jax.tree.map(lambda v, g: momentum * v + g, velocity, gradient)


def momentum_step__averaged(params, velocity, gradient, rate, momentum):
    """The gradient is weighted by what the momentum leaves over, which makes every step smaller.

    Read the two lines of the task again. By what is the gradient multiplied there?
    """
    velocity = jax.tree.map(lambda v, g: momentum * v + (1 - momentum) * g, velocity, gradient)
    return jax.tree.map(lambda p, v: p - rate * v, params, velocity), velocity


def momentum_step__uphill(params, velocity, gradient, rate, momentum):
    """The params move with the velocity, which is uphill.

    Where does the loss grow, along the gradient or against it?
    """
    velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, gradient)
    return jax.tree.map(lambda p, v: p + rate * v, params, velocity), velocity


def momentum_step__rate_in_the_velocity(params, velocity, gradient, rate, momentum):
    """The rate is in the velocity already, so that another velocity is returned.

    Compare the velocity that comes back with the task's: where does the rate stand there?
    """
    velocity = jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, gradient)
    return jax.tree.map(lambda p, v: p + v, params, velocity), velocity


def momentum_step__swapped(params, velocity, gradient, rate, momentum):
    """The velocity is returned first, and the params second.

    Which of the two did the task name first?
    """
    velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, gradient)
    return velocity, jax.tree.map(lambda p, v: p - rate * v, params, velocity)


def momentum_step__in_place(params, velocity, gradient, rate, momentum):
    """The params and the velocity that were passed in are changed, and lost to whoever has them.

    Keep the old params, take a step, and print the old params. Are they what they were?
    """
    for i, layer in enumerate(gradient):
        for name in layer:
            velocity[i][name] = momentum * velocity[i][name] + layer[name]
            params[i][name] = params[i][name] - rate * velocity[i][name]
    return params, velocity


def momentum_step__list_of_dicts(params, velocity, gradient, rate, momentum):
    """law: The params are taken for a list of dicts, and no other tree will do.

    Try a dict of lists, and a single array. Which function goes through several trees at once?
    """
    layers = list(zip(params, velocity, gradient))
    velocity = [{k: momentum * v[k] + g[k] for k in v} for _, v, g in layers]
    new = [{k: p[k] - rate * v[k] for k in p} for p, v in zip(params, velocity)]
    return new, velocity
