"""What a student handed in: found, read and described, and never executed here."""

from autograder.submission.sources import Source, Submission, SubmissionError, read_submission

__all__ = ["Source", "Submission", "SubmissionError", "read_submission"]
