"""What all tests share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from autograder.certify import Certificate, certify
from autograder.certify.benches import PatientWorkers, patient_workers

# The same examples in every run, however slow the machine, and nothing kept from run to run.
settings.register_profile(
    "kit",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kit")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes seconds")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n 2 --dist loadgroup`, what stands on the same costly work is done by one process."""
    for item in items:
        assert isinstance(item, pytest.Function)
        group = item.path.stem
        if "certificates" in item.fixturenames:
            group = f"certified {item.callspec.params['name']}"
        elif "desk" in item.fixturenames:
            group = "a term"
        item.add_marker(pytest.mark.xdist_group(group))


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
    """The certificate of an exercise, by its name: every body of it judged, once in a session."""
    return functools.cache(functools.partial(certify, workers=workers))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A term with nbgrader up to the students' feedback: a `course.Desk`, made once."""
    from term import graded_term

    return graded_term(tmp_path_factory.mktemp("term"))
