"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

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


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kit's caches lie in a folder of this session's own, and start empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "JAXERCISE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
