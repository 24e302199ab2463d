from typing import NamedTuple

import jax
import jax.numpy as jnp


class Slopes(NamedTuple):
  wrt_x: object
  wrt_y: object


class LossAndGradient(NamedTuple):
  loss: object
  gradient: object


def along(f, point, direction):
  return jax.jvp(f, point, tuple(jnp.full_like(p, d) for p, d in zip(point, direction)))[1]


partial_x = lambda f, x, y: along(f, (x, y), (1, 0))
partial_y = lambda f, x, y: along(f, (x, y), (0, 1))
gradient = lambda f, x, y: Slopes(*jax.jacrev(f, argnums=(0, 1))(x, y))


def loss_and_gradient(loss, params, x, y):
  value, pullback = jax.vjp(lambda p: loss(p, x, y), params)
  back, = pullback(jnp.ones_like(value))
  return LossAndGradient(loss=value, gradient=back)


if __name__ == '__main__':
  f, x, y = lambda x, y: x * y ** 3, jnp.array(5.), jnp.array(2.)
  print(partial_x(f, x, y), partial_y(f, x, y), gradient(f, x, y))
  line = lambda p, x, y: (p[0] * x + p[1] - y) ** 2
  print(loss_and_gradient(line, jnp.array([2., 1.]), jnp.array(3.), jnp.array(5.)))
