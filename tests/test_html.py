"""Feedback as HTML: it says what the text says, and obeys nothing that a submission says."""

from html.parser import HTMLParser

import pytest
from jaxercise.frontends.reports.html import feedback_html, results_html
from jaxercise.verdicts import Finding, FunctionResult, Outcome, Verdict

HOSTILE = "<script>alert('x')</script><img src=x onerror=y>\x1b[2J\u202e&amp;\"'"
TAGS = {"b", "br", "div", "li", "pre", "span", "table", "tbody", "td", "th", "thead", "tr", "ul"}


class Reading(HTMLParser):
    """The tags and the text of a fragment; every tag that needs it is closed."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.text = ""
        self.feed(markup)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def result(*outcomes: tuple[str, Finding | None], name: str = "derivative") -> FunctionResult:
    return FunctionResult(
        "02_grad_vs_cos",
        name,
        [
            Outcome("02_grad_vs_cos", name, f"test_{i}", Verdict(verdict),
                    2.0 * (verdict == "passed"), 2.0, f"Claim number {i}.", finding)
            for i, (verdict, finding) in enumerate(outcomes)
        ],
    )  # fmt: skip


WRONG = Finding(
    "value",
    "the answer is 0; expected 3",
    call="derivative(f, x)",
    inputs=("f(x) = x^2", "x = [1]"),
    returned="0",
    expected="3",
    lines=(("02_grad_vs_cos.py", 7, "return f(x)"),),
    printed="so far",
    diagnosis="This returns f itself.",
)


def test_feedback_says_what_the_text_says():
    said = Reading(feedback_html(result(("wrong", WRONG), (Verdict.WAITING, None)))).text
    for text in (
        "02_grad_vs_cos.derivative", "0 / 4", "wrong", "Claim: Claim number 0.",
        "derivative(f, x)", "with  f(x) = x^2", "with  x = [1]", "returned  0", "expected  3",
        "The answer is 0; expected 3.", "Likely cause: This returns f itself.",
        "02_grad_vs_cos.py, line 7:  return f(x)", "so far",
        "2 more can be earned once this holds",
    ):  # fmt: skip
        assert text in said


def test_a_function_that_is_right_says_so():
    said = Reading(feedback_html(result(("passed", None)))).text
    assert "2 / 2" in said
    assert "All of its claims hold." in said


def test_a_fault_of_the_graders_is_not_the_students():
    markup = results_html([result(("internal", Finding("internal", "Traceback ...")))])
    said = Reading(markup).text
    assert "This says nothing about your answer" in said
    assert "this total is no score" in said


@pytest.mark.parametrize("kind", ["wrong", "error", "internal"])
def test_nothing_a_submission_says_is_obeyed(kind):
    hostile = Finding(
        "value", HOSTILE, call=HOSTILE, inputs=(HOSTILE,), returned=HOSTILE, expected=HOSTILE,
        lines=((HOSTILE, 1, HOSTILE),), printed=HOSTILE, diagnosis=HOSTILE,
    )  # fmt: skip
    markup = results_html([result((kind, hostile), ("wrong", Finding("value", HOSTILE + "2")),
                                  name=HOSTILE)])  # fmt: skip
    reading = Reading(markup)
    assert reading.tags <= TAGS
    assert reading.names <= {"style", "colspan"}
    assert "\x1b" not in markup
    assert "\u202e" not in markup
    assert "<script>alert('x')</script>" in reading.text  # as text


def test_the_table_has_every_function_and_the_total():
    done = result(("passed", None))
    wrong = result(("wrong", WRONG), name="largest_gap")
    said = Reading(results_html([done, wrong])).text
    assert said.count("02_grad_vs_cos.largest_gap") == 1
    assert "02_grad_vs_cos.derivative" not in said  # feedback where there is something to mend
    for text in ("✓ done", "✗ wrong", "largest_gap", "total", "2 / 4"):
        assert text in said


def test_a_fault_of_the_whole_file_is_said_once():
    fault = Finding("file", "02.py, line 3, is not Python")
    both = [result(("error", fault)), result(("error", fault), name="plot")]
    assert Reading(results_html(both)).text.count("is not Python") == 1
