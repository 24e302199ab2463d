"""The references' answers, asked for while the student's function is at work."""

from __future__ import annotations

import gc
import itertools
import threading
from concurrent import futures
from pathlib import Path

import numpy as np
import pytest
from jaxercise.cache import folders
from jaxercise.cache.persistent import PersistentCache
from jaxercise.grading.references import References, Solutions
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


def test_solutions_are_imported_one_at_a_time_without_garbage_collection(tmp_path: Path) -> None:
    """A collection while a library is loaded can wait for a thread that waits for the loader."""
    source = """
import gc, time
began = time.monotonic(), gc.isenabled()
time.sleep(0.05)
ended = time.monotonic(), gc.isenabled()
def imported():
    return began, ended
"""
    paths = [tmp_path / f"{number:02}_slow.py" for number in range(3)]
    for path in paths:
        path.write_text(source)
    with futures.ThreadPoolExecutor(len(paths)) as threads:
        found = sorted(threads.map(lambda path: Solutions(path).function("imported")(), paths))
    assert not any(collects for one in found for _, collects in one)
    assert all(before[1][0] <= after[0][0] for before, after in itertools.pairwise(found))
    assert gc.isenabled()


def test_no_more_is_remembered_than_there_is_room_for(tmp_path: Path) -> None:
    """What was asked for longest ago goes first, in memory and in the file."""

    def opened() -> PersistentCache[int]:
        return PersistentCache(
            tmp_path / "kept", [], [], lambda one, _: one, lambda one, _: one, most=2
        )

    cache = opened()
    for key, value in (("everybody's", 1), ("one student's", 2), ("another one's", 3)):
        assert cache.get("everybody's") == (None if value == 1 else 1)
        cache.add(key, value)
    cache.save()
    for each in (cache, opened()):
        assert each.get("everybody's") == 1
        assert each.get("one student's") is None
        assert each.get("another one's") == 3


def test_judges_of_others_write_no_answers_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads them afterwards, and after each of thousands of submissions it costs time."""
    monkeypatch.setattr(folders, "_own", None)
    assert folders.kept_file("references", COURSE, "01_vmap") is not None
    monkeypatch.setattr(folders, "_own", tmp_path)
    assert folders.kept_file("references", COURSE, "01_vmap") is None
    assert folders.kept_file("replies", COURSE, "01_vmap") is None
    assert folders.kept_file("draws", COURSE, "01_vmap") is None
