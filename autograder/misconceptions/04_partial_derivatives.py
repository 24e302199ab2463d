"""Misconceptions: 04_partial_derivatives."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="partial_x",
    kind="values",
    idea="This is the derivative in y: the other argument was chosen.",
    nudge="Arguments are counted from 0. Try a function that depends on x only.",
)
def derivative_in_y(f, x, y):
    return jax.grad(f, argnums=1)(x, y)


@misconception(
    of="partial_x",
    kind="values",
    idea=(
        "This is the derivative in x at the point (y, x): the two coordinates have changed places."
    ),
    nudge="Try a function such as x squared, at a point with x = 1 and y = 5.",
)
def coordinates_exchanged_in_partial_x(f, x, y):
    return jax.grad(f)(y, x)


@misconception(
    of="partial_x",
    kind="values",
    idea="This moves x and y together, so both partial derivatives are added up.",
    nudge="Which argument should stay where it is while the other one moves?",
)
def both_arguments_moved(f, x, y):
    ones = jnp.ones_like(x), jnp.ones_like(y)
    return jax.jvp(f, (x, y), ones)[1]


@misconception(
    of="partial_x",
    kind="values",
    idea="This sets y to 0 before differentiating; y should keep its value.",
    nudge="Holding y fixed does not mean leaving it out. Try the product of x and y.",
)
def other_argument_zero(f, x, y):
    return jax.grad(lambda moving: f(moving, jnp.zeros_like(y)))(x)


@misconception(
    of="partial_x",
    kind="values",
    idea="This returns both partial derivatives as a tuple; only the one in x is asked for.",
    nudge="How many numbers does the docstring promise?",
)
def both_returned(f, x, y):
    return jax.grad(f, argnums=(0, 1))(x, y)


@misconception(
    of="partial_x",
    kind="values",
    idea="This is the value of f at the point, and not its derivative.",
    nudge="Try a constant function. How fast does it change?",
)
def value_of_f(f, x, y):
    return jax.value_and_grad(f)(x, y)[0]


@misconception(
    of="partial_x",
    kind="values",
    idea="This puts y into both arguments: f is differentiated at (y, y).",
    nudge="At which point should the derivative be taken? Change x alone and watch your result.",
)
def same_number_twice(f, x, y):
    return jax.grad(lambda moving: f(moving, y))(y)


@misconception(
    of="partial_x",
    kind="values",
    idea="The derivative comes in an array of shape (1,), and not as a scalar.",
    nudge="Print the shape of your result. How many axes does a scalar have?",
)
def array_of_one(f, x, y):
    points = jnp.reshape(x, (1,))
    return jax.vmap(jax.grad(f), in_axes=(0, None))(points, y)


@misconception(
    of="partial_x",
    kind="values",
    idea="This is a difference quotient with a small step; automatic differentiation is asked for.",
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def difference_quotient_in_partial_x(f, x, y):
    h = 1e-3
    return (f(x + h, y) - f(x - h, y)) / (2 * h)


@misconception(
    of="partial_y",
    kind="values",
    idea="This is the derivative in x: without a word about the arguments, the first one is taken.",
    nudge="Try a function that depends on y only.",
)
def derivative_in_x(f, x, y):
    return jax.grad(f)(x, y)


@misconception(
    of="partial_y",
    kind="values",
    idea=(
        "This is the derivative in y at the point (y, x): the two coordinates have changed places."
    ),
    nudge="Try a function such as y squared, at a point with x = 1 and y = 5.",
)
def coordinates_exchanged_in_partial_y(f, x, y):
    return jax.grad(f, argnums=1)(y, x)


@misconception(
    of="partial_y",
    kind="values",
    idea="This is the mixed second derivative: in x first and then in y.",
    nudge="How often is f differentiated in your code? Try the sum of x and y.",
)
def mixed_derivative(f, x, y):
    return jax.grad(jax.grad(f, argnums=0), argnums=1)(x, y)


@misconception(
    of="partial_y",
    kind="values",
    idea="This is the second derivative in y, not the first.",
    nudge="Try a function that is a straight line in y.",
)
def second_derivative_in_y(f, x, y):
    in_y = jax.grad(f, argnums=1)
    return jax.grad(in_y, argnums=1)(x, y)


@misconception(
    of="partial_y",
    kind="values",
    idea="This sets x to 1 before differentiating; x should keep its value.",
    nudge="Holding x fixed does not mean replacing it. Try the product of x and y.",
)
def other_argument_one(f, x, y):
    return jax.grad(lambda moving: f(jnp.ones_like(x), moving))(y)


@misconception(
    of="partial_y",
    kind="values",
    idea=(
        "This is the slope along the curve x = y: y is put into both arguments before "
        "differentiating."
    ),
    nudge="Which argument should stay where it is while the other one moves?",
)
def slope_along_the_diagonal(f, x, y):
    return jax.grad(lambda moving: f(moving, moving))(y)


@misconception(
    of="partial_y",
    kind="values",
    idea="The number is right, but it is a Python float and no longer an array.",
    nudge="Print the type of your result. Which call at the end changes it?",
)
def python_float(f, x, y):
    return float(jax.grad(f, argnums=1)(x, y))


@misconception(
    of="partial_y",
    kind="values",
    idea="This is a difference quotient with a small step; automatic differentiation is asked for.",
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def difference_quotient_in_partial_y(f, x, y):
    step = 1e-3
    return (f(x, y + step) - f(x, y)) / step


@misconception(
    of="gradient",
    kind="values",
    idea="The two derivatives have changed places: the one in y comes first.",
    nudge="Try a function that depends on x only. Where should the 0 stand?",
)
def derivatives_exchanged(f, x, y):
    return jax.grad(f, argnums=(1, 0))(x, y)


@misconception(
    of="gradient",
    kind="values",
    idea="The two numbers come as one array of shape (2,), and not as a tuple of two scalars.",
    nudge="Print the type of your result. How many objects does it hold?",
)
def one_array(f, x, y):
    return jnp.stack(jax.grad(f, argnums=(0, 1))(x, y))


@misconception(
    of="gradient",
    kind="values",
    idea="The two scalars come in a list; a tuple is asked for.",
    nudge="Print the type of your result. Which brackets make a tuple?",
)
def list_for_tuple(f, x, y):
    return [jax.grad(f, argnums=axis)(x, y) for axis in (0, 1)]


@misconception(
    of="gradient",
    kind="values",
    idea="The derivative in x stands in both places.",
    nudge="Try a function that depends on x only. Where should a 0 stand?",
)
def same_derivative_twice(f, x, y):
    in_x = jax.grad(f)(x, y)
    in_y = jax.grad(f)(x, y)
    return in_x, in_y


@misconception(
    of="gradient",
    kind="values",
    idea="This is the value of f together with its derivative in x.",
    nudge="Try a constant function. Which two numbers should come out?",
)
def value_and_one_derivative(f, x, y):
    return jax.value_and_grad(f)(x, y)


@misconception(
    of="gradient",
    kind="values",
    idea="The gradient is scaled to length 1: its direction is right, its size is lost.",
    nudge="Make f ten times as large. What should happen to its gradient?",
)
def scaled_to_length_one(f, x, y):
    in_x, in_y = jax.grad(f, argnums=(0, 1))(x, y)
    length = jnp.sqrt(in_x**2 + in_y**2) + 1e-12
    return in_x / length, in_y / length


@misconception(
    of="gradient",
    kind="values",
    idea="These are the second derivatives in x and in y, not the first.",
    nudge="How often does your code differentiate? Try the sum of x and y.",
)
def second_derivatives(f, x, y):
    rows = jax.hessian(f, argnums=(0, 1))(x, y)
    return rows[0][0], rows[1][1]


@misconception(
    of="gradient",
    kind="values",
    idea="The signs are turned: these are the steps downhill, not the gradient.",
    nudge="Try a function that grows with x. Which sign should the first number have?",
)
def downhill_direction_in_gradient(f, x, y):
    in_x, in_y = jax.grad(f, argnums=(0, 1))(x, y)
    return -in_x, -in_y


@misconception(
    of="gradient",
    kind="values",
    idea="The derivative in y is taken after x has already been moved by the derivative in x.",
    nudge=(
        "At which point are the two derivatives meant to be taken? Is it the same one in your code?"
    ),
)
def second_at_a_moved_point(f, x, y):
    in_x = jax.grad(f, argnums=0)(x, y)
    in_y = jax.grad(f, argnums=1)(in_x, y)
    return in_x, in_y


@misconception(
    of="gradient",
    kind="values",
    idea=(
        "These are difference quotients with a small step; automatic differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def difference_quotients_in_gradient(f, x, y):
    h = 1e-3
    in_x = (f(x + h, y) - f(x - h, y)) / (2 * h)
    in_y = (f(x, y + h) - f(x, y - h)) / (2 * h)
    return in_x, in_y


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient comes first and the loss second; they are asked for the other way round.",
    nudge="Print the shapes of the two results.",
)
def order_exchanged(loss, params, x, y):
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return slope, value


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient is taken in x, the input, and not in the params.",
    nudge="Compare the shape of your gradient with the shape of the params.",
)
def gradient_in_the_input(loss, params, x, y):
    return jax.value_and_grad(loss, argnums=1)(params, x, y)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient is divided by the number of params, as if it were an average.",
    nudge="Try a loss with two params and compare the first entry with a derivative by hand.",
)
def divided_by_the_params(loss, params, x, y):
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value, slope / params.size


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea=(
        "The gradient is the one of the squared loss; the loss itself is what should be "
        "differentiated."
    ),
    nudge="Make the loss ten times as large. What should happen to its gradient?",
)
def gradient_of_the_squared_loss(loss, params, x, y):
    def squared(p):
        value = loss(p, x, y)
        return value**2, value

    slope, value = jax.grad(squared, has_aux=True)(params)
    return value, slope


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The sign of the gradient is turned: it is the step downhill.",
    nudge="Try a loss that grows with a param. Which sign should its derivative have?",
)
def downhill_direction_in_loss_and_gradient(loss, params, x, y):
    value, pull_back = jax.vjp(lambda p: loss(p, x, y), params)
    return value, pull_back(-jnp.ones_like(value))[0]


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea=(
        "The entries of the gradient are added up and the sum stands in every place: all the "
        "params were moved at once."
    ),
    nudge="Each param has a derivative of its own. Try a loss that depends on one of them only.",
)
def all_params_moved_at_once(loss, params, x, y):
    everywhere = jnp.ones_like(params)
    value, total = jax.jvp(lambda p: loss(p, x, y), (params,), (everywhere,))
    return value, jnp.full_like(params, total)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The input x and the answer y have changed places in the call of the loss.",
    nudge="Look at the order of the loss's arguments. Try an example whose x and y differ.",
)
def input_and_answer_exchanged(loss, params, x, y):
    return jax.value_and_grad(loss)(params, y, x)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The loss comes in an array of shape (1,), and not as a scalar.",
    nudge="Print the shapes of the two results. How many axes does a scalar have?",
)
def loss_as_array_of_one(loss, params, x, y):
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value.reshape(1), slope


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea=(
        "The gradient went through NumPy and came back in double precision: float64 instead "
        "of float32."
    ),
    nudge="Print the dtype of your gradient and of the params.",
)
def double_precision(loss, params, x, y):
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value, np.array(slope, dtype=float)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient covers the params, x and y; only the part of the params is asked for.",
    nudge="Print the shape of the second result, or its type if it has none.",
)
def gradient_in_everything(loss, params, x, y):
    return jax.value_and_grad(loss, argnums=(0, 1, 2))(params, x, y)


@misconception(
    of="loss_and_gradient",
    kind="method",
    idea=(
        "The results are right, but the loss runs twice: once for the value and once more for "
        "the gradient."
    ),
    nudge="Put a print into the loss and count. One transformation does both.",
)
def loss_called_twice(loss, params, x, y):
    return loss(params, x, y), jax.grad(loss)(params, x, y)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient consists of difference quotients; automatic differentiation is asked for.",
    nudge="How often does your code run the loss for ten params? One run should be enough.",
)
def difference_quotients_in_loss_and_gradient(loss, params, x, y):
    h = 1e-3
    value = loss(params, x, y)
    steps = h * jnp.eye(params.size)

    def slope(step):
        return (loss(params + step, x, y) - loss(params - step, x, y)) / (2 * h)

    return value, jax.vmap(slope)(steps)


@misconception(
    of="partial_x",
    kind="law",
    idea="Large slopes are cut off, as one does with exploding gradients in training.",
    nudge="Try a function that is a million times as steep. What do you return for its slope?",
)
def slope_cut_off_in_partial_x(f, x, y):
    return jnp.clip(jax.grad(f, argnums=0)(x, y), -1000.0, 1000.0)


@misconception(
    of="partial_x",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_step_in_partial_x(f, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        wide_x, wide_y = x.astype(jnp.complex128), y.astype(jnp.complex128)
        return (f(wide_x + 1j * h, wide_y).imag / h).astype(jnp.float32)


@misconception(
    of="partial_y",
    kind="law",
    idea="Large slopes are cut off, as one does with exploding gradients in training.",
    nudge="Try a function that is a million times as steep. What do you return for its slope?",
)
def slope_cut_off_in_partial_y(f, x, y):
    return jnp.clip(jax.grad(f, argnums=1)(x, y), -1000.0, 1000.0)


@misconception(
    of="partial_y",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_step_in_partial_y(f, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        wide_x, wide_y = x.astype(jnp.complex128), y.astype(jnp.complex128)
        return (f(wide_x, wide_y + 1j * h).imag / h).astype(jnp.float32)


@misconception(
    of="gradient",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_steps_in_gradient(f, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        wide_x, wide_y = x.astype(jnp.complex128), y.astype(jnp.complex128)
        along_x = f(wide_x + 1j * h, wide_y).imag / h
        along_y = f(wide_x, wide_y + 1j * h).imag / h
        return along_x.astype(jnp.float32), along_y.astype(jnp.float32)


@misconception(
    of="loss_and_gradient",
    kind="values",
    idea="The gradient is right, but for the loss itself the input and the target changed places.",
    nudge="Compare your first item with what the loss gives for the same three arguments.",
)
def loss_of_exchanged_arguments(loss, params, x, y):
    return loss(params, y, x), jax.grad(loss)(params, x, y)


@misconception(
    of="loss_and_gradient",
    kind="law",
    idea="A gradient of one entry loses its axis to squeeze and becomes a plain number.",
    nudge="Print the shape of your gradient where there is a single parameter.",
)
def single_gradient_squeezed(loss, params, x, y):
    value, slopes = jax.value_and_grad(loss)(params, x, y)
    return value, jnp.squeeze(slopes)


@misconception(
    of="loss_and_gradient",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_steps_in_one_call(loss, params, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        beside = jax.vmap(loss, in_axes=(0, None, None))(
            params + steps, x.astype(jnp.complex128), y.astype(jnp.complex128)
        )
        slopes = beside.imag / h
        return beside[0].real.astype(jnp.float32), slopes.astype(jnp.float32)
