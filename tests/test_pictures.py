"""Pictures of wrong answers: what they show, and that pages show them alike, light and dark."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from jaxercise.claims.pictures import View, curves, line, overlaid
from jaxercise.claims.texts import input_texts
from jaxercise.comparison import Expected, compare
from jaxercise.engine import references
from jaxercise.frontends.reports.html import feedback_html
from jaxercise.frontends.reports.pictures import picture_html
from jaxercise.grading.pictures import Seen, drawn, tells_of_shapes
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire.trees import FigureData
from jaxercise.verdicts import Finding, FunctionResult, Outcome, Picture, Series, Verdict
from jaxercise.workers.runner import Raised
from running import COURSE

HOSTILE = "</title><script>alert(1)</script>\x1b[2J\"'"


def read(picture: Picture) -> ElementTree.Element:
    """A picture as a page has it; it keeps to what is safe, and to what is read on any page."""
    markup = picture_html(picture)
    root = ElementTree.fromstring(markup)
    assert {one.tag for one in root.iter()} <= {
        "svg", "title", "rect", "text", "line", "path", "circle",
    }  # fmt: skip
    for one in root.iter():
        assert not any(name.startswith("on") or name.endswith("href") for name in one.attrib)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext("title")
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', markup))
    assert not colours & {"black", "white", "#000", "#fff"}
    assert "nan" not in markup
    assert len(markup) < 20_000
    return root


def texts(picture: Picture) -> list[str]:
    return [one.text or "" for one in read(picture).iter("text")]


def refused(value: Any, expected: Any, *arguments: Any, function: str, drawing: Any = None) -> Any:
    """The picture of a wrong answer of the course's."""
    exercise, name = function.split(".")
    from jaxercise.claims.loading import load_exercise

    parameters = load_exercise(COURSE, exercise).functions[name].parameters
    due = Expected.exactly(expected, 1e-6)
    seen = Seen(Request(name, arguments), parameters, value, due, compare(value, due), drawing)
    return drawn(seen, references(COURSE, exercise))


def view(
    returned: Any, expected: Any, index: tuple[int, ...], due: Any = None, **given: Any
) -> View:
    arrays = [np.asarray(one, np.float64) for one in (returned, expected)]
    return View(given, *arrays, (), index, due or (lambda changed: None))


def test_a_table_is_shown_beside_the_one_that_is_due():
    due = np.arange(40, dtype=np.float64).reshape(5, 8) - 20
    mine = due.astype(np.float32)
    mine[2, 3] = np.nan
    picture = refused(mine, due, function="02_grad_vs_cos.derivative")
    assert (picture.kind, picture.mark) == ("tables", (2.0, 3.0))
    assert [one.role for one in picture.series] == ["returned", "expected"]
    assert picture.series[0].rows[2][3] is None
    assert picture.series[1].rows == tuple(map(tuple, due.tolist()))
    assert any("crossed" in text for text in texts(picture))


def test_of_a_large_table_the_first_difference_is_kept():
    due = np.zeros((3, 500, 40))
    mine = due.astype(np.float32)
    mine[1, 123, 17] = 5
    picture = refused(mine, due, function="02_grad_vs_cos.derivative")
    row, column = map(int, picture.mark)
    assert picture.series[0].rows[row][column] == 5
    assert sum(value == 5 for one in picture.series[0].rows for value in one) == 1
    read(picture)


def test_small_arrays_stay_text():
    mine = np.zeros((3, 4), np.float32)
    assert refused(mine, mine + 1.0, function="02_grad_vs_cos.derivative") is None


def test_a_long_vector_is_a_curve_over_its_entries():
    due = np.sin(np.linspace(0, 6, 50))
    mine = due.astype(np.float32)
    mine[30] = 9
    picture = refused(mine, due, function="02_grad_vs_cos.derivative")
    assert picture.kind == "curves"
    assert picture.mark[0] == 30
    assert any("first difference" in text for text in texts(picture))


def test_values_along_an_argument_are_curves_over_it():
    """The right one is filled in between few places, where somebody can tell it."""
    filled = []

    def due(changed: Any) -> Any:
        filled.append(changed["x"].shape)
        return changed["x"].ravel() ** 2

    x = np.array([[3], [1], [2]], np.float32)
    seen = view([9, 2, 4], [9, 1, 4], (1,), due, x=x)
    picture = curves(x="x")(seen)
    assert picture is not None
    right, mine = picture.series
    assert filled == [(49, 1)]
    assert len(right.rows[0]) == 49
    assert (mine.rows, mine.joined) == (((1.0, 2.0, 3.0), (2.0, 4.0, 9.0)), False)
    assert picture.mark == (1.0, 1.0)
    read(picture)
    assert curves(x="x")(view([1, 2], [1, 1], (1,), x=x)) is None  # not along x


def test_a_line_is_drawn_over_its_points():
    x, y = np.array([[[1.0], [2.0]], [[3.0], [5.0]]]), np.array([[1.0, 2.0], [7.0, 11.0]])
    seen = view([[1, 0], [2, 9]], [[1, 0], [2, 1]], (1, 1), x=x, y=y)
    picture = line(x="x", y="y")(seen)
    assert picture is not None
    points, right, mine = picture.series
    assert points.rows == ((3.0, 5.0), (7.0, 11.0))
    assert right.rows == ((3.0, 5.0), (7.0, 11.0))
    assert mine.rows == ((3.0, 5.0), (15.0, 19.0))
    read(picture)
    assert line(x="x", y="y", part=0)(seen) is None  # it is about another item of the answer
    assert line(x="x", y="y")(view([[1, 0]] * 2, [[1, np.inf]] * 2, (0, 1), x=x, y=y)) is None


@pytest.mark.parametrize(("rows", "told"), [(1, "It is the line"), (3, "Row 2 is the line")])
def test_a_line_over_many_points_is_told_in_words(rows: int, told: str):
    """With what it misses the points by: so many numbers cannot be read."""
    x = np.linspace(0, 1, 30)[:, None]
    due = np.tile([2.0, -1.0], (rows, 1))
    mine, y = due + np.array([0, 3]), np.tile(2 * x[:, 0] - 1, (rows, 1))
    if rows == 1:
        picture = line(x="x", y="y")(view(mine[0], due[0], (1,), x=x, y=y[0]))
    else:
        stacked = np.tile(x, (rows, 1, 1))
        picture = line(x="x", y="y")(view(mine, due, (2, 1), x=stacked, y=y))
    assert picture is not None
    assert picture.told == (
        f"{told} y = 2 x + 2, with the mean squared error 9; due is y = 2 x - 1, with the mean "
        "squared error 0"
    )
    few = line(x="x", y="y")(view(mine[0], due[0], (1,), x=x[:3], y=y[0, :3]))
    assert few is not None
    assert not few.told


def test_of_many_different_numbers_the_range_is_told():
    """Of those that are mostly alike, the corners."""
    x, ones = np.linspace(-1, 3, 80, dtype=np.float32)[:, None], np.ones(80, np.float32)
    told = input_texts(Request("fit", (x, ones, x[:5])), ("x", "y", "z"))
    assert told[0] == "x of shape (80, 1), from -1 to 3"
    assert told[1] == "y = [1, 1, ..., 1, 1] of shape (80,)"
    assert told[2].startswith("z = [[-1], ")


def test_a_figure_is_drawn_with_what_should_be_in_it():
    def curve(label: str, x: Any, y: Any) -> dict[str, Any]:
        return {"x": np.array(x), "y": np.array(y), "label": label}

    own = [curve(HOSTILE, [2.0, 0.0, 1.0], [5.0, np.inf, 4.0]), curve("", [1.0], [1.0, 2.0])]
    picture = overlaid(FigureData(curves=own), np.array([0.0, 2.0]), np.cos, "cos(x)")
    right, mine = picture.series
    assert len(right.rows[0]) > 50
    assert mine.rows == ((0.0, 1.0, 2.0), (None, 4.0, 5.0))
    assert "\x1b" not in picture_html(picture)
    assert any("<script>" in text for text in texts(picture))  # as a text


def test_axes_that_stay_in_the_answer_have_one_colour():
    weights, features = np.zeros(3, np.float32), np.zeros((3, 2), np.float32)
    arguments = (None, weights, features)
    name = "01_vmap.column_predict"
    picture = refused(np.zeros(3, np.float32), np.zeros(2), *arguments, function=name)
    assert [(one.role, one.axes) for one in picture.series] == [
        ("given", ((3, "d"),)),
        ("given", ((3, "d"), (2, "n"))),
        ("expected", ((2, "n"),)),
        ("returned", ((3, ""),)),
    ]
    coloured = [one.attrib["fill"] for one in read(picture).iter("text") if one.text == "n = 2"]
    assert len(coloured) == 2
    assert coloured[0] == coloured[1] != "currentColor"
    grey = [one.attrib["fill"] for one in read(picture).iter("text") if one.text == "d = 3"]
    assert grey == ["currentColor"] * 2


def test_an_exception_about_axes_shows_the_arguments():
    assert tells_of_shapes(Raised("ValueError", "vmap got inconsistent sizes for array axes"))
    assert not tells_of_shapes(Raised("TypeError", "'int' object is not callable"))
    houses = np.zeros((2, 3, 1), np.float32), np.zeros((2, 3), np.float32)
    seen = Seen(Request("fit", houses), ("x", "y"))
    picture = drawn(seen, references(COURSE, "06_parallel_regression"))
    assert picture is not None
    assert [one.role for one in picture.series] == ["given", "given", "expected"]
    assert "c = 2 of these" in texts(picture)


def test_what_cannot_be_drawn_costs_no_verdict():
    def broken(_: View | None) -> Picture:
        raise ZeroDivisionError

    mine = np.zeros(3, np.float32)
    assert refused(mine, mine + 1.0, function="02_grad_vs_cos.derivative", drawing=broken) is None
    own = Seen(Request("plot", (mine,)), ("x",), picture=lambda: broken(None))
    assert drawn(own, references(COURSE, "02_grad_vs_cos")) is None


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-30, 3e38, -5.0, None])
def test_any_numbers_can_be_shown(value: float | None) -> None:
    rows = ((value, 1.0), (value, value))
    for kind in ("tables", "curves"):
        series = tuple(Series(role, "x", rows) for role in ("returned", "expected"))
        for mark in ((), (1.0, 1.0)):
            read(Picture(kind, "t", series, mark))
    read(Picture("tables", "t", (Series("expected", "x", ((value,),)),)))


def test_a_picture_is_kept_and_shown_with_its_finding():
    picture = Picture(
        "axes", HOSTILE, (Series("given", HOSTILE, axes=((3, "n"),)),
                          Series("expected", "due", axes=((3, "n"), ("e", "e")))),
    )  # fmt: skip
    finding = Finding("shape", "wrong", call="f(x)", picture=picture)
    outcome = Outcome("01_vmap", "batched", "c", Verdict.WRONG, 0.0, 2.0, "So.", finding)
    again = Outcome.from_json(json.loads(json.dumps(outcome.as_json())))
    assert again == outcome
    assert hash(again.finding) == hash(finding)
    before = {name: one for name, one in asdict(outcome).items() if name != "finding"}
    old = asdict(finding)
    del old["picture"]  # as earlier versions have kept it
    assert Outcome.from_json(before | {"finding": old}).finding.picture is None
    shown = feedback_html(FunctionResult("01_vmap", "batched", [again]))
    assert shown.count('role="img"') == 1
    assert "<script" not in shown
