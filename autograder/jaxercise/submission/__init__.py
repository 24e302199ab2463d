"""What a student handed in: found, read and described, and never executed here."""

from jaxercise.submission.sources import (
    Source,
    Submission,
    SubmissionError,
    notebook_of,
    read_submission,
)

__all__ = ["Source", "Submission", "SubmissionError", "notebook_of", "read_submission"]
