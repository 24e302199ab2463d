"""One exercise file, executed, and requests to its functions answered.

Runs where untrusted code runs. It holds no reference, no seed and no expected value; whatever it
reports beyond plain returned arrays is advice that can lower a grade and never raise one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxercise.sandboxed import scaling, tracing
from jaxercise.sandboxed.calling import Call, StudentError, perform
from jaxercise.sandboxed.executing import execute_cells, module_namespace
from jaxercise.sandboxed.internals import no_debugging_by_row
from jaxercise.sandboxed.requests import Request, Step
from jaxercise.sandboxed.results import describe_exception, plain
from jaxercise.sandboxed.wire import trees
from jaxercise.sandboxed.wire.frames import Array
from jaxercise.sandboxed.wire.values import encode

#: Nobody reads what `jax.debug.print` says of more rows, and JAX takes milliseconds for each.
_MOST_PRINTED = 1000


class RequestHandler:
    """The namespace of one exercise file, and what can be asked of it.

    Args:
        debug: let exceptions of student code pass, for a debugger.
        namespace: one that is there already, of a session; `load` makes a new one.
        sources: the code behind it, by the file name it was compiled under.
    """

    def __init__(
        self,
        *,
        debug: bool = False,
        namespace: dict[str, Any] | None = None,
        sources: dict[str, list[str]] | None = None,
    ) -> None:
        self._debug = debug
        self._sources = {} if sources is None else sources
        self._namespace = {} if namespace is None else namespace

    def handle(
        self, header: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """Answer one request. Every exception of student code becomes part of the answer."""
        try:
            if header["ask"] == "load":
                return self._load(header), {}
            if header["ask"] == "scaling":
                return self._scaling(header, arrays), {}
            return self._call(header, arrays)
        except StudentError as error:
            if self._debug and not isinstance(error.cause, NotImplementedError):
                raise error.cause from None
            return {"error": describe_exception(error.cause, self._sources)}, {}

    def _load(self, header: Mapping[str, Any]) -> dict[str, Any]:
        """Execute the cells one after the other; one that fails does not hide the next."""
        self._namespace = module_namespace(header["name"])
        errors = execute_cells(
            header["name"], header["cells"], self._namespace, self._sources, debug=self._debug
        )
        names = [name for name in self._namespace if name.isidentifier()]
        return {"names": names, "errors": errors}

    def _call(
        self, header: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        request = Request.decode(header, dict(arrays))
        call = self._made(request)
        function = self._function(request.function)
        sizes = (np.size(leaf) for leaf in trees.leaves(request.arguments))
        many = max(sizes, default=0) > _MOST_PRINTED
        with no_debugging_by_row() if many else contextlib.nullcontext():
            value = perform(function, call)
        answered: dict[str, Array] = {}
        try:
            result = encode(plain(value), answered)
        except Exception as error:  # a student's: what is computed, or printed, when it is read
            raise StudentError(error) from error
        answer = {
            "result": result,
            "calls": call.counts(),
            "deleted": call.deleted(),
            "altered": call.altered(),
        }
        if Step.SETTLED in request.under:
            answer["settled"] = tracing.measure(function, call)
        return answer, answered

    def _scaling(self, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
        small, large = (Request.decode(one, dict(arrays)) for one in header["calls"])
        function = self._function(small.function)
        return scaling.measure(function, self._made(small), self._made(large), self._sources)

    def _made(self, request: Request) -> Call:
        try:
            return Call(request, self._namespace)
        except (ImportError, NameError, TypeError) as error:  # a class that is not as it was given
            raise StudentError(error) from error

    def _function(self, name: str) -> Any:
        function = self._namespace.get(name)
        if not callable(function):
            raise StudentError(TypeError(f"{name} is {type(function).__name__}, not a function"))
        return function
