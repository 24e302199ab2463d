"""The pytest plugin: `pytest autograder/` grades what stands in `exercises/`.

A claim is a pytest item. The engine judges them side by side and ahead; an item waits for its
outcome and reports it. What is said about failures is the engine's own text: no traceback through
pytest, Hypothesis or JAX.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from jaxercise.cache.folders import worker_cache
from jaxercise.claims.claims import Claim, Exercise
from jaxercise.claims.overlay import lay_over
from jaxercise.course import Course, CourseError
from jaxercise.engine import Engine
from jaxercise.files import shown, write_whole
from jaxercise.frontends.pytest_plugin.options import refuse_foreign_settings
from jaxercise.frontends.pytest_plugin.unchanged import Unchanged
from jaxercise.frontends.reports import scores
from jaxercise.frontends.reports.choices import meant, only
from jaxercise.frontends.reports.descent import descent
from jaxercise.frontends.reports.feedback import feedbacks
from jaxercise.frontends.reports.next_step import finished, next_step
from jaxercise.frontends.reports.table import table
from jaxercise.grading.exercise import ExerciseGrading
from jaxercise.grading.pool import ExercisePool
from jaxercise.sandboxed.limits import Limits
from jaxercise.submission import Source, Submission, SubmissionError, read_submission
from jaxercise.trial import check_jax
from jaxercise.verdicts import FunctionResult, Outcome, Verdict, by_function
from jaxercise.versions import VersionError
from jaxercise.workers import forkservers

_LETTERS = {
    "passed": ".",
    "not attempted": "-",
    Verdict.WAITING: "-",
    "wrong": "w",
    "error": "e",
    "timeout": "t",
    "memory": "m",
    "crashed": "c",
    "forbidden": "x",
    "internal": "I",
}
_OUTCOME = "jaxercise"


def register(config: pytest.Config, course: Course) -> None:
    """Let pytest grade a course."""
    # Warnings are errors where the engine is tested; a student is not graded on a dependency's.
    config.addinivalue_line("filterwarnings", "ignore")
    gc.freeze()
    gc.set_threshold(50_000)
    # Its last hook imports Hypothesis, which is not needed where every draw is remembered.
    config.pluginmanager.unregister(name="hypothesispytest")
    config.pluginmanager.register(GradingPlugin(config, course), "jaxercise-plugin")


class GradingPlugin:
    """The hooks, with the state of one run."""

    def __init__(self, config: pytest.Config, course: Course) -> None:
        self.config = config
        self.course = course
        self.start = time.perf_counter()
        self.path: Path = config.getoption("--submission") or course.exercises
        self.in_process: bool = config.getoption("--in-process")
        self.scores: Path | None = config.getoption("--scores")
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.outcomes: list[Outcome] = []
        self.claims: list[Claim] = []
        self.gradings: dict[str, ExerciseGrading] = {}
        self.engine: Engine | None = None
        self.pool: ExercisePool | None = None
        self.unchanged: Unchanged | None = None
        self.known: dict[Claim, Outcome] = {}  # from an earlier run
        self.found: dict[Claim, Outcome] = {}  # in this one
        self.notes: list[str] = []
        self._judged: set[tuple[str, str]] = set()
        self._waiting: dict[str, str] = {}
        self._laid_over: set[Exercise] = set()
        self._check()

    def _check(self) -> None:
        try:
            check_jax(self.course, lambda line: print(line, file=sys.stderr))
            self.course = only(self.course, self.config.getoption("--only"))
            self.submission: Submission = read_submission(self.path, self.course.functions())
        except (CourseError, SubmissionError, VersionError) as error:
            forkservers.discard()
            raise pytest.UsageError(str(error)) from None
        self._check_surroundings()
        if self.config.option.collectonly:
            forkservers.discard()
            return
        self.engine = self._engine()

    def _engine(self) -> Engine:
        seconds: float = self.config.getoption("--call-seconds")
        return Engine(
            self.course,
            Limits.of_calls(seconds),
            device=self.config.getoption("--device"),
            cache=worker_cache(self.path),
            seed=self.config.getoption("--grading-seed"),
            in_process=self.in_process or self._distributing(),
            debug=self.in_process and bool(self.config.option.usepdb),
        )

    def _check_surroundings(self) -> None:
        refuse_foreign_settings(self.config, self.course)
        if self.scores is not None:
            try:
                scores.check_writable(self.scores)
            except OSError as error:
                forkservers.discard()
                why = error.strerror or error
                raise pytest.UsageError(f"--scores: cannot write {self.scores}: {why}") from None

    def pytest_report_header(self) -> list[str]:
        jax = importlib.metadata.version("jax")
        where = "in this process (for debugging only)" if self.in_process else "in worker processes"
        return [
            f"jaxercise: grading {shown(self.path)} with jax {jax} "
            f"on {self.config.getoption('--device')}, Python {platform.python_version()}, {where}"
        ]

    def pytest_pycollect_makeitem(
        self, collector: Any, obj: object
    ) -> list[pytest.Collector] | None:
        """Collect claims by their function, none that the course's settings drop, and give them
        their points."""
        claim = getattr(obj, "claim", None)
        if not isinstance(claim, Claim):
            return None
        exercise = claim.function.exercise
        if exercise not in self._laid_over:
            self._laid_over.add(exercise)
            try:
                lay_over(exercise, self.course.settings)
            except CourseError as error:
                raise pytest.Collector.CollectError(str(error)) from None
        mine = exercise.claims_about(claim.function.name)
        if claim not in mine[:1]:
            return []
        tests = {one.name: getattr(collector.obj, one.name) for one in mine}
        return [ClaimsOfFunction.from_parent(collector, name=claim.function.name, tests=tests)]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Of what was not right or not written, `--lf` leaves out what is still not written.

        Where nothing else is left of it, everything is looked at, as where nothing failed.
        """
        last = config.pluginmanager.get_plugin("lfplugin")
        if last is None or not config.getoption("lf"):
            return
        stubs = {item.nodeid: item for item in items if not self._is_attempted(item)}
        failed = {str(node): node for node in last.lastfailed}
        if any(item.nodeid in failed for item in items if item.nodeid not in stubs):
            items[:] = [item for item in items if item.nodeid not in stubs]
            config.hook.pytest_deselected(items=list(stubs.values()))
        else:
            for node in failed.keys() & stubs.keys():
                del last.lastfailed[failed[node]]

    def _is_attempted(self, item: pytest.Item) -> bool:
        """Whether a claim's function may be written, as far as the file can be read."""
        claim = _claim(item)
        if claim is None:
            return True
        name = claim.function.name
        source = self.submission.source(claim.function.exercise.name, {name})
        if source is None:
            return False
        spoilt = not source.readable or source.problem is not None or name in source.lost
        return spoilt or source.attempted({name})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.config.option.collectonly:
            return
        found = [_claim(item) for item in session.items]
        self.claims = [claim for claim in found if claim is not None]
        exercises = {claim.function.exercise.name: claim.function.exercise for claim in self.claims}
        assert self.engine is not None
        self.gradings = self.engine.gradings(self.submission, exercises.values())
        self.notes = self.submission.notes(
            {name: exercise.functions for name, exercise in exercises.items()}
        )
        if not (self.in_process or self.is_xdist_worker or self._distributing()):
            self.unchanged = self._unchanged()
            if self.unchanged is not None and not self.config.option.cacheclear:
                for name in self.gradings:
                    self.known |= self.unchanged.outcomes(*self._judged_of(name))
            selected = [
                (grading, claims)
                for name, grading in self.gradings.items()
                if not self.known.keys() & (claims := self._judged_of(name)[1])
            ]
            self.pool = ExercisePool(selected)

    def _unchanged(self) -> Unchanged | None:
        """What was found before; None where pytest is to remember nothing, or others are judged."""
        own = self.path.resolve() == self.course.exercises.resolve()
        if not own or not self.config.pluginmanager.hasplugin("cacheprovider"):
            return None
        names = ("--grading-seed", "--device", "--call-seconds")
        return Unchanged(self.course, [self.config.getoption(name) for name in names])

    def _judged_of(self, exercise: str) -> tuple[Source | None, list[Claim]]:
        """An exercise's file, and those of its claims that are judged in this run."""
        claims = [one for one in self.claims if one.function.exercise.name == exercise]
        return self._source(exercise), claims

    def _distributing(self) -> bool:
        return bool(getattr(self.config.option, "tx", None))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Report what the pool has found, and nothing else.

        pytest's own protocol turns capturing and logging on and off for each item, and what it
        looks at meanwhile changes under its hands, for its threads import and compile.
        """
        claim = _claim(item)
        if claim is None or self.pool is None:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for when in ("setup", "call", "teardown"):
            call = pytest.CallInfo.from_call(
                (lambda: self._take(item, claim)) if when == "call" else lambda: None,
                when,
                reraise=(KeyboardInterrupt, pytest.exit.Exception),
            )
            report = hook.pytest_runtest_makereport(item=item, call=call)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        claim = _claim(pyfuncitem)
        if claim is None:
            return None
        self._take(pyfuncitem, claim)
        return True

    def _take(self, item: pytest.Item, claim: Claim) -> None:
        """Wait for a claim's outcome, unless it is known, and let the item carry it."""
        outcome = self.known.get(claim)
        if outcome is None:
            judge = self.pool or self.gradings[claim.function.exercise.name]
            self.found[claim] = outcome = judge.outcome(claim)
        item.user_properties.append((_OUTCOME, outcome.as_json()))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        outcome = _outcome(report) if call.when == "call" else None
        if outcome is not None and call.excinfo is None and outcome.verdict != Verdict.PASSED:
            quiet = outcome.verdict in (Verdict.NOT_ATTEMPTED, Verdict.WAITING)
            report.outcome = "skipped" if quiet else "failed"
            text = outcome.finding.sentence if outcome.finding else outcome.verdict.value
            report.longrepr = ("", 0, text) if quiet else text
        return report

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        outcome = _outcome(report) if report.when == "call" else None
        if outcome is None:
            return None
        verdict = outcome.verdict
        # pytest keeps the category `error` for itself, and prints a traceback for it.
        category = "raised an exception" if verdict == Verdict.ERROR else verdict
        return category, _LETTERS[verdict], verdict.upper()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = _outcome(report) if report.when == "call" else None
        if outcome is None:
            return
        self.outcomes.append(outcome)
        if not _tried(outcome):
            self._waiting[report.nodeid] = f"{outcome.exercise}.{outcome.function}"
        self._judged.add((outcome.exercise, outcome.claim))
        if f"{outcome.exercise}.{outcome.function}" not in self._missing():
            self._write_scores()  # whatever ends the run, what was graded is on the disk

    def _missing(self) -> dict[str, float]:
        """The points of claims that have not been judged yet, by function."""
        missing: dict[str, float] = {}
        for claim in self.claims:
            function = claim.function
            if (function.exercise.name, claim.name) not in self._judged:
                name = f"{function.exercise.name}.{function.name}"
                missing[name] = missing.get(name, 0.0) + claim.points
        return missing

    def results(self) -> list[FunctionResult]:
        # Several processes (xdist) report in any order; exercises are shown in theirs.
        return by_function(sorted(self.outcomes, key=lambda outcome: outcome.exercise))

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        self._stop()  # before anything is printed

    @pytest.hookimpl(tryfirst=True, specname="pytest_sessionfinish")
    def pytest_remember_waiting(self) -> None:
        """Let `--lf` look at all claims of what is not right, and at what is not written yet.

        To pytest, what waits or is not attempted is skipped, and no failure.
        """
        last = self.config.pluginmanager.get_plugin("lfplugin")
        if last is None or self.is_xdist_worker:
            return
        failed = {result.name for result in self.results() if result.verdict != Verdict.PASSED}
        waiting = (node for node, function in self._waiting.items() if function in failed)
        last.lastfailed.update(dict.fromkeys(waiting, True))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self._write_scores()
        if exitstatus == pytest.ExitCode.OK and any(
            o.verdict != Verdict.PASSED for o in self.outcomes
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write_scores(self) -> None:
        if self.scores is None or self.is_xdist_worker:
            return
        seconds = time.perf_counter() - self.start
        content = scores.results_json(
            self.results(), seconds, missing=self._missing(), notes=self.notes
        )
        write_whole(self.scores, json.dumps(content, indent=1).encode())

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        results = self.results()
        if not results:
            self._tell_of_nothing(terminalreporter)
            return
        if self.notes:
            terminalreporter.section("mended in order to read it")
            terminalreporter.write("\n".join(self.notes) + "\n")
        texts = feedbacks(results)
        if texts:
            terminalreporter.section("what to look at")
            for text in texts:
                head, _, rest = text.partition("\n")
                terminalreporter.write(head + "\n", yellow=True, bold=True)
                terminalreporter.write(rest + "\n" * (1 + (text is not texts[-1])))
        terminalreporter.section("points")
        terminalreporter.write("\n".join(table(results)) + "\n")
        self._tell_of_known(terminalreporter)
        done = all(result.verdict == Verdict.PASSED for result in results)
        if finished(self.course, self._laid_over, results):
            terminalreporter.write("\n" + "\n".join(descent()) + "\n", green=True)
        step = next_step(results, self._source)
        terminalreporter.write(step + "\n", bold=True, green=done, cyan=not done)
        if any(result.verdict == Verdict.INTERNAL for result in results):
            terminalreporter.write_line(
                "The grader itself failed (INTERNAL above): this total is no score.", red=True
            )
        missing = sum(self._missing().values())
        if missing:
            terminalreporter.write_line(f"The run was cut short: {missing:g} points not looked at.")
        if self.in_process:
            terminalreporter.write_line("Graded in process, for debugging: no limits held.")

    def _tell_of_known(self, terminalreporter: Any) -> None:
        """Say what was not judged again."""
        names = {claim.function.exercise.name for claim, one in self.known.items() if _tried(one)}
        if names:
            which = f"{len(names)} exercises have" if len(names) > 1 else f"{min(names)} has"
            terminalreporter.write_line(
                f"{which} not changed since last judged: those results stand "
                "(--cache-clear judges again)."
            )

    def _tell_of_nothing(self, terminalreporter: Any) -> None:
        """Say what can be chosen, where `-k` has chosen no function."""
        word = str(self.config.option.keyword)
        names = {name for exercise in self._laid_over for name in exercise.functions}
        if word and names and not self.config.option.collectonly and not self.claims:
            hint = meant(word, sorted(names))
            terminalreporter.write_line(f"-k {word} chooses no function. {hint}", yellow=True)

    def _source(self, exercise: str) -> Source | None:
        names = {
            claim.function.name for claim in self.claims if claim.function.exercise.name == exercise
        }
        return self.submission.source(exercise, names)

    def _stop(self) -> None:
        if self.pool is not None:
            self.pool.stop()
        if self.engine is not None:
            self.engine.close()
        if self.pool is not None:
            self.pool.join()

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        if self._missing():
            # pytest would end with a traceback for what a run cut short has left open.
            warnings.simplefilter("ignore")
        self._stop()
        for name, grading in self.gradings.items():
            grading.close()
            if self.unchanged is not None:
                self.unchanged.keep(*self._judged_of(name), self.found)
        if self.unchanged is not None:
            self.unchanged.save()
        gc.freeze()  # pytest looks for garbage five times at its end, among all that JAX has made


class ClaimsOfFunction(pytest.Class):
    """The claims about one function: to pytest, and to editors that show a tree, a class."""

    def __init__(self, *, tests: Mapping[str, Callable[[], None]], **how: Any) -> None:
        super().__init__(**how)
        self._tests = tests
        self.obj = type(self.name, (), {})

    def collect(self) -> list[pytest.Item]:
        return [
            pytest.Function.from_parent(self, name=name, callobj=test)
            for name, test in self._tests.items()
        ]


def _tried(outcome: Outcome) -> bool:
    return outcome.verdict not in (Verdict.NOT_ATTEMPTED, Verdict.WAITING)


def _claim(item: pytest.Item) -> Claim | None:
    return getattr(getattr(item, "obj", None), "claim", None)


def _outcome(report: pytest.TestReport) -> Outcome | None:
    """The outcome a report carries, also where it comes from another process (xdist)."""
    found = dict(report.user_properties).get(_OUTCOME)
    return Outcome.from_json(found) if isinstance(found, dict) else None
