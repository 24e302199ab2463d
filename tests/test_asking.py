"""Inputs of students' own: read, checked against the signature, answered by the references."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jaxercise.__main__ import main
from jaxercise.claims.formulas import FormulaError, members
from jaxercise.claims.loading import load_exercise
from jaxercise.comparison import Expected, compare
from jaxercise.course import Course
from jaxercise.engine import Engine
from jaxercise.frontends.live.asking import OFF, answer
from jaxercise.grading.own_inputs import InputError, example, requests
from jaxercise.grading.references import Solutions
from jaxercise.grading.signatures import Signature, signature_of
from jaxercise.sandboxed.families import FAMILIES
from running import COURSE

SCALAR, PAIR, MODEL, LOSS = (0,), (0, 0), (1, 1), (1, 0, 0)


@pytest.mark.parametrize(
    ("text", "ranks", "formula"),
    [
        ("sin", SCALAR, "sin(x)"),
        ("2*(x+1)^2", SCALAR, "2 x^2 + 4 x + 2"),
        ("(1 + x) sin(2 x + x^2)", SCALAR, "(1 + x) sin(2 x + x^2)"),
        ("exp(-2.25x**2) - 3 tanh(0.5 x)", SCALAR, "exp(-2.25 x^2) - 3 tanh(0.5 x)"),
        ("a*b", PAIR, "x y"),
        ("x^2 y + sin(x - y)", PAIR, "x^2 y + sin(x - y)"),
        ("2 sum(weights features) + 1", MODEL, "2 sum_i w_i v_i + 1"),
        ("tanh(sum_i w_i v_i) + sum_i i w_i v_i", MODEL, "sum_i i w_i v_i + tanh(sum_i w_i v_i)"),
        ("(p_0 + p_1 x + p_2 x^2 - y)^2", LOSS, "(p(x) - y)^2 with p(x) = p_0 + p_1 x + ..."),
        ("y sum_i p_i^2 - sin(p_0 x)", LOSS, "y sum_i p_i^2 - sin(p_0 x)"),
    ],
)
def test_a_formula_is_the_function_that_it_is_equal_to(
    text: str, ranks: tuple[int, ...], formula: str
) -> None:
    found = members(text, ranks)[-1]
    assert found.formula().partition(" = ")[2] == formula
    assert members(found.formula(), ranks)[-1].coefficients.tolist() == found.coefficients.tolist()


def test_every_term_that_the_grader_writes_can_be_read() -> None:
    for family in FAMILIES.values():
        for name in family.linear:
            whole = dict.fromkeys(set(family.coefficients) - set(family.linear), 1.0)
            due = family.vector(**whole, **{name: -1.5})
            text = repr(members(repr(_described(family, due)), family.ranks)[-1])
            assert text == repr(_described(family, due))


def _described(family: Any, coefficients: Any) -> Any:
    from jaxercise.sandboxed.families import Described

    return Described(family, coefficients)


@pytest.mark.parametrize(
    "text", ["exp(x)", "1/x", "z", "x +", "", "x; y", "__import__('os')", "9^9^9^9^9", "x" * 999,
             "(" * 150, "x.real", "sin(x, x)", "x if x else x"]
)  # fmt: skip
def test_what_is_no_function_of_the_graders_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        members(text, SCALAR)


def asked(name: str, *positional: Any, **named: Any) -> Any:
    """The first request of a call."""
    exercise, function = name.split(".")
    signature = signature_of(Solutions(COURSE.solution(exercise)).function(function))
    assert Signature.from_json(json.loads(json.dumps(signature.as_json()))) == signature
    found = load_exercise(COURSE, exercise).functions[function]
    return requests(found, signature, positional, named)[0]


def test_lists_become_float32_arrays_and_seeds_become_keys() -> None:
    (params,) = asked("07_ensemble.spread", [[0, 1], [2, 5]]).arguments
    assert params.dtype == np.float32
    assert params.tolist() == [[0, 1], [2, 5]]
    key, count = asked("07_ensemble.init_ensemble", 3, n_models=2).arguments
    assert (repr(key), count) == ("jax.random.key(3)", 2)
    request = asked("03_second_derivative.nth_derivative", "sin", 3, x=0.5)
    assert request.arguments[1] == 3
    assert request.result_arguments == (np.float32(0.5),)


@pytest.mark.parametrize(
    ("name", "positional", "named", "said"),
    [
        ("07_ensemble.spread", [[1, 2]], {}, "params has shape (2,); it has to be of shape (m, 2)"),
        ("07_ensemble.spread", [[[1, 2], [3]]], {}, "its rows differ in length"),
        ("07_ensemble.spread", ["ab"], {}, "params has to be an array of shape (m, 2)"),
        ("07_ensemble.spread", [[[True, False]]], {}, "are of type bool, and float32 is due"),
        ("07_ensemble.spread", [[[1, 2]], 3], {}, "2 arguments are given: too many"),
        ("07_ensemble.spread", [[[1, 2]]], {"params": 1}, "params is given twice"),
        ("07_ensemble.spread", [], {"x": 1}, "there is no x"),
        ("07_ensemble.spread", [np.zeros((0, 2))], {}, "it is empty"),
        ("07_ensemble.spread", [np.zeros((9999, 2))], {}, "of at most 10000"),
        ("07_ensemble.init_ensemble", [1.5, 2], {}, "key has to be a key, by its seed"),
        ("07_ensemble.init_ensemble", [1, True], {}, "n_models has to be an integer; it is True"),
        ("02_grad_vs_cos.derivative", ["sin"], {}, "not given: x (an array of shape (n,)"),
        ("02_grad_vs_cos.derivative", [[1], [1]], {}, "f has to be a function, by its formula"),
        ("02_grad_vs_cos.derivative", ["z", [1]], {}, "there is no z in it"),
        ("06_parallel_regression.loss_fn", [[0, 0], [[1], [2]], [1]], {},
         "y has shape (1,), which is (n,), so n is 1; but in x n is 2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_signature_is_told(
    name: str, positional: Any, named: Any, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        asked(name, *positional, **named)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ([0.33, 2], None), ([0.3333333, 2], None), ([0.3, 2], "value"), ([0.33, 2.1], "value"),
        ([0.32, 2], "value"), ([[0.33, 2]], "shape"), ("a", "type"), ({"a": 1}, "structure"),
        (np.array([1 / 3, 2]), None), ([1 / 3, 2.00001e-5], "value"), ([None, 2], "structure"),
    ],
)  # fmt: skip
def test_an_example_is_right_to_the_decimals_it_is_written_with(given: Any, kind: Any) -> None:
    own, due = example(given, Expected.exactly(np.array([1 / 3, 2]), 1e-7))
    difference = compare(own, due)
    assert (difference and difference.kind) == kind


def test_what_is_due_is_shown_after_the_students_own_example() -> None:
    """A wrong example hears nothing of what is due; a right one is told what it is worth."""
    spread = load_exercise(COURSE, "07_ensemble").functions["spread"]
    plot = load_exercise(COURSE, "02_grad_vs_cos").functions["plot"]
    with Engine(COURSE) as engine:
        plain = answer(engine, spread, [[[0, 1], [2, 5]]], {})
        wrong = answer(engine, spread, [[[0, 1], [2, 5]]], {}, [[2, 3]])
        right = answer(engine, spread, [[[0, 1], [2, 5]]], {}, [[2, 4]])
        poor = answer(engine, spread, [[[0, 0]]], {}, [[0, 0]])
        with pytest.raises(InputError, match="plot returns no numbers"):
            answer(engine, plot, [[1]], {})
    assert plain == [
        "  spread(params)   with   params = [[0, 1], [2, 5]]",
        "  is due    [2, 4]   (float32, shape (2,))",
    ]
    assert wrong[0] == (
        "Your example is not right: entry [1] of the answer is 3. That is not what is due."
    )
    assert "4" not in "".join(wrong)
    assert right[:3] == ["Your example is right.", *plain]
    more, fewer = (int(said[3].split()[3]) for said in (right, poor))
    assert more > fewer


def test_a_course_can_switch_it_off(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(COURSE.autograder, root / "autograder", ignore=_no_engine)
    shutil.copytree(COURSE.solutions, root / "solutions")
    (root / "pyproject.toml").write_text("[tool.jaxercise]\nask = false\n")
    done = subprocess.run(
        [sys.executable, "-m", "jaxercise", "ask", "--course", str(root), "07.spread", "[[0, 1]]"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, f"jaxercise ask: {OFF}\n")
    assert Course.at(root).settings.table(["07_ensemble"])["ask"] is False  # so do packs of it


def _no_engine(folder: str, names: list[str]) -> set[str]:
    return {"jaxercise"} & set(names)


@pytest.mark.parametrize("words", [["gives=[0, 0]"], ["--gives", "[0, 0]"]])
def test_in_a_terminal_gives_may_be_written_as_in_a_session(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(_: Any, function: Any, values: Any, named: Any, gives: Any) -> list[str]:
        return [f"{function.name} {values} {named} {gives}"]

    monkeypatch.setattr("jaxercise.frontends.live.asking.answer", told)
    monkeypatch.chdir(COURSE.root)
    assert main(["ask", "spread", "params=[[0, 1]]", *words]) == 0
    assert capsys.readouterr().out == "spread [] {'params': [[0, 1]]} [[0, 0]]\n"
