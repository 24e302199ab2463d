"""What the judge found out about a function: verdicts, findings, outcomes."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

_T = TypeVar("_T")


class Verdict(enum.StrEnum):
    """What a claim came to, worst first: of several, the first one is a function's state."""

    INTERNAL = "internal"  # the grader, its worker or a reference failed: never a score
    FORBIDDEN = "forbidden"  # protocol broken, output flooded
    MEMORY = "memory"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    NOT_ATTEMPTED = "not attempted"  # missing, still the stub, NotImplementedError
    ERROR = "error"  # an exception, or a file that cannot be run
    WRONG = "wrong"
    PASSED = "passed"
    #: A claim that is not run because an earlier one of the same function does not hold.
    WAITING = "waiting"


#: What the machine may have done, and not the submission: it counts only if it comes again.
DOUBTFUL = frozenset({Verdict.INTERNAL, Verdict.MEMORY, Verdict.TIMEOUT, Verdict.CRASHED})


def settled(
    attempt: Callable[[], _T], verdict_of: Callable[[_T], str | None], *, again: bool = True
) -> _T:
    """What an attempt comes to, or the second one where the first one's verdict is doubtful.

    Args:
        attempt: grades, loads or judges.
        verdict_of: the verdict in what it returns; None for none.
        again: there is a second chance, at once.
    """
    first = attempt()
    return attempt() if again and verdict_of(first) in DOUBTFUL else first


def frozen(item: Any) -> Any:
    """What came of JSON, with tuples for lists: so the engine's own classes have it."""
    if isinstance(item, list):
        return tuple(map(frozen, item))
    return {name: frozen(one) for name, one in item.items()} if isinstance(item, dict) else item


@dataclass(frozen=True)
class Series:
    """What a picture shows in one manner.

    Attributes:
        role: `returned`, `expected`, or `given` for what the function was called with.
        name: what it is; of a submission's own curves what it calls them.
        rows: the rows of a table; or the places and the heights of a curve. None where there is no
            finite number.
        axes: of an array that is shown by its axes, the size and the name of each; the name is
            empty for a size that is always the same.
        joined: by a line, or points.
    """

    role: str
    name: str = ""
    rows: tuple[tuple[float | None, ...], ...] = ()
    axes: tuple[tuple[int | str, str], ...] = ()
    joined: bool = True


@dataclass(frozen=True)
class Picture:
    """What pages show beside a finding: numbers, for whoever draws them.

    Attributes:
        kind: `tables`, `curves` or `axes`.
        title: a sentence on what is to be seen.
        series: what is shown.
        mark: where the first difference is: row and column of tables, the place on the curves;
            empty for nowhere.
        told: what is to be seen, in a sentence for those who have no picture; may be empty.
    """

    kind: str
    title: str
    series: tuple[Series, ...]
    mark: tuple[float, ...] = ()
    told: str = ""


#: Kinds of findings on what is wrong with an answer whatever its numbers are.
OF_FORM = ("structure", "type", "shape", "dtype")


@dataclass(frozen=True)
class Finding:
    """Why a claim does not hold, on one input.

    Attributes:
        kind: `structure`, `type`, `shape`, `dtype`, `value`, `method`, `error` or a rule's name.
        sentence: what is wrong.
        call: the call as the student would write it: `jax.jit(derivative)(f, x)`.
        inputs: the arguments, as texts: `f(x) = 2 x^3`, `x = [1.]`.
        returned, expected: as texts; empty where there is none.
        lines: the student's own lines that an exception came through: (file, line, code).
        printed: the tail of what their code printed.
        diagnosis: which misconception it looks like, and what to look at; empty where unsure.
        misconception: the name of that misconception's body; empty where none is named.
        hint: what to say where no diagnosis is known.
        picture: what pages show of it; None where the texts do.
    """

    kind: str
    sentence: str
    call: str = ""
    inputs: tuple[str, ...] = ()
    returned: str = ""
    expected: str = ""
    lines: tuple[tuple[str, int, str], ...] = ()
    printed: str = ""
    diagnosis: str = ""
    misconception: str = ""
    hint: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one claim on one submission.

    Attributes:
        exercise, function, claim: their names.
        verdict: what it came to.
        points: earned.
        max_points: the claim's points.
        sentence: the claim, in a sentence.
        finding: why it does not hold; None where it does or was not tried.
        examples: how many inputs were compared.
        seconds: how long it took.
        told: what the claim says of itself to its author, where it holds.
    """

    exercise: str
    function: str
    claim: str
    verdict: Verdict
    points: float
    max_points: float
    sentence: str
    finding: Finding | None = None
    examples: int = 0
    seconds: float = 0.0
    told: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        item = asdict(self) | {"verdict": self.verdict.value}
        del item["told"]  # for authors, who certify where they are
        return item

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Outcome:
        item = frozen(item)
        finding = item["finding"]
        if finding is not None:
            picture = finding.get("picture")
            if picture is not None:
                series = tuple(Series(**one) for one in picture["series"])
                picture = Picture(**picture | {"series": series})
            finding = Finding(**finding | {"picture": picture})
        return cls(**item | {"verdict": Verdict(item["verdict"]), "finding": finding})


@dataclass
class FunctionResult:
    """One function of a submission: its claims' outcomes, in the order of the properties."""

    exercise: str
    function: str
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.exercise}.{self.function}"

    @property
    def points(self) -> float:
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_points(self) -> float:
        return sum(outcome.max_points for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """The worst that any of its claims came to, those that wait aside."""
        met = {outcome.verdict for outcome in self.outcomes} - {Verdict.WAITING}
        return next((verdict for verdict in Verdict if verdict in met), Verdict.INTERNAL)

    @property
    def state(self) -> str:
        """The verdict in a student's words."""
        if self.verdict == Verdict.WRONG and self.points:
            return "partly right"
        return "done" if self.verdict == Verdict.PASSED else self.verdict.value


def by_function(outcomes: list[Outcome]) -> list[FunctionResult]:
    """Outcomes grouped by their function, in order of first appearance."""
    results: dict[tuple[str, str], FunctionResult] = {}
    for outcome in outcomes:
        key = (outcome.exercise, outcome.function)
        results.setdefault(key, FunctionResult(*key)).outcomes.append(outcome)
    return list(results.values())
