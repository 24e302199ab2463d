"""Misconceptions: 03_second_derivative."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxercise.diagnosis.misconceptions import misconception


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the first derivative: the slope, and not how the slope changes.",
    nudge="Try a straight line. What should its second derivative be?",
)
def first_derivative(f):
    return jax.grad(f)


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the square of the first derivative; differentiating twice is something else.",
    nudge="Try a straight line of slope 3. What should its second derivative be?",
)
def slope_squared(f):
    slope = jax.grad(f)
    return lambda x: slope(x) ** 2


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the slope at the place slope(x): the derivative is called with its own result.",
    nudge="What goes into the inner function, and what should? Try a straight line of slope 3.",
)
def slope_at_the_slope(f):
    slope = jax.grad(f)

    def second(x):
        return slope(slope(x))

    return second


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the first derivative of f applied twice, of f(f(x)).",
    nudge="What is to be done twice here: applying f, or differentiating it?",
)
def derivative_of_f_of_f(f):
    return jax.grad(lambda x: f(f(x)))


@misconception(
    of="second_derivative",
    kind="values",
    idea="The answer 6x is written in: it is right for the cube only.",
    nudge="Where does your code use f? Try it with sin.",
)
def six_x_for_every_function(f):
    return lambda x: 6 * x


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is half of the second derivative: the coefficient of x^2 in the Taylor series.",
    nudge="Try the square. By which factor do you miss its second derivative?",
)
def taylor_coefficient_in_second_derivative(f):
    def second(x):
        return jax.hessian(f)(x) / 2

    return second


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the third derivative: grad was applied once too often.",
    nudge="Try the square. Its slope changes at a constant rate; which one do you return?",
)
def third_derivative(f):
    for _ in range(3):
        f = jax.grad(f)
    return f


@misconception(
    of="second_derivative",
    kind="values",
    idea="The number is right, but it comes in an array of shape (1,), and not as a scalar.",
    nudge="Print the shape of what your function returns for a scalar x.",
)
def array_of_one_in_second_derivative(f):
    curvature = jax.vmap(jax.grad(jax.grad(f)))
    return lambda x: curvature(jnp.atleast_1d(x))


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is the second derivative at 1, whatever x is.",
    nudge="Try your function for the cube at 1 and at 2.",
)
def always_at_one(f):
    at_one = jax.grad(jax.grad(f))(1.0)

    def second(x):
        return at_one + jnp.zeros_like(x)

    return second


@misconception(
    of="second_derivative",
    kind="values",
    idea="This is a difference quotient of second order; automatic differentiation is asked for.",
    nudge="Why did you have to choose a step? Make it ten times smaller and watch the digits.",
)
def second_difference_in_second_derivative(f):
    h = 1e-2

    def second(x):
        return (f(x + h) - 2 * f(x) + f(x - h)) / h**2

    return second


@misconception(
    of="second_derivative",
    kind="values",
    idea="The first derivative is automatic, but the second one is a difference quotient of it.",
    nudge="The slope is a function like any other. What can you do with it once more?",
)
def difference_of_slopes(f):
    slope = jax.grad(f)
    h = 1e-2
    return lambda x: (slope(x + h) - slope(x)) / h


@misconception(
    of="second_derivative",
    kind="law",
    idea="NumPy is used on the way, so the returned function fails inside jit and vmap.",
    nudge="Call your result under jax.jit. Which step asks for the actual number?",
)
def numpy_inside_in_second_derivative(f):
    second = jax.grad(jax.grad(f))

    def curvature(x):
        return np.asarray(second(x))

    return curvature


@misconception(
    of="second_derivative",
    kind="law",
    idea="A Python if looks at a number, so the returned function fails inside jit and vmap.",
    nudge="Call your result under jax.jit. Does Python know that number while JAX traces?",
)
def python_branch(f):
    slope = jax.grad(f)

    def curvature(x):
        if x == 0:
            return jax.jacfwd(slope)(jnp.zeros_like(x))
        return jax.grad(slope)(x)

    return curvature


@misconception(
    of="second_derivative",
    kind="law",
    idea="The returned function stores its first result and returns it for every later x.",
    nudge="Call the function you return twice, at different points.",
)
def first_result_kept(f):
    results = []

    def curvature(x):
        if not results:
            results.append(jax.grad(jax.grad(f))(x))
        return results[0]

    return curvature


@misconception(
    of="nth_derivative",
    kind="values",
    idea="The order is one too low: the loop runs n - 1 times.",
    nudge="Count the derivatives for n = 1.",
)
def one_too_few(f, n):
    for _ in range(1, n):
        f = jax.grad(f)
    return f


@misconception(
    of="nth_derivative",
    kind="values",
    idea="The order is one too high: grad is applied once more than n times.",
    nudge="Count the derivatives for n = 0 and n = 1.",
)
def one_too_many(f, n):
    result = jax.grad(f)
    for _ in range(n):
        result = jax.grad(result)
    return result


@misconception(
    of="nth_derivative",
    kind="values",
    idea=(
        "This is the first derivative for every n: each round differentiates f again, not the "
        "last result."
    ),
    nudge="Which function goes into the derivative in the second round?",
)
def always_the_first(f, n):
    result = f
    for _ in range(n):
        result = jax.grad(f)
    return result


@misconception(
    of="nth_derivative",
    kind="values",
    idea="This is the first derivative raised to the n-th power.",
    nudge="Try a straight line with n = 2. Is the n in this notation an exponent?",
)
def power_of_the_slope(f, n):
    slope = jax.grad(f)
    return lambda x: slope(x) ** n if n else f(x)


@misconception(
    of="nth_derivative",
    kind="values",
    idea="This feeds the slope to the slope, n times, instead of differentiating n times.",
    nudge="What is repeated here: calling the derivative, or making one?",
)
def slope_of_the_slope(f, n):
    slope = jax.grad(f)

    def result(x):
        if n == 0:
            return f(x)
        for _ in range(n):
            x = slope(x)
        return x

    return result


@misconception(
    of="nth_derivative",
    kind="values",
    idea="This divides by n factorial: it is a coefficient of the Taylor series.",
    nudge="Try the square with n = 2. By which factor do you miss it?",
)
def taylor_coefficient_in_nth_derivative(f, n):
    derived = f
    for _ in range(n):
        derived = jax.jacfwd(derived)
    return lambda x: derived(x) / math.factorial(n)


@misconception(
    of="nth_derivative",
    kind="values",
    idea="This multiplies the first derivative by n.",
    nudge="Try the square with n = 2 and n = 3. What should be left after three derivatives?",
)
def slope_times_order(f, n):
    if n == 0:
        return f
    return lambda x: n * jax.grad(f)(x)


@misconception(
    of="nth_derivative",
    kind="law",
    idea="This stops at the second derivative: from n = 3 on nothing new happens.",
    nudge="Try a fourth power with n = 3 and n = 4.",
)
def stops_at_the_second(f, n):
    if n == 0:
        return f
    if n == 1:
        return jax.grad(f)
    return jax.grad(jax.grad(f))


@misconception(
    of="nth_derivative",
    kind="values",
    idea="This is the cycle sin, cos, -sin, -cos, whatever f is.",
    nudge="Where does your code use f? Try it with the cube.",
)
def cycle_of_sine(f, n):
    cycle = [jnp.sin, jnp.cos, lambda x: -jnp.sin(x), lambda x: -jnp.cos(x)]
    return cycle[n % 4]


@misconception(
    of="nth_derivative",
    kind="values",
    idea=(
        "These are difference quotients of difference quotients; automatic differentiation is "
        "asked for."
    ),
    nudge="Why did you have to choose a step? Watch how the error grows from n = 1 to n = 3.",
)
def repeated_differences(f, n):
    h = 0.05

    def difference(g):
        return lambda x: (g(x + h) - g(x - h)) / (2 * h)

    for _ in range(n):
        f = difference(f)
    return f


@misconception(
    of="nth_derivative",
    kind="values",
    idea="For n = 0 this still differentiates once; from n = 1 on it is right.",
    nudge="How many derivatives are there in the derivative of order 0?",
)
def at_least_once(f, n):
    derived = jax.grad(f)
    return derived if n <= 1 else at_least_once(derived, n - 1)


@misconception(
    of="nth_derivative",
    kind="values",
    idea="For n = 0 this returns x itself and not f(x).",
    nudge="Nothing should happen to f for n = 0. What does your function return then?",
)
def identity_at_order_zero(f, n):
    if n == 0:
        return lambda x: x
    for _ in range(n):
        f = jax.grad(f)
    return f


@misconception(
    of="nth_derivative",
    kind="law",
    idea="The returned function uses NumPy on the way, so it fails inside jit and vmap.",
    nudge="Call your result under jax.vmap. Which step asks for the actual number?",
)
def numpy_inside_in_nth_derivative(f, n):
    for _ in range(n):
        f = jax.grad(f)
    return lambda x: np.array(f(x))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This compares the claim with the first derivative.",
    nudge="How often does your code differentiate f? Try the cube and 6x.",
)
def first_derivative_compared(f, d2f, x):
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(d2f)(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="The sign is kept: a gap below zero never counts, however large it is.",
    nudge="Try a d2f that is far too large everywhere. What do you report?",
)
def sign_kept(f, d2f, x):
    return jnp.max(jax.vmap(jax.hessian(f))(x) - jax.vmap(d2f)(x))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This is the mean gap, not the largest one.",
    nudge=(
        "Try a claim that is wrong at a single entry. Does your result grow when the other "
        "entries are left out?"
    ),
)
def mean_gap(f, d2f, x):
    gaps = jax.vmap(lambda t: jnp.abs(jax.grad(jax.grad(f))(t) - d2f(t)))(x)
    return jnp.mean(gaps)


@misconception(
    of="largest_gap",
    kind="values",
    idea="This differentiates the claim as well: it takes the second derivative of f minus d2f.",
    nudge="Is d2f meant to be a derivative already, or a function to differentiate?",
)
def claim_differentiated_too(f, d2f, x):
    difference = jax.grad(jax.grad(lambda t: f(t) - d2f(t)))
    return jnp.max(jnp.abs(jax.vmap(difference)(x)))


@misconception(
    of="largest_gap",
    kind="values",
    idea="The claim is not used: f'' is compared with 6x, whatever d2f is.",
    nudge="Where does your code use d2f? Try a false claim about the cube.",
)
def six_x_for_the_claim(f, d2f, x):
    return jnp.max(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - 6 * x))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This compares the claim with the square of the first derivative.",
    nudge="Try a straight line and the claim that its second derivative is 0.",
)
def slope_squared_compared(f, d2f, x):
    slopes = jax.vmap(jax.grad(f))(x)
    return jnp.abs(slopes**2 - jax.vmap(d2f)(x)).max()


@misconception(
    of="largest_gap",
    kind="values",
    idea="This is the root of the mean squared gap, not the largest gap.",
    nudge="Try gaps of 0, 0 and 3. Which number should come out?",
)
def root_mean_square(f, d2f, x):
    gaps = jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)
    return jnp.sqrt(jnp.mean(gaps**2))


@misconception(
    of="largest_gap",
    kind="values",
    idea="This divides each gap by the size of the claim: it is a relative gap.",
    nudge="Try a claim that is wrong by 3 everywhere. Which number should come out?",
)
def relative_gap(f, d2f, x):
    claims = jax.vmap(d2f)(x)
    gaps = jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - claims)
    return jnp.max(gaps / (jnp.abs(claims) + 1e-6))


@misconception(
    of="largest_gap",
    kind="values",
    idea="The gaps themselves are returned, one per entry, and not the largest of them.",
    nudge="Print the shape of your result. How many numbers are asked for?",
)
def every_gap(f, d2f, x):
    return jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "The number is right, but it comes in an array of one entry, of shape (1,), and not "
        "as a scalar."
    ),
    nudge="Print the shape of your result. How many axes does a scalar have?",
)
def array_of_one_in_largest_gap(f, d2f, x):
    gaps = jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))
    return jnp.sort(gaps)[-1:]


@misconception(
    of="largest_gap",
    kind="values",
    idea=(
        "The second derivative comes from difference quotients; automatic differentiation is "
        "asked for."
    ),
    nudge=(
        "Why did you have to choose a step? For a true claim, how close to 0 can your result get?"
    ),
)
def second_difference_in_largest_gap(f, d2f, x):
    h = 1e-2

    def gap(t):
        curvature = (f(t + h) - 2 * f(t) + f(t - h)) / h**2
        return jnp.abs(curvature - d2f(t))

    return jnp.max(jax.vmap(gap)(x))


@misconception(
    of="largest_gap",
    kind="method",
    idea="The number is right, but a Python loop goes through the entries to find it.",
    nudge="How often is f called for a thousand entries? Compare with exercise 1.",
)
def loop_over_points(f, d2f, x):
    curvature = jax.grad(jax.grad(f))
    return max(jnp.abs(curvature(t) - d2f(t)) for t in x)


@misconception(
    of="second_derivative",
    kind="law",
    idea="Large values are cut off, as one does with exploding gradients in training.",
    nudge="Try the cube at a million. What should come out, and what does?",
)
def curvature_cut_off(f):
    return lambda x: jnp.clip(jax.grad(jax.grad(f))(x), -10000.0, 10000.0)


@misconception(
    of="second_derivative",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="What you did to f, can you do it to its derivative once more?",
)
def imaginary_step_in_second_derivative(f):
    h = 1e-30

    def second(x):
        with jax.enable_x64(True):
            beside = jax.grad(f, holomorphic=True)(x.astype(jnp.complex128) + 1j * h)
            return (beside.imag / h).astype(jnp.float32)

    return second


@misconception(
    of="nth_derivative",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="What you did for all the others, can you do it once more?",
)
def imaginary_step_at_the_end(f, n):
    h = 1e-30
    if n == 0:
        return f
    for _ in range(n - 1):
        f = jax.grad(f, holomorphic=True)

    def last(x):
        with jax.enable_x64(True):
            beside = f(x.astype(jnp.complex128) + 1j * h)
            return (beside.imag / h).astype(jnp.float32)

    return last


@misconception(
    of="largest_gap",
    kind="law",
    idea="A single entry loses its axis to squeeze, and there is nothing left to sort.",
    nudge="Call your function with one entry. What is the shape of the gaps then?",
)
def single_gap_squeezed(f, d2f, x):
    gaps = jnp.squeeze(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))
    return jnp.sort(jnp.abs(gaps))[-1]


@misconception(
    of="largest_gap",
    kind="method",
    idea=(
        "This is a numerical derivative: a tiny step in the imaginary direction; automatic "
        "differentiation is asked for."
    ),
    nudge="What you did to f, can you do it to its derivative once more?",
)
def imaginary_step_in_largest_gap(f, d2f, x):
    h = 1e-30
    with jax.enable_x64(True):
        slope = jax.vmap(jax.grad(f, holomorphic=True))
        curvature = slope(x.astype(jnp.complex128) + 1j * h).imag / h
        gaps = curvature - jax.vmap(d2f)(x.astype(jnp.float64))
        return jnp.max(jnp.abs(gaps)).astype(jnp.float32)
