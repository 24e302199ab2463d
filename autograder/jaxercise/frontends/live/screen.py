"""Where a check shows its progress and its result: a notebook's output, or a terminal."""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

from jaxercise.frontends.reports.feedback import feedback, feedbacks, headline
from jaxercise.frontends.reports.html import feedback_html, results_html
from jaxercise.frontends.reports.next_hint import Hint
from jaxercise.frontends.reports.table import table
from jaxercise.verdicts import FunctionResult


def screen() -> Screen:
    """The one that this session has."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return Notebook() if hasattr(shell, "kernel") else Terminal()


class Notebook:
    """The output of a cell, in Jupyter, VS Code or Colab: each word takes the place of the last."""

    def __init__(self) -> None:
        self._handle: Any = None

    def progress(self, what: str, done: int, of: int) -> None:
        """How far it is: so many claims, of so many; of none while the grader starts."""
        amount = f' value="{done}" max="{of}"' if of else ""
        said = f"checking {html.escape(what)}: {done} of {of} claims" if of else html.escape(what)
        self._display(f'<div><progress{amount} style="width:16em"></progress> {said}</div>')

    def say(self, sentence: str) -> None:
        """Why there is no result."""
        self._display(f"<div>{html.escape(sentence)}</div>")

    def tell(self, lines: Sequence[str]) -> None:
        """What was asked for, line by line."""
        text = "\n".join(lines)
        self._display(f'<pre style="white-space:pre-wrap">{html.escape(text)}</pre>', text)

    def show(self, results: Sequence[FunctionResult], *, whole: bool) -> None:
        """The result: of one function, or of a whole exercise with the table."""
        shown = results_html(results) if whole else "".join(map(feedback_html, results))
        self._display(shown, _text(results, whole))

    def hint(self, hint: Hint) -> None:
        from IPython.display import display

        marked = f"**{hint.title}**\n\n{hint.text}\n\n*{hint.after}*"
        display({"text/markdown": marked, "text/plain": str(hint)}, raw=True)  # type: ignore[no-untyped-call]

    def _display(self, markup: str, text: str = "") -> None:
        from IPython.display import display

        data = {"text/html": markup, "text/plain": text or "checking ..."}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)


class Terminal:
    """Plain text, for sessions that show no HTML: the result alone."""

    def progress(self, what: str, done: int, of: int) -> None:
        pass

    def say(self, sentence: str) -> None:
        print(sentence)

    def tell(self, lines: Sequence[str]) -> None:
        print("\n".join(lines))

    def show(self, results: Sequence[FunctionResult], *, whole: bool) -> None:
        print(_text(results, whole))

    def hint(self, hint: Hint) -> None:
        print(hint)


Screen: TypeAlias = Notebook | Terminal


def _text(results: Sequence[FunctionResult], whole: bool) -> str:
    if whole:
        return "\n".join([*"\n\n".join(feedbacks(results)).splitlines(), "", *table(results)])
    return "\n".join(feedback(result) or headline(result) for result in results)
