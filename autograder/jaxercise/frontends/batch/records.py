"""The results of a course on disk: one file a student, whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jaxercise.files import write_whole
from jaxercise.verdicts import FunctionResult, Outcome, by_function, frozen

FORMAT = 3
_MARK = "batch.json"
_RESULTS = "results"
_LONGEST = 90
#: No name that is taken as it is may end like one that is not.
_DIGITS = 20
_DIGEST = re.compile(r"-[0-9a-f]{20}$")


class OutputError(Exception):
    """Results cannot be written there; the message says what to do."""


@dataclass(frozen=True)
class Record:
    """What became of one student's submission.

    Attributes:
        student: the student's name in the course.
        key: what the result depends on, as a digest.
        files: a digest of the graded files.
        verdict: `graded`; or `error`, `forbidden`, `internal` where there is no score.
        problem: why there is none.
        outcomes: of every claim.
        tries: how often it was graded before this counted.
        alone: it still has to be tried alone before its result counts.
        timings: seconds by what they were spent on.
        sandbox: student code ran in a sandbox.
        seed: of the inputs; None where an older version has not written it down.
        names: the graded files' names.
        notes: sentences on how the files were understood, and on those that were not graded.
        look: places in the files that the instructor should look at; no student is told.
        prints: fingerprints of what was written beyond the stubs, by function, `NN_topic.function`.
        platform, identity, late, timestamp: as in `handins.Handin`.
    """

    student: str
    key: str
    files: str
    verdict: str
    problem: str = ""
    outcomes: tuple[Outcome, ...] = ()
    tries: int = 1
    alone: bool = False
    timings: Mapping[str, float] = field(default_factory=dict)
    sandbox: bool = True
    seed: int | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    prints: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    timestamp: str = ""

    @property
    def results(self) -> list[FunctionResult]:
        """The outcomes by function."""
        return by_function(list(self.outcomes))

    @property
    def score(self) -> float | None:
        """The points earned; None where there is no score."""
        if self.verdict != "graded":
            return None
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_points(self) -> float:
        return sum(outcome.max_points for outcome in self.outcomes)

    @property
    def seconds(self) -> float:
        return sum(self.timings.values())

    def as_json(self) -> dict[str, Any]:
        told = asdict(self) | {"format": FORMAT, "score": self.score, "max_points": self.max_points}
        told["outcomes"] = [outcome.as_json() for outcome in self.outcomes]
        return told

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Record:
        """A record from its JSON.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        if told.pop("format") != FORMAT:
            raise ValueError("written by another version of the engine")
        del told["score"], told["max_points"]
        outcomes = tuple(Outcome.from_json(outcome) for outcome in told.pop("outcomes"))
        return cls(**frozen(told), outcomes=outcomes)


def file_name(student: str) -> str:
    """A file name for a student, whatever the name: short, plain, and nobody else's."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", student)[:_LONGEST].strip("_")
    if plain and plain == student == student.lower() and not _DIGEST.search(student):
        return student
    digest = hashlib.sha256(student.encode(errors="surrogatepass")).hexdigest()
    return f"{plain or 'student'}-{digest[:_DIGITS]}"


class Store:
    """A folder of records.

    Args:
        folder: where; made when the first record is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / _RESULTS

    def check(self) -> None:
        """Find out before a long run whether results may and can be written here.

        Raises:
            OutputError: they cannot.
        """
        if self.folder.is_dir():
            if any(self.folder.iterdir()) and not (self.folder / _MARK).is_file():
                raise OutputError(
                    f"{self.folder} holds other things than results of this command. "
                    "Name a folder that is new or empty."
                )
        elif self.folder.exists() or self.folder.is_symlink():
            raise OutputError(f"{self.folder} is not a folder. Name one that is new or empty.")

    def check_readable(self) -> None:
        """Find out before a long run whether there are results to compare with.

        Raises:
            OutputError: there are none.
        """
        if next(self.records(), None) is None:
            raise OutputError(f"{self.folder} holds no results that this version can read.")

    def open(self) -> None:
        """Make the folder, and mark it as one of results.

        Raises:
            OSError: it cannot be written.
        """
        self.results.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / _MARK, json.dumps({"format": FORMAT}).encode())

    def write(self, record: Record) -> None:
        """Keep a record; a reader sees the old one or the new one, whole.

        Raises:
            OSError: it cannot be written.
        """
        text = json.dumps(record.as_json(), indent=1, sort_keys=True)
        write_whole(self.path(record.student), text.encode(errors="surrogatepass"))

    def path(self, student: str) -> Path:
        return self.results / f"{file_name(student)}.json"

    def record(self, student: str) -> Record | None:
        """A student's record; None where there is none that can be read."""
        record = _read(self.path(student))
        return record if record is not None and record.student == student else None

    def records(self) -> Iterator[Record]:
        """All records that can be read, one after the other; others are as good as not there."""
        if not self.results.is_dir():
            return
        for name in sorted(os.listdir(self.results)):
            if not name.startswith(".") and name.endswith(".json"):
                record = _read(self.results / name)
                if record is not None:
                    yield record


def _read(path: Path) -> Record | None:
    try:
        return Record.from_json(json.loads(path.read_bytes()))
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return None
