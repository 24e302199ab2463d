"""What became of exercises, kept from run to run: one that has not changed is not judged again.

Only of the exercises that lie in the course, whose author runs them: student code that no sandbox
surrounds can write what is kept here, so it says nothing about anybody else's work.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jaxercise.cache.depends import DECIDING, DECIDING_VERSIONS, ENGINE, deciding_files
from jaxercise.cache.folders import kept_file
from jaxercise.cache.persistent import PersistentCache, fingerprint
from jaxercise.claims.claims import Claim
from jaxercise.course import Course
from jaxercise.submission import Source
from jaxercise.verdicts import DOUBTFUL, Outcome, Verdict

#: As many files are kept, each as it was at some time.
_MOST = 200


class Unchanged:
    """The outcomes of exercises whose files are what they were, and all else that decides.

    Args:
        course: whose exercises.
        settings: what was chosen for the run: the seed, the limits, the device.
    """

    def __init__(self, course: Course, settings: Sequence[Any]) -> None:
        self._settings = [*settings, _installed()]
        whole = replace(course, dropped=frozenset())  # what a run leaves out spoils nothing
        self._known: PersistentCache[list[Outcome]] = PersistentCache(
            kept_file("outcomes", course),
            [*_parts(), *deciding_files(whole), "frontends/pytest_plugin/unchanged.py"],
            DECIDING_VERSIONS,
            lambda outcomes, _: [one.as_json() for one in outcomes],
            lambda items, _: [Outcome.from_json(item) for item in items],
            most=_MOST,
        )

    def outcomes(self, source: Source | None, claims: Sequence[Claim]) -> dict[Claim, Outcome]:
        """What became of an exercise's claims; nothing where that is not known.

        Args:
            source: the file.
            claims: those of its claims that are judged in this run.
        """
        found = None if source is None else self._known.get(self._key(source, claims))
        return dict(zip(claims, found, strict=True)) if found else {}

    def keep(
        self, source: Source | None, claims: Sequence[Claim], found: Mapping[Claim, Outcome]
    ) -> None:
        """Remember what became of them, unless the machine may have had a part in it.

        Args:
            source, claims: as above.
            found: the outcomes of this run; of an exercise that was not judged again, none.
        """
        outcomes = [found[claim] for claim in claims if claim in found]
        doubtful = any(one.verdict in (*DOUBTFUL, Verdict.FORBIDDEN) for one in outcomes)
        if source is not None and len(outcomes) == len(claims) and not doubtful:
            self._known.add(self._key(source, claims), outcomes)

    def save(self) -> None:
        """Write it to the disk."""
        self._known.save()

    def _key(self, source: Source, claims: Sequence[Claim]) -> str:
        judged = [(one.function.name, one.name, one.points) for one in claims]
        read = (source.path.name, source.cells, source.problem, sorted(source.lost.items()))
        return fingerprint(repr((judged, read, self._settings)))


def _parts() -> list[str]:
    """The parts of the engine that decide; that of a pack for students has not all of them."""
    return [part for part in DECIDING if (ENGINE / part).exists()]


def _installed() -> int:
    """A number that changes with the packages that a file may import."""
    return Path(sysconfig.get_path("purelib")).stat().st_mtime_ns
