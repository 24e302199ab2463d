"""What an instructor reads after a batch: a table, a summary, and pages that need no network."""

from __future__ import annotations

from collections.abc import Mapping

from jaxercise.files import write_whole
from jaxercise.frontends.batch.lateness import Lateness
from jaxercise.frontends.batch.records import Store, file_name
from jaxercise.frontends.batch.report.page import course_page, student_page
from jaxercise.frontends.batch.report.summary import Summary
from jaxercise.frontends.exports.rows import Row, rows_of
from jaxercise.frontends.exports.tables import tidy_table, write_table

FEEDBACK = "feedback"


def write(store: Store, handed_in: Mapping[str, Lateness], title: str) -> str:
    """Write `scores.csv`, `summary.txt`, `report.html` and a page of feedback for each student.

    Args:
        store: the records.
        handed_in: when each student of the class has handed in, and what that costs.
        title: the course's name, for people.

    Returns:
        the summary.

    Raises:
        OSError: something cannot be written.
    """
    summary, rows = Summary(), []
    pages = store.folder / FEEDBACK
    pages.mkdir(exist_ok=True)
    for student, lateness in handed_in.items():
        record = store.record(student)
        if record is None:
            summary.missing.append(student)
            why = "It changed while it was graded: run it again."
            rows.append(Row(student, "", "", None, None, "not graded", reason=why))
            continue
        summary.add(record, lateness)
        submitted = lateness.submitted
        time = submitted.isoformat() if submitted else record.timestamp
        rows += rows_of(
            *(student, record.results, time, record.seed),
            late_minutes=lateness.minutes,
            share=lateness.share,
        )
        if not record.outcomes:
            rows.append(
                Row(
                    *(student, "", "", None, None, record.verdict),
                    attempted=time,
                    late_minutes=lateness.minutes,
                    seed=record.seed,
                    reason=record.problem,
                )
            )
        page = student_page(record, lateness)
        write_whole(pages / page_name(student), page.encode(errors="replace"))
    write_table(store.folder / "scores.csv", tidy_table(rows))
    text = summary.text(store.folder / "report.html")
    write_whole(store.folder / "summary.txt", text.encode(errors="replace"))
    page = course_page(summary, title, lambda student: f"{FEEDBACK}/{page_name(student)}")
    write_whole(store.folder / "report.html", page.encode(errors="replace"))
    return text


def page_name(student: str) -> str:
    """The file of a student's feedback."""
    return f"{file_name(student)}.html"
