"""What draws cover of an argument, and the blind spots: what no draw has ever been.

The rules are the same for every function. Of an argument of floats they ask for numbers below 0,
above it, and 0; for one beyond 10, and one between 0 and 1; for more than the 11 bits of a
float16; for two equal entries; for entries that are not sorted. Of an axis, for several sizes, 1
among them; of two axes, that they are equal somewhere and unequal elsewhere. Of all else, for more
than one value.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key

#: Bits of a float16: what has no more is exact in it.
HALF = 11
#: Where the sizes of the article begin, and below what squares shrink.
LARGE, SMALL = 10, 1

#: An axis of an argument: its name, and which.
Axis = tuple[str, int]


def arguments(request: Request, parameters: Sequence[str]) -> dict[str, list[Any]]:
    """The leaves of the arguments by name; for one that vmap maps over, what a single call gets."""
    found = {}
    for i, (name, argument) in enumerate(zip(parameters, request.all_arguments, strict=True)):
        under = request.under if i < len(request.arguments) else request.result_under
        mapped = sum(step == Step.VMAP for step in under)
        for path, leaf in zip(trees.paths(argument), trees.leaves(argument), strict=True):
            parts = [leaf]
            if mapped and isinstance(leaf, np.ndarray):
                parts = list(leaf.reshape(-1, *leaf.shape[mapped:]))
            found[name + "".join(f"({part})" for part in path)] = parts
    return found


@dataclass(frozen=True)
class Coverage:
    """What an argument has been.

    Attributes:
        name: the argument's.
        values: what it has been, each once for every call.
    """

    name: str
    values: Sequence[Any]

    @property
    def arrays(self) -> list[Array]:
        """Those that are arrays of floats."""
        return [one for one in self.values if is_float(one)]

    def shown(self) -> list[str]:
        """Number of values, smallest and largest magnitude, bits, signs, zeros, ties, order."""
        if not self.arrays:
            return [str(len(self.values)), self._texts()]
        finite = self._finite
        sizes = abs(finite[finite != 0])
        scale = (f"{sizes.min():.3g}", f"{sizes.max():.3g}") if sizes.size else ("", "")
        signs = [sign for sign, seen in (("-", finite < 0), ("+", finite > 0)) if seen.any()]
        return [
            str(len(self.values)),
            *scale,
            str(_bits(finite)),
            " ".join(signs),
            _ever(list(finite == 0)),
            _ever(self._ties),
            _ever(self._sorted),
        ]

    def blind_spots(self) -> list[str]:
        """What it has never been, or always."""
        if not self.arrays:
            alike = {_text(one) for one in self.values}
            return ["has one value alone"] if len(alike) == 1 else []
        finite = self._finite
        rules = {
            "is never negative": np.all(finite >= 0),
            "is never positive": np.all(finite <= 0),
            "is never 0": np.all(finite != 0),
            f"never has more than {HALF} bits": _bits(finite) <= HALF,
            f"is never beyond {LARGE}": np.all(abs(finite) <= LARGE),
            f"is never between 0 and {SMALL}": not np.any((finite != 0) & (abs(finite) < SMALL)),
            "never has two equal entries": self._ties and not any(self._ties),
            "always has two equal entries": self._ties and all(self._ties),
            "is always sorted": self._sorted and all(self._sorted),
        }
        return [sentence for sentence, holds in rules.items() if holds]

    @property
    def _finite(self) -> Array:
        flat = np.concatenate([np.ravel(one).astype(np.float64) for one in self.arrays])
        finite: Array = flat[np.isfinite(flat)]
        return finite

    @property
    def _ties(self) -> list[bool]:
        """Of arrays of several entries, whether two are equal."""
        return [len(np.unique(one)) < one.size for one in self.arrays if one.size > 1]

    @property
    def _sorted(self) -> list[bool]:
        """Of such arrays, whether the entries ascend."""
        return [bool(np.all(np.diff(np.ravel(one)) >= 0)) for one in self.arrays if one.size > 1]

    def _texts(self) -> str:
        if all(isinstance(one, Described) for one in self.values):
            return f"functions with {', '.join(_terms(self.values))}"
        return ", ".join(
            sorted({_text(one) for one in self.values}, key=lambda one: (len(one), one))
        )


def coverages(calls: Sequence[dict[str, list[Any]]]) -> list[Coverage]:
    """What each argument has been in some calls."""
    found: dict[str, list[Any]] = defaultdict(list)
    for call in calls:
        for name, values in call.items():
            found[name] += values
    return [Coverage(name, values) for name, values in found.items()]


class Sizes:
    """Which sizes axes have had in some calls."""

    def __init__(self, calls: Sequence[dict[str, list[Any]]]) -> None:
        self._calls = [dict(_sizes(call)) for call in calls]
        self.of: dict[Axis, set[int]] = defaultdict(set)
        for call in self._calls:
            for axis, size in call.items():
                self.of[axis].add(size)

    def alike(self) -> list[list[Axis]]:
        """The axes of more than one size, those together that are always equal."""
        groups: list[list[Axis]] = []
        for axis in self.of:
            if len(self.of[axis]) > 1:
                known = next((one for one in groups if all(self._equal(one[0], axis))), None)
                known.append(axis) if known else groups.append([axis])
        return groups

    def blind_spots(self) -> Iterator[str]:
        """What sizes have never been, or always."""
        fixed = [[axis] for axis, sizes in self.of.items() if len(sizes) == 1]
        for [axis] in fixed:
            yield f"{_axis(axis)} is always {min(self.of[axis])}"
        groups = self.alike()
        for group in groups:
            if 1 not in self.of[group[0]]:
                yield f"{_axis(group[0])} is never 1"
            if len(group) > 1:
                yield f"{', '.join(map(_axis, group))} are always equal"
        longer = [[axis] for [axis] in fixed if self.of[axis] != {1}]
        pairs = [*itertools.combinations(groups, 2), *itertools.product(groups, longer)]
        for one, other in pairs:
            if not any(self._equal(one[0], other[0])):
                yield f"{_axis(one[0])} and {_axis(other[0])} are never equal"

    def shown(self) -> Iterator[str]:
        """The sizes that each axis has had, in words."""
        for axis, sizes in self.of.items():
            yield f"{_axis(axis)}: {', '.join(map(str, sorted(sizes)))}"

    def _equal(self, one: Axis, other: Axis) -> list[bool]:
        both = [call for call in self._calls if one in call and other in call]
        return [call[one] == call[other] for call in both] or [False]


def _sizes(call: dict[str, list[Any]]) -> Iterator[tuple[Axis, int]]:
    for name, (first, *_) in call.items():
        if isinstance(first, np.ndarray):
            yield from (((name, i), size) for i, size in enumerate(first.shape))


def _axis(axis: Axis) -> str:
    return f"axis {axis[1]} of {axis[0]}"


def is_float(value: Any) -> bool:
    """True for arrays, and single entries, of floats."""
    # bfloat16 is of no kind that NumPy knows
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fV"


def _bits(numbers: Array) -> int:
    """How many bits of a float32's 24 the one needs that needs most."""
    mantissas = map(int, np.frexp(numbers)[0] * 2.0**24)
    # The lowest bit that is set says how many there are.
    return max((25 - (one & -one).bit_length() for one in mantissas if one), default=0)


def _ever(seen: Sequence[bool]) -> str:
    return "" if not seen else "always" if all(seen) else "some" if any(seen) else "never"


def _terms(functions: Sequence[Described]) -> list[str]:
    """The coefficients that are ever in use: not 0, and for what is stated not 1."""
    used: dict[str, None] = {}
    for one in functions:
        for name, value in zip(one.family.coefficients, one.coefficients, strict=True):
            if value != (name == "stated"):
                used[name] = None
    return list(used)


def _text(value: Any) -> str:
    if isinstance(value, Key):
        return "new key" if value.typed else "old key"
    return str(value)
