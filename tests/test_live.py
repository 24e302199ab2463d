"""Checks in a session: what is defined there, judged as a file is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jaxercise.frontends.live.judge import SessionRunner
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import frames
from jaxercise.workers.runner import WorkerStoppedError
from notebook_kernel import SECONDS, Kernel
from running import COURSE, SUBMISSIONS, grade_once, left_behind, marked, marked_environment

pytest.importorskip("jupyter_client")

# In a plain Python session


def session(code: str, **environment: str) -> tuple[str, str]:
    """What a Python session prints, and the mark of its processes."""
    mark, folder = marked()
    script = folder / "session.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        env=marked_environment(mark, environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout, mark


@pytest.mark.nightly
def test_a_session_is_told_what_a_file_is_told() -> None:
    """Every function of every exercise: points, verdict and feedback, word for word."""
    submission = SUBMISSIONS / "typical_mistakes"
    batch = grade_once(str(submission))
    code = f"""
import runpy
for name in {COURSE.names()!r}:
    path = "{submission}/" + name + ".py"
    namespace = runpy.run_path(path, run_name="session")
    exec(f"from jaxercise import check_all\\ncheck_all({{name!r}})", namespace)
    print("=====")
"""
    said, _ = session(code)
    for name, part in zip(COURSE.names(), said.split("=====\n"), strict=False):
        for function, entry in batch.entries.items():
            if function.startswith(name) and entry["status"] == "failed":
                assert entry["output"] in part, part
        earned = sum(v for k, v in batch.scores.items() if k.startswith(name))
        assert re.search(rf"^total +{earned:g} /", part, re.MULTILINE), part


SURROUNDINGS = """
import jax, jax.numpy as jnp
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from jaxercise import check

def plot(x):
    figure, axes = plt.subplots()
    plt.subplots()
    print("drawing")
    axes.plot(x, jnp.cos(x), label="cos")
    axes.plot(x, jax.vmap(jax.grad(jnp.sin))(x), label="sin'")
    axes.set_xlabel("x"), axes.set_ylabel("slope"), axes.legend()
    return figure

plt.figure(77)
before = {name: value for name, value in jax.config.values.items()}
check("plot")
assert jax.config.values == before, "settings"
print("open:", plt.get_fignums())
check("largest_gap")
check("02_grad_vs_cos.largest_gap")
check("derivativ")
check("plot.derivative")
largest_gap = derivative = None
def derivative(f, x): raise NotImplementedError
check("derivative")
check(derivative)
check(lambda x: x)
check("largest_gap")
from jaxercise import ask
ask(derivative, jnp.sin, [1, 3])
ask(derivative, "x^2", jnp.array([1.0, 3.0]), gives=[2, 7])
ask("derivative", f="x^2", x=jnp.array([1.0, 3.0]))
ask("derivative", "x^2", object())
"""


def test_a_session_stays_as_it_was_and_is_told_what_it_asks() -> None:
    """Settings and pictures of the session are its own; every question gets a sentence."""
    said, mark = session(SURROUNDINGS, JAX_PLATFORMS="cpu")
    assert "02_grad_vs_cos.plot    3 / 4    partly right" in said
    assert "figure(s) besides the returned one are left open" in said
    assert "| drawing" in said
    assert "open: [77]" in said
    for sentence in (
        "largest_gap is not defined here yet: run its cell first.",
        "No exercise asks for a function 'derivativ'. Is 02.derivative",
        "There is no exercise plot; there are 01_vmap,",
        "02_grad_vs_cos.derivative    0 / 5    not attempted",
    ):
        assert sentence in said, said
    assert said.count("02_grad_vs_cos.derivative    0 / 5    not attempted") == 2
    assert "No exercise asks for a function '<lambda>'." in said
    assert said.count("largest_gap is not defined here yet") == 3
    assert said.count("This cannot be asked. Write arrays as nested lists") == 2
    assert "Your example is not right: entry [1] of the answer is 7." in said
    assert said.count("is due    [2, 6]   (float32, shape (2,))") == 1
    assert left_behind(mark) == []


def test_a_name_of_two_exercises_is_asked_for_with_its_exercise() -> None:
    said, _ = session(
        "from jaxercise import ask, check, check_all\n"
        "def largest_gap(f, df, x): raise NotImplementedError\n"
        "check('largest_gap')\n"
        "check_all()\n"
        "ask('largest_gap', 'x', 'x', [1])\n"
        "def derivative(f, x): raise NotImplementedError\n"
        "check('largest_gap')\n"
    )
    assert "write check('02_grad_vs_cos.largest_gap') or check('03_second" in said
    assert "No exercise can be told from what is defined here." in said
    assert "write ask('02_grad_vs_cos.largest_gap', ...) or ask('03_second" in said
    assert "\n02_grad_vs_cos.largest_gap    0 / 5    not attempted\n" in said


def test_what_is_not_written_yet_is_told_from_what_uses_it() -> None:
    """The line of a stub is in the stub, and nothing stands above it that it hides."""
    said, _ = session(
        "import jax, jax.numpy as jnp\n"
        "from jaxercise import check\n"
        "def derivative(f, x):\n    '''The slope.'''\n    raise NotImplementedError\n"
        "def largest_gap(f, df, x):\n"
        "    return jnp.max(jnp.abs(derivative(f, x) - jax.vmap(df)(x)))\n"
        "check(derivative)\n"
        "check('02_grad_vs_cos.largest_gap')\n"
        "def derivative(f, x):\n    raise NotImplementedError\n    return jax.grad(f)(x)\n"
        "check(derivative)\n"
    )
    stub, user, hidden = said.split("02_grad_vs_cos.")[1:]
    assert stub.split("\n", 1)[0].endswith("not attempted")
    assert "still stands" not in stub
    assert "It uses derivative, which is not written yet: begin there." in user
    assert "A raise NotImplementedError still stands in derivative" in hidden


def test_a_function_does_not_use_itself() -> None:
    """Where it calls a method of its own name, or itself."""
    said, _ = session(
        "import jax.numpy as jnp\n"
        "from matplotlib.figure import Figure\n"
        "from jaxercise import check\n"
        "def plot(x):\n"
        "    figure = Figure()\n"
        "    axes = figure.subplots()\n"
        "    axes.plot(x, jnp.cos(x))\n"
        "    axes.plot(x, jnp.cos(x))\n"
        "    return figure\n"
        "check(plot)\n"
        "def nth_derivative(f, n): return nth_derivative(f, n - 1) if n > 0 else f\n"
        "check(nth_derivative)\n"
    )
    assert "no legend" in said
    assert "The answer is 0; expected 1." in said
    assert "It uses" not in said
    assert "It also uses" not in said


def test_a_file_that_is_being_graded_checks_nothing() -> None:
    """The check cells of a notebook that is handed in start no second grader."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    code = "from jaxercise import ask, check, check_all\ncheck('any')\ncheck_all()\nask('any')"
    exec(code, namespace)
    assert "jaxercise.frontends.live.kernel" not in sys.modules


# In a notebook's kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    started = Kernel(tmp_path_factory.mktemp("kernel"))
    started.run("import jax\nimport jax.numpy as jnp\nfrom jaxercise import check, check_all")
    yield started
    started.close()


def html(shown: list[dict[str, Any]]) -> str:
    """The one thing a check leaves in its cell."""
    assert len(shown) == 1, shown
    return str(shown[0]["text/html"])


def test_a_check_shows_html_and_then_that_all_is_well(kernel: Kernel) -> None:
    """What is defined now counts, not what was defined before, nor any file."""
    kernel.run("def derivative(f, x):\n    return jax.vmap(f)(x)")
    shown = kernel.run("check('derivative')")
    assert "<b>Likely cause:</b> This returns f itself at every entry" in html(shown)
    assert "0 / 5    wrong" in shown[0]["text/plain"]
    kernel.run("def derivative(f, x):\n    return jax.vmap(jax.grad(f))(x)")
    assert "All of its claims hold." in html(kernel.run("check('derivative')"))
    table = html(kernel.run("check_all()"))
    assert "<b>5 / 14</b>" in table
    assert table.count("not attempted") == 2


def test_lines_of_an_exception_are_named_by_their_cell(kernel: Kernel) -> None:
    kernel.run("def scale(x):\n    return x * undefined_factor")
    number = kernel.run("print(len(In) - 1)")[0]["text/plain"].strip()
    kernel.run("@jax.jit\ndef predict(params, x):\n    return scale(params)")
    said = html(kernel.run("check('predict')"))
    assert f"cell [{int(number) - 1}], line 2:  return x * undefined_factor" in said
    assert f"cell [{int(number) + 1}], line 3:  return scale(params)" in said
    assert "NameError" in said


def test_the_stop_button_stops_an_endless_loop(kernel: Kernel) -> None:
    """One sentence, no traceback; the next check works, and nothing is left of the last one."""
    kernel.run("def plot(x):\n    while True:\n        pass")
    said = html(kernel.run("check('plot')", stop_when="0 of 3 claims"))
    assert "Stopped. Nothing has been judged." in said
    kernel.run("def plot(x):\n    return x")
    assert "not a matplotlib Figure" in html(kernel.run("check('plot')"))


def test_what_a_session_says_is_no_markup(kernel: Kernel) -> None:
    kernel.run("def plot(x):\n    raise ValueError('<img src=x onerror=alert(1)>\\x1b[2J')")
    said = html(kernel.run("check('plot')"))
    assert "&lt;img src=x onerror=alert(1)&gt;" in said
    assert "<img" not in said
    assert "\x1b" not in said
    assert "&lt;b&gt;" in html(kernel.run("check('<b>')"))


# The judge believes no session


def test_answers_that_break_the_protocol_are_no_points() -> None:
    ours, theirs = os.pipe(), os.pipe()
    runner = SessionRunner(ours[0], theirs[1], frozenset({"plot"}))
    assert runner.load("", ()) == (frozenset({"plot"}), ())
    frames.send(ours[1], {"result": {"tuple": 3}, "calls": []}, {})
    with pytest.raises(WorkerStoppedError) as stopped:
        runner.call(Request("plot", ()))
    assert stopped.value.verdict == "forbidden"
    os.close(ours[1])
    with pytest.raises(frames.ClosedError):
        runner.scaling(Request("plot", ()), Request("plot", ()))


SHORTENED = """
import pathlib, runpy, tempfile

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "mine.py")
    path.write_text("\\n" * 30 + "def derivative(f, x):\\n    return 1 / 0\\n")
    mine = runpy.run_path(str(path), run_name="session")
    path.write_text("# starting over\\n")
    exec("from jaxercise import check\\ncheck('derivative')", mine)
"""


def test_a_file_shortened_since_it_was_run_does_not_break_the_check() -> None:
    """The line of an exception is not there any more: the exception is named all the same."""
    said, _ = session(SHORTENED)
    assert "ZeroDivisionError: division by zero." in said
    assert "mine.py, line 32" in said
