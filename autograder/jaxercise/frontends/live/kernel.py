"""The kernel's side of a check: it calls functions of the session when the judge asks it to.

To the judge this process is a worker like any other, on the same wire. But it is the student's own:
nothing is limited here, and nothing of it is changed for good.
"""

from __future__ import annotations

import atexit
import contextlib
import dis
import inspect
import io
import linecache
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import numpy as np

from jaxercise.frontends.live.screen import Screen
from jaxercise.processes import bare_python
from jaxercise.sandboxed.compiling import MATMUL_PRECISION
from jaxercise.sandboxed.handler import RequestHandler
from jaxercise.sandboxed.wire import frames, trees
from jaxercise.sandboxed.wire.values import encode
from jaxercise.submission.source_text import functions
from jaxercise.verdicts import FunctionResult, Outcome, by_function

_PRINTED = 2000
_MOST_NAMES = 2000
#: Bytes of arrays that are asked about.
_MOST_ASKED = 1 << 20


class Checking:
    """One check.

    Args:
        namespace: where the student's functions are.
        screen: where to show what comes of it.
    """

    def __init__(self, namespace: dict[str, Any], screen: Screen) -> None:
        self._namespace = namespace
        self._screen = screen
        self._runner = RequestHandler(namespace=namespace, sources=_sources(namespace))

    def run(self, name: str, *, whole: bool) -> list[FunctionResult]:
        """Let the judge ask, answer, and show its verdict; nothing where there is none."""
        results: list[FunctionResult] = []
        written = self._written()
        stubs = [one for one in written if self._is_own(one) and is_stub(self._namespace[one])]
        question = {"check": name, "whole": whole, "functions": written, "stubs": stubs}
        last = self._converse(question, {})
        if "outcomes" in last:
            results = by_function([Outcome.from_json(item) for item in last["outcomes"]])
            self._screen.show(results, whole=whole)
        return results

    def ask(self, name: str, asked: Any) -> None:
        """Show what the judge says is due.

        Args:
            name: the function's.
            asked: the arguments by position, those by name, and a list of what is said to be due.
        """
        arrays: dict[str, Any] = {}
        try:
            encoded = encode(trees.mapped(_plain, asked), arrays)
        except TypeError:
            self._screen.say(
                "This cannot be asked. Write arrays as nested lists of numbers, and functions by "
                "their formula, as a text: 'x^2' or 'sin'."
            )
            return
        if sum(array.nbytes for array in arrays.values()) > _MOST_ASKED:
            self._screen.say("These are too many numbers to ask about: take a small example.")
            return
        last = self._converse({"ask": name, "asked": encoded, "functions": self._written()}, arrays)
        if "said" in last:
            self._screen.tell(last["said"])

    def _written(self) -> dict[str, list[str]]:
        written = list(_functions(self._namespace).items())[:_MOST_NAMES]
        return {name: sorted(_used(function) - {name}) for name, function in written}

    def _is_own(self, name: str) -> bool:
        """Whether it is of this session; the source of libraries is not read."""
        own: object = self._namespace.get("__name__")
        return bool(getattr(self._namespace[name], "__module__", None) == own)

    def _converse(self, question: dict[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
        """The judge's last word, which is shown here where it is no more than a sentence."""
        try:
            last = self._last_word(question, arrays)
            if "refused" in last:
                self._screen.say(last["refused"])
            return last
        except KeyboardInterrupt:
            _Judge.discard()  # in the middle of a conversation: the next check has a new one
            self._screen.say("Stopped. Nothing has been judged.")
        except frames.ClosedError:
            self._screen.say(f"The grader's own process ended. {_Judge.discard()}".strip())
        return {}

    def _last_word(self, question: dict[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
        judge = _Judge.running()
        if judge.new:
            self._screen.progress("the grader starts", 0, 0)
        judge.tell(question, arrays)
        while True:
            header, arrays = judge.hear()
            if "progress" in header:
                self._screen.progress(*header["progress"])
            elif "note" in header:
                print(header["note"])  # beside the result, and not in its place
            elif header.keys() & {"refused", "outcomes", "said"}:
                return header
            else:
                judge.tell(*self._answer(header, arrays))

    def _answer(
        self, header: Mapping[str, Any], arrays: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        printed = io.StringIO()
        with _undisturbed(printed):
            answer, answered = self._runner.handle(header, arrays)
        error = answer.get("error", {})
        if error.get("type") == "KeyboardInterrupt":
            raise KeyboardInterrupt
        for frame in error.get("frames", ()):
            frame["file"] = _place(frame["file"])
        return answer | {"printed": printed.getvalue()[-_PRINTED:]}, answered


def is_stub(function: Any) -> bool:
    """Whether a session has no such function, or one that is not written yet."""
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    except (OSError, TypeError, ValueError):
        return not callable(function)
    return "stub" in functions([source]).values()


def _plain(leaf: Any) -> Any:
    """A leaf of what is asked, as it travels: arrays of JAX's and the like as NumPy's."""
    if isinstance(leaf, bool | int | float | str):
        return leaf
    return np.asarray(leaf) if hasattr(leaf, "__array__") else leaf


@contextlib.contextmanager
def _undisturbed(printed: io.StringIO) -> Iterator[None]:
    """What a call prints is caught, and the pictures it leaves open are closed, no others."""
    import jax

    before = _open_pictures()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        jax.default_matmul_precision(MATMUL_PRECISION),
    ):
        try:
            yield
        finally:
            for number in _open_pictures() - before:
                sys.modules["matplotlib.pyplot"].close(number)


def _open_pictures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot is not None else set()


class _Judge:
    """The judge's process: started at the first check, and kept for the next.

    Attributes:
        new: True until it has answered for the first time.
    """

    _running: _Judge | None = None

    def __init__(self) -> None:
        self.new = True
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has failed
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XLA_"))}
        self._process = subprocess.Popen(
            bare_python("jaxercise.frontends.live.judge"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=kept,
            start_new_session=True,  # the stop button is for this process alone
        )

    @classmethod
    def running(cls) -> _Judge:
        """The one there is, or a new one."""
        if cls._running is None or cls._running._process.poll() is not None:
            cls._running = cls()
        return cls._running

    @classmethod
    def discard(cls) -> str:
        """End it, if there is one; the last line it has left in its log."""
        judge, cls._running = cls._running, None
        if judge is None:
            return ""
        # Once nobody asks any more, it ends its own helpers and then itself.
        for stream in (judge._process.stdin, judge._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            judge._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            judge._process.kill()
            judge._process.wait()
        judge._log.seek(0)
        lines = judge._log.read().decode(errors="replace").strip().splitlines()
        judge._log.close()
        return lines[-1] if lines else ""

    def tell(self, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            frames.send(self._process.stdin.fileno(), header, arrays)
        except frames.ProtocolError as error:
            frames.send(self._process.stdin.fileno(), {"too_large": str(error)}, {})

    def hear(self) -> tuple[dict[str, Any], dict[str, Any]]:
        assert self._process.stdout is not None
        heard = frames.receive(self._process.stdout.fileno())
        self.new = False
        return heard


atexit.register(_Judge.discard)


def _sources(namespace: Mapping[str, Any]) -> dict[str, list[str]]:
    """The session's own code by the file it was compiled under: cells, and a script."""
    codes = (getattr(function, "__code__", None) for function in _unwrapped(namespace))
    return {
        code.co_filename: linecache.getlines(code.co_filename)
        for code in codes
        if isinstance(code, CodeType)
    }


def _unwrapped(namespace: Mapping[str, Any]) -> Iterator[Any]:
    """The functions that this session has defined, those under `jax.jit` too."""
    for function in _functions(namespace).values():
        inner = getattr(function, "__wrapped__", function)
        if getattr(inner, "__module__", None) == namespace.get("__name__"):
            yield inner


def _functions(namespace: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in list(namespace.items())
        if callable(value) and not name.startswith("_")
    }


def _used(function: Any) -> set[str]:
    """The names of its surroundings that a function uses; what stands behind a dot is none."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    return _global_names(code) if isinstance(code, CodeType) else set()


def _global_names(code: CodeType) -> set[str]:
    found = {one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= _global_names(inner)
    return found


def _place(file: str) -> str:
    """A cell by its number, `cell [3]`, as the notebook shows it; a script by its name."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    text = "".join(linecache.getlines(file)).strip()
    cells = shell.user_ns.get("In", []) if shell is not None else []
    numbers = [number for number, cell in enumerate(cells) if cell.strip() == text]
    return f"cell [{numbers[-1]}]" if numbers and text else os.path.basename(file)
