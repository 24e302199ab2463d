"""Grading the graders: right answers, misconceptions, and which claim caught what."""

from jaxercise.authoring.certify.grading import JudgedBody
from jaxercise.authoring.certify.matrix import Certificate, certify

__all__ = ["Certificate", "JudgedBody", "certify"]
