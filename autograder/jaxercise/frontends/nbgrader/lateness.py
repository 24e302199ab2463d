"""What handing in late costs with nbgrader: the course's rule, and its dates for some students."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Dict, Float, Unicode

from jaxercise.lateness import DateError, LateRule, read_dates

_NORMAL = LateRule()


class LatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Nothing for a while, then a share of the score for every day begun since the due date."""

    grace_minutes = Float(
        _NORMAL.grace_minutes, min=0, help="how late one may be for nothing"
    ).tag(config=True)  # fmt: skip
    percent_a_day = Float(
        _NORMAL.percent_a_day, min=0, max=100, help="what a day costs, in percent of the score"
    ).tag(config=True)
    at_most = Float(
        _NORMAL.at_most, min=0, max=100, help="no more is taken off, in percent of the score"
    ).tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points that are taken off a notebook's score; None for none."""
        rule = LateRule(self.grace_minutes, self.percent_a_day, self.at_most)
        return score * rule.share(total_seconds_late) or None


class AssignLateness(AssignLatePenalties):  # type: ignore[misc]
    """As nbgrader's, with extensions from a file: they are written into the gradebook first."""

    extensions = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="by assignment, a CSV of students and the dates until when they may hand in",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grant the student's extension, if the assignment has a file of them; then as nbgrader."""
        about = resources["nbgrader"]
        file = self.extensions.get(about["assignment"])
        if file:
            root = Path(self.parent.parent.coursedir.root)
            try:
                until = read_dates(root / file).get(about["student"])
            except DateError as error:
                self.log.error("%s", error)
                raise NbGraderException(str(error)) from None
            with Gradebook(about["db_url"]) as gradebook:
                submission = gradebook.find_submission(about["assignment"], about["student"])
                submission.extension = _extension(submission.assignment.duedate, until)
                gradebook.db.commit()
        nb, resources = super().preprocess(nb, resources)
        return nb, resources


def _extension(
    due: datetime.datetime | None, until: datetime.datetime | None
) -> datetime.timedelta | None:
    """How much later than for all; nbgrader's dates are in UTC, and do not say so."""
    if due is None or until is None:
        return None
    later = until - due.replace(tzinfo=datetime.UTC)
    return later if later > datetime.timedelta() else None
