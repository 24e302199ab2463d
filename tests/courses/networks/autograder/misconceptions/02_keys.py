"""Misconceptions: 02_keys. Wrong answers as students write them, each with the idea behind it."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import random

_GENERATOR = np.random.default_rng(0)


def points__one_key(key, n):
    """Both are drawn with the same key, and so from the same bits.

    Plot the weights against the first coordinates. Do they know of each other? How many draws are
    there, and how many keys?
    """
    return {"place": random.normal(key, (n, 2)), "weight": random.uniform(key, (n,))}


def points__split_and_forgotten(key, n):
    """The key is split, and then the old one is used for one draw and for the other again.

    Write beside every draw which key it uses. Does one of them stand there twice?
    """
    key, _ = random.split(key)
    weight = random.uniform(key, (n,))
    place = jnp.stack([random.normal(key, (n,)), random.normal(key, (n,))], axis=1)
    return {"place": place, "weight": weight}


def points__own_key(key, n):
    """The key that was passed in is not used: everybody gets the same points.

    Call it with two keys and compare. Where does your key come from?
    """
    one, other = random.split(random.key(0))
    return {"place": random.normal(one, (n, 2)), "weight": random.uniform(other, (n,))}


def points__both_normal(key, n):
    """The weights are normal, too, and half of them are less than 0.

    What are the smallest and the largest weight that may come out?
    """
    one, other = random.split(key)
    return {"place": random.normal(one, (n, 2)), "weight": random.normal(other, (n,))}


def points__on_the_diagonal(key, n):
    """One number is drawn for each point, and stands in both coordinates.

    Print three points. How many different numbers are there in `place`?
    """
    one, other = random.split(key)
    place = random.normal(one, (n, 1)) * jnp.ones((n, 2))
    return {"place": place, "weight": random.uniform(other, (n,))}


def points__numpy(key, n):
    """law: The numbers come from a generator with a state of its own, and the key is not asked.

    Call it twice with the same key. Should the same key not give the same points?
    """
    place = _GENERATOR.standard_normal((n, 2)).astype(np.float32)
    return {"place": place, "weight": _GENERATOR.random(n).astype(np.float32)}


def dropout__not_enlarged(key, x, rate):
    """What is kept stays as it was, so that the sum shrinks.

    Let x be a thousand ones and the rate a half. What is the mean of the result, and what should
    it be?
    """
    return jnp.where(random.bernoulli(key, 1 - rate, x.shape), x, 0.0)


def dropout__rate_is_kept(key, x, rate):
    """The rate is taken for the chance to be kept.

    With a rate of 0.2, how many of a thousand entries should be 0? Count them.
    """
    return jnp.where(random.bernoulli(key, rate, x.shape), x / (1 - rate), 0.0)


def dropout__all_or_nothing(key, x, rate):
    """One decision is made for all entries.

    Print the result for a vector of ten ones, with some keys. How many random numbers does one
    call need?
    """
    return jnp.where(random.bernoulli(key, 1 - rate), x / (1 - rate), 0.0)


def dropout__divided_by_rate(key, x, rate):
    """What is kept is divided by the rate, and not by the chance to be kept.

    With a rate of 0.2, four of five entries are left. How much larger do they have to be?
    """
    return jnp.where(random.bernoulli(key, 1 - rate, x.shape), x / rate, 0.0)


def dropout__fixed_key(key, x, rate):
    """The same entries are dropped whatever the key is.

    Call it with two keys. Which line makes the numbers random, and what does it depend on?
    """
    kept = random.bernoulli(random.PRNGKey(42), 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)


def dropout__python_if(key, x, rate):
    """law: Python's `if` looks at the rate, which has no number while it is traced.

    Call it under jax.jit with the rate as an argument. Does a rate of 0 need a case of its own?
    """
    if rate == 0:
        return x
    return jnp.where(random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0.0)


def noise_at__step_alone(key, step, n):
    """The key is made of the step's number alone, so that all runs have the same noise.

    Call it with two keys and the same step. Where is the key that you were given?
    """
    return random.normal(random.key(step), (n,))


def noise_at__key_alone(key, step, n):
    """The step is not used, and every step has the same noise.

    Call it for step 0 and step 1. What should the step's number change?
    """
    return random.normal(key, (n,))


def noise_at__two_keys(key, step, n):
    """Two keys take turns, and every second step has the same noise.

    Print the noise of the steps 0, 1, 2 and 3. How many keys do as many steps need?
    """
    return random.normal(random.split(key)[step % 2], (n,))


def noise_at__added(key, step, n):
    """The step's number is added to the noise, and not to what it is drawn with.

    What is the mean of the noise of step 500? What should it be?
    """
    return random.normal(key, (n,)) + step


def noise_at__one_number(key, step, n):
    """A single number is drawn, and stands there again and again.

    Print the noise of one step. Which argument of `jax.random.normal` says how many there are?
    """
    return jnp.full(n, random.normal(random.fold_in(key, step)))


def noise_at__chain(key, step, n):
    """law: Python splits the key once for every step, which a traced number cannot tell it to.

    Call it under jax.jit. What would step 100,000 cost, and which function makes a key from a key
    and a number?
    """
    for _ in range(step):
        key, _ = random.split(key)
    return random.normal(random.split(key)[1], (n,))


def noise_at__as_many_keys(key, step, n):
    """law: As many keys are made as there are steps up to this one, and how many is traced.

    Call it under jax.jit. Can the shape of an array depend on a traced number? Which function needs
    the number alone?
    """
    return random.normal(random.split(key, step + 1)[step], (n,))
