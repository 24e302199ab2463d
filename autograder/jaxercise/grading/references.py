"""References: the solutions, evaluated in float64, with how far a right float32 answer may be off.

They are called on the judge's own data and never see a student's object. What they said is
remembered, also from run to run: draws are deterministic, so the same questions come again.

A reference is a program of a request's arrays alone. It comes from the solution's source or, in a
pack for students, from what `sealed` reads: the same program compiled, without the source.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar

import numpy as np

from jaxercise.cache.folders import configure_judge
from jaxercise.comparison import Expected, allowed_error
from jaxercise.comparison.tolerance import perturbed
from jaxercise.course import Course
from jaxercise.grading.reference_cache import ReferenceCache, fingerprint
from jaxercise.grading.sealed import Sealed, sealed_path
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.values import Key
from jaxercise.workers.runner import Request

_T = TypeVar("_T")


class Programs(Protocol):
    """Where the references of one exercise come from.

    Attributes:
        path: the file that their answers depend on.
    """

    path: Path

    def program(self, request: Request) -> Callable[[list[Any]], Any]:
        """What answers requests like this one.

        Returns:
            a function of the request's arrays (and functions' coefficients), each with a leading
            axis of 1 + COPIES that the answers have too.
        """
        ...


class References:
    """The reference functions of one exercise.

    Args:
        course: whose exercise it is. For want of solutions, its sealed references serve.
        exercise: its name.
        memory: the file in which answers are kept from run to run; None to keep none.
    """

    def __init__(self, course: Course, exercise: str, memory: Path | None = None) -> None:
        self.exercise = exercise
        solution, seal = course.solution(exercise), sealed_path(course, exercise)
        self.programs: Programs = (
            Sealed(seal) if seal.exists() and not solution.exists() else Solutions(solution)
        )
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._answers = ReferenceCache(memory, self.programs.path)
        # One thread for all, for each that compiles needs a compiler context of its own.
        self._aside = futures.ThreadPoolExecutor(1)

    def expected(self, request: Request) -> Expected:
        """What a right answer to a request is."""
        key = fingerprint(request)
        known = self._answers.get(key)
        if known is None:
            known = self.evaluated(request)
            self._answers.add(key, known)
        return known

    def expected_meanwhile(self, request: Request, ask: Callable[[], _T]) -> tuple[Expected, _T]:
        """What a right answer to a request is, found while something else is asked.

        Raises:
            Exception: what `ask` raised; nothing is left at work then.
        """
        key = fingerprint(request)
        known = self._answers.get(key)
        if known is not None:
            return known, ask()
        due = self._aside.submit(self.evaluated, request)
        try:
            reply = ask()
        finally:
            futures.wait([due])
        known = due.result()
        self._answers.add(key, known)
        return known, reply

    def save(self) -> None:
        """Keep the answers for the next run."""
        self._answers.save()

    def evaluated(self, request: Request) -> Expected:
        """What a right answer to a request is, whether or not that is known already."""
        import jax

        configure_judge()
        found = arrays(request)
        with jax.enable_x64(True), jax.default_device(jax.local_devices(backend="cpu")[0]):
            key = question(request)
            if key not in self._compiled:
                self._compiled[key] = jax.jit(self.programs.program(request))
            answers = self._compiled[key](
                [perturbed(array, place) for place, (_, array) in enumerate(found)]
            )
            return _expected(jax.device_get(answers))


class Solutions:
    """References by their source.

    Args:
        path: the solution of the exercise.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._module: ModuleType | None = None
        self._lock = threading.Lock()

    def program(self, request: Request) -> Callable[[list[Any]], Any]:
        import jax

        function = self.function(request.function)

        def evaluate(given: list[Any]) -> Any:
            remaining = iter(given)
            value = function(*[_real(one, remaining) for one in request.arguments])
            if request.result_arguments is not None:
                value = _under(request.result_under, value)(
                    *[_real(one, remaining) for one in request.result_arguments]
                )
            return value

        return jax.vmap(evaluate)

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the solution.

        Raises:
            FileNotFoundError: the solution is missing.
        """
        with self._lock:
            if self._module is None:
                self._module = _imported(self.path)
        found: Callable[..., Any] = getattr(self._module, name)
        return found


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"jaxercise_reference_{path.stem}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"no reference: {path} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arrays(request: Request) -> list[tuple[str, Any]]:
    """The arrays of a request, with the family's name or `array`."""
    found: list[tuple[str, Any]] = []
    for one in (*request.arguments, *(request.result_arguments or ())):
        if isinstance(one, Described):
            found.append((one.family.name, one.coefficients))
        elif isinstance(one, np.ndarray | np.generic):
            found.append(("array", np.asarray(one)))
    return found


def question(request: Request) -> tuple[Any, ...]:
    """What tells apart the programs that two requests need: all but the arrays' contents."""
    return _frozen(request), tuple((name, array.shape) for name, array in arrays(request))


def _frozen(request: Request) -> tuple[Any, ...]:
    def frozen(one: Any) -> Any:
        return one if isinstance(one, int | Key) else None

    return (
        request.function,
        request.result_under if request.result_under == "vmap" else "",  # others change no value
        tuple(map(frozen, request.arguments)),
        None if request.result_arguments is None else tuple(map(frozen, request.result_arguments)),
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
