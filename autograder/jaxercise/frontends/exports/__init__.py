"""Scores for other programs: a tidy table, learning platforms' gradebooks, autograders' files."""

from jaxercise.frontends.exports.rows import Row, rows_of
from jaxercise.frontends.exports.tables import (
    Gradebook,
    canvas_table,
    moodle_table,
    tidy_table,
    write_table,
)

__all__ = [
    "Gradebook",
    "Row",
    "canvas_table",
    "moodle_table",
    "rows_of",
    "tidy_table",
    "write_table",
]
