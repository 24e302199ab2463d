# Exercise 1. My way: lax first, vmap where it is shorter.
from functools import partial
from operator import itemgetter

import jax
import jax.numpy as jnp
from jax import lax

second = itemgetter(1)


def through(step, rows):
  # lax.scan with nothing to carry: the stacked outputs are all I want
  return second(lax.scan(lambda nothing, row: (nothing, step(row)), None, rows))


batched = lambda f, x: lax.map(f, x)

def batch_predict(model, weights, features):
  return lax.map(partial(model, weights), features)

ensemble_predict = lambda model, weights, features: through(
  lambda w: model(w, features), weights)

def parallel_predict(model, weights, features):
  return through(lambda pair: model(*pair), (weights, features))

def column_predict(model, weights, features):
  return jax.vmap(partial(model, weights), in_axes=-1)(features)

def double_batched(f, a, b):
  flat = jax.vmap(f)(jnp.ravel(a), jnp.ravel(b))
  return jnp.reshape(flat, jnp.shape(a))


class Table:
  """Builds the columns one after the other, and puts them side by side."""

  def __call__(self, f, a, b):
    column = lambda beta: jax.vmap(lambda alpha: f(alpha, beta))(a)
    return jax.vmap(column, out_axes=1)(b)


all_pairs = Table()


if __name__ == '__main__':
  dot = lambda w, v: jnp.maximum(jnp.einsum('d,d->', w, v), 0.)
  W = jnp.array([[2., -1.], [1., 1.], [-1., 0.]])
  V = jnp.array([[1., 0.], [3., 1.], [0., 4.]])
  print(batched(lambda t: t * abs(t), jnp.array([-1., .5, 2.])))
  print(batch_predict(dot, W[0], V), column_predict(dot, W[0], V.T))
  print(ensemble_predict(dot, W, V[1]), parallel_predict(dot, W, V))
  print(double_batched(lambda p, q: p - 2 * q, W, V))
  print(all_pairs(lambda p, q: p - q, jnp.array([10., 20.]), jnp.array([1., 2., 3.])))
