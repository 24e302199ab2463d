"""Checks the labels of the blind answers to 01, 02 and 03 against slow float64 NumPy.

Every right answer has to agree with the specification within float32 rounding on every case, and
may not call f more often for long inputs than for short ones; every wrong one has to differ clearly
somewhere. `law:` answers have to be right in plain calls and to fail under jit or vmap; `method:`
answers that loop have to be right in value; the rest of the method labels (difference quotients,
complex steps) is by reading. Run: python labels_a.py [part of a name]
"""

import contextlib
import inspect
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.update(JAX_PLATFORMS="cpu", MPLBACKEND="Agg")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

HERE = Path(__file__).resolve().parent
ROUNDING = 2e-6  # times the size of the terms: what a well-conditioned evaluation may lose
CLEARLY = 25.0  # times that: a difference nobody can call rounding
APPROXIMATE = ("difference", "richardson", "complex", "quotient", "three_points")
CALLS = [0]
jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
rng = np.random.default_rng(20)


def counted(f):
    """f of one or two scalars: counts its calls and refuses anything else."""

    def strict(*values):
        CALLS[0] += 1
        assert all(jnp.ndim(v) == 0 for v in values), "f is written for scalars"
        return f(*values)

    return strict


# Functions of one scalar: (f, the k-th derivative (k, t) -> float64, the size of its terms).
def polynomial(*coefficients):
    """Coefficients from the constant up."""
    p = np.polynomial.Polynomial(coefficients)
    size = np.polynomial.Polynomial(np.abs(coefficients))

    def f(t):
        powers = jnp.stack([t**k if k else jnp.ones_like(t) for k in range(len(coefficients))])
        return jnp.dot(powers, jnp.array(coefficients, powers.dtype))

    return counted(f), lambda k, t: p.deriv(k)(t), lambda k, t: size.deriv(k)(np.abs(t))


def wave(w, height=1.0):
    """height * sin(w t)."""
    return (
        counted(lambda t: height * jnp.sin(w * t)),
        lambda k, t: height * w**k * np.sin(w * t + k * np.pi / 2),
        lambda k, t: height * w**k * (1 + np.abs(w * t)),
    )


def branches(left, right, border=0.3217):
    """A lax.cond between two of the above."""
    f = counted(lambda t: jax.lax.cond(t > border, right[0], left[0], t))
    either = [lambda k, t, i=i: np.where(t > border, right[i](k, t), left[i](k, t)) for i in (1, 2)]
    return f, *either


SIN, FAST, TINY = wave(1.0), wave(3.0), wave(1.0, 1e-3)
CUBE, MIXED = polynomial(0, 0, 0, 1), polynomial(1, -2, 0.5, 0.25, 0, 0.125, 0.0, 0.02)
BENT = branches(polynomial(2, 3, -1), polynomial(0, -1, 0, 2))
FADING = (
    counted(lambda t: jnp.exp(-0.05 * t)),
    lambda k, t: (-0.05) ** k * np.exp(-0.05 * t),
    lambda k, t: 0.05**k * np.exp(-0.05 * t) * (1 + np.abs(t)),
)
FLAT = (counted(lambda t: 3.0), lambda k, t: 0 * t + 3.0 * (k == 0), lambda k, t: 1.0 + 0 * t)


def vector(n, scale=1.0, worst=None):
    """Random numbers of either sign; with `worst`, the entry at that place is the largest."""
    x = (rng.normal(size=n) * scale).astype(np.float32)
    if worst is not None:
        x[worst] = 3.0 * np.abs(x).max() + scale
    return x


SPECIAL = np.array([0.0, 1.0, -1.0, 12.5, -60.0, 95.0, 1e-3], np.float32)
POINTS = [
    (BENT, SPECIAL),
    (BENT, SPECIAL[::-1].copy()),
    (SIN, vector(1)),
    (TINY, vector(7, 1e-2)),
    (CUBE, vector(5, 100.0)),
    (FADING, rng.uniform(10, 100, 12).astype(np.float32)),
    (FLAT, vector(3)),
    (FAST, vector(2)),
    (FAST, vector(2)),
    (MIXED, vector(101)),
    (SIN, vector(643)),
    (BENT, vector(1203, 20.0)),
]
ERRORS = {
    "above": lambda t: 0.75 + 0.0 * t,
    "below": lambda t: -2.5 + 0 * t,
    "line": lambda t: 0.5 * t,
    "wavy": lambda t: 3.0 * jnp.sin(5 * t) - 1.0,
    "far": lambda t: 0.01 * t**2,
    "middle": lambda t: -5.0 * jnp.exp(-(t**2)),
}
FACTORS = {"zero": 0.0, "percent": 1.004, "minus": -1.0}
CLAIMS = [
    (SIN, "true", vector(1)),
    (SIN, "below", vector(4)),
    (CUBE, "line", vector(9, 30.0, -1)),
    (CUBE, "line", -vector(9, 30.0, 0)),
    (BENT, "above", SPECIAL),
    (BENT, "wavy", SPECIAL),
    (TINY, "zero", vector(6)),
    (FAST, "zero", vector(1)),
    (FAST, "percent", vector(8)),
    (SIN, "minus", vector(5)),
    (SIN, "middle", np.linspace(-4, 5, 19, dtype=np.float32)),
    (FLAT, "wavy", vector(3)),
    (MIXED, "below", vector(70)),
    (SIN, "wavy", vector(333)),
    (BENT, "far", vector(150, 2, -1)),
    (CUBE, "far", vector(1203, 3.0, -1)),
    (BENT, "line", vector(1203, 3.0, 601)),
]


# A case: the functions, the arrays, what has to come out, and how exactly.
def pointwise(order):
    """The order-th derivative at every entry."""
    return [
        (f[0], (x,), *(g(order, x.astype(float)) * c for g, c in zip(f[1:], (1, ROUNDING))))
        for f, x in POINTS
    ]


def claims(order):
    """largest_gap: true claims, and false ones that are worst at the start, middle or end."""
    for f, kind, x in CLAIMS:
        t, factor, error = x.astype(float), FACTORS.get(kind, 1.0), ERRORS.get(kind)
        error = error or (lambda s: 0.0 * s)
        derivative = jax.grad(f[0]) if order == 1 else jax.grad(jax.grad(f[0]))
        claim = counted(lambda s, d=derivative, c=factor, e=error: c * d(s) + e(s))
        offset = np.asarray(error(t), float)
        gap = np.abs((1 - factor) * f[1](order, t) - offset)
        size = np.max(f[2](order, t) * (1 + abs(factor)) + np.abs(offset))
        yield (f[0], claim), (x,), gap.max(), ROUNDING * size


def model_of(body):
    """A model of two vectors that refuses anything else."""

    def model(weights, features):
        CALLS[0] += 1
        assert weights.ndim == 1 and weights.shape == features.shape, "one example only"
        return body(weights, features)

    return model


def skewed(w, x, np=jnp):
    """Neither symmetric nor blind to the order of the entries."""
    return np.sum((np.arange(w.shape[0]) + 1.0) * w * x * np.abs(x) / (1.0 + np.abs(x))) + x[0]


MODELS = [
    (model_of(jnp.dot), np.dot),
    (model_of(skewed), lambda w, x: skewed(w, x, np)),
    (model_of(lambda w, x: jnp.maximum(jnp.dot(w, x), 0)), lambda w, x: max(np.dot(w, x), 0)),
    (
        model_of(
            lambda w, x: jax.lax.cond(
                x[0] > 0.1234, lambda: jnp.dot(w, x), lambda: 3.0 * jnp.sum(w) - x[-1]
            )
        ),
        lambda w, x: np.dot(w, x) if x[0] > 0.1234 else 3.0 * w.sum() - x[-1],
    ),
]
SIZES = [
    (4, 4, 30),
    (6, 2, 1e-2),
    (1, 1, 1),
    (1, 4, 1),
    (5, 1, 1),
    (3, 3, 1),
    (2, 6, 1),
    (6, 2, 1),
    (5, 3, 40),
    (101, 3, 1),
    (16, 16, 1),
    (643, 2, 10),
    (1203, 3, 1),
]


def predictions(kind):
    """Cases of the four predictions."""
    for i, (n, d, scale) in enumerate(SIZES):
        model, slow = MODELS[(i + 1) % 4]
        w, x = (rng.normal(size=(n, d)).astype(np.float32) for _ in "wx")
        x = (x * scale).astype(np.float32)
        if kind == "ensemble_predict":
            w[-1], x = w[0], x[0]
        elif kind != "parallel_predict":
            w = w[0]
        pairs = list(zip(*(np.broadcast_to(v.astype(float), (n, d)) for v in (w, x))))
        size = [d * np.abs(a) @ np.abs(b) + np.abs(a).sum() + np.abs(b).max() for a, b in pairs]
        args = (w, np.ascontiguousarray(x.T)) if kind == "column_predict" else (w, x)
        value = np.array([slow(a, b) for a, b in pairs])
        yield model, args, value, ROUNDING / 2 * np.array(size)


PAIRS = [
    (lambda p, q: p - 2 * q + 0.5, lambda p, q: p - 2 * q + 0.5),
    (lambda p, q: q / (1 + p * p) + 1, lambda p, q: q / (1 + p * p) + 1),
    (
        lambda p, q: jax.lax.cond(p > q, lambda: p * q, lambda: 2 * q + 1),
        lambda p, q: np.where(p > q, p * q, 2 * q + 1),
    ),
]
SHAPES = [
    (3, 3, 1),
    (3, 3, 2),
    (1, 1, 1),
    (1, 5, 1),
    (4, 1, 1),
    (2, 5, 90),
    (5, 2, 1e-2),
    (4, 6, 1),
    (101, 3, 1),
    (16, 16, 1),
    (2, 643, 1),
    (401, 3, 1),
]


def tables(pairs):
    """Cases of double_batched and all_pairs."""
    for i, (r, c, scale) in enumerate(SHAPES):
        f, slow = PAIRS[(i + 2) % 3]
        a, b = vector(r if pairs else (r, c), scale), vector(c if pairs else (r, c), scale)
        if r == c > 1:
            b[0] = a[0]
        p, q = (a[:, None], b[None, :]) if pairs else (a, b)
        p, q = np.broadcast_arrays(p.astype(float), q.astype(float))
        size = 1 + np.abs(p) + 2 * np.abs(q) + np.abs(p * q)
        yield counted(f), (a, b), slow(p, q), ROUNDING * size


def attempt(run, value, tolerance):
    """None for agreement, else how the result differs; with '?' where one cannot tell."""
    try:
        result = run()
    except Exception as problem:  # noqa: BLE001
        return f"{type(problem).__name__}: {problem}"[:90]
    if not isinstance(result, (jax.Array, np.ndarray)):
        return f"type {type(result).__name__}"
    if result.dtype != np.float32 or result.shape != value.shape:
        return f"{result.dtype}{result.shape} for float32{value.shape}"
    error = np.abs(np.asarray(result, float) - value)
    if np.all(error <= tolerance):
        return None
    ratio = np.max(error / tolerance) if np.all(np.isfinite(error)) else np.inf
    return f"{'' if ratio > CLEARLY else '?'} off by {ratio:.1f} tolerances"


def calls(answer, cases, label):
    """The verdicts on the calls of an answer, on fresh arrays."""
    first = None
    for functions, args, value, tolerance in cases:
        if label == "method" and max(map(np.size, args)) > 40:
            continue
        CALLS[0], arrays = 0, [jnp.array(a) for a in args]
        functions = functions if isinstance(functions, tuple) else (functions,)
        found = attempt(lambda: answer(*functions, *arrays), value, tolerance)
        first = CALLS[0] if first is None else first
        yield "argument deleted" if any(a.is_deleted() for a in arrays) else found
        yield f"{CALLS[0]} calls" if label == "right" and CALLS[0] > first + 20 else None


TOWERS = [
    (SIN, (0, 1, 2, 3, 4, 6)),
    (MIXED, (0, 2, 5)),
    (BENT, (2, 1, 0, 3)),
    (TINY, (2, 1)),
    (FADING, (0, 2, 3)),
    (FLAT, (0, 1, 2)),
]


def towers(answer, name, composed):
    """second_derivative and nth_derivative; composed: under jit and vmap, else called plainly."""
    second = name == "second_derivative"
    for f, orders in TOWERS:
        x = vector(3, 1.5) if f is MIXED else SPECIAL
        for n in orders if not second else (2,):
            t = x.astype(float)
            value, tolerance = f[1](n, t), (1 + n / 2) * ROUNDING * f[2](n, t) + 1e-12
            build = lambda f=f, n=n: answer(f[0]) if second else answer(f[0], n)  # noqa: E731
            if composed:
                yield attempt(lambda: jax.jit(jax.vmap(build()))(jnp.array(x)), value, tolerance)
                yield attempt(lambda: jax.jit(build())(jnp.array(x[1])), value[1], tolerance[1])
                continue
            g = build()
            if not callable(g):
                yield "no function"
                return
            for i in (range(len(x)) if second else (1, 2)) if n < 5 else (1,):
                yield attempt(lambda i=i: g(jnp.array(x[i])), value[i], tolerance[i])


def look(artist):
    """What an eye can tell a curve by."""
    names = ("color", "linestyle", "marker", "linewidth", "edgecolor", "facecolor")
    known = [str(getattr(artist, f"get_{k}")()) for k in names if hasattr(artist, f"get_{k}")]
    paths = artist.get_paths()[:1] if hasattr(artist, "get_paths") else []
    return type(artist).__name__, *known, str([p.vertices.tolist() for p in paths])


def drawn(axes):
    """(artist, points sorted by x) of all visible curves."""
    for line in axes.lines:
        nothing = line.get_linestyle() == "None" and line.get_marker() in ("None", "", None)
        if line.get_visible() and line.get_alpha() != 0 and not nothing:
            yield line, np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float)
    for group in axes.collections:
        segments = group.get_segments() if hasattr(group, "get_segments") else []
        yield group, (np.concatenate(segments) if len(segments) else np.array(group.get_offsets()))


def plots(answer):
    """What is wrong with the plots of an answer."""
    for x in (vector(120, 4.0), np.linspace(-6, 6, 61, dtype=np.float32), vector(1)):
        shown = []
        plt.show = lambda *a, shown=shown, **k: shown.append("shown")
        with tempfile.TemporaryDirectory() as empty, contextlib.chdir(empty):
            figure, second = answer(jnp.array(x)), answer(jnp.array(x))
            shown += ["saved"] * len(os.listdir(empty))
        yield from shown
        yield "the same figure again" if figure is second else None
        if not isinstance(figure, Figure) or len(figure.axes) != 1:
            yield "no figure with one axes"
            break
        axes, renderer = figure.axes[0], FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        target = np.column_stack([x, np.cos(x.astype(float))])[np.argsort(x, kind="stable")]
        looks = [
            look(artist)
            for artist, points in drawn(axes)
            if points.shape == target.shape
            and np.allclose(points[np.argsort(points[:, 0])], target, atol=1e-5)
        ]
        yield "curves missing or alike" if len(set(looks)) < 2 else None
        low, high = np.sort([axes.get_xlim(), axes.get_ylim()], axis=1).T
        inside = np.all((low <= target.min(axis=0)) & (high >= target.max(axis=0)))
        yield None if inside and axes.get_yscale() == "linear" else "out of view"
        legends = [g for g in [axes.get_legend(), *figure.legends] if g and g.get_visible()]
        texts = {t.get_text() for g in legends for t in g.get_texts() if t.get_text().strip()}
        seen = any(figure.bbox.overlaps(g.get_window_extent(renderer)) for g in legends)
        yield None if seen and len(texts) >= 2 else "no legend"
        labels = axes.get_xlabel().strip() and axes.get_ylabel().strip() and axes.axison
        yield None if labels else "no axis labels"
        plt.close("all")


PREDICT = ("batch_predict", "ensemble_predict", "parallel_predict", "column_predict")
CASES = {
    "01_vmap": {
        "batched": pointwise(0),
        **{k: list(predictions(k)) for k in PREDICT},
        "double_batched": list(tables(False)),
        "all_pairs": list(tables(True)),
    },
    "02_grad_vs_cos": {"derivative": pointwise(1), "largest_gap": list(claims(1)), "plot": None},
    "03_second_derivative": {
        "second_derivative": None,
        "nth_derivative": None,
        "largest_gap": list(claims(2)),
    },
}


def check(answer, name, cases, label, style):
    """None if the label holds, else the complaint."""
    if label == "method" and any(word in style for word in APPROXIMATE):
        return None  # by reading
    tower = cases is None and name != "plot"
    plain = (
        towers(answer, name, False)
        if tower
        else plots(answer)
        if cases is None
        else calls(answer, cases, label)
    )
    if label == "wrong":  # lazily: the first clear difference is enough
        return None if any(p and not p.startswith("?") for p in plain) else "wrong, but agrees"
    bad = [p for p in plain if p]
    composed = towers(answer, name, True) if tower and label != "method" else ()
    broken = [p for p in composed if p]
    if label == "law" and (broken or bad):
        return f"plainly wrong {bad}" if bad else None
    return f"{label}, but {(bad + broken)[:3]}" if bad + broken or label == "law" else None


def main():
    """Prints the counts and every label that does not hold."""
    warnings.simplefilter("ignore")
    wanted, complaints = (sys.argv[1:] or [""])[0], []
    for topic, functions in CASES.items():
        for side in ("right", "wrong"):
            path, counts = HERE / side / f"{topic}.py", dict.fromkeys(functions, 0)
            names = {"__name__": path.stem}
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
            for full, answer in list(names.items()):
                name, _, style = full.partition("__")
                if not style or name not in functions or wanted not in f"{side}/{topic}/{full}":
                    continue
                counts[name] += 1
                kind = (inspect.getdoc(answer) or "").partition(":")[0]
                label = kind if side == "wrong" and kind in ("method", "law") else side
                if complaint := check(answer, name, functions[name], label, style):
                    complaints.append(f"{side}/{topic} {full}: {complaint}")
                    print(complaints[-1], flush=True)
            print(side, topic, counts, flush=True)
    assert not complaints, f"{len(complaints)} labels do not hold"


if __name__ == "__main__":
    main()
