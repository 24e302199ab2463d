"""Exercises, loaded from a course's property files."""

from __future__ import annotations

import functools
import importlib.util

from jaxercise.claims.claims import Exercise
from jaxercise.claims.overlay import lay_over
from jaxercise.course import Course, CourseError


@functools.cache
def load_exercise(course: Course, name: str) -> Exercise:
    """An exercise with its claims, from its property file, as the course's settings have them.

    Raises:
        CourseError: the file makes no `exercise`, or the settings name none of its functions.
    """
    path = course.properties(name)
    spec = importlib.util.spec_from_file_location(f"jaxercise_properties_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "exercise", None)
    if not isinstance(found, Exercise):
        raise CourseError(f"{path} has to say: exercise = Exercise(__file__)")
    lay_over(found, course.settings)
    return found


def load_exercises(course: Course) -> list[Exercise]:
    return [load_exercise(course, name) for name in course.names()]
