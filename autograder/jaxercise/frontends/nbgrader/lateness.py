"""What handing in late costs."""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

_DAY = 24 * 60 * 60


class LatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Nothing for a while, then a share of the score for every day begun since the due date."""

    grace_minutes = Float(10, min=0, help="how late one may be for nothing").tag(config=True)
    percent_a_day = Float(10, min=0, max=100, help="what a day costs, in percent of the score").tag(
        config=True
    )

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points that are taken off a notebook's score; None for none."""
        if total_seconds_late <= 60 * self.grace_minutes:
            return None
        days = math.ceil(total_seconds_late / _DAY)
        return min(score, score * days * float(self.percent_a_day) / 100)
