"""Checks the blind labels of 07_ensemble and 08_scaling_up against float64 NumPy: right answers
agree within float32 rounding, wrong ones differ somewhere (those marked `method:` must agree in
value). Arguments, if any, pick answers by a part of `side/name`."""

import contextlib
import importlib.util
import io
import math
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # compiling takes longest

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

np.seterr(all="ignore")
HERE = Path(__file__).parent
EPS = 2.0**-23
BLUR, SURE = 1e30, 1e42  # float32 overflows somewhere between: not compared there


def f32(a):
    return np.asarray(a, dtype=np.float32)


def need(condition, text):
    assert condition, text


def array(got, shape, dtype=np.float32):
    need(isinstance(got, (jax.Array, np.ndarray, np.generic)), f"a {type(got).__name__}")
    need(got.dtype == dtype, f"dtype {got.dtype}")
    need(got.shape == shape, f"shape {got.shape}, not {shape}")
    return np.asarray(got)


def pair(got):
    need(isinstance(got, tuple) and len(got) == 2, f"not a tuple of two: {type(got).__name__}")
    return got


def close(got, want, tol, what):
    got = array(got, np.shape(want)).astype(np.float64)
    size = np.where(np.isnan(want), np.inf, np.abs(want))
    ordinary, exploded = size < BLUR, size > SURE
    off = np.where(ordinary, np.abs(got - want) - tol, 0.0)
    need(not np.any(np.isfinite(got) & exploded), f"{what}: finite where it diverged")
    need(np.all(np.isfinite(got) | ~ordinary), f"{what}: not finite")
    need(np.all(off <= 0), f"{what}: {np.max(off):.3g} beyond the tolerance")


def residual(p, x, y):
    """p (m, 2), x (m, n) or (n,), y likewise -> residuals and their rounding error in float32."""
    lines = p[:, :1] * x + p[:, 1:]
    return lines - y, 16 * EPS * (np.abs(p[:, :1] * x) + np.abs(p[:, 1:]) + np.abs(y))


def gradient(p, x, y):
    r, err = residual(p, x, y)
    g = 2 * np.stack([(r * x).mean(1), r.mean(1)], axis=1)
    weight = err + 16 * EPS * np.abs(r)
    return g, 2 * np.stack([(weight * np.abs(x)).mean(1), weight.mean(1)], axis=1)


def loss(p, x, y):
    r, err = residual(p, x, y)
    value = (r * r).mean(1)
    return value, 2e-5 * value + 2 * (np.abs(r) * err).mean(1) + (err**2).mean(1)


def descent(p, x, y, rate, epochs):
    """Params after the steps; losses before each step; the losses' tolerances."""
    rows, tols = [], []
    for _ in range(epochs):
        value, tol = loss(p, x, y)
        rows.append(value)
        tols.append(tol)
        p = p - rate * gradient(p, x, y)[0]
    return p, np.stack(rows), np.stack(tols)


def double(*arrays):
    return [np.asarray(a, dtype=np.float64) for a in arrays]


def loose(p):
    """Tolerance for trained params: 3e-4 of the largest ordinary entry of the model."""
    size = np.where(np.abs(p) < BLUR, np.abs(p), 0.0)
    return 3e-4 * size + 1e-4 * size.max(axis=1, keepdims=True) + 1e-6


def city(seed, n, u=None, article=True, noise=None):
    """x (n, 1), y (n,), or with a leading axis of u users."""
    rng = np.random.default_rng(seed)
    low, high, slope, intercept, sd = (10, 100, 50, 100, 50) if article else (-1, 1, 2, 1.5, 0.5)
    x = rng.uniform(low, high, (n,) if u is None else (u, n))
    y = slope * x + intercept + (noise or sd) * rng.normal(size=x.shape)
    return f32(x)[..., None], f32(y)


def models(seed, m, centre=(0.0, 0.0), width=(1.0, 1.0)):
    return f32(np.array(centre) + width * np.random.default_rng(seed + 1000).normal(size=(m, 2)))


def call(fn, args, under_jit=False):
    """Calls with JAX arrays; they must survive."""
    args = [jnp.asarray(a) if isinstance(a, np.ndarray) else a for a in args]
    copies = [np.array(a) for a in args]
    with contextlib.redirect_stdout(io.StringIO()):
        out = (jax.jit(fn) if under_jit else fn)(*args)
        jax.block_until_ready(out)
        jax.effects_barrier()
    for a, copy in zip(args, copies):
        need(not (isinstance(a, jax.Array) and a.is_deleted()), "an argument was donated")
        need(np.array_equal(np.asarray(a), copy, equal_nan=True), "an argument changed")
    return out


def draws(fn, keys, m):
    try:
        return np.asarray(jax.jit(jax.vmap(lambda k: fn(k, m)))(keys))
    except Exception:  # NumPy inside
        return np.stack([np.asarray(fn(k, m)) for k in keys])


def normal_law(z):
    """z (keys, m, 2): standard normal, independent within and between the ensembles?"""
    k, width = z.shape[0], z.shape[1] * 2
    f = z.reshape(k, width).astype(np.float64)
    need(np.all(np.isfinite(f)), "not finite")
    need(len(np.unique(f[:, 0])) > 0.99 * k, "few ensembles")
    need(len(np.unique(f)) > 0.9 * f.size, "few values")
    hermite = [f, (f**2 - 1) / 2**0.5, (f**3 - 3 * f) / 6**0.5, (f**4 - 6 * f**2 + 3) / 24**0.5]
    for j, h in enumerate(hermite):
        need(abs(h.mean()) * f.size**0.5 < 6, f"moment {j + 1}")
    for j, h in enumerate(hermite[:2]):
        need(np.max(np.abs(h.mean(0))) * k**0.5 < (6, 8)[j], f"moment {j + 1} of one entry")
        total, scale = h.sum(axis=1) / width**0.5, ((2 + (0, 12)[j] / width) / k) ** 0.5
        need(abs(np.mean(total**2) - 1) < 6 * scale, f"variance of the sum of moment {j + 1}")
        matrix = h.T @ h / k - np.diag(np.mean(h * h, axis=0))
        need(np.max(np.abs(matrix)) * k**0.5 < (6, 9)[j], f"correlation of moment {j + 1}")
        need(abs(np.mean(h[1:] * h[:-1])) * f.size**0.5 < 7, f"neighbouring keys {j + 1}")
    for edge in (2.0, 3.0, 4.0):
        p, part = math.erfc(edge / 2**0.5), np.mean(np.abs(f) > edge)
        need(abs(part - p) < 6 * (p / f.size) ** 0.5 + 2 / f.size, f"tail beyond {edge}")
    grid = np.linspace(-3, 3, 61)
    gap = np.array([math.erfc(-e / 2**0.5) / 2 for e in grid])
    gap -= np.searchsorted(np.sort(f, None), grid) / f.size
    need(np.max(np.abs(gap)) * f.size**0.5 < 2.5, "distribution function")


def check_init_ensemble(fn, method):
    for make in (jax.random.PRNGKey, jax.random.key):
        for m in (1, 10):
            first = array(fn(make(5), m), (m, 2))
            need(np.array_equal(first, np.asarray(fn(make(5), m))), "same key, other ensemble")
            need(not np.array_equal(first, np.asarray(fn(make(6), m))), "other key, same ensemble")
    if not method:
        many = array(fn(jax.random.key(1), 2500), (2500, 2))
        need(len(np.unique(many[:, 0])) > 2400, "models repeated")
    normal_law(draws(fn, jax.vmap(jax.random.key)(jnp.arange(20000)), 10))
    normal_law(draws(fn, jax.random.split(jax.random.PRNGKey(3), 20000), 1))


def check_ensemble_train_step(fn, method):
    cases = [
        (models(1, 3), *city(1, 5, article=False), 0.1),
        (models(2, 4, (5, 20), (30, 100)), *city(2, 3), 1e-4),
        (models(3, 6), *city(3, 6, article=False), 0.3),
        (models(4, 2), *city(4, 7, article=False), 0.2),
        (models(5, 1), *city(5, 1), 1e-4),
        (models(6, 10, (1e8, 1e7), (1e8, 1e7)), *city(6, 100), 1e-3),
        (models(7, 10, width=(1e36, 1e36)), *city(7, 100), 1e9),
        (models(8, 10), *city(8, 100), 1e-4),
    ] + ([] if method else [(models(9, 1203), *city(9, 11), 1e-4)])
    for p, x, y, rate in cases:
        p64, x64, y64 = double(p, x[:, 0], y)
        g, g_err = gradient(p64, x64, y64)
        want, tol = loss(p64, x64, y64)
        rate = np.float32(rate)
        for jit in (False, True)[: 1 + (len(p) < 5)]:
            new, losses = pair(call(fn, (p, x, y, f32(rate)), jit))
            close(losses, want, tol, "losses")
            close(new, p64 - rate * g, 4 * EPS * np.abs(p64) + rate * g_err, "params")


def check_train_ensemble(fn, method):
    cases = [
        (models(1, 3), *city(1, 5, article=False), 0.1, 7),
        (models(2, 3), *city(2, 5, article=False), 0.2, 7),
        (models(4, 1), *city(4, 9), 1e-4, 1),
        (models(5, 5), *city(5, 30), 1e-3, 60),
        (models(7, 10), *city(7, 100), 1e-4, 2050),
    ]
    for p, x, y, rate, epochs in cases:
        p64, x64, y64 = double(p, x[:, 0], y)
        want, rows, tols = descent(p64, x64, y64, np.float64(np.float32(rate)), epochs)
        final, history = pair(call(fn, (p, x, y, f32(rate), epochs)))
        close(history, rows, 4 * tols + 1e-4 * rows, "history")
        close(final, want, loose(want), "params")


def check_spread(fn, _):
    cases = [models(i, m) for i, m in enumerate((1, 3, 10, 50))]
    cases += [models(1, 10, (50, 100), (0.1, 3)), models(2, 10, (-1e7, 1e9), (1e5, 1e8))]
    cases += [np.append(models(3, 1236), f32([[9, -30]]), axis=0)]
    for p in cases:
        low, high = double(p.min(0), p.max(0))
        close(call(fn, (p,)), high - low, 4 * EPS * np.abs(p).max(0), "spread")


def check_converged(fn, _):
    shapes = [(1, 3, 5), (2, 1, 1), (4, 5, 12)]
    cases = [(models(s, m), *city(s, n, article=s > 3)) for s, m, n in shapes]
    for p, x, y in cases:
        g, g_err = gradient(*double(p, x[:, 0], y))
        norms = np.linalg.norm(g, axis=1)
        need(np.all(np.linalg.norm(g_err, axis=1) < 2e-4 * norms), "an ill-conditioned case")
        for factor in (0.5, 1 - 1e-3, 1 + 1e-3, 1.2):
            tolerance = f32(np.sort(norms)[len(norms) // 2] * factor)
            got = array(call(fn, (p, x, y, tolerance)), norms.shape, np.bool_)
            sure = np.abs(norms / tolerance - 1) > 5e-4
            need(np.all((got == (norms <= tolerance)) | ~sure), "near the tolerance")
    x, y = f32([[1], [2], [3], [6]]), f32([3, 5, 7, 13])
    p = f32([[2, 1], [2 + 2.0**-14, 1], [np.nan, 1], [0, 0], [2, np.nan], [2, 1]])
    for tolerance, want in ((0, "100001"), (1e-7, "100001"), (2e-3, "110001"), (1e3, "110101")):
        got = array(call(fn, (p, x, y, f32(tolerance))), (6,), np.bool_)
        need("".join(str(int(b)) for b in got) == want, f"exact data, tolerance {tolerance}")


def check_learning_rate_search(fn, _):
    one = np.zeros(2), f32([[1]]), f32([1])
    spaced = np.random.default_rng(0).permutation(np.logspace(-8, -2, 23))
    cases = [
        (models(1, 1)[0], *city(1, 8, article=False), [0.01, 0.3, 1.5, 0.1, 3.0], 5),
        (models(2, 1)[0], *city(2, 8, article=False), [0.2], 3),
        (*one, [0.375, 0.125, 0.0], 1),
        (*one, [0.125, 0.25, 0.0625], 3),
        (f32([2, 1]), f32([[1], [2]]), f32([3, 5]), [0.03, 0.01, 0.02], 4),
        (models(3, 1)[0], *city(3, 100), [1e-9, 2e-7, 1e-7], 1),
        (models(4, 1)[0], *city(4, 100), spaced, 1000),
        (models(5, 1)[0], *city(5, 100), np.append(1e-2, spaced[:9]), 400),
        (models(6, 1)[0], *city(6, 20), [10.0, 50.0, 20.0], 600),
    ]
    for p, x, y, rates, epochs in cases:
        rates = f32(rates)
        x64, y64, r64 = double(x[:, 0], y, rates)
        finals, _, _ = descent(np.float64([p] * len(rates)), x64, y64, r64[:, None], epochs)
        want, tol = loss(finals, x64, y64)
        tol = 4 * tol + 1e-4 * want
        best, losses = pair(call(fn, (f32(p), x, y, rates, epochs)))
        close(losses, want, tol, "losses")
        need(array(best, ()) in rates, "best is none of the rates")
        ordinary, chosen = np.nan_to_num(want, nan=np.inf) < BLUR, np.argmax(rates == best)
        if np.any(ordinary):
            winner = np.argmin(np.where(ordinary, want, np.inf))
            exact = np.sum(want == want[winner]) > 1 or want[winner] == 0
            need(want[chosen] <= want[winner] + 2 * tol[winner], "not the best rate")
            need(not exact or chosen == winner, "not the first on a tie")


def check_ensemble_prediction(fn, method):
    cases = [
        (models(1, 3), city(1, 4, article=False)[0]),
        (models(3, 1), city(3, 6, article=False)[0]),
        (models(4, 10, (50, 100), (0.001, 0.05)), city(4, 100)[0]),
        (models(5, 50, (50, 100), (1, 30)), city(5, 30)[0]),
        (f32([[50, 100], [52, 0], [48, 200]]), f32([[10], [50], [90]])),
    ] + ([] if method else [(models(6, 1203), city(6, 7, article=False)[0])])
    for p, x in cases:
        p64, x64 = double(p, x[:, 0])
        lines = p64[:, :1] * x64 + p64[:, 1:]
        size = np.abs(p64[:, :1] * x64).max(0) + np.abs(p64[:, 1:]).max()
        err = (4 + len(p) ** 0.5) * EPS * size
        mean, std = pair(call(fn, (p, x)))
        close(mean, lines.mean(0), err, "mean")
        close(std, lines.std(0), err + 1e-5 * lines.std(0), "deviation")


def check_personalize(fn, method):
    cases = [
        (*city(1, 5, 3, article=False), 0.1, 7),
        (*city(2, 5, 3, article=False), 0.2, 7),
        (*city(4, 9, 1, article=False), 0.2, 30),
        (*city(6, 30, 3), 1e-3, 80),
        (*city(7, 8, 63, article=False), 0.1, 12),
        (*city(8, 12, 2, article=False), 4e-4, 1500),
    ] + ([] if method else [(*city(9, 6, 5003, article=False), 0.1, 3)])
    for x, y, rate, epochs in cases:
        x64, y64 = double(x[..., 0], y)
        want, _, _ = descent(np.zeros((len(x), 2)), x64, y64, np.float64(np.float32(rate)), epochs)
        close(call(fn, (x, y, f32(rate), epochs)), want, loose(want), "params")


def check_log_likelihoods(fn, method):
    cases = [
        (models(1, 3), *city(1, 5, article=False), 0.5),
        (models(2, 6), *city(2, 6, article=False), 2.0),
        (models(3, 1), *city(3, 1, article=False), 0.7),
        (models(4, 7, (2, 1.5), (0.1, 0.1)), *city(4, 40, article=False, noise=0.05), 0.05),
        (models(5, 20, (50, 100), (5, 50)), *city(5, 250), 5.0),
        (models(6, 10), *city(6, 100), 50.0),
    ] + ([] if method else [(models(7, 1000, (50, 100), (0.5, 25)), *city(7, 100), 50.0)])
    for p, x, y, scale in cases:
        p64, x64, y64 = double(p, x[:, 0], y)
        r, err = residual(p64, x64, y64)
        s = np.float64(np.float32(scale))
        z, const = r / s, np.log(s * np.sqrt(2 * np.pi))
        tol = (np.abs(z) * err / s + err**2 / s**2 + 1e-6 * (z**2 + abs(const) + 1)).sum(1)
        close(call(fn, (p, x, y, f32(scale))), (-0.5 * z**2 - const).sum(1), tol, "sums of logs")


def verdict(module, name):
    """None where the answer is right, else what is wrong with it."""
    fn = getattr(module, name)
    base, method = name.split("__")[0], fn.__doc__.startswith("method:")
    setattr(module, base, fn)
    try:
        return globals()[f"check_{base}"](fn, method)
    except Exception as error:  # a crash is an answer too
        return f"{type(error).__name__}: {error}".splitlines()[0][:110]


def main(picked):
    counts, bad = Counter(), 0
    for topic in ("07_ensemble", "08_scaling_up"):
        for side in ("right", "wrong"):
            spec = importlib.util.spec_from_file_location(side, HERE / side / f"{topic}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for name in [n for n in vars(module) if "__" in n.strip("_")]:
                doc = getattr(module, name).__doc__
                if picked and not any(part in f"{side}/{name}" for part in picked):
                    continue
                problem = verdict(module, name)
                fine = (problem is None) == (side == "right" or doc.startswith("method:"))
                counts[name.split("__")[0], side] += 1
                bad += not fine
                print("ok " if fine else "BAD", side, name, "|", problem or "agrees", flush=True)
    for (function, side), number in sorted(counts.items()):
        print(f"{function:24s} {side:6s} {number}")
    sys.exit(f"{bad} labels do not hold" if bad else print("all labels hold"))


if __name__ == "__main__":
    main(sys.argv[1:])
