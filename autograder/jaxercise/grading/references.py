"""References: the solutions, evaluated in float64, with how far a right float32 answer may be off.

They are called on the judge's own data and never see a student's object. What they said is
remembered, also from run to run: draws are deterministic, so the same questions come again.

A reference is a program of a request's numbers alone. It comes from the solution's source or, in a
pack for students, from what `sealed` reads: the same program compiled, without the source.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from jaxercise.cache.folders import configure_judge
from jaxercise.cache.persistent import PersistentCache, fingerprint
from jaxercise.comparison import Expected, allowed_error
from jaxercise.course import Course
from jaxercise.grading.numbers import Number, numbers, question, values
from jaxercise.grading.sealed import Sealed, sealed_path
from jaxercise.grading.signatures import Signature, signature_of
from jaxercise.sandboxed.calling import computed
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.results import plain
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import decode_result, encode

_T = TypeVar("_T")

#: What answers depend on besides the solution.
_DEPENDS = (
    *("comparison", "sandboxed/families", "sandboxed/calling.py", "sandboxed/requests.py"),
    *("sandboxed/instances.py", "sandboxed/results.py", "sandboxed/wire"),
    *("grading/numbers.py", "grading/references.py"),
)
_VERSIONS = ("jax", "jaxlib", "numpy")
#: As many answers are kept, unless told.
_MOST = 4000

_importing = threading.Lock()


class References:
    """The reference functions of one exercise.

    Args:
        course: whose exercise it is. For want of solutions, its sealed references serve.
        exercise: its name.
        memory: the file in which answers are kept from run to run; None to keep none.
        most: as many answers are remembered.
    """

    def __init__(
        self, course: Course, exercise: str, memory: Path | None = None, *, most: int = _MOST
    ) -> None:
        self.exercise = exercise
        solution, seal = course.solution(exercise), sealed_path(course, exercise)
        self.programs: Solutions | Sealed = (
            Sealed(seal) if seal.exists() and not solution.exists() else Solutions(solution)
        )
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self._answers: PersistentCache[Expected] = PersistentCache(
            memory, [self.programs.path, *_DEPENDS], _VERSIONS, _encoded, _decoded, most=most
        )
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
        found = numbers(request)
        given = values(found)
        with wide(found), jax.default_device(jax.local_devices(backend="cpu")[0]):
            key = question(request)
            if key not in self._compiled:
                self._compiled[key] = jax.jit(self.programs.program(request))
            answers = plain(jax.device_get(self._compiled[key](given)))
        for leaf in trees.leaves(answers):
            if not isinstance(leaf, np.ndarray):
                raise TypeError(
                    f"the reference {request.function} returns {leaf}, which is no array"
                )
        return Expected(trees.mapped(_exact, answers), trees.mapped(allowed_error, answers))


def wide(found: list[Number]) -> Any:
    """The context in which a program runs: 64 bits wide, save where keys have to draw as in 32."""
    import jax

    return jax.enable_x64(not any(one.is_key for one in found))


def _exact(answers: Array) -> Array:
    """The exact answer of a program's; float32 would say nothing else than float64."""
    dtype = np.float64 if answers.dtype == np.float32 else answers.dtype
    return np.asarray(answers[0], dtype)


class Solutions:
    """References by their source."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._module: ModuleType | None = None
        self._lock = threading.Lock()

    def program(self, request: Request) -> Callable[[list[Any]], Any]:
        """What answers requests like this one.

        Returns:
            a function of the request's numbers, as `numbers.values` has them: those that are
            rounded with a leading axis of 1 + COPIES, which the answers have too; where none is,
            that of the answers is 1.
        """
        import jax

        plainly = request.plain()
        function, names = self.function(request.function), vars(self._loaded())
        axes = [0 if one.is_rounded else None for one in numbers(request)]

        def evaluate(given: list[Any]) -> Any:
            return computed(plainly, function, given, names)

        if 0 in axes:
            return jax.vmap(_narrowed(evaluate, request), in_axes=(axes,))
        return lambda given: jax.tree.map(lambda one: jax.numpy.asarray(one)[None], evaluate(given))

    def signature(self, name: str) -> Signature | None:
        """What a reference takes and returns; None where that is not known."""
        try:
            return signature_of(self.function(name))
        except (AttributeError, FileNotFoundError):  # claims may do without a reference
            return None

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the solution.

        Raises:
            FileNotFoundError: the solution is missing.
        """
        found: Callable[..., Any] = getattr(self._loaded(), name)
        return found

    def _loaded(self) -> ModuleType:
        with self._lock:
            if self._module is None:
                self._module = self.imported()
            return self._module

    def imported(self) -> ModuleType:
        """The solution, a module of its own each time.

        Raises:
            FileNotFoundError: it is missing.
        """
        path = self.path
        spec = importlib.util.spec_from_file_location(f"jaxercise_reference_{path.stem}", path)
        if spec is None or spec.loader is None or not path.exists():
            raise FileNotFoundError(f"no reference: {path} is missing")
        module = importlib.util.module_from_spec(spec)
        with _no_collection():
            spec.loader.exec_module(module)
        return module


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Import something beside threads that use JAX, one at a time and without garbage collection.

    While a library is loaded (matplotlib's, by some solutions), its thread holds the loader's lock.
    A collection then runs what JAX and Hypothesis have Python do at each, for which the thread may
    have to wait for the interpreter; one that uses JAX's native code for the first time holds it,
    and waits for the loader: none of the two goes on.
    """
    with _importing:
        enabled = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if enabled:
                gc.enable()


def _narrowed(evaluate: Callable[[list[Any]], Any], request: Request) -> Callable[[list[Any]], Any]:
    """The program with the dtypes that a right answer has, where arguments have less than 32 bits.

    In float64 nothing is left of them that would tell.
    """
    import jax

    found = [np.asarray(one.value) for one in numbers(request)]
    if all(one.dtype.itemsize >= 4 or one.dtype.kind in "biu" for one in found):
        return evaluate
    with jax.enable_x64(False):
        due = jax.eval_shape(evaluate, found)
    return lambda given: jax.tree.map(
        lambda one, like: jax.numpy.asarray(one, like.dtype) if like.dtype.itemsize < 4 else one,
        evaluate(given),
        due,
    )


def _encoded(expected: Expected, arrays: dict[str, Array]) -> Any:
    return encode((expected.value, expected.error), arrays)


def _decoded(item: Any, arrays: dict[str, Array]) -> Expected:
    return Expected(*decode_result(item, arrays))
