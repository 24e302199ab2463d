"""Checks the labels of the answers to exercises 4, 5 and 6 against slow float64 specifications.

Every right answer must agree with the specification on every case, within the float32 rounding of
a well-conditioned evaluation. Every wrong one must differ on some case by five times that. Those
marked "method:" must agree (the label was given by reading), those marked "law:" must break under
jit or spoil their arguments.
Run: python labels_b.py [function]
"""

import importlib.util
import itertools
import sys
import warnings
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

HERE = Path(__file__).parent
EPS = 2e-6  # relative rounding error granted to a float32 evaluation
HUGE = 1e36  # beyond it float32 may or may not have overflowed; beyond 1e41 it must have
warnings.filterwarnings("ignore")
np.seterr(all="ignore")


# ------------------------------------------------------------- comparing results
def complaint(got, want, tol, slack):
    """What is wrong with `got`, or None: arrays of float32, tuples of them, within slack * tol."""
    if isinstance(want, tuple):
        if not isinstance(got, tuple) or len(got) != len(want):
            return f"not a tuple of {len(want)}"
        return next(filter(None, map(complaint, got, want, tol, [slack] * len(want))), None)
    if not isinstance(got, (jax.Array, np.ndarray)) or got.dtype != np.float32:
        return f"not a float32 array: {type(got).__name__}"
    if got.shape != want.shape:
        return f"shape {got.shape}, not {want.shape}"
    got = np.asarray(got, np.float64)
    lost = np.isnan(want) | (np.abs(want) > 1e41)
    grey = ~lost & (np.abs(want) > HUGE)
    close = np.abs(got - want) <= slack * tol
    good = np.where(lost, ~np.isfinite(got), grey | close)
    if good.all():
        return None
    i = tuple(np.argwhere(~good)[0])
    return f"{got[i]!r} at {i}, not {want[i]!r} +- {np.broadcast_to(tol, want.shape)[i]:.1e}"


def float64(args):
    return [np.asarray(a, np.float64) if hasattr(a, "dtype") else a for a in args]


def difference(answer, cases, slack):
    """The first complaint about an answer, or None."""
    for number, (args, (want, tol)) in enumerate(cases):
        try:
            kept = [np.array(a) if isinstance(a, jax.Array) else None for a in args]
            got = answer(*args)
            jax.block_until_ready(got)
            for a, k in zip(args, kept):
                if k is not None and not np.array_equal(np.asarray(a), k, equal_nan=True):
                    return f"case {number}: changed an argument"
        except Exception as error:  # a crash is a difference
            return f"case {number}: {type(error).__name__}: {str(error)[:60]}"
        if said := complaint(got, want, tol, slack):
            return f"case {number}: {said}"
    return None


array = partial(jnp.asarray, dtype=jnp.float32)


# -------------------------------------------------- exercise 4: two-argument functions
def scaled(a):
    """Closures that share one line of code, and their derivatives."""
    return lambda x, y: a * x * y**3, lambda x, y: (a * y**3, 3 * a * x * y**2)


PAIRS = [
    scaled(1.0),
    scaled(-2.5),
    (lambda x, y: x**2 + x * y, lambda x, y: (2 * x + y, x)),
    (
        lambda x, y: (50 * x + y + 200.0) ** 2,
        lambda x, y: tuple(2 * (50 * x + y + 200.0) * k for k in (50.0, 1.0)),
    ),
    (
        lambda x, y: jnp.sin(x / 50) * jnp.exp(y / 2000),
        lambda x, y: (
            np.cos(x / 50) / 50 * np.exp(y / 2000),
            np.sin(x / 50) * np.exp(y / 2000) / 2000,
        ),
    ),
    (
        lambda x, y: jnp.arctan(x) * y**2 + 3 * jnp.abs(y - 0.25),
        lambda x, y: (y**2 / (1 + x * x), 2 * y * np.arctan(x) + 3 * np.sign(y - 0.25)),
    ),
    (lambda x, y: jnp.abs(x + 0.5) * y, lambda x, y: (np.sign(x + 0.5) * y, np.abs(x + 0.5))),
    (
        lambda x, y: jnp.where(x > 1.5, x * x * y, 5 * x + y),
        lambda x, y: (np.where(x > 1.5, 2 * x * y, 5.0), np.where(x > 1.5, x * x, 1.0)),
    ),
]
POINTS = [(0.0, 1.5), (3.0, 3.0), (-3.3, 0.7), (1.3e-3, -2.1e-3), (70.0, 350.5), (12.6, 5e3)]


def pair_cases(choose):
    for (x, y), (f, derivative) in itertools.product(POINTS, PAIRS):
        x32, y32 = array(x), array(y)
        want = tuple(np.float64(d) * np.ones(()) for d in derivative(*float64((x32, y32))))
        tol = tuple(10 * EPS * np.abs(w) + 1e-12 for w in want)
        yield (f, x32, y32), (choose(want), choose(tol))


# ------------------------------------- exercises 4 and 5: losses of one example, with gradients
def square_spec(p, x, y):
    """(sum_k p_k x^k - y)^2 for every example, its gradients, and their tolerances."""
    basis = x[:, None] ** np.arange(len(p))
    r, m = basis @ p - y, np.abs(basis) @ np.abs(p) + np.abs(y)
    d = EPS * m
    value, rows = r**2, 2 * r[:, None] * basis
    return value, rows, 2 * np.abs(r) * d + d**2 + EPS * value, 2 * d[:, None] * abs(basis)


def log_spec(p, x, y):
    """y log(1 + |p|^2 x^2)."""
    s = p @ p * x**2
    value, rows = y * np.log1p(s), (2 * y * x**2 / (1 + s))[:, None] * p
    return value, rows, 10 * EPS * np.abs(value) + 1e-30, 10 * EPS * np.abs(rows) + 1e-30


def square(params, x, y):
    return (jnp.sum(params * x ** jnp.arange(params.shape[0])) - y) ** 2


LOSSES = [
    (square, square_spec),
    (lambda params, x, y: y * jnp.log1p(jnp.sum(params**2) * x**2), log_spec),
]


def example_sets(sizes):
    rng = np.random.default_rng(5)
    kinds = (1, 1e-2, 1e-2), (2, 1.0, 1.0), (5, 2.0, 4000.0), (2, 0.5, 0.1)
    for n, (p, size, scale) in itertools.product(sizes, kinds):
        x = size * rng.normal(size=n)
        y = scale * (0.5 + rng.random(n))
        params = scale / (1 + rng.random(p)) * rng.choice([-1, 1], p)
        if n > 5:
            x[3], y[3] = x[1], y[1]  # an example twice
            x[4] = 0.0
            y[4] = np.float32(params[0])  # and one that the square fits exactly
        yield array(params), array(x), array(y)


def single_cases():
    for params, x, y in example_sets((2,)):
        for loss, spec in LOSSES:
            value, rows, value_tol, rows_tol = spec(*float64((params, x, y)))
            want, tol = (value[0], rows[0]), (value_tol[0], rows_tol[0])
            yield (loss, params, x[0], y[0]), ((want[0] * np.ones(()), want[1]), tol)


def row_cases():
    for params, x, y in example_sets((1, 5, 60)):
        for loss, spec in LOSSES:
            _, rows, _, tol = spec(*float64((params, x, y)))
            yield (loss, params, x, y), (rows, tol)


def mean_cases():
    for params, x, y in example_sets((1, 5, 137)):
        for loss, spec in LOSSES:
            _, rows, _, tol = spec(*float64((params, x, y)))
            tol = tol.mean(0) + EPS * np.abs(rows).mean(0)
            yield (loss, params, x, y), (rows.mean(0), tol)


# ----------------------------------------------------------------- exercise 6: the model
def predict_spec(p, x):
    s = x[:, 0]
    return p[0] * s + p[1], EPS * (np.abs(p[0] * s) + np.abs(p[1]))


def loss_spec(p, x, y):
    prediction, d = predict_spec(p, x)
    r, d = prediction - y, d + EPS * np.abs(y)
    value = np.mean(r**2)
    return value, np.mean(2 * np.abs(r) * d + d**2) + EPS * value


def step_spec(p, x, y, rate):
    prediction, d = predict_spec(p, x)
    r, d, s = prediction - y, d + EPS * np.abs(y), x[:, 0]
    g = 2 * np.array([np.mean(r * s), np.mean(r)])
    size = 2 * np.array([np.mean((np.abs(r) * EPS + d) * np.abs(s)), np.mean(np.abs(r) * EPS + d)])
    value, value_tol = loss_spec(p, x, y)
    p_tol = rate * size + 4e-7 * (np.abs(p) + rate * np.abs(g))
    return (p - rate * g, np.float64(value)), (p_tol, value_tol)


def each_city(p, x, y, rate):
    results = [step_spec(p[i], x[i], y[i], rate) for i in range(len(p))]
    stack = lambda k, j: np.stack([r[k][j] for r in results])
    return (stack(0, 0), stack(0, 1)), (stack(1, 0), stack(1, 1))


def train_spec(p, x, y, rate, n_epochs):
    """The rounding of each step grows with the steps taken and with the way travelled."""
    largest, losses, tols = np.abs(p), [], []
    for e in range(n_epochs):
        (new, loss), (_, tol) = each_city(p, x, y, rate)
        travelled = EPS * (1 + e / 4) * largest
        s = np.abs(x[..., 0])
        d = travelled[:, :1] * s + travelled[:, 1:]
        r = np.abs(p[:, :1] * x[..., 0] + p[:, 1:] - y)
        losses.append(loss)
        tols.append(tol + np.mean(2 * r * d + d**2, axis=1))
        p, largest = new, np.maximum(largest, np.abs(new))
    return (p, np.stack(losses)), (EPS * (2 + n_epochs / 4) * largest, np.stack(tols))


def city(rng, n, kind):
    """Params, sizes, prices and a learning rate for one city."""
    true = np.array([rng.uniform(30, 80), rng.uniform(50, 200)])
    start = rng.normal(size=2)
    if kind in ("unit", "small"):
        scale = 1.0 if kind == "unit" else 1e-2
        s = scale * rng.normal(size=n)
        y = -1.7 * s + scale * (0.4 + 0.5 * rng.normal(size=n))
        return scale * start, s, y, 0.1
    s = rng.uniform(10, 100, n)
    noise = {"exact": 0.1}.get(kind, 50.0)
    y = true[0] * s + true[1] + noise * rng.normal(size=n)
    p = {
        "start": start,
        "diverging": start,
        "trained": true + start,
        "exact": true * 1.0001,
        "blown": 1e5 * start,
        "gone": 1e20 * (1 + np.abs(start)),
    }[kind]
    return p, s, y, 1e-3 if kind == "diverging" else 1e-4


KINDS = ("unit", "small", "start", "diverging", "trained", "exact", "blown", "gone")


def cities(c, n, kind, seed=0):
    rng = np.random.default_rng([seed, c, n])
    kinds = [kind] * c if kind != "mixed" else ["gone", *["trained"] * (c - 1)]
    p, s, y, rates = zip(*(city(rng, n, k) for k in kinds))
    return array(p), array(s)[..., None], array(y), array(rates[-1])


def city_cases(spec, n_args):
    for n, kind in itertools.product((1, 2, 60, 137), KINDS):
        *data, rate = cities(1, n, kind)
        args = (*(a[0] for a in data), rate)[:n_args]
        yield args, spec(*float64(args))


def parallel_cases():
    sizes = ((1, 7), (2, 1), (3, 100), (5, 5))
    for (c, n), kind in itertools.product(sizes, (*KINDS, "mixed")):
        args = cities(c, n, kind)
        yield args, each_city(*float64(args))


def train_cases():
    sizes = ((3, 60, 1), (1, 7, 5), (4, 4, 4), (3, 100, 83))
    for (c, n, epochs), kind in itertools.product(sizes, KINDS[:6]):
        args = (*cities(c, n, kind), epochs)
        yield args, train_spec(*float64(args))


def fit_cases():
    rng = np.random.default_rng(11)
    for c, n, noise in (
        (1, 50, 50),
        (3, 100, 50),
        (6, 73, 20),
        (2, 400, 50),
        (4, 50, 0),
        (2, 2000, 50),
    ):
        s = rng.uniform(10, 100, (c, n))
        slope, intercept = rng.uniform(30, 80, c), rng.uniform(50, 200, c)
        intercept[1::3] *= -1
        slope[2::3] *= -1
        y = slope[:, None] * s + intercept[:, None] + noise * rng.normal(size=(c, n))
        x, y = array(s)[..., None], array(y)
        best = [np.polyfit(a[:, 0], b, 1) for a, b in zip(*float64((x, y)))]
        keep = np.array([abs(b[1]) >= 30 for b in best])
        best = np.array(best)[keep]
        yield (x[keep], y[keep]), (best, 0.01 * np.abs(best))


CASES = {
    "partial_x": ("04_partial_derivatives", lambda: pair_cases(lambda pair: pair[0])),
    "partial_y": ("04_partial_derivatives", lambda: pair_cases(lambda pair: pair[1])),
    "gradient": ("04_partial_derivatives", lambda: pair_cases(lambda pair: pair)),
    "loss_and_gradient": ("04_partial_derivatives", single_cases),
    "per_example_gradients": ("05_per_example_gradients", row_cases),
    "batch_gradient": ("05_per_example_gradients", mean_cases),
    "predict": ("06_parallel_regression", lambda: city_cases(predict_spec, 2)),
    "loss_fn": (
        "06_parallel_regression",
        lambda: city_cases(lambda *a: tuple(np.float64(v) for v in loss_spec(*a)), 3),
    ),
    "train_step": ("06_parallel_regression", lambda: city_cases(step_spec, 4)),
    "parallel_train_step": ("06_parallel_regression", parallel_cases),
    "train": ("06_parallel_regression", train_cases),
    "fit": ("06_parallel_regression", fit_cases),
}
JITTED = ("predict", "loss_fn", "train_step", "parallel_train_step")


# -------------------------------------------------------------------------- the verdicts
def answers(kind, topic, function):
    """Each answer from a fresh import of its file (some keep state)."""
    path = HERE / kind / f"{topic}.py"
    spec = importlib.util.spec_from_file_location(f"{kind}_{topic}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, value in vars(module).items():
        if name.startswith(function + "__"):
            yield name, value, value.__doc__


def calls_of_loss(answer):
    """How often an answer to loss_and_gradient calls the loss."""
    calls, (_, *rest) = [], list(single_cases())[-1][0]
    answer(lambda params, x, y: calls.append(1) or square(params, x, y), *rest)
    return len(calls)


def verdict(kind, function, answer, doc, cases):
    """What contradicts the label, or None."""
    if kind == "wrong" and not doc.startswith(("method: ", "law: ")):
        margin = 1.2 if function == "fit" else 5.0  # the one per cent of fit is no rounding error
        return None if difference(answer, cases, margin) else "agrees everywhere"
    method = doc.startswith("method: ")  # slow, and differences in float64 are not exact
    slack, cases = (50.0, cases[::5]) if method else (1.0, cases)
    plain, jit_breaks = difference(answer, cases, slack), None
    if function in JITTED:
        jit_breaks = difference(jax.jit(answer), cases[:: len(cases) // 4], slack)
    if doc.startswith("law: "):
        spoiled = plain and ("deleted" in plain or "changed" in plain)
        return None if spoiled or (not plain and jit_breaks) else f"{plain}, {jit_breaks}"
    if function == "loss_and_gradient" and (calls_of_loss(answer) == 1) != (kind == "right"):
        return "the number of calls of loss contradicts the label"
    return plain or jit_breaks


def main():
    failures, wanted = 0, sys.argv[1:] or list(CASES)
    for function in wanted:
        topic, make = CASES[function]
        cases, counts = list(make()), []
        for kind in ("right", "wrong"):
            found = list(answers(kind, topic, function))
            counts.append(len(found))
            for name, answer, doc in found:
                mine = list(make()) if doc.startswith("law: ") else cases  # it may spoil them
                if said := verdict(kind, function, answer, doc, mine):
                    failures += print(f"  {kind} {name}: {said}", flush=True) is None
        assert min(counts) >= 13, (function, counts)
        print(f"{function}: {counts[0]} right, {counts[1]} wrong", flush=True)
    assert not failures, f"{failures} labels contradicted"


if __name__ == "__main__":
    main()
