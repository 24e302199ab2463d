"""Misconceptions: 03_second_derivative."""

import math
import jax
import jax.numpy as jnp
import numpy as np


def second_derivative__first_derivative(f):
    """This is the first derivative: the slope, and not how the slope changes.

    Try a straight line. What should its second derivative be?
    """
    return jax.grad(f)


def second_derivative__slope_squared(f):
    """This is the square of the first derivative; differentiating twice is something else.

    Try a straight line of slope 3. What should its second derivative be?
    """
    slope = jax.grad(f)
    return lambda x: slope(x) ** 2


def second_derivative__slope_at_the_slope(f):
    """This is the slope at the place slope(x): the derivative is called with its own result.

    What goes into the inner function, and what should? Try a straight line of slope 3.
    """
    slope = jax.grad(f)

    def second(x):
        return slope(slope(x))

    return second


def second_derivative__derivative_of_f_of_f(f):
    """This is the first derivative of f applied twice, of f(f(x)).

    What is to be done twice here: applying f, or differentiating it?
    """
    return jax.grad(lambda x: f(f(x)))


def second_derivative__six_x_for_every_function(f):
    """The answer is 6x whatever f is, which is right for the cube alone.

    Is it written in, or kept from an earlier call? Try the cube, and then sin.
    """
    return lambda x: 6 * x


def second_derivative__taylor_coefficient_in_second_derivative(f):
    """This is half of the second derivative: the coefficient of x^2 in the Taylor series.

    Try the square. By which factor do you miss its second derivative?
    """

    def second(x):
        return jax.hessian(f)(x) / 2

    return second


def second_derivative__third_derivative(f):
    """This is the third derivative: f is differentiated once too often.

    Try the square. Its slope changes at a constant rate; which one do you return?
    """
    for _ in range(3):
        f = jax.grad(f)
    return f


def second_derivative__array_of_one_in_second_derivative(f):
    """The number is right, but it comes in an array of shape (1,), and not as a scalar.

    Print the shape of what your function returns for a scalar x.
    """
    curvature = jax.vmap(jax.grad(jax.grad(f)))
    return lambda x: curvature(jnp.atleast_1d(x))


def second_derivative__always_at_one(f):
    """This is the second derivative at 1, whatever x is.

    Try your function for the cube at 1 and at 2.
    """
    at_one = jax.grad(jax.grad(f))(1.0)

    def second(x):
        return at_one + jnp.zeros_like(x)

    return second


def second_derivative__second_difference_in_second_derivative(f):
    """This is a difference quotient of second order; automatic differentiation is asked for.

    Why did you have to choose a step? Make it ten times smaller and watch the digits.
    """
    h = 1e-2

    def second(x):
        return (f(x + h) - 2 * f(x) + f(x - h)) / h**2

    return second


def second_derivative__difference_of_slopes(f):
    """The first derivative is automatic, but the second one is a difference quotient of it.

    The slope is a function like any other. What can you do with it once more?
    """
    slope = jax.grad(f)
    h = 1e-2
    return lambda x: (slope(x + h) - slope(x)) / h


def second_derivative__numpy_inside_in_second_derivative(f):
    """law: NumPy is used on the way, so the returned function fails inside jit and vmap.

    Call your result under jax.jit. Which step asks for the actual number?
    """
    second = jax.grad(jax.grad(f))

    def curvature(x):
        return np.asarray(second(x))

    return curvature


def second_derivative__python_branch(f):
    """law: Python decides something by a number (in an if, a while or max), so the returned function
    fails inside jit and vmap.

    Call your result under jax.jit. Does Python know that number while JAX traces?
    """
    slope = jax.grad(f)

    def curvature(x):
        if x == 0:
            return jax.jacfwd(slope)(jnp.zeros_like(x))
        return jax.grad(slope)(x)

    return curvature


def second_derivative__first_result_kept(f):
    """law: The returned function gives its first result again for every later x.

    Call the function you return twice, at different points.
    """
    results = []

    def curvature(x):
        if not results:
            results.append(jax.grad(jax.grad(f))(x))
        return results[0]

    return curvature


def nth_derivative__one_too_few(f, n):
    """The order is one too low: f is differentiated n - 1 times.

    Count the derivatives for n = 1.
    """
    for _ in range(1, n):
        f = jax.grad(f)
    return f


def nth_derivative__one_too_many(f, n):
    """The order is one too high: f is differentiated once more than n times.

    Count the derivatives for n = 0 and n = 1.
    """
    result = jax.grad(f)
    for _ in range(n):
        result = jax.grad(result)
    return result


def nth_derivative__always_the_first(f, n):
    """This is the first derivative for every n.

    Try the square with n = 2. What should be left, and what do you return?
    """
    result = f
    for _ in range(n):
        result = jax.grad(f)
    return result


def nth_derivative__return_within_the_loop(f, n):
    """The return stands within the loop, so that its first turn is its last one.

    How many turns does the loop take with n = 3, and what is returned with n = 0?
    """
    for _ in range(n):
        f = jax.grad(f)
        return f


def nth_derivative__power_of_the_slope(f, n):
    """This is the first derivative raised to the n-th power.

    Try a straight line with n = 2. Is the n in this notation an exponent?
    """
    slope = jax.grad(f)
    return lambda x: slope(x) ** n if n else f(x)


def nth_derivative__slope_of_the_slope(f, n):
    """This feeds the slope to the slope, n times, instead of differentiating n times.

    What is repeated here: calling the derivative, or making one?
    """
    slope = jax.grad(f)

    def result(x):
        if n == 0:
            return f(x)
        for _ in range(n):
            x = slope(x)
        return x

    return result


def nth_derivative__taylor_coefficient_in_nth_derivative(f, n):
    """This divides by n factorial: it is a coefficient of the Taylor series.

    Try the square with n = 2. By which factor do you miss it?
    """
    derived = f
    for _ in range(n):
        derived = jax.jacfwd(derived)
    return lambda x: derived(x) / math.factorial(n)


def nth_derivative__slope_times_order(f, n):
    """This multiplies the first derivative by n.

    Try the square with n = 2 and n = 3. What should be left after three derivatives?
    """
    if n == 0:
        return f
    return lambda x: n * jax.grad(f)(x)


def nth_derivative__stops_at_the_second(f, n):
    """law: This stops at the second derivative: from n = 3 on nothing new happens.

    Try a fourth power with n = 3 and n = 4.
    """
    if n == 0:
        return f
    if n == 1:
        return jax.grad(f)
    return jax.grad(jax.grad(f))


def nth_derivative__cycle_of_sine(f, n):
    """This is the cycle sin, cos, -sin, -cos, whatever f is.

    Where does your code use f? Try it with the cube.
    """
    cycle = [jnp.sin, jnp.cos, lambda x: -jnp.sin(x), lambda x: -jnp.cos(x)]
    return cycle[n % 4]


def nth_derivative__repeated_differences(f, n):
    """These are difference quotients of difference quotients; automatic differentiation is asked
    for.

    Why did you have to choose a step? Watch how the error grows from n = 1 to n = 3.
    """
    h = 0.05

    def difference(g):
        return lambda x: (g(x + h) - g(x - h)) / (2 * h)

    for _ in range(n):
        f = difference(f)
    return f


def nth_derivative__at_least_once(f, n):
    """For n = 0 this still differentiates once; from n = 1 on it is right.

    How many derivatives are there in the derivative of order 0?
    """
    derived = jax.grad(f)
    return derived if n <= 1 else nth_derivative__at_least_once(derived, n - 1)


def nth_derivative__identity_at_order_zero(f, n):
    """For n = 0 this returns x itself and not f(x).

    Nothing should happen to f for n = 0. What does your function return then?
    """
    if n == 0:
        return lambda x: x
    for _ in range(n):
        f = jax.grad(f)
    return f


def nth_derivative__numpy_inside_in_nth_derivative(f, n):
    """law: The returned function uses NumPy on the way, so it fails inside jit and vmap.

    Call your result under jax.vmap. Which step asks for the actual number?
    """
    for _ in range(n):
        f = jax.grad(f)
    return lambda x: np.array(f(x))


def largest_gap__first_derivative_compared(f, d2f, x):
    """This compares the claim with the first derivative.

    How often does your code differentiate f? Try the cube and 6x.
    """
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(d2f)(x)))


def largest_gap__sign_kept(f, d2f, x):
    """The sign is kept: a gap below zero never counts, however large it is.

    Try a d2f that is far too large everywhere. What do you report?
    """
    return jnp.max(jax.vmap(jax.hessian(f))(x) - jax.vmap(d2f)(x))


def largest_gap__mean_gap(f, d2f, x):
    """This is the mean gap, not the largest one.

    Try a claim that is wrong at a single entry. Does your result grow when the other entries are
    left out?
    """
    gaps = jax.vmap(lambda t: jnp.abs(jax.grad(jax.grad(f))(t) - d2f(t)))(x)
    return jnp.mean(gaps)


def largest_gap__claim_differentiated_too(f, d2f, x):
    """This differentiates the claim as well: it takes the second derivative of f minus d2f.

    Is d2f meant to be a derivative already, or a function to differentiate?
    """
    difference = jax.grad(jax.grad(lambda t: f(t) - d2f(t)))
    return jnp.max(jnp.abs(jax.vmap(difference)(x)))


def largest_gap__six_x_for_the_claim(f, d2f, x):
    """The claim is not used: f'' is compared with 6x, whatever d2f is.

    Where does your code use d2f? Try a false claim about the cube.
    """
    return jnp.max(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - 6 * x))


def largest_gap__slope_squared_compared(f, d2f, x):
    """This compares the claim with the square of the first derivative.

    Try a straight line and the claim that its second derivative is 0.
    """
    slopes = jax.vmap(jax.grad(f))(x)
    return jnp.abs(slopes**2 - jax.vmap(d2f)(x)).max()


def largest_gap__root_mean_square(f, d2f, x):
    """This is the root of the mean squared gap, not the largest gap.

    Try gaps of 0, 0 and 3. Which number should come out?
    """
    gaps = jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)
    return jnp.sqrt(jnp.mean(gaps**2))


def largest_gap__relative_gap(f, d2f, x):
    """This divides each gap by the size of the claim: it is a relative gap.

    Try a claim that is wrong by 3 everywhere. Which number should come out?
    """
    claims = jax.vmap(d2f)(x)
    gaps = jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - claims)
    return jnp.max(gaps / (jnp.abs(claims) + 1e-6))


def largest_gap__every_gap(f, d2f, x):
    """The gaps themselves are returned, one per entry, and not the largest of them.

    Print the shape of your result. How many numbers are asked for?
    """
    return jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))


def largest_gap__array_of_one_in_largest_gap(f, d2f, x):
    """The number is right, but it comes in an array of one entry, of shape (1,), and not as a
    scalar.

    Print the shape of your result. How many axes does a scalar have?
    """
    gaps = jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))
    return jnp.sort(gaps)[-1:]


def largest_gap__second_difference_in_largest_gap(f, d2f, x):
    """The second derivative comes from difference quotients; automatic differentiation is asked
    for.

    Why did you have to choose a step? For a true claim, how close to 0 can your result get?
    """
    h = 1e-2

    def gap(t):
        curvature = (f(t + h) - 2 * f(t) + f(t - h)) / h**2
        return jnp.abs(curvature - d2f(t))

    return jnp.max(jax.vmap(gap)(x))


def largest_gap__loop_over_points(f, d2f, x):
    """method: The number is right, but a Python loop goes through the entries to find it.

    How often is f called for a thousand entries? Compare with exercise 1.
    """
    curvature = jax.grad(jax.grad(f))
    return max(jnp.abs(curvature(t) - d2f(t)) for t in x)


def second_derivative__curvature_cut_off(f):
    """law: Large values are cut off, as one does with exploding gradients in training.

    Try the cube at a million. What should come out, and what does?
    """
    return lambda x: jnp.clip(jax.grad(jax.grad(f))(x), -10000.0, 10000.0)


def second_derivative__imaginary_step_in_second_derivative(f):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    What you did to f, can you do it to its derivative once more?
    """
    h = 1e-30

    def second(x):
        with jax.enable_x64(True):
            beside = jax.grad(f, holomorphic=True)(x.astype(jnp.complex128) + 1j * h)
            return (beside.imag / h).astype(jnp.float32)

    return second


def nth_derivative__imaginary_step_at_the_end(f, n):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    What you did for all the others, can you do it once more?
    """
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


def largest_gap__single_gap_squeezed(f, d2f, x):
    """law: A single entry loses its axis to squeeze, and there is nothing left to sort.

    Call your function with one entry. What is the shape of the gaps then?
    """
    gaps = jnp.squeeze(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x))
    return jnp.sort(jnp.abs(gaps))[-1]


def largest_gap__imaginary_step_in_largest_gap(f, d2f, x):
    """method: This is a numerical derivative with a small step, in the imaginary direction perhaps;
    automatic differentiation is asked for.

    What you did to f, can you do it to its derivative once more?
    """
    h = 1e-30
    with jax.enable_x64(True):
        slope = jax.vmap(jax.grad(f, holomorphic=True))
        curvature = slope(x.astype(jnp.complex128) + 1j * h).imag / h
        gaps = curvature - jax.vmap(d2f)(x.astype(jnp.float64))
        return jnp.max(jnp.abs(gaps)).astype(jnp.float32)
