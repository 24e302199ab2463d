"""What all tests share."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from corpus import one_of_each
from hypothesis import HealthCheck, settings
from jaxercise.authoring.certify import Certificate, certify
from jaxercise.authoring.certify.runners import PatientWorkers, patient_workers
from needs import NIGHTLY, TURN, TURNS, required
from running import COURSE, IN_TURN

# The same examples in every run, however slow the machine, and nothing kept from run to run.
settings.register_profile(
    "kit",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kit")

#: Courses that tests are about hold property files of their own.
collect_ignore = ["courses"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "nightly: takes too long for every commit")
    config.addinivalue_line(
        "markers", "in_turn(*always): the exercises that it is about take turns, but for some"
    )
    required()


def pytest_report_header() -> str:
    return f"exercises that have their turn ({TURN} of {TURNS}): {', '.join(IN_TURN)}"


#: What takes longest, the longest first: begun last, it would be left alone at the end.
LONGEST = (
    "a term",
    "test_batch",
    "shipped submissions",
    "test_verdicts",
    "test_wheel",
    "test_hostile",
    "test_pack",
    "test_feedback",
)


def group(nodeid: str) -> str:
    """What a test shares costly work with: one process of several does all of it.

    Told from the name alone, for the process that deals tests out collects none.
    """
    path, _, test = nodeid.partition("::")
    file = Path(path).stem
    exercise = re.search(r"\[(\d\d_\w+)\]$", test)
    if file in ("test_certify", "test_misconception_texts", "test_naming") and exercise:
        return f"certified {exercise[1]}"
    if file in ("test_nbgrader", "test_formgrader") or test in (
        "test_nbgrader_holds_as_well",
        "test_a_student_of_the_term_has_the_same_points_everywhere",
    ):
        return "a term"
    if file in ("test_pytest_plugin", "test_scores"):
        return "shipped submissions"
    return file


def place(item: pytest.Item) -> tuple[int, bool]:
    """Where a test stands among all: long groups first, then certificates, then the rest."""
    its = group(item.nodeid)
    number = LONGEST.index(its) if its in LONGEST else len(LONGEST)
    return number, not its.startswith("certified")


def left_out(item: pytest.Function) -> bool:
    """Whether a test is for another commit, or for the night."""
    if NIGHTLY or item.get_closest_marker("nightly"):
        return not NIGHTLY
    if turns := item.get_closest_marker("in_turn"):
        about = {str(one).partition(".")[0] for one in item.callspec.params.values()}
        return about.isdisjoint({*IN_TURN, *turns.args})
    return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest groups begin first, so that none of them is left alone at the end."""
    if left := [one for one in items if isinstance(one, pytest.Function) and left_out(one)]:
        config.hook.pytest_deselected(items=left)
        items[:] = [one for one in items if one not in left]
    for item in items:
        assert isinstance(item, pytest.Function)
        shared = "certificates" in item.fixturenames, "term" in item.fixturenames
        kind = group(item.nodeid).split()[0]
        assert shared in ((kind == "certified", False), (False, kind == "a"), (False, False)), (
            f"{item.nodeid} is not grouped with what it shares its fixture with"
        )
    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2`, what stands on the same costly work is done by one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kit's caches lie in a folder of this session's own, and start empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "JAXERCISE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def workers(cache: None) -> Iterator[PatientWorkers]:
    """Workers under limits that no machine is too slow for: the clock is tested elsewhere."""
    with patient_workers() as made:
        yield made


@pytest.fixture(scope="session")
def certificates(workers: PatientWorkers) -> Callable[[str], Certificate]:
    """The certificate of an exercise, by its name, once in a session.

    Every body of it is judged, or one of each kind.
    """
    chosen = list if NIGHTLY else one_of_each
    return functools.cache(functools.partial(certify, COURSE, workers=workers, chosen=chosen))


@pytest.fixture(scope="session")
def term(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A term with nbgrader up to the students' feedback: a `NbgraderTerm`, made once."""
    from nbgrader_term import graded_term

    return graded_term(tmp_path_factory.mktemp("term"))
