"""Grading one exercise of one submission: its claims, in order."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from jaxercise.claims import draws
from jaxercise.claims.claims import METHOD, VALUES, Claim
from jaxercise.comparison.compare import words
from jaxercise.grading.composed import own_part_is_right
from jaxercise.grading.hints import about_exception
from jaxercise.grading.references import References
from jaxercise.grading.running import fault, run
from jaxercise.grading.session import Session
from jaxercise.grading.unknown_names import about_name, failed_import
from jaxercise.sandboxed.results import MEANT
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import Key
from jaxercise.submission import Source
from jaxercise.verdicts import Finding, Outcome, Verdict, settled
from jaxercise.workers.runner import Raised, Runner, WorkerStoppedError, clipped

#: Names among which a misspelt one is looked for: a file may define any number.
_MOST_NEAR = 1000


class Named(Protocol):
    """A misconception, as a student is told of it.

    Attributes:
        name: of the body that holds it.
        text: what to say.
    """

    @property
    def name(self) -> str: ...

    @property
    def text(self) -> str: ...


class Diagnostician(Protocol):
    """Names misconceptions; `jaxercise.diagnosis` has one."""

    def diagnose(self, claim: Claim, session: Session) -> Named | None:
        """The misconception behind a claim that does not hold; None if nothing is certain."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Grader:
    """How submissions are graded.

    Attributes:
        open_runner: makes a runner for one exercise file.
        references: the references of an exercise, by its name.
        diagnostician: makes who names misconceptions, from an exercise's claims; None to name none.
        seed: the instructor's choice of draws.
        debug: let exceptions pass to a debugger.
        all_claims: judge also the claims that would wait for others: what would each one say?
        shrink: look for the smallest input on which a claim does not hold.
        again: a worker that dies gets a second chance, at once.
    """

    open_runner: Callable[[], Runner]
    references: Callable[[str], References]
    diagnostician: Callable[[Sequence[Claim]], Diagnostician] | None = None
    seed: int = 0
    debug: bool = False
    all_claims: bool = False
    shrink: bool = True
    again: bool = True


class ExerciseGrading:
    """One exercise of one submission: its claims judged in order, when they are asked for.

    Args:
        grader: how.
        source: the submitted file; None if there is none.
        claims: all claims of the exercise.
    """

    def __init__(self, grader: Grader, source: Source | None, claims: Sequence[Claim]) -> None:
        self._grader = grader
        self._source = source
        self._claims = claims
        self._references = grader.references(claims[0].function.exercise.name)
        self._session: Session | None = None
        self._runner: Runner | None = None
        self._names: frozenset[str] = frozenset()
        self._errors: tuple[Raised, ...] = ()
        self._stopped: tuple[Verdict, Finding] | None = None
        self._verdicts: dict[str, Verdict] = {}
        self._failed: dict[str, list[tuple[Claim, Outcome]]] = {}
        self._done: dict[Claim, Outcome] = {}
        self._parts: dict[Claim, int | str | None] = {}
        self._diagnostician = grader.diagnostician(claims) if grader.diagnostician else None
        self._diagnoses: set[str] = set()
        self._closing = threading.Lock()
        self._closed = False

    def outcome(self, claim: Claim) -> Outcome:
        """Judge a claim, and before it the values claims it waits for.

        Where it looks at one item and does not hold, also those that look at others: what is right
        is told beside what is not.
        """
        if claim not in self._done:
            self._done[claim] = self._judge(claim)
            self._done[claim] = self._beside_right_items(claim, self._done[claim])
        return self._done[claim]

    def close(self) -> None:
        """End its workers, and keep what was learned; of two threads, the first one does it."""
        with self._closing:
            closed, self._closed = self._closed, True
        if closed:
            return
        if self._runner is not None:
            self._runner.close()
            self._references.save()
            draws.save(self._claims[0].function.exercise)
        if self._diagnostician is not None:
            self._diagnostician.close()

    def _judge(self, claim: Claim) -> Outcome:
        name = claim.function.name
        blocked = self._before_running(claim)
        if blocked is not None:
            verdict, finding = blocked
            return _without_points(claim, verdict, finding)
        waits = self._waits(claim)
        if waits and not self._grader.all_claims:
            return _without_points(claim, Verdict.WAITING, None)
        if self._verdicts.get(name) in ("not attempted", "timeout", "memory", "crashed"):
            return _without_points(claim, Verdict.WAITING, None)  # said once already
        assert self._session is not None
        outcome = run(
            claim,
            self._session,
            seed=self._grader.seed,
            debug=self._grader.debug,
            shrink=self._grader.shrink and not waits,
            again=self._grader.again,
        )
        self._parts[claim] = self._session.part
        if outcome.verdict == Verdict.PASSED or waits:
            return outcome
        self._verdicts.setdefault(name, outcome.verdict)
        self._failed.setdefault(name, []).append((claim, outcome))
        if outcome.verdict == Verdict.NOT_ATTEMPTED:
            return self._unfinished(claim, outcome)
        outcome = self._with_a_line(claim, outcome)
        if outcome.finding is not None:
            missing = failed_import(outcome.finding.sentence, self._errors)
            if missing is not None:
                return replace(outcome, finding=_of_the_file(missing, outcome.finding))
        cause = self._certain(claim, outcome)
        if cause:
            assert outcome.finding is not None
            told = outcome.finding.sentence.partition(MEANT)[0]  # a guess beside what is known
            return replace(
                outcome, finding=replace(outcome.finding, sentence=told, diagnosis=cause)
            )
        return self._after_another(claim, outcome) or self._diagnosed(claim, outcome)

    def _with_a_line(self, claim: Claim, outcome: Outcome) -> Outcome:
        """The outcome of an exception with the function's first line, if none of its own is told:
        what it returned was called, and is a library's."""
        finding = outcome.finding
        if finding is None or finding.lines or outcome.verdict != Verdict.ERROR or finding.returned:
            return outcome
        assert self._source is not None
        name, begins = self._source.path.name, self._source.begins(claim.function.name)
        if begins is None:
            return outcome
        position, number, line = begins
        where = f"{name}, cell {position}" if name.endswith(".ipynb") else name
        lines = ((where, number, clipped(line.strip())),)
        return replace(outcome, finding=replace(finding, lines=lines))

    def _certain(self, claim: Claim, outcome: Outcome) -> str:
        """The cause that the file itself shows; empty where it shows none."""
        source, session, finding = self._source, self._session, outcome.finding
        if finding is None or session is None or session.last is None:
            return ""
        assert source is not None
        function = claim.function
        if finding.kind == "dtype" and "64" in finding.returned:
            if any("enable_x64" in cell for cell in source.cells):
                return "The file switches JAX to 64 bits (jax_enable_x64): leave that line out."
            has_key = any(isinstance(one, Key) for one in trees.leaves(session.last.arguments))
            if has_key and {"np", "numpy"} & {*source.calls.get(function.name, [])}:
                return (
                    "Does NumPy draw the numbers? It knows nothing of the key. jax.random draws "
                    "from it, in float32."
                )
        later = function.parameters[len(session.last.arguments) :]
        return about_name(finding.sentence, function.name, later, source, self._errors)

    def _unfinished(self, claim: Claim, outcome: Outcome) -> Outcome:
        """The outcome of a function that is written, and runs into a NotImplementedError."""
        assert self._source is not None
        assert outcome.finding is not None
        name = claim.function.name
        states = self._source.functions
        used = [one for one in self._source.calls.get(name, []) if states.get(one) == "stub"]
        sentence = (
            f"it uses {used[0]}, which is not written yet: begin there"
            if used
            else f"a raise NotImplementedError still stands in {name}, and is reached before your "
            "answer is returned: delete that line"
        )
        return replace(outcome, finding=replace(outcome.finding, sentence=sentence))

    def _beside_right_items(self, claim: Claim, outcome: Outcome) -> Outcome:
        """The outcome with a word on the other items of the answer, if these are right."""
        part, finding = self._parts.get(claim), outcome.finding
        if part is None or finding is None or outcome.verdict != Verdict.WRONG:
            return outcome
        held: dict[int | str | None, bool] = {}
        for one in self._values(claim):
            holds = self.outcome(one).verdict == Verdict.PASSED
            other = self._parts.get(one)
            held[other] = holds and held.get(other, True)
        right = [words((one,)) for one in held if one is not None and one != part and held[one]]
        if not right:
            return outcome
        told = f"{' and '.join(right)} {'is' if len(right) == 1 else 'are'} right"
        sentence = f"{finding.sentence}. {told[0].upper()}{told[1:]}"
        return replace(outcome, finding=replace(finding, sentence=sentence))

    def _values(self, claim: Claim) -> list[Claim]:
        """The claims about values of the same function."""
        return [c for c in self._claims if c.function is claim.function and c.kind == VALUES]

    def _waits(self, claim: Claim) -> bool:
        """True for a law or a method of a function whose values are not right."""
        if claim.kind == VALUES:
            return False
        return any(self.outcome(one).verdict != Verdict.PASSED for one in self._values(claim))

    def _after_another(self, claim: Claim, outcome: Outcome) -> Outcome | None:
        """The outcome with a word on another function it uses, if that is not right either."""
        assert self._source is not None
        finding = outcome.finding
        if finding is None:
            return None
        for name in self._source.calls.get(claim.function.name, []):
            # A loop in the other function makes no value of this one wrong, a wrong value in it no
            # shape: that is its own.
            failed = [
                other.finding
                for about, other in self._failed.get(name, [])
                if other.finding is not None and (claim.kind == METHOD or about.kind != METHOD)
            ]
            if not failed:
                continue
            same = finding.kind == "value" or any(one.kind == finding.kind for one in failed)
            if (outcome.verdict == Verdict.WRONG and same) or any(
                _same_end(finding, other) for other in failed
            ):
                text = f"It uses {name}, which is not right yet: mend that first."
                assert self._session is not None
                if outcome.verdict == Verdict.WRONG and own_part_is_right(
                    claim, name, self._session
                ):
                    text += f" What {claim.function.name} makes of it is right."
                return replace(outcome, finding=replace(finding, diagnosis=text))
            text = f"It also uses {name}, which is not right yet."
            hint = f"{finding.hint} {text}".lstrip()
            return replace(outcome, finding=replace(finding, hint=hint))
        return None

    def _diagnosed(self, claim: Claim, outcome: Outcome) -> Outcome:
        """The outcome, with the misconception it looks like; one for each function is enough."""
        function = claim.function.name
        said = self._diagnostician is None or function in self._diagnoses
        if said or outcome.verdict not in (Verdict.WRONG, Verdict.ERROR):
            return outcome
        assert self._diagnostician is not None
        assert self._session is not None
        assert outcome.finding is not None
        try:
            likely = self._diagnostician.diagnose(claim, self._session)
        except Exception:  # of a property, on inputs that it is not judged on
            if self._grader.debug:
                raise
            return replace(outcome, verdict=Verdict.INTERNAL, points=0.0, finding=fault())
        if likely is None:
            return outcome
        self._diagnoses.add(function)
        finding = replace(outcome.finding, diagnosis=likely.text, misconception=likely.name)
        return replace(outcome, finding=finding)

    def _before_running(self, claim: Claim) -> tuple[Verdict, Finding | None] | None:
        """Verdict and finding where the function cannot be called at all."""
        source, name = self._source, claim.function.name
        if source is None or source.functions.get(name) == "stub":
            return Verdict.NOT_ATTEMPTED, None
        if not source.readable:
            return Verdict.ERROR, Finding("file", source.problem or "the file cannot be read")
        if not source.functions and source.problem:
            return Verdict.ERROR, Finding("file", source.problem)
        if self._runner is None:
            self._load(source)
        if self._stopped is not None:
            return self._stopped
        if name not in self._names:
            return self._missing(source, name)
        return None

    def _load(self, source: Source) -> None:
        self._runner = self._grader.open_runner()
        self._session = Session(self._runner, self._references)
        # A debugger finds the lines by the whole path; everyone else is told the file's name.
        name = str(source.path) if self._grader.debug else source.path.name
        written = [c for c in self._claims if source.functions.get(c.function.name) == "written"]
        runner = self._runner

        def afresh() -> Runner:
            another = self._grader.open_runner()
            another.load(name, source.cells)
            return another

        self._session.afresh = afresh

        def load() -> Verdict | None:
            self._stopped = None
            try:
                with draws.ahead(written, self._grader.seed):
                    self._names, self._errors = runner.load(name, source.cells)
            except WorkerStoppedError as error:
                sentence = f"while the file was executed, {error}"
                finding = Finding("stopped", sentence, lines=error.lines, printed=error.printed)
                self._stopped = error.verdict, finding
                return None if error.certain else error.verdict
            return None

        settled(load, lambda verdict: verdict, again=self._grader.again)

    def _missing(self, source: Source, name: str) -> tuple[Verdict, Finding | None]:
        """A function that is not there: never written, or lost to an error in the file."""
        if name in source.lost:
            return Verdict.ERROR, Finding("file", source.lost[name])
        apart = next((one for one in source.functions if one.endswith(f".{name}")), None)
        if apart is not None:
            return Verdict.NOT_ATTEMPTED, Finding("file", _apart(name, apart))
        if source.problem and not self._errors:
            return Verdict.ERROR, Finding("file", source.problem)
        elsewhere = any("import *" in line for one in self._errors for *_, line in one.frames)
        if self._errors and (name in source.functions or elsewhere):
            first = self._errors[0]
            told = first.message
            if f"'{name}'" in told:  # it is in the file, and no other is meant
                told = told.partition(MEANT)[0]
            sentence = f"there is no function {name}, for the file raised {first.type}: {told}"
            hint = about_exception(first)
            return Verdict.ERROR, Finding("file", sentence, lines=first.frames, hint=hint)
        return Verdict.NOT_ATTEMPTED, self._misspelt(source, name)

    def _misspelt(self, source: Source, name: str) -> Finding | None:
        asked = {claim.function.name for claim in self._claims}
        near = difflib.get_close_matches(
            name, [n for n in source.functions if n not in asked][:_MOST_NEAR], 1, 0.8
        )
        if not near:
            return None
        return Finding("file", f"there is no function {name}; is {near[0]} meant to be it?")


def _apart(name: str, where: str) -> str:
    """What to say where a function is defined, and out of reach."""
    place = where.partition(".")[0]
    if place == "__main__":
        return (
            f"{name} is written under `if __name__ == ...`, which grading leaves out: move it above"
            " that line, to column 0"
        )
    return (
        f"there is no function {name} at the top of the file, and {where} was seen: write {name}"
        " as a function of its own, outside of the class"
    )


def _of_the_file(missing: Raised, finding: Finding) -> Finding:
    """What to say where a function wants what an import at the top of the file has not brought."""
    *_, (_, _, code) = missing.frames
    return Finding(
        "file",
        f"`{code}` failed: {missing.type}: {missing.message}",
        lines=(*missing.frames[-1:], *finding.lines[-1:]),
        hint=about_exception(missing),
    )


def _same_end(one: Finding, other: Finding) -> bool:
    """True if two calls ended in the same way, exceptions at the same line."""
    return one.kind == other.kind and one.lines[-1:] == other.lines[-1:]


def _without_points(claim: Claim, verdict: Verdict, finding: Finding | None) -> Outcome:
    function = claim.function
    return Outcome(
        function.exercise.name,
        function.name,
        claim.name,
        verdict,
        0.0,
        claim.points,
        claim.sentence,
        finding,
    )
