from functools import reduce

import jax, jax.numpy as jnp
from jax import jacfwd, jacrev, lax

second_derivative = lambda f: jacfwd(jacrev(f))


class nth_derivative:
	"""An object that can be called like a function."""

	def __init__(self, f, n):
		self.order = n
		self.call = reduce(lambda g, _: jacfwd(g), range(n), f)

	def __call__(self, x):
		return self.call(x)

	def __repr__(self):
		return "f" + "'" * self.order


def largest_gap(f, d2f, x):
	curve = second_derivative(f)

	def worse(worst, t):
		return jnp.maximum(worst, jnp.abs(curve(t) - d2f(t))), ()

	worst, _ = lax.scan(worse, jnp.zeros((), jnp.result_type(x)), x)
	return worst


if __name__ == "__main__":
	print(second_derivative(jnp.sin)(jnp.array(1.)), -jnp.sin(1.))
	for k in range(5): print(nth_derivative(jnp.exp, k), nth_derivative(jnp.exp, k)(jnp.array(0.)))
	print(largest_gap(lambda t: t ** 3, lambda t: 6 * t, jnp.linspace(-2, 2, 9)))
