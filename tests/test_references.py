"""The references against closed forms in NumPy float64, and the solutions as scripts.

Independent on purpose: nothing here uses the kit's families, and no derivative is automatic.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import pytest
from jaxercise.cache.folders import configure_judge
from jaxercise.claims.loading import load_exercise
from needs import NIGHTLY
from running import COURSE, ROOT

Array = npt.NDArray[Any]

NAMES = COURSE.names()
SOLUTIONS = ROOT / "solutions"
SIZES = [1, 5]
sizes = pytest.mark.parametrize("n", SIZES)


@pytest.fixture(autouse=True, scope="module")
def judge(cache: None) -> None:
    """JAX as the judge runs it."""
    configure_judge()


@dataclass(frozen=True)
class Precision:
    """A dtype, and how near its answers have to be."""

    dtype: Any
    near: float

    def close(self, got: Any, due: Any) -> None:
        """The answer is of this dtype, has the due shape, and the due values."""
        # Plain arithmetic on NumPy arrays leaves them NumPy arrays.
        assert isinstance(got, jax.Array | np.ndarray | np.generic)
        assert got.dtype == self.dtype
        due = np.asarray(due)
        assert got.shape == due.shape
        scale = max(1.0, float(np.max(np.abs(due), initial=0)))
        assert np.allclose(got, due, rtol=self.near, atol=self.near * scale), (got, due)

    def all_close(self, got: Any, due: tuple[Any, ...]) -> None:
        assert isinstance(got, tuple)
        assert len(got) == len(due)
        for one, other in zip(got, due, strict=True):
            self.close(one, other)


@pytest.fixture(params=[pytest.param("float32", marks=pytest.mark.nightly), "float64"])
def precision(request: pytest.FixtureRequest) -> Iterator[Precision]:
    """Everything is checked in float64, as the judge evaluates it, and nightly in float32."""
    double = request.param == "float64"
    with jax.enable_x64(double):
        yield Precision(np.dtype(request.param), 1e-9 if double else 2e-4)


_modules: dict[str, ModuleType] = {}


def solution(number: int) -> ModuleType:
    """A solution file, imported (not run as a script)."""
    name = NAMES[number - 1]
    if name not in _modules:
        spec = importlib.util.spec_from_file_location(f"solution_{name}", SOLUTIONS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        _modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(_modules[name])
    return _modules[name]


def normal(precision: Precision, *shape: int, seed: int = 0) -> Array:
    """Random numbers that are the same in float32 and in float64."""
    numbers = np.random.default_rng([seed, *shape]).normal(size=shape)
    return numbers.astype(np.float32).astype(precision.dtype)


def exact(*arrays: Array) -> list[Array]:
    return [np.asarray(array, np.float64) for array in arrays]


#: Functions of one number with their derivatives of order 0 to 4, in NumPy.
CURVES: dict[str, tuple[Callable[[Any], Any], list[Callable[[Array], Array]]]] = {
    "cubic": (
        lambda x: 2 * x**3 - x,
        [
            lambda x: 2 * x**3 - x,
            lambda x: 6 * x**2 - 1,
            lambda x: 12 * x,
            lambda x: np.full_like(x, 12),
            np.zeros_like,
        ],
    ),
    "sine": (jnp.sin, [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]),
    "bell": (
        lambda x: jnp.exp(-(x**2)),
        [
            lambda x: np.exp(-(x**2)),
            lambda x: -2 * x * np.exp(-(x**2)),
            lambda x: (4 * x**2 - 2) * np.exp(-(x**2)),
            lambda x: (12 * x - 8 * x**3) * np.exp(-(x**2)),
            lambda x: (16 * x**4 - 48 * x**2 + 12) * np.exp(-(x**2)),
        ],
    ),
}
curves = pytest.mark.parametrize("curve", CURVES)


# 01


def _model(w: Any, v: Any) -> Any:
    return jnp.tanh(w @ v) + jnp.sum(w**2 * v)


def _model_table(w: Array, v: Array) -> Array:
    """The model on matching rows, in NumPy: `(k, d), (k, d) -> (k,)`."""
    return np.tanh((w * v).sum(axis=1)) + (w**2 * v).sum(axis=1)


def _pair(a: Any, b: Any) -> Any:
    return a * jnp.exp(b) - b**2


def _pair_table(a: Array, b: Array) -> Array:
    return a * np.exp(b) - b**2


@sizes
@curves
def test_batched(precision: Precision, n: int, curve: str) -> None:
    """batched is f at every entry."""
    f, due = CURVES[curve]
    x = normal(precision, n)
    precision.close(solution(1).batched(f, x), due[0](*exact(x)))


@sizes
@pytest.mark.parametrize("d", [1, 4])
def test_predictions(precision: Precision, n: int, d: int) -> None:
    """The four ways to apply models to examples are rows, columns, and pairs of them."""
    one, many, others = (
        normal(precision, d),
        normal(precision, n, d),
        normal(precision, n, d, seed=1),
    )
    w, table, features = exact(one, many, others)
    same = np.broadcast_to(w, (n, d))
    kit = solution(1)
    precision.close(kit.batch_predict(_model, one, many), _model_table(same, table))
    precision.close(kit.ensemble_predict(_model, many, one), _model_table(table, same))
    precision.close(kit.parallel_predict(_model, many, others), _model_table(table, features))
    precision.close(kit.column_predict(_model, one, many.T.copy()), _model_table(same, table))


@sizes
@pytest.mark.parametrize("m", [1, 3])
def test_pairs(precision: Precision, n: int, m: int) -> None:
    """double_batched goes entry by entry, all_pairs makes a row of every entry of a."""
    a, b = normal(precision, n, m), normal(precision, n, m, seed=1)
    precision.close(solution(1).double_batched(_pair, a, b), _pair_table(*exact(a, b)))
    a, b = normal(precision, n), normal(precision, m, seed=1)
    rows, columns = exact(a, b)
    precision.close(solution(1).all_pairs(_pair, a, b), _pair_table(rows[:, None], columns[None]))


# 02 and 03


@sizes
@curves
def test_derivative(precision: Precision, n: int, curve: str) -> None:
    """derivative is the first derivative at every entry."""
    f, due = CURVES[curve]
    x = normal(precision, n)
    precision.close(solution(2).derivative(f, x), due[1](*exact(x)))


@sizes
@pytest.mark.parametrize("number", [2, 3])
def test_largest_gap(precision: Precision, n: int, number: int) -> None:
    """largest_gap is 0 for a true claim, and the largest difference, of either sign, for others."""
    x = normal(precision, n)
    (at,) = exact(x)
    gap = solution(number).largest_gap
    order = number - 1
    f, due = CURVES["bell"]
    true: Callable[[Any], Any] = [
        lambda t: -2 * t * jnp.exp(-(t**2)),
        lambda t: (4 * t**2 - 2) * jnp.exp(-(t**2)),
    ][order - 1]
    assert float(gap(f, true, x)) <= 10 * precision.near
    precision.close(gap(f, jnp.cos, x), np.max(np.abs(due[order](at) - np.cos(at))))
    precision.close(gap(f, lambda t: true(t) + 3.0, x), np.array(3.0))
    precision.close(gap(f, lambda t: true(t) - 3.0, x), np.array(3.0))


@sizes
def test_plot(precision: Precision, n: int) -> None:
    """plot returns a figure with the two curves on one labeled axes."""
    x = normal(precision, n)
    (axes,) = solution(2).plot(x).axes
    assert len(axes.lines) == 2
    for line in axes.lines:
        at, values = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        assert np.allclose(at, np.sort(x))
        assert np.allclose(values, np.cos(at), atol=1e-6)
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert len({text.get_text() for text in axes.get_legend().get_texts()}) == 2


@curves
def test_second_and_nth_derivative(precision: Precision, curve: str) -> None:
    """The returned functions are the derivatives, plainly, under jit and under vmap."""
    f, due = CURVES[curve]
    x = normal(precision, 4)
    (at,) = exact(x)
    second = solution(3).second_derivative(f)
    precision.close(second(x[0]), due[2](at[:1])[0])
    precision.close(jax.jit(jax.vmap(second))(x), due[2](at))
    for order in range(5):
        function = solution(3).nth_derivative(f, order)
        precision.close(jnp.asarray(function(jnp.asarray(x[1]))), due[order](at[1:2])[0])
        precision.close(jax.jit(jax.vmap(function))(x), due[order](at))


# 04 and 05


def test_partial_derivatives(precision: Precision) -> None:
    """The partial derivatives of a e^b - b^2 are e^b and a e^b - 2 b."""
    kit = solution(4)
    for a, b in normal(precision, 3, 2):
        x, y = exact(a, b)
        in_x, in_y = np.exp(y), x * np.exp(y) - 2 * y
        precision.close(kit.partial_x(_pair, a, b), in_x)
        precision.close(kit.partial_y(_pair, a, b), in_y)
        precision.all_close(kit.gradient(_pair, a, b), (in_x, in_y))


def _loss(params: Any, x: Any, y: Any) -> Any:
    return (jnp.polyval(params, x) - y) ** 2 + jnp.sum(params**2) * y


def _losses(params: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Losses `(n,)` and gradients `(n, p)`, in NumPy."""
    powers = x[:, None] ** np.arange(len(params))[::-1]
    off = powers @ params - y
    return (
        off**2 + (params**2).sum() * y,
        2 * off[:, None] * powers + 2 * params * y[:, None],
    )


@sizes
@pytest.mark.parametrize("p", [1, 3])
def test_gradients_of_losses(precision: Precision, n: int, p: int) -> None:
    """Loss and gradient of one example, of each, and the mean over all."""
    params, x, y = normal(precision, p), normal(precision, n, seed=1), normal(precision, n, seed=2)
    values, gradients = _losses(*exact(params, x, y))
    one = solution(4).loss_and_gradient(_loss, params, x[0], y[0])
    precision.all_close(one, (values[0], gradients[0]))
    precision.close(solution(5).per_example_gradients(_loss, params, x, y), gradients)
    precision.close(solution(5).batch_gradient(_loss, params, x, y), gradients.mean(axis=0))


# 06 to 08


def _step(params: Array, x: Array, y: Array, rate: float) -> tuple[Array, Array]:
    """One step of gradient descent by the closed form of the gradient; the loss before it."""
    off = params[0] * x[:, 0] + params[1] - y
    gradient = 2 * np.array([np.mean(off * x[:, 0]), np.mean(off)])
    return params - rate * gradient, np.mean(off**2)


def _steps(params: Array, x: Array, y: Array, rate: float, epochs: int) -> tuple[Array, Array]:
    losses = []
    for _ in range(epochs):
        params, loss = _step(params, x, y, rate)
        losses.append(loss)
    return params, np.array(losses)


@pytest.mark.parametrize("number", [6, 7, 8])
@sizes
def test_one_line(precision: Precision, number: int, n: int) -> None:
    """predict, loss_fn and train_step of one line."""
    kit = solution(number)
    params = normal(precision, 2)
    x, y = normal(precision, n, 1, seed=1), normal(precision, n, seed=2)
    rate = np.asarray(0.25, precision.dtype)
    p, sizes_, prices = exact(params, x, y)
    due, loss = _step(p, sizes_, prices, 0.25)
    precision.close(kit.predict(params, x), p[0] * sizes_[:, 0] + p[1])
    precision.close(kit.loss_fn(params, x, y), loss)
    precision.all_close(kit.train_step(params, x, y, rate), (due, loss))


@sizes
@pytest.mark.parametrize("c", [1, 3])
def test_cities(precision: Precision, n: int, c: int) -> None:
    """Every city takes its own steps on its own houses."""
    kit = solution(6)
    params = normal(precision, c, 2)
    x, y = normal(precision, c, n, 1, seed=1), normal(precision, c, n, seed=2)
    rate = np.asarray(0.125, precision.dtype)
    rows = list(zip(*exact(params, x, y), strict=True))
    due = [_step(*row, 0.125) for row in rows]
    got = kit.parallel_train_step(params, x, y, rate)
    precision.all_close(got, (np.stack([d[0] for d in due]), np.array([d[1] for d in due])))
    for epochs in (1, 5):
        trained = [_steps(*row, 0.125, epochs) for row in rows]
        final = np.stack([t[0] for t in trained])
        history = np.stack([t[1] for t in trained], axis=1)
        assert history.shape == (epochs, c)
        precision.all_close(kit.train(params, x, y, rate, epochs), (final, history))


@pytest.mark.parametrize("c", [1, 3])
@pytest.mark.parametrize("n", [2, 50, 200])
def test_fit(precision: Precision, c: int, n: int) -> None:
    """fit is least squares on data like the article's."""
    generator = np.random.default_rng(n)
    x = generator.uniform(10, 100, (c, n, 1)).astype(precision.dtype)
    noise = generator.uniform(-50, 50, (c, n)) if n > 2 else 0
    y = (50 * x[..., 0] + 100 + noise).astype(precision.dtype)
    due = [np.polyfit(*exact(one[:, 0], prices), 1) for one, prices in zip(x, y, strict=True)]
    got = solution(6).fit(x, y)
    assert got.shape == (c, 2)
    assert got.dtype == precision.dtype
    assert np.allclose(got, due, rtol=1e-8 if precision.near < 1e-6 else 1e-3)


def test_fit_of_a_single_house(precision: Precision) -> None:
    """With one house, or all of one size, fit gives a line through the mean price and no NaN."""
    for x in ([[[50.0]]], [[[50.0], [50.0]]]):
        sizes_ = np.array(x, precision.dtype)
        prices = np.array([[100.0, 300.0][: sizes_.shape[1]]], precision.dtype)
        ((slope, intercept),) = np.asarray(solution(6).fit(sizes_, prices))
        assert slope * 50 + intercept == pytest.approx(prices.mean(), rel=1e-4)


@sizes
@pytest.mark.parametrize("m", [1, 4])
def test_ensembles(precision: Precision, n: int, m: int) -> None:
    """Every model takes its own steps on the same houses; spread is largest minus smallest."""
    kit = solution(7)
    params = normal(precision, m, 2)
    x, y = normal(precision, n, 1, seed=1), normal(precision, n, seed=2)
    rate = np.asarray(0.125, precision.dtype)
    models, sizes_, prices = exact(params, x, y)
    due = [_step(model, sizes_, prices, 0.125) for model in models]
    got = kit.ensemble_train_step(params, x, y, rate)
    precision.all_close(got, (np.stack([d[0] for d in due]), np.array([d[1] for d in due])))
    for epochs in (1, 5):
        trained = [_steps(model, sizes_, prices, 0.125, epochs) for model in models]
        final, history = (np.stack([t[0] for t in trained]), np.stack([t[1] for t in trained], 1))
        precision.all_close(kit.train_ensemble(params, x, y, rate, epochs), (final, history))
    precision.close(kit.spread(params), np.ptp(models, axis=0))


@sizes
def test_converged(precision: Precision, n: int) -> None:
    """A model has arrived where its gradient's norm is at most the tolerance; NaN never has."""
    kit = solution(7)
    params = normal(precision, 5, 2)
    x, y = normal(precision, n, 1, seed=1), normal(precision, n, seed=2)
    models, sizes_, prices = exact(params, x, y)
    norms = np.array([np.linalg.norm(m - _step(m, sizes_, prices, 1.0)[0]) for m in models])
    for between in range(6):
        # Half way between two of the norms: no rounding decides.
        bounds = np.concatenate([[0], np.sort(norms), [2 * norms.max()]])
        tolerance = np.asarray(bounds[between : between + 2].mean(), precision.dtype)
        got = kit.converged(params, x, y, tolerance)
        assert got.dtype == bool
        assert got.tolist() == (norms <= tolerance).tolist()
        assert sum(got.tolist()) == between
    broken = np.array([[np.nan, 0], [np.inf, 1]], precision.dtype)
    assert not np.any(kit.converged(broken, x, y, np.asarray(1e9, precision.dtype)))


def test_converged_counts_the_tolerance_itself() -> None:
    """A norm of exactly the tolerance has arrived: 5 for the gradient (3, 4)."""
    # One house of size 3/4 and off by 2: the gradient is 2 * 2 * (3/4, 1) = (3, 4).
    x, y = np.array([[0.75]], np.float32), np.array([-2.0], np.float32)
    params = np.zeros((1, 2), np.float32)
    for tolerance, due in ((5.0, True), (4.999, False)):
        got = solution(7).converged(params, x, y, np.float32(tolerance))
        assert got.tolist() == [due]


@pytest.mark.parametrize("make", [jax.random.key, jax.random.PRNGKey])
def test_init_ensemble(precision: Precision, make: Callable[[int], Any]) -> None:
    """Starting points are standard normal, and depend on the key and on nothing else."""
    init = solution(7).init_ensemble
    for m in (1, 10):
        assert init(make(0), m).shape == (m, 2)
    many = init(make(1), 20_000)
    assert many.dtype == precision.dtype
    assert np.array_equal(many, init(make(1), 20_000))
    assert not np.any(np.asarray(many) == np.asarray(init(make(2), 20_000)))
    values = np.asarray(many, float)
    assert np.allclose(values.mean(axis=0), 0, atol=0.03)
    assert np.allclose(np.cov(values.T), np.eye(2), atol=0.05)
    # A normal distribution, not a uniform one of the same variance: 68 % within 1, 95 % within 2.
    assert np.mean(np.abs(values) < 1) == pytest.approx(0.683, abs=0.01)
    assert np.mean(np.abs(values) < 2) == pytest.approx(0.954, abs=0.01)


@sizes
@pytest.mark.parametrize("epochs", [1, 6])
def test_learning_rate_search(precision: Precision, n: int, epochs: int) -> None:
    """The losses are those after the last step, and the rate is that of the smallest of them."""
    params = normal(precision, 2)
    x, y = normal(precision, n, 1, seed=1), normal(precision, n, seed=2)
    rates = np.array([0.5, 0.125, 0.25, 0.0], precision.dtype)
    p, sizes_, prices = exact(params, x, y)
    ends = [_steps(p, sizes_, prices, float(rate), epochs)[0] for rate in rates]
    losses = np.array([_step(end, sizes_, prices, 0)[1] for end in ends])
    rate, got = solution(8).learning_rate_search(params, x, y, rates, epochs)
    precision.close(got, losses)
    precision.close(rate, rates[np.argmin(losses)])
    rate, _ = solution(8).learning_rate_search(params, x, y, rates[:1], epochs)
    precision.close(rate, rates[0])


def test_learning_rate_search_passes_over_what_diverged(precision: Precision) -> None:
    """Infinite and NaN losses are told and never win, and the first of equal ones does."""
    x, y = np.array([[1.0], [2.0]], precision.dtype), np.array([1.0, 3.0], precision.dtype)
    params = np.zeros(2, precision.dtype)
    rates = np.array([1e30, 0.125, 1e30, 0.125], precision.dtype)
    rate, losses = solution(8).learning_rate_search(params, x, y, rates, 12)
    assert not np.isfinite(losses[0])
    assert np.isfinite(losses[1])
    assert float(rate) == 0.125
    # From where the loss is 0, every rate stays there.
    on_it = np.array([2.0, -1.0], precision.dtype)
    rate, losses = solution(8).learning_rate_search(
        on_it, x, y, rates[1:] * 0 + rates[[1, 3, 1]], 3
    )
    assert losses.tolist() == [0, 0, 0]
    assert float(rate) == 0.125
    rates = np.array([0.25, 0.125], precision.dtype)
    assert float(solution(8).learning_rate_search(on_it, x, y, rates, 3)[0]) == 0.25


@sizes
@pytest.mark.parametrize("m", [1, 4])
def test_ensemble_prediction(precision: Precision, n: int, m: int) -> None:
    """Mean and population standard deviation over the models, house by house."""
    params, x = normal(precision, m, 2), normal(precision, n, 1, seed=1)
    models, sizes_ = exact(params, x)
    table = models[:, :1] * sizes_[:, 0] + models[:, 1:]
    got = solution(8).ensemble_prediction(params, x)
    precision.all_close(got, (table.mean(axis=0), table.std(axis=0)))


@sizes
@pytest.mark.parametrize("u", [1, 3])
def test_personalize(precision: Precision, n: int, u: int) -> None:
    """Every user's params are where their own steps from zeros lead."""
    x, y = normal(precision, u, n, 1, seed=1), normal(precision, u, n, seed=2)
    rate = np.asarray(0.125, precision.dtype)
    for epochs in (1, 6):
        due = [
            _steps(np.zeros(2), *user, 0.125, epochs)[0] for user in zip(*exact(x, y), strict=True)
        ]
        precision.close(solution(8).personalize(x, y, rate, epochs), np.stack(due))


def test_personalize_ten_thousand_users() -> None:
    """Ten thousand users in one call: those whose data are alike get params alike."""
    x = np.tile(normal(Precision(np.float32, 0), 2, 3, 1), (5000, 1, 1))
    y = np.tile(normal(Precision(np.float32, 0), 2, 3, seed=1), (5000, 1))
    got = np.asarray(solution(8).personalize(x, y, np.float32(0.125), 4))
    assert got.shape == (10_000, 2)
    assert np.allclose(got, np.tile(got[:2], (5000, 1)), rtol=1e-6)
    assert not np.allclose(got[0], got[1])


@sizes
@pytest.mark.parametrize("s", [1, 1000])
def test_log_likelihoods(precision: Precision, n: int, s: int) -> None:
    """The sum of the normal log densities of the residuals, constants included."""
    samples, x = normal(precision, s, 2), normal(precision, n, 1, seed=1)
    y, scale = normal(precision, n, seed=2), np.asarray(1.5, precision.dtype)
    params, sizes_, prices = exact(samples, x, y)
    off = prices - (params[:, :1] * sizes_[:, 0] + params[:, 1:])
    due = -0.5 * ((off / 1.5) ** 2).sum(axis=1) - n * np.log(1.5 * np.sqrt(2 * np.pi))
    precision.close(solution(8).log_likelihoods(samples, x, y, scale), due)


def test_every_function_has_been_checked() -> None:
    """The functions asked for are those that the tests above call."""
    import ast

    called = {
        node.attr
        for node in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    for name in NAMES:
        asked = load_exercise(COURSE, name).functions
        assert set(asked) <= called


# The solutions as scripts

#: What a script leaves behind.
PICTURES = {
    "02_grad_vs_cos": "02_grad_vs_cos.png",
    "06_parallel_regression": "06_parallel_regression.png",
    "07_ensemble": "07_ensemble.png",
    "08_scaling_up": "08_scaling_up.png",
}
_scripts: dict[str, tuple[subprocess.CompletedProcess[str], Path]] = {}


@pytest.fixture
def script(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A solution run as a script in a folder of its own, once in a session."""
    if name not in _scripts:
        folder = tmp_path_factory.mktemp(name)
        fonts = tmp_path_factory.getbasetemp() / "fonts"
        environment = os.environ | {"MPLCONFIGDIR": str(fonts), "JAX_PLATFORMS": "cpu"}
        if name in PICTURES and not fonts.exists():
            # matplotlib says on stderr when it makes its list of fonts: not the script's doing.
            prepare = [sys.executable, "-c", "import matplotlib.font_manager"]
            subprocess.run(prepare, env=environment, check=True, capture_output=True)
        command = [sys.executable, str(SOLUTIONS / f"{name}.py")]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        _scripts[name] = done, folder
    return _scripts[name]


@pytest.mark.parametrize("name", NAMES if NIGHTLY else NAMES[:2])
def test_a_solution_runs_as_a_script(
    name: str, script: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    """It exits with 0, warns of nothing, and leaves its picture and nothing else."""
    done, folder = script
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout
    pictures = [PICTURES[name]] if name in PICTURES else []
    assert [path.name for path in folder.iterdir()] == pictures
    for path in folder.iterdir():
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) > 10_000


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["06_parallel_regression"])
def test_the_project_prints_what_its_training_reaches(
    name: str, script: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    """The article's training ends at these slopes and intercepts, whatever its table says."""
    done, _ = script
    for what, due in (("slopes", [51.5, 32.7, 80.7]), ("intercepts", [6.7, 16.2, 4.7])):
        (line,) = re.findall(rf"^learned {what} *\[(.*?)\]", done.stdout, re.MULTILINE)
        got = [float(number) for number in line.split()]
        assert [round(number, 1) for number in got] == due


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["06_parallel_regression"])
def test_the_project_prints_least_squares(
    name: str, script: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    """The last column of its table is least squares on the article's data."""
    done, _ = script
    rows = re.findall(r"^ *(\d) +(slope|intercept) (.*)$", done.stdout, re.MULTILINE)
    last = [float(numbers.split()[-1]) for _, _, numbers in rows]
    assert last == pytest.approx([50.13, 94.27, 29.93, 205.61, 80.03, 50.75], abs=0.03)
