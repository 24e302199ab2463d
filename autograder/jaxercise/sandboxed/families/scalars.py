"""Functions of one number, and of two."""

from __future__ import annotations

from typing import Any

from jaxercise.sandboxed.families.base import Family, total


def _scalar(c: Any, x: Any) -> Any:
    import jax.numpy as jnp

    polynomial = c[0] + x * (c[1] + x * (c[2] + x * c[3]))
    angle = c[7] * x + c[8] * x * x
    wave = (c[4] + c[5] * x) * jnp.sin(angle) + c[6] * jnp.cos(angle)
    bell = c[9] * jnp.exp(-c[10] * c[10] * x * x)
    return polynomial + wave + bell + c[11] * jnp.tanh(c[12] * x)


def _scalar_formula(c: dict[str, float]) -> str:
    terms = [(c["p3"], "x^3"), (c["p2"], "x^2"), (c["p1"], "x")]
    constant = c["p0"]
    angle = total([(c["w1"], "x"), (c["w2"], "x^2")])
    if angle != "0":
        if c["a0"] and c["a1"]:
            amplitude = total([(c["a0"], ""), (c["a1"], "x")])
            terms.append((1.0, f"({amplitude}) sin({angle})"))
        else:
            terms += [(c["a0"], f"sin({angle})"), (c["a1"], f"x sin({angle})")]
        terms.append((c["c0"], f"cos({angle})"))
    else:
        constant += c["c0"]
    if c["q"]:
        terms.append((c["b"], f"exp({total([(-(c['q'] ** 2), 'x^2')])})"))
    else:
        constant += c["b"]
    if c["r"]:
        terms.append((c["t"], f"tanh({total([(c['r'], 'x')])})"))
    return total([*terms, (constant, "")])


SCALAR = Family(
    name="scalar",
    parameters=("x",),
    ranks=(0,),
    coefficients=(
        *("p0", "p1", "p2", "p3"),  # p0 + p1 x + p2 x^2 + p3 x^3
        *("a0", "a1", "c0", "w1", "w2"),  # + (a0 + a1 x) sin(w1 x + w2 x^2) + c0 cos(same)
        *("b", "q"),  # + b exp(-q^2 x^2)
        *("t", "r"),  # + t tanh(r x)
        "stated",
    ),
    linear=("p0", "p1", "p2", "p3", "a0", "a1", "c0", "b", "t"),
    evaluate=_scalar,
    formula=_scalar_formula,
)


def _wave(c: Any, x: Any) -> Any:
    import jax.numpy as jnp

    return c[0] * jnp.sin(c[1] * x)


def _wave_formula(c: dict[str, float]) -> str:
    return total([(c["a"], f"sin({total([(c['w'], 'x')])})")])


#: So short that its fifth derivative is compiled in no time.
WAVE = Family(
    name="wave",
    parameters=("x",),
    ranks=(0,),
    coefficients=("a", "w", "stated"),
    linear=("a",),
    evaluate=_wave,
    formula=_wave_formula,
)


def _binary(c: Any, x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    polynomial = c[0] + c[1] * x + c[2] * y + c[3] * x * y + c[4] * x * x + c[5] * x * x * y
    return polynomial + c[6] * jnp.sin(c[7] * x + c[8] * y)


def _binary_formula(c: dict[str, float]) -> str:
    angle = total([(c["w1"], "x"), (c["w2"], "y")])
    return total(
        [
            (c["xxy"], "x^2 y"),
            (c["xx"], "x^2"),
            (c["xy"], "x y"),
            (c["x"], "x"),
            (c["y"], "y"),
            (c["a"] if angle != "0" else 0.0, f"sin({angle})"),
            (c["one"], ""),
        ]
    )


BINARY = Family(
    name="binary",
    parameters=("x", "y"),
    ranks=(0, 0),
    coefficients=("one", "x", "y", "xy", "xx", "xxy", "a", "w1", "w2", "stated"),
    linear=("one", "x", "y", "xy", "xx", "xxy", "a"),
    evaluate=_binary,
    formula=_binary_formula,
    names=(("x", "y"), ("a", "b")),
)
