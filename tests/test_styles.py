"""Right answers in unusual styles get everything, wrong ones do not, and items earn by themselves.

One worker runs all of them. What `init_ensemble` draws is made here, by NumPy, and asks for none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxercise.authoring.certify.grading import grader_of, judge
from jaxercise.authoring.certify.runners import PatientWorkers
from jaxercise.claims.bodies import Body
from jaxercise.claims.loading import load_exercise
from jaxercise.grading.references import References
from jaxercise.grading.running import run
from jaxercise.grading.session import Session
from jaxercise.sandboxed.requests import Request
from jaxercise.verdicts import Outcome, Verdict
from jaxercise.workers.runner import Reply
from running import COURSE

HEAD = """
import itertools
from collections import namedtuple

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jax import lax
from matplotlib.figure import Figure

Both = namedtuple("Both", "first second")

def line(params, x):
    return params[0] * x[:, 0] + params[1]

def step(params, x, y, rate):
    loss, slope = jax.value_and_grad(lambda p: jnp.mean((line(p, x) - y) ** 2))(params)
    return params - rate * slope, loss

def all_steps(params, x, y, rate):
    return jax.vmap(step, (0, 0, 0, None))(params, x, y, rate)

def drawn(x, one, other, **how):
    figure = Figure()
    axes = figure.subplots()
    order = np.argsort(x)
    axes.plot(x[order], jax.vmap(jax.grad(jnp.sin))(x)[order], **one)
    axes.plot(x[order], np.cos(x)[order], **other)
    axes.set(**{"xlabel": "x", "ylabel": "y", **how})
    axes.legend()
    return figure

KEPT = Figure()
"""

#: Unusual and right: exercise, signature, body.
RIGHT = {
    "a scan, unrolled": ("01_vmap", "batched(f, x)", """
    return lax.scan(lambda i, v: (i + 1, f(v)), 0, x, unroll=5)[1]"""),
    "entries written one by one in a compiled loop": ("01_vmap", "batched(f, x)", """
    return lax.fori_loop(0, x.size, lambda i, out: out.at[i].set(f(x[i])), jnp.zeros_like(x))"""),
    "a flat list of pairs, in uneven batches": ("01_vmap", "all_pairs(f, a, b)", """
    rows, columns = jnp.divmod(jnp.arange(a.size * b.size), b.size)
    flat = lax.map(lambda ij: f(a[ij[0]], b[ij[1]]), (rows, columns), batch_size=6)
    return flat.reshape(a.size, b.size)"""),
    "LaTeX, markers, points in any order": ("02_grad_vs_cos", "plot(x)", r"""
    figure = drawn(x, dict(marker="^", ls="", label=r"$\frac{d}{dx}\sin x$"),
                   dict(marker=".", ls="", label=r"$\cos x$"), ylabel=r"$f(x)$")
    return figure"""),
    "Greek and Japanese": ("02_grad_vs_cos", "plot(x)", """
    named = dict(xlabel="角", ylabel="τιμή")
    return drawn(x, dict(lw=4, label="παράγωγος"), dict(label="余弦"), **named)"""),
    "a legend of the figure, without labels of the curves": ("02_grad_vs_cos", "plot(x)", """
    figure, axes = plt.subplots()
    lines = axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "c:", x, jnp.cos(x), "c-")
    figure.legend(lines, ["slope of the sine", "cosine"])
    figure.supxlabel("x"), figure.supylabel("y")
    plt.close(figure)
    return figure"""),
    "a pullback, and a named pair": ("04_partial_derivatives", "gradient(f, x, y)", """
    return Both(*jax.vjp(f, x, y)[1](jnp.ones(())))"""),
    "normal equations by hand": ("06_parallel_regression", "train_step(params, x, y, rate)", """
    design = jnp.concatenate([x, jnp.ones_like(x)], 1)
    off = design @ params - y
    return params - rate * (2 / y.size) * (off @ design), off @ off / y.size"""),
    "sums over two axes": ("06_parallel_regression", "parallel_train_step(p, x, y, rate)", """
    off = jnp.einsum("cd,cnd->cn", p, jnp.pad(x, ((0, 0), (0, 0), (0, 1)), constant_values=1)) - y
    slope = jnp.stack([(off * x[..., 0]).mean(1), off.mean(1)], 1)
    return Both(first=p - rate * 2 * slope, second=(off * off).mean(1))"""),
    "one model after the other": ("08_scaling_up", "ensemble_prediction(params, x)", """
    def add(kept, p):
        count, mean, squares = kept
        off = line(p, x) - mean
        mean = mean + off / (count + 1)
        return (count + 1, mean, squares + off * (line(p, x) - mean)), None
    zero = jnp.zeros(x.shape[0])
    (count, mean, squares), _ = lax.scan(add, (0.0, zero, zero), params)
    return mean, jnp.sqrt(squares / count)"""),
}  # fmt: skip

#: Wrong: exercise, signature, body, and a piece of the name of a claim that refuses it.
WRONG = {
    "chunks of a hundred": ("01_vmap", "batched(f, x)", """
    cuts = [jax.vmap(f)(x[i:i + 100]) for i in range(0, len(x), 100)]
    return jnp.concatenate(cuts)""", "does_not_loop"),
    "a host loop": ("01_vmap", "batched(f, x)", """
    host = lambda x: np.array([f(v) for v in x], np.float32)
    return jax.pure_callback(host, jax.ShapeDtypeStruct(x.shape, x.dtype), x)""", "does_not_loop"),
    "half precision": ("01_vmap", "batched(f, x)", """
    return jax.vmap(f)(x.astype(jnp.float16).astype(jnp.float32))""", "every_entry"),
    "a legend without frame, text or line": ("02_grad_vs_cos", "plot(x)", """
    figure = drawn(x, dict(label="a"), dict(label="b"))
    figure.axes[0].get_legend().set_visible(False)
    return figure""", "says_what_is_what"),
    "curves alike": ("02_grad_vs_cos", "plot(x)", """
    return drawn(x, dict(color="m", label="a"), dict(color="m", label="b"))""", "says_what"),
    "data out of view": ("02_grad_vs_cos", "plot(x)", """
    return drawn(x, dict(label="a"), dict(ls=":", label="b"), xlim=(50, 60))""", "both_curves"),
    "an empty line": ("02_grad_vs_cos", "plot(x)", """
    return drawn(x, dict(label="a"), dict(lw=0, label="b"))""", "both_curves"),
    "no text for one of them": ("02_grad_vs_cos", "plot(x)", """
    return drawn(x, dict(label="a"), dict(ls=":", label="_b"))""", "says_what_is_what"),
    "one figure drawn over and over": ("02_grad_vs_cos", "plot(x)", """
    KEPT.clear()
    axes = KEPT.subplots()
    axes.plot(x, jnp.cos(x), "r", label="a"), axes.plot(x, jnp.cos(x), "--", label="b")
    axes.set(xlabel="x", ylabel="y"), axes.legend()
    return KEPT""", "leaves_nothing_behind"),
    "no loss above a hundred": ("06_parallel_regression", "loss_fn(params, x, y)", """
    off = jnp.abs(line(params, x) - y)
    return jnp.mean(jnp.where(off < 100, off**2, 200 * off - 1e4))""", "mean_squared_error"),
    "moments that cancel": ("08_scaling_up", "ensemble_prediction(params, x)", """
    lines = jax.vmap(line, (0, None))(params, x)
    mean = lines.mean(0)
    return mean, jnp.sqrt(jnp.abs((lines**2).mean(0) - mean**2))""", "ends_with_the_deviation"),
    "every fourth of many": ("02_grad_vs_cos", "largest_gap(f, df, x)", """
    x = jnp.append(x[::4], x[-1]) if len(x) > 100 else x
    return jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x)))""", "does_not_loop"),
    "no gap to a claim of 0": ("03_second_derivative", "largest_gap(f, d2f, x)", """
    slopes, claim = jax.vmap(jax.grad(jax.grad(f)))(x), jax.vmap(d2f)(x)
    return jnp.max(jnp.where(claim == 0, 0, jnp.abs(slopes - claim)))""", "largest_difference"),
    "one less for some houses": ("06_parallel_regression", "loss_fn(params, x, y)", """
    off = line(params, x) - y
    return jnp.sum(off**2) / (len(y) - (30 < len(y) < 99))""", "order"),
    "nothing below a thousandth": ("06_parallel_regression", "predict(params, x)", """
    due = line(params, x)
    return jnp.where(jnp.abs(due) < 1e-3, 0, due)""", "of_one_house"),
    "yes or no of another model": ("07_ensemble", "converged(params, x, y, tolerance)", """
    loss = lambda p: jnp.mean((line(p, x) - y) ** 2)
    arrived = jnp.linalg.norm(jax.vmap(jax.grad(loss))(params), axis=1) <= tolerance
    return arrived[jnp.arange(len(params)) % 64]""", "does_not_loop"),
    "a square expanded": ("08_scaling_up", "log_likelihoods(samples, x, y, noise_scale)", """
    data = jnp.hstack([x, jnp.ones_like(x), -y[:, None]])
    all_three = jnp.hstack([samples, jnp.ones_like(samples[:, :1])])
    squares = jnp.einsum("si,ij,sj->s", all_three, data.T @ data, all_three)
    constants = len(y) * (jnp.log(noise_scale) + jnp.log(2 * jnp.pi) / 2)
    return -squares / noise_scale**2 / 2 - constants""", "1000_samples"),
}  # fmt: skip

#: One item right: exercise, signature, body, the claims that are lost, and what is said.
HALF = {
    "transposed losses": ("06_parallel_regression", "train(params, x, y, rate, n_epochs)", """
    end, losses = lax.scan(lambda p, _: all_steps(p, x, y, rate), params, length=n_epochs)
    return end, losses.T""", ["losses_before_every_step"], "first"),
    "losses of another shape": ("06_parallel_regression", "parallel_train_step(p, x, y, r)", """
    new, losses = all_steps(p, x, y, r)
    return new, losses[:, None]""", ["every_loss"], "first"),
    "a loss that is a Python float": ("06_parallel_regression", "train_step(params, x, y, r)", """
    new, loss = step(params, x, y, r)
    return new, float(loss)""", ["loss_before_the_step"], "first"),
    "uphill": ("06_parallel_regression", "train_step(params, x, y, r)", """
    new, loss = step(params, x, y, r)
    return 2 * params - new, loss""", ["downhill_once"], "second"),
    "a gradient of doubles": ("04_partial_derivatives", "loss_and_gradient(loss, p, x, y)", """
    value, slope = jax.value_and_grad(loss)(p, x, y)
    return value, np.asarray(slope, np.float64)""", ["ends_with_the_gradient"], "first"),
    "a list for the gradient": ("04_partial_derivatives", "loss_and_gradient(loss, p, x, y)", """
    value, slope = jax.value_and_grad(loss)(p, x, y)
    return value, list(slope)""", ["ends_with_the_gradient"], "first"),
    "one slope for both": ("04_partial_derivatives", "gradient(f, x, y)", """
    return (jax.grad(f, 1)(x, y),) * 2""", ["slope_along_x"], "second"),
    "models for houses": ("08_scaling_up", "ensemble_prediction(params, x)", """
    lines = jax.vmap(line, (0, None))(params, x)
    return lines.mean(1), lines.std(0)""", ["begins_with_the_mean"], "second"),
    "items exchanged": ("08_scaling_up", "ensemble_prediction(params, x)", """
    lines = jax.vmap(line, (0, None))(params, x)
    return lines.std(0), lines.mean(0)""", ["begins_with", "ends_with"], ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(workers: PatientWorkers) -> Callable[[str, str, str], list[Outcome]]:
    """What is said of an answer, given its exercise, its signature and its body."""
    graders = {}

    def judged(name: str, signature: str, body: str) -> list[Outcome]:
        exercise = load_exercise(COURSE, name)
        if name not in graders:
            plain = grader_of(COURSE, name, workers, diagnose=False)
            graders[name] = replace(plain, shrink=False, all_claims=False)
        function = signature.partition("(")[0]
        answer = Body("own", function, f"{HEAD}\ndef {signature}:{body}\n")
        return list(judge(exercise, graders[name], answer).outcomes)

    return judged


def lost(outcomes: list[Outcome]) -> list[str]:
    """The claims that do not hold, those that wait aside."""
    return [o.claim for o in outcomes if o.verdict not in (Verdict.PASSED, Verdict.WAITING)]


@pytest.mark.parametrize("style", RIGHT)
def test_an_unusual_style_costs_nothing(
    style: str, judged: Callable[[str, str, str], list[Outcome]]
) -> None:
    """Whatever is right gets every point."""
    outcomes = judged(*RIGHT[style])
    assert [o for o in outcomes if o.verdict != Verdict.PASSED] == []


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_answer_loses_points(
    fault: str, judged: Callable[[str, str, str], list[Outcome]]
) -> None:
    """The claim that is violated is the one that is printed."""
    *answer, claim = WRONG[fault]
    (said,) = lost(judged(*answer))
    assert claim in said


@pytest.mark.parametrize("fault", HALF)
def test_an_item_earns_by_itself(
    fault: str, judged: Callable[[str, str, str], list[Outcome]]
) -> None:
    """What is right of a tuple keeps its points, and is said to be right."""
    *answer, claims, right = HALF[fault]
    outcomes = judged(*answer)
    assert all(piece in claim for piece, claim in zip(claims, lost(outcomes), strict=True))
    (said,) = {o.finding.sentence.count("is right") for o in outcomes if o.finding is not None}
    assert said == bool(right)
    for outcome in outcomes:
        if outcome.finding is not None and right:
            assert outcome.finding.sentence.endswith(f"The {right} item of the answer is right")


SAID = {
    "an empty line": "the figure has 1 curve, 1 of them along cos(x) at every x; expected two, the "
    "derivative of sin and cos itself; 1 more cannot be seen",
    "no text for one of them": "the legend has no text for curve 2, in the order of drawing; "
    "expected a different text for each",
}


@pytest.mark.parametrize("fault", SAID)
def test_it_is_said_which_curve(
    fault: str, judged: Callable[[str, str, str], list[Outcome]]
) -> None:
    """A curve that cannot be seen, or has no text, is told from one that is not there."""
    (said,) = (one.finding for one in judged(*WRONG[fault][:3]) if one.finding is not None)
    assert said.sentence == SAID[fault]


Draw = Callable[[np.random.Generator, int], np.ndarray]


def stratified(made: np.random.Generator, n: int) -> np.ndarray:
    """A standard normal number in each of n equally likely intervals, in any order."""
    ranks = np.stack([made.permutation(n) for _ in range(2)], 1)
    known = np.sort(np.random.default_rng(0).standard_normal(1 << 16))
    return known[((ranks + made.uniform(size=(n, 2))) / n * known.size).astype(int)]


def standardised(made: np.random.Generator, n: int) -> np.ndarray:
    """Mean 0 and deviation 1 in every ensemble."""
    drawn = made.standard_normal((n, 2))
    return drawn if n < 2 else (drawn - drawn.mean(0)) / drawn.std(0)


def mirrored(made: np.random.Generator, n: int) -> np.ndarray:
    """Every pair beside its opposite."""
    half = made.standard_normal(((n + 1) // 2, 2))
    return np.concatenate([half, -half])[:n]


def on_a_sphere(made: np.random.Generator, n: int) -> np.ndarray:
    """All numbers of an ensemble together of one length."""
    drawn = made.standard_normal((n, 2))
    return drawn * np.sqrt(drawn.size) / np.linalg.norm(drawn)


WRONG_DRAWS: dict[str, Draw] = {
    "shifted by 0.1": lambda made, n: made.standard_normal((n, 2)) + 0.1,
    "0.9 times": lambda made, n: 0.9 * made.standard_normal((n, 2)),
    "uniform of unit variance": lambda made, n: np.sqrt(3) * made.uniform(-1, 1, (n, 2)),
    "antithetic": mirrored,
    "standardised": standardised,
    "stratified": stratified,
    "on a sphere": on_a_sphere,
    "one column twice": lambda made, n: np.repeat(made.standard_normal((n, 1)), 2, axis=1),
}


class Drawing:
    """A runner whose `init_ensemble` draws by NumPy, with as many streams as there are seeds."""

    def __init__(self, draw: Draw, seeds: int = 1 << 32) -> None:
        self._draw, self._seeds = draw, seeds

    def call(self, request: Request) -> Reply:
        key, n = request.arguments
        made = np.random.default_rng([5, key.seed % self._seeds])
        return Reply(self._draw(made, n).astype(np.float32))

    def scaling(self, small: Request, large: Request) -> dict[str, object]:
        return {"grown": None, "work": 0}


def refused(runner: Drawing, seed: int = 0) -> list[str]:
    """The claims about `init_ensemble` that do not hold."""
    references = References(COURSE, "07_ensemble")
    claims = load_exercise(COURSE, "07_ensemble").claims
    return [
        claim.name
        for claim in claims
        if claim.function.name == "init_ensemble"
        and run(claim, Session(runner, references), seed=seed, shrink=False).verdict  # type: ignore[arg-type]
        != Verdict.PASSED
    ]


@pytest.mark.parametrize("name", WRONG_DRAWS)
def test_other_distributions_are_refused(name: str) -> None:
    """Whatever is not independent and standard normal."""
    assert "test_init_ensemble_is_standard_normal" in refused(Drawing(WRONG_DRAWS[name]))


def test_few_seeds_are_refused() -> None:
    """256 ensembles are not one for each key."""
    normal = Drawing(lambda made, n: made.standard_normal((n, 2)), 256)
    assert "test_init_ensemble_follows_its_key" in refused(normal)


@pytest.mark.parametrize("scale", [1.0, 0.995])
def test_standard_normal_numbers_are_accepted(scale: float) -> None:
    """Under any seed, also from a generator that is a little off."""
    normal = Drawing(lambda made, n: scale * made.standard_normal((n, 2)))
    assert [refused(normal, seed) for seed in range(20)] == [[]] * 20
