"""Syntax trees that several threads build at once."""

from __future__ import annotations

import ast
import gc
import threading

from jaxercise import syntax_trees

NESTED = "x = [[1, 2, 3], [4, 5, (6, 7)], f(a, b, c=3)]\n" * 300


def test_a_thread_may_parse_while_another_does() -> None:
    """Collections of garbage let another thread parse in the midst of it, and neither fails."""
    syntax_trees.build_one_at_a_time()
    failures: list[BaseException] = []

    def parse() -> None:
        try:
            ast.parse(NESTED)
        except SystemError as failure:
            failures.append(failure)

    def meanwhile(phase: str, _: dict[str, int]) -> None:
        if phase == "start" and threading.current_thread() is first:
            gc.callbacks.remove(meanwhile)
            second.start()
            second.join(1)  # it may have to wait for the first

    first, second = threading.Thread(target=parse), threading.Thread(target=parse)
    gc.callbacks.append(meanwhile)
    first.start()
    first.join()
    second.join()
    assert meanwhile not in gc.callbacks, "no garbage was collected"
    assert not failures
