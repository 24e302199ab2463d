"""The references' answers, asked for while the student's function is at work."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from jaxercise.grading.references import References
from jaxercise.sandboxed.requests import Request
from running import COURSE


def test_reference_is_evaluated_while_something_else_is_asked() -> None:
    """Neither waits for the other to end, and what is asked meanwhile may raise."""
    references = References(COURSE, "07_ensemble")
    request = Request("spread", (np.array([[1.0, 0.0], [3.0, 0.0]], np.float32),))
    both, was = threading.Barrier(2, timeout=30), references.evaluated
    references.evaluated = lambda one: [was(one), both.wait()][0]  # type: ignore[method-assign]
    due, asked = references.expected_meanwhile(request, both.wait)
    assert due.value == pytest.approx([2.0, 0.0])
    assert asked in (0, 1)
    again, asked = references.expected_meanwhile(request, lambda: 7)  # known by now
    assert again.value is due.value
    assert asked == 7


def test_reference_that_fails_is_said_loudly() -> None:
    """What goes wrong in the other thread is raised in the one that waits."""
    request = Request("no_such_function", ())
    with pytest.raises(AttributeError):
        References(COURSE, "02_grad_vs_cos").expected_meanwhile(request, lambda: None)
    with pytest.raises(ZeroDivisionError):
        References(COURSE, "02_grad_vs_cos").expected_meanwhile(request, lambda: 1 / 0)
