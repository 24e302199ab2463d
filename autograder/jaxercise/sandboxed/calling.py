"""A call carried out: its arguments made real, its steps applied.

Students' functions, references and the course's own bodies are all called here; they differ in what
an argument's leaf is made into.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaxercise.sandboxed import figures
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.instances import making
from jaxercise.sandboxed.internals import vmaps_around
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.values import Key


class StudentError(Exception):
    """Student code raised; `cause` is what it raised."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(type(cause)))
        self.cause = cause


class Call:
    """A request with its arguments made real, as a student's function receives them.

    Args:
        request: the request.
        names: what the function's file defines, classes of arguments among it.

    Attributes:
        request, names: as above.
        arguments: arrays as `jax.Array`, functions as callables that count, keys, objects.
        result_arguments: the same for the function that is returned; None where there is none.
        made: the leaves of the request, each with what it was made into.

    Raises:
        ImportError, NameError, TypeError: as `instances.making`.
    """

    def __init__(self, request: Request, names: Mapping[str, Any]) -> None:
        import jax

        self.request = request
        self.names = names
        self.made: list[tuple[Any, Any]] = []
        self._passed: list[PassedFunction] = []
        self.arguments = self._realized(request.arguments)
        last = request.result_arguments
        self.result_arguments = None if last is None else self._realized(last)
        given = self.arguments, self.result_arguments
        self._leaves: list[Any] = jax.tree.leaves(given)
        self._form: Any = jax.tree.structure(given)

    def counts(self) -> list[int]:
        """How often each passed-in function was called, in the order of the arguments."""
        return [function.calls for function in self._passed]

    def forget_counts(self) -> None:
        """Begin to count anew."""
        for function in self._passed:
            function.calls = 0

    def deleted(self) -> bool:
        """True if an array that was passed in did not survive the call (donated or deleted)."""
        import jax

        return any(isinstance(leaf, jax.Array) and leaf.is_deleted() for leaf in self._leaves)

    def altered(self) -> bool:
        """True if a dict, a list or an object that was passed in is not what it was."""
        import jax

        try:
            leaves, form = jax.tree.flatten((self.arguments, self.result_arguments))
            return form != self._form or any(map(operator.is_not, leaves, self._leaves))
        except Exception:  # what is in it by now is no tree
            return True

    def _realized(self, arguments: tuple[Any, ...]) -> list[Any]:
        def real(leaf: Any) -> Any:
            self.made.append((leaf, self._real(leaf)))
            return self.made[-1][1]

        return [trees.fold(one, real, making(self.names)) for one in arguments]

    def _real(self, leaf: Any) -> Any:
        import jax
        import numpy as np

        if isinstance(leaf, Described):
            self._passed.append(PassedFunction(leaf))
            return self._passed[-1].as_function()
        if isinstance(leaf, Key):
            return jax.random.key(leaf.seed) if leaf.typed else jax.random.PRNGKey(leaf.seed)
        if isinstance(leaf, np.ndarray):
            return jax.device_put(leaf)  # `jnp.asarray` would compile a copy for every shape
        return leaf


class PassedFunction:
    """What a student receives for `f`, `model` or `loss`: a function of ONE example that counts."""

    def __init__(self, described: Described) -> None:
        import jax

        self.calls = 0
        self._family = described.family
        self._coefficients = jax.device_put(described.coefficients)

    def as_function(self) -> Callable[..., Any]:
        """A plain Python function, so that whatever inspects functions works on it."""

        def function(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if named:
                arguments = self._family.in_order(arguments, named)
            self._check(arguments)
            return self._family.compiled(self._coefficients, *arguments)

        function.__name__ = function.__qualname__ = self._family.name
        return function

    def _check(self, arguments: tuple[Any, ...]) -> None:
        import jax.numpy as jnp

        parameters = self._family.parameters
        if len(arguments) != len(parameters):
            raise TypeError(
                f"the function passed in takes {len(parameters)} argument(s) "
                f"({', '.join(parameters)}) and was called with {len(arguments)}"
            )
        shapes = [jnp.shape(argument) for argument in arguments]
        for name, rank, shape in zip(parameters, self._family.ranks, shapes, strict=True):
            if len(shape) != rank:
                wanted = "one number, shape ()" if rank == 0 else "one vector"
                raise TypeError(
                    f"the function passed in is written for ONE example: its argument {name} is "
                    f"{wanted}, and it was called with shape {shape}"
                    f"{_mapped(arguments, 'many' if len(shape) > rank else 'few')}"
                )
        if self._family.ranks == (1, 1) and shapes[0] != shapes[1]:
            raise TypeError(
                "the function passed in takes two vectors of equal length, and was called with "
                f"shapes {shapes[0]} and {shapes[1]}"
            )


def _mapped(arguments: Sequence[Any], axes: str) -> str:
    """Through how many `vmap`s arguments came that have too many axes, or too few.

    Where `jit` is on the way that cannot be seen, and nothing is said.
    """
    found = [vmaps_around(argument) for argument in arguments]
    if None in found:
        return ""
    most = max(filter(None, found), default=0)
    through = f"through {most} vmap{'s' * (most > 1)}" if most else "and no vmap has been at work"
    return f": too {axes} axes, {through}"


def with_arguments(call: Call, change: Callable[[Any], Any]) -> Call:
    """The same call with other arguments: each leaf of them changed."""
    import jax

    other = copy.copy(call)
    other.arguments = jax.tree.map(change, call.arguments)
    return other


def perform(function: Callable[..., Any], call: Call) -> Any:
    """Make the call.

    Raises:
        StudentError: student code raised, `SystemExit` and the like included.
    """
    import jax

    figures.watch()
    try:
        value = applied(call.request, function, call.arguments, call.result_arguments)
        return jax.block_until_ready(value)  # type: ignore[no-untyped-call]
    except BaseException as error:
        figures.clear()
        raise StudentError(error) from error


def computed(
    request: Request,
    function: Callable[..., Any],
    numbers: Sequence[Any],
    names: Mapping[str, Any],
) -> Any:
    """The value of a call as a function of its numbers alone, so that it can be transformed.

    Args:
        request: the call.
        function: the function that it names.
        numbers: what stands for the leaves that `is_number` counts in, one after the other:
            arrays, coefficients of functions, the data of keys.
        names: what the function's file defines, classes of arguments among it.
    """
    remaining = iter(numbers)

    def real(leaf: Any) -> Any:
        return _traced(leaf, next(remaining)) if is_number(leaf) else leaf

    given = list(request.arguments), request.result_arguments
    arguments, last = trees.fold(given, real, making(names))
    return applied(request, function, arguments, last)


def is_number(leaf: Any) -> bool:
    """True for a leaf that may be traced; what Python looks at (an int, a text) may not."""
    return not isinstance(leaf, bool | int | str)


def _traced(leaf: Any, number: Any) -> Any:
    import jax

    if isinstance(leaf, Described):
        compiled = leaf.family.compiled
        return lambda *arguments: compiled(number, *arguments)
    if isinstance(leaf, Key) and leaf.typed:
        return jax.random.wrap_key_data(number)
    return number


def applied(
    request: Request,
    function: Callable[..., Any],
    arguments: Sequence[Any],
    result_arguments: Sequence[Any] | None,
) -> Any:
    """What comes of a function, called with real arguments by the steps of a request.

    What returns no function where one is due is returned itself: the judge says what was due.
    """
    value = _under(request.under, function, arguments)
    if result_arguments is None or not callable(value):
        return value
    return _under(request.result_under, value, result_arguments)


def _under(steps: Sequence[str], function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    import jax

    if not steps:
        return function(*arguments)
    *inner, last = steps
    within = function
    if inner:

        def within(*given: Any) -> Any:
            return _under(inner, function, given)

    if last == Step.AGAIN:
        within(*jax.tree.map(another, list(arguments)))
        return within(*arguments)
    if last == Step.SETTLED:
        return within(*arguments)
    if last == Step.VMAP:
        return jax.vmap(within)(*arguments)
    arrays, rebuild = split(list(arguments))
    if len(arrays) == len(jax.tree.leaves(list(arguments))):
        return jax.jit(within)(*arguments)  # a shape compiles once
    return jax.jit(lambda *traced: within(*rebuild(list(traced))))(*arrays)


def another(leaf: Any) -> Any:
    """Another number in the place of one; what is none stays."""
    is_text = isinstance(leaf, bool | str) or callable(leaf)
    return leaf if is_text or _is_key(leaf) else leaf + 1


def _is_key(leaf: Any) -> bool:
    import jax

    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and jax.numpy.issubdtype(dtype, jax.dtypes.prng_key)


def split(arguments: list[Any]) -> tuple[list[Any], Callable[[list[Any]], list[Any]]]:
    """The arrays among the arguments, and a function that puts others back into their places."""
    import jax

    leaves, form = jax.tree.flatten(arguments)

    def rebuild(arrays: list[Any]) -> list[Any]:
        remaining = iter(arrays)
        filled = [next(remaining) if isinstance(one, jax.Array) else one for one in leaves]
        changed: list[Any] = jax.tree.unflatten(form, filled)
        return changed

    return [leaf for leaf in leaves if isinstance(leaf, jax.Array)], rebuild
