"""`jaxercise watch`: what is judged after a save, in a terminal and without one."""

from __future__ import annotations

import dataclasses
import queue
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from jaxercise.claims.claims import Claim
from jaxercise.engine import Engine
from jaxercise.frontends.reports.choices import only
from jaxercise.frontends.watch.changes import touched, with_used
from jaxercise.frontends.watch.judging import Event, Failed, Judged, Judging
from jaxercise.grading.exercise import Diagnostician, Named
from jaxercise.grading.session import Session
from jaxercise.submission import Source, read_submission
from jaxercise.verdicts import FunctionResult, Verdict
from running import COURSE, RUN_SECONDS, grade, left_behind, marked, marked_environment
from terminal import Terminal

NAME = "04_partial_derivatives"
FILE = f"{NAME}.py"
CHOSEN = "04.partial_x,04.partial_y,04.gradient"
HEAD = "import jax\n"
PARTIAL_X = "def partial_x(f, x, y):\n    return jax.grad(f)(x, y)\n"
PARTIAL_Y = "def partial_y(f, x, y):\n    return jax.grad(f, argnums=1)(x, y)\n"
GRADIENT = "def gradient(f, x, y):\n    return partial_x(f, x, y), partial_y(f, x, y)\n"
WRONG = "def partial_y(f, x, y):\n    return jax.grad(f)(x, y)\n"
ENDLESS = "def partial_x(f, x, y):\n    while True:\n        pass\n"
WATCH = (sys.executable, "-m", "jaxercise", "watch", "--only", CHOSEN)

# What a save has changed


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Source | None]:
    """Reads a text as the exercise's script."""

    def one(text: str) -> Source | None:
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        return read_submission(tmp_path, [NAME]).source(NAME, FUNCTIONS)

    return one


FUNCTIONS = ("one", "two", "three", "four")
SCRIPT = """
import jax
half = 0.5
def helper(x): return x * half
def one(x): return helper(x)
def two(x): return one(x)
def three(x): return x
four = jax.jit(three)
if __name__ == "__main__":
    print(one(1))
"""


@pytest.mark.parametrize(
    ("old", "new", "due"),
    [
        ("return x * half", "return half * x", "one two"),  # and what uses it by another
        ("return one(x)", "return one(x + 0)", "two"),
        ("def three(x): return x\n", "def three(x): return +x\n", "one two three four"),
        ("half = 0.5", "half = 0.25", "one two three four"),
        ("def two(x): return one(x)\n", "", "two"),
        ("return one(x)", "return one(x", "two"),
        ("print(one(1))", "print(one(2))", ""),
        ("def two", "# a remark\n\n\ndef two", ""),
    ],
)
def test_what_changes_is_judged_with_what_uses_it(
    read: Callable[[str], Source | None], old: str, new: str, due: str
) -> None:
    """Where what stands outside of functions changes, or uses what does, that is everything."""
    assert old in SCRIPT
    assert touched(read(SCRIPT), read(SCRIPT.replace(old, new)), FUNCTIONS) == tuple(due.split())


def test_another_file_is_another_everything(read: Callable[[str], Source | None]) -> None:
    source = read(SCRIPT)
    assert touched(None, source, FUNCTIONS) == FUNCTIONS
    assert touched(source, None, FUNCTIONS) == FUNCTIONS
    assert touched(None, None, FUNCTIONS) == ()


def test_functions_are_judged_with_those_they_use_that_are_wrong() -> None:
    assert with_used(["d"], {"d": ["c"], "c": ["b", "a"]}, {"c", "a"}) == {"d", "c", "a"}


# What two lanes come to


def test_values_and_methods_are_judged_side_by_side_as_one_after_the_other(tmp_path: Path) -> None:
    """Of wrong values, of a wrong method, by a wrong function that is used, of a stub."""
    called_twice = "def loss_and_gradient(l, p, x, y): return l(p, x, y), jax.grad(l)(p, x, y)\n"
    wrong_x = PARTIAL_X.replace("(x, y)\n", "(x, -y)\n")
    (tmp_path / FILE).write_text(HEAD + wrong_x + GRADIENT + called_twice, encoding="utf-8")
    judged: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with Engine(only(COURSE, [NAME])) as engine:
        due = engine.grade(read_submission(tmp_path, COURSE.functions([NAME])))
        judging = Judging(engine, tmp_path, judged.put)
        judging.start()
        found: dict[str, FunctionResult] = {}
        while len(found) < len(due):
            event = judged.get(timeout=RUN_SECONDS)
            assert not isinstance(event, Failed)
            if isinstance(event, Judged):
                found[event.result.function] = event.result
        judging.close()
    assert {one.verdict for one in due} == {Verdict.WRONG, Verdict.ERROR, Verdict.NOT_ATTEMPTED}
    assert any(o.verdict == Verdict.WAITING for one in due for o in one.outcomes)
    for one in due:
        own = found[one.function]
        assert [(o.claim, o.verdict, o.points, o.finding) for o in own.outcomes] == [
            (o.claim, o.verdict, o.points, o.finding) for o in one.outcomes
        ]


def test_what_a_new_save_ends_is_judged_again_and_not_told(tmp_path: Path) -> None:
    """The other file is saved while a cause is looked for: without it, nothing was found out."""
    other = "03_second_derivative"
    (tmp_path / FILE).write_text(HEAD + WRONG, encoding="utf-8")
    (tmp_path / f"{other}.py").write_text(HEAD, encoding="utf-8")
    judged: queue.SimpleQueue[Event] = queue.SimpleQueue()
    looked_for: list[str] = []
    with Engine(only(COURSE, [NAME, other])) as engine:
        judging = Judging(engine, tmp_path, judged.put)
        make = judging._grader.diagnostician
        assert make is not None

        def interrupted(claims: Sequence[Claim]) -> Diagnostician:
            real = make(claims)

            class Interrupted:
                close = staticmethod(real.close)

                def diagnose(self, claim: Claim, session: Session) -> Named | None:
                    looked_for.append(claim.name)
                    if len(looked_for) > 1:
                        return real.diagnose(claim, session)
                    judging.saved([other])
                    return None

            return Interrupted()

        judging._grader = dataclasses.replace(judging._grader, diagnostician=interrupted)
        judging.start()
        told: list[FunctionResult] = []
        while len(told) < sum(map(len, COURSE.functions([NAME, other]).values())):
            event = judged.get(timeout=RUN_SECONDS)
            assert not isinstance(event, Failed)
            if isinstance(event, Judged):
                told.append(event.result)
        judging.close()
    (wrong,) = (one for one in told if one.function == "partial_y")
    assert len(looked_for) == 2
    assert any(o.finding is not None and o.finding.misconception for o in wrong.outcomes)


# In a terminal


class Watching(Terminal):
    """A terminal with a shell that runs the command in it."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder = folder
        environment = marked_environment(mark)
        kept = ("PATH", "PYTHONPATH", "JAXERCISE_CACHE", "TMPDIR")
        settings = [f"{name}={environment[name]}" for name in kept if name in environment]
        command = [*WATCH, "--submission", str(folder), "--call-seconds", "60"]
        sized = ["env", "-u", "COLUMNS", "-u", "LINES", "LC_ALL=C.UTF-8"]
        line = f"{shlex.join([*sized, *settings, *command])}; echo ended with $?"
        super().__init__(110, 45, "-c", str(COURSE.root), "env", "PS1=", "sh")
        self.press(line, "Enter")

    def shows(self, *texts: str, seconds: float = RUN_SECONDS, without: str = "") -> str:
        return super().shows(*texts, seconds=seconds, without=without)

    def write(self, *parts: str) -> None:
        """Save the exercise, as editors do: the new file takes the place of the old one."""
        new = self.folder / f"{FILE}~"
        new.write_text("\n\n".join((HEAD, *parts)), encoding="utf-8")
        new.replace(self.folder / FILE)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[Watching, str]]:
    """A terminal in which an untouched exercise is watched, and the mark of its processes."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    shutil.copy(COURSE.exercises / FILE, tmp_path)
    mark, _ = marked()
    made = Watching(tmp_path, mark)
    try:
        yield made, mark
    finally:
        made.close()


def test_a_student_works_with_it_in_a_terminal(terminal: tuple[Watching, str]) -> None:
    """Progress, verdicts, keys; an endless loop is left for the next save; it ends cleanly."""
    page, mark = terminal
    page.shows("The grader starts")
    page.shows("0 / 7", "···", f"{NAME}.partial_x    0 / 2    not attempted")
    page.shows("Start with ", "q quit")
    page.write(PARTIAL_X)
    page.shows(f"{NAME} saved. partial_x: done", "✓··", "2 / 7", "Next: partial_y")
    page.write(PARTIAL_X, WRONG, GRADIENT)
    page.shows("partial_y: wrong; gradient: partly right", f"{NAME}.partial_y    0 / 2    wrong")
    page.write(ENDLESS, PARTIAL_Y, GRADIENT)
    page.shows(
        "Before this save:", "judging partial_x, 1 s"
    )  # it might go on for 60 s and as many more
    page.write(PARTIAL_X, PARTIAL_Y, GRADIENT.replace("partial_y(f", "partial_x(f"))
    page.shows("done; gradient: partly right", "✓✓✗")
    page.press("e")
    page.shows("total ")
    page.press("n")
    page.shows(f"{NAME}.gradient    1 / 3    partly right", "expected ")
    page.press("h")
    page.shows(f"{NAME}.gradient: hint 1 of 3")
    page.write(PARTIAL_X, PARTIAL_Y, GRADIENT)
    page.shows("gradient: done", "7 of 7.")
    page.press("q")
    page.shows("ended with 0")
    assert left_behind(mark) == []


def test_ctrl_c_ends_it_in_the_midst_of_a_loop(terminal: tuple[Watching, str]) -> None:
    """The terminal is as it was before: what is typed is shown again."""
    page, mark = terminal
    page.shows("q quit")
    page.write(ENDLESS)
    page.shows("judging partial_x, 1 s")
    page.press("C-c")
    page.shows("ended with 0")
    page.press("echo typed", "Enter")
    page.shows("echo typed")
    assert left_behind(mark) == []


# Without one


def test_without_a_terminal_it_says_what_pytest_says(tmp_path: Path) -> None:
    """Plain lines: the points, verdict and feedback of the other doors. An interrupt ends it."""
    mark, _ = marked()
    (tmp_path / FILE).write_text("\n\n".join((HEAD, PARTIAL_X)), encoding="utf-8")
    process = subprocess.Popen(
        [*WATCH, "--submission", str(tmp_path)],
        cwd=COURSE.root,
        env=marked_environment(mark),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []

    def until(text: str) -> None:
        assert process.stdout is not None
        while not lines or text not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], lines

    with process:
        until("Next: partial_y")
        text = "\n\n".join((HEAD, PARTIAL_X, WRONG, GRADIENT))
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        until("saved. partial_y: wrong; gradient: partly right")
        until("Next: partial_y (wrong)")
        process.send_signal(signal.SIGINT)
        assert process.wait(RUN_SECONDS) == 0
    assert left_behind(mark) == []
    said = "".join(lines)
    assert "\x1b" not in said
    graded = grade(tmp_path, "--only", CHOSEN)
    for name in ("partial_y", "gradient"):
        assert graded.feedback(f"{NAME}.{name}") in said
    assert "\n3 / 7\n" in said
    assert sum(graded.scores.values()) == 3
