"""Grading the graders: right answers, misconceptions, and which claim caught what."""

from autograder.certify.judging import Judged
from autograder.certify.matrix import Certificate, certify

__all__ = ["Certificate", "Judged", "certify"]
