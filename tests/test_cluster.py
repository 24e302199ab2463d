"""Grading on a Dask cluster: the same scores, also where a worker dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import EXERCISE, SECONDS, decided, grade, solution, start, write_course
from running import ROOT, notebook

pytest.importorskip("distributed", reason="dask.distributed is not installed (extra `cluster`)")


class Dask:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._processes = [
            self._run("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address",
                      "127.0.0.1:0")
        ]  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while not self._file.exists() or not self._file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.address: str = json.loads(self._file.read_text())["address"]
        self.workers = [self.add(), self.add()]

    def add(self, **environment: str) -> subprocess.Popen[bytes]:
        """One more worker."""
        options = ("--no-dashboard", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        worker = self._run("dask_worker", *options, **environment)
        self._processes.append(worker)
        return worker

    def _run(self, module: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *options,
             "--scheduler-file", str(self._file)],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    cluster = Dask(tmp_path_factory.mktemp("dask"))
    yield cluster
    cluster.close()


@pytest.mark.nightly
def test_a_cluster_gives_the_same_scores_though_a_worker_dies(dask: Dask, tmp_path: Path) -> None:
    name = f"{EXERCISE}.py"
    course = {f"s{i}": {name: f"{solution()}\n# {i}\n"} for i in range(4)}
    course["wrong"] = {name: solution() + "\ndef batch_gradient(loss, p, x, y):\n    return p\n"}
    course["notebook"] = {f"{EXERCISE}.ipynb": notebook(solution())}
    course["broken"] = {f"{EXERCISE}.ipynb": "{"}
    submissions = write_course(tmp_path / "course", course)
    here = grade(submissions, tmp_path / "here")
    assert here.code == 0
    out = tmp_path / "there"
    process = start(submissions, out, "--scheduler", dask.address)
    dask.workers[0].send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    assert decided(out) == decided(here.folder)
    again = grade(submissions, out, "--scheduler", dask.address)
    assert again.code == 0


def test_no_cluster_is_said_in_a_sentence(tmp_path: Path) -> None:
    submissions = write_course(tmp_path / "course", {"ana": {f"{EXERCISE}.py": solution()}})
    refused = grade(submissions, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert refused.code == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.nightly
def test_a_worker_without_a_sandbox_gets_no_work(dask: Dask, tmp_path: Path) -> None:
    unsandboxed = dask.add(PATH="/nonexistent")
    for worker in dask.workers:
        worker.kill()
        worker.wait()
    submissions = write_course(tmp_path / "course", {"ana": {f"{EXERCISE}.py": solution()}})
    out = tmp_path / "out"
    refused = grade(submissions, out, "--scheduler", dask.address, sandbox=True)
    unsandboxed.kill()
    assert refused.code == 2
    assert "none of the cluster's workers can take part" in refused.err
    assert "bubblewrap is not installed" in refused.err
    assert not (out / "results").exists() or not list((out / "results").iterdir())
