"""Where a watched course is shown: a page that is drawn anew, or plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.console import Console
from rich.text import Text

from jaxercise.frontends.reports.descent import descent
from jaxercise.frontends.reports.feedback import feedbacks, points
from jaxercise.frontends.reports.next_step import finished
from jaxercise.frontends.reports.table import table
from jaxercise.frontends.watch import texts
from jaxercise.frontends.watch.state import Place, State
from jaxercise.verdicts import FunctionResult, Verdict

KEYS = {"h": "hint", "n": "next", "e": "everything", "q": "quit"}
#: Signs of a function's state: done, not yet right, not written, being judged.
_SIGNS = tuple("✓✗·…")
_PLAIN_SIGNS = tuple("+x.~")
_CLEAR = "\x1b[H\x1b[2J"
_CLEAR_LINE = "\r\x1b[2K"


def screen(step: Callable[[Sequence[FunctionResult]], str], *, keys: bool) -> Screen:
    """The one that standard output allows.

    Args:
        step: what is to be done next, as a line.
        keys: whether keys are read.
    """
    console = Console(highlight=False)
    if sys.stdout.isatty() and not console.is_dumb_terminal:
        return Page(console, step, keys=keys)
    return Lines(step)


class Lines:
    """Plain lines, each said once: for a file, a pipe, a terminal that cannot do more."""

    def __init__(self, step: Callable[[Sequence[FunctionResult]], str]) -> None:
        self._step = step
        self._said: object = None
        self._begun = False

    def update(self, state: State) -> None:
        if not self._begun and state.complete:
            self._begun = True
            self._say([*table(state.known()), *self._next(state)])
        if state.saved is None or state.saved is self._said or not state.settled:
            return
        self._said = state.saved
        lines = texts.saved(state)
        told = [state.results[place] for place in state.saved.functions]
        lines += [line for one in feedbacks(told) for line in ("", *one.splitlines())]
        if told:
            lines += ["", _total(state), *self._next(state)]
        self._say(lines)

    def show(self, text: str, state: State) -> None:
        self._say([text])

    def everything(self) -> None:
        self._begun = False

    def tick(self, state: State) -> None:
        pass

    def close(self) -> None:
        pass

    def _next(self, state: State) -> list[str]:
        known = state.known()
        return [
            *(descent() if finished(state.course, state.exercises.values(), known) else ()),
            self._step(known),
        ]

    def _say(self, lines: Sequence[str]) -> None:
        print("\n".join(lines), flush=True)


class Page:
    """A page: the course's progress, the function at hand, and the keys."""

    def __init__(
        self, console: Console, step: Callable[[Sequence[FunctionResult]], str], *, keys: bool
    ) -> None:
        self._console = console
        self._step = step
        self._keys = keys
        self._everything = False
        self._size = console.size
        self._since = 0.0
        unicode = (console.encoding or "").lower().startswith("utf")
        self._signs = _SIGNS if unicode else _PLAIN_SIGNS

    def update(self, state: State) -> None:
        """Something has changed."""
        if state.hint:
            self._draw(state, state.hint.splitlines())
        elif self._everything and state.saved is None:
            self._draw(state, _all(state))
        else:
            self._everything = False
            self._draw(state)

    def show(self, text: str, state: State) -> None:
        """Show a text in place of the function at hand, until something else happens."""
        self._draw(state, text.splitlines())

    def everything(self) -> None:
        """Show what there is to say of all functions, likewise, once all of them are judged."""
        self._everything = True

    def tick(self, state: State) -> None:
        """A while has passed."""
        if self._console.size != self._size:
            self.update(state)
        elif state.working:
            self._write(_CLEAR_LINE, [self._status(state)])

    def close(self) -> None:
        """Leave the page as it is, ready for what comes after."""
        self._write(_CLEAR_LINE, [])

    def _draw(self, state: State, shown: Sequence[str] = ()) -> None:
        self._size = self._console.size
        if not state.working:
            self._since = 0.0
        elif not self._since:
            self._since = time.monotonic()
        progress = [*self._progress(state), Text()]
        known = state.known()
        body = [Text(line) for line in shown] or self._at_hand(state)
        if (
            not shown
            and not state.working
            and finished(state.course, state.exercises.values(), known)
        ):
            body = [Text(line, "green") for line in descent()]
        rest = [
            *body,
            Text(),
            Text(self._step(state.known()), "cyan") if state.complete else Text(),
        ]
        status = self._status(state)
        if self._height([*progress, *rest]) >= self._size.height:  # the verdict stays in view
            progress = [self._headline(state), Text()]
        self._write(_CLEAR, [*progress, *rest, status])

    def _height(self, lines: Sequence[Text]) -> int:
        return len(self._console.render_lines(Text("\n").join(lines), pad=False))

    def _write(self, before: str, lines: Sequence[Text]) -> None:
        """All at once, so that nothing flickers; the last line is left open."""
        with self._console.capture() as captured:
            self._console.print(Text("\n").join(lines), end="")
        self._console.file.write(before + captured.get())
        self._console.file.flush()

    def _progress(self, state: State) -> list[Text]:
        width = max(map(len, state.exercises))
        most = max(len(one.functions) for one in state.exercises.values())
        lines = [self._headline(state)]
        for name, exercise in state.exercises.items():
            places = [(name, function) for function in exercise.functions]
            results = [state.results[place] for place in places if place in state.results]
            line = Text(f"  {name:<{width}}  ", "bold" if name in (state.at_hand or ())[:1] else "")
            for place in places:
                line.append(*self._sign(state, place))
            line.append(" " * (2 + most - len(places)), "")
            line.append(_points(results, sum(c.points for c in exercise.claims)), "")
            lines.append(line)
        return lines

    def _headline(self, state: State) -> Text:
        return Text.assemble(
            (state.course.settings.title or state.course.root.name, "bold"),
            "   ",
            (_total(state), "bold cyan"),
        )

    def _sign(self, state: State, place: Place) -> tuple[str, str]:
        done, wrong, stub, working = self._signs
        result = state.results.get(place)
        if place in state.working or result is None:
            return working, "cyan"
        if result.verdict == Verdict.PASSED:
            return done, "green"
        return (stub, "dim") if result.verdict == Verdict.NOT_ATTEMPTED else (wrong, "yellow")

    def _at_hand(self, state: State) -> list[Text]:
        lines = [Text(line, "dim") for line in texts.saved(state)]
        lines += [Text()] if lines else []
        if state.at_hand is None:
            return lines
        head, *rest = texts.about(state, state.at_hand)
        if state.at_hand in state.working and state.at_hand in state.results:
            before = Text("Before this save:", "dim")
            return [*lines, before, *(Text(line, "dim") for line in (head, *rest))]
        style = "yellow" if state.is_open(state.at_hand) else "green"
        return [*lines, Text(head, f"bold {style}"), *map(Text, rest)]

    def _status(self, state: State) -> Text:
        keys = Text("   ").join(
            Text.assemble((key, "bold"), " ", what) for key, what in KEYS.items()
        )
        line = keys if self._keys else Text("Ctrl-C ends it")
        if state.working:
            seconds = int(time.monotonic() - self._since)
            waited = f", {seconds} s" if seconds else ""
            line = Text.assemble(line, f"   judging {state.working[0][1]}{waited} ...")
        line.truncate(max(10, self._console.width - 1), overflow="ellipsis")
        return line


Screen: TypeAlias = Lines | Page


def _all(state: State) -> list[str]:
    """All there is to say of a course's functions, with the table."""
    results = state.known()
    lines = [line for one in feedbacks(results) for line in (*one.splitlines(), "")]
    return [*lines, *table(results)] if results else []


def _total(state: State) -> str:
    """The course's points."""
    of = sum(claim.points for one in state.exercises.values() for claim in one.claims)
    return _points(state.known(), of).strip()


def _points(results: Sequence[FunctionResult], of: float) -> str:
    return f"{points(sum(result.points for result in results)):>5} / {points(of)}"
