"""Student code in this very process: for a debugger, never for grading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import frames
from jaxercise.workers import runner
from jaxercise.workers.runner import Raised, Reply


class LocalRunner:
    """A runner without a boundary: no limits hold, and exceptions pass to the debugger.

    Messages are packed and unpacked all the same, so that scores are those of the real thing.
    """

    def __init__(self, *, debug: bool) -> None:
        self._runner = RequestHandler(debug=debug)

    def load(self, name: str, cells: Sequence[str]) -> tuple[frozenset[str], tuple[Raised, ...]]:
        return runner.loaded(self._ask({"ask": "load", "name": name, "cells": list(cells)}, {})[0])

    def call(self, request: Request) -> Reply:
        arrays: dict[str, frames.Array] = {}
        return runner.reply(*self._ask(request.encode(arrays), arrays))

    def scaling(self, small: Request, large: Request) -> Mapping[str, Any] | Raised:
        arrays: dict[str, frames.Array] = {}
        calls = [one.encode(arrays) for one in (small, large)]
        return runner.scaling(self._ask({"ask": "scaling", "calls": calls}, arrays)[0])

    def close(self) -> None:
        pass

    def _ask(
        self, header: dict[str, Any], arrays: dict[str, frames.Array]
    ) -> tuple[dict[str, Any], dict[str, frames.Array]]:
        answer = self._runner.handle(*frames.unpack(*frames.pack(header, arrays)))
        return frames.unpack(*frames.pack(*answer))
