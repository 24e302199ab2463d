"""Pairs of submissions with more code alike than chance explains, as places to look at.

Code is alike where fingerprints are (`jaxercise.submission.fingerprints`). What the stub gives is
in none of them, and what many of a class have written is left out here. How often two students
write the same in a function is counted in the class itself. A pair is told where it has so
many functions alike that, were each function's answer found independently, not one such pair in a
hundred classes like this one would be expected: a Chernoff bound on the sum of the surprises, for
all pairs.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from jaxercise.submission.fingerprints import covered, places

#: In a smaller class nobody can tell what is written often; in a larger one, pairs are too many.
SMALLEST, LARGEST = 8, 3000
#: What more of a class than this share have written says nothing; nor more than so many, but so few
#: always do.
_SHARE, _FEW, _MANY = 0.04, 3, 40
_EXPECTED = 0.01
_TOKENS = 40
_MOST = 20

_Pair = tuple[str, str]
_Run = tuple[str, str]  # an exercise and a hash


@dataclass(frozen=True)
class EqualCode:
    """A pair of submissions with code alike.

    Attributes:
        students: the two.
        functions: by function of the first, how many tokens at least are those of the second too,
            and are not in the stub, nor written by many.
    """

    students: _Pair
    functions: Mapping[str, int]

    @property
    def tokens(self) -> int:
        """In all functions together."""
        return sum(self.functions.values())


class Likeness:
    """What a class has written, and who has written the same."""

    def __init__(self) -> None:
        self._prints: dict[str, Mapping[str, str]] = {}
        self._groups: dict[str, str] = {}

    def add(self, student: str, prints: Mapping[str, str], group: str) -> None:
        """Count a student in.

        Args:
            student: whose.
            prints: fingerprints by function, `NN_topic.function`.
            group: what the submission is called that several students have handed in together.
        """
        if len(self._prints) <= LARGEST:
            self._prints[student], self._groups[student] = prints, group

    @property
    def can_tell(self) -> bool:
        """The class is neither too small nor too large."""
        return SMALLEST <= len(self._prints) <= LARGEST

    def pairs(self) -> list[EqualCode]:
        """The pairs to look at, those with most in common first."""
        if not self.can_tell:
            return []
        number = len(self._prints)
        function: dict[_Run, str] = {}
        whose: dict[_Run, list[str]] = defaultdict(list)
        for student, prints in self._prints.items():
            for run, (name, _) in _runs(prints).items():
                function.setdefault(run, name)
                whose[run].append(student)
        most = max(_FEW, min(_MANY, int(_SHARE * number)))
        rare = {run: few for run, few in whose.items() if 1 < len(few) <= most}
        alike: dict[_Pair, frozenset[str]] = defaultdict(frozenset)
        sets: dict[frozenset[str], frozenset[str]] = {}  # each is kept once: pairs are many
        for run, few in rare.items():
            for pair in combinations(few, 2):
                if function[run] not in alike[pair]:
                    more = alike[pair] | {function[run]}
                    alike[pair] = sets.setdefault(more, more)
        chance = _Chance(alike.values(), math.comb(number, 2))
        told = [
            self._pair(pair, rare)
            for pair, functions in alike.items()
            if chance.expected(functions) < _EXPECTED and not self._one_group(pair)
        ]
        told = [pair for pair in told if pair.tokens >= _TOKENS]
        return sorted(told, key=lambda pair: (-pair.tokens, pair.students))[:_MOST]

    def _pair(self, pair: _Pair, rare: Mapping[_Run, object]) -> EqualCode:
        one, other = (_runs(self._prints[student]) for student in pair)
        starts: dict[str, list[int]] = defaultdict(list)
        for run in one.keys() & other.keys() & rare.keys():
            name, place = one[run]
            starts[name].append(place)
        return EqualCode(pair, {name: covered(found) for name, found in sorted(starts.items())})

    def _one_group(self, pair: _Pair) -> bool:
        one, other = (self._groups[student] for student in pair)
        return bool(one) and one == other


def _runs(prints: Mapping[str, str]) -> dict[_Run, tuple[str, int]]:
    """Where each run of a student's stands: its function, and the place in it."""
    return {
        (name.partition(".")[0], digest): (name, place)
        for name, kept in prints.items()
        for digest, place in places(kept).items()
    }


class _Chance:
    """How often two students of a class have a function alike.

    Args:
        alike: of each pair that has anything alike, the functions.
        pairs: how many pairs there are.
    """

    def __init__(self, alike: Iterable[Iterable[str]], pairs: int) -> None:
        often = Counter(name for functions in alike for name in functions)
        self._pairs = pairs
        self._chances = {name: count / pairs for name, count in often.items()}
        # By the exponent of the bound, what any pair's surprise is expected to reach.
        self._bounds = [
            (t, sum(math.log(1 + p * (p**-t - 1)) for p in self._chances.values()))
            for t in (i / 20 for i in range(1, 21))
        ]

    def expected(self, functions: Iterable[str]) -> float:
        """How many pairs of a class, at most, would have as much alike by chance."""
        surprise = -sum(math.log(self._chances[name]) for name in functions)
        return self._pairs * math.exp(min(bound - t * surprise for t, bound in self._bounds))
