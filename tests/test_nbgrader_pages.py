"""nbgrader's pages: what a student has written in Markdown is shown, and not obeyed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import nbgrader
import pytest
from jaxercise.frontends.nbgrader.config import configure
from jaxercise.frontends.nbgrader.grading import write_result
from jaxercise.frontends.nbgrader.pages import FeedbackPages
from jaxercise.verdicts import Finding, FunctionResult, Outcome, Picture, Series, Verdict
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from running import ROOT
from traitlets.config import Config

TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"
TABLE = ("table", "thead", "tbody", "tr", "th", "td")
LIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=' &#106;ava\tscript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt\\:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](https://example.org/seen.png)",
    "# <img src=x onerror=alert(1)>",
    "| a |\n| - |\n| <script>alert(1)</script> |",
    "`$<script>alert(1)</script>$` $x<script>alert(1)</script>$",
    "<style>body{display:none}</style><base href=//example.org><form action=//example.org>",
    "</div></div><meta http-equiv=refresh content=0;url=//example.org>",
]


class Tags(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))


def page(template: str, markdown: str, exporter: type[HTMLExporter] = HTMLExporter) -> str:
    """A page of nbgrader's about a text of the student's, an answer and a test cell."""
    config = Config()
    configure(config, str(ROOT / "nbgrader_config.py"), str(ROOT))
    picture = Picture("axes", "Seen", (Series("expected", "due", axes=((3, "n"),)),))
    finding = Finding("value", "The answer is <b>2</b>; expected 1.", picture=picture)
    outcome = Outcome("01_vmap", "batched", "claim", Verdict.WRONG, 0.0, 2.0, "So.", finding)
    test = new_code_cell("check('batched')", id="test")
    write_result(test, FunctionResult("01_vmap", "batched", [outcome]), 0)
    about = {"grade": True, "solution": False, "locked": True, "task": False, "points": 2}
    test.metadata["nbgrader"] = about | {"grade_id": "test_batched", "score": 0, "comment": None}
    answer = new_code_cell("def batched(f, x): ...", id="answer")
    answer.metadata["nbgrader"] = about | {"grade": False, "solution": True, "locked": False}
    answer.metadata["nbgrader"] |= {"grade_id": "batched", "comment": "No response."}
    notebook = new_notebook(cells=[new_markdown_cell(markdown, id="text"), answer, test])
    made = exporter(
        config=config,
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES.parent / "static/node_modules/bootstrap/dist/css")],
    )
    resources = {
        "nbgrader": {"notebook": "01_vmap", "score": 0, "max_score": 2, "late_penalty": 0},
        "index": 0, "total": 1, "inlining": {"css": []},
    }  # fmt: skip
    found: str = made.from_notebook_node(notebook, resources)[0]
    return found


def test_the_table_of_contents_names_functions() -> None:
    found = page("feedback", "", FeedbackPages)
    assert '<a href="#test_batched">batched</a> (Score: 0.0 / 2.0)' in found
    assert '<a href="#comment-batched">Comment on batched</a>' in found
    assert not {">Comment<", ">Test cell<"} & set(re.findall(r">[^<]*<", found))


@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_what_students_write_in_markdown_is_not_live(template: str) -> None:
    """Nothing runs, is loaded or leads to a script; our own feedback keeps its look."""
    usual = page(template, "# A title\n\nSome *text*, $a < b$, and [a link](https://jax.dev).")
    assert '<a href="https://jax.dev"' in usual
    assert "<em>text</em>" in usual
    assert "border-left:4px solid" in usual
    assert '<svg aria-label="Seen" role="img"' in usual  # sorted on its way
    assert "$a &lt; b$" in usual
    known = set(Tags(usual).found)  # the templates have scripts of their own
    for written in LIVE:
        shown = page(template, written)
        for tag, attributes in Tags(shown).found:
            if (tag, attributes) in known:
                continue
            assert tag in ("a", "h1", "p", "span", "code", *TABLE), written
            for name, value in attributes:
                assert not name.startswith("on"), written
                reached = "".join((value or "").split()).lower()
                assert not reached.startswith(("javascript", "data:text")), written
        assert shown.count("<script") == usual.count("<script"), written
