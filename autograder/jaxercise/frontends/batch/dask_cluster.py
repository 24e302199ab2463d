"""Grading on a Dask cluster: submissions travel as bytes, results come back and are written here.

A cluster's worker needs the installed kit and nothing else. It gets work once it has shown that it
has this very kit and that its sandbox holds. Where one dies, another takes over what it had.
"""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jaxercise.frontends.batch.judge import Answer, Job, unscored
from jaxercise.frontends.batch.judge_processes import (
    JudgeDiedError,
    JudgeProcess,
    MachineError,
    SandboxRefusedError,
)
from jaxercise.frontends.batch.keys import Settings, decided_by

_CONNECT_SECONDS = 20
_WORKERS_SECONDS = 120.0
_POLL_SECONDS = 0.5
#: Submissions under way for each judge of the cluster: one at work, one waiting there.
_AHEAD = 2


class ClusterError(Exception):
    """There is no such cluster, or it cannot be used; the message says what to do."""


# What runs on the cluster's workers.

_idle: dict[str, queue.SimpleQueue[JudgeProcess]] = {}


def check_worker(settings: dict[str, Any], digest: str) -> str:
    """On a worker: why it cannot take part; empty if it can."""
    if decided_by(Settings.from_json(settings).opened()) != digest:
        return "it has another version of the engine or of the course, of jax or of Python"
    try:
        with _judge(settings) as judge:
            judge.start()
    except (SandboxRefusedError, JudgeDiedError, MachineError) as error:
        return str(error)
    return ""


def grade_on_worker(settings: dict[str, Any], job: dict[str, Any]) -> Answer:
    """On a worker: grade one submission."""
    with _judge(settings) as judge:
        try:
            return judge.grade(Job.from_json(job))
        except (SandboxRefusedError, MachineError) as error:
            from distributed import get_worker

            return {"worker": str(error), "where": get_worker().address}


@contextlib.contextmanager
def _judge(settings: dict[str, Any]) -> Iterator[JudgeProcess]:
    """A judge of this worker that is idle; as many are started as the worker has threads."""
    pool = _idle.setdefault(json.dumps(settings, sort_keys=True), queue.SimpleQueue())
    try:
        judge = pool.get_nowait()
    except queue.Empty:
        judge = JudgeProcess(Settings.from_json(settings))
    try:
        yield judge
    finally:
        pool.put(judge)


# What runs here.


class Cluster:
    """Judges on the workers of a Dask cluster.

    Args:
        settings: the instructor's choices.
        client: a `dask.distributed.Client`; None to connect to the address.
        address: the scheduler's.

    Raises:
        ClusterError: there is none, or it has no worker.
        SandboxRefusedError: no worker's sandbox holds.
    """

    def __init__(self, settings: Settings, client: Any, address: str | None) -> None:
        try:
            import distributed
        except ImportError:
            raise ClusterError(
                "dask.distributed is not installed; run: pip install 'jaxercise[cluster]'"
            ) from None
        self._distributed = distributed
        self._settings = settings.as_json()
        self._decided_by = decided_by(settings.opened())
        self._owned = client is None
        if client is None:
            try:
                client = distributed.Client(address, timeout=_CONNECT_SECONDS)
            except (OSError, TimeoutError, ValueError) as error:
                raise ClusterError(f"no Dask scheduler answers at {address} ({error}).") from None
        self._client = client
        self._good: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._tests: dict[str, Any] = {}
        try:
            self._wait_for_workers(address)
        except BaseException:
            self.close()
            raise

    def _wait_for_workers(self, address: str | None) -> None:
        deadline = time.monotonic() + _WORKERS_SECONDS
        while not self._good and time.monotonic() < deadline:
            self._look_around()
            if self._refused and not self._tests:
                break
            time.sleep(_POLL_SECONDS)
        if self._good:
            return
        if self._refused:
            where, why = next(iter(self._refused.items()))
            raise SandboxRefusedError(
                f"none of the cluster's workers can take part; {where}: {why}"
            )
        raise ClusterError(
            f"the cluster at {address} has no workers that answer; start some first."
        )

    def _present(self) -> dict[str, int]:
        """The cluster's workers, with their threads."""
        info = self._client.scheduler_info(n_workers=-1)["workers"]
        return {address: about["nthreads"] for address, about in info.items()}

    def _look_around(self) -> None:
        """Have workers tested that are new, and forget those that are gone; waits for nothing."""
        present = self._present()
        self._good = {a: n for a, n in self._good.items() if a in present}
        self._tests = {a: test for a, test in self._tests.items() if a in present}
        for address in present.keys() - self._good.keys() - self._refused.keys():
            if address not in self._tests:
                self._tests[address] = self._client.submit(
                    check_worker, self._settings, self._decided_by, workers=[address], pure=False
                )
        for address, test in list(self._tests.items()):
            if not test.done():
                continue
            del self._tests[address]
            try:
                why = test.result()
            except Exception as error:  # e.g. the engine is not installed there
                why = f"{type(error).__name__}: {error}"
            if why:
                self._refused[address] = why
                print(f"{address} takes no part: {why}", file=sys.stderr, flush=True)
            else:
                self._good[address] = present[address]

    def run(self, jobs: Sequence[Callable[[], Job]]) -> Iterator[tuple[int, Answer]]:
        waiting = deque(range(len(jobs)))
        under_way: dict[Any, tuple[int, tuple[str, ...]]] = {}
        while waiting or under_way:
            self._look_around()
            self._resubmit_stranded(under_way, waiting)
            if not self._good and not under_way and not self._tests:
                raise MachineError("No worker of the cluster is left that can take part.")
            while waiting and len(under_way) < _AHEAD * sum(self._good.values()):
                position = waiting.popleft()
                future = self._submitted(jobs[position]())
                under_way[future] = position, tuple(self._good)
            for future in self._finished(list(under_way)):
                position, _ = under_way.pop(future)
                answer = self._answer(future)
                if "worker" in answer:  # its sandbox or its disk has failed since it was tested
                    self._refused[answer["where"]] = answer["worker"]
                    self._good.pop(answer["where"], None)
                    waiting.append(position)
                    continue
                yield position, answer

    def run_alone(self, job: Job) -> Answer:
        return next(self.run([lambda: job]))[1]

    def _submitted(self, job: Job) -> Any:
        return self._client.submit(
            grade_on_worker, self._settings, job.as_json(), workers=list(self._good), pure=False
        )

    def _finished(self, futures: list[Any]) -> list[Any]:
        if not futures:
            time.sleep(_POLL_SECONDS)
            return []
        with contextlib.suppress(TimeoutError):
            self._distributed.wait(futures, timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED")
        return [future for future in futures if future.done()]

    def _resubmit_stranded(
        self, under_way: dict[Any, tuple[int, tuple[str, ...]]], waiting: deque[int]
    ) -> None:
        """Take back what waits for workers that are all gone."""
        for future, (position, allowed) in list(under_way.items()):
            if not future.done() and not set(allowed) & set(self._good):
                future.cancel()
                del under_way[future]
                waiting.append(position)

    def _answer(self, future: Any) -> Answer:
        """What a future holds; a result counts once, whatever becomes of it afterwards."""
        try:
            answer: Answer = future.result()
        except self._distributed.KilledWorker:
            return unscored("internal", "Several workers of the cluster have died over it.")
        except Exception as error:
            raise MachineError(
                f"A worker of the cluster cannot grade ({type(error).__name__}: {error})."
            ) from None
        return answer

    def close(self) -> None:
        if self._owned:
            with contextlib.suppress(Exception):
                self._client.close()
