"""References: the solutions, evaluated in float64, with how far a right float32 answer may be off.

They are called on the judge's own data and never see a student's object. What they said is
remembered, also from run to run: draws are deterministic, so the same questions come again.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.caches import configure_judge
from autograder.comparison import Expected, allowed_error
from autograder.comparison.tolerance import perturbed
from autograder.families import Described
from autograder.processes import ROOT
from autograder.properties.answers import Answers, fingerprint
from autograder.wire.values import Key
from autograder.worker.bench import Request

SOLUTIONS = ROOT / "solutions"


class References:
    """The reference functions of one exercise.

    Args:
        exercise: its name.
        memory: the file in which answers are kept from run to run; None to keep none.
        folder: where the solutions are.
    """

    def __init__(self, exercise: str, memory: Path | None = None, folder: Path = SOLUTIONS) -> None:
        self.exercise = exercise
        self._path = folder / f"{exercise}.py"
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._module: ModuleType | None = None
        self._lock = threading.Lock()
        self._answers = Answers(memory, self._path)

    def expected(self, request: Request) -> Expected:
        """What a right answer to a request is."""
        key = fingerprint(request)
        known = self._answers.get(key)
        if known is None:
            known = self._evaluated(request)
            self._answers.add(key, known)
        return known

    def save(self) -> None:
        """Keep the answers for the next run."""
        self._answers.save()

    def _evaluated(self, request: Request) -> Expected:
        import jax

        configure_judge()
        places, arrays = _arrays(request)
        shapes = tuple((name, array.shape) for name, array in zip(places, arrays, strict=True))
        key = (_frozen(request), shapes)
        with jax.enable_x64(True), jax.default_device(jax.local_devices(backend="cpu")[0]):
            if key not in self._compiled:
                self._compiled[key] = jax.jit(jax.vmap(self._evaluate(request)))
            answers = self._compiled[key](
                [perturbed(array, place) for place, array in enumerate(arrays)]
            )
            return _expected(jax.device_get(answers))

    def _evaluate(self, request: Request) -> Callable[[list[Any]], Any]:
        """A function of the request's arrays alone."""
        function = getattr(self._solutions(), request.function)

        def evaluate(arrays: list[Any]) -> Any:
            remaining = iter(arrays)
            value = function(*[_real(one, remaining) for one in request.arguments])
            if request.then is not None:
                value = _under(request.then_under, value)(
                    *[_real(one, remaining) for one in request.then]
                )
            return value

        return evaluate

    def _solutions(self) -> ModuleType:
        with self._lock:
            if self._module is None:
                name = f"jaxercise_reference_{self.exercise}"
                spec = importlib.util.spec_from_file_location(name, self._path)
                if spec is None or spec.loader is None or not self._path.exists():
                    raise FileNotFoundError(f"no reference: {self._path} is missing")
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                self._module = module
            return self._module


def _arrays(request: Request) -> tuple[list[str], list[Any]]:
    found = []
    for one in (*request.arguments, *(request.then or ())):
        if isinstance(one, Described):
            found.append((one.family.name, one.coefficients))
        elif isinstance(one, np.ndarray | np.generic):
            found.append(("array", np.asarray(one)))
    return [name for name, _ in found], [array for _, array in found]


def _frozen(request: Request) -> tuple[Any, ...]:
    def frozen(one: Any) -> Any:
        return one if isinstance(one, int | Key) else None

    return (
        request.function,
        request.then_under,
        tuple(map(frozen, request.arguments)),
        None if request.then is None else tuple(map(frozen, request.then)),
    )


def _real(one: Any, arrays: Any) -> Any:
    import jax

    if isinstance(one, Described):
        coefficients = next(arrays)
        compiled = one.family.compiled
        return lambda *arguments: compiled(coefficients, *arguments)
    if isinstance(one, Key):
        return jax.random.key(one.seed) if one.typed else jax.random.PRNGKey(one.seed)
    if isinstance(one, int):
        return one
    return next(arrays)


def _under(transformation: str, function: Any) -> Any:
    import jax

    return jax.vmap(function) if transformation == "vmap" else function


def _expected(answers: Any) -> Expected:
    if isinstance(answers, tuple):
        parts = [_expected(answer) for answer in answers]
        return Expected(tuple(p.value for p in parts), tuple(p.error for p in parts))
    return Expected(answers[0], allowed_error(answers))
