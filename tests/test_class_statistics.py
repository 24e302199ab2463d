"""What the report says about a class as a whole: items, misconceptions over time, code alike."""

from __future__ import annotations

import ast
import datetime
import random
from pathlib import Path

import numpy as np
import pytest
from jaxercise.authoring.new import begin_course
from jaxercise.frontends.batch import report
from jaxercise.frontends.batch.judge import Job, Judge
from jaxercise.frontends.batch.keys import Settings
from jaxercise.frontends.batch.lateness import Lateness
from jaxercise.frontends.batch.records import Record, Store
from jaxercise.frontends.batch.report.equal_code import SMALLEST, Likeness
from jaxercise.frontends.batch.report.statistics import (
    item_rest_correlations,
    periods,
    shares,
)
from jaxercise.submission.fingerprints import RUN, covered, fingerprints, places
from jaxercise.verdicts import Finding, Outcome, Verdict
from running import COURSE, ROOT

START = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)

LONG = """
def fit(model, params, x, y, steps):
    '''Train.'''
    def loss(p):
        return jnp.mean((jax.vmap(model, (None, 0))(p, x) - y) ** 2)
    for step in range(steps):
        gradient = jax.grad(loss)(params)
        params = params - 0.1 / (1 + step) * gradient
    return params, loss(params)
"""
DISGUISED = """
def fit(m, w, inputs, targets, n: int) -> Any:
    # my very own way
    def error(q: Array):
        return jnp.mean(
            (jax.vmap(m, (None, 0))(q, inputs) - targets) ** 2  # squared
        )

    for k in range(n):
        slope = jax.grad(error)(w)
        w = (w - 0.1 / (1 + k) * slope)
    return (w, error(w))
"""


def test_names_comments_and_layout_make_no_difference() -> None:
    """What is done does, wherever it stands; and a short body has nothing to compare."""
    kept = fingerprints([LONG])
    assert kept == fingerprints(["x = 1", DISGUISED])
    assert len(places(kept["fit"])) >= 10
    other = fingerprints([LONG.replace("0.1 / (1 + step)", "0.2")])
    equal = places(kept["fit"]).keys() & places(other["fit"]).keys()
    assert 0 < len(equal) < len(places(kept["fit"]))
    assert fingerprints(["def f(x, y):\n    return jax.vmap(jax.vmap(g))(x, y)"]) == {}
    assert covered([0, 2, 100]) == 2 * RUN + 2
    assert fingerprints(["def f(:", "def g(x):\n    return " + "-" * 3000 + "x"]) in ({}, {"g": ""})


def test_a_run_of_equal_tokens_is_found_wherever_it_stands() -> None:
    """Of 13 equal tokens one run of 10 is kept, whatever stands around them."""
    piece = "total = jnp.sum(a[1:] * b[:-1], axis=0) + 17"
    before = [f"q{i} = g{i}(3, {i}) - 4" for i in range(9)]
    texts = []
    for order in (before[:4], before[5:]):
        lines = [*order[:2], piece, *order[2:]]
        texts.append("def f(a, b):\n" + "".join(f"    {line}\n" for line in lines))
    one, other = (places(fingerprints([text])["f"]) for text in texts)
    assert covered([one[run] for run in one.keys() & other.keys()]) >= 13


def _bodies() -> dict[str, list[str]]:
    """Fingerprints of many answers to each function of this course, as different people write."""
    found: dict[str, list[str]] = {}
    for name in COURSE.names():
        stub = (COURSE.exercises / f"{name}.py").read_text()
        asked = {one.name for one in ast.parse(stub).body if isinstance(one, ast.FunctionDef)}
        for folder in ("autograder/variants", "tests/blind/right", "tests/blind/wrong"):
            for function, kept in fingerprints(
                [(ROOT / folder / f"{name}.py").read_text()]
            ).items():
                base = function.partition("__")[0]
                if base in asked:
                    found.setdefault(f"{name}.{base}", []).append(kept)
    return found


BODIES = _bodies()


def _class(size: int, seed: int) -> list[dict[str, str]]:
    """Students who write independently; some answers are liked more than others."""
    rng = random.Random(seed)
    return [
        {
            name: rng.choices(kept, [(i + 1) ** -0.5 for i in range(len(kept))])[0]
            for name, kept in BODIES.items()
        }
        for _ in range(size)
    ]


def _pairs(students: list[dict[str, str]], groups: dict[int, str] | None = None) -> list[set[str]]:
    likeness = Likeness()
    for number, prints in enumerate(students):
        likeness.add(str(number), prints, (groups or {}).get(number, ""))
    return [set(pair.students) for pair in likeness.pairs()]


@pytest.mark.parametrize(("size", "seed"), [(8, 1), (30, 2), (30, 3), (100, 4), (400, 5)])
def test_who_writes_alone_is_paired_with_nobody_and_who_copies_is(size: int, seed: int) -> None:
    """Of hundreds of independent students no two are named; one who takes four fifths is."""
    students = _class(size, seed)
    assert _pairs(students) == []
    rng = random.Random(seed)
    students[1] |= {name: kept for name, kept in students[0].items() if rng.random() < 0.8}
    assert _pairs(students) == [{"0", "1"}]
    assert _pairs(students, {0: "group 7", 1: "group 7"}) == []  # they have handed in together
    assert _pairs(students[: SMALLEST - 1]) == []  # too few to tell


def test_what_many_have_is_no_likeness() -> None:
    """A page from which a third of the class has learned says nothing about two of them."""
    students = _class(30, 6)
    for one in students[:10]:
        one |= students[0]
    assert _pairs(students) == []


def test_the_judge_leaves_out_what_the_stub_gives(tmp_path: Path) -> None:
    """A record keeps what was written, not what was handed out."""
    course, _ = begin_course(tmp_path / "course", "01_topic")
    stub = course.exercises / "01_topic.py"
    given = LONG.replace("fit", "given")
    stub.write_text(f"{stub.read_text()}\nimport jax, jax.numpy as jnp\n{given}")
    own = LONG.replace("fit", "own").replace("0.1", "0.3")
    files = {"01_topic.py": f"{stub.read_text()}\n{own}".encode()}
    judge = Judge(Settings(str(course.root), sandbox=False))
    try:
        prints = judge.grade(Job("key", "digest", files))["prints"]
    finally:
        judge.close()
    assert set(prints) == {"01_topic.own"}
    alone = places(fingerprints([own])["own"])
    assert places(prints["01_topic.own"]).keys() == alone.keys() - places(
        fingerprints([LONG])["fit"]
    )


def test_how_functions_go_with_the_rest() -> None:
    """Pearson's correlation with the points for all others; none where nobody differs."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 3)) + rng.normal(size=(40, 1))
    earned = [dict(zip("abc", row, strict=True)) | {"same": 2.0} for row in points.tolist()]
    found = item_rest_correlations(earned)
    assert set(found) == set("abc")
    assert found["a"] == pytest.approx(np.corrcoef(points[:, 0], points[:, 1:].sum(1))[0, 1])
    assert item_rest_correlations(earned[:4]) == {}
    assert item_rest_correlations([{"a": 1.0}] * 9) == {}


def test_when_a_misconception_was_held() -> None:
    """By eighths of the time between the first and the last, of what came in each of them."""
    times = {str(n): START + datetime.timedelta(hours=n) for n in (0, 0.5, 1, 7, 8)}
    borders = periods(times.values())
    assert (len(borders), borders[0], borders[-1]) == (9, START, times["8"])
    assert shares(["0", "8", "unknown"], times, borders) == [0.5, 0, *[None] * 5, 0.5]
    assert periods([START, START]) == periods([]) == []


def test_the_report_tells_all_of_it_and_no_student(tmp_path: Path) -> None:
    """In its page, with what it is not; a student's page has nothing of it."""
    store = Store(tmp_path)
    store.open()
    students = _class(SMALLEST, 9)
    students[1] = students[0]
    for number, prints in enumerate(students):
        named = Finding("value", "no", misconception="sign", diagnosis="The sign is kept.")
        outcomes = tuple(
            Outcome("01_vmap", function, "claim", verdict, points, 4.0, "So.", finding)
            for function, verdict, points, finding in (
                ("f", Verdict.PASSED if number % 2 else Verdict.WRONG, 4.0 * (number % 2),
                 None if number % 2 else named),
                ("g", Verdict.PASSED, float(number % 2), None),
            )
        )  # fmt: skip
        store.write(Record(f"s{number}", "k", "f", "graded", outcomes=outcomes, prints=prints))
    handed_in = {
        f"s{number}": Lateness(START + datetime.timedelta(hours=number))
        for number in range(SMALLEST)
    }
    said = report.write(store, handed_in, "class")
    assert "code alike in 1 pair(s) of submissions" in said
    page = (tmp_path / "report.html").read_text()
    assert '<td class="n">1.00</td>' in page  # f goes with g
    assert 'aria-label="Over time"' in page
    assert "no proof" in page
    row = next(
        line for line in page.split("<tr>") if "equal tokens" not in line and "/s1.html" in line
    )
    assert "/s0.html" in row
    assert "08_scaling_up." in row
    own = (tmp_path / "feedback" / "s1.html").read_text()
    assert "alike" not in own
    assert "s0" not in own
