"""How the cost of training grows with the number of models, by the reference `train`.

    python tests/benchmarks/training.py [--models N ...] [--houses N] [--epochs N] [--rounds N]

One call trains all models, each on houses of its own. For every platform that jax finds (the CPU,
and a GPU where there is one) the table tells the seconds of the first call, which compiles, the
median of the later ones, the time for one model, and how that compares with training the fewest
models. What is trained together has to be what is trained alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
from jaxercise.grading.references import Solutions

ROOT = Path(__file__).resolve().parents[2]
RATE = np.float32(1e-4)


def solution() -> ModuleType:
    """The solution of exercise 6, imported as the judge does."""
    return Solutions(ROOT / "solutions" / "06_parallel_regression.py").imported()


def data(models: int, houses: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starting points (c, 2), sizes (c, n, 1) and prices (c, n) like the article's."""
    dice = np.random.default_rng(0)
    line = dice.uniform((30, 50), (80, 200), (models, 2))
    x = dice.uniform(10, 100, (models, houses, 1))
    y = line[:, :1] * x[..., 0] + line[:, 1:] + dice.normal(0, 25, (models, houses))
    return tuple(one.astype(np.float32) for one in (np.zeros((models, 2)), x, y))  # type: ignore[return-value]


def seconds(train: Any, arguments: tuple[Any, ...], rounds: int) -> tuple[Any, list[float]]:
    """The params that one call gives, and what each of some calls took."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        params, losses = jax.block_until_ready(train(*arguments))  # type: ignore[no-untyped-call]
        taken.append(time.perf_counter() - start)
    assert np.all(np.isfinite(losses))
    return np.asarray(params), taken


def devices() -> Iterator[Any]:
    """One device of each platform; the CPU first."""
    yield jax.devices("cpu")[0]
    if jax.default_backend() != "cpu":
        yield jax.devices()[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", type=int, default=[10, 1000, 100_000], metavar="N")
    parser.add_argument("--houses", type=int, default=50, metavar="N")
    parser.add_argument("--epochs", type=int, default=100, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    asked = parser.parse_args()
    train = jax.jit(solution().train, static_argnums=4)
    whole = data(max(asked.models), asked.houses)
    print(f"{asked.houses} houses a model, {asked.epochs} epochs, {os.cpu_count()} cores")
    print(f"{'':<24}{'models':>8}{'first call':>12}{'later':>10}{'a model':>12}{'ratio':>8}")
    for device in devices():
        first = 0.0
        with jax.default_device(device):
            for models in sorted(asked.models):
                few = [jax.device_put(one[:models], device) for one in whole]
                params, taken = seconds(train, (*few, RATE, asked.epochs), asked.rounds)
                each = statistics.median(taken[1:]) / models
                first = first or each
                print(
                    f"{device.device_kind[:22]:<24}{models:>8}{taken[0]:>10.2f} s"
                    f"{each * models:>8.4f} s{each * 1e6:>9.2f} us{each / first:>8.4f}",
                    flush=True,
                )
                alone, _ = seconds(train, (*(one[:1] for one in few), RATE, asked.epochs), 0)
                np.testing.assert_allclose(params[:1], alone, rtol=1e-3)


if __name__ == "__main__":
    main()
