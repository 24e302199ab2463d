"""`pytest autograder/`: the door for students. The hooks stand in `autograder.door`."""

from autograder.door import (
    pytest_addoption,
    pytest_configure,
)

__all__ = ["pytest_addoption", "pytest_configure"]
