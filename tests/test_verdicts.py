"""Every verdict, and every cheat, by real submissions: what they cost and what they leave be."""

from __future__ import annotations

import shutil
import sys

import pytest
from running import (
    EXERCISES,
    IN_TURN,
    RIGHT,
    ROOT,
    Graded,
    function_names,
    grade,
    property_files,
    write,
)

#: The exercises take turns, each with what its submissions hold for it.
GRADED = property_files(IN_TURN)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no such limit elsewhere")

#: How long a call may take in the submissions that never end. Each is tried twice.
SECONDS = "4"

ENDS_THE_PROCESS = """\
import ctypes
import os
import signal
import sys

import jax
import numpy as np

def batched(f, x):
    os._exit(0)

def batch_predict(model, weights, features):
    os.abort()

def ensemble_predict(model, weights, features):
    return ctypes.string_at(0)

def parallel_predict(model, weights, features):
    sys.exit(0)

def column_predict(model, weights, features):
    os.kill(os.getpid(), signal.SIGTERM)
    while True:
        pass

def double_batched(f, a, b):
    return np.ones(1 << 40)

def all_pairs(f, a, b):
    return jax.vmap(jax.vmap(f, (None, 0)), (0, None))(a, b)
"""

NEVER_ENDS_OR_FLOODS = """\
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)

def derivative(f, x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def largest_gap(f, df, x):
    while True:
        print("all work and no play" * 1000)
"""

NEVER_LOADS = """\
import jax

def second_derivative(f):
    return jax.grad(jax.grad(f))

while True:
    pass
"""

SLEEPS = """\
import time

import jax
import jax.numpy as jnp

def per_example_gradients(loss, params, x, y):
    time.sleep(10_000)

def batch_gradient(loss, params, x, y):
    rows = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    return jnp.mean(rows, axis=0)
"""

ENDLESS_IN_XLA = """\
import jax
import jax.numpy as jnp

def predict(params, x):
    return params[0] * x[:, 0] + params[1]

@jax.jit
def loss_fn(params, x, y):
    return jax.lax.while_loop(lambda n: n >= 0, lambda n: (n + 1) % 7, jnp.sum(params) * 0)
"""

DIES_AT_IMPORT = """\
import os

def spread(params):
    return params.max(axis=0) - params.min(axis=0)

os._exit(0)
"""

TOO_MUCH_MEMORY = """\
import jax.numpy as jnp
import numpy as np

def learning_rate_search(params, x, y, learning_rates, n_epochs):
    hoard = []
    while True:
        hoard.append(np.zeros(1 << 24))

def log_likelihoods(samples, x, y, noise_scale):
    return jnp.zeros((1 << 17, 1 << 17)).sum(axis=0)
"""


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission whose functions end, hang, hoard and flood."""
    folder = write(
        tmp_path_factory.mktemp("stopped"),
        {
            "01": ENDS_THE_PROCESS,
            "02": NEVER_ENDS_OR_FLOODS,
            "03": NEVER_LOADS,
            "04": RIGHT["04"],
            "05": SLEEPS,
            "06": ENDLESS_IN_XLA,
            "07": DIES_AT_IMPORT,
            "08": TOO_MUCH_MEMORY,
        },
    )
    return grade(folder, "--call-seconds", SECONDS, what=GRADED)


@pytest.mark.in_turn
@linux
@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        ("01_vmap.batched", "crashed"),
        ("01_vmap.batch_predict", "crashed"),
        ("01_vmap.ensemble_predict", "crashed"),
        ("01_vmap.parallel_predict", "error"),
        ("01_vmap.column_predict", "crashed"),
        ("01_vmap.double_batched", "memory"),
        ("02_grad_vs_cos.derivative", "timeout"),
        ("02_grad_vs_cos.largest_gap", "forbidden"),
        ("03_second_derivative.second_derivative", "timeout"),
        ("03_second_derivative.nth_derivative", "timeout"),
        ("05_per_example_gradients.per_example_gradients", "timeout"),
        ("06_parallel_regression.loss_fn", "timeout"),
        ("07_ensemble.spread", "crashed"),
        ("08_scaling_up.learning_rate_search", "memory"),
        ("08_scaling_up.log_likelihoods", "memory"),
    ],
)
def test_what_stops_the_worker_gets_its_verdict(
    stopped: Graded, function: str, verdict: str
) -> None:
    """What ends, hangs, fills memory or floods earns nothing, under the verdict that says why."""
    assert stopped.verdict(function) == verdict, stopped.feedback(function)
    assert stopped.scores[function] == 0


#: What is right beside all that stops, and its points.
STANDS = {
    "01_vmap.all_pairs": 2,
    "04_partial_derivatives.partial_x": 2,
    "04_partial_derivatives.partial_y": 2,
    "05_per_example_gradients.batch_gradient": 4,
    "06_parallel_regression.predict": 2,
}


@pytest.mark.in_turn
@linux
@pytest.mark.parametrize(("function", "points"), STANDS.items())
def test_what_stops_the_worker_costs_nobody_else(
    stopped: Graded, function: str, points: float
) -> None:
    """Right functions keep their points, in the very file of one that ends the process too."""
    assert stopped.scores[function] == points, stopped.feedback(function)


@linux
def test_what_stops_the_worker_stops_nothing_else(stopped: Graded) -> None:
    """The run reaches its end: all is graded, nothing is left running, and it failed."""
    assert stopped.code == 1
    assert list(stopped.entries) == function_names(IN_TURN)
    due = sum(STANDS.get(function, 0) for function in stopped.entries)
    assert stopped.results["score"] == sum(stopped.scores.values()) == due
    assert "output" not in stopped.results
    assert "Traceback" not in stopped.said
    assert not stopped.left_behind()


BAD_RESULTS = """\
import sys

import jax

class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")

class Thing:
    pass

def deep(n):
    if n:
        return deep(n - 1)
    raise NotImplementedError("later")

def batched(f, x):
    raise ValueError("the file is empty")

def batch_predict(model, weights, features):
    return Thing()

def ensemble_predict(model, weights, features):
    yield from weights

def parallel_predict(model, weights, features):
    raise Odd

def column_predict(model, weights, features):
    return {"answer": features[0]}

def double_batched(f, a, b):
    return deep(20)

def all_pairs(f, a, b):
    return all_pairs(f, a, b)
"""

SYNTAX_ERROR = """\
import jax

def derivative(f, x):
    return jax.vmap(jax.grad(f))(x)

def largest_gap(f, df, x)
    return 0.0
"""

FAILS_HALFWAY = """\
import jax

def second_derivative(f):
    return jax.grad(jax.grad(f))

print(undefined_name)

def nth_derivative(f, n):
    return f
"""

STUBS = """\
import jax

def init_ensemble(key, n_models):
    pass

def ensemble_train_step(params, x, y, learning_rate):
    ...

def train_ensemble(params, x, y, learning_rate, n_epochs):
    \"\"\"Only words.\"\"\"

def spread(params):
    raise NotImplementedError
"""

MORE_BAD_RESULTS = """\
import jax.numpy as jnp

learning_rate_search = 3

def ensemble_prediction(params, x):
    return jnp.zeros(1 << 25)

def personalize(x, y, learning_rate, n_epochs):
    return input("how many? ")

async def log_likelihoods(samples, x, y, noise_scale):
    return samples
"""


@pytest.fixture(scope="module")
def erring(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission whose functions raise, return what nobody can read, or are not there."""
    folder = write(
        tmp_path_factory.mktemp("erring"),
        {
            "01": BAD_RESULTS,
            "02": SYNTAX_ERROR,
            "03": FAILS_HALFWAY,
            "04": RIGHT["04"],
            "05": RIGHT["05"],
            "07": STUBS,
            "08": MORE_BAD_RESULTS,
        },
    )
    return grade(folder, what=GRADED)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        ("01_vmap.batched", "error"),
        ("01_vmap.parallel_predict", "error"),
        ("01_vmap.all_pairs", "error"),
        ("02_grad_vs_cos.largest_gap", "error"),
        ("03_second_derivative.nth_derivative", "error"),
        ("08_scaling_up.learning_rate_search", "error"),
        ("08_scaling_up.ensemble_prediction", "error"),
        ("08_scaling_up.personalize", "error"),
        ("01_vmap.double_batched", "not attempted"),
        ("04_partial_derivatives.gradient", "not attempted"),
        ("05_per_example_gradients.batch_gradient", "not attempted"),
        ("06_parallel_regression.predict", "not attempted"),
        ("06_parallel_regression.fit", "not attempted"),
        ("07_ensemble.init_ensemble", "not attempted"),
        ("07_ensemble.ensemble_train_step", "not attempted"),
        ("07_ensemble.train_ensemble", "not attempted"),
        ("07_ensemble.spread", "not attempted"),
        ("07_ensemble.converged", "not attempted"),
    ],
)
def test_what_raises_or_is_missing_gets_its_verdict(
    erring: Graded, function: str, verdict: str
) -> None:
    """Exceptions and unreadable files are errors; what is missing or a stub is not attempted."""
    assert erring.verdict(function) == verdict, erring.feedback(function)
    assert erring.scores[function] == 0


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("01_vmap.batch_predict", "a Thing"),
        ("01_vmap.ensemble_predict", "a generator"),
        ("01_vmap.column_predict", "a dict with the keys"),
        ("08_scaling_up.log_likelihoods", "a coroutine"),
    ],
)
def test_what_is_no_array_earns_nothing(erring: Graded, function: str, told: str) -> None:
    """A result that is no plain data earns nothing, and the feedback names what it is."""
    assert erring.verdict(function) in ("wrong", "error")
    assert erring.scores[function] == 0
    assert told in erring.feedback(function)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("01_vmap.batched", "ValueError: the file is empty"),
        ("01_vmap.all_pairs", "RecursionError"),
        ("01_vmap.parallel_predict", "Odd"),
        ("02_grad_vs_cos.largest_gap", "expected ':'"),
        ("02_grad_vs_cos.largest_gap", "line 6"),
        ("03_second_derivative.nth_derivative", "undefined_name"),
        ("08_scaling_up.ensemble_prediction", "too large"),
        ("08_scaling_up.personalize", "EOFError"),
    ],
)
def test_errors_say_what_happened(erring: Graded, function: str, told: str) -> None:
    """An exception's text, the missing colon, the undefined name and the depth are all told."""
    assert told in erring.feedback(function)
    assert "no text for you" not in erring.feedback(function)


#: What is right: above the line at which a script stops, or is no Python, and in other files.
KEPT = {
    "02_grad_vs_cos.derivative": 5,
    "03_second_derivative.second_derivative": 5,
    "04_partial_derivatives.partial_x": 2,
    "04_partial_derivatives.partial_y": 2,
    "05_per_example_gradients.per_example_gradients": 6,
}


def test_broken_files_cost_no_right_function(erring: Graded) -> None:
    """Right functions keep their points, and the total is their sum."""
    due = {function: points for function, points in KEPT.items() if function in erring.entries}
    assert {function: erring.scores[function] for function in due} == due
    assert erring.results["score"] == sum(due.values())
    assert erring.code == 1
    assert "Traceback" not in erring.said


# The grader's own failures.


@pytest.fixture(scope="module")
def broken_kit(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A copy of the kit in which the reference for `derivative` raises."""
    root = tmp_path_factory.mktemp("kit")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("autograder", "solutions"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    solution = root / "solutions" / "02_grad_vs_cos.py"
    text = solution.read_text()
    broken = text.replace("return jax.vmap(jax.grad(f))(x)", "raise RuntimeError('broken kit')", 1)
    assert broken != text
    solution.write_text(broken)
    folder = write(tmp_path_factory.mktemp("good"), {"02": RIGHT["02"], "04": RIGHT["04"]})
    cache = tmp_path_factory.mktemp("kit-cache")
    what = property_files(EXERCISES[number] for number in ("02", "04"))
    return grade(folder, root=root, environment={"JAXERCISE_CACHE": str(cache)}, what=what)


def test_grader_that_fails_gives_no_score(broken_kit: Graded) -> None:
    """Where a reference raises, the score file has no total and the run does not succeed."""
    assert broken_kit.code != 0
    assert broken_kit.verdict("02_grad_vs_cos.derivative") == "internal"
    assert "score" not in broken_kit.results
    assert "score" not in broken_kit.entries["02_grad_vs_cos.derivative"]
    assert "02_grad_vs_cos.derivative" in broken_kit.results["output"]
    assert "no total" in broken_kit.results["output"]


def test_grader_that_fails_says_so_loudly(broken_kit: Graded) -> None:
    """The terminal says that the grader failed, that it is not the answer's fault, and why."""
    assert "INTERNAL" in broken_kit.out
    assert "The grader itself failed" in broken_kit.out
    assert "this total is no score" in broken_kit.out
    assert "broken kit" in broken_kit.out


def test_grader_that_fails_still_grades_the_rest(broken_kit: Graded) -> None:
    """What the broken reference has no part in is graded as ever."""
    assert broken_kit.scores["04_partial_derivatives.partial_x"] == 2
    assert broken_kit.verdict("04_partial_derivatives.partial_x") == "passed"


# Cheats: what must not earn points.

#: Whose turn it is, and in every run what patches the comparisons and what looks for the answers.
ALWAYS = (EXERCISES["04"], EXERCISES["06"])
CHEATED = [name for name in EXERCISES.values() if name in (*IN_TURN, *ALWAYS)]
cheated_in_turn = pytest.mark.in_turn(*ALWAYS)

LOOKS_RIGHT = """\
import jax
import jax.numpy as jnp
import numpy as np

class Anything:
    shape = (3,)
    dtype = np.dtype("float32")
    def __eq__(self, other): return True
    def __array__(self, dtype=None, copy=None): return np.zeros(3, np.float32)
    def __array_ufunc__(self, *a, **k): return np.zeros(3, np.float32)
    def __abs__(self): return 0
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __bool__(self): return True
    def __reduce__(self): return (print, ("unpickled",))

class Agreeable(np.ndarray):
    def __eq__(self, other): return np.True_
    def __array_ufunc__(self, *a, **k): return np.zeros(2, np.float32)

def batched(f, x):
    return Anything()

def batch_predict(model, weights, features):
    return np.zeros(len(features), np.float32).view(Agreeable)

def ensemble_predict(model, weights, features):
    right = np.asarray(jax.vmap(model, (0, None))(weights, features))
    return np.ma.masked_array(right, mask=True)

def parallel_predict(model, weights, features):
    return np.asarray(jax.vmap(model)(weights, features)).astype(np.float64)

def column_predict(model, weights, features):
    return jax.vmap(model, (None, 1))(weights, features)[None, :]

def double_batched(f, a, b):
    return jnp.zeros((0, 1))

def all_pairs(f, a, b):
    return jnp.full((len(a), len(b)), jnp.nan)
"""

GUESSES = """\
import jax
import jax.numpy as jnp
import numpy as np

def derivative(f, x):
    return jnp.cos(x)

def largest_gap(f, df, x):
    return float(jnp.max(jnp.abs(jax.vmap(jax.grad(f))(x) - jax.vmap(df)(x))))

def plot(x):
    curves = [{"x": np.float64(x), "y": np.cos(np.float64(x)), "label": name} for name in "ab"]
    return {"figure": True, "axes": 1, "curves": curves, "xlabel": "x", "ylabel": "y",
            "shown": False, "saved": False, "open_figures": 0}
"""

CHANGES_JAX = """\
import jax
import jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_prng_impl", "rbg")
jax.config.update("jax_numpy_rank_promotion", "raise")
kept = []

def second_derivative(f):
    return jax.grad(jax.grad(f))

def nth_derivative(f, n):
    jax.jit(lambda x: kept.append(x))(jnp.ones(()))
    return lambda x: kept[-1]

def largest_gap(f, d2f, x):
    gap = jnp.max(jnp.abs(jax.vmap(jax.grad(jax.grad(f)))(x) - jax.vmap(d2f)(x)))
    gap.block_until_ready()
    x.delete()
    return gap
"""

PATCHES = """\
import sys
import unittest

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import numpy.testing
import pytest

yes = lambda *a, **k: True
np.allclose = np.array_equal = np.isclose = jnp.allclose = jnp.array_equal = yes
np.testing.assert_allclose = np.testing.assert_array_equal = yes
np.argwhere = lambda *a: np.zeros((0, 1))
hypothesis.given = lambda *a, **k: lambda f: (lambda: None)
hypothesis.settings = hypothesis.given
pytest.fail = yes
pytest.UsageError = pytest.Session.Interrupted = None
print("118 passed, 1 passed")
print("total   100 / 100")

def partial_x(f, x, y):
    return jnp.zeros(())

def partial_y(f, x, y):
    pytest.skip("not today")

def gradient(f, x, y):
    hypothesis.reject()

def loss_and_gradient(loss, params, x, y):
    raise unittest.SkipTest("not today")
"""

LOOKS_AROUND = """\
import gc
import sys

SUSPICIOUS = ("expected", "reference", "references", "due", "solution", "solutions", "answers")
FORBIDDEN = ("solutions", "jaxercise_reference", "hypothesis", "jaxercise.claims",
             "jaxercise.comparison", "jaxercise.claims.strategies", "jaxercise.frontends.reports")

def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back

def found():
    names = {name for frame in frames() for scope in (frame.f_locals, frame.f_globals)
             for name in scope if name.lower() in SUSPICIOUS}
    modules = {name for name in sys.modules if name.startswith(FORBIDDEN)}
    gc.unfreeze()
    types = {type(item).__name__ for item in gc.get_objects()}
    types &= {"Expected", "References", "Claim", "Outcome", "Exercise", "Finding", "Session"}
    return sorted(names - set(globals())) + sorted(modules) + sorted(types)

def predict(params, x):
    raise LookupError(f"many frames: {sum(1 for _ in frames()) > 4}; found: {found()}")
"""

FORGES = """\
import os

import jax.numpy as jnp

def scribble():
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, b"\\xff" * 64)
        except OSError:
            pass

def spread(params):
    scribble()
    return params.max(axis=0) - params.min(axis=0)

def converged(params, x, y, tolerance):
    for descriptor in range(3, 256):
        try:
            os.close(descriptor)
        except OSError:
            pass
    return jnp.ones(len(params), bool)
"""

HIDES = """\
import atexit
import json
import os
import time

import jax.numpy as jnp

RESULTS = @RESULTS@
GRADE = {"score": 100, "tests": [], "execution_time": 1}
atexit.register(lambda: os._exit(0))
time.monotonic = time.perf_counter = time.time = lambda: 0.0

if __name__ == "__main__":
    def ensemble_prediction(params, x):
        return jnp.mean(params[:, :1] * x[:, 0] + params[:, 1:], axis=0)

    os._exit(0)

def log_likelihoods(samples, x, y, noise_scale):
    with open(RESULTS, "w") as file:
        json.dump(GRADE, file)
    return jnp.zeros(len(samples))
log_likelihoods.__name__ = log_likelihoods.__qualname__ = "passed"

def personalize(x, y, learning_rate, n_epochs):
    return [[0.0, 0.0] for _ in x]
"""

PLANTED = """\
from pathlib import Path
Path(@MARKER@).touch()
print("PLANTED @NAME@")
"""


@pytest.fixture(scope="module")
def cheats(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission of cheats, with one honest file among them."""
    folder = tmp_path_factory.mktemp("cheats")
    results = tmp_path_factory.mktemp("results") / "results.json"
    write(
        folder,
        {
            "01": LOOKS_RIGHT,
            "02": GUESSES,
            "03": CHANGES_JAX,
            "04": PATCHES,
            "05": RIGHT["05"],
            "06": LOOKS_AROUND,
            "07": FORGES,
            "08": HIDES.replace("@RESULTS@", repr(str(results))),
        },
    )
    graded = grade(folder, "--scores", str(results), what=property_files(CHEATED))
    return Graded(
        graded.code, graded.out, graded.err, results.read_text(), graded.mark, graded.folder
    )


@cheated_in_turn
@pytest.mark.parametrize(
    "function",
    [
        pytest.param("01_vmap.batched", id="equal to everything"),
        pytest.param("01_vmap.batch_predict", id="ndarray subclass"),
        pytest.param("01_vmap.ensemble_predict", id="masked array"),
        pytest.param("01_vmap.parallel_predict", id="float64"),
        pytest.param("01_vmap.column_predict", id="one dimension too many"),
        pytest.param("01_vmap.double_batched", id="empty"),
        pytest.param("01_vmap.all_pairs", id="nan"),
        # The claim that sin gives cos is worth half a point by itself.
        pytest.param("02_grad_vs_cos.derivative", id="hard-coded"),
        pytest.param("02_grad_vs_cos.largest_gap", id="Python float"),
        # A dict with a figure's data passes for the Figure itself.
        pytest.param("02_grad_vs_cos.plot", id="forged Figure"),
        pytest.param("03_second_derivative.nth_derivative", id="leaked tracer"),
        pytest.param("03_second_derivative.largest_gap", id="deleted argument"),
        pytest.param("04_partial_derivatives.partial_x", id="patched comparisons"),
        pytest.param("04_partial_derivatives.partial_y", id="pytest.skip"),
        pytest.param("04_partial_derivatives.gradient", id="hypothesis.reject"),
        pytest.param("04_partial_derivatives.loss_and_gradient", id="SkipTest"),
        pytest.param("06_parallel_regression.predict", id="frames"),
        pytest.param("07_ensemble.spread", id="forged frames"),
        pytest.param("07_ensemble.converged", id="closed descriptors"),
        pytest.param("08_scaling_up.ensemble_prediction", id="behind __main__"),
        pytest.param("08_scaling_up.log_likelihoods", id="writes the score file"),
        pytest.param("08_scaling_up.personalize", id="list of lists"),
    ],
)
def test_cheat_earns_nothing(cheats: Graded, function: str) -> None:
    """A cheat earns no points, and is no pass."""
    assert cheats.scores[function] == 0, cheats.feedback(function)
    assert cheats.verdict(function) not in ("passed", "internal")


@cheated_in_turn
@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("01_vmap.batched", "an Anything"),
        ("01_vmap.batch_predict", "an Agreeable"),
        ("01_vmap.ensemble_predict", "a MaskedArray"),
        ("01_vmap.parallel_predict", "float64"),
        ("01_vmap.column_predict", "shape (1, 2)"),
        ("01_vmap.double_batched", "shape (0, 1)"),
        ("01_vmap.all_pairs", "nan"),
        ("02_grad_vs_cos.largest_gap", "a Python float"),
        ("03_second_derivative.nth_derivative", "tracer"),
        ("03_second_derivative.largest_gap", "deleted"),
        ("04_partial_derivatives.partial_y", "not today"),
    ],
)
def test_cheat_is_told_why(cheats: Graded, function: str, told: str) -> None:
    """The feedback names what is wrong with the answer, as it would for an honest mistake."""
    assert told in cheats.feedback(function).lower() + cheats.feedback(function)


@cheated_in_turn
@pytest.mark.parametrize("function", ["07_ensemble.spread"])
def test_forged_frames_are_forbidden(cheats: Graded, function: str) -> None:
    """Garbage on every inherited descriptor is a breach of the protocol, and is called so."""
    assert cheats.verdict(function) == "forbidden"


def test_worker_holds_nothing_worth_finding(cheats: Graded) -> None:
    """Neither the frames above a student's function, nor modules or objects, hold the answers."""
    told = cheats.feedback("06_parallel_regression.predict")
    assert "many frames: True; found: []" in told


@cheated_in_turn
@pytest.mark.parametrize("function", ["05_per_example_gradients.per_example_gradients"])
def test_cheats_change_nothing_for_an_honest_file(cheats: Graded, function: str) -> None:
    """Settings, patches and prints of one file reach no other: its right function earns all."""
    assert cheats.scores[function] == 6


def test_cheats_are_graded_to_the_end(cheats: Graded) -> None:
    """The total is what the functions have earned, and none is missing."""
    assert cheats.code == 1
    assert cheats.results["score"] == sum(cheats.scores.values())
    assert list(cheats.entries) == function_names(CHEATED)


def test_printed_totals_are_no_totals(cheats: Graded) -> None:
    """What a submission prints stands behind a bar, never where the grader's own lines stand."""
    assert not [line for line in cheats.out.splitlines() if line.startswith("118 passed")]
    assert sum(line.startswith("total") for line in cheats.out.splitlines()) == 1


#: What stands beside a submission and must never be imported, by judge or worker.
PLANTS = (
    "conftest", "jax", "numpy", "hypothesis", "sitecustomize", "usercustomize", "autograder",
    "jaxercise",
)  # fmt: skip


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("after", id="submission named last", marks=pytest.mark.nightly),
        pytest.param("before", id="named first"),
    ],
)
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Graded, set[str]]:
    """A right submission with files planted beside it, and the plants that were executed."""
    folder = write(tmp_path_factory.mktemp("planted"), {"04": RIGHT["04"]})
    markers = tmp_path_factory.mktemp("markers")
    for name in (*PLANTS, "plugin"):
        text = PLANTED.replace("@MARKER@", repr(str(markers / name))).replace("@NAME@", name)
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p plugin\npythonpath = .\n")
    what = property_files([EXERCISES["04"]])
    if request.param == "after":
        graded = grade(folder, what=what)
    else:
        graded = grade(None, what=[f"--submission={folder}", *what])
    return graded, {path.name for path in markers.iterdir()}


# pytest looks for its settings before any plugin can tell it that the word behind `--submission` is
# no folder of tests. So the option is written with an equals sign where it may stand first.
def test_planted_modules_are_not_imported(planted: tuple[Graded, set[str]]) -> None:
    """No `conftest.py`, `jax.py`, `pytest.ini` or the like beside a submission is ever obeyed."""
    graded, executed = planted
    assert executed == set()
    assert "PLANTED" not in graded.said


def test_planted_modules_change_no_score(planted: tuple[Graded, set[str]]) -> None:
    """A right function earns its points whatever lies beside it, and no more."""
    graded, _ = planted
    assert graded.code == 1, graded.said
    assert graded.results["score"] == 4
