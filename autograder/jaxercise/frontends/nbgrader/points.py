"""The gradebook's points against the claims': they must not drift apart in silence."""

from __future__ import annotations

from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException

from jaxercise.claims.loading import load_exercise
from jaxercise.course import Course
from jaxercise.frontends.nbgrader.notebooks import points_of, test_id


def check_points(course: Course, coursedir: Any, log: Any) -> list[str]:
    """Refuse to grade an assignment whose points have changed since it was generated.

    Returns:
        the assignment's exercises that the course knows.

    Raises:
        NbGraderException: they have; nothing has been touched yet.
    """
    differing = []
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(coursedir.assignment_id)
        except MissingEntry:
            return []  # nbgrader has a sentence for that
        known = [one for one in assignment.notebooks if one.name in course.names()]
        names = [notebook.name for notebook in known]
        for notebook in known:
            points = points_of(load_exercise(course, notebook.name))
            due = {test_id(function): of for function, of in points.items()}
            have = {cell.name: cell.max_score for cell in notebook.grade_cells}
            differing += [
                f"{notebook.name}, {name}: {have.get(name, 0):g} there, {due.get(name, 0):g} here"
                for name in sorted(set(due) | set(have))
                if have.get(name) != due.get(name)
            ]
    if differing:
        name = coursedir.assignment_id
        message = (
            "The gradebook's points are not the claims' any more "
            f"({'; '.join(differing[:4])}{' ...' if len(differing) > 4 else ''}). "
            f"Nothing was graded. Run `jaxercise course . --assignment {name} --update`, "
            f"`nbgrader generate_assignment {name} --force`, "
            f"and then `nbgrader autograde {name} --force`."
        )
        log.error(message)
        raise NbGraderException(message)
    return names
