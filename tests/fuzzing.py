"""Answers that no honest worker gives, and the judge's side that has to take them.

    python tests/fuzzing.py 100000

sends that many and prints what became of them.
"""

from __future__ import annotations

import collections
import functools
import json
import os
import random
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxercise.claims.context import RefusedError, run_about
from jaxercise.claims.loading import load_exercise
from jaxercise.claims.texts import value_text
from jaxercise.comparison import Expected, compare
from jaxercise.grading.session import HaltError, Session
from jaxercise.sandboxed.limits import Limits
from jaxercise.sandboxed.requests import Request
from jaxercise.sandboxed.wire import frames
from jaxercise.sandboxed.wire.trees import FigureData
from jaxercise.workers.process import Process
from jaxercise.workers.remote import RemoteRunner
from jaxercise.workers.runner import Raised, Reply, WorkerStoppedError
from jaxercise.workers.watch import Watch
from running import COURSE
from safetensors.numpy import save

X = np.array([0.0, 0.5, 1.0], np.float32)
QUESTION = Request("f", (X,))
ASKED = ("load", "call", "scaling")
#: What a right answer may look like: it decides how far a wrong one gets.
DUE = (
    Expected.exactly(np.cos(X)),
    Expected.exactly(np.float64(1.0)),
    Expected.exactly(np.array([True, False])),
    Expected((np.zeros(3), np.zeros((2, 3))), (np.zeros(3), np.zeros((2, 3)))),
)


def hostile_values(dice: random.Random) -> Any:
    """Something that JSON can say and nobody would."""
    deep: Any = []
    for _ in range(dice.choice((3, 9, 60, 300))):
        deep = dice.choice(([deep], {"tuple": [deep]}, {"dict": {"a": deep}}))
    return dice.choice(
        [
            *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, -(2**70), 10**400),
            *(0.5, float("nan"), float("inf"), float("-inf"), 1e308),
            *("", "0", "f", "\x1b[31m", "\ud800", "<script>", "=1+1", "9" * 5000, "x" * 3000),
            *([], {}, [None], [[]], {"a": 1}, {"array": "0"}, {"array": 0}, {"array": []}),
            *({"tuple": []}, {"list": [1]}, {"int": "9" * 5000}, {"int": 3}, {"float": "nan"}),
            *({"float": 10**400}, {"figure": {}}, {"figure": []}, {"other": "x" * 999}),
            *({"text": 1}, {"bool": []}, {"NoneType": 0}, {"no": 1}, {"a": 1, "b": 2}),
            *([1] * 5000, {"list": [{"int": "1"}] * 5000}, deep),
        ]
    )


def templates() -> dict[str, list[dict[str, Any]]]:
    """Right answers to each question."""
    curve = {
        "dict": {
            "x": {"array": "3"},
            "y": {"array": "4"},
            "label": {"text": "sin'"},
            "look": {"text": "red"},
            "cut_off": {"int": "0"},
        },
    }
    count = {"int": "1"}
    figure = {
        "figure": {
            **dict.fromkeys(("axes", "open_figures", "shown", "saved"), count),
            **dict.fromkeys(("returned_before", "hidden"), count),
            **{axis: {"text": "x"} for axis in ("xlabel", "ylabel")},
            "curves": {"list": [curve, curve]},
            "legend": {"list": [{"text": "sin'"}]},
        }
    }
    error = {
        "type": "ValueError",
        "message": "no",
        "frames": [{"file": "f.py", "line": 3, "code": "f(x)"}],
        "not_implemented": False,
        "memory": False,
    }
    results = (
        {"array": "0"},
        {"tuple": [{"array": "0"}, {"array": "1"}]},
        {"array": "2"},
        {"list": [{"float": "1.5"}, {"int": "3"}, {"bool": "True"}, {"NoneType": "None"}]},
        {"other": "Thing"},
        *[figure] * 6,  # the value of the most parts
    )
    return {
        "load": [{"names": ["f", "g"], "errors": [error]}, {"names": [], "errors": []}],
        "call": [
            *({"result": one, "calls": [1], "deleted": False} for one in results),
            {"error": error},
            {"too_large": "very"},
        ],
        "scaling": [
            {"grown": None, "work": 1},
            {"grown": "events", "work": 1},
            {"error": error},
        ],
    }


ARRAYS = {
    "0": np.cos(X),
    "1": np.zeros((2, 3), np.float32),
    "2": np.array([True, False]),
    "3": np.array([0.0, 0.5, 1.0]),
    "4": np.cos([0.0, 0.5, 1.0]),
}
BLOCK = save(ARRAYS)


def changed(dice: random.Random, item: Any) -> Any:
    """The item with something in it replaced, removed, doubled or put elsewhere."""
    if dice.random() < 0.1 or not isinstance(item, dict | list) or not item:
        return hostile_values(dice)
    if isinstance(item, dict):
        whole = dict(item)
        key = dice.choice(list(whole))
        match dice.randrange(4):
            case 0:
                del whole[key]
            case 1:
                whole[dice.choice(("x", "array", "tuple", "id", ""))] = whole[key]
            case _:
                whole[key] = changed(dice, whole[key])
        return whole
    items = list(item)
    place = dice.randrange(len(items))
    items[place] = changed(dice, items[place])
    return items * dice.choice((1, 1, 1, 2, 50))


def hostile_block(dice: random.Random) -> bytes:
    """A safetensors block that is none, or says other things than it holds."""
    shape: Any = dice.choice(
        ([2**40], [2**63], [-1], [3, -1], [0], [], [1] * 70, [2**32, 2**32], "3", None, [1.5], [3])
    )
    said = {
        "dtype": dice.choice(("F32", "BF16", "F8_E4M3", "C64", "O", "F128", "", 3, "I64", "BOOL")),
        "shape": shape,
        "data_offsets": dice.choice(([0, 12], [12, 0], [0, 2**60], [-4, 8], [0], "x", [0, 0])),
    }
    head = json.dumps({dice.choice(("0", "", "__metadata__")): said, "1": said}).encode()
    length = dice.choice((len(head), 0, 2**60, len(head) + 1, 10**8))
    return struct.pack("<Q", length) + head + bytes(dice.choice((0, 12, 24)))


def mutated(dice: random.Random, data: bytes) -> bytes:
    """The bytes with some of them changed, removed, added or doubled."""
    whole = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(whole)) if whole else 0
        match dice.randrange(4):
            case 0 if whole:
                whole[place] = dice.randrange(256)
            case 1:
                del whole[place : place + dice.randint(1, 20)]
            case 2:
                whole[place:place] = dice.randbytes(dice.randint(1, 8))
            case _:
                whole[place:place] = whole[place : place + dice.randint(1, 30)]
    return bytes(whole)


def answer(dice: random.Random, asked: str, number: int) -> bytes:
    """The bytes of one hostile answer to a question."""
    header: Any = {**dice.choice(templates()[asked]), "id": number}
    block = BLOCK
    kind = dice.randrange(10)
    if kind == 0:
        return dice.randbytes(dice.randrange(200))
    if kind == 1:
        return struct.pack("<II", dice.randrange(2**32), dice.randrange(2**32)) + b"{}"
    if kind in (2, 3, 4, 5, 6):
        for _ in range(dice.randint(1, 3)):
            header = changed(dice, header)
        if isinstance(header, dict) and dice.random() < 0.9:
            header["id"] = number
    if kind == 7:
        block = hostile_block(dice)
    head = json.dumps(header).encode()
    if kind == 6:
        head = head[:-1] + b', "id": %d, "calls": [1], "result": {"array": "0"}}' % number
    if kind == 8:
        head = mutated(dice, head)
    if kind == 5 and dice.random() < 0.3:
        depth = dice.choice((100, 900, 990, 5000, 100_000))
        head = head.replace(b'"0"', b'{"a":' * depth + b"1" + b"}" * depth)
    whole = struct.pack("<II", len(head), len(block)) + head + block
    return mutated(dice, whole) if kind == 9 else whole


class Stranger:
    """Where workers come from: each answers its one question with something hostile."""

    limits = Limits()

    def __init__(self, dice: random.Random, output: Path) -> None:
        self.dice = dice
        self.output = output
        self.asked = "call"
        self.watch = Watch(self.limits)

    def spawn(self, *, trusted: bool = False) -> Process:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=self._answer, args=(theirs,), daemon=True)
        thread.start()
        self.output.touch()
        descriptor = ours.detach()
        return Process(descriptor, descriptor, self.output, lambda gone: 1)

    def _answer(self, channel: socket.socket) -> None:
        with channel:
            header, _ = frames.receive(channel.fileno())
            if header["ask"] == "load" and self.asked != "load":
                right = {"names": [], "errors": [], "id": header["id"]}
                frames.send(channel.fileno(), right, {})
                header, _ = frames.receive(channel.fileno())
            try:
                channel.sendall(answer(self.dice, self.asked, header["id"]))
            except OSError:  # the judge has read enough
                return


def judged(runner: Any, asked: str) -> str:
    """What becomes of one question: `accepted`, or the verdict on the worker."""
    try:
        if asked == "load":
            runner.load("f.py", ["pass"])
            return "accepted"
        if asked == "scaling":
            said = runner.scaling(QUESTION, QUESTION)
            if not isinstance(said, Raised):
                _loops(said)
            return "accepted"
        reply = runner.call(QUESTION)
    except WorkerStoppedError as error:
        return error.verdict
    _looked_at(reply)
    return "accepted"


def _looked_at(reply: Reply) -> None:
    """All that the judge does with a value."""
    for due in DUE:
        compare(reply.value, due)
    value_text(reply.value)
    value_text(reply.value, dtype=True)
    if isinstance(reply.value, FigureData):
        _claims("02_grad_vs_cos", "plot", reply)


def _loops(said: Any) -> None:
    class Measured:
        def scaling(self, small: Request, large: Request) -> Any:
            return said

        def call(self, request: Request) -> Reply:
            return Reply(np.zeros(3, np.float32))

    class Due:
        def expected(self, request: Request) -> Expected:
            return Expected(np.zeros(3), np.zeros(3))

    function = load_exercise(COURSE, "01_vmap").functions["column_predict"]
    session = Session(Measured(), Due())  # type: ignore[arg-type]
    arguments = [X] * len(function.parameters)
    _refused_at_most(session, lambda: function.does_not_loop(lambda n: arguments, over="rows"))


def _claims(exercise: str, name: str, reply: Reply) -> None:
    class Answering:
        def call(self, request: Request) -> Reply:
            return reply

    session = Session(Answering(), None)  # type: ignore[arg-type]
    for claim in load_exercise(COURSE, exercise).claims:
        if claim.function.name == name:
            drawn = {name: X if name == "x" else 3 for name in claim.strategies}
            _refused_at_most(session, functools.partial(claim.test, **drawn))


def _refused_at_most(session: Session, run: Any) -> None:
    try:
        run_about(session, run)
    except (RefusedError, HaltError):
        return


def fuzz(number: int, seed: int = 0) -> Iterator[str]:
    """What became of each of so many answers.

    Raises:
        Exception: the judge's own: the one thing that must not happen.
    """
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        stranger = Stranger(dice, Path(folder, "output"))
        for _ in range(number):
            stranger.asked = dice.choice(ASKED)
            runner = RemoteRunner(stranger)  # type: ignore[arg-type]
            runner._file = ("f.py", ["pass"])
            state = dice.getstate()
            try:
                yield judged(runner, stranger.asked)
            except Exception as error:
                error.add_note(f"asked: {stranger.asked}; the answer was made from {hash(state)}")
                raise
            finally:
                runner.close()


if __name__ == "__main__":
    os.environ.setdefault("JAXERCISE_CACHE", tempfile.mkdtemp())
    print(collections.Counter(fuzz(int(sys.argv[1]))))
