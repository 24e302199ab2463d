"""Misconceptions: 04_partial_derivatives."""

import jax
import jax.numpy as jnp
import numpy as np


def imaginary(f, x, y, along_x, along_y):
    """The derivative of f in a direction, from a tiny imaginary step in it."""
    step = 1e-30j
    with jax.enable_x64(True):
        x, y = x.astype(jnp.complex128) + along_x * step, y.astype(jnp.complex128) + along_y * step
        return (f(x, y).imag / step.imag).astype(jnp.float32)


def partial_x__derivative_in_y(f, x, y):
    """This is the derivative in y: the other argument was chosen.

    Arguments are counted from 0. Try a function that depends on x only.
    """
    return jax.grad(f, argnums=1)(x, y)


def partial_x__coordinates_exchanged_in_partial_x(f, x, y):
    """This is the derivative in x at the point (y, x): the two coordinates have changed places.

    Try a function such as x squared, at a point with x = 1 and y = 5.
    """
    return jax.grad(f)(y, x)


def partial_x__both_arguments_moved(f, x, y):
    """This moves x and y together, so both partial derivatives are added up.

    Which argument should stay where it is while the other one moves?
    """
    ones = jnp.ones_like(x), jnp.ones_like(y)
    return jax.jvp(f, (x, y), ones)[1]


def partial_x__other_argument_zero(f, x, y):
    """This sets y to 0 before differentiating; y should keep its value.

    Holding y fixed does not mean leaving it out. Try the product of x and y.
    """
    return jax.grad(lambda moving: f(moving, jnp.zeros_like(y)))(x)


def partial_x__both_returned(f, x, y):
    """This returns both partial derivatives as a tuple; only the one in x is asked for.

    How many numbers does the docstring promise?
    """
    return jax.grad(f, argnums=(0, 1))(x, y)


def partial_x__value_of_f(f, x, y):
    """This is the value of f at the point, and not its derivative.

    Try a constant function. How fast does it change?
    """
    return jax.value_and_grad(f)(x, y)[0]


def partial_x__same_number_twice(f, x, y):
    """This puts y into both arguments: f is differentiated at (y, y).

    At which point should the derivative be taken? Change x alone and watch your result.
    """
    return jax.grad(lambda moving: f(moving, y))(y)


def partial_x__array_of_one(f, x, y):
    """The derivative comes in an array of shape (1,), and not as a scalar.

    Print the shape of your result. How many axes does a scalar have?
    """
    points = jnp.reshape(x, (1,))
    return jax.vmap(jax.grad(f), in_axes=(0, None))(points, y)


def partial_x__difference_quotient_in_partial_x(f, x, y):
    """This is a difference quotient with a small step; automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-3
    return (f(x + h, y) - f(x - h, y)) / (2 * h)


def partial_y__derivative_in_x(f, x, y):
    """This is the derivative in x: the other argument was chosen, or none, which means the first.

    Try a function that depends on y only.
    """
    return jax.grad(f)(x, y)


def partial_y__coordinates_exchanged_in_partial_y(f, x, y):
    """This is the derivative in y at the point (y, x): the two coordinates have changed places.

    Try a function such as y squared, at a point with x = 1 and y = 5.
    """
    return jax.grad(f, argnums=1)(y, x)


def partial_y__derivative_in_x_of_exchanged_coordinates(f, x, y):
    """This is the derivative in x at the point (y, x): to exchange the two is not to choose y.

    Which argument of f does your grad move, whatever you call the numbers that you pass?
    """
    return jax.grad(f)(y, x)


def partial_y__mixed_derivative(f, x, y):
    """This is the mixed second derivative: in x first and then in y.

    How often is f differentiated in your code? Try the sum of x and y.
    """
    return jax.grad(jax.grad(f, argnums=0), argnums=1)(x, y)


def partial_y__second_derivative_in_y(f, x, y):
    """This is the second derivative in y, not the first.

    Try a function that is a straight line in y.
    """
    in_y = jax.grad(f, argnums=1)
    return jax.grad(in_y, argnums=1)(x, y)


def partial_y__other_argument_one(f, x, y):
    """This sets x to 1 before differentiating; x should keep its value.

    Holding x fixed does not mean replacing it. Try the product of x and y.
    """
    return jax.grad(lambda moving: f(jnp.ones_like(x), moving))(y)


def partial_y__slope_along_the_diagonal(f, x, y):
    """This is the slope along the curve x = y: y is put into both arguments before differentiating.

    Which argument should stay where it is while the other one moves?
    """
    return jax.grad(lambda moving: f(moving, moving))(y)


def partial_y__python_float(f, x, y):
    """The number is right, but it is a Python float and no longer an array.

    Print the type of your result. Which call at the end changes it?
    """
    return float(jax.grad(f, argnums=1)(x, y))


def partial_y__difference_quotient_in_partial_y(f, x, y):
    """This is a difference quotient with a small step; automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    step = 1e-3
    return (f(x, y + step) - f(x, y)) / step


def gradient__derivatives_exchanged(f, x, y):
    """The two derivatives have changed places: the one in y comes first.

    Try a function that depends on x only. Where should the 0 stand?
    """
    return jax.grad(f, argnums=(1, 0))(x, y)


def gradient__one_array(f, x, y):
    """The two numbers come as one array of shape (2,), and not as a tuple of two scalars.

    Print the type of your result. How many objects does it hold?
    """
    return jnp.stack(jax.grad(f, argnums=(0, 1))(x, y))


def gradient__list_for_tuple(f, x, y):
    """The two scalars come in a list; a tuple is asked for.

    Print the type of your result. Which brackets make a tuple?
    """
    return [jax.grad(f, argnums=axis)(x, y) for axis in (0, 1)]


def gradient__same_derivative_twice(f, x, y):
    """The derivative in x stands in both places.

    Try a function that depends on x only. Where should a 0 stand?
    """
    in_x = jax.grad(f)(x, y)
    in_y = jax.grad(f)(x, y)
    return in_x, in_y


def gradient__value_and_one_derivative(f, x, y):
    """This is the value of f together with its derivative in x.

    Try a constant function. Which two numbers should come out?
    """
    return jax.value_and_grad(f)(x, y)


def gradient__value_and_the_other_derivative(f, x, y):
    """This is the value of f together with its derivative in y.

    Try a constant function. Which two numbers should come out?
    """
    return jax.value_and_grad(f, argnums=1)(x, y)


def gradient__scaled_to_length_one(f, x, y):
    """The gradient is scaled to length 1: its direction is right, its size is lost.

    Make f ten times as large. What should happen to its gradient?
    """
    in_x, in_y = jax.grad(f, argnums=(0, 1))(x, y)
    length = jnp.sqrt(in_x**2 + in_y**2) + 1e-12
    return in_x / length, in_y / length


def gradient__second_derivatives(f, x, y):
    """These are the second derivatives in x and in y, not the first.

    How often does your code differentiate? Try the sum of x and y.
    """
    rows = jax.hessian(f, argnums=(0, 1))(x, y)
    return rows[0][0], rows[1][1]


def gradient__downhill_direction_in_gradient(f, x, y):
    """The signs are turned: these are the steps downhill, not the gradient.

    Try a function that grows with x. Which sign should the first number have?
    """
    in_x, in_y = jax.grad(f, argnums=(0, 1))(x, y)
    return -in_x, -in_y


def gradient__second_at_a_moved_point(f, x, y):
    """The derivative in y is taken after x has already been moved by the derivative in x.

    At which point are the two derivatives meant to be taken? Is it the same one in your code?
    """
    in_x = jax.grad(f, argnums=0)(x, y)
    in_y = jax.grad(f, argnums=1)(in_x, y)
    return in_x, in_y


def gradient__difference_quotients_in_gradient(f, x, y):
    """These are difference quotients with a small step; automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-3
    in_x = (f(x + h, y) - f(x - h, y)) / (2 * h)
    in_y = (f(x, y + h) - f(x, y - h)) / (2 * h)
    return in_x, in_y


def loss_and_gradient__order_exchanged(loss, params, x, y):
    """The gradient comes first and the loss second; they are asked for the other way round.

    Print the shapes of the two results.
    """
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return slope, value


def loss_and_gradient__gradient_in_the_input(loss, params, x, y):
    """The gradient is taken in x, the input, and not in the params.

    Compare the shape of your gradient with the shape of the params.
    """
    return jax.value_and_grad(loss, argnums=1)(params, x, y)


def loss_and_gradient__divided_by_the_params(loss, params, x, y):
    """The gradient is divided by the number of params, as if it were an average.

    Try a loss with two params and compare the first entry with a derivative by hand.
    """
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value, slope / params.size


def loss_and_gradient__gradient_of_the_squared_loss(loss, params, x, y):
    """The gradient is the one of the squared loss; the loss itself is what should be
    differentiated.

    Make the loss ten times as large. What should happen to its gradient?
    """

    def squared(p):
        value = loss(p, x, y)
        return value**2, value

    slope, value = jax.grad(squared, has_aux=True)(params)
    return value, slope


def loss_and_gradient__downhill_direction_in_loss_and_gradient(loss, params, x, y):
    """The sign of the gradient is turned: it is the step downhill.

    Try a loss that grows with a param. Which sign should its derivative have?
    """
    value, pull_back = jax.vjp(lambda p: loss(p, x, y), params)
    return value, pull_back(-jnp.ones_like(value))[0]


def loss_and_gradient__all_params_moved_at_once(loss, params, x, y):
    """The entries of the gradient are added up and the sum stands in every place: all the params
    were moved at once.

    Each param has a derivative of its own. Try a loss that depends on one of them only.
    """
    everywhere = jnp.ones_like(params)
    value, total = jax.jvp(lambda p: loss(p, x, y), (params,), (everywhere,))
    return value, jnp.full_like(params, total)


def loss_and_gradient__input_and_answer_exchanged(loss, params, x, y):
    """The input x and the answer y have changed places in the call of the loss.

    Look at the order of the loss's arguments. Try an example whose x and y differ.
    """
    return jax.value_and_grad(loss)(params, y, x)


def loss_and_gradient__loss_as_array_of_one(loss, params, x, y):
    """The loss comes in an array of shape (1,), and not as a scalar.

    Print the shapes of the two results. How many axes does a scalar have?
    """
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value.reshape(1), slope


def loss_and_gradient__double_precision(loss, params, x, y):
    """The gradient went through NumPy and came back in double precision: float64 instead of
    float32.

    Print the dtype of your gradient and of the params.
    """
    value, slope = jax.value_and_grad(loss)(params, x, y)
    return value, np.array(slope, dtype=float)


def loss_and_gradient__gradient_in_everything(loss, params, x, y):
    """The gradient covers the params, x and y; only the part of the params is asked for.

    Print the shape of the second result, or its type if it has none.
    """
    return jax.value_and_grad(loss, argnums=(0, 1, 2))(params, x, y)


def loss_and_gradient__loss_called_twice(loss, params, x, y):
    """method: The results are right, but the loss runs twice: once for the value and once more for
    the gradient.

    Put a print into the loss and count. One transformation does both.
    """
    return loss(params, x, y), jax.grad(loss)(params, x, y)


def loss_and_gradient__derivatives_one_by_one(loss, params, x, y):
    """method: The results are right, but the derivative in each param is taken on its own: the loss
    runs once for every one of them.

    How often does your code run the loss for ten params? One run should be enough.
    """

    def alone(i):
        return jax.value_and_grad(lambda one: loss(params.at[i].set(one), x, y))(params[i])

    values, slopes = zip(*map(alone, range(params.size)), strict=True)
    return values[0], jnp.stack(slopes)


def loss_and_gradient__difference_quotients_in_loss_and_gradient(loss, params, x, y):
    """The gradient consists of difference quotients; automatic differentiation is asked for.

    How often does your code run the loss for ten params? One run should be enough.
    """
    h = 1e-3
    value = loss(params, x, y)
    steps = h * jnp.eye(params.size)

    def slope(step):
        return (loss(params + step, x, y) - loss(params - step, x, y)) / (2 * h)

    return value, jax.vmap(slope)(steps)


def partial_x__slope_cut_off_in_partial_x(f, x, y):
    """Large slopes are cut off, as one does with exploding gradients in training.

    Try a function that is a million times as steep. What do you return for its slope?
    """
    return jnp.clip(jax.grad(f, argnums=0)(x, y), -1000.0, 1000.0)


def partial_x__imaginary_step_in_partial_x(f, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    return imaginary(f, x, y, 1, 0)


def partial_y__slope_cut_off_in_partial_y(f, x, y):
    """Large slopes are cut off, as one does with exploding gradients in training.

    Try a function that is a million times as steep. What do you return for its slope?
    """
    return jnp.clip(jax.grad(f, argnums=1)(x, y), -1000.0, 1000.0)


def partial_y__imaginary_step_in_partial_y(f, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    return imaginary(f, x, y, 0, 1)


def gradient__imaginary_steps_in_gradient(f, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    return imaginary(f, x, y, 1, 0), imaginary(f, x, y, 0, 1)


def loss_and_gradient__loss_of_exchanged_arguments(loss, params, x, y):
    """The gradient is right, but for the loss itself the input and the target changed places.

    Compare your first item with what the loss gives for the same three arguments.
    """
    return loss(params, y, x), jax.grad(loss)(params, x, y)


def loss_and_gradient__single_gradient_squeezed(loss, params, x, y):
    """law: A gradient of one entry loses its axis to squeeze and becomes a plain number.

    Print the shape of your gradient where there is a single parameter.
    """
    value, slopes = jax.value_and_grad(loss)(params, x, y)
    return value, jnp.squeeze(slopes)


def loss_and_gradient__imaginary_steps_in_one_call(loss, params, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-30
    with jax.enable_x64(True):
        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        beside = jax.vmap(loss, in_axes=(0, None, None))(
            params + steps, x.astype(jnp.complex128), y.astype(jnp.complex128)
        )
        slopes = beside.imag / h
        return beside[0].real.astype(jnp.float32), slopes.astype(jnp.float32)
