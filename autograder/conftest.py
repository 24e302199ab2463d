"""`pytest autograder/`: the door for students. The hooks stand in `autograder.door`."""

from autograder.worker import nursery

nursery.prepare()  # before the slow imports below: the worker's own run beside them

from autograder.door import pytest_configure  # noqa: E402

__all__ = ["pytest_configure"]
