"""What a class's answers say about the functions, and when it thought what."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

#: Of fewer students a correlation says nothing.
FEWEST = 5
_PERIODS = 8


def item_rest_correlations(earned: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """For each function, how its points go with those of all the others: from -1 to 1.

    This is the corrected item-total correlation, Pearson's, with the function itself left out of
    the total. Functions for which there is none are left out: where all have the same points for
    the function or for the rest, or where there are fewer than five students.
    """
    names = sorted({name for one in earned for name in one})
    if len(earned) < FEWEST or len(names) < 2:
        return {}
    points = np.array([[one.get(name, 0.0) for name in names] for one in earned])
    rest = points.sum(axis=1, keepdims=True) - points
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.corrcoef(points, rest, rowvar=False).diagonal(len(names))
    return {name: float(r) for name, r in zip(names, found, strict=True) if np.isfinite(r)}


def periods(times: Iterable[datetime.datetime]) -> list[datetime.datetime]:
    """The borders of eight equal periods from the first hand-in to the last; none for a moment."""
    moments = sorted(times)
    if not moments or moments[0] == moments[-1]:
        return []
    step = (moments[-1] - moments[0]) / _PERIODS
    return [*(moments[0] + i * step for i in range(_PERIODS)), moments[-1]]


def shares(
    whose: Iterable[str],
    times: Mapping[str, datetime.datetime],
    borders: Sequence[datetime.datetime],
) -> list[float | None]:
    """Of what was handed in during each period, the share that is one of these students'.

    Args:
        whose: the students.
        times: when each student of the class has handed in, as far as is known.
        borders: of the periods, from `periods`.

    Returns:
        by period; None where nothing was handed in.
    """
    everyone, some = (
        np.histogram(
            [times[name].timestamp() for name in names if name in times],
            [border.timestamp() for border in borders],
        )[0]
        for names in (times, whose)
    )
    return [int(n) / int(of) if of else None for n, of in zip(some, everyone, strict=True)]
