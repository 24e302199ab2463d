import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

# what it should look like
plt.plot(np.linspace(-3, 3), np.cos(np.linspace(-3, 3)))


# forward mode: push a one through f, and look at what comes out next to the value
def pushed(f):
    def at(t):
        _, out = jax.jvp(f, (t,), (jnp.ones_like(t),))
        return out

    return at


def derivative(f, x):
    return jax.lax.map(pushed(f), x)


def largest_gap(f, df, x):
    claimed = np.asarray(jax.lax.map(df, x))
    found = np.asarray(derivative(f, x))
    return np.array(np.linalg.norm(found - claimed, ord=np.inf), dtype=np.float32)


def plot(x):
    fig = Figure()
    ax = fig.add_axes((0.12, 0.12, 0.8, 0.68))
    hollow = ax.scatter(x, derivative(jnp.sin, x), s=40, facecolors="none", edgecolors="k")
    crosses, = ax.plot(x, np.cos(x), linestyle="", marker="x")
    wave, = ax.plot(x, np.sin(x), linestyle="", marker=",", color="0.7")
    ax.set(xlabel="$x$", ylabel="value", title="who is who")
    fig.legend([hollow, crosses, wave], ["derivative of sin", "cos", "sin itself"], loc="upper center", ncols=3)
    return fig


if __name__ == "__main__":
    t = jnp.linspace(-3.0, 3.0, 25)
    print(derivative(lambda s: s**2, t[:3]))
    print("cos:", largest_gap(jnp.sin, jnp.cos, t), " -cos:", largest_gap(jnp.sin, lambda s: -jnp.cos(s), t))
    print(plot(t))
