"""What is told of a missing name, of the lines of an exception, and of a vmap forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxercise.engine import Engine
from jaxercise.frontends.reports.feedback import feedbacks
from jaxercise.grading.hints import about_exception, words_of
from jaxercise.grading.unknown_names import about_name
from jaxercise.sandboxed.calling import PassedFunction
from jaxercise.sandboxed.families import BINARY, MODEL, SCALAR, Described
from jaxercise.sandboxed.results import describe_exception
from jaxercise.submission import Source, read_submission
from jaxercise.submission.source_text import problem
from jaxercise.verdicts import Verdict
from jaxercise.workers.remote import _TAIL, RemoteRunner, _whole_lines
from jaxercise.workers.runner import Raised
from running import COURSE

# Names


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x", "not given to second, but to the function that it returns"),
        ("lost", "lost could not be read: line 3 is not Python."),
        ("example", "under `if __name__ == ...`, which grading leaves out"),
        ("late", "The file stops in line 1, before late is defined: ModuleNotFoundError"),
        ("np", "`import numpy as np` at the top of the file"),
        ("anything", ""),
    ],
)
def test_a_name_that_is_not_defined_is_told_why(name: str, told: str) -> None:
    """Where the file shows it."""
    source = Source(
        Path("01.py"),
        (),
        {"late": "written", "__main__.example": "written"},
        None,
        True,
        lost={"lost": "line 3 is not Python."},
    )
    frames = (("01.py", 1, "import torch"),)
    errors = [Raised("ModuleNotFoundError", "No module named 'torch'", frames)]
    sentence = f"NameError: name '{name}' is not defined. Did you mean: 'axes'?"
    said = about_name(sentence, "second", ("x",), source, errors)
    assert told in said
    assert bool(told) == bool(said)


IMPORTS = """\
import jax.numpy as jnp
import torch

def init_ensemble(key, n_models):
    return torch.randn(n_models, 2)

def train_ensemble(params, x, y, learning_rate, n_epochs):
    return torch.optim.SGD(params, learning_rate)

def spread(params):
    import sklearn_extra.spread
    return params

def converged(params, x, y, tolerance):
    import sklearn_extra.spread
    return params

scale = torch.ones(2)

def ensemble_train_step(params, x, y, learning_rate):
    return params * scale
"""


def test_what_is_not_installed_is_told_once(tmp_path: Path) -> None:
    """By one of the functions that want it, with the line of the import and its own."""
    (tmp_path / "07_ensemble.py").write_text(IMPORTS)
    names = ["07_ensemble"]
    with Engine(COURSE) as engine:
        results = engine.grade(read_submission(tmp_path, COURSE.functions(names)), names)
    assert {one.verdict for one in results} == {Verdict.ERROR}
    first, second = feedbacks(results)
    assert first.startswith("07_ensemble.init_ensemble")
    assert "`import torch` failed: ModuleNotFoundError: No module named 'torch'." in first
    assert "not installed where your code runs" in first
    assert [line.strip() for line in first.splitlines() if ", line " in line] == [
        "07_ensemble.py, line 2:  import torch",
        "07_ensemble.py, line 5:  return torch.randn(n_models, 2)",
    ]
    assert second.startswith("07_ensemble.spread")
    assert "ModuleNotFoundError: No module named 'sklearn_extra'" in second


def raised(function: Callable[[], Any], sources: dict[str, list[str]] | None = None) -> Raised:
    """What a function raises, as it is told."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function()
    item = describe_exception(caught.value, sources or {})
    frames = tuple((one["file"], one["line"], one["code"]) for one in item["frames"])
    return Raised(item["type"], item["message"], frames)


def misspelt() -> Any:
    features = 1
    return feature + features  # type: ignore[name-defined]  # noqa: F821


def another_case() -> Any:
    return Jax.vmap  # type: ignore[name-defined]  # noqa: F821


def nothing_like_it() -> Any:
    return qqqqqq  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "meant"),
    [
        (misspelt, "features"),
        (another_case, "jax"),
        (lambda: jax.vmpa, "vmap"),
        (lambda: jnp.vmap, "jax.vmap"),
        (lambda: np.grad, "jax.grad"),
        (lambda: jax.mean, "jax.numpy.mean"),
        (nothing_like_it, ""),
        (lambda: jnp.ones(2).map, ""),
    ],
)
def test_a_name_is_asked_after_that_may_be_meant(function: Callable[[], Any], meant: str) -> None:
    """As Python does below a traceback, and for names of JAX's in its other modules."""
    message = raised(function).message
    assert message.partition(". Did you mean: ")[2] == (f"'{meant}'?" if meant else "")


def test_an_array_is_called_one() -> None:
    """And not by the name of its class."""
    assert words_of(raised(lambda: jnp.ones(2).map)).endswith(
        "'array' object has no attribute 'map'"
    )


# Lines


def test_the_line_of_the_graded_function_stands_however_deep_the_exception_is() -> None:
    """It comes first; of those of helpers the last ones are told."""
    lines = ["def f(n): return g(n)", "def g(n): return g(n - 1) if n else [].pop()"]
    names: dict[str, Any] = {}
    exec(compile("\n".join(lines), "01.py", "exec"), names)
    frames = raised(lambda: names["f"](9), {"01.py": lines}).frames
    assert [line for _, line, _ in frames] == [1, 2, 2, 2]


STACK = """printed before
Timeout (0:00:03)!
Thread 0x00007f (most recent call first):
  File "/usr/lib/jax/api.py", line 9 in cache
  File "01.py", line 2 in g
  File "01.py", line 1 in f
  File "01.py", line 7000000 in f
  File "01.py", line 99999999999999999999 in f
  File "02.py", line 1 in f
"""


def test_a_stack_tells_lines_of_the_students_own_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever stands in it: student code can print one as well."""
    asked = object.__new__(RemoteRunner)
    asked._file = "01.py", ["def f(): return g()\n    while True: pass"]
    deep = STACK.replace(
        "  File", '  File "/usr/lib/jax/core.py", line 7 in bind\n' * 90 + "  File", 1
    )
    monkeypatch.setattr(RemoteRunner, "_printed", lambda self, most: deep[-most:])
    told = (("01.py", 1, "def f(): return g()"), ("01.py", 2, "while True: pass"))
    assert asked._lines() == told
    assert asked._output() == "printed before\n"


def test_of_a_flood_whole_lines_are_shown() -> None:
    """It is cut off where it had become too much."""
    flood = "training\n" * 999 + "trai"
    assert set(_whole_lines(flood[-_TAIL:]).splitlines()) == {"training"}
    assert _whole_lines("first\nsecond\nthi") == "first\nsecond\n"
    assert _whole_lines("no end") == "no end"


# Shapes


def passed(family: Any) -> Callable[..., Any]:
    return PassedFunction(Described(family, family.vector())).as_function()


ROW, TABLE = jnp.ones(3), jnp.ones((3, 3))
SHAPES: dict[str, tuple[Callable[[], Any], str]] = {
    "called": (lambda: passed(SCALAR)(ROW), "The whole batch arrives at once"),
    "gradient": (lambda: jax.grad(passed(SCALAR))(ROW), "The whole batch arrives at once"),
    "one vmap of two": (lambda: jax.vmap(passed(BINARY))(TABLE, TABLE), "takes one axis away"),
    "below grad": (lambda: jax.vmap(jax.grad(passed(SCALAR)))(TABLE), "takes one axis away"),
    "an argument whole": (
        lambda: jax.vmap(passed(MODEL), in_axes=(None, 0))(TABLE, TABLE),
        "takes one axis away",
    ),
    "what is shared": (lambda: jax.vmap(passed(MODEL))(ROW, TABLE), "An axis is gone"),
    "in another order": (lambda: passed(MODEL)(ROW, ROW[0]), "stand in the function's order"),
    "under jit": (lambda: jax.jit(passed(SCALAR))(ROW), "too many axes, or too few"),
    "another axis": (
        lambda: jax.vmap(passed(MODEL), in_axes=(None, 0))(ROW, jnp.ones((2, 4))),
        "Which axis of the table counts",
    ),
}


@pytest.mark.parametrize("case", list(SHAPES))
def test_a_batch_where_one_example_is_due_is_told_with_what_takes_it_apart(case: str) -> None:
    """No vmap, one too few, or one that maps what is shared."""
    function, told = SHAPES[case]
    assert told in about_exception(raised(function))


# Syntax


@pytest.mark.parametrize("line", ["return x", "break"])
def test_what_stands_too_far_left_is_to_be_indented(line: str) -> None:
    said = problem(f"def f(x):\n    x = 1\n{line}\n", "01.py")
    assert said is not None
    assert said.startswith("01.py, line 3, is not Python (")
    assert "). Indent it, to be inside of one.\n" in said
    assert "Indent" not in (problem("x = (1", "01.py") or "Indent")


def test_a_tab_is_named_for_it_cannot_be_seen() -> None:
    """The caret stands where the line as it is shown has its fault."""
    said = problem("def f(x):\n    y = x\n\treturn y +\n", "01.py")
    assert said is not None
    assert "indented by a tab: use spaces alone" in said
    *_, line, caret = (problem("def f(x):\n\treturn (x\n", "01.py") or "").split("\n")
    assert line[caret.index("^")] == "("
