"""One exercise file, executed, and requests to its functions answered.

Runs where untrusted code runs. It holds no reference, no seed and no expected value; whatever it
reports beyond plain returned arrays is advice that can lower a grade and never raise one.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any

from jaxercise.sandboxed import scaling
from jaxercise.sandboxed.calling import Call, StudentError, perform
from jaxercise.sandboxed.results import describe_exception, encode
from jaxercise.sandboxed.wire.frames import Array


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
        # A name that is not `__main__`: what a file does as a script stays undone.
        module = types.ModuleType("submission")
        sys.modules["submission"] = module
        self._namespace = module.__dict__
        errors = []
        # Every notebook has one, and a notebook saved as a script is the same work.
        self._namespace["display"] = print
        cells = header["cells"]
        for position, source in enumerate(cells, 1):
            name = header["name"]
            if name.endswith(".ipynb"):
                name += f", cell {position}"
            # The cells of a script stand at their own lines of it, the others' lines are empty.
            lines = source.split("\n")
            before = self._sources.get(name, [])[: _empty(lines)]
            self._sources[name] = [*before, *lines[len(before) :]]
            try:
                exec(compile(source, name, "exec", dont_inherit=True), self._namespace)
            except BaseException as error:
                if self._debug:
                    raise
                errors.append(describe_exception(error, self._sources))
        names = [name for name in self._namespace if name.isidentifier()]
        return {"names": names, "errors": errors}

    def _call(
        self, header: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        call = Call.decode(header, arrays)
        value = perform(self._function(call.function), call)
        answered: dict[str, Array] = {}
        try:
            result = encode(value, answered)
        except Exception as error:  # e.g. a computation that fails only when it is read
            raise StudentError(error) from error
        return {"result": result, "calls": call.counts(), "deleted": call.deleted()}, answered

    def _scaling(self, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
        small, large = (Call.decode(one, arrays) for one in header["calls"])
        return scaling.measure(self._function(small.function), small, large, self._sources)

    def _function(self, name: str) -> Any:
        function = self._namespace.get(name)
        if not callable(function):
            raise StudentError(TypeError(f"{name} is {type(function).__name__}, not a function"))
        return function


def _empty(lines: list[str]) -> int:
    """How many empty lines come first."""
    return next((i for i, line in enumerate(lines) if line), len(lines))
