"""One call of a student's function: its arguments made real, its transformation applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jaxercise.sandboxed import figures
from jaxercise.sandboxed.families import Described
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import Key, decode_argument


class StudentError(Exception):
    """Student code raised; `cause` is what it raised."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(type(cause)))
        self.cause = cause


@dataclass
class Call:
    """A call as the judge asked for it.

    Attributes:
        function: the name of the student's function.
        arguments: arrays as `jax.Array`, integers, callables, keys.
        under: `jit` to call it under `jax.jit`; empty for a plain call.
        result_arguments: arguments for the function that is returned, where one is; None otherwise.
        result_under: `jit` or `vmap`, applied to that returned function; `again` for a second call.
    """

    function: str
    arguments: list[Any]
    under: str = ""
    result_arguments: list[Any] | None = None
    result_under: str = ""
    passed: list[PassedFunction] = field(default_factory=list)

    @classmethod
    def decode(cls, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> Call:
        """From a request's header and arrays."""
        passed: list[PassedFunction] = []

        def real(item: Any) -> Any:
            return _realize(decode_argument(item, dict(arrays)), passed)

        result_arguments = header.get("result_arguments")
        return cls(
            header["function"],
            [real(item) for item in header["arguments"]],
            header.get("under", ""),
            None if result_arguments is None else [real(item) for item in result_arguments],
            header.get("result_under", ""),
            passed,
        )

    def counts(self) -> list[int]:
        """How often each passed-in function was called, in the order of the arguments."""
        return [function.calls for function in self.passed]

    def forget_counts(self) -> None:
        """Begin to count anew."""
        for function in self.passed:
            function.calls = 0

    def deleted(self) -> bool:
        """True if an array that was passed in did not survive the call (donated or deleted)."""
        import jax

        return any(
            isinstance(argument, jax.Array) and argument.is_deleted()
            for argument in [*self.arguments, *(self.result_arguments or [])]
        )


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
                raise TypeError("the function passed in takes its arguments by position, unnamed")
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
                )
        if self._family.ranks == (1, 1) and shapes[0] != shapes[1]:
            raise TypeError(
                "the function passed in takes two vectors of equal length, and was called with "
                f"shapes {shapes[0]} and {shapes[1]}"
            )


def _realize(value: Any, passed: list[PassedFunction]) -> Any:
    import jax

    if isinstance(value, Described):
        passed.append(PassedFunction(value))
        return passed[-1].as_function()
    if isinstance(value, Key):
        return jax.random.key(value.seed) if value.typed else jax.random.PRNGKey(value.seed)
    if isinstance(value, int):
        return value
    return jax.device_put(value)  # `jnp.asarray` would compile a copy for every shape


def perform(function: Callable[..., Any], call: Call) -> Any:
    """Make the call.

    Raises:
        StudentError: student code raised, `SystemExit` and the like included.
    """
    import jax

    figures.watch()
    try:
        value = under(call.under, function, call.arguments)
        if call.result_arguments is not None:
            if not callable(value):
                return value  # the judge says what should have been returned
            value = under(call.result_under, value, call.result_arguments)
        return jax.block_until_ready(value)  # type: ignore[no-untyped-call]
    except BaseException as error:
        figures.clear()
        raise StudentError(error) from error


def under(transformation: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    """Call `function`, plainly or under a transformation of its array arguments."""
    import jax

    if transformation == "again":
        function(*[argument + 1 for argument in arguments])
        return function(*arguments)
    if transformation == "vmap":
        return jax.vmap(function)(*arguments)
    if transformation == "jit":
        arrays, rebuild = split(arguments)
        if len(arrays) == len(arguments):
            return jax.jit(function)(*arrays)  # a shape compiles once
        return jax.jit(lambda *traced: function(*rebuild(list(traced))))(*arrays)
    return function(*arguments)


def split(arguments: list[Any]) -> tuple[list[Any], Callable[[list[Any]], list[Any]]]:
    """The array arguments, and a function that puts others back into their places."""
    import jax

    places = [i for i, argument in enumerate(arguments) if isinstance(argument, jax.Array)]

    def rebuild(arrays: list[Any]) -> list[Any]:
        whole = list(arguments)
        for place, array in zip(places, arrays, strict=True):
            whole[place] = array
        return whole

    return [arguments[place] for place in places], rebuild
