"""Models, losses and landscapes: functions of one example."""

from __future__ import annotations

from typing import Any

from jaxercise.sandboxed.families.base import Family, total


def _model(c: Any, weights: Any, features: Any) -> Any:
    import jax.numpy as jnp

    # A sum of products and not `jnp.dot`: on a GPU the latter may round to ten bits (TF32).
    product = weights * features
    positions = jnp.arange(1, weights.shape[0] + 1, dtype=product.dtype)
    linear = jnp.sum(product)
    return (
        c[0] * linear
        + c[1] * jnp.sum(positions * product)
        + c[2] * jnp.sum(weights * product)
        + c[3] * jnp.tanh(linear)
        + c[4]
    )


def _model_formula(c: dict[str, float]) -> str:
    return total(
        [
            (c["dot"], "sum_i w_i v_i"),
            (c["ranked"], "sum_i i w_i v_i"),
            (c["square"], "sum_i w_i^2 v_i"),
            (c["tanh"], "tanh(sum_i w_i v_i)"),
            (c["one"], ""),
        ]
    )


MODEL = Family(
    name="model",
    parameters=("w", "v"),
    ranks=(1, 1),
    # Terms that change when the entries change places, and when weights and features do.
    coefficients=("dot", "ranked", "square", "tanh", "one", "stated"),
    linear=("dot", "ranked", "square", "tanh", "one"),
    evaluate=_model,
    formula=_model_formula,
    names=(("weights", "features"),),
)


def _loss(c: Any, params: Any, x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    prediction = jnp.zeros_like(x)
    for power in reversed(range(params.shape[0])):  # Horner's rule
        prediction = prediction * x + params[power]
    residual = prediction - y
    return (
        c[0] * residual * residual
        + c[1] * residual
        + c[2] * y * jnp.sum(params * params)
        + c[3] * jnp.sin(params[0] * x)
    )


def _loss_formula(c: dict[str, float]) -> str:
    return total(
        [
            (c["square"], "(p(x) - y)^2"),
            (c["linear"], "(p(x) - y)"),
            (c["decay"], "y sum_i p_i^2"),
            (c["wave"], "sin(p_0 x)"),
        ]
    ) + (" with p(x) = p_0 + p_1 x + ..." if c["square"] or c["linear"] else "")


LOSS = Family(
    name="loss",
    parameters=("p", "x", "y"),
    ranks=(1, 0, 0),
    coefficients=("square", "linear", "decay", "wave", "stated"),
    linear=("square", "linear", "decay", "wave"),
    evaluate=_loss,
    formula=_loss_formula,
    names=(("params", "x", "y"),),
)


def _landscape(c: Any, x: Any) -> Any:
    import jax.numpy as jnp

    positions = jnp.arange(1, x.shape[0] + 1, dtype=x.dtype)
    return (
        c[0] * jnp.sum(positions * x)
        + c[1] * jnp.sum(positions * x * x)
        + c[2] * jnp.sum(x * x * jnp.roll(x, 1))
        + c[3] * jnp.sin(jnp.sum(positions * x))
    )


def _landscape_formula(c: dict[str, float]) -> str:
    return total(
        [
            (c["slope"], "sum_i i x_i"),
            (c["bowl"], "sum_i i x_i^2"),
            (c["twist"], "sum_i x_i^2 x_(i-1)"),
            (c["wave"], "sin(sum_i i x_i)"),
        ]
    )


LANDSCAPE = Family(
    name="landscape",
    parameters=("x",),
    ranks=(1,),
    # Terms in which each place counts differently, and whose second derivatives mix places.
    coefficients=("slope", "bowl", "twist", "wave", "stated"),
    linear=("slope", "bowl", "twist", "wave"),
    evaluate=_landscape,
    formula=_landscape_formula,
)
