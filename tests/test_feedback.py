"""What students read, word by word.

The texts stand in `tests/feedback/`, one file a failure. Where a text is meant to change, run
these tests with JAXERCISE_REWRITE=1 and JAXERCISE_NIGHTLY=1, and read the difference before it is
committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running import (
    EXERCISES,
    IN_TURN,
    SOLUTIONS,
    Graded,
    grade,
    notebook,
    property_files,
    write,
)

TEXTS = Path(__file__).with_name("feedback")
REWRITE = bool(os.environ.get("JAXERCISE_REWRITE"))
MOST_LINES = 14
WIDEST = 104

FILES = {
    "01": '''\
import jax
import jax.numpy as jnp
import numpy as np

def batched(f, x):
    return jax.vmap(f)(x)[::-1]

def batch_predict(model, weights, features):
    return jax.vmap(model, in_axes=(None, 0))(weights, features)[:, None]

def ensemble_predict(model, weights, features):
    return jnp.stack([model(w, features) for w in weights])

def mapped(model, axes):
    return lambda weights, features: jax.vmap(model, axes)(weights, features)

def parallel_predict(model, weights, features):
    return mapped(model, (0, None))(weights, features)

def column_predict(model, weights, features):
    return np.array(jax.vmap(model, in_axes=(None, 1))(weights, features), dtype=np.float64)

def double_batched(f, a, b):
    result = jax.vmap(jax.vmap(f))(a, b)

def all_pairs(f, a, b):
    """First lines drop out of what is shown of the print below."""
    for line in range(5):
        print("line", line, "of all_pairs")
    return jax.vmap(f)(a, a)[:, None] * jnp.ones(b.shape)
''',
    "02": """\
import jax
import jax.numpy as jnp
from matplotlib.figure import Figure

def derivative(f, x, h=1e-3):
    return (jax.vmap(f)(x + h) - jax.vmap(f)(x - h)) / (2 * h)

def largest_gap(f, df, x):
    return max(abs(float(jax.grad(f)(v)) - float(df(v))) for v in x)

def plot(x):
    x = jnp.sort(x)
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, jnp.cos(x), label="cos")
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), "--", label="slope")
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    return figure
""",
    "03": """\
import os
import jax

def second_derivative(f):
    return lambda x: jax.grad(jax.grad(f))(float(x))

def nth_derivative(f, n):
    order, df = 0, f
    while order < n: df = jax.grad(f)
    return df

def largest_gap(f, d2f, x):
    os.abort()
""",
    "04": """\
import jax

def partial_x(f, x, y):
    raise ValueError("\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07 \\u202eback\\u202c \\r over")

def partial_y(f, x, y):
    return jax.numpy.zeros(1 << 25)

def gradient(f, x, y):
    return [jax.grad(f, argnums=0)(x, y), jax.grad(f, argnums=1)(x, y)]

def loss_and_gradient(loss, params, x, y):
    return loss(params, x, y), jax.grad(loss)(params, x, y)
""",
    "05": """\
import jax

def per_example_gradients(loss, params, x, y):
    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0)(params, x, y)
""",
    "06": """\
import torch

def loss_fn(params, x, y):
    return torch.mean((predict(params, x) - y) ** 2)

def train_step(params, x, y, learning_rate):
    return stepped(params, learning_rate), 0

predict = torch.nn.Linear(1, 1)

if __name__ == "__main__":
    def stepped(params, learning_rate):
        return params - learning_rate
""",
    "07_ensemble.ipynb": notebook(
        "import jax\nimport jax.numpy as jnp",
        "def init_ensemble(key, n_models):\n    return jnp.zeros((n_models, 2))",
        "def spread(params):\n    params += 1\n    return maximum(params, axis=0)",
        "class Red:\n    pass\nRed.__name__ = '\\x1b[31mRed'\n\n"
        "def converged(params, x, y, tolerance):\n    return Red()",
        "learned = train_ensemble(1, 2)\n\ndef train_ensemble():\n    return 1",
        "def ensemble_train_step(params, x, y, learning_rate):\n    slopes = params[:, 0]\n"
        "    raise NotImplementedError",
    ),
    "08": """\
import jax.numpy as jnp

def learning_rate_search(params, x, y, learning_rates, n_epochs):
    return learning_rates[0]

def ensemble_prediction(params, x):
    while True:
        print("training" * 100)

def personalize(x, y, learning_rate, n_epochs):
    return jnp.zeros((10**5, 10**5)) @ x

def log_likelihoods(samples, x, y, noise_scale):
    print("\\x1b[2J\\x1b[H100 / 100\\x07\\x9b31m", "\\u202eback")
    return jnp.logg(samples[:, 0])
""",
}

CASES = {
    "wrong value": "01_vmap.batched",
    "wrong shape": "01_vmap.batch_predict",
    "method loop": "01_vmap.ensemble_predict",
    "exception": "01_vmap.parallel_predict",
    "wrong dtype": "01_vmap.column_predict",
    "none": "01_vmap.double_batched",
    "printed": "01_vmap.all_pairs",
    "finite differences": "02_grad_vs_cos.derivative",
    "python float": "02_grad_vs_cos.largest_gap",
    "missing legend": "02_grad_vs_cos.plot",
    "not under jit": "03_second_derivative.second_derivative",
    "timeout": "03_second_derivative.nth_derivative",
    "crash": "03_second_derivative.largest_gap",
    "too large": "04_partial_derivatives.partial_y",
    "list for tuple": "04_partial_derivatives.gradient",
    "called twice": "04_partial_derivatives.loss_and_gradient",
    "syntax error": "05_per_example_gradients.per_example_gradients",
    "syntax error, another function": "05_per_example_gradients.batch_gradient",
    "import fails": "06_parallel_regression.predict",
    "name of a failed import": "06_parallel_regression.loss_fn",
    "name under the main guard": "06_parallel_regression.train_step",
    "all the same": "07_ensemble.init_ensemble",
    "exception in a notebook": "07_ensemble.spread",
    "notebook cell fails": "07_ensemble.train_ensemble",
    "unfinished": "07_ensemble.ensemble_train_step",
    "array for tuple": "08_scaling_up.learning_rate_search",
    "output flood": "08_scaling_up.ensemble_prediction",
    "memory": "08_scaling_up.personalize",
    "escapes printed": "08_scaling_up.log_likelihoods",
}
HOSTILE = {
    "escapes raised": "04_partial_derivatives.partial_x",
    "object with an escape for a name": "07_ensemble.converged",
}

#: What no student should ever have to read.
INSIDES = (
    "site-packages",
    "Traceback",
    "autograder/",
    "jaxercise",
    "hypothesis",
    "Hypothesis",
    "_pytest",
)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission that fails in the ways students do."""
    folder = write(tmp_path_factory.mktemp("failing"), FILES)
    return grade(folder, "--call-seconds", "4", what=property_files(IN_TURN))


each_function = pytest.mark.parametrize(
    "function", [pytest.param(name, id=case) for case, name in (CASES | HOSTILE).items()]
)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("case", "function"), [pytest.param(case, name, id=case) for case, name in CASES.items()]
)
def test_feedback_is_the_recorded_text(failing: Graded, case: str, function: str) -> None:
    """What a student reads is the text recorded for this failure, to the letter."""
    path = TEXTS / f"{case.replace(' ', '_').replace(',', '')}.txt"
    text = failing.feedback(function) + "\n"
    if REWRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


# A student's line that an exception came through is shown in full, however long it is.
@pytest.mark.in_turn
@each_function
def test_feedback_is_short(failing: Graded, function: str) -> None:
    """Nobody reads more than a few lines, nor lines that the terminal wraps."""
    lines = failing.feedback(function).splitlines()
    assert 2 <= len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST


@pytest.mark.in_turn
@each_function
def test_feedback_shows_nothing_of_the_insides(failing: Graded, function: str) -> None:
    """No traceback, no path into a library or the grader, and no line of the solution."""
    text = failing.feedback(function)
    assert not [word for word in INSIDES if word in text]
    told = [line for line in text.splitlines() if "   with" not in line]  # the call itself
    assert not [line for line in solution_lines() if line in "\n".join(told)]


# The texts of exceptions, and the names of types, are shown as they are.
@pytest.mark.in_turn
@each_function
def test_feedback_obeys_no_control_character(failing: Graded, function: str) -> None:
    """Escapes, bells and direction marks of student code never reach a terminal."""
    text = failing.feedback(function)
    assert [hex(ord(sign)) for sign in text if not sign.isprintable() and sign != "\n"] == []


def test_terminal_obeys_no_control_character(failing: Graded) -> None:
    """The whole output of a run holds nothing but printable signs and line ends."""
    signs = {sign for sign in failing.said if not sign.isprintable() and sign != "\n"}
    assert signs == set()
    assert "what to look at" in failing.out


def test_every_feedback_begins_with_function_points_and_verdict(failing: Graded) -> None:
    """The headline names the function, its points, what it could earn, and the verdict."""
    for name in {*CASES.values()} & {*failing.entries}:
        entry = failing.entries[name]
        headline = entry["output"].splitlines()[0]
        points = f"{entry['score']:g} / {entry['max_score']:g}"
        assert headline == f"{name}    {points}    {failing.verdict(name)}"


PRINTS = {
    "04": """\
import jax

def partial_y(f, x, y):
    print("printed by partial_y")
    return jax.gard(f, argnums=1)(x, y)

def gradient(f, x, y):
    return [jax.grad(f)(x, y), jax.grad(f, argnums=1)(x, y)]
""",
    "06": """\
import jax.numpy as jnp

def predict(params, x):
    print("printed by predict")
    return jnp.zeros(len(x))

def loss_fn(params, x, y):
    raise NotImplementedError

def train_step(params, x, y, learning_rate):
    return params - learning_rate, loss_fn(params, x, y)
""",
}


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A submission in which some wrong functions print and others do not."""
    folder = write(tmp_path_factory.mktemp("printing"), PRINTS)
    return grade(folder, what=property_files(EXERCISES[number] for number in PRINTS))


# What is left unread of one function's output is shown with the next one.
def test_printed_output_stays_with_its_function(printing: Graded) -> None:
    """A function that prints nothing is not shown what another one printed."""
    assert "printed by partial_y" in printing.feedback("04_partial_derivatives.partial_y")
    assert "Your code printed" not in printing.feedback("04_partial_derivatives.gradient")


# The smallest failure is one whose answer was remembered, so nothing is printed for it.
def test_printed_output_of_a_wrong_function_is_shown(printing: Graded) -> None:
    """What a wrong function printed stands below its feedback."""
    assert "printed by predict" in printing.feedback("06_parallel_regression.predict")


def test_a_function_that_uses_an_unwritten_one_is_told_which(printing: Graded) -> None:
    """A NotImplementedError of another function is not taken for one of its own."""
    text = printing.feedback("06_parallel_regression.train_step")
    assert "It uses loss_fn, which is not written yet" in text
    assert printing.verdict("06_parallel_regression.train_step") == "not attempted"


def test_every_recorded_text_belongs_to_a_failure() -> None:
    """No text lies in the folder that no test compares."""
    names = {f"{case.replace(' ', '_').replace(',', '')}.txt" for case in CASES}
    assert {path.name for path in TEXTS.glob("*.txt")} == names


def solution_lines() -> set[str]:
    """The lines between the solution markers that give something away, and are not a student's."""
    own = {line.strip() for text in FILES.values() for line in text.splitlines()}
    lines = set()
    for path in SOLUTIONS.glob("[0-9]*.py"):
        inside = False
        for line in path.read_text().splitlines():
            if "### END SOLUTION" in line:
                inside = False
            if inside and len(line.strip()) > 15:
                lines.add(line.strip())
            inside = inside or "### BEGIN SOLUTION" in line
    assert len(lines) > 40
    return lines - own
