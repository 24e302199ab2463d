"""Wrong answers to exercise 5, one misunderstanding each."""

from functools import partial
import jax
import jax.numpy as jnp


def per_example_gradients__batch_gradient_in_every_row(loss, params, x, y):
    """Every row is the same: the mean gradient of the batch, repeated.

    Take two very different examples. Should they pull the params in the same direction?
    """

    def mean_loss(p):
        return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y))

    return jnp.tile(jax.grad(mean_loss)(params), (x.shape[0], 1))


def per_example_gradients__gradient_in_x(loss, params, x, y):
    """The losses were differentiated in x instead of in the params.

    Which argument does grad differentiate in, and how long is one gradient in the params?
    """
    return jax.vmap(jax.grad(loss, argnums=1), in_axes=(None, 0, 0))(params, x, y)


def per_example_gradients__gradients_in_every_argument(loss, params, x, y):
    """The losses were differentiated in all three arguments, so a tuple comes back.

    Only one of the three arguments is being trained. What should the answer consist of?
    """
    gradient = jax.grad(loss, argnums=(0, 1, 2))
    return jax.vmap(gradient, in_axes=(None, 0, 0))(params, x, y)


def per_example_gradients__transposed_gradients(loss, params, x, y):
    """The gradients stand in the columns; they should stand in the rows.

    Compare the shape you return with (n, p) for three examples and two params.
    """
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0), out_axes=1)(params, x, y)


def per_example_gradients__losses_for_gradients(loss, params, x, y):
    """These are the losses of the examples, not the gradients of these losses.

    The function you map over the examples returns one number. Which one is it?
    """
    return jax.vmap(loss, in_axes=(None, 0, 0))(params, x, y)


def per_example_gradients__share_of_the_mean(loss, params, x, y):
    """Each gradient is divided by the number of examples, as if it were a share of the mean.

    Would the gradient of the first example change if a further example were added?
    """

    def mean_loss(rows):
        return jnp.mean(jax.vmap(loss)(rows, x, y))

    return jax.grad(mean_loss)(jnp.tile(params, (x.shape[0], 1)))


def per_example_gradients__first_target_for_every_example(loss, params, x, y):
    """Every x is compared with the first y instead of with its own.

    Example i is a pair. Which of its two halves is mapped, and which stays the same?
    """
    return jax.vmap(lambda xi: jax.grad(loss)(params, xi, y[0]))(x)


def per_example_gradients__every_x_with_every_y(loss, params, x, y):
    """Every x meets every y; the result has one axis too many.

    Two vmaps, one inside the other, go through all pairs. How many pairs are there really?
    """
    over_y = jax.vmap(jax.grad(loss), in_axes=(None, None, 0))
    return jax.vmap(over_y, in_axes=(None, 0, None))(params, x, y)


def per_example_gradients__rows_squeezed(loss, params, x, y):
    """law: Axes of length 1 are squeezed away, so one example, or one param, loses its axis.

    Call it with a batch of one example and look at the shape.
    """
    return jnp.squeeze(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y))


def per_example_gradients__loop_over_the_examples(loss, params, x, y):
    """method: A Python loop goes through the examples one by one.

    Write the gradient of one example, then say along which axes of which arguments to map.
    """
    rows = []
    for xi, yi in zip(x, y, strict=True):
        rows.append(jax.grad(loss)(params, xi, yi))
    return jnp.stack(rows)


def per_example_gradients__difference_quotients(loss, params, x, y):
    """The gradients are difference quotients of the loss, not derivatives taken by JAX.

    A difference quotient depends on the step you choose. Which transformation needs none?
    """
    step = 1e-3

    def losses(p):
        return jax.vmap(partial(loss, p))(x, y)

    def along(direction):
        return (losses(params + step * direction) - losses(params - step * direction)) / (2 * step)

    return jax.vmap(along, out_axes=1)(jnp.eye(params.shape[0]))


def batch_gradient__sum_for_mean(loss, params, x, y):
    """The gradients are summed over the examples instead of averaged.

    What should happen to the result when every example appears twice?
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0)


def batch_gradient__mean_over_the_params(loss, params, x, y):
    """The mean is taken over the params of each example, not over the examples.

    How long is the result for five examples and two params, and how long should it be?
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.mean(gradients, axis=1)


def batch_gradient__mean_over_everything(loss, params, x, y):
    """The mean is taken over everything, and a single number is left.

    Each param needs a direction of its own. Along which axis do you have to average?
    """
    return jnp.mean(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y))


def batch_gradient__mean_kept_as_a_row(loss, params, x, y):
    """The mean is right, but it is returned as a table with one row.

    Print the shape of the result. Is it that of params?
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.mean(gradients, axis=0, keepdims=True)


def batch_gradient__gradient_at_the_mean_example(loss, params, x, y):
    """This is the gradient at the mean example, not the mean of the examples' gradients.

    Try x = -1 and x = 1 with a loss that has x squared in it. What is lost by averaging x?
    """
    return jax.grad(loss)(params, jnp.mean(x), jnp.mean(y))


def batch_gradient__gradient_of_the_first_example(loss, params, x, y):
    """Only the first example has a say in the result.

    Change the last example. Does the result change?
    """
    return jax.grad(loss)(params, x[0], y[0])


def batch_gradient__divided_by_all_entries(loss, params, x, y):
    """The sum is divided by the number of all entries, examples times params.

    How many numbers are added up for one param? By what do you divide their sum?
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0) / gradients.size


def batch_gradient__mean_loss_for_gradient(loss, params, x, y):
    """This is the mean loss; its gradient was not taken.

    A direction for the params needs one number for each of them.
    """
    return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(params, x, y))


def batch_gradient__median_for_mean(loss, params, x, y):
    """This is the median of the gradients, not their mean.

    Move one example far away. Should the result stay as it is?
    """
    return jnp.median(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y), axis=0)


def batch_gradient__one_too_few_in_the_mean(loss, params, x, y):
    """The sum is divided by n - 1; a mean divides by the number of examples.

    What should come out for a batch of one example?
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0) / (x.shape[0] - 1)


def batch_gradient__mean_squeezed(loss, params, x, y):
    """law: The mean is squeezed, so a single param loses its axis.

    Call it with params of length 1 and compare the shapes.
    """
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.squeeze(jnp.mean(gradients, axis=0))


def batch_gradient__loop_that_adds_up(loss, params, x, y):
    """method: A Python loop goes through the examples to find their mean gradient.

    Ten thousand examples would take ten thousand rounds. Let JAX go through the batch.
    """
    total = jnp.zeros_like(params)
    for i in range(x.shape[0]):
        total = total + jax.grad(loss)(params, x[i], y[i])
    return total / x.shape[0]


def batch_gradient__difference_quotient_of_the_mean(loss, params, x, y):
    """The gradient is a difference quotient of the mean loss.

    Which transformation gives the derivative without choosing a step?
    """
    step = 1e-3

    def mean_loss(p):
        return jnp.mean(jax.vmap(partial(loss, p))(x, y))

    def along(direction):
        ahead, behind = mean_loss(params + step * direction), mean_loss(params - step * direction)
        return (ahead - behind) / (2 * step)

    return jax.vmap(along)(jnp.eye(params.shape[0]))


def per_example_gradients__imaginary_steps(loss, params, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-30
    with jax.enable_x64(True):
        wide, wide_x, wide_y = (one.astype(jnp.complex128) for one in (params, x, y))
        each = jax.vmap(loss, in_axes=(None, 0, 0))
        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        beside = jax.vmap(lambda step: each(wide + step, wide_x, wide_y), out_axes=1)(steps)
        return (beside.imag / h).astype(jnp.float32)


def batch_gradient__imaginary_steps_of_the_mean(loss, params, x, y):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    Why did you have to choose a step? JAX has a transformation that needs none.
    """
    h = 1e-30
    with jax.enable_x64(True):
        wide, wide_x, wide_y = (one.astype(jnp.complex128) for one in (params, x, y))

        def mean_loss(p):
            return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(p, wide_x, wide_y))

        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        return (jax.vmap(mean_loss)(wide + steps).imag / h).astype(jnp.float32)
