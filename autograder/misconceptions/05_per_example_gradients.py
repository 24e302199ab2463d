"""Wrong answers to exercise 5, one misunderstanding each."""

from functools import partial

import jax
import jax.numpy as jnp

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="Every row is the same: the mean gradient of the batch, repeated.",
    nudge="Take two very different examples. Should they pull the params in the same direction?",
)
def batch_gradient_in_every_row(loss, params, x, y):
    def mean_loss(p):
        return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(p, x, y))

    return jnp.tile(jax.grad(mean_loss)(params), (x.shape[0], 1))


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="The losses were differentiated in x instead of in the params.",
    nudge="Which argument does grad differentiate in, and how long is one gradient in the params?",
)
def gradient_in_x(loss, params, x, y):
    return jax.vmap(jax.grad(loss, argnums=1), in_axes=(None, 0, 0))(params, x, y)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="The losses were differentiated in all three arguments, so a tuple comes back.",
    nudge="Only one of the three arguments is being trained. What should the answer consist of?",
)
def gradients_in_every_argument(loss, params, x, y):
    gradient = jax.grad(loss, argnums=(0, 1, 2))
    return jax.vmap(gradient, in_axes=(None, 0, 0))(params, x, y)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="The gradients stand in the columns; they should stand in the rows.",
    nudge="Compare the shape you return with (n, p) for three examples and two params.",
)
def transposed_gradients(loss, params, x, y):
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0), out_axes=1)(params, x, y)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="These are the losses of the examples, not the gradients of these losses.",
    nudge="The function you map over the examples returns one number. Which one is it?",
)
def losses_for_gradients(loss, params, x, y):
    return jax.vmap(loss, in_axes=(None, 0, 0))(params, x, y)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="Each gradient is divided by the number of examples, as if it were a share of the mean.",
    nudge="Would the gradient of the first example change if a further example were added?",
)
def share_of_the_mean(loss, params, x, y):
    def mean_loss(rows):
        return jnp.mean(jax.vmap(loss)(rows, x, y))

    return jax.grad(mean_loss)(jnp.tile(params, (x.shape[0], 1)))


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="Every x is compared with the first y instead of with its own.",
    nudge="Example i is a pair. Which of its two halves is mapped, and which stays the same?",
)
def first_target_for_every_example(loss, params, x, y):
    return jax.vmap(lambda xi: jax.grad(loss)(params, xi, y[0]))(x)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="Every x meets every y; the result has one axis too many.",
    nudge="Two vmaps, one inside the other, go through all pairs. How many pairs are there really?",
)
def every_x_with_every_y(loss, params, x, y):
    over_y = jax.vmap(jax.grad(loss), in_axes=(None, None, 0))
    return jax.vmap(over_y, in_axes=(None, 0, None))(params, x, y)


@misconception(
    of="per_example_gradients",
    kind="law",
    idea="Axes of length 1 are squeezed away, so one example, or one param, loses its axis.",
    nudge="Call it with a batch of one example and look at the shape.",
)
def rows_squeezed(loss, params, x, y):
    return jnp.squeeze(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y))


@misconception(
    of="per_example_gradients",
    kind="method",
    idea="A Python loop goes through the examples one by one.",
    nudge="Write the gradient of one example, then say along which axes of which arguments to map.",
)
def loop_over_the_examples(loss, params, x, y):
    rows = []
    for xi, yi in zip(x, y, strict=True):
        rows.append(jax.grad(loss)(params, xi, yi))
    return jnp.stack(rows)


@misconception(
    of="per_example_gradients",
    kind="values",
    idea="The gradients are difference quotients of the loss, not derivatives taken by JAX.",
    nudge="A difference quotient depends on the step you choose. Which transformation needs none?",
)
def difference_quotients(loss, params, x, y):
    step = 1e-3

    def losses(p):
        return jax.vmap(partial(loss, p))(x, y)

    def along(direction):
        return (losses(params + step * direction) - losses(params - step * direction)) / (2 * step)

    return jax.vmap(along, out_axes=1)(jnp.eye(params.shape[0]))


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The gradients are summed over the examples instead of averaged.",
    nudge="What should happen to the result when every example appears twice?",
)
def sum_for_mean(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0)


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The mean is taken over the params of each example, not over the examples.",
    nudge="How long is the result for five examples and two params, and how long should it be?",
)
def mean_over_the_params(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.mean(gradients, axis=1)


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The mean is taken over everything, and a single number is left.",
    nudge="Each param needs a direction of its own. Along which axis do you have to average?",
)
def mean_over_everything(loss, params, x, y):
    return jnp.mean(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y))


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The mean is right, but it is returned as a table with one row.",
    nudge="Print the shape of the result. Is it that of params?",
)
def mean_kept_as_a_row(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.mean(gradients, axis=0, keepdims=True)


@misconception(
    of="batch_gradient",
    kind="values",
    idea="This is the gradient at the mean example, not the mean of the examples' gradients.",
    nudge="Try x = -1 and x = 1 with a loss that has x squared in it. What is lost by averaging x?",
)
def gradient_at_the_mean_example(loss, params, x, y):
    return jax.grad(loss)(params, jnp.mean(x), jnp.mean(y))


@misconception(
    of="batch_gradient",
    kind="values",
    idea="Only the first example has a say in the result.",
    nudge="Change the last example. Does the result change?",
)
def gradient_of_the_first_example(loss, params, x, y):
    return jax.grad(loss)(params, x[0], y[0])


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The sum is divided by the number of all entries, examples times params.",
    nudge="How many numbers are added up for one param? By what do you divide their sum?",
)
def divided_by_all_entries(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0) / gradients.size


@misconception(
    of="batch_gradient",
    kind="values",
    idea="This is the mean loss; its gradient was not taken.",
    nudge="A direction for the params needs one number for each of them.",
)
def mean_loss_for_gradient(loss, params, x, y):
    return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(params, x, y))


@misconception(
    of="batch_gradient",
    kind="values",
    idea="This is the median of the gradients, not their mean.",
    nudge="Move one example far away. Should the result stay as it is?",
)
def median_for_mean(loss, params, x, y):
    return jnp.median(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y), axis=0)


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The sum is divided by n - 1; a mean divides by the number of examples.",
    nudge="What should come out for a batch of one example?",
)
def one_too_few_in_the_mean(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.sum(gradients, axis=0) / (x.shape[0] - 1)


@misconception(
    of="batch_gradient",
    kind="law",
    idea="The mean is squeezed, so a single param loses its axis.",
    nudge="Call it with params of length 1 and compare the shapes.",
)
def mean_squeezed(loss, params, x, y):
    gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.squeeze(jnp.mean(gradients, axis=0))


@misconception(
    of="batch_gradient",
    kind="method",
    idea="A Python loop goes through the examples to find their mean gradient.",
    nudge="Ten thousand examples would take ten thousand rounds. Let JAX go through the batch.",
)
def loop_that_adds_up(loss, params, x, y):
    total = jnp.zeros_like(params)
    for i in range(x.shape[0]):
        total = total + jax.grad(loss)(params, x[i], y[i])
    return total / x.shape[0]


@misconception(
    of="batch_gradient",
    kind="values",
    idea="The gradient is a difference quotient of the mean loss.",
    nudge="Which transformation gives the derivative without choosing a step?",
)
def difference_quotient_of_the_mean(loss, params, x, y):
    step = 1e-3

    def mean_loss(p):
        return jnp.mean(jax.vmap(partial(loss, p))(x, y))

    def along(direction):
        ahead, behind = mean_loss(params + step * direction), mean_loss(params - step * direction)
        return (ahead - behind) / (2 * step)

    return jax.vmap(along)(jnp.eye(params.shape[0]))


@misconception(
    of="per_example_gradients",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_steps(loss, params, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        wide, wide_x, wide_y = (one.astype(jnp.complex128) for one in (params, x, y))
        each = jax.vmap(loss, in_axes=(None, 0, 0))
        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        beside = jax.vmap(lambda step: each(wide + step, wide_x, wide_y), out_axes=1)(steps)
        return (beside.imag / h).astype(jnp.float32)


@misconception(
    of="batch_gradient",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="Why did you have to choose a step? JAX has a transformation that needs none.",
)
def imaginary_steps_of_the_mean(loss, params, x, y):
    h = 1e-30
    with jax.enable_x64(True):
        wide, wide_x, wide_y = (one.astype(jnp.complex128) for one in (params, x, y))

        def mean_loss(p):
            return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0))(p, wide_x, wide_y))

        steps = 1j * h * jnp.eye(params.size, dtype=jnp.float64)
        return (jax.vmap(mean_loss)(wide + steps).imag / h).astype(jnp.float32)
